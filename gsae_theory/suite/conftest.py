"""Fixtures of the suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsae_theory.check.ledger import AlphaLedger
from gsae_theory.suite.adapter import Target
from gsae_theory.suite.instances import cases
from gsae_theory.suite.session import SuiteSession

# A mistake in one shows in the later ones.
_ORDER = ("test_encoder.py", "test_decoder.py", "test_gradient.py", "test_step.py")
_SUBSETS = {
    "case": lambda case: True,
    "scalar_case": lambda case: case.spec.block == 1,
    "block_case": lambda case: case.spec.block > 1,
    "constant_case": lambda case: case.spec.radius_max == 1.0,
}


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> Target:
    """The implementation under test."""
    return SuiteSession.of(pytestconfig).target


@pytest.fixture(scope="session")
def ledger(pytestconfig: pytest.Config) -> AlphaLedger:
    """The false-alarm budget of the run."""
    return SuiteSession.of(pytestconfig).ledger


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on every instance of the kind that it asks for."""
    for name, belongs in _SUBSETS.items():
        if name in metafunc.fixturenames:
            chosen = [case for case in cases(SuiteSession.of(metafunc.config).seed) if belongs(case)]
            metafunc.parametrize(name, chosen, ids=str)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the suite's files in the order in which mistakes propagate."""
    folder = Path(__file__).parent
    items.sort(key=lambda item: _ORDER.index(item.path.name) if item.path.parent == folder else -1)
