"""The one sweep engine: plan a round, compute what the store does not have, store each result, go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from gsae_theory.errors import InvalidInput
from gsae_theory.sweep.cell import Cell, Sweep
from gsae_theory.sweep.execute import Job
from gsae_theory.sweep.executors import Executor
from gsae_theory.sweep.store import Store

Ending = Literal["complete", "interrupted", "max-seconds", "max-cells"]


@dataclass(frozen=True)
class Limits:
    """When to stop before the end; what is stored can be taken up again.

    Attributes
    ----------
    seconds : float or None
        Of this run, > 0.
    cells : int or None
        Computed in this run, >= 1.
    """

    seconds: float | None = None
    cells: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("max-seconds", self.seconds), ("max-cells", self.cells)):
            if value is not None and not value > 0:
                raise InvalidInput(name, value, "a number > 0", 1)


@dataclass(frozen=True)
class State:
    """Where a sweep is.

    Attributes
    ----------
    round : int
    done : int
        Cells in the store that belong to the rounds planned so far.
    planned : int
        Cells of the rounds planned so far.
    failed : int
    computed : int
        Cells computed in this run.
    seconds : float
        Of this run.
    ending : str or None
        None while it runs.
    """

    round: int
    done: int
    planned: int
    failed: int
    computed: int
    seconds: float
    ending: Ending | None = None

    @property
    def rate(self) -> float:
        """Cells per second in this run."""
        return self.computed / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Seconds left for the cells planned so far, None before the first one."""
        return (self.planned - self.done) / self.rate if self.computed else None


Watch = Callable[[State], None]


def run(
    sweep: Sweep, store: Store, executor: Executor, limits: Limits | None = None, watch: Watch | None = None
) -> State:
    """Compute what is missing of a sweep.

    Parameters
    ----------
    sweep : Sweep
    store : Store
        Opened for this sweep; results are added as they come, one transaction each.
    executor : Executor
        Not closed here.
    limits : Limits, optional
    watch : callable, optional
        Called with the state after every cell.

    Returns
    -------
    State
        With its ending: ``complete``, or why it stopped. Ctrl-C ends a run as ``interrupted``; every
        result that came back is stored.
    """
    progress = _Progress(store, limits or Limits(), watch)
    try:
        number = 0
        # A round is planned twice, to be counted and to be streamed: it is never held in memory.
        while size := sum(1 for _ in sweep.plan(number, store.value)):
            progress.begin(number, size)
            cells = progress.missing(sweep.plan(number, store.value))
            jobs = (Job(cell, cell.seed(sweep.seed)) for cell in cells)
            for outcome in executor.outcomes(sweep.task, jobs):
                progress.add(outcome.key, outcome.status == "failed", store.add(outcome))
            if progress.ending is not None:
                return progress.state()
            number += 1
        return progress.state("complete")
    except KeyboardInterrupt:
        return progress.state("interrupted")


class _Progress:
    """Counts, limits, and which cells are on their way."""

    def __init__(self, store: Store, limits: Limits, watch: Watch | None) -> None:
        self.store, self.limits, self.watch = store, limits, watch
        self.began = time.perf_counter()
        self.round = self.done = self.planned = self.computed = self.sent = 0
        self.failed = store.counts()["failed"]
        self.flying: set[str] = set()
        self.ending: Ending | None = None

    def begin(self, number: int, size: int) -> None:
        """Note a planned round."""
        self.round = number
        self.planned += size
        self._show()

    def missing(self, cells: Iterable[Cell]) -> Iterator[Cell]:
        """Yield the cells that are neither stored nor on their way, until a limit is reached."""
        for cell in cells:
            if cell.key in self.flying or self.store.has(cell):
                self.done += 1
                continue
            if self.limits.cells is not None and self.sent >= self.limits.cells:
                self.ending = "max-cells"
            elif self.limits.seconds is not None and self.elapsed >= self.limits.seconds:
                self.ending = "max-seconds"
            if self.ending is not None:
                return
            self.sent += 1
            self.flying.add(cell.key)
            yield cell

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self.began

    def add(self, key: str, failed: bool, new: bool) -> None:
        """Note a result."""
        self.flying.discard(key)
        self.computed += 1
        self.done += new
        self.failed += new and failed
        self._show()

    def _show(self) -> None:
        if self.watch is not None:
            self.watch(self.state())

    def state(self, ending: Ending | None = None) -> State:
        """Return where the sweep is."""
        return State(
            self.round,
            self.done,
            self.planned,
            self.failed,
            self.computed,
            self.elapsed,
            ending or self.ending,
        )
