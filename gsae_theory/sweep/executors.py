"""Where cells are computed: in this process, in local processes, on Dask workers.

Each executor takes jobs from an iterator and yields outcomes in any order. It never holds more than a
few jobs per worker, so memory does not grow with the sweep.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing.connection import wait as wait_for
from typing import Protocol

from gsae_theory.errors import GsaeError, InvalidInput
from gsae_theory.sweep.cell import Task
from gsae_theory.sweep.execute import Job, execute, execute_alone, lost, one_thread
from gsae_theory.sweep.store import Outcome

WINDOW = 4
"""Jobs in flight per worker: enough to keep it busy, few enough to lose little."""


NO_WORKERS = (
    "local worker processes cannot start: a script that runs a sweep needs `if __name__ == '__main__':` "
    "around it; from an interactive session, compute in this process (workers = 0)"
)


class NoWorkers(GsaeError, RuntimeError):
    """Worker processes cannot start at all; no cell is to blame."""


class Executor(Protocol):
    """Computes jobs."""

    def outcomes(self, task: Task, jobs: Iterator[Job]) -> Iterator[Outcome]:
        """Yield the outcome of every job, in any order; closing the iterator drops what is in flight."""

    def close(self) -> None:
        """Give workers free; what is in flight is dropped."""


class InProcess:
    """One cell after the other in this process; linear algebra on one thread, as in the workers."""

    def outcomes(self, task: Task, jobs: Iterator[Job]) -> Iterator[Outcome]:
        """Yield the outcomes in order."""
        from threadpoolctl import threadpool_limits

        with threadpool_limits(limits=1):
            for job in jobs:
                yield execute(task, job)

    def close(self) -> None:
        """Nothing to give free."""


class LocalProcesses:
    """A pool of processes on this machine.

    Parameters
    ----------
    workers : int
        Processes, >= 1.

    A worker that is killed costs no cell: what was in flight is computed again one by one, and only a
    cell that kills its worker when alone is recorded as failed.
    """

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise InvalidInput("workers", workers, "an integer >= 1", 1)
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def outcomes(self, task: Task, jobs: Iterator[Job]) -> Iterator[Outcome]:
        """Yield outcomes as they come."""
        flight: dict[Future[Outcome], Job] = {}
        while True:
            suspects: list[Job] = []
            try:
                for job in islice(jobs, self.workers * WINDOW - len(flight)):
                    suspects = [job]  # if the pool breaks between two cells, submit() is what raises
                    flight[self._submit(task, job)] = job
                suspects = []
                if not flight:
                    return
                for future in wait(flight, return_when=FIRST_COMPLETED).done:
                    outcome = future.result()
                    del flight[future]
                    yield outcome
            except BrokenProcessPool:
                finished = [f for f in flight if f.done() and f.exception() is None]
                kept = [f.result() for f in finished]
                suspects += [job for future, job in flight.items() if future not in finished]
                flight.clear()
                self.close()
                yield from kept
                for job in suspects:
                    yield self._alone(task, job)

    def _alone(self, task: Task, job: Job) -> Outcome:
        try:
            return self._submit(task, job).result()
        except BrokenProcessPool:
            self.close()
            return lost(job, "the worker process died while it computed this cell alone\n")

    def _submit(self, task: Task, job: Job) -> Future[Outcome]:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self.workers, context, initializer=_begin)
            try:
                self._pool.submit(os.getpid).result()
            except BrokenProcessPool:
                self.close()
                raise NoWorkers(NO_WORKERS) from None
        return self._pool.submit(execute_alone, task, job)

    def close(self) -> None:
        """Stop the workers, without waiting for the cells in flight."""
        if self._pool is not None:
            workers = list((self._pool._processes or {}).values())
            self._pool.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.terminate()
            self._pool.shutdown(wait=True)
            self._pool = None


def _begin() -> None:
    """Prepare a worker: Ctrl-C is for the parent, and a worker whose parent is gone leaves."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    one_thread()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent.sentinel,), daemon=True).start()


def _leave_with(sentinel: int) -> None:
    wait_for([sentinel])
    os._exit(1)
