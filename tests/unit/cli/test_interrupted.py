"""Ctrl-C, full disks, read-only folders, odd names: nothing half-written, one line, the stated exit code.

Catches: tracebacks after Ctrl-C, part of a file left under its final or a temporary name, a store that cannot
be taken up again, errors without JSON under --json, markup of a name that reaches the page.
"""

from __future__ import annotations

import errno
import json
import os
import pickle
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from gsae_theory.cli import main
from gsae_theory.errors import InvalidInput, TooLarge, UnknownName, UnwritableOutput
from gsae_theory.report import write_atomic
from gsae_theory.report.schema import ReportRecord
from gsae_theory.sweep import Cell, InProcess, Store, Sweep, one_round, run

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
from interrupted import COMMANDS, interrupted, left_behind, series

SIZES = ["--dim", "12", "--groups", "4", "--block", "2", "--lam", "0.2"]
SPEC = (
    'title = "<script>alert(1)</script> é"\n[[case]]\nid = "../<img src=x onerror=alert(2)> ü"\n'
    'theorems = ["gamma1.contraction"]\n'
    '[case.model]\ndim = 12\ngroups = 4\nblock = 2\ndictionary = "orthogonal"\n[case.train]\nlam = 0.2\nsteps = 5\n'
)
DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
QUICK = ("verify", "explore")


def gsae(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
@pytest.mark.parametrize("name", COMMANDS if DEEP else QUICK)
def test_ctrl_c_leaves_one_line_and_whole_files(name: str, tmp_path: Path) -> None:
    """`make interrupted` does the same at more moments, for all commands, with a record."""
    if DEEP:
        found = series(name, 10, tmp_path)
        assert found["faults"] == []
        assert found["before_the_end"] > 0
        return
    moment = 0.5 + random.Random(f"sigint {name}").uniform(0, 4)
    ending = interrupted(name, moment, tmp_path)
    assert ending.faults == (), ending.messages


def test_what_is_left_behind_is_seen(tmp_path: Path) -> None:
    """The check itself: a temporary file, JSON and a page that are cut off, and nothing wrong with whole ones."""
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "index.html").write_text("<html></html>\n")
    assert left_behind(tmp_path) == []
    (tmp_path / "a.json").write_text('{"x": ')
    (tmp_path / "index.html").write_text("<html>")
    (tmp_path / ".gsae-12").touch()
    assert len(left_behind(tmp_path)) == 3


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the steps of an atomic write fails in turn: the old content stays, and nothing else."""
    path = tmp_path / "über alles.json"
    write_atomic(path, b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for step in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, step, full)
            with pytest.raises(UnwritableOutput, match="No space left"):
                write_atomic(path, b"new")
        assert path.read_bytes() == b"old"
        assert list(tmp_path.iterdir()) == [path]


LIMITED = """
import resource, signal, sys
from pathlib import Path
from gsae_theory.report import write_atomic
from gsae_theory.errors import GsaeError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_atomic(Path(sys.argv[1]), b"x" * 100_000)
except GsaeError as problem:
    print(problem)
"""


def test_a_file_that_the_system_cuts_off_is_not_kept(tmp_path: Path) -> None:
    """The kernel refuses the write in the middle (limit on the size of files), as a full disk does."""
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    )  # fmt: skip
    assert "cannot write" in done.stdout
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def _square(parameters: dict[str, int], seed: int) -> dict[str, object]:
    return {"y": parameters["x"] ** 2, "text": "z" * 2000}


def test_a_store_on_a_full_disk_keeps_what_it_has_and_goes_on(tmp_path: Path) -> None:
    """SQLite's own limit on pages stands for the disk: a typed error, then the rest after room is made."""
    sweep = Sweep("full", _square, one_round([Cell({"x": x}) for x in range(40)]), {}, "1", seed=0)
    with Store(tmp_path, sweep) as store:
        store.db.execute(f"PRAGMA max_page_count = {store.db.execute('PRAGMA page_count').fetchone()[0] + 4}")
        with pytest.raises(UnwritableOutput, match="full"):
            run(sweep, store, InProcess())
        kept = store.counts()["done"]
        assert 0 < kept < 40
    with Store(tmp_path, sweep) as store:
        assert store.counts()["done"] == kept
        state = run(sweep, store, InProcess())
        assert (state.done, state.computed) == (40, 40 - kept)


def test_names_with_spaces_unicode_and_markup(tmp_path: Path) -> None:
    """Text of a spec is text on the page, and never the name of a file outside the report's folder."""
    folder = tmp_path / "mein Ordner ✓ <b>"
    folder.mkdir()
    spec = folder / "spéc 1.toml"
    spec.write_text(SPEC)
    result = gsae("report", "--spec", str(spec), "--out", str(folder / "out & more"), "--json")
    assert result.exit_code == 0, result.stderr
    page = Path(json.loads(result.stdout)["page"]).read_text()
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert sorted(item.name for item in folder.iterdir()) == ["out & more", "spéc 1.toml"]


def test_errors_are_json_too(tmp_path: Path) -> None:
    """A program that reads --json gets the parts of the error, one that does not gets a line."""
    for words in (["bounds", *SIZES[:-1], "-0.2"], ["verify", "--theorem", "gamma1.contracton"]):
        plain = gsae(*words)
        both = gsae(*words, "--json")
        assert plain.exit_code == both.exit_code == 2
        assert plain.stdout == ""
        assert plain.stderr == both.stderr
        error = json.loads(both.stdout)["error"]
        assert plain.stderr == f"gsae: {error['message']}\n"
        assert {"type", "name", "given", "admissible", "nearest"} <= set(error)
    missing = gsae("replay", str(tmp_path / "no.json"), "--json")
    assert json.loads(missing.stdout)["error"]["type"] == "UnreadableFile"


def test_errors_survive_their_way_out_of_a_worker() -> None:
    """An error that cannot be unpickled kills the pool that carries it."""
    for error in (
        InvalidInput("lam", -1.0, "a number > 0", 1.0),
        UnknownName("theorem", "gama", ["gamma", "general"]),
        TooLarge("work", 10, "at most 5", 5),
    ):
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        assert type(again) is type(error)
        assert str(again) == str(error)


def test_sizes_that_cannot_fit_are_refused_before_anything_is_allocated() -> None:
    for words in (
        ["--dim", "1000000", "--groups", "1000", "--block", "2"],
        ["--dim", "2", "--groups", "9999999", "--block", "1"],
    ):
        result = gsae("bounds", *words, "--lam", "0.2")
        assert result.exit_code == 2
        assert "fits into memory" in result.stderr


def test_a_dictionary_file_brings_its_sizes(tmp_path: Path) -> None:
    """Sizes left out are those of the file, sizes given must agree with it."""
    A = np.linalg.qr(np.random.default_rng(0).standard_normal((12, 8)))[0]
    tall, flat = tmp_path / "a b.npy", tmp_path / "flat.npy"
    np.save(tall, A.reshape(12, 4, 2))
    np.save(flat, A)
    whole_file = gsae("bounds", "--dictionary", str(tall), "--lam", "0.2", "--json")
    assert whole_file.exit_code == 0, whole_file.stderr
    given = gsae("bounds", "--dictionary", str(tall), *SIZES, "--json")
    assert json.loads(whole_file.stdout) == json.loads(given.stdout)
    assert gsae("bounds", "--dictionary", str(flat), "--block", "2", "--lam", "0.2").exit_code == 0
    assert "block" in gsae("bounds", "--dictionary", str(flat), "--lam", "0.2").stderr
    wrong = gsae("bounds", "--dictionary", str(tall), "--groups", "5", "--lam", "0.2")
    assert wrong.exit_code == 2
    assert "(12, 4, 2)" in wrong.stderr


def test_completion_scripts_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "_GSAE_COMPLETE" in gsae("completion", shell).stdout
    monkeypatch.setenv("COMP_WORDS", "gsae ver")
    monkeypatch.setenv("COMP_CWORD", "1")
    result = CliRunner().invoke(main, [], prog_name="gsae", env={"_GSAE_COMPLETE": "bash_complete"})
    assert "plain,verify" in result.output


def test_records_of_other_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """An older record passes through every upgrade; a newer one names the way out."""
    from gsae_theory.report import collect_provenance, versions

    data = ReportRecord("t", collect_provenance(seed=0, spec="x")).to_dict()
    with pytest.raises(InvalidInput, match="newer gsae_theory"):
        ReportRecord.from_dict({**data, "version": 99})
    for version in (0, -1, "1", None, True, 1.0):
        with pytest.raises(InvalidInput, match="record version"):
            ReportRecord.from_dict({**data, "version": version})
    old = {key: value for key, value in data.items() if key != "title"} | {"headline": "T", "version": 1}
    monkeypatch.setattr(versions, "SCHEMA_VERSION", 3)
    monkeypatch.setitem(versions.UPGRADES, 1, lambda found: {**found, "title": found["headline"]})
    monkeypatch.setitem(versions.UPGRADES, 2, lambda found: {**found, "title": found["title"] + "2"})
    assert ReportRecord.from_dict(old).title == "T2"


@pytest.mark.parametrize(("signalled", "code"), [(True, 130), (False, 1)])
def test_ctrl_c_while_a_compiled_module_loads(signalled: bool, code: int, tmp_path: Path) -> None:
    """Such a module turns it into an ImportError; catches its traceback, and a true ImportError that is hidden."""
    text = (
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'gsae_theory.cli':\n"
        "            try:\n"
        f"                {signalled} and os.kill(os.getpid(), signal.SIGINT)\n"
        "            except KeyboardInterrupt:\n"
        "                pass\n"
        "            raise ImportError('initialization failed')\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from gsae_theory.__main__ import run\n"
        "run()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code
    assert (done.stderr == "gsae: interrupted\n") is signalled
    assert ("Traceback" in done.stderr) is not signalled


@pytest.mark.parametrize(("signalled", "code"), [(True, 130), (False, 0)])
def test_ctrl_c_where_no_exception_can_leave(signalled: bool, code: int, tmp_path: Path) -> None:
    """A callback of the garbage collector swallows what is raised in it; catches a Ctrl-C that is lost there."""
    text = (
        "import gc, os, signal, sys, time, types\n"
        "def callback(phase, info):\n"
        "    gc.callbacks.remove(callback)\n"
        f"    if {signalled}:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    else:\n"
        "        raise ValueError('another error')\n"
        "def main(prog_name):\n"
        "    gc.callbacks.append(callback)\n"
        "    gc.collect()\n"
        f"    {signalled} and time.sleep(20)\n"
        "sys.modules['gsae_theory.cli'] = types.SimpleNamespace(main=main)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from gsae_theory.__main__ import run\n"
        "run()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code
    assert (done.stderr == "gsae: interrupted\n") is signalled
    assert ("another error" in done.stderr) is not signalled
