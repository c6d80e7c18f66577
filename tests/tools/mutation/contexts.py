"""pytest plugin: which test covers which line, and how long each takes.

    coverage run --source gsae_theory -m pytest -p tests.tools.mutation.contexts

Every test is a coverage context of its own; durations go to GSAE_DURATIONS (a JSON file).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

_SECONDS: dict[str, float] = {}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Name the context after the test."""
    current, began = coverage.Coverage.current(), time.perf_counter()
    if current is not None:
        current.switch_context(item.nodeid)
    yield
    _SECONDS[item.nodeid] = time.perf_counter() - began


def pytest_sessionfinish() -> None:
    """Write the durations."""
    if path := os.environ.get("GSAE_DURATIONS"):
        Path(path).write_text(json.dumps(_SECONDS), encoding="utf-8")
