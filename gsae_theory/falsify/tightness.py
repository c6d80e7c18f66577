"""Tightness: a bound that is attained cannot be weakened unnoticed.

A row *attains* a bound if both sides agree to 1 %, counting the measurement's error against it. The
tightness claim of a theorem on a case is that its bound is attained on these rows. A weaker bound is true,
so no violation can refute it; it loses if on a row that attains the true bound it is off by more than 2 %
(the gap keeps a bound that is off by 1.001 % from deciding anything).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check.compare import ABSOLUTE_ROUNDING, CLEAR
from gsae_theory.check.context import Context
from gsae_theory.check.measurement import Measurement
from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.theorem import Theorem

ATTAINED = 0.01
LOST = 0.02

Array = NDArray[np.float64]


def bounds_on(claim: Theorem, environment: Environment, measurement: Measurement) -> Array:
    """Return the right-hand side of `claim` at every row of `measurement`."""
    value = environment.with_values(**measurement.covariates).evaluate(claim.bound)
    return np.broadcast_to(np.asarray(value, dtype=float), np.shape(np.atleast_1d(measurement.values)))


def ratios(claim: Theorem, measurement: Measurement, bound: Array, pessimistic: bool) -> Array:
    """Return, per row, by how much the bound exceeds what was measured, 0 if attained; inf where unclear.

    `pessimistic` counts the measurement's error against attainment, otherwise for it.
    """
    values = np.atleast_1d(np.asarray(measurement.values, dtype=float))
    error = np.broadcast_to(np.asarray(measurement.error, dtype=float), values.shape)
    sign = -1.0 if (claim.relation == "<=") == pessimistic else 1.0
    seen = values + sign * error
    large, small = (bound, seen) if claim.relation == "<=" else (seen, bound)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = (large - small) / np.abs(seen)
    clear = np.abs(values) > CLEAR * ABSOLUTE_ROUNDING * measurement.scale
    return np.where(clear & np.isfinite(gap), gap, np.inf)


def lost_row(true: Theorem, mutant: Theorem, context: Context) -> dict[str, Any] | None:
    """Return the row on which `mutant` misses a bound that `true` attains by most, None if there is none."""
    if true.relation == "==" or true.relation != mutant.relation:
        return None
    environment, measurement = context.env_for(true), context.measure(true)
    bound = bounds_on(true, environment, measurement)
    weaker = bounds_on(mutant, environment, measurement)
    attained = ratios(true, measurement, bound, pessimistic=True) <= ATTAINED
    gap = ratios(mutant, measurement, weaker, pessimistic=False)
    lost = attained & (gap > LOST) & np.isfinite(weaker)
    if not lost.any():
        return None
    row = int(np.argmax(np.where(lost & np.isfinite(gap), gap, -np.inf)))
    values = np.atleast_1d(measurement.values)

    def at(column: Any) -> Any:
        return np.broadcast_to(np.asarray(column), values.shape)[row].item()

    return {
        "where": {name: at(column) for name, column in measurement.labels.items()},
        "covariates": {name: at(column) for name, column in measurement.covariates.items()},
        "measured": float(values[row]),
        "relation": true.relation,
        "bound": float(weaker[row]),
        "attained_bound": float(bound[row]),
        "error": float(at(measurement.error)),
    }


def attained_rows(true: Theorem, context: Context) -> int:
    """Return on how many rows of a case the bound of `true` is attained to 1 %."""
    if true.relation == "==":
        return 0
    environment, measurement = context.env_for(true), context.measure(true)
    bound = bounds_on(true, environment, measurement)
    return int(np.count_nonzero(ratios(true, measurement, bound, pessimistic=True) <= ATTAINED))
