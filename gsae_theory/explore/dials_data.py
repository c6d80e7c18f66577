"""Dials on the data: dictionary, supports, norms, directions, dependence, noise."""

from __future__ import annotations

from gsae_theory.explore.case import Case
from gsae_theory.explore.dial import Dial, register_dial
from gsae_theory.explore.theory import environment_of, step_margin
from gsae_theory.theory.theorems.gamma1_hypotheses import SUPPORT_AT_LIMIT


def window_at_limit(case: Case) -> float:
    """Return the margin of exact supports at W = s A: where leaking really begins for one active group."""
    return SUPPORT_AT_LIMIT.margin_on(environment_of(case)).value


def _coherence(case: Case, mu: float) -> Case:
    return case.but(mu=mu)


def _condition(case: Case, condition: float) -> Case:
    return case.but(condition=condition)


def _sizes(case: Case, share: float) -> Case:
    return case.but(support="sizes", support_strength=share, level=6)


def _tail_sizes(case: Case, share: float) -> Case:
    return case.but(support="tail", support_strength=share, level=4)


def _pairs(case: Case, share: float) -> Case:
    return case.but(support="pairs", support_strength=share)


def _skew(case: Case, ratio: float) -> Case:
    return case.but(support="skewed", support_strength=ratio, patience=5.0)


def stable_for_every_group(case: Case) -> float:
    """Return 1 - eta_g L*/2 for the most frequent group, whose effective step is eta p_g/p."""
    G, ratio = case.G, case.support_strength
    weights = [ratio ** (-g / (G - 1)) for g in range(G)]
    return step_margin(case, G * weights[0] / sum(weights))


def _spread(case: Case, high: float) -> Case:
    return case.but(radius="uniform", radius_max=high)


def _small(case: Case, low: float) -> Case:
    return case.but(radius="two_point", radius_min=low, radius_max=1.0)


def _norm_tail(case: Case, inverse: float) -> Case:
    return case.but(radius="heavy_tailed", radius_tail=1 / inverse if inverse > 0 else 0.0)


def _ellipse(case: Case, condition: float) -> Case:
    return case.but(direction="elliptical", direction_strength=condition)


def _axes(case: Case, share: float) -> Case:
    return case.but(direction="axes", direction_strength=share)


def _mean(case: Case, bias: float) -> Case:
    return case.but(direction="mean", direction_strength=bias)


def _dependence(case: Case, share: float) -> Case:
    return case.but(dependence=share)


def _noise(case: Case, level: float) -> Case:
    return case.but(noise=level, level=6)


def _noise_law(case: Case, bias: float) -> Case:
    return case.but(noise=0.1, noise_bias=bias, level=6, delta=0.1, distance=0.09)


register_dial(Dial(
    "coherence", "coherence of the dictionary", "block coherence mu", ("support-window",), _coherence,
    satisfied=0.02, far=0.9, sharp=window_at_limit,
))  # fmt: skip
register_dial(Dial(
    "orthonormality", "condition number of the blocks", "largest over smallest singular value of A_g",
    ("orthonormal-blocks",), _condition, satisfied=1.0, far=6.0, unit=2.0,
))  # fmt: skip
register_dial(Dial(
    "support-size", "number of active groups (as for independent activity)",
    "share of samples with none or two active groups", ("exactly-gamma-active",), _sizes,
    satisfied=0.0, far=0.9, unit=0.1, base="constant",
))  # fmt: skip
register_dial(Dial(
    "support-tail", "number of active groups, heavier tail",
    "share of samples with none or three active groups", ("exactly-gamma-active",), _tail_sizes,
    satisfied=0.0, far=0.6, unit=0.1, base="constant",
))  # fmt: skip
register_dial(Dial(
    "support-correlation", "groups that prefer a partner", "probability that the partner is the fixed one",
    ("uniform-support",), _pairs, satisfied=0.0, far=1.0, unit=0.1, base="two", theorem="general.floor_rms",
))  # fmt: skip
register_dial(Dial(
    "support-skew", "group probabilities, down to rare groups", "largest over smallest P(g in S)",
    ("uniform-support",), _skew, satisfied=1.0, far=60.0, unit=2.0, sharp=stable_for_every_group,
))  # fmt: skip
register_dial(Dial(
    "norm-spread", "spread of the norms upwards", "largest norm B_max, with B_min = 1", ("support-window",), _spread,
    satisfied=1.05, far=16.0, sharp=window_at_limit,
))  # fmt: skip
register_dial(Dial(
    "norm-small", "near-zero codes, half of all", "their norm B_min, the others have 1", ("support-window",), _small,
    satisfied=0.9, far=0.02, sharp=window_at_limit,
))  # fmt: skip
register_dial(Dial(
    "norm-tail", "heavy tail of the norms (unbounded, so (S) fails too)", "1 / tail index",
    ("bounded-norm",), _norm_tail, satisfied=0.0, far=0.4, unit=0.1, implies=("support-window",),
))  # fmt: skip
register_dial(Dial(
    "direction-ellipse", "elliptical directions", "condition number of the covariance",
    ("isotropic-direction",), _ellipse, satisfied=1.0, far=60.0, unit=2.0,
))  # fmt: skip
register_dial(Dial(
    "direction-axes", "axis-aligned directions", "share of codes on a coordinate axis",
    ("isotropic-direction",), _axes, satisfied=0.0, far=1.0, unit=0.1,
))  # fmt: skip
register_dial(Dial(
    "direction-mean", "directions with a mean", "bias of the sign of the first coordinate",
    ("isotropic-direction",), _mean, satisfied=0.0, far=1.0, unit=0.1,
))  # fmt: skip
register_dial(Dial(
    "independence", "active groups that share their direction", "probability that they do",
    ("independent-groups",), _dependence, satisfied=0.0, far=1.0, unit=0.1, base="two",
    theorem="general.floor_rms",
))  # fmt: skip
register_dial(Dial(
    "noise-level", "noise on the data", "norm of the noise", ("noise-free",), _noise,
    satisfied=0.0, far=1.5, unit=0.1,
))  # fmt: skip
register_dial(Dial(
    "noise-law", "noise that is not symmetric", "share of the noise with a fixed sign, at norm 0.1",
    ("bounded-symmetric-noise",), _noise_law, satisfied=0.0, far=1.0, unit=0.1, theorem="general.support",
    conclusion="support",
))  # fmt: skip
