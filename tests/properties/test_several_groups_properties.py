"""Random instances with several active groups: interference bound, recursions, support recovery."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from gsae_theory import Status, verify
from gsae_theory.strategies import Instance, several_groups

FEW = settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(several_groups())
def test_several_groups(instance: Instance) -> None:
    """Catches a dropped interference term, sqrt(G) for sqrt(G-1), a step without K_bar."""
    context = instance.context()
    for name in (
        "general.support",
        "general.support.active",
        "general.support.inactive",
        "general.interference",
        "general.step",
        "general.step_frobenius",
        "general.envelope_rms",
        "general.bias",
        "general.correlated",
    ):
        verdict = verify(name, context.model, context=context)
        assert verdict.status is Status.HOLDS, f"{name}: {verdict.reason} {verdict.witness} {verdict.replay}"
