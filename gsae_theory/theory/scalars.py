"""Scalars of the theory with one active group: fixed point, curvature, ball constants.

Numbering: gamma1, sections 0 and 2-4 (docs/theory/gamma1.md). What depends on a free argument (a
radius ``e``, a norm ``rho``, a scale) is a Python function that builds the SymPy expression, from the
definition wherever there is one; the named quantities call these functions, and so do the proof checks.
"""

from __future__ import annotations

from typing import TypeAlias

import sympy as sp

from gsae_theory.theory.quantity import define
from gsae_theory.theory.symbols import R, d, declare, delta, expect_R, lam, m1, m2, n, s

_OBJECTS = "gamma1 section 0"
_FIXED_POINT = "gamma1 Theorem 2"
_HESSIAN = "gamma1 Theorem 3"
_BALL = "gamma1 Theorem 4"

Expr: TypeAlias = sp.Expr


def _scalar(name: str, latex: str, meaning: str) -> sp.Symbol:
    return declare(name, latex, meaning, nonnegative=True)


_x = sp.Dummy("x", real=True)
_KAP_SQ = expect_R((_x * R - lam) ** 2)  # = m2 x^2 - 2 lam m1 x + lam^2


# --- Functions of a radius e, a norm rho or a scale ----------------------------------------------------


def kap_sq(e: Expr | int) -> Expr:
    """Return kap(e)^2 = E((s - e)R - lam)^2 [L1]."""
    return _KAP_SQ.subs(_x, s - e)


def cross(scale: Expr = s) -> Expr:
    """Return X = E R(scale R - lam), the slope in kap(e)^2 = kap0^2 - 2 X e + m2 e^2 [L1]."""
    return expect_R(R * (scale * R - lam))


def Phi(rho: Expr) -> Expr:
    """Return E(R - lam/rho)^2 [L3]."""
    return expect_R((R - lam / rho) ** 2)


def Psi(rho: Expr) -> Expr:
    """Return E(R - lam/rho) [L22]."""
    return expect_R(R - lam / rho)


def F_of(scale: Expr) -> Expr:
    """Return F(scale) = 1/2 E(R(1 - scale^2) + lam scale)^2, the loss at W = scale A [L9]."""
    return expect_R((R * (1 - scale**2) + lam * scale) ** 2) / 2


def h_of(scale: Expr) -> Expr:
    """Return h = F'/m2 = (2 scale - a)(scale^2 - a scale - 1) + v scale [L9]."""
    return (2 * scale - a_ratio) * (scale**2 - a_ratio * scale - 1) + v_ratio * scale


def L_of(e: Expr | int) -> Expr:
    """Return L(e) = [2 m2 (s+e)(2s+e) - lam m1 (3s + 3e + 1/s)]/d, increasing, L(0) = L* [L32]."""
    return (2 * m2 * (s + e) * (2 * s + e) - lam * m1 * (3 * s + 3 * e + 1 / s)) / d


def t_of(tau: Expr) -> Expr:
    """Return t(tau) = sqrt(m2) tau / kap0: a distance in units of the largest useful radius."""
    return sp.sqrt(m2 / kap0sq) * tau


def kappa_of(tau: Expr) -> Expr:
    """Return kappa(tau) = (kap0^2 - m2 tau^2)/d, the curvature at distance tau (regular step)."""
    return (kap0sq - m2 * tau**2) / d


def kappa_large_of(tau: Expr) -> Expr:
    """Return kappa'(tau) = (kap0^2 - (5/2) m2 tau^2)/d, the same for the large step."""
    return (kap0sq - sp.Rational(5, 2) * m2 * tau**2) / d


def xi1(rho: Expr) -> Expr:
    """Return xi1 = Psi(rho)/rho^3 (Lemma C)."""
    return Psi(rho) / rho**3


def xi2(rho: Expr) -> Expr:
    """Return xi2 = [m1(3s - 1/s) - lam(1 + s/rho)]/(rho(rho + s)) (Lemma C)."""
    return (m1 * (3 * s - 1 / s) - lam * (1 + s / rho)) / (rho * (rho + s))


def g_of(c: Expr, rho: Expr) -> Expr:
    """Return g(c) = lam[xi1 (c^2 + s c) + xi2 (1 + s/c)] of (4.2) at an eigenvalue c of C."""
    return lam * (xi1(rho) * (c**2 + s * c) + xi2(rho) * (1 + s / c))


def h3_slack(e: Expr | int) -> Expr:
    """Return right minus left side of (H3) at radius e."""
    return (m1 * (s - e) - lam) * (s - e) * (s + 3 * e) - 3 * lam * e * (s + sp.Rational(3, 4) * e)


def h3b_slack(e: Expr | int) -> Expr:
    """Return right minus left side of (H3') at radius e."""
    return 3 * m1 * (s - e) ** 2 - 2 * lam * (2 * s - e)


# --- Fixed point ---------------------------------------------------------------------------------------

a_ratio = _scalar("a_ratio", r"\bar a", "lam m1/m2, the threshold relative to the code")
v_ratio = declare("v_ratio", r"\bar v", "lam^2 Var(R)/m2^2, 0 for constant R")
s_plus = _scalar("s_plus", r"s_+", "the limit scale at constant R with the same lam m1/m2")
s_lower = _scalar("s_lower", r"\underline{s}", "lower end of the bracket of s*")
s_upper = _scalar("s_upper", r"\bar{s}", "upper end of the bracket of s*")
s_lower_simple = _scalar("s_lower_simple", r"\underline{s}'", "simple lower bound on s*")
s_upper_simple = _scalar("s_upper_simple", r"\bar{s}'", "simple upper bound on s*")
F_star = _scalar("F_star", "F(s_*)", "loss at the limit")
rhobar = declare("rhobar", r"\bar\varrho", "E[r | theta] = rhobar A theta at the limit")
radius_generating = _scalar(
    "radius_generating", r"(s_*-1)\sqrt d", "distance of the limit to the generating matrix itself"
)

define(a_ratio, lam * m1 / m2, "relative threshold", _OBJECTS)
define(v_ratio, lam**2 * (m2 - m1**2) / m2**2, "relative spread of R", _OBJECTS)
define(s_plus, a_ratio / 2 + sp.sqrt(1 + a_ratio**2 / 4), "root of s^2 - a s - 1", f"{_FIXED_POINT} [L11]")
_drop = 2 * a_ratio - a_ratio**2 - v_ratio
define(
    s_lower, 1 + (s_plus - 1) * _drop / (_drop + v_ratio * s_plus), "secant bound", f"{_FIXED_POINT}(i) [L12]"
)
define(
    s_upper,
    s_plus - v_ratio * s_plus / (a_ratio**2 + 4 + v_ratio),
    "tangent bound",
    f"{_FIXED_POINT}(i) [L12]",
)
define(s_lower_simple, 1 + a_ratio / 2, "valid if Var(R)/m1^2 <= 1/(2+a)", f"{_FIXED_POINT}(ii) [L13]")
define(
    s_upper_simple, 1 + a_ratio / 2 + a_ratio**2 / 8, "valid without condition", f"{_FIXED_POINT}(ii) [L13]"
)
define(s, h_of(s), "the only zero of F' in (1, inf)", _FIXED_POINT, bracket=(s_lower, s_upper))
define(
    F_star,
    m2 / 2 * v_ratio * s**2 * (1 + v_ratio / (2 * s - a_ratio) ** 2),
    "F(s*), zero iff R is constant",
    f"{_FIXED_POINT}(iii) [L14]",
)
define(rhobar, m1 * (1 - s**2) + lam * s, "mean radial residual, >= 0", f"{_FIXED_POINT}(iv)")
define(radius_generating, (s - 1) * sp.sqrt(d), "pure scale bias", f"{_FIXED_POINT}(iv)")

# --- Hessian at s* A -----------------------------------------------------------------------------------

kap0sq = _scalar("kap0sq", r"\kappa_0^2", "kap(0)^2 = E(sR - lam)^2")
om = _scalar("om", r"\omega", "lam(m1(5s - 1/s) - 4 lam)")
kappa_star = _scalar("kappa_star", r"\kappa_*", "curvature of the out-of-subspace direction, the sharp rate")
L_star = _scalar("L_star", "L_*", "curvature of the scale direction, F''(s)/d")
hess_rotation = _scalar("hess_rotation", r"h_{\mathrm{rot}}", "curvature along block rotations")
hess_out = _scalar("hess_out", r"h_{\perp}", "curvature out of the subspace of A_g")
hess_traceless = _scalar(
    "hess_traceless", r"h_{\mathrm{sym}}", "curvature of symmetric traceless changes of C"
)
hess_trace = _scalar("hess_trace", r"h_{\mathrm{tr}}", "curvature of the scale")
mult_rotation = _scalar("mult_rotation", r"\mathrm{mult}_{\mathrm{rot}}", "multiplicity, per group")
mult_out = _scalar("mult_out", r"\mathrm{mult}_{\perp}", "multiplicity, per group")
mult_traceless = _scalar("mult_traceless", r"\mathrm{mult}_{\mathrm{sym}}", "multiplicity, per group")
mult_trace = _scalar("mult_trace", r"\mathrm{mult}_{\mathrm{tr}}", "multiplicity, per group")
kappa_slow = _scalar("kappa_slow", r"\kappa_{\mathrm{slow}}", "smallest curvature apart from rotations")
eta_opt = _scalar("eta_opt", r"\eta_{\mathrm{opt}}", "best step near the limit")
factor_opt = _scalar("factor_opt", r"\varrho_{\mathrm{opt}}", "asymptotic factor at the best step")

define(kap0sq, kap_sq(0), "", _OBJECTS)
define(om, lam * (m1 * (5 * s - 1 / s) - 4 * lam), "positive", _OBJECTS)
define(kappa_star, kap0sq / d, "E(s*R - lam)^2/d", _HESSIAN)
define(L_star, (4 * kap0sq + om) / d, "F''(s*)/d", f"{_HESSIAN} [L17]")
define(hess_rotation, 0, "the loss is invariant", _HESSIAN)
define(hess_out, kappa_star, "A_perp D", _HESSIAN)
define(hess_traceless, (4 * kap0sq + 2 * om / (d + 2)) / d, "A E, E symmetric with trace 0", _HESSIAN)
define(hess_trace, L_star, "multiples of A", _HESSIAN)
define(mult_rotation, d * (d - 1) / 2, "antisymmetric d x d matrices", _HESSIAN)
define(mult_out, (n - d) * d, "(n-d) x d matrices", _HESSIAN)
define(mult_traceless, d * (d + 1) / 2 - 1, "symmetric traceless d x d matrices", _HESSIAN)
define(mult_trace, 1, "multiples of the identity", _HESSIAN)
define(
    kappa_slow,
    sp.Piecewise((kappa_star, n > d), (hess_traceless, d > 1), (L_star, True)),
    "kappa* for n > d; without room outside the subspace the next one",
    _HESSIAN,
)
define(eta_opt, 2 / (kappa_slow + L_star), "2d/(5 kap0^2 + om) for n > d", _HESSIAN)
define(
    factor_opt,
    (L_star - kappa_slow) / (L_star + kappa_slow),
    "(3 kap0^2 + om)/(5 kap0^2 + om) for n > d",
    _HESSIAN,
)

# --- The ball of Theorem 4 -----------------------------------------------------------------------------

t_delta = _scalar("t_delta", r"t(\delta)", "radius delta in units of kap0/sqrt(m2)")
L_delta = declare("L_delta", r"L(\delta)", "largest curvature on the ball")
eta_max = declare("eta_max", r"\eta_{\max}", "largest regular step on the ball")
eta_max_large = declare("eta_max_large", r"\eta'_{\max}", "largest step on the ball, with weaker contraction")
kappa_delta = declare("kappa_delta", r"\kappa(\delta)", "contraction on the ball, regular step")
kappa_delta_large = declare("kappa_delta_large", r"\kappa'(\delta)", "contraction on the ball, large step")

define(t_delta, t_of(delta), "(H2) asks for t <= 1/2", _BALL)
define(L_delta, L_of(delta), "L at the radius of the ball", _BALL)
define(eta_max, 2 / (L_delta + sp.Rational(7, 2) * kappa_star), "regular step", _BALL)
define(eta_max_large, 2 / (L_delta + 2 * kappa_star), "large step", _BALL)
define(kappa_delta, kappa_of(delta), "kappa*(1 - t^2)", _BALL)
define(kappa_delta_large, kappa_large_of(delta), "kappa*(1 - (5/2) t^2)", _BALL)

# --- Constants of the correlated-gradient form, for the regular and the large step -----------------------

alpha_cor = declare("alpha_cor", r"\alpha", "weight of dist^2 in the correlated-gradient inequality")
beta_cor = declare("beta_cor", r"\beta_{\mathrm{c}}", "weight of the squared gradient norm")
alpha_cor_large = declare("alpha_cor_large", r"\alpha'", "the same for the large step")
beta_cor_large = declare("beta_cor_large", r"\beta_{\mathrm{c}}'", "the same for the large step")
eps_cor = _scalar("eps_cor", r"\epsilon_{\mathrm{c}}", "offset of the inequality about A itself")

_COR = "gamma1 Corollary of Theorem 4 [L41]"


def alpha_of(kappa: Expr, step: Expr) -> Expr:
    """Return kappa(1 - kappa step/2), what ||g - Delta/step|| <= (1/step - kappa)||Delta|| gives."""
    return kappa * (1 - kappa * step / 2)


define(alpha_cor, alpha_of(kappa_delta, eta_max), "", _COR)
define(beta_cor, eta_max / 2, "", _COR)
define(alpha_cor_large, alpha_of(kappa_delta_large, eta_max_large), "", _COR)
define(beta_cor_large, eta_max_large / 2, "", _COR)
define(eps_cor, (s - 1) ** 2 * d * (alpha_cor + 1 / (2 * beta_cor)), "regular step", _COR)
