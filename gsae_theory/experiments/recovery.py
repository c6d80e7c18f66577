"""Parameter recovery: distance to the generating dictionary along training, activation by activation.

Every method starts from the same weights and sees the same minibatches. Threshold (and constraint,
where more than one is tried) are chosen per method and metric on seeds of their own, which are not
scored; the choice uses the generating dictionary, for every method alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput
from gsae_theory.experiments.alignment import Distances, distances
from gsae_theory.experiments.coding_metrics import GROUP, PLAIN, TWO_SIDED
from gsae_theory.experiments.minibatch import Schedule, fit_minibatch
from gsae_theory.experiments.paired import Comparison, mean_interval, paired_rows
from gsae_theory.experiments.recovery_baselines import LEARNERS, PENALTIES, Learn, untuned
from gsae_theory.experiments.recovery_cells import RecoveryCell
from gsae_theory.network import GROUP_RELU, RELU, SOFT, Unfolded
from gsae_theory.network.activations import Activation
from gsae_theory.seeds import generator, seed_for

Array = NDArray[np.float64]
Key = TypeVar("Key")

TASK = "recovery"
ACTIVATIONS: dict[str, Activation] = {GROUP: GROUP_RELU, PLAIN: RELU, TWO_SIDED: SOFT}
METRICS = ("scaled", "subspace", "raw", "atoms")
MEANINGS = {
    "scaled": "distance to A at the best common scale, min_Q ||W_g Q/c - A_g||_F, mean over groups",
    "subspace": "the same for the polar factors of W_g: scale and shape inside the block removed",
    "raw": "distance to A itself, min_Q ||W_g Q - A_g||_F: contains the shrinkage bias",
    "atoms": "columns matched one by one, up to sign: not blind to rotations",
}
LAMBDAS = (0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9)
STEP = 0.1
"""Step in units of eta/p per column of a block: eta = STEP d, below the limits of gamma1 Theorem 4."""
TUNING_SEEDS = 2
CHECKPOINTS = (0, 1, 2, 3, 5, 8, 12, 18, 26, 40)
"""Epochs after which distances are recorded."""


@dataclass(frozen=True)
class RecoverySize:
    """Samples per seed and epochs of training."""

    samples: int = 1000
    batch: int = 100
    epochs: int = 40


@dataclass(frozen=True)
class Setting:
    """What is tuned."""

    lam: float
    normalise: str


@dataclass(frozen=True)
class _Instance:
    A: Array
    Y: Array
    W: Array
    gamma: int
    seed: int


Path = list[tuple[int, Distances]]


def recovery_cell(cell: RecoveryCell, seed: int, seeds: int, size: RecoverySize) -> dict[str, Any]:
    """Run one cell.

    Parameters
    ----------
    cell : RecoveryCell
    seed : int
        Base of the seed tree.
    seeds : int
        Repetitions; each draws dictionary, data and start of its own.
    size : RecoverySize

    Returns
    -------
    dict
        ``found``: per method and metric the final distance at every seed, with the ``lam`` and
        ``normalise`` chosen; ``paths``: per network and metric the distances at the checkpoints;
        ``start``: the distances at the start.
    """
    tuning = [_instance(cell, seed, f"tuning {k}", size) for k in range(TUNING_SEEDS)]
    scored = [_instance(cell, seed, k, size) for k in range(seeds)]
    found: list[dict[str, Any]] = []
    paths: list[dict[str, Any]] = []
    for name, act in ACTIVATIONS.items():
        chosen = _choose(cell, act, tuning, size)
        runs = {item: [_train(act, item, one, size) for one in scored] for item in set(chosen.values())}
        for metric, item in chosen.items():
            last = [getattr(run[-1][1], metric) for run in runs[item]]
            found.append({"method": name, "metric": metric, "value": last, **asdict(item)})
            paths.append({"method": name, "metric": metric, **_path(runs[item], metric), **asdict(item)})
    if cell.baselines:
        found += _baselines(tuning, scored)
    at_start = [distances(one.W, one.A) for one in scored]
    first = {metric: float(np.mean([getattr(item, metric) for item in at_start])) for metric in METRICS}
    return {"found": found, "paths": paths, "start": first}


def _instance(cell: RecoveryCell, seed: int, k: object, size: RecoverySize) -> _Instance:
    model_seed = seed_for(seed, TASK, cell.id, k)
    model = cell.cell.model(model_seed)
    Y = model.observe(model.sample(size.samples, generator(model_seed, "data")))
    W = cell.start(model.dictionary, Y, generator(model_seed, "start"))
    return _Instance(model.dictionary, Y, W, model.gamma, model_seed)


def _choose(
    cell: RecoveryCell, act: Activation, tuning: Sequence[_Instance], size: RecoverySize
) -> dict[str, Setting]:
    """Return the setting with the smallest mean final distance, per metric."""
    settings = [Setting(lam, constraint) for constraint in cell.normalise for lam in LAMBDAS]
    return _smallest({item: [_train(act, item, one, size)[-1][1] for one in tuning] for item in settings})


def _smallest(tried: Mapping[Key, Sequence[Distances]]) -> dict[str, Key]:
    """Return the key with the smallest mean distance, per metric; among equals the first."""
    best = {}
    for metric in METRICS:
        means = {key: float(np.mean([getattr(x, metric) for x in runs])) for key, runs in tried.items()}
        best[metric] = min(means, key=means.__getitem__)
    return best


def _train(
    act: Activation,
    setting: Setting,
    one: _Instance,
    size: RecoverySize,
    marks: Sequence[int] = CHECKPOINTS,
) -> Path:
    """Return the distances at the start, after the epochs `marks` and at the end; infinite if it diverged."""
    d = one.A.shape[2]
    plan = Schedule(
        epochs=size.epochs,
        batch=size.batch,
        optimiser="sgd",
        rate=STEP * d * one.A.shape[1] / one.gamma,
        normalise=setting.normalise,
    )
    path = [(0, distances(one.W, one.A))]

    def watch(epoch: int, W: Array, _: float) -> None:
        if epoch + 1 in marks or epoch + 1 == size.epochs:
            path.append((epoch + 1, distances(W, one.A)))

    order = generator(one.seed, "order")
    try:
        fit_minibatch(Unfolded(1, act), one.W, one.Y, setting.lam, order, plan, watch=watch)
    except InvalidInput as problem:
        if problem.name != "rate":
            raise
        path.append((size.epochs, Distances(*[float("inf")] * len(METRICS))))
    return path


def _path(runs: Sequence[Path], metric: str) -> dict[str, Any]:
    values = np.array([[getattr(found, metric) for _, found in run] for run in runs])
    spread = [mean_interval(column) for column in values.T]
    return {
        "epochs": [epoch for epoch, _ in runs[0]],
        "mean": [item.mean for item in spread],
        "low": [item.low for item in spread],
        "high": [item.high for item in spread],
    }


def _baselines(tuning: Sequence[_Instance], scored: Sequence[_Instance]) -> list[dict[str, Any]]:
    found = []
    for name, learn in LEARNERS.items():

        def learned(one: _Instance, alpha: float, learn: Learn = learn) -> Distances:
            return distances(learn(one.Y, one.W, alpha, one.seed % 2**31), one.A)

        best = _smallest({alpha: [learned(one, alpha) for one in tuning] for alpha in PENALTIES})
        last = {alpha: [learned(one, alpha) for one in scored] for alpha in set(best.values())}
        for m in METRICS:
            found.append(_found(name, m, [getattr(x, m) for x in last[best[m]]], best[m]))
    results = [
        {name: distances(W, o.A) for name, W in untuned(o.Y, o.W, o.gamma, generator(o.seed, "own")).items()}
        for o in scored
    ]
    for name in results[0]:
        found += [_found(name, m, [getattr(r[name], m) for r in results], None) for m in METRICS]
    return found


def _found(name: str, metric: str, values: list[float], lam: float | None) -> dict[str, Any]:
    return {"method": name, "metric": metric, "value": values, "lam": lam, "normalise": None}


def combine(cells: Sequence[RecoveryCell], results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return ``rows``, ``paired``, ``cells`` and the training paths of cells that were run."""
    rows, described, paths = [], [], []
    networks: list[Comparison] = []
    baselines: list[Comparison] = []
    for cell, result in zip(cells, results, strict=True):
        rows += [_row(cell, item) for item in result["found"]]
        values = {(item["method"], item["metric"]): item["value"] for item in result["found"]}
        for (method, metric), value in values.items():
            if method != GROUP:
                family = networks if method in ACTIVATIONS else baselines
                ours = values[GROUP, metric]
                family.append(Comparison(TASK, cell.id, metric, method, GROUP, ours, value, False))
        paths += [{"cell": cell.id, **item} for item in result["paths"]]
        described.append(
            {
                "id": cell.id,
                "task": TASK,
                "meaning": cell.cell.meaning,
                "spec": cell.cell.spec,
                "start": result["start"],
            }
        )
    return {
        "rows": rows,
        "paired": [row.to_dict() for family in (networks, baselines) for row in paired_rows(family)],
        "cells": described,
        "frames": {"paths": paths},
    }


def _row(cell: RecoveryCell, item: dict[str, Any]) -> dict[str, Any]:
    spread = mean_interval(item["value"])
    return {
        "task": TASK,
        "cell": cell.id,
        "method": item["method"],
        "metric": item["metric"],
        "mean": spread.mean,
        "low": spread.low,
        "high": spread.high,
        "seeds": len(item["value"]),
        "lam": item["lam"],
        "normalise": item["normalise"],
    }
