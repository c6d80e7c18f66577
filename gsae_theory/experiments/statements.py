"""Outcomes of claims held against an experiment's own data.

A sampled comparison carries the half-width of a confidence limit at level `ALPHA` (booked in the
ledger); a claim falls only if a comparison contradicts it by more than that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

RELATIONS = ("==", ">=", "<=")


@dataclass(frozen=True)
class Check:
    """One comparison: `measured` relation `bound`, up to `error`.

    Attributes
    ----------
    measured, bound : float
    relation : str
        ``==``, ``>=`` or ``<=``.
    error : float
        Half-width of the confidence limit, or what rounding allows.
    where : str
    """

    measured: float
    bound: float
    relation: str
    error: float
    where: str = ""

    @property
    def excess(self) -> float:
        """By how much the comparison contradicts the claim; at most 0 if it does not."""
        gap = {
            "==": abs(self.measured - self.bound),
            ">=": self.bound - self.measured,
            "<=": self.measured - self.bound,
        }[self.relation]
        return gap - self.error

    @property
    def slack(self) -> float:
        """Difference for ``==``; otherwise the ratio of the two sides, at least 1 where the claim is not contradicted.

        A measured side enters at the end of its confidence limit: a point estimate is never compared with a bound.
        """
        if self.relation == "==":
            return abs(self.measured - self.bound)
        if self.relation == ">=":
            large, small = self.measured + self.error, self.bound
        else:
            large, small = self.bound, self.measured - self.error
        return large / small if small > 0 else math.inf


def statement(name: str, title: str, source: str, checks: Sequence[Check]) -> dict[str, Any]:
    """Return the outcome of a claim as plain data: the tightest comparison, and how many there were."""
    worst = max(checks, key=lambda c: c.excess)
    equal = worst.relation == "=="
    slack = max(c.slack for c in checks) if equal else min(c.slack for c in checks)
    return {
        "id": name,
        "title": title,
        "source": source,
        "relation": worst.relation,
        "slack": slack,
        "slack_is": "largest difference"
        if equal
        else "smallest ratio of the two sides, after the confidence limit",
        "measured": worst.measured,
        "bound": worst.bound,
        "error": worst.error,
        "where": worst.where,
        "comparisons": len(checks),
        "holds": all(c.excess <= 0 for c in checks),
    }
