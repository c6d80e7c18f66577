"""Dictionaries of low block coherence, by alternating projection on the Gram matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gsae_theory.model.constants import block_coherence, block_welch_bound, gram
from gsae_theory.model.frames import orthogonal, random_blocks
from gsae_theory.model.stored import polar_blocks

Array = NDArray[np.float64]


PATIENCE = 10  # iterations in which the gap to the floor must shrink by a tenth, or the search ends


def low_coherence(n: int, G: int, d: int, rng: np.random.Generator, iterations: int = 150) -> Array:
    """Return a dictionary whose block coherence is well below that of random blocks.

    If G d <= n it is orthogonal. Otherwise alternate between Gram matrices whose off-diagonal blocks have
    spectral norm at most a falling target, and Gram matrices of n-dimensional orthonormal blocks; the best
    iterate is returned, never worse than the random start. It ends near `block_welch_bound`.
    """
    if G * d <= n:
        return orthogonal(n, G, d, rng)
    A = random_blocks(n, G, d, rng)
    floor, best, lowest = block_welch_bound(n, G, d), A, block_coherence(A)
    gaps = [lowest - floor]
    for _ in range(iterations):
        A = _nearest_blocks(_clipped(gram(A), G, d, 0.5 * (floor + lowest)), n, G, d)
        if (value := block_coherence(A)) < lowest:
            best, lowest = A, value
        gaps.append(lowest - floor)
        if len(gaps) > PATIENCE and gaps[-1] > 0.9 * gaps[-1 - PATIENCE]:
            break
    return best


def _clipped(matrix: Array, G: int, d: int, target: float) -> Array:
    """Return the Gram matrix with identity blocks on the diagonal and the others clipped to `target`."""
    blocks = matrix.reshape(G, d, G, d).transpose(0, 2, 1, 3).copy()
    above = np.linalg.norm(blocks, axis=(2, 3)) > target  # the Frobenius norm is the larger one
    above &= ~np.tri(G, dtype=bool)  # the lower half by symmetry
    rows, columns = np.nonzero(above)
    u, s, vt = np.linalg.svd(blocks[rows, columns])
    clipped = (u * np.minimum(s, target)[..., None, :]) @ vt
    blocks[rows, columns] = clipped
    blocks[columns, rows] = clipped.transpose(0, 2, 1)
    blocks[np.arange(G), np.arange(G)] = np.eye(d)
    return np.asarray(blocks.transpose(0, 2, 1, 3).reshape(G * d, G * d))


def _nearest_blocks(matrix: Array, n: int, G: int, d: int) -> Array:
    """Return orthonormal blocks in R^n whose Gram matrix is near `matrix`."""
    values, vectors = np.linalg.eigh(0.5 * (matrix + matrix.T))
    factor = np.sqrt(np.clip(values[-n:], 0.0, None))[:, None] * vectors[:, -n:].T
    return polar_blocks(factor.reshape(n, G, d))
