"""The encoder: exact threshold, supports, rotations of the blocks."""

from __future__ import annotations

import numpy as np
import pytest

from gsae_theory.network import encode
from gsae_theory.suite.adapter import Array, Target
from gsae_theory.suite.claims import Claim
from gsae_theory.suite.diagnose import recognise, wrong_codes
from gsae_theory.suite.instances import Case, rotated

SAMPLES = 64
NEAR = (0.0, 0.5, 1 - 1e-3, 1 + 1e-3, 1.5, 4.0)  # norms of u_g in units of lambda

PROX = Claim(
    "the encoder is the group-sparse ReLU, h_g = max(0, 1 - lambda/||u_g||) u_g with u_g = W_g^T y",
    "docs/theory.md, Setting (the prox of lambda sum_g ||.||_2)",
    "a threshold on entries instead of block norms, no scaling of active blocks, or W applied without transpose",
)
SUPPORT = Claim(
    "inside the admissible window the active groups of every sample are exactly its support",
    "gamma1 Theorem 1(b), hypothesis (S)",
    "a threshold on entries instead of block norms, or a threshold scaled with d or with the batch",
)
LEAK = Claim(
    "a group below the threshold is exactly 0, not small",
    "gamma1 Theorem 1; docs/theory.md, Setting",
    "a smoothed threshold (softplus, an epsilon in the norm), or a missing maximum with 0",
)
TURN = Claim(
    "codes turn with their block: encode(W Q, y)_g = Q_g^T encode(W, y)_g for Q_g in O(d)",
    "docs/theory/README.md, F0",
    "an activation that acts on entries: only functions of the block norm are equivariant",
)
SOFT = Claim(
    "for block size 1 the encoder is the two-sided soft threshold, sign(u) max(0, |u| - lambda)",
    "docs/theory.md, Setting at d = 1",
    "a one-sided ReLU: for d = 1 negative pre-activations count as well",
)


def probes(case: Case) -> Array:
    """Return data whose pre-activations lie below, near and above the threshold, zero included."""
    lam, rng = case.context.lam, case.rng("probes")
    rows = []
    for g in range(case.spec.groups):
        for size in NEAR:
            y = case.A[:, g] @ rng.standard_normal(case.spec.block)
            norm = np.linalg.norm(case.W[:, g].T @ y)
            rows.append(size * lam / norm * y)
    return np.array(rows)


def data(case: Case) -> Array:
    """Return probes, samples, and mixtures of all groups."""
    return np.concatenate([probes(case), case.mixed(SAMPLES)])


def test_encoder_is_the_group_threshold(target: Target, case: Case) -> None:
    """Catches elementwise and hard thresholds, lost signs, NaN at u = 0, thresholds scaled with d."""
    Y, lam = data(case), case.context.lam
    found, right = target.encode(case.W, Y, lam), encode(case.W, Y, lam)
    allowed = target.rounding(float(np.abs(Y).max() * 2), case.spec.dim)
    PROX.equal(
        found,
        right,
        allowed,
        target,
        case,
        what="code h",
        where="sample, group, unit",
        cause=recognise(found, wrong_codes(case.W, Y, lam)),
    )


def test_encoder_is_linear_without_threshold(target: Target, case: Case) -> None:
    """At lambda = 0 nothing is removed; catches a threshold that is built in, and division by u = 0."""
    Y = data(case)
    wanted = np.einsum("ngi,kn->kgi", case.W, Y)
    allowed = target.rounding(float(np.abs(Y).max() * 2), case.spec.dim)
    PROX.equal(
        target.encode(case.W, Y, 0.0),
        wanted,
        allowed,
        target,
        case,
        what="code at lambda = 0",
        where="sample, group, unit",
    )


def test_supports_are_recovered(target: Target, case: Case) -> None:
    """On the edge of the ball, for samples and for the codes that are hardest for the window.

    Catches a missing factor s*, thresholds on entries, and an encoder that ignores the weights' scale.
    """
    for Y, truth in (case.samples(SAMPLES), case.extremal()):
        active = np.abs(target.encode(case.W, Y, case.context.lam)).max(axis=-1) > 0
        wanted = np.arange(case.spec.groups) == truth[:, None]
        wrong = np.flatnonzero((active != wanted).any(axis=1))
        if wrong.size:
            row = int(wrong[0])
            SUPPORT.fail(
                target,
                case,
                f"active groups {np.flatnonzero(active[row]).tolist()} (sample {row}; {wrong.size} of {len(Y)} are wrong)",
                f"active groups [{int(truth[row])}]",
                recognise(
                    target.encode(case.W, Y, case.context.lam), wrong_codes(case.W, Y, case.context.lam)
                ),
            )


def test_inactive_groups_are_exactly_zero(target: Target, case: Case) -> None:
    """Catches smoothed thresholds, whose leakage accumulates over many groups."""
    Y = data(case)
    norm = np.linalg.norm(np.einsum("ngi,kn->kgi", case.W, Y), axis=-1)
    below = norm < case.context.lam * (1 - 1e-6)
    found = np.abs(target.encode(case.W, Y, case.context.lam)).max(axis=-1)
    assert below.any(), "the probes are built so that some group is below the threshold"
    LEAK.at_most(
        np.where(below, found, 0.0),
        0.0,
        0.0,
        target,
        case,
        what="|h_g| below the threshold",
        where="sample, group",
    )


def test_codes_turn_with_their_block(target: Target, block_case: Case) -> None:
    """Catches every activation that acts on entries."""
    case, lam = block_case, block_case.context.lam
    Y, Q = data(case), case.rotations("equivariance")
    found = target.encode(rotated(case.W, Q), Y, lam)
    wanted = np.einsum("kgi,gij->kgj", target.encode(case.W, Y, lam), Q)
    allowed = target.rounding(float(np.abs(Y).max() * 4), case.spec.dim)
    TURN.equal(
        found, wanted, allowed, target, case, what="code under rotated blocks", where="sample, group, unit"
    )


def test_block_size_one_is_the_soft_threshold(target: Target, scalar_case: Case) -> None:
    """Catches a one-sided ReLU, from a formula that shares nothing with the group version."""
    case, lam = scalar_case, scalar_case.context.lam
    Y = data(case)
    u = Y @ case.W[:, :, 0]
    wanted = np.sign(u) * np.maximum(0.0, np.abs(u) - lam)
    allowed = target.rounding(float(np.abs(Y).max() * 2), case.spec.dim)
    found = target.encode(case.W, Y, lam)
    SOFT.equal(
        found[:, :, 0],
        wanted,
        allowed,
        target,
        case,
        what="code",
        where="sample, group",
        cause=recognise(found, {"one-sided ReLU max(0, u - lambda)": np.maximum(0.0, u - lam)[:, :, None]}),
    )


@pytest.mark.parametrize("count", [1, 2])
def test_a_code_does_not_depend_on_the_batch(target: Target, case: Case, count: int) -> None:
    """Catches thresholds or normalisations computed from the batch."""
    Y, lam = data(case), case.context.lam
    whole = target.encode(case.W, Y, lam)[:count]
    allowed = target.rounding(float(np.abs(Y).max() * 2), case.spec.dim)
    PROX.equal(
        target.encode(case.W, Y[:count], lam),
        whole,
        allowed,
        target,
        case,
        what=f"code of the first {count} samples alone",
        where="sample, group, unit",
        cause="the code of a sample depends on the other samples of its batch",
    )
