"""The tables of the docs are those of the committed records.

Catches: a number in the docs that no command has written, a page with a table that does not exist.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_tables_are_those_of_the_records() -> None:
    command = [sys.executable, str(ROOT / "docs" / "make_tables.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_table_was_filled() -> None:
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs").rglob("*.md")]
    assert sum(text.count("<!-- table:") for text in pages) >= 10
    assert not [text[:40] for text in pages if "-->\n<!-- end -->" in text]
