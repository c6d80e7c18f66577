"""The commands as a user runs them: JSON alone on stdout, exit codes, help, the printed figures.

Catches: text mixed into JSON, an exit code that hides a refutation, a bound off the published table,
a help that needs the heavy libraries.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gsae_theory.cli import main

INSTANCE = [
    "--dim",
    "12",
    "--groups",
    "3",
    "--block",
    "2",
    "--dictionary",
    "orthogonal",
    "--radius-max",
    "1.2",
]


def gsae(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def answer(*words: str) -> dict:
    result = gsae(*words, "--json")
    assert result.exit_code in (0, 1, 3), result.output
    return json.loads(result.stdout)


# gamma1, the table after Theorem 4, with the corrected roundings of its limits:
# (R, lam): s*, d kappa*, d L*, eta_opt/d, factor, delta_max, then at delta = .1 kappa/kappa*, eta_max/d, factor,
# and for the large step kappa'/kappa*, eta/d, factor.
TABLE = {
    ("1", "0.2"): (
        1.1050,
        0.8190,
        4.0400,
        0.4116,
        0.663,
        0.4525,
        0.9878,
        0.2656,
        0.785,
        0.9695,
        0.3174,
        0.748,
    ),
    ("1", "0.45"): (
        1.2500,
        0.6400,
        4.2025,
        0.4130,
        0.736,
        0.3991,
        0.9844,
        0.2826,
        0.822,
        0.9609,
        0.3269,
        0.799,
    ),
    ("1.2", "0.2"): (
        1.0947,
        1.0124,
        4.8930,
        0.3387,
        0.657,
        0.4567,
        0.9880,
        0.2176,
        0.782,
        0.9700,
        0.2607,
        0.744,
    ),
    ("1.2", "0.45"): (
        1.2244,
        0.8094,
        5.0538,
        0.3411,
        0.724,
        0.4084,
        0.9850,
        0.2311,
        0.816,
        0.9625,
        0.2688,
        0.791,
    ),
}


@pytest.mark.parametrize("block", ["1", "2", "4"])
@pytest.mark.parametrize("row", TABLE)
def test_bounds_print_the_published_table(row: tuple[str, str], block: str) -> None:
    found = answer(
        "bounds", "--dim", "64", "--groups", "8", "--block", block, "--dictionary", "orthogonal",
        "--radius-min", "1", "--radius-max", row[0], "--lam", row[1], "--delta", "0.1",
    )  # fmt: skip
    d = int(block)
    star = found["kappa_star"]
    values = (
        found["s_star"], d * star, d * found["L_star"], found["eta_opt"] / d, found["factor_opt"],
        found["delta_max"], found["kappa_delta"] / star, found["eta_max"] / d, found["factor_delta"],
        found["kappa_large"] / star, found["eta_max_large"] / d, found["factor_large"],
    )  # fmt: skip
    for value, printed in zip(values, TABLE[row], strict=True):
        digits = len(f"{printed}".split(".")[1])
        assert value == pytest.approx(printed, abs=0.51 * 10 ** -max(digits, 3))
    assert [line["direction"] for line in found["hessian"]] == [
        "rotation",
        "out_of_subspace",
        "traceless",
        "trace",
    ]


def test_bounds_hold_every_promised_key() -> None:
    one = answer("bounds", *INSTANCE, "--lam", "0.3")
    promised = {
        "s_star", "kappa_star", "hessian", "eta_opt", "delta_max", "eta_max", "kappa_delta", "radius_generating",
        "lambda_window", "mu", "assumptions",
    }  # fmt: skip
    assert promised <= set(one)
    assert all({"id", "holds", "margin"} <= set(row) for row in one["assumptions"])
    two = answer("bounds", *INSTANCE, "--lam", "0.2", "--active", "2")
    assert {"radius_interference", "e0", "c_F", "c_inf", "kappa0"} <= set(two)


def test_verify_prints_json_alone_and_its_exit_codes_mean_something() -> None:
    words = ["verify", *INSTANCE, "--lam", "0.3", "--steps", "20", "--theorem"]
    good = gsae(*words, "gamma1.contraction", "--json")
    (row,) = json.loads(good.stdout)["verdicts"]
    assert {"theorem", "status", "bound", "measured", "slack", "model", "seed", "replay"} <= set(row)
    assert (good.exit_code, row["status"]) == (0, "HOLDS")
    assert gsae(*words, "gamma1.unaligned").exit_code == 0  # registered as false, refuted
    assert gsae(*words, "gamma1.contraction", "--direction", "elliptical").exit_code == 3
    assert gsae(*words, "gamma1.limit.scaled").exit_code == 3  # twenty steps are too few to decide
    assert gsae(*words, "gamma1.nosuch").exit_code == 2


def test_a_claim_that_fails_exits_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A true claim with a wrong constant, and a false one that is true: both are exit code 1."""
    from dataclasses import replace

    from gsae_theory.theory import THEOREMS

    words = ["verify", *INSTANCE, "--lam", "0.3", "--steps", "20", "--theorem"]
    for name, change in (("gamma1.unaligned", {"false": False}), ("gamma1.contraction", {"false": True})):
        monkeypatch.setitem(THEOREMS, name, replace(THEOREMS[name], **change))
        assert gsae(*words, name).exit_code == 1


def test_a_misspelt_key_is_named_with_its_nearest_spelling(tmp_path: Path) -> None:
    spec = tmp_path / "mine.toml"
    spec.write_text('[[case]]\nid = "a"\ntheorms = ["gamma1.*"]\nmodel = { dim = 8 }\n')
    result = gsae("verify", "--spec", str(spec))
    assert result.exit_code == 2
    assert "'theorms'" in result.stderr
    assert "nearest valid choice: 'theorems'" in result.stderr
    assert "nearest valid choice: 0.2" in gsae("bounds", *INSTANCE, "--lam", "-0.2").stderr


def test_tables_for_people_name_the_verdict_and_the_replay() -> None:
    text = gsae("verify", *INSTANCE, "--lam", "0.3", "--steps", "20", "--theorem", "gamma1.unaligned").output
    assert "REFUTED*" in text
    assert "replay: gsae verify --theorem gamma1.unaligned" in text
    assert "out_of_subspace" in gsae("bounds", *INSTANCE, "--lam", "0.3").output
    assert "false on purpose" in gsae("theorems", "gamma1.*").output


@pytest.mark.parametrize("words", [[], ["bounds"], ["verify"], ["report"]])
def test_help_teaches(words: list[str]) -> None:
    result = gsae(*words, "--help")
    assert result.exit_code == 0
    assert "gsae " in result.output
    assert "--json" in result.output or not words


def test_help_and_version_need_no_heavy_library() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from gsae_theory.cli import main;"
        "CliRunner().invoke(main, ['--help']); CliRunner().invoke(main, ['--version']);"
        "print([m for m in ('sympy', 'scipy', 'cvxpy', 'matplotlib', 'sklearn', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_module_and_script_are_the_same_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gsae_theory", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("gsae")
