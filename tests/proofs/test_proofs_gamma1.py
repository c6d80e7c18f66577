"""The ledger of one active group.

Catches: a step whose check fails or is missing, a step that uses something else than the ledger says.
"""

from __future__ import annotations

import pytest

from gsae_theory.theory import THEOREMS
from proofs_check import StepResult, ledger, provable, theorem_status
from proofs_check.core import ancestry
from proofs_check.false_neighbours import load_neighbours, try_neighbour

# One worker, so that the steps are checked once.
pytestmark = pytest.mark.xdist_group("proofs")

GAMMA1 = [name for name, entry in ledger().items() if entry.part == "gamma1"]


@pytest.mark.parametrize("name", GAMMA1)
def test_step_is_proved(name: str, checked: dict[str, StepResult]) -> None:
    """Catches a formula of the theory that its own proof step does not support any more."""
    assert checked[name].holds, checked[name].reason


def test_every_numbered_step_is_there() -> None:
    """Catches a numbered step that got lost, or that is quoted instead of proved."""
    assert {f"L{k}" for k in range(1, 50)} <= set(GAMMA1)
    assert [name for name in GAMMA1 if ledger()[name].method == "quoted"] == ["L48"]


THEOREM_IDS = [name for name in provable() if name.startswith("gamma1.")]
# For n = d the registered rate is not what the steps give; its closing entry says why.
NOT_PROVED = {"gamma1.rate.square"}


@pytest.mark.parametrize("name", THEOREM_IDS)
def test_theorem_is_closed(name: str, checked: dict[str, StepResult]) -> None:
    """Catches a registered bound or hypothesis that differs from what the steps give."""
    (result,) = theorem_status(checked.values(), [name])
    assert (result.status == "proved") != (name in NOT_PROVED), result.status
    assert "numeric" not in {ledger()[item].method for item in result.rests_on}
    quoted = {item for item in result.rests_on if ledger()[item].method == "quoted"}
    assert all(item.startswith("Q:") or item == "L48" for item in quoted)


def test_no_orphans(checked: dict[str, StepResult]) -> None:
    """Catches a step that proves nothing for any theorem and does not say what it is for."""
    used: set[str] = set()
    for name in THEOREM_IDS:
        (result,) = theorem_status(checked.values(), [name])
        used |= set(result.rests_on)
    for item in [entry.id for entry in ledger().values() if entry.explained]:
        used |= set(ancestry([item]))
    assert set(GAMMA1) <= used, set(GAMMA1) - used


NEIGHBOURS = {name: item for name, item in load_neighbours().items() if item.of in {*GAMMA1, *THEOREMS}}
MINE = [name for name, item in NEIGHBOURS.items() if ".gamma1" in item.attempt.__module__]


@pytest.mark.parametrize("name", MINE)
def test_false_neighbour_is_rejected(name: str) -> None:
    """Catches a checker that accepts a false claim or a damaged certificate."""
    result = try_neighbour(NEIGHBOURS[name])
    assert result.rejected, result.reason


def test_there_are_enough_false_neighbours() -> None:
    """Catches a registry that got lost."""
    assert len(MINE) >= 40
    assert sum(NEIGHBOURS[name].point for name in MINE) >= 30
