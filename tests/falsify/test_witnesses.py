"""A refutation can be shrunk, stored, read back, repeated, and shown with numpy alone."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from gsae_theory.check import Status
from gsae_theory.cli import main
from gsae_theory.errors import InvalidInput, TooLarge, UnknownName, UnreadableFile
from gsae_theory.falsify.catalogue import find
from gsae_theory.falsify.run import Runner
from gsae_theory.falsify.script import script_of
from gsae_theory.falsify.witness import Witness, load, minimised, smaller

ONE_OF_A_KIND = ("M2", "M3", "M4", "M6", "M8", "M9", "M10", "M15", "M20", "M26", "M27", "M28")


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner()


@pytest.fixture(scope="module")
def witnesses(runner: Runner) -> dict[str, Witness]:
    found = {}
    for name in ONE_OF_A_KIND:
        result = runner.run(find(name))
        case = result.killed_by.removeprefix("violation on ")
        found[name] = minimised(Witness(name, runner.instance(case), result.witness), tries=25)
    return found


def size(witness: Witness) -> tuple[int, int, int]:
    model, setting = witness.instance.model, witness.instance.setting
    return (model.groups, model.dim * model.block, setting.steps)


def test_shrinking_keeps_the_refutation_and_loses_size(runner: Runner, witnesses) -> None:
    """Catches a minimiser that changes the claim's verdict, or one that does nothing."""
    shrunk = 0
    for name, witness in witnesses.items():
        before = Witness(name, runner.instance(find(name).cases[0]))
        assert witness.verify().status is Status.REFUTED
        assert size(witness) <= size(before)
        shrunk += size(witness) < size(before)
    assert shrunk >= len(witnesses) // 2


def test_every_smaller_instance_differs_in_one_respect(witnesses) -> None:
    """Catches a minimiser that loops: each proposal is a new instance."""
    instance = witnesses["M9"].instance
    proposals = list(smaller(instance))
    assert instance not in proposals
    assert len({repr(item) for item in proposals}) == len(proposals)


def test_a_stored_witness_repeats_to_the_last_digit(tmp_path, witnesses) -> None:
    """Catches a field that is not stored, or a seed that is not used."""
    path = witnesses["M6"].save(tmp_path / "deep" / "M6.json")
    again = load(path)
    assert again == witnesses["M6"]
    verdict = again.verify()
    assert verdict.witness["measured"] == again.row["measured"]
    assert verdict.witness["bound"] == again.row["bound"]


@pytest.mark.parametrize("name", ONE_OF_A_KIND)
def test_the_script_needs_numpy_alone_and_at_most_30_lines(tmp_path, witnesses, name: str) -> None:
    """Catches a script that repeats the package's mistake: it is written from the definitions."""
    witness = witnesses[name]
    text = script_of(witness)
    assert text.count("\n") <= 30
    path = tmp_path / "script.py"
    path.write_text(text)
    names = {
        name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [item.name for item in node.names]
        )
    }
    assert names <= {"numpy", "itertools"}
    # -I: no environment, no working directory, so the package itself is out of reach by accident
    done = subprocess.run(
        [sys.executable, "-I", str(path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    measured = float(done.stdout.split()[1].rstrip(","))
    assert measured == pytest.approx(witness.row["measured"], rel=1e-6, abs=1e-9) or (
        find(name).claim.observable == "support_error_rate" and measured == 1
    )


def test_replay_prints_claim_instance_and_both_sides(tmp_path, witnesses) -> None:
    """Exit code 0: the claim is registered as false and is refuted."""
    path = witnesses["M9"].save(tmp_path / "M9.json")
    done = CliRunner().invoke(main, ["replay", str(path)])
    assert done.exit_code == 0, done.output
    for word in ("M9", "statement", "instance", "stored", "measured", "claimed", "REFUTED"):
        assert word in done.output
    data = json.loads(CliRunner().invoke(main, ["replay", str(path), "--json"]).output)
    assert data["verdict"]["status"] == "REFUTED"


def test_replay_of_a_claim_that_holds_is_no_refutation(tmp_path, witnesses) -> None:
    """Exit code 0 for a true claim that holds, 1 for a false one that is not refuted."""
    instance = witnesses["M6"].instance
    true = Witness("gamma1.contraction", instance).save(tmp_path / "true.json")
    assert CliRunner().invoke(main, ["replay", str(true)]).exit_code == 0
    harmless = Witness("gamma1.ball/double-bound", instance).save(tmp_path / "weak.json")
    assert CliRunner().invoke(main, ["replay", str(harmless)]).exit_code == 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda data: data | {"format": "other"}, UnreadableFile),
        (lambda data: data | {"claim": "gamma1.contractoin"}, UnknownName),
        (lambda data: data | {"claim": 3}, InvalidInput),
        (lambda data: data | {"model": data["model"] | {"groups": 0}}, InvalidInput),
        (lambda data: data | {"setting": data["setting"] | {"stepz": 3}}, UnknownName),
        (lambda data: data | {"setting": {}}, InvalidInput),
    ],
)
def test_a_broken_witness_is_named(tmp_path, witnesses, change, error) -> None:
    """Catches a stored file that reaches the run unchecked."""
    path = witnesses["M6"].save(tmp_path / "w.json")
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(error):
        load(path)


def test_a_missing_or_binary_witness_is_named(tmp_path) -> None:
    """Exit code 2 and one line, no traceback."""
    done = CliRunner().invoke(main, ["replay", str(tmp_path / "none.json")])
    assert done.exit_code == 2
    (tmp_path / "bin.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnreadableFile):
        load(tmp_path / "bin.json")


def test_a_script_does_not_spell_out_a_large_dictionary(witnesses, tmp_path) -> None:
    """Catches a stored witness that makes `gsae replay --script` write gigabytes of numbers."""
    path = tmp_path / "large.json"
    witnesses["M9"].save(path)
    data = json.loads(path.read_text(encoding="utf-8"))
    data["model"] |= {"dim": 4000, "groups": 4000, "block": 1, "dictionary": "orthogonal", "coherence": None}
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(TooLarge, match="16000000 numbers"):
        script_of(load(path))
    result = CliRunner().invoke(main, ["replay", str(path), "--script"])
    assert result.exit_code == 2
    assert "gsae replay FILE has no limit" in result.output


def test_a_claim_without_a_script_says_which_have_one(runner: Runner) -> None:
    """The message names the way out."""
    witness = Witness("M22", runner.instance("near-scale"), {"measured": 1.0, "bound": 0.5, "relation": "<="})
    with pytest.raises(InvalidInput, match="gsae replay FILE"):
        script_of(witness)
