"""side section 2, rows 1-3: the clustering margin under bounded noise, and its ties."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.clustering import delta_row, margin_expr, nu_row
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.symbols import B_min, R, delta, mu, nu, s
from gsae_theory.theory.theorems.side_clustering import margin_row, misclustered
from proofs_check.core import Proof, Use, step
from proofs_check.methods.elementary import prove_nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero
from proofs_check.methods.products import letters, norm_bound, prove_words, transpose

c = sp.Symbol("c", real=True)  # <a_hat, b>
root = sp.Symbol("root", positive=True)  # sqrt(1 - mu)


def in_root(expr: sp.Expr) -> sp.Expr:
    """Return an expression in mu with mu = 1 - root^2, root > 0 (mu < 1)."""
    return sp.expand(sp.powdenest(sp.simplify(expr.subs(mu, 1 - root**2)), force=True))


@step("S2.1")
def margin_by_duality(use: Use) -> Proof:
    """||A_g^T y|| - ||A_h^T y|| >= min over unit b in span A_h of R(1-c) - sqrt(2-2c) nu, c = <a_hat, b> <= mu."""
    use("Q:hilbert")
    A, B, q, x, y = letters("A B q x y")
    number = letters("q_t")[0]
    # b = B q, q = B^T y/||B^T y||: <b, y> = ||B^T y|| is q^T B^T y; c = x^T (A^T B) q <= ||A^T B||
    prove_words(transpose(B * q) * y, number * transpose(B) * y, what="<b, y>")
    bound = norm_bound(
        transpose(A * x) * B * q,
        {(*letters("A_t"), B): mu, (q,): sp.Integer(1), letters("x_t"): sp.Integer(1)},
    )
    prove_equal(bound, mu, what="c <= mu")
    # <a_hat - b, R a_hat + e> with |a_hat| = |b| = 1: the square of |a_hat - b|, and Cauchy-Schwarz on the noise
    gap = 1 - 2 * c + 1
    prove_equal(R * (1 - c) - sp.sqrt(gap) * nu_row, R * (1 - c) - sp.sqrt(2 - 2 * c) * nu_row, what="gap")
    return Proof(R * (1 - c) - sp.sqrt(2 - 2 * c) * nu_row, "identity")


@step("S2.2")
def worst_angle(use: Use) -> Proof:
    """R t^2 - sqrt2 nu t increases for t >= nu/(sqrt2 R), t = sqrt(1-c): so c = mu is worst."""
    lower = use("S2.1").statement
    t0, more = sp.symbols("t0 more", nonnegative=True)  # t = t0 + more, t0 = sqrt(1 - mu)
    form = lambda t: R * t**2 - sp.sqrt(2) * nu_row * t  # noqa: E731
    room = sp.sqrt(2) * R * t0 - nu_row  # nu <= R sqrt(2 (1 - mu))
    prove_nonnegative(
        form(t0 + more) - form(t0), [(R * more**2,), (sp.sqrt(2) * more, room)], [room], what="increases"
    )
    t = sp.Symbol("t", nonnegative=True)
    prove_equal(sp.expand(sp.simplify(lower.subs(c, 1 - t**2))), form(t), what="t = sqrt(1 - c)")
    return Proof(form(sp.sqrt(1 - mu)), "certificate")


@step("S2.2b")
def perturbed_margin(use: Use) -> Proof:
    """W_h = s A_h Q_h + E_h, ||E_h||_2 <= delta: each norm moves by at most delta (R + ||e||)."""
    use("Q:hilbert")
    clean = use("S2.2").statement
    E, A, x, e = letters("E A x e")
    norms = {letters("E_t"): delta_row, (A, x): R, (e,): nu_row}
    moved = norm_bound(transpose(E) * (A * x + e), norms)
    value = s * clean - 2 * moved
    prove_zero(in_root(value - margin_expr), what="the margin of the theory")
    return Proof(sp.Ge(margin_row, value, evaluate=False), "identity")


@step("S2.2c")
def no_sample_misclustered(use: Use) -> Proof:
    """The margin is 2(R + nu)(delta_max(R) - delta), delta_max rises with R: positive at B_min, positive always."""
    value = use("S2.2b").statement.rhs.subs({nu_row: nu, delta_row: delta})
    limit = QUANTITIES["delta_cluster"].expr
    prove_zero(in_root(value - 2 * (R + nu) * (limit.subs(B_min, R) - delta)), what="margin and delta_max")
    more = sp.Symbol("more", nonnegative=True)  # R - B_min
    slope = in_root(s * (1 - mu)) - 2 * delta
    difference = in_root(value.subs(R, B_min + more) - value.subs(R, B_min))
    prove_equal(difference, more * slope, what="linear in R")
    # the slope is positive below delta_max, as delta_max <= s (1 - mu)/2
    rest = sp.together(
        in_root(s * (1 - mu)) / 2
        - sp.sqrt(root**2) * s * (root * B_min - sp.sqrt(2) * nu) / (2 * (B_min + nu))
    )
    prove_nonnegative(
        rest, [(s * (root**2 + sp.sqrt(2) * root) * nu / (2 * (B_min + nu)),)], what="delta_max"
    )
    prove_zero(
        in_root(limit) - s * root * (root * B_min - sp.sqrt(2) * nu) / (2 * (B_min + nu)), what="delta_max"
    )
    # nu < B_min sqrt((1-mu)/2) is below R sqrt(2 (1-mu)), where S2.2 applies
    low = QUANTITIES["nu_cluster"].expr
    prove_nonnegative(
        in_root(sp.sqrt(2 * (1 - mu)) * (B_min + more) - low),
        [(root * B_min / sp.sqrt(2),), (sp.sqrt(2) * root * more,)],
    )
    return Proof(sp.Le(misclustered, sp.Integer(0), evaluate=False), "certificate")


@step("S2.3")
def ties(use: Use) -> Proof:
    """y = R(a + b)/2 with a top principal pair <a, b> = mu is a tie for s A Q; E = -+delta for ||e|| = 0."""
    use("S2.2b")
    use("Q:hilbert")
    a, b, P, K = letters("a b P K")  # P, K projectors on span A_g, span A_h: P b = mu a, K a = mu b
    rules = {(P, a): a, (P, b): mu * a, (K, b): b, (K, a): mu * b}
    y = R * (a + b) / 2
    prove_words(P * y, R * (1 + mu) / 2 * a, rules, "A_g^T y")
    prove_words(K * y, R * (1 + mu) / 2 * b, rules, "A_h^T y, of the same length")
    noise = R**2 * (2 - 2 * mu) / 4  # ||R (b - a)/2||^2
    prove_zero(
        in_root(QUANTITIES["nu_cluster"].expr.subs(B_min, R) ** 2 - noise), what="its noise is nu_cluster"
    )
    # without noise: W_g^T a loses delta R, W_h^T a gains it; equal at delta = s (1 - mu)/2
    tie = (s - delta) * R - (s * mu * R + delta * R)
    limit = QUANTITIES["delta_cluster"].expr.subs(nu, 0)
    prove_zero(tie.subs(delta, s * (1 - mu) / 2), what="tie without noise")
    prove_zero(in_root(limit - s * (1 - mu) / 2), what="delta_cluster without noise")
    prove_equal(margin_expr.subs({nu_row: 0, delta_row: delta}), tie, what="the margin is attained")
    return Proof(None, "identity")
