"""Cells on Dask workers: a running cluster, or one made on this machine.

Dask gives the cells of a lost worker to another one. Whether that computes a cell twice does not
matter: a cell has one seed and one place in the store.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from itertools import islice
from typing import Any

from gsae_theory.errors import GsaeError, InvalidInput
from gsae_theory.sweep.cell import Task
from gsae_theory.sweep.execute import Job, execute_alone, lost
from gsae_theory.sweep.executors import WINDOW
from gsae_theory.sweep.store import Outcome

MISSING = "left out until dask[distributed] is installed (pip install 'gsae_theory[distributed]')"


LOST = "the Dask scheduler was lost; the store is complete up to here: resume it"
TIMES = 5
"""How often a cell is sent when workers take finished results along."""
RESULT_SECONDS = 60.0


class NoScheduler(GsaeError, OSError):
    """The Dask scheduler cannot be reached, or was lost; what is stored stays and can be resumed."""


class DaskWorkers:
    """Workers of a Dask cluster.

    Parameters
    ----------
    scheduler : str, optional
        Address of a running scheduler, e.g. ``tcp://10.0.0.1:8786``.
    workers : int, optional
        Make a cluster of that many single-threaded processes on this machine instead.
    timeout : float
        Seconds to wait for the scheduler.

    Raises
    ------
    InvalidInput
        Unless exactly one of `scheduler` and `workers` is given.
    NoScheduler
    """

    def __init__(
        self, scheduler: str | None = None, workers: int | None = None, timeout: float = 30.0
    ) -> None:
        if (scheduler is None) == (workers is None):
            raise InvalidInput("(scheduler, workers)", (scheduler, workers), "exactly one of the two")
        if workers is not None and workers < 1:
            raise InvalidInput("dask-workers", workers, "an integer >= 1", 1)
        try:
            from distributed import Client, LocalCluster
        except ImportError:
            raise InvalidInput("scheduler", scheduler or workers, MISSING) from None
        self._cluster: Any = None
        try:
            if scheduler is None:
                self._cluster = LocalCluster(
                    n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
                )
            self.client = Client(scheduler or self._cluster, timeout=timeout)
        except (OSError, ValueError, TimeoutError) as problem:
            raise NoScheduler(f"no Dask scheduler at {scheduler}: {problem}") from None

    def outcomes(self, task: Task, jobs: Iterator[Job]) -> Iterator[Outcome]:
        """Yield outcomes as they come."""
        from distributed import as_completed

        flight: dict[str, tuple[Job, int]] = {}  # by the future's key: the job, and how often it was sent
        done = as_completed(with_results=False)

        def send(job: Job, times: int) -> None:
            key = f"gsae-{job.cell.key}-{times}"
            flight[key] = job, times
            done.add(self.client.submit(execute_alone, task, job, key=key, pure=False, retries=3))

        room, looked = 0, -math.inf
        try:
            while True:
                if time.monotonic() - looked > 1.0:  # workers come and go, and asking costs a round trip
                    room, looked = WINDOW * max(1, self._workers()), time.monotonic()
                for job in islice(jobs, max(0, room - len(flight))):
                    send(job, 1)
                if not flight:
                    return
                future = next(done)
                job, times = flight.pop(future.key)
                outcome = self._outcome(future, job)
                if outcome is not None:
                    yield outcome
                elif times < TIMES:
                    send(job, times + 1)
                else:
                    yield lost(job, f"Dask lost this cell {TIMES} times\n")
        finally:
            done.clear()

    def _workers(self) -> int:
        try:
            return len(self.client.scheduler_info(n_workers=-1)["workers"])
        except (OSError, TimeoutError) as problem:
            raise NoScheduler(f"{LOST} ({problem})") from None

    def _outcome(self, future: Any, job: Job) -> Outcome | None:
        """Return the outcome, or None if a worker took it along before it was fetched."""
        status = future.status
        if status == "finished":
            try:
                found: Outcome = future.result(timeout=RESULT_SECONDS)
            except (CancelledError, OSError, TimeoutError):
                status = "lost"
            else:
                return found
        if status == "error":
            # A cell cannot raise (`execute` catches): its worker died too often.
            return lost(job, f"Dask gave the cell up: {type(future.exception()).__name__}\n")
        self._workers()  # raises if it is the scheduler that is gone
        if self.client.status != "running":
            raise NoScheduler(LOST)
        return None

    def close(self) -> None:
        """Leave the cluster; one that was made here is stopped."""
        self.client.close()
        if self._cluster is not None:
            self._cluster.close()
