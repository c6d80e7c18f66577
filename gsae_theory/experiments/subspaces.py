"""K-subspaces: where training on real data starts (one local principal block per group)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Subspaces:
    """A union of G subspaces of dimension d.

    Attributes
    ----------
    blocks : array, shape (n, G, d)
        Orthonormal basis of each subspace.
    labels : array, shape (N,)
        The subspace that carries most of each point.
    residual : float
        Share of the energy outside the point's own subspace, in [0, 1].
    margin : float
        Median over points of (first - second) / first among the norms ||A_g^T y||: how clearly the
        read-out decides. Needs no labels, so it may choose the block size.
    """

    blocks: Array
    labels: Labels
    residual: float
    margin: float


def group_norms(W: Array, Y: Array) -> Array:
    """Return ||W_g^T y|| for every point and group, shape (N, G)."""
    n, G, d = W.shape
    return np.sqrt(np.square(Y @ W.reshape(n, G * d)).reshape(-1, G, d).sum(axis=2))


def active_group(W: Array, Y: Array) -> Labels:
    """Return argmax_h ||W_h^T y|| for every point: the clustering of docs/theory.md (side, section 2)."""
    return np.asarray(group_norms(W, Y).argmax(axis=1), dtype=np.int64)


def k_subspaces(
    Y: Array, groups: int, block: int, rng: np.random.Generator, *, restarts: int = 10, iterations: int = 30
) -> Subspaces:
    """Fit `groups` linear subspaces by alternating assignment and principal blocks; keep the best restart.

    Seeds are drawn as in k-means++ with 1 - |cos| in place of the squared distance, so every group
    starts with points of its own; a group that runs empty is given the points that fit worst.

    Parameters
    ----------
    Y : array, shape (N, n)
        Points of unit norm (or zero).
    groups, block : int
        G with 2 <= G <= N and d with 1 <= d <= n.
    rng : numpy.random.Generator
    restarts, iterations : int
        Number of starts and of alternations at most.

    Raises
    ------
    InvalidInput
        If a size is not admissible.
    """
    N, n = Y.shape
    if not 2 <= groups <= N:
        raise InvalidInput("groups", groups, f"an integer in [2, {N}]", min(max(groups, 2), N))
    if not 1 <= block <= n:
        raise InvalidInput("block", block, f"an integer in [1, {n}]", min(max(block, 1), n))
    fits = (_one_fit(Y, groups, block, rng, iterations) for _ in range(max(restarts, 1)))
    return min(fits, key=lambda fit: fit.residual)


def _one_fit(Y: Array, groups: int, block: int, rng: np.random.Generator, iterations: int) -> Subspaces:
    labels = np.abs(Y @ Y[spread_seeds(Y, groups, rng)].T).argmax(axis=1)
    for _ in range(iterations):
        blocks = _principal_blocks(Y, labels, groups, block)
        before, labels = labels, active_group(blocks, Y)
        if np.array_equal(before, labels):
            break
    norms = group_norms(blocks, Y)
    second, first = np.sort(norms, axis=1)[:, -2:].T
    residual = 1.0 - float(np.square(first).sum() / np.square(Y).sum())
    margin = float(np.median((first - second) / np.maximum(first, np.finfo(float).tiny)))
    return Subspaces(blocks, np.asarray(labels, dtype=np.int64), residual, margin)


def spread_seeds(Y: Array, groups: int, rng: np.random.Generator) -> Labels:
    """Return indices of points in spread directions (greedy k-means++ on the projective sphere)."""
    chosen = [int(rng.integers(len(Y)))]
    gap = _line_gap(Y, chosen[0])
    for _ in range(groups - 1):
        total = gap.sum()
        weights = gap / total if total > 0 else np.full(len(Y), 1 / len(Y))
        drawn = rng.choice(len(Y), size=2 + int(np.log(groups)), p=weights)
        gaps = [np.minimum(gap, _line_gap(Y, int(index))) for index in drawn]
        best = int(np.argmin([each.sum() for each in gaps]))
        chosen.append(int(drawn[best]))
        gap = gaps[best]
    return np.array(chosen, dtype=np.int64)


def _line_gap(Y: Array, index: int) -> Array:
    return np.maximum(0.0, 1.0 - np.abs(Y @ Y[index]))


def _principal_blocks(Y: Array, labels: Labels, groups: int, block: int) -> Array:
    blocks = np.empty((Y.shape[1], groups, block))
    sizes = np.bincount(labels, minlength=groups)
    if sizes.min() <= block:
        poorest = np.argsort(np.abs(np.einsum("ij,ij->i", Y, _centres(Y, labels, groups)[labels])))
    for g in range(groups):
        own = Y[labels == g] if sizes[g] > block else Y[poorest[: 5 * block]]
        blocks[:, g] = np.linalg.eigh(own.T @ own)[1][:, : -block - 1 : -1]
    return blocks


def _centres(Y: Array, labels: Labels, groups: int) -> Array:
    """Return the leading direction of each group (zero for an empty one)."""
    centres = np.zeros((groups, Y.shape[1]))
    for g in range(groups):
        own = Y[labels == g]
        if len(own):
            centres[g] = np.linalg.eigh(own.T @ own)[1][:, -1]
    return centres


def principal_atoms(block: Array, codes: Array) -> Array:
    """Return the atoms of one block, rotated to the principal directions of its codes.

    A block is identified only up to a rotation (the loss does not change under W_g Q), so pictures of
    single atoms mean something only after such a choice: strongest first, sign with positive mean code.

    Parameters
    ----------
    block : array, shape (n, d)
    codes : array, shape (N, d)

    Returns
    -------
    array, shape (d, n)
    """
    vectors = np.linalg.eigh(codes.T @ codes)[1][:, ::-1]
    signs = np.where((codes @ vectors).mean(axis=0) < 0, -1.0, 1.0)
    return np.asarray((block @ (vectors * signs)).T)
