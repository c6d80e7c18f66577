"""Training: one step contracts in the ball of gamma1 Theorem 4, and many steps reach s*A."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gsae_theory.network import gradient
from gsae_theory.simulate import procrustes_distance
from gsae_theory.suite.adapter import Array, Target
from gsae_theory.suite.claims import Claim
from gsae_theory.suite.diagnose import recognise, wrong_steps
from gsae_theory.suite.instances import Case, rotated
from gsae_theory.theory import get_theorem

SAMPLES, BATCH, STEPS = 48, 2000, 40

STEP = Claim(
    "a step is W - (eta/p) gradient(W)",
    "docs/theory.md, Setting (gradient descent)",
    "step eta instead of eta/p, momentum or another state, or weights normalised after the step",
)
CONTRACTS = Claim(
    "in the ball every step with eta <= eta_max contracts every group: dist_g(W+; s*A) <= (1 - eta kappa(dist_g)) dist_g",
    "gamma1 Theorem 4",
    "step eta instead of eta/p, the encoder term of the gradient missing, or a decaying step",
)
CONTRACTS_LARGE = Claim(
    "in the ball every step with eta <= eta'_max contracts: dist_g(W+; s*A) <= (1 - eta kappa'(dist_g)) dist_g",
    "gamma1 Theorem 4, large step",
    CONTRACTS.causes,
)
PATHWISE = Claim(
    "a step on a batch obeys dist_g(W+) <= (1 - eta kappa) dist_g(W) + (eta/p)||ghat_g - grad_g||_F",
    "side T3.4 (pathwise), gamma1 Theorem 4",
    CONTRACTS.causes,
)
SHARP = Claim(
    "at s*A + A_perp D a step multiplies D by exactly 1 - eta kappa*, the sharp rate",
    "gamma1 Theorem 3, and Lemma A at E = 0",
    "step eta instead of eta/p, or a factor 2 in the loss (the decoder term alone gives this rate)",
)
LIMIT = Claim(
    "descent reaches s* A: after k steps |dist_g(W_k; A) - (s*-1) sqrt d| and dist_g(W_k; s*A) are at most "
    "(1 - eta kappa(delta))^k dist_g(W_0)",
    "gamma1 Theorem 4 (envelope and bias)",
    "another fixed point: encoder term missing, weights normalised, or a threshold off by a factor",
)
FIXED = Claim(
    "s* A_g Q_g is a fixed point of gradient descent",
    "gamma1 Theorem 2",
    "another fixed point: encoder term missing, weights normalised, or a threshold off by a factor",
)
TURN = Claim(
    "a step turns with the blocks: step(W Q) = step(W) Q",
    "docs/theory/README.md, F0",
    "elementwise optimisers (Adam, sign descent, clipping by entry) or an activation that acts on entries",
)


def population_step(target: Target, case: Case, W: Array, eta: float) -> Array:
    """Return the target's step on the whole population, or skip."""
    Y, weights = case.nodes
    if not case.equal_weights and not target.takes_weights:
        pytest.skip(f"for block size {case.spec.block} the exact mean needs a target that takes weights")
    return target.step(W, Y, case.context.lam, eta, case.p, None if case.equal_weights else weights)


def rounding(target: Target, case: Case) -> float:
    """Return what rounding may add to a distance after one step."""
    return target.rounding(8.0 * case.context.eta / case.p, len(case.nodes[0]))


def distance(case: Case, W: Array) -> Array:
    """Return dist_g(W; s*A) for every group."""
    return procrustes_distance(W, case.A, case.context.s)


def contraction(case: Case, theorem: str, before: Array, eta: float) -> Array:
    """Return the bound of a registered theorem on the distances after one step."""
    values = case.context.env.with_values(dist=before, eta=eta)
    return np.asarray(values.evaluate(get_theorem(theorem).bound))


def test_step_follows_the_gradient(target: Target, case: Case) -> None:
    """Catches eta for eta/p, momentum, normalisation, and ascent."""
    if not target.can.step:
        pytest.skip("the target claims no step")
    Y, lam, eta, p = case.mixed(SAMPLES), case.context.lam, case.context.eta, case.p
    g = target.gradient(case.W, Y, lam)
    moved = target.step(case.W, Y, lam, eta, p) - case.W
    STEP.equal(
        moved,
        -eta / p * g,
        target.rounding(8 * eta / p * float(np.abs(Y).max()) ** 2 + 2, SAMPLES),
        target,
        case,
        what="W+ - W",
        where="coordinate, group, unit",
        cause=recognise(moved, wrong_steps(case.W, g, eta, p)),
    )


@pytest.mark.parametrize(
    ("claim", "theorem", "step"),
    [
        (CONTRACTS, "gamma1.contraction", "eta_max"),
        (CONTRACTS_LARGE, "gamma1.contraction_large", "eta_max_large"),
    ],
    ids=["regular", "large"],
)
def test_every_step_contracts(target: Target, case: Case, claim: Claim, theorem: str, step: str) -> None:
    """From the edge of the ball, on the whole population, at the largest step that the theorem admits."""
    eta, W = float(case.context.env[step]), case.W
    for index in range(5):
        before, W = distance(case, W), population_step(target, case, W, eta)
        bound = contraction(case, theorem, before, eta)
        claim.at_most(
            distance(case, W),
            bound,
            rounding(target, case),
            target,
            case,
            what=f"dist after step {index + 1}",
            where="group",
        )


def test_a_step_on_a_batch(target: Target, case: Case) -> None:
    """Pathwise at any block size, no weights needed; catches steps that do not follow their batch."""
    Y, _ = case.samples(BATCH, "step batch")
    exact, error, _ = case.context.gradient(case.W)
    off = np.linalg.norm(gradient(case.W, Y, case.context.lam) / case.p - exact, axis=(0, 2)) + error
    eta = case.context.eta
    after = distance(case, target.step(case.W, Y, case.context.lam, eta, case.p))
    bound = contraction(case, "gamma1.contraction", distance(case, case.W), eta) + eta * off
    PATHWISE.at_most(
        after, bound, rounding(target, case), target, case, what="dist after the step", where="group"
    )


def test_rate_outside_the_subspace_is_sharp(target: Target, case: Case) -> None:
    """An equality; catches every wrong factor of the step, too fast as well as too slow."""
    eta, rng = case.context.eta, case.rng("outside")
    Z = rng.standard_normal(case.A.shape)
    Z -= np.einsum("ngi,gij->ngj", case.A, np.einsum("ngi,ngj->gij", case.A, Z))
    W = case.context.s * case.A + 0.3 * case.context.delta * Z / np.linalg.norm(Z, axis=(0, 2))[:, None]
    after = population_step(target, case, W, eta)
    D, D_next = (V - _inside(V, case.A) for V in (W, after))
    rate = 1 - eta * float(case.context.env["kappa_star"])
    SHARP.equal(
        D_next,
        rate * D,
        rounding(target, case),
        target,
        case,
        what="D+ outside the subspace",
        where="coordinate, group, unit",
    )


def _inside(W: Array, A: Array) -> Array:
    return np.einsum("ngi,gij->ngj", A, np.einsum("ngi,ngj->gij", A, W))


def test_descent_reaches_the_limit(target: Target, case: Case) -> None:
    """Envelope and bias after many steps; catches another fixed point and steps that decay."""
    eta, W = case.context.eta, case.W
    before = distance(case, W)
    for _ in range(STEPS):
        W = population_step(target, case, W, eta)
    factor = (
        contraction(case, "gamma1.contraction", np.full(1, case.context.delta), eta)[0] / case.context.delta
    )
    envelope = factor**STEPS * before
    allowed = rounding(target, case) / (1 - factor)
    LIMIT.at_most(
        distance(case, W), envelope, allowed, target, case, what=f"dist after {STEPS} steps", where="group"
    )
    bias = (case.context.s - 1) * math.sqrt(case.spec.block)
    off = np.abs(procrustes_distance(W, case.A) - bias)
    LIMIT.at_most(off, envelope, allowed, target, case, what="|dist to A - (s*-1) sqrt d|", where="group")


def test_limit_is_a_fixed_point(target: Target, case: Case) -> None:
    """One step from s*AQ stays there; catches normalisation after the step."""
    moved = np.abs(population_step(target, case, case.limit, case.context.eta) - case.limit)
    FIXED.at_most(
        moved,
        0.0,
        rounding(target, case),
        target,
        case,
        what="entry of W+ - W at s*A",
        where="coordinate, group, unit",
    )


def test_steps_turn_with_the_blocks(target: Target, block_case: Case) -> None:
    """Catches elementwise optimisers."""
    case = block_case
    Y, Q = case.mixed(SAMPLES), case.rotations("step")
    number = (case.context.lam, case.context.eta, case.p)
    found = target.step(rotated(case.W, Q), Y, *number)
    wanted = rotated(target.step(case.W, Y, *number), Q)
    allowed = target.rounding(8 * case.context.eta / case.p * float(np.abs(Y).max()) ** 2 + 2, SAMPLES)
    TURN.equal(
        found, wanted, allowed, target, case, what="W+ under rotated blocks", where="coordinate, group, unit"
    )
