"""The methods: a name, candidates to choose from without labels, and a function from data to clusters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.experiments.cluster.groups import Ensemble, compressed, ensemble_codes
from gsae_theory.experiments.cluster.network import DEPTH, active_group_network, network
from gsae_theory.experiments.cluster.read_out import DEFAULT, read_out, similarity_graph
from gsae_theory.seeds import generator, seed_for

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
Cluster = Callable[..., Labels]


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


def ensemble(
    Y: Array,
    clusters: int,
    seed: int,
    gamma: int = 1,
    sizes: Ensemble | None = None,
    random_start: bool = False,
) -> Labels:
    """Cluster by co-activation in an ensemble of over-complete group models."""
    Z = compressed(Y)
    codes = ensemble_codes(Z, gamma, generator(seed, "ensemble"), sizes, random_start=random_start)
    return read_out(similarity_graph(codes, DEFAULT.kept), clusters, seed_for(seed, "k-means"))


def group_methods(depth: int = DEPTH) -> tuple[Method, ...]:
    """Return the group-sparse methods; `depth` is T of the single network."""
    return (
        Method("group-sparse ensemble", ensemble, tuple({"gamma": g} for g in (1, 2, 3))),
        Method(
            "group-sparse ensemble, random starts",
            ensemble,
            tuple({"gamma": g, "random_start": True} for g in (1, 2, 3)),
            slow=True,
        ),
        Method(
            f"group-sparse network, T = {depth}",
            network,
            tuple({"block": d, "depth": depth} for d in (4, 6, 8)),
        ),
        Method(
            f"group-sparse network, active group, T = {depth}",
            active_group_network,
            tuple({"block": d, "depth": depth} for d in (4, 6, 8)),
        ),
    )
