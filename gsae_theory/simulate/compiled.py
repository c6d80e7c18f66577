"""The sums of `block_sums` compiled by numba, where it is installed: 5 to 10 times faster for wide supports.

Same arguments, same results up to the order of summation. Compiled on first use, about a second each.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from gsae_theory.errors import InvalidInput
from gsae_theory.simulate.block_sums import Array, Index, Kernels


def available() -> bool:
    """Return whether numba is installed."""
    return find_spec("numba") is not None


@lru_cache(maxsize=1)
def kernels() -> Kernels:
    """Return the compiled sums.

    Raises
    ------
    InvalidInput
        If numba is not installed.
    """
    if not available():
        raise InvalidInput(
            "backend",
            "numba",
            "numpy, or numba once it is installed (pip install 'gsae_theory[fast]')",
            "numpy",
        )
    return Kernels("numba", 1 << 16, apply_blocks, add_outer, add_gram)


def _by_sample(array: Any) -> Any:
    return np.ascontiguousarray(np.moveaxis(array, -1, 0))


def apply_blocks(table: Array, index: Index, x: Array) -> Array:
    """See `block_sums.apply_blocks`."""
    t, _, N = index.shape
    out = np.zeros((N, t, len(table)), dtype=x.dtype)
    _loops()[0](np.ascontiguousarray(table.transpose(2, 1, 0)), _by_sample(index), _by_sample(x), out)
    return np.ascontiguousarray(np.moveaxis(out, 0, -1))


def add_outer(total: Array, index: Index, left: Array, right: Array) -> None:
    """See `block_sums.add_outer`."""
    found = np.zeros((total.shape[2], *total.shape[:2]))
    _loops()[1](found, _by_sample(index), _by_sample(left), _by_sample(right))
    total += found.transpose(1, 2, 0)


def add_gram(total: Array, index: Index, h: Array) -> None:
    """See `block_sums.add_gram`."""
    found = np.zeros((total.shape[2], *total.shape[:2]))
    codes = _by_sample(h)
    _loops()[1](found, _by_sample(index), codes, codes)
    total += 0.5 * found.transpose(1, 2, 0)


@lru_cache(maxsize=1)
def _loops() -> tuple[Callable[..., None], Callable[..., None]]:
    from numba import njit

    @njit(nogil=True)
    def apply_loop(table: Array, index: Index, x: Array, out: Array) -> None:
        N, t, k = index.shape
        d = x.shape[2]
        for s in range(N):
            for a in range(t):
                for b in range(k):
                    block = table[index[s, a, b]]
                    for j in range(d):
                        for i in range(d):
                            out[s, a, i] += block[j, i] * x[s, b, j]

    @njit(nogil=True)
    def outer_loop(total: Array, index: Index, left: Array, right: Array) -> None:
        N, k, t = index.shape
        d = left.shape[2]
        for s in range(N):
            for a in range(k):
                for b in range(t):
                    block = total[index[s, a, b]]
                    for i in range(d):
                        for j in range(d):
                            block[i, j] += left[s, a, i] * right[s, b, j]

    return apply_loop, outer_loop
