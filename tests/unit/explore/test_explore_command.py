"""`gsae explore` end to end, on dials that need no training or little of it.

Catches: sharp predictions outside what is measured, stdout that is not JSON alone, records that depend on
interruptions or on where they were computed, unhelpful errors, a user's dial that does not work.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gsae_theory.cli import main
from gsae_theory.explore import BASES, Case, Dial, ExploreSpec, explore
from gsae_theory.explore.dial import DIALS, register_dial
from gsae_theory.report.explore_figures import write_figures

SMALL = "[budget]\npoints = 3\nrounds = 3\n"


def gsae(*words: str) -> tuple[int, dict[str, Any], str]:
    found = CliRunner().invoke(main, ["explore", *words])
    data = json.loads(found.stdout) if found.stdout.startswith("{") else {}
    return found.exit_code, data, found.stderr


@pytest.mark.parametrize("name", ["window-inactive", "window-active", "step-size"])
def test_sharp_boundaries_lie_inside_the_measured_interval(tmp_path: Path, name: str) -> None:
    (tmp_path / "spec.toml").write_text("[budget]\npoints = 2\nrounds = 5\n")
    code, data, _ = gsae(name, "--json", "--workers", "0", "--spec", str(tmp_path / "spec.toml"))
    assert code == 0
    (item,) = data["assumptions"]
    assert {"id", "verdict", "breaking_point", "interval", "theory"} <= set(item)
    (row,) = data["predictions"]
    assert row["inside"], row
    low, high = row["interval"]
    assert high - low < 0.02 * row["predicted"]
    assert data["complete"]


def test_the_bias_of_the_limit_is_predicted(tmp_path: Path) -> None:
    """Distance to A at the end against (s* - 1) sqrt(d), over thresholds: gamma1 Theorem 2(iv)."""
    (tmp_path / "spec.toml").write_text(SMALL)
    _, data, _ = gsae("threshold-high", "--json", "--workers", "0", "--spec", str(tmp_path / "spec.toml"))
    rows = data["predictions"]
    assert len(rows) >= 4
    assert all(row["inside"] for row in rows)
    assert len({row["predicted"] for row in rows}) == len(rows)


def test_an_interrupted_exploration_ends_with_the_same_record(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(SMALL)
    spec = ("--spec", str(tmp_path / "spec.toml"), "--json", "--workers", "0")
    code, whole, _ = gsae("orthonormality", *spec)
    assert code == 0
    folder = ("--resume", str(tmp_path / "store"))
    code, part, told = gsae("orthonormality", *spec, *folder, "--max-cells", "13")
    assert code == 3
    assert not part["complete"]
    assert part["assumptions"] == []
    assert "--resume" in told
    code, resumed, _ = gsae("orthonormality", *spec, *folder)
    assert code == 0
    assert resumed["assumptions"] == whole["assumptions"]
    code, _, told = gsae("coherence", *spec, *folder)
    assert code == 2
    assert "another spec (assumptions" in told
    (item,) = whole["assumptions"]
    assert item["verdict"] == "graceful"
    assert 0.7 < item["law"]["exponent"] < 1.2, "the shift is of first order in the defect"


def test_pairs_and_figures(tmp_path: Path) -> None:
    """A corner inside the hypotheses holds, the region of the theorem is marked, figures are written."""
    (tmp_path / "spec.toml").write_text("[budget]\nfirst = 2\npoints = 2\nrounds = 0\n")
    out = str(tmp_path / "figures")
    words = (
        "window-inactive",
        "--spec",
        str(tmp_path / "spec.toml"),
        "--json",
        "--workers",
        "0",
        "--figures",
        out,
    )
    _, data, _ = gsae(*words)
    assert {path.name for path in (tmp_path / "figures").glob("*.png")} == {"curve-window-inactive.png"}
    code, data, _ = gsae("coherence", "support-skew", *words[1:])
    assert code == 0
    (pair,) = data["pairs"]
    inside = [cell for cell in pair["cells"] if cell["admitted"]]
    assert inside
    assert all(c["held"] == c["trials"] for cell in inside for c in cell["conclusions"].values())
    assert any(c["held"] == 0 for cell in pair["cells"] for c in cell["conclusions"].values())
    assert len(list((tmp_path / "figures").glob("map-*.svg"))) == 2
    assert write_figures({"assumptions": data.get("assumptions"), "pairs": [pair]}, tmp_path / "more")


def test_errors_name_the_way_out(tmp_path: Path) -> None:
    for words, said in (
        (("coherenc",), "nearest valid choice: 'coherence'"),
        ((), "--all"),
        (("coherence", "--all"), "one or two assumptions, or --all"),
        (("coherence", "--spec", "missing.toml"), "cannot read the spec missing.toml"),
        (("threshold-low", "threshold-high"), "both turn lam"),
        (("coherence", "--workers", "2", "--dask-workers", "2"), "one of --workers"),
        (("coherence", "--max-seconds", "-1"), "max-seconds"),
    ):
        code, _, told = gsae(*words)
        assert code == 2, words
        assert said in told
    for text, said in (
        ("sed = 1", "nearest valid choice: 'seed'"),
        ("[budget]\nfirst = 0", "budget.first"),
        ("[base]\nlambda = 0.3", "field of the base case"),
        ("[base]\nn = 1.5", "of type int"),
    ):
        (tmp_path / "bad.toml").write_text(text)
        code, _, told = gsae("coherence", "--spec", str(tmp_path / "bad.toml"))
        assert code == 2, text
        assert said in told
    code, data, _ = gsae("--list", "--json")
    assert code == 0
    assert [item["id"] for item in data["assumptions"]] == list(DIALS)


# A dial of a user: a function and a registration.


def user_turn(case: Case, lam: float) -> Case:
    return case.but(lam=lam)


def test_a_dial_of_a_user(tmp_path: Path) -> None:
    dial = register_dial(
        Dial(
            "test-threshold", "a user's own", "lambda", ("support-window",), user_turn, satisfied=0.45, far=0.2,
            conclusion="support",
        )
    )  # fmt: skip
    try:
        record = explore([dial], tmp_path, spec=ExploreSpec(budget={"points": 2, "rounds": 0}))  # type: ignore[arg-type]
        (item,) = record["assumptions"]
        assert item["id"] == "test-threshold"
        assert item["verdict"] == "slack"
        assert BASES["one"].lam == 0.45
    finally:
        del DIALS["test-threshold"]
