"""Confidence limits with explicit constants, and the samples they need (side section 4)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from gsae_theory.check.ledger import ALPHA, inside
from gsae_theory.errors import InvalidInput
from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.stochastic import hilbert_radius

Array = NDArray[np.float64]


def hoeffding_radius(samples: int, width: float, alpha: float = ALPHA) -> float:
    """Return the one-sided half-width for the mean of `samples` values in an interval of length `width`."""
    _counts(samples, 1)
    _level(alpha)
    return _width(width) * math.sqrt(math.log(1 / alpha) / (2 * samples))


def bernstein_radius(values: ArrayLike, width: float, alpha: float = ALPHA) -> float:
    """Return Maurer and Pontil's one-sided empirical Bernstein half-width.

    Raises
    ------
    InvalidInput
        For fewer than two values or values that spread over more than `width`.
    """
    x = vector_of(values, 2)
    _level(alpha)
    if np.ptp(x) > _width(width) * (1 + 1e-12):
        raise InvalidInput("width", width, "at least the spread of the values", float(np.ptp(x)))
    level = math.log(2 / alpha)
    return math.sqrt(2 * float(np.var(x, ddof=1)) * level / x.size) + 7 * width * level / (3 * (x.size - 1))


def clopper_pearson_lower(successes: int, samples: int, alpha: float = ALPHA) -> float:
    """Return the exact one-sided lower limit of a probability."""
    _successes(successes, samples)
    _level(alpha)
    return 0.0 if successes == 0 else float(stats.beta.ppf(alpha, successes, samples - successes + 1))


def clopper_pearson_upper(successes: int, samples: int, alpha: float = ALPHA) -> float:
    """Return the exact one-sided upper limit of a probability."""
    _successes(successes, samples)
    _level(alpha)
    if successes == samples:
        return 1.0
    return float(stats.beta.isf(alpha, successes + 1, samples - successes))


def vector_radius(samples: int, variance: float, bound: float, alpha: float = ALPHA) -> float:
    """Return the radius of T3.1 for the mean of independent centred vectors.

    Parameters
    ----------
    samples : int
    variance : float
        Bound on E||X||^2.
    bound : float
        Bound on ||X||.
    alpha : float
        Probability that the norm of the mean exceeds the radius, at most.
    """
    _counts(samples, 1)
    _level(alpha)
    if not (variance >= 0 and bound >= 0 and math.isfinite(variance) and math.isfinite(bound)):
        raise InvalidInput("(variance, bound)", (variance, bound), "finite numbers >= 0")
    values = {"variance_v": variance, "range_b": bound, "log_level": math.log(2 / alpha), "batch": samples}
    return float(np.asarray(Environment(values)[hilbert_radius.name]))


def sample_size(
    claim: float,
    excess: float,
    variance: float,
    *,
    alpha: float = ALPHA,
    beta: float = 1e-3,
    width: float | None = None,
) -> int:
    """Return the samples that refute "mean <= claim" with probability 1 - beta if it is (1 + excess) claim.

    Parameters
    ----------
    claim, excess : float
        Both > 0.
    variance : float
        Of one value.
    alpha, beta : float
    width : float, optional
        Length of the range, if the empirical Bernstein limit is used: doubles the leading term and
        keeps the range term below half of the gap (side section 4).
    """
    if not (claim > 0 and excess > 0 and variance >= 0):
        raise InvalidInput("(claim, excess, variance)", (claim, excess, variance), "positive numbers")
    _level(alpha)
    _level(beta)
    gap = excess * claim
    leading = 2 * variance * (math.sqrt(math.log(1 / alpha)) + math.sqrt(math.log(1 / beta))) ** 2 / gap**2
    if width is None:
        return math.ceil(leading)
    return math.ceil(max(2 * leading, 1 + 14 * width * math.log(2 / alpha) / (3 * gap)))


def _level(alpha: float) -> None:
    inside("alpha", alpha, 0.0, 1.0, ALPHA)


def _counts(samples: int, least: int) -> None:
    if samples < least:
        raise InvalidInput("samples", samples, f"an integer >= {least}", least)


def _successes(successes: int, samples: int) -> None:
    _counts(samples, 1)
    if not 0 <= successes <= samples:
        raise InvalidInput(
            "successes", successes, f"an integer in [0, {samples}]", min(max(successes, 0), samples)
        )


def _width(width: float) -> float:
    if not (width > 0 and math.isfinite(width)):
        raise InvalidInput("width", width, "a finite number > 0", 1.0)
    return width


def vector_of(values: ArrayLike, least: int) -> Array:
    """Admit a vector of at least `least` finite numbers."""
    x = np.asarray(values, dtype=float)
    if x.ndim != 1 or x.size < least or not np.all(np.isfinite(x)):
        raise InvalidInput(
            "values", f"array of shape {x.shape}", f"a vector of at least {least} finite numbers"
        )
    return x
