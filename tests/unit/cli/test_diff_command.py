"""`gsae diff`: what flipped, what moved, and the exit code for CI."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gsae_theory.cli import main
from gsae_theory.errors import InvalidInput, UnreadableFile
from gsae_theory.report.difference import compare_contents, read_contents
from gsae_theory.sweep import Cell, InProcess, Store, Sweep, one_round, run

ROW = {
    "case": "a",
    "theorem": "gamma1.ball",
    "status": "HOLDS",
    "slack": 1.5,
    "seconds": 0.1,
    "expected_false": False,
}
FALSE = {**ROW, "theorem": "gamma1.false_no_bias", "status": "REFUTED", "slack": 0.2, "expected_false": True}
REPORT = {
    "schema": "gsae_theory.report",
    "version": 1,
    "instance": {"s_star": 1.2, "constants": {"mu": 0.01}, "fine": True},
    "verdicts": [ROW, FALSE],
}


def write(folder: Path, name: str, data: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def call(*words: object) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(main, ["diff", *map(str, words), "--json"])
    return result.exit_code, json.loads(result.output) if result.exit_code < 2 else {"error": result.output}


def changed(**new: Any) -> dict[str, Any]:
    data = copy.deepcopy(REPORT)
    data["verdicts"][0].update(new)
    return data


def test_the_same_record_has_no_differences(tmp_path: Path) -> None:
    """Catches a comparison that sees differences where there are none."""
    a = write(tmp_path, "a b ü.json", REPORT)
    code, found = call(a, a)
    assert (code, found["changes"]) == (0, [])


@pytest.mark.parametrize(
    ("new", "what", "worse"),
    [
        ({"status": "REFUTED"}, "status", True),
        ({"status": "UNDECIDED"}, "status", True),
        ({"slack": 1.6}, "number", True),
        ({"slack": None}, "number", True),
        ({"seconds": 9.0}, "seconds", False),
        ({"theorem": "gamma1.other"}, "gone", True),
    ],
)
def test_each_kind_of_change(tmp_path: Path, new: dict[str, Any], what: str, worse: bool) -> None:
    """Catches a change that is not seen, or weighed wrongly."""
    code, found = call(write(tmp_path, "a.json", REPORT), write(tmp_path, "b.json", changed(**new)))
    (first, *_) = [item for item in found["changes"] if item["what"] == what]
    assert first["worse"] is worse
    assert code == int(worse)


def test_a_repaired_claim_is_no_worsening_and_a_false_claim_must_stay_refuted(tmp_path: Path) -> None:
    """Catches the direction of a flip, for true and for false claims."""
    bad = write(tmp_path, "bad.json", changed(status="REFUTED"))
    good = write(tmp_path, "good.json", REPORT)
    assert call(bad, good)[0] == 0
    data = copy.deepcopy(REPORT)
    data["verdicts"][1]["status"] = "HOLDS"
    assert call(good, write(tmp_path, "c.json", data))[0] == 1


def test_tolerances_and_constants(tmp_path: Path) -> None:
    """Catches a tolerance that is not relative, and a constant that may change unseen."""
    a, b = write(tmp_path, "a.json", REPORT), write(tmp_path, "b.json", changed(slack=1.51))
    assert call(a, b)[0] == 0
    assert call(a, b, "--slack", "0.001")[0] == 1
    data = copy.deepcopy(REPORT)
    data["instance"]["constants"]["mu"] = 0.010001
    code, found = call(a, write(tmp_path, "c.json", data))
    assert code == 1
    assert found["changes"][0]["name"] == "constants.mu"
    assert call(a, tmp_path / "c.json", "--constants", "0.01")[0] == 0


def test_timing_decides_only_when_asked(tmp_path: Path) -> None:
    """Catches time that breaks a build unasked, and a speed-up that counts as worse."""
    a, b = write(tmp_path, "a.json", REPORT), write(tmp_path, "b.json", changed(seconds=9.0))
    assert call(a, b)[0] == 0
    assert call(a, b, "--timing")[0] == 1
    assert call(b, a, "--timing")[0] == 0


def test_page_escapes_names(tmp_path: Path) -> None:
    """Catches markup that comes in through a name."""
    a, b = write(tmp_path, "a.json", REPORT), write(tmp_path, "b.json", changed(case="<script>x</script>"))
    page = tmp_path / "d.html"
    call(a, b, "--html", page)
    text = page.read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_other_kinds(tmp_path: Path) -> None:
    """Catches a kind that is not read, and two kinds compared with each other."""
    proofs = {
        "theorems": [{"id": "t", "status": "proved"}],
        "steps": [{"id": "L1", "status": "proved", "seconds": 0.1}],
        "trusted_base": [],
    }
    mutants = {"mutants": [{"id": "M1", "status": "REFUTED", "seconds": 0.1}]}
    explore = {"assumptions": [{"id": "coherence", "verdict": "slack", "breaking_point": 2.0}]}
    paths = {
        name: write(tmp_path, f"{name}.json", data)
        for name, data in {
            "prove": proofs,
            "mutants": mutants,
            "explore": explore,
            "verify": {"verdicts": [ROW]},
        }.items()
    }
    for name, path in paths.items():
        assert read_contents(path).kind == name
        assert call(path, path)[0] == 0
    proofs["steps"][0]["status"] = "failed"
    assert call(paths["prove"], write(tmp_path, "p2.json", proofs))[0] == 1
    explore["assumptions"][0]["breaking_point"] = 2.1
    assert call(paths["explore"], write(tmp_path, "e2.json", explore))[0] == 1
    with pytest.raises(InvalidInput):
        compare_contents(read_contents(paths["prove"]), read_contents(paths["mutants"]))
    with pytest.raises(InvalidInput):
        compare_contents(read_contents(paths["prove"]), read_contents(paths["prove"]), slack=-1)


def twice(parameters: Any, seed: int) -> dict[str, Any]:
    return {"twice": 2 * parameters["x"]}


def thrice(parameters: Any, seed: int) -> dict[str, Any]:
    return {"twice": 3 * parameters["x"]}


def test_stores(tmp_path: Path) -> None:
    """Catches a store whose values are not compared, or that is written to."""
    for folder, task in (("a", twice), ("b", twice), ("c", thrice)):
        sweep = Sweep("s", task, one_round([Cell({"x": x}) for x in range(3)]), {}, "1", seed=1)
        with Store(tmp_path / folder, sweep) as store:
            run(sweep, store, InProcess())
    before = (tmp_path / "a" / "sweep.sqlite").read_bytes()
    assert call(tmp_path / "a", tmp_path / "b")[0] == 0
    _, found = call(tmp_path / "a", tmp_path / "c")
    assert sum(item["what"] == "status" for item in found["changes"]) == 2  # 2 * 0 == 3 * 0
    assert (tmp_path / "a" / "sweep.sqlite").read_bytes() == before


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", '{"verdicts": 3}', '{"mutants": [{}]}', '{"schema": "x", "verdicts": [null]}'],
)
def test_what_is_no_record_is_refused(tmp_path: Path, text: str) -> None:
    """Catches a crash on a file of another kind."""
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    code, found = call(path, path)
    assert code == 2
    assert "gsae:" in found["error"]


def test_missing_files_and_empty_folders(tmp_path: Path) -> None:
    """Catches a traceback instead of a sentence."""
    for path in (tmp_path / "no.json", tmp_path):
        with pytest.raises(UnreadableFile):
            read_contents(path)
    (tmp_path / "sweep.sqlite").write_bytes(b"no database at all, but long enough to be looked at" * 20)
    with pytest.raises(UnreadableFile):
        read_contents(tmp_path)
