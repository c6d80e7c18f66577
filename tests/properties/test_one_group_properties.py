"""Random instances of the one-active-group theory: every claim holds, every false one falls.

Instances satisfy the hypotheses by construction; OUT_OF_SCOPE is a failure here, so a vacuous run fails.
Each test names the wrong formula it catches: a bound that is too small is refuted by a drawn instance.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings, target

from gsae_theory import Status, verify
from gsae_theory.check import Context
from gsae_theory.strategies import Instance, one_group

SLOW = settings(suppress_health_check=[HealthCheck.too_slow])


def holds(context: Context, *names: str) -> None:
    for name in names:
        verdict = verify(name, context.model, context=context)
        assert verdict.status is Status.HOLDS, f"{name}: {verdict.reason} {verdict.witness} {verdict.replay}"
        assert verdict.comparisons > 0
        if verdict.slack is not None and verdict.witness["relation"] == "<=":
            target(1 / verdict.slack, label=name)


@SLOW
@given(one_group())
def test_steps_contract_and_the_ball_is_kept(instance: Instance) -> None:
    """Catches kappa or eta_max too large, t(delta) without sqrt(m2), a step without 1/p."""
    holds(
        instance.context(),
        "gamma1.contraction",
        "gamma1.envelope",
        "gamma1.ball",
        "gamma1.out_of_subspace",
    )


@SLOW
@given(one_group())
def test_large_steps_contract(instance: Instance) -> None:
    """Catches the constant 5/2 of kappa' or the 2 of eta_max' made smaller."""
    holds(instance.context(), "gamma1.contraction_large", "gamma1.envelope_large")


@SLOW
@given(one_group(steps=1))
def test_supports_are_exact_in_the_ball(instance: Instance) -> None:
    """Catches a window without s, or with delta on the wrong side; worst codes are part of the sample."""
    holds(
        instance.context(),
        "gamma1.support",
        "gamma1.support.exact",
        "gamma1.support.active",
        "gamma1.support.inactive",
    )


@SLOW
@given(one_group(steps=1))
def test_gradient_is_correlated_with_the_way_to_the_limit(instance: Instance) -> None:
    """Catches alpha or beta too large, about s* A and about A."""
    holds(
        instance.context(),
        "gamma1.correlated",
        "gamma1.correlated_large",
        "gamma1.correlated_generating",
    )


@SLOW
@given(one_group(steps=1))
def test_limit_is_stationary_with_the_stated_spectrum(instance: Instance) -> None:
    """Catches a wrong s* (the gradient is of order |s - s*|) and any wrong curvature."""
    names = ["gamma1.stationary", "gamma1.loss", "gamma1.hessian.out_of_subspace", "gamma1.hessian.trace"]
    if instance.model.block > 1:
        names += ["gamma1.hessian.rotation", "gamma1.hessian.traceless"]
    holds(instance.context(), *names)


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(one_group(steps=400, max_groups=3))
def test_runs_end_at_the_scaled_dictionary(instance: Instance) -> None:
    """Catches a limit at A, a bias without sqrt(d), a limit that is not a pure scale."""
    context = instance.context()
    if context.trajectory.distance[-1].max() < 1e-9:  # slow instances are covered by the contraction test
        holds(
            context,
            "gamma1.limit.scaled",
            "gamma1.limit.generating",
            "gamma1.limit.normalised",
            "gamma1.scale",
        )


@SLOW
@given(one_group(blocks=(2, 3, 4), steps=2))
def test_false_claims_are_refuted(instance: Instance) -> None:
    """Catches a check that cannot fail: wrong theorems go through the same code."""
    context = instance.context()
    for name in ("gamma1.false_no_bias",):
        verdict = verify(name, context.model, context=context)
        assert verdict.status is Status.REFUTED, f"{name}: {verdict.reason}"
        assert verdict.as_expected


@pytest.mark.parametrize("kind", ["out_of_subspace"])
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(instance=one_group(blocks=(2, 3, 4), steps=4))
def test_wrong_rates_are_refuted_from_the_slowest_direction(instance: Instance, kind: str) -> None:
    """The slowest direction is where a rate that is too good shows at once (mutants M6, M7)."""
    from dataclasses import replace

    slow = Instance(instance.model, replace(instance.setting, start=kind))
    context = slow.context()
    for name in ("gamma1.false_rate_dimension", "gamma1.false_rate_unshrunk"):
        verdict = verify(name, context.model, context=context)
        assert verdict.status is Status.REFUTED, f"{name}: {verdict.reason} {verdict.witness}"
