"""One gradient step: code space against the network on the data, PyTorch and JAX, in one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.bench.frameworks import Step, jax_step, torch_step, working_compiled_step
from gsae_theory.bench.instances import LAM, Instance, instance
from gsae_theory.bench.roofline import Machine, dense_flops, needed, profile
from gsae_theory.bench.timing import gemm, interleaved, load, median
from gsae_theory.network.autoencoder import loss_and_gradient
from gsae_theory.simulate import Engine, compiled

Array = NDArray[Any]
Say = Callable[[str], None]

CONFIGS = ((1024, 128, 8, 1, 20000), (1000, 100, 2, 2, 20000), (2048, 64, 8, 3, 50000))
QUICK = ((256, 32, 4, 1, 4000), (256, 64, 2, 2, 4000))


def gradient_steps(machine: Machine, quick: bool, say: Say) -> list[dict[str, Any]]:
    """Return a row of the table for every configuration (n, G, d, gamma, N)."""
    configs, rounds = (QUICK, 4) if quick else (CONFIGS, 7)
    return [_row(instance(*config), machine, rounds, quick, say) for config in configs]


def _row(case: Instance, machine: Machine, rounds: int, quick: bool, say: Say) -> dict[str, Any]:
    say(case.name)
    engine = Engine(case.model.dictionary, LAM)
    fast = Engine(case.model.dictionary, LAM, backend="numba") if compiled.available() else None
    single = Engine(case.model.dictionary, LAM, dtype="float32")
    Y = case.observed()
    by_compiler, why_not = (None, "not in a quick run") if quick else working_compiled_step(case.W, Y, LAM)
    runs: dict[str, Step | None] = {
        "code_space": _step(engine, case),
        "code_space_numba": None if fast is None else _step(fast, case),
        "code_space_float32": _step(single, case),
        "dense": lambda: loss_and_gradient(case.W, Y, LAM)[1],
        "torch": torch_step(case.W, Y, LAM),
        "torch_compile": by_compiler,
        "jax": jax_step(case.W, Y, LAM),
    }
    present = {name: run for name, run in runs.items() if run is not None}
    slow = {name: max(1, rounds // 3) for name in present if not name.startswith("code_space")}
    size, before = 512 if quick else 2048, load()
    peaks = {f"gemm {kind}": gemm(kind, size) for kind in machine.gemm}
    gradients: dict[str, Array] = {}
    times = interleaved(
        peaks | present, rounds, slow, lambda text: say(f"{case.name}: {text}"), results=gradients
    )
    rates = [
        {kind: 2 * size**3 / times[f"gemm {kind}"][number] for kind in machine.gemm}
        for number in range(rounds)
    ]
    found = engine.gradient(case.W, case.sample)
    row: dict[str, Any] = {
        "config": case.config,
        "dtype": "float64",
        "seconds": {name: median(times[name]) for name in present},
        "rounds": {name: len(times[name]) for name in present},
        **{f"ratio_{name}": None for name in runs if name != "code_space"},
    }
    for name in set(present) - {"code_space"}:
        row[f"ratio_{name}"] = ratio_of(times, name)
    work = needed(case.model.n, case.model.G, case.model.d, case.model.gamma, len(case.sample))
    # The peak of the same round: on a machine that others use, too, it changes from minute to minute.
    roofs = [work.seconds(Machine(rate, machine.bandwidth), "float64") for rate in rates]
    fractions = {
        name: median([roof / own for roof, own in zip(roofs, times[name], strict=True)])
        for name in ("code_space", "code_space_numba")
        if name in times
    }
    differences = {
        name: float(np.abs(gradients[name] - found.gradient).max())
        for name in present
        if name != "code_space"
    }
    return row | {
        "max_abs_diff": max(value for name, value in differences.items() if name != "code_space_float32"),
        "max_abs_diff_of": differences,
        "largest_entry": float(np.abs(found.gradient).max()),
        "certified": found.certified / found.samples,
        "roofline_seconds": median(roofs),
        "roofline_fraction": fractions["code_space"],
        "roofline_fraction_numba": fractions.get("code_space_numba"),
        "flops_needed": work.flops,
        "flops_dense": dense_flops(case.model.n, case.model.G, case.model.d, len(case.sample)),
        "profile": profile(present["code_space"]),
        "torch_compile_note": why_not,
        "load_before": before,
    }


def ratio_of(times: Mapping[str, Sequence[float]], name: str) -> float:
    """Return the median over rounds of the time of `name` over that of the code-space step."""
    pairs = zip(times[name], times["code_space"], strict=False)  # the slow ones ran in the first rounds
    return median([other / ours for other, ours in pairs])


def _step(engine: Engine, case: Instance) -> Step:
    return lambda: engine.gradient(case.W, case.sample).gradient
