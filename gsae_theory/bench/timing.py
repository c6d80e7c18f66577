"""Clocks: interleaved runs, thread control, what the machine can do, and how much memory a run takes."""

from __future__ import annotations

import gc
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

Run = Callable[[], Any]


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Give every library the same number of threads."""
    with threadpool_limits(count):
        try:
            import torch
        except ImportError:
            yield
            return
        before = torch.get_num_threads()
        torch.set_num_threads(count)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def seconds(run: Run, clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the time of one call, without garbage collection."""
    gc.disable()
    try:
        began = clock()
        run()
        return clock() - began
    finally:
        gc.enable()


def interleaved(
    runs: Mapping[str, Run],
    rounds: int,
    rare: Mapping[str, int] | None = None,
    say: Callable[[str], None] | None = None,
    clock: Callable[[], float] = time.perf_counter,
    results: dict[str, Any] | None = None,
) -> dict[str, list[float]]:
    """Return the times of several runs, taken in turn so that a disturbance hits all of them alike.

    Every run is warmed up once; what it returned then goes into `results`. `rare` gives fewer rounds to slow
    ones; they run in the first rounds.
    """
    limits = {name: (rare or {}).get(name, rounds) for name in runs}
    for name, run in runs.items():
        if say is not None:
            say(f"warming up {name}")
        result = run()
        if results is not None:
            results[name] = result
    times: dict[str, list[float]] = {name: [] for name in runs}
    gc.collect()
    for number in range(rounds):
        for name, run in runs.items():
            if number < limits[name]:
                times[name].append(seconds(run, clock))
        if say is not None:
            say(f"round {number + 1} of {rounds}")
    return times


def median(values: list[float]) -> float:
    """Return the median."""
    return float(statistics.median(values))


def gemm(dtype: str, size: int) -> Run:
    """Return a square matrix product to be timed: 2 size^3 flops."""
    rng = np.random.default_rng(0)
    left, right = (rng.standard_normal((size, size)).astype(dtype) for _ in range(2))
    out = np.empty_like(left)
    return lambda: np.matmul(left, right, out=out)


def gemm_peak(dtype: str, size: int = 2048, repeats: int = 5) -> float:
    """Return the best measured rate of a square matrix product, in flop/s."""
    product = gemm(dtype, size)
    product()
    return 2 * size**3 / min(seconds(product) for _ in range(repeats))


def memory_bandwidth(megabytes: int = 256, repeats: int = 5) -> float:
    """Return the best measured rate of out = a + b on arrays beyond the cache, in byte/s (read, read, write)."""
    count = megabytes * 1_000_000 // 8
    a, b, out = np.ones(count), np.ones(count), np.zeros(count)

    def add() -> None:
        np.add(a, b, out=out)

    add()
    return 3 * 8 * count / min(seconds(add) for _ in range(repeats))


class PeakMemory:
    """Largest growth of the resident memory of this process while a block runs, in bytes.

    Sampled every millisecond by a thread: what lives shorter may be missed. None where /proc is missing.
    """

    def __enter__(self) -> PeakMemory:
        gc.collect()
        self.start = self.largest = _resident()
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()
        return self

    def _watch(self) -> None:
        while not self._stop.wait(0.001):
            self.largest = max(self.largest, _resident())

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._watcher.join()
        self.largest = max(self.largest, _resident())

    @property
    def growth(self) -> int | None:
        """Bytes."""
        return self.largest - self.start if self.start else None


def _resident() -> int:
    """Return the resident memory of this process in bytes, 0 where it cannot be read."""
    try:
        with open("/proc/self/statm") as text:
            return int(text.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def load() -> dict[str, Any]:
    """Return how busy the machine is: processors, and the load average of the last minute."""
    return {"cpus": os.cpu_count(), "load_1min": round(os.getloadavg()[0], 2)}


def exponent(x: list[float], y: list[float]) -> float:
    """Return the slope of log y against log x by least squares."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])
