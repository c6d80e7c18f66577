"""Sparse coding with the true dictionary: group-sparse ReLU against elementwise networks.

Every method, on every metric, uses the threshold that is best for this method and metric on held-out
data, out of one grid for all, and the amplitude that is exactly best there. So no method runs at
another's setting, and none gives up one metric for another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.experiments.coding_cells import Cell
from gsae_theory.experiments.coding_metrics import (
    CODERS,
    GROUP,
    METRICS,
    PAIRED,
    PLAIN,
    TWO_SIDED,
    Coder,
    Data,
)
from gsae_theory.experiments.paired import Comparison, mean_interval, paired_rows
from gsae_theory.experiments.references import reference_scores
from gsae_theory.experiments.tuning import Solve, Tuned, tuned
from gsae_theory.model import GenerativeModel
from gsae_theory.seeds import generator, seed_for

Array = NDArray[np.float64]
TASK = "sparse-coding"
GRID: list[float] = [0.0, *np.linspace(0.03, 0.96, 32).tolist()]
"""Relative thresholds tau = lambda/s, the same for every method."""
REFERENCE_SEEDS = 5
"""Convex programs are slow; their means are over the first seeds only, and no test is made on them."""


@dataclass(frozen=True)
class Size:
    """Samples per seed: held out for tuning, and for the scores."""

    tuning: int = 400
    test: int = 800


@dataclass(frozen=True)
class CodingResult:
    """Rows of the comparison.

    Attributes
    ----------
    rows : list of dict
        ``task, cell, method, metric, mean, low, high, seeds``, mean ``tau``, ``lam`` and ``scale``.
    paired : list of dict
        `Paired.to_dict` of every elementwise network against the group-sparse ReLU.
    cells : list of dict
        ``id, meaning, spec`` and the mean coherence.
    """

    rows: list[dict[str, Any]]
    paired: list[dict[str, Any]]
    cells: list[dict[str, Any]]


def coding_cell(cell: Cell, seed: int, seeds: int, size: Size) -> dict[str, Any]:
    """Run one cell.

    Parameters
    ----------
    cell : Cell
    seed : int
        Base of the seed tree.
    seeds : int
        Repetitions; each draws a dictionary, held-out and test data of its own.
    size : Size

    Returns
    -------
    dict
        ``mu``, the mean coherence, and ``found``: per method and metric the lists over the seeds of
        ``value``, ``tau`` and ``amplitude``.
    """
    table: dict[tuple[str, str], list[Tuned]] = {}
    coherence = []
    for k in range(seeds):
        model = instance(cell, seed, k)
        coherence.append(model.constants()["mu"])
        held_out, test = draws(model, size, seed_for(seed, TASK, cell.id, k))
        for key, found in _one_seed(model, held_out, test, cell.references and k < REFERENCE_SEEDS).items():
            table.setdefault(key, []).append(found)
    lists = [
        {
            "method": method,
            "metric": metric,
            **{name: [getattr(v, name) for v in values] for name in ("value", "tau", "amplitude")},
        }
        for (method, metric), values in table.items()
    ]
    return {"mu": float(np.mean(coherence)), "found": lists}


def combine(cells: Sequence[Cell], results: Sequence[dict[str, Any]]) -> CodingResult:
    """Return rows, paired rows and descriptions of the cells that `coding_cell` ran."""
    rows: list[dict[str, Any]] = []
    comparisons: list[Comparison] = []
    described = []
    for cell, result in zip(cells, results, strict=True):
        rows += [_row(cell, found) for found in result["found"]]
        comparisons += _comparisons(cell, {(f["method"], f["metric"]): f["value"] for f in result["found"]})
        described.append(
            {"id": cell.id, "task": TASK, "meaning": cell.meaning, "spec": cell.spec, "mu": result["mu"]}
        )
    return CodingResult(rows, [row.to_dict() for row in paired_rows(comparisons)], described)


def instance(cell: Cell, seed: int, k: int) -> GenerativeModel:
    """Return the model of repetition `k`."""
    return cell.model(seed_for(seed, TASK, cell.id, k))


def draws(model: GenerativeModel, size: Size, seed: int) -> tuple[Data, Data]:
    """Return the held-out and the test data of one repetition."""
    parts = []
    for name, count in (("held-out", size.tuning), ("test", size.test)):
        sample = model.sample(count, generator(seed, name))
        parts.append(Data.of(model.dictionary, sample.codes(model.G), model.observe(sample)))
    return parts[0], parts[1]


def _on_products(coder: Coder) -> Solve:
    return lambda data, tau: coder(data.u, tau)


def _one_seed(
    model: GenerativeModel, held_out: Data, test: Data, references: bool
) -> dict[tuple[str, str], Tuned]:
    found = {}
    for method, coder in CODERS.items():
        for metric, value in tuned(_on_products(coder), GRID, held_out, test).items():
            found[method, metric] = value
    if references:
        found |= reference_scores(model.dictionary, held_out, test, model.gamma * model.d)
    return found


def _row(cell: Cell, found: dict[str, Any]) -> dict[str, Any]:
    spread = mean_interval(found["value"])
    tau, scale = np.array(found["tau"]), np.sqrt(found["amplitude"])
    return {
        "task": TASK,
        "cell": cell.id,
        "method": found["method"],
        "metric": found["metric"],
        "mean": spread.mean,
        "low": spread.low,
        "high": spread.high,
        "seeds": len(found["value"]),
        "tau": float(tau.mean()),
        "lam": float((tau * scale).mean()),
        "scale": float(scale.mean()),
    }


def _comparisons(cell: Cell, values: dict[tuple[str, str], list[float]]) -> list[Comparison]:
    return [
        Comparison(
            TASK, cell.id, metric, method, GROUP, values[GROUP, metric], values[method, metric], larger
        )
        for method in (PLAIN, PAIRED, TWO_SIDED)
        for metric, larger in METRICS.items()
    ]
