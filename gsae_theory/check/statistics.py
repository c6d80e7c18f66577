"""Statistically honest tests: a claim is rejected only if a confidence limit contradicts it.

Never compares a point estimate with a bound. Every sampled assertion books its level in a ledger that
is global for a run (`gsae_theory.check.ledger`) before it looks at the data. Side section 4
(docs/theory/side.md). Asymptotic predictions, node doubling and rounding are outside the budget.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gsae_theory.check.ledger import ALPHA as ALPHA
from gsae_theory.check.ledger import CAP as CAP
from gsae_theory.check.ledger import LEDGER as LEDGER
from gsae_theory.check.ledger import AlphaLedger as AlphaLedger
from gsae_theory.check.ledger import BudgetSpent as BudgetSpent
from gsae_theory.check.ledger import Decision as Decision
from gsae_theory.check.ledger import use_ledger as use_ledger
from gsae_theory.check.limits import bernstein_radius as bernstein_radius
from gsae_theory.check.limits import clopper_pearson_lower as clopper_pearson_lower
from gsae_theory.check.limits import clopper_pearson_upper as clopper_pearson_upper
from gsae_theory.check.limits import hoeffding_radius as hoeffding_radius
from gsae_theory.check.limits import sample_size as sample_size
from gsae_theory.check.limits import vector_of
from gsae_theory.check.limits import vector_radius as vector_radius
from gsae_theory.errors import InvalidInput, UnknownName

Array = NDArray[np.float64]

ROUNDING_FLOOR = 1e-6
"""Distance below which float64 no longer shows the recursion of a run (side section 4)."""


def _ledger(ledger: AlphaLedger | None) -> AlphaLedger:
    return LEDGER if ledger is None else ledger


def mean_at_most(
    values: ArrayLike,
    claim: float,
    width: float,
    *,
    assertion: str,
    alpha: float = ALPHA,
    method: str = "bernstein",
    ledger: AlphaLedger | None = None,
) -> Decision:
    """Test E X <= `claim` on independent values in an interval of length `width`.

    Parameters
    ----------
    values : array, shape (N,)
    claim, width : float
    assertion : str
        Name under which the ledger books it.
    alpha : float
    method : str
        ``bernstein`` or ``hoeffding``.
    ledger : AlphaLedger, optional
        The global one if left out.
    """
    if method not in ("bernstein", "hoeffding"):
        raise UnknownName("method", str(method), ("bernstein", "hoeffding"))
    x = vector_of(values, 2)
    _ledger(ledger).spend(assertion, alpha)
    radius = (
        bernstein_radius(x, width, alpha) if method == "bernstein" else hoeffding_radius(x.size, width, alpha)
    )
    mean = float(x.mean())
    return Decision(
        assertion, mean - radius > claim, mean, mean - radius, float(claim), alpha, x.size, method
    )


def probability_at_most(
    successes: int,
    samples: int,
    claim: float,
    *,
    assertion: str,
    alpha: float = ALPHA,
    ledger: AlphaLedger | None = None,
) -> Decision:
    """Test P <= `claim` on `successes` out of `samples` independent trials (Clopper-Pearson)."""
    _ledger(ledger).spend(assertion, alpha)
    lower = clopper_pearson_lower(successes, samples, alpha)
    estimate = successes / samples
    return Decision(
        assertion, lower > claim, estimate, lower, float(claim), alpha, samples, "clopper-pearson"
    )


def vector_mean_is(
    values: ArrayLike,
    claim: ArrayLike,
    variance: float,
    bound: float,
    *,
    assertion: str,
    alpha: float = ALPHA,
    ledger: AlphaLedger | None = None,
) -> Decision:
    """Test E X = `claim` for independent vectors with ||X - E X|| <= bound and E||X - E X||^2 <= variance.

    Parameters
    ----------
    values : array, shape (N, ...)
    claim : array of the shape of one value
    """
    x = np.asarray(values, dtype=float)
    if x.ndim < 2 or not np.all(np.isfinite(x)):
        raise InvalidInput("values", x.shape, "a finite array of shape (N, ...)")
    _ledger(ledger).spend(assertion, alpha)
    radius = vector_radius(x.shape[0], variance, bound, alpha)
    distance = float(np.linalg.norm(x.mean(axis=0) - np.asarray(claim, dtype=float)))
    return Decision(
        assertion, distance > radius, distance, distance, radius, alpha, x.shape[0], "hilbert-bernstein"
    )


def expectation_at_most(
    value: float,
    claim: float,
    *,
    assertion: str,
    alpha: float = ALPHA,
    ledger: AlphaLedger | None = None,
) -> Decision:
    """Test E X <= `claim` on one draw of X >= 0: X/claim is an e-value (Markov)."""
    if not (value >= 0 and math.isfinite(value)):
        raise InvalidInput("value", value, "a finite number >= 0", 0.0)
    if not (claim > 0 and math.isfinite(claim)):
        raise InvalidInput("claim", claim, "a finite number > 0")
    _ledger(ledger).spend(assertion, alpha)
    e = value / claim
    return Decision(assertion, e >= 1 / alpha, e, 1 / alpha, float(claim), alpha, 1, "e-markov")


@dataclass
class EProcess:
    """A wealth process: fair or losing under the claim, so it reaches 1/alpha with probability <= alpha.

    Valid at every stopping time and for dependent data (Ville). `reached` is the largest wealth seen.
    """

    log_wealth: Array
    steps: int = 0
    stopped: bool = False
    log_reached: float = 0.0

    def bet(self, factors: Array) -> None:
        """Multiply the wealth of every bettor; no effect once stopped."""
        if self.stopped:
            return
        if not np.all(factors >= 0):
            raise InvalidInput("factors", factors.min(), "numbers >= 0", 0.0)
        with np.errstate(divide="ignore"):
            self.log_wealth = self.log_wealth + np.log(factors)
        self.steps += 1
        self.log_reached = max(self.log_reached, self.log_mean)

    @property
    def log_mean(self) -> float:
        """Logarithm of the average wealth."""
        top = float(self.log_wealth.max())
        if not math.isfinite(top):
            return top
        return top + math.log(float(np.mean(np.exp(self.log_wealth - top))))

    def stop(self) -> None:
        """Freeze the wealth: every later factor is 1."""
        self.stopped = True

    def decision(
        self, assertion: str, claim: float, alpha: float = ALPHA, ledger: AlphaLedger | None = None
    ) -> Decision:
        """Reject if the wealth ever reached 1/alpha."""
        _ledger(ledger).spend(assertion, alpha)
        reached = math.exp(min(self.log_reached, 700.0))
        return Decision(
            assertion,
            self.log_reached >= -math.log(alpha),
            reached,
            1 / alpha,
            claim,
            alpha,
            self.steps,
            "e-process",
        )


BETS = np.array([0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95])
"""Fractions in [0, 1) over which the recursion e-process averages."""


def recursion_at_most(
    squares: Sequence[float] | Array,
    rate: float,
    offset: float = 0.0,
    *,
    assertion: str,
    exit_at: int | None = None,
    floor: float = ROUNDING_FLOOR,
    alpha: float = ALPHA,
    ledger: AlphaLedger | None = None,
) -> Decision:
    """Test E[D_{t+1}^2 | past] <= rate D_t^2 + offset along one run.

    X_t = D_{t+1}^2 / (rate D_t^2 + offset) >= 0 has conditional mean <= 1 under the claim; the wealth is
    the average over l in `BETS` of prod (1 + l (X_t - 1)). It is frozen from the first exit of any group
    on and from the first D_t < `floor` on (both are stopping times; below the floor rounding decides).

    Parameters
    ----------
    squares : array, shape (T + 1,)
        D_t^2, computed as ||W_g Q - s A_g||_F^2 (the difference of squared norms cancels).
    rate, offset : float
    assertion : str
    exit_at : int, optional
        First t at which some group is outside the ball.
    """
    x = vector_of(squares, 2)
    if np.any(x < 0) or rate < 0 or offset < 0:
        raise InvalidInput("(squares, rate, offset)", (float(x.min()), rate, offset), "numbers >= 0")
    process = EProcess(np.zeros(BETS.size))
    for t in range(x.size - 1):
        if (exit_at is not None and t >= exit_at) or x[t] < floor**2:
            process.stop()
            break
        claimed = rate * x[t] + offset
        ratio = x[t + 1] / claimed if claimed > 0 else (0.0 if x[t + 1] == 0 else math.inf)
        process.bet(1 + BETS * (ratio - 1) if math.isfinite(ratio) else np.where(BETS > 0, np.inf, 1.0))
    return process.decision(assertion, rate, alpha, ledger)


def betting_mean_at_most(
    values: Iterable[float],
    claim: float,
    *,
    assertion: str,
    alpha: float = ALPHA,
    ledger: AlphaLedger | None = None,
) -> Decision:
    """Test E[X_t | past] <= `claim` for X_t >= 0, sequentially and without a range.

    The bet l_t = clip((mhat - m)/(vhat + (mhat - m)^2), 0, 1/(2m)) uses the past only.
    """
    if not (claim > 0 and math.isfinite(claim)):
        raise InvalidInput("claim", claim, "a finite number > 0")
    process = EProcess(np.zeros(1))
    # one pseudo-observation at the claim, so that the first bet is 0 and the variance is never 0
    count, mean, spread = 1.0, claim, claim**2 / 4
    for value in values:
        if not value >= 0:
            raise InvalidInput("values", value, "numbers >= 0", 0.0)
        excess = mean - claim
        bet = min(max(excess / (spread / count + excess**2), 0.0), 0.5 / claim)
        process.bet(np.array([1 + bet * (value - claim)]))
        count += 1
        step = value - mean
        mean += step / count
        spread += step * (value - mean)
    return process.decision(assertion, claim, alpha, ledger)
