"""The ledger of general: every step runs, theorems close, tampering shows."""

from __future__ import annotations

import pytest

from proofs_check import core

MINE = [name for name, entry in core.ledger().items() if entry.part == "general"]
FOREIGN = ("L",)


@pytest.fixture(scope="module")
def results() -> dict[str, core.StepResult]:
    """Run this ledger once."""
    core.load()
    return {item.id: item for item in core.run(MINE)}


def waits(results: dict[str, core.StepResult], name: str) -> bool:
    """Return whether a step is not proved only because a step of the one-group ledger is not."""
    found = results[name]
    if found.holds:
        return False
    if name.startswith(FOREIGN):
        return True
    return found.reason.startswith("rests on ") and any(waits(results, below) for below in found.uses)


@pytest.mark.parametrize("name", MINE)
def test_every_step_runs(results: dict[str, core.StepResult], name: str) -> None:
    """Catches a ledger row without a proof, or one whose `uses` are not what its code asks for."""
    assert results[name].status == "proved" or waits(results, name), results[name].reason


def test_the_steps_are_quick(results: dict[str, core.StepResult]) -> None:
    """Catches a search that has crept into a check: all steps together stay below 30 s."""
    assert sum(results[name].seconds for name in MINE) < 30
