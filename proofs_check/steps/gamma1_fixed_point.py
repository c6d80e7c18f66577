"""gamma1 Theorem 2: the scale of the limit (L9-L14)."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.quantity import get_quantity
from gsae_theory.theory.scalars import (
    F_of,
    F_star,
    a_ratio,
    h_of,
    rhobar,
    s_lower,
    s_lower_simple,
    s_plus,
    s_upper,
    s_upper_simple,
    v_ratio,
)
from gsae_theory.theory.symbols import R, expect_R, lam, m1, m2, s
from gsae_theory.theory.theorems.gamma1_fixed_point import SMALL_SPREAD
from proofs_check.core import Proof, Use, step
from proofs_check.methods.bernstein import nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero, unfold

x = sp.Symbol("x", positive=True)
a, v, plus = a_ratio, v_ratio, s_plus


def closed(symbol: sp.Symbol) -> sp.Expr:
    """Return the formula of a named quantity."""
    return get_quantity(symbol.name).expr


@step("L9")
def derivative_of_loss(use: Use) -> Proof:
    """F is half the mean square of the radial residual; F' = m2 h."""
    prove_equal(F_of(x), expect_R((R * (1 - x**2) + lam * x) ** 2) / 2, what="F")
    prove_equal(sp.diff(F_of(x), x), m2 * unfold(h_of(x)), what="F' = m2 h")
    return Proof({"F": F_of(x), "h": h_of(x), "stationary": sp.diff(F_of(x), x).subs(x, s)}, "identity")


@step("L10")
def start_and_convexity(use: Use) -> Proof:
    """h(1) < 0 for 0 < lam < 2 m1, and h'' > 0 on [1, inf) because a < 2."""
    h = use("L9").statement["h"]
    prove_equal(unfold(h.subs(x, 1)), lam / m2 * (lam - 2 * m1), what="h(1)")
    second = sp.diff(h, x, 2)
    prove_equal(second, 12 * (x - 1) + 6 * (2 - a), what="h''")
    region = [(m1, 0, sp.oo), (m2, m1**2, sp.oo), (lam, 0, 2 * m1)]
    nonnegative("a below 2", 2 - unfold(a), region)
    nonnegative("h(1) below 0", -unfold(h.subs(x, 1)), region)
    return Proof({"h(1)": h.subs(x, 1)}, "identity")


@step("L11")
def value_at_plus(use: Use) -> Proof:
    """h and h' at s_+, modulo s_+^2 = a s_+ + 1."""
    h = use("L9").statement["h"]
    root = plus**2 - a * plus - 1
    q = sp.Symbol("q", positive=True)
    formula = closed(plus).subs(sp.sqrt(1 + a**2 / 4), q)
    prove_zero(root.subs(plus, formula), modulo=[q**2 - 1 - a**2 / 4], what="s_+ is a root")
    prove_zero(h.subs(x, plus) - v * plus, modulo=[root], what="h(s_+)")
    prove_zero(sp.diff(h, x).subs(x, plus) - (a**2 + 4 + v), modulo=[root], what="h'(s_+)")
    return Proof({"h": v * plus, "slope": a**2 + 4 + v, "root": root}, "identity")


@step("L12")
def bracket(use: Use) -> Proof:
    """The zeros of the secant through (1, h(1)), (s_+, h(s_+)) and of the tangent at s_+."""
    h = use("L9").statement["h"]
    low, at = use("L10").statement["h(1)"], use("L11").statement
    use("Q:jensen"), use("Q:taylor")
    secant = low + (closed(s_lower) - 1) * (at["h"] - low) / (plus - 1)
    prove_zero(secant, what="s_lower is the zero of the secant")
    tangent = at["h"] + at["slope"] * (closed(s_upper) - plus)
    prove_zero(tangent, what="s_upper is the zero of the tangent")
    for end in (s_lower, s_upper):
        prove_equal(closed(end).subs(v, 0), plus, what="constant R")
    # s_upper <= s_+, where h >= 0: the zero lies in (1, s_+].
    nonnegative("s_upper below s_+", plus - closed(s_upper), [(a, 0, 2), (v, 0, sp.oo), (plus, 1, sp.oo)])
    return Proof({"lower": closed(s_lower), "upper": closed(s_upper), "top": plus, "h": h}, "identity")


@step("L13")
def simple_bracket(use: Use) -> Proof:
    """h(1 + a/2) <= 0 is the small-spread condition; sqrt(1 + z) <= 1 + z/2."""
    h = use("L9").statement["h"]
    top = use("L12").statement["top"]
    spread = 1 / (2 + a) - (m2 - m1**2) / m1**2
    value = h.subs(x, closed(s_lower_simple))
    prove_equal(value, -(a**2) / 2 + v * (1 + a / 2), what="h(1 + a/2)")
    prove_equal(unfold(-value), unfold(a**2 / 2 * (2 + a) * spread), what="its sign")
    prove_equal(spread, SMALL_SPREAD.margin, what="the hypothesis")
    q = sp.Symbol("q", positive=True)
    gap = closed(s_upper_simple) - closed(top).subs(sp.sqrt(1 + a**2 / 4), q)
    prove_zero(gap - (q - 1) ** 2 / 2, modulo=[q**2 - 1 - a**2 / 4], what="s_+ <= 1 + a/2 + a^2/8")
    statement = {
        "lower": closed(s_lower_simple),
        "upper": closed(s_upper_simple),
        "condition": spread,
    }
    return Proof(statement, "identity")


@step("L14")
def loss_at_limit(use: Use) -> Proof:
    """F at the zero of h, and rhobar >= 0."""
    loss, h = use("L9").statement["F"].subs(x, s), use("L9").statement["h"].subs(x, s)
    use("L12")
    prove_equal(loss, unfold(m2 / 2 * ((s**2 - a * s - 1) ** 2 + v * s**2)), what="F as two squares")
    square = (m2 / 2) * ((s**2 - a * s - 1) ** 2 + v * s**2)
    prove_zero(closed(F_star) - square, modulo=[h], what="F(s*)")
    # 1 - s^2 + a s = v s/(2s - a) at the zero, and lam - m1 a = lam Var(R)/m2.
    prove_zero((1 - s**2 + a * s) - v * s / (2 * s - a), modulo=[h], what="radial residual")
    prove_equal(unfold(rhobar), unfold(m1 * (1 - s**2 + a * s)) + s * lam * (m2 - m1**2) / m2, what="rhobar")
    nonnegative(
        "rhobar",
        unfold(m1 * v * s / (2 * s - a)) + s * lam * (m2 - m1**2) / m2,
        [(m1, 0, sp.oo), (m2, m1**2, sp.oo), (lam, 0, 2 * m1), (s, 1, sp.oo)],
    )
    return Proof({"loss": closed(F_star), "rhobar": closed(rhobar)}, "identity")
