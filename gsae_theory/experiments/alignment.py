"""Distance of learned weights to the generating dictionary at their best alignment.

No method is charged for what its loss cannot see: blocks may come in any order and rotation, and the
columns of a network or dictionary without groups may be gathered into blocks as suits them best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from gsae_theory.network.checks import check_pair
from gsae_theory.simulate import procrustes_distance

Array = NDArray[np.float64]
_TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True)
class Distances:
    """Distances at the best alignment, mean over groups.

    Attributes
    ----------
    subspace : float
        min_Q ||P_g Q - A_g||_F, P_g the polar factor of W_g: scale and shape inside the block removed.
    scaled : float
        min_Q ||W_g Q/c - A_g||_F with the one scale c that is best for all groups.
    raw : float
        min_Q ||W_g Q - A_g||_F, the distance of the theorems; it contains the shrinkage bias.
    atoms : float
        Mean over columns a of ||+-w/||w|| - a|| to the matched column: not blind to rotations.
    """

    subspace: float
    scaled: float
    raw: float
    atoms: float


def distances(W: Array, A: Array) -> Distances:
    """Return the distances of `W` to the dictionary `A`, both (n, G, d), A with orthonormal blocks."""
    W, A = check_pair(W, A)
    best = min(
        (_matched(candidate, A) for candidate in (W, gathered(W, A))),
        key=lambda found: float(procrustes_distance(polar(found), A).mean()),
    )
    nuclear = np.linalg.svd(np.einsum("ngi,ngj->gij", best, A), compute_uv=False).sum()
    scale = max(float(nuclear) / A.shape[1] / A.shape[2], _TINY)
    return Distances(
        float(procrustes_distance(polar(best), A).mean()),
        float(procrustes_distance(best / scale, A).mean()),
        float(procrustes_distance(best, A).mean()),
        atom_distance(W, A),
    )


def polar(W: Array) -> Array:
    """Return orthonormal blocks nearest to the blocks of `W`; where one has no full rank, one of them."""
    U, _, Vt = np.linalg.svd(W.transpose(1, 0, 2), full_matrices=False)
    return np.ascontiguousarray((U @ Vt).transpose(1, 0, 2))


def gathered(W: Array, A: Array) -> Array:
    """Return the columns of `W` in blocks: each group of `A` gets the d columns that suit it best.

    The assignment maximises the sum of ||A_g^T w||^2 / ||w||^2, one group per column.
    """
    n, G, d = A.shape
    columns = W.reshape(n, -1)
    inside = np.square(np.einsum("ngi,nj->gij", A, columns)).sum(axis=1)
    inside = inside / np.maximum(np.square(columns).sum(axis=0), _TINY)
    _, order = linear_sum_assignment(np.repeat(inside, d, axis=0), maximize=True)
    return columns[:, order].reshape(n, G, d)


def _matched(W: Array, A: Array) -> Array:
    """Return the blocks of `W` in the order that suits `A` best."""
    overlap = np.einsum("ngi,nhj->ghij", A, polar(W))
    nuclear = np.linalg.svd(overlap, compute_uv=False).sum(axis=-1)
    return W[:, linear_sum_assignment(nuclear, maximize=True)[1]]


def atom_distance(W: Array, A: Array) -> float:
    """Return the mean distance of unit columns matched one to one, up to sign; a zero column is at distance 1."""
    first, second = (X.reshape(len(X), -1) for X in (W, A))
    first = first / np.maximum(np.linalg.norm(first, axis=0), _TINY)
    cosine = first.T @ second
    rows, columns = linear_sum_assignment(np.abs(cosine), maximize=True)
    turned = first[:, rows] * np.where(cosine[rows, columns] < 0, -1.0, 1.0)
    # the difference before the norm: sqrt(2 - 2 cos) would cancel at 1e-8
    return float(np.linalg.norm(turned - second[:, columns], axis=0).mean())
