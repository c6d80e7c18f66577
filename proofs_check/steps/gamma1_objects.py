"""gamma1 section 0: kap, the aligned frame, loss and gradient of one block (L1-L4)."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.scalars import Phi, cross, kap0sq, kap_sq
from gsae_theory.theory.symbols import R, expect_R, lam, m1, m2
from proofs_check.core import Proof, Use, step
from proofs_check.methods.bernstein import nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero, unfold
from proofs_check.methods.words import Algebra, identity, letter, prove_same, zero

rho, e = sp.symbols("rho e", positive=True)

# The block problem: W = A C + B D with orthonormal [A B], C symmetric, v = C theta.
A, B = letter("A", "n", "d"), letter("B", "n", "k")
C, D = letter("C", "d", "d", symmetric=True), letter("D", "k", "d")
theta = letter("theta", "d")
v = C * theta
FRAME = (
    (A.T * A, identity("d")),
    (B.T * B, identity("k")),
    (A.T * B, zero("d", "k")),
)
BLOCK = Algebra(rules=FRAME, numbers=((theta.T * theta, 1), (v.T * v, rho**2)))


@step("L1")
def radius_function(use: Use) -> Proof:
    """kap(e)^2 as a quadratic, and its linear bounds, with k = kap0 and r = sqrt(m2)."""
    prove_equal(kap_sq(e), kap_sq(0) - 2 * cross() * e + m2 * e**2, what="kap(e)^2")
    prove_equal(kap_sq(-e), kap_sq(0) + 2 * cross() * e + m2 * e**2, what="kap(-e)^2")
    prove_equal(kap_sq(0), unfold(kap0sq), what="kap0^2")
    variance = m2 - m1**2
    prove_equal(expect_R((R - m1) ** 2), variance, what="Var R")
    prove_equal(m2 * kap_sq(0) - cross() ** 2, lam**2 * variance, what="Cauchy-Schwarz for X")
    k, r, X = sp.symbols("k r X", nonnegative=True)
    # X <= r k by the line before; both differences are 2 e (r k - X).
    prove_equal((k**2 - 2 * X * e + r**2 * e**2) - (k - r * e) ** 2, 2 * e * (r * k - X), what="lower")
    prove_equal((k + r * e) ** 2 - (k**2 + 2 * X * e + r**2 * e**2), 2 * e * (r * k - X), what="upper")
    nonnegative(
        "difference", 2 * e * (r * k - X), [(r, 0, sp.oo), (k, 0, sp.oo), (X, 0, r * k), (e, 0, sp.oo)]
    )
    return Proof({"kap_sq": kap_sq(e), "X": cross(), "slope_below": r}, "identity")


@step("L2")
def aligned_frame(use: Use) -> Proof:
    """Pythagoras for W Q - sA = A(C - s) + B D; that the polar factor is best is quoted."""
    use("Q:procrustes")
    s = sp.Symbol("s", positive=True)
    deviation = A * (C - s * identity("d")) + B * D
    E = C - s * identity("d")
    prove_same(deviation.T * deviation, E * E + D.T * D, BLOCK, "(WQ - sA)^T (WQ - sA)")
    return Proof(None, "identity")


@step("L3")
def block_loss(use: Use) -> Proof:
    """The loss with every input active, from r = R A theta - W sigma, sigma = (R - lam/rho) v."""
    W = A * C + B * D
    shrunk = R - lam / rho
    residual = R * A * theta - shrunk * W * v
    squares = {name: sp.Symbol(name, nonnegative=True) for name in ("Cv", "Dv")}
    algebra = Algebra(
        rules=FRAME,
        numbers=(
            (theta.T * theta, 1),
            (v.T * v, rho**2),
            ((C * v).T * C * v, squares["Cv"]),
            ((D * v).T * D * v, squares["Dv"]),
        ),
    )
    loss = expect_R(algebra.value(residual.T * residual)) / 2
    claimed = m2 / 2 - m2 * rho**2 + lam * m1 * rho + Phi(rho) * (squares["Cv"] + squares["Dv"]) / 2
    prove_equal(loss, claimed, what="block loss given theta")
    return Proof(claimed, "identity")


@step("L4")
def gradient_outside(use: Use) -> Proof:
    """The part of the loss linear in a change H of D is <H, D Phi v v^T>; C and rho do not depend on D."""
    use("L3"), use("Q:differentiation")
    H = letter("H", "k", "d")
    change = (D * v).T * (H * v) + (H * v).T * (D * v)
    linear = Phi(rho) * BLOCK.value(change) / 2
    gradient = Phi(rho) * D * v * v.T
    prove_zero(linear - BLOCK.trace(H.T * gradient), what="gradient in D")
    # E ||D sigma||^2 = tr(D M D^T) with M = E[Phi v v^T].
    prove_zero(Phi(rho) * BLOCK.value((D * v).T * D * v) - BLOCK.trace(gradient * D.T), what="tr D M D^T")
    return Proof(None, "identity")
