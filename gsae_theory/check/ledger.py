"""The false-alarm budget: what a run spends on sampled assertions, and what one assertion decided.

A union bound over the ledger needs no independence: each assertion has its level conditionally on
everything before it (side section 4). A run whose ledger is at its cap ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from gsae_theory.errors import GsaeError, InvalidInput

ALPHA = 1e-9
"""Level of one sampled assertion."""
CAP = 1e-4
"""Probability that a run raises any false alarm, at most."""


class BudgetSpent(GsaeError, RuntimeError):
    """The false-alarm budget of the run is used up: no further sampled assertion may be made."""


def inside(name: str, value: float, low: float, high: float, nearest: float) -> None:
    """Raise InvalidInput unless low < value < high."""
    if not low < value < high:
        raise InvalidInput(name, value, f"a number in ({low:g}, {high:g})", nearest)


@dataclass
class AlphaLedger:
    """What a run spends on sampled assertions.

    Parameters
    ----------
    cap : float
        Total that may be spent by all workers together, in (0, 1).
    workers : int
        Number of processes that share the cap; each gets an equal part, so that the sum stays below
        the cap without communication.
    """

    cap: float = CAP
    workers: int = 1
    entries: list[tuple[str, float]] = field(default_factory=list)
    _spent: float = field(default=0.0, init=False, repr=False)

    def __post_init__(self) -> None:
        inside("cap", self.cap, 0.0, 1.0, CAP)
        if self.workers < 1:
            raise InvalidInput("workers", self.workers, "an integer >= 1", 1)
        self._spent = math.fsum(alpha for _, alpha in self.entries)

    @property
    def spent(self) -> float:
        """Alpha spent so far."""
        return self._spent

    @property
    def left(self) -> float:
        """Alpha that this worker may still spend."""
        return max(0.0, self.cap / self.workers - self.spent)

    def spend(self, assertion: str, alpha: float = ALPHA) -> None:
        """Book `alpha` for `assertion`, before it looks at any data.

        Raises
        ------
        BudgetSpent
            If the cap would be exceeded; nothing is booked then.
        """
        inside("alpha", alpha, 0.0, 1.0, ALPHA)
        limit = self.cap / self.workers
        if self._spent + alpha > limit * (1 + 1e-9):
            raise BudgetSpent(
                f"{assertion} needs alpha = {alpha:.3g}, but {self._spent:.3g} of {limit:.3g} is spent"
                f" on {len(self.entries)} sampled assertions: the run ends here"
            )
        self.entries.append((assertion, alpha))
        self._spent += alpha

    def __str__(self) -> str:
        share = f" (1/{self.workers} of {self.cap:.3g})" if self.workers > 1 else ""
        return (
            f"false-alarm budget: {self.spent:.3g} of {self.cap / self.workers:.3g}{share} spent"
            f" on {len(self.entries)} sampled assertions"
        )


LEDGER = AlphaLedger()
"""The ledger of this process; `use_ledger` replaces its cap and share."""


def use_ledger(cap: float = CAP, workers: int = 1) -> AlphaLedger:
    """Start the ledger of a run: empty it and set its cap. Returns the global ledger."""
    fresh = AlphaLedger(cap, workers)
    LEDGER.cap, LEDGER.workers = fresh.cap, fresh.workers
    LEDGER.entries.clear()
    LEDGER._spent = 0.0
    return LEDGER


@dataclass(frozen=True)
class Decision:
    """Outcome of one sampled assertion.

    Attributes
    ----------
    assertion : str
    rejected : bool
        The confidence limit (or the e-value) contradicts the claim.
    estimate : float
        What was seen: a mean, a frequency, a norm, the largest e-value.
    limit : float
        The confidence limit that was compared with `claim`; for e-values 1/alpha.
    claim : float
        Right-hand side of the statement under test.
    alpha : float
        Probability of rejecting a true statement, at most.
    samples : int
    method : str
    """

    assertion: str
    rejected: bool
    estimate: float
    limit: float
    claim: float
    alpha: float
    samples: int
    method: str

    @property
    def ratio(self) -> float:
        """Limit over claim for confidence limits, estimate over limit for e-values; > 1 is a rejection."""
        if self.method.startswith("e-"):
            return self.estimate / self.limit
        return self.limit / self.claim if self.claim > 0 else (math.inf if self.rejected else 0.0)
