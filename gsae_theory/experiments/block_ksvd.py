"""Block K-SVD: block-sparse dictionary learning by block OMP and one SVD per block.

Zelnik-Manor, Rosenblum, Eldar, 'Dictionary optimization for block-sparse representations' (2012), with
known blocks of equal size and a known number of active blocks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gsae_theory.experiments.subspaces import group_norms
from gsae_theory.model.stored import polar_blocks

Array = NDArray[np.float64]
Groups = NDArray[np.int64]


def block_ksvd(Y: Array, W: Array, active: int, iterations: int = 20) -> Array:
    """Learn orthonormal blocks.

    Parameters
    ----------
    Y : array, shape (N, n)
    W : array, shape (n, G, d)
        Start; its polar factors are used.
    active : int
        Blocks per sample.
    iterations : int

    Returns
    -------
    array, shape (n, G, d)
        Blocks with orthonormal columns; a block that fewer than d samples use keeps what it was.
    """
    W = polar_blocks(W)
    for _ in range(iterations):
        W = _update(Y, W, *block_omp(Y, W, active))
    return W


def block_omp(Y: Array, W: Array, active: int) -> tuple[Groups, Array]:
    """Return the groups (N, active) that block OMP picks and their coefficients (N, active, d)."""
    n, _, d = W.shape
    chosen = np.empty((len(Y), 0), dtype=np.int64)
    residual, blocks = Y, W.transpose(1, 0, 2)
    for _ in range(active):
        norms = group_norms(W, residual)
        np.put_along_axis(norms, chosen, -1.0, axis=1)
        chosen = np.concatenate([chosen, norms.argmax(axis=1)[:, None]], axis=1)
        columns = blocks[chosen].transpose(0, 2, 1, 3).reshape(len(Y), n, -1)
        gram = np.einsum("kni,knj->kij", columns, columns)
        gram += 1e-10 * np.eye(gram.shape[1])  # two chosen blocks may coincide
        right = np.einsum("kni,kn->ki", columns, Y)
        x = np.linalg.solve(gram, right[..., None])[..., 0]
        residual = Y - np.einsum("kni,ki->kn", columns, x)
    return chosen, x.reshape(len(Y), active, d)


def _update(Y: Array, W: Array, groups: Groups, x: Array) -> Array:
    """Return the blocks after one SVD each, on what the other blocks leave of the samples that use them."""
    W, d = W.copy(), W.shape[2]
    x = x.copy()
    fitted = np.einsum("nkad,kad->kn", W[:, groups], x)
    for g in range(W.shape[1]):
        rows, slots = np.nonzero(groups == g)
        if len(rows) < d:
            continue
        before = x[rows, slots] @ W[:, g].T
        rest = Y[rows] - fitted[rows] + before
        U, s, Vt = np.linalg.svd(rest, full_matrices=False)
        W[:, g], x[rows, slots] = Vt[:d].T, U[:, :d] * s[:d]
        fitted[rows] += x[rows, slots] @ W[:, g].T - before
    return W
