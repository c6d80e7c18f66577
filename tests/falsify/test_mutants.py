"""Wrong claims fall: the table of side section 4, and a sample of the mechanical mutants.

Catches a check that cannot fail: an observable that measures nothing, a comparison that is too lenient,
a case that misses the situation it was made for. `gsae mutants` runs all of them.
"""

from __future__ import annotations

import pytest

from gsae_theory.check import Status
from gsae_theory.falsify.catalogue import REGISTERED, all_mutants, select
from gsae_theory.falsify.run import Runner
from gsae_theory.theory import THEOREMS


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner()


@pytest.mark.parametrize("mutant", select("table"), ids=lambda m: m.id)
def test_the_table_of_wrong_claims_is_refuted(runner: Runner, mutant) -> None:
    """All 29, each by a violation, where the true claim holds or is out of scope."""
    result = runner.run(mutant)
    assert result.status == "REFUTED", result.reason
    assert result.killed_by.startswith("violation")
    for case in mutant.cases:
        assert runner.baseline(mutant, case).status in (Status.HOLDS, Status.OUT_OF_SCOPE)


def test_the_table_is_complete_and_the_catalogue_large() -> None:
    """Catches a mutant that fell out of the list."""
    assert [m.id for m in select("table")] == [f"M{k}" for k in range(1, 30)]
    assert len(all_mutants()) >= 120
    assert set(REGISTERED) == {name for name, theorem in THEOREMS.items() if theorem.false}


@pytest.mark.parametrize("group", ["registered", "hypothesis", "metric"])
def test_wrong_hypotheses_and_metrics_are_refuted(runner: Runner, group: str) -> None:
    """Catches a hypothesis that nothing depends on, and a metric that is blind to rotations it should see."""
    for mutant in select(group):
        result = runner.run(mutant)
        assert result.status == "REFUTED" or result.explained, f"{mutant.id}: {result.reason}"
