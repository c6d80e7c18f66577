"""side section 3, rows 8, 9 and 12: one perturbed step, stochastic descent, one fixed sample."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.scalars import eta_max, kappa_of
from gsae_theory.theory.stochastic import (
    K_ball,
    L_inf,
    M_ball,
    V_ball,
    alpha,
    batch,
    decay,
    kappa_C,
    level_net,
    lip_pair,
    log_level,
    net_eps,
    q_interp,
    q_moment,
    rho_max,
    sample_deviation,
    sample_radius,
    split_w,
    v_chi,
)
from gsae_theory.theory.symbols import G, d, delta, dist, dist0, dist_next, eta, iteration, m2, n, p
from gsae_theory.theory.theorems.side_stochastic import deviation, dist_square_next
from proofs_check.core import Proof, Use, step
from proofs_check.methods.elementary import prove_nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero, unfold

rate = sp.Symbol("a", positive=True)  # 1 - eta kappa


@step("S3.12")
def contraction(use: Use) -> Proof:
    """Lemma (C): gamma1 Theorem 4 at delta; (S) holds for every W in the ball, so no start is singled out."""
    theorem_4 = use("gamma1-step").statement
    use("L6")
    use("L38")
    at_delta = theorem_4["regular"]["kappa"].subs(theorem_4["tau"], delta)
    prove_equal(unfold(at_delta), unfold(kappa_of(delta)), what="kappa(delta) of Theorem 4")
    prove_equal(unfold(theorem_4["regular"]["eta_max"]), unfold(eta_max), what="eta_max of Theorem 4")
    tau, inner = sp.symbols("tau inner", nonnegative=True)  # dist = tau, delta = tau + inner
    gain = kappa_of(tau) - kappa_of(tau + inner)
    prove_nonnegative(gain, [(m2 * inner * (2 * tau + inner) / d,)], what="kappa(dist) >= kappa(delta)")
    prove_zero(kappa_of(delta) - QUANTITIES["kappa_delta"].expr, what="kappa(delta)")
    return Proof((1 - eta * kappa_of(delta)) * dist, "logic")


@step("S3.8")
def perturbed_step(use: Use) -> Proof:
    """dist(W+) <= (1 - eta kappa) dist(W) + (eta/p)||batch gradient - gradient||: dist is 1-Lipschitz in W."""
    use("Q:hilbert")
    bound = use("S3.12").statement + eta * deviation
    return Proof(sp.Le(dist_next, bound, evaluate=False), "norm-calculus")


@step("S3.8b")
def coarse_radius(use: Use) -> Proof:
    """T3.4a: x <- a x + eta eps ends at eps/kappa, and stays in the ball if eps <= kappa delta."""
    use("S3.8")
    use("S3.13")
    k, noise, start = sp.symbols("kappa noise start", positive=True)
    step_of = lambda value: (1 - eta * k) * value + eta * noise  # noqa: E731
    prove_equal(step_of(noise / k), noise / k, what="fixed point")
    prove_equal(step_of(start + noise / k) - noise / k, (1 - eta * k) * start, what="geometric")
    room = k * delta - noise
    prove_nonnegative(delta - step_of(delta), [(eta, room)], [room], what="stays in the ball")
    eps = QUANTITIES["sgd_radius_coarse"].expr - decay
    prove_zero(eps - sp.Symbol("eps_gradient", nonnegative=True) / kappa_C, what="the quantity of the theory")
    return Proof(None, "identity")


@step("S3.9")
def log_cosh(use: Use) -> Proof:
    """log cosh(az) <= a log cosh z for 0 <= a <= 1: convex with value 0 at 0."""
    use("Q:jensen")
    z = sp.Symbol("z", real=True)
    curve = sp.log(sp.cosh(z))
    prove_zero(sp.simplify(sp.diff(curve, z, 2).rewrite(sp.exp) - (1 / sp.cosh(z) ** 2).rewrite(sp.exp)))
    prove_zero(curve.subs(z, 0), what="value at 0")
    return Proof(None, "identity")


@step("S3.9b")
def radius_of_sgd(use: Use) -> Proof:
    """T3.4b: log E cosh(t D_k) <= a^k t D_0 + g/(1-a), g the one-step exponent; then the inversion S3.4."""
    for name in ("S3.2a", "S3.3", "S3.8", "S3.9", "S3.5b", "S3.6b", "Q:jensen", "Q:tower"):
        use(name)
    k = sp.Symbol("k", integer=True, nonnegative=True)
    gain, start = sp.symbols("g start", positive=True)
    closed = lambda order: rate**order * start + gain * (1 - rate**order) / (1 - rate)  # noqa: E731
    prove_zero(sp.simplify(rate * closed(k) + gain - closed(k + 1)), what="recursion")
    left = sp.Symbol("left", positive=True)  # 1 - a
    power = sp.Symbol("power", nonnegative=True)  # a^k
    prove_nonnegative(gain / left - gain * (1 - power) / left, [(gain * power / left,)], what="geometric sum")
    b, v, ell = sp.symbols("b v ell", positive=True)
    noise = eta**2 / (p**2 * batch) * (p * V_ball)  # N summands of (eta/(pN)) (Z - EZ), variance <= p V
    width = eta / (p * batch) * ((1 + p) * M_ball)
    radius = use("S3.4").statement.subs(
        {v: noise / (eta * kappa_C), b: width, ell: log_level}, simultaneous=True
    )
    prove_zero(sp.simplify(radius - QUANTITIES["sgd_floor"].expr), what="the floor of the theory")
    value = (1 - eta * kappa_C) ** iteration * dist0 + QUANTITIES["sgd_floor"].expr
    return Proof(sp.Le(dist, value, evaluate=False), "identity")


@step("S3.9c")
def second_moment(use: Use) -> Proof:
    """T3.4c: the cross term has mean 0; (x + y)^2 <= (1+w) x^2 + (1 + 1/w) y^2; geometric sum."""
    use("S3.8")
    slope = use("S3.6a").statement
    use("Q:tower")
    x, y = sp.symbols("x y", nonnegative=True)
    square = (sp.sqrt(split_w) * x - y / sp.sqrt(split_w)) ** 2
    prove_nonnegative(
        (1 + split_w) * x**2 + (1 + 1 / split_w) * y**2 - (x + y) ** 2, [(sp.Integer(1), square)], [square]
    )
    contraction = (1 - eta * kappa_C) ** 2
    noise = eta**2 / (p * batch)
    factor = contraction + noise * (1 + 1 / split_w) * slope**2
    prove_zero(sp.expand(factor - QUANTITIES["q_moment"].expr), what="rate")
    floor = noise * (1 + split_w) * v_chi / (1 - q_moment)
    value = q_moment**iteration * dist0**2 + floor
    prove_zero(sp.simplify(value - QUANTITIES["second_moment"].expr), what="bound")
    return Proof(value, "identity")


@step("S3.9d")
def interpolation(use: Use) -> Proof:
    """T3.4d: constant R has rho_max = v_chi = 0, so E D_{t+1}^2 <= q D_t^2; q < 1 iff eta < eta_interp."""
    use("S3.8")
    slope = use("S3.6a").statement
    use("S3.5c")
    use("Q:tower")
    reduced = QUANTITIES["L_inf"].expr.subs(rho_max, 0)
    prove_equal(slope.subs(L_inf, reduced), K_ball / sp.sqrt(d), what="L_inf = K")
    noise = eta**2 / (p * batch) * (K_ball / sp.sqrt(d)) ** 2
    value = (1 - eta * kappa_C) ** 2 + noise
    prove_zero(sp.expand(value - QUANTITIES["q_interp"].expr), what="q of the theory")
    limit = QUANTITIES["eta_interp"].expr
    gap = eta * (kappa_C**2 + K_ball**2 / (d * p * batch)) * (limit - eta)
    prove_equal(1 - value, gap, what="1 - q has the sign of eta_interp - eta")
    return Proof(sp.Le(dist_square_next, q_interp * dist**2, evaluate=False), "identity")


@step("S3.9e")
def never_leaves(use: Use) -> Proof:
    """Stopped D^2/q^t is a supermartingale: P(exit ever) <= sum D_0^2/delta^2, limsup D_t^(1/t) <= sqrt q."""
    use("S3.9d")
    use("Q:ville")
    k = sp.Symbol("k", integer=True, nonnegative=True)
    q, now = sp.symbols("q now", positive=True)
    prove_zero(sp.simplify((q * now) / q ** (k + 1) - now / q**k), what="supermartingale")
    return Proof(None, "logic")


@step("S3.14a")
def active_count(use: Use) -> Proof:
    """P(N_g >= 2pN) <= e^(-pN/3): E 2^(N_g) <= e^(pN) and 2 log 2 - 1 >= 1/3, i.e. e^2 <= 8."""
    order = 8
    upper = sum(sp.Rational(1, sp.factorial(k)) for k in range(order)) + sp.Rational(2, sp.factorial(order))
    prove_nonnegative(8 - upper**2, [(8 - upper**2,)], what="e^2 <= 8")
    # Bernoulli: 1 + p(e^t - 1) at e^t = 2 is 1 + p <= e^p
    prove_equal(1 + p * (2 - 1), 1 + p, what="moment of one indicator")
    count = sp.Symbol("pN", positive=True)
    prove_equal(
        sp.expand_log(sp.log(2 ** (-2 * count) * sp.exp(count)), force=True), -count * (2 * sp.log(2) - 1)
    )
    return Proof(None, "certificate")


@step("S3.14b")
def uniform_deviation(use: Use) -> Proof:
    """T3.6: union over a net of (1 + 2 delta/eps)^(nd) points and G groups; 2 Lip eps on the sample, Lip eps in mean."""
    for name in ("S3.14a", "S3.7b", "Q:net"):
        use(name)
    at_points = use("S3.13").statement.rhs
    net = (1 + 2 * delta / net_eps) ** (n * d)
    missed = 2 * G * net * sp.exp(-level_net)
    prove_zero(sp.simplify(missed - alpha / 2), what="level of the net")
    size = 3 * sp.log(2 * G / alpha)  # pN at least
    prove_zero(sp.simplify(G * sp.exp(-size / 3) - alpha / 2), what="level of the counts")
    between = 2 * lip_pair * net_eps + lip_pair * net_eps  # N_g <= 2pN; population
    formula = QUANTITIES[at_points.name].expr.subs(log_level, level_net) + between
    prove_equal(formula, QUANTITIES["sample_deviation"].expr, what="deviation of the theory")
    return Proof(formula, "identity")


@step("S3.14c")
def end_on_a_sample(use: Use) -> Proof:
    """Descent on the sample stays in the ball if eps_N <= kappa delta, and limsup D_t <= eps_N/kappa."""
    use("S3.14b")
    use("S3.8b")
    use("S3.12")
    value = sample_deviation / kappa_C
    prove_equal(value, QUANTITIES["sample_radius"].expr, what="radius of the theory")
    return Proof(sp.Le(dist, sample_radius, evaluate=False), "logic")
