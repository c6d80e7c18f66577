"""gamma1 section 4, Assembly, and section 5: the sector polynomials (L34-L37, L45, L46).

Units: divided by d, m2 = kap0 = 1; x, y, y2 stand for sqrt(m2)/kap0 times ||E||_F, ||D||_F, ||D||_2 and
t^2 = x^2 + y^2.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.scalars import L_of, kap0sq
from gsae_theory.theory.symbols import d, lam, m1, m2, s
from proofs_check.core import Proof, Use, step
from proofs_check.methods.bernstein import nonnegative
from proofs_check.methods.gram import implied, square
from proofs_check.methods.identity import prove_equal, prove_zero, unfold

x, xi, y = sp.symbols("x xi y", nonnegative=True)
t, c, r, y2 = sp.symbols("t c r y2", nonnegative=True)
HALF, SECTOR_5 = sp.Rational(1, 2), sp.Rational(59, 100)
CHOICES = {"regular": (sp.Rational(7, 2), sp.Integer(1)), "large": (sp.Integer(2), sp.Rational(5, 2))}
"""(b, gam): the sector of Lemma D that is used, and kappa = kappa*(1 - gam t^2) which it gives."""


def smallest_c(b: sp.Expr) -> sp.Expr:
    """Return the c at which (P_b) is checked: (L(delta) + b kappa*)/2 is at least this in units [L36]."""
    return 2 + b / 2 + 3 * t + t**2


def sector(b: sp.Expr, gam: sp.Expr) -> sp.Expr:
    """Return the left side of (P_b) over t^2, with x = xi t."""
    at = smallest_c(b)
    first = (at - b * (1 - xi * t) ** 2) * xi + (1 - xi * t) * t * (1 - xi**2)
    return (at - 1 + gam * t**2) ** 2 - first**2 - (at - (1 - xi * t) ** 2) ** 2 * (1 - xi**2)


def monotone_sector() -> sp.Expr:
    """Return left minus right side of (P_5), with x = xi t."""
    X = xi * t
    return 4 * (1 - X) ** 2 * xi**2 + (1 - xi**2) * (1 - X) * (1 - 2 * X) - (1 - t**2)


def distance_of_step(b: sp.Expr) -> sp.Expr:
    """Return Om(r), the bound on ||c Delta - grad||^2, with n1, n2 = (1 -+ x)^2."""
    n1, n2 = (1 - x) ** 2, (1 + x) ** 2
    first = (c - b * n1) * x + y2 * r * y
    return first**2 + (c**2 - 2 * c * r**2 + (n1 + n2) * r**2 - n1 * n2) * y**2


@step("L34")
def bound_on_step(use: Use) -> Proof:
    """The part in C by the triangle inequality, the part in D by (dM - n1)(n2 - dM) >= 0."""
    use("L1"), use("L20"), use("L21"), use("Q:spectral"), use("gamma1-lemma-D")
    alpha, beta = sp.symbols("alpha beta", positive=True)
    unit = square({"one": 1})
    implied(
        "triangle",
        unit * (alpha + beta) ** 2 - square({"f": 1, "g": -1}),
        given=[
            (1 + beta / alpha, unit * alpha**2 - square({"f": 1})),
            (1 + alpha / beta, unit * beta**2 - square({"g": 1})),
        ],
        squares=[(beta / alpha, {"f": 1, "g": alpha / beta})],
        region=[(alpha, 0, sp.oo), (beta, 0, sp.oo)],
    )
    # tr D (c - dM)^2 D^T: what is subtracted is positive semidefinite; N^2 = r^2 y^2 = tr D dM D^T.
    M, n1, n2 = sp.symbols("M n1 n2", real=True)
    linear = c**2 - 2 * c * M + (n1 + n2) * M - n1 * n2
    prove_equal((c - M) ** 2, linear - (M - n1) * (n2 - M), what="spectral polynomial")
    b = sp.Symbol("b", nonnegative=True)
    ends = {n1: (1 - x) ** 2, n2: (1 + x) ** 2, M: r**2}
    first = (c - b * (1 - x) ** 2) * x + y2 * r * y
    prove_equal(distance_of_step(b), first**2 + linear.xreplace(ends) * y**2, what="Om(r)")
    return Proof(distance_of_step(b), "gram")


@step("L37")
def sector_polynomials(use: Use) -> Proof:
    """(P_b) for both choices of (b, gam), on two charts at the corner."""
    boxes = {
        name: nonnegative(f"P_{name}", sector(b, gam), [(xi, 0, 1), (t, 0, HALF)], corner=(xi, t))
        for name, (b, gam) in CHOICES.items()
    }
    return Proof({name: sector(*choice) for name, choice in CHOICES.items()}, "certificate", {"boxes": boxes})


@step("L46")
def monotone_polynomial(use: Use) -> Proof:
    """(P_5), on two charts at the corner."""
    boxes = nonnegative("P_5", monotone_sector(), [(xi, 0, 1), (t, 0, SECTOR_5)], corner=(xi, t))
    return Proof(monotone_sector(), "certificate", {"boxes": boxes})


@step("L35")
def decreasing_in_r(use: Use) -> Proof:
    """Om decreases in r on [1-x, 1+x]: its derivative, and the value at 1-x."""
    Om = use("L34").statement
    b = sp.Symbol("b", nonnegative=True)
    slack = c * (2 - 3 * x) - (2 + x**2 + t**2) * (1 - x)
    nonnegative("slack", slack, [(c, 3, sp.oo), (t, 0, HALF), (x, 0, t)])
    # -Om'/(2 y) = r y (2c - n1 - n2) - y2 [(c - b n1) x + y2 r y], increasing in r and decreasing in y2 <= y.
    fall = sp.expand(-sp.diff(Om, r) / 2)
    n1, n2 = (1 - x) ** 2, (1 + x) ** 2
    prove_equal(fall, y * (r * y * (2 * c - n1 - n2) - y2 * ((c - b * n1) * x + y2 * r * y)), what="-Om'/2")
    # It decreases in y2 because c >= b >= b n1 for both choices of b.
    for name, (value, _) in CHOICES.items():
        nonnegative(f"c above b, {name}", smallest_c(value) - value, [(t, 0, HALF)])
    # At y2 = y it is at least y^2 times r (2c - 2 - 2x^2 - y^2) - c x, and r >= 1 - x, y^2 = t^2 - x^2.
    ends = [(c, 3, sp.oo), (t, 0, HALF), (x, 0, t)]
    room = 2 * c - 2 - x**2 - t**2
    prove_equal((2 * c - n1 - n2 - y**2).subs(y**2, t**2 - x**2), room, what="coefficient of r")
    nonnegative("room", room, ends)
    prove_equal(room * (1 - x) - c * x, slack, what="reduction")
    prove_equal(fall.subs(y2, y), y**2 * (r * (2 * c - n1 - n2 - y**2) - c * x + b * n1 * x), what="y2 = y")
    value = ((c - b * n1) * x + (1 - x) * y2 * y) ** 2 + (c - n1) ** 2 * y**2
    prove_equal(Om.subs(r, 1 - x), value, what="Om(1 - x)")
    return Proof(value, "certificate")


@step("L36")
def curvature_of_ball(use: Use) -> Proof:
    """d L(delta)/kap0^2 >= 4 + 6t + 2t^2."""
    use("L1"), use("L18")
    curvature = use("L17").statement
    stationary = use("L9").statement["stationary"]
    radius = sp.Symbol("radius", nonnegative=True)
    excess = d * L_of(radius) - unfold(curvature)
    slope = 6 * m2 * s - 3 * lam * m1
    prove_zero(excess - (slope * radius + 2 * m2 * radius**2), modulo=[stationary], what="d L(delta) - d L*")
    # slope >= 6 sqrt(m2) kap0: difference of squares.
    difference = slope**2 - 36 * m2 * unfold(kap0sq)
    prove_equal(difference, 9 * lam * (4 * m2 * (m1 * s - lam) + lam * m1**2), what="slope^2 - 36 m2 kap0^2")
    region = [(m1, 0, sp.oo), (m2, m1**2, sp.oo), (s, 0, sp.oo), (lam, 0, m1 * s)]
    nonnegative("difference", difference, region)
    nonnegative("slope", slope, region)
    # L increases: the L(eps) that Lemma D needs is at most L(delta) for eps <= delta.
    nonnegative(
        "L increases", sp.diff(d * L_of(radius), radius), [*region[:2], (radius, 0, sp.oo), *region[2:]]
    )
    # With sqrt(m2) radius = t kap0: 4 kap0^2 + om + slope radius + 2 t^2 kap0^2, om >= 0.
    k = sp.Symbol("k", positive=True)
    prove_equal((4 * k**2 + 6 * t * k * k + 2 * t**2 * k**2) / k**2, 4 + 6 * t + 2 * t**2, what="units")
    return Proof(4 + 6 * t + 2 * t**2, "certificate")


@step("L45")
def gradient_part(use: Use) -> Proof:
    """N^2 - N x y >= (1-x)(1-2x) y^2 for N >= (1-x) y."""
    N = sp.Symbol("N", nonnegative=True)
    slack = N**2 - N * x * y - (1 - x) * (1 - 2 * x) * y**2
    nonnegative("L45", slack, [(x, 0, sp.Rational(2, 3)), (y, 0, sp.oo), (N, (1 - x) * y, sp.oo)])
    return Proof(slack, "certificate")
