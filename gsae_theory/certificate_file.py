"""Support certificates as files: JSON with the instance in full, so that anyone can check one again."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import UnreadableFile
from gsae_theory.files import read_json
from proofs_check.support_certificate import FORMAT, Instance

Array = NDArray[np.float64]
MAX_CERTIFICATE_BYTES = 100_000_000


def to_file(instance: Instance, certificate: Mapping[str, Any], lam: float) -> bytes:
    """Return the file's content: data as base64 of little-endian doubles, numbers as hexadecimal floats."""
    data = {
        "format": FORMAT,
        "shape": list(instance.A.shape),
        "A": _encode(instance.A),
        "W": _encode(instance.W),
        **{name: float(getattr(instance, name)).hex() for name in ("B_min", "B_max", "nu")},
        "gamma": instance.gamma,
        "lam": float(lam).hex(),
        "sha256": _digest(instance),
        "certificate": dict(certificate),
    }
    return json.dumps(data, indent=1).encode()


def from_file(path: Path) -> tuple[Instance, dict[str, Any], float]:
    """Read a certificate file.

    Raises
    ------
    UnreadableFile
        If it is missing, too large or not such a file, or its data have changed.
    """
    try:
        data = read_json(path, MAX_CERTIFICATE_BYTES, "the certificate")
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise UnreadableFile(
                f"cannot read the certificate {path}: it is no support certificate ({FORMAT})"
            )
        shape = tuple(int(item) for item in data["shape"])
        numbers = {name: float.fromhex(data[name]) for name in ("B_min", "B_max", "nu")}
        instance = Instance(
            _decode(data["A"], shape), _decode(data["W"], shape), gamma=int(data["gamma"]), **numbers
        )
        certificate, lam = dict(data["certificate"]), float.fromhex(data["lam"])
        if not np.isfinite([lam, *numbers.values()]).all():
            raise ValueError("a number that is not finite")
    except UnreadableFile:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as problem:
        raise UnreadableFile(
            f"cannot read the certificate {path}: {type(problem).__name__}: {problem}"
        ) from problem
    if data.get("sha256") != _digest(instance):
        raise UnreadableFile(
            f"cannot read the certificate {path}: its dictionary or weights are not those that were certified"
        )
    return instance, certificate, lam


def _encode(array: Array) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f8").tobytes()).decode("ascii")


def _decode(text: str, shape: tuple[int, ...]) -> Array:
    flat = np.frombuffer(base64.b64decode(text, validate=True), dtype="<f8")
    if len(shape) != 3 or min(shape) < 1 or flat.size != int(np.prod(shape)):
        raise ValueError(f"data do not fill the shape {shape}")
    return flat.reshape(shape).astype(float)


def _digest(instance: Instance) -> str:
    content = (
        np.ascontiguousarray(instance.A, dtype="<f8").tobytes()
        + np.ascontiguousarray(instance.W, dtype="<f8").tobytes()
    )
    return hashlib.sha256(content).hexdigest()
