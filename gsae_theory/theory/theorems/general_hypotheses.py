"""Hypotheses of the theorems for any number of active groups, with unit-free margins."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.assumptions import (
    BOUNDED_NOISE,
    BOUNDED_RADIUS,
    EXACT_SUPPORT,
    INDEPENDENT_GROUPS,
    MODEL_GENERAL,
    NO_NOISE,
    ORTHONORMAL_BLOCKS,
    SECOND_MOMENT,
    SYMMETRIC,
    THRESHOLD_RANGE,
    UNIFORM_SUPPORT,
)
from gsae_theory.theory.convergence import Phi, c_F, c_inf, eta_bar, kappa0, p4
from gsae_theory.theory.interference import e0
from gsae_theory.theory.interference_constants import ell, ell_of, lam_lo, lam_lo_of
from gsae_theory.theory.scalars import kappa_star
from gsae_theory.theory.symbols import B_max, G, declare, delta, eta, lam
from gsae_theory.theory.theorem import Assumption
from gsae_theory.theory.theorems.gamma1_hypotheses import H2, H3, H3_PRIME, ROUNDING, START_IN_BALL

F0 = declare("F0", "F_0", "root of the sum of dist_g^2 at the start", nonnegative=True)

SUPPORT_OFF = Assumption(
    "support-inactive",
    "lambda clears every inactive group on the ball: lam_lo(delta) <= lambda",
    (lam - lam_lo) / B_max,
    "general (H)",
)
SUPPORT_ON = Assumption(
    "support-active",
    "every active group clears lambda on the ball: lambda < ell(delta)",
    (ell - lam) / B_max,
    "general (H)",
    strict=True,
)
STEP = Assumption("step-size", "eta <= eta_bar", 1 - eta / eta_bar + ROUNDING, "general Theorem 3")
RMS_CONTRACTS = Assumption(
    "rms-contraction", "kappa0 > c_F", (kappa0 - c_F) / kappa_star, "general Theorem 3(iii)", strict=True
)
RMS_INSIDE = Assumption(
    "rms-floor-inside",
    "sqrt(G) e0 <= (kappa0 - c_F) Phi",
    (kappa0 - c_F - sp.sqrt(G) * e0 / Phi) / kappa_star,
    "general Theorem 3(iii)",
)
RMS_KEPT = Assumption(
    "rms-ball-kept",
    "p4 <= kappa0 delta, or Phi <= delta",
    sp.Max((kappa0 - p4 / delta) / kappa_star, 1 - Phi / delta),
    "general Theorem 3(iii)",
)
MAX_CONTRACTS = Assumption(
    "max-contraction", "kappa0 > c_inf", (kappa0 - c_inf) / kappa_star, "general Theorem 3(iv)", strict=True
)
MAX_INSIDE = Assumption(
    "max-floor-inside",
    "e0 <= (kappa0 - c_inf) delta",
    (kappa0 - c_inf - e0 / delta) / kappa_star,
    "general Theorem 3(iv)",
)
START_IN_SUM_BALL = Assumption(
    "start-in-sum-ball", "F(W_0) <= Phi", 1 - F0 / Phi + ROUNDING, "general section 4, region"
)
SEVERAL_GROUPS = Assumption("two-groups", "there are at least two groups", G - 2, "general section 4")

SUPPORT_OFF_AT_LIMIT = Assumption(
    "support-inactive-at-limit",
    "lambda clears every inactive group at W = s A: lam_lo(0) <= lambda",
    (lam - lam_lo_of(0)) / B_max,
    "general (H) at delta = 0",
)
SUPPORT_ON_AT_LIMIT = Assumption(
    "support-active-at-limit",
    "every active group clears lambda at W = s A: lambda < ell(0)",
    (ell_of(0) - lam) / B_max,
    "general (H) at delta = 0",
    strict=True,
)

MODEL_SUPPORT = (ORTHONORMAL_BLOCKS, BOUNDED_RADIUS, BOUNDED_NOISE, THRESHOLD_RANGE)
"""What support recovery assumes: it is deterministic for every support of at most gamma groups."""

MODEL_INTERFERENCE = (
    ORTHONORMAL_BLOCKS,
    EXACT_SUPPORT,
    UNIFORM_SUPPORT,
    SECOND_MOMENT,
    SYMMETRIC,
    BOUNDED_RADIUS,
    INDEPENDENT_GROUPS,
    BOUNDED_NOISE,
    THRESHOLD_RANGE,
)
"""What Theorem 2 assumes: isotropic second moments, not full rotation invariance."""

REGION = (SUPPORT_OFF, SUPPORT_ON, H2, H3, H3_PRIME)
"""(H) and the one-group theorem at the radius delta."""

CASE_RMS = (RMS_CONTRACTS, RMS_INSIDE, RMS_KEPT)
CASE_MAX = (MAX_CONTRACTS, MAX_INSIDE)

INTERFERENCE = (*MODEL_INTERFERENCE, SEVERAL_GROUPS, SUPPORT_OFF, SUPPORT_ON)
ONE_STEP = (*MODEL_GENERAL, SEVERAL_GROUPS, *REGION, STEP, START_IN_BALL, START_IN_SUM_BALL)
RMS = (*ONE_STEP, *CASE_RMS)
MAX = (*MODEL_GENERAL, SEVERAL_GROUPS, *REGION, STEP, START_IN_BALL, *CASE_MAX)
EXPANSION = (*MODEL_GENERAL, NO_NOISE, SEVERAL_GROUPS, SUPPORT_OFF_AT_LIMIT, SUPPORT_ON_AT_LIMIT)
