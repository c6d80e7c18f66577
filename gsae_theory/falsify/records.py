"""The tightest slack seen per theorem, as a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gsae_theory import __version__
from gsae_theory.check import Verdict
from gsae_theory.errors import UnreadableFile
from gsae_theory.output import prepare_folder, write_atomic
from gsae_theory.plain import plain

FORMAT = "gsae-tightest-1"


def closeness(verdict: Verdict) -> float | None:
    """Return measured/bound in (0, 1], 1 where the bound is attained; None where a ratio has no meaning.

    For ``==`` there is no slack to speak of, and where a side is 0 or negative no ratio.
    """
    slack, relation = verdict.slack, verdict.witness.get("relation")
    if relation == "==" or slack is None or not slack > 0:
        return None
    return min(1.0, 1 / slack)


class Tightest:
    """Collects, per theorem, the instance on which its bound is closest to what was measured."""

    def __init__(self) -> None:
        self.best: dict[str, dict[str, Any]] = {}
        self.runs: dict[str, int] = {}

    def add(self, verdict: Verdict, instance: str) -> None:
        """Record a verdict on an instance."""
        name, close = verdict.theorem, closeness(verdict)
        self.runs[name] = self.runs.get(name, 0) + 1
        row = {
            "closeness": close,
            "slack": verdict.slack,
            "bound": verdict.bound,
            "measured": verdict.measured,
            "status": verdict.status.name,
            "evidence": verdict.evidence,
            "where": verdict.witness.get("where", {}),
            "instance": instance,
        }
        self._offer(name, row)

    def _offer(self, name: str, row: dict[str, Any]) -> None:
        held = self.best.get(name)
        if held is None or (row["closeness"] or 0.0) > (held["closeness"] or 0.0):
            self.best[name] = row

    def state(self) -> dict[str, Any]:
        """Return plain data, for another process."""
        return dict(plain({"best": self.best, "runs": self.runs}))

    def merge(self, states: Iterable[Mapping[str, Any]]) -> None:
        """Take over what other processes found."""
        for state in states:
            for name, row in state["best"].items():
                self._offer(name, dict(row))
            for name, count in state["runs"].items():
                self.runs[name] = self.runs.get(name, 0) + int(count)

    def go_on(self, path: Path) -> float:
        """Take over what a file of the same version holds; return the seconds that went into it, 0 without one.

        Raises
        ------
        UnreadableFile
            If the file is there and is no record.
        """
        if not path.exists():
            return 0.0
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["format"] != FORMAT:
                raise ValueError(f"format {found['format']}")
            if found["version"] != __version__:
                return 0.0
            rows = {name: dict(row) for name, row in found["theorems"].items()}
            runs = {name: int(row.pop("runs")) for name, row in rows.items()}
            self.merge([{"best": rows, "runs": runs}])
            return float(found.get("seconds", 0.0))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
            raise UnreadableFile(f"cannot read the record of tightest slacks {path}: {problem}") from problem

    def write(self, path: Path, **about: object) -> Path:
        """Write the record, whole or not at all, and return the path."""
        theorems = {name: {**self.best[name], "runs": self.runs[name]} for name in sorted(self.best)}
        data = {"format": FORMAT, "version": __version__, **about, "theorems": theorems}
        prepare_folder(path.parent)
        return write_atomic(path, (json.dumps(plain(data), indent=1) + "\n").encode())
