"""side section 1, rows 1-4 and 7: entries of a uniform direction against a threshold."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory import elementwise
from gsae_theory.theory.elementwise import (
    P_all,
    U,
    alignment,
    all_entries_closed,
    c_sphere,
    energy,
    entry_density,
    f_soft_expr,
    slope_soft_expr,
    tail_moment,
    tau,
    w_scale,
)
from gsae_theory.theory.symbols import d
from gsae_theory.theory.theorems.side_elementwise import entries_on, split_gap
from proofs_check.core import Proof, Use, step
from proofs_check.methods.elementary import PLUS, plus, prove_by_cases, prove_nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero
from proofs_check.methods.moments import check_moments, gaussian_moment, radial_moment

u, x, y, lam, t, D = sp.symbols("u x y lam t D", positive=True)
real = sp.Symbol("v", real=True)
f = sp.Function("f")
J = tuple(sp.Function(f"J{k}")(tau) for k in range(3))


def soft(value: sp.Expr, threshold: sp.Expr) -> sp.Expr:
    """Return the soft threshold of a number, in `plus`."""
    return plus(value - threshold) - plus(-value - threshold)


def inside(expr: sp.Expr, at: sp.Expr = tau) -> sp.Expr:
    """Return the branch of a piecewise moment for d >= 2 and a threshold in [0, 1)."""
    table = {sp.Lt(d, 2): sp.false}
    for item in (at, at**2):
        table |= {sp.Lt(item, 1): sp.true, sp.Ge(item, 1): sp.false}
    return expr.xreplace(table)


def in_tails(expr: sp.Expr, at: sp.Expr = tau, tails: tuple[sp.Expr, ...] = J) -> sp.Expr:
    """Return a theory expression in J_0, J_1, J_2 at `at`, as functions with known derivatives."""
    power = (1 - at**2) ** ((d - 1) / 2)
    beta = lambda half: sp.betainc_regularized(half, (d - 1) / 2, 0, at**2)  # noqa: E731
    table = {
        beta(sp.Rational(1, 2)): 1 - tails[0],
        power: tails[1] / c_sphere,
        beta(sp.Rational(3, 2)): 1 - d * tails[2],
    }
    return inside(expr, at).xreplace(table)


def tail_derivative(expr: sp.Expr) -> sp.Expr:
    """Return d/d tau with J_k' = -tau^k f(tau) [S1.2]."""
    derivative = sp.diff(expr, tau)
    return derivative.subs({sp.Derivative(item, tau): -(tau**k) * f(tau) for k, item in enumerate(J)})


def prove_gamma(expr: sp.Expr, what: str) -> None:
    """Confirm that an expression with gamma functions is zero, by Gamma(z + 1) = z Gamma(z)."""
    free = {item: sp.Dummy(item.name, positive=True) for item in expr.free_symbols}
    prove_zero(sp.gammasimp(sp.expand_func(expr.xreplace(free))), what=what)


@step("S1.1")
def two_relu_is_soft(use: Use) -> Proof:
    """W(u - l)_+ - W(-u - l)_+ = W ST_l(u), unit by unit."""
    sign_form = sp.Symbol("sign", real=True)
    cases = prove_by_cases(plus(real - lam) - plus(-real - lam) - soft(real, lam), [lam], "2ReLU = ST")
    # the other way to write ST: sgn(v)(|v| - lam)_+, sgn v = +1 and -1 in turn
    for sign, value in ((1, u), (-1, -u)):
        form = sign_form * plus(sign_form * real - lam)
        at = form.subs(sign_form, sign).subs(real, value) - soft(real, lam).subs(real, value)
        cases += prove_by_cases(at, [lam, u], "sgn(v)(|v| - lam)_+")
    return Proof(sp.Eq(split_gap, sp.Integer(0), evaluate=False), "identity", {"cases": cases})


@step("S1.2a")
def law_of_one_entry(use: Use) -> Proof:
    """All moments of theta_1^2 are those of Beta(1/2, (d-1)/2), by induction on the order."""
    use("Q:sphere")
    use("Q:moments-determine")
    check_moments(8)
    k = sp.Symbol("k", integer=True, nonnegative=True)
    beta = sp.gamma(k + sp.Rational(1, 2)) / sp.gamma(k + d / 2)
    ratio = (2 * k + 1) / (d + 2 * k)  # E theta^(2k+2)/E theta^(2k) by the sphere formula
    for order in range(5):
        numbers = {k: order}
        mine = sp.Integer(gaussian_moment(2 * order + 2)) / gaussian_moment(2 * order)
        mine *= radial_moment(order, d) / radial_moment(order + 1, d)
        prove_equal(mine, ratio.subs(numbers), what="ratio of consecutive moments")
    prove_gamma(beta.subs(k, k + 1) / beta - ratio, "moments of Beta(1/2, (d-1)/2)")
    return Proof(sp.Eq(sp.Function("E_theta2k")(k + 1) / sp.Function("E_theta2k")(k), ratio), "expectation")


@step("S1.2b")
def given_one_entry(use: Use) -> Proof:
    """theta_1 is independent of (theta_2, ..)/sqrt(1 - theta_1^2), which is uniform: mixed moments agree."""
    use("Q:sphere")
    use("Q:moments-determine")
    i, total = sp.symbols("i K", integer=True, nonnegative=True)
    half = sp.Rational(1, 2)
    # E theta_1^(2i) prod theta_j^(2 k_j) / prod (1/2)_{k_j}, sum k_j = K, both sides
    joint = sp.rf(half, i) / sp.rf(d / 2, i + total)
    first = sp.rf(half, i) * sp.rf((d - 1) / 2, total) / sp.rf(d / 2, i + total)  # E T^i (1-T)^K, T Beta
    rest = 1 / sp.rf((d - 1) / 2, total)  # the same for a uniform direction in dimension d - 1
    prove_zero(sp.simplify(joint - first * rest), what="independence in the mixed moments")
    for powers in ((1, 1), (2, 1), (1, 2), (3, 2)):
        exact = sp.Integer(gaussian_moment(2 * powers[0], 2 * powers[1])) / radial_moment(sum(powers), d)
        formula = joint.subs({i: powers[0], total: powers[1]}) * sp.rf(half, powers[1])
        prove_zero(sp.expand_func(exact - formula.rewrite(sp.gamma)).simplify(), what=str(powers))
    return Proof(sp.Eq(joint, first * rest, evaluate=False), "expectation")


@step("S1.2c")
def tail_moments(use: Use) -> Proof:
    """J_k' = -tau^k f_d, J_k(1) = 0, and a, b in terms of J_k, for the objects of the theory."""
    use("S1.2a")
    for k in range(3):
        form = inside(tail_moment(k))
        derivative = sp.diff(form, tau).rewrite(sp.gamma)
        prove_gamma(
            sp.powsimp(
                sp.simplify((derivative + tau**k * entry_density(tau)) / (1 - tau**2) ** ((d - 3) / 2))
            ),
            f"J_{k}'",
        )
        whole = {sp.betainc_regularized(sp.Rational(j, 2), (d - 1) / 2, 0, 1): sp.Integer(1) for j in (1, 3)}
        prove_zero(form.subs(d, D + 1).subs(tau, 1).subs(D, d - 1).xreplace(whole), what=f"J_{k}(1)")
        prove_zero(in_tails(tail_moment(k)) - J[k], what=f"J_{k} is read off")
    prove_zero(c_sphere - inside(tail_moment(1)).subs(tau, 0), what="c_d = J_1(0)")
    # one entry with |theta_j| = x: <theta, ST theta> and ||ST theta||^2
    prove_by_cases(x * soft(x, tau) - x * plus(x - tau), [x, tau], "<theta, ST theta>")
    prove_by_cases(soft(x, tau) ** 2 - plus(x - tau) ** 2, [x, tau], "|ST theta|^2")
    moment = {x**k: J[k] for k in range(3)}
    tail_of = lambda form: sum(c * moment[x**k] for (k,), c in sp.Poly(form, x).terms())  # noqa: E731
    prove_equal(in_tails(alignment()), d * tail_of(sp.expand(x * (x - tau))), what="a")
    prove_equal(in_tails(energy()), d * tail_of(sp.expand((x - tau) ** 2)), what="b")
    return Proof((in_tails(alignment()), in_tails(energy())), "identity")


@step("S1.2d")
def loss_of_soft(use: Use) -> Proof:
    """2 L_ST/R^2 = f(w, U) = 1 - 2 w^2 a(U/w) + w^4 b(U/w), and (1/2d) df/dw is the theory's slope."""
    use("S1.2c")
    at = U / w_scale
    w, R = w_scale, sp.Symbol("R", positive=True)
    entry = plus(x - tau)  # yhat = w^2 R ST_tau(theta) in the block, |theta_j| = x
    prove_by_cases(
        (R * x - w * plus(w * R * x - lam)) ** 2
        - R**2 * (x**2 - 2 * w**2 * x * entry + w**4 * entry**2).subs(tau, lam / (w * R)).replace(
            PLUS, lambda item: plus(sp.expand(item * w * R)) / (w * R)
        ),
        [],
        "loss of one entry",
    )  # fmt: skip
    prove_equal(
        in_tails(f_soft_expr, at),
        1 - 2 * w**2 * in_tails(alignment(at), at) + w**4 * in_tails(energy(at), at),
    )
    chain = in_tails(f_soft_expr, at).subs(dict(zip(J, J, strict=True)))
    # d/dw at tau = U/w: dJ_k/dw = -tau^k f . (-U/w^2)
    tails = [sp.Function(f"j{k}")(w) for k in range(3)]
    moving = chain.xreplace(dict(zip(J, tails, strict=True)))
    slopes = {sp.Derivative(item, w): (U / w) ** k * f(U / w) * U / w**2 for k, item in enumerate(tails)}
    derivative = sp.diff(moving, w).subs(slopes).xreplace(dict(zip(tails, J, strict=True)))
    prove_equal(derivative, 2 * d * in_tails(slope_soft_expr, at), what="df/dw")
    return Proof(sp.Eq(sp.Symbol("df_dw"), 2 * d * slope_soft_expr), "identity")


@step("S1.3")
def recursion(use: Use) -> Proof:
    """S_k(tau; d) = int f_d(t) S_{k-1}(tau/sqrt(1-t^2); d-1) dt; closed forms for d = 2, 3 by derivative."""
    use("S1.2b")
    use("Q:taylor")
    two, three = (all_entries_closed(size).args[0][0] for size in (2, 3))
    angle = lambda size: entry_density(t, sp.Integer(size))  # noqa: E731
    equation = elementwise.recursion(2, 2).rhs
    prove_equal(
        equation.function.subs(equation.function.atoms(sp.core.function.AppliedUndef).pop(), 1), angle(2)
    )
    # d = 2: S_1(x; 1) = 1{x < 1}, so the integral ends at sqrt(1 - tau^2)
    upper = sp.sqrt(1 - tau**2)
    prove_zero(sp.diff(2 / sp.pi * sp.asin(t), t) - angle(2), what="antiderivative")
    moved = -angle(2).subs(t, tau) + angle(2).subs(t, upper).subs(sp.sqrt(tau**2), tau) * sp.diff(upper, tau)
    prove_zero(sp.simplify(sp.diff(two, tau) - moved), what="d = 2, derivative")
    prove_zero(two.subs(tau, 1 / sp.sqrt(2)), what="d = 2, end")
    # d = 3: f_3 = 1; dS/dtau = -S_2(u; 2) - (4/pi)(pi/2 - 2 asin u), u = tau/sqrt(1 - tau^2)
    prove_zero(sp.simplify(angle(3) - 1), what="|theta_1| is uniform on [0, 1]")
    inner = sp.diff(two.subs(tau, tau / sp.sqrt(1 - t**2)), tau)
    primitive = -4 / sp.pi * sp.asin(t / sp.sqrt(1 - tau**2))
    prove_square(inner, sp.diff(primitive, t), "integrand of the derivative")
    ratio = tau / sp.sqrt(1 - tau**2)
    end = (1 - 2 * tau**2) / (1 - tau**2)
    prove_zero(sp.simplify(1 - ratio**2 - end), what="asin sqrt(1 - u^2) = pi/2 - asin u at the upper end")
    prove_zero(sp.simplify(three.subs(tau, 1 / sp.sqrt(3))), what="d = 3, end")
    at = u / sp.sqrt(1 + u**2)  # tau in terms of u
    slope = -two.subs(tau, u) - 4 / sp.pi * (sp.pi / 2 - 2 * sp.asin(u))
    rest = sp.diff(three.subs(tau, at), u) - slope * sp.diff(at, u)
    prove_zero(sp.simplify(sp.expand(sp.simplify(rest))), what="d = 3, derivative")
    return Proof(sp.Eq(entries_on, P_all, evaluate=False), "identity")


def prove_square(left: sp.Expr, right: sp.Expr, what: str) -> None:
    """Confirm left = right for two real expressions of one sign whose squares are rational."""
    prove_zero(sp.simplify(left**2 - right**2), what=what)
    at = {tau: sp.Rational(1, 5), t: sp.Rational(1, 3)}
    prove_zero(sp.sign(left.subs(at)) - sp.sign(right.subs(at)), what=f"{what}: sign")


@step("S1.3b")
def some_unit(use: Use) -> Proof:
    """P(some unit fires) = -sum_k (-c)^k C(d,k) S_k, c = 1 (ST) or 1/2 (ReLU: a fair sign each)."""
    use("S1.3")
    c = sp.Symbol("c", positive=True)
    for size in range(1, 6):
        on = sp.symbols(f"X1:{size + 1}")  # indicators; exchangeable, E of a product of k of them is S_k
        S = sp.symbols(f"S0:{size + 1}")
        missed = sp.Poly(sp.expand(sp.prod([1 - c * item for item in on])), *on)
        mean = sum(weight * S[sum(powers)] for powers, weight in missed.terms())
        prove_equal(mean, sum((-c) ** k * sp.binomial(size, k) * S[k] for k in range(size + 1)))
    return Proof(None, "identity")


@step("S1.4")
def association(use: Use) -> Proof:
    """S_k <= J_0 S_{k-1}: E fg <= E f E g for f increasing, g decreasing in T = theta_1^2."""
    use("S1.2b")
    names = sp.symbols("f1 f2 g1 g2", real=True)
    f1, f2, g1, g2 = names
    # two independent copies: 2(E fg - E f E g) = E (f - f')(g - g'), E f1 g2 = E f E g
    Ef, Eg, Efg = sp.symbols("Ef Eg Efg", real=True)
    table = {f1 * g1: Efg, f2 * g2: Efg, f1 * g2: Ef * Eg, f2 * g1: Ef * Eg}
    mean = sum(
        weight * table[term]
        for term, weight in sp.expand((f1 - f2) * (g1 - g2)).as_coefficients_dict().items()
    )
    prove_equal(mean, 2 * (Efg - Ef * Eg), what="two copies")
    up, down = sp.symbols("up down", nonnegative=True)  # f1 - f2 and g2 - g1 have one sign
    prove_nonnegative(-(up * -down), [(up * down,)], what="opposite monotonicity")
    # g: (1-T) D' > tau^2 can only fail as T grows
    T, rise, D = sp.symbols("T rise D", nonnegative=True)
    prove_nonnegative((1 - T) * D - (1 - T - rise) * D, [(rise * D,)], what="g decreases")
    return Proof(sp.Le(sp.Symbol("S_k"), sp.Symbol("J_0") * sp.Symbol("S_k_1")), "identity")


@step("S1.4b")
def entry_bounds(use: Use) -> Proof:
    """1 - d(1 - J_0) <= S_d <= J_0^d; S_d = 0 from tau = d^{-1/2} on; P(ReLU sees the group) <= 1 - 2^-d."""
    use("S1.4")
    k = sp.Symbol("k", integer=True, positive=True)
    J0, previous = sp.symbols("J0 P", nonnegative=True)
    prove_equal((J0 * previous).subs(previous, J0 ** (k - 1)).simplify(), J0**k, what="induction")
    # union bound: 1 - prod X <= sum (1 - X) for indicators, one index at a time with q = 1 - X, r = 1 - prod before
    q, r = sp.symbols("q r", nonnegative=True)
    prove_nonnegative(q + r - (1 - (1 - q) * (1 - r)), [(q * r,)], what="union")
    # if every |theta_j| > d^{-1/2} then sum theta_j^2 > 1: slack z_j > 0 each
    z, size = sp.Symbol("z", positive=True), sp.Symbol("d", positive=True)
    prove_nonnegative(size * (1 / sp.sqrt(size) + z) ** 2 - 1, [(2 * sp.sqrt(size) * z,), (size * z**2,)])
    # a ReLU entry stays off with probability 1 - X/2 >= 1/2: E prod (1 - X_j/2) >= 2^-d, one index at a time
    on, before, slack = sp.symbols("on before slack", nonnegative=True)  # X = 1 - on
    prove_nonnegative(1 - (1 - on) / 2 - sp.Rational(1, 2), [(on / 2,)], what="one entry")
    half = sp.Rational(1, 2)
    prove_nonnegative(
        (before + slack) * (half + on / 2) - before * half, [(before * on / 2,), (slack * (half + on / 2),)]
    )
    return Proof(None, "identity")


@step("S1.7")
def leakage(use: Use) -> Proof:
    """sup over theta of |<w a, A_g R theta>| = w R ||A_g^T a||; mu/sqrt d <= mu_col(Q) <= mu."""
    use("Q:hilbert")
    size = sp.Symbol("d", positive=True, integer=True)
    norm, w, R = sp.symbols("norm w R", positive=True)
    # equality in Cauchy-Schwarz at theta = v/||v||, v = A_g^T a, and ||M Q||_F = ||M||_F >= ||M||_2
    v = sp.symbols("v1:4", real=True)
    length = sp.Symbol("length", positive=True)
    value = sum(item * item / length for item in v)
    prove_zero(value - length, modulo=[length**2 - sum(item**2 for item in v)], what="sup attained")
    columns, rest = sp.symbols("c rest", nonnegative=True)  # mu_col^2 and what other columns lack of it
    prove_nonnegative(size * columns - (size * columns - rest), [(rest,)], what="d mu_col^2 >= ||M||_F^2")
    return Proof((w * norm * R - sp.Symbol("lam", positive=True), 1 / sp.sqrt(size)), "identity")
