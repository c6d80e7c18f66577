"""side section 3, rows 2-4: Bennett's inequality in a Hilbert space, and the deviation of a batch gradient."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.stochastic import (
    M_ball,
    V_ball,
    batch,
    eps_gradient,
    log_level,
    mean_radius,
    range_b,
    variance_v,
)
from gsae_theory.theory.symbols import p
from gsae_theory.theory.theorems.side_stochastic import deviation
from proofs_check.core import Proof, Use, step
from proofs_check.methods.elementary import prove_nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero

t, z, n = sp.symbols("t z n", positive=True)


@step("S3.2a")
def hyperbolic(use: Use) -> Proof:
    """sinh z <= z cosh z; cosh(a + b) <= cosh(a) e^b for b >= 0; e^z <= 2 cosh z; log cosh z <= z."""
    k = sp.Symbol("k", integer=True, nonnegative=True)
    # coefficients of z^(2k+1): 1/(2k)! - 1/(2k+1)! = 2k/(2k+1)!
    gap = 1 / sp.factorial(2 * k) - 1 / sp.factorial(2 * k + 1)
    prove_zero(sp.combsimp(gap - 2 * k / sp.factorial(2 * k + 1)), what="coefficients of z cosh z - sinh z")
    for order in range(4):
        coefficient = sp.series(z * sp.cosh(z) - sp.sinh(z), z, 0, 10).coeff(z, 2 * order + 1)
        prove_equal(coefficient, gap.subs(k, order), what="series")
    a, b = sp.symbols("a b", positive=True)  # a is e^a, b is e^b - 1 for b >= 0
    up, base = a * (1 + b), a
    cosh = lambda exponential: (exponential + 1 / exponential) / 2  # noqa: E731
    gap = cosh(base) * (1 + b) - cosh(up)
    prove_nonnegative(gap, [(b * (2 + b) / (2 * a * (1 + b)),)], what="cosh(a + b) <= cosh(a) e^b")
    prove_nonnegative(2 * cosh(a) - a, [(1 / a,)], what="e^z <= 2 cosh z")
    prove_nonnegative(1 + b - cosh(1 + b), [(b * (2 + b) / (2 * (1 + b)),)], what="cosh z <= e^z, z >= 0")
    return Proof(None, "certificate")


@step("S3.2b")
def second_derivative(use: Use) -> Proof:
    """d^2/dq^2 cosh(t||x + qX||) <= t^2 ||X||^2 cosh(t||x + qX||), with v = ||x + qX||^2 and v'^2 <= 4 v ||X||^2."""
    use("S3.2a")
    use("Q:hilbert")
    q, size, inner, base = sp.symbols("q size inner base", real=True)  # ||X||^2, <x, X>, ||x||^2
    v = base + 2 * q * inner + q**2 * size
    # Cauchy-Schwarz at x + qX: 4 v ||X||^2 - v'^2 = 4(||x||^2 ||X||^2 - <x, X>^2)
    prove_equal(4 * v * size - sp.diff(v, q) ** 2, 4 * (base * size - inner**2), what="v'^2 <= 4 v ||X||^2")
    prove_equal(sp.diff(v, q, 2), 2 * size, what="v''")
    norm = sp.Symbol("N", positive=True)  # sqrt(v)
    square = sp.Symbol("w", positive=True)
    curve = sp.cosh(t * sp.sqrt(square))
    first, second = (sp.diff(curve, square, k).subs(square, norm**2) for k in (1, 2))
    # C'' >= 0 is z cosh z >= sinh z at z = t N
    ratio = t * norm * sp.cosh(t * norm) - sp.sinh(t * norm)
    prove_zero(sp.simplify(second - t * ratio / (4 * norm**3)), what="C''")
    total = second * 4 * norm**2 * size + first * 2 * size
    prove_zero(sp.simplify(total - t**2 * size * sp.cosh(t * norm)), what="4 v C'' + 2 C' = t^2 C")
    return Proof(t**2 * size, "identity")


@step("S3.3")
def one_step(use: Use) -> Proof:
    """E cosh(t||x + X||) <= cosh(t||x||)(1 + E[e^z - 1 - z]), z = t||X||; <= exp(v (e^(tb) - 1 - tb)/b^2)."""
    use("S3.2a")
    use("S3.2b")
    use("Q:taylor")
    use("Q:tower")
    q, k = sp.Symbol("q", positive=True), sp.Symbol("k", integer=True, nonnegative=True)
    remainder = sp.integrate(sp.expand((1 - q) * z**2 * sp.exp(q * z)), (q, 0, 1))
    prove_zero(sp.simplify(remainder - (sp.exp(z) - 1 - z)), what="integral remainder")
    # (e^z - 1 - z)/z^2 = sum z^k/(k+2)! increases with z
    for order in range(5):
        coefficient = sp.series((sp.exp(z) - 1 - z) / z**2, z, 0, 6).removeO().coeff(z, order)
        prove_equal(coefficient, 1 / sp.factorial(order + 2), what="series")
        prove_nonnegative(coefficient, [(coefficient,)], what="increasing")
    prove_nonnegative(
        1 / sp.factorial(k + 2), [(1 / sp.factorial(k + 2),)], what="1 + x <= e^x for x >= 0, by series"
    )
    b, v = sp.symbols("b v", positive=True)
    return Proof(v * (sp.exp(t * b) - 1 - t * b) / b**2, "identity")


@step("S3.4")
def inversion(use: Use) -> Proof:
    """e^z - 1 - z <= z^2/(2(1 - z/3)), 0 <= z < 3; at y = sqrt(2 l/v), t = y/(1 + cy), the exponent is exactly l."""
    exponent = use("S3.3").statement
    k = sp.Symbol("k", integer=True, nonnegative=True)
    # k + 2 factors against 2 * 3^k: (k+3)!/(2 3^(k+1)) = (k+2)!/(2 3^k) (k+3)/3
    growth = sp.factorial(k + 3) / (2 * 3 ** (k + 1)) / (sp.factorial(k + 2) / (2 * 3**k))
    prove_zero(sp.simplify(sp.combsimp(growth) - (k + 3) / 3), what="ratio")
    prove_nonnegative((k + 3) / 3 - 1, [(k / 3,)], what="(k+2)! >= 2 3^k by induction")
    b, v = sp.symbols("b v", positive=True)
    bound = v * t**2 / (2 * (1 - t * b / 3))
    prove_equal(
        exponent.subs(sp.exp(t * b), 1 + t * b + t**2 * b**2 / (2 * (1 - t * b / 3))), bound, what="bound"
    )
    y, c = sp.symbols("y c", positive=True)
    level = v * y**2 / 2
    radius = sp.sqrt(2 * v * level) + c * level  # of the sum
    at = y / (1 + c * y)
    prove_zero(
        sp.simplify(at * radius - bound.subs(b, 3 * c).subs(t, at) - level), what="exponent at the optimum"
    )
    prove_nonnegative(1 - at * c, [(1 / (1 + c * y),)], what="t < 1/c")
    ell = sp.Symbol("ell", positive=True)
    return Proof(sp.sqrt(2 * v * ell) + b / 3 * ell, "certificate")


@step("S3.4b")
def mean_of_vectors(use: Use) -> Proof:
    """T3.1: P(||mean|| > sqrt(2 v l/N) + b l/(3N)) <= 2 e^(-l): variance N v and range b of the sum."""
    use("S3.2a")
    radius = use("S3.4").statement
    b, v, ell = sp.symbols("b v ell", positive=True)
    values = {v: batch * variance_v, b: range_b, ell: log_level}
    mean = radius.subs(values, simultaneous=True) / batch
    claimed = mean_radius(variance_v, range_b)
    prove_zero(sp.simplify(mean - claimed), what="radius of the mean")
    prove_zero(claimed - QUANTITIES["hilbert_radius"].expr, what="the quantity of the theory")
    return Proof(claimed, "identity")


@step("S3.13")
def batch_deviation(use: Use) -> Proof:
    """T3.3: X = Z_g - E Z_g has ||X|| <= (1 + p) M and E||X||^2 <= p V, as Z_g = 0 where g is not active."""
    use("S3.5b")
    use("S3.6b")
    use("Q:jensen")
    radius = use("S3.4b").statement
    second, mean = sp.symbols("second mean", nonnegative=True)  # E||Z||^2, ||E Z||^2
    prove_nonnegative(second - (second - mean), [(mean,)], what="E||Z - EZ||^2 <= E||Z||^2")
    total = M_ball + p * M_ball  # ||Z|| + ||E Z||
    value = radius.subs({variance_v: p * V_ball, range_b: total}) / p
    prove_zero(sp.simplify(value - QUANTITIES["eps_gradient"].expr), what="eps_g of the theory")
    return Proof(sp.Le(deviation, eps_gradient, evaluate=False), "identity")
