"""The whole table in one run."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from typing import Any

from gsae_theory.bench.frameworks import versions
from gsae_theory.bench.gradient_step import gradient_steps
from gsae_theory.bench.learning import learning
from gsae_theory.bench.many import many_models, step_memory, streams
from gsae_theory.bench.roofline import Machine
from gsae_theory.bench.scaling import QUICK_SERIES, SERIES, limit, scaling
from gsae_theory.bench.timing import gemm_peak, load, memory_bandwidth, threads
from gsae_theory.errors import InvalidInput, UnknownName

Say = Callable[[str], None]

PARTS = ("gradient_step", "scaling", "many_models", "memory", "dictionary_learning")


def benchmark(quick: bool, count: int, parts: tuple[str, ...], say: Say) -> dict[str, Any]:
    """Run the benchmarks and return the table as plain data.

    Parameters
    ----------
    quick : bool
        Small sizes and few rounds: minutes become seconds, and the figures say little.
    count : int
        Threads of every library, >= 1.
    parts : tuple of str
        Of `PARTS`; empty runs all.
    say : callable
        Told what is being timed.

    Raises
    ------
    InvalidInput, UnknownName
        Before any run.
    """
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise InvalidInput("threads", count, "an integer >= 1", 1)
    most = max(os.cpu_count() or 1, 2)
    if count > most:
        raise InvalidInput("threads", count, f"an integer <= {most}, the processors of this machine", most)
    for part in parts:
        if part not in PARTS:
            raise UnknownName("part", part, PARTS)
    wanted, began, before = parts or PARTS, time.perf_counter(), load()
    with threads(count):
        say("peak rates of this machine")
        size = 1024 if quick else 2048
        rates = {kind: gemm_peak(kind, size) for kind in ("float64", "float32")}
        machine = Machine(rates, memory_bandwidth(64 if quick else 256))
        found = {part: _part(part, quick, machine, say) for part in PARTS if part in wanted}
    return {
        "quick": quick,
        "threads": count,
        "machine": {
            "processor": _processor(),
            "python": platform.python_version(),
            "gemm_peak_flops": rates,
            "memory_bandwidth_bytes": machine.bandwidth,
            "load_at_start": before,
            "load_at_end": load(),
        },
        "packages": versions(),
        "seconds": time.perf_counter() - began,
        **found,
    }


def _part(part: str, quick: bool, machine: Machine, say: Say) -> Any:
    if part == "gradient_step":
        return gradient_steps(machine, quick, say)
    if part == "scaling":
        series = scaling(QUICK_SERIES if quick else SERIES, 3 if quick else 9, say)
        return {"series": series, "limit": limit(3, say, (256, 1024, 4096)) if quick else limit(5, say)}
    if part == "many_models":
        return many_models(50 if quick else 1000, 20 if quick else 200, say)
    if part == "memory":
        sizes = (10**5, 10**6) if quick else (10**5, 10**6, 10**7, 10**8)
        step = (256, 32, 4, 1, 4000) if quick else (1024, 128, 8, 1, 20000)
        return {"stream": streams(sizes, say), "step": step_memory(say, step)}
    return learning(say, (64, 16, 2, 2, 5000) if quick else (128, 32, 2, 2, 20000), 5.0 if quick else 60.0)


def _processor() -> str:
    """Return the name of the processor."""
    try:
        with open("/proc/cpuinfo") as text:
            names = [line.split(":", 1)[1].strip() for line in text if line.startswith("model name")]
        return names[0] if names else platform.processor()
    except OSError:
        return platform.processor()
