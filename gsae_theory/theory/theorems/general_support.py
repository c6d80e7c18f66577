"""general Theorem 1 and Corollary 1.1: supports are exact, for any number of active groups."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.interference_constants import (
    ell,
    ell_coh,
    lam_hi_explicit,
    lam_lo,
    lam_lo_coh,
    lam_lo_explicit,
    off_reach,
    on_reach,
)
from gsae_theory.theory.symbols import B_max, B_min, lam
from gsae_theory.theory.theorem import Assumption, Theorem, register
from gsae_theory.theory.theorems.gamma1_hypotheses import START_IN_BALL
from gsae_theory.theory.theorems.gamma1_support import NO_ERROR, u_active, u_inactive
from gsae_theory.theory.theorems.general_hypotheses import MODEL_SUPPORT, SUPPORT_OFF, SUPPORT_ON

_SOURCE = "general Theorem 1 [G3, G4]"
_COROLLARY = "general Corollary 1.1 [G5]"
_EXACT = "For W with dist_g(W; sA) <= delta for every g, the active groups of every sample are its support"

COHERENCE_OFF = Assumption(
    "support-inactive-coherence",
    "s gamma mu B_max + delta (Y + nu) + s nu <= lambda",
    (lam - lam_lo_coh) / B_max,
    "general Theorem 1, coherence form",
)
COHERENCE_ON = Assumption(
    "support-active-coherence",
    "lambda < s B_min - s (gamma-1) mu B_max - delta (Y + nu) - s nu",
    (ell_coh - lam) / B_max,
    "general Theorem 1, coherence form",
    strict=True,
)
EXPLICIT_REACH = Assumption(
    "explicit-reach",
    "M = mu_1(gamma) B_max + nu < B_min",
    (B_min - off_reach) / B_max,
    _COROLLARY,
    strict=True,
)
EXPLICIT_LAMBDA = Assumption("explicit-lambda", "lambda < B_min", 1 - lam / B_min, _COROLLARY, strict=True)
EXPLICIT_OFF = Assumption(
    "explicit-lower",
    "(M + delta(Y + nu))/(1 - M/B_min) <= lambda",
    (lam - lam_lo_explicit) / B_max,
    _COROLLARY,
)
# The denominator 1 - N/(2B) is positive since N <= B_min <= B_max.
EXPLICIT_ON = Assumption(
    "explicit-upper",
    "lambda < (N - delta(Y + nu))/(1 - N/(2 B_max)), N = B_min - mu_1(gamma-1) B_max - nu >= 0",
    sp.Min(lam_hi_explicit - lam, on_reach) / B_max,
    _COROLLARY,
    strict=True,
)

INSTANCE = register(
    Theorem(
        "general.support",
        "Support recovery in a ball",
        f"{_EXACT} if lam_lo(delta) <= lambda < ell(delta), both computed from the block Babel function. "
        "Deterministic: any noise of norm at most nu, any supports of at most gamma groups.",
        (*MODEL_SUPPORT, SUPPORT_OFF, SUPPORT_ON, START_IN_BALL),
        NO_ERROR,
        "support_error_rate",
        _SOURCE,
    )
)
COHERENCE = register(
    Theorem(
        "general.support.coherence",
        "Support recovery from the block coherence",
        f"{_EXACT} if lambda is in the same window with k mu for mu_1(k). At delta = nu = 0 the window "
        "cannot be "
        "enlarged: both ends are attained (Prop. 1.2).",
        (*MODEL_SUPPORT, COHERENCE_OFF, COHERENCE_ON, START_IN_BALL),
        NO_ERROR,
        "support_error_rate",
        "general Theorem 1, Proposition 1.2 [G3, G4, G6]",
    )
)
EXPLICIT = register(
    Theorem(
        "general.support.threshold",
        "Explicit threshold for s = s*(lambda)",
        f"{_EXACT} for every lambda in an interval that does not mention s*: "
        "(M + delta(Y+nu))/(1 - M/B_min) <= lambda < (N - delta(Y+nu))/(1 - N/(2 B_max)).",
        (*MODEL_SUPPORT, EXPLICIT_LAMBDA, EXPLICIT_REACH, EXPLICIT_OFF, EXPLICIT_ON, START_IN_BALL),
        NO_ERROR,
        "support_error_rate",
        _COROLLARY,
    )
)
INACTIVE = register(
    Theorem(
        "general.support.inactive",
        "Inactive groups are quiet",
        "For W in the ball, ||u_g|| <= lam_lo(delta) for every inactive group. The bound is attained.",
        (*MODEL_SUPPORT, START_IN_BALL),
        sp.Le(u_inactive, lam_lo, evaluate=False),
        "inactive_norm",
        _SOURCE,
    )
)
ACTIVE = register(
    Theorem(
        "general.support.active",
        "Active groups are heard",
        "For W in the ball, ||u_g|| >= ell(delta) for every active group. Attained at delta = nu = 0.",
        (*MODEL_SUPPORT, START_IN_BALL),
        sp.Ge(u_active, ell, evaluate=False),
        "active_norm",
        _SOURCE,
    )
)
