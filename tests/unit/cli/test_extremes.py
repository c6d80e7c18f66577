"""Numbers at the ends of their ranges, and names that do not exist: a result or one typed line, before any run.

Catches: powers of a norm that overflow, a law without smallest norm divided by, verdicts from a quadrature rule
whose error is not seen, names that are looked up only after other cases have been run.
"""

from __future__ import annotations

import json
import os
import random

import click
import pytest
from click.testing import CliRunner, Result

from gsae_theory.cli import main
from gsae_theory.model.spec import DICTIONARIES, DIRECTIONS, NOISES, RADIUS_LAWS, SUPPORTS
from gsae_theory.network import ACTIVATIONS
from gsae_theory.simulate import STARTS

SIZES = ["--dim", "12", "--groups", "4", "--block", "2"]
NUMBERS = ["1e308", "1e155", "1e31", "1e30", "1e29", "1e15", "1e-15", "1e-30", "1e-160",
           "5e-324", "0", "-1", "nan", "inf", "0.5", "2"]  # fmt: skip
CHOICES = {
    "dictionary": list(DICTIONARIES), "radius": list(RADIUS_LAWS), "direction": list(DIRECTIONS),
    "support": list(SUPPORTS), "noise": list(NOISES), "start": list(STARTS), "activation": list(ACTIVATIONS),
    "gradient": ["population", "sample"], "active": ["1", "2", "4"], "basis": ["hadamard"],
}  # fmt: skip
ROUNDS = 20_000 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 500


def gsae(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_bounds_of_extreme_instances_are_printed_or_refused() -> None:
    """Seeded: up to four options with extreme values; a warning or any error but a typed one fails."""
    command = main.get_command(click.Context(main), "bounds")
    assert command is not None
    taken = {"dim", "groups", "block", "lam", "certify", "out", "certificate", "as_json", "steps", "help"}
    names = [
        item.name
        for item in command.get_params(click.Context(command))
        if item.name and item.name not in taken and not getattr(item, "is_flag", False)
    ]
    assert {"radius_min", "noise_level", "delta", "eta", "coherence"} <= set(names)
    rng, codes = random.Random(1), {0: 0, 2: 0}
    for _ in range(ROUNDS):
        words = ["bounds", *SIZES, "--lam", rng.choice(["0.2", "0.2", rng.choice(NUMBERS)])]
        for name in rng.sample(names, rng.randint(1, 4)):
            words += ["--" + name.replace("_", "-"), rng.choice(CHOICES.get(name, NUMBERS))]
        result = gsae(*words, "--json")
        assert result.exit_code in codes, (" ".join(words), result.exception)
        codes[result.exit_code] += 1
        assert ("error" in json.loads(result.stdout)) == (result.exit_code == 2)
    assert min(codes.values()) > ROUNDS / 20, "nearly all were refused, or nearly none"


@pytest.mark.parametrize(
    ("option", "value", "part"),
    [
        ("radius-max", "1e308", "a number in [1e-30, 1e+30]"),
        ("lam", "5e-324", "a number in [1e-30, 1e+30]"),
        ("delta", "1e40", "a number in [1e-30, 1e+30]"),
        ("activation", "group_rely", "nearest valid choice: 'group_relu'"),
        ("start", "randon", "nearest valid choice: 'random'"),
        ("level", "2", "an integer >= 3 (exact to degree 5)"),
    ],
)
def test_a_wrong_case_is_refused_before_another_one_is_run(
    option: str, value: str, part: str, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    """The second case of a spec is wrong: the first one must not be run, and the error names the second."""
    from gsae_theory import verification

    def never(*_: object) -> None:
        raise AssertionError("a case was run")

    monkeypatch.setattr(verification, "build_model", never)
    group = "model" if option.startswith("radius") else "train"
    given = value if value[0].isdigit() else f'"{value}"'
    case = '[[case]]\nid = "{}"\ntheorems = ["gamma1.*"]\n[case.model]\ndim = 12\ngroups = 4\nblock = 2\n{}[case.train]\n{}'
    line = f"{option.replace('-', '_')} = {given}\n"
    wrong = case.format("two", line if group == "model" else "", line if group == "train" else "")
    spec = tmp_path / "spec.toml"
    spec.write_text(case.format("one", "", "") + wrong)
    for command in (["verify"], ["report", "--out", str(tmp_path / "out")]):
        result = gsae(*command, "--spec", str(spec))
        assert (result.exit_code, result.stdout) == (2, ""), result.output
        assert part in result.stderr
        assert "two" in result.stderr
        assert result.stderr.count("\n") == 1


def test_large_weights_do_not_refute_an_identity() -> None:
    """Rounding grows with the square of the weights: an exact identity was REFUTED at distance 1e4 before."""
    for delta in ("1e4", "1e15", "1e29"):
        words = ("verify", *SIZES, "--lam", "0.2", "--theorem", "side.two-relu-is-soft", "--delta", delta)
        result = gsae(*words, "--json")
        assert [item["status"] for item in json.loads(result.stdout)["verdicts"]] == ["HOLDS"]
