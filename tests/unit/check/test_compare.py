"""A row decides only by more than its own error: the rules that turn measurements into verdicts.

Catches: a point estimate compared with a bound, NaN that passes, an empty run that passes, a vacuous
bound that passes, a prediction that passes or refutes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from gsae_theory.check import Measurement, Status, compare
from gsae_theory.theory import Environment, Theorem, get_theorem
from gsae_theory.theory.symbols import delta, dist

EMPTY = Environment({"delta": 1.0})


def claim(conclusion: sp.Rel, **changes: object) -> Theorem:
    base = get_theorem("gamma1.ball")
    return replace(base, id="test.claim", hypotheses=(), conclusion=conclusion, **changes)


AT_MOST = claim(sp.Le(dist, delta, evaluate=False))
AT_LEAST = claim(sp.Ge(dist, delta, evaluate=False))
EQUAL = claim(sp.Eq(dist, delta, evaluate=False), tolerance=1e-6)


@pytest.mark.parametrize(
    ("theorem", "value", "error", "status"),
    [
        (AT_MOST, 0.9, 0.0, Status.HOLDS),
        (AT_MOST, 1.1, 0.0, Status.REFUTED),
        (AT_MOST, 1.1, 0.2, Status.UNDECIDED),
        (AT_MOST, 0.9, 0.2, Status.UNDECIDED),
        (AT_MOST, np.nan, 0.0, Status.UNDECIDED),
        (AT_MOST, 0.9, np.inf, Status.UNDECIDED),
        (AT_MOST, 1 + 1e-13, 0.0, Status.HOLDS),
        (AT_MOST, 1 + 1e-6, 0.0, Status.REFUTED),
        (AT_LEAST, 1.1, 0.0, Status.HOLDS),
        (AT_LEAST, 0.9, 0.0, Status.REFUTED),
        (AT_LEAST, 0.9, 0.2, Status.UNDECIDED),
        (EQUAL, 1 + 5e-7, 0.0, Status.HOLDS),
        (EQUAL, 1 + 5e-6, 0.0, Status.REFUTED),
        (EQUAL, 1 + 5e-6, 1e-5, Status.UNDECIDED),
    ],
)
def test_one_row(theorem: Theorem, value: float, error: float, status: Status) -> None:
    outcome = compare(theorem, EMPTY, Measurement(np.array([value]), error=error))
    assert outcome.status is status


def test_one_bad_row_among_many_is_the_witness() -> None:
    values = np.array([0.1, 1.5, 0.2])
    outcome = compare(AT_MOST, EMPTY, Measurement(values, labels={"group": np.arange(3)}))
    assert outcome.status is Status.REFUTED
    assert outcome.witness["where"] == {"group": 1}
    assert (outcome.measured, outcome.bound) == (1.5, 1.0)


def test_one_uncertain_row_prevents_a_pass() -> None:
    outcome = compare(AT_MOST, EMPTY, Measurement(np.array([0.1, 0.95]), error=np.array([0.0, 0.1])))
    assert outcome.status is Status.UNDECIDED
    assert outcome.measured == 0.95


def test_no_rows_an_unfinished_run_and_a_vacuous_bound_are_no_pass() -> None:
    assert compare(AT_MOST, EMPTY, Measurement(np.array([]))).status is Status.UNDECIDED
    assert compare(AT_MOST, EMPTY, Measurement(np.array([0.5]), complete=False)).status is Status.UNDECIDED
    vacuous = compare(AT_MOST, EMPTY, Measurement(np.array([0.5]), trivial=0.8))
    assert vacuous.status is Status.UNDECIDED
    assert "vacuous" in vacuous.reason


def test_an_unfinished_run_can_still_refute() -> None:
    assert compare(AT_MOST, EMPTY, Measurement(np.array([1.5]), complete=False)).status is Status.REFUTED


@pytest.mark.parametrize("value", [0.2, 5.0])
def test_a_prediction_neither_passes_nor_refutes(value: float) -> None:
    prediction = replace(EQUAL, asymptotic=True)
    outcome = compare(prediction, EMPTY, Measurement(np.array([value])))
    assert outcome.status is Status.NOT_CERTIFIED
    assert outcome.slack == pytest.approx(abs(value - 1.0))


def test_a_claim_on_floating_point_constants_is_not_certified() -> None:
    doubtful = replace(AT_MOST, parameters={"not_certified": ("eta_max_region",)})
    assert compare(doubtful, EMPTY, Measurement(np.array([0.5]))).status is Status.NOT_CERTIFIED
    assert compare(doubtful, EMPTY, Measurement(np.array([1.5]))).status is Status.REFUTED


def test_slack_is_read_at_the_tightest_row_above_rounding() -> None:
    outcome = compare(AT_MOST, EMPTY, Measurement(np.array([0.25, 0.8, 0.5])))
    assert outcome.slack == pytest.approx(1.25)
    # Covariates move the bound: the row whose ratio is closest decides, not the largest value.
    rows = Measurement(np.array([0.9, 0.09]), covariates={"delta": np.array([2.0, 0.1])})
    assert compare(AT_MOST, Environment({}), rows).slack == pytest.approx(0.1 / 0.09)


def test_among_tied_rows_the_largest_is_the_tightest() -> None:
    """Catches a row chosen by the last bit of a ratio: it would be another one on another machine."""
    shrinking = np.array([1.0, 1e-1, 1e-2, 1e-3])
    for bits in ([0, 1, 2, 3], [3, -2, 0, 1], [-1, 0, 3, -3]):
        values = 0.75 * shrinking * (1 + np.array(bits) * np.finfo(float).eps)
        rows = Measurement(values, covariates={"delta": shrinking})
        assert compare(AT_MOST, Environment({}), rows).witness["row"] == 0
    negative = Measurement(np.array([-0.5, -0.25]), covariates={"delta": np.array([1.0, 1.0])})
    assert compare(AT_MOST, Environment({}), negative).measured == -0.25
    clearly = Measurement(0.75 * shrinking * [1, 1, 1 + 1e-6, 1], covariates={"delta": shrinking})
    assert compare(AT_MOST, Environment({}), clearly).witness["row"] == 2


def test_the_witness_is_the_row_that_contradicts_most_beyond_error_and_rounding() -> None:
    """Catches a witness chosen by excess alone: by 2 of 1e9 is near rounding, by 1.5 of 1 is not; errors count."""
    covariates = {"delta": np.array([1e9, 1.0])}
    rows = Measurement(np.array([1e9 + 2, 2.5]), covariates)
    assert compare(AT_MOST, Environment({}), rows).witness["row"] == 1
    rows = Measurement(np.array([2.6, 2.5]), error=np.array([1.0, 0.1]))
    assert compare(AT_MOST, EMPTY, rows).witness["row"] == 1


def test_a_row_at_the_closed_end_of_the_tolerance_holds() -> None:
    """Catches < in place of <=: excess equal to what is allowed is no contradiction, and is support."""
    equal = claim(sp.Eq(dist, delta, evaluate=False), tolerance=0.25)
    zero = Environment({"delta": 0.0})
    assert compare(equal, zero, Measurement(np.array([0.25]), scale=0.0)).status is Status.HOLDS


def test_the_slack_of_a_lower_bound_is_measured_over_bound() -> None:
    """Catches a ratio turned around, or one given where it has no meaning."""
    assert compare(AT_LEAST, EMPTY, Measurement(np.array([4.0, 2.0]))).slack == 2.0
    assert compare(AT_LEAST, Environment({"delta": -1.0}), Measurement(np.array([0.5]))).slack is None
    assert compare(AT_MOST, EMPTY, Measurement(np.array([-0.5]))).slack is None


def test_an_undecided_row_says_why() -> None:
    """Catches the two reasons exchanged, and a witness that is another row."""
    rows = Measurement(np.array([0.1, np.nan, 0.95]), error=np.array([0.0, 0.0, 0.1]))
    outcome = compare(AT_MOST, EMPTY, rows)
    assert (outcome.witness["row"], "not a finite number" in outcome.reason) == (1, True)
    outcome = compare(AT_MOST, EMPTY, Measurement(np.array([0.1, 0.95]), error=np.array([0.0, 0.1])))
    assert "0.1 of the measurement covers the bound" in outcome.reason


def test_without_a_row_above_rounding_the_largest_difference_is_shown() -> None:
    """Catches a ratio of two rounding errors, which says nothing."""
    rows = Measurement(np.array([-1e-13, -3e-13]), scale=1.0)
    outcome = compare(AT_MOST, Environment({"delta": 0.0}), rows)
    assert outcome.witness["row"] == 0
    assert outcome.status is Status.HOLDS


def test_a_vacuous_bound_needs_every_row_to_be_vacuous() -> None:
    """Catches any for all, and < for <=: one row that says something is enough."""
    rows = Measurement(np.array([0.5, 0.5]), {"delta": np.array([0.7, 0.9])}, trivial=0.8)
    assert compare(AT_MOST, Environment({}), rows).status is Status.HOLDS
    at = Measurement(np.array([0.5]), trivial=1.0)
    assert compare(AT_MOST, EMPTY, at).status is Status.UNDECIDED
    assert compare(AT_LEAST, EMPTY, Measurement(np.array([1.5]), trivial=0.5)).status is Status.HOLDS


def test_the_tightest_row_is_taken_among_those_above_rounding() -> None:
    """Catches a ratio that is dropped as soon as one row is at rounding, and a row at rounding that wins."""
    bound = np.array([1e-14, 4.0, 100.0])
    rows = Measurement(np.array([1e-14, 2.0, 99.0]), {"delta": bound})
    outcome = compare(AT_MOST, Environment({}), rows)
    assert outcome.witness["row"] == 2
    rows = Measurement(np.array([1e-14, 3.9, 90.0]), {"delta": bound})
    assert compare(AT_MOST, Environment({}), rows).witness["row"] == 1


def test_an_equality_shows_its_largest_difference() -> None:
    """Catches the smallest one in its place."""
    outcome = compare(EQUAL, EMPTY, Measurement(1 + np.array([1e-8, 5e-7, 2e-7])))
    assert (outcome.status, outcome.witness["row"]) == (Status.HOLDS, 1)
    assert outcome.slack == pytest.approx(5e-7, rel=1e-6)


@pytest.mark.parametrize(("excess", "status"), [(0.9e-12, Status.HOLDS), (1.5e-12, Status.REFUTED)])
def test_rounding_is_a_part_of_the_scale_where_the_bound_is_zero(excess: float, status: Status) -> None:
    """Catches another allowance than 1e-12 of the measurement's scale."""
    zero = Environment({"delta": 0.0})
    assert compare(AT_MOST, zero, Measurement(np.array([2 * excess]), scale=2.0)).status is status


def test_rows_far_below_the_largest_do_not_decide_the_slack() -> None:
    """Catches a row taken for clear by its own rounding alone: what is 1e-6 of the largest row may be rounding of it."""
    rows = Measurement(np.array([0.4999, 1e5]), {"delta": np.array([0.5, 1e6])})
    outcome = compare(AT_MOST, Environment({}), rows)
    assert (outcome.witness["row"], outcome.slack) == (1, pytest.approx(10.0))
