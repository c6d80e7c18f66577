"""The page on proofs: its links lead somewhere (its examples run in tests/docs)."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "proofs.md"


def test_links_lead_somewhere() -> None:
    """Catches a link to a file that was moved."""
    links = re.findall(r"\]\(([^)]+)\)", PAGE.read_text(encoding="utf-8"))
    assert len(links) > 20
    for link in links:
        assert (PAGE.parent / link).exists(), link
