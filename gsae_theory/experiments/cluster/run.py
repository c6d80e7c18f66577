"""Run every method on a data set, over seeds, and score what they found."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import silhouette_score

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.experiments.cluster.baselines import baselines
from gsae_theory.experiments.cluster.data import Images
from gsae_theory.experiments.cluster.methods import Method, group_methods
from gsae_theory.experiments.cluster.network import DEPTH
from gsae_theory.experiments.cluster.starts import start_report
from gsae_theory.experiments.cluster.tuning import choose
from gsae_theory.experiments.scores import clustering_scores
from gsae_theory.seeds import seed_for

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


def run_clustering(
    images: Images,
    seeds: int = 3,
    *,
    clusters: int | None = None,
    seed: int = 0,
    depth: int = DEPTH,
    all_baselines: bool = False,
    methods: Sequence[Method] | None = None,
    only: Sequence[str] = (),
    say: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Return the record of a comparison: one row per method.

    Parameters
    ----------
    images : Images
        Its labels are used for the scores of the finished clusterings alone.
    seeds : int
        Repetitions, >= 1.
    clusters : int, optional
        Number of clusters; needed if the data do not come with one.
    seed : int
        Base of the seed tree.
    depth : int
        T of the unfolded network.
    all_baselines : bool
        Include the slow baselines.
    methods : sequence of Method, optional
        Instead of the standard list.
    only : sequence of str
        Only methods whose name contains one of these, slow or not.
    say : callable (str), optional

    Raises
    ------
    InvalidInput
        If a size is not admissible.
    """
    say = say or (lambda _: None)
    wanted = clusters if clusters is not None else images.clusters
    most = len(images.Y) // 5
    if wanted is None or not 2 <= wanted <= most:
        raise InvalidInput("clusters", wanted, f"an integer in [2, {most}] (it is never read off labels)", 2)
    if seeds < 1:
        raise InvalidInput("seeds", seeds, "an integer >= 1", 1)
    if depth < 1:
        raise InvalidInput("deep", depth, "an integer >= 1", 1)
    known = [*group_methods(depth), *baselines()]
    for part in only:
        if not any(part in method.name for method in known):
            raise UnknownName("only", part, [method.name for method in known])
    chosen = methods or [
        method
        for method in known
        if (any(part in method.name for part in only) if only else all_baselines or not method.slow)
    ]
    rows = [_row(method, images, wanted, seeds, seed, say) for method in chosen]
    return {
        "schema": "gsae-cluster",
        "version": 1,
        "data": images.name,
        "points": len(images.Y),
        "dimension": images.Y.shape[1],
        "clusters": wanted,
        "seeds": seeds,
        "seed": seed,
        "labelled": images.labels is not None,
        "rows": rows,
        "starts": _starts(images.Y, wanted, seed, say),
    }


def joined(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record `new` with the rows of `old` whose method it did not run, if any.

    ``seeds`` stands in every row; ``earlier`` keeps the provenance of the older runs.
    """
    if old is None:
        return dict(new)
    names = {row["method"] for row in new["rows"]}
    kept = [{"seeds": old["seeds"], **row} for row in old["rows"] if row["method"] not in names]
    if not kept:
        return dict(new)
    earlier = [*old.get("earlier", ()), *([old["provenance"]] if "provenance" in old else ())]
    return {**new, "rows": [*new["rows"], *kept], "earlier": earlier}


def _starts(Y: Array, clusters: int, seed: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    say("starts of the group models")
    groups = max(min(3 * clusters, len(Y) // 30), 2)
    return start_report(Y, groups, min(6, Y.shape[1] - 1), seed_for(seed, "starts"))


def _row(
    method: Method, images: Images, clusters: int, seeds: int, seed: int, say: Callable[[str], None]
) -> dict[str, Any]:
    began = time.process_time()
    parameters, tried = choose(method, images.Y, clusters, seed_for(seed, images.name, "choice"), say)
    tuning, began = time.process_time() - began, time.process_time()
    found = []
    for k in range(seeds):
        say(f"{method.name}: seed {k + 1} of {seeds}")
        found.append(
            method.cluster(images.Y, clusters, seed_for(seed, images.name, method.name, k), **parameters)
        )
    seconds = (time.process_time() - began) / seeds
    row: dict[str, Any] = {"method": method.name, "seeds": seeds}
    if images.labels is not None:
        row |= _scores([clustering_scores(images.labels, each) for each in found])
    return row | {
        "seconds": seconds,
        "tuning_seconds": tuning,
        "parameters": dict(parameters),
        "candidates": tried,
        "internal": internal_scores(images.Y, found[0]),
    }


def _scores(scores: list[dict[str, float]]) -> dict[str, Any]:
    columns = {name: np.array([score[key] for score in scores]) for name, key in COLUMNS.items()}
    row: dict[str, Any] = {}
    for name, values in columns.items():
        row[f"{name}_mean"] = float(values.mean())
        row[f"{name}_std"] = float(values.std(ddof=1)) if len(values) > 1 else None
    return row | {"acc": columns["acc"].tolist()}


COLUMNS = {"acc": "accuracy", "nmi": "nmi", "ari": "ari"}


def internal_scores(Y: Array, labels: Labels) -> dict[str, Any]:
    """Return sizes of the clusters and scores that need no labels (of the first seed).

    ``silhouette`` is that of scikit-learn with cosine distance on at most 2,000 rows.
    """
    sizes = np.sort(np.bincount(labels))[::-1]
    rows = np.linspace(0, len(Y) - 1, min(len(Y), 2000)).astype(int)
    some = labels[rows]
    spread = 1 < np.unique(some).size < len(some)
    return {
        "sizes": sizes[sizes > 0].tolist(),
        "silhouette": float(silhouette_score(Y[rows], some, metric="cosine")) if spread else None,
    }
