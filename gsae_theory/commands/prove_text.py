"""What `gsae prove` prints for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

COLOURS = {"proved": "green", "quoted": "cyan", "failed": "red", "missing": "yellow"}
SLOWEST = 5


def print_proofs(
    steps: Sequence[Any],
    theorems: Sequence[Any],
    extra: Mapping[str, Sequence[Mapping[str, Any]]],
    base: Sequence[Mapping[str, str]],
    tree: bool,
    show_steps: bool,
) -> None:
    """Print theorems, steps where asked for or broken, times and the trusted base."""
    console = Console()
    table = Table("theorem", "status", "steps below", title="Theorems", title_justify="left")
    for item in theorems:
        good = item.status == "proved"
        status = f"[{'green' if good else 'red'}]{escape(item.status)}[/]"
        table.add_row(item.id, status, str(sum(not name.startswith("Q:") for name in item.rests_on)))
    console.print(table)
    shown = [item for item in steps if show_steps or not item.holds]
    if shown:
        console.print(_steps(shown))
    if tree:
        for item in theorems:
            console.print(_tree(item, {step.id: step for step in steps}))
    if "second_opinions" in extra:
        _print_opinions(console, extra["second_opinions"])
    if "slack" in extra:
        _print_slack(console, extra["slack"])
    used = {item.id for item in steps}
    _print_base(console, [row for row in base if row["kind"] != "lemma" or row["id"] in used])
    counts = {name: sum(item.status == name for item in steps) for name in COLOURS}
    slow = sorted(steps, key=lambda item: -item.seconds)[:SLOWEST]
    console.print(
        f"{len(steps)} steps: "
        + ", ".join(f"[{COLOURS[name]}]{count} {name}[/]" for name, count in counts.items() if count)
        + f"; {sum(item.status == 'proved' for item in theorems)} of {len(theorems)} theorems proved; "
        + f"{sum(item.seconds for item in steps):.1f} s, slowest "
        + ", ".join(f"{item.id} {item.seconds:.1f} s" for item in slow)
    )


def print_step(result: Any, place: Mapping[str, Any]) -> None:
    """Print one step with what it says, where it is, and the inequalities that were confirmed."""
    console = Console()
    colour = COLOURS[result.status]
    console.print(
        f"[bold]{result.id}[/] [{colour}]{result.status}[/] by {result.method}, {result.seconds:.2f} s"
    )
    console.print(escape(str(place["statement"])), escape(f"[{place['source']}]"))
    if result.reason:
        console.print(f"[{colour}]{escape(result.reason)}[/]")
    table = Table(show_header=False, box=None)
    for name in ("ledger", "code", "certificate"):
        table.add_row(name, escape(str(place[name] or "none needed")))
    table.add_row("checkers", ", ".join(place["checkers"]) or "none: puts proved steps together")
    table.add_row("uses", ", ".join(result.uses) or "nothing")
    console.print(table)
    for item in result.inequalities:
        sign = ">" if item.strict else ">="
        region = ", ".join(f"{low} <= {symbol} <= {high}" for symbol, low, high in item.region)
        console.print(
            f"  {escape(item.what)}: {escape(str(item.expr))} {sign} 0 for {escape(region)}", style="dim"
        )


def _steps(steps: Sequence[Any]) -> Table:
    table = Table("step", "method", "status", "s", "uses", title="Steps", title_justify="left")
    for item in steps:
        colour = COLOURS[item.status]
        status = f"[{colour}]{item.status}[/]" + (f": {escape(item.reason)}" if item.reason else "")
        table.add_row(item.id, item.method, status, f"{item.seconds:.2f}", ", ".join(item.uses))
    return table


def _tree(theorem: Any, steps: Mapping[str, Any]) -> Tree:
    """Return the tree below a theorem; what was shown before is named once more, without its branches."""
    good = theorem.status == "proved"
    root = Tree(f"[bold]{theorem.id}[/] [{'green' if good else 'red'}]{escape(theorem.status)}[/]")
    seen: set[str] = set()

    def grow(node: Tree, name: str) -> None:
        item = steps.get(name)
        status, method = ("missing", "") if item is None else (item.status, item.method)
        again = name in seen and item is not None and item.uses
        node_below = node.add(
            f"[{COLOURS[status]}]{escape(name)}[/] [dim]{method}{' ...' if again else ''}[/]"
        )
        if name in seen or item is None:
            return
        seen.add(name)
        for below in item.uses:
            grow(node_below, below)

    for name in theorem.direct:
        grow(root, name)
    return root


def _print_base(console: Console, base: Sequence[Mapping[str, str]]) -> None:
    table = Table("taken for granted", "statement", "reference", title="Trusted base", title_justify="left")
    for row in base:
        table.add_row(row["id"], escape(row["statement"]), escape(row["reference"]))
    console.print(table)


def _print_opinions(console: Console, opinions: Sequence[Mapping[str, Any]]) -> None:
    counts: dict[str, int] = {}
    for row in opinions:
        counts[row["answer"]] = counts.get(row["answer"], 0) + 1
    console.print("Second opinion (z3): " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    for row in opinions:
        if row["answer"] == "disagrees":
            console.print(f"[red]{row['step']}, {escape(row['what'])}: z3 finds {row['point']}[/]")


def _print_slack(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    table = Table(
        "step", "inequality", "relative slack", "at", title="Slack where it is smallest", title_justify="left"
    )
    for row in rows:
        table.add_row(row["step"], escape(row["what"]), f"{row['slack']:.3g}", escape(row["instance"]))
    console.print(table)


def print_neighbours(results: Sequence[Any]) -> None:
    """Print every false neighbour, why it was rejected and where it fails."""
    console = Console()
    table = Table(
        "neighbour",
        "of",
        "wrong claim",
        "rejected",
        "fails at",
        title="False neighbours",
        title_justify="left",
    )
    for item in results:
        colour = "green" if item.rejected else "red"
        point = item.counterexample or {}
        where = ", ".join(f"{name} = {value}" for name, value in point.items())
        verdict = f"[{colour}]{'yes' if item.rejected else 'NO'}[/]" + (
            "" if item.rejected else f" {item.reason}"
        )
        table.add_row(
            item.id, item.of, escape(item.claim), verdict, escape(where or "no point: " + item.reason[:60])
        )
    console.print(table)
    console.print(f"{sum(item.rejected for item in results)} of {len(results)} rejected")
