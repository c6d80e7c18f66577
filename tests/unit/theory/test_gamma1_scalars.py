"""Fixed point, Hessian and ball constants with one active group, against independent computations."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import sympy as sp

from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.scalars import (
    F_of,
    L_of,
    Phi,
    a_ratio,
    cross,
    h_of,
    kap_sq,
    v_ratio,
    xi1,
    xi2,
)
from gsae_theory.theory.symbols import R, expect_R, lam, m1, m2, s


def instance(high: float, threshold: float, d: int = 4, n: int = 64, **more: float) -> Environment:
    """R ~ U[1, high] (constant for high = 1)."""
    return Environment(
        {
            "n": n,
            "d": d,
            "B_min": 1.0,
            "B_max": high,
            "m1": (1 + high) / 2,
            "m2": (1 + high + high**2) / 3,
            "lam": threshold,
            "mu": 0.0,
            "delta": 0.1,
            **more,
        }
    )


def root_by_polynomial(first: float, second: float, threshold: float) -> float:
    """Largest root of F' itself, written out as a cubic, at 50 digits."""
    with mpmath.workdps(50):
        m1_, m2_, t = mpmath.mpf(first), mpmath.mpf(second), mpmath.mpf(threshold)
        roots = mpmath.polyroots(
            [2 * m2_, -3 * t * m1_, t**2 - 2 * m2_, t * m1_], maxsteps=500, extraprec=200
        )
        return float(max(mpmath.re(root) for root in roots if abs(mpmath.im(root)) < 1e-20))


@pytest.mark.parametrize("high", [1.0, 1.0001, 1.2, 1.5, 4.0])
@pytest.mark.parametrize("share", [0.001, 0.1, 0.4, 0.9, 0.99])
def test_scale_solves_the_cubic_to_rounding(high, share):
    values = instance(high, share * (1 + high))  # up to 2 m1
    found = values["s"]
    # h has condition numbers of order (2s-a)(s^2): 1e-14 is a few ulps of its terms.
    assert abs(values.evaluate(h_of(s))) < 1e-14
    assert found == pytest.approx(
        root_by_polynomial(values["m1"], values["m2"], values["lam"]), abs=4e-15 * found
    )
    assert values["s_lower"] * (1 - 1e-13) <= found <= values["s_upper"] * (1 + 1e-13)
    assert values["s_lower_simple"] <= found or values.evaluate((m2 - m1**2) / m1**2 - 1 / (2 + a_ratio)) > 0
    assert found <= values["s_upper_simple"] * (1 + 1e-15)


def test_bracket_collapses_for_constant_radius_and_only_then():
    constant, spread = instance(1.0, 0.45), instance(1.5, 0.45)
    assert constant["s_lower"] == pytest.approx(constant["s_upper"], abs=1e-15)
    assert constant["s"] == pytest.approx(1.25, abs=1e-15)  # s^2 - 0.45 s - 1 = 0
    assert spread["s_lower"] < spread["s"] - 1e-6 < spread["s_upper"] - 1e-6


def test_bracket_survives_a_variance_that_rounds_below_zero():
    values = Environment({"m1": 0.3, "m2": 0.09 * (1 - 2e-16), "lam": 0.1})
    assert values["s"] == pytest.approx(1 / 6 + math.sqrt(1 + 1 / 36), rel=1e-14)


def test_given_scale_overrides_the_root_everywhere():
    values = instance(1.2, 0.45, s=1.3)
    assert values["s"] == 1.3
    assert values["kap0sq"] == pytest.approx(values["m2"] * 1.69 - 2 * 0.45 * 1.1 * 1.3 + 0.45**2, rel=1e-14)
    assert values["radius_generating"] == pytest.approx(0.6, rel=1e-14)


def test_scale_increases_with_the_threshold():
    scales = [instance(1.2, t)["s"] for t in np.linspace(0.01, 2.19, 60)]
    assert (np.diff(scales) > 0).all()


def test_L_increases_with_the_radius():
    values = instance(1.2, 0.45)
    heights = [values.evaluate(L_of(e)) for e in (0.0, 0.1, 0.2, 0.4)]
    assert heights[0] == pytest.approx(values["L_star"], rel=1e-14)
    assert (np.diff(heights) > 0).all()


# Rows: upper end of R, lam, then the columns of the table.
TABLE = [
    (1.0, 0.2, "1.1050 0.8190 4.0400 0.4116 0.663 0.9878 0.2656 0.785 0.9695 0.3174 0.748 0.8901 0.2248"),
    (1.0, 0.45, "1.2500 0.6400 4.2025 0.4130 0.736 0.9844 0.2826 0.822 0.9609 0.3269 0.799 0.8594 0.2362"),
    (1.2, 0.2, "1.0947 1.0124 4.8930 0.3387 0.657 0.9880 0.2176 0.782 0.9700 0.2606 0.744 0.8921 0.1843"),
    (1.2, 0.45, "1.2244 0.8094 5.0538 0.3411 0.724 0.9850 0.2311 0.816 0.9625 0.2688 0.791 0.8651 0.1935"),
]


def columns(values: Environment) -> list[float]:
    d, slow = values["d"], values["kappa_star"]
    near, far = values.with_values(delta=0.1), values.with_values(delta=0.3)
    regular, large = near["eta_max"], near["eta_max_large"]
    return [
        values["s"],
        d * slow,
        d * values["L_star"],
        values["eta_opt"] / d,
        values["factor_opt"],
        near["kappa_delta"] / slow,
        regular / d,
        1 - regular * near["kappa_delta"],
        near["kappa_delta_large"] / slow,
        large / d,
        1 - large * near["kappa_delta_large"],
        far["kappa_delta"] / slow,
        far["eta_max"] / d,
    ]


@pytest.mark.parametrize("d", [1, 2, 4])
@pytest.mark.parametrize(("high", "threshold", "row"), TABLE)
def test_table_of_section_4(high, threshold, row, d):
    printed = row.split()
    for position, (found, text) in enumerate(
        zip(columns(instance(high, threshold, d=d)), printed, strict=True)
    ):
        digits = len(text.split(".")[1])
        # Radii and steps are upper limits and rounded down or to nearest: half a unit, or one unit below.
        unit = 10.0**-digits
        assert -0.51 * unit <= found - float(text) < unit, (position, found, text)


def test_constant_radius_closed_forms():
    values = instance(1.0, 0.7, d=3)
    root = values["s"]
    assert root - 1 / root == pytest.approx(0.7, abs=1e-14)
    assert values["kap0sq"] == pytest.approx(1 / root**2, rel=1e-13)
    assert values["om"] == pytest.approx(root**2 + 2 - 3 / root**2, rel=1e-13)
    assert 3 * values["L_star"] == pytest.approx((root + 1 / root) ** 2, rel=1e-13)
    assert values["L_star"] / values["kappa_star"] == pytest.approx((root**2 + 1) ** 2, rel=1e-12)
    assert values["F_star"] == pytest.approx(0, abs=1e-15)


def test_best_step_beats_its_neighbours_and_matches_the_closed_form():
    values = instance(1.2, 0.45, d=2)
    best, k, om = values["eta_opt"], values["kap0sq"], values["om"]
    assert best == pytest.approx(2 * 2 / (5 * k + om), rel=1e-13)
    assert values["factor_opt"] == pytest.approx((3 * k + om) / (5 * k + om), rel=1e-13)

    def factor(step: float) -> float:
        return max(abs(1 - step * values[name]) for name in ("hess_out", "hess_traceless", "hess_trace"))

    assert factor(best) == pytest.approx(values["factor_opt"], rel=1e-13)
    assert min(factor(0.99 * best), factor(1.01 * best)) > factor(best)


@pytest.mark.parametrize("d", [1, 2, 4])
def test_square_blocks_have_no_out_of_subspace_direction(d):
    values = instance(1.2, 0.45, d=d, n=d)
    slow = values["hess_trace"] if d == 1 else values["hess_traceless"]
    assert values["mult_out"] == 0
    assert values["kappa_slow"] == slow
    assert values["eta_opt"] == pytest.approx(2 / (slow + values["L_star"]), rel=1e-14)
    assert values["kappa_slow"] > 3.9 * values["kappa_star"]


def test_multiplicities_fill_the_space():
    values = instance(1.2, 0.45, d=3, n=10)
    names = ("mult_rotation", "mult_out", "mult_traceless", "mult_trace")
    assert sum(values[name] for name in names) == 30


# --- Identities that the proof uses ---


def zero_modulo_fixed_point(expr: sp.Expr) -> bool:
    """Whether a rational expression in s vanishes where F'(s) = 0."""
    equation = sp.Poly(sp.numer(sp.together(sp.diff(F_of(s), s))), s)
    return sp.rem(sp.Poly(sp.numer(sp.together(expr)), s), equation).is_zero


def test_F_prime_is_m2_times_h():
    in_primitives = h_of(s).subs({a_ratio: lam * m1 / m2, v_ratio: lam**2 * (m2 - m1**2) / m2**2})
    assert sp.simplify(sp.diff(F_of(s), s) - m2 * in_primitives) == 0


def test_second_derivative_is_the_trace_eigenvalue():
    om_expr = lam * (m1 * (5 * s - 1 / s) - 4 * lam)
    assert zero_modulo_fixed_point(sp.diff(F_of(s), s, 2) - (4 * kap_sq(0) + om_expr))


def test_N_at_the_limit_is_kap0_and_omega():
    # L16: N = 2 Phi C(C+s) + b a^T at C = sI is 4 kap0^2 I + om theta theta^T; the rank-one part is s g(s).
    g = lam * (xi1(s) * 2 * s**2 + 2 * xi2(s))
    om_expr = lam * (m1 * (5 * s - 1 / s) - 4 * lam)
    assert sp.simplify(2 * Phi(s) * 2 * s**2 - 4 * kap_sq(0)) == 0
    assert sp.simplify(s**2 * g - om_expr) == 0


def test_kap_is_the_second_moment_and_obeys_cauchy_schwarz():
    e = sp.Symbol("e", real=True)
    assert sp.expand(kap_sq(e) - expect_R(((s - e) * R - lam) ** 2)) == 0
    assert sp.expand(kap_sq(e) - (kap_sq(0) - 2 * cross() * e + m2 * e**2)) == 0
    assert sp.expand(m2 * kap_sq(0) - cross() ** 2 - lam**2 * (m2 - m1**2)) == 0


def test_loss_at_the_limit_is_F():
    values = instance(1.5, 0.6)
    assert values["F_star"] == pytest.approx(values.evaluate(F_of(s)), abs=1e-14)
    assert values["F_star"] > 1e-3
