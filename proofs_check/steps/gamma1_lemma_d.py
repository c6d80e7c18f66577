"""gamma1 Lemma D: the sector of the gradient in C (L27-L33, lemma D)."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.scalars import (
    L_of,
    Phi,
    Psi,
    cross,
    g_of,
    h3_slack,
    kap0sq,
    kap_sq,
    rhobar,
    xi1,
    xi2,
)
from gsae_theory.theory.symbols import R, d, expect_R, lam, m1, m2, s
from proofs_check.core import Proof, Use, step
from proofs_check.methods.bernstein import nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero, unfold
from proofs_check.methods.sos import positive_on
from proofs_check.methods.words import Algebra, letter
from proofs_check.steps.gamma1_lemmas import H3B_REGION

e, rho, b = sp.symbols("e rho b", nonnegative=True)
c1, c2, g1, g2, m = sp.symbols("c1 c2 g1 g2 m", positive=True)
X1, X2 = sp.symbols("xi1 xi2", nonnegative=True)
NU = sp.Rational(3, 2) * s * e * lam * Psi(rho) / (s - e)
"""Bound nu on the skew part of N."""
RATIO = (s + e) * (2 * s + e) / ((s - e) * (2 * s - e))


@step("L27")
def oscillation(use: Use) -> Proof:
    """The increasing and the decreasing part of g between two eigenvalues c1 <= c2, and Popoviciu."""
    use("L26")
    first, second = g_of(c2, rho) - g_of(c1, rho), 2 * s * e * lam
    rise, fall = lam * (c2 - c1) * (c1 + c2 + s), lam * s * (c2 - c1) / (c1 * c2)
    prove_equal(first, xi1(rho) * rise - xi2(rho) * fall, what="g(c2) - g(c1)")
    ends = [(lam, 0, sp.oo), (s, 0, sp.oo), (e, 0, s), (c1, s - e, s + e), (c2, c1, s + e)]
    nonnegative("rise", second * 3 - rise, ends)
    nonnegative("fall", second / (s**2 - e**2) - fall, ends)
    # Var g <= (g2 - m)(m - g1) <= (g2 - g1)^2/4 for g in [g1, g2] with mean m.
    prove_equal((g2 - g1) ** 2 / 4 - (g2 - m) * (m - g1), (m - (g1 + g2) / 2) ** 2, what="Popoviciu")
    return Proof({"xi1": second * 3, "xi2": second / (s**2 - e**2)}, "certificate")


@step("L28")
def second_coefficient(use: Use) -> Proof:
    """rho^2 xi2 <= 3 Psi (s + eps) under (H3')."""
    slack = 3 * Psi(rho) * (s + e) - rho**2 * xi2(rho)
    nonnegative("L28", slack, [*H3B_REGION, (rho, s - e, s + e)])
    return Proof(slack, "certificate")


@step("L29")
def mean_gap(use: Use) -> Proof:
    """sqrt(E g^2) - E g from E g^2 <= (g1 + g2) m - g1 g2: the difference of squares is a square."""
    top = (g2 - g1) ** 2 / (4 * (g1 + g2))
    second = (g1 + g2) * m - g1 * g2
    prove_equal((top + m) ** 2 - second, (m - (g1 + g2) / 2 + top) ** 2, what="gap")
    # lam_min of (a b^T + b a^T)/2 is at least -(|a||b| - a.b)/2. For unit vectors a, b put f = a + b, h = a - b;
    # <a,x><b,x> = (<f,x>^2 - <h,x>^2)/4 >= -|h|^2 |x|^2/4 and |h|^2 = 2 - 2 a.b.
    left, right, p = sp.symbols("left right p", real=True)
    prove_equal((left + right) ** 2 / 4 - (left - right) ** 2 / 4, left * right, what="polarisation")
    one = letter("a", "d"), letter("b", "d")
    unit = Algebra(numbers=((one[0].T * one[0], 1), (one[1].T * one[1], 1), (one[0].T * one[1], p)))
    h = one[0] - one[1]
    prove_equal(unit.value(h.T * h) / 4, (1 - p) / 2, what="|h|^2/4")
    q, r = sp.symbols("q r", positive=True)  # q = |x|^2, r = |h|^2, p = <h,x>: r |x - (p/r) h|^2 >= 0
    prove_equal(q * r - p**2, r * (q - 2 * (p / r) * p + (p / r) ** 2 * r), what="Cauchy-Schwarz")
    return Proof(top, "certificate")


@step("L30")
def ratio_of_g(use: Use) -> Proof:
    """k g(c1) >= g(c2) coefficient by coefficient, and (k - 1)/(k + 1) <= 3e/(2s)."""
    ends = [(s, 0, sp.oo), (e, 0, s), (c1, s - e, s + e), (c2, s - e, s + e)]
    nonnegative("xi1", RATIO * c1 * (c1 + s) - c2 * (c2 + s), ends)
    nonnegative("xi2", RATIO * (1 + s / c1) - (1 + s / c2), ends)
    share = (RATIO - 1) / (RATIO + 1)
    prove_equal(share, 6 * s * e / (4 * s**2 + 2 * e**2), what="(k-1)/(k+1)")
    nonnegative("share", 3 * e / (2 * s) - share, ends[:2])
    # (g2 - g1)/(g1 + g2) increases with g2/g1.
    k = sp.Symbol("k", positive=True)
    nonnegative("increasing", sp.diff((k - 1) / (k + 1), k), [(k, 1, sp.oo)])
    return Proof({"ratio": RATIO, "share": 3 * e / (2 * s)}, "certificate")


@step("L31")
def lower_side(use: Use) -> Proof:
    """Skew part at most nu, lower eigenvalue of the rank-two part at least -nu 3e/(4s), and (H3)."""
    parts = use("L27").statement
    use("L28"), use("L29")
    share = use("L30").statement["share"]
    psi = sp.Symbol("psi", nonnegative=True)
    # rho^2 Dg/4 <= nu for both bounds on Dg, in psi = Psi(rho); rho^2 xi2 <= 3 psi (s+e) [L28].
    half = [(psi, 0, sp.oo), (lam, 0, sp.oo), (s, 0, sp.oo), (e, 0, s), (rho, s - e, s + e)]
    nu = sp.Rational(3, 2) * s * e * lam * psi / (s - e)
    nonnegative("skew/xi1", nu - rho**2 * parts["xi1"] * psi / rho**3 / 4, half)
    prove_equal(parts["xi2"] * 3 * psi * (s + e) / 4, nu, what="skew/xi2")
    # rho^2 (g2-g1)^2/(8(g1+g2)) <= (rho^2 Dg/8) share <= nu share/2.
    shift = share / 2
    prove_equal(shift, 3 * e / (4 * s), what="share of nu")
    # kap(e)^2 <= (s-e)^2 Phi, Phi >= Psi^2, Psi(rho) >= Psi(s-e).
    prove_equal(Phi(rho) - Psi(rho) ** 2, m2 - m1**2, what="Phi - Psi^2 = Var R")
    prove_equal(2 * (2 * s - e) - b * (s - e), (4 - b) * s + (b - 2) * e, what="coefficient")
    prove_equal(Psi(s - e) * (s - e), m1 * (s - e) - lam, what="Psi(s - e)")
    pull = (m1 * (s - e) - lam) * (s - e) * ((4 - b) * s + (b - 2) * e)
    cost = sp.Rational(3, 2) * lam * e * (s + sp.Rational(3, 4) * e)
    slack = pull - cost
    prove_equal(2 * slack.subs(b, sp.Rational(7, 2)), h3_slack(e), what="(H3)")
    region = [(m1, 0, sp.oo), (s, 0, sp.oo), (e, 0, s), (lam, 0, m1 * (s - e)), (b, 2, sp.Rational(7, 2))]
    nonnegative("smaller b", slack - slack.subs(b, sp.Rational(7, 2)), region)
    whole = Psi(s - e) * (s - e) * ((4 - b) * s + (b - 2) * e) - nu.subs(psi, 1) * (1 + shift)
    prove_equal(whole * (s - e), slack, what="reduction to (H3)")
    return Proof({"nu": NU, "shift": shift, "b": (sp.Integer(2), sp.Rational(7, 2))}, "certificate")


@step("L32")
def upper_side(use: Use) -> Proof:
    """2 Phi (s+e)(2s+e) + ||g(C)b|| ||b|| <= (s+e)(2s+e) U(rho), U increasing, equality at rho = s + e."""
    stationary = use("L9").statement["stationary"]
    use("L14"), use("L26")
    # ||g(C) b|| <= lam (2s+e)[xi1 (s+e) rho + xi2] and ||b|| = rho <= s + e.
    top = lam * (2 * s + e) * (X1 * (s + e) * rho + X2) * rho
    outer = (s + e) * (2 * s + e)
    ends = [(lam, 0, sp.oo), (s, 0, sp.oo), (e, 0, s), (rho, s - e, s + e), (X1, 0, sp.oo), (X2, 0, sp.oo)]
    nonnegative("norm", outer * lam * (X1 * rho**2 + X2) - top, ends)
    c = sp.Symbol("c", positive=True)
    nonnegative("C(C+s)", outer - c * (c + s), [(s, 0, sp.oo), (e, 0, s), (c, 0, s + e)])
    prove_equal(g_of(c, rho) * c, lam * (c + s) * (xi1(rho) * c**2 + xi2(rho)), what="g(c) c")
    U = expect_R((2 * R - lam / rho) * (R - lam / (rho + s))) - lam * rhobar / (s * rho * (rho + s))
    prove_zero(2 * Phi(rho) + lam * (xi1(rho) * rho**2 + xi2(rho)) - unfold(U), modulo=[stationary], what="U")
    prove_zero(outer * unfold(U).subs(rho, s + e) - d * L_of(e), modulo=[stationary], what="U at s + e")
    residual = sp.Symbol("residual", nonnegative=True)
    slope = sp.diff(U.xreplace({rhobar: residual}), rho)
    region = [(m1, 0, sp.oo), (s, 0, sp.oo), (e, 0, s), (lam, 0, m1 * (s - e)), (rho, s - e, s + e)]
    nonnegative("U increases", slope, [*region, (residual, 0, sp.oo)])
    return Proof({"upper": d * L_of(e)}, "certificate")


@step("L33")
def room_above(use: Use) -> Proof:
    """nu <= 2 X eps <= ... <= b (kap0^2 - kap(eps)^2): (S2) and m2 eps <= X."""
    use("L1")
    y, r = sp.symbols("y r", nonnegative=True)
    s2 = (1 - y * r) - sp.Rational(3, 4) * y * (1 - y * r / (2 - r))
    nonnegative("S2", s2, [(r, sp.Rational(1, 2), 1), (y, 0, sp.Rational(3, 2) * r / (1 + r))])
    # The same by sums of squares, on the box that contains the region: y <= 1.5 r/(1+r) <= 3/4.
    ends = [(r - sp.Rational(1, 2)) * (1 - r), y * (sp.Rational(3, 4) - y)]
    positive_on("S2, squares", sp.expand(sp.cancel(s2 * (2 - r))), (r, y), ends, 2)
    # r = (s-e)/s, y = lam/(m1 (s-e)): then H3' is y <= 1.5 r/(1+r), and nu/e <= m1^2 s (3/4) y (...) * 2.
    change = {lam: y * m1 * s * r, e: s * (1 - r)}
    at_top = (NU / e).subs(rho, s + e).xreplace(change)
    bound = 2 * m1 * (m1 * s - lam).xreplace(change)
    prove_equal(bound - at_top, 2 * m1**2 * s * s2, what="nu <= 2 m1 (m1 s - lam) e")
    region = [(m1, 0, sp.oo), (m2, m1**2, sp.oo), *H3B_REGION[1:]]
    nonnegative("nu increases", sp.diff(NU, rho), [*H3B_REGION, (rho, s - e, s + e)])
    nonnegative("X", cross() - m1 * (m1 * s - lam), region)
    # (m2 e)^2 = m2 (m2 e^2) <= m2 kap0^2/4 <= m2 s X/4 <= X^2.
    prove_equal(s * cross() - unfold(kap0sq), lam * (m1 * s - lam), what="kap0^2 <= s X")
    nonnegative("lam below m1 s", lam * (m1 * s - lam), region)
    nonnegative("m2 s <= 4 X", 4 * cross() - m2 * s, region)
    prove_equal(kap_sq(0) - kap_sq(e), 2 * cross() * e - m2 * e**2, what="kap0^2 - kap(e)^2")
    return Proof({"room": 2 * (kap_sq(0) - kap_sq(e))}, "certificate")


@step("gamma1-lemma-D")
def lemma_d(use: Use) -> Proof:
    """||dc - N|| <= max(dc - lam_min S, lam_max S - dc) + nu <= dc - b kap(eps)^2 for 2dc >= dL + b kap0^2."""
    use("L15"), use("L25"), use("L33"), use("L19")
    lower, upper = use("L31").statement, use("L32").statement["upper"]
    dc, nu, k0, ke, L = sp.symbols("dc nu k0 ke L", nonnegative=True)
    # First branch: dc - (b ke + nu) + nu; second: dL - dc + nu <= dc - b ke as nu <= b (k0 - ke).
    slack = (dc - b * ke) - (L - dc + nu)
    prove_equal(slack, (2 * dc - L - b * k0) + (b * (k0 - ke) - nu), what="second branch")
    low, high = lower["b"]
    nonnegative(
        "b at least 2", b * (k0 - ke) - 2 * (k0 - ke), [(ke, 0, sp.oo), (k0, ke, sp.oo), (b, low, high)]
    )
    statement = {"L": upper, "b": lower["b"], "sector": b * kap_sq(e), "c": (upper + b * kap0sq) / 2}
    return Proof({**statement, "radius": e, "symbol_b": b}, "certificate")
