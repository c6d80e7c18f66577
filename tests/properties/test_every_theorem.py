"""Every true theorem on random instances inside its hypotheses (gsae_theory.properties).

A bound that is too small is refuted by a drawn instance; OUT_OF_SCOPE, UNDECIDED and runs that compare
nothing are failures, so that a vacuous property cannot pass. With HYPOTHESIS_PROFILE=deep the search climbs
to the tightest slack: pytest tests/properties --tightest FILE records it. GSAE_MINUTES shares a time among
the properties: each is searched again, from the next seed, until its share is spent; a failure does not
depend on the clock, only how many examples are tried does, and the record says how many.
"""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, given, seed, settings, target

from gsae_theory.falsify.records import closeness
from gsae_theory.properties import PROPERTIES, Property, must_hold
from gsae_theory.theory import THEOREMS

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
SHARE = 60 * float(os.environ.get("GSAE_MINUTES", "0")) / len(PROPERTIES)
"""Seconds for each property; 0: one search."""


@pytest.mark.parametrize("item", PROPERTIES, ids=lambda item: item.name.replace(" ", "-"))
def test_property(item: Property, request: pytest.FixtureRequest, tightest) -> None:
    """Catches any constant of the named theorems that is too small (or, for ==, wrong)."""
    chosen = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    if not DEEP:
        chosen = settings(chosen, max_examples=item.examples)
    seen = []

    @chosen
    @given(item.strategy)
    def run(instance) -> None:
        seen.append(instance)
        for verdict in item.verdicts(instance, request.node.name):
            must_hold(verdict, instance)
            tightest.add(verdict, repr(instance))
            close = closeness(verdict)
            if DEEP and close is not None:
                target(close, label=verdict.theorem)

    began, first = time.monotonic(), request.config.getoption("--hypothesis-seed") or 0
    if DEEP and SHARE:
        seed(f"{first}-0")(run)
    run()
    rounds = 1
    while DEEP and time.monotonic() - began < SHARE:
        seed(f"{first}-{rounds}")(run)()
        rounds += 1
    assert seen


def test_every_true_theorem_has_a_property() -> None:
    """Catches a theorem that is registered and never held against random instances."""
    covered = {name for item in PROPERTIES for name in item.theorem_ids()}
    wanted = {name for name, theorem in THEOREMS.items() if not theorem.false and not theorem.asymptotic}
    assert covered == wanted


def test_every_pattern_names_something() -> None:
    """Catches a pattern that was misspelt or outlived its theorem."""
    for item in PROPERTIES:
        for pattern in item.claims:
            one = Property(item.name, (pattern,), item.strategy)
            assert one.theorem_ids(), f"{item.name}: {pattern}"


def test_a_wrong_verdict_fails_the_property() -> None:
    """Catches a must_hold that lets OUT_OF_SCOPE or UNDECIDED pass."""
    from dataclasses import replace

    from gsae_theory.check import Setting, Status
    from gsae_theory.model.spec import ModelSpec
    from gsae_theory.properties import PropertyFailed
    from gsae_theory.strategies import Instance

    instance = Instance(
        ModelSpec(dim=4, groups=2, block=1, dictionary="orthogonal"), Setting(lam=0.3, steps=1)
    )
    good = Property("one", ("gamma1.ball",), PROPERTIES[0].strategy).verdicts(instance, "x")[0]
    must_hold(good, instance)
    for status in (Status.OUT_OF_SCOPE, Status.UNDECIDED, Status.REFUTED, Status.NOT_CERTIFIED):
        with pytest.raises(PropertyFailed):
            must_hold(replace(good, status=status), instance)
    with pytest.raises(PropertyFailed):
        must_hold(replace(good, comparisons=0), instance)
