"""The gradient: of the target's own loss, of the theory's loss, zero where the theory says so."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gsae_theory.check.ledger import ALPHA, AlphaLedger
from gsae_theory.network import gradient
from gsae_theory.suite.adapter import Array, Target
from gsae_theory.suite.claims import Claim
from gsae_theory.suite.diagnose import recognise, wrong_gradients
from gsae_theory.suite.instances import Case, rotated
from gsae_theory.suite.reference import Reference

SAMPLES, DIRECTIONS, BATCH = 48, 4, 4000

FULL = Claim(
    "the gradient is the full one, -mean(r h_g^T + y (J_g W_g^T r)^T) on the samples where g is active",
    "docs/theory.md, Setting",
    "the encoder term is missing, a sum instead of the mean, or a factor 2 in the loss",
)
DERIVATIVE = Claim(
    "the gradient is the derivative of the target's own loss, mean ||y - decode(encode(y))||^2 / 2",
    "docs/theory.md, Setting",
    "the encoder term of the gradient is missing (W also enters through the code), a sum instead of the mean, or a loss "
    "without the factor 1/2",
)
TURN = Claim(
    "the gradient turns with the blocks: gradient(W Q) = gradient(W) Q, since the loss does not see Q",
    "docs/theory/README.md, F0",
    "an activation that acts on entries, or regularisation added to the loss",
)
QUIET = Claim(
    "a group that is active on no sample of the batch has gradient exactly 0",
    "docs/theory.md, Setting",
    "weight decay or another regulariser added to the loss, or a smoothed threshold",
)
SINGLE = Claim(
    "in the ball of radius delta the gradient of one sample has ||Z_g||_F <= M(delta)",
    "side T3.2(a)",
    "a loss without the factor 1/2, a missing threshold, or a gradient that counts on a batch size",
)
STATIONARY = Claim(
    "s* A_g Q_g is stationary for the population loss (gamma1 Theorem 2), for constant norms on every sample",
    "gamma1 Theorem 2, side T3.6",
    "the encoder term of the gradient is missing (without it the stationary scale is not s*), or a threshold off by a factor",
)
POPULATION = Claim(
    "on the whole population the gradient is the theory's, integrated exactly over supports, directions and norms",
    "docs/theory.md, Setting; side section 4, kind Q",
    "see the tests on samples; if those pass, weights are not used as a weighted mean",
)
DEVIATION = Claim(
    "a batch gradient is within eps_g of the population gradient: (1/p)||ghat_g - grad_g||_F <= eps_g, except with "
    f"probability {ALPHA:g}",
    "side T3.3",
    "a gradient that is biased: clipped, noisy, of another loss, or of a part of the batch",
)
WEIGHTED = Claim(
    "with weights (sum 1) the gradient is that of sum_i w_i ||y_i - yhat_i||^2 / 2",
    "gsae_theory.suite.protocol",
    "weights applied twice, divided by N once more, or ignored",
)


def scale(Y: Array) -> float:
    """Return a bound on the size of the gradient's terms."""
    return 8 * float(np.abs(Y).max()) ** 2


def test_gradient_is_the_theory_s(target: Target, case: Case) -> None:
    """Catches a missing encoder or decoder term, a wrong Jacobian, sums, factors 2, other activations."""
    Y, lam = case.mixed(SAMPLES), case.context.lam
    found = target.gradient(case.W, Y, lam)
    FULL.equal(
        found,
        gradient(case.W, Y, lam),
        target.rounding(scale(Y), SAMPLES),
        target,
        case,
        what="gradient",
        where="coordinate, group, unit",
        cause=recognise(found, wrong_gradients(case.W, Y, lam)),
    )


def test_gradient_is_the_derivative_of_the_target_s_loss(target: Target, case: Case) -> None:
    """Central differences of the target's own encoder and decoder; catches an inconsistent gradient."""
    Y, lam = case.samples(SAMPLES)[0], case.context.lam
    g, rng = target.gradient(case.W, Y, lam), case.rng("directions")
    h = target.epsilon ** (1 / 4)
    for _ in range(DIRECTIONS):
        V = rng.standard_normal(case.W.shape)
        V /= np.linalg.norm(V)

        def slope(t: float, V: Array = V) -> float:
            return (target.loss(case.W + t * V, Y, lam) - target.loss(case.W - t * V, Y, lam)) / (2 * t)

        coarse, fine = slope(h), slope(h / 2)
        # The truncation error of `fine` is a third of the difference; losses are known to rounding.
        allowed = abs(coarse - fine) + target.rounding(1 + target.loss(case.W, Y, lam), SAMPLES) / h
        DERIVATIVE.equal(
            float(np.sum(g * V)),
            fine,
            allowed,
            target,
            case,
            what="<gradient, V> along a random direction V of length 1",
            cause=recognise(g, wrong_gradients(case.W, Y, lam)),
        )


def test_gradient_turns_with_the_blocks(target: Target, block_case: Case) -> None:
    """Catches elementwise activations and regularisers that see rotations."""
    case, lam = block_case, block_case.context.lam
    Y, Q = case.mixed(SAMPLES), case.rotations("gradient")
    found = target.gradient(rotated(case.W, Q), Y, lam)
    wanted = rotated(target.gradient(case.W, Y, lam), Q)
    TURN.equal(
        found,
        wanted,
        target.rounding(scale(Y), SAMPLES),
        target,
        case,
        what="gradient under rotated blocks",
        where="coordinate, group, unit",
    )


def test_silent_groups_have_no_gradient(target: Target, case: Case) -> None:
    """Catches weight decay and smoothed thresholds: exactly 0 is claimed, up to the target's rounding of W."""
    Y, truth = case.samples(SAMPLES)
    Y = Y[truth == truth[0]]
    size = np.abs(target.gradient(case.W, Y, case.context.lam)).max(axis=(0, 2))
    silent = np.arange(case.spec.groups) != truth[0]
    allowed = 0.0 if target.can.gradient else target.rounding(float(np.abs(case.W).max()))
    QUIET.at_most(
        np.where(silent, size, 0.0),
        0.0,
        allowed,
        target,
        case,
        what="largest entry of a silent group's gradient",
        where="group",
    )


def test_gradient_of_one_sample_is_bounded(target: Target, case: Case) -> None:
    """Pathwise, one sample at a time, among them the ones that attain the bound to first order.

    Catches gradients of a loss without the factor 1/2, and gradients that count on a batch size.
    """
    Y = np.concatenate([case.samples(SAMPLES)[0][:4], case.extremal()[0]])
    norms = [np.linalg.norm(target.gradient(case.W, y[None], case.context.lam), axis=(0, 2)) for y in Y]
    bound = float(case.context.env["M_ball"])
    SINGLE.at_most(
        norms,
        bound,
        target.rounding(scale(Y)),
        target,
        case,
        what="||gradient of one sample||_F",
        where="sample, group",
    )


def test_limit_is_stationary_on_every_sample(target: Target, constant_case: Case) -> None:
    """Constant norms: every sample is reconstructed at s*A; catches a missing encoder term by the scale."""
    case = constant_case
    Y, _ = case.samples(SAMPLES)
    size = np.abs(target.gradient(case.limit, Y, case.context.lam))
    STATIONARY.at_most(
        size,
        0.0,
        target.rounding(scale(Y), SAMPLES),
        target,
        case,
        what="entry of the gradient at s*A",
        where="coordinate, group, unit",
        cause=recognise(
            target.gradient(case.limit, Y, case.context.lam), wrong_gradients(case.limit, Y, case.context.lam)
        ),
    )


def population(target: Target, case: Case, W: Array) -> Array:
    """Return the target's gradient on the population, or skip."""
    Y, weights = case.nodes
    if case.equal_weights:
        return target.gradient(W, Y, case.context.lam)
    if not target.takes_weights:
        pytest.skip(f"for block size {case.spec.block} the exact mean needs a target that takes weights")
    if not target.can.gradient_weights:
        return W - target.step(W, Y, case.context.lam, 1.0, 1.0, weights)
    return target.gradient(W, Y, case.context.lam, weights)


def test_population_gradient(target: Target, case: Case) -> None:
    """Exact integration; catches weights that are ignored, and everything that samples could hide."""
    exact, error, _ = case.context.gradient(case.W)
    found = population(target, case, case.W)
    allowed = case.p * error + target.rounding(scale(case.nodes[0]), len(case.nodes[0]))
    POPULATION.equal(
        found,
        case.p * exact,
        allowed,
        target,
        case,
        what="population gradient",
        where="coordinate, group, unit",
    )


def test_limit_is_stationary(target: Target, case: Case) -> None:
    """Random norms: only the mean vanishes at s*A; catches a stationary point at another scale."""
    found = population(target, case, case.limit)
    allowed = target.rounding(scale(case.nodes[0]), len(case.nodes[0]))
    STATIONARY.at_most(
        np.abs(found),
        0.0,
        allowed,
        target,
        case,
        what="entry of the population gradient at s*A",
        where="coordinate, group, unit",
    )


def test_batch_gradient_is_near_the_population_s(target: Target, case: Case, ledger: AlphaLedger) -> None:
    """A confidence statement at level 1e-9 for all groups together; needs no weights at any block size."""
    ledger.spend(f"suite: batch gradient on {case}")
    Y, _ = case.samples(BATCH, "batch")
    exact, error, _ = case.context.gradient(case.W)
    off = np.linalg.norm(target.gradient(case.W, Y, case.context.lam) / case.p - exact, axis=(0, 2))
    level = math.log(2 * case.spec.groups / ALPHA)
    bound = float(case.context.env.with_values(batch=float(BATCH), log_level=level)["eps_gradient"])
    allowed = error + target.rounding(scale(Y) / case.p, BATCH)
    DEVIATION.at_most(off, bound, allowed, target, case, what="(1/p)||ghat_g - grad_g||_F", where="group")


def test_weights_are_a_weighted_mean(target: Target, case: Case) -> None:
    """Catches weights that are ignored, normalised again or applied twice."""
    if not target.can.gradient_weights:
        pytest.skip("the target's gradient takes no weights")
    Y, _ = case.samples(SAMPLES)
    weights = case.rng("weights").dirichlet(np.ones(SAMPLES))
    found = target.gradient(case.W, Y, case.context.lam, weights)
    plain = gradient(case.W, Y, case.context.lam)
    mistakes = {
        "the weights are ignored": plain,
        "weighted mean divided by N once more": Reference().gradient(
            case.W, Y, case.context.lam, weights / SAMPLES
        ),
        "weights applied twice": Reference().gradient(case.W, Y, case.context.lam, weights**2),
    }
    WEIGHTED.equal(
        found,
        Reference().gradient(case.W, Y, case.context.lam, weights),
        target.rounding(scale(Y), SAMPLES),
        target,
        case,
        what="weighted gradient",
        where="coordinate, group, unit",
        cause=recognise(found, mistakes),
    )
