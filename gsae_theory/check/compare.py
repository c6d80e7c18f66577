"""Claim against measurement: the bound is evaluated row by row and the rows decide the status."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check.measurement import Measurement
from gsae_theory.check.verdict import Status
from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.theorem import Theorem

# Rounding: a pathwise inequality is a float64 computation on both sides (side section 4, kind D).
RELATIVE_ROUNDING = 1e-9
ABSOLUTE_ROUNDING = 1e-12
# The slack is read where both sides are this much larger than rounding, also that of the largest row.
CLEAR = 1e3
# Rows whose ratios differ by less are tied: which one is largest is decided by rounding.
TIE = 1e-8


@dataclass(frozen=True)
class Comparison:
    """Outcome of all rows of one measurement against one theorem."""

    status: Status
    reason: str
    bound: float | None = None
    measured: float | None = None
    slack: float | None = None
    rows: int = 0
    witness: dict[str, Any] = field(default_factory=dict)


def compare(theorem: Theorem, environment: Environment, measurement: Measurement) -> Comparison:
    """Compare every row of `measurement` with the theorem's bound at that row.

    A row contradicts the claim only if it does so by more than its own error and the stated rounding
    tolerance (1e-9 relative + 1e-12 of the measurement's scale); it supports the claim only if the
    error cannot change that. Anything else, no rows, and values that are not numbers are undecided.
    """
    values = np.atleast_1d(np.asarray(measurement.values, dtype=float))
    if values.size == 0:
        return Comparison(Status.UNDECIDED, "nothing was compared: the run produced no rows")
    bound = np.broadcast_to(
        np.asarray(environment.with_values(**measurement.covariates).evaluate(theorem.bound), dtype=float),
        values.shape,
    )
    error = np.broadcast_to(np.asarray(measurement.error, dtype=float), values.shape)
    rounding = RELATIVE_ROUNDING * np.abs(bound) + ABSOLUTE_ROUNDING * measurement.scale
    excess, allowed = _excess(theorem, values, bound, rounding)
    with np.errstate(invalid="ignore"):
        violated = excess - error > allowed
        supported = excess + error <= allowed
    if theorem.asymptotic:
        row = _tightest(theorem, values, bound, rounding)
        status = Status.NOT_CERTIFIED if measurement.complete else Status.UNDECIDED
        reason = "a prediction without error bound: the difference is reported, never a pass or a refutation"
    elif violated.any():
        row = int(np.nanargmax(np.where(violated, excess - error - allowed, -np.inf)))
        status, reason = Status.REFUTED, "the measured value contradicts the bound"
    elif not supported.all():
        row = int(np.argmax(~supported))
        status = Status.UNDECIDED
        finite = np.isfinite(values[row]) and np.isfinite(bound[row])
        reason = (
            f"the error {error[row]:.3g} of the measurement covers the bound"
            if finite
            else "a value or the bound is not a finite number"
        )
    elif measurement.trivial is not None and theorem.relation == "<=" and bound.min() >= measurement.trivial:
        row = int(np.argmax(excess))
        status, reason = (
            Status.UNDECIDED,
            f"the bound is vacuous: {measurement.trivial:.6g} holds for any network",
        )
    else:
        row = _tightest(theorem, values, bound, rounding)
        status, reason = Status.HOLDS, "no row contradicts the bound"
        if not measurement.complete:
            status, reason = Status.UNDECIDED, "the run ended before the claim could be decided"
        elif theorem.parameters.get("not_certified"):
            status = Status.NOT_CERTIFIED
            named = ", ".join(map(str, theorem.parameters["not_certified"]))  # type: ignore[call-overload]
            reason = f"no row contradicts the bound, but {named} rest on floating point"
    if measurement.note:
        reason += f"; {measurement.note}"
    return Comparison(
        status,
        reason,
        float(bound[row]),
        float(values[row]),
        _slack(theorem, float(values[row]), float(bound[row])),
        values.size,
        _witness(theorem, measurement, values, bound, error, row),
    )


def _excess(
    theorem: Theorem, values: NDArray[np.float64], bound: NDArray[np.float64], rounding: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return by how much each row exceeds the claim, and how much is allowed."""
    if theorem.relation == "<=":
        return values - bound, rounding
    if theorem.relation == ">=":
        return bound - values, rounding
    return np.abs(values - bound), np.full_like(values, theorem.tolerance) + rounding


def _tightest(
    theorem: Theorem, values: NDArray[np.float64], bound: NDArray[np.float64], rounding: NDArray[np.float64]
) -> int:
    """Return the row that comes closest to the bound, among rows clearly above rounding."""
    if theorem.relation == "==":
        return int(np.argmax(np.abs(values - bound)))
    large, small = (bound, values) if theorem.relation == "<=" else (values, bound)
    clear = np.abs(large) > CLEAR * (rounding + RELATIVE_ROUNDING * np.abs(large).max())
    if not clear.any():
        return int(np.argmax(small - large))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(clear & (large > 0), small / large, -np.inf)
    if not np.isfinite(ratio).any():
        return int(np.argmax(small - large))
    # Rows of one ratio differ by rounding, which no two machines share: the largest has the most digits.
    tied = ratio >= ratio.max() - TIE * abs(ratio.max())
    return int(np.argmax(np.where(tied, np.abs(large), -np.inf)))


def _slack(theorem: Theorem, value: float, bound: float) -> float | None:
    """Return the slack as `Verdict` documents it, None where a ratio has no meaning."""
    if theorem.relation == "==":
        return abs(value - bound)
    large, small = (bound, value) if theorem.relation == "<=" else (value, bound)
    return large / small if small > 0 and np.isfinite(large) else None


def _witness(
    theorem: Theorem,
    measurement: Measurement,
    values: NDArray[np.float64],
    bound: NDArray[np.float64],
    error: NDArray[np.float64],
    row: int,
) -> dict[str, Any]:
    """Return plain data that locates a row: labels, covariates, both sides and the error."""

    def at(column: Any) -> Any:
        return np.broadcast_to(np.asarray(column), values.shape)[row].item()

    return {
        "where": {name: at(column) for name, column in measurement.labels.items()},
        "covariates": {name: at(column) for name, column in measurement.covariates.items()},
        "measured": float(values[row]),
        "relation": theorem.relation,
        "bound": float(bound[row]),
        "error": float(error[row]),
        "row": row,
    }
