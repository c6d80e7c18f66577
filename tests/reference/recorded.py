"""Numbers of a few small instances, recorded: what every constant, margin, bound and measurement was.

    python -m tests.reference.recorded            renew tests/reference/numbers.json
    python -m tests.reference.recorded --differ   print what differs from it, change nothing

Renew after a change that is meant to move numbers, and read the difference in the commit: it is the list of
what the change moved. A row of a vector is not kept, only its size, mean, root mean square and maximum.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gsae_theory.bounds import context_bounds
from gsae_theory.check.compare import compare
from gsae_theory.check.context import Context, Setting
from gsae_theory.errors import GsaeError, MissingValue
from gsae_theory.falsify.lemmas import LEMMAS
from gsae_theory.falsify.run import Runner
from gsae_theory.model.spec import ModelSpec
from gsae_theory.report.writer import write_atomic
from gsae_theory.strategies import Instance
from gsae_theory.theory import THEOREMS, Theorem
from gsae_theory.theory.quantity import QUANTITIES
from tests.reference.functions import FUNCTIONS

CLAIMS = {**THEOREMS, **{lemma.id: lemma for lemma in LEMMAS}}
FILE = Path(__file__).with_name("numbers.json")
CASES = (
    "single", "constant-small", "orthogonal-single", "constant-triple", "cluster", "rotated-floor", "two-norms",
    "near-scale", "large-step", "leak-gap", "coherent", "edge-in", "elliptical",
    "pair", "pair-noise", "single-triple", "max-single", "two-single", "two-blocks",
    "blocks-of-five", "constant-five", "near", "noisy", "gaussian", "random-pair", "minibatch",
)  # fmt: skip
"""Reference cases (gsae_theory.falsify.cases) that together bring every theorem into scope and take seconds."""
OWN = {
    "blocks-of-five": Instance(
        ModelSpec(dim=11, groups=2, block=5, dictionary="principal_pair", coherence=0.1, radius_max=1.2),
        Setting(lam=0.3, steps=5, delta=0.02, samples=500),
    ),
    "constant-five": Instance(
        ModelSpec(dim=11, groups=2, block=5, dictionary="orthogonal"),
        Setting(lam=0.3, steps=5, delta=0.02, samples=500),
    ),
    "near": Instance(
        ModelSpec(
            dim=9,
            groups=3,
            block=2,
            dictionary="near_orthogonal",
            coherence=0.05,
            noise="sphere",
            noise_level=0.1,
        ),
        Setting(lam=0.3, steps=2, delta=0.05, start="near", fraction=0.2),
    ),
    "gaussian": Instance(
        ModelSpec(
            dim=9,
            groups=3,
            block=2,
            dictionary="near_orthogonal",
            coherence=0.05,
            noise="gaussian",
            noise_level=0.15,
        ),
        Setting(lam=0.3, steps=3, delta=0.02, samples=500),
    ),
    "random-pair": Instance(
        ModelSpec(dim=60, groups=6, block=2, active=2, dictionary="random", radius_max=1.1),
        Setting(lam=0.3, steps=2, delta=1e-3, accuracy=1e-6),
    ),
    "minibatch": Instance(
        ModelSpec(dim=9, groups=3, block=2, dictionary="near_orthogonal", coherence=0.05, radius_max=1.2),
        Setting(lam=0.3, steps=20, fraction=0.3, gradient="minibatch", samples=400),
    ),
}
"""Instances for what the reference cases do not reach: sampled losses (no quadrature for d = 5), Gaussian noise, a
dictionary without symmetry, a sampled run."""
SLOW = {
    "side.sample-radius": "orthogonal-single",
    "side.sgd-stationary": "single",
    "side.sample-limit": "two-norms",
}
"""Claims that draw many samples: recorded on one case."""
TURNING = {
    "side.gradient-lipschitz": 0.02, "side.gradient-range": 0.02, "side.gradient-range-constant": 0.02,
    "side.gradient-range-general": 0.02, "general.support.active": 0.02, "general.support.inactive": 0.02, "general.interference": 0.02,
    "gamma1.rate": 0.1,
}  # fmt: skip
"""Accuracy for claims tried at points that turn with singular vectors, which linear algebra libraries choose
differently, or whose error is read at the rounding level."""
SINGLE, CANCELS = "functions", 1e3
"""Key of the single functions in the file, and their scale: sums with weights of both signs lose digits."""
RELATIVE, ABSOLUTE = 1e-6, 1e-9
"""Accuracy of the comparison; the second in units of the measurement's scale: what other linear algebra moves."""


def digest(values: ArrayLike) -> list[float | str]:
    """Return size, number of finite values, and their mean, root mean square and maximum."""
    array = np.ravel(np.asarray(values, dtype=float))
    finite = array[np.isfinite(array)]
    if not finite.size:
        return [array.size, 0]
    numbers = finite.mean(), np.sqrt(np.mean(finite**2)), finite.max()
    return [array.size, finite.size, *map(_number, numbers)]


def fingerprint(values: Any) -> list[Any]:
    """Return the digest of arrays, with a sum whose weights differ: exchanged axes and entries show."""
    if isinstance(values, tuple | list) and not all(isinstance(item, int | float) for item in values):
        return [fingerprint(item) for item in values]
    if values is None:
        return [None]
    array = np.ravel(np.asarray(values, dtype=float))
    weighted = np.cos(np.arange(array.size)) @ np.where(np.isfinite(array), array, 0.0)
    return [*digest(array), _number(weighted)]


def functions() -> dict[str, Any]:
    """Return the numbers of single functions (tests/reference/functions.py)."""
    return {name: function_numbers(name) for name in FUNCTIONS}


def function_numbers(name: str) -> list[Any]:
    """Return the numbers of one function."""
    return [fingerprint(item) for item in FUNCTIONS[name]()]


def _number(value: float) -> float | str:
    return float(f"{value:.7e}") if math.isfinite(value) else str(value)


def flat(value: Any, name: str = "") -> dict[str, float | str]:
    """Return the numbers of nested plain data by path."""
    if isinstance(value, dict):
        pairs = [(f"{name}/{key}", item) for key, item in value.items()]
    elif isinstance(value, list | tuple):
        pairs = [(f"{name}/{k}", item) for k, item in enumerate(value)]
    else:
        number = isinstance(value, bool | int | float)
        return {name: _number(float(value))} if number and math.isfinite(value) else {}
    return {path: number for key, item in pairs for path, number in flat(item, key).items()}


def constants(context: Context) -> dict[str, float | str]:
    """Return every quantity that has a value on the instance, and what `gsae bounds` says of it."""
    found: dict[str, float | str] = {}
    for name in QUANTITIES:
        with suppress(MissingValue):
            value = context.env[name]
            if np.ndim(value) == 0 and math.isfinite(float(value)):
                found[name] = _number(float(value))
    try:
        return {**found, **flat(context_bounds(context), "bounds")}
    except GsaeError:  # outside what the bounds are defined for
        return found


def margins(context: Context) -> dict[str, float | str]:
    """Return the margin of every hypothesis; a name that two theorems use differently, for each of them."""
    found: dict[str, float | str] = {}
    for name, theorem in THEOREMS.items():
        own = context.for_theorem(theorem)
        for item in theorem.margins(own.env_for(theorem)):
            value = _number(item.value)
            same = found.setdefault(item.assumption, value) == value
            if not same:
                found[f"{name}: {item.assumption}"] = value
    return found


def claim(case: str, theorem: Theorem, context: Context) -> dict[str, Any] | None:
    """Return both sides of a claim on an instance, None outside its hypotheses."""
    context = context.for_theorem(theorem)
    environment = context.env_for(theorem)
    if SLOW.get(theorem.id, case) != case or not all(item.holds for item in theorem.margins(environment)):
        return None
    try:
        measured = context.measure(theorem)
    except GsaeError as problem:
        return {"refused": type(problem).__name__}
    values = np.atleast_1d(np.asarray(measured.values, dtype=float))
    bound = environment.with_values(**measured.covariates).evaluate(theorem.bound)
    labels = {name: np.asarray(column) for name, column in measured.labels.items()}
    return {
        "status": compare(theorem, environment, measured).status.name,
        "kind": measured.kind,
        "complete": measured.complete,
        "note": measured.note,
        "relative": TURNING.get(theorem.id, RELATIVE),
        "scale": _number(measured.scale),
        "values": digest(values),
        "bound": digest(np.broadcast_to(bound, values.shape)),
        "error": digest(np.broadcast_to(measured.error, values.shape)),
        "labels": {name: digest(column) for name, column in labels.items() if column.dtype.kind in "bif"},
    }


def record(case: str, runner: Runner | None = None) -> dict[str, Any]:
    """Return the numbers of one case: its constants and margins, and what it says of every theorem."""
    own = OWN.get(case)
    context = (runner or Runner()).context(case) if own is None else own.context()
    claims = {name: claim(case, theorem, context) for name, theorem in CLAIMS.items()}
    return {
        "constants": constants(context),
        "margins": margins(context),
        "claims": {name: item for name, item in claims.items() if item is not None},
    }


def stored() -> dict[str, Any]:
    """Return the recorded numbers."""
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def differences(
    now: Any, then: Any, scale: float = 1.0, path: str = "", relative: float = RELATIVE
) -> list[str]:
    """Return what differs, by path: numbers by more than a part `relative` and 1e-9 of the scale, others at all."""
    if isinstance(now, dict) and isinstance(then, dict):
        relative = float(now.get("relative", relative))
        scale = float(now.get("scale", scale))
        return [
            line
            for key in {**then, **now}
            for line in differences(
                now.get(key), then.get(key), CANCELS if key == SINGLE else scale, f"{path}/{key}", relative
            )
        ]
    if isinstance(now, list) and isinstance(then, list) and len(now) == len(then):
        pairs = enumerate(zip(now, then, strict=True))
        return [line for k, pair in pairs for line in differences(*pair, scale, f"{path}/{k}", relative)]
    if type(now) is type(then) is float and math.isclose(
        now, then, rel_tol=relative, abs_tol=ABSOLUTE * scale
    ):
        return []
    return [] if now == then else [f"{path}: {then} is now {now}"]


def main() -> int:
    """Renew the file, or print what differs from it; 1 if anything does."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--differ", action="store_true", help="print what differs, change nothing")
    runner, now = Runner(), {}
    only_differ = parser.parse_args().differ
    for k, case in enumerate(CASES):
        sys.stderr.write(f"{k + 1} of {len(CASES)}: {case}\n")
        now[case] = record(case, runner)
    now[SINGLE] = functions()
    if only_differ:
        lines = differences(now, stored())
        sys.stdout.write("".join(line + "\n" for line in lines))
        return 1 if lines else 0
    single = ",\n".join(f"  {json.dumps(name)}: {json.dumps(item)}" for name, item in now.pop(SINGLE).items())
    rows = ",\n".join(
        f' {json.dumps(case)}: {{"constants": {json.dumps(item["constants"])},\n'
        f'  "margins": {json.dumps(item["margins"])},\n  "claims": {{\n'
        + ",\n".join(f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in item["claims"].items())
        + "}}"
        for case, item in now.items()
    )
    write_atomic(FILE, f"{{\n{rows},\n {json.dumps(SINGLE)}: {{\n{single}\n }}\n}}\n".encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
