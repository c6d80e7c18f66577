"""The methods: a name, candidates to choose from without labels, and a function from data to clusters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.experiments.cluster.data import unit_rows
from gsae_theory.experiments.cluster.groups import (
    Ensemble,
    compressed,
    ensemble_codes,
)
from gsae_theory.experiments.cluster.read_out import DEFAULT, read_out, similarity_graph
from gsae_theory.experiments.estimator import GroupSparseAutoencoder
from gsae_theory.experiments.subspaces import group_norms, k_subspaces
from gsae_theory.seeds import generator, seed_for

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
Cluster = Callable[..., Labels]
DEPTH = 5


@dataclass(frozen=True)
class Method:
    """A way to cluster.

    Attributes
    ----------
    name : str
    cluster : callable
        ``cluster(Y, clusters, seed, **parameters)`` returns the cluster of every row.
    candidates : tuple of mapping
        Parameters to choose from by stability; one mapping means that there is no choice.
    slow : bool
        Only with `--all-baselines`.
    """

    name: str
    cluster: Cluster
    candidates: tuple[Mapping[str, Any], ...] = field(default_factory=lambda: ({},))
    slow: bool = False


def ensemble(Y: Array, clusters: int, seed: int, gamma: int = 1, sizes: Ensemble | None = None) -> Labels:
    """Cluster by co-activation in an ensemble of over-complete group models."""
    Z = compressed(Y)
    codes = ensemble_codes(Z, gamma, generator(seed, "ensemble"), sizes)
    return read_out(similarity_graph(codes, DEFAULT.kept), clusters, seed_for(seed, "k-means"))


def network(
    Y: Array, clusters: int, seed: int, block: int = 6, share: float = 0.6, depth: int = DEPTH
) -> Labels:
    """Cluster by the active group of one unfolded network with as many groups as clusters.

    The mean of the points is removed first: a direction that all groups share puts their coherence near
    1, where the tolerance s (1 - mu)/2 of side T2.1 is nil. The start is K-subspaces, the threshold
    `share` of the median norm of the strongest group.
    """
    Z = np.asarray(compressed(unit_rows(Y - Y.mean(axis=0))), dtype=float)
    start = k_subspaces(Z, clusters, min(block, Z.shape[1]), generator(seed, "start"), restarts=5).blocks
    model = GroupSparseAutoencoder(
        clusters,
        start.shape[2],
        layers=depth,
        lam=share * float(np.median(group_norms(start, Z).max(axis=1))),
        accelerated=True,
        init=start,
        epochs=5,
        rate=0.002,
        random_state=seed_for(seed, "training") % 2**32,
    )
    return np.asarray(model.fit(Z).predict(Z), dtype=np.int64)


def group_methods(depth: int = DEPTH) -> tuple[Method, ...]:
    """Return the group-sparse methods; `depth` is T of the single network."""
    return (
        Method("group-sparse ensemble", ensemble, tuple({"gamma": g} for g in (1, 2, 3))),
        Method(
            f"group-sparse network, T = {depth}",
            network,
            tuple({"block": d, "depth": depth} for d in (4, 6, 8)),
        ),
    )
