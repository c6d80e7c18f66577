"""One run of every step, shared by the tests of the proofs."""

from __future__ import annotations

import pytest

from proofs_check import StepResult, run


@pytest.fixture(scope="session")
def checked() -> dict[str, StepResult]:
    """Return the outcome of every step of every ledger."""
    return {item.id: item for item in run()}
