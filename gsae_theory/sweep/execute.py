"""What a worker does with a cell: compute, time, catch."""

from __future__ import annotations

import os
import socket
import time
import traceback
from dataclasses import dataclass
from functools import cache
from typing import Any

from gsae_theory.sweep.cell import Cell, Task, canonical
from gsae_theory.sweep.store import Outcome


@dataclass(frozen=True)
class Job:
    """A cell with its seed, as it is sent to a worker."""

    cell: Cell
    seed: int


def execute(task: Task, job: Job) -> Outcome:
    """Compute a cell; whatever it raises becomes part of the outcome.

    The traceback begins in the task: it does not depend on where the task was called from.
    """
    began = time.process_time()  # CPU time: the machine may be shared
    status, value, error = "done", None, None
    try:
        value = canonical(dict(task(dict(job.cell.parameters), job.seed)), "result of a cell")
    except Exception as problem:
        shown = traceback.TracebackException.from_exception(problem)
        shown.stack = traceback.StackSummary.from_list(
            [(os.path.basename(f.filename), f.lineno or 0, f.name, f.line) for f in shown.stack[1:]]
        )
        status, error = "failed", "".join(shown.format(chain=False))
    seconds = time.process_time() - began
    return Outcome(job.cell.key, job.cell.text, status, value, error, seconds, _here())


def execute_alone(task: Task, job: Job) -> Outcome:
    """Compute a cell in a worker process, with one thread for linear algebra."""
    one_thread()
    return execute(task, job)


def lost(job: Job, reason: str) -> Outcome:
    """Return the outcome of a cell whose worker died."""
    return Outcome(job.cell.key, job.cell.text, "failed", None, reason, 0.0, "lost")


@cache
def one_thread() -> Any:
    """Limit the threads of BLAS and OpenMP of this process to one, so that workers do not fight for cores."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1)


@cache
def _here() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
