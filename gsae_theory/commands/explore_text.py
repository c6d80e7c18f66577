"""What `gsae explore` shows: progress on stderr, tables on stdout."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from gsae_theory.cli_text import console, number
from gsae_theory.sweep import State

COLOURS = {
    "necessary": "red",
    "graceful": "yellow",
    "slack": "green",
    "refuted": "bold red",
    "undecided": "cyan",
}


EVERY = 15.0
"""Seconds between lines of progress where stderr is no terminal."""


@contextmanager
def watching() -> Iterator[Callable[[State], None]]:
    """Show rate, remaining time and failed trials of a sweep on stderr: a bar, or lines in a log."""
    screen = Console(stderr=True)
    if not screen.is_terminal:
        yield _lines(screen)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task("planning", total=None)

        def watch(state: State) -> None:
            progress.update(
                task, description=_progress(state), completed=state.done, total=max(state.planned, 1)
            )

        yield watch


def _lines(screen: Console) -> Callable[[State], None]:
    last = -EVERY

    def watch(state: State) -> None:
        nonlocal last
        if state.seconds - last >= EVERY:
            last = state.seconds
            screen.print(f"{state.done}/{state.planned} trials, {_progress(state)}", highlight=False)

    return watch


def _progress(state: State) -> str:
    left = "" if state.remaining is None else f", {state.remaining:.0f} s left in it"
    failed = f", {state.failed} failed" if state.failed else ""
    return f"round {state.round + 1}: {state.rate:.1f} trials/s{left}{failed}"


def print_listing(found: list[dict[str, Any]]) -> None:
    """Print what there is to turn."""
    table = Table(title="Assumptions that can be turned")
    for name in ("id", "what is turned", "natural value", "hypothesis", "theorem"):
        table.add_column(name, no_wrap=name == "id")
    for item in found:
        table.add_row(item["id"], item["title"], item["value"], ", ".join(item["breaks"]), item["theorem"])
    console().print(table)


def print_record(record: dict[str, Any]) -> None:
    """Print the summary table, maps and studies."""
    out = console()
    if record.get("assumptions"):
        out.print(summary_table(record["assumptions"]))
        for row in record["predictions"]:
            mark = "[green]inside[/]" if row["inside"] else "[red]outside[/]"
            low, high = (number(x, 7) for x in row["interval"])
            out.print(
                f"{row['id']}: predicted {number(row['predicted'], 7)}, measured [{low}, {high}]: {mark}"
            )
        if len(record["assumptions"]) == 1:
            out.print(curve_table(record["assumptions"][0]))
    for pair in record.get("pairs", ()):
        if pair is not None:
            print_pair(pair)
    if record.get("basin"):
        out.print(basin_table(record["basin"]))
    if record.get("conjectures"):
        out.print(conjecture_table(record["conjectures"]))
    for name, sweep in record["sweeps"].items():
        out.print(
            f"{name}: {sweep['cells']} trials, {sweep['failed']} raised, {sweep['cpu_seconds']} s of CPU, "
            f"{sweep['ending']}"
        )
        for item in sweep["failures"][:3]:
            out.print(escape(item["error"]), style="red")


def basin_table(rows: list[dict[str, Any]]) -> Table:
    """Return the basin of attraction beside the radii of the theory."""
    table = Table(
        title="Basin of attraction: how far starts may be",
        caption="in units of delta_max, the largest radius of (H2)-(H3'); breaks at: where most starts miss the limit",
    )
    for name in ("d", "lambda", "mu", "start", "delta_max", "(S) allows", "first miss", "breaks at", "how"):
        table.add_column(name, justify="left" if name in ("start", "how") else "right")
    for row in rows:
        low, high = row["interval"]
        ends = (
            f"not up to {number(row['range'], 3)}"
            if high is None
            else f"[{number(low, 3)}, {number(high, 3)}]"
        )
        table.add_row(
            str(row["d"]), number(row["lam"], 3), number(row["mu"], 3), row["start"], number(row["delta_max"], 3),
            number(row["delta_support"] / row["delta_max"], 3), number(row["first_failure"], 3), ends,
            next(iter(row["failures"]), ""),
        )  # fmt: skip
    return table


def conjecture_table(rows: list[dict[str, Any]]) -> Table:
    """Return the best value found against each conjecture."""
    table = Table(
        title="Conjectures attacked", caption="best: the value closest to a refutation, or beyond it"
    )
    for name in ("conjecture", "d", "what is bounded", "claim", "best", "at", "searches", "refuted"):
        table.add_column(name, justify="right" if name in ("d", "best", "searches") else "left")
    for row in rows:
        where = ", ".join(f"{k} {v:.3g}" for k, v in row["where"].items())
        table.add_row(
            row["conjecture"], str(row["d"]), row["meaning"], f"{row['relation']} {row['claim']:g}",
            number(row["best"], 6), where, str(row["searches"]), number(row["refuted"]),
        )  # fmt: skip
    return table


def summary_table(found: list[dict[str, Any]]) -> Table:
    """Return the table 'assumption violated -> conclusion broken'."""
    table = Table(
        title="Assumption violated -> conclusion broken",
        caption="Natural values. breaks at: 95 % interval of where most trials fail. sharp: where theory says it must.",
    )
    for name in (
        "assumption",
        "value",
        "verdict",
        "theorem",
        "sharp",
        "conclusion",
        "breaks at",
        "how",
        "broken",
    ):
        right = name in ("theorem", "sharp", "breaks at")
        table.add_column(
            name, justify="right" if right else "left", no_wrap=name in ("assumption", "verdict")
        )
    for item in found:
        natural = item["natural"]
        table.add_row(
            item["id"],
            item["value"],
            f"[{COLOURS[item['verdict']]}]{item['verdict']}[/]",
            number(natural["theory"], 4),
            "" if natural["sharp"] is None else number(natural["sharp"], 4),
            item["conclusion"],
            interval_text(item),
            how_text(item),
            ", ".join(item["broken"]) or "nothing",
        )
    return table


def interval_text(item: dict[str, Any]) -> str:
    """Return the interval of the breaking point in natural values."""
    low, high = item["natural"]["interval"]
    if low is None:
        return "undecided"
    if high is None:
        return f"not up to {number(item['natural']['range'], 4)}"
    return "[{}, {}]".format(*(number(end, 5) for end in sorted((low, high))))


def how_text(item: dict[str, Any]) -> str:
    """Return how the conclusion degrades: exponent of the distance, commonest failure, speed."""
    parts = []
    if item["law"] is not None and item["verdict"] == "graceful":
        low, high = item["law"]["exponent_interval"]
        parts.append(f"distance ~ t^{item['law']['exponent']:.2f} [{low:.2f}, {high:.2f}]")
    if item["failures"]:
        parts.append(next(iter(item["failures"])))
    return ", ".join(parts)


def curve_table(item: dict[str, Any]) -> Table:
    """Return the curve of one dial."""
    table = Table(
        title=f"{item['id']}: {item['title']}", caption="held: trials in which the conclusion holds"
    )
    columns = ("t", item["value"], "trials", *item["conclusions"], "distance", "kinds")
    for name in columns:
        table.add_column(name, justify="left" if name == "kinds" else "right")
    for point in item["curve"]:
        held = [
            f"{point['conclusions'][name]['held']}" if name in point["conclusions"] else ""
            for name in item["conclusions"]
        ]
        distance = "" if point["distance"] is None else number(point["distance"][1], 3)
        kinds = ", ".join(f"{kind} {count}" for kind, count in point["kinds"].items())
        table.add_row(
            number(point["t"], 4), number(point["natural"], 4), str(point["trials"]), *held, distance, kinds
        )
    return table


def print_pair(pair: dict[str, Any]) -> None:
    """Print a map of two dials: share of the trials that hold, brackets where the theory admits it."""
    out = console()
    first, second = pair["dials"]
    name = pair["conclusions"][0]
    cells = {tuple(cell["t"]): cell for cell in pair["cells"]}
    table = Table(
        title=f"share of trials in which '{name}' holds",
        caption=f"down: {first['id']} ({first['value']}); across: {second['id']} ({second['value']}); "
        "brackets: every hypothesis holds",
    )
    table.add_column("")
    for value in second["natural"]:
        table.add_column(number(value, 3), justify="right")
    for a, value in zip(first["grid"], first["natural"], strict=True):
        row = []
        for b in second["grid"]:
            cell = cells[(a, b)]
            held = cell["conclusions"].get(name)
            share = "-" if held is None else f"{held['held'] / held['trials']:.2f}"
            row.append(escape(f"[{share}]") if cell["admitted"] else share)
        table.add_row(number(value, 3), *row)
    out.print(table)
