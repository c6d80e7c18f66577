"""Many models in one call against a loop, and memory for streams of any length."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.bench.instances import LAM, instance
from gsae_theory.bench.timing import PeakMemory, seconds
from gsae_theory.model import GenerativeModel
from gsae_theory.model.spec import ModelSpec, build_model
from gsae_theory.seeds import generator
from gsae_theory.simulate import Engine, Ensemble, descend, start, stream

Array = NDArray[np.float64]
Say = Callable[[str], None]

LOOPED = 10  # models that are also run one by one


def property_models(
    count: int, G: int = 8, d: int = 2
) -> tuple[list[GenerativeModel], list[Array], list[float]]:
    """Return models, starts and thresholds as the property tests draw them: windows with room for a ball."""
    models, weights, thresholds = [], [], []
    for index in range(count):
        rng = generator(0, "bench property", index)
        lam = round(float(rng.uniform(0.05, 0.8)), 4)
        top = 1 + float(rng.uniform(0, 0.3))
        m1, m2 = (1 + top) / 2, (1 + top + top * top) / 3
        s = 0.5 * (1 + lam * m1 / m2) + 0.5  # at least the limit scale, which is at most 1 + lam m1/m2
        spec = ModelSpec(
            dim=G * d + int(rng.integers(1, 5)), groups=G, block=d, dictionary="near_orthogonal", radius_max=top,
            coherence=round(float(rng.uniform(0.02, 0.5)) * lam / (s * top), 6), seed=index % 1000,
        )  # fmt: skip
        models.append(build_model(spec))
        weights.append(start("random", models[-1].dictionary, s, 0.1 * lam, rng))
        thresholds.append(lam)
    return models, weights, thresholds


def many_models(count: int, steps: int, say: Say) -> dict[str, Any]:
    """Return the time of advancing `count` models together, and of some of them one by one."""
    say(f"{count} models, {steps} exact population steps")
    models, weights, thresholds = property_models(count)
    began = time.perf_counter()
    ensemble = Ensemble.choose(models, weights, thresholds)
    chosen = time.perf_counter() - began
    began = time.perf_counter()
    end, certified = ensemble.advance(ensemble.stacked(weights), 0.5, steps)
    together = time.perf_counter() - began
    few = range(0, count, max(1, count // LOOPED))
    say(f"{len(few)} of them one by one")
    ends, began = [], time.perf_counter()
    for b in few:
        alone = descend(
            models[b],
            weights[b],
            thresholds[b],
            0.5,
            steps,
            level=ensemble.level,
            radius_nodes=ensemble.radius_nodes,
        )
        ends.append(alone.W)
    loop = (time.perf_counter() - began) / len(few) * count
    gaps = [np.abs(W - end[b, : len(W)]).max() for b, W in zip(few, ends, strict=True)]
    return {
        "models": count,
        "steps": steps,
        "config": [int(models[0].n), 8, 2, 1],
        "seconds_choose_rule": chosen,
        "seconds_steps": together,
        "seconds": chosen + together,
        "seconds_loop_extrapolated": loop,
        "looped_models": len(few),
        "ratio_loop": loop / together,
        "max_abs_diff": float(max(gaps)),
        "certified_share": float(certified.mean() / steps),
        "level": ensemble.level,
        "radius_nodes": ensemble.radius_nodes,
    }


def streams(sizes: tuple[int, ...], say: Say, longest: float = 600.0) -> dict[str, Any]:
    """Return time and peak memory of one gradient over streams of growing length, drawn in code space."""
    case = instance(64, 8, 2, 1, 1)
    engine = Engine(case.model.dictionary, LAM)
    engine.gradient(case.W, stream(case.model, 100_000, generator(0, "warm")))
    rows: list[dict[str, Any]] = []
    for count in sizes:
        if rows and rows[-1]["seconds"] * count / rows[-1]["samples"] > longest:
            break
        say(f"stream of {count:.0e} samples")
        with PeakMemory() as memory:
            codes = stream(case.model, count, generator(0, "stream", count))
            taken = seconds(partial(engine.gradient, case.W, codes))
        rows.append(
            {
                "samples": count,
                "seconds": taken,
                "peak_growth_bytes": memory.growth,
                "per_sample": taken / count,
            }
        )
    return {"config": [64, 8, 2, 1], "rows": rows}


def step_memory(say: Say, config: tuple[int, int, int, int, int]) -> dict[str, Any]:
    """Return the peak memory of one step in code space and on the data (the data themselves included)."""
    from gsae_theory.network.autoencoder import loss_and_gradient

    say("peak memory")
    case = instance(*config)
    engine = Engine(case.model.dictionary, LAM)
    with PeakMemory() as ours:
        engine.gradient(case.W, case.sample)
    with PeakMemory() as dense:
        loss_and_gradient(case.W, case.observed(), LAM)
    return {"config": list(config), "code_space_bytes": ours.growth, "dense_bytes": dense.growth}
