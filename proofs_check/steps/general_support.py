"""Steps G3 - G6 of general Theorem 1, Corollary 1.1 and Proposition 1.2: support recovery."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory import interference_constants as ic
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.scalars import F_of
from gsae_theory.theory.symbols import (
    B_max,
    B_min,
    R,
    a_frame,
    delta,
    expect_R,
    gamma,
    lam,
    mu,
    mu1_g,
    mu1_g1,
    mu1_g2,
    nu,
    s,
)
from proofs_check.core import Proof, Unproved, Use, step
from proofs_check.methods.identity import prove_equal, prove_zero
from proofs_check.methods.norm_rules import product, transpose, triangle
from proofs_check.methods.norm_terms import Letter, Term, term
from proofs_check.methods.norms import (
    FRO,
    OP,
    Bound,
    Equal,
    Fact,
    conclude,
    given,
    given_equal,
    reflexive,
    rewrite,
    transport,
)
from proofs_check.steps.general_interference import cite

t = term
_p, _r, _m = sp.symbols("p r m", nonnegative=True)


@step("G3")
def block_sums(use: Use) -> Proof:
    """Block Gershgorin for every size, pair by pair; sums of blocks by the triangle inequality."""
    use("Q:hilbert")
    use("Q:spectral")
    # |v.Mv| <= sum m_hk |v_h||v_k|, m symmetric, and the pair (h, k) adds m(p^2 + r^2) to the row sums' side.
    prove_equal(_m * (_p**2 + _r**2) - 2 * _m * _p * _r, _m * (_p - _r) ** 2, what="a pair of blocks")
    sizes = {"A_S": mu1_g1, "A_{S minus g}": mu1_g2}
    norms = {name: sp.Min(sp.sqrt(1 + babel), a_frame) for name, babel in sizes.items()}
    prove_equal(norms["A_{S minus g}"], QUANTITIES["a_S"].expr, what="a_S")
    values = {
        "Y_ball": sp.sqrt(gamma) * norms["A_S"] * B_max,
        "Yz_ball": sp.sqrt(gamma - 1) * ic.a_S * B_max,
    }
    for name, value in values.items():
        prove_equal(value, QUANTITIES[name].expr, what=name)
    # Spectral norm of a stack: |M v|^2 = sum |M_h v|^2 <= sum ||M_h||^2 |v|^2, which is mu_2 by its definition.
    return Proof(values, "identity", {"sums": "mu_1(k) B is the triangle inequality over k blocks"})


_A, _D, _W = (Letter(name, "n", "d") for name in ("A", "D", "W"))
_ys = Letter("yS", "n", "1", frozenset("S"))
"""A_S x_S, all active blocks, those of group g left out where g is active and its own part stands apart."""
_ya, _e, _xg = (
    Letter("yA", "n", "1", frozenset("S")),
    Letter("e", "n", "1", frozenset("e")),
    Letter("x", "d", "1", frozenset("x")),
)
_y = Letter("y", "n", "1", frozenset("Sxe"))


def _fact(norm: str, of: Term, value: object, words: str, rests: str = "") -> Fact:
    return Fact(norm, of, value, words, rests)


FACTS = {
    "W": _fact("=", t(_W), s * t(_A) + t(_D), "W_g = s A_g + Delta_g"),
    "A": _fact(OP, t(_A), sp.Integer(1), "A_g^T A_g = I"),
    "D": _fact(OP, t(_D), delta, "||Delta_g|| <= delta"),
    "e": _fact(FRO, t(_e), nu, "||e|| <= nu"),
    "all": _fact(FRO, t(_ya), ic.Y_ball, "||A_S x_S|| <= Y", "G3"),
    "off": _fact(FRO, t(_A.T, _ya), mu1_g * B_max, "g not in S: sum of gamma blocks", "G3"),
    "rest": _fact(FRO, t(_A.T, _ys), mu1_g1 * B_max, "g in S: sum of the gamma - 1 other blocks", "G3"),
    "own": _fact("=", t(_A.T, _ya), t(_xg) + t(_A.T, _ys), "g in S: A_g^T A_S x_S = x_g + the others"),
}
CLOSED = frozenset(FACTS.values())


def _get(name: str) -> Bound:
    return given(FACTS[name])


def _equal(name: str) -> Equal:
    return given_equal(FACTS[name])


def pre_activation(active: bool) -> tuple[Bound, Term]:
    """Return the bound of u_g, or of u_g - s x_g for an active group, with its term."""
    moved = transpose(_get("D"))
    parts = [product(transpose(_get("A")), _get("e")), product(moved, _get("all")), product(moved, _get("e"))]
    whole = t(_W.T, _ya) + t(_W.T, _e)
    opened = rewrite(reflexive(whole), _equal("W"))
    if not active:
        return transport(triangle(_get("off"), *parts, weights=(s, s, 1, 1)), opened), whole
    target = s * t(_A.T, _ys) + s * t(_A.T, _e) + t(_D.T, _ya) + t(_D.T, _e)
    return triangle(_get("rest"), *parts, weights=(s, s, 1, 1)), target


@step("G4")
def window(use: Use) -> Proof:
    """Theorem 1: ||u_g|| <= lam_lo off S, ||u_g|| >= s B_min - ||u_g - s x_g|| >= ell on S."""
    low, whole = pre_activation(active=False)
    high, rest = pre_activation(active=True)
    lam_lo, ell = QUANTITIES["lam_lo"].expr, QUANTITIES["ell"].expr
    off = conclude(low, FRO, whole, lam_lo, CLOSED)
    on = conclude(high, FRO, rest, sp.expand(s * B_min - ell), CLOSED)
    prove_equal(off.value, lam_lo, what="lam_lo")
    prove_equal(s * B_min - on.value, ell, what="ell")
    cite(use, off, on)
    # Factors t_k, t in [-1, 1] before the blocks and the noise, and the factor of a segment towards s x_h, enter
    # every term but s x_h with absolute value at most 1: the bounds are sums of the norms of these terms.
    return Proof(
        {"inactive": off.value, "active": s * B_min - on.value, **_coherence(lam_lo, ell)},
        "norm-calculus",
        {"window": "lam_lo <= lambda < ell"},
    )


def _coherence(lam_lo: sp.Expr, ell: sp.Expr) -> dict[str, sp.Expr]:
    """Return the coherence form: mu_1(k) <= k mu, and its non-emptiness condition."""
    rough = {mu1_g: gamma * mu, mu1_g1: (gamma - 1) * mu, ic.Y_ball: ic.Y_coh}
    low, high = lam_lo.subs(rough), ell.subs(rough)
    prove_equal(sp.sqrt(gamma) * sp.sqrt(1 + (gamma - 1) * mu) * B_max, QUANTITIES["Y_coh"].expr, what="Y")
    prove_equal(low, QUANTITIES["lam_lo_coh"].expr, what="lam_lo, coherence form")
    prove_equal(high, QUANTITIES["ell_coh"].expr, what="ell, coherence form")
    margin = B_min - (2 * gamma - 1) * mu * B_max - 2 * nu - 2 * delta / s * (ic.Y_coh + nu)
    prove_equal(high - low, s * margin, what="non-empty iff")
    return {"inactive_coherence": low, "active_coherence": high}


@step("G5")
def explicit_threshold(use: Use) -> Proof:
    """Corollary 1.1: s* between the roots s_R(B_max), s_R(B_min), then the window without s*."""
    window_of = use("G4").statement
    use("L12")
    use("Q:taylor")
    c = R - s * (s * R - lam)
    prove_zero(c + R * (s**2 - lam / R * s - 1), what="sign of c(R)")
    x = sp.Symbol("x_scale", positive=True)
    force = -sp.diff(F_of(x), x)
    slope = expect_R((R - x * (x * R - lam)) * (2 * x * R - lam))
    prove_equal(force, slope, what="-F' = E c (2sR - lam)")
    prove_equal((c * (2 * s * R - lam)), c * (s * R - lam) + s * c * R, what="the two parts of -F'")
    root = _simple_bounds(R)
    return Proof(
        {"s_lower": root[0].subs(R, B_max), "s_upper": root[1].subs(R, B_min), **_explicit_window(window_of)},
        "identity",
        {"needs": "0 < lambda < B_min, M < B_min, N >= 0"},
    )


def _simple_bounds(norm: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return 1 + y, 1 + 2y around s_R = y + sqrt(1 + y^2), y = lam/(2 R): (1 + y)^2 - (1 + y^2) = 2y >= 0."""
    y = lam / (2 * norm)
    gap = sp.expand((1 + y) ** 2 - (1 + y**2))
    if not (gap.is_nonnegative and sp.expand((1 + y**2) - 1).is_nonnegative):
        raise Unproved("1 <= sqrt(1 + y^2) <= 1 + y")
    return 1 + y, 1 + 2 * y


def _explicit_window(window_of: dict[str, sp.Expr]) -> dict[str, sp.Expr]:
    """Return the ends of the lambda interval; each comes from the window at the worse end of s*."""
    M, N = QUANTITIES["off_reach"].expr, QUANTITIES["on_reach"].expr
    move = delta * (ic.Y_ball + nu)
    prove_equal(window_of["inactive"], s * M + move, what="lam_lo = s M + delta (Y + nu)")
    prove_equal(window_of["active"], s * N - move, what="ell = s N - delta (Y + nu)")
    low = (ic.off_reach + move) / (1 - ic.off_reach / B_min)
    high = (ic.on_reach - move) / (1 - ic.on_reach / (2 * B_max))
    # lam - lam_lo at s = 1 + lam/B_min, resp. ell - lam at s = 1 + lam/(2 B_max), times a positive factor.
    off = lam - ((1 + lam / B_min) * ic.off_reach + move)
    prove_equal(off, (1 - ic.off_reach / B_min) * (lam - low), what="lower end")
    on = ((1 + lam / (2 * B_max)) * ic.on_reach - move) - lam
    prove_equal(on, (1 - ic.on_reach / (2 * B_max)) * (high - lam), what="upper end")
    return {"lower": low, "upper": high, "off_reach": M, "on_reach": N}


@step("G6")
def extremal(use: Use) -> Proof:
    """Proposition 1.2 on A_h = a_h (x) I with a_g.a_h = mu: both ends are attained, gamma = 1 .. 5."""
    reached = use("G4").statement
    for count in range(1, 6):
        gram = sp.Matrix(count, count, lambda i, j: 1 if i == j else mu)
        ones = sp.ones(count, 1)
        squared = sp.expand((ones.T * gram * ones)[0])
        prove_equal(squared, count * (1 + (count - 1) * mu), what="||A_S x_S||^2 / B^2")
        inactive = s * (mu * ones.T * ones)[0] * B_max + delta * B_max * sp.sqrt(
            count * (1 + (count - 1) * mu)
        )
        bound = (
            reached["inactive_coherence"]
            .subs({gamma: count, nu: 0})
            .subs(ic.Y_coh, QUANTITIES["Y_coh"].expr.subs(gamma, count))
        )
        prove_equal(inactive, bound, what="lam_lo attained")
        signs = sp.Matrix([B_min] + [-B_max] * (count - 1))
        active = s * (gram.row(0) * signs)[0]
        prove_equal(
            active, reached["active_coherence"].subs({gamma: count, nu: 0, delta: 0}), what="ell attained"
        )
    k = sp.Symbol("k", positive=True, integer=True)
    prove_equal(
        k + k * (k - 1) * mu,
        k * (1 + (k - 1) * mu),
        what="every gamma: gamma diagonal, gamma(gamma-1) other entries",
    )
    return Proof({"gram": "(1 - mu) I + mu 1 1^T"}, "identity", {"gamma": "1 .. 5 and symbolic"})
