"""The ledger of general: every step runs, theorems close, tampering shows."""

from __future__ import annotations

import time

import pytest

from gsae_theory.theory import THEOREMS
from proofs_check import assemble, core

MINE = [name for name, entry in core.ledger().items() if entry.part == "general"]
FOREIGN = ("L", "gamma1-")
SPENT: list[float] = []
"""Processor seconds of the run: others may be using the machine."""


@pytest.fixture(scope="module")
def results() -> dict[str, core.StepResult]:
    """Run this ledger once."""
    core.load()
    begun = time.process_time()
    found = {item.id: item for item in core.run(MINE)}
    SPENT.append(time.process_time() - begun)
    return found


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
    """Catches a search that has crept into a check: all steps together stay below 30 s of one core."""
    share = sum(results[name].seconds for name in MINE) / sum(item.seconds for item in results.values())
    assert SPENT[0] * share < 30


@pytest.mark.parametrize(
    "name", sorted(name for name in core.provable() if name.startswith("general.") and name in core.CLOSINGS)
)
def test_theorems_close(results: dict[str, core.StepResult], name: str) -> None:
    """Catches a theorem whose registered bound or hypotheses are not what its steps give."""
    closed = assemble.close(name, results)
    assert closed.status == "proved" or any(waits(results, below) for below in closed.rests_on), closed.status


def test_nothing_below_the_theorems_is_numeric(results: dict[str, core.StepResult]) -> None:
    """Catches a step that is only checked in floating point: outside the quoted lemmas every method is exact."""
    exact = {"identity", "certificate", "interval", "expectation", "gram", "norm-calculus", "logic"}
    for name in (item for item in THEOREMS if item.startswith("general.") and item in core.CLOSINGS):
        for below in assemble.close(name, results).rests_on:
            assert below.startswith("Q:") or core.ledger()[below].method in exact


def test_no_step_is_an_orphan(results: dict[str, core.StepResult]) -> None:
    """Catches a step that nothing rests on and that does not say why it is there."""
    used = {below for name in core.provable() for below in assemble.close(name, results).rests_on}
    used |= {below for entry in core.ledger().values() for below in entry.uses}
    for name in MINE:
        assert name in used or core.ledger()[name].explained, name
