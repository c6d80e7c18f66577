"""What the commands print for people: tables on stdout, progress on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

LOG_EVERY = 5.0  # seconds between lines where stderr is not a terminal

COLOURS = {
    "HOLDS": "green",
    "REFUTED": "red",
    "OUT_OF_SCOPE": "yellow",
    "UNDECIDED": "cyan",
    "NOT_CERTIFIED": "magenta",
}


@contextmanager
def watched(total: int | None) -> Iterator[Callable[[str], None]]:
    """Show progress on stderr, as lines where that is no terminal; the yielded function announces work."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(console, total)
        return
    columns = [
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    ]
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=total)
        begun = False

        def step(text: str) -> None:
            nonlocal begun
            progress.update(task, description=text, advance=1 if begun else 0)
            begun = True

        yield step


def _lines(console: Console, total: int | None) -> Callable[[str], None]:
    """Return a step function for logs: a line now and then instead of a moving bar."""
    done, began, last = 0, time.monotonic(), time.monotonic()

    def step(text: str) -> None:
        nonlocal done, last
        done += 1
        now = time.monotonic()
        if now - last >= LOG_EVERY:
            last = now
            of = "" if total is None else f" of {total}"
            console.print(f"[{now - began:4.0f} s] {done}{of}: {text}", highlight=False, markup=False)

    return step


def number(value: object, digits: int = 6) -> str:
    """Return a number as short text."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def console() -> Console:
    """Return a console on stdout; wide enough for the tables where the width is not a terminal's."""
    found = Console()
    return found if found.is_terminal else Console(width=150)


def print_verdicts(verdicts: list[Any]) -> None:
    """Print the table of verdicts, and the replay command of every one that is not as expected."""
    out = console()
    table = Table(title="Verdicts", caption="slack = bound / measured (== : difference); 1 means attained")
    cases = any(v.extra.get("case", "instance") != "instance" for v in verdicts)
    for name in (
        *(["case"] if cases else []),
        "claim",
        "status",
        "measured",
        "bound",
        "slack",
        "rows",
        "evidence",
    ):
        right = name in ("measured", "bound", "slack", "rows")
        table.add_column(
            name, justify="right" if right else "left", no_wrap=name in ("case", "claim", "status")
        )
    for v in verdicts:
        name = v.status.name + ("*" if v.expected_false else "")
        relation = str(v.witness.get("relation", ""))
        values = (number(v.measured), f"{relation} {number(v.bound)}", number(v.slack, 4))
        first = [str(v.extra.get("case", ""))] if cases else []
        status = f"[{COLOURS[v.status.name]}]{name}[/]"
        table.add_row(*first, v.theorem, status, *values, str(v.comparisons), v.evidence)
    out.print(table)
    if any(v.expected_false for v in verdicts):
        out.print("* registered as false: REFUTED is what it should be")
    for v in verdicts:
        if not v.as_expected or v.expected_false:
            out.print(f"[bold]{v.theorem}[/]: {escape(v.reason)}", highlight=False, soft_wrap=True)
            out.print(f"  replay: {escape(v.replay)}", highlight=False, soft_wrap=True)
    held = sum(v.as_expected for v in verdicts)
    out.print(f"{held} of {len(verdicts)} verdicts are as expected")


def print_bounds(result: dict[str, Any]) -> None:
    """Print the bounds of an instance: scalars, Hessian, hypotheses."""
    out = console()
    table = Table(title="Bounds of the instance", show_header=True)
    table.add_column("quantity")
    table.add_column("value", justify="right")
    for name, value in result.items():
        if not isinstance(value, (list, tuple, dict)):
            table.add_row(name, number(value))
        elif name == "lambda_window" and value:
            table.add_row(name, f"[{number(value[0])}, {number(value[1])})")
    out.print(table)
    hessian = Table(title="Hessian of the loss / p at s* A")
    for name in ("direction", "eigenvalue", "multiplicity"):
        hessian.add_column(name, justify="left" if name == "direction" else "right")
    for row in result["hessian"]:
        hessian.add_row(row["direction"], number(row["eigenvalue"]), str(row["multiplicity"]))
    out.print(hessian)
    table = Table(title="Hypotheses", caption="margin >= 0: the hypothesis holds; unit-free")
    for name in ("hypothesis", "holds", "margin", "statement"):
        table.add_column(name)
    for row in result["assumptions"]:
        colour = "green" if row["holds"] else "red"
        table.add_row(
            row["id"], f"[{colour}]{number(row['holds'])}[/]", number(row["margin"], 4), row["statement"]
        )
    out.print(table)


def print_theorems(found: list[Any]) -> None:
    """Print id, title and source of claims."""
    table = Table(title="Registered claims")
    for name in ("id", "claim", "stated in"):
        table.add_column(name)
    for theorem in found:
        mark = (
            " [red](false on purpose)[/]" if theorem.false else " (prediction)" if theorem.asymptotic else ""
        )
        table.add_row(theorem.id, theorem.title + mark, theorem.source)
    console().print(table)


def print_report(page: Any, record: Any) -> None:
    """Say where the page is and how the verdicts came out."""
    out = console()
    counts: dict[str, int] = {}
    for verdict in record.verdicts:
        counts[verdict["status"]] = counts.get(verdict["status"], 0) + 1
    out.print("verdicts: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    out.print(f"report: {page}", soft_wrap=True)
