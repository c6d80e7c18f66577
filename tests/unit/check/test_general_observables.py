"""Observables of several active groups where a bound is attained."""

from __future__ import annotations

import numpy as np
import pytest

from gsae_theory import Status, verify
from gsae_theory.check import Setting
from gsae_theory.check.measurement import get_observable
from gsae_theory.check.observables.landscape import points
from gsae_theory.model.spec import ModelSpec
from gsae_theory.simulate import interference_gradient, population_gradient, procrustes_distance
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


def test_an_observable_carries_the_error_of_its_gradient() -> None:
    """Catches interference whose quadrature error is dropped, which would turn rounding into a violation."""
    model = ModelSpec(
        dim=16, groups=4, block=2, active=2, dictionary="equiangular", coherence=0.02, radius_max=1.1
    )
    context = Instance(model, Setting(lam=0.2, accuracy=1e-6)).context()
    rows = get_observable("interference")(context, {})
    direct = interference_gradient(context.model, context.W0, context.lam, rule=context.rule)
    assert direct.error > 0
    assert np.all(rows.error > 0)


def test_the_unaligned_envelope_starts_where_the_run_starts() -> None:
    """Catches a covariate that is read one step late: a wrong metric would be compared with a wrong claim."""
    model = ModelSpec(dim=12, groups=3, block=2, dictionary="equiangular", coherence=0.05)
    context = Instance(model, Setting(lam=0.4, steps=4)).context()
    rows = get_observable("unaligned_envelope")(context, {})
    first = np.asarray(rows.labels["iteration"]) == 0
    assert np.array_equal(rows.covariates["dist0"][first], rows.values[first])
    assert not np.array_equal(rows.covariates["dist0"], rows.values)


def test_the_unscaled_step_is_one_of_the_plain_gradient() -> None:
    """Catches a wrong claim that is not the one described: W - eta grad L, not grad L / p^2."""
    model = ModelSpec(dim=12, groups=3, block=2, dictionary="equiangular", coherence=0.05)
    context = Instance(model, Setting(lam=0.4)).context()
    rows = get_observable("procrustes_step_unscaled")(context, {})
    expected = [
        procrustes_distance(
            W - context.eta * population_gradient(context.model, W, context.lam).gradient,
            context.model.dictionary,
            context.s,
        )
        for _, _, W in points(context)
    ]
    assert rows.values == pytest.approx(np.concatenate(expected), rel=1e-9)
