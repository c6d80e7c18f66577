"""The one sweep engine: cells of plain data, a store that survives, executors from one process to Dask."""

from gsae_theory.sweep.cell import Cell, Plan, Results, Sweep, Task, canonical, one_round
from gsae_theory.sweep.dask_executor import DaskWorkers, NoScheduler
from gsae_theory.sweep.engine import Limits, State, run
from gsae_theory.sweep.executors import Executor, InProcess, LocalProcesses, NoWorkers
from gsae_theory.sweep.store import Outcome, Store, StoreInUse, StoreMismatch

__all__ = [
    "Cell",
    "DaskWorkers",
    "Executor",
    "InProcess",
    "Limits",
    "LocalProcesses",
    "NoScheduler",
    "NoWorkers",
    "Outcome",
    "Plan",
    "Results",
    "State",
    "Store",
    "StoreInUse",
    "StoreMismatch",
    "Sweep",
    "Task",
    "canonical",
    "one_round",
    "run",
]
