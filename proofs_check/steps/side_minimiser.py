"""side T1.4: the soft threshold has one best scale s_ST above s_G, for every U > 0 and d >= 2, and a bracket.

With tau = U/w the slope of f is (U/tau^3)(U^2 D - tau^2 N), N = 2 J_2 - tau J_1, D = 2 J_2 - 3 tau J_1 + tau^2 J_0:
one zero if tau^2 N/D increases. Integration by parts leaves one unknown, the ratio of J_0 to J_1; two
Gram determinants confine it, and a certificate in (w, T, d) does the rest.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.elementwise import U, entry_density, s_soft, slope_soft_expr, tau, w_scale
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.symbols import d
from proofs_check.core import Proof, Use, step
from proofs_check.methods.elementary import prove_nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero
from proofs_check.steps.side_entries import J, f, in_tails, tail_derivative

J0, J1, J2 = J
N, D = 2 * J2 - tau * J1, 2 * J2 - 3 * tau * J1 + tau**2 * J0
t, e, T, y = sp.symbols("t e T y", positive=True)  # d = 2 + e, T = tau^2
q = sp.Symbol("q", positive=True)  # 1 - T
C = T * e + 2


@step("S1.8b")
def by_parts(use: Use) -> Proof:
    """k J_{k-1} - (k+d-1) J_{k+1} = -tau^k (1-tau^2) f: everything in J_0, J_1; and the Gram determinants."""
    use("S1.2c")
    density = entry_density(t)
    for k in range(3):
        inner = (k * t ** (k - 1) if k else 0) - (k + d - 1) * t ** (k + 1)
        derivative = sp.diff(t**k * (1 - t**2) * density, t)
        prove_zero(sp.simplify((derivative - inner * density) / density), what=f"by parts, k = {k}")
    # (d-1) J_1 = (1-tau^2) f, d J_2 = J_0 + (d-1) tau J_1, (d+1) J_3 = 2 J_1 + (d-1) tau^2 J_1
    end = (d - 1) * J1  # (1 - tau^2) f(tau)
    second = (J0 + tau * end) / d
    third = (2 * J1 + tau**2 * end) / (d + 1)
    # weight (x - tau) >= 0 above tau, two independent copies: the 2 x 2 Gram determinant is nonnegative
    x, z = sp.symbols("x z", positive=True)
    J3 = sp.Symbol("J3")
    table = {0: J0, 1: J1, 2: J2, 3: J3}
    pair = sp.Poly(sp.expand((x - tau) * (z - tau) * (x - z) ** 2 / 2), x, z)
    gram = sum(c * table[i] * table[j] for (i, j), c in pair.terms())
    determinant = (J1 - tau * J0) * (J3 - tau * J2) - (J2 - tau * J1) ** 2
    prove_equal(gram, determinant, what="Gram determinant with weight x - tau")
    return Proof({"end": end, J2: second, "J3": third, "gram": determinant}, "identity")


@step("S1.8c")
def one_best_scale(use: Use) -> Proof:
    """tau^2 N/D increases on (0, 1) for every d >= 2, so f(., U) has one critical point above U."""
    facts = use("S1.8b").statement
    use("S1.6b")
    use("S1.8")
    slope = in_tails(slope_soft_expr, U / w_scale).subs(w_scale, U / tau)
    prove_equal(slope, U / tau**3 * (U**2 * D - tau**2 * N), what="slope in tau")
    E = 2 * N * D - tau * (J1 + tau**2 * f(tau)) * D + tau * N * (3 * J1 - 2 * tau * J0)
    prove_equal(tail_derivative(tau**2 * N / D), tau * E / D**2, what="derivative of tau^2 N/D")
    # J_1 = 1 (scale), tau J_0 = tau^2 + d (1 - tau^2) w: w >= 0 is the unknown
    w = sp.Symbol("w", positive=True)
    ratio = {J0: (tau**2 + d * (1 - tau**2) * w) / tau, J1: sp.Integer(1)}

    def reduced(expr: sp.Expr) -> sp.Expr:
        expr = expr.subs(sp.Symbol("J3"), facts["J3"]).subs(J2, facts[J2])
        expr = expr.subs(f(tau), facts["end"] / (1 - tau**2)).subs(ratio)
        return sp.cancel(sp.together(expr)).subs(tau, sp.sqrt(T)).subs(d, 2 + e)

    u = w / T
    goal = 8 * (1 - T) ** 2 * u**2 - (T**2 * e**2 + 2 * T**2 * e + 3 * T * e + 8 * T - 4) * u + C
    prove_equal(reduced(E), goal * T, what="E")
    gram = (1 - (2 + e) * w) * (2 - (3 + e) * w) - (3 + e) * w**2 / T
    prove_equal(reduced(facts["gram"]), gram * (1 - T) ** 2 / (3 + e), what="Gram determinant")
    plain = (3 + e) * w - 1 + (2 + e) * (1 - T) * w**2 / T
    prove_equal(reduced(J0 * J2 - J1**2), plain * (1 - T), what="J_0 J_2 - J_1^2")
    # (3 + e) w <= 1: the determinant at T = 1 factors, and (2 + e) w <= 1 as tau J_0 <= J_1
    at_one = (1 - (3 + e) * w) * (2 - (1 + e) * w)
    prove_equal(gram + (3 + e) * w**2 * (1 / T - 1), at_one, what="w <= 1/(d+1)")
    prove_equal(reduced(J1 - tau * J0), (1 - T) * (1 - (2 + e) * w), what="w <= 1/d")
    # (2 - y) E/T = C gram + u H with y = (d+1) w in (0, 1]
    H = (2 - y) * (8 * q**2 * y / ((3 + e) * T) + 4 * q - T * e) + C * y
    at = {y: (3 + e) * w, q: 1 - T}
    prove_equal((2 - y).subs(at) * goal, C * gram + u * H.subs(at), what="certificate")
    _certify_remainder(H)
    return Proof(s_soft, "certificate")


def _certify_remainder(H: sp.Expr) -> None:
    """Confirm H > 0: at once where T e <= 4 q, by the plain Gram determinant elsewhere."""
    below, gap = 1 - y, 4 * q - T * e
    bend = 8 * q**2 * y / ((3 + e) * T)
    prove_nonnegative(
        H, [(bend,), (bend, below), (sp.Integer(1), gap), (sp.Integer(1), gap, below), (C * y,)], [gap, below]
    )
    share = (2 + e) * q / ((3 + e) ** 2 * T)
    plain = y - 1 + share * y**2  # [J_0 J_2 >= J_1^2], y = (d+1) w
    weight = 2 * T * e + 2 - 4 * q  # = (T e + 2) + (T e - 4 q)
    over = T * e - 4 * q
    rest = 2 + 4 * q - weight * share * y**2
    prove_nonnegative(
        H - rest,
        [(bend,), (bend, below), (C, plain), (sp.Integer(1), over, plain)],
        [below, plain, over],
        what="H where T e >= 4 q",
    )
    # rest > 0: y <= 1, and T (e + 4) >= 4 with q = 1 - T
    worst = 2 + 4 * q - (2 * T * e + 2) * share
    square = 1 - y**2
    prove_nonnegative(
        rest - worst,
        [(4 * q * share * y**2,), ((2 * T * e + 2) * share, square)],
        [square],
        what="y = 1 is worst",
    )
    room = T * (e + 4) - 4
    numerator = sp.expand(worst * (3 + e) ** 2 * T)
    kept = T * (2 * (3 + e) ** 2 + q * (sp.Rational(3, 2) * e**2 + 17 * e + 32))
    prove_nonnegative(numerator, [(kept,), ((2 + e) * q / 2, room)], [room], what="remainder")


@step("S1.8d")
def bracket(use: Use) -> Proof:
    """The slope is positive at w = 1 + 2U(1 + sqrt d): D/N > (1 - kappa tau)^2, as J_1/J_2 <= sqrt d."""
    facts = use("S1.8b").statement
    use("S1.8")
    use("S1.6b")
    # d J_2 = J_0 + (d-1) tau J_1 >= J_0 and J_1^2 <= J_0 J_2 give (J_1/J_2)^2 <= J_0/J_2 <= d
    prove_zero(d * facts[J2] - J0 - (d - 1) * tau * J1, what="d J_2 >= J_0")
    g, root = sp.symbols("g root", positive=True)  # J_1/J_2, sqrt d
    prove_equal((N - D), tau * (2 * J1 - tau * J0), what="N - D <= 2 tau J_1")
    # tau = U/w at w = 1/(1 - kappa tau), kappa = 2(1 + sqrt d)
    kappa = 2 * (1 + root)
    upper = QUANTITIES["s_soft"].bracket[1].subs(sp.sqrt(d), root)
    prove_zero(
        sp.simplify((upper - 1 / (1 - kappa * tau)).subs(U, tau / (1 - kappa * tau))), what="upper end"
    )
    # 1 - 2 tau g/(2 - tau g) > (1 - kappa tau)^2 for g <= root and 0 < kappa tau <= 1
    short, room = root - g, 1 - kappa * tau
    # 2 - tau g >= 3/2 (tau root < 1/2) turns the claim into (3/2) kappa (2 - kappa tau) >= 2 g
    prove_nonnegative(
        (2 - tau * g) - sp.Rational(3, 2),
        [(sp.Rational(1, 2), room), (tau, short), (tau,)],
        [room, short],
        what="2 - tau g >= 3/2",
    )
    prove_nonnegative(
        sp.Rational(3, 2) * kappa * (2 - kappa * tau) - 2 * g,
        [(sp.Rational(3, 2) * kappa, room), (sp.Integer(2), short), (root + 3,)],
        [room, short],
        what="slope at the upper end",
    )
    return Proof(upper, "certificate")
