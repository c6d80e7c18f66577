"""Writing what a command has computed: the place is tried before the work, and a file is whole or not there."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from gsae_theory.errors import UnwritableOutput

ROOM = 1 << 16
"""Bytes that are written, and taken away again, to try a place."""


def admit_folder(folder: Path) -> Path:
    """Make sure that files can be written into a folder, which need not exist, and leave nothing there.

    Raises
    ------
    UnwritableOutput
        With the reason and a place that can be written.
    """
    place = None
    try:
        place = Path(os.path.realpath(folder))
        while not _is_there(place):
            place = place.parent
        if not place.is_dir():
            reason = "it is no folder" if place == folder.absolute() else f"{place} is no folder"
            raise UnwritableOutput(_no_folder(folder, reason))
        _try(place)
    except UnwritableOutput:
        raise
    except (OSError, ValueError) as problem:  # ValueError: a zero byte in the name
        where = "" if place is None or place == folder.absolute() else f"in {place}: "
        raise UnwritableOutput(_no_folder(folder, where + _reason(problem))) from problem
    return folder


def prepare_folder(folder: Path) -> Path:
    """Make a folder and make sure that files can be written there.

    Raises
    ------
    UnwritableOutput
        See `admit_folder`.
    """
    admit_folder(folder)
    try:
        Path(os.path.realpath(folder)).mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UnwritableOutput(_no_folder(folder, _reason(problem))) from problem
    return folder


def admit_file(path: Path) -> Path:
    """Make sure that a file can be written, and leave nothing there. Its folder has to exist.

    Raises
    ------
    UnwritableOutput
        If there is no such folder, it cannot be written, or the name is that of a folder or a device.
    """
    try:
        target = _target(path)
        if not target.parent.is_dir():
            raise UnwritableOutput(
                f"cannot write {path}: {target.parent} is no folder; create it first, or give another name"
            )
        _try(target.parent)
    except UnwritableOutput:
        raise
    except (OSError, ValueError) as problem:
        raise UnwritableOutput(f"cannot write {_name(path)}: {_reason(problem)}") from problem
    return path


def write_atomic(path: Path, content: bytes) -> Path:
    """Write a file so that readers see the old content or the new, never a part.

    Raises
    ------
    UnwritableOutput
        If it cannot be written (disk full, no permission); the old file stays.
    """
    temporary = None
    try:
        target = _target(path)
        # The name is made here, so that Ctrl-C between making the file and knowing its name leaves nothing.
        temporary = target.with_name(f".gsae-{os.urandom(6).hex()}")
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, target)
    except UnwritableOutput:
        raise
    except (OSError, ValueError) as problem:
        raise UnwritableOutput(f"cannot write {_name(path)}: {_reason(problem)}") from problem
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
    return path


def write_or_elsewhere(path: Path, content: bytes) -> Path:
    """Write what took long to compute; if its place has been filled or taken away meanwhile, among temporary files.

    Raises
    ------
    UnwritableOutput
        If it is not where it was wanted; the text says where it is.
    """
    try:
        return write_atomic(path, content)
    except UnwritableOutput as problem:
        try:
            other = write_atomic(Path(tempfile.mkdtemp(prefix="gsae-")) / path.name, content)
        except OSError:
            raise problem from None
        raise UnwritableOutput(f"{problem}; what was computed is in {other}") from problem


def _target(path: Path) -> Path:
    """Return the file behind links: a link stays one. What is there and is no regular file is left alone."""
    target = Path(os.path.realpath(path))
    with suppress(FileNotFoundError, NotADirectoryError):
        mode = target.stat().st_mode
        if stat.S_ISDIR(mode):
            raise UnwritableOutput(f"cannot write {path}: it is a folder; give the name of a file")
        if not stat.S_ISREG(mode):
            raise UnwritableOutput(f"cannot write {path}: it is a device or a pipe; give the name of a file")
    return target


def _is_there(place: Path) -> bool:
    """Return whether there is something, and raise where the system cannot say (3.14's `exists` takes that for no)."""
    try:
        place.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _try(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as stream:
        stream.write(bytes(ROOM))
        stream.flush()


def _reason(problem: Exception) -> str:
    return (problem.strerror if isinstance(problem, OSError) else None) or str(problem)


def _name(path: Path) -> str:
    return repr(str(path)) if "\0" in str(path) else str(path)


def _no_folder(folder: Path, reason: str) -> str:
    text = f"cannot write into {_name(folder)}: {reason}; give a folder that can be written"
    try:
        return f"{text}, for example {Path(tempfile.gettempdir()) / 'gsae-results'}"
    except FileNotFoundError:  # the disk of the temporary files is full as well
        return text
