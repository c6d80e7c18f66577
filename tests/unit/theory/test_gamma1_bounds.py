"""What `gsae bounds` prints for one active group."""

from __future__ import annotations

import math

import pytest

from gsae_theory.errors import InvalidInput, MissingValue
from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.report_values import gamma1_bounds, lambda_window
from gsae_theory.theory.theorem import largest
from gsae_theory.theory.theorems.gamma1_hypotheses import H3, H3_PRIME, SUPPORT_WINDOW


def instance(high: float, threshold: float, **more: float) -> dict[str, float]:
    moments = {"m1": (1 + high) / 2, "m2": (1 + high + high**2) / 3}
    return {
        "n": 256,
        "d": 4,
        "B_min": 1.0,
        "B_max": high,
        "lam": threshold,
        "mu": 0.0,
        "delta": 0.1,
        **moments,
        **more,
    }


@pytest.mark.parametrize(
    ("high", "threshold", "radius", "t", "kappa", "step", "mu_0", "mu_1"),
    [
        (1.0, 0.2, 0.4524, 0.500, 0.7500, 0.1991, 0.181, 0.090),
        (
            1.0,
            0.45,
            0.3991,
            0.499,
            0.7511,
            0.2170,
            0.360,
            0.280,
        ),  # kappa ratio printed .7512, from a coarser radius
        (1.2, 0.2, 0.4567, 0.500, 0.7500, 0.1628, 0.152, 0.061),
        (1.2, 0.45, 0.4083, 0.500, 0.7500, 0.1766, 0.306, 0.225),
    ],
)
def test_largest_ball_and_coherence_of_the_table(high, threshold, radius, t, kappa, step, mu_0, mu_1):
    bounds = gamma1_bounds(instance(high, threshold))
    assert 0 <= bounds["delta_max"] - radius < 1e-4
    at = gamma1_bounds(instance(high, threshold, delta=bounds["delta_max"]))
    assert at["t"] == pytest.approx(t, abs=5.1e-4)
    assert at["kappa_delta"] / at["kappa_star"] == pytest.approx(kappa, abs=5.1e-5)
    assert at["eta_max"] / 4 == pytest.approx(step, abs=5.1e-5)
    assert gamma1_bounds(instance(high, threshold, delta=0.0))["mu_max"] == pytest.approx(mu_0, abs=6e-4)
    assert bounds["mu_max"] == pytest.approx(mu_1, abs=6e-4)


def test_yardstick_of_the_setting():
    """Independent Monte Carlo: s*, kappa*, contraction 0.8988 per step at eta = 0.5, distance to A 0.449."""
    bounds = gamma1_bounds(instance(1.2, 0.45))
    assert bounds["s_star"] == pytest.approx(1.224441, abs=5e-7)
    assert bounds["kappa_star"] == pytest.approx(0.202350, abs=5e-7)
    assert 1 - 0.5 * bounds["kappa_star"] == pytest.approx(0.8988, abs=5e-5)
    assert bounds["radius_generating"] == pytest.approx(0.449, abs=5e-4)
    assert [row["multiplicity"] for row in bounds["hessian"]] == [6, 1008, 9, 1]
    assert bounds["hessian"][1]["eigenvalue"] == bounds["kappa_star"]
    assert bounds["s_bracket"][0] <= bounds["s_star"] <= bounds["s_bracket"][1]


@pytest.mark.parametrize(("high", "threshold"), [(1.0, 0.44695), (1.2, 0.48826), (1.5, 0.54110)])
def test_up_to_which_threshold_H2_implies_the_other_hypotheses(high, threshold):
    def margin(lam: float) -> float:
        values = Environment(instance(high, lam))
        values = values.with_values(delta=math.sqrt(values["kap0sq"] / values["m2"]) / 2)
        return min(item.margin_on(values).value for item in (H3, H3_PRIME))

    assert largest(margin, 0.9, 0.1) == pytest.approx(threshold, abs=1e-5)


@pytest.mark.parametrize(("threshold", "radius"), [(0.6, 0.336), (0.8, 0.275), (1.0, 0.193)])
def test_largest_ball_where_H2_is_not_the_one_that_binds(threshold, radius):
    assert 0 <= gamma1_bounds(instance(1.0, threshold))["delta_max"] - radius < 1e-3  # printed rounded down


@pytest.mark.parametrize(
    ("mu", "delta", "high"), [(0.1, 0.05, 1.2), (0.3, 0.0, 1.0), (0.05, 0.2, 1.5), (0.0, 0.0, 1.0)]
)
def test_window_ends_are_where_the_support_condition_changes(mu, delta, high):
    values = Environment(instance(high, 0.45, mu=mu, delta=delta))
    low, top = lambda_window(values)

    def holds(threshold: float) -> bool:
        return SUPPORT_WINDOW.margin_on(values.with_values(lam=threshold)).holds

    assert holds(low + 1e-9)
    assert holds(top - 1e-9)
    assert low < 1e-12 or not holds(low - 1e-9)
    assert top == pytest.approx(2 * values["m1"]) or not holds(top + 1e-9)


def test_window_for_constant_radius_is_explicit():
    low, top = lambda_window(Environment(instance(1.0, 0.45, mu=0.3, delta=0.0)))
    assert low == pytest.approx(0.3 / math.sqrt(0.7), rel=1e-10)
    assert top == 2.0  # s - 1/s = lam < s: the active group is always heard


def test_window_is_empty_for_coherent_dictionaries():
    bounds = gamma1_bounds(instance(1.2, 0.45, mu=0.95))
    assert bounds["lambda_window"] is None
    assert bounds["delta_support"] is None
    assert bounds["delta_ball"] is None


def test_a_narrow_window_is_found():
    # Shrink the window to a width below the spacing of the scan by raising delta.
    values = instance(2.5, 0.8, mu=0.05)
    delta = largest(
        lambda x: 1.0 if lambda_window(Environment({**values, "delta": x})) else -1.0, 1.0, 0.0, steps=22
    )
    low, top = lambda_window(Environment({**values, "delta": delta - 1e-5}))
    assert 0 < top - low < 1e-3


def test_support_radius_is_where_the_window_closes():
    bounds = gamma1_bounds(instance(1.2, 0.45, mu=0.1))
    radius = bounds["delta_support"]
    values = Environment(instance(1.2, 0.45, mu=0.1))
    assert SUPPORT_WINDOW.margin_on(values.with_values(delta=radius - 1e-9)).holds
    assert not SUPPORT_WINDOW.margin_on(values.with_values(delta=radius + 1e-9)).holds
    assert bounds["delta_ball"] == min(radius, bounds["delta_max"])


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"lam": -0.1}, "lam"),
        ({"lam": 2.2}, "lam"),
        ({"lam": math.nan}, "lam"),
        ({"delta": -1.0}, "delta"),
        ({"B_min": 1.3}, "B_min"),
        ({"m1": 2.0}, "m1"),
        ({"m2": 1.0}, "m2"),
        ({"mu": 1.5}, "mu"),
        ({"d": 300}, "d"),
    ],
)
def test_bad_input_names_what_is_wrong(change, name):
    with pytest.raises(InvalidInput) as problem:
        gamma1_bounds({**instance(1.2, 0.45), **change})
    assert problem.value.name == name


def test_missing_value():
    values = instance(1.2, 0.45)
    del values["m1"]
    with pytest.raises(MissingValue):
        gamma1_bounds(values)


@pytest.mark.parametrize(("lam", "nearest"), [(0.0, 0.022), (-1.0, 0.022), (9.0, 2.178)])
def test_the_nearest_threshold_is_named(lam, nearest):
    """Catches another suggestion than 1 % and 99 % of 2 E R (E R = 1.1)."""
    with pytest.raises(InvalidInput, match=f"nearest valid choice: {nearest}$"):
        gamma1_bounds(instance(1.2, lam))
