"""Dials on threshold, start and step, and on the network."""

from __future__ import annotations

from gsae_theory.check.choose import admissible_radius
from gsae_theory.explore.case import Case
from gsae_theory.explore.dial import Dial, register_dial
from gsae_theory.explore.dials_data import window_at_limit
from gsae_theory.explore.theory import environment_of, full_environment, step_margin


def _lam(case: Case, lam: float) -> Case:
    return case.but(lam=lam)


def _lam_high(case: Case, lam: float) -> Case:
    """Norms down to 1/2, without which (S) has no upper end below 2 E R."""
    return case.but(lam=lam, radius_min=0.5)


def _worst_inactive(case: Case, lam: float) -> Case:
    return case.but(
        lam=lam,
        mode="support",
        dictionary="principal_pair",
        mu=0.1,
        start="rank_one_out",
        distance=case.delta,
    )


def _worst_active(case: Case, lam: float) -> Case:
    return _lam_high(case, lam).but(mode="support", start="rank_one_in", distance=case.delta)


def _worst_babel(case: Case, mu: float) -> Case:
    return case.but(
        n=8, G=4, mode="support", dictionary="equiangular", mu=mu, start="scale", delta=0.0, distance=0.0
    )


def _start(case: Case, distance: float) -> Case:
    """Start on a sphere around s A; the ball is the largest that the hypotheses admit."""
    radius = admissible_radius(environment_of(case.but(delta=0.1)), "auto", 1.0)["delta"]
    return case.but(delta=round(radius, 9), distance=distance)


def _ball(case: Case, radius: float) -> Case:
    """Ball and start grow together; orthogonal blocks and a threshold at which (H2) binds before (S)."""
    return case.but(dictionary="orthogonal", mu=0.0, lam=0.43, delta=radius, distance=0.999 * radius)


def _eta(case: Case, factor: float) -> Case:
    return case.but(eta=factor, distance=0.02, patience=5.0)


def step_stability(case: Case) -> float:
    """Return 1 - eta L*/2: negative where the linearised step grows (gamma1 Theorem 3)."""
    return step_margin(case, 1.0)


def _batch(case: Case, inverse: float) -> Case:
    return case.but(batch=max(1, round(1 / inverse)) if inverse > 0 else 0, distance=0.05, patience=2.0)


def interpolating(case: Case) -> float:
    """Return 1 - q of side T3.4(d): above 0 the second moment contracts with the batch of the case."""
    return 1.0 if case.batch == 0 else 1.0 - float(full_environment(case)["q_interp"])


def _net_d(case: Case, d: float) -> Case:
    return case.but(net_d=round(d))


def _net_G(case: Case, G: float) -> Case:
    return case.but(net_G=round(G))


def _untied(case: Case, distance: float) -> Case:
    return case.but(untied=distance)


def _normalised(case: Case, share: float) -> Case:
    return case.but(normalised=share)


def _relu(case: Case, share: float) -> Case:
    return case.but(relu=share)


register_dial(Dial(
    "threshold-low", "threshold, lower end of the window", "threshold lambda", ("support-window",), _lam,
    satisfied=0.45, far=0.01, sharp=window_at_limit,
))  # fmt: skip
register_dial(Dial(
    "threshold-high", "threshold, upper end of the window", "threshold lambda", ("support-window",), _lam_high,
    satisfied=0.4, far=1.6, sharp=window_at_limit, implies=("H2", "H3", "H3-prime"),
))  # fmt: skip
register_dial(Dial(
    "window-inactive", "threshold, lower end, worst codes and weights", "threshold lambda", ("support-window",),
    _worst_inactive, satisfied=0.45, far=0.05, theorem="gamma1.support", conclusion="support",
))  # fmt: skip
register_dial(Dial(
    "window-active", "threshold, upper end, worst codes and weights", "threshold lambda", ("support-window",),
    _worst_active, satisfied=0.4, far=1.6, theorem="gamma1.support", conclusion="support",
))  # fmt: skip
register_dial(Dial(
    "babel", "block Babel function, worst codes of two active groups", "Babel function mu_1(gamma)/gamma",
    ("support-inactive",), _worst_babel, satisfied=0.01, far=0.9, base="two", theorem="general.support",
    conclusion="support", implies=("support-active",),
))  # fmt: skip
register_dial(Dial(
    "start-distance", "start beyond the ball", "distance dist_g(W_0; s A) at the start", ("start-in-ball",), _start,
    satisfied=0.05, far=2.4,
))  # fmt: skip
register_dial(Dial(
    "ball-radius", "ball too large for the curvature bound", "radius delta of the ball", ("H2",), _ball,
    satisfied=0.1, far=1.0, base="constant", implies=("H3", "H3-prime", "support-window"),
))  # fmt: skip
register_dial(Dial(
    "step-size", "step, started near the limit", "step eta / eta_max", ("regular-step",), _eta,
    satisfied=0.5, far=3.0, sharp=step_stability,
))  # fmt: skip
register_dial(Dial(
    "batch-size", "minibatches, random norms", "1 / batch size", ("full-gradient",), _batch,
    satisfied=0.0, far=0.5, unit=0.01,
))  # fmt: skip
register_dial(Dial(
    "batch-interpolation", "minibatches, constant norm", "1 / batch size", ("full-gradient",), _batch,
    satisfied=0.0, far=1.0, base="constant", boundary=interpolating,
))  # fmt: skip
register_dial(Dial(
    "block-larger", "network blocks larger than the data's", "block size of the network",
    ("matched-block",), _net_d, satisfied=2.0, far=4.0, unit=3.0, steps=(2, 3, 4),
))  # fmt: skip
register_dial(Dial(
    "block-smaller", "network blocks smaller than the data's", "block size of the network",
    ("matched-block",), _net_d, satisfied=2.0, far=1.0, unit=1.0, steps=(2, 1),
))  # fmt: skip
register_dial(Dial(
    "groups-more", "network with more groups than the data", "groups of the network",
    ("matched-groups",), _net_G, satisfied=4.0, far=8.0, unit=5.0, steps=(4, 5, 6, 8),
))  # fmt: skip
register_dial(Dial(
    "groups-fewer", "network with fewer groups than the data", "groups of the network",
    ("matched-groups",), _net_G, satisfied=4.0, far=2.0, unit=3.0, steps=(4, 3, 2),
))  # fmt: skip
register_dial(Dial(
    "untied", "encoder and decoder trained apart", "distance between them at the start",
    ("tied-weights",), _untied, satisfied=0.0, far=1.5, unit=0.1,
))  # fmt: skip
register_dial(Dial(
    "normalised", "blocks pulled towards orthonormal ones after each step", "share of the way",
    ("free-scale",), _normalised, satisfied=0.0, far=1.0, unit=0.1,
))  # fmt: skip
register_dial(Dial(
    "elementwise-relu", "plain ReLU in place of the group-sparse one", "share of the plain ReLU",
    ("group-activation",), _relu, satisfied=0.0, far=1.0, unit=0.1,
))  # fmt: skip
