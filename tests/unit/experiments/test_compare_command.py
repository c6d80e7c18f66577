"""`gsae compare`: one JSON object, honest exit codes, bad input before any work."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gsae_theory.cli import main
from gsae_theory.errors import UnknownName
from gsae_theory.experiments import comparison


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    out = tmp_path_factory.mktemp("compare") / "compare.json"
    options = ["compare", "--task", "sparse-coding", "--quick", "--seeds", "2", "--jobs", "1", "--json"]
    result = CliRunner().invoke(main, [*options, "--out", str(out)])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout), json.loads(out.read_text())


def test_json_has_rows_pairs_and_statements(record):
    """Catches progress on stdout, a missing part, and a file that differs from what is printed."""
    printed, written = record
    assert printed == written
    assert {"rows", "paired", "statements", "cells", "frames", "settings"} <= printed.keys()
    assert all({"id", "slack", "holds"} <= item.keys() for item in printed["statements"])
    assert {item["id"].removeprefix("side.")[:4] for item in printed["statements"]} == {
        f"T1.{i}" for i in range(7)
    }
    assert {row["seeds"] for row in printed["paired"]} == {2}


def test_a_model_gives_the_same_numbers_alone(record):
    """Catches unseeded randomness, and numbers that depend on what was computed before.

    To 1e-9: BLAS adds in an order that depends on where arrays lie in memory; another draw moves percents.
    """
    from gsae_theory.experiments.coding_cells import by_id
    from gsae_theory.experiments.sparse_coding import combine

    part = {"task": "sparse-coding", "cell": "d1-g2", "seeds": 2, "seed": 0, "quick": True}
    rows = combine([by_id("d1-g2")], [comparison.compute(part, 5)]).rows
    beside = [row for row in record[0]["rows"] if row["cell"] == "d1-g2"]
    assert len(rows) == len(beside) > 0
    for alone, row in zip(json.loads(json.dumps(rows)), beside, strict=True):
        assert alone == {
            key: pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value
            for key, value in row.items()
        }


def test_a_failed_statement_is_exit_code_1(monkeypatch):
    """Catches an exit code that does not look at the statements."""
    failed = {"rows": [], "paired": [], "statements": [{"id": "x", "slack": 0.0, "holds": False}]}
    monkeypatch.setattr(comparison, "run_comparison", lambda *_, **__: failed)
    assert CliRunner().invoke(main, ["compare", "--json"]).exit_code == 1


def test_bad_input_is_refused_before_any_work(tmp_path):
    with pytest.raises(UnknownName, match="sparse-coding"):
        comparison.run_comparison(("sparse",))
    result = CliRunner().invoke(main, ["compare", "--out", str(tmp_path / "missing" / "x.json")])
    assert result.exit_code == 2
    assert "is no folder" in result.output
    assert CliRunner().invoke(main, ["compare", "--seeds", "1"]).exit_code == 2
