"""Distances between weights and a dictionary, group by group.

The loss does not see block rotations, W_g -> W_g Q_g, so the distance is Procrustes:
dist_g(W; sA) = min over Q in O(d) of ||W_g Q - s A_g||_F. Differences are formed before norms are taken:
sqrt(||W||^2 + s^2 d - 2 s ||.||_*) would cancel at 1e-8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gsae_theory.network.checks import check_pair

Array = NDArray[np.float64]


def _stacked(W: Array) -> Array:
    """Return the blocks as a stack, shape (G, n, d)."""
    return W.transpose(1, 0, 2)


def align(W: Array, A: Array) -> Array:
    """Return the rotations Q_g in O(d) that minimise ||W_g Q_g - s A_g||_F, for every s > 0.

    Parameters
    ----------
    W, A : array, shape (n, G, d)

    Returns
    -------
    array, shape (G, d, d)

    Raises
    ------
    InvalidInput
        If shapes differ or a number is not finite.
    """
    W, A = check_pair(W, A)
    return _rotations(_stacked(W), _stacked(A))


def _rotations(W: Array, A: Array) -> Array:
    U, _, Vt = np.linalg.svd(W.transpose(0, 2, 1) @ A)
    return np.asarray(U @ Vt)


def procrustes_distance(W: Array, A: Array, scale: float = 1.0) -> Array:
    """Return min over Q in O(d) of ||W_g Q - scale A_g||_F for every group, shape (G,); see `align`."""
    W, A = check_pair(W, A)
    blocks, goal = _stacked(W), _stacked(A)
    return np.asarray(np.linalg.norm(blocks @ _rotations(blocks, goal) - scale * goal, axis=(1, 2)))


def aligned_distances(W: Array, A: Array, scales: tuple[float, ...]) -> list[Array]:
    """Return `procrustes_distance` at several scales, which share the rotation."""
    W, A = check_pair(W, A)
    blocks, goal = _stacked(W), _stacked(A)
    turned = blocks @ _rotations(blocks, goal)
    return [np.asarray(np.linalg.norm(turned - scale * goal, axis=(1, 2))) for scale in scales]


def unaligned_distance(W: Array, A: Array, scale: float = 1.0) -> Array:
    """Return ||W_g - scale A_g||_F for every group, shape (G,): blind to the invariance of the loss."""
    W, A = check_pair(W, A)
    return np.asarray(np.linalg.norm(W - scale * A, axis=(0, 2)))


@dataclass(frozen=True)
class BlockSpectrum:
    """Shape of the weights in the frame of the dictionary; unchanged by block rotations.

    Attributes
    ----------
    values_C : array, shape (G, d)
        Singular values of C_g = A_g^T W_g, descending.
    norm_D : array, shape (G,)
        ||D_g||_2, D_g = A_perp^T W_g.
    """

    values_C: Array
    norm_D: Array


def spectrum(W: Array, A: Array) -> BlockSpectrum:
    """Return the singular values of C_g and the spectral norms of D_g.

    Parameters
    ----------
    W : array, shape (n, G, d)
    A : array, shape (n, G, d)
        Blocks with orthonormal columns.
    """
    W, A = check_pair(W, A)
    blocks, goal = _stacked(W), _stacked(A)
    C = goal.transpose(0, 2, 1) @ blocks
    D = blocks - goal @ C
    largest = np.linalg.eigvalsh(D.transpose(0, 2, 1) @ D)[:, -1]
    return BlockSpectrum(np.asarray(np.linalg.svd(C, compute_uv=False)), np.sqrt(np.maximum(largest, 0.0)))
