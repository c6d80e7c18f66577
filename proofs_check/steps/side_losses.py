"""side section 1, rows 5, 6 and 8-10: losses, floors, gradients of elementwise networks."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.elementwise import (
    U,
    alignment,
    captured,
    cross_moment_function,
    cross_moment_given_r,
    energy,
    loss_group_expr,
    mu_col_Q,
    s_group,
    s_zero,
    slope_soft_expr,
    tau,
    w_scale,
)
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.scalars import F_of
from gsae_theory.theory.symbols import R, d, lam, m1, m2, mu, s
from gsae_theory.theory.theorems.side_elementwise import (
    loss_group_run,
    loss_relu_rel,
    loss_soft_rel,
    loss_soft_row,
    loss_zero_row,
    pair_loss,
    relu_gradient_norm,
    soft_slope,
)
from proofs_check.core import Proof, Use, step
from proofs_check.methods.elementary import plus, prove_by_cases, prove_nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero, unfold
from proofs_check.methods.moments import sphere_moment
from proofs_check.steps.side_entries import J, in_tails, tail_derivative

w = w_scale
real = sp.Symbol("v", real=True)


@step("S1.5")
def antipodal_pair(use: Use) -> Proof:
    """l_ReLU(y) + l_ReLU(-y) = l_ST(y) + l_0(y), entry by entry: units of a block are orthonormal."""
    use("S1.1")
    bias = sp.Symbol("lam", positive=True)
    unit, x = w * real, real  # u_j = w y_j in the basis of the units; yhat_j = w h_j
    relu = lambda sign: (sign * x - w * plus(sign * unit - bias)) ** 2 / 2  # noqa: E731
    soft = (x - w * (plus(unit - bias) - plus(-unit - bias))) ** 2 / 2
    cases = prove_by_cases(relu(1) + relu(-1) - soft - x**2 / 2, [bias], "one entry")
    return Proof(
        sp.Eq(pair_loss, loss_soft_row + loss_zero_row, evaluate=False), "identity", {"cases": cases}
    )


@step("S1.5b")
def relu_loss(use: Use) -> Proof:
    """L_ReLU = (L_ST + m2/2)/2 as y and -y have one law, so 2 L_ReLU/m2 = (1 + 2 L_ST/m2)/2 >= 1/2."""
    pair = use("S1.5").statement.rhs
    soft = sp.Symbol("L_ST", nonnegative=True)
    mean = pair.xreplace({loss_soft_row: soft, loss_zero_row: m2 / 2}) / 2  # E l(y) = E l(-y)
    relative = sp.expand(2 * mean / m2).subs(soft, m2 * loss_soft_rel / 2)
    prove_nonnegative(relative - sp.Rational(1, 2), [(loss_soft_rel / 2,)], what="L_ReLU >= m2/4")
    return Proof(sp.Eq(loss_relu_rel, relative), "identity")


@step("S1.6a")
def slope_of_share(use: Use) -> Proof:
    """rho' = 2 a d^2 tau (J_1^2 - J_0 J_2)/b^2, from a' = -d J_1, b' = -2d(J_1 - tau J_0)."""
    a, b = use("S1.2c").statement
    J0, J1, J2 = J
    prove_equal(tail_derivative(a), -d * J1, what="a'")
    prove_equal(tail_derivative(b), -2 * d * (J1 - tau * J0), what="b'")
    prove_equal(a * (J1 - tau * J0) - J1 * b, d * tau * (J1**2 - J0 * J2), what="numerator of rho'")
    rho = in_tails(captured())
    slope = 2 * a * d**2 * tau * (J1**2 - J0 * J2) / b**2
    prove_equal(tail_derivative(rho), slope, what="rho'")
    return Proof(slope, "identity")


@step("S1.6b")
def share_falls(use: Use) -> Proof:
    """J_0 J_2 - J_1^2 = E E' 1 1' (|theta| - |theta'|)^2/2 > 0 for d >= 2; rho(0) = 1, rho <= d J_2 -> 0."""
    slope = use("S1.6a").statement
    J0, J1, J2 = J
    x, y = sp.symbols("x y", nonnegative=True)  # two independent copies of |theta_1|, both above tau
    pair = sp.Poly(sp.expand((x - y) ** 2 / 2), x, y)
    prove_equal(sum(c * J[i] * J[j] for (i, j), c in pair.terms()), J0 * J2 - J1**2, what="two copies")
    a, gap = sp.symbols("a gap", positive=True)  # a, b > 0: E of (x - tau)(x, x - tau) over x > tau
    negative = slope.subs(in_tails(alignment()), a).subs(J1**2 - J0 * J2, -gap)
    prove_nonnegative(-negative, [(-negative,)], what="rho' <= 0")
    # ends: J_2(0) = 1/d gives a = b = 1; Cauchy-Schwarz with x - tau and x: a^2 <= b d J_2
    start = {J0: 1, J2: sphere_moment(2, size=d), tau: 0}
    prove_zero((in_tails(captured()) - 1).subs(start), what="rho(0) = 1")
    excess = sp.Poly(sp.expand(((x - tau) * y - (y - tau) * x) ** 2 / 2), x, y)
    gram = sum(c * J[i] * J[j] for (i, j), c in excess.terms())
    prove_equal(d**2 * gram, in_tails(energy()) * d * J2 - in_tails(alignment()) ** 2, what="a^2 <= b d J_2")
    # the closed form for d = 3, where J_k are polynomials
    three = [1 - tau, (1 - tau**2) / 2, (1 - tau**3) / 3]
    shape = (1 - tau) * (1 + tau / 2) ** 2
    prove_equal(in_tails(captured()).subs(d, 3).subs(dict(zip(J, three, strict=True))), shape, what="d = 3")
    return Proof(sp.Le(sp.Symbol("rho_slope"), 0), "identity")


@step("S1.6c")
def soft_floor(use: Use) -> Proof:
    """2 L_ST/m2 >= 1 - rho_d(mu_col(Q)): the best scale at a threshold, then tau >= mu_col(Q)."""
    use("S1.2d")
    use("S1.6b")
    use("S1.7")
    alpha, a, b = sp.symbols("alpha a b", positive=True)
    quadratic = 1 - 2 * alpha * a + alpha**2 * b
    prove_equal(in_tails(captured()), in_tails(alignment()) ** 2 / in_tails(energy()), what="rho = a^2/b")
    square = (b * alpha - a) ** 2
    prove_nonnegative(quadratic - (1 - a**2 / b), [(1 / b, square)], [square], what="best scale, alpha = w^2")
    # no leakage: lam - w mu_col B >= 0 and R <= B give lam/(w R) >= mu_col
    gap, threshold = sp.symbols("gap lam", positive=True)  # gap: B - R
    norm = sp.Symbol("R", positive=True)
    room = threshold - w * mu_col_Q * (norm + gap)
    prove_nonnegative(
        threshold / (w * norm) - mu_col_Q,
        [(1 / (w * norm), room), (mu_col_Q * gap / norm,)],
        [room],
        what="tau",
    )
    bound = (1 - captured(tau)).subs(
        tau, mu_col_Q
    )  # rho falls (0 from tau = 1 on), E over R keeps a constant
    return Proof(sp.Ge(loss_soft_rel, bound, evaluate=False), "identity")


@step("S1.6d")
def relu_floor(use: Use) -> Proof:
    """2 L_ReLU/m2 >= 1 - rho_d(mu_col(Q))/2, by S1.5b."""
    relu, floor = use("S1.5b").statement.rhs, use("S1.6c").statement.rhs
    share = captured(mu_col_Q)
    bound = 1 - share / 2
    prove_equal(relu.subs(loss_soft_rel, floor), bound, what="half of the floor")
    return Proof(sp.Ge(loss_relu_rel, bound, evaluate=False), "identity")


@step("S1.6e")
def floors_for_every_rotation(use: Use) -> Proof:
    """For every Q both hold with mu/sqrt d <= mu_col(Q), as rho falls."""
    least = mu * use("S1.7").statement[1].xreplace({sp.Symbol("d", positive=True, integer=True): d})
    use("S1.6b")
    bounds = [use(name).statement.rhs.subs(mu_col_Q, least) for name in ("S1.6c", "S1.6d")]
    return Proof(
        tuple(
            sp.Ge(item, bound, evaluate=False)
            for item, bound in zip((loss_soft_rel, loss_relu_rel), bounds, strict=True)
        ),
        "logic",
    )


@step("S1.6f")
def group_loss(use: Use) -> Proof:
    """L_G(s* A) <= L_G(s_0 A) = s_0^2 lam^2 (1 - m1^2/m2)/2, s_0 = s_G(lam m1/m2)."""
    use("L12")  # F falls up to s* and rises after it
    use("L13")  # s* <= s_0
    scale = unfold(s_zero)
    prove_zero(scale**2 - scale * lam * m1 / m2 - 1, what="s_0^2 - (lam m1/m2) s_0 - 1 = 0")
    prove_zero(scale - unfold(QUANTITIES["s_plus"].expr), what="s_0 is s_+ of gamma1")
    x = sp.Symbol("s0", positive=True)
    residual = x * lam * (1 - R * m1 / m2)  # R - s_0 (s_0 R - lam) at that root
    prove_zero(R - x * (x * R - lam) - residual, [x**2 - x * lam * m1 / m2 - 1], what="residual")
    prove_equal(F_of(x), loss_group_expr.subs(w, x), what="L_G is F of gamma1")
    value = x**2 * lam**2 * (1 - m1**2 / m2) / 2
    prove_zero(F_of(x) - value, [x**2 - x * lam * m1 / m2 - 1], what="F(s_0)")
    # where s* R < lam the unit is off: the residual R is smaller than R + s*(lam - s* R)
    off = sp.Symbol("off", nonnegative=True)  # lam - s* R
    prove_nonnegative(
        (R + s * off) ** 2 - R**2, [(2 * R * s * off,), (s**2 * off**2,)], what="clipping helps"
    )
    return Proof(sp.Le(loss_group_run, value.subs(x, s_zero), evaluate=False), "identity")


@step("S1.8")
def soft_slope_sign(use: Use) -> Proof:
    """d/dw (t - w(wt - U))^2/2 < 0 for wt > U, t < 1, w <= s_G: so df/dw <= 0 up to s_G."""
    use("S1.2d")
    t = sp.Symbol("t", nonnegative=True)
    residual = t - w * (w * t - U)
    prove_equal(sp.diff(residual**2 / 2, w), -residual * (2 * w * t - U), what="derivative of one entry")
    scale = unfold(s_group)
    prove_zero(scale**2 - U * scale - 1, what="s_G^2 = U s_G + 1")
    below, sG = sp.Symbol("below", nonnegative=True), sp.Symbol("sG", positive=True)  # s_G - w
    # 1 - w^2 + U w >= 0 for 0 < w <= s_G: the roots are s_G and -1/s_G
    root = 1 + U * w - w**2
    prove_zero(root.subs(U, sG - 1 / sG) - (sG - w) * (w + 1 / sG), what="roots")
    prove_nonnegative(
        ((sG - w) * (w + 1 / sG)).subs(w, sG - below).subs(sG, below + w), [(below * (w + 1 / (below + w)),)]
    )
    short, on = 1 - t, w * t - U
    prove_nonnegative(residual, [(t, root), (U * w, short)], [root, short], what="residual of one entry")
    prove_nonnegative(2 * w * t - U, [(sp.Integer(1), on), (w * t,)], [on], what="2wt - U")
    # per entry the slope is residual * (2wt - U) >= 0 times -1; the sum over entries is the theory's slope
    terms = sp.Poly(sp.expand(-residual * (2 * w * t - U)), t).terms()
    mean = sum(c * J[k] for (k,), c in terms)
    prove_equal(mean, in_tails(slope_soft_expr, U / w), what="(1/2d) df/dw")
    return Proof(sp.Le(soft_slope, sp.Integer(0), evaluate=False), "identity")


def block_gradient(x: sp.Expr, y: sp.Expr, act_x: sp.Expr, act_y: sp.Expr, on: sp.Expr) -> sp.Expr:
    """Return entry (j, k) of -(r h^T + y (on * W^T r)^T) at w A_g, theta_j = x and theta_k = y.

    `act_x`, `act_y` are the entries after the threshold (h_k = w R act_y), `on` whether unit k fires.
    """
    residual = lambda entry, part: R * entry - w**2 * R * part  # noqa: E731
    return -(residual(x, act_x) * w * R * act_y + R * x * on * w * residual(y, act_y))


@step("S1.9")
def soft_gradient(use: Use) -> Proof:
    """ST: what is off the diagonal is odd in theta_j; the diagonal adds up to dL/dw."""
    use("Q:differentiation")
    use("S1.2d")
    x, y, act_x, act_y, on = sp.symbols("x y sx sy on", real=True)
    entry = block_gradient(x, y, act_x, act_y, on)
    turned = entry.subs({x: -x, act_x: -act_x}, simultaneous=True)  # theta_j -> -theta_j, ST is odd
    prove_zero(entry + turned, what="odd in theta_j")
    # on the diagonal act = (|x| - tau) sign x: with t = |x|, and the derivative of (t - w(wt - U))^2 R^2/2 in w
    t = sp.Symbol("t", positive=True)
    at = lam / (w * R)
    diagonal = block_gradient(t, t, t - at, t - at, sp.Integer(1))
    loss = (R * t - w * (w * R * t - lam)) ** 2 / 2
    prove_equal(diagonal, sp.diff(loss, w), what="diagonal entry")
    # y and r lie in span A_g: nothing out of it
    return Proof(None, "expectation")


@step("S1.9b")
def relu_gradient_entries(use: Use) -> Proof:
    """Off the diagonal of -grad/p stands -w^3 R^2 E (theta_j - tau)_+ (theta_k - tau)_+."""
    use("Q:differentiation")
    x, y, act_x, act_y = sp.symbols("x y px py", real=True)  # theta_j, theta_k and their (. - tau)_+
    on = sp.Symbol("on", nonnegative=True)  # 1{theta_k > tau}
    grad = block_gradient(x, y, act_x, act_y, on)
    # theta_j -> -theta_j given the rest: what is odd in x has mean 0
    kept = sum(term for term in sp.Add.make_args(sp.expand(grad)) if not (sp.Poly(term, x).degree() % 2))
    prove_equal(kept, w**3 * R**2 * act_x * act_y, what="what sign symmetry leaves")
    # d(d-1) entries of at least that size
    entry = w**3 * R**2 * cross_moment_function(d, lam / (w * R))
    size = sp.Symbol("b", nonnegative=True)
    bound = sp.sqrt(d * (d - 1)) * entry
    prove_equal(sp.simplify((bound / entry * size) ** 2), d * (d - 1) * size**2, what="Frobenius norm")
    return Proof(sp.Ge(relu_gradient_norm, bound, evaluate=False), "expectation")


@step("S1.9c")
def cross_moment(use: Use) -> Proof:
    """The angular integral in E (theta_1 - tau)_+(theta_2 - tau)_+, by its antiderivative, and its sign."""
    use("S1.2b")
    use("Q:taylor")
    angle, r = sp.Symbol("angle", positive=True), sp.Symbol("r", positive=True)
    integrand = (r * sp.cos(angle) - tau) * (r * sp.sin(angle) - tau)
    primitive = -(r**2) * sp.cos(2 * angle) / 4 - r * tau * (sp.sin(angle) - sp.cos(angle)) + tau**2 * angle
    prove_zero(sp.simplify(sp.diff(primitive, angle) - integrand), what="antiderivative")
    start = sp.asin(tau / r)  # both factors are positive between asin(tau/r) and pi/2 - asin(tau/r)
    # the share of the circle: 4 quadrants of which one has both signs right, angle uniform on (0, 2 pi)
    ends = primitive.subs(angle, sp.pi / 2 - start) - primitive.subs(angle, start)
    prove_zero(
        sp.simplify(sp.expand_trig(cross_moment_given_r - ends / (2 * sp.pi))), what="angular integral"
    )
    return Proof(None, "identity")


@step("S1.10a")
def affine_on_a_sphere(use: Use) -> Proof:
    """N cos t a + N sin t b - v = 0 on an interval forces N a = N b = v = 0: 1, cos, sin are independent."""
    t = sp.Symbol("t", real=True)
    wronskian = sp.wronskian([sp.Integer(1), sp.cos(t), sp.sin(t)], t)
    prove_zero(sp.simplify(wronskian - 1), what="Wronskian of 1, cos, sin")
    return Proof(None, "identity")


@step("S1.10b")
def no_exact_elementwise_network(use: Use) -> Proof:
    """L(W) > 0 for every elementwise network: the offset v of an exact affine piece has <v, y> > 0."""
    use("S1.10a")
    over, bias = sp.symbols("over lam", positive=True)  # |w_j.y| = lam_j + over on the units that fire
    # <v, y> = sum_J lam_j |w_j . y| > sum_J lam_j^2 > 0, but P v = 0 would give <v, y> = 0
    prove_nonnegative(bias * (bias + over) - bias**2, [(bias * over,)], what="one unit")
    sign = sp.Symbol("sign", real=True)
    prove_zero((sign * (sign * over) - over).subs(sign, -1), what="sigma_j w_j.y = |w_j.y|")
    # sigma_j lam_j w_j is the offset of yhat = sum_J w_j (w_j.y - lam_j sigma_j)
    product = sp.Symbol("product", real=True)
    cases = prove_by_cases(
        plus(product - bias) - plus(-product - bias)
        - sum(sign * plus(sign * product - bias) for sign in (1, -1)),
        [bias],
        "affine piece",
    )  # fmt: skip
    return Proof(None, "logic", {"cases": cases})


@step("S1.10c")
def minimum_is_attained(use: Use) -> Proof:
    """L(W) = L(PW) + E||(I-P)W h||^2/2, and <y, yhat> = sum |u_j|(|u_j| - lam_j)_+ makes L coercive on PW."""
    use("S1.10b")
    inside_part, outside, target = sp.symbols("a b c", real=True)  # components in and out of the data span
    prove_equal((target - inside_part) ** 2 + outside**2, (target - inside_part) ** 2 + (0 - outside) ** 2)
    bias = sp.Symbol("lam", positive=True)
    prove_by_cases(
        real * (plus(real - bias) - plus(-real - bias))
        - (real * plus(real - bias) + -real * plus(-real - bias)),
        [bias],
        "<y, yhat> of one unit",
    )
    # ||y - yhat|| >= <yhat, y>/||y|| - ||y||: Cauchy-Schwarz on <y - yhat, -y>
    inner, length, size = sp.symbols("inner length size", positive=True)  # <yhat,y>, ||y||, ||y - yhat||
    schwarz = size * length - (inner - length**2)
    prove_nonnegative(size - (inner / length - length), [(1 / length, schwarz)], [schwarz], what="coercive")
    return Proof(None, "logic")
