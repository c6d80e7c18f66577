"""Fixtures of the suite."""

from __future__ import annotations

import pytest

from gsae_theory.check.ledger import AlphaLedger
from gsae_theory.pytest_plugin import SESSION
from gsae_theory.suite.adapter import Target
from gsae_theory.suite.instances import cases

_SUBSETS = {
    "case": lambda case: True,
    "scalar_case": lambda case: case.spec.block == 1,
    "block_case": lambda case: case.spec.block > 1,
    "constant_case": lambda case: case.spec.radius_max == 1.0,
}


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> Target:
    """The implementation under test."""
    return pytestconfig.stash[SESSION].target


@pytest.fixture(scope="session")
def ledger(pytestconfig: pytest.Config) -> AlphaLedger:
    """The false-alarm budget of the run."""
    return pytestconfig.stash[SESSION].ledger


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on every instance of the kind that it asks for."""
    for name, belongs in _SUBSETS.items():
        if name in metafunc.fixturenames:
            chosen = [case for case in cases(metafunc.config.stash[SESSION].seed) if belongs(case)]
            metafunc.parametrize(name, chosen, ids=str)
