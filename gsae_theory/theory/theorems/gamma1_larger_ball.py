"""gamma1 Theorem 5: a larger ball with small steps, by one-point monotonicity."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.assumptions import MODEL_GAMMA1
from gsae_theory.theory.scalars import kappa_delta, t_delta
from gsae_theory.theory.spectral_region import K1a_min, K1b_min, Lam_ball, eta_max_monotone
from gsae_theory.theory.symbols import dist, dist_next, eta, m1, m2
from gsae_theory.theory.theorem import Assumption, Theorem, register
from gsae_theory.theory.theorems.gamma1_correlated import correlation, grad_norm
from gsae_theory.theory.theorems.gamma1_hypotheses import ROUNDING, START_IN_BALL, SUPPORT_WINDOW

_SOURCE = "gamma1 Theorem 5 [L42-L46]"

RADIUS = Assumption("larger-radius", "t(delta) <= 0.59", sp.Rational(59, 100) - t_delta, _SOURCE)
K1A = Assumption(
    "K1a",
    "lambda delta xi2(rho) <= 16 Phi(rho)(s - delta) for rho in [sqrt(s^2 - delta^2), s]",
    K1a_min / m2,
    _SOURCE,
)
K1B = Assumption(
    "K1b",
    "(3s - delta) lambda delta xi1 (xi1 (3s + delta)(s + delta) - xi2)_+ <= 16 Phi (xi1 s^2 + xi2) "
    "for rho in [s - delta, s]",
    K1b_min / (m1 * m2),
    _SOURCE,
)
STEP_SMALL = Assumption(
    "small-step", "eta <= kappa*(1 - t^2)/Lambda^2", 1 - eta / eta_max_monotone + ROUNDING, "gamma1 Theorem 5"
)
LARGER_BALL = (*MODEL_GAMMA1, SUPPORT_WINDOW, RADIUS, K1A, K1B, START_IN_BALL)
_PARAMETERS = {"not_certified": ("K1a_min", "K1b_min")}

MONOTONE = register(
    Theorem(
        "gamma1.monotone",
        "One-point monotonicity on a larger ball",
        "<grad_g L/p, Delta_g> >= kappa*(1 - t^2) dist^2 for t = t(delta) <= 0.59.",
        LARGER_BALL,
        sp.Ge(correlation, kappa_delta * dist**2, evaluate=False),
        "correlated_gradient",
        _SOURCE,
        parameters=_PARAMETERS,
    )
)
LIPSCHITZ = register(
    Theorem(
        "gamma1.lipschitz",
        "Size of the gradient on a larger ball",
        "||grad_g L||/p <= Lambda dist, Lambda = L(delta) + kappa* t(1 + t).",
        LARGER_BALL,
        sp.Le(grad_norm, Lam_ball * dist, evaluate=False),
        "gradient_norm_in_ball",
        _SOURCE,
        parameters=_PARAMETERS,
    )
)
CONTRACTION = register(
    Theorem(
        "gamma1.contraction_small_step",
        "Contraction on a larger ball",
        "dist_g(W+)^2 <= (1 - eta kappa*(1 - t^2)) dist_g(W)^2 for eta <= kappa*(1 - t^2)/Lambda^2.",
        (*LARGER_BALL, STEP_SMALL),
        sp.Le(dist_next, sp.sqrt(1 - eta * kappa_delta) * dist, evaluate=False),
        "procrustes_step",
        _SOURCE,
        parameters={**_PARAMETERS, "eta": "eta_max_monotone"},
    )
)
