"""Letters and facts of general section 3: one group g, everything conditional on g in S.

Sources of randomness: x (the block x_g), S (which others are active), o (their blocks), e (noise). Sizes: n,
d, c = (G-1) d, stacked over h != g. The flip negates o and e. A fact either is a definition or a hypothesis
of Theorem 2 (no step named), or cites the step that proves it.
"""

from __future__ import annotations

from functools import lru_cache

import sympy as sp

from gsae_theory.theory.interference import D_lean, O_norm, Q_lean, t_ball
from gsae_theory.theory.interference_constants import (
    Yz_ball,
    Z_ball,
    Ze_ball,
    Zx_ball,
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
from gsae_theory.theory.symbols import (
    B_max,
    Gam,
    a_frame,
    b_op,
    beta_F,
    delta,
    gamma,
    m2,
    mu,
    mu1_g1,
    mu1_g2,
    mu2_g1,
    muF_g1,
    nu,
    nu_op,
    q,
    q2,
    s,
    tau_T,
)
from gsae_theory.theory.symbols import G as GROUPS
from gsae_theory.theory.symbols import d as BLOCK  # noqa: N812 - the letter is a matrix here
from proofs_check.methods.norm_blocks import ROOT_OTHERS, ROOT_Q, SELECT, T_H, WEIGHT, X_WEIGHT
from proofs_check.methods.norm_rules import part
from proofs_check.methods.norm_terms import Letter, Term, cond, identity, mean, term, zero
from proofs_check.methods.norms import FRO, L2, OP, WEAK, Fact, size

ROOT_D = sp.Symbol("root_d", positive=True)
ROOT_Q2 = sp.Symbol("root_q2", nonnegative=True)
T_OWN = sp.Symbol("t_own", nonnegative=True)
S_WA, S_AW, S_WW = (sp.Symbol(f"S_{name}", nonnegative=True) for name in ("WA", "AW", "WW"))
"""Weighted roots (sum_{h != g} ||Delta_h||_F^2 ||M_h||_F^2)^(1/2), M_h = W_h^T A_g, A_h^T W_g, W_h^T W_g."""


def _letter(
    name: str, rows: str, cols: str, depends: str = "", parity: int = 1, symmetric: bool = False
) -> Letter:
    return Letter(name, rows, cols, frozenset(depends), parity, symmetric)


# Constant matrices; c-letters are the stacks over h != g.
A, Ac, D, Dc = (_letter(name, "n", cols) for name, cols in (("A", "d"), ("Ac", "c"), ("D", "d"), ("Dc", "c")))
W, Wc = _letter("W", "n", "d"), _letter("Wc", "n", "c")
Psi, Jm, Bd = (_letter(name, "c", "c") for name in ("Psi", "Jm", "Bd"))

# Functions of x_g: block, hidden block at s A, c(R) theta, hidden block, its change, residual, Jacobians.
x, h0, cx, hb, hc = (_letter(name, "d", "1", "x") for name in ("x", "h0", "cx", "hb", "hc"))
rb = _letter("rb", "n", "1", "x")
J0, Jb, Jt = (_letter(name, "d", "d", "x", symmetric=True) for name in ("J0", "Jb", "Jt"))
dJ = _letter("dJ", "d", "d", "x", symmetric=True)
N, Nr = _letter("N", "c", "c", "x", symmetric=True), _letter("Nr", "c", "c", "x", symmetric=True)

# The other active blocks and the noise.
xc, h0c, cxc, hcc, hbc = (_letter(name, "c", "1", "So", -1) for name in ("xc", "h0c", "cxc", "hcc", "hbc"))
e, z = _letter("e", "n", "1", "e", -1), _letter("z", "n", "1", "Soe", -1)
zeta = _letter("zeta", "d", "1", "Soe", -1)
Jc = _letter("Jc", "c", "c", "So", symmetric=True)
xic, etac, r2 = (_letter(name, "c", "1", "Soe", -1) for name in ("xic", "etac", "r2"))

# Functions of everything.
dh, eps2 = _letter("dh", "d", "1", "xSoe", 0), _letter("eps2", "d", "1", "xSoe", 0)
Jg, Jr = (_letter(name, "d", "d", "xSoe", 0, symmetric=True) for name in ("Jg", "Jr"))
dd, rc = _letter("dd", "c", "1", "xSoe", 0), _letter("rc", "c", "1", "xSoe", -1)
P = _letter("P", "n", "1", "xSoe", 0)

# Block h of a stack, given g, h in S: sources x, h (x_h), k (the other blocks), e.
Ah, Dh, Wh = (_letter(name, "n", "d") for name in ("Ah", "Dh", "Wh"))
Ahk = _letter("Ahk", "n", "k")
xh, Jth = _letter("xh", "d", "1", "h", -1), _letter("Jth", "d", "d", "h", symmetric=True)
xk = _letter("xk", "k", "1", "k", -1)
xih, epsh = _letter("xih", "d", "1", "ke", -1), _letter("epsh", "d", "1", "x")
Kh = _letter("Kh", "d", "d", "xhke", 0, symmetric=True)

t = term
EPS_S = t(SELECT, Wc.T, A, x)
"""Stack of epsilon_h = W_h^T A_g x_g over the active h."""
EHX = t(Dh.T, Ah, xh)

FACTS: dict[str, Fact] = {}


def _add(name: str, norm: str, of: Term, value: object, words: str, step: str = "") -> None:
    key = f"={name}" if norm == "=" else name
    if key in FACTS:
        raise ValueError(f"two facts are called {key}")
    FACTS[key] = Fact(norm, of, value, words, step)


def _eq(name: str, letter: Letter, value: Term, words: str, step: str = "") -> None:
    _add(name, "=", t(letter), value, words, step)


# --- Definitions ---------------------------------------------------------------------------------------
_eq("W", W, s * t(A) + t(D), "W_g = s A_g + Delta_g, aligned")
_eq("Wc", Wc, s * t(Ac) + t(Dc), "W_{-g} = s A_{-g} + Delta_{-g}")
_eq("z", z, t(Ac, xc) + t(e), "z, the interference and noise in y")
_eq("zeta", zeta, t(W.T, z), "zeta = W_g^T z")
_eq("x", x, s * t(h0) + t(cx), "x = s h0 + c(R) theta, as c(R) = R - s(sR - lam)")
_eq("hb", hb, t(h0) + t(hc), "hbar = sigma(ubar) = h0 + its change")
_eq("hc", hc, t(Jt, D.T, A, x), "mean value theorem along ubar - s x = Delta_g^T A_g x", "G10")
_eq("rb", rb, t(A, x) - t(W, hb), "rbar = A_g x - W_g hbar")
_eq("dJ", Jb, t(J0) + t(dJ), "Jbar = J(s x) + its change")
_eq("dh", dh, t(Jb, zeta) + t(eps2), "dh = Jbar zeta + remainder")
_eq("Jg", Jg, t(Jb) + t(Jr), "J_g = Jbar + its change")
_eq("N", N, j_bar * identity("c") + t(Nr), "N = jbar I + remainder")
_eq("xc", xc, s * t(h0c) + t(cxc), "x_h = s h0_h + c(R_h) theta_h")
_eq("hbc", hbc, t(h0c) + t(hcc), "hbar_h = sigma(ubar_h) = h0_h + its change")
_eq("P", P, t(Ac, xc) - t(Wc, hbc) - t(Wc, SELECT, dd) + t(e), "P = sum (A_h x_h - W_h sigma(u_h)) + e")
_eq("dd.o", part(dd, -1), t(etac) + t(rc), "odd part of sigma(u_h) - sigma(ubar_h)", "G14")
_eq("etac", etac, t(Jc, xic) + t(r2), "sigma(ubar_h + xi_h) - sigma(ubar_h) = J(ubar_h) xi_h + remainder")
_eq("Wh", Wh, s * t(Ah) + t(Dh), "W_h = s A_h + Delta_h, aligned")
_eq("xih", xih, t(Wh.T, Ahk, xk) + t(Wh.T, e), "xi_h = W_h^T (sum over k != g, h of A_k x_k + e)")
_eq("epsh", epsh, t(Wh.T, A, x), "epsilon_h = W_h^T A_g x")
_add("AA", "=", t(A.T, A), identity("d"), "A_g^T A_g = I")
_eq("SS", SELECT, t(SELECT, SELECT), "a selection twice is the selection")

# --- Constants of the dictionary and variables of the bound --------------------------------------------
_add("A", OP, t(A), sp.Integer(1), "A_g^T A_g = I")
_add("A fro", FRO, t(A), ROOT_D, "A_g^T A_g = I")
_add("Ac", OP, t(Ac), a_frame, "a")
_add("AcA", FRO, t(Ac.T, A), beta_F, "beta")
_add("AcA op", OP, t(Ac.T, A), b_op, "b")
_add("drift", FRO, t(Ac, Ac.T, A), tau_T, "tau")
_add("Gamma", FRO, t(A.T, Ac, Ac.T, A), Gam, "Gam")
_add("D", FRO, t(D), T_OWN, "t_own = ||Delta_g||_F")
_add("D ball", OP, t(D), delta, "||Delta_g|| <= delta")
_add("Dc", FRO, t(Dc), O_norm, "O")
_add("DcA", FRO, t(Dc.T, A), D_lean, "D")
_add("Q", FRO, t(Dc, Ac.T, A), Q_lean, "Q")
_add("S one", OP, t(SELECT), sp.Integer(1), "a selection")
_add("S", OP, t(SELECT), several, "selects nothing if gamma = 1")
_add("AcS", OP, t(Ac, SELECT), a_S, "a_S >= ||A_{S minus g}||", "G3")
_add(
    "AcAS op",
    OP,
    t(SELECT, Ac.T, A),
    mu2_g1,
    "||A_{S minus g}^T A_g||^2 <= sum of the squares of the blocks",
    "G3",
)
_add("AcAS", FRO, t(SELECT, Ac.T, A), muF_g1, "mu_F(gamma-1)")
_add("DcS ball", FRO, t(Dc, SELECT), sp.sqrt(gamma - 1) * delta, "gamma - 1 blocks of norm at most delta")
_add("S_WA", FRO, t(WEIGHT, Wc.T, A), S_WA, "weighted root, M = W_h^T A_g")
_add("S_AW", FRO, t(WEIGHT, Ac.T, W), S_AW, "weighted root, M = A_h^T W_g")
_add("S_WW", FRO, t(W.T, Wc, WEIGHT), S_WW, "weighted root, M = W_h^T W_g")
_add("Ah", OP, t(Ah), sp.Integer(1), "A_h^T A_h = I")
_add("Ah fro", FRO, t(Ah), ROOT_D, "A_h^T A_h = I")
_add("Dh", FRO, t(Dh), T_H, "t_h = ||Delta_h||_F")
_add("Dh ball", OP, t(Dh), delta, "||Delta_h|| <= delta")
_add("Ahk", OP, t(Ahk), a_frame, "columns of A")
_add("AhkAh", FRO, t(Ahk.T, Ah), beta_F, "part of A_{-h}^T A_h")
_add("AhA", OP, t(Ah.T, A), mu, "mu")

# --- Second moments (Lemma 4) --------------------------------------------------------------------------
_add("x", WEAK, t(x), sm, "E x x^T = (m2/d) I", "G13")
_add("x sup", FRO, t(x), B_max, "R <= B")
_add("h0", WEAK, t(h0), k_h / ROOT_D, "E h0 h0^T = (k_h^2/d) I", "G13")
_add("h0 L2", L2, t(h0), k_h, "E||h0||^2 = k_h^2", "G13")
_add("cx", WEAK, t(cx), c_bar / ROOT_D, "E c^2 theta theta^T = (cbar^2/d) I", "G13")
_add("cx L2", L2, t(cx), c_bar, "E c^2 = cbar^2", "G13")
_add("h0x", OP, mean(t(x, h0.T)), w_corr / ROOT_D**2, "E h0 x^T = (w/d) I", "G13")
_add("J0", "=", mean(t(J0)), j_bar * identity("d"), "E J(s x) = jbar I", "G13")
_add("J0J0", "=", mean(t(J0, J0)), j_two * identity("d"), "E J(s x)^2 = j2 I", "G13")
_add(
    "xcxc",
    "=",
    mean(t(xc, xc.T)),
    ROOT_Q**2 * sm**2 * identity("c"),
    "E x_h x_k^T = 1{h=k} (q m2/d) I",
    "G13",
)
_add("xc", WEAK, t(xc), ROOT_Q * sm, "the same", "G13")
_add("h0cxc", "=", mean(t(h0c, xc.T)), ROOT_Q**2 * w_corr / ROOT_D**2 * identity("c"), "E h0_h x_h^T", "G13")
_add("h0c", WEAK, t(h0c), ROOT_Q * k_h / ROOT_D, "E h0_h h0_h^T = (q k_h^2/d) I", "G13")
_add("cxc", WEAK, t(cxc), ROOT_Q * c_bar / ROOT_D, "E c^2 theta_h theta_h^T = (q cbar^2/d) I", "G13")
_add(
    "hccxc",
    "=",
    mean(t(hcc, xc.T)),
    ROOT_Q**2 * t(Psi),
    "block-diagonal, as blocks are independent and odd",
    "G13",
)
_add("e", WEAK, t(e), nu_op, "(A2)")
_add("ee", OP, mean(t(e, e.T)), nu_op**2, "(A2)")
_add("e sup", FRO, t(e), nu, "(A2)")
_add("xh", WEAK, t(xh), sm, "E x x^T = (m2/d) I", "G13")
_add("xk", WEAK, t(xk), ROOT_Q2 * sm, "P(k in S | g, h in S) = q2", "G13")
_add(
    "main",
    "=",
    mean(t(SELECT, Jc, xic, z.T)),
    ROOT_Q**2 * ROOT_Q2**2 * sm**2 * (t(Jm, Wc.T, Ac, Ac.T) - t(Jm, Bd, Ac.T))
    + ROOT_Q**2 * (t(Jm, Wc.T) @ mean(t(e, e.T))),
    "E 1_h J(ubar_h) xi_h z^T, block by block",
    "G13",
)

# --- Interference inside the support (Theorem 1) -------------------------------------------------------
_add("Acxc sup", FRO, t(Ac, xc), Yz_ball, "||A_{S minus g} x_{S minus g}|| <= Y_z", "G3")
_add("AAcxc sup", FRO, t(A.T, Ac, xc), mu1_g1 * B_max, "sum of gamma - 1 blocks of norm at most mu B", "G3")
_add(
    "Ahkxk sup", FRO, t(Ahk, xk), many * Yz_ball, "part of A_{S minus g} x_{S minus g}; 0 if gamma <= 2", "G3"
)
_add(
    "AhAhkxk sup",
    FRO,
    t(Ah.T, Ahk, xk),
    many * mu1_g2 * B_max,
    "sum of gamma - 2 blocks; 0 if gamma <= 2",
    "G3",
)
_add("zeta sup", FRO, t(zeta), Z_ball, "Z", "G16")
_add("eps sup", FRO, EPS_S, Ze_ball, "Z_e", "G16")
_add("epsh sup", FRO, t(epsh), eps1_ball, "epsilon_1", "G16")
_add("xi sup", FRO, t(xih), Zx_ball, "Z_x", "G16")

# --- The activation (Lemmas 2 and 5) -------------------------------------------------------------------
for _J in (J0, Jb, Jt, Jg, N, Jc, Jth):
    _add(f"{_J} op", OP, t(_J), sp.Integer(1), "0 <= J <= I", "G15" if _J == N else "G11")
_add("Jm", OP, t(Jm), sp.Integer(1), "E J(ubar_h), block-diagonal", "G11")
_add("dJ op", OP, t(dJ), 2 * k2 * size(t(D.T, A, x)), "||J(u+v) - J(u)|| <= 2 k2 ||v||", "G10")
_add("dh lip", FRO, t(dh), size(t(zeta)), "sigma is 1-Lipschitz", "G11")
_add("eps2", FRO, t(eps2), k2 * size(t(zeta)) ** 2, "Taylor, second order", "G10")
_add("Jr", OP, t(Jr), 2 * k2 * size(t(zeta)), "||J(u+v) - J(u)|| <= 2 k2 ||v||", "G10")
_add("Jr even", OP, t(part(Jr, 1)), k3 * size(t(zeta)) ** 2, "second difference of J", "G14")
_add("dd", FRO, t(dd), size(EPS_S) + size(t(xic)), "sigma is 1-Lipschitz, block by block", "G11")
_add("dd even", FRO, t(part(dd, 1)), size(EPS_S), "||(d_h)_e|| <= ||epsilon_h||", "G14")
_add("rc", FRO, t(rc), k2 * size(EPS_S) ** 2, "||r_h|| <= k2 ||epsilon_h||^2, sum of fourth powers", "G14")
_add("etac", FRO, t(etac), size(t(xic)), "sigma is 1-Lipschitz, block by block", "G11")
_add("r2", FRO, t(r2), k2 * Zx_ball * size(t(xic)), "||r_h|| <= k2 ||xi_h||^2, ||xi_h|| <= Z_x", "G10")
_add(
    "N mean",
    "=",
    cond(t(SELECT, dd)),
    ROOT_Q**2 * t(N, Wc.T, A, x),
    "E[sigma(u_h) | x_g] = N_h epsilon_h",
    "G15",
)
_add(
    "Kh",
    OP,
    t(Kh),
    2 * k2 * (size(EHX) + size(t(xih)) + size(t(epsh)) / 2),
    "||J(ubar_h + xi_h + t epsilon_h) - J(s x_h)||, averaged over |t| <= 1",
    "G10",
)

# --- Blocks of stacks ----------------------------------------------------------------------------------
_add("Nr blocks", "blocks", t(Nr), cond(t(Kh)), "N_h - jbar I = E[K_h | x]", "G15")
_add("Psi blocks", "blocks", t(Psi), mean(t(Jth, Dh.T, Ah, xh, xh.T)), "E[Jt_h E_h x_h x_h^T]", "G13")
_add("Bd blocks", "blocks", t(Bd), t(Wh.T, Ah), "W_h^T A_h")
_add("Wc blocks", "blocks", t(Wc), t(Wh), "W_h")
_add("hcc blocks", "blocks", t(hcc), t(Jth, Dh.T, Ah, xh), "hbar_h - h0_h = Jt_h E_h x_h", "G10")
_add("xic blocks", "blocks", t(xic), t(xih), "xi_h")

# --- Refined variables below those of the theorem -------------------------------------------------------
_NONE = zero("n", "1")
_add("T", OP, t(WEIGHT), t_ball, "t = max over h of ||Delta_h||_F")
_add("t_own <= t", "<=", _NONE, (T_OWN, t_ball), "||Delta_g||_F <= max over h")
_add("X <= t", "<=", _NONE, (X_WEIGHT, ROOT_OTHERS * t_ball), "a sum of G - 1 squares")
_LEAN = s * beta_F + D_lean
_add("S_WA <= t", "<=", _NONE, (S_WA, t_ball * _LEAN), "FRO(T M) <= OP(T) FRO(M)", "G16")
_add("S_AW <= t", "<=", _NONE, (S_AW, t_ball * (s * beta_F + a_frame * t_ball)), "the same", "G16")
_add(
    "S_WW <= t",
    "<=",
    _NONE,
    (S_WW, t_ball * (s * _LEAN + (s * a_frame + O_norm) * t_ball)),
    "the same",
    "G16",
)
REFINED = tuple(FACTS[f"{name} <= t"] for name in ("t_own", "X", "S_WA", "S_AW", "S_WW"))

CLOSED = frozenset(FACTS.values())

_ROOTS = {m2: sm**2 * ROOT_D**2, q: ROOT_Q**2, q2: ROOT_Q2**2, BLOCK: ROOT_D**2}
ROOT_GAP = sp.Symbol("root_G_gap", nonnegative=True)
"""sqrt(G) - sqrt(G-1)."""


@lru_cache(maxsize=64)
def normal(value: sp.Expr) -> sp.Expr:
    """Return a value as a polynomial in roots: sqrt(q), sqrt(d), sqrt(m2/d), sqrt(q2), sqrt(G-1)."""
    from gsae_theory.theory.interference_constants import r_q, t_q

    rooted = value.xreplace({r_q: ROOT_Q * sm, t_q: ROOT_Q / ROOT_D})
    root_g = sp.Symbol("root_G", nonnegative=True)
    rooted = rooted.xreplace({**_ROOTS, GROUPS: root_g**2})
    return sp.expand(sp.expand(rooted).xreplace({root_g: ROOT_OTHERS + ROOT_GAP}))
