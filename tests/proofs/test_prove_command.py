"""`gsae prove`: what it prints, and what it says of theorems without a proof."""

from __future__ import annotations

import json

from click.testing import CliRunner

from gsae_theory.cli import main


def test_json_of_one_theorem() -> None:
    """Catches a theorem called proved although a step below it is not there, and JSON with other things in it."""
    result = CliRunner().invoke(main, ["prove", "--theorem", "gamma1.scale.upper", "--json"])
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert set(data) == {"steps", "theorems", "trusted_base"}
    (theorem,) = data["theorems"]
    assert theorem["status"] == "proved"
    steps = {item["id"]: item for item in data["steps"]}
    assert "L12" in theorem["rests_on"]
    assert set(theorem["rests_on"]) <= set(steps)
    for item in steps.values():
        assert set(item) >= {"id", "method", "status", "uses", "seconds"}
        assert set(item["uses"]) <= set(steps)
    assert {row["id"] for row in data["trusted_base"]} >= {"Q:jensen", "sympy"}


def test_tree_names_what_a_theorem_rests_on() -> None:
    """Catches a tree that leaves out what lies below."""
    result = CliRunner().invoke(main, ["prove", "--theorem", "gamma1.scale.upper", "--tree"])
    assert result.exit_code == 0, result.output
    assert "L9 identity" in result.stdout
    assert "Q:jensen quoted" in result.stdout


def test_false_and_unknown_theorems_are_refused() -> None:
    """Catches a proof attempt of a claim that is registered as false."""
    for name, words in (("gamma1.unaligned", "registered as false"), ("gamma1.nonsense", "nearest")):
        result = CliRunner().invoke(main, ["prove", "--theorem", name])
        assert result.exit_code == 2
        assert words in result.stderr
