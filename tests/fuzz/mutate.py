"""Seeded damage to files: truncated, flipped, spliced bytes; hostile values inside JSON; lying headers of arrays."""

from __future__ import annotations

import copy
import io
import json
import pickle
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

Rng = np.random.Generator

HOSTILE: list[Any] = [
    None, True, False, 0, -1, 1, 2, 10**9, 2**63, -(2**64), 10**400, 0.0, -0.0, 1e308, 5e-324, 1e-300,
    float("nan"), float("inf"), -float("inf"), "", " ", "nan", "inf", "1e999", "0x1p99999", "-1", "../../etc/passwd",
    "/etc/passwd", "/dev/zero", "a/../../b.npy", "x.npy", "<script>alert(1)</script>", "</script><img src=x onerror=1>",
    "&amp;\"'>", "\u202e\u0000\u200b", "Ünïcödé ✓ 中文 🙂", "\ud800", "name\nwith\tlines", "$\\frac{1}{0}$", "{{7*7}}",
    "{0.__class__}", "%s%n", "__import__('os').system('true')", "A" * 5000, [], {}, [[]], [None], ["x"], [1, "a", {}],
    [[[[[[1]]]]]], {"": ""}, {"a": {"b": {}}}, {"id": "<b>"}, [1e308] * 50, ["x"] * 300,
]  # fmt: skip


def damaged_bytes(raw: bytes, rng: Rng) -> bytes:
    """Return `raw` with 1 to 4 pieces of damage."""
    data = bytearray(raw)
    for _ in range(int(rng.integers(1, 5))):
        at = int(rng.integers(0, len(data) + 1))
        kind = int(rng.integers(0, 8))
        if kind == 0:
            del data[at:]
        elif kind == 1 and at < len(data):
            data[at] ^= 1 << int(rng.integers(0, 8))
        elif kind == 2 and at < len(data):
            data[at] = int(rng.integers(0, 256))
        elif kind == 3:
            data[at:at] = rng.bytes(int(rng.integers(1, 40)))
        elif kind == 4:
            del data[at : at + int(rng.integers(1, 40))]
        elif kind == 5:
            start = int(rng.integers(0, len(data) + 1))
            data[at:at] = data[start : start + int(rng.integers(1, 200))]
        elif kind == 6 and at + 4 <= len(data):
            data[at : at + 4] = rng.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"])
        else:
            data[at:at] = rng.choice(
                [
                    b"[" * 3000,
                    b"{" * 3000,
                    b'{"a":' * 2000,
                    b"(" * 300,
                    b"9" * 5000,
                    b"\xef\xbb\xbf",
                    b"\0",
                    b"-" * 3000,
                ]
            )
    return bytes(data)


def damaged_text(text: str, rng: Rng) -> bytes:
    """Return lines of `text` with hostile tokens in place of values, names and lines; or damaged bytes."""
    if rng.random() < 0.3:
        return damaged_bytes(text.encode(), rng)
    lines = text.split("\n")
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(0, len(lines)))
        token = _token(HOSTILE[int(rng.integers(0, len(HOSTILE)))])
        kind = int(rng.integers(0, 8))
        name, equals, _ = lines[at].partition("=")
        if kind <= 3 and equals:
            lines[at] = f"{name}= {token}"
        elif kind == 4:
            lines.insert(at, lines[int(rng.integers(0, len(lines)))])
        elif kind == 5:
            del lines[at]
            lines = lines or [""]
        elif kind == 6:
            words = lines[at].split(",")
            words[int(rng.integers(0, len(words)))] = token
            lines[at] = ",".join(words)
        else:
            lines.insert(
                at,
                rng.choice(
                    ["[" * 200 + "]" * 200, "x = " + "[" * 500, "[[case]]", "a" + ".a" * 400 + " = 1", token]
                ),
            )
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _token(value: Any) -> str:
    """Return a value as TOML (and, for numbers, CSV) writes it."""
    if value is None or isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_token(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_token, value)) + "]"
    return json.dumps(value, ensure_ascii=not (isinstance(value, str) and value.isprintable()))


def damaged_json(data: Any, rng: Rng) -> bytes:
    """Return JSON of `data` with hostile values at 1 to 3 places, or with damaged bytes."""
    if rng.random() < 0.2:
        return damaged_bytes(json.dumps(data).encode(), rng)
    data = copy.deepcopy(data)
    for _ in range(int(rng.integers(1, 4))):
        data = _changed(data, rng)
    return json.dumps(data, ensure_ascii=bool(rng.integers(0, 2))).encode("utf-8", "surrogatepass")


def _changed(data: Any, rng: Rng) -> Any:
    holder, key = _place(data, rng)
    value = copy.deepcopy(HOSTILE[int(rng.integers(0, len(HOSTILE)))])
    if holder is None:
        return value if rng.random() < 0.2 else data
    kind = int(rng.integers(0, 8))
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, dict):
        holder[str(value)[:50]] = holder.pop(key)
    elif kind == 2 and isinstance(holder, list):
        holder.extend(copy.deepcopy(holder[:3]))
    elif kind == 3:
        deep: Any = value
        for _ in range(int(rng.choice([3, 30, 90, 200]))):
            deep = [deep]
        holder[key] = deep
    elif kind == 4 and isinstance(holder[key], int | float) and not isinstance(holder[key], bool):
        holder[key] = holder[key] * int(rng.choice([-1, 0, 2, 10**6, 10**18]))
    elif kind == 5:
        holder[key] = str(holder[key])[:200]
    else:
        holder[key] = value
    return data


def _place(data: Any, rng: Rng) -> tuple[Any, Any]:
    """Return a container inside `data` and a key of it, any depth alike."""
    holder, key, current = None, None, data
    while isinstance(current, dict | list) and current and (holder is None or rng.random() < 0.75):
        keys = list(current) if isinstance(current, dict) else range(len(current))
        holder, key = current, keys[int(rng.integers(0, len(keys)))]
        current = holder[key]
    return holder, key


# --- Arrays -------------------------------------------------------------------------------------------------


class _Bomb:
    """Unpickling this makes the file `canary`: nothing may ever do it."""

    canary = Path("gsae-canary")

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.canary,)


def npy(array: Any, allow_pickle: bool = False) -> bytes:
    """Return an array as the bytes of a ``.npy`` file."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array), allow_pickle=allow_pickle)
    return stream.getvalue()


def hostile_npy(array: Any, rng: Rng, canary: Path) -> bytes:
    """Return a ``.npy`` file whose header lies, whose entries are odd, that is pickled, or that is damaged."""
    kind = int(rng.integers(0, 8))
    if kind <= 1:
        return damaged_bytes(npy(array), rng)
    if kind == 2:
        bomb = _Bomb()
        bomb.canary = canary
        return (b"", npy(np.array([bomb], dtype=object), True))[int(rng.integers(0, 2))] or pickle.dumps(bomb)
    if kind == 3:
        odd = np.array(array, dtype=float)
        where = tuple(int(rng.integers(0, size)) for size in odd.shape)
        odd[where] = rng.choice([np.nan, np.inf, -np.inf, 1e308, 5e-324, 0.0])
        with np.errstate(all="ignore"):
            return npy(odd * rng.choice([1.0, 1e-308, 1e200, 0.0]) if rng.random() < 0.3 else odd)
    if kind == 4:
        types = ["f2", "f4", "f16", ">f8", "c16", "i1", "u8", "?", "U3", "S2", "M8[s]", "f8,f8", "V4"]
        try:
            with np.errstate(all="ignore"):
                return npy(np.array(array).real.astype(rng.choice(types)))
        except (TypeError, ValueError):
            return npy(np.zeros(3))
    if kind == 5:
        shape = tuple(int(size) for size in rng.choice([0, 1, 2, 3, 50, 64], size=int(rng.integers(0, 5))))
        return npy(rng.standard_normal(shape)) if np.prod(shape) < 10_000 else npy(np.zeros(shape[:1]))
    shapes = [
        "(99999999999999999999,)", "(2**62,)", "(-1,)", "(4, -4)", "(0, 10**30)", "(0, 99999999999999999999999)",
        "(1,)" + " " * 9000, "(" + "1," * 500 + ")", "(1.5,)", "('a',)", "None", "(True,)", "((((((1,),),),),),)",
        "(" * 500, "(4611686018427387904, 2)", "(1000000, 1000000)", "(64, 100000)", "()", "[1]", "1", "{}",
    ]  # fmt: skip
    types = [
        "'<f8'",
        "'<f8'",
        "'<f8'",
        "'|O'",
        "'|S0'",
        "'<f9'",
        "'V0'",
        "[('a', '<f8')]",
        "'<f99'",
        "1",
        "'f8,' * 99",
        "'a'",
    ]
    return _head(
        str(rng.choice(types)), str(rng.choice(shapes)), int(rng.choice([1, 1, 2, 3, 9]))
    ) + rng.bytes(128)


def _head(kind: str, shape: str, version: int = 1) -> bytes:
    text = f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    width = 2 if version == 1 else 4
    return b"\x93NUMPY" + bytes([version, 0]) + min(len(text), 65535).to_bytes(width, "little") + text


def hostile_npz(array: Any, rng: Rng, canary: Path) -> bytes:
    """Return a ``.npz`` file with hostile members, names, sizes, or damage."""
    stream = io.BytesIO()
    how = zipfile.ZIP_DEFLATED if rng.random() < 0.7 else zipfile.ZIP_STORED
    names = ["X.npy", "y.npy", "../../evil.npy", "X", "/abs.npy", "<b>.npy", "é.npy", "", "X.npy", "folder/"]
    with zipfile.ZipFile(stream, "w", how) as archive:
        for _ in range(int(rng.integers(0, 4))):
            name = str(rng.choice(names))
            content = npy(array) if rng.random() < 0.3 else hostile_npy(array, rng, canary)
            if rng.random() < 0.02:  # declares more than it is worth reading, compressed a thousandfold
                content = _head("'<f8'", "(500000, 1000)") + bytes(4_000_000)
            if (name := name or "none") not in archive.namelist():
                archive.writestr(name, content)
    raw = stream.getvalue()
    return damaged_bytes(raw, rng) if rng.random() < 0.4 else raw


# --- Several seeds ------------------------------------------------------------------------------------------


def stream_of(make: Callable[[Rng], bytes], seed: int) -> Iterator[bytes]:
    """Yield damaged files without end; input k depends on (seed, k) only."""
    k = 0
    while True:
        yield make(np.random.default_rng([seed, k]))
        k += 1
