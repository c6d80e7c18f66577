"""The table of symbols: one SymPy symbol per name, with its LaTeX and its meaning.

Code uses the names of this table everywhere: in formulas, in the instances on which formulas are
evaluated, in results. Numbering such as "gamma1 Theorem 4" or "[L20]" is that of docs/theory.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class Entry:
    """One row of the symbol table."""

    symbol: sp.Symbol
    latex: str
    meaning: str


TABLE: dict[str, Entry] = {}


def declare(name: str, latex: str, meaning: str, **assumptions: bool) -> sp.Symbol:
    """Add `name` to the table and return its symbol; a second declaration must be the same one.

    Parameters
    ----------
    name : str
        The name in code, a Python identifier.
    latex, meaning : str
        How it is printed and what it is.
    **assumptions : bool
        SymPy assumptions; ``real=True`` where none is given.

    Raises
    ------
    ValueError
        If the name is taken by a different declaration.
    """
    symbol = sp.Symbol(name, **(assumptions or {"real": True}))
    entry = Entry(symbol, latex, meaning)
    if TABLE.setdefault(name, entry) != entry:
        raise ValueError(f"symbol {name} is already declared as {TABLE[name]}")
    return symbol


def latex_names() -> dict[sp.Symbol, str]:
    """Return the map that SymPy's LaTeX printer takes as ``symbol_names``."""
    return {entry.symbol: entry.latex for entry in TABLE.values()}


_pos = {"positive": True}
_nonneg = {"nonnegative": True}

# Sizes
n = declare("n", "n", "ambient dimension", positive=True, integer=True)
G = declare("G", r"\Gamma", "number of groups (blocks)", positive=True, integer=True)
d = declare("d", "d", "block size", positive=True, integer=True)
gamma = declare("gamma", r"\gamma", "number of active groups", positive=True, integer=True)
p = declare("p", "p", "P(g in S), gamma/G for the uniform support", **_pos)
q = declare("q", "q", "P(h in S | g in S), (gamma-1)/(G-1) for the uniform support", **_nonneg)
q2 = declare("q2", "q_2", "(gamma-2)/(G-2), 0 for gamma <= 2", **_nonneg)

# Code and noise laws
B_min = declare("B_min", r"B_{\min}", "smallest norm of an active block", **_pos)
B_max = declare("B_max", r"B_{\max}", "largest norm of an active block", **_pos)
m1 = declare("m1", "m_1", "E R", **_pos)
m2 = declare("m2", "m_2", "E R^2", **_pos)
m3 = declare("m3", "m_3", "E R^3", **_pos)
m4 = declare("m4", "m_4", "E R^4", **_pos)
mm1 = declare("mm1", "m_{-1}", "E R^{-1}", **_pos)
mm2 = declare("mm2", "m_{-2}", "E R^{-2}", **_pos)
nu = declare("nu", r"\nu", "bound on the noise norm", **_nonneg)
nu_op = declare("nu_op", r"\nu_{\mathrm{op}}", "root of the norm of the noise covariance", **_nonneg)
sigma = declare("sigma", r"\sigma", "standard deviation of Gaussian noise", **_nonneg)

# Network and training
lam = declare("lam", r"\lambda", "threshold", **_pos)
eta = declare("eta", r"\eta", "step size, in units of the step eta/p on the full gradient", **_pos)
s = declare("s", "s_*", "scale of the limit, root of F' above 1 (gamma1 Theorem 2)", **_pos)
delta = declare("delta", r"\delta", "radius of the ball max_g dist_g(W; s A) <= delta", **_nonneg)

# Dictionary
mu = declare("mu", r"\mu", "block coherence, max over g != h of the spectral norm of A_g^T A_h", **_nonneg)

mu_col = declare(
    "mu_col", r"\mu_{\mathrm{col}}", "largest norm of A_g^T a over columns a of other blocks", **_nonneg
)
a_frame = declare("a_frame", "a", "spectral norm of A (root of the upper frame constant)", **_pos)
a_lower = declare("a_lower", r"a_{-}", "smallest singular value of A on its row space", **_nonneg)
b_star = declare("b_star", "b_*", "spectral norm of A^T A - I", **_nonneg)
beta_F = declare("beta_F", r"\beta", "max over g of the Frobenius norm of A_{-g}^T A_g", **_nonneg)
b_op = declare("b_op", "b", "max over g of the spectral norm of A_{-g}^T A_g", **_nonneg)
tau_T = declare("tau_T", r"\tau", "max over g of the Frobenius norm of T_g = (A A^T - I) A_g", **_nonneg)
Gam = declare("Gam", r"\bar\Gamma", "max over g of the Frobenius norm of A_g^T T_g", **_nonneg)
mu1_g = declare("mu1_g", r"\mu_1(\gamma)", "block Babel function at gamma", **_nonneg)
mu1_g1 = declare("mu1_g1", r"\mu_1(\gamma-1)", "block Babel function at gamma-1", **_nonneg)
mu1_g2 = declare("mu1_g2", r"\mu_1((\gamma-2)_+)", "block Babel function at gamma-2 (0 below)", **_nonneg)
mu1_all = declare("mu1_all", r"\mu_1(\Gamma-1)", "block Babel function at G-1", **_nonneg)
mu2_g1 = declare(
    "mu2_g1", r"\mu_2(\gamma-1)", "root of the sum of the gamma-1 largest squared coherences", **_nonneg
)
muF_g1 = declare("muF_g1", r"\mu_F(\gamma-1)", "the same with Frobenius norms", **_nonneg)

# Deviations from the generative model: 0 where the assumption holds, its size where it does not
dev_orthonormal = declare("dev_orthonormal", r"\epsilon_\perp", "max over g of ||A_g^T A_g - I||", **_nonneg)
dev_support_size = declare("dev_support_size", r"\epsilon_{|S|}", "P(|S| != gamma)", **_nonneg)
dev_support_uniform = declare(
    "dev_support_uniform", r"\epsilon_S", "max over g of |P(g in S) G / E|S| - 1|", **_nonneg
)
dev_isotropy = declare(
    "dev_isotropy", r"\epsilon_\theta", "1 if theta given R is not uniform on the sphere", **_nonneg
)
dev_second_moment = declare(
    "dev_second_moment", r"\epsilon_{\theta\theta}", "||d E[theta theta^T | R] - I||", **_nonneg
)
dev_symmetry = declare(
    "dev_symmetry", r"\epsilon_{\pm}", "||E theta||, or 1 if x and -x differ in law", **_nonneg
)
dev_radius_bound = declare(
    "dev_radius_bound", r"\epsilon_B", "1 if R is unbounded or not bounded away from 0", **_nonneg
)
dev_dependence = declare(
    "dev_dependence", r"\epsilon_{\parallel}", "correlation of active blocks given S", **_nonneg
)
dev_noise = declare("dev_noise", r"\epsilon_e", "1 if the noise is unbounded or not symmetric", **_nonneg)

# What is measured along a run
dist = declare("dist", r"\operatorname{dist}_g(W)", "Procrustes distance of W_g to s A_g", **_nonneg)
dist_next = declare("dist_next", r"\operatorname{dist}_g(W^+)", "the same after one step", **_nonneg)
dist0 = declare("dist0", r"\operatorname{dist}_g(W_0)", "the same at the start", **_nonneg)
iteration = declare("iteration", "k", "iteration", nonnegative=True, integer=True)

R = declare("R", "R", "norm of an active block, random", **_pos)

_MOMENTS = {-2: mm2, -1: mm1, 0: sp.Integer(1), 1: m1, 2: m2, 3: m3, 4: m4}


def expect_R(expr: sp.Expr) -> sp.Expr:
    """Return E over R of a Laurent polynomial in `R`, as an expression in the moments of the table.

    Raises
    ------
    ValueError
        If a power of R outside -2..4 occurs, or R occurs other than in powers.
    """
    total: sp.Expr = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(expr)):
        coefficient, power = term.as_independent(R, as_Add=False)
        exponent = power.as_base_exp()[1] if power.has(R) else sp.Integer(0)
        if power not in (sp.Integer(1), R**exponent) or int(exponent) not in _MOMENTS:
            raise ValueError(f"cannot take the expectation of {term}: only R^-2 .. R^4 have a moment symbol")
        total += coefficient * _MOMENTS[int(exponent)]
    return total
