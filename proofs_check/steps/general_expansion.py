"""Steps G35, G35-exact: the coefficients of (5.1)-(5.3) for every d, and (5.1) without remainder for d = 1."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from gsae_theory.theory import prediction as pr
from gsae_theory.theory.interference_constants import alpha_R, c_R, j_bar, j_two, sm, w_corr
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.symbols import G, R, d, expect_R, lam, m2, n, q, q2, s
from proofs_check.core import Proof, Unproved, Use, step
from proofs_check.methods.identity import prove_equal, prove_zero, unfold
from proofs_check.methods.moments import check_moments, form_expectation, trace
from proofs_check.methods.norm_blocks import ROOT_Q, SELECT
from proofs_check.methods.norm_rules import factor
from proofs_check.methods.norm_terms import Letter, Term, identity, mean, term, zero
from proofs_check.methods.norms import Equal, Fact, cancel, given_equal, reflexive, rewrite
from proofs_check.steps import general_setting as g
from proofs_check.steps.general_lemmas import unit_derivative
from proofs_check.steps.general_terms import T_TERMS, drop_odd

t = term
N = d * (d + 2)
_PER_D, _PER_N = sp.symbols("per_d per_N", positive=True)
"""1/d and 1/N as symbols, so that expectations over R see polynomials."""


def over_R(value: sp.Expr) -> sp.Expr:
    """Return E over R, with 1/d and 1/N put in."""
    return expect_R(sp.expand(value)).xreplace({_PER_D: 1 / d, _PER_N: 1 / N})


# --- Coefficients for every d -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Form:
    """``linear S theta + (cubic theta.S theta + trace tr S) theta`` for a symmetric S."""

    linear: sp.Expr
    cubic: sp.Expr
    trace: sp.Expr

    def scaled(self, factor_: sp.Expr) -> Form:
        """Return a multiple."""
        return Form(factor_ * self.linear, factor_ * self.cubic, factor_ * self.trace)

    def plus(self, other: Form) -> Form:
        """Return a sum."""
        return Form(self.linear + other.linear, self.cubic + other.cubic, self.trace + other.trace)

    def through_jacobian(self) -> Form:
        """Return J(s x) times the form, J = alpha I + (1 - alpha) theta theta^T."""
        return Form(alpha_R * self.linear, self.cubic + (1 - alpha_R) * self.linear, self.trace)

    def against_direction(self) -> tuple[sp.Expr, sp.Expr]:
        """Return (x, y) with E_theta[form theta^T] = x S + y tr(S) I."""
        return (self.linear * _PER_D + 2 * self.cubic * _PER_N, self.cubic * _PER_N + self.trace * _PER_D)


BEND = Form(sp.Integer(-2), sp.Integer(3), sp.Integer(-1))
"""E D^2 unit(theta)[v, v] for E v v^T = S."""


def _moments() -> None:
    """E[(theta.S theta)(theta.T theta)] = (2 tr ST + tr S tr T)/N for every symmetric T, and D^2 unit."""
    check_moments(4)
    value = form_expectation("S", "T", size=d, symmetric="ST")
    a, b, c = (trace(word, "ST") for word in ("S", "T", "ST"))
    prove_equal(value, (2 * c + a * b) / N, what="fourth moments")
    cosine, sine = sp.symbols("cosine sine", real=True)
    direct = sp.Matrix([-2 * cosine**2 + 3 * cosine**2 - 1, -2 * cosine * sine])
    derivative = unit_derivative(2).subs(sine**2, 1 - cosine**2)
    for entry in sp.expand(derivative - direct):
        prove_zero(
            entry.subs(sine**2, 1 - cosine**2), modulo=[sine**2 + cosine**2 - 1], what="D^2 unit[v, v]"
        )
    x, y = (item.xreplace({_PER_D: 1 / d, _PER_N: 1 / N}) for item in BEND.against_direction())
    prove_equal(x, -2 * (d - 1) / N, what="E D^2 unit theta^T, S")
    prove_equal(y, -(d - 1) / N, what="E D^2 unit theta^T, tr S")


def curvature_parts() -> Form:
    """Return the sum of T1, T2, T6, T7 and the curved part of T8 as E[...] of a Form over R, without A_g.

    Everything is the form whose outer product with theta is averaged; S stands for Gamma_g times q m2/d.
    """
    # zeta has second moment s^2 S; D^2 sigma = -lam D^2 unit is of order 1/(s R)^2 at s x.
    second = BEND.scaled(-lam / R**2)  # E D^2 sigma(s x)[zeta, zeta]
    half = second.scaled(sp.Rational(1, 2))
    alpha = alpha_R
    # D^2 unit[v, J v] with J theta = theta, J v = alpha v + (1 - alpha)(theta.v) theta.
    mixed = Form(-(1 + alpha), 1 + 2 * alpha, -alpha).scaled(-lam / R**2)
    first = half.scaled(-c_R)  # T1: -A E c theta (dh_e)^T
    # T6: D^3 unit(u)[v, v, u] = -2 D^2 unit(u)[v, v] (degree -2), vbar = s c theta = (c/R) u.
    sixth = half.scaled(-2).scaled(-(c_R / R) * R)
    second_term = half.scaled(s * (s * R - lam))  # T2: s A E dh_e h0^T
    seventh = half.through_jacobian().plus(mixed).scaled(s**2 * R)  # T7
    # T8: -A E x ((J_g)_o W^T A_c c_c)^T, E zeta (A^T A_c c_c)^T = s (q/d) E[cR] Gamma.
    eighth = BEND.scaled(lam / R * expect_R(c_R * R) / m2)
    total = first.plus(sixth).plus(second_term).plus(seventh).plus(eighth)
    return total


def second_order() -> dict[str, tuple[sp.Expr, sp.Expr]]:
    """Return the in-subspace part of E_g(s A)/(q m2/d) as coefficients of A_g Gamma_g and tr(Gamma_g) A_g."""
    alpha = alpha_R
    bent = curvature_parts().against_direction()
    curved = (over_R(bent[0]), over_R(bent[1]))
    # T3: s A E[J s^2 S J], J S J = alpha^2 S + alpha (1-alpha)(P S + S P) + (1-alpha)^2 P S P, P = theta theta^T.
    third = (
        s**3 * over_R(alpha**2 + 2 * alpha * (1 - alpha) * _PER_D + 2 * (1 - alpha) ** 2 * _PER_N),
        s**3 * over_R((1 - alpha) ** 2 * _PER_N),
    )
    # T8 through N: s^3 jbar A E[x x^T Gamma J]/(m2/d) = s^3 jbar (d/m2) E[R^2 P Gamma (alpha + (1-alpha) P)].
    weight = s**3 * j_bar / m2
    through = (
        weight * over_R(R**2 * (alpha + 2 * (1 - alpha) * d * _PER_N)),
        weight * over_R(R**2 * (1 - alpha) * d * _PER_N),
    )
    return {"curved": curved, "T3": third, "T8": through}


@step("G35")
def expansion_coefficients(use: Use) -> Proof:
    """K, X, k1, k2', the last term with its factor 2, h1, h2, chi, s_q as the theory has them."""
    use("Q:sphere"), use("G1"), use("G13"), use("L16")
    _moments()
    parts = second_order()
    prove_equal(parts["curved"][0], 2 * parts["curved"][1], what="curvature: 2 Gamma + tr Gamma")
    X = sp.expand(parts["curved"][1] * N / (d - 1))
    prove_equal(X, QUANTITIES["X_curv"].expr, what="X")
    X = QUANTITIES["X_curv"].expr  # the same without the factor d - 1 above and below
    for k, name in enumerate(("k1_pred", "k2_pred")):
        found = sp.Add(*(item[k] for item in parts.values()))
        prove_equal(found, QUANTITIES[name].expr.subs(pr.X_curv, QUANTITIES["X_curv"].expr), what=name)
    # K: T4, T9 (Bm), T5 and T9 (c-part of P), T9 (vbar: D^2 unit[v, theta] = -v + (theta.v) theta).
    drift = s**2 * j_bar * w_corr + s**3 * m2 * j_two - s * j_bar * expect_R(c_R * R) * 2
    drift -= lam / s * (1 - 1 / d) * expect_R(c_R / R**2) * s * m2
    prove_equal(drift, QUANTITIES["K_drift"].expr, what="K")
    one = (
        q2 * s**3 * m2 * j_bar**2
    )  # T5: E W_h E[J] xi_h (Jbar zeta)^T; T9: z against (Jbar W^T W_h E[J] xi_h)
    prove_equal(one + one, QUANTITIES["third_pred"].expr, what="last term of (5.1)")
    _response()
    return Proof({"X": X, "K": drift, "last": 2 * one}, "expectation", {"dimension": "symbolic"})


def _response() -> None:
    """(5.2), (5.3): Y solves h1 Y + h2 tr(Y) I = X; h1, h2 from 4 kap0^2 I + om theta theta^T; chi; s_q."""
    kap, om, trace, block = sp.symbols("kap0sq om trace block", positive=True)
    h1, h2 = 4 * kap / d + 2 * om / N, om / N
    named = {"h1": h1, "h2": h2}
    for name, value in named.items():
        theory = QUANTITIES[name].expr.subs(sp.Symbol("k_h", nonnegative=True), sp.sqrt(kap))
        prove_equal(theory.subs(sp.Symbol("om", nonnegative=True), om), value, what=name)
    Y = (block - h2 / (h1 + d * h2) * trace) / h1  # a diagonal entry; its trace is below
    trace_Y = (trace - d * h2 / (h1 + d * h2) * trace) / h1
    prove_equal(h1 * Y + h2 * trace_Y, block, what="(5.2)")
    # A' = 4 k_h^2 and B' = om use E[c (2sR - lam)] = 0, the equation of s*.
    force_at_s = expect_R(sp.expand(c_R * (2 * s * R - lam)))
    prove_equal(force_at_s, -m2 * unfold(QUANTITIES["s"].expr), what="E[c (2sR - lam)] = -m2 h(s)")
    share = q * m2 / d * s**2 * j_two + 2 * (q / d) * j_bar * s * w_corr
    prove_equal(share, QUANTITIES["chi"].expr, what="chi: K_g, and s A_c Delta_c^T A_g in T4, T9")
    tight = (
        G * d / n
    )  # A A^T = (m/n) I: T = (m/n - 1) A, Gamma = (m/n - 1) I, (A A^T - A A^T_g - I) T = (m/n - 2) T
    force = (
        (q / d)
        * (tight - 1)
        * (pr.K_drift + m2 * (pr.k1_pred + d * pr.k2_pred) + pr.third_pred * (tight - 2))
    )
    prove_equal(s - force / (pr.h1 + d * pr.h2), QUANTITIES["s_q"].expr, what="s_q")


# --- d = 1: nothing is left out --------------------------------------------------------------------------


def _own(letter: Letter, value: Term, words: str, rests: str = "") -> Fact:
    return Fact("=", t(letter), value, words, rests)


C_R_MEAN = sp.Symbol("E_cR", real=True)
_HIDDEN = t(g.Wc.T, g.A, g.x) + s * t(g.Ac.T, g.Ac, g.xc) - s * t(g.xc)
AFFINE = (
    _own(g.Jr, zero("d", "d"), "d = 1: J = 1 on the active set"),
    _own(g.Jg, identity("d"), "d = 1: J = 1 on the active set"),
    _own(g.dh, t(g.zeta), "d = 1: sigma is affine on the active set"),
    _own(g.hb, t(g.h0), "hbar = sigma(s x) = h0"),
    _own(g.rb, t(g.A, g.cx), "rbar = A_g (x - s h0)"),
    _own(g.P, t(g.Ac, g.cxc) - t(g.Wc, SELECT, g.dd), "P = sum A_h c(R_h) theta_h - W_h d_h"),
    _own(g.dd, _HIDDEN, "d_h = epsilon_h + xi_h, xi_h = s sum over k != h of A_h^T A_k x_k"),
    _own(g.zeta, t(g.W.T, g.z), "zeta = W_g^T z"),
    _own(g.z, t(g.Ac, g.xc), "no noise"),
    _own(g.W, s * t(g.A), "W_g = s A_g"),
    _own(g.Wc, s * t(g.Ac), "W_{-g} = s A_{-g}"),
)
_SHARE = ROOT_Q**2 * sm**2
MOMENTS = (
    Fact("=", mean(t(SELECT)), ROOT_Q**2 * identity("c"), "P(h in S | g in S) = q", "G13"),
    Fact("=", mean(t(g.x, g.h0.T)), w_corr / g.ROOT_D**2 * identity("d"), "E x h0^T", "G13"),
    Fact("=", mean(t(g.x, g.x.T)), sm**2 * identity("d"), "E x x^T", "G13"),
    Fact("=", mean(t(g.xc, g.xc.T)), _SHARE * identity("c"), "E x_h x_k^T", "G13"),
    Fact("=", mean(t(g.cxc, g.xc.T)), ROOT_Q**2 * C_R_MEAN / g.ROOT_D**2 * identity("c"), "E c R", "G13"),
    Fact("=", mean(t(SELECT, g.xc, g.xc.T)), _SHARE * identity("c"), "I_S x_c = x_c", "G13"),
    Fact(
        "=",
        mean(t(SELECT, g.Ac.T, g.Ac, g.xc, g.xc.T)),
        _SHARE * (g.ROOT_Q2**2 * t(g.Ac.T, g.Ac) + (1 - g.ROOT_Q2**2) * identity("c")),
        "h = k: q, A_h^T A_h = I; h != k: q q2",
        "G13",
    ),
    Fact("=", t(g.A.T, g.A), identity("d"), "A_g^T A_g = I"),
)


def exact_gradient() -> Equal:
    """Return E_g(s A) = T1 + ... + T9 for d = 1, in terms of A_g and A_{-g}."""
    total = T_TERMS[1]
    for number in range(2, 10):
        total = total + T_TERMS[number]
    opened = drop_odd(rewrite(reflexive(total), *(given_equal(fact) for fact in AFFINE)))
    split = [_select_apart(item) for item in _means(opened.right)]
    opened = rewrite(opened, *(item for item in split if item is not None))
    for fact in MOMENTS[:-1]:
        opened = rewrite(opened, given_equal(fact))
    return cancel(opened, given_equal(MOMENTS[-1]))


def _means(value: Term) -> list[Letter]:
    return sorted({a for _, word in value.parts for a in word if a.inner}, key=str)


def _select_apart(letter: Letter) -> Equal | None:
    """Return E[... I_S ...] with E I_S taken first, where the rest does not depend on S."""
    places = [k for k, item in enumerate(letter.inner) if item == SELECT]
    if len(places) != 1 or len(letter.inner) == 1:
        return None
    rest = [item for k, item in enumerate(letter.inner) if k != places[0]]
    return None if any("S" in item.depends for item in rest) else factor(letter, places[0], places[0] + 1)


@step("G35-exact")
def exact_for_single_columns(use: Use) -> Proof:
    """For d = 1: E_g(s A) is (5.1), word by word."""
    use("G1")
    use("G11")
    coefficients = use("G35").statement
    found = exact_gradient()
    foreign = found.facts - frozenset(AFFINE) - frozenset(MOMENTS)
    if foreign:
        raise Unproved(f"not among the facts for d = 1: {foreign}")
    for name in sorted(found.steps):
        use(name)
    T, Gamma = t(g.Ac, g.Ac.T, g.A), t(g.A, g.A.T, g.Ac, g.Ac.T, g.A)
    twice = t(g.Ac, g.Ac.T) @ T
    single = {d: sp.S.One}
    k = (QUANTITIES["k1_pred"].expr + QUANTITIES["k2_pred"].expr).subs(pr.X_curv, coefficients["X"])
    K, last = coefficients["K"], coefficients["last"]
    claimed = {"T": K - last, "A Gamma": m2 * k, "A_c A_c^T T": last}
    words = {"T": T, "A Gamma": Gamma, "A_c A_c^T T": twice}
    derived = {item.parts[0][1]: name for name, item in words.items()}
    left = {derived[word]: c for c, word in found.right.parts if word in derived}
    if len(left) != len(found.right.parts):
        raise Unproved(f"a word is left over in {found.right}")
    roots = {g.ROOT_D: sp.S.One, g.ROOT_Q: sp.sqrt(q), g.ROOT_Q2: sp.sqrt(q2), sm: sp.sqrt(m2)}
    error = sp.S.Zero
    for name, value in claimed.items():
        mine = left[name].xreplace({**roots, C_R_MEAN: expect_R(sp.expand(c_R * R))})
        difference = unfold(mine - q * value, keep=(sm,)).xreplace(single)
        prove_zero(difference, what=f"(5.1) for d = 1, {name}")
        error += sp.simplify(difference)
    return Proof({"error": error}, "identity", {"words": len(left)})
