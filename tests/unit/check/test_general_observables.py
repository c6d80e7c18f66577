"""Observables of several active groups where a bound is attained."""

from __future__ import annotations

from gsae_theory import Status, verify
from gsae_theory.check import Setting
from gsae_theory.model.spec import ModelSpec
from gsae_theory.strategies import Instance


def test_a_bound_attained_by_every_multiple_of_the_dictionary_is_decided() -> None:
    """Catches a gradient error that is added to a comparison of two functions of the same W (seed 5 found it)."""
    model = ModelSpec(
        dim=25, groups=12, block=2, active=2, dictionary="near_orthogonal", coherence=0.0016, radius_max=1.1
    )
    setting = Setting(lam=0.1, fraction=0.02, start="scale", steps=2, accuracy=1e-8)
    context = Instance(model, setting).context()
    verdict = verify("general.bias", context.model, context=context)
    assert verdict.status is Status.HOLDS, verdict.reason
    assert context.trajectory.gradient_error > 0
