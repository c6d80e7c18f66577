"""side section 2, rows 4-10: misclustering under Gaussian noise."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.clustering import (
    barrier,
    chernoff_bound,
    chernoff_k,
    closed_bound,
    error_bound_function,
    error_level,
    marcum_bound,
    marcum_q,
    mu_gh,
    offset_expr,
    rho_active,
)
from gsae_theory.theory.symbols import G, R, d, delta, mu, s, sigma
from gsae_theory.theory.theorems.side_clustering import misclustered
from proofs_check.core import Proof, Use, step
from proofs_check.methods.elementary import prove_nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero
from proofs_check.methods.moments import gaussian_expectation
from proofs_check.methods.products import letters, prove_words, transpose

k, o = chernoff_k, sp.Symbol("o", nonnegative=True)
rest_k = sp.Symbol("rest_k", positive=True)  # 1 - k
cos, sin = sp.symbols("cos sin", nonnegative=True)
u, g = sp.symbols("u g", real=True)


@step("S2.4")
def independence(use: Use) -> Proof:
    """z = A_h^T (I - A_g A_g^T) e is uncorrelated with A_g^T e, of covariance sigma^2 (I - M^T M)."""
    use("Q:gaussian-vectors")
    A, B = letters("A B")
    rules = {(transpose(A), A): sp.Integer(1), (transpose(B), B): sp.Integer(1)}
    other = transpose(B) * (1 - A * transpose(A))
    M = transpose(A) * B
    prove_words(other * A, sp.Integer(0), rules, "covariance with A_g^T e")
    prove_words(other * transpose(other), 1 - transpose(M) * M, rules, "covariance of z")
    prove_words(transpose(B), transpose(M) * transpose(A) + other, rules, "A_h^T y = M^T u + z")
    # mu = 0: the z_h of two groups are uncorrelated too, so that P(no error | rho) = F(rho^2)^(G-1)
    C = letters("C")[0]
    free = {**rules, (transpose(B), C): sp.Integer(0), (transpose(B), A): sp.Integer(0)}
    prove_words(
        other * transpose(transpose(C) * (1 - A * transpose(A))), sp.Integer(0), free, "two groups, mu = 0"
    )
    return Proof(None, "identity")


@step("S2.5")
def stochastically_increasing(use: Use) -> Proof:
    """d/dm P(|m + g| <= t) = phi(t + m) - phi(t - m) <= 0 for m, t >= 0; c/sqrt(1-c^2) increases with c."""
    use("Q:taylor")
    m, t = sp.symbols("m t", nonnegative=True)
    cdf, density = sp.Function("Phi"), lambda at: sp.exp(-(at**2) / 2) / sp.sqrt(2 * sp.pi)
    probability = cdf(t - m) - cdf(-t - m)
    slope = sp.diff(probability, m).doit()
    slope = slope.replace(sp.Subs, lambda expr, var, at: density(at[0]))
    prove_equal(slope, density(t + m) - density(t - m), what="derivative")
    prove_nonnegative((t + m) ** 2 - (t - m) ** 2, [(4 * t * m,)], what="phi(t + m) <= phi(t - m)")
    ratio = sp.diff(mu_gh / sp.sqrt(1 - mu_gh**2), mu_gh)
    prove_zero(sp.simplify(ratio - (1 - mu_gh**2) ** sp.Rational(-3, 2)), what="c/sqrt(1-c^2)")
    return Proof(None, "identity")


@step("S2.6")
def marcum(use: Use) -> Proof:
    """sum_i (c_i u_i + s_i g_i)^2 is stochastically below chi'^2_d(tau_h^2 rho^2): Marcum's Q at the barrier."""
    use("S2.4")
    use("S2.5")
    use("Q:stochastic-order")
    # |c u + s g| = s |(c/s) u + g|, s <= 1, c/s <= tau_h; the offsets of d coordinates add to tau_h^2 ||u||^2
    prove_equal(cos * u + sin * g, sin * (cos / sin * u + g), what="scaling")
    ratio = mu_gh / sp.sqrt(1 - mu_gh**2)
    bound = marcum_q(d / 2, ratio * rho_active, barrier)
    prove_zero(bound - marcum_bound, what="the bound of the theory")
    return Proof(bound, "identity")


@step("S2.7")
def quadratic_moment(use: Use) -> Proof:
    """E exp((k/2)(cu + sg)^2) = (1 - k s^2)^(-1/2) exp((k/2) c^2 u^2/(1 - k s^2)), by completing the square."""
    use("Q:gaussian-vectors")
    left = 1 - k * sin**2
    exponent = k / 2 * (cos * u + sin * g) ** 2 - g**2 / 2
    square = -left / 2 * (g - k * cos * sin * u / left) ** 2 + k / 2 * cos**2 * u**2 / left
    prove_equal(exponent, square, what="completing the square")
    a = sp.Symbol("a", positive=True)
    integral = sp.integrate(sp.exp(-a * g**2 / 2) / sp.sqrt(2 * sp.pi), (g, -sp.oo, sp.oo))
    prove_zero(sp.simplify(integral - 1 / sp.sqrt(a)), what="Gaussian integral")
    # Markov: 1{X >= b} <= exp(t(X - b)): e^x >= 1 for x >= 0
    x = sp.Symbol("x", nonnegative=True)
    prove_nonnegative(1 + x - 1, [(x,)], what="e^x >= 1 + x >= 1")
    return Proof(1 / sp.sqrt(left) * sp.exp(k / 2 * cos**2 * u**2 / left), "identity")


@step("S2.8")
def chernoff(use: Use) -> Proof:
    """T2.2's Chernoff form: 1 - k s^2 >= 1 - k, and c^2/(1 - k(1 - c^2)) increases with c^2."""
    use("S2.4")
    moment = use("S2.7").statement
    c2 = sp.Symbol("c2", nonnegative=True)
    less = sp.Symbol("less", nonnegative=True)  # 1 - s^2
    prove_nonnegative((1 - k * (1 - less)) - (1 - k), [(k * less,)], what="1 - k s^2 >= 1 - k")
    share = c2 / (1 - k * (1 - c2))
    slope = sp.diff(share, c2).subs(k, 1 - rest_k)
    prove_nonnegative(slope, [(rest_k / (1 - (1 - rest_k) * (1 - c2)) ** 2,)], what="increasing in c^2")
    # the exponent of the moment at c = mu_gh, summed over coordinates with sum u_i^2 = rho^2
    exponent = sp.log(moment.args[1] if moment.args[1].func is sp.exp else moment.args[0])
    exponent = next(item for item in moment.args if item.func is sp.exp).args[0]
    worst = exponent.subs({cos: mu_gh, u: rho_active}).subs(sin**2, 1 - mu_gh**2)
    bound = (1 - k) ** (-d / 2) * sp.exp(worst - k / 2 * barrier**2)
    prove_zero(sp.simplify(sp.log(bound / chernoff_bound).expand(force=True)), what="the bound of the theory")
    return Proof(bound, "certificate")


@step("S2.8b")
def closed_form(use: Use) -> Proof:
    """T2.3: P_h - P_g has eigenvalues +-s_i on the principal planes; the Gaussian moment at t = k/(2 sigma^2)."""
    use("S2.4")
    use("S2.7")
    alpha = sp.Symbol("alpha", positive=True)
    first, second = (
        sp.Matrix([1, 0]),
        sp.Matrix([cos, sin]),
    )  # unit vectors of span A_g, span A_h in one plane
    M = (second * second.T - first * first.T).subs(cos**2, 1 - sin**2)
    prove_zero(M.trace(), what="trace")
    prove_zero(sp.expand(M.det()).subs(cos**2, 1 - sin**2) + sin**2, what="eigenvalues +-s")
    form = (first.T * M * first)[0]
    shares = [
        (1 + sign * form / sin) / 2 for sign in (1, -1)
    ]  # squared components of a_hat on the eigenvectors
    prove_equal(shares[0], (1 - sin) / 2, what="share at +s")
    prove_equal(shares[1], (1 + sin) / 2, what="share at -s")
    exponent = sum(
        k * alpha**2 / (2 * sigma**2) * value * share / (1 - k * value)
        for value, share in zip((sin, -sin), shares, strict=True)
    )
    claimed = -(alpha**2 / (2 * sigma**2)) * k * (1 - k) * sin**2 / (1 - k**2 * sin**2)
    prove_equal(exponent, claimed, what="exponent of one plane")
    prove_equal((1 - k * sin) * (1 + k * sin), 1 - k**2 * sin**2, what="determinant of one plane")
    # worst s_i^2: the factor at s^2 = 1, the exponent at s^2 = 1 - mu^2
    x, less = sp.symbols("x less", nonnegative=True)
    prove_nonnegative((1 - k**2 * (1 - less)) - (1 - k**2), [(k**2 * less,)], what="1 - k^2 s^2 >= 1 - k^2")
    slope = sp.diff(x / (1 - k**2 * x), x)
    prove_nonnegative(slope, [(1 / (1 - k**2 * x) ** 2,)], what="increasing in s^2")
    worst = claimed.subs(alpha, R).subs(sin**2, 1 - mu_gh**2)
    bound = (1 - k**2) ** (-d / 2) * sp.exp(worst)
    prove_zero(sp.simplify(sp.log(bound / closed_bound).expand(force=True)), what="the bound of the theory")
    return Proof(bound, "certificate")


@step("S2.8c")
def optimal_exponent(use: Use) -> Proof:
    """The exponent of T2.3 is at most R^2(1-mu)/(4 sigma^2), attained as k -> 1/(1+mu)."""
    use("S2.8b")
    m = sp.Symbol("m", nonnegative=True)
    gain = lambda at: at * (1 - at) * (1 - m**2) / (1 - at**2 * (1 - m**2))  # noqa: E731
    rest = (1 - m) / 2 * (1 - k**2 * (1 - m**2)) - k * (1 - k) * (1 - m**2)
    prove_equal(rest, (1 - m) / 2 * (1 - (1 + m) * k) ** 2, what="distance to the optimum")
    prove_zero(sp.simplify(gain(1 / (1 + m)) - (1 - m) / 2), what="value at k = 1/(1+mu)")
    return Proof((1 - m) / 2, "identity")


@step("S2.8d")
def given_network(use: Use) -> Proof:
    """T2.5: E exp(t y^T B y) in the eigenbasis of B = W_h W_h^T - W_g W_g^T, for t < 1/(2 sigma^2 l_max)."""
    use("S2.7")
    use("Q:spectral")
    t, a = sp.Symbol("t", positive=True), sp.Symbol("a", real=True)
    value = sp.Symbol("l", real=True)  # one eigenvalue
    left = 1 - 2 * t * sigma**2 * value
    exponent = t * value * (a + sigma * g) ** 2 - g**2 / 2
    square = -left / 2 * (g - 2 * t * value * a * sigma / left) ** 2 + t * value * a**2 / left
    prove_equal(exponent, square, what="completing the square")
    return Proof(t * value * a**2 / left, "identity")


@step("S2.9")
def offset(use: Use) -> Proof:
    """T2.4: ||E_h^T e|| <= delta sigma (sqrt d + t) off probability e^(-t^2/2); the barrier drops by o sigma."""
    use("S2.6")
    use("S2.8")
    use("Q:gaussian-lipschitz")
    use("Q:jensen")
    # E ||E^T e||^2 = sigma^2 ||E||_F^2 entrywise, and ||E||_F^2 <= d delta^2; the map e -> ||E^T e|| is delta-Lipschitz
    e, z = sp.symbols("e1:4", real=True), sp.symbols("z1:4", real=True)
    mean = gaussian_expectation((sigma * sum(a * b for a, b in zip(e, z, strict=True))) ** 2, z)
    prove_equal(mean, sigma**2 * sum(a**2 for a in e), what="one column of E")
    t = sp.sqrt(2 * sp.log(G / error_level))
    prove_zero(sp.simplify(sp.exp(-(t**2) / 2) - error_level / G), what="union over G blocks")
    # ||W_h^T y|| >= ||W_g^T y|| gives s||A_h^T y|| + x_h >= s||A_g^T y|| - x_g, x <= delta (R + sigma(sqrt d + t))
    each = delta * (R + sigma * (sp.sqrt(d) + t))
    prove_equal(2 * each / (s * sigma), offset_expr, what="offset")
    return Proof(2 * each / (s * sigma), "identity")


@step("S2.10")
def error_bound(use: Use) -> Proof:
    """P(misclustered) <= min(T2.2, T2.3) with every mu_gh replaced by mu: all three forms increase with mu_gh."""
    use("S2.5")
    marcum_form, chernoff_form, closed = (use(name).statement for name in ("S2.6", "S2.8", "S2.8b"))
    m2, j = sp.symbols("m2 j", positive=True)  # mu_gh^2, and k = 1/(1 + j) in (0, 1)
    for form in (chernoff_form, closed):
        exponent = next(item for item in form.args if item.func is sp.exp).args[0]
        slope = sp.diff(exponent.subs(barrier, 0).subs(mu_gh, sp.sqrt(m2)), m2).subs(k, 1 / (1 + j))
        slope = sp.factor(sp.together(slope))
        prove_nonnegative(slope, [(slope,)], what="exponent increases with mu_gh")
    ratio = marcum_form.args[1]
    prove_zero(ratio - mu_gh / sp.sqrt(1 - mu_gh**2) * rho_active, what="Marcum's first argument [S2.5]")
    return Proof(
        sp.Le(misclustered, error_bound_function(d, R / sigma, mu, G), evaluate=False), "certificate"
    )
