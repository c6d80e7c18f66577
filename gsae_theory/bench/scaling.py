"""How the cost of a code-space step grows with n, m, d, gamma and N, beside what arithmetic predicts."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from gsae_theory.bench.frameworks import torch_step
from gsae_theory.bench.instances import LAM, instance
from gsae_theory.bench.timing import exponent, interleaved, median
from gsae_theory.model.generative import Sample
from gsae_theory.network import GROUP_RELU
from gsae_theory.simulate import Engine
from gsae_theory.simulate.block_sums import NUMPY
from gsae_theory.simulate.step_sums import StepSums
from gsae_theory.simulate.step_tables import Dictionary, StepTables

Say = Callable[[str], None]

# axis: configurations (n, G, d, gamma, N), what is measured, predicted exponent
Series = tuple[str, tuple[tuple[int, int, int, int, int], ...], str, float, str]

SERIES: tuple[Series, ...] = (
    ("n", tuple((n, 64, 2, 2, 40000) for n in (256, 512, 1024, 2048, 4096, 8192)), "per sample", 0.0,
     "no product with the ambient dimension meets a sample"),
    ("m", tuple((2048, G, 2, 2, 40000) for G in (64, 128, 256, 512)), "per sample", 0.0,
     "certified: only active blocks are touched"),
    ("d", tuple((2048, 64, d, 2, 20000) for d in (2, 4, 8, 16)), "per sample", 2.0, "(gamma d)^2 numbers per sample"),
    ("gamma", tuple((2048, 128, 2, k, 20000) for k in (2, 4, 8, 16)), "per sample", 2.0, "(gamma d)^2 numbers per sample"),
    ("N", tuple((256, 32, 2, 2, N) for N in (50000, 100000, 200000, 400000, 800000)), "whole step", 1.0,
     "the once-per-step products are small here"),
    ("n", tuple((n, 512, 2, 1, 1) for n in (1024, 2048, 4096, 8192)), "once per step", 1.0, "one product 2 n m^2"),
    ("m", tuple((2048, G, 2, 1, 1) for G in (256, 512, 1024)), "once per step", 2.0, "one product 2 n m^2"),
)  # fmt: skip
QUICK_SERIES: tuple[Series, ...] = (
    ("n", tuple((n, 32, 2, 2, 10000) for n in (128, 256, 512)), "per sample", 0.0, "quick run"),
    ("N", tuple((128, 16, 2, 2, N) for N in (10000, 20000, 40000)), "whole step", 1.0, "quick run"),
)
LIMIT_AT = (512, 64, 4, 1)  # n, G, d, gamma of the figure that shows the limit
LIMIT_N = (256, 1024, 4096, 16384, 65536)


def scaling(series: tuple[Series, ...], rounds: int, say: Say) -> list[dict[str, Any]]:
    """Return fitted exponents beside the predicted ones."""
    return [_series(*one, rounds=rounds, say=say) for one in series]


def _series(
    axis: str,
    configs: tuple[tuple[int, ...], ...],
    kind: str,
    predicted: float,
    reason: str,
    rounds: int,
    say: Say,
) -> dict[str, Any]:
    say(f"scaling in {axis}, {kind}")
    at = ("n", "m", "d", "gamma", "N").index(axis)
    x = [float(c[1] * c[2]) if axis == "m" else float(c[at]) for c in configs]
    costs = _per_sample(configs, rounds) if kind == "per sample" else _whole(configs, rounds)
    return {
        "axis": axis,
        "measured": kind,
        "configs": [list(config) for config in configs],
        "x": x,
        "seconds": costs,
        "exponent": exponent(x, costs),
        "predicted": predicted,
        "reason": reason,
    }


def _whole(configs: tuple[tuple[int, ...], ...], rounds: int) -> list[float]:
    """Return the time of a step, configurations in turn."""
    runs = {}
    for config in configs:
        case = instance(*config)
        engine = Engine(case.model.dictionary, LAM)
        runs[str(config)] = lambda e=engine, c=case: e.gradient(c.W, c.sample)
    return [min(values) for values in interleaved(runs, rounds).values()]


def _per_sample(configs: tuple[tuple[int, ...], ...], rounds: int) -> list[float]:
    """Return the time per sample once K, M and the bounds are there: what a step repeats for every sample."""
    runs = {}
    for config in configs:
        case = instance(*config)
        tables = StepTables(case.W, Dictionary(case.model.dictionary, "float64"))
        runs[str(config)] = partial(_add, tables, case.sample)
    # Processor time, since everything here is NumPy in one thread: other programs add to it only through the cache.
    times = interleaved(runs, rounds, clock=time.process_time)
    return [min(times[str(config)]) / config[4] for config in configs]


def _add(tables: StepTables, sample: Sample) -> None:
    """Add the samples to fresh sums, in pieces as the engine does; the first call forms the tables."""
    sums = StepSums(tables, LAM, GROUP_RELU, False)
    for at in range(0, len(sample), NUMPY.chunk):
        sums.add(sample.support[at : at + NUMPY.chunk], sample.values[at : at + NUMPY.chunk])


def limit(rounds: int, say: Say, sizes: tuple[int, ...] = LIMIT_N) -> dict[str, Any]:
    """Return the speed-up over PyTorch for growing N, and the limit that the product 2 n m^2 sets.

    The step on the data has 10 N n m flops, the one in code space at least 2 n m^2: at equal rates the gain is
    at most 5 N/m, and with the float32 product of the certificate about twice that.
    """
    n, G, d, gamma = LIMIT_AT
    rows = []
    for N in sizes:
        say(f"speed-up at N = {N}")
        case = instance(n, G, d, gamma, N)
        engine = Engine(case.model.dictionary, LAM)
        other = torch_step(case.W, case.observed(), LAM)
        runs: dict[str, Any] = {"ours": lambda c=case, e=engine: e.gradient(c.W, c.sample)}
        if other is not None:
            runs["torch"] = other
        times = interleaved(runs, rounds)
        ratio = None
        if other is not None:
            ratio = median([b / a for a, b in zip(times["ours"], times["torch"], strict=True)])
        rows.append(
            {
                "N": N,
                "ratio_torch": ratio,
                "N_over_m": N / (G * d),
                "limit": 5 * N / (G * d),
                "limit_float32": 10 * N / (G * d),
            }
        )
    return {"n": n, "G": G, "d": d, "gamma": gamma, "rows": rows}
