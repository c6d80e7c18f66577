"""Options of the suite that tests other people's code: ``pytest --pyargs gsae_theory.suite``.

Loaded by every pytest run of an environment in which the package is installed: it imports nothing but
pytest, and does nothing unless the suite is asked for.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gsae_theory.suite.session import SuiteSession

SUITE = "gsae_theory.suite"
SESSION: pytest.StashKey[SuiteSession] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("gsae_theory", "properties of group-sparse autoencoders (gsae_theory.suite)")
    group.addoption(
        "--gsae-target",
        metavar="PACKAGE.MODULE:CLASS",
        default=None,
        help="implementation that `pytest --pyargs gsae_theory.suite` tests; default: the package's own network",
    )
    group.addoption(
        "--gsae-seed", metavar="N", type=int, default=0, help="seed of the suite's instances and samples (0)"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Load the target if the suite is going to run."""
    if not _asked_for(config):
        return
    import_module(f"{SUITE}.session").SuiteSession.of(config)


def _asked_for(config: pytest.Config) -> bool:
    folder = Path(__file__).resolve().parent / "suite"
    for argument in config.args:
        name = str(argument).partition("::")[0]
        if name == SUITE or name.startswith(SUITE + "."):
            return True
        path = Path(config.invocation_params.dir, name).resolve()
        if path == folder or folder in path.parents:
            return True
    return False
