"""False neighbours of the side results: mutants of the test suite, near misses, damaged certificates."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp

from gsae_theory.theory import THEOREMS
from gsae_theory.theory.elementwise import captured, mu_col_Q
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.stochastic import residual_at
from gsae_theory.theory.symbols import B_max, R, d, delta, lam, mu, s
from gsae_theory.theory.theorems.side_elementwise import loss_soft_rel
from proofs_check.assemble import compare
from proofs_check.core import Closed
from proofs_check.false_neighbours import false_neighbour
from proofs_check.methods.elementary import plus, prove_by_cases, prove_nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero
from proofs_check.methods.interval import positive
from proofs_check.methods.moments import form_expectation, sphere_moment, trace
from proofs_check.steps.side_conjecture import BELOW, loss_of_four_atoms, t
from proofs_check.support_certificate import Instance, verify

nn = {"nonnegative": True}
root, nu, k, x, y, z = sp.symbols("root nu k x y z", **nn)  # root = sqrt(1 - mu)


# Section 1


@false_neighbour("S1.1.no-sign", of="S1.1", claim="(v - l)_+ + (-v - l)_+ = sgn(v)(|v| - l)_+", point=True)
def _() -> None:
    v, bias = sp.Symbol("v", real=True), sp.Symbol("l", positive=True)
    prove_by_cases(plus(v - bias) + plus(-v - bias) - (plus(v - bias) - plus(-v - bias)), [bias])


@false_neighbour("S1.5.twice-soft", of="S1.5", claim="l_ReLU(y) + l_ReLU(-y) <= 2 l_ST(y) (M20)", point=True)
def _() -> None:
    w, bias = sp.symbols("w bias", positive=True)
    over = w * x - bias  # the entry fires
    soft = (x - w * over) ** 2 / 2
    prove_nonnegative(2 * soft - (soft + x**2 / 2), [(sp.Integer(1), soft)], [over, soft])


@false_neighbour(
    "S1.6c.identity-coherence",
    of="S1.6c",
    claim="mu_col(Q) >= mu_col(I) for every Q (T1.3 as printed)",
    point=True,
)
def _() -> None:
    q = sp.Symbol("q", real=True)  # A_1^T A_2 = m e1 e1^T, Q a rotation by 2 arctan q: columns m cos, m sin
    cos, sin = (1 - q**2) / (1 + q**2), 2 * q / (1 + q**2)
    prove_nonnegative(sp.Max(cos**2, sin**2) - 1, [])


@false_neighbour("S1.6c.closing", of="side.soft-floor", claim="the floor with mu instead of mu_col(Q)")
def _() -> None:
    wrong = sp.Ge(loss_soft_rel, (1 - captured(mu_col_Q)).subs(mu_col_Q, mu), evaluate=False)
    compare(Closed(wrong), THEOREMS["side.soft-floor"])


@false_neighbour("S1.6b.reversed", of="S1.6b", claim="J_1^2 >= J_0 J_2, so rho_d rises", point=True)
def _() -> None:
    prove_nonnegative(x * y - (x**2 + y**2) / 2, [(sp.Integer(0),)])


@false_neighbour("S1.6e.no-root", of="S1.6e", claim="mu_col(Q) >= mu for every Q (no root of d)", point=True)
def _() -> None:
    count = sp.Symbol("d", positive=True, integer=True)
    column = sp.Symbol("column", positive=True)  # d equal columns: ||M||_F^2 = d column
    prove_nonnegative(column - count * column, [(sp.Integer(0),)], [count - 2])


@false_neighbour("S1.8.beyond", of="S1.8", claim="the slope of f is negative up to s_G + 1/10", point=True)
def _() -> None:
    w, U, at = sp.symbols("w U at", positive=True)  # at = s_G, U = at - 1/at
    room = at + sp.Rational(1, 10) - w
    value = (1 + U * w - w**2).subs(U, at - 1 / at)
    prove_nonnegative(value, [(w + 1 / at, room)], [room, at - 1])


@false_neighbour(
    "S1.8.always-leak-free",
    of="S1.8",
    claim="T1.4 about the loss without a condition on leakage: s_G mu <= U",
    point=True,
)
def _() -> None:
    at = sp.Symbol("at", positive=True)
    prove_nonnegative((at - 1 / at) - at * x, [(sp.Integer(1), at - 1)], [at - 1, 1 - x])


@false_neighbour("S1.6f.wrong-root", of="S1.6f", claim="s^2 + U s - 1 = 0 at s_G (M2)", point=True)
def _() -> None:
    U = sp.Symbol("U", positive=True)
    scale = (U + sp.sqrt(U**2 + 4)) / 2
    prove_zero(scale**2 + U * scale - 1)


@false_neighbour("S1.4.reversed", of="S1.4", claim="P_all >= J_0^d: association the other way", point=True)
def _() -> None:
    up, down = sp.symbols("up down", **nn)
    prove_nonnegative(up * -down, [(up * down,)])


@false_neighbour("S1.2c.moment", of="S1.2c", claim="E theta_1^4 = 3/d^2 (independent entries)", point=True)
def _() -> None:
    prove_equal(sphere_moment(4, size=d), 3 / d**2)


@false_neighbour("S1.8d.bracket", of="S1.8d", claim="s_ST below 1 + U/2", point=True)
def _() -> None:
    # d = 3, where the slope is rational: U^2 D - tau^2 N at tau = U/(1 + U/2)
    U = sp.Symbol("U", positive=True)
    at = U / (1 + U / 2)
    J0, J1, J2 = 1 - at, (1 - at**2) / 2, (1 - at**3) / 3
    slope = U**2 * (2 * J2 - 3 * at * J1 + at**2 * J0) - at**2 * (2 * J2 - at * J1)
    prove_nonnegative(sp.factor(sp.together(slope)), [(sp.Integer(0),)])


@false_neighbour(
    "C1.coherent", of="S1.11", claim="C1 for coherent groups: no network loses less than w A Q", point=True
)
def _() -> None:
    positive("four atoms", loss_of_four_atoms() - BELOW, [(t, sp.Integer(0), sp.Rational(1, 5))])


# Section 2


@false_neighbour("S2.2.noise", of="S2.2c", claim="no error for nu < B sqrt(1-mu) (M15)", point=True)
def _() -> None:
    room = R * root - nu
    prove_nonnegative(R * root**2 - sp.sqrt(2) * root * nu, [(sp.sqrt(2) * root, room)], [room])


@false_neighbour("S2.2c.distance", of="S2.2c", claim="no error for delta < s(1-mu) (M16)", point=True)
def _() -> None:
    room = s * root**2 - delta
    prove_nonnegative(s * R * root**2 - 2 * delta * R, [(R, room)], [room])


@false_neighbour(
    "S2.2b.plus-mu", of="side.clustering-margin", claim="sqrt(2(1+mu)) for sqrt(2(1-mu)) in the margin"
)
def _() -> None:
    claim = THEOREMS["side.clustering-margin"]
    right = QUANTITIES["cluster_margin"].expr
    wrong = right.subs(sp.sqrt(2 - 2 * mu), sp.sqrt(2 + 2 * mu))
    compare(Closed(sp.Ge(claim.conclusion.lhs, wrong, evaluate=False)), claim)


@false_neighbour("S2.8b.doubled", of="S2.8b", claim="twice the exponent of T2.3 (M17)", point=True)
def _() -> None:
    sin = sp.Symbol("sin", **nn)
    plane = k / 2 * (sin * (1 - sin) / (1 - k * sin) - sin * (1 + sin) / (1 + k * sin)) / 2
    doubled = -k * (1 - k) * sin**2 / (1 - k**2 * sin**2)
    prove_nonnegative(doubled - plane, [(sp.Integer(0),)], [1 - k - sp.Rational(1, 9), 1 - sin])


@false_neighbour(
    "S2.8.decreasing", of="S2.8", claim="the Chernoff exponent falls with the coherence", point=True
)
def _() -> None:
    c2, j = sp.symbols("c2 j", positive=True)
    slope = sp.factor(sp.diff(c2 / (1 - (1 - c2) / (1 + j)), c2))
    prove_nonnegative(-slope, [(sp.Integer(0),)])


@false_neighbour("S2.10.no-union", of="S2.10", claim="P(some group wins) <= the largest P (M18)", point=True)
def _() -> None:
    prove_nonnegative(sp.Max(x, y) - (1 - (1 - x) * (1 - y)), [(sp.Integer(0),)], [1 - x, 1 - y])


# Section 3


def _jacobian_entry(i: int, j: int) -> sp.Expr:
    u = sp.symbols("u1:3", real=True)
    bias = sp.Symbol("bias", positive=True)
    return sp.diff(u[i] * (1 - bias / sp.sqrt(u[0] ** 2 + u[1] ** 2)), u[j])


@false_neighbour("S3.1b.scalar", of="S3.1b", claim="J = (1 - lam/|u|) I (M12)", point=True)
def _() -> None:
    prove_zero(_jacobian_entry(0, 1))


@false_neighbour("S3.1b.identity", of="S3.1b", claim="J = I (M13)", point=True)
def _() -> None:
    prove_zero(_jacobian_entry(0, 0) - 1)


@false_neighbour("S3.2a.product", of="S3.2a", claim="cosh(a+b) <= cosh(a) cosh(b)", point=True)
def _() -> None:
    cosh = lambda e: (e + 1 / e) / 2  # noqa: E731
    a, b = 1 + x, 1 + y  # e^a, e^b
    prove_nonnegative(cosh(a) * cosh(b) - cosh(a * b), [(sp.Integer(0),)])


@false_neighbour("S3.4.quarter", of="S3.4", claim="(k+2)! >= 2 4^k, so b/4 for b/3 in T3.1", point=True)
def _() -> None:
    order = sp.Symbol("order", integer=True, nonnegative=True)
    prove_nonnegative(sp.factorial(order + 2) - 2 * 4**order, [(sp.Integer(0),)])


@false_neighbour("S3.5a.no-residual", of="S3.5a", claim="M with r_delta without rho_max", point=True)
def _() -> None:
    prove_nonnegative(
        delta * (2 * s * B_max - lam + delta * B_max) - residual_at(B_max),
        [(delta, 2 * s * B_max - lam)],
        [2 * s * B_max - lam, residual_at(B_max)],
    )


@false_neighbour(
    "S3.5c.first-order", of="S3.5c", claim="||r|| <= delta(2sR - lam): K without its second order", point=True
)
def _() -> None:
    prove_nonnegative(delta * (2 * s * R - lam) - delta * ((2 * s + delta) * R - lam), [(sp.Integer(0),)])


@false_neighbour("S3.5d.coherence", of="S3.5d", claim="||y|| <= B sqrt(gamma) (M27)", point=True)
def _() -> None:
    prove_nonnegative(x**2 + y**2 - (x**2 + 2 * mu * x * y + y**2), [(sp.Integer(0),)])


@false_neighbour("S3.6a.dimension", of="S3.6a", claim="E||X theta||^2 = ||X||_F^2/(d+1)", point=True)
def _() -> None:
    prove_equal(form_expectation("X'X", size=d), trace("X'X") / (d + 1))


@false_neighbour("S3.7a.one", of="S3.7a", claim="||D^2 sigma|| <= lam/|u|^2, 1 for 2/sqrt3 (M25)", point=True)
def _() -> None:
    prove_nonnegative(
        1 - z * (4 - 3 * z),
        [(sp.Integer(3), (z - sp.Rational(2, 3)) ** 2)],
        [1 - z, (z - sp.Rational(2, 3)) ** 2],
    )


@false_neighbour("S3.9d.step", of="S3.9d", claim="q < 1 for eta below twice eta_interp", point=True)
def _() -> None:
    a, b, step = sp.symbols("kappa K2 eta", positive=True)  # q = (1 - eta kappa)^2 + eta^2 K2
    room = 4 * a - step * (a**2 + b)
    prove_nonnegative(1 - ((1 - step * a) ** 2 + step**2 * b), [(step, room)], [room])


@false_neighbour("S3.11.traceless", of="S3.11", claim="all of v_chi is traceless", point=True)
def _() -> None:
    along = (
        form_expectation("S", "S", size=d, symmetric="S").subs(trace("S", "S"), 0).subs(trace("SS", "S"), 1)
    )
    prove_equal(along * (d * (d + 1) / 2 - 1), sp.Integer(1))


@false_neighbour("S3.13.range", of="S3.13", claim="||Z - E Z|| <= M, 1 for 1 + p in T3.3", point=True)
def _() -> None:
    value, mean = sp.symbols("value mean", real=True)  # Z and E[Z | active], of size <= M = 1
    share = sp.Symbol("p", positive=True)
    facts = [1 - value**2, 1 - mean**2, 1 - share]
    prove_nonnegative(1 - (value - share * mean) ** 2, [(sp.Integer(1), facts[0])], facts)


@false_neighbour("S3.14a.half", of="S3.14a", claim="P(N_g >= 2pN) <= e^(-pN/2): e^3 <= 16")
def _() -> None:
    lower = sum(sp.Rational(1, sp.factorial(order)) for order in range(9))
    prove_nonnegative(16 - lower**3, [(16 - lower**3,)])


# Damaged support certificates


def _plane() -> tuple[Instance, dict[str, object]]:
    """Three lines in a plane, two active; block norms alone certify the claims of this certificate."""
    angles = np.array([0.0, 1.0, 2.0])
    A = np.stack([np.cos(angles), np.sin(angles)])[:, :, None]
    overlap = np.abs(A[:, :, 0].T @ A[:, :, 0])
    up = [[str(Fraction(float(v)) * (Fraction(99, 100) if i == j else Fraction(101, 100)))
           for j, v in enumerate(row)] for i, row in enumerate(overlap)]  # fmt: skip
    largest = max(overlap[h].sum() - 1 for h in range(3))
    claims = {
        "silent": str(Fraction(float(1.02 * largest))),
        "active": str(Fraction(99, 100) - Fraction(101, 100)),
    }
    certificate = {
        "norms": up,
        "noise": ["1", "1", "1"],
        **claims,
        "silent_supports": [],
        "active_supports": [],
    }
    return Instance(A, A, 1.0, 1.0, 0.0, 2), certificate


@false_neighbour(
    "certificate.claim", of="support certificate", claim="a leak below the one that the norms show"
)
def _() -> None:
    instance, certificate = _plane()
    verify(instance, {**certificate, "silent": "1/2"})


@false_neighbour("certificate.norm", of="support certificate", claim="a block norm that is too small")
def _() -> None:
    instance, certificate = _plane()
    norms = [list(row) for row in certificate["norms"]]  # type: ignore[attr-defined]
    norms[0][1] = "1/2"
    verify(instance, {**certificate, "norms": norms})


@false_neighbour(
    "certificate.zeta", of="support certificate", claim="a multiplier whose matrix is not positive"
)
def _() -> None:
    instance, certificate = _plane()
    row = {"group": 0, "support": [1, 2], "tau": ["1/2", "1/2"], "zeta": "1/2"}
    verify(instance, {**certificate, "silent": "3/4", "silent_supports": [row]})
