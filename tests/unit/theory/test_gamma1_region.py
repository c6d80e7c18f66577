"""Extrema over rho of gamma1 Theorems 5 and 6."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from gsae_theory.theory.quantity import Environment, lambdified
from gsae_theory.theory.spectral_region import REGION_CONSTANTS, RegionConstant, region_values, rho


def instance(high: float, threshold: float) -> Environment:
    values = Environment(
        {
            "d": 4,
            "m1": (1 + high) / 2,
            "m2": (1 + high + high**2) / 3,
            "lam": threshold,
            "zeta": 0.1,
            "delta": 0.2,
        }
    )
    return values.with_values(eps=values["s"] - 1 + 0.02)


@pytest.mark.parametrize(
    ("high", "threshold", "eps", "zeta", "inverse_step", "ratio"),
    [
        (1.0, 0.2, 0.125, 0.520, 4.74, 0.740),
        (1.0, 0.45, 0.270, 0.264, 5.65, 0.432),
        (1.2, 0.2, 0.1147, 0.512, 5.68, 0.762),
        (1.2, 0.45, 0.2444, 0.410, 6.64, 0.485),
    ],
)
def test_printed_values_of_theorem_6(high, threshold, eps, zeta, inverse_step, ratio):
    values = instance(high, threshold)
    values = values.with_values(**region_values(values))
    assert values["eps"] == pytest.approx(eps, abs=6e-5)
    # zeta and the ratio are lower limits (rounded down), the inverse step an upper one (rounded up).
    assert 0 <= values["zeta_max_region"] - zeta < 1e-3
    assert 0 <= inverse_step - values["c_region"] < 1e-2
    assert 0 <= values["kappa_region"] / values["kappa_star"] - ratio < 1e-3


@pytest.mark.parametrize("name", REGION_CONSTANTS)
def test_extremum_is_not_beaten_by_random_points(name):
    values, constant = instance(1.2, 0.45), REGION_CONSTANTS[name]
    found = constant.numeric(values)
    low, high = (values.evaluate(end) for end in constant.interval)
    names, function = lambdified(constant.integrand)
    points = np.random.default_rng(0).uniform(low, high, 20_000)
    heights = function(*[points if item == "rho" else values[item] for item in names])
    beaten = (found - heights).max() if constant.kind == "min" else (heights - found).max()
    assert beaten <= 1e-12
    assert not constant.certified


def test_degenerate_interval():
    values = instance(1.2, 0.45).with_values(eps=0.0, delta=0.0)
    found = region_values(values)
    assert found["mm_min"] == pytest.approx(0, abs=1e-14)
    assert found["K1a_min"] == pytest.approx(16 * values["kap0sq"] / values["s"], rel=1e-12)


@pytest.mark.parametrize("at", [0.50012, 0.50038, 0.30001, 0.29999])
@pytest.mark.parametrize("kind", ["min", "max"])
def test_an_extremum_between_two_nodes_is_refined_on_both_sides(at, kind):
    """Catches a bracket that leaves out one neighbour of the best node: the grid alone is 1e-8 off here."""
    sign = 1 if kind == "min" else -1
    parabola = sign * (rho - sp.Float(at)) ** 2
    constant = RegionConstant(sp.Symbol("extremum"), parabola, (sp.Integer(0), sp.Integer(1)), kind, "")
    assert abs(constant.numeric({})) < 1e-12
