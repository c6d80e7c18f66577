"""Seeds hashed from names, so that adding one component moves no other (design habit 11)."""

from __future__ import annotations

import hashlib

import numpy as np


def seed_for(base: int, *path: object) -> int:
    """Return the 64-bit seed of the component named by `path` under the seed `base`.

    Uses blake2b on the text of the path, never Python's salted ``hash``.
    """
    text = "\x1f".join([str(int(base)), *map(str, path)])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def generator(base: int, *path: object) -> np.random.Generator:
    """Return the NumPy generator of the component named by `path` under the seed `base`."""
    return np.random.default_rng(seed_for(base, *path))
