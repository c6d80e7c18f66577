"""The record of tightest slacks goes on where it was left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gsae_theory.errors import UnreadableFile
from gsae_theory.falsify.records import Tightest

ROW = {"closeness": 0.5, "slack": 2.0, "bound": 2.0, "measured": 1.0, "status": "HOLDS", "instance": "a"}


def held(closeness: float, runs: int, name: str = "t") -> Tightest:
    record = Tightest()
    record.merge([{"best": {name: {**ROW, "closeness": closeness}}, "runs": {name: runs}}])
    return record


def test_a_record_is_continued(tmp_path: Path) -> None:
    """Catches a second run that forgets a tighter slack, or counts runs once."""
    path = held(0.9, 3).write(tmp_path / "t.json", seconds=10.0)
    second = held(0.7, 4)
    second.merge(held(0.2, 1, "other").state() for _ in range(1))
    assert second.go_on(path) == 10.0
    data = json.loads(second.write(path, seconds=12.0).read_text(encoding="utf-8"))
    assert data["theorems"]["t"]["closeness"] == 0.9
    assert data["theorems"]["t"]["runs"] == 7
    assert set(data["theorems"]) == {"t", "other"}


def test_another_version_starts_anew_and_other_files_are_refused(tmp_path: Path) -> None:
    """Catches slacks of other code in the record, and a file that is overwritten by mistake."""
    path = held(0.9, 3).write(tmp_path / "t.json", seconds=10.0)
    path.write_text(
        path.read_text(encoding="utf-8").replace('"version": "', '"version": "9'), encoding="utf-8"
    )
    fresh = held(0.1, 1)
    assert fresh.go_on(path) == 0.0
    assert fresh.best["t"]["closeness"] == 0.1
    assert fresh.go_on(tmp_path / "none.json") == 0.0
    for text in ("", "[]", '{"format": "x"}', '{"format": "gsae-tightest-1"}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UnreadableFile):
            fresh.go_on(path)
