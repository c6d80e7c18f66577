"""What every command shares: JSON output, help settings, exit codes, and commands loaded on demand."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from gsae_theory.cli_usage import typed
from gsae_theory.errors import GsaeError, InvalidInput, UnknownName, shown
from gsae_theory.output import admit_file, admit_folder
from gsae_theory.plain import plain

EXIT_CODES = """\b
Exit codes: 0 every claim HOLDS and every claim registered as false is REFUTED
            1 a claim is REFUTED, or one registered as false is not
            2 bad input
            3 undecided, out of scope or not certified
            130 interrupted (Ctrl-C)"""

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 110}

# name: ("module:attribute", short help). Loaded when the command runs, so that --help stays fast.
LAZY: dict[str, tuple[str, str]] = {
    "bench": ("gsae_theory.commands.bench:bench", "Time the gradient step against other frameworks."),
    "completion": (
        "gsae_theory.commands.completion:completion",
        "Print the shell's script that completes commands and options.",
    ),
    "cluster": ("gsae_theory.commands.cluster:cluster", "Cluster real data by active groups."),
    "compare": ("gsae_theory.commands.compare:compare", "Group-sparse ReLU against elementwise networks."),
    "diff": ("gsae_theory.commands.diff:diff", "Compare two records: what flipped, what moved."),
    "explore": ("gsae_theory.commands.explore:explore", "Violate assumptions by degrees: where it breaks."),
    "figures": ("gsae_theory.commands.figures:figures", "Draw a report's figures for a paper, by width."),
    "mutants": (
        "gsae_theory.commands.mutants:mutants",
        "Run wrong versions of the theorems: each must be refuted.",
    ),
    "prove": ("gsae_theory.commands.prove:prove", "Derive the theorems again from their steps, exactly."),
    "schema": ("gsae_theory.commands.tables:schema", "Print the JSON schema of what is read or written."),
    "tables": ("gsae_theory.commands.tables:tables", "Write a report's tables as CSV, LaTeX and JSON."),
    "theorem": (
        "gsae_theory.commands.theorem:theorem",
        "Write one claim out: words, LaTeX, HTML, values at an instance.",
    ),
    "replay": ("gsae_theory.commands.replay:replay", "Repeat a stored refutation, or print it as a script."),
}


_EMITTED = "gsae_theory.emitted"
INTERRUPTED = "gsae: interrupted; files are whole or as they were before, stored results are kept"


class NotEnoughMemory(GsaeError):
    """The machine has not enough memory for what was asked."""


def _refuse(ctx: click.Context, problem: GsaeError, as_json: bool) -> None:
    """Say in one line what is wrong, with --json also as an object on stdout, and leave with 2."""
    click.echo(f"gsae: {problem}", err=True)
    if as_json and not ctx.meta.get(_EMITTED):  # one object on stdout, never two
        about: dict[str, object] = {"type": type(problem).__name__, "message": str(problem)}
        if isinstance(problem, InvalidInput):
            parts = {"name": problem.name, "given": problem.given, "nearest": problem.nearest}
            about |= {key: value if _is_plain(value) else shown(value) for key, value in parts.items()}
            about["admissible"] = problem.admissible
        emit({"error": about})
    ctx.exit(2)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


class Reporting(click.Group):
    """A group that loads commands on demand and turns typed errors into one line and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        # Products here are small: threads of the BLAS would wait for each other. The environment decides.
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, "1")
        as_json = "--json" in [*getattr(ctx, "_protected_args", ()), *ctx.args]
        try:
            return super().invoke(ctx)
        except GsaeError as problem:
            _refuse(ctx, problem, as_json)
        except click.UsageError as problem:
            _refuse(ctx, typed(problem, f"gsae {ctx.invoked_subcommand or ''}".strip()), as_json)
        except MemoryError:
            text = "this needs more memory than there is: give smaller sizes, fewer samples or a lower level"
            _refuse(ctx, NotEnoughMemory(text), as_json)
        except KeyboardInterrupt:
            click.echo(f"\n{INTERRUPTED}", err=True)
            ctx.exit(130)
        except BrokenPipeError:
            # The reader went away (`gsae verify | head`); nothing is wrong with the result.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what stands before the command."""
        words = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as problem:
            if words and not ctx.resilient_parsing:  # without a word click prints the help
                _refuse(ctx, typed(problem, "gsae"), "--json" in words)
            raise

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command named by the first word."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as problem:
            raise UnknownName("command", args[0], self.list_commands(ctx)) from problem

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command, in the order in which they were added."""
        return [*self.commands, *LAZY]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now if it is a lazy one."""
        if cmd_name not in LAZY:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = LAZY[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their short help, without importing the lazy ones."""
        rows = [
            (name, LAZY[name][1] if name in LAZY else self.commands[name].get_short_help_str(80))
            for name in self.list_commands(ctx)
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class OutputFile(click.Path):
    """A file that the command will write: tried while the command line is read, before any work."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path.

        Raises
        ------
        UnwritableOutput
            If it cannot be written.
        """
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        return path if ctx is not None and ctx.resilient_parsing else self.admit(path)

    @staticmethod
    def admit(path: Path) -> Path:
        """Return the path if it can be written."""
        return admit_file(path)


class OutputFolder(OutputFile):
    """A folder that the command will write into; see `OutputFile`."""

    @staticmethod
    def admit(path: Path) -> Path:
        """Return the path if it can be written into."""
        return admit_folder(path)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --json to a command."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON object on stdout, nothing else."
    )(command)


def emit(data: object) -> None:
    """Print `data` as strict JSON: numbers that are not finite become null."""
    text = json.dumps(plain(data), indent=2, allow_nan=False)
    if (ctx := click.get_current_context(silent=True)) is not None:
        ctx.meta[_EMITTED] = True
    click.echo(text)
