"""The page on proofs: its examples run, its links lead somewhere."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "proofs.md"


def test_examples_run() -> None:
    """Catches an example whose function was renamed or that does not succeed any more."""
    outcome = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    assert outcome.attempted > 20
    assert outcome.failed == 0


def test_links_lead_somewhere() -> None:
    """Catches a link to a file that was moved."""
    links = re.findall(r"\]\(([^)]+)\)", PAGE.read_text(encoding="utf-8"))
    assert len(links) > 20
    for link in links:
        assert (PAGE.parent / link).exists(), link
