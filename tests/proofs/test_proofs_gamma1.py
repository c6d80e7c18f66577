"""The ledger of one active group.

Catches: a step whose check fails or is missing, a step that uses something else than the ledger says.
"""

from __future__ import annotations

import pytest

from proofs_check import StepResult, ledger

GAMMA1 = [name for name, entry in ledger().items() if entry.part == "gamma1"]


@pytest.mark.parametrize("name", GAMMA1)
def test_step_is_proved(name: str, checked: dict[str, StepResult]) -> None:
    """Catches a formula of the theory that its own proof step does not support any more."""
    assert checked[name].holds, checked[name].reason


def test_every_numbered_step_is_there() -> None:
    """Catches a numbered step that got lost, or that is quoted instead of proved."""
    assert {f"L{k}" for k in range(1, 50)} <= set(GAMMA1)
    assert [name for name in GAMMA1 if ledger()[name].method == "quoted"] == ["L48"]
