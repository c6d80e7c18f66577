"""Assumptions on the generative model that several theorems share.

Their margins are read off what the model measures about itself (`dev_*`), so that a model which
breaks one on purpose is reported as out of scope with the size of the deviation.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.symbols import (
    B_max,
    B_min,
    dev_dependence,
    dev_isotropy,
    dev_noise,
    dev_orthonormal,
    dev_radius_bound,
    dev_second_moment,
    dev_support_size,
    dev_support_uniform,
    dev_symmetry,
    gamma,
    lam,
    m1,
    nu,
    sigma,
)
from gsae_theory.theory.theorem import Assumption

# Rounding of an orthonormalisation in float64 with room to spare; any larger defect is a real one.
ORTHONORMAL_TOLERANCE = sp.Rational(1, 10**9)

_SETTING = "docs/theory.md, Setting"

ORTHONORMAL_BLOCKS = Assumption(
    "orthonormal-blocks", "A_g^T A_g = I for every group", ORTHONORMAL_TOLERANCE - dev_orthonormal, _SETTING
)
EXACT_SUPPORT = Assumption(
    "exactly-gamma-active", "exactly gamma groups are active in every sample", -dev_support_size, _SETTING
)
UNIFORM_SUPPORT = Assumption(
    "uniform-support", "all supports of size gamma are equally likely", -dev_support_uniform, _SETTING
)
ISOTROPIC = Assumption(
    "isotropic-direction",
    "given its norm, an active block is uniform on the sphere (d = 1: a fair sign)",
    -dev_isotropy,
    _SETTING,
)
SECOND_MOMENT = Assumption(
    "isotropic-second-moment", "E[theta theta^T | R] = I/d", -dev_second_moment, "general (A1)"
)
SYMMETRIC = Assumption("symmetric-code", "x_g and -x_g have the same law", -dev_symmetry, "general (A1)")
BOUNDED_RADIUS = Assumption(
    "bounded-norm", "norms of active blocks lie in [B_min, B_max], 0 < B_min", -dev_radius_bound, _SETTING
)
INDEPENDENT_GROUPS = Assumption(
    "independent-groups", "active blocks are independent given the support", -dev_dependence, _SETTING
)
NO_NOISE = Assumption("noise-free", "y = A x without noise", -(nu + sigma) / B_max, _SETTING)
BOUNDED_NOISE = Assumption(
    "bounded-symmetric-noise",
    "noise is symmetric, independent of x and bounded by nu",
    -dev_noise,
    "general (A2)",
)
ONE_ACTIVE = Assumption("one-active-group", "gamma = 1 (the clustering model)", 1 - gamma, "gamma1")
THRESHOLD_RANGE = Assumption(
    "threshold-range",
    "0 < lambda < 2 E R, so that the limit scale exists",
    1 - lam / (2 * m1),
    "gamma1 Theorem 2",
    True,
)
CONSTANT_RADIUS = Assumption(
    "constant-norm", "all active blocks have the same norm", -(B_max - B_min) / B_max, "gamma1"
)

MODEL_GAMMA1 = (
    ORTHONORMAL_BLOCKS,
    EXACT_SUPPORT,
    UNIFORM_SUPPORT,
    ONE_ACTIVE,
    ISOTROPIC,
    BOUNDED_RADIUS,
    NO_NOISE,
    THRESHOLD_RANGE,
)
"""What every theorem of the one-active-group theory assumes of the data and the threshold."""

MODEL_GENERAL = (
    ORTHONORMAL_BLOCKS,
    EXACT_SUPPORT,
    UNIFORM_SUPPORT,
    ISOTROPIC,
    SYMMETRIC,
    BOUNDED_RADIUS,
    INDEPENDENT_GROUPS,
    BOUNDED_NOISE,
    THRESHOLD_RANGE,
)
"""What the convergence theorems for any number of active groups assume."""
