"""`pytest proofs_check` checks every step, every theorem with a closing entry and every false neighbour."""

from __future__ import annotations

import pytest

from proofs_check import StepResult, run


@pytest.fixture(scope="session")
def checked() -> dict[str, StepResult]:
    """Return the outcome of every step of every ledger."""
    return {item.id: item for item in run()}
