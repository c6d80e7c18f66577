"""Choosing parameters without labels: the candidate whose clusterings of subsamples agree most.

Stability (U. von Luxburg, Clustering stability: an overview, 2010) at a fixed number of clusters.
Every method chooses by the same subsamples, with the same budget per candidate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from gsae_theory.experiments.cluster.methods import Method
from gsae_theory.seeds import generator, seed_for

Array = NDArray[np.float64]
SUBSAMPLES = 3
SHARE = 0.8


def stability(
    method: Method,
    parameters: Mapping[str, Any],
    Y: Array,
    clusters: int,
    seed: int,
    subsamples: int = SUBSAMPLES,
) -> float:
    """Return the mean adjusted Rand index between clusterings of random subsamples, on shared rows."""
    found = []
    for k in range(subsamples):
        rows = np.sort(generator(seed, "subsample", k).permutation(len(Y))[: int(SHARE * len(Y))])
        labels = np.full(len(Y), -1)
        labels[rows] = method.cluster(Y[rows], clusters, seed_for(seed, "stability", k), **parameters)
        found.append(labels)
    agreement = []
    for one, other in combinations(found, 2):
        shared = (one >= 0) & (other >= 0)
        agreement.append(adjusted_rand_score(one[shared], other[shared]))
    return float(np.mean(agreement))


def choose(
    method: Method, Y: Array, clusters: int, seed: int, say: Callable[[str], None]
) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    """Return the most stable candidate, and every candidate with its stability (empty: no choice)."""
    if len(method.candidates) == 1:
        return method.candidates[0], []
    values = []
    for parameters in method.candidates:
        say(f"{method.name}: stability of {dict(parameters)}")
        values.append(stability(method, parameters, Y, clusters, seed))
    tried = [
        {"parameters": dict(parameters), "stability": value}
        for parameters, value in zip(method.candidates, values, strict=True)
    ]
    return method.candidates[int(np.argmax(values))], tried
