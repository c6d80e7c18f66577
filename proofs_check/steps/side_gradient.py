"""side section 3, rows 1 and 5-7: size, second moment and Lipschitz constant of one-sample gradients.

W_g = sA_g + E_g (aligned, by equivariance), y = A_g x, x = R theta, u = W_g^T y, h = sigma(u),
h_0 = sigma(s x) = (sR - lam) theta, r = y - W_g h, Z_g = -(r h^T + y (J W_g^T r)^T), J = D sigma(u).
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.stochastic import (
    D_leak,
    H_max,
    K_ball,
    L_inf,
    M_ball,
    M_general,
    V_ball,
    Y_max,
    growth,
    lip_pair,
    r_ball,
    residual_at,
    rho_max,
    v_chi,
)
from gsae_theory.theory.symbols import B_max, B_min, R, d, delta, dist, expect_R, gamma, lam, mu, nu, s
from gsae_theory.theory.theorems.side_stochastic import (
    W_change,
    W_norm,
    Z_change,
    Z_norm,
    Z_square,
    h_norm,
    r_norm,
    y_norm,
)
from proofs_check.core import Proof, Use, step
from proofs_check.methods.elementary import prove_nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero
from proofs_check.methods.moments import check_pairings, form_expectation, trace
from proofs_check.methods.products import letter, letters, norm_bound, prove_words, transpose

A, E, W, J, x, h, h0, r, y = letters("A E W J x h h0 r y")
At = transpose(A)
ORTHONORMAL = {(At, A): sp.Integer(1)}
w = s + delta
size_h = w * B_max - lam  # ||h|| = ||u|| - lam, ||u|| <= (s + delta) R


def gradient(residual: sp.Expr, code: sp.Expr, sample: sp.Expr, weights: sp.Expr) -> sp.Expr:
    """Return Z_g as a sum of words."""
    return -(residual * transpose(code) + sample * transpose(J * transpose(weights) * residual))


def both(**norms: sp.Expr) -> dict[tuple[sp.Symbol, ...], sp.Expr]:
    """Return norm bounds for letters and for their transposes."""
    table = {}
    for name, value in norms.items():
        table[(letter(name),)] = table[(letter(name + "_t"),)] = value
    return table


@step("S3.1")
def rank_one(use: Use) -> Proof:
    """||Z_g||_F <= ||r||(||h_g|| + ||y|| ||W_g||_2): two rank-one terms, ||J|| <= 1."""
    use("S3.1b")
    use("Q:hilbert")
    norms = both(r=r_norm, h=h_norm, y=y_norm, W=W_norm, J=sp.Integer(1))
    bound = norm_bound(gradient(r, h, y, W), norms)
    claimed = r_norm * (h_norm + y_norm * W_norm)
    prove_equal(bound, claimed, what="two terms")
    return Proof(sp.Le(Z_norm, claimed, evaluate=False), "norm-calculus")


@step("S3.1b")
def derivative_of_shrinkage(use: Use) -> Proof:
    """D sigma(u) = (1 - lam/|u|) I + (lam/|u|) n n^T: symmetric, eigenvalues 1 and 1 - lam/|u|, so sigma is 1-Lipschitz."""
    use("Q:taylor")
    u = sp.symbols("u1:4", real=True)
    norm, bias = sp.Symbol("norm", positive=True), sp.Symbol("lam", positive=True)
    length = sp.sqrt(sum(item**2 for item in u))
    for i, j in ((0, 0), (0, 1)):  # an entry on the diagonal and one off it; by symmetry all
        value = sp.diff(u[i] * (1 - bias / length), u[j]).subs(length, norm)
        claimed = (1 if i == j else 0) * (1 - bias / norm) + bias / norm * u[i] * u[j] / norm**2
        prove_zero(sp.simplify(value - claimed), what=f"entry {i}{j}")
    excess = sp.Symbol("excess", nonnegative=True)  # |u| = lam + excess where the block is active
    prove_nonnegative(1 - bias / (bias + excess), [(excess / (bias + excess),)], what="eigenvalue >= 0")
    prove_nonnegative(1 - (1 - bias / norm), [(bias / norm,)], what="eigenvalue <= 1")
    # J u = u: the radial eigenvalue is (1 - lam/|u|) + lam/|u|
    prove_zero((1 - bias / norm) + bias / norm - 1, what="J u = u")
    return Proof(None, "identity")


@step("S3.5a")
def residual_in_ball(use: Use) -> Proof:
    """||r|| <= rho_max + delta(2sB - lam + delta B): r = A(x - s h_0) - s A(h - h_0) - E h."""
    use("S3.1b")
    use("S1.7")
    use("Q:hilbert")
    weights = s * A + E
    prove_words(
        A * x - weights * h, A * (x - s * h0) - s * A * (h - h0) - E * h, what="decomposition of the residual"
    )
    moved = transpose(weights) * A * x - s * x  # u - u_0; sigma is 1-Lipschitz
    prove_words(moved, transpose(E) * A * x, ORTHONORMAL, "u - u_0")
    step_h = norm_bound(transpose(E) * A * x, both(E=delta, A=sp.Integer(1), x=B_max))
    prove_equal(
        norm_bound(transpose(W) * A * x, both(W=w, A=sp.Integer(1), x=B_max)) - lam, size_h, what="||h||"
    )
    # |R - s(sR - lam)| is convex in R: the larger end value
    share = sp.Symbol("share", positive=True)
    mixed = residual_at(B_min + share * (B_max - B_min))
    prove_equal(mixed, (1 - share) * residual_at(B_min) + share * residual_at(B_max), what="linear in R")
    f, change = letters("f change")  # x - s h_0 and h - h_0
    bound = norm_bound(
        A * f - s * A * change - E * h, both(A=sp.Integer(1), f=rho_max, change=step_h, E=delta, h=size_h)
    )
    prove_equal(bound, QUANTITIES["r_ball"].expr, what="r_delta of the theory")
    return Proof(bound, "norm-calculus")


@step("S3.5b")
def gradient_in_ball(use: Use) -> Proof:
    """||Z_g||_F <= M(delta)."""
    use("S3.5a")
    bound = use("S3.1").statement.rhs.subs({r_norm: r_ball, h_norm: size_h, y_norm: B_max, W_norm: w})
    prove_equal(bound, QUANTITIES["M_ball"].expr, what="M of the theory")
    return Proof(sp.Le(Z_norm, M_ball, evaluate=False), "norm-calculus")


@step("S3.5c")
def constant_radius(use: Use) -> Proof:
    """Constant R, s = s_G: rho_max = 0, so ||Z_g|| <= K delta; E = delta A theta theta^T attains it."""
    residual = use("S3.5a").statement
    bound = use("S3.1").statement.rhs
    root = R**2 - s * (s * R - lam) * R  # R (R - s(sR - lam)) = 0 is s^2 = 1 + U s
    scale = (lam + sp.sqrt(lam**2 + 4 * R**2)) / (2 * R)
    prove_zero(sp.simplify(root.subs(s, scale)), what="the residual at s_G")
    value = bound.subs({r_norm: residual.subs(rho_max, 0), h_norm: size_h, y_norm: B_max, W_norm: w})
    prove_equal(value, QUANTITIES["K_ball"].expr * delta, what="K of the theory")
    # attained: W theta-direction is (s + delta) a, all of r, h, y, W^T r are along one direction
    out = R - (s + delta) * ((s + delta) * R - lam)
    prove_zero(
        sp.expand(out + delta * ((2 * s + delta) * R - lam) - residual_at(R)), what="residual, attained"
    )
    return Proof(sp.Le(Z_norm, K_ball * delta, evaluate=False), "norm-calculus")


@step("S3.5d")
def gershgorin(use: Use) -> Proof:
    """||sum_S A_g v_g||^2 <= (1 + (gamma-1) mu) sum ||v_g||^2; sup ||x|| <= sqrt(gamma) B: growth."""
    use("Q:hilbert")
    first, second, spread = sp.symbols("p1 p2 spread", nonnegative=True)  # sums of ||v_g||, ||v_g||^2
    # cross terms: mu (p1^2 - p2) <= mu (gamma - 1) p2, as gamma p2 - p1^2 = (1/2) sum (|v_g| - |v_h|)^2
    v = sp.symbols("v1:5", nonnegative=True)
    for count in range(1, 5):
        squares = sum((v[i] - v[j]) ** 2 for i in range(count) for j in range(count)) / 2
        prove_equal(count * sum(a**2 for a in v[:count]) - sum(v[:count]) ** 2, squares, what="spread")
    total = second + mu * (first**2 - second)
    claim = (1 + (gamma - 1) * mu) * second
    excess = (claim - total).subs(first**2, gamma * second - spread)
    prove_nonnegative(sp.expand(excess), [(mu * spread,)], what="block Gershgorin")
    prove_zero(sp.simplify(growth**2 - gamma * (1 + (gamma - 1) * mu)), what="growth")
    return Proof(growth, "certificate")


@step("S3.5e")
def several_groups(use: Use) -> Proof:
    """T3.2c: ||y|| <= Y, ||W_g^T y - s x_g|| <= D_leak, ||h|| <= H, ||r|| <= r_c, ||Z_g|| <= M_g with exact support."""
    use("S3.1b")
    spread = use("S3.5d").statement
    rank = use("S3.1").statement.rhs
    length = B_max * spread + nu
    prove_equal(length, QUANTITIES["Y_max"].expr, what="Y")
    others, noise = letters("others noise")  # A_g^T sum_{h != g} A_h x_h, A_g^T e
    leak = norm_bound(
        s * others + s * noise + transpose(E) * y,
        both(others=(gamma - 1) * mu * B_max, noise=nu, E=delta, y=Y_max),
    )
    prove_equal(leak, QUANTITIES["D_leak"].expr, what="D_leak")
    prove_equal(s * B_max + D_leak - lam, QUANTITIES["H_max"].expr, what="H")
    # r = sum_S A_g (x_g - s h_g) - sum_S E_g h_g + e; x - s h = (x - s h_0) - s (h - h_0)
    per_group = rho_max + s * D_leak
    bound = spread * per_group + gamma * delta * H_max + nu
    prove_equal(bound, QUANTITIES["r_general"].expr, what="r_c")
    value = rank.subs(
        {r_norm: sp.Symbol("r_general", nonnegative=True), h_norm: H_max, y_norm: Y_max, W_norm: w}
    )
    prove_equal(value, QUANTITIES["M_general"].expr, what="M_g")
    # exact support: the sufficient conditions of the theorem
    active = s * B_min - D_leak - lam
    silent = lam - (s * gamma * mu * B_max + s * nu + delta * Y_max)
    return Proof((sp.Le(Z_norm, M_general, evaluate=False), active, silent), "norm-calculus")


@step("S3.6a")
def mean_square_change(use: Use) -> Proof:
    """(E||Z_g(W) - Z_g(sA)||^2)^(1/2) <= (L_inf/sqrt d) dist: J u = u, so no derivative of J enters."""
    use("S3.1b")
    use("S3.5a")
    use("Q:hilbert")
    use("Q:sphere")
    check_pairings(2)
    e1, e2, rho = sp.symbols("e1 e2 rho", nonnegative=True)  # ||E^T A theta||, ||E theta||, |R - s(sR-lam)|
    dr, dh, r0, theta = letters("dr dh r0 theta")
    # difference of Z: exact, with J W^T r_0 - J_0 (sA)^T r_0 = rho E^T A theta
    first = (r * transpose(h)) - (r0 * transpose(h0))
    prove_words(first, (r - r0) * transpose(h) + r0 * transpose(h - h0), what="first term")
    prove_words(
        (transpose(s * A + E) * A * theta) - s * transpose(A) * A * theta, transpose(E) * A * theta,
        what="J W^T A theta - s theta",
    )  # fmt: skip
    prove_words(-((s * A + E) * h - s * A * h0), -(s * A + E) * (h - h0) - E * h0, what="r - r_0")
    change_r = norm_bound(W * dh + E * h0, {**both(W=w, dh=B_max * e1), (E, h0): e2 * (s * B_max - lam)})
    code = sp.Symbol("code", nonnegative=True)
    parts = norm_bound(
        dr * transpose(h)
        + r0 * transpose(dh)
        + y * transpose(J * transpose(W) * dr)
        + y * transpose(theta) * rho,
        {
            **both(dr=change_r, h=code, r0=rho, dh=B_max * e1, y=B_max, J=sp.Integer(1), W=w),
            (letter("theta_t"),): e1,
        },
    )
    value = sp.expand(parts.subs({code: size_h, rho: rho_max}))
    # Minkowski, then E e1^2, E e2^2 <= dist^2/d
    second = form_expectation("X'X", size=d)
    prove_equal(second, trace("X'X") / d, what="E||X theta||^2 = ||X||_F^2/d")
    total = value.subs({e1: dist / sp.sqrt(d), e2: dist / sp.sqrt(d)})
    claimed = QUANTITIES["L_inf"].expr.subs(K_ball, QUANTITIES["K_ball"].expr) / sp.sqrt(d) * dist
    prove_equal(total, claimed, what="L_inf of the theory")
    return Proof(L_inf / sp.sqrt(d), "norm-calculus")


@step("S3.6b")
def second_moment(use: Use) -> Proof:
    """E[||Z_g||^2 | g active] <= V(delta): Z = chi A theta theta^T at sA, Minkowski, and the pathwise bound."""
    slope = use("S3.6a").statement
    use("S3.5b")
    theta = letter("theta")
    rho, code = sp.symbols("rho code", real=True)
    zero = -(rho * A * theta * transpose(code * theta) + R * A * theta * transpose(s * rho * theta))
    chi = -rho * (code + s * R)
    prove_words(zero, chi * A * theta * transpose(theta), what="Z_g at sA")
    square = (chi**2).subs({code: s * R - lam, rho: residual_at(R)})
    prove_equal(sp.Max(0, expect_R(square)), QUANTITIES["v_chi"].expr, what="v_chi of the theory")
    value = sp.Min(M_ball, sp.sqrt(v_chi) + slope * delta) ** 2
    if value != QUANTITIES["V_ball"].expr:
        prove_zero(sp.simplify(value - QUANTITIES["V_ball"].expr), what="V of the theory")
    return Proof(sp.Le(Z_square, V_ball, evaluate=False), "norm-calculus")


@step("S3.7a")
def curvature_of_shrinkage(use: Use) -> Proof:
    """||D^2 sigma(u)|| <= (2/sqrt3) lam/|u|^2, attained at sin^2 = 2/3."""
    q = sp.Symbol("q", real=True)
    cos, sin = sp.symbols("cos sin", real=True)
    # in the plane of u = (1, 0) and v = (cos, sin): second derivative of u/|u| along v at |u| = 1
    along = sp.Matrix([1 + q * cos, q * sin])
    unit = along / sp.sqrt(along.dot(along))
    second = sp.diff(unit, q, 2).subs(q, 0).applyfunc(sp.simplify)
    length = second.dot(second)
    prove_zero(sp.expand(sp.simplify(length).subs(cos**2, 1 - sin**2)).subs(cos**2, 1 - sin**2).subs(
        cos**4, (1 - sin**2) ** 2) - sin**2 * (4 - 3 * sin**2), modulo=[cos**2 + sin**2 - 1], what="length")  # fmt: skip
    z = sp.Symbol("z", nonnegative=True)  # sin^2
    best = sp.Rational(4, 3)
    prove_nonnegative(
        best - z * (4 - 3 * z),
        [(sp.Integer(3), (z - sp.Rational(2, 3)) ** 2)],
        [(z - sp.Rational(2, 3)) ** 2],
    )
    return Proof(sp.sqrt(best), "certificate")


@step("S3.7b")
def lipschitz(use: Use) -> Proof:
    """T3.2d: along a segment in the ball, Z' = -(r' h^T + r h'^T + y (J' W^T r + J W'^T r + J W^T r')^T)."""
    constant = use("S3.7a").statement
    use("S3.5a")
    use("S3.1b")
    use("Q:taylor")
    V, dh, dr = letters("V dh dr")  # W', h' = J V^T y, r' = -(V h + W h')
    curve = letter("K")  # J' = D^2 sigma [V^T y]
    unit = sp.Integer(1)
    change_h = norm_bound(J * transpose(V) * y, both(J=unit, V=unit, y=B_max))
    change_r = norm_bound(V * h + W * dh, both(V=unit, h=size_h, W=w, dh=change_h))
    lower = (s - delta) * B_min  # |u| >= (s - delta) R
    bend = constant * lam / lower**2 * norm_bound(transpose(V) * y, both(V=unit, y=B_max))
    total = norm_bound(
        dr * transpose(h) + r * transpose(dh)
        + y * transpose(curve * transpose(W) * r) + y * transpose(J * transpose(V) * r)
        + y * transpose(J * transpose(W) * dr),
        both(dr=change_r, h=size_h, r=r_ball, dh=change_h, y=B_max, K=bend, W=w, J=unit, V=unit),
    )  # fmt: skip
    prove_zero(sp.simplify(total - QUANTITIES["lip_pair"].expr), what="Lip of the theory")
    return Proof(sp.Le(Z_change, lip_pair * W_change, evaluate=False), "norm-calculus")
