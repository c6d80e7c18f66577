"""The side results put together from their steps.

Each entry asks for the steps that the claim rests on, takes its conclusion from their statements, and names
the hypotheses that they need. `assemble` compares that with the registered theorem.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.clustering import delta_row, nu_row
from gsae_theory.theory.elementwise import s_zero
from gsae_theory.theory.stochastic import kappa_C
from gsae_theory.theory.symbols import B_max, B_min, R, d, delta, eta, lam, m1, mu, nu, s
from gsae_theory.theory.theorems.side_elementwise import loss_group_run
from proofs_check.core import Closed, Use, closing

BLOCK_MODEL = {"orthonormal-blocks": None, "one-active-group": None, "noise-free": None}
SPHERE_MODEL = {**BLOCK_MODEL, "isotropic-direction": None, "bounded-norm": None}


@closing("side.two-relu-is-soft")
def two_relu_is_soft(use: Use) -> Closed:
    """T1.0."""
    return Closed(use("S1.1").statement)


@closing("side.relu-loss-identity")
def relu_loss_identity(use: Use) -> Closed:
    """T1.2: the antipodal pair; S1.5b is what it says of the mean."""
    use("S1.5b")
    return Closed(use("S1.5").statement, BLOCK_MODEL)


@closing("side.entries")
def entries(use: Use) -> Closed:
    """T1.1."""
    use("S1.3b")
    use("S1.4b")
    return Closed(use("S1.3").statement, SPHERE_MODEL)


@closing("side.soft-floor")
def soft_floor(use: Use) -> Closed:
    """T1.3 with mu_col(Q)."""
    return Closed(use("S1.6c").statement, SPHERE_MODEL)


@closing("side.relu-floor")
def relu_floor(use: Use) -> Closed:
    """T1.3 for the ReLU."""
    return Closed(use("S1.6d").statement, SPHERE_MODEL)


@closing("side.soft-floor-any")
def soft_floor_any(use: Use) -> Closed:
    """T1.3 for every Q."""
    return Closed(use("S1.6e").statement[0], SPHERE_MODEL)


@closing("side.relu-floor-any")
def relu_floor_any(use: Use) -> Closed:
    """T1.3 for the ReLU and every Q."""
    return Closed(use("S1.6e").statement[1], SPHERE_MODEL)


@closing("side.group-loss")
def group_loss(use: Use) -> Closed:
    """T1.3, random R: the window at s_0 keeps other groups silent at s* <= s_0."""
    statement = use("S1.6f").statement
    use("S1.7")
    window = sp.Min(s_zero * B_min - lam, lam - s_zero * mu * B_max)
    conclusion = sp.Le(loss_group_run, statement.rhs, evaluate=False)
    return Closed(
        conclusion, {**BLOCK_MODEL, "support-window-at-s0": window, "threshold-range": 2 * m1 - lam}
    )


@closing("side.soft-bias")
def soft_bias(use: Use) -> Closed:
    """T1.4."""
    hypotheses = {**SPHERE_MODEL, "constant-norm": B_min - B_max, "block-size-two": d - 2}
    return Closed(use("S1.8").statement, hypotheses)


@closing("side.relu-nonstationary")
def relu_nonstationary(use: Use) -> Closed:
    """T1.5(ii); S1.9c evaluates the moment."""
    use("S1.9c")
    hypotheses = {**SPHERE_MODEL, "constant-norm": B_min - B_max, "block-size-two": d - 2}
    return Closed(use("S1.9b").statement, hypotheses)


CLUSTERING = {"orthonormal-blocks": None, "one-active-group": None, "distinct-groups": 1 - mu}


@closing("side.clustering-margin")
def clustering_margin(use: Use) -> Closed:
    """T2.1; S2.3 shows that it is attained."""
    use("S2.3")
    return Closed(use("S2.2b").statement, CLUSTERING)


@closing("side.clustering-exact")
def clustering_exact(use: Use) -> Closed:
    """T2.1: no sample is misclustered."""
    margin = use("S2.2b").statement.rhs.subs({nu_row: nu, delta_row: delta, R: B_min})
    hypotheses = {
        **CLUSTERING,
        "bounded-symmetric-noise": None,
        "bounded-norm": None,
        "distance-below-tie": margin,
        "noise-below-tie": B_min * sp.sqrt((1 - mu) / 2) - nu,
    }
    return Closed(use("S2.2c").statement, hypotheses)


@closing("side.clustering-gaussian")
def clustering_gaussian(use: Use) -> Closed:
    """T2.2, T2.3; T2.4 and T2.5 are their forms for other networks."""
    for name in ("S2.8c", "S2.8d", "S2.9"):
        use(name)
    return Closed(use("S2.10").statement, CLUSTERING)


WINDOW = sp.Min(lam - (s * mu + delta) * B_max, (s - delta) * B_min - lam)
BALL = {**BLOCK_MODEL, "bounded-norm": None, "support-window": WINDOW}
DESCENT = {
    **BALL,
    "isotropic-direction": None,
    "uniform-support": None,
    "threshold-range": 2 * m1 - lam,
    "H2": None,
    "H3": None,
    "H3-prime": None,
    "start-in-ball": None,
    "regular-step": None,
}


@closing("side.gradient-rank-one")
def gradient_rank_one(use: Use) -> Closed:
    """Section 3, first display."""
    return Closed(use("S3.1").statement)


@closing("side.gradient-range")
def gradient_range(use: Use) -> Closed:
    """T3.2a."""
    return Closed(use("S3.5b").statement, BALL)


@closing("side.gradient-range-constant")
def gradient_range_constant(use: Use) -> Closed:
    """T3.2a, constant R; L13 gives s* = s_G there."""
    use("L13")
    return Closed(
        use("S3.5c").statement, {**BALL, "constant-norm": B_min - B_max, "threshold-range": 2 * m1 - lam}
    )


@closing("side.gradient-range-general")
def gradient_range_general(use: Use) -> Closed:
    """T3.2c, with its two support conditions."""
    statement, active, silent = use("S3.5e").statement
    hypotheses = {
        "orthonormal-blocks": None,
        "exactly-gamma-active": None,
        "bounded-norm": None,
        "bounded-symmetric-noise": None,
        "active-all": active,
        "inactive-all": silent,
    }
    return Closed(statement, hypotheses)


@closing("side.gradient-variance")
def gradient_variance(use: Use) -> Closed:
    """T3.2b."""
    return Closed(use("S3.6b").statement, {**BALL, "isotropic-direction": None})


@closing("side.gradient-lipschitz")
def gradient_lipschitz(use: Use) -> Closed:
    """T3.2d."""
    return Closed(use("S3.7b").statement, BALL)


@closing("side.gradient-deviation")
def gradient_deviation(use: Use) -> Closed:
    """T3.3."""
    hypotheses = {**BALL, "isotropic-direction": None, "uniform-support": None}
    return Closed(use("S3.13").statement, hypotheses)


@closing("side.sgd-step")
def sgd_step(use: Use) -> Closed:
    """T3.4, first display, with Lemma (C)."""
    return Closed(use("S3.8").statement, DESCENT)


@closing("side.sgd-radius")
def sgd_radius(use: Use) -> Closed:
    """T3.4b; T3.4a and c are its coarse and its second-moment forms."""
    use("S3.8b")
    use("S3.9c")
    return Closed(use("S3.9b").statement, DESCENT)


@closing("side.sgd-interpolation")
def sgd_interpolation(use: Use) -> Closed:
    """T3.4d; S3.9e is what follows for whole runs."""
    use("S3.9e")
    hypotheses = {**DESCENT, "constant-norm": B_min - B_max, "interpolating-step": 1 - eta * kappa_C}
    return Closed(use("S3.9d").statement, hypotheses)


@closing("side.sample-radius")
def sample_radius(use: Use) -> Closed:
    """T3.6."""
    return Closed(use("S3.14c").statement, DESCENT)
