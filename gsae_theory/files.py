"""Reading what others wrote: bounded in size and depth, numbers only, and a typed error for everything else.

Nothing is allocated before the file is known to be large enough for what its header promises.
"""

from __future__ import annotations

import ast
import json
import math
import re
import stat
import tomllib
import warnings
import zipfile
import zlib
from lzma import LZMAError
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput, UnreadableFile

MAX_ARRAY_BYTES = 1 << 30
"""Largest array that is read from a file."""
MAX_DEPTH = 64
"""Deepest nesting of lists and objects in a record; what this package writes is far below."""
_MAX_HEADER = 4096
_MAGIC = b"\x93NUMPY"
_DAMAGE = (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error, LZMAError)


def open_regular(path: Path, what: str) -> IO[bytes]:
    """Open a regular file; a pipe or a device could block or never end.

    Raises
    ------
    UnreadableFile
        If there is none, or it is no regular file.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "it is a folder" if stat.S_ISDIR(mode) else "it is a pipe or a device"
            raise UnreadableFile(f"cannot read {what} {path}: {kind}; give a file")
        return path.open("rb")
    except UnreadableFile:
        raise
    except OSError as problem:
        raise UnreadableFile(f"cannot read {what} {path}: {problem.strerror or problem}") from problem
    except ValueError as problem:  # a zero byte in the name
        raise UnreadableFile(f"cannot read {what} {str(path)!r}: {problem}") from problem


def read_bytes(path: Path, limit: int, what: str) -> bytes:
    """Return the content of a regular file of at most `limit` bytes.

    Raises
    ------
    UnreadableFile
        If there is none, or it is larger.
    """
    with open_regular(path, what) as stream:
        try:
            raw = stream.read(limit + 1)
        except OSError as problem:
            raise UnreadableFile(f"cannot read {what} {path}: {problem.strerror or problem}") from problem
    if len(raw) > limit:
        raise UnreadableFile(f"cannot read {what} {path}: it is larger than {limit} bytes")
    return raw


def read_text(path: Path, limit: int, what: str) -> str:
    """Return the content of a UTF-8 file; see `read_bytes`."""
    try:
        return read_bytes(path, limit, what).decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UnreadableFile(f"cannot read {what} {path}: it is not UTF-8 ({problem})") from problem


def read_json(path: Path, limit: int, what: str) -> Any:
    """Return the content of a JSON file that is bounded in size and depth.

    Raises
    ------
    UnreadableFile
        If it is missing, too large, nested deeper than `MAX_DEPTH`, or not JSON.
    """
    text = read_text(path, limit, what)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise UnreadableFile(f"cannot read {what} {path}: it is not JSON ({problem})") from problem
    if _deeper(data, MAX_DEPTH):
        raise UnreadableFile(f"cannot read {what} {path}: it is nested deeper than {MAX_DEPTH}")
    return data


def read_toml(path: Path, limit: int, what: str) -> dict[str, Any]:
    """Return the content of a TOML file that is bounded in size and depth; see `read_json`."""
    raw = read_bytes(path, limit, what)
    try:
        data = tomllib.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as problem:
        raise UnreadableFile(f"cannot read {what} {path}: it is not TOML ({problem})") from problem
    if _deeper(data, MAX_DEPTH):
        raise UnreadableFile(f"cannot read {what} {path}: it is nested deeper than {MAX_DEPTH}")
    return data


def _deeper(data: Any, limit: int) -> bool:
    level = [data]
    for _ in range(limit + 1):
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def read_npy(path: Path, what: str) -> NDArray[np.generic]:
    """Return the array of numbers in a ``.npy`` file. Pickled objects are never loaded.

    Raises
    ------
    UnreadableFile
        If the file is missing, truncated, not ``.npy``, holds anything but numbers, or more than
        `MAX_ARRAY_BYTES`.
    """
    with open_regular(path, what) as stream:
        try:
            return _array(stream, path.stat().st_size)
        except _DAMAGE as problem:
            raise UnreadableFile(
                f"cannot read {what} {path}: it is not a complete .npy file of real numbers ({problem}); "
                "write one with numpy.save"
            ) from None


def npy_shape(path: Path, what: str) -> tuple[int, ...]:
    """Return the shape that a ``.npy`` file of numbers has; only its header is read. See `read_npy`."""
    with open_regular(path, what) as stream:
        try:
            return _head(stream)[2]
        except _DAMAGE as problem:
            raise UnreadableFile(
                f"cannot read {what} {path}: it is not a complete .npy file of real numbers ({problem}); "
                "write one with numpy.save"
            ) from None


def read_npz(path: Path, wanted: tuple[str, ...], what: str) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a ``.npz`` file that are called `wanted`, or its only array by its own name.

    Raises
    ------
    UnreadableFile
        See `read_npy`.
    InvalidInput
        If it has several arrays and the first of `wanted` is not among them.
    """
    with open_regular(path, what) as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                entries = {
                    item.filename.removesuffix(".npy"): item
                    for item in archive.infolist()
                    if not item.is_dir()
                }
                if wanted[0] not in entries and len(entries) != 1:
                    raise InvalidInput(
                        "arrays of " + path.name, ", ".join(entries), f"one called {wanted[0]}, or only one"
                    )
                names = [name for name in wanted if name in entries] or list(entries)
                found = {}
                for name in names:
                    # What the directory says of the size may be a lie: no more is read than the header needs.
                    with archive.open(entries[name]) as member:
                        found[name] = _array(member, MAX_ARRAY_BYTES)
                return found
        except InvalidInput:
            raise
        except _DAMAGE as problem:
            raise UnreadableFile(
                f"cannot read {what} {path}: it is not a complete .npz file of real numbers ({problem}); "
                "write one with numpy.savez"
            ) from None


def _array(stream: IO[bytes], available: int) -> NDArray[np.generic]:
    """Read one array, of at most `available` bytes; ValueError where it is none."""
    kind, order, shape = _head(stream)
    size = math.prod(shape) * kind.itemsize
    if size > min(available, MAX_ARRAY_BYTES):
        raise ValueError(
            f"shape {shape} of {kind} needs {size} bytes, more than are there or than {MAX_ARRAY_BYTES}"
        )
    raw = stream.read(size)
    if len(raw) != size:
        raise ValueError(f"shape {shape} of {kind} needs {size} bytes, {len(raw)} are there")
    return np.frombuffer(raw, dtype=kind).reshape(shape, order=order).copy()


def _head(stream: IO[bytes]) -> tuple[np.dtype[Any], Any, tuple[int, ...]]:
    head = stream.read(8)
    if len(head) < 8 or head[:6] != _MAGIC:
        raise ValueError("it does not begin like one")
    if head[6] not in (1, 2, 3):
        raise ValueError(f"version {head[6]} of the format is unknown")
    width = 2 if head[6] == 1 else 4
    length = int.from_bytes(stream.read(width), "little")
    if length > _MAX_HEADER:
        raise ValueError(f"its header has {length} bytes; that of numbers has less than {_MAX_HEADER}")
    return _header(stream.read(length))


def _header(raw: bytes) -> tuple[np.dtype[Any], Any, tuple[int, ...]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd literals, where the text is Python's
            fields = ast.literal_eval(raw.decode("utf-8").strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError) as problem:
        raise ValueError(f"its header cannot be read: {type(problem).__name__}") from None
    if not isinstance(fields, dict) or not {"descr", "fortran_order", "shape"} <= set(fields):
        raise ValueError("its header lacks descr, fortran_order or shape")
    kind, order, shape = fields["descr"], fields["fortran_order"], fields["shape"]
    if kind == "|O":
        raise ValueError("it holds pickled Python objects, which are never loaded")
    if not isinstance(kind, str) or not re.fullmatch(r"[<>|=]?[biufc]\d{1,2}", kind):
        raise ValueError(f"its entries are {str(kind)[:40]!r}, no numbers")
    whole = isinstance(shape, tuple) and all(type(item) is int and item >= 0 for item in shape)
    if not whole or not isinstance(order, bool):
        raise ValueError(f"its shape {str(shape)[:60]} is none")
    try:
        return np.dtype(kind), "F" if order else "C", shape
    except TypeError:
        raise ValueError(f"its entries are {kind!r}, an unknown kind of number") from None
