"""Every step, every closed theorem, every false neighbour; `gsae prove` shows the same with more words."""

from __future__ import annotations

import pytest

from proofs_check import StepResult, ledger, provable, theorem_status
from proofs_check.false_neighbours import load_neighbours, try_neighbour


@pytest.mark.parametrize("name", list(ledger()))
def test_step(name: str, checked: dict[str, StepResult]) -> None:
    """Catches a step that its checker does not accept."""
    assert checked[name].holds, checked[name].reason


@pytest.mark.parametrize("name", provable())
def test_theorem(name: str, checked: dict[str, StepResult]) -> None:
    """Catches a theorem that its steps do not give any more."""
    (result,) = theorem_status(checked.values(), [name])
    assert result.status == "proved"


@pytest.mark.parametrize("name", list(load_neighbours()))
def test_false_neighbour(name: str) -> None:
    """Catches a checker that accepts something false, or a damaged certificate."""
    result = try_neighbour(load_neighbours()[name])
    assert result.rejected, result.reason
