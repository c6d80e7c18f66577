"""The README's promises: its code runs, its names exist, its picture is there.

Catches: an example that no longer runs, a claim pattern that matches nothing, a dead link.
"""

from __future__ import annotations

import re
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

from gsae_theory.theory import THEOREMS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_says_what_its_comment_says() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "HOLDS"


def test_every_pattern_in_the_table_of_claims_names_a_claim() -> None:
    table = TEXT.partition("## What is claimed")[2].partition("## Using it")[0]
    patterns = [
        item for item in re.findall(r"`([^`]+)`", table) if re.match(r"(gamma1|general|side|\*)\.", item)
    ]
    assert len(patterns) >= 12
    for pattern in patterns:
        assert any(fnmatchcase(name, pattern) for name in THEOREMS), pattern


def test_links_lead_to_files() -> None:
    targets = re.findall(r"\]\(((?!http)[^)#]+)\)", TEXT)
    assert len(targets) >= 4
    assert [target for target in targets if not (ROOT / target).exists()] == []
