"""Find certificates again and write them: ``python -m proofs_check.propose [STEP ...]``.

Runs the steps with a search in place of the stored certificates, and writes what it found. Nothing that
runs here is part of a proof: `gsae prove` checks the files.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from proofs_check.certificates import path_of, stored
from proofs_check.core import current_step, ledger, run
from proofs_check.methods import bernstein

found: dict[str, dict[str, Any]] = {}


def keep(name: str, certificate: object) -> None:
    """Remember a certificate of the step that is being checked."""
    found.setdefault(current_step(), {})[name] = certificate


def cuts(chart: bernstein.Chart, strict: bool) -> bernstein.Tree:
    """Search for cuts; they are kept only where there is something to cut."""
    tree = bernstein.search(chart, strict)
    if tree != [bernstein.LEAF]:
        keep(chart.name, tree)
    return tree


def write(step: str, certificates: dict[str, Any]) -> Path:
    """Write the certificates of a step, atomically."""
    path = path_of(step)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".tmp")
    part.write_text(json.dumps({"step": step, "certificates": certificates}, separators=(",", ":")) + "\n")
    os.replace(part, path)
    return path


def main(arguments: list[str] | None = None) -> int:
    """Propose certificates for the steps named (all by default); return 1 if a step is not proved."""
    parser = argparse.ArgumentParser(prog="python -m proofs_check.propose", description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="STEP", help="ids of the ledger [all]")
    names = parser.parse_args(arguments).steps or None
    stored.cache_clear()
    bernstein.PROPOSER = cuts
    try:
        results = run(names)
    finally:
        bernstein.PROPOSER = None
    wanted = set(names or ledger())
    for step, certificates in found.items():
        if step in wanted:
            sys.stderr.write(f"{write(step, certificates)}\n")
    stored.cache_clear()
    bad = [item for item in results if item.id in wanted and not item.holds]
    for item in bad:
        sys.stderr.write(f"{item.id}: {item.status}: {item.reason}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
