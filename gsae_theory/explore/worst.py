"""The worst codes for given weights: which code makes a silent group loudest, an active one quietest.

A search by alternating steps, over all supports; what it finds is a code, so a support that it breaks is
broken. Nothing is claimed about codes that it does not find.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RESTARTS, SWEEPS = 4, 15


def worst_codes(
    W: Array, A: Array, gamma: int, norms: tuple[float, float], rng: np.random.Generator
) -> tuple[float, float]:
    """Return the largest ||u_h|| found over silent groups h, and the smallest over active ones.

    Parameters
    ----------
    W, A : array, shape (n, G, d)
    gamma : int
        Active groups.
    norms : (B_min, B_max)
        Of the active blocks; both may be taken by every block.
    rng : Generator
        Of the starts of the search.
    """
    G = A.shape[1]
    seen = np.einsum("nhi,ngj->hgij", W, A)  # u_h = sum over g of seen[h, g] x_g
    low, high = norms
    loudest, quietest = 0.0, np.inf
    for support in combinations(range(G), gamma):
        for h in range(G):
            blocks = seen[h, list(support)]
            if h not in support:
                loudest = max(loudest, _loudest(blocks, high, rng))
            else:
                own = support.index(h)
                quietest = min(
                    quietest, _quietest(blocks[own], np.delete(blocks, own, axis=0), low, high, rng)
                )
    return float(loudest), float(quietest)


def _loudest(blocks: Array, size: float, rng: np.random.Generator) -> float:
    """Maximise ||sum of M_g x_g|| over ||x_g|| = size: each x_g follows M_g^T u."""
    if len(blocks) == 1:
        return size * float(np.linalg.norm(blocks[0], 2))
    best = 0.0
    for _ in range(RESTARTS):
        u = rng.standard_normal(blocks.shape[1])
        for _ in range(SWEEPS):
            u = np.einsum("gij,gj->i", blocks, size * _unit(np.einsum("gij,i->gj", blocks, u)))
        best = max(best, float(np.linalg.norm(u)))
    return best


def _quietest(own: Array, others: Array, low: float, high: float, rng: np.random.Generator) -> float:
    """Minimise ||M x + sum of M_h x_h||: the own block has the smallest norm, the others oppose it."""
    U, values, _ = np.linalg.svd(own)
    if len(others) == 0:
        return low * float(values[-1])
    best = np.inf
    for trial in range(RESTARTS):
        direction = U[:, -1] if trial == 0 else _unit(rng.standard_normal((1, len(U))))[0]
        x = low * _unit(np.linalg.solve(own, direction)[None])[0]
        for _ in range(SWEEPS):
            u = own @ x
            opposing = -high * _unit(np.einsum("hij,i->hj", others, u))
            u = u + np.einsum("hij,hj->i", others, opposing)
        best = min(best, float(np.linalg.norm(u)))
    return best


def _unit(x: Array) -> Array:
    size = np.linalg.norm(x, axis=-1, keepdims=True)
    return np.divide(x, size, out=np.zeros_like(x), where=size > 0)
