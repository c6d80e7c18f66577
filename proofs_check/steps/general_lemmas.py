"""Steps G7 - G11, G14, G15: the activation, its Taylor bounds and parity (general Lemmas 2 and 5)."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.interference_constants import curved, ell, k2, k3
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.symbols import lam
from proofs_check.core import Proof, Unproved, Use, step
from proofs_check.methods.identity import prove_equal, prove_zero

_T = sp.Symbol("T", nonnegative=True)
SECOND = 2 / sp.sqrt(3)
"""||D^2 unit(u)[v, v]|| <= SECOND ||v||^2/||u||^2 [G7]."""
THIRD = sp.Integer(3)
"""||D^3 unit(u)[v, v, v']|| <= THIRD ||v||^2 ||v'||/||u||^3 [G8, G9]."""


def unit_derivative(order: int) -> sp.Matrix:
    """Return the derivative of unit(u + tau v) at tau = 0 for ||u|| = 1, v = (cos a, sin a) in span(u, v)."""
    tau, cosine, sine = sp.symbols("tau cosine sine", real=True)
    moved = sp.Matrix([1 + tau * cosine, tau * sine])
    length = sp.sqrt(1 + 2 * tau * cosine + tau**2)
    return (moved / length).diff(tau, order).subs(tau, 0)


def squared_in_T(vector: sp.Matrix) -> sp.Expr:
    """Return the squared norm as a polynomial in T = sin^2 a."""
    cosine, sine = sp.symbols("cosine sine", real=True)
    value = sp.expand(sp.simplify(vector.dot(vector)))
    _, rest = sp.reduced(value, [cosine**2 + sine**2 - 1], cosine, sine)
    return sp.expand(sp.expand(rest).subs(sine, sp.sqrt(_T)))


@step("G7")
def second_derivative(use: Use) -> Proof:
    """|D^2 unit|^2 = 4T - 3T^2 = 4/3 - 3(T - 2/3)^2."""
    square = squared_in_T(unit_derivative(2))
    prove_equal(square, 4 * _T - 3 * _T**2, what="|D^2 unit|^2")
    prove_equal(square, SECOND**2 - 3 * (_T - sp.Rational(2, 3)) ** 2, what="completed square")
    return Proof({"square": square, "bound": SECOND}, "identity", {"attained at": "T = 2/3"})


@step("G8")
def third_derivative(use: Use) -> Proof:
    """9 - |D^3 unit|^2 = (1 - T)(45 (T - 3/10)^2 + 99/20) >= 0 for T in [0, 1]."""
    square = squared_in_T(unit_derivative(3))
    quadratic = 45 * _T**2 - 27 * _T + 9
    prove_equal(square, THIRD**2 + (_T - 1) * quadratic, what="|D^3 unit|^2")
    rest = sp.Rational(99, 20)
    prove_equal(quadratic, 45 * (_T - sp.Rational(3, 10)) ** 2 + rest, what="sum of squares")
    if not rest > 0:
        raise Unproved("the remainder of the square is not positive")
    return Proof(
        {"square": square, "bound": THIRD}, "certificate", {"certificate": f"45 (T - 3/10)^2 + {rest}"}
    )


@step("G9")
def polarisation(use: Use) -> Proof:
    """A symmetric form bounded on the diagonal is bounded by the same constant off it (Banach)."""
    use("Q:banach")
    second, third = use("G7").statement["bound"], use("G8").statement["bound"]
    u, v, c = sp.symbols("u v c", real=True)
    # Order 2, as a check of the constant: 4 B(u, v) = B(u+v, u+v) - B(u-v, u-v), |.| <= c(|u+v|^2 + |u-v|^2).
    prove_equal(c * ((u + v) ** 2 + (u - v) ** 2) / 4, c * (u**2 + v**2) / 2, what="parallelogram")
    return Proof({"second": second, "third": third}, "logic", {"orders": 2})


@step("G10")
def taylor(use: Use) -> Proof:
    """Lemma 2(b): sigma = id - lam unit, so that its derivatives are lam times those of unit."""
    use("Q:taylor")
    use("G4")
    bound = use("G9").statement
    tau = sp.Symbol("tau", real=True)
    second, third = lam * bound["second"] / ell**2, lam * bound["third"] / ell**3
    remainder = sp.integrate(1 - tau, (tau, 0, 1))
    both_sides = sp.integrate(1 - sp.Abs(tau), (tau, -1, 1)) / 2
    claims = {
        "sigma(u+v) - sigma(u) - J(u)v": (second * remainder, k2),
        "second difference of sigma": (second * both_sides, k2),
        "J(u+v) - J(u)": (second, 2 * k2),
        "second difference of J": (third * both_sides, k3),
    }
    for name, (derived, constant) in claims.items():
        # For d = 1 the derivatives vanish: the factor `curved`.
        prove_equal(curved * derived, constant.subs(_unfold_k()), what=name)
    return Proof({"k2": _unfold_k()[k2], "k3": _unfold_k()[k3]}, "identity", {"claims": list(claims)})


def _unfold_k() -> dict[sp.Symbol, sp.Expr]:
    return {k2: QUANTITIES["k2"].expr, k3: QUANTITIES["k3"].expr}


@step("G11")
def jacobian(use: Use) -> Proof:
    """J = alpha I + (1 - alpha) n n^T has v.Jv >= 0 and v.(I - J)v >= 0; a mean of J is between 0 and I."""
    use("Q:hilbert")
    alpha, vv, nv = sp.symbols("alpha v_squared n_v", real=True)
    form = alpha * vv + (1 - alpha) * nv**2
    # 0 <= alpha <= 1 and nv^2 <= vv (Cauchy-Schwarz, |n| = 1): both forms are sums of nonnegative products.
    gap = sp.Symbol("gap", nonnegative=True)
    low, high = sp.expand(form.subs(vv, nv**2 + gap)), sp.expand((vv - form).subs(vv, nv**2 + gap))
    prove_equal(low, alpha * gap + nv**2, what="v.Jv")
    prove_equal(high, (1 - alpha) * gap, what="v.(I - J)v")
    # 1-Lipschitz: sigma(u) - sigma(w) = int J (u - w) along the segment where it is differentiable.
    use("Q:taylor")
    return Proof({"low": low, "high": high}, "identity", {"eigenvalues": "alpha, 1"})


class Odd(sp.Function):
    """sigma along a line of symbols: odd."""

    @classmethod
    def eval(cls, value: sp.Expr) -> sp.Expr | None:
        """Take the sign out."""
        return -cls(-value) if sp.expand(value).could_extract_minus_sign() else None


class Even(sp.Function):
    """J along a line of symbols: even."""

    @classmethod
    def eval(cls, value: sp.Expr) -> sp.Expr | None:
        """Drop the sign."""
        return cls(-value) if sp.expand(value).could_extract_minus_sign() else None


def parts_of(value: sp.Expr, flipped: dict[sp.Symbol, sp.Expr]) -> tuple[sp.Expr, sp.Expr]:
    """Return even and odd part under the flip."""
    other = value.subs(flipped, simultaneous=True)
    return sp.expand((value + other) / 2), sp.expand((value - other) / 2)


@step("G14")
def parity_parts(use: Use) -> Proof:
    """Lemma 5: parts under the flip x_h, e -> -x_h, -e, for given S and x_g (measure preserving)."""
    bound = use("G10")
    ubar, zeta, own, xi, eps = sp.symbols("ubar zeta ubar_h xi_h epsilon_h", real=True)
    z_flip, h_flip = {zeta: -zeta}, {own: -own, xi: -xi}
    even, _ = parts_of(Odd(ubar + zeta) - Odd(ubar), z_flip)
    prove_equal(even, (Odd(ubar + zeta) + Odd(ubar - zeta)) / 2 - Odd(ubar), what="(dh)_e")
    even, odd = parts_of(Even(ubar + zeta) - Even(ubar), z_flip)
    prove_equal(even, (Even(ubar + zeta) + Even(ubar - zeta)) / 2 - Even(ubar), what="(J_g)_e - Jbar")
    prove_equal(
        odd, ((Even(ubar + zeta) - Even(ubar)) - (Even(ubar - zeta) - Even(ubar))) / 2, what="(J_g)_o"
    )
    b = own + xi
    even, odd = parts_of(Odd(b + eps) - Odd(own), h_flip)
    prove_equal(even, (Odd(b + eps) - Odd(b - eps)) / 2, what="(d_h)_e")
    remainder = (Odd(b + eps) + Odd(b - eps)) / 2 - Odd(b)
    prove_equal(odd, (Odd(b) - Odd(own)) + remainder, what="(d_h)_o")
    # The stack of remainders: (sum p_h)^2 - sum p_h^2 = sum over pairs of 2 p_h p_k >= 0, p_h = |epsilon_h|^2.
    p, r = sp.symbols("p r", nonnegative=True)
    if not sp.expand((p + r) ** 2 - p**2 - r**2).is_nonnegative:
        raise Unproved("sum of squares above the square of the sum")
    use("G11")
    return Proof({"k2": bound.statement["k2"], "k3": bound.statement["k3"]}, "identity", {"parts": 5})


@step("G15")
def mean_of_hidden(use: Use) -> Proof:
    """E[sigma(u_h) | x_g] = N_h epsilon_h with N_h = E int_{-1}^1 J(b + t epsilon_h) dt/2, b symmetric."""
    use("Q:taylor")
    use("G11")
    use("G14")
    b, eps = sp.symbols("b epsilon_h", real=True)
    even, _ = parts_of(Odd(b + eps), {b: -b})
    prove_zero(even - (Odd(b + eps) - Odd(b - eps)) / 2, what="sigma odd, b symmetric")
    tau = sp.Symbol("tau", real=True)
    # |t| averages to 1/2, which is the weight of |epsilon_h| in the bound on N_h - jbar I.
    weight = sp.integrate(sp.Abs(tau), (tau, -1, 1)) / 2
    prove_equal(weight, sp.Rational(1, 2), what="mean of |t|")
    return Proof({"weight": weight}, "identity", {})
