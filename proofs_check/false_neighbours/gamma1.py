"""False neighbours of the steps with one active group.

Each states a wrong claim close to a true one, or hands a damaged certificate to the checker that accepts the
sound one.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.scalars import (
    L_of,
    Phi,
    Psi,
    cross,
    h3_slack,
    h_of,
    kap0sq,
    kap_sq,
    om,
    xi2,
)
from gsae_theory.theory.symbols import d, lam, m1, m2, s
from proofs_check.certificates import stored
from proofs_check.false_neighbours import false_neighbour
from proofs_check.methods.bernstein import LEAF, nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero, unfold
from proofs_check.steps.gamma1_lemmas import H3B_REGION
from proofs_check.steps.gamma1_sectors import monotone_sector, sector, t, x, xi

e, rho, c, r, y = sp.symbols("e rho c r y", nonnegative=True)
R = sp.Rational
HALF = R(1, 2)
BALL = [(m1, 0, sp.oo), (s, 1, sp.oo), (e, 0, s), (lam, 0, m1 * (s - e)), (rho, s - e, s + e)]


# --- Polynomials of the assembly ---------------------------------------------------------------------------


@false_neighbour("L37.too-far", "L37", "(P_7/2) with gam = 1 on t <= 0.55", point=True)
def _() -> None:
    nonnegative("P", sector(R(7, 2), sp.Integer(1)), [(xi, 0, 1), (t, 0, R(11, 20))], corner=(xi, t))


@false_neighbour("L37.gam-3/4", "L37", "(P_7/2) with gam = 3/4 (for 1) on t <= 1/2", point=True)
def _() -> None:
    nonnegative("P", sector(R(7, 2), R(3, 4)), [(xi, 0, 1), (t, 0, HALF)], corner=(xi, t))


@false_neighbour("L37.gam", "L37", "(P_2) with gam = 3/2 (for 5/2) on t <= 1/2", point=True)
def _() -> None:
    nonnegative("P", sector(sp.Integer(2), R(3, 2)), [(xi, 0, 1), (t, 0, HALF)], corner=(xi, t))


@false_neighbour("L46.too-far", "L46", "(P_5) on t <= 0.65", point=True)
def _() -> None:
    nonnegative("P", monotone_sector(), [(xi, 0, 1), (t, 0, R(13, 20))], corner=(xi, t))


@false_neighbour("L46.5", "L46", "(P_5) with 3 (1-x)^2 xi^2 for 4", point=True)
def _() -> None:
    X = xi * t
    weaker = monotone_sector() - (1 - X) ** 2 * xi**2
    nonnegative("P", weaker, [(xi, 0, 1), (t, 0, R(59, 100))], corner=(xi, t))


@false_neighbour("L37.no-charts", "L37", "(P_7/2) from a single box, without charts at the corner")
def _() -> None:
    nonnegative("P", sector(R(7, 2), sp.Integer(1)), [(xi, 0, 1), (t, 0, HALF)], trees={})


@false_neighbour("L37.cut-short", "L37", "(P_7/2) from a certificate that lost its last cut")
def _() -> None:
    trees = {name: tree[:-1] for name, tree in stored("L37").items()}
    nonnegative(
        "P_regular", sector(R(7, 2), sp.Integer(1)), [(xi, 0, 1), (t, 0, HALF)], corner=(xi, t), trees=trees
    )


@false_neighbour("L37.wrong-axis", "L37", "(P_7/2) from a certificate that cuts the other variable")
def _() -> None:
    trees = {name: [cut if cut == LEAF else 1 - cut for cut in tree] for name, tree in stored("L37").items()}
    nonnegative(
        "P_regular", sector(R(7, 2), sp.Integer(1)), [(xi, 0, 1), (t, 0, HALF)], corner=(xi, t), trees=trees
    )


@false_neighbour("L37.trailing", "L37", "(P_7/2) from a certificate with a box too many")
def _() -> None:
    trees = {name: [*tree, LEAF] for name, tree in stored("L37").items()}
    nonnegative(
        "P_regular", sector(R(7, 2), sp.Integer(1)), [(xi, 0, 1), (t, 0, HALF)], corner=(xi, t), trees=trees
    )


@false_neighbour("L35.c-2", "L35", "c(2 - 3x) >= (2 + x^2 + t^2)(1 - x) for c >= 2 up to t = 1", point=True)
def _() -> None:
    slack = c * (2 - 3 * x) - (2 + x**2 + t**2) * (1 - x)
    nonnegative("L35", slack, [(c, 2, sp.oo), (t, 0, 1), (x, 0, t)])


@false_neighbour(
    "L36.7t", "L36", "d L(delta)/kap0^2 >= 4 + 7t + 2t^2: (6 m2 s - 3 lam m1)^2 >= 49 m2 kap0^2", point=True
)
def _() -> None:
    difference = (6 * m2 * s - 3 * lam * m1) ** 2 - 49 * m2 * unfold(kap0sq)
    nonnegative("L36", difference, [(m1, 0, sp.oo), (m2, m1**2, sp.oo), (s, 0, sp.oo), (lam, 0, m1 * s)])


@false_neighbour("L45.3x", "L45", "N^2 - N x y >= (1-x)(1 - x) y^2", point=True)
def _() -> None:
    N = sp.Symbol("N", nonnegative=True)
    slack = N**2 - N * x * y - (1 - x) * (1 - x) * y**2
    nonnegative("L45", slack, [(x, 0, R(2, 3)), (y, 0, sp.oo), (N, (1 - x) * y, sp.oo)])


# --- kap, om and the scalars ---------------------------------------------------------------------------------


@false_neighbour("L1.sign", "L1", "kap(e)^2 = kap0^2 + 2 X e + m2 e^2", point=True)
def _() -> None:
    prove_equal(kap_sq(e), kap_sq(0) + 2 * cross() * e + m2 * e**2)


@false_neighbour("L1.cross", "L1", "X = m2 s + lam m1", point=True)
def _() -> None:
    prove_equal(kap_sq(e), kap_sq(0) - 2 * (m2 * s + lam * m1) * e + m2 * e**2)


@false_neighbour("L1.swapped", "L1", "X^2 >= m2 kap0^2 (inequality turned round)", point=True)
def _() -> None:
    region = [(m1, 0, sp.oo), (m2, m1**2, sp.oo), (s, 0, sp.oo), (lam, 0, sp.oo)]
    nonnegative("L1", cross() ** 2 - m2 * kap_sq(0), region)


@false_neighbour("L9.h", "L9", "h(s) = (2s - a)(s^2 - a s - 1) - v s")
def _() -> None:
    from gsae_theory.theory.scalars import F_of, v_ratio

    prove_equal(sp.diff(F_of(s), s), m2 * unfold(h_of(s) - 2 * v_ratio * s))


@false_neighbour("L10.range", "L10", "h(1) < 0 up to lam = 3 m1", point=True)
def _() -> None:
    nonnegative("h(1)", -unfold(h_of(sp.Integer(1))), [(m1, 0, sp.oo), (m2, m1**2, sp.oo), (lam, 0, 3 * m1)])


@false_neighbour("L12.tangent", "L12", "s_+ <= the zero of the tangent at s_+", point=True)
def _() -> None:
    a, v, plus = sp.symbols("a v plus", nonnegative=True)
    nonnegative("L12", -v * plus / (a**2 + 4 + v), [(a, 0, 2), (v, 0, sp.oo), (plus, 1, sp.oo)])


@false_neighbour("L13.slope", "L13", "sqrt(1 + z) <= 1 + z/3", point=True)
def _() -> None:
    z = sp.Symbol("z", nonnegative=True)
    nonnegative("L13", (1 + z / 3) ** 2 - (1 + z), [(z, 0, 1)])


@false_neighbour("L16.om-6", "L16", "om = lam(m1(6s - 1/s) - 4 lam) (5 -> 6) at C = sI", point=True)
def _() -> None:
    from gsae_theory.theory.scalars import g_of

    prove_equal(g_of(s, s) * s**2, unfold(om) + lam * m1 * s)


@false_neighbour("L17.om-6", "L17", "4 kap0^2 + om = F''(s) with 6 for 5 in om")
def _() -> None:
    from gsae_theory.theory.scalars import F_of

    z = sp.Symbol("z", positive=True)
    second, first = (sp.diff(F_of(z), z, k).subs(z, s) for k in (2, 1))
    prove_zero(unfold(4 * kap0sq + om) + lam * m1 * s - second, modulo=[first])


@false_neighbour("L18.range", "L18", "om >= 0 for lam <= (5/4) m1 s", point=True)
def _() -> None:
    nonnegative("om", unfold(om), [(m1, 0, sp.oo), (s, 1, sp.oo), (lam, 0, R(5, 4) * m1 * s)])


@false_neighbour("L15.fourth", "L15", "E(theta^T E theta)^2 = (||E||^2 + (tr E)^2)/(d(d+2))", point=True)
def _() -> None:
    from proofs_check.steps.gamma1_hessian import sphere_moment

    p1, p2 = sp.symbols("p1 p2", nonnegative=True)
    value = p2 * sphere_moment([2]) + (p1**2 - p2) * sphere_moment([1, 1])
    prove_equal(value, (p2 + p1**2) / (d * (d + 2)))


# --- Lemmas A to D ---------------------------------------------------------------------------------------------


@false_neighbour("L19.no-H3b", "L19", "the slack of (H3) is concave without (H3')", point=True)
def _() -> None:
    nonnegative(
        "concave", -sp.diff(h3_slack(e), e, 2), [(m1, 0, sp.oo), (s, 0, sp.oo), (e, 0, s), (lam, 0, m1 * s)]
    )


@false_neighbour("L20.decreasing", "L20", "Phi decreases", point=True)
def _() -> None:
    nonnegative("Phi", -sp.diff(Phi(rho), rho), BALL)


@false_neighbour("L22.end", "L22", "Phi + w <= m2 - lam m1/(s - eps): the wrong end of the range", point=True)
def _() -> None:
    slack = m2 - lam * m1 / (s - e) - (Phi(rho) + lam * Psi(rho) / rho)
    nonnegative("L22", slack, [BALL[0], (m2, m1**2, sp.oo), *BALL[1:]])


@false_neighbour("L22.swap", "L22", "(px - qy)^2 >= (qx - py)^2 with the sides exchanged", point=True)
def _() -> None:
    p, q, X, Y = sp.symbols("p q X Y", nonnegative=True)
    difference = (q * X - p * Y) ** 2 * (p * X + q * Y) - (p * X - q * Y) ** 2 * (p * Y + q * X)
    nonnegative("swap", difference, [(q, 0, sp.oo), (p, q, sp.oo), (Y, 0, sp.oo), (X, Y, sp.oo)])


@false_neighbour("L23.sign", "L23", "residual with + (lam s/(rho(rho+s))) q1 theta", point=True)
def _() -> None:
    alpha, radial = sp.Symbol("R") - lam / rho, sp.Symbol("R") * (1 - s**2) + lam * s
    right = radial - alpha * (c + s) * (c - s) + lam * s / (rho * (rho + s)) * (rho**2 - s**2)
    prove_equal(sp.Symbol("R") - c**2 * alpha, right)


@false_neighbour("L26.s-below-1", "L26", "xi2 >= 0 for s >= 1/3", point=True)
def _() -> None:
    nonnegative("xi2", xi2(rho), [BALL[0], (s, R(1, 3), sp.oo), *BALL[2:]])


@false_neighbour("L28.2Psi", "L28", "rho^2 xi2 <= 2 Psi (s + eps)", point=True)
def _() -> None:
    nonnegative("L28", 2 * Psi(rho) * (s + e) - rho**2 * xi2(rho), [*H3B_REGION, (rho, s - e, s + e)])


@false_neighbour("L30.share", "L30", "(k-1)/(k+1) <= e/s", point=True)
def _() -> None:
    k = (s + e) * (2 * s + e) / ((s - e) * (2 * s - e))
    nonnegative("L30", e / s - (k - 1) / (k + 1), [(s, 0, sp.oo), (e, 0, s)])


@false_neighbour("L31.b-4", "L31", "lower side with b = 4 from the same (H3) (3.5 -> 4)", point=True)
def _() -> None:
    pull = (m1 * (s - e) - lam) * (s - e) * ((4 - 4) * s + (4 - 2) * e)
    cost = R(3, 2) * lam * e * (s + R(3, 4) * e)
    region = [(m1, 0, sp.oo), (s, 0, sp.oo), (e, 0, s / 2), (lam, 0, m1 * (s - e))]
    nonnegative("L31", pull - cost - h3_slack(e) / 2, region)


@false_neighbour(
    "L32.value", "L32", "upper side below d L(e) with 3e for 6e: L without its linear term", point=True
)
def _() -> None:
    smaller = 2 * m2 * (s + e) * (2 * s + e) - lam * m1 * (3 * s + 6 * e + 1 / s)
    prove_equal(smaller, unfold(d * L_of(e)))


@false_neighbour("L33.y", "L33", "(S2) for y <= 2r/(1+r)", point=True)
def _() -> None:
    slack = (1 - y * r) - R(3, 4) * y * (1 - y * r / (2 - r))
    nonnegative("S2", slack, [(r, HALF, 1), (y, 0, 2 * r / (1 + r))])
