"""Profiles, and what a run prints about itself."""

from __future__ import annotations

import os
import platform

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from gsae_theory import __version__

# Examples are derived from the test, not from chance: a result replays exactly, and no result depends
# on a deadline or on a database of old examples. `deep` explores and takes as long as it takes.
_COMMON = {"database": None, "deadline": None, "print_blob": True}
settings.register_profile("quick", derandomize=True, max_examples=15, **_COMMON)
settings.register_profile("deep", max_examples=1000, suppress_health_check=[HealthCheck.too_slow], **_COMMON)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "quick")
settings.load_profile(PROFILE)


def pytest_report_header() -> str:
    return (
        f"gsae_theory {__version__}, numpy {np.__version__}, Python {platform.python_version()}, "
        f"hypothesis profile {PROFILE} (HYPOTHESIS_PROFILE=deep for more)"
    )


@pytest.fixture(autouse=True)
def _one_registry(request: pytest.FixtureRequest) -> None:
    """Importing the theory registers it; tests may rely on a full registry in any order."""
    import gsae_theory.theory  # noqa: F401
