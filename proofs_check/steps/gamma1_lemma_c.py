"""gamma1 Lemma C: the exact gradient in C (L23-L26), and the identities of Theorem 5 (L42).

In an eigenbasis of C everything is diagonal; sums over coordinates appear as symbols:
rho^2 = sum c^2 th^2, q1 = rho^2 - s^2, bx = sum c X th^2, y2 = sum c^2 (c+s)(c-s) th^2,
Q = x^T C(C+s) z with x = X theta, z = (C-s) theta.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.scalars import Phi, g_of, xi1, xi2
from gsae_theory.theory.symbols import R, expect_R, lam, m1, s
from proofs_check.core import Proof, Use, step
from proofs_check.methods.bernstein import nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero
from proofs_check.methods.words import Algebra, letter

c, rho, th, X = sp.symbols("c rho th X", positive=True)
bx, y2, Q, e = sp.symbols("bx y2 Q e", real=True)
ALPHA, RADIAL = R - lam / rho, R * (1 - s**2) + lam * s
SLOPE = lam * s / (rho * (rho + s))


@step("L23")
def residual(use: Use) -> Proof:
    """R theta - C sigma, one coordinate over theta_i; q1 = rho^2 - s^2."""
    z = (c - s) * th
    left = R * th - c * ALPHA * c * th
    right = RADIAL * th - ALPHA * (c + s) * z - SLOPE * (rho**2 - s**2) * th
    prove_equal(left, right, what="residual")
    return Proof({"radial": RADIAL, "alpha": ALPHA, "slope": SLOPE}, "identity")


@step("L24")
def residual_derivative(use: Use) -> Proof:
    """r'[X] for X, C diagonal: rho^2 = theta^T C^2 theta changes by 2 b.x."""
    C, change, theta = letter("C", "d", "d", True), letter("X", "d", "d", True), letter("theta", "d")
    both = (C * theta).T * change * theta + (change * theta).T * C * theta
    once = (C * theta).T * change * theta
    prove_zero(Algebra().value(both) - 2 * Algebra().value(once), what="change of rho^2")
    time = sp.Symbol("time", real=True)
    at = c + time * X
    moving = sp.sqrt(rho**2 + 2 * time * bx)
    path = R * th - (R - lam / moving) * at**2 * th
    claimed = -2 * ALPHA * c * X * th - lam / rho**3 * bx * c**2 * th
    prove_equal(sp.diff(path, time).subs(time, 0), claimed, what="r'[X]")
    return Proof(claimed, "identity")


@step("L25")
def exact_form(use: Use) -> Proof:
    """<G0, X> = E[x^T N z]: the mean over R of <r, r'[X]> modulo F'(s) = 0."""
    stationary = use("L9").statement["stationary"]
    pieces = use("L23").statement
    use("L24")
    prove_equal(expect_R(RADIAL * (2 * s * R - lam)) * -1, stationary, what="stationarity")
    alpha, radial, kappa, q1 = pieces["alpha"], pieces["radial"], pieces["slope"], rho**2 - s**2
    # r = radial theta - alpha (C+s) z - kappa q1 theta;  r' = -2 alpha C x - (lam/rho^3) bx C^2 theta.
    product = (
        -2 * alpha * radial * bx
        - lam / rho * radial * bx
        + 2 * alpha**2 * Q
        + alpha * lam / rho**3 * bx * y2
        + 2 * alpha * kappa * q1 * bx
        + lam / rho * kappa * q1 * bx
    )
    # (b.x)(a.z) with a = g(C) b: xi1 gathers sum c (c^2 + sc) th z = y2, xi2 gathers sum c (1 + s/c) th z = q1.
    prove_equal(
        g_of(c, rho) * c * (c - s),
        lam * (xi1(rho) * c**2 * (c + s) * (c - s) + xi2(rho) * (c**2 - s**2)),
        what="a.z, one coordinate",
    )
    claimed = 2 * Phi(rho) * Q + bx * lam * (xi1(rho) * y2 + xi2(rho) * q1)
    prove_zero(expect_R(sp.expand(product)) - claimed, modulo=[stationary], what="(4.2)")
    statement = {
        "multiple": lambda at, norm: 2 * Phi(norm) * at * (at + s),
        "rank_one": g_of,
        "form": claimed,
    }
    return Proof(statement, "identity")


@step("L26")
def coefficients_positive(use: Use) -> Proof:
    """xi1, xi2 >= 0 for lam < m1 (s - eps), rho >= s - eps, s >= 1."""
    radius = sp.Symbol("radius", nonnegative=True)
    region = [
        (m1, 0, sp.oo),
        (s, 1, sp.oo),
        (radius, 0, s),
        (lam, 0, m1 * (s - radius)),
        (rho, s - radius, sp.oo),
    ]
    nonnegative("xi1", xi1(rho), region)
    nonnegative("xi2", xi2(rho), region)
    return Proof((xi1(rho), xi2(rho)), "certificate")


@step("L42")
def powers_of_deviation(use: Use) -> Proof:
    """With E = C - s, which commutes with C."""
    E = c - s
    prove_equal(c**2 * (c + s) * E, 2 * s**2 * c * E + c * (c + 2 * s) * E**2, what="C^2 (C+s) E")
    prove_equal((c + s) * E, 2 * c * E - E**2, what="(C+s) E")
    return Proof({"y2": (2 * s**2, 1), "q1": (2, -1)}, "identity")
