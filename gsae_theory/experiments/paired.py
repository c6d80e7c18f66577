"""Paired comparisons over seeds with confidence intervals.

Procedure: every method sees the same instance and data at a seed, so the unit is the difference at a
seed. Its mean gets a two-sided Student interval at level 0.95 with K - 1 degrees of freedom, once for
itself and once simultaneous over a family of rows (Bonferroni). The number of seeds on which the
difference is positive needs no law: under no difference it is binomial.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from gsae_theory.errors import InvalidInput

LEVEL = 0.95
EQUAL = 1e-10
"""Differences below this are rounding and count as none: some networks are the same function."""


@dataclass(frozen=True)
class Interval:
    """A mean over seeds with its Student interval.

    Attributes
    ----------
    mean, low, high : float
    """

    mean: float
    low: float
    high: float


def mean_interval(values: ArrayLike, level: float = LEVEL) -> Interval:
    """Return the mean of one value per seed with its two-sided Student interval.

    Raises
    ------
    InvalidInput
        For fewer than two values, a value that is not finite, or a level outside (0, 1).
    """
    x = np.asarray(values, dtype=float).ravel()
    if x.size < 2:
        raise InvalidInput("seeds", x.size, "an integer >= 2, for an interval", 2)
    if not np.isfinite(x).all():
        raise InvalidInput("values", float(x[~np.isfinite(x)][0]), "finite numbers")
    if not 0 < level < 1:
        raise InvalidInput("level", level, "a number in (0, 1)", LEVEL)
    mean, spread = float(x.mean()), float(x.std(ddof=1) / np.sqrt(x.size))
    half = float(stats.t.ppf(0.5 + level / 2, x.size - 1)) * spread
    return Interval(mean, mean - half, mean + half)


@dataclass(frozen=True)
class Paired:
    """What a method loses against the reference, mean over seeds; positive: the reference is ahead.

    Attributes
    ----------
    task, cell, metric, method, reference : str
    difference, low, high : float
        Mean difference and its 95 % interval.
    low_all, high_all : float
        The interval that holds for every row of the family at once (Bonferroni).
    relative : float or None
        Difference over the method's own mean.
    wins, seeds : int
        Seeds with a positive difference, and all seeds.
    sign_p : float
        Probability of at least so many wins, ties counted against, if neither were ahead.
    """

    task: str
    cell: str
    metric: str
    method: str
    reference: str
    difference: float
    low: float
    high: float
    low_all: float
    high_all: float
    relative: float | None
    wins: int
    seeds: int
    sign_p: float

    @property
    def verdict(self) -> str:
        """``ahead``, ``behind``, ``equal`` (at every seed) or ``undecided``, by the 95 % interval of the row."""
        if self.low == self.high == 0:
            return "equal"
        return "ahead" if self.low > 0 else "behind" if self.high < 0 else "undecided"

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {**asdict(self), "verdict": self.verdict}


@dataclass(frozen=True)
class Comparison:
    """The values of a method and of the reference at the same seeds, as gains (larger is better)."""

    task: str
    cell: str
    metric: str
    method: str
    reference: str
    ours: Sequence[float]
    theirs: Sequence[float]
    larger_is_better: bool


def paired_rows(comparisons: Sequence[Comparison]) -> list[Paired]:
    """Return the paired rows of one family of comparisons."""
    simultaneous = 1 - (1 - LEVEL) / max(len(comparisons), 1)
    return [_row(item, simultaneous) for item in comparisons]


def _row(item: Comparison, simultaneous: float) -> Paired:
    ours, theirs = np.asarray(item.ours, dtype=float), np.asarray(item.theirs, dtype=float)
    if ours.shape != theirs.shape:
        raise InvalidInput("seeds of the method", theirs.size, f"those of the reference, {ours.size}")
    gain = (ours - theirs) if item.larger_is_better else (theirs - ours)
    gain = np.where(np.abs(gain) < EQUAL, 0.0, gain)
    alone, together = mean_interval(gain), mean_interval(gain, simultaneous)
    wins, base = int((gain > 0).sum()), float(theirs.mean())
    return Paired(
        item.task,
        item.cell,
        item.metric,
        item.method,
        item.reference,
        alone.mean,
        alone.low,
        alone.high,
        together.low,
        together.high,
        alone.mean / base if base != 0 else None,
        wins,
        int(gain.size),
        float(stats.binom.sf(wins - 1, gain.size, 0.5)),
    )
