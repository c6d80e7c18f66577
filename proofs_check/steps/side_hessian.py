"""side section 3, rows 10 and 11: curvature and gradient noise at s*A, and the predictions made of them.

Curvature and noise are exact; that SGD follows the linear recursion as pN grows is a prediction.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.scalars import F_of, L_star, h_of, hess_traceless, kappa_star
from gsae_theory.theory.stochastic import H_tl, H_tr, batch, residual_at, v_chi, v_trace, v_traceless
from gsae_theory.theory.symbols import R, d, eta, expect_R, lam, m2, p, s
from proofs_check.core import Proof, Use, step
from proofs_check.methods.identity import prove_equal, prove_zero, unfold
from proofs_check.methods.moments import check_pairings, form_expectation, radial_moment, sphere_moment, trace

e, x, y = sp.symbols("e x y", real=True)  # x = theta^T S theta, y = |S theta|^2
SS, S = trace("SS", "S"), trace("S", "S")


@step("S3.10")
def curvature(use: Use) -> Proof:
    """Second variation of L/p at sA along A(sI + S), S symmetric, and along A_perp D."""
    use("L3")
    use("L9")  # F'(s) = m2 h(s), zero at s*
    use("Q:sphere")
    use("Q:differentiation")
    check_pairings(4)
    rho = sp.sqrt(s**2 + 2 * s * e * x + e**2 * y)  # |C theta|
    factor = R - lam / rho
    image = s**4 + 4 * s**3 * e * x + 6 * s**2 * e**2 * y  # |C^2 theta|^2, up to third order
    loss = (R**2 - 2 * R * factor * rho**2 + factor**2 * image) / 2
    first, second = (sp.expand(sp.simplify(sp.diff(loss, e, k).subs(e, 0))) for k in (1, 2))
    stationary = sp.expand(sp.diff(F_of(s), s))  # zero at s*
    prove_equal(stationary, m2 * unfold(h_of(s)), what="F' = m2 h")
    prove_zero(expect_R(first / x), [stationary], "gradient")
    mean = expect_R(second)
    squares, lengths = mean.coeff(x, 2), mean.coeff(y, 1)
    prove_equal(mean, squares * x**2 + lengths * y, what="quadratic form")
    form = squares * form_expectation("S", "S", size=d, symmetric="S")
    form += lengths * form_expectation("SS", size=d, symmetric="S")
    for name, values, claimed in (
        ("traceless", {S: 0, SS: 1}, hess_traceless),
        ("trace", {S: sp.sqrt(d), SS: 1}, L_star),
    ):
        prove_zero(form.subs(values) - unfold(claimed), [stationary], name)
    # out of span A_g: L/p = const + E||D h||^2/2, E h h^T = E(sR - lam)^2 I/d
    prove_equal(expect_R((s * R - lam) ** 2) * sphere_moment(2, size=d), unfold(kappa_star), what="outside")
    # H_tr, H_tl in the constants c1, c2 of the document
    c1 = 4 * expect_R((s * R - lam) ** 2)
    c2 = expect_R(4 * lam * (s * R - lam) + lam**2 - lam / s * residual_at(R))
    prove_zero((c1 + c2) / d - unfold(H_tr), [stationary], "H_tr")
    prove_zero(c1 / d + 2 * c2 / (d * (d + 2)) - unfold(H_tl), [stationary], "H_tl")
    return Proof((H_tr, H_tl, kappa_star), "expectation")


@step("S3.11")
def noise_covariance(use: Use) -> Proof:
    """Z at sA is chi A theta theta^T: v_chi/d along the trace, v_chi(1 - 1/d) on traceless S, isotropic there."""
    use("S3.6b")
    use("Q:sphere")
    check_pairings(4)
    trace_part = form_expectation("", size=d) ** 2 / d  # <theta theta^T, I/sqrt d>^2
    prove_equal(v_chi * trace_part, v_trace, what="trace direction")
    along = form_expectation("S", "S", size=d, symmetric="S").subs(S, 0)  # <theta theta^T, S>^2, traceless S
    prove_equal(along, 2 * SS / radial_moment(2, d), what="isotropic: a multiple of ||S||^2")
    count = d * (d + 1) / 2 - 1
    prove_equal(v_chi * along.subs(SS, 1) * count, v_traceless, what="traceless total")
    return Proof((v_trace, v_traceless), "expectation")


@step("S3.11b")
def linear_recursion(use: Use) -> Proof:
    """Fixed points of the linear recursion: `stationary`, `sample_limit`, and the factor `rate_D`."""
    curvatures = use("S3.10").statement
    noises = use("S3.11").statement
    value, H = sp.symbols("value H", positive=True)  # E x^2 in one direction, its curvature
    v = sp.Symbol("v", positive=True)
    fixed = sp.solve((1 - eta * H) ** 2 * value + eta**2 * v / (p * batch) - value, value)[0]
    total = sum(fixed.subs({v: noise, H: bend}) for noise, bend in zip(noises, curvatures, strict=False))
    prove_equal(total, QUANTITIES["stationary"].expr, what="stationary")
    rest = v / (p * batch) / H**2  # x = -H^(-1) noise
    total = sum(rest.subs({v: noise, H: bend}) for noise, bend in zip(noises, curvatures, strict=False))
    prove_equal(total, QUANTITIES["sample_limit"].expr, what="sample limit")
    # E Khat^2 for Khat = (1/(pN)) sum h h^T over active samples
    fourth = expect_R((s * R - lam) ** 4) / p * sphere_moment(2, size=d)
    square = fourth / batch + (1 - 1 / batch) * kappa_star**2
    prove_equal(1 - 2 * eta * kappa_star + eta**2 * square, QUANTITIES["rate_D"].expr, what="rate_D")
    return Proof(None, "expectation")
