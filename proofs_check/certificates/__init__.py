"""Committed certificates, one JSON file per step: ``certificates/<part>/<step>.json``.

A certificate only says how to cut a region; the checker recomputes everything else from the statement of
the step, so that a wrong certificate can make a check fail but never pass. `python -m proofs_check.propose`
writes them.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def path_of(step: str) -> Path:
    """Return the file that holds the certificates of a step."""
    from proofs_check.core import ledger

    return HERE / ledger()[step].part / f"{step.replace(':', '_')}.json"


@lru_cache(maxsize=512)
def stored(step: str) -> dict[str, Any]:
    """Return the certificates of a step by name; empty where there are none."""
    if not step:
        return {}
    path = path_of(step)
    return dict(json.loads(path.read_text(encoding="utf-8"))["certificates"]) if path.exists() else {}
