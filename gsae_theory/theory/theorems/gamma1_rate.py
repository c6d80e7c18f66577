"""gamma1 Theorem 3: asymptotic rate and best step."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.assumptions import MODEL_GAMMA1
from gsae_theory.theory.scalars import L_star, factor_opt, hess_traceless, kappa_slow, kappa_star
from gsae_theory.theory.symbols import d, declare, eta
from gsae_theory.theory.theorem import Theorem, register
from gsae_theory.theory.theorems.gamma1_hypotheses import (
    BALL,
    NO_ROOM_OUTSIDE,
    ROOM_OUTSIDE,
    START_INSIDE,
    START_OUTSIDE,
    STEP_BELOW_CROSSING,
    STEP_LARGE,
    SUPPORT_AT_LIMIT,
)

rate = declare(
    "rate", r"\lim_k \operatorname{dist}(W_{k+1})/\operatorname{dist}(W_k)", "observed rate", real=True
)
linear_factor = declare(
    "linear_factor",
    r"\max_i |1-\eta h_i|",
    "over measured curvatures h_i other than rotations",
    nonnegative=True,
)

RATE = register(
    Theorem(
        "gamma1.rate",
        "Sharp asymptotic rate",
        "dist_g(W_{k+1})/dist_g(W_k) -> 1 - eta kappa*: the component outside the subspace of A_g is the "
        "slowest. "
        "Needs n > d and D_g(0) != 0.",
        (*BALL, STEP_LARGE, ROOM_OUTSIDE, START_OUTSIDE),
        sp.Eq(rate, 1 - eta * kappa_star, evaluate=False),
        "asymptotic_rate",
        "gamma1 Theorem 3, Theorem 4 [L40]",
        tolerance=1e-4,
    )
)

RATE_SQUARE = register(
    Theorem(
        "gamma1.rate.square",
        "Asymptotic rate without room outside the subspace",
        "For n = d and d >= 2 the rate is 1 - eta h with the curvature h of traceless changes, for every step below "
        "2/(h + L*); for d = 1 it is |1 - eta L*|.",
        (*BALL, STEP_LARGE, NO_ROOM_OUTSIDE, START_INSIDE, STEP_BELOW_CROSSING),
        sp.Eq(
            rate,
            sp.Piecewise((sp.Abs(1 - eta * L_star), d < 2), (1 - eta * hess_traceless, True)),
            evaluate=False,
        ),
        "asymptotic_rate",
        "gamma1 Theorem 3, case n = d [gamma1-square]",
        tolerance=1e-4,
    )
)

LINEAR_FACTOR = register(
    Theorem(
        "gamma1.linear_factor",
        "Factor of the linearised step",
        "The linearised step contracts everything but rotations by max(1 - eta kappa_slow, eta L* - 1).",
        (*MODEL_GAMMA1, SUPPORT_AT_LIMIT),
        sp.Eq(linear_factor, sp.Max(1 - eta * kappa_slow, eta * L_star - 1), evaluate=False),
        "linear_factor",
        "gamma1 Theorem 3",
        tolerance=1e-6,
    )
)

BEST_STEP = register(
    Theorem(
        "gamma1.best_step",
        "No step beats the best step",
        "For every eta the factor of the linearised step is at least (L* - kappa_slow)/(L* + kappa_slow), "
        "which "
        "eta_opt = 2/(kappa_slow + L*) attains.",
        (*MODEL_GAMMA1, SUPPORT_AT_LIMIT),
        sp.Ge(linear_factor, factor_opt, evaluate=False),
        "linear_factor_any_step",
        "gamma1 Theorem 3",
    )
)
