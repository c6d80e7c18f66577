"""Starts compared: what a start and a threshold do to groups (dead, runaway) and to points (silent)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.experiments.cluster.groups import (
    ROUNDS,
    blocks_at,
    compressed,
    random_blocks,
    responses,
    train_blocks,
)
from gsae_theory.network import GROUP_RELU, loss_and_gradient
from gsae_theory.seeds import generator

Array = NDArray[Any]
SCALE = 1.25
SHARE = 0.6
"""Threshold of the naive run, in units of the scale: inside the window in which one group carries a point."""
STARTS = (
    ("random blocks, one threshold for all points", "random", "naive"),
    ("random blocks, threshold per point", "random", "kept"),
    ("random blocks, threshold per point, starved groups re-seeded", "random", "reseeded"),
    ("blocks at neighbours, threshold per point", "neighbours", "kept"),
    ("blocks at neighbours, threshold per point, starved groups re-seeded", "neighbours", "reseeded"),
)


def start_report(Y: Array, groups: int, block: int, seed: int, seeds: int = 3) -> list[dict[str, Any]]:
    """Return what becomes of every start, means over `seeds`.

    Parameters
    ----------
    Y : array, shape (N, n)
        Rows of unit norm.
    groups, block : int
        G and d.

    Returns
    -------
    list of dict
        ``start``; ``seen``: median over points of max_g ||W_g^T y|| for orthonormal blocks, before
        training (1 would be a point inside a block); after training ``dead``: share of groups that are
        active on no point; ``largest``: share of the points on the busiest group; ``silent``: share of
        points without an active group; ``residual``: share of the energy outside the strongest block.
    """
    Z = compressed(Y)
    rows = []
    for name, start, way in STARTS:
        found = [_one(Z, groups, block, start, way, seed, k) for k in range(seeds)]
        mean = {key: float(np.mean([each[key] for each in found])) for key in found[0]}
        rows.append({"start": name, "groups": groups, "block": block, "seeds": seeds, **mean})
    return rows


def _one(Z: Array, G: int, d: int, start: str, way: str, seed: int, k: int) -> dict[str, float]:
    rng = generator(seed, "starts", start, k)
    n = Z.shape[1]
    W = (
        random_blocks(n, G, d, rng)
        if start == "random"
        else blocks_at(Z, rng.choice(len(Z), G, replace=False), d)
    )
    seen = float(np.median(responses(Z, W).max(axis=1)))
    if way == "naive":
        W, active = _naive(Z, W)
    else:
        W = train_blocks(Z, W, rng, 4 * ROUNDS, reseed=way == "reseeded")
        active = np.eye(G, dtype=bool)[responses(Z, W).argmax(axis=1)]
    held = responses(Z, np.linalg.qr(W)[0]).max(axis=1)
    return {
        "seen": seen,
        "dead": float((~active.any(axis=0)).mean()),
        "largest": float(active.mean(axis=0).max()),
        "silent": float((~active.any(axis=1)).mean()),
        "residual": float(1 - np.square(held).mean()),
    }


def _naive(Z: Array, W: Array, steps: int = 60, rate: float = 0.2) -> tuple[Array, NDArray[np.bool_]]:
    """Return blocks after plain gradient descent with one fixed threshold, and who is active on what."""
    points = np.asarray(Z, dtype=float)
    weights = SCALE * np.asarray(W.transpose(1, 0, 2), dtype=float)
    lam = SHARE * SCALE
    for _ in range(steps):
        weights = weights - rate * loss_and_gradient(weights, points, lam, GROUP_RELU)[1]
    blocks = weights.transpose(1, 0, 2)
    return blocks, responses(points, blocks) > lam
