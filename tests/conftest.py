"""Profiles, what a run prints about itself, and the record of the tightest slack per theorem."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings

from gsae_theory import __version__

# quick: examples are derived from the test, not from chance, so that a result replays exactly. No result
# depends on a deadline or on a database of old examples. deep: explores, with target(), as long as it takes.
# replay: what quick does, without shrinking, to look at one failure.
_COMMON = {"database": None, "deadline": None, "print_blob": True}
_MINUTES = float(os.environ.get("GSAE_MINUTES", "0"))
_DEEP = int(os.environ.get("GSAE_EXAMPLES", "100" if _MINUTES else "1000"))
settings.register_profile("quick", derandomize=True, max_examples=15, **_COMMON)
settings.register_profile(
    "deep",
    max_examples=_DEEP,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    **_COMMON,
)
# What quick does, from random examples: with --hypothesis-seed=K, one of the runs of tests/tools/seeds.py.
settings.register_profile("seeded", max_examples=15, **_COMMON)
settings.register_profile(
    "replay", derandomize=True, max_examples=15, phases=(Phase.explicit, Phase.generate), **_COMMON
)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "quick")
settings.load_profile(PROFILE)

_BEGAN = time.time()
_OUTPUT = "gsae_tightest"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the file of the tightest slacks."""
    parser.addoption(
        "--tightest",
        type=Path,
        default=None,
        metavar="FILE",
        help="write the tightest slack per theorem as JSON; a file of this version is continued",
    )


def pytest_report_header() -> str:
    return (
        f"gsae_theory {__version__}, numpy {np.__version__}, Python {platform.python_version()}, "
        f"hypothesis profile {PROFILE} (HYPOTHESIS_PROFILE=quick|seeded|deep|replay)"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start the record of this process."""
    from gsae_theory.falsify.records import Tightest

    config.gsae_tightest = Tightest()
    config.gsae_states = []


@pytest.fixture(scope="session")
def tightest(request: pytest.FixtureRequest):
    """The record of the tightest slacks of this process."""
    return request.config.gsae_tightest


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error) -> None:
    """Collect what a worker found."""
    if _OUTPUT in getattr(node, "workeroutput", {}):
        node.config.gsae_states.append(node.workeroutput[_OUTPUT])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over or write the record."""
    config = session.config
    path = config.getoption("--tightest")
    if path is None:
        return
    if hasattr(config, "workerinput"):
        config.workeroutput[_OUTPUT] = config.gsae_tightest.state()
        return
    config.gsae_tightest.merge(config.gsae_states)
    before = config.gsae_tightest.go_on(path)
    config.gsae_tightest.write(
        path,
        profile=PROFILE,
        seed=config.getoption("--hypothesis-seed"),
        examples=_DEEP if PROFILE == "deep" else None,
        minutes=_MINUTES or None,
        seconds=round(before + time.time() - _BEGAN, 1),
    )


@pytest.fixture(autouse=True)
def _one_registry(request: pytest.FixtureRequest) -> None:
    """Importing the theory registers it; tests may rely on a full registry in any order."""
    import gsae_theory.theory  # noqa: F401
