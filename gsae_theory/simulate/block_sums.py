"""Products with each sample's blocks and sums of outer products, vectorised over the samples.

Everything is component-major, (groups, d, N), so that every pass runs along the samples. A table (d, d, C)
holds C blocks entry by entry; an index (t, k, N) says which block a sample uses for each pair of groups.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # float64 or float32
Index = NDArray[np.intp]


def table_of(flat: Array, G: int) -> Array:
    """Return the table (d, d, G G) of an (m, m) matrix; block (g, h) is number g G + h."""
    d = len(flat) // G
    return np.ascontiguousarray(flat.reshape(G, d, G, d).transpose(1, 3, 0, 2)).reshape(d, d, G * G)


def flat_of(table: Array, G: int) -> Array:
    """Return the (m, m) matrix of a table (d, d, G G)."""
    d = len(table)
    return table.reshape(d, d, G, G).transpose(2, 0, 3, 1).reshape(G * d, G * d)


def pairs(rows: Index, columns: Index, G: int) -> Index:
    """Return the block numbers (t, k, N) of all pairs of rows (t, N) with columns (k, N)."""
    return rows[:, None] * G + columns[None]


def apply_blocks(table: Array, index: Index, x: Array) -> Array:
    """Return sum over b of block[a, b] x_b for every sample, shape (t, d, N).

    Parameters
    ----------
    table : array, shape (d, d, C)
    index : array of int, shape (t, k, N)
    x : array, shape (k, d, N)
    """
    d = len(table)
    t, k, N = index.shape
    out = np.zeros((t, d, N), dtype=x.dtype)
    entry = np.empty(N, dtype=table.dtype)
    for a in range(t):
        for b in range(k):
            for i in range(d):
                for j in range(d):
                    # mode="clip" only says that nothing is buffered: every index is in range.
                    np.take(table[i, j], index[a, b], out=entry, mode="clip")
                    entry *= x[b, j]
                    out[a, i] += entry
    return out


def add_outer(total: Array, index: Index, left: Array, right: Array) -> None:
    """Add sum over samples of left_a right_b^T to block index[a, b] of the table `total` (float64).

    Parameters
    ----------
    total : array, shape (d, d, C)
    index : array of int, shape (k, t, N)
    left, right : arrays, shapes (k, d, N) and (t, d, N)
    """
    d = len(total)
    for a in range(len(left)):
        for b in range(len(right)):
            for i in range(d):
                for j in range(d):
                    _scatter(total[i, j], index[a, b], left[a, i] * right[b, j])


def add_gram(total: Array, index: Index, h: Array) -> None:
    """Add half of sum h h^T, so that the symmetric part of `total`, doubled, is the whole (see `add_outer`)."""
    d = len(total)
    for a in range(len(h)):
        for b in range(a, len(h)):
            for i in range(d):
                for j in range(i if a == b else 0, d):
                    product = h[a, i] * h[b, j]
                    if a == b and i == j:
                        product *= 0.5
                    _scatter(total[i, j], index[a, b], product)


def _scatter(total: Array, index: Index, values: Array) -> None:
    """Add values to the entries of `total` (float64) named by `index`."""
    if len(total) > 4 * len(index):  # a histogram of all blocks would cost more than the samples
        np.add.at(total, index, values.astype(np.float64, copy=False))
    else:
        total += np.bincount(index, values, len(total))


@dataclass(frozen=True)
class Kernels:
    """One way of doing the sums.

    Attributes
    ----------
    name : str
    chunk : int
        Samples that it works on together.
    apply_blocks, add_outer, add_gram : callable
        As the functions above.
    """

    name: str
    chunk: int
    apply_blocks: Callable[[Array, Index, Array], Array]
    add_outer: Callable[[Array, Index, Array, Array], None]
    add_gram: Callable[[Array, Index, Array], None]


NUMPY = Kernels("numpy", 1 << 15, apply_blocks, add_outer, add_gram)
