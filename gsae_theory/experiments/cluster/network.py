"""One unfolded network, trained by gradients, as a clustering method: two read-outs.

Both start from blocks that see the data, and both are trained by Adam through every unfolded layer.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gsae_theory.experiments.cluster.data import unit_rows
from gsae_theory.experiments.cluster.groups import blocks_at, compressed, train_blocks
from gsae_theory.experiments.cluster.read_out import DEFAULT, read_out, similarity_graph
from gsae_theory.experiments.estimator import GroupSparseAutoencoder
from gsae_theory.experiments.subspaces import group_norms, k_subspaces
from gsae_theory.seeds import generator, seed_for

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
DEPTH = 5
GROUPS_PER_CLUSTER = 8
START_ROUNDS = 10
_TINY = float(np.finfo(float).tiny)


def network(
    Y: Array,
    clusters: int,
    seed: int,
    block: int = 6,
    share: float = 0.5,
    depth: int = DEPTH,
    epochs: int = 5,
) -> Labels:
    """Cluster by co-activation in one over-complete unfolded network.

    Eight groups per cluster start from the singular vectors of a sample's neighbours, starved ones again at
    a badly explained point (`train_blocks`); the threshold is `share` of the median norm of the strongest
    group, so that no point is silent; Adam then trains all blocks through the `depth` layers. Two points are
    as close as the cosine of their vectors of code norms ||x_g||, read out as every graph is.
    """
    norms = network_codes(Y, clusters, seed, block, share, depth, epochs)
    features = norms / np.maximum(np.linalg.norm(norms, axis=1, keepdims=True), _TINY)
    return read_out(similarity_graph(features, DEFAULT.kept), clusters, seed_for(seed, "k-means"))


def network_codes(
    Y: Array, clusters: int, seed: int, block: int, share: float, depth: int, epochs: int
) -> Array:
    """Return the norms ||x_g|| of the trained network's codes, shape (N, G)."""
    Z = compressed(Y)
    d = min(block, max(Z.shape[1] - 1, 1))
    G = max(min(GROUPS_PER_CLUSTER * clusters, len(Z) // (2 * d)), 2)
    rng = generator(seed, "start")
    start = train_blocks(Z, blocks_at(Z, rng.choice(len(Z), G, replace=False), d), rng, START_ROUNDS)
    model, points = _model(np.asarray(start.transpose(1, 0, 2), dtype=float), Z, seed, share, depth, epochs)
    codes = np.asarray(model.transform(points), dtype=float)
    return np.asarray(np.linalg.norm(codes.reshape(len(Z), G, d), axis=2))


def active_group_network(
    Y: Array, clusters: int, seed: int, block: int = 6, share: float = 0.6, depth: int = DEPTH
) -> Labels:
    """Cluster by the active group of one unfolded network with as many groups as clusters.

    The mean of the points is removed first: a direction that all groups share puts their coherence near
    1, where the tolerance s (1 - mu)/2 of side T2.1 is nil. The start is K-subspaces, the threshold
    `share` of the median norm of the strongest group.
    """
    Z = np.asarray(compressed(unit_rows(Y - Y.mean(axis=0))), dtype=float)
    start = k_subspaces(Z, clusters, min(block, Z.shape[1]), generator(seed, "start"), restarts=5).blocks
    model, points = _model(start, Z, seed, share, depth, epochs=5)
    return np.asarray(model.predict(points), dtype=np.int64)


def _model(
    start: Array, Z: NDArray[np.floating], seed: int, share: float, depth: int, epochs: int
) -> tuple[GroupSparseAutoencoder, Array]:
    """Return the network trained from `start` (n, G, d), and the points in double precision."""
    points = np.asarray(Z, dtype=float)
    model = GroupSparseAutoencoder(
        start.shape[1],
        start.shape[2],
        layers=depth,
        lam=share * float(np.median(group_norms(start, points).max(axis=1))),
        accelerated=True,
        init=start,
        epochs=epochs,
        rate=0.002,
        random_state=seed_for(seed, "training") % 2**32,
    )
    return model.fit(points), points
