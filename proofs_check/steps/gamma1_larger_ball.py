"""gamma1 Theorem 5: one-point monotonicity on a larger ball (L43, L44, Theorem 5)."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.scalars import L_of, Phi, kap_sq, kappa_star, t_delta, xi1, xi2
from gsae_theory.theory.spectral_region import k1a_slack, k1b_slack
from gsae_theory.theory.symbols import lam, s
from proofs_check.core import Proof, Use, step
from proofs_check.methods.bernstein import nonnegative
from proofs_check.methods.gram import implied, inner, square
from proofs_check.methods.identity import prove_equal
from proofs_check.steps.gamma1_sectors import SECTOR_5, c, t, x, xi, y

e, z2, zt, Q, P = sp.symbols("e z2 zt Q P", nonnegative=True)
rho, phi = sp.symbols("rho phi", positive=True)
q, A, B = sp.symbols("q A B", real=True)
X1, X2 = sp.symbols("xi1 xi2", nonnegative=True)


@step("L43")
def quadratic_minimum(use: Use) -> Proof:
    """2 A q^2 + B q >= -B^2/(8A), A > 0: the difference is a square."""
    prove_equal(2 * A * q**2 + B * q + B**2 / (8 * A), 2 * A * (q + B / (4 * A)) ** 2, what="square")
    return Proof(-(B**2) / (8 * A), "identity")


@step("L44")
def sector_of_form(use: Use) -> Proof:
    """z^T N z >= 4 kap(e)^2 |z|^2 from (K1a) for q >= 0 and (K1b) for q < 0, at every e <= eps.

    Q = z^T C(C+s) z, zt = z^T C(C+2s) z, z2 = |z|^2, q = theta^T C E theta.
    """
    use("L25"), use("L26"), use("L20")
    minimum = use("L43").statement
    powers = use("L42").statement
    y2 = powers["y2"][0] * q + powers["y2"][1] * zt
    q1 = powers["q1"][0] * q + powers["q1"][1] * z2
    form = 2 * phi * Q + lam * q * (X1 * y2 + X2 * q1)
    small = [(s, 0, sp.oo), (e, 0, s)]
    # Q >= (s-e)(2s-e) z2, zt <= (s+e)(3s+e) z2, zt <= (3s-e)/(2s-e) Q: eigenvalue by eigenvalue.
    eigen = [*small, (c, s - e, s + e)]
    nonnegative("Q", c * (c + s) - (s - e) * (2 * s - e), eigen)
    nonnegative("zt", (s + e) * (3 * s + e) - c * (c + 2 * s), eigen)
    nonnegative("zt by Q", (3 * s - e) / (2 * s - e) * c * (c + s) - c * (c + 2 * s), eigen)
    # q >= 0: what can be negative is lam xi2 (2q^2 - q z2) >= -lam xi2 z2^2/8, and z2 <= e^2.
    rest = form - 2 * phi * Q - lam * X2 * (2 * q**2 - q * z2)
    prove_equal(rest, lam * X1 * q * (2 * s**2 * q + zt), what="q >= 0, rest")
    prove_equal(minimum.subs({A: 1, B: -z2}), -(z2**2) / 8, what="q >= 0, minimum")
    k1a = 16 * phi * (s - e) - lam * e * X2
    prove_equal(k1a_slack(rho, e), k1a.xreplace({phi: Phi(rho), X2: xi2(rho)}), what="(K1a)")
    room = 2 * phi * (s - e) * (2 * s - e) * z2 - 4 * phi * (s - e) ** 2 * z2
    prove_equal(room - lam * X2 * e**2 * z2 / 8, e * z2 / 8 * k1a, what="q >= 0 is (K1a)")
    # q = -p < 0: -lam (xi1 zt - xi2 z2)_+^2/(8 (s^2 xi1 + xi2)); P stands for (xi1 (3s+e)(s+e) - xi2)_+.
    p = sp.Symbol("p", nonnegative=True)
    A_, B_ = s**2 * X1 + X2, -(X1 * zt - X2 * z2)
    negative = (form - 2 * phi * Q).subs(q, -p)
    prove_equal(negative, lam * (2 * A_ * p**2 + B_ * p), what="q < 0")
    prove_equal(minimum.subs({A: A_, B: B_}), -((X1 * zt - X2 * z2) ** 2) / (8 * A_), what="q < 0, minimum")
    # u_+^2 <= xi1 zt u_+ for u = xi1 zt - xi2 z2, and u_+ <= z2 P <= e^2 P.
    u = sp.Symbol("u", nonnegative=True)
    nonnegative("u", X1 * zt * u - u**2, [(X1, 0, sp.oo), (zt, 0, sp.oo), (u, 0, X1 * zt)])
    k1b = 16 * phi * A_ - (3 * s - e) * lam * e * X1 * P
    positive = sp.Max(0, xi1(rho) * (3 * s + e) * (s + e) - xi2(rho))
    values = {phi: Phi(rho), X1: xi1(rho), X2: xi2(rho), P: positive}
    prove_equal(k1b_slack(rho, e), k1b.xreplace(values), what="(K1b)")
    loss = lam * X1 * zt * e**2 * P / (8 * A_)
    allowed = 2 * phi * e * zt / (3 * s - e)
    prove_equal(allowed - loss, e * zt / (8 * A_ * (3 * s - e)) * k1b, what="q < 0 is (K1b)")
    left = 2 * phi * (1 - e / (2 * s - e)) * (s - e) * (2 * s - e)
    prove_equal(left, 4 * phi * (s - e) ** 2, what="q < 0, what is left")
    prove_equal((s - e) ** 2 * Phi(s - e), kap_sq(e), what="kap(e)^2 <= (s-e)^2 Phi")
    # Smaller e: e/(s-e), (3s-e)e, (3s+e)(s+e) increase, the ranges of rho shrink.
    for name, growing in (("K1a", e / (s - e)), ("K1b", (3 * s - e) * e), ("P", (3 * s + e) * (s + e))):
        nonnegative(f"smaller radius, {name}", sp.diff(growing, e), small)
    return Proof({"K1a": k1a_slack(rho, e), "K1b": k1b_slack(rho, e), "e": e}, "certificate")


@step("gamma1-monotone")
def theorem_5(use: Use) -> Proof:
    """<grad, Delta> >= kappa*(1-t^2) dist^2, ||grad|| <= Lam dist, and the step."""
    use("L2"), use("L6"), use("L1"), use("L20"), use("L21"), use("L32"), use("L15")
    conditions = use("L44").statement
    part, sector = use("L45").statement, use("L46").statement
    curvature = use("L36").statement
    N = sp.Symbol("N", nonnegative=True)
    # 4 kap(e)^2 >= 4 (1-x)^2, N^2 - N x y >= (1-x)(1-2x) y^2; x = xi t, y^2 = (1 - xi^2) t^2.
    prove_equal(part, N**2 - N * x * y - (1 - x) * (1 - 2 * x) * y**2, what="L45")
    total = 4 * (1 - x) ** 2 * x**2 + (1 - x) * (1 - 2 * x) * y**2 - (1 - t**2) * t**2
    scaled = total.subs(y, t * sp.sqrt(1 - xi**2)).subs(x, xi * t)
    prove_equal(scaled, t**2 * sector, what="(P_5)")
    nonnegative("x below 2/3", sp.Rational(2, 3) - SECTOR_5 * xi, [(xi, 0, 1)])
    # ||grad||: parts L ||E||, (1+t)^2 ||D||, and ||G1|| <= y (1+t) y <= t (1+t) y; dL/kap0^2 >= (1+t)^2.
    nonnegative("L above (1+t)^2", curvature - (1 + t) ** 2, [(t, 0, sp.oo)])
    first, second = sp.symbols("first second", nonnegative=True)
    implied(
        "two parts",
        square({"E": 1}) * first**2
        + square({"D": 1}) * first**2
        - square({"E": first})
        - square({"D": second}),
        given=[],
        squares=[(first**2 - second**2, {"D": 1})],
        region=[(second, 0, sp.oo), (first, second, sp.oo)],
    )
    # |Delta - eta g|^2 <= (1 - eta k)|Delta|^2 if <g,Delta> >= k|Delta|^2, |g| <= Lam |Delta|, eta = share k/Lam^2.
    k, Lam = sp.symbols("k Lam", positive=True)
    share = sp.Symbol("share", nonnegative=True)
    small = share * k / Lam**2
    implied(
        "step",
        square({"Delta": 1}) * (1 - small * k) - square({"Delta": 1, "g": -small}),
        given=[
            (2 * small, inner({"g": 1}, {"Delta": 1}) - square({"Delta": 1}) * k),
            (small**2, square({"Delta": 1}) * Lam**2 - square({"g": 1})),
        ],
        squares=[(small * k * (1 - share), {"Delta": 1})],
        region=[(k, 0, sp.oo), (Lam, 0, sp.oo), (share, 0, 1)],
    )
    # It stays in the ball, and a smaller t only helps: 1 - t(tau)^2 >= 1 - t(delta)^2.
    T = sp.Symbol("T", nonnegative=True)
    nonnegative("smaller t", (1 - t**2) - (1 - T**2), [(T, 0, 1), (t, 0, T)])
    statement = {
        "kappa": kappa_star * (1 - t_delta**2),
        "Lam": lambda radius: L_of(radius) + kappa_star * t_delta * (1 + t_delta),
        "radius": SECTOR_5 - t_delta,
        **conditions,
    }
    return Proof(statement, "gram")
