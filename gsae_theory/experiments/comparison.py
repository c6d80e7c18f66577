"""The comparison as a whole: which tasks, how many seeds, and one plain record of what came out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gsae_theory.errors import GsaeError, InvalidInput, UnknownName
from gsae_theory.experiments import clustering_bounds, coding_cells, real_data, recovery_cells
from gsae_theory.experiments.coding_frames import frames
from gsae_theory.experiments.coding_statements import pools_of, run_statements
from gsae_theory.experiments.recovery import TASK as RECOVERY
from gsae_theory.experiments.recovery import RecoverySize, recovery_cell
from gsae_theory.experiments.recovery import combine as combine_recovery
from gsae_theory.experiments.recovery_limits import ID as LIMITS
from gsae_theory.experiments.recovery_limits import limits, limits_cell
from gsae_theory.experiments.references import group_lasso_gap
from gsae_theory.experiments.sparse_coding import TASK as CODING
from gsae_theory.experiments.sparse_coding import Size, coding_cell, combine, instance
from gsae_theory.seeds import generator
from gsae_theory.sweep import Cell, Executor, InProcess, LocalProcesses
from gsae_theory.sweep.execute import Job

SCHEMA = "gsae-compare"
VERSION = 1
CLUSTERING, REAL = clustering_bounds.TASK, real_data.TASK
TASKS = (CODING, RECOVERY, CLUSTERING, REAL)
QUICK_SIZE = Size(tuning=150, test=300)
QUICK_COHERENCES = (0.0, 0.4)
QUICK_RECOVERY = RecoverySize(samples=600, batch=50, epochs=26)
Say = Callable[[str], None]


class CellFailed(GsaeError, RuntimeError):
    """A part of the comparison raised; the message holds its traceback."""


def run_comparison(
    tasks: tuple[str, ...] = TASKS,
    seeds: int = 10,
    *,
    seed: int = 0,
    quick: bool = False,
    jobs: int = 2,
    data: tuple[str, ...] = ("digits",),
    say: Say | None = None,
) -> dict[str, Any]:
    """Run the comparison and return its record as plain data.

    Parameters
    ----------
    tasks : tuple of str
        Subset of `TASKS`.
    seeds : int
        Repetitions, >= 2.
    seed : int
        Base of the seed tree.
    quick : bool
        Fewer cells and samples.
    jobs : int
        Processes; the numbers do not depend on it.
    data : tuple of str
        Data sets of the task real-data, as in `load`.
    say : callable, optional
        Told what is being worked on or was finished.

    Returns
    -------
    dict
        ``schema, version, settings, rows, paired, statements, cells, frames, seconds``.

    Raises
    ------
    UnknownName, InvalidInput
        Before any computation.
    CellFailed
        If a part raised.
    """
    for task in tasks:
        if task not in TASKS:
            raise UnknownName("task", task, TASKS)
    if seeds < 2:
        raise InvalidInput("seeds", seeds, "an integer >= 2, for intervals", 2)
    began, tell = time.perf_counter(), say or (lambda _: None)
    settings: dict[str, Any] = {"tasks": list(tasks), "seeds": seeds, "seed": seed, "quick": quick}
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "version": VERSION,
        "settings": settings,
        "rows": [],
        "paired": [],
        "statements": [],
        "cells": [],
        "frames": {},
    }
    common = {"seeds": seeds, "seed": seed, "quick": quick}
    parts = [
        {"task": task, **part, **common}
        for task in tasks
        for part in (
            real_data.cells(data, quick)
            if task == REAL
            else [{"cell": name} for name in cell_ids(task, quick)]
        )
    ]
    if REAL in tasks:
        settings["data"] = list(data)
    executor: Executor = InProcess() if min(jobs, len(parts)) == 1 else LocalProcesses(jobs)
    try:
        results = _computed(executor, parts, tell)
    finally:
        executor.close()
    for task, assemble in (
        (CODING, _coding),
        (RECOVERY, _recovery),
        (CLUSTERING, _clustering),
        (REAL, _real),
    ):
        if task in tasks:
            _add(record, assemble([part for part in parts if part["task"] == task], results, tell))
    record["seconds"] = time.perf_counter() - began
    return record


def cell_ids(task: str, quick: bool) -> list[str]:
    """Return the ids of the models of a task, the long ones first."""
    if task == CODING:
        return [cell.id for cell in coding_cells.CELLS if not quick or cell.id in coding_cells.QUICK]
    if task == CLUSTERING:
        return [clustering_bounds.cell_id(mu) for mu in _coherences(quick)]
    cells = [cell for cell in recovery_cells.CELLS if not quick or cell.id in recovery_cells.QUICK]
    return [*[cell.id for cell in sorted(cells, key=lambda c: not c.baselines)], LIMITS]


def _coherences(quick: bool) -> tuple[float, ...]:
    return QUICK_COHERENCES if quick else clustering_bounds.COHERENCES


def compute(parameters: Mapping[str, Any], _: int) -> dict[str, Any]:
    """Compute one model of one task; the seeds are those of the comparison's own tree."""
    name, seed, seeds = (parameters[key] for key in ("cell", "seed", "seeds"))
    if parameters["task"] == CODING:
        return coding_cell(coding_cells.by_id(name), seed, seeds, _size(parameters))
    if parameters["task"] == CLUSTERING:
        quick = parameters["quick"]
        mu = {clustering_bounds.cell_id(mu): mu for mu in _coherences(quick)}[name]
        samples = clustering_bounds.QUICK_SAMPLES if quick else clustering_bounds.SAMPLES
        return clustering_bounds.bounds_cell(mu, seed, seeds, samples)
    if parameters["task"] == REAL:
        where = (parameters["data"], parameters["condition"], parameters["depth"])
        return real_data.real_cell(
            *where, seed, seeds, real_data.QUICK_SIZE if parameters["quick"] else real_data.RealSize()
        )
    size = QUICK_RECOVERY if parameters["quick"] else RecoverySize()
    if name == LIMITS:
        return limits_cell(seed, seeds, 2 * size.samples, size.epochs)
    return recovery_cell(recovery_cells.by_id(name), seed, seeds, size)


def _size(parameters: Mapping[str, Any]) -> Size:
    return QUICK_SIZE if parameters["quick"] else Size()


def _computed(executor: Executor, parts: Iterable[Mapping[str, Any]], tell: Say) -> dict[str, dict[str, Any]]:
    """Return the result of every part, by the key of its cell."""
    cells = [Cell(part) for part in parts]
    results: dict[str, dict[str, Any]] = {}
    tell(f"{len(cells)} models")
    for outcome in executor.outcomes(compute, (Job(cell, 0) for cell in cells)):
        if outcome.value is None:
            raise CellFailed(f"{outcome.parameters}: {outcome.error}")
        results[outcome.key] = json.loads(outcome.value)
        name = json.loads(outcome.parameters)
        tell(f"{len(results)} of {len(cells)} models, {name['task']} {name['cell']} done")
    return results


def _coding(parts: list[dict[str, Any]], results: Mapping[str, dict[str, Any]], tell: Say) -> dict[str, Any]:
    cells = [coding_cells.by_id(part["cell"]) for part in parts]
    result = combine(cells, [results[Cell(part).key] for part in parts])
    tell("statements T1.0-T1.6 on the same data")
    pools = pools_of(cells, parts[0]["seed"], parts[0]["seeds"], _size(parts[0]))
    return {
        "rows": result.rows,
        "paired": result.paired,
        "cells": result.cells,
        "statements": run_statements(pools),
        "frames": {**frames(pools), "group_lasso": _solver_check(parts[0]["seed"])},
    }


def _solver_check(seed: int) -> dict[str, Any]:
    """Return how far the group lasso of the comparison is above CVXPY's objective, on a few samples."""
    cell = coding_cells.by_id("d4-g2")
    model = instance(cell, seed, 0)
    Y = model.observe(model.sample(8, generator(seed, "group lasso")))
    gaps = {lam: group_lasso_gap(model.dictionary, Y, lam) for lam in (0.05, 0.2)}
    return {"cell": cell.id, "samples": len(Y), "lam": list(gaps), "relative_gap": list(gaps.values())}


def _recovery(parts: list[dict[str, Any]], results: Mapping[str, dict[str, Any]], _: Say) -> dict[str, Any]:
    known = {part["cell"]: results[Cell(part).key] for part in parts}
    ends = limits(known.pop(LIMITS))
    combined = combine_recovery([recovery_cells.by_id(name) for name in known], list(known.values()))
    return {
        **combined,
        "statements": ends["statements"],
        "frames": {**combined["frames"], **ends["frames"]},
    }


def _clustering(parts: list[dict[str, Any]], results: Mapping[str, dict[str, Any]], _: Say) -> dict[str, Any]:
    return clustering_bounds.combine([results[Cell(part).key] for part in parts])


def _real(parts: list[dict[str, Any]], results: Mapping[str, dict[str, Any]], _: Say) -> dict[str, Any]:
    return real_data.combine([results[Cell(part).key] for part in parts])


def _add(record: dict[str, Any], part: dict[str, Any]) -> None:
    for key, value in part.items():
        if isinstance(value, dict):
            record[key].update(value)
        else:
            record[key].extend(value)
