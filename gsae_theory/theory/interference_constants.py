"""Constants of the interference bound: code and network scalars, and what holds on a ball of radius delta.

Numbering: general, sections 1 and 3 (docs/theory/general.md). Everything here is a named quantity, so
that the polynomials of `interference` keep it as one symbol.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.quantity import define
from gsae_theory.theory.scalars import kap0sq
from gsae_theory.theory.symbols import (
    B_max,
    B_min,
    R,
    a_frame,
    d,
    declare,
    delta,
    expect_R,
    gamma,
    lam,
    m2,
    mu,
    mu1_g,
    mu1_g1,
    mu1_g2,
    mu2_g1,
    nu,
    q,
    s,
)

_SCALARS = "general section 1, scalars"
_BALL = "general section 1, ball constants"


def _symbol(name: str, latex: str, meaning: str) -> sp.Symbol:
    return declare(name, latex, meaning, nonnegative=True)


# Indicators as integers, so that they broadcast and stay polynomial.
several = _symbol("several", r"1_{\gamma>1}", "1 if more than one group is active, else 0")
many = _symbol("many", r"1_{\gamma>2}", "1 if more than two groups are active, else 0")
curved = _symbol("curved", r"1_{d>1}", "1 if blocks have more than one column, else 0")
define(several, sp.Min(1, gamma - 1), "indicator of gamma > 1", _SCALARS)
define(many, sp.Min(1, sp.Max(0, gamma - 2)), "indicator of gamma > 2", _SCALARS)
define(
    curved,
    sp.Min(1, d - 1),
    "indicator of d > 1: for d = 1 the activation is affine on its active set",
    _SCALARS,
)

# Scalars of the code law at scale s. alpha(R) is the shrinkage factor, c(R) the radial residual at W = s A.
alpha_R = 1 - lam / (s * R)
c_R = R - s * (s * R - lam)

k_h = _symbol("k_h", "k_h", "root of E(sR - lam)^2")
c_bar = _symbol("c_bar", r"\bar c", "root of E c(R)^2, c(R) = R - s(sR - lam)")
w_corr = _symbol("w_corr", "w", "E R(sR - lam)")
j_bar = _symbol("j_bar", r"\bar\jmath", "E of the activation's Jacobian at s x, as a multiple of I")
j_two = _symbol("j_two", "j_2", "E of the squared Jacobian at s x, as a multiple of I")
sm = _symbol("sm", r"\sqrt{m_2/d}", "root of m2/d")
r_q = _symbol("r_q", "r", "root of q m2/d")
t_q = _symbol("t_q", "t_q", "root of q/d")

define(k_h, sp.sqrt(kap0sq), "size of the hidden block at s A", _SCALARS)
define(c_bar, sp.sqrt(sp.Max(0, expect_R(c_R**2))), "size of the residual at s A; 0 for constant R", _SCALARS)
define(w_corr, expect_R(R * (s * R - lam)), "correlation of hidden block and code", _SCALARS)
define(j_bar, expect_R(alpha_R + (1 - alpha_R) / d), "E[alpha + (1-alpha)/d]", _SCALARS)
define(j_two, expect_R(alpha_R**2 + (1 - alpha_R**2) / d), "E[alpha^2 + (1-alpha^2)/d]", _SCALARS)
define(sm, sp.sqrt(m2 / d), "E x x^T = sm^2 I", _SCALARS)
define(r_q, sp.sqrt(q * m2 / d), "size of the interference per unit of coherence", _SCALARS)
define(t_q, sp.sqrt(q / d), "abbreviation", _SCALARS)

# Ball constants. delta is the radius; suffixes follow the document's subscripts.
a_S = _symbol("a_S", "a_S", "bound on the spectral norm of A_{S minus g}")
Y_ball = _symbol("Y_ball", "Y", "bound on ||A_S x_S||")
Yz_ball = _symbol("Yz_ball", "Y_z", "bound on the interference ||A_{S minus g} x_{S minus g}||")
lam_lo = _symbol("lam_lo", r"\underline{\lambda}", "largest pre-activation of an inactive group")
ell = declare("ell", r"\ell", "smallest pre-activation of an active group (may be negative: then no window)")
Z_ball = _symbol("Z_ball", "Z", "bound on the interference in the pre-activation, ||W_g^T z||")
Ze_ball = _symbol("Ze_ball", "Z_e", "bound on the root of the sum over h of ||W_h^T A_g x_g||^2")
eps1_ball = _symbol("eps1_ball", r"\epsilon_1", "bound on ||W_h^T A_g x_g||")
Zx_ball = _symbol("Zx_ball", "Z_x", "bound on the interference in h from groups other than g and h")
k2 = _symbol("k2", "k_2", "second-order Taylor constant of the activation on {||u|| >= ell}")
k3 = _symbol("k3", "k_3", "third-order Taylor constant of the activation on {||u|| >= ell}")
z2_ball = _symbol("z2_ball", r"\min(2k_2Z, k_3Z^2)", "bound on the even part of the Jacobian's change")

define(a_S, sp.Min(a_frame, sp.sqrt(1 + mu1_g2)), "the smaller of a and block Gershgorin", _SCALARS)
define(Y_ball, sp.sqrt(gamma) * sp.Min(sp.sqrt(1 + mu1_g1), a_frame) * B_max, "||A_S x_S|| <= Y", _BALL)
define(Yz_ball, sp.sqrt(gamma - 1) * a_S * B_max, "||A_{S minus g} x_{S minus g}|| <= Y_z", _BALL)


def lam_lo_of(radius: sp.Expr | int) -> sp.Expr:
    """Return lam_lo at a radius: no inactive group of a W in that ball reaches higher."""
    return s * mu1_g * B_max + radius * (Y_ball + nu) + s * nu


def ell_of(radius: sp.Expr | int) -> sp.Expr:
    """Return ell at a radius: no active group of a W in that ball stays lower."""
    return s * B_min - s * mu1_g1 * B_max - radius * (Y_ball + nu) - s * nu


define(lam_lo, lam_lo_of(delta), "inactive groups stay below it", "general Theorem 1")
define(ell, ell_of(delta), "active groups stay above it", "general Theorem 1")
define(Z_ball, s * mu1_g1 * B_max + delta * (Yz_ball + nu) + s * nu, "||zeta|| <= Z", _BALL)
define(
    Ze_ball, (s * mu2_g1 + sp.sqrt(gamma - 1) * delta) * B_max, "root of sum ||epsilon_h||^2 <= Z_e", _BALL
)
define(eps1_ball, (s * mu + delta) * B_max, "||epsilon_h|| <= eps1", _BALL)
define(
    Zx_ball,
    many * (s * mu1_g2 * B_max + delta * Yz_ball) + (s + delta) * nu,
    "||xi_h|| <= Z_x",
    _BALL,
)
define(
    k2, curved * lam / (sp.sqrt(3) * ell**2), "Lemma 2(b), sharp for d >= 2, 0 for d = 1", "general Lemma 2"
)
define(k3, curved * sp.Rational(3, 2) * lam / ell**3, "Lemma 2(b), 0 for d = 1", "general Lemma 2")
define(z2_ball, sp.Min(2 * k2 * Z_ball, k3 * Z_ball**2), "even part of J(u + zeta) - J(u)", "general Lemma 5")

# Coherence form of Theorem 1: all dictionaries of block coherence mu at once.
lam_lo_coh = _symbol("lam_lo_coh", r"\underline{\lambda}_\mu", "lam_lo with mu alone")
ell_coh = declare("ell_coh", r"\ell_\mu", "ell with mu alone")
Y_coh = _symbol("Y_coh", r"Y_\mu", "bound on ||A_S x_S|| with mu alone")
define(Y_coh, sp.sqrt(gamma * (1 + (gamma - 1) * mu)) * B_max, "||A_S x_S|| <= Y_mu", "general Theorem 1")
define(
    lam_lo_coh,
    s * gamma * mu * B_max + delta * (Y_coh + nu) + s * nu,
    "coherence form of lam_lo, attained (Prop. 1.2)",
    "general Theorem 1",
)
define(
    ell_coh,
    s * B_min - s * (gamma - 1) * mu * B_max - delta * (Y_coh + nu) - s * nu,
    "coherence form of ell, attained at delta = nu = 0 (Prop. 1.2)",
    "general Theorem 1",
)

# Corollary 1.1: lambda without s, for s = s*(lambda).
off_reach = _symbol("off_reach", "M", "mu_1(gamma) B + nu")
on_reach = declare("on_reach", "N", "B_min - mu_1(gamma-1) B - nu")
lam_lo_explicit = declare("lam_lo_explicit", r"\underline{\lambda}_0", "explicit lower end for lambda")
lam_hi_explicit = declare("lam_hi_explicit", r"\overline{\lambda}_0", "explicit upper end for lambda")
define(off_reach, mu1_g * B_max + nu, "reach of the inactive groups per unit of s", "general Corollary 1.1")
define(
    on_reach, B_min - mu1_g1 * B_max - nu, "reach of the active groups per unit of s", "general Corollary 1.1"
)
define(
    lam_lo_explicit,
    (off_reach + delta * (Y_ball + nu)) / (1 - off_reach / B_min),
    "lambda from here on clears every inactive group",
    "general Corollary 1.1",
)
define(
    lam_hi_explicit,
    (on_reach - delta * (Y_ball + nu)) / (1 - on_reach / (2 * B_max)),
    "lambda below keeps every active group",
    "general Corollary 1.1",
)

__all__ = [
    "Y_ball",
    "Y_coh",
    "Yz_ball",
    "Z_ball",
    "Ze_ball",
    "Zx_ball",
    "a_S",
    "alpha_R",
    "c_R",
    "c_bar",
    "curved",
    "ell",
    "ell_coh",
    "ell_of",
    "eps1_ball",
    "j_bar",
    "j_two",
    "k2",
    "k3",
    "k_h",
    "lam_hi_explicit",
    "lam_lo",
    "lam_lo_coh",
    "lam_lo_explicit",
    "lam_lo_of",
    "many",
    "off_reach",
    "on_reach",
    "r_q",
    "several",
    "sm",
    "t_q",
    "w_corr",
    "z2_ball",
]
