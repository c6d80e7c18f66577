"""Damaged, hostile and huge files: every reader refuses them with a typed error, or reads them.

Catches: a traceback, a hang (more than 10 seconds), a warning, code run from a pickle, files left behind,
and memory allocated because a header asks for it. `make fuzz` runs 10,000 inputs per reader.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from readers import READERS
from run import fuzz

INPUTS = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 60


@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file_is_read_or_refused(name: str) -> None:
    found = fuzz(name, INPUTS if name != "joined record" or INPUTS > 60 else 25)
    assert found["crashes"] == []
    assert found["left_behind"] == []
    assert found["refused"] > 0, "no input was bad: the damage does nothing"
