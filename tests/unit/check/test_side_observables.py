"""The side observables, end to end: true claims hold where they are decidable, broken ones are refuted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from gsae_theory.check import Context, Setting, Status
from gsae_theory.check.ledger import LEDGER
from gsae_theory.check.measurement import get_observable
from gsae_theory.check.observables import side
from gsae_theory.model.spec import ModelSpec, build_model
from gsae_theory.network import RELU, SOFT
from gsae_theory.pipeline import verify
from gsae_theory.theory import THEOREMS, get_theorem
from gsae_theory.theory.symbols import R, d, eta, lam, mu
from gsae_theory.theory.theorem import Theorem

SPECS = {
    "random-norm": (
        {"dim": 12, "groups": 6, "block": 2, "radius_min": 1.0, "radius_max": 1.4, "radius": "uniform"},
        0.45,
    ),
    "constant-norm": (
        {"dim": 24, "groups": 6, "block": 2, "radius_min": 1.0, "radius_max": 1.0, "radius": "constant"},
        0.45,
    ),
}
DECIDED = {
    "random-norm": [
        "clustering-margin", "clustering-exact", "two-relu-is-soft", "relu-loss-identity", "entries",
        "soft-floor",
        "relu-floor", "soft-floor-any", "relu-floor-any", "group-loss", "gradient-rank-one", "gradient-range",
        "gradient-range-general", "gradient-variance", "gradient-lipschitz", "gradient-deviation", "sgd-step",
        "sgd-radius",
    ],
    "constant-norm": ["soft-bias", "relu-nonstationary", "gradient-range-constant", "sgd-interpolation"],
}  # fmt: skip


@pytest.fixture(scope="module")
def contexts():
    return {
        name: Context(
            build_model(ModelSpec(**spec, active=1, dictionary="orthogonal")),
            Setting(lam=threshold, samples=4000),
        )
        for name, (spec, threshold) in SPECS.items()
    }


def run(theorem: Theorem | str, context: Context):
    return verify(theorem, context.model, context=context)


@pytest.mark.parametrize(
    ("instance", "name"), [(key, name) for key, names in DECIDED.items() for name in names]
)
def test_true_claims_hold(contexts, instance, name):
    verdict = run(f"side.{name}", contexts[instance])
    assert verdict.status is Status.HOLDS, verdict.reason


@pytest.mark.parametrize(
    ("instance", "name"),
    [("constant-norm", "gradient-range-constant"), ("random-norm", "clustering-margin")],
)
def test_bounds_that_are_attained(contexts, instance, name):
    # weakening mutants are true; only tightness shows them
    assert run(f"side.{name}", contexts[instance]).slack == pytest.approx(1, abs=1e-9)


def broken(name: str, right: sp.Expr) -> Theorem:
    claim = get_theorem(f"side.{name}")
    conclusion = type(claim.conclusion)(claim.conclusion.lhs, right, evaluate=False)
    return replace(claim, id=f"broken.{name}", conclusion=conclusion)


def bound(name: str) -> sp.Expr:
    return get_theorem(f"side.{name}").bound


@pytest.mark.parametrize(
    ("instance", "name", "change"),
    [
        # the margin is attained: anything larger is false
        ("random-norm", "clustering-margin", lambda b: b + R * (1 - mu) / 10),
        ("random-norm", "relu-loss-identity", lambda b: 2 * b / 3),
        # a floor above the loss of the zero network
        ("random-norm", "relu-floor", lambda b: 1.1 * b + sp.Rational(1, 2)),
        ("random-norm", "entries", lambda b: b**2),
        ("random-norm", "gradient-range", lambda b: sp.Rational(98, 100) * b),
        ("constant-norm", "gradient-range-constant", lambda b: sp.Rational(999, 1000) * b),
        ("random-norm", "gradient-variance", lambda b: b / 4),
        ("random-norm", "gradient-lipschitz", lambda b: sp.Rational(8, 10) * b),
        # 21 nats of confidence and the range V(delta) leave a factor of 26
        ("random-norm", "gradient-deviation", lambda b: b / 60),
        ("random-norm", "sgd-step", lambda b: b * (1 - eta / 4)),
        # kappa without 1/d
        ("constant-norm", "sgd-interpolation", lambda b: b / d**2),
        ("constant-norm", "soft-bias", lambda b: b - lam),
        ("constant-norm", "relu-nonstationary", lambda b: 10 * b),
    ],
)
def test_broken_claims_are_refuted(contexts, instance, name, change):
    verdict = run(broken(name, change(bound(name))), contexts[instance])
    assert verdict.status is Status.REFUTED, (verdict.bound, verdict.measured, verdict.reason)


def test_hypotheses_are_read_from_the_instance(contexts):
    verdict = run("side.soft-bias", contexts["random-norm"])
    assert verdict.status is Status.OUT_OF_SCOPE
    assert "constant-norm" in verdict.reason


def test_every_registered_side_claim_has_an_observable():
    names = [theorem.observable for key, theorem in THEOREMS.items() if key.startswith("side.")]
    assert len(names) >= 26
    for name in names:
        get_observable(name)


def test_predictions_agree_and_are_never_a_pass(contexts):
    for name in ("sgd-stationary", "sample-limit"):
        verdict = run(f"side.{name}", contexts["random-norm"])
        assert verdict.status is Status.NOT_CERTIFIED, verdict.reason
        assert abs(verdict.measured - verdict.bound) < get_theorem(f"side.{name}").tolerance


def test_sampled_rows_are_booked_once():
    """Blocks of 3 are sampled: one booking per row, and none when a second claim reads the same rows."""
    spec = ModelSpec(dim=9, groups=3, block=3, dictionary="orthogonal")
    context = Context(build_model(spec), Setting(lam=0.45))
    before = len(LEDGER.entries)
    rows = run("side.soft-floor", context).comparisons
    assert len(LEDGER.entries) == before + rows == before + 8
    run("side.soft-floor-any", context)
    assert len(LEDGER.entries) == before + rows


def test_floor_of_the_soft_threshold_is_integrated_for_small_blocks(contexts):
    """The strongest kind of check that the statement admits."""
    assert run("side.soft-floor", contexts["random-norm"]).evidence == "quadrature"


def test_gaussian_clustering_bound(contexts):
    # coherent groups leave room between the error and its bound
    model = build_model(
        ModelSpec(dim=24, groups=6, block=2, active=1, dictionary="random", radius_min=1.0, radius_max=1.0)
    )
    verdict = verify("side.clustering-gaussian", model, lam=0.45)
    assert verdict.status is Status.HOLDS, verdict.reason
    wrong = broken("clustering-gaussian", bound("clustering-gaussian") / 200)
    assert verify(wrong, model, lam=0.45).status is Status.REFUTED


def test_two_elementwise_networks_agree_on_any_weights(contexts):
    measurement = get_observable("side_two_relu_gap")(contexts["random-norm"], {})
    assert np.max(measurement.values) < 1e-12


def test_sampled_losses_agree_with_integrated_ones(contexts):
    """Catches a sampled loss that is not 2 L/m2: one half of an antipodal pair alone, a wrong control."""
    context = contexts["random-norm"]
    w = 0.8 * context.s
    W = w * context.model.dictionary
    for act in (SOFT, RELU):
        exact, error = side._integrated_loss(context, act, W)
        sampled, width = side._relative_loss(context, act, w, W, f"both ways {act.name}")
        assert abs(sampled - exact) <= width + error
        assert width < 0.1 * exact


def test_sampled_gradient_norm_agrees_with_the_integrated_one(contexts):
    """Catches a sampled gradient that lacks the part of the decoder or that of the encoder."""
    context = contexts["random-norm"]
    for w in (1.02 * context.s, 0.9 * context.s):
        exact, error = side._integrated(context, w)
        sampled, width = side._sampled(context, w)
        assert sampled <= exact + error + width
        assert sampled >= 0.95 * exact - width
        assert width < 0.2 * exact
