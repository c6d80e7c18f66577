"""False claims fall on random instances too, not only on the case that was made for them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from gsae_theory import Status, verify
from gsae_theory.strategies import Instance, one_group

SLOW = settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(one_group(blocks=(2, 3, 4), steps=2))
def test_the_generating_matrix_is_no_critical_point(instance: Instance) -> None:
    """Catches a check that cannot fail: a wrong theorem goes through the same code."""
    context = instance.for_test("no-bias").context()
    verdict = verify("gamma1.false_no_bias", context.model, context=context)
    assert verdict.status is Status.REFUTED, verdict.reason
    assert verdict.as_expected


@SLOW
@given(one_group(blocks=(2, 3, 4), steps=4))
def test_wrong_rates_are_refuted_from_the_slowest_direction(instance: Instance) -> None:
    """The slowest direction is where a rate that is too good shows at once (mutants M6, M7)."""
    slow = Instance(instance.model, replace(instance.setting, start="out_of_subspace"))
    context = slow.for_test("rates").context()
    for name in ("gamma1.false_rate_dimension", "gamma1.false_rate_unshrunk"):
        verdict = verify(name, context.model, context=context)
        assert verdict.status is Status.REFUTED, f"{name}: {verdict.reason} {verdict.witness}"
