"""A method at its own best threshold and amplitude, metric by metric, chosen on held-out data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gsae_theory.experiments.coding_metrics import METRICS, Data, Scores, scores

Array = NDArray[np.float64]
Solve = Callable[[Data, float], Array]


@dataclass(frozen=True)
class Tuned:
    """A score on test data, with the threshold and amplitude that were best on held-out data."""

    value: float
    tau: float
    amplitude: float


def tuned(solve: Solve, thresholds: Sequence[float], held_out: Data, test: Data) -> dict[str, Tuned]:
    """Return the test score of a method on every metric.

    Parameters
    ----------
    solve : callable
        Codes (N, G, d) of data at a threshold.
    thresholds : sequence of float
        The grid; among equals the first is taken.
    held_out, test : Data
    """
    tried = [scores(solve(held_out, tau), held_out) for tau in thresholds]
    tested: dict[int, Scores] = {}
    found = {}
    for metric, larger in METRICS.items():
        amplitudes = [s.best_amplitude(metric) if metric in s.moments else 1.0 for s in tried]
        values = np.array([s.value(metric, a) for s, a in zip(tried, amplitudes, strict=True)])
        best = int(np.argmax(values if larger else -values))
        if best not in tested:
            tested[best] = scores(solve(test, thresholds[best]), test)
        value = tested[best].value(metric, amplitudes[best])
        found[metric] = Tuned(value, float(thresholds[best]), amplitudes[best])
    return found
