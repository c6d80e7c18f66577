"""Convergence for any number of active groups: constants, step sizes, radii (general, section 4).

The region is R(delta, Phi) = {max_g dist_g <= delta, F <= Phi}, F^2 the sum of dist_g^2. All ball
constants are taken at `delta`. The module `region` holds the numerical search for admissible (delta, Phi).
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.interference import VARIABLES, P, P_at, Q_lean, e0
from gsae_theory.theory.interference_constants import j_two
from gsae_theory.theory.quantity import define
from gsae_theory.theory.scalars import eta_max, kappa_delta
from gsae_theory.theory.symbols import (
    G,
    a_frame,
    b_op,
    b_star,
    d,
    declare,
    delta,
    dist,
    eta,
    m2,
    q,
    s,
)

_REGION = "general section 4, region"
_THEOREM = "general Theorem 3"

Phi = declare("Phi", r"\Phi", "bound on F, the root of the sum of dist_g^2", positive=True)
define(Phi, sp.sqrt(G) * delta, "no bound of its own: implied by max dist_g <= delta", _REGION)

# What is measured along a run, beside dist and dist_next of the symbol table.
dist_max = declare(
    "dist_max", r"\max_h \operatorname{dist}_h", "largest Procrustes distance to s A", nonnegative=True
)
fro = declare("fro", "F", "root of the sum of dist_g^2", nonnegative=True)

# The chord points of the proof.
d_m = declare("d_m", r"\delta_m", "largest dist_g on the region", nonnegative=True)
D_m = declare("D_m", "D_m", "largest ||Delta_{-g}||_F on the region", nonnegative=True)
define(d_m, sp.Min(delta, Phi), "min(delta, Phi)", _REGION)
define(D_m, sp.Min(sp.sqrt(G - 1) * d_m, Phi), "min(sqrt(G-1) d_m, Phi)", _REGION)

p1, p2, p3, p4 = (
    declare(f"p_{name}", f"p_{name}", meaning, nonnegative=True)
    for name, meaning in (
        ("1", "P(0, 0, 0, D_m)"),
        ("2", "P(0, 0, b D_m, D_m)"),
        ("3", "P(d_m, 0, b D_m, D_m)"),
        ("4", "P(d_m, D_m, b D_m, D_m), the largest interference on the region"),
    )
)
_bD = b_op * D_m
for _symbol, _point in (
    (p1, (0, 0, 0, D_m)),
    (p2, (0, 0, _bD, D_m)),
    (p3, (d_m, 0, _bD, D_m)),
    (p4, (d_m, D_m, _bD, D_m)),
):
    define(_symbol, P_at(*_point), "chord point of the interference bound", _REGION)

kappa0 = declare("kappa0", r"\kappa_0(\delta)", "contraction of one group alone on the ball")
K_bar = declare("K_bar", r"\bar K", "bound on the norm of K_g", nonnegative=True)
eta_bar = declare("eta_bar", r"\bar\eta", "largest step for several active groups")
Q_slope = declare("Q_slope", r"\partial_Q P", "slope of P in Q, in which it is affine", nonnegative=True)
c_F = declare("c_F", "c_F", "loss of contraction in the Frobenius norm over all groups", nonnegative=True)
c_inf = declare("c_inf", r"c_\infty", "loss of contraction in the maximum over groups", nonnegative=True)

define(kappa0, kappa_delta, "kappa*(1 - t(delta)^2), gamma1 Theorem 4", _THEOREM)
define(K_bar, q * m2 / d * s**2 * j_two * a_frame**2, "(q m2/d) s^2 j2 a^2", "general section 3")
define(eta_bar, eta_max / (1 + eta_max * K_bar), "0 < eta <= eta_bar", _THEOREM)
# Nonconstant monomials of P are assigned to D if they contain D, else to t, else to Q, else to O. P is
# affine in Q, so that its chord in Q is a derivative and b = 0 is no special case.
define(
    Q_slope,
    sp.diff(P, Q_lean).xreplace(dict(zip(VARIABLES, (sp.S.Zero, sp.S.Zero, sp.S.Zero, D_m), strict=True))),
    "(p2 - p1)/(b D_m)",
    _THEOREM,
)
define(
    c_F,
    (p3 - p2) / d_m + a_frame * (p4 - p3) / D_m + sp.sqrt(G - 1) * (p1 - e0) / D_m + b_star * Q_slope,
    "chord slopes of P in t, D, O, Q times their l2 constants 1, a, sqrt(G-1), b*",
    f"{_THEOREM}(ii)",
)
_v = sp.sqrt(G - 1) * delta
define(
    c_inf, (P_at(delta, _v, b_op * _v, _v) - e0) / delta, "chord of P along the worst ray", f"{_THEOREM}(iv)"
)

# Radii of the limit.
radius_rms = declare("radius_rms", r"\varrho_F", "limit of the rms distance, before the bootstrap")
radius_max = declare(
    "radius_max", r"\varrho_\infty", "limit of the largest distance, case (iv), before the bootstrap"
)
radius_group = declare("radius_group", r"\varrho_g", "limit of every distance in case (iii)")
define(radius_rms, e0 / (kappa0 - c_F), "e0/(kappa0 - c_F)", f"{_THEOREM}(iii)")
define(radius_max, e0 / (kappa0 - c_inf), "e0/(kappa0 - c_inf)", f"{_THEOREM}(iv)")
define(
    radius_group,
    sp.Min(sp.sqrt(G) * radius_rms, p4 / kappa0, delta),
    "what case (iii) says of a single group",
    "general Corollary 6.1",
)
delta_boot = declare(
    "delta_boot", r"\delta_\infty", "limit of every distance after the bootstrap", nonnegative=True
)
Phi_boot = declare("Phi_boot", r"\Phi_\infty", "limit of F after the bootstrap", nonnegative=True)
define(
    delta_boot,
    sp.Min(p4 / kappa0, delta, Phi),
    "one step of the bootstrap; `region.bootstrap` iterates it",
    "general Corollary 3.1",
)
define(
    Phi_boot,
    sp.Min(sp.sqrt(G) * radius_rms, Phi),
    "one step of the bootstrap; `region.bootstrap` iterates it",
    "general Corollary 3.1",
)

# Correlated-gradient form (Corollary 3.2), sum over blocks.
alpha_gen = declare("alpha_gen", r"\alpha_F", "weight of F^2")
beta_gen = declare("beta_gen", r"\beta_F'", "weight of the squared gradient norm")
eps_gen = declare("eps_gen", r"\epsilon_F", "offset about s A", nonnegative=True)
eps_gen_A = declare("eps_gen_A", r"\epsilon_A", "offset about A itself", nonnegative=True)
define(alpha_gen, (kappa0 - c_F) / 2, "", "general Corollary 3.2")
define(beta_gen, eta_bar / 2, "", "general Corollary 3.2")
define(eps_gen, G * e0**2 / (2 * (kappa0 - c_F)), "", "general Corollary 3.2")
define(eps_gen_A, eps_gen + G * (s - 1) ** 2 * d * (alpha_gen + 1 / (2 * beta_gen)), "", "general section 6")


def step_bound() -> sp.Expr:
    """Return the bound (i) on dist_g after a step, from dist, dist_max and fro before it."""
    spread = sp.Min(sp.sqrt(G - 1) * dist_max, fro)
    return (1 - eta * kappa0) * dist + eta * P_at(dist_max, spread, b_op * spread, spread)
