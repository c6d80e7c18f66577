"""gamma1 Theorem 1: when the active set is exact."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.assumptions import CONSTANT_RADIUS, MODEL_GAMMA1
from gsae_theory.theory.quantity import define
from gsae_theory.theory.symbols import B_max, B_min, declare, delta, lam, mu, s
from gsae_theory.theory.theorem import Assumption, Theorem, register
from gsae_theory.theory.theorems.gamma1_hypotheses import (
    SEVERAL_GROUPS,
    START_IN_BALL,
    SUPPORT_SPECTRAL,
    SUPPORT_WINDOW,
)

_nonneg = {"nonnegative": True}
support_error_rate = declare(
    "support_error_rate", r"P(\text{active set}\ne S)", "share of samples with a wrong active set", **_nonneg
)
u_active = declare("u_active", r"\|u_g\|", "smallest pre-activation norm of the active group", **_nonneg)
u_inactive = declare("u_inactive", r"\|u_h\|", "largest pre-activation norm of an inactive group", **_nonneg)
sigma_min = declare(
    "sigma_min", r"\min_g\sigma_{\min}(A_g^\top W_g)", "smallest singular value over all groups", **_nonneg
)
leak = declare("leak", r"\max_{g\ne h}\|W_h^\top A_g\|", "largest spectral norm over g != h", **_nonneg)
s_edge = declare("s_edge", r"s_\delta", "scale at which (S) begins for constant R", positive=True)

define(
    s_edge,
    (delta + sp.sqrt(delta**2 + 4 * (1 - mu))) / (2 * (1 - mu)),
    "positive root of (1 - mu) s^2 - delta s - 1; needs mu < 1",
    "gamma1 Theorem 1(e) [L8]",
)

NO_ERROR = sp.Le(support_error_rate, 0, evaluate=False)
_IN_BALL = "For W with dist_g(W; sA) <= delta for every g, the active set of every sample is its support"

BALL_SUPPORT = register(
    Theorem(
        "gamma1.support",
        "Support recovery in a ball",
        f"{_IN_BALL} if (S) holds. Both ends of (S) are attained.",
        (*MODEL_GAMMA1, SUPPORT_WINDOW, START_IN_BALL),
        NO_ERROR,
        "support_error_rate",
        "gamma1 Theorem 1(b), (d) [L5-L7]",
    )
)

SPECTRAL_SUPPORT = register(
    Theorem(
        "gamma1.support.spectral",
        "Support recovery from the spectrum",
        f"{_IN_BALL} if (S') holds, which charges to coherence and leakage what they really are.",
        (*MODEL_GAMMA1, SUPPORT_SPECTRAL, START_IN_BALL),
        NO_ERROR,
        "support_error_rate",
        "gamma1 Theorem 1(c) [L5-L6]",
    )
)

EXPLICIT_THRESHOLD = Assumption(
    "explicit-threshold",
    "mu < 1, delta < 1/s and lambda/B >= s_delta - 1/s_delta",
    sp.Piecewise((sp.Min(lam / B_max - (s_edge - 1 / s_edge), 1 / s - delta), mu < 1), (-mu, True)),
    "gamma1 Theorem 1(e) [L8]",
    strict=True,
)
EXPLICIT_SUPPORT = register(
    Theorem(
        "gamma1.support.threshold",
        "Explicit threshold for constant norms",
        f"{_IN_BALL} if lambda/B >= s_delta - 1/s_delta, delta < 1/s; at delta = 0: lambda/B >= mu/sqrt(1 - "
        "mu). "
        "For constant R and s = s* this is (S) without s*.",
        (*MODEL_GAMMA1, CONSTANT_RADIUS, EXPLICIT_THRESHOLD, START_IN_BALL),
        NO_ERROR,
        "support_error_rate",
        "gamma1 Theorem 1(e) [L8]",
    )
)

EXACT_CONDITION = register(
    Theorem(
        "gamma1.support.exact",
        "Exact condition for support recovery",
        "At any W the active set is {g} almost surely for every g iff sigma_min(A_g^T W_g) B_min >= lambda "
        "and "
        "||W_h^T A_g||_2 B_max <= lambda for all g != h (the first strict if the minimum has positive "
        "probability).",
        MODEL_GAMMA1,
        sp.Le(
            support_error_rate,
            sp.Piecewise((0, (sigma_min * B_min > lam) & (leak * B_max <= lam)), (1, True)),
            evaluate=False,
        ),
        "support_error_rate",
        "gamma1 Theorem 1(a) [L5]",
    )
)

ACTIVE_NORM = register(
    Theorem(
        "gamma1.support.active",
        "The active group is heard",
        "On data of group g, ||u_g|| >= B_min sigma_min(A_g^T W_g); attained along the last right singular "
        "vector.",
        MODEL_GAMMA1,
        sp.Ge(u_active, B_min * sigma_min, evaluate=False),
        "active_norm",
        "gamma1 Theorem 1(a) [L5]",
    )
)

INACTIVE_NORM = register(
    Theorem(
        "gamma1.support.inactive",
        "Inactive groups are quiet",
        "On data of group g, ||u_h|| <= B_max ||W_h^T A_g||_2 for h != g; attained along the top singular "
        "vector.",
        (*MODEL_GAMMA1, SEVERAL_GROUPS),
        sp.Le(u_inactive, B_max * leak, evaluate=False),
        "inactive_norm",
        "gamma1 Theorem 1(a) [L5]",
    )
)
