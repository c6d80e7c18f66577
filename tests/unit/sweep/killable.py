"""A sweep to be killed: `python killable.py FOLDER EXECUTOR LOG`; the tests run it and look at what it leaves.

Three rounds; the cells of a round depend on the results of the one before, as in an adaptive
exploration. Every computed cell is noted in LOG, so that tests see what was computed twice.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gsae_theory.sweep import Cell, DaskWorkers, InProcess, LocalProcesses, Results, Store, Sweep, run

ROUND = 60


def work(log: str, seconds: float, parameters: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Return numbers that depend on the seed and on linear algebra; every tenth cell of round 0 fails."""
    time.sleep(seconds)
    with open(log, "a") as file:
        file.write(f"{parameters['round']} {parameters['index']} {os.getpid()}\n")
    if parameters["round"] == 0 and parameters["index"] % 10 == 3:
        raise RuntimeError(f"cell {parameters['index']} fails on purpose")
    matrix = np.random.default_rng(seed).standard_normal((40, 40))
    return {"value": float(np.linalg.svd(matrix, compute_uv=False)[0]), "worker_threads": 1}


def plan(number: int, results: Results) -> Iterable[Cell]:
    if number == 0:
        return (Cell({"round": 0, "index": i}) for i in range(ROUND))
    if number >= 3:
        return ()
    before = [Cell({"round": 0, "index": i}) for i in range(ROUND)]
    values = [found["value"] for cell in before if (found := results(cell)) is not None]
    top = float(np.median(values))
    return (Cell({"round": number, "index": i, "top": top}) for i in range(ROUND))


def sweep(log: str, seconds: float) -> Sweep:
    return Sweep("killable", functools.partial(work, log, seconds), plan, {"cells": ROUND}, "test", seed=5)


def main(folder: str, executor: str, log: str, seconds: str = "0.004") -> None:
    workers = {
        "inprocess": InProcess,
        "processes": lambda: LocalProcesses(2),
        "dask": lambda: DaskWorkers(workers=2),
    }[executor]()
    asked = sweep(log, float(seconds))
    try:
        with Store(folder, asked) as store:
            state = run(asked, store, workers)
            sys.stdout.write(f"{state.ending} {store.counts()}\n")
    finally:
        workers.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
