"""Steps G27, G29, G30: the interference polynomial on the region, its chords, and its l2 norm over groups."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory import convergence as cv
from gsae_theory.theory.interference import (
    TERMS,
    VARIABLES,
    D_lean,
    O_norm,
    P,
    P_at,
    Q_lean,
    e0,
)
from gsae_theory.theory.interference_constants import (
    Z_ball,
    Ze_ball,
    a_S,
    c_bar,
    eps1_ball,
    j_bar,
    j_two,
    k2,
    k3,
    k_h,
    many,
    several,
    sm,
    w_corr,
)
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.symbols import G as GROUPS
from gsae_theory.theory.symbols import (
    Gam,
    a_frame,
    b_op,
    b_star,
    beta_F,
    d,
    delta,
    m2,
    mu1_g1,
    mu1_g2,
    mu2_g1,
    muF_g1,
    nu_op,
    q,
    q2,
    s,
    tau_T,
)
from proofs_check.core import Proof, Unproved, Use, step
from proofs_check.methods.identity import prove_equal, prove_zero
from proofs_check.methods.norm_blocks import ROOT_OTHERS, ROOT_Q, X_WEIGHT
from proofs_check.methods.norms import dominated
from proofs_check.steps import general_setting as g
from proofs_check.steps.general_bounds import bounds, fact, transpose_product
from proofs_check.steps.general_interference import cite
from proofs_check.steps.general_setting import ROOT_Q2, normal

TERM_STEPS = tuple(f"G{number}" for number in range(17, 26))


def nonnegative_coefficients(value: sp.Expr) -> sp.Expr:
    """Return the normal form of a value, all of whose monomials are nonnegative."""
    expanded = normal(value)
    bad = [item for item in sp.Add.make_args(expanded) if not item.is_nonnegative]
    if bad:
        raise Unproved(f"{bad[0]} is not nonnegative")
    return expanded


@step("G27")
def coefficients(use: Use) -> Proof:
    """P_i have nonnegative coefficients, P is affine in Q, e0 vanishes where it should; the displayed e0."""
    total = sp.Add(*(nonnegative_coefficients(item.expr) for item in TERMS))
    prove_zero(sp.diff(total, Q_lean, 2), what="P is affine in Q")
    at_limit = total.xreplace(dict.fromkeys(VARIABLES, sp.S.Zero))
    prove_zero(at_limit - normal(P_at(0, 0, 0, 0)), what="e0")
    quiet = at_limit.xreplace({nu_op: sp.S.Zero})
    prove_zero(quiet.xreplace({ROOT_Q: sp.S.Zero}), what="e0 for one active group")
    coherence = (beta_F, b_op, tau_T, Gam, mu1_g1, mu1_g2, mu2_g1, muF_g1)
    prove_zero(quiet.xreplace(dict.fromkeys(coherence, sp.S.Zero)), what="e0 for orthogonal groups")
    _displayed(quiet)
    return Proof({"P": P, "e0": P_at(0, 0, 0, 0)}, "identity", {"monomials": len(total.args)})


def displayed_e0() -> sp.Expr:
    """Return the part of the noise-free e0 that the document displays (with the terms left out there)."""
    n_N = 2 * k2 * (sp.sqrt(q2) * sm * s * beta_F + eps1_ball / 2)
    braces = (
        s**2 * tau_T * (j_bar * w_corr + s * m2 * j_two)
        + s**3 * m2 * (b_op * beta_F * (1 + 2 * k2 * Z_ball) + j_bar * Gam)
        + k2 * m2 * s**2 * beta_F**2 * ((c_bar + s * k_h) / sp.sqrt(d) + 3 * s**2 * sm)
        + 3 * k2 * s**3 * a_frame * m2 * Z_ball * beta_F
        + s**2 * a_frame * beta_F * n_N * sp.sqrt(m2) * k_h
        + k2 * m2 * s**4 * a_S * beta_F**2 * sm * muF_g1
        + s**3 * m2 * b_op * beta_F * n_N
        + k2 * s**3 * m2 * a_S * b_op * beta_F * Ze_ball
    )
    return q / d * braces


def _displayed(quiet: sp.Expr) -> None:
    """What is left over contains cbar, k2^2, k3, q2, or V_S, through which the rest is of higher order."""
    rest = sp.expand(quiet.xreplace({several: sp.S.One}) - normal(displayed_e0()))
    marks = (c_bar, k3, ROOT_Q2, mu2_g1, many)
    for item in sp.Add.make_args(rest):
        small = any(item.has(mark) for mark in marks) or sp.degree(item, k2) >= 2
        if not (item == 0 or (small and item.is_nonnegative)):
            raise Unproved(f"{item} is missing in the displayed e0, or is counted twice")


@step("G29")
def chords(use: Use) -> Proof:
    """Convexity along the ray, and the chord slopes of c_F and c_inf as the theory defines them."""
    use("G27")
    use("Q:jensen")
    T, share = sp.symbols("T sigma", nonnegative=True)
    ray = ROOT_OTHERS * T
    nonnegative_coefficients(P_at(T, ray, b_op * ray, ray))
    # (P(T) - e0)/T = sum c_k T^(k-1) increases with T, so that the chord at T = delta is above it.
    prove_equal(share**3 * T, T * share * share**2, what="powers of T = sigma delta, sigma <= 1")
    v = sp.sqrt(GROUPS - 1) * delta
    c_inf = (P_at(delta, v, b_op * v, v) - P_at(0, 0, 0, 0)) / delta
    c_F = chord_sum(a_frame, sp.sqrt(GROUPS - 1), b_star)
    _c_F_below_c_inf()
    return Proof({"c_inf": c_inf, "c_F": c_F}, "certificate", {"classes": "D, t, Q, O"})


def chord_sum(on_D: sp.Expr, on_O: sp.Expr, on_Q: sp.Expr, on_t: sp.Expr | int = 1) -> sp.Expr:
    """Return the sum of the four chord slopes of P on the region, times what each class costs in l2."""
    return (
        on_t * (cv.p3 - cv.p2) / cv.d_m
        + on_D * (cv.p4 - cv.p3) / cv.D_m
        + on_O * (cv.p1 - e0) / cv.D_m
        + on_Q * cv.Q_slope
    )


def _c_F_below_c_inf() -> None:
    """c_F(delta, sqrt(G) delta) <= c_inf if a <= sqrt(G-1) and b* <= sqrt(G-1) b ."""
    r, dm = sp.symbols("root dm", positive=True)
    p0, p1, p2, p3, p4 = sp.symbols("p0:5", nonnegative=True)
    Dm = r * dm
    c_F = (p3 - p2) / dm + a_frame * (p4 - p3) / Dm + r * (p1 - p0) / Dm + b_star * (p2 - p1) / (b_op * Dm)
    c_inf = (p4 - p0) / dm
    gap = (r - a_frame) * (p4 - p3) / Dm + (r * b_op - b_star) * (p2 - p1) / (b_op * Dm)
    prove_equal(c_inf - c_F, gap, what="c_inf - c_F")
    # b* <= sqrt(G-1) b: |x.Mx| <= b sum f(rho_g), f(rho) = sqrt(rho(1-rho)) concave, sum rho_g = 1 (Jensen).
    rho, count = sp.symbols("rho G", positive=True)
    f = sp.sqrt(rho * (1 - rho))
    prove_equal(
        sp.simplify(f.diff(rho, 2) * (rho * (1 - rho)) ** sp.Rational(3, 2)),
        -sp.Rational(1, 4),
        what="concave",
    )
    prove_zero(sp.simplify((count * f.subs(rho, 1 / count)) ** 2 - (count - 1)), what="value at rho = 1/G")


# --- l2 over groups --------------------------------------------------------------------------------------

DM, BIG_DM = sp.symbols("delta_m D_m", positive=True)
"""d_m and D_m of the region, as symbols of the certificates."""
T_LIKE = (g.S_WA, g.S_AW, g.S_WW, X_WEIGHT, g.T_OWN)
"""Factors of the class t, in the order in which one is chosen per monomial."""


def largest_values() -> dict[sp.Symbol, sp.Expr]:
    """Return what each variable is at most on the region."""
    lean = s * beta_F + BIG_DM
    return {
        g.T_OWN: DM,
        g.S_WA: DM * lean,
        g.S_AW: DM * (s * beta_F + a_frame * DM),
        g.S_WW: DM * (s * lean + (s * a_frame + BIG_DM) * DM),
        X_WEIGHT: ROOT_OTHERS * DM,
        D_lean: BIG_DM,
        Q_lean: b_op * BIG_DM,
        O_norm: BIG_DM,
    }


def l2_constants() -> dict[sp.Symbol, sp.Expr]:
    """Return (sum over g of v_g^2)^(1/2)/F for each variable v ."""
    lean = s * beta_F + a_frame * DM
    return {
        g.T_OWN: sp.S.One,
        g.S_WA: lean,
        g.S_AW: lean,
        g.S_WW: s * lean + (s * a_frame + BIG_DM) * DM,
        X_WEIGHT: ROOT_OTHERS,
        D_lean: a_frame,
        Q_lean: b_star,
        O_norm: ROOT_OTHERS,
    }


def chosen(item: sp.Expr) -> sp.Symbol | None:
    """Return the factor of a monomial whose l2 norm is taken: D, else one like t, else Q, else O."""
    return next((v for v in (D_lean, *T_LIKE, Q_lean, O_norm) if item.has(v)), None)


def by_class(value: sp.Expr) -> dict[str, sp.Expr]:
    """Return the l2 bound of a refined value over F, by class; "1" is the constant part (times sqrt(G))."""
    top, weight = largest_values(), l2_constants()
    found: dict[str, list[sp.Expr]] = {name: [] for name in ("1", "D", "t", "Q", "O")}
    names = {D_lean: "D", Q_lean: "Q", O_norm: "O"}
    for item in sp.Add.make_args(sp.expand(value)):
        v = chosen(item)
        if v is None:
            found["1"].append(item)
        else:
            found[names.get(v, "t")].append(sp.expand((item / v).xreplace(top) * weight[v]))
    return {name: sp.Add(*items) for name, items in found.items()}


def chords_of_P() -> dict[str, sp.Expr]:
    """Return the slopes in c_F by class, from P itself, with their l2 constants."""
    whole, bD = normal(P), b_op * BIG_DM

    def at(*values: sp.Expr | int) -> sp.Expr:
        point = {
            v: sp.Integer(x) if isinstance(x, int) else x for v, x in zip(VARIABLES, values, strict=True)
        }
        return whole.xreplace(point)  # monomials in, monomials out

    p0, p1, p2 = at(0, 0, 0, 0), at(0, 0, 0, BIG_DM), at(0, 0, bD, BIG_DM)
    p3, p4 = at(DM, 0, bD, BIG_DM), at(DM, BIG_DM, bD, BIG_DM)
    limit = dict(zip(VARIABLES, (sp.S.Zero, sp.S.Zero, sp.S.Zero, BIG_DM), strict=True))
    slope = sp.diff(whole, Q_lean).xreplace(limit)
    prove_zero(p2 - p1 - bD * slope, what="the chord in Q is its derivative")
    return {
        "1": p0,
        "t": sp.expand((p3 - p2) / DM),
        "D": sp.expand(a_frame * (p4 - p3) / BIG_DM),
        "O": sp.expand(ROOT_OTHERS * (p1 - p0) / BIG_DM),
        "Q": sp.expand(b_star * slope),
    }


@step("G30")
def sum_over_groups(use: Use) -> Proof:
    """(sum_g ||E_g - K_g Delta_g||_F^2)^(1/2) <= sqrt(G) e0 + c_F F, class by class."""
    use("Q:hilbert")
    chord = use("G29").statement["c_F"]
    refined = sp.Add(*(use(name).statement["refined"] for name in TERM_STEPS))
    mine, theirs = by_class(refined), chords_of_P()
    sizes = {name: dominated(mine[name], theirs[name]) for name in theirs}
    _weights(use)
    if chord != QUANTITIES["c_F"].expr:
        raise Unproved("the theory's c_F is another sum of chords")
    return Proof({"c_F": chord, "sqrt_G_e0": sp.sqrt(GROUPS)}, "norm-calculus", {"monomials": sizes})


def _weights(use: Use) -> None:
    """The l2 constants: sums over pairs of groups exchanged, then norms of W_h^T A_{-h} and their like."""
    for count in (2, 3, 4):
        t = sp.symbols(f"t0:{count}", nonnegative=True)
        M = sp.Matrix(count, count, lambda i, j: sp.Symbol(f"M{i}{j}", nonnegative=True))
        by_g = sum(sum(t[h] ** 2 * M[h, k] for h in range(count) if h != k) for k in range(count))
        by_h = sum(t[h] ** 2 * sum(M[h, k] for k in range(count) if k != h) for h in range(count))
        prove_equal(by_g, by_h, what="exchange of the sums over g and h")
        gram = sp.Matrix(count, count, lambda i, j: 1 if i == j else sp.Symbol(f"a{min(i, j)}{max(i, j)}"))
        moved = sp.Matrix([sp.symbols(f"D0:{count}")])
        for k in range(count):
            lean = sum(moved[h] * gram[h, k] for h in range(count) if h != k)
            prove_equal(lean, (moved * (gram - sp.eye(count)))[k], what="Q_g is a block of Delta (A^T A - I)")
        prove_equal(
            sum(sum(t[h] for h in range(count) if h != k) for k in range(count)),
            (count - 1) * sum(t),
            what="O_g",
        )
    # W_h^T A_{-h}, s A_h^T A_{-h}, and A_{-g}^T Delta_g, W_{-g}^T Delta_g are bounded as om, beta, a t and a1 t.
    b, small = bounds(), {g.T_OWN: DM, O_norm: BIG_DM}
    a_t = transpose_product("Ac", "D")
    lean = b["om"].value.xreplace(small)
    prove_equal(lean, l2_constants()[g.S_WA], what="W_h^T A_{-h}")
    prove_equal(s * fact("AcA").value + (a_t.value / g.T_OWN) * DM, l2_constants()[g.S_AW], what="A_h^T W_g")
    prove_equal(s * lean + b["a1"].value.xreplace(small) * DM, l2_constants()[g.S_WW], what="W_h^T W_g")
    cite(use, b["om"], b["a1"], a_t)
