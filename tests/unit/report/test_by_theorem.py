"""One row per theorem: the joined figures are those of the records, of this theorem alone."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gsae_theory.errors import InvalidInput
from gsae_theory.report import ReportRecord, collect_provenance, write_report
from gsae_theory.report.by_theorem import theorem_rows, theorem_table
from gsae_theory.report.tables import to_csv


def verdict(theorem: str, slack: float | None, status: str = "HOLDS", false: bool = False) -> dict[str, Any]:
    return {
        "case": "a", "theorem": theorem, "status": status, "slack": slack, "measured": 1.0, "bound": 1.5,
        "comparisons": 3, "evidence": "pathwise", "reason": "", "expected_false": false, "replay": "gsae verify",
        "seed": 0, "seconds": 0.1,
    }  # fmt: skip


PROOFS = {
    "steps": [{"id": name, "method": "identity", "status": "proved", "uses": [], "seconds": 0.1} for name in ("L1", "L2", "L3")],
    "theorems": [
        {"id": "gamma1.ball", "status": "proved", "rests_on": ["L1", "L2"]},
        {"id": "gamma1.rate", "status": "missing L3", "rests_on": []},
    ],
    "slack": [
        {"step": "L1", "what": "p <i>", "slack": 0.1, "instance": "x", "point": {}},
        {"step": "L2", "what": "q", "slack": 0.4, "instance": "x", "point": {}},
        {"step": "L1", "what": "free", "slack": 1.0, "instance": "x", "point": {}},
        {"step": "L3", "what": "r", "slack": 0.9, "instance": "x", "point": {}},
    ],
    "trusted_base": [],
}  # fmt: skip
MUTANTS = {
    "mutants": [
        {"id": f"M{number}", "claim": claim, "status": status, "killed_by": "violation", "seconds": 0.1}
        for number, (claim, status) in enumerate(
            [("gamma1.ball", "REFUTED"), ("gamma1.ball", "SURVIVED"), ("gamma1.rate", "REFUTED")]
        )
    ]
}


@pytest.fixture
def record() -> ReportRecord:
    rows = [
        verdict("gamma1.ball", 1.5), verdict("gamma1.ball", 1.2), verdict("gamma1.ball", 0.5, "UNDECIDED"),
        verdict("gamma1.rate", 1e-9), verdict("gamma1.false_no_bias", 0.3, "REFUTED", false=True),
    ]  # fmt: skip
    claims = {
        "gamma1.ball": {"title": "Ball", "relation": "<="},
        "gamma1.rate": {"title": "Rate", "relation": "=="},
    }
    found = ReportRecord("t", collect_provenance(seed=0, spec="test"), verdicts=rows, claims=claims)
    return replace(found, joined={"proofs": PROOFS, "mutants": MUTANTS})


def test_each_row_has_its_own_figures(record: ReportRecord) -> None:
    """Catches steps, mutants or slack of another theorem, an equality's difference shown as a ratio, and an
    undecided verdict that counts as good or as the tightest."""
    rows = {
        row.id: row
        for row in theorem_rows(record, {"gamma1.ball": 1, "gamma1.rate": 4, "gamma1.false_no_bias": 5})
    }
    ball = rows["gamma1.ball"]
    assert (ball.good, ball.instances, ball.tightest) == (2, 3, 1.2)
    assert (ball.proof, ball.rests_on) == ("proved", 2)
    assert [(item.step, item.slack) for item in ball.steps] == [("L2", 0.4), ("L1", 0.1)]
    assert ball.free == 1
    assert (ball.refuted, ball.mutants) == (1, 2)
    assert rows["gamma1.rate"].tightest is None
    assert rows["gamma1.rate"].proof == "missing L3"
    false = rows["gamma1.false_no_bias"]
    assert (false.false, false.good, false.proof, false.mutants) == (True, 1, None, 0)


def test_the_page_and_the_table_show_them(record: ReportRecord, tmp_path: Path) -> None:
    """Catches a section that is lost, a link to another verdict, and markup in a step's name."""
    text = write_report(record, tmp_path).read_text(encoding="utf-8")
    part = text[text.index('<section id="theorems"') : text.index('<section id="verdicts"')]
    assert "2 of 3" in part
    assert "missing L3" in part
    assert "p &lt;i&gt;" in part
    target = part.split(">gamma1.rate<")[0].rpartition('href="#')[2].split('"')[0]
    shown = text.split(f'id="{target}"')[1]
    assert shown.index("gamma1.rate") < shown.index("</tbody>")
    (row,) = [
        row
        for row in csv.DictReader(io.StringIO(to_csv(theorem_table(record))))
        if row["theorem"] == "gamma1.ball"
    ]
    assert (row["loosest step"], float(row["its slack"]), row["wrong versions"]) == ("L2", 0.4, "2")


def test_what_was_not_joined_says_how(record: ReportRecord, tmp_path: Path) -> None:
    """Catches empty columns without a word."""
    text = write_report(replace(record, joined={}), tmp_path).read_text(encoding="utf-8")
    part = text[text.index('<section id="theorems"') : text.index('<section id="verdicts"')]
    assert "gsae prove --slack --json" in part
    assert "gsae mutants --json" in part


def test_a_damaged_record_is_a_typed_error(record: ReportRecord) -> None:
    """Catches a traceback where a joined record has lost a field."""
    broken = replace(record, joined={"proofs": {"theorems": [{"status": "proved"}]}})
    with pytest.raises(InvalidInput, match="proofs"):
        theorem_rows(broken, {"gamma1.ball": 1})
