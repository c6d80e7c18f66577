"""`verify`: hypotheses first, then the run, then the verdict; nothing outside a hypothesis passes.

Catches: a hypothesis that is not checked, a margin of the wrong sign, a replay command that runs
something else, a context that trains again for every theorem, a user theorem that cannot be added.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner

from gsae_theory import (
    Assumption,
    Context,
    Measurement,
    ModelSpec,
    Setting,
    Status,
    Theorem,
    build_model,
    observable,
    verify,
)
from gsae_theory.check.measurement import OBSERVABLES
from gsae_theory.check.observables import landscape
from gsae_theory.cli import main
from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.model import ConstantRadius, GenerativeModel, UniformSupport
from gsae_theory.pipeline import verify_all
from gsae_theory.simulate.local import HessianProduct
from gsae_theory.theory.symbols import dist, s

SMALL = {"dim": 12, "groups": 3, "block": 2, "dictionary": "orthogonal", "radius_max": 1.2}


def model(**changes: object):
    return build_model(ModelSpec(**{**SMALL, **changes}))


OUTSIDE = {
    "isotropic-direction": ({"direction": "elliptical"}, {}),
    "exactly-gamma-active": ({"support": "bernoulli"}, {}),
    "uniform-support": ({"support": "weighted", "support_weights": (1.0, 1.0, 2.0)}, {}),
    "one-active-group": ({"active": 2}, {}),
    "noise-free": ({"noise": "sphere", "noise_level": 0.01}, {}),
    "support-window": ({"dictionary": "random"}, {}),
    "H2": ({}, {"delta": 0.6}),
    "regular-step": ({}, {"eta": 3.0}),
}


@pytest.mark.parametrize("assumption", OUTSIDE)
def test_outside_a_hypothesis_is_out_of_scope_and_says_which(assumption: str) -> None:
    changes, options = OUTSIDE[assumption]
    verdict = verify("gamma1.contraction", model(**changes), lam=0.3, steps=5, **options)
    assert verdict.status is Status.OUT_OF_SCOPE
    assert not verdict.as_expected
    failed = {margin.assumption: margin.value for margin in verdict.margins if not margin.holds}
    assert failed[assumption] <= 0
    assert assumption in verdict.reason
    assert verdict.measured is None


def test_margins_change_sign_where_the_hypothesis_ends() -> None:
    """The step at 0.999 of eta_max is in scope, at 1.001 it is not."""
    from gsae_theory.bounds import instance_bounds

    limit = instance_bounds(model(), Setting(lam=0.3, delta=0.1))["eta_max"]
    inside = verify("gamma1.contraction", model(), lam=0.3, delta=0.1, steps=5, eta=0.999 * limit)
    outside = verify("gamma1.contraction", model(), lam=0.3, delta=0.1, steps=5, eta=1.001 * limit)
    assert (inside.status, outside.status) == (Status.HOLDS, Status.OUT_OF_SCOPE)


def test_one_run_is_shared_and_results_do_not_depend_on_company() -> None:
    names = ["gamma1.contraction", "gamma1.envelope", "gamma1.ball"]
    together = verify_all(names, model(), Setting(lam=0.3, steps=20))
    alone = [verify(name, model(), lam=0.3, steps=20) for name in names]
    assert [v.measured for v in together] == [v.measured for v in alone]
    assert [v.status for v in together] == [Status.HOLDS] * 3


@pytest.mark.parametrize("theorem", ["gamma1.contraction", "gamma1.unaligned"])
def test_the_replay_command_reproduces_the_verdict(theorem: str) -> None:
    setting = Setting(lam=0.3, steps=40, fraction=0.7, seed=5)
    first = Context(model(seed=5), setting)
    verdict = verify(theorem, first.model, context=first)
    words = verdict.replay.split()
    assert words[0] == "gsae"
    again = CliRunner().invoke(main, [*words[1:], "--json"])
    assert again.exit_code == 0, again.output
    (row,) = json.loads(again.stdout)["verdicts"]
    assert (row["theorem"], row["status"]) == (theorem, verdict.status.name)
    assert (row["measured"], row["bound"]) == (verdict.measured, verdict.bound)
    assert verdict.as_expected


def test_a_theorem_of_ones_own() -> None:
    """Registered measurement and claim: true and false version go through the same code."""
    if "test_singular_values" not in OBSERVABLES:

        @observable("test_singular_values")
        def singular_values(context: Context) -> Measurement:
            last = context.trajectory.W
            values = np.linalg.svd(np.moveaxis(last, 1, 0), compute_uv=False)
            return Measurement(
                values.ravel(), labels={"group": np.repeat(np.arange(len(values)), values.shape[1])}
            )

    inside = Assumption("scale-above-one", "s > 1", s - 1, "mine", strict=True)
    true = Theorem(
        "mine.isometry", "W is s times an isometry", "Every singular value of W_g tends to s*.",
        (inside,), sp.Eq(dist, s, evaluate=False), "test_singular_values", "mine", tolerance=1e-6,
    )  # fmt: skip
    false = Theorem(
        "mine.unit", "W is an isometry", "Every singular value of W_g tends to 1.",
        (inside,), sp.Eq(dist, sp.Integer(1), evaluate=False), "test_singular_values", "mine",
        tolerance=1e-6, false=True,
    )  # fmt: skip
    context = Context(model(), Setting(lam=0.3, steps=120))
    assert verify(true, context.model, context=context).status is Status.HOLDS
    refuted = verify(false, context.model, context=context)
    assert refuted.status is Status.REFUTED
    assert refuted.as_expected


@pytest.mark.parametrize("steps", [3, 20, 60, 160])
def test_a_short_run_cannot_refute_a_true_limit(steps: int) -> None:
    """Before it has settled a run says how far it may still go: undecided, never refuted."""
    context = Context(model(), Setting(lam=0.3, steps=steps))
    for name in ("gamma1.limit.scaled", "gamma1.limit.generating", "gamma1.scale"):
        verdict = verify(name, context.model, context=context)
        assert verdict.status is (Status.HOLDS if steps == 160 else Status.UNDECIDED), name
    rate = verify("gamma1.rate", context.model, context=context)
    assert rate.status is (Status.UNDECIDED if steps <= 20 else Status.HOLDS)
    several = model(groups=6, dictionary="near_orthogonal", coherence=0.004, active=2, radius_max=1.0)
    floor = verify("general.floor_rms", several, lam=0.2, steps=steps, accuracy=1e-8, fraction=0.9)
    assert floor.status is (Status.UNDECIDED if steps == 3 else Status.HOLDS)


@pytest.mark.parametrize("name", ["gamma1.unaligned", "gamma1.false_limit_distance"])
def test_a_false_limit_is_refuted_as_soon_as_what_remains_cannot_save_it(name: str) -> None:
    assert verify(name, model(), lam=0.3, steps=40).status is Status.REFUTED


def test_bad_requests_are_named() -> None:
    with pytest.raises(UnknownName, match=r"gamma1\.contraction"):
        verify("gamma1.contractoin", model(), lam=0.3)
    with pytest.raises(InvalidInput, match="lam"):
        verify("gamma1.contraction", model())
    with pytest.raises(InvalidInput, match="steps"):
        Setting(lam=0.3, steps=0)


def test_a_verdict_is_plain_data_and_readable() -> None:
    verdict = verify("gamma1.contraction", model(), lam=0.3, steps=5)
    data = json.loads(json.dumps(verdict.to_dict(), allow_nan=False))
    assert {"theorem", "status", "bound", "measured", "slack", "model", "seed", "replay"} <= set(data)
    assert "gamma1.contraction" in verdict._repr_html_()
    assert "<script" not in verdict._repr_html_()


def test_a_ball_larger_than_the_scale_has_a_quadrature_rule() -> None:
    """Catches a rule chosen at a start that does not exist: a rank-one start ends at distance s."""
    model = build_model(ModelSpec(dim=6, groups=3, block=2, dictionary="orthogonal"))
    context = Context(model, Setting(lam=0.3, delta=3.0, fraction=0.2))
    assert context.ball > context.s
    assert context.rule.rows > 0


@pytest.mark.parametrize(
    ("delta", "words"),
    [(1e-40, r"a number in \[1e-30, 1e\+30\]"), (-1.0, "a finite number > 0"), (0.0, "a finite number > 0")],
)
def test_what_is_admissible_fits_the_number_that_was_given(delta: float, words: str) -> None:
    """Catches a range of sizes named to somebody whose number is negative, and the other way round."""
    with pytest.raises(InvalidInput, match=words):
        Setting(lam=0.3, delta=delta)


def test_every_adversarial_point_that_exists_is_tried() -> None:
    """Catches a kind of point that is left out where it exists, or asked for where it does not."""
    wide = Context(
        build_model(ModelSpec(dim=6, groups=3, block=2, dictionary="orthogonal")), Setting(lam=0.3)
    )
    square = Context(build_model(ModelSpec(dim=2, groups=1, block=2, dictionary="random")), Setting(lam=0.3))
    assert {kind for kind, _, _ in landscape.points(wide)} == set(landscape.ADVERSARIAL)
    missing = {"rank_one_out", "out_of_subspace"}
    assert {kind for kind, _, _ in landscape.points(square)} == set(landscape.ADVERSARIAL) - missing


def test_the_error_of_the_curvature_is_that_of_the_worst_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches the smallest of the errors in place of the largest."""
    context = Context(
        build_model(ModelSpec(dim=6, groups=3, block=2, dictionary="orthogonal")), Setting(lam=0.3)
    )
    errors = iter([0.1, 0.3, 0.2])
    monkeypatch.setattr(
        landscape, "hessian_apply", lambda model, W, V, lam, **more: HessianProduct(V, next(errors))
    )
    assert landscape.curvature(context, "trace")[2] == pytest.approx(0.3 / context.constants["p"])


def test_groups_that_do_not_overlap_at_all_have_losses_too() -> None:
    """Catches a division by a coherence of exactly 0."""
    A = np.eye(6).reshape(6, 3, 2)
    model = GenerativeModel(A, ConstantRadius(1.0), support=UniformSupport(1))
    verdict = verify("side.soft-floor", model, lam=0.3, delta=0.01, steps=1)
    assert verdict.status is Status.HOLDS
