"""Run an exploration: plan, sweep, findings, as one record of plain data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gsae_theory.check.standing import STANDING
from gsae_theory.explore.dial import Dial, get_dial
from gsae_theory.explore.findings import VERDICTS, finding
from gsae_theory.explore.pairs import PairExplorer
from gsae_theory.explore.plan import CONFIDENCE, Explorer
from gsae_theory.explore.predictions import predictions
from gsae_theory.explore.spec import ExploreSpec
from gsae_theory.explore.trial import run_cell
from gsae_theory.sweep import Executor, InProcess, Limits, State, Store, Sweep, run

NUMBERS = "1"
"""To be raised when a change of the code changes the outcome of a cell: old stores are then refused."""

Watch = Callable[[State], None]


def explore(
    names: Sequence[str | Dial],
    folder: Path | str,
    *,
    spec: ExploreSpec | None = None,
    executor: Executor | None = None,
    limits: Limits | None = None,
    watch: Watch | None = None,
    version: str = "0",
) -> dict[str, Any]:
    """Turn assumptions, one dial at a time.

    Parameters
    ----------
    names : sequence of str or Dial
        Ids of registered dials (`gsae explore --list`), or dials.
    folder : Path
        Of the store; what is there already is not computed again.
    spec : ExploreSpec, optional
    executor : Executor, optional
        Where trials are computed; in this process if left out.
    limits : Limits, optional
    watch : callable, optional
        Called with the state of the sweep.
    version : str
        Of the package; a store of another one is refused.

    Returns
    -------
    dict
        ``assumptions``: one finding per dial (`findings.finding`), ``predictions``: where the theory is
        sharp, prediction beside measured interval, ``sweep``: how the run ended. Findings are made from
        what is stored, also of an unfinished run; dials without results are left out.
    """
    asked = spec or ExploreSpec()
    dials = [get_dial(name) if isinstance(name, str) else name for name in names]
    explorer = Explorer(dials, asked.limits(), asked.base)
    sweep = _sweep("explore", explorer, asked, [dial.id for dial in dials], version)
    with Store(folder, sweep) as store:
        state = run(sweep, store, executor or InProcess(), limits, watch)
        found = []
        if state.ending == "complete":
            found = [finding(explorer, dial, store.value) for dial in dials]
        record = record_of(asked, state, store)
    return {**record, "assumptions": found, "predictions": predictions(found), "verdicts": VERDICTS}


def explore_pair(
    first: str | Dial,
    second: str | Dial,
    folder: Path | str,
    *,
    spec: ExploreSpec | None = None,
    executor: Executor | None = None,
    limits: Limits | None = None,
    watch: Watch | None = None,
    version: str = "0",
) -> dict[str, Any]:
    """Turn two assumptions at once; arguments and raises as in `explore`.

    Returns
    -------
    dict
        ``pair``: the map (`pairs.PairExplorer.finding`), None for an unfinished run.
    """
    asked = spec or ExploreSpec()
    one, two = (get_dial(name) if isinstance(name, str) else name for name in (first, second))
    explorer = PairExplorer(one, two, asked.limits(), asked.base)
    sweep = _sweep("explore-pair", explorer, asked, [one.id, two.id], version)
    with Store(folder, sweep) as store:
        state = run(sweep, store, executor or InProcess(), limits, watch)
        found = explorer.finding(store.value) if state.ending == "complete" else None
        record = record_of(asked, state, store)
    return {**record, "pair": found}


def _sweep(
    name: str, explorer: Explorer | PairExplorer, asked: ExploreSpec, ids: list[str], version: str
) -> Sweep:
    spec = {"assumptions": ids, "budget": asked.budget.model_dump(), "base": dict(asked.base)}
    return Sweep(name, run_cell, explorer.plan(), spec, f"{version}, numbers {NUMBERS}", asked.seed)


def record_of(asked: ExploreSpec, state: State, store: Store) -> dict[str, Any]:
    """Return what every record says: spec, confidence, how the sweep ended."""
    failures = [{"cell": cell, "error": error} for cell, error in store.failures()]
    return {
        "spec": asked.model_dump(),
        "confidence": CONFIDENCE,
        "standing": STANDING,
        "sweep": {
            "ending": state.ending,
            "cells": sum(store.counts().values()),
            "failed": len(failures),
            "failures": failures[:20],
            "cpu_seconds": round(store.seconds(), 1),
        },
    }


def listing(dials: Sequence[Dial]) -> list[dict[str, Any]]:
    """Return what there is to turn, as plain data."""
    keys = ("id", "title", "value", "breaks", "implies", "theorem", "base", "conclusion")
    return [{key: asdict(dial)[key] for key in keys} for dial in dials]
