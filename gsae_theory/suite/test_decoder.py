"""The decoder: linear, blind to rotations, exact at the limit."""

from __future__ import annotations

import numpy as np
import pytest

from gsae_theory.suite.adapter import Target
from gsae_theory.suite.claims import Claim
from gsae_theory.suite.instances import Case, rotated

SAMPLES = 64

LINEAR = Claim(
    "the decoder is yhat = sum_g W_g h_g with the encoder's weights",
    "docs/theory.md, Setting",
    "untied weights, normalised columns, a bias, or units and groups in another order",
)
BLIND = Claim(
    "the reconstruction does not see rotations of the blocks: decode(W Q, encode(W Q, y)) is that of W",
    "docs/theory/README.md, F0",
    "an activation that acts on entries, or a decoder whose weights are not the encoder's",
)
EXACT = Claim(
    "at the limit W_g = s* A_g Q_g the residual of every sample is at most max |R - s*(s* R - lambda)|; "
    "0 for constant norms",
    "gamma1 Theorem 2(iii), side T3.2",
    "a limit scale that is not s* (codes shrink by lambda, the decoder must make up for it), or a threshold off by a factor",
)
BALL = Claim(
    "in the ball of radius delta around s* A the residual of every sample is at most r_delta",
    "side T3.2(a)",
    "a reconstruction that uses groups outside the support",
)


def test_decoder_is_linear_with_tied_weights(target: Target, case: Case) -> None:
    """Catches untied or normalised weights, a bias, and a wrong order of units."""
    if not target.can.decode:
        pytest.skip("the target claims no decode")
    h = case.rng("codes").standard_normal((SAMPLES, case.spec.groups, case.spec.block))
    wanted = h.reshape(SAMPLES, -1) @ case.W.reshape(case.spec.dim, -1).T
    allowed = target.rounding(float(np.abs(h).max() * 2), case.W[0].size)
    LINEAR.equal(
        target.decode(case.W, h), wanted, allowed, target, case, what="yhat", where="sample, coordinate"
    )


def test_reconstruction_is_blind_to_rotations(target: Target, block_case: Case) -> None:
    """Catches elementwise activations and untied weights, on samples."""
    case, lam = block_case, block_case.context.lam
    Y, _ = case.samples(SAMPLES)
    turned = rotated(case.W, case.rotations("reconstruction"))
    found, wanted = (target.decode(V, target.encode(V, Y, lam)) for V in (turned, case.W))
    allowed = target.rounding(4 * float(np.abs(Y).max()), case.spec.dim)
    BLIND.equal(
        found, wanted, allowed, target, case, what="yhat under rotated blocks", where="sample, coordinate"
    )


def test_residual_at_the_limit(target: Target, case: Case) -> None:
    """Catches a wrong limit scale and wrong shrinkage: for constant norms the residual is exactly 0."""
    _residual(target, case, case.limit, "rho_max", EXACT)


def test_residual_in_the_ball(target: Target, case: Case) -> None:
    """Catches reconstructions that leak: the bound holds for every sample, at every start."""
    _residual(target, case, case.W, "r_ball", BALL)


def _residual(target: Target, case: Case, W: np.ndarray, bound: str, claim: Claim) -> None:
    Y, _ = case.samples(SAMPLES)
    r = np.linalg.norm(Y - target.decode(W, target.encode(W, Y, case.context.lam)), axis=1)
    limit = float(case.context.env[bound])
    claim.at_most(
        r, limit, target.rounding(4.0, case.spec.dim), target, case, what="||y - yhat||", where="sample"
    )
