"""False alarms at an inflated alpha, power at the stated sample size, and the ledger.

With alpha = 0.1 and 400 repetitions on true statements, the number of alarms must be compatible with
a probability <= alpha: its lower Clopper-Pearson limit at 1e-6 stays below alpha. Every procedure must
also raise an alarm on a false statement, so a procedure that never rejects fails here.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from gsae_theory.check import statistics
from gsae_theory.errors import InvalidInput
from gsae_theory.seeds import generator

LOUD = 0.1
REPEATS = 400


def honest(alarms: int, repeats: int = REPEATS, alpha: float = LOUD) -> bool:
    return statistics.clopper_pearson_lower(alarms, repeats, 1e-6) <= alpha


def fresh() -> statistics.AlphaLedger:
    return statistics.AlphaLedger(cap=0.999, workers=1)


def alarms(test, name: str, repeats: int = REPEATS, alpha: float = LOUD) -> int:
    rng = generator(0, "test_statistics", name)
    return sum(test(rng, statistics.AlphaLedger(cap=0.5), alpha).rejected for _ in range(repeats))


def bernoulli(method: str, p: float, claim: float, N: int = 200):
    def test(rng, ledger, alpha):
        x = (rng.random(N) < p).astype(float)
        return statistics.mean_at_most(
            x, claim, 1.0, assertion="b", alpha=alpha, method=method, ledger=ledger
        )

    return test


@pytest.mark.parametrize("method", ["bernstein", "hoeffding"])
def test_mean_limits_are_honest_and_have_power(method):
    assert honest(alarms(bernoulli(method, 0.3, 0.3), method))
    assert alarms(bernoulli(method, 0.6, 0.3), method + "-power") > 0.95 * REPEATS


def test_honest_can_fail():
    # a point estimate compared with the bound alarms half of the time: this is what must be caught
    def naive(rng, ledger, alpha):
        x = (rng.random(200) < 0.3).astype(float)
        return statistics.Decision("n", bool(x.mean() > 0.3), 0, 0, 0.3, alpha, 200, "naive")

    assert not honest(alarms(naive, "naive"))


def test_clopper_pearson_is_exact_and_honest():
    def test(rng, ledger, alpha):
        return statistics.probability_at_most(
            int(rng.binomial(50, 0.2)), 50, 0.2, assertion="cp", alpha=alpha, ledger=ledger
        )

    assert honest(alarms(test, "cp"))
    # zero of N at level alpha: upper limit 1 - alpha^(1/N), the closed form
    assert statistics.clopper_pearson_upper(0, 40, 0.05) == pytest.approx(1 - 0.05 ** (1 / 40))
    assert statistics.clopper_pearson_lower(40, 40, 0.05) == pytest.approx(0.05 ** (1 / 40))
    assert statistics.clopper_pearson_lower(0, 40, 0.05) == 0
    assert statistics.clopper_pearson_upper(40, 40, 0.05) == 1


def test_vector_radius_formula_and_honesty():
    level = math.log(2 / 1e-9)
    expected = math.sqrt(2 * 3.0 * level / 50) + 2.0 * level / 150
    assert statistics.vector_radius(50, 3.0, 2.0, 1e-9) == pytest.approx(expected)

    def mean_of(shift):
        def test(rng, ledger, alpha):
            x = rng.standard_normal((300, 6))
            x /= np.linalg.norm(x, axis=1, keepdims=True)
            x[:, 0] += shift
            return statistics.vector_mean_is(
                x, np.zeros(6), 1.0, 1.0, assertion="v", alpha=alpha, ledger=ledger
            )

        return test

    assert honest(alarms(mean_of(0.0), "vector"))
    assert alarms(mean_of(0.3), "vector-power") == REPEATS


def test_markov_is_honest_and_has_power():
    def draw(claim):
        def test(rng, ledger, alpha):
            # a two-point law that makes Markov an equality: mean 1, value 1/alpha with probability alpha
            value = (1 / alpha) * float(rng.random() < alpha)
            return statistics.expectation_at_most(value, claim, assertion="m", alpha=alpha, ledger=ledger)

        return test

    seen = alarms(draw(1.0), "markov", 2000)
    assert honest(seen, 2000)
    assert seen > 100  # attained: the threshold 1/alpha cannot be lower
    assert not honest(alarms(draw(0.5), "markov", 2000) + 200, 2000)


def contraction(true_rate: float, claimed: float, steps: int = 120):
    """One run of D_{t+1}^2 = true_rate X D_t^2 with E X = 1, tested against `claimed`."""

    def test(rng, ledger, alpha):
        factors = true_rate * rng.choice([0.5, 1.5], size=steps)
        squares = np.concatenate([[1.0], np.cumprod(factors)])
        return statistics.recursion_at_most(squares, claimed, assertion="r", alpha=alpha, ledger=ledger)

    return test


def test_recursion_process_is_honest_and_has_power():
    assert honest(alarms(contraction(0.9, 0.9), "recursion"))
    assert alarms(contraction(0.9, 0.6), "recursion-power", 100) > 90


def test_recursion_process_stops_at_the_rounding_floor():
    # true contraction until rounding noise of size 1e-8 takes over (side section 4)
    squares = np.maximum(0.5 ** np.arange(200), 1e-16 * (1 + np.arange(200) % 3 * 5.0))
    arguments = {"assertion": "floor", "ledger": fresh()}
    assert not statistics.recursion_at_most(squares, 0.5, **arguments).rejected
    without = statistics.recursion_at_most(squares, 0.5, floor=0.0, assertion="floor", ledger=fresh())
    assert without.rejected


def test_recursion_process_stops_at_exit():
    squares = np.concatenate([0.5 ** np.arange(10), 2.0 ** np.arange(60)])
    inside = statistics.recursion_at_most(squares, 0.5, exit_at=9, assertion="exit", ledger=fresh())
    assert not inside.rejected
    assert inside.samples == 9
    assert statistics.recursion_at_most(squares, 0.5, assertion="exit", ledger=fresh()).rejected


def test_recursion_process_rejects_growth_out_of_nothing():
    assert statistics.recursion_at_most([1.0, 0.5], 0.0, assertion="zero", ledger=fresh()).rejected
    assert not statistics.recursion_at_most([1.0, 0.0], 0.0, assertion="zero", ledger=fresh()).rejected


def sequence(mean: float, steps: int = 150):
    def test(rng, ledger, alpha):
        return statistics.betting_mean_at_most(
            rng.exponential(mean, steps), 1.0, assertion="bet", alpha=alpha, ledger=ledger
        )

    return test


def test_betting_mean_is_honest_and_has_power():
    assert honest(alarms(sequence(1.0), "bet"))
    assert alarms(sequence(1.6), "bet-power", 100) > 90


def test_betting_uses_the_past_only():
    # a bet that saw the current value would win on a fair two-point sequence at once
    rng = generator(0, "test_statistics", "past")
    x = rng.choice([0.0, 2.0], size=2000)
    assert statistics.betting_mean_at_most(x, 1.0, assertion="past", ledger=fresh()).estimate < 1e3


@pytest.mark.parametrize(("excess", "expected"), [(0.25, 1.7e3), (0.1, 1.0e4), (1.0, 103)])
def test_sample_size_reproduces_the_stated_figures(excess, expected):
    assert statistics.sample_size(1.0, excess, 1.0) == pytest.approx(expected, rel=0.04)


def test_power_at_the_stated_sample_size():
    # Bernoulli(0.5) against the claim 0.4, empirical Bernstein: beta = 0.05
    claim, p, alpha, beta = 0.4, 0.5, 1e-3, 0.05
    N = statistics.sample_size(claim, p / claim - 1, p * (1 - p), alpha=alpha, beta=beta, width=1.0)
    caught = alarms(bernoulli("bernstein", p, claim, N), "size", 300, alpha)
    assert statistics.clopper_pearson_upper(caught, 300, 1e-6) >= 1 - beta
    assert caught >= 0.95 * 300
    # and at a tenth of it the alarm is rare, so the figure is not idle
    assert alarms(bernoulli("bernstein", p, claim, N // 10), "size-small", 100, alpha) < 50


def test_bernstein_beats_hoeffding_on_small_variance():
    x = np.concatenate([np.full(4990, 0.5), np.full(10, 0.6)])
    assert statistics.bernstein_radius(x, 1.0) < statistics.hoeffding_radius(x.size, 1.0)
    level = math.log(2 / statistics.ALPHA)
    expected = math.sqrt(2 * np.var(x, ddof=1) * level / 5000) + 7 * level / (3 * 4999)
    assert statistics.bernstein_radius(x, 1.0) == pytest.approx(expected)


def test_ledger_counts_refuses_and_prints():
    ledger = statistics.AlphaLedger(cap=2.5e-9)
    for k in range(2):
        statistics.probability_at_most(0, 10, 0.5, assertion=f"claim-{k}", ledger=ledger)
    assert ledger.spent == pytest.approx(2e-9)
    with pytest.raises(statistics.BudgetSpent, match=r"claim-2 needs alpha = 1e-09.*the run ends"):
        statistics.probability_at_most(0, 10, 0.5, assertion="claim-2", ledger=ledger)
    assert [name for name, _ in ledger.entries] == ["claim-0", "claim-1"]
    assert "2e-09 of 2.5e-09 spent on 2 sampled assertions" in str(ledger)


def test_ledger_admits_exactly_the_stated_number():
    ledger = statistics.AlphaLedger(cap=1e-4)
    for _ in range(100_000):
        ledger.spend("one")
    with pytest.raises(statistics.BudgetSpent):
        ledger.spend("one too many")


def test_workers_share_the_cap():
    ledger = statistics.AlphaLedger(cap=4e-9, workers=2)
    ledger.spend("a")
    ledger.spend("b")
    with pytest.raises(statistics.BudgetSpent):
        ledger.spend("c")


def test_the_default_ledger_is_global(monkeypatch):
    before = (statistics.LEDGER.cap, statistics.LEDGER.workers, list(statistics.LEDGER.entries))
    try:
        assert statistics.use_ledger(1e-8) is statistics.LEDGER
        statistics.probability_at_most(1, 10, 0.5, assertion="global")
        assert statistics.LEDGER.entries == [("global", statistics.ALPHA)]
        assert statistics.LEDGER.left == pytest.approx(9e-9)
    finally:
        statistics.use_ledger(before[0], before[1])
        for name, alpha in before[2]:
            statistics.LEDGER.spend(name, alpha)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: statistics.hoeffding_radius(0, 1.0), "samples = 0"),
        (lambda: statistics.hoeffding_radius(5, -1.0), "width = -1"),
        (lambda: statistics.hoeffding_radius(5, 1.0, 0.0), "alpha = 0"),
        (lambda: statistics.bernstein_radius([0.0, 3.0], 1.0), "nearest valid choice: 3"),
        (lambda: statistics.bernstein_radius([0.0, math.nan], 1.0), "finite numbers"),
        (lambda: statistics.clopper_pearson_upper(7, 5), "nearest valid choice: 5"),
        (lambda: statistics.expectation_at_most(-1.0, 1.0, assertion="x", ledger=fresh()), "value = -1"),
        (lambda: statistics.expectation_at_most(1.0, 0.0, assertion="x", ledger=fresh()), "claim = 0"),
        (
            lambda: statistics.recursion_at_most([1.0, -1.0], 0.5, assertion="x", ledger=fresh()),
            "numbers >= 0",
        ),
        (lambda: statistics.betting_mean_at_most([-1.0], 1.0, assertion="x", ledger=fresh()), "values = -1"),
        (lambda: statistics.AlphaLedger(cap=2.0), "cap = 2"),
        (
            lambda: statistics.mean_at_most([0, 1.0], 0.5, 1.0, assertion="x", method="t", ledger=fresh()),
            "bernstein",
        ),
    ],
)
def test_bad_input_names_value_and_limits(call, message):
    with pytest.raises(InvalidInput, match=message):
        call()


@pytest.mark.parametrize(
    ("variance", "width", "expected"), [(1.0, 1.0, 20625), (1e-6, 1.0, 1001), (1e-6, 2.0, 2000), (1.0, None, 10313)]
)  # fmt: skip
def test_sample_size_with_a_range(variance, width, expected):
    """Catches a wrong constant in either term: 2 (sqrt log + sqrt log)^2 / gap^2 twice, or 14 b log(2/alpha) / (3 gap)."""
    assert statistics.sample_size(1.0, 0.1, variance, width=width) == expected


def test_a_spread_over_the_width_is_refused_beyond_rounding():
    """Catches a range check that rounding trips, or that lets a wrong range pass."""
    statistics.bernstein_radius([0.0, 1.0 + 5e-13], 1.0)
    with pytest.raises(InvalidInput, match="spread"):
        statistics.bernstein_radius([0.0, 1.0 + 5e-12], 1.0)


@pytest.mark.parametrize(
    "arguments", [(0.0, 0.1, 1.0), (1.0, 0.0, 1.0), (1.0, 0.1, -1.0), (-1.0, -1.0, -1.0)]
)
def test_sample_size_refuses_each_bad_argument(arguments):
    """Catches a check that lets one bad argument pass because the others are good."""
    with pytest.raises(InvalidInput, match="claim, excess, variance"):
        statistics.sample_size(*arguments)


def test_wealth_of_the_bet_on_a_mean():
    """Catches another start of the plug-in bet: by hand, bet 0 at first, then min(0.5, 1 / (2.25 / 2 + 1)) = 8/17.

    After the value 3 the mean is 2 and the sum of squares 1/4 + 2, from one pseudo-observation at the claim 1.
    """
    found = statistics.betting_mean_at_most(
        [3.0, 1.5], 1.0, assertion="two values", ledger=statistics.AlphaLedger(cap=0.5)
    )
    assert found.estimate == pytest.approx(1 + 8 / 17 * 0.5)


def test_one_sample_is_enough_for_a_limit_and_none_is_not():
    """Catches a least number of samples that is off by one."""
    assert statistics.hoeffding_radius(1, 1.0, 0.5) == pytest.approx(math.sqrt(math.log(2) / 2))
    assert statistics.clopper_pearson_upper(0, 1, 0.1) == pytest.approx(0.9)
    assert statistics.clopper_pearson_lower(1, 1, 0.1) == pytest.approx(0.1)
    assert statistics.vector_radius(1, 1.0, 1.0) > 0
    for limit in (lambda: statistics.hoeffding_radius(0, 1.0), lambda: statistics.vector_radius(0, 1.0, 1.0)):
        with pytest.raises(InvalidInput, match="samples"):
            limit()


def test_a_claim_equal_to_the_limit_is_not_rejected():
    """Catches >= in place of >: the limit itself is covered by the confidence statement."""
    lower = statistics.clopper_pearson_lower(7, 20, 0.01)
    made = statistics.probability_at_most(7, 20, lower, assertion="x", alpha=0.01, ledger=fresh())
    assert not made.rejected
    x = np.array([0.0, 1.0] * 50)
    for method in ("bernstein", "hoeffding"):
        found = statistics.mean_at_most(x, 0.1, 1.0, assertion="x", alpha=0.1, method=method, ledger=fresh())
        again = statistics.mean_at_most(
            x, found.limit, 1.0, assertion="x", alpha=0.1, method=method, ledger=fresh()
        )
        assert found.rejected
        assert not again.rejected


def test_an_e_value_that_reaches_its_limit_rejects():
    """Catches > in place of >= and a limit other than 1/alpha."""
    at = statistics.expectation_at_most(100.0, 1.0, assertion="x", alpha=0.01, ledger=fresh())
    below = statistics.expectation_at_most(99.9, 1.0, assertion="x", alpha=0.01, ledger=fresh())
    assert (at.rejected, below.rejected) == (True, False)


def test_values_that_spread_over_exactly_the_width_are_admitted():
    """Catches a width compared without its rounding allowance, or with too large a one."""
    x = np.array([0.1, 0.1 + 0.2, 0.3])
    assert statistics.bernstein_radius(x, 0.2, 0.1) > 0
    with pytest.raises(InvalidInput, match="spread of the values"):
        statistics.bernstein_radius(np.array([0.0, 1.0]), 1 - 1e-9, 0.1)


def test_two_values_are_the_least_and_a_lost_bet_is_admitted():
    """Catches a limit of three values, and a factor 0 taken for a negative one: the wealth is then 0."""
    assert not statistics.mean_at_most(
        [0.2, 0.4], 0.5, 1.0, assertion="x", alpha=0.1, ledger=fresh()
    ).rejected
    with pytest.raises(InvalidInput, match="at least 2"):
        statistics.mean_at_most([0.2], 0.5, 1.0, assertion="x", alpha=0.1, ledger=fresh())
    process = statistics.EProcess(np.zeros(2))
    process.bet(np.array([0.0, 3.0]))
    assert process.log_mean == pytest.approx(math.log(1.5))


def test_the_recursion_is_followed_down_to_its_floor():
    """Catches a floor compared with another power of the distance: D = 1e-4 is above 1e-6 and still counts."""
    squares = 1e-8 * 0.9 ** np.arange(60)
    common = {"assertion": "x", "alpha": 0.01}
    assert statistics.recursion_at_most(squares, 0.5, ledger=fresh(), **common).rejected
    assert statistics.recursion_at_most(squares, 0.5, floor=2e-4, ledger=fresh(), **common).samples == 0
