"""gamma1 Theorem 1: supports (L5-L8)."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.quantity import get_quantity
from gsae_theory.theory.scalars import h_of
from gsae_theory.theory.spectral_region import eps, zeta
from gsae_theory.theory.symbols import B_max, B_min, delta, lam, m1, m2, mu, s
from gsae_theory.theory.theorems.gamma1_support import leak, s_edge, sigma_min
from proofs_check.core import Proof, Use, step
from proofs_check.methods.bernstein import nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero, unfold
from proofs_check.methods.words import Algebra, identity, letter, norm_bound, prove_same

one = sp.oo


@step("L5")
def norms_on_data(use: Use) -> Proof:
    """||u|| = R ||M theta||, R and theta independent; the extreme values of ||M theta|| are quoted."""
    use("Q:hilbert")
    R, length = sp.symbols("R length", nonnegative=True)
    nonnegative(
        "active",
        R * length - B_min * sigma_min,
        [(B_min, 0, sp.oo), (R, B_min, sp.oo), (sigma_min, 0, sp.oo), (length, sigma_min, sp.oo)],
    )
    nonnegative(
        "inactive",
        B_max * leak - R * length,
        [(B_max, 0, sp.oo), (R, 0, B_max), (leak, 0, sp.oo), (length, 0, leak)],
    )
    return Proof({"active": B_min * sigma_min, "inactive": B_max * leak}, "certificate")


@step("L6")
def norms_in_ball(use: Use) -> Proof:
    """Triangle inequality and submultiplicativity on W_h Q = sA_h + Delta_h, resp. A_h C_h + B_h D_h."""
    use("L5"), use("Q:hilbert")
    A_g, A_h, B_h = letter("A_g", "n", "d"), letter("A_h", "n", "d"), letter("B_h", "n", "k")
    Delta, C_h, D_h = letter("Delta", "n", "d"), letter("C_h", "d", "d"), letter("D_h", "k", "d")
    known = (
        (A_h.T * A_g, mu),
        (Delta, delta),
        (A_g, 1),
        (A_h, 1),
        (B_h, 1),
        (C_h, s + eps),
        (D_h, zeta),
    )
    ball = norm_bound((s * A_h + Delta).T * A_g, known)
    spectral = norm_bound((A_h * C_h + B_h * D_h).T * A_g, known)
    # ||C u|| >= s ||u|| - ||A^T Delta u||: C = sI + A^T Delta.
    frame = Algebra(rules=((A_h.T * A_h, identity("d")),))
    prove_same(A_h.T * (s * A_h + Delta), s * identity("d") + A_h.T * Delta, frame, "A^T W")
    active = s - norm_bound(A_h.T * Delta, known)
    statement = {
        "inactive": ball,
        "active": active,
        "inactive_spectral": spectral,
        "active_spectral": s - eps,
    }
    return Proof(statement, "identity")


@step("L7")
def ends_attained(use: Use) -> Proof:
    """The rank-one instance W_h = sA_h + delta (A_g t0) b^T, with A_h^T A_g t0 = mu b."""
    bounds = use("L6").statement
    A_g, A_h = letter("A_g", "n", "d"), letter("A_h", "n", "d")
    t0, b, one_d = letter("t0", "d"), letter("b", "d"), identity("d")
    algebra = Algebra(
        rules=((A_g.T * A_g, one_d), (A_h.T * A_h, one_d), (A_h.T * A_g * t0, mu * b)),
        numbers=((t0.T * t0, 1), (b.T * b, 1)),
    )
    change = delta * A_g * t0 * b.T
    W_h = s * A_h + change
    prove_same(A_h.T * W_h, s * one_d + delta * mu * b * b.T, algebra, "C_h")
    prove_equal(algebra.trace(change.T * change), delta**2, what="squared distance")
    value = bounds["inactive"]
    prove_same(W_h.T * A_g * t0, value * b, algebra, "the norm of W_h^T A_g is attained")
    W_g = A_g * (s * one_d - delta * b * b.T)
    prove_same(A_g.T * W_g * b, bounds["active"] * b, algebra, "the smallest singular value is attained")
    return Proof(None, "identity")


@step("L8")
def explicit_threshold(use: Use) -> Proof:
    """For constant R the window (S) in closed form."""
    inactive = use("L6").statement["inactive"]
    use("L9")
    B = sp.Symbol("B", positive=True)
    constant = unfold(h_of(s)).subs({m1: B, m2: B**2}, simultaneous=True)
    prove_equal(constant, (2 * s - lam / B) * (s**2 - lam / B * s - 1), what="h for constant R")
    # 2s > lam/B, so that the zero is lam/B = s - 1/s; s - 1/s increases with s.
    u = sp.Symbol("u", positive=True)
    prove_equal((s - 1 / s) - (u - 1 / u), (s - u) * (1 + 1 / (s * u)), what="s - 1/s increases")
    polynomial = (1 - mu) * s**2 - delta * s - 1
    prove_equal(s * (s - 1 / s - inactive), polynomial, what="(S), inactive side")
    edge = get_quantity("s_edge").expr
    root = sp.Symbol("edge", positive=True)
    defining = (1 - mu) * root**2 - delta * root - 1
    discriminant = sp.Symbol("q", positive=True)
    closed = edge.subs(sp.sqrt(delta**2 + 4 * (1 - mu)), discriminant)
    prove_zero(
        defining.subs(root, closed),
        modulo=[discriminant**2 - delta**2 - 4 * (1 - mu)],
        what="s_edge is a root",
    )
    prove_zero(
        polynomial - (1 - mu) * (s - root) * (s + 1 / ((1 - mu) * root)), modulo=[defining], what="factors"
    )
    # Active side: s - 1/s < s - delta iff delta < 1/s.
    prove_equal((s - delta) - (s - 1 / s), 1 / s - delta, what="(S), active side")
    condition = sp.Piecewise(
        (sp.Min(lam / B_max - (s_edge - 1 / s_edge), 1 / s - delta), mu < 1), (-mu, True)
    )
    return Proof(condition, "identity")
