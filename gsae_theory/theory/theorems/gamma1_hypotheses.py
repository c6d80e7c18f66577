"""Hypotheses of the theorems with one active group, with unit-free margins.

A distance is compared with s, a threshold with itself, a step with the largest step. Symbols of the
start (`dist0_max`, `zeta`, `D0_min`) are measured on the start that is run.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.assumptions import MODEL_GAMMA1
from gsae_theory.theory.scalars import (
    L_star,
    eta_max,
    eta_max_large,
    h3_slack,
    h3b_slack,
    hess_traceless,
    t_delta,
)
from gsae_theory.theory.spectral_region import zeta
from gsae_theory.theory.symbols import B_max, B_min, d, declare, delta, eta, lam, m1, mu, n, p, s
from gsae_theory.theory.theorem import Assumption

_nonneg = {"nonnegative": True}
dist0_max = declare(
    "dist0_max", r"\max_g\operatorname{dist}_g(W_0)", "largest distance at the start", **_nonneg
)
D0_min = declare("D0_min", r"\min_g\|D_g(0)\|", "smallest spectral norm of D_g at the start", **_nonneg)

E0_min = declare(
    "E0_min",
    r"\min_g\|E_g(0)-\operatorname{tr}(E_g(0))I/d\|",
    "smallest traceless part of E_g = C_g - s I at the start; for d = 1, |E_g| itself",
    **_nonneg,
)

# A start placed on the sphere of radius delta is measured there up to rounding.
ROUNDING = sp.Rational(1, 10**12)


def inactive_margin(radius: sp.Expr | int) -> sp.Expr:
    """Return the relative margin of (s mu + radius) B_max <= lam, the upper side of (S)."""
    return 1 - (s * mu + radius) * B_max / lam


def active_margin(radius: sp.Expr | int) -> sp.Expr:
    """Return the relative margin of lam < (s - radius) B_min, the lower side of (S)."""
    return (s - radius) * B_min / lam - 1


def window_margin(radius: sp.Expr | int) -> sp.Expr:
    """Return the margin of (S) at a radius: the smaller relative margin of its two sides."""
    return sp.Min(inactive_margin(radius), active_margin(radius))


def spectral_window_margin(e: sp.Expr, z: sp.Expr) -> sp.Expr:
    """Return the margin of (S') for spec(C_g) in [s - e, s + e] and ||D_g||_2 <= z."""
    return sp.Min(1 - (mu * (s + e) + z) * B_max / lam, active_margin(e))


SUPPORT_WINDOW = Assumption(
    "support-window",
    "(S): (s mu + delta) B_max <= lambda < (s - delta) B_min, so that every support in the ball is exact",
    window_margin(delta),
    "gamma1 Theorem 1(b) [L5-L7]",
    strict=True,
)
SUPPORT_AT_LIMIT = Assumption(
    "support-window-at-limit",
    "s mu B_max < lambda < s B_min: supports are exact near s A",
    window_margin(0),
    "gamma1 Theorem 1(b) at delta = 0",
    strict=True,
)
SUPPORT_SPECTRAL = Assumption(
    "support-window-spectral",
    "(S'): (mu (s + delta) + zeta) B_max <= lambda < (s - delta) B_min with zeta >= ||D_g||_2 at the start",
    spectral_window_margin(delta, zeta),
    "gamma1 Theorem 1(c) [L5-L6]",
    strict=True,
)
ACTIVE_AT_LIMIT = Assumption(
    "active-at-limit", "lambda <= s B_min", active_margin(0), "gamma1 Theorem 2", strict=False
)
H2 = Assumption("H2", "t(delta) = sqrt(m2) delta/kap0 <= 1/2", sp.Rational(1, 2) - t_delta, "gamma1 (H2)")
H3 = Assumption(
    "H3",
    "3 lambda delta (s + 3 delta/4) <= (m1 (s - delta) - lambda)(s - delta)(s + 3 delta)",
    h3_slack(delta) / (m1 * s**3),
    "gamma1 (H3) [L19]",
)
H3_PRIME = Assumption(
    "H3-prime",
    "2 lambda (2s - delta) <= 3 m1 (s - delta)^2",
    h3b_slack(delta) / (3 * m1 * s**2),
    "gamma1 (H3') [L19]",
)
STEP_REGULAR = Assumption(
    "regular-step", "eta <= 2/(L(delta) + (7/2) kappa*)", 1 - eta / eta_max + ROUNDING, "gamma1 Theorem 4"
)
STEP_LARGE = Assumption(
    "large-step", "eta <= 2/(L(delta) + 2 kappa*)", 1 - eta / eta_max_large + ROUNDING, "gamma1 Theorem 4"
)
START_IN_BALL = Assumption(
    "start-in-ball",
    "dist_g(W_0; s A) <= delta for every group",
    (delta - dist0_max) / s + ROUNDING,
    "gamma1 Theorem 4",
)
ROOM_OUTSIDE = Assumption("room-outside", "n > d", (n - d) / d, "gamma1 Theorem 3", strict=True)
NO_ROOM_OUTSIDE = Assumption("square-block", "n = d", (d - n) / d, "gamma1 Theorem 3")
START_OUTSIDE = Assumption(
    "start-outside-subspace",
    "D_g(0) != 0: the start has a component outside the subspace of every A_g",
    D0_min / s,
    "gamma1 Theorem 3",
    strict=True,
)
START_INSIDE = Assumption(
    "start-inside-subspace",
    "no C_g(k) is a multiple of the identity (d >= 2), or equal to s (d = 1): a traceless part shrinks by "
    "factors 1 - eta h_ij and only a factor that is exactly 0 loses it; the margin is that of the start",
    E0_min / s,
    "gamma1 Theorem 3, case n = d",
    strict=True,
)
STEP_BELOW_CROSSING = Assumption(
    "step-below-crossing",
    "for d >= 2: eta < 2/(h + L*), with the curvature h of traceless changes, so that the scale is the faster part",
    sp.Piecewise((1, d < 2), (1 - eta * (hess_traceless + L_star) / 2, True)),
    "gamma1 Theorem 3, case n = d",
    strict=True,
)
BLOCKS = Assumption("block-size-two", "d >= 2", 1 - 2 / d, "gamma1 Theorem 3")
SEVERAL_GROUPS = Assumption("several-groups", "p < 1", 1 - p, "gamma1", strict=True)

BALL = (*MODEL_GAMMA1, SUPPORT_WINDOW, H2, H3, H3_PRIME, START_IN_BALL)
"""Hypotheses of Theorem 4 on data, threshold and ball; a step is added by each theorem."""

BALL_SPECTRAL = (*MODEL_GAMMA1, SUPPORT_SPECTRAL, H2, H3, H3_PRIME, START_IN_BALL)
"""The same with (S') for (S), which admits a larger ball where D_g(0) is small."""
