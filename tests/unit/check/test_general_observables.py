"""Observables of several active groups where a bound is attained."""

from __future__ import annotations

import pytest

from gsae_theory import Status, verify
from gsae_theory.check import Setting
from gsae_theory.check.measurement import get_observable
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


@pytest.mark.parametrize("d", [2, 3])
def test_the_orbit_without_alignment_stays_where_the_claim_is_made(d: int) -> None:
    """Catches blocks with tr Q < 0, farther from A than delta', and blocks turned although tr Q > 0.

    ||s A Q - A||^2 = d (s^2 + 1) - 2 s tr Q for every block, from the covariate alone.
    """
    model = ModelSpec(dim=4 * d, groups=4, block=d, dictionary="orthogonal")
    context = Instance(model, Setting(lam=0.4)).context()
    rows = get_observable("correlation_unaligned")(context, {})
    s, away = context.s, rows.covariates["dist_unaligned"]
    trace = (d * (s**2 + 1) - away**2) / (2 * s)
    assert (trace >= -1e-9).all()
    assert trace.min() < 0.6 * d
