"""Places that cannot be written: every option that names one refuses it before any work, in one line.

Catches: an option that is found unwritable after the computation, a device or a folder that is replaced by a
file, files that a refusal leaves, results that are lost because their file cannot be written in the end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from gsae_theory.cli import main
from gsae_theory.cli_common import OutputFile, OutputFolder
from gsae_theory.errors import UnwritableOutput
from gsae_theory.output import admit_file, admit_folder, prepare_folder, write_atomic, write_or_elsewhere

ROOT = Path(__file__).resolve().parents[3]
READ = {
    ("gsae", "files"), ("bounds", "certificate"), ("cluster", "labels"), ("diff", "before"), ("diff", "after"),
    ("explore", "spec"), ("figures", "report"), ("tables", "report"), ("replay", "file"),
}  # fmt: skip
"""Paths that are read only."""


def gsae(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def _parameters() -> Iterator[tuple[str, click.Parameter]]:
    ctx = click.Context(main)
    for parameter in main.params:
        yield "gsae", parameter
    for name in main.list_commands(ctx):
        command = main.get_command(ctx, name)
        assert command is not None
        for parameter in command.get_params(click.Context(command)):
            yield name, parameter


WRITERS = {
    f"{name} {parameter.opts[-1]}": parameter.type
    for name, parameter in _parameters()
    if isinstance(parameter.type, OutputFile)
}
PLACES = ("below a file", "nowhere", "a file or a folder", "a device", "read-only", "full")


def test_every_path_is_known_to_be_read_or_tried() -> None:
    """A new option that writes has to be of a type that tries the place."""
    plain = {
        (name, parameter.name)
        for name, parameter in _parameters()
        if isinstance(parameter.type, click.Path) and not isinstance(parameter.type, OutputFile)
    }
    assert plain == READ
    assert len(WRITERS) >= 16
    assert {"report --out", "explore --resume", "compare --out", "mutants --witnesses"} <= set(WRITERS)


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder of the kind that the test asks for, as root and as anyone else."""
    kind, folder = request.param, tmp_path / "place"
    folder.mkdir()
    if kind == "below a file":
        (folder / "file").write_text("x")
        yield folder / "file"
    elif kind in ("nowhere", "a device"):
        yield Path("/proc" if kind == "nowhere" else "/dev")
    elif kind == "a file or a folder":
        yield folder
    elif os.geteuid() != 0 and kind == "read-only":
        folder.chmod(0o500)
        yield folder
        folder.chmod(0o700)
    else:
        what = ["--bind", str(folder)] if kind == "read-only" else ["-t", "tmpfs", "-o", "size=64k", "tmpfs"]
        if subprocess.run(["mount", *what, str(folder)], capture_output=True, check=False).returncode:
            pytest.skip("this user cannot mount a file system")
        try:
            if kind == "read-only":
                subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
            else:
                with suppress(OSError), (folder / "filler").open("wb", buffering=0) as stream:
                    while stream.write(bytes(4096)):
                        pass
            yield folder
        finally:
            subprocess.run(["umount", str(folder)], check=True)


def _target(kind: str, place: Path, type_: OutputFile) -> Path:
    if kind == "a device":
        return place / "null"
    target = place / "new"
    if kind == "a file or a folder":
        target.touch() if isinstance(type_, OutputFolder) else target.mkdir()
    return target


@pytest.mark.parametrize(("kind", "place"), [(kind, kind) for kind in PLACES], ids=PLACES, indirect=["place"])
def test_a_place_that_cannot_be_written_is_refused_at_once(kind: str, place: Path) -> None:
    """One typed line for each option that writes, exit code 2, nothing made, and nothing computed before."""
    for option, type_ in WRITERS.items():
        target = _target(kind, place, type_)
        before = sorted(place.iterdir()) if place.is_dir() and kind not in ("nowhere", "a device") else []
        command, flag = option.split()
        for rest in ([], ["--json"]):
            # Further words that are missing or wrong do not matter: the place is tried while words are read.
            result = gsae(command, flag, str(target), *rest)
            assert result.exit_code == 2, f"{option}: {result.output}"
            assert result.stderr.startswith("gsae: cannot write"), f"{option}: {result.stderr}"
            assert result.stderr.count("\n") == 1, result.stderr
            assert str(target) in result.stderr
            if rest:
                assert json.loads(result.stdout)["error"]["type"] == "UnwritableOutput", option
            else:
                assert result.stdout == ""
        if before:
            assert sorted(place.iterdir()) == before, f"{option} left something"
            if kind == "a file or a folder":
                target.unlink() if target.is_file() else target.rmdir()
    assert Path("/dev/null").is_char_device()


def test_folders_that_the_command_chooses_are_tried_too(tmp_path: Path) -> None:
    """`gsae tables` and `gsae figures` write beside the record unless told otherwise."""
    record = tmp_path / "report.json"
    record.write_bytes((ROOT / "reports/reference/0.1.0/report.json").read_bytes())
    for command, folder in (("tables", "tables"), ("figures", "paper-figures")):
        (tmp_path / folder).write_text("in the way")
        result = gsae(command, str(record))
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"gsae: cannot write into {tmp_path / folder}: it is no folder")


def test_a_report_is_not_begun_where_its_files_cannot_be(tmp_path: Path) -> None:
    """A folder in the place of the page would be met after the last case."""
    (tmp_path / "out" / "index.html").mkdir(parents=True)
    result = gsae("report", "--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert "index.html: it is a folder" in result.stderr


def test_trying_leaves_nothing_and_makes_nothing(tmp_path: Path) -> None:
    """Bad input beside a good place must not leave folders; spaces and unicode are names like others."""
    new = tmp_path / "mein Ordner ✓" / "b"
    admit_folder(new)
    admit_file(tmp_path / "a é.json")
    assert list(tmp_path.iterdir()) == []
    result = gsae("report", "--out", str(new), "--spec", "no-such-spec")
    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == []
    prepare_folder(new)
    assert new.is_dir()
    with pytest.raises(UnwritableOutput, match=r"null (byte|character)"):
        admit_file(tmp_path / "a\0b")
    with pytest.raises(UnwritableOutput, match="File name too long"):
        admit_folder(tmp_path / ("a" * 300))


def test_links_are_followed_and_stay_links(tmp_path: Path) -> None:
    """Replacing a link by a file would leave the file behind it as it was."""
    link, real = tmp_path / "link.json", tmp_path / "real.json"
    link.symlink_to(real)
    write_atomic(admit_file(link), b"one")
    assert link.is_symlink()
    assert real.read_bytes() == b"one"
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    for path in (fifo, Path("/dev/null")):
        with pytest.raises(UnwritableOutput, match="a device or a pipe"):
            write_atomic(path, b"x")


def test_names_as_long_as_the_system_allows_can_be_written(tmp_path: Path) -> None:
    """Catches a temporary name that is longer than the name itself."""
    path = tmp_path / ("a" * 250 + ".json")
    assert write_atomic(path, b"x").read_bytes() == b"x"


def test_what_was_computed_survives_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is gone at the end: the record is among the temporary files and the error says where."""
    import tempfile

    other = tmp_path / "temporary"
    other.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(other))
    with pytest.raises(UnwritableOutput, match=r"; what was computed is in .*temporary") as caught:
        write_or_elsewhere(tmp_path / "gone" / "record.json", b"{}")
    assert Path(str(caught.value).rpartition(" is in ")[2]).read_bytes() == b"{}"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone too"))
    with pytest.raises(UnwritableOutput, match=r"gone/record.json: No such file"):
        write_or_elsewhere(tmp_path / "gone" / "record.json", b"{}")


def test_results_are_printed_although_a_file_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up meanwhile: one JSON object with the results on stdout, the error on stderr, 2."""
    from gsae_theory.falsify.witness import Witness

    def full(*_: object) -> Path:
        raise UnwritableOutput("cannot write it: No space left on device")

    monkeypatch.setattr(Witness, "save", full)
    result = gsae("mutants", "--only", "M9", "--witnesses", str(tmp_path / "out"), "--json")
    assert result.exit_code == 2
    found = json.loads(result.stdout)
    assert found["counts"] == {"REFUTED": 1}
    assert "No space left" in found["stopped"]
    assert result.stderr.endswith("gsae: cannot write it: No space left on device\n")


@pytest.mark.parametrize("words", [["mutants", "--only", "table"], ["verify", "--theorem", "gamma1.*"]])
def test_ctrl_c_prints_what_is_known(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Results that are there when Ctrl-C comes are printed, marked as incomplete, with the exit code for it."""
    from gsae_theory import verification
    from gsae_theory.falsify.run import Runner

    def after(count: int, function):  # type: ignore[no-untyped-def]
        def called(*arguments, **named):  # type: ignore[no-untyped-def]
            nonlocal count
            count -= 1
            if count < 0:
                raise KeyboardInterrupt
            return function(*arguments, **named)

        return called

    monkeypatch.setattr(Runner, "run", after(2, Runner.run))
    monkeypatch.setattr(verification, "build_model", after(1, verification.build_model))
    result = gsae(*words, "--json")
    assert result.exit_code == 130
    found = json.loads(result.stdout)
    assert found["stopped"] == "interrupted"
    assert len(found.get("verdicts") or found["mutants"]) >= 2
    assert "interrupted" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has /dev/full")
@pytest.mark.parametrize("words", [["schema", "spec"], ["--help"], ["theorems", "gamma1.c*"]])
def test_a_full_disk_behind_stdout_is_one_line(words: list[str]) -> None:
    """Catches the traceback of `gsae ... > file` on a full disk, and the second one when Python ends."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "gsae_theory", *words], stdout=full, stderr=subprocess.PIPE, text=True,
            check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "gsae: cannot write the output: No space left on device\n")
