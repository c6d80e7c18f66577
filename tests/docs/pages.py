"""The code blocks of a page, and how each is run. Also a program: `python pages.py PAGE...` prints a JSON report.

=============================  ==================================================================================
fence                          what happens
=============================  ==================================================================================
``python``                     run; blocks of a page share their names. A ``text title="output"`` block right after
                               it is what it prints
``python title="FILE"``        written to FILE, for the commands that follow; so are ``toml`` and ``text`` with a title
``pycon``                      run as a doctest, with the same names
``console``                    lines that start with ``$`` are run, what follows is the output (``...`` leaves out);
                               ``# exit N`` at the end of a command is its exit code [0]
``sh``                         commands without output, run one by one; those that `long.toml` lists, with the reason,
                               are only read by the command's own parser
=============================  ==================================================================================
"""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import os
import re
import runpy
import shlex
import subprocess
import sys
import tempfile
import tomllib
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(
    r"^(?P<ticks>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=ticks)[ ]*$", re.DOTALL | re.MULTILINE
)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
WIDTH = "100"
LONG: dict[str, str] = tomllib.loads((Path(__file__).parent / "long.toml").read_text(encoding="utf-8"))
PLUGIN = "gsae_theory.pytest_plugin"


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    language: str
    title: str | None
    body: str
    line: int


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page."""
    found = []
    for item in FENCE.finditer(text):
        info = item["info"].strip()
        title = re.search(r'title="([^"]+)"', info)
        language = info.split()[0] if info else ""
        found.append(Block(language, title and title[1], item["body"], text.count("\n", 0, item.start()) + 1))
    return found


def commands(body: str) -> list[str]:
    """Return the commands of an ``sh`` block: without comments, a trailing backslash joined."""
    lines = body.replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for raw in lines if (line := re.sub(r"\s+#.*$", "", raw).strip())]


class Mismatch(AssertionError):
    """A block did not do what the page says."""


class Page:
    """Runs the blocks of one page in order, in the current folder."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "page"}
        self.printed = ""
        self.ran = 0

    def run(self, block: Block) -> None:
        """Run one block."""
        if block.title == "output":
            compare(block.body, self.printed)
        elif block.title is not None:
            Path(block.title).write_text(block.body, encoding="utf-8")
        else:
            kinds: dict[str, Callable[[str], None]] = {
                "python": self.python, "pycon": self.session, "console": self.console,
                "toml": lambda body: void(tomllib.loads(body)), "sh": shell, "text": lambda _: None,
                "bibtex": bibliography,
            }  # fmt: skip
            if block.language not in kinds:
                raise Mismatch(f"a block is in {block.language!r}; the runner knows {', '.join(kinds)}")
            kinds[block.language](block.body)
        self.ran += block.title is None and block.language in {"python", "pycon", "console", "sh"}

    def python(self, body: str) -> None:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(body, "block", "exec"), self.names)  # noqa: S102 - the project's own page
        self.printed = out.getvalue()

    def session(self, body: str) -> None:
        test = doctest.DocTestParser().get_doctest(body, self.names, "block", None, 0)
        test.globs = self.names
        out: list[str] = []
        if doctest.DocTestRunner(optionflags=FLAGS).run(test, out=out.append, clear_globs=False).failed:
            raise Mismatch("".join(out))

    def console(self, body: str) -> None:
        for part in re.split(r"^\$ ", body.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
            line, _, wanted = part.partition("\n")
            line, _, code = line.partition("# exit ")
            status, printed = execute(shlex.split(line, comments=True))
            if status != int(code or 0):
                raise Mismatch(f"$ {line}\nended with {status}, not {int(code or 0)}:\n{printed}")
            if wanted.strip():
                compare(wanted, printed, line)


def void(_: object) -> None:
    """Take a value that only had to exist."""


def bibliography(body: str) -> None:
    """Check that a BibTeX entry closes its braces and has what a citation needs."""
    if body.count("{") != body.count("}") or not re.search(
        r"author\s*=.*title\s*=.*year\s*=", body, re.DOTALL
    ):
        raise Mismatch("a BibTeX entry needs author, title, year and balanced braces")


def compare(wanted: str, printed: str, what: str = "") -> None:
    """Compare output; ``...`` stands for anything, white space does not count."""
    if not doctest.OutputChecker().check_output(wanted.strip() + "\n", printed.strip() + "\n", FLAGS):
        raise Mismatch(f"{what}\nexpected:\n{wanted}\nprinted:\n{printed}")


def execute(words: list[str]) -> tuple[int, str]:
    """Run a command of a ``console`` block; `gsae` and `python FILE` in this process."""
    if words[0] == "gsae":
        from click.testing import CliRunner

        from gsae_theory.cli import main

        done = CliRunner().invoke(main, words[1:], prog_name="gsae")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout + done.stderr
    if words[0] == "python" and words[1].endswith(".py"):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            runpy.run_path(words[1], run_name="__main__")
        return 0, out.getvalue()
    if words[0] == "cat":
        return 0, Path(words[1]).read_text(encoding="utf-8")
    if words[0] not in {"pytest", "python"}:
        raise Mismatch(f"the runner does not know {words[0]!r}")
    if words[0] == "pytest":
        return run_pytest(words[1:])
    done = subprocess.run([sys.executable, *words[1:]], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def run_pytest(options: list[str]) -> tuple[int, str]:
    """Run pytest in this process, which has imported what it needs."""
    import pytest

    loaded = any(entry.value == PLUGIN for entry in entry_points(group="pytest11"))
    plugin = [] if loaded else ["-p", PLUGIN]  # a checkout that is not installed
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        status = pytest.main(["-p", "no:cacheprovider", *plugin, *options])
    return int(status), out.getvalue()


def only_parsed(command: str) -> bool:
    """Return whether `long.toml` says that a command is not run."""
    return any(re.fullmatch(pattern, command) for pattern in LONG)


def shell(body: str) -> None:
    """Run the commands of an ``sh`` block: none may be bad input (2) or break."""
    for line in commands(body):
        if only_parsed(line):
            with contextlib.chdir(ROOT):  # where the paths on the page exist
                parsed(line)
            continue
        status, printed = execute(shlex.split(line))
        if status not in (0, 1, 3):
            raise Mismatch(f"{line}\nended with {status}:\n{printed}")


def parsed(line: str) -> None:
    """Read a `gsae` command by its own parser; an option that does not exist raises."""
    import click

    from gsae_theory.cli import main

    words = shlex.split(line.partition(" > ")[0])
    if words[0] != "gsae":
        return
    context = click.Context(main, info_name="gsae")
    command = main.get_command(context, words[1])
    if command is None:
        raise Mismatch(f"there is no command {words[1]!r}")
    try:
        command.make_context(words[1], words[2:], parent=context)
    except click.exceptions.Exit:
        pass
    except click.ClickException as problem:
        raise Mismatch(f"{line}: {problem.format_message()}") from None


def run_page(path: Path) -> dict[str, Any]:
    """Run a page in a folder of its own and say what happened."""
    page, began, where = Page(), sum(os.times()[:4]), ""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        sys.path.insert(0, folder)
        try:
            for block in blocks(path.read_text(encoding="utf-8")):
                where = f"{path.name}, line {block.line}"
                page.run(block)
        except BaseException:
            return {"problem": f"{where}\n{traceback.format_exc(limit=-6)}", "ran": page.ran}
        finally:
            os.chdir(ROOT)
    return {"problem": None, "ran": page.ran, "seconds": round(sum(os.times()[:4]) - began, 2)}


def in_a_process_of_its_own(path: Path) -> dict[str, Any]:
    """Run a page in a fork: what it registers is gone afterwards, what is imported need not be imported again."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with os.fdopen(write, "w") as stream:
                json.dump(run_page(path), stream)
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {"problem": "the process ended without a word", "ran": 0}


def main() -> int:
    """Run the pages named on the command line."""
    os.environ.update(COLUMNS=WIDTH, TERM="dumb", MPLBACKEND="Agg", PYTHONWARNINGS="error")
    import click.testing  # noqa: F401
    import matplotlib.pyplot  # noqa: F401

    import gsae_theory.check
    import gsae_theory.cli_text
    import gsae_theory.reporting
    import gsae_theory.verification  # noqa: F401

    report = {name: in_a_process_of_its_own((ROOT / name).resolve()) for name in sys.argv[1:]}
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
