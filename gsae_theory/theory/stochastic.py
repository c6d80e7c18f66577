"""From the population gradient to minibatches and finite samples (side section 3).

Z_g is the gradient of one sample in block g, the batch gradient the mean of N independent ones. All
constants are explicit and free of the dimension. `B` = B_max, radius `delta` of the ball around s A.
"""

from __future__ import annotations

import math

import sympy as sp

from gsae_theory.theory.quantity import define
from gsae_theory.theory.scalars import L_star, hess_traceless, kappa_delta, kappa_star
from gsae_theory.theory.symbols import (
    B_max,
    B_min,
    G,
    R,
    d,
    declare,
    delta,
    dist0,
    eta,
    expect_R,
    gamma,
    iteration,
    lam,
    mu,
    n,
    nu,
    p,
    s,
)

_pos, _nonneg = {"positive": True}, {"nonnegative": True}

batch = declare("batch", "N", "number of independent samples per gradient", **_pos)
alpha = declare("alpha", r"\alpha", "probability allowed for the exceptional event", **_pos)
log_level = declare("log_level", r"\ell", "log(2/alpha)", **_pos)
range_b = declare("range_b", "b", "bound on the norm of one summand", **_nonneg)
variance_v = declare("variance_v", "v", "bound on the mean squared norm of one summand", **_nonneg)
kappa_C = declare("kappa_C", r"\kappa_{\mathrm{C}}", "contraction of hypothesis (C) on the ball", **_pos)
define(kappa_C, kappa_delta, "regular step: gamma1 Theorem 4 supplies (C)", "side Lemma (C)")
horizon = declare("horizon", "T", "number of steps of a run", **_pos)
split_w = declare(
    "split_w", r"\omega_{\mathrm{s}}", "free parameter > 0 of the second-moment recursion", **_pos
)
net_eps = declare("net_eps", r"\varepsilon_0", "free mesh > 0 of a net on the ball", **_pos)


def _quantity(name: str, latex: str, expr: sp.Expr, meaning: str, source: str) -> sp.Symbol:
    symbol = declare(name, latex, meaning, **_nonneg)
    define(symbol, expr, meaning, source)
    return symbol


# T3.1: deviation of a mean in a Hilbert space


def mean_radius(v: sp.Expr, b: sp.Expr, level: sp.Expr = log_level, size: sp.Expr = batch) -> sp.Expr:
    """Return sqrt(2 v level/N) + b level/(3N): exceeded by ||mean|| with probability <= 2 exp(-level)."""
    return sp.sqrt(2 * v * level / size) + b * level / (3 * size)


hilbert_radius = _quantity(
    "hilbert_radius",
    r"r_{\mathrm{H}}",
    mean_radius(variance_v, range_b),
    "radius of the mean of N independent centred vectors",
    "side T3.1",
)

# T3.2: explicit range and variance of one gradient


def residual_at(radius: sp.Expr) -> sp.Expr:
    """Return R - s(sR - lam), the radial residual at s A for an active block of norm R."""
    return radius - s * (s * radius - lam)


rho_max = _quantity(
    "rho_max",
    r"\varrho_{\max}",
    sp.Max(sp.Abs(residual_at(B_min)), sp.Abs(residual_at(B_max))),
    "largest residual at s A; 0 for constant R at s = s*",
    "side T3.2",
)
r_ball = _quantity(
    "r_ball",
    r"r_\delta",
    rho_max + delta * (2 * s * B_max - lam + delta * B_max),
    "bound on ||r|| in the ball",
    "side T3.2a",
)
M_ball = _quantity(
    "M_ball",
    r"M(\delta)",
    (2 * (s + delta) * B_max - lam) * r_ball,
    "bound on ||Z_g|| in the ball",
    "side T3.2a",
)
K_ball = _quantity(
    "K_ball",
    r"K",
    (2 * (s + delta) * B_max - lam) * ((2 * s + delta) * B_max - lam),
    "||Z_g|| <= K delta for constant R and s = s*",
    "side T3.2a",
)
L_inf = _quantity(
    "L_inf",
    r"L_\infty",
    K_ball + 2 * rho_max * B_max,
    "root mean square of Z_g(W) - Z_g(sA) per dist_g/sqrt(d), given g active",
    "side T3.2b",
)
v_chi = _quantity(
    "v_chi",
    r"v_\chi",
    sp.Max(0, expect_R(residual_at(R) ** 2 * (2 * s * R - lam) ** 2)),  # rounding, where it is 0
    "E ||Z_g||^2 at s A, given g active",
    "side T3.2b",
)
V_ball = _quantity(
    "V_ball",
    r"V(\delta)",
    sp.Min(M_ball, sp.sqrt(v_chi) + L_inf * delta / sp.sqrt(d)) ** 2,
    "bound on E ||Z_g||^2 in the ball, given g active",
    "side T3.2b",
)

# T3.2c: several active groups, bounded noise
growth = sp.sqrt(gamma * (1 + (gamma - 1) * mu))
Y_max = _quantity("Y_max", "Y", B_max * growth + nu, "bound on ||y||", "side T3.2c")
D_leak = _quantity(
    "D_leak",
    r"D_{\ell}",
    s * ((gamma - 1) * mu * B_max + nu) + delta * Y_max,
    "bound on ||W_g^T y - s x_g||, g active",
    "side T3.2c",
)
H_max = _quantity("H_max", "H", s * B_max - lam + D_leak, "bound on ||h_g||", "side T3.2c")
r_general = _quantity(
    "r_general",
    r"r_c",
    growth * (rho_max + s * D_leak) + gamma * delta * H_max + nu,
    "bound on ||r|| with exact support",
    "side T3.2c",
)
M_general = _quantity(
    "M_general",
    r"M_g",
    r_general * (H_max + (s + delta) * Y_max),
    "bound on ||Z_g|| with exact support; sqrt(gamma) times it bounds ||Z||",
    "side T3.2c",
)
_w, _u = s + delta, (s - delta) * B_min
lip_pair = _quantity(
    "lip_pair",
    r"\mathrm{Lip}",
    (_w * B_max - lam + _w * B_max) ** 2
    + 2 * r_ball * B_max
    + 2 / sp.sqrt(3) * lam * _w * r_ball * B_max**2 / _u**2,
    "||Z_g(W) - Z_g(W')|| <= Lip ||W_g - W_g'||_2 in the ball",
    "side T3.2d",
)

# T3.3: a batch gradient


def gradient_deviation(level: sp.Expr = log_level) -> sp.Expr:
    """Return eps_g: (1/p)||batch gradient - gradient||_F in block g, effective batch p N."""
    return sp.sqrt(2 * V_ball * level / (p * batch)) + (1 + p) * M_ball * level / (3 * p * batch)


level_one = sp.log(2 / alpha)
level_run = sp.log(2 * G * horizon / alpha)
"""log(2GT/alpha): all groups and all steps at once."""
eps_gradient = _quantity(
    "eps_gradient", r"\varepsilon_g", gradient_deviation(), "deviation of a batch gradient", "side T3.3"
)

# T3.4: stochastic gradient descent with fresh batches

decay = (1 - eta * kappa_C) ** iteration * dist0
sgd_noise = sp.sqrt(2 * log_level * eta * V_ball / (p * batch * kappa_C)) + (
    1 + p
) * eta * M_ball * log_level / (3 * p * batch)
sgd_radius = _quantity(
    "sgd_radius",
    r"r_{\mathrm{SGD}}",
    decay + sgd_noise,
    "radius of SGD after k steps: contraction plus a floor of order sqrt(eta)",
    "side T3.4b",
)
sgd_floor = _quantity("sgd_floor", r"f_{\mathrm{SGD}}", sgd_noise, "the floor alone", "side T3.4b")
sgd_radius_coarse = _quantity(
    "sgd_radius_coarse",
    r"r'_{\mathrm{SGD}}",
    decay + eps_gradient / kappa_C,
    "radius of SGD while every gradient obeys T3.3",
    "side T3.4a",
)
q_moment = _quantity(
    "q_moment",
    "q_w",
    (1 - eta * kappa_C) ** 2 + eta**2 * (1 + 1 / split_w) * L_inf**2 / (d * p * batch),
    "rate of the second moment at parameter split_w",
    "side T3.4c",
)
second_moment = _quantity(
    "second_moment",
    r"m_{\mathrm{SGD}}",
    q_moment**iteration * dist0**2 + (1 + split_w) * eta**2 * v_chi / (p * batch * (1 - q_moment)),
    "bound on E D^2 at parameter split_w",
    "side T3.4c",
)
q_interp = _quantity(
    "q_interp",
    "q",
    (1 - eta * kappa_C) ** 2 + eta**2 * K_ball**2 / (d * p * batch),
    "rate of E D^2 for constant R: no floor",
    "side T3.4d",
)
interpolation = _quantity(
    "interpolation",
    r"i_{\mathrm{SGD}}",
    q_interp**iteration * dist0**2,
    "bound on E D^2, constant R",
    "side T3.4d",
)
eta_interp = _quantity(
    "eta_interp",
    r"\eta_{\mathrm{int}}",
    2 * kappa_C / (kappa_C**2 + K_ball**2 / (d * p * batch)),
    "step below which the interpolating rate is < 1",
    "side T3.4d",
)

# T3.5: sharp predictions of the linearised recursion (asymptotic, p N -> inf)

H_tr = L_star
H_tl = hess_traceless
v_trace, v_traceless = v_chi / d, v_chi * (1 - 1 / d)
stationary = _quantity(
    "stationary",
    r"\overline{\operatorname{dist}^2}",
    eta / (p * batch) * (v_trace / (H_tr * (2 - eta * H_tr)) + v_traceless / (H_tl * (2 - eta * H_tl))),
    "predicted stationary E dist_g^2 of SGD",
    "side T3.5",
)
sample_limit = _quantity(
    "sample_limit",
    r"\overline{\operatorname{dist}^2_N}",
    (v_trace / H_tr**2 + v_traceless / H_tl**2) / (p * batch),
    "predicted E dist_g^2 of the limit of GD on one sample",
    "side T3.5",
)
rate_D = _quantity(
    "rate_D",
    r"q_D",
    1
    - 2 * eta * kappa_star
    + eta**2 * kappa_star**2 * (1 - 1 / batch)
    + eta**2 * expect_R((s * R - lam) ** 4) / (d * p * batch),
    "predicted factor of E||D||^2 per step of SGD, out-of-subspace direction",
    "side T3.5",
)

# T3.6: one fixed sample, uniformly over the ball

level_net = sp.log(4 * G / alpha) + n * d * sp.log(1 + 2 * delta / net_eps)
sample_deviation = _quantity(
    "sample_deviation",
    r"\varepsilon_N",
    sp.sqrt(2 * V_ball * level_net / (p * batch))
    + (1 + p) * M_ball * level_net / (3 * p * batch)
    + 3 * lip_pair * net_eps,
    "deviation of a sample's gradient, uniformly over the ball, at mesh net_eps",
    "side T3.6",
)
sample_radius = _quantity(
    "sample_radius", r"r_N", sample_deviation / kappa_C, "where GD on one sample ends", "side T3.6"
)
sample_size_margin = p * batch / (3 * sp.log(2 * G / alpha)) - 1
"""Margin of p N >= 3 log(2G/alpha)."""

ONE_STEP_RANGE = (1 + p) * M_ball
"""T3.3: ||Z_g - E Z_g|| <= (1 + p) M."""


def mesh_near_best(
    dimension: float, lipschitz: float, variance: float, effective: float, radius: float
) -> float:
    """Return a mesh that nearly minimises `sample_deviation`; any positive mesh is valid.

    Parameters
    ----------
    dimension : float
        n d.
    lipschitz, variance : float
        Lip and V of T3.2.
    effective : float
        Effective sample size p N.
    radius : float
        delta; the mesh never exceeds it.
    """
    mesh = radius
    for _ in range(20):
        level = max(1.0, dimension * math.log1p(2 * radius / mesh))
        mesh = min(radius, dimension * math.sqrt(variance / (2 * effective * level)) / (3 * lipschitz))
    return mesh
