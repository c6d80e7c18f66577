"""gamma1 Theorem 3: sphere moments, spectrum at s*A, best step (L15-L18, spectrum, factor)."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from gsae_theory.theory.quantity import get_quantity
from gsae_theory.theory.scalars import F_of, L_star, hess_traceless, kap0sq, om
from gsae_theory.theory.symbols import d, eta, lam, m1, m2, s
from proofs_check.core import Proof, Use, step
from proofs_check.methods.bernstein import nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero, unfold

x = sp.Symbol("x", positive=True)


def sphere_moment(powers: Sequence[int]) -> sp.Expr:
    """Return E of theta_1^(2 a_1) theta_2^(2 a_2) ... on the unit sphere of R^d.

    z = ||z|| theta with independent factors, so that it is the Gaussian moment over E ||z||^(2k).
    """
    gaussian = sp.Mul(*(sp.factorial2(2 * power - 1) for power in powers if power))
    radial = sp.Mul(*(d + 2 * k for k in range(sum(powers))))
    return gaussian / radial


@step("L15")
def sphere_moments(use: Use) -> Proof:
    """In an eigenbasis of E, with p1 = tr E and p2 = ||E||_F^2; odd moments vanish by symmetry."""
    use("Q:sphere")
    prove_equal(sphere_moment([1]), 1 / d, what="E theta_i^2")
    p1, p2 = sp.symbols("p1 p2", real=True)
    # sum_i e_i^2 E theta_i^4 + sum_{i != j} e_i e_j E theta_i^2 theta_j^2
    square = p2 * sphere_moment([2]) + (p1**2 - p2) * sphere_moment([1, 1])
    prove_equal(square, (2 * p2 + p1**2) / (d * (d + 2)), what="E(theta^T E theta)^2")
    # The moments of the constant |theta|^2 = 1 have to come out as 1.
    prove_equal(d * sphere_moment([1]), sp.Integer(1), what="E |theta|^2")
    prove_equal(
        d * sphere_moment([2]) + d * (d - 1) * sphere_moment([1, 1]), sp.Integer(1), what="E |theta|^4"
    )
    return Proof(
        {"second": 1 / d, "quadratic": (2 * p2 + p1**2) / (d * (d + 2)), "p": (p1, p2)}, "expectation"
    )


@step("L16")
def form_at_limit(use: Use) -> Proof:
    """N of (4.2) at C = sI: 2 Phi(s) 2 s^2 I + g(s) s^2 theta theta^T."""
    N = use("L25").statement
    rank_one = N["rank_one"](s, s) * s**2
    prove_equal(N["multiple"](s, s), 4 * unfold(kap0sq), what="multiple of I")
    prove_equal(rank_one, unfold(om), what="multiple of theta theta^T")
    return Proof({"identity": 4 * kap0sq, "rank_one": om}, "identity")


@step("L17")
def scale_curvature(use: Use) -> Proof:
    """4 kap0^2 + om = F''(s) modulo F'(s) = 0."""
    stationary = use("L9").statement["stationary"]
    second = sp.diff(F_of(x), x, 2).subs(x, s)
    prove_zero(unfold(4 * kap0sq + om) - second, modulo=[stationary], what="4 kap0^2 + om = F''(s)")
    closed = 4 * m2 * s**2 - lam * m1 * (3 * s + 1 / s)
    prove_equal(unfold(4 * kap0sq + om), closed, what="closed form")
    return Proof(4 * kap0sq + om, "identity")


@step("L18")
def om_positive(use: Use) -> Proof:
    """om > 0 for 0 < lam <= m1 s, s > 1."""
    use("L12")
    below, above = 4 * (m1 * s - lam), m1 * (s - 1 / s)
    prove_equal(unfold(om), lam * (below + above), what="om")
    region = [(m1, 0, sp.oo), (s, 1, sp.oo), (lam, 0, m1 * s)]
    nonnegative("lam below m1 s", below, region)
    nonnegative("s above 1", above, region, strict=True)
    return Proof(om, "certificate")


@step("gamma1-spectrum")
def spectrum(use: Use) -> Proof:
    """The four curvatures: the quadratic form of (4.2) at sI, M(sI) = kappa* I, and the orbit."""
    moments, form = use("L15").statement, use("L16").statement
    use("L2"), use("L17"), use("L4")
    edge = use("L20").statement["lower"]
    p1, p2 = moments["p"]
    # E[4 kap0^2 ||E theta||^2 + om (theta^T E theta)^2], over ||E||_F^2 = p2
    quadratic = form["identity"] * p2 * moments["second"] + form["rank_one"] * moments["quadratic"]
    statement = {
        "rotation": sp.Integer(0),
        "out_of_subspace": edge.subs(sp.Symbol("e", nonnegative=True), 0) / d,
        "traceless": sp.cancel(quadratic.subs(p1, 0) / p2),
        "trace": sp.cancel(quadratic.subs(p1**2, d * p2) / p2),
    }
    return Proof(statement, "identity")


@step("gamma1-factor")
def linear_factor(use: Use) -> Proof:
    """kappa* <= traceless <= trace, so that the factor is that of the extreme curvatures; the best step."""
    use("gamma1-spectrum"), use("L18")
    k, w, step_size, low, high = sp.symbols("k w step low high", nonnegative=True)
    # With k = kap0^2, w = om: the curvatures are k, 4k + 2w/(d+2), 4k + w (over d).
    region = [(d, 1, sp.oo), (k, 0, sp.oo), (w, 0, sp.oo)]
    curvatures = [
        get_quantity(item.name).expr.xreplace({kap0sq: k, om: w}) for item in (hess_traceless, L_star)
    ]
    nonnegative("traceless above 4 kappa*", curvatures[0] - 4 * k / d, region)
    nonnegative("trace above traceless", curvatures[1] - curvatures[0], region)
    # |1 - step h| <= max(1 - step low, step high - 1) for low <= h <= high: h is a mean of the two.
    h = sp.Symbol("h", nonnegative=True)
    span = [(low, 0, sp.oo), (high, low, sp.oo), (h, low, high), (step_size, 0, sp.oo)]
    nonnegative("upper", (1 - step_size * low) - (1 - step_size * h), span)
    nonnegative("lower", (step_size * high - 1) - (step_size * h - 1), span)
    # max(1 - step low, step high - 1) >= (high - low)/(high + low), equal at step = 2/(low + high).
    best = (high - low) / (high + low)
    mean = (high * (1 - step_size * low) + low * (step_size * high - 1)) / (high + low)
    prove_equal(mean, best, what="best step: a mean of the two is constant")
    for value in (1 - step_size * low, step_size * high - 1):
        prove_equal(value.subs(step_size, 2 / (low + high)), best, what="best step is attained")
    ends = {"low": low, "high": high, "step": step_size}
    statement = {"factor": sp.Max(1 - eta * low, eta * high - 1), "best": best, "ends": ends}
    return Proof(statement, "certificate")
