"""Bad input to every command: one line with the value, the limits and the nearest valid choice; exit code 2.

Catches tracebacks, messages that do not say what was given or what would do, text on stdout that a reader
of --json would take for a result, and input that is refused only after a long computation.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from gsae_theory.cli import main

SIZES = ["--dim", "16", "--groups", "4", "--block", "2"]
LAM = ["--lam", "0.2"]
CASE = (
    '[[case]]\nid = "a"\ntheorems = ["gamma1.contraction"]\n'
    "[case.model]\ndim = 16\ngroups = 4\nblock = 2\n[case.train]\nlam = 0.2\n"
)


def gsae(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def refused(result: Result, *parts: str) -> None:
    """Assert that a command refused its input in one line that has all `parts`."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.exception is None or isinstance(result.exception, SystemExit), "a traceback"
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("gsae: ")
    for part in parts:
        assert part in line


OPTIONS = {
    "negative lambda": (
        [*SIZES, "--lam", "-0.2"],
        ["lam = -0.2", "a number > 0", "nearest valid choice: 0.2"],
    ),
    "lambda not a number": ([*SIZES, "--lam", "nan"], ["lam = nan", "finite number"]),
    "lambda at 2 m1": (
        [*SIZES, "--lam", "2"],
        ["lam = 2", "0 < lambda < 2 E R = 2", "nearest valid choice: 1.98"],
    ),
    "lambda above 2 m1": (
        [*SIZES, "--lam", "5", "--radius-max", "1.2"],
        ["lam = 5", "< 2 E R = 2.2", "nearest valid choice: 2.178"],
    ),
    "block larger than the dimension": (
        ["--dim", "2", "--groups", "4", "--block", "3", *LAM],
        ["block = 3", "[1, 2]", "nearest valid choice: 2"],
    ),
    "block that does not divide": (
        ["--dim", "9", "--groups", "4", "--block", "2", "--dictionary", "orthobasis_pair", *LAM],
        ["block = 2", "a divisor of dim = 9", "nearest valid choice: 1"],
    ),
    "too many orthogonal blocks": (
        ["--dim", "7", "--groups", "4", "--block", "2", "--dictionary", "orthogonal", *LAM],
        ["groups = 4", "dim = 7", "nearest valid choice: 3"],
    ),
    "more active groups than groups": (
        [*SIZES, *LAM, "--active", "7"],
        ["active = 7", "[1, 4] (the number of groups)", "nearest valid choice: 4"],
    ),
    "no active group": ([*SIZES, *LAM, "--active", "0"], ["active = 0", "nearest valid choice: 1"]),
    "radii in the wrong order": (
        [*SIZES, *LAM, "--radius-min", "2", "--radius-max", "1"],
        ["radius_min = 2", "at most radius_max = 1", "nearest valid choice: 1"],
    ),
    "negative radius": (
        [*SIZES, *LAM, "--radius-min", "-1"],
        ["radius_min = -1", "a number > 0", "choice: 1"],
    ),
    "negative ball": ([*SIZES, *LAM, "--delta", "-1"], ["delta = -1", "a finite number > 0", "'auto'"]),
    "ball that is a word": (
        [*SIZES, *LAM, "--delta", "abc"],
        ["delta = 'abc'", "a number > 0 or auto", "'auto'"],
    ),
    "unknown dictionary": (
        [*SIZES, *LAM, "--dictionary", "ortogonal"],
        ["dictionary = 'ortogonal'", "a path to a .npy file", "nearest valid choice: 'orthogonal'"],
    ),
    "missing size": (["--groups", "4", "--block", "2", *LAM], ["dim is missing: ambient dimension n"]),
}


@pytest.mark.parametrize("command", ["bounds", "verify"])
@pytest.mark.parametrize("name", OPTIONS)
def test_an_instance_outside_its_limits(command: str, name: str) -> None:
    """The same instance is refused by the same words, whichever command gets it."""
    words, parts = OPTIONS[name]
    refused(
        gsae(command, *words, *(["--theorem", "gamma1.contraction"] if command == "verify" else [])), *parts
    )


TRAINING = {
    "unknown step": (
        ["--eta", "bogus"],
        ["eta = 'bogus'", "a number > 0 or the name of a step-size quantity", "'auto'"],
    ),
    "negative step": (["--eta", "-1"], ["eta = -1", "a finite number > 0", "'auto'"]),
    "no steps": (["--steps", "0"], ["steps = 0", "nearest valid choice: 1"]),
    "unknown start": (
        ["--start", "randon"],
        ["start = 'randon'", "rank_one_in", "nearest valid choice: 'random'"],
    ),
    "negative seed": (["--seed", "-1"], ["seed = -1", "nearest valid choice: 0"]),
    "unknown claim": (
        ["--theorem", "gamma1.contracton"],
        ["theorem = 'gamma1.contracton'", "nearest valid choice: 'gamma1.contraction'"],
    ),
    "spec and instance": (["--spec", "default"], ["either a spec (--spec, --case) or an instance, not both"]),
}


@pytest.mark.parametrize("name", TRAINING)
def test_training_outside_its_limits(name: str) -> None:
    """Refused before anything is trained."""
    words, parts = TRAINING[name]
    claim = [] if "--theorem" in words else ["--theorem", "gamma1.contraction"]
    refused(gsae("verify", *SIZES, *LAM, *claim, *words), *parts)


def arrays(folder: Path) -> dict[str, tuple[str, list[str]]]:
    """Write bad dictionaries; return the file and what its refusal must say."""
    good = np.linalg.qr(np.random.default_rng(0).standard_normal((16, 8)))[0]
    nan, inf = good.copy(), good.copy()
    nan[2, 3], inf[2, 3] = np.nan, np.inf
    made = {
        "nan": (nan, ["dictionary[(2, 1, 1)] = nan", "finite numbers"]),
        "inf": (inf, ["dictionary[(2, 1, 1)] = inf", "finite numbers"]),
        "complex": (good + 1j * good, ["complex128", "real numbers", "nearest valid choice: 'float64'"]),
        "stretched": (1.3 * good, ["||A_g^T A_g - I|| = 0.69", "orthonormal columns", "--orthonormalise"]),
        "columns": (good[:, :5], ["block = 2", "a divisor of the 5 columns", "nearest valid choice: 1"]),
        "size": (good[:12, :] * 0 + np.eye(12)[:, :8], ["(12, 4, 2)", "(16, 4, 2)", "nearest valid choice"]),
    }
    for name, (array, _) in made.items():
        np.save(folder / f"{name}.npy", array)
    np.save(folder / "object.npy", np.array([[1, "a"], [None, 2]], dtype=object), allow_pickle=True)
    np.save(folder / "good.npy", good)
    whole = (folder / "good.npy").read_bytes()
    (folder / "truncated.npy").write_bytes(whole[: len(whole) // 2])
    (folder / "text.npy").write_text("hello")
    (folder / "folder.npy").mkdir()
    unreadable = {
        "object": ["object.npy: it is not a complete .npy file of real numbers", "write one with numpy.save"],
        "truncated": ["truncated.npy: it is not a complete .npy file", "needs 1024 bytes"],
        "text": ["text.npy: it is not a complete .npy file"],
        "folder": ["cannot read", "it is a folder; give a file"],
        "missing": ["cannot read", "No such file"],
    }
    known = {**{name: parts for name, (_, parts) in made.items()}, **unreadable}
    return {name: (str(folder / f"{name}.npy"), parts) for name, parts in known.items()}


def test_a_dictionary_that_cannot_be_used(tmp_path: Path) -> None:
    """Catches unpickling, numbers that are not finite, and blocks that only look orthonormal."""
    for path, parts in arrays(tmp_path).values():
        refused(gsae("bounds", *SIZES, *LAM, "--dictionary", path), *parts)


SPECS = {
    "unknown key of a case": (
        CASE + "lamda = 3\n",
        ["case.a.train key = 'lamda'", "nearest valid choice: 'lam'"],
    ),
    "unknown key of the file": (
        "titel = 'x'\n" + CASE,
        ["spec.toml: key = 'titel'", "nearest valid choice: 'title'"],
    ),
    "missing size": (
        CASE.replace("dim = 16\n", ""),
        ["spec.toml: case.a.model: dim is missing: ambient dimension n"],
    ),
    "wrong type": (CASE.replace("16", "'many'"), ["spec.toml: case.a.model: dim = 'many'", "an integer"]),
    "too many active groups": (
        CASE.replace("block = 2", "block = 2\nactive = 9"),
        ["spec.toml: case.a.model: active = 9", "[1, 4]", "nearest valid choice: 4"],
    ),
    "negative lambda": (
        CASE.replace("0.2", "-0.2"),
        ["case.a.train.lam = -0.2", "a number > 0", "choice: 0.2"],
    ),
    "unknown claim": (
        CASE.replace("contraction", "contracton"),
        ["spec.toml: theorem = 'gamma1.contracton'", "nearest valid choice: 'gamma1.contraction'"],
    ),
    "one id twice": (CASE + CASE, ["spec.toml: case.id = 'a'", "nearest valid choice: 'a-2'"]),
    "no case": ("", ["spec.toml: case is missing"]),
    "cut off": (CASE[:20], ["spec.toml: it is not TOML"]),
    "not text": ("\x00\x01", ["spec.toml: it is not TOML"]),
}


@pytest.mark.parametrize("command", ["verify", "report"])
@pytest.mark.parametrize("name", SPECS)
def test_a_spec_that_cannot_be_used(command: str, name: str, tmp_path: Path) -> None:
    """Refused before anything runs, with the file, the case and the key."""
    text, parts = SPECS[name]
    (tmp_path / "spec.toml").write_text(text)
    out = ["--out", str(tmp_path / "out")] if command == "report" else []
    refused(gsae(command, "--spec", str(tmp_path / "spec.toml"), *out), *parts)
    assert not (tmp_path / "out").exists() or not any((tmp_path / "out").iterdir())


def test_a_spec_that_is_not_there(tmp_path: Path) -> None:
    """A path and the name of a shipped spec are told apart."""
    refused(gsae("verify", "--spec", str(tmp_path / "no.toml")), "cannot read the spec", "No such file")
    refused(
        gsae("verify", "--spec", "defalt"), "'defalt'", "ends in .toml", "nearest valid choice: 'default'"
    )
    (tmp_path / "raw.toml").write_bytes(bytes(range(256)))
    refused(gsae("verify", "--spec", str(tmp_path / "raw.toml")), "raw.toml: it is not TOML")


def test_an_output_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Refused before the first run, not after the last one."""
    (tmp_path / "file").write_text("x")
    for out in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/no-such-place")):
        refused(
            gsae("report", "--out", str(out)),
            "cannot write into",
            str(out),
            "give a folder that can be written",
        )


def test_a_name_among_many_is_not_answered_with_all_of_them() -> None:
    """Catches a screenful of names where one was misspelt."""
    result = gsae("theorems", "gamma1.contracton")
    refused(result, "nearest valid choice: 'gamma1.contraction'", "names, such as gamma1.contraction")
    assert len(result.stderr) < 400


PARSED = {
    "no number": (["bounds", *SIZES, "--lam", "abc"], ["lam = 'abc'", "a number"]),
    "no integer": (["verify", "--dim", "2.5"], ["dim = 2.5", "an integer"]),
    "below the range": (["report", "--seed", "-4"], ["--seed = -4", "an integer >= 0", "choice: 0"]),
    "no choice": (["completion", "fsh"], ["SHELL = 'fsh'", "one of bash, fish, zsh", "choice: 'fish'"]),
    "no file": (["compare", "--join", "no.json"], ["cannot read the record no.json: No such file"]),
    "a file for a folder": (["explore", "--resume", __file__], ["cannot write into", "is no folder; give a"]),
    "no option": (["verify", "--lamda", "3"], ["option of gsae verify = '--lamda'", "choice: '--lam'"]),
    "no option before the command": (["--lod", "a.py"], ["option of gsae = '--lod'", "choice: '--load'"]),
    "no command": (["verfy"], ["command = 'verfy'", "explore, figures", "choice: 'verify'"]),
    "no argument": (["theorem"], ["ID is missing", "gsae theorem --help says more"]),
    "no choice made": (["completion"], ["SHELL is missing: one of bash, zsh, fish"]),
    "no value": (["bounds", "--dim"], ["option '--dim' requires an argument", "gsae bounds --help"]),
    "one word too many": (["prove", "all"], ["unexpected extra argument (all)", "gsae prove --help"]),
}


@pytest.mark.parametrize("name", PARSED)
def test_words_that_are_no_command_line(name: str) -> None:
    """What the parser refuses is said in the same voice: catches click's own usage lines and capitals."""
    words, parts = PARSED[name]
    refused(gsae(*words), *parts)


def test_what_the_parser_refuses_is_json_as_well() -> None:
    """A program that asked for JSON gets the value, the limits and the nearest choice as data."""
    result = gsae("report", "--seed", "-4", "--json")
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert (error["type"], error["name"], error["given"]) == ("InvalidInput", "--seed", -4)
    assert (error["admissible"], error["nearest"]) == ("an integer >= 0", 0)


def test_without_a_word_the_help_is_printed() -> None:
    assert gsae().output.startswith("Usage: ")
