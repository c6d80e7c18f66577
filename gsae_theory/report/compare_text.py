"""Tables of `gsae compare` as Markdown, from its record: docs/compare.md holds what these functions return."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gsae_theory.errors import InvalidInput, UnknownName, shown
from gsae_theory.report.compare_figures import GROUP, PLAIN, TWO_SIDED

Record = Mapping[str, Any]
NETWORKS = (GROUP, TWO_SIDED, PLAIN)
MARK = {"ahead": "+", "behind": "**-**", "equal": "=", "undecided": "o"}


def markdown_tables(record: Record) -> dict[str, str]:
    """Return the tables by name: ``support``, ``code``, ``recovery``, ``distances``, ``references``, ``statements``.

    Cells of the networks' tables read: mean of the group-sparse ReLU; then for each elementwise network its
    mean, the paired difference with its 95 % interval, and a mark.
    """
    tables = {
        "support": _networks(record, "sparse-coding", "group_exact", "exact group supports"),
        "code": _networks(record, "sparse-coding", "code_error", "code error"),
        "reconstruction": _networks(record, "sparse-coding", "reconstruction", "reconstruction error"),
        "recovery": _networks(record, "recovery", "scaled", "distance at the best scale"),
        "subspace": _networks(record, "recovery", "subspace", "subspace distance"),
        "raw": _networks(record, "recovery", "raw", "distance to A"),
        "atoms": _networks(record, "recovery", "atoms", "distance of single columns"),
        "real": _networks(record, "real-data", "reconstruction", "reconstruction error"),
        "on": _means(record, "real-data", "active", "share of code entries on"),
        "references": _others(record, "sparse-coding", ("group_exact", "code_error")),
        "baselines": _others(record, "recovery", ("scaled", "subspace")),
        "statements": _statements(record),
    }
    return {name: text for name, text in tables.items() if text}


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def admit_page(page: str) -> str:
    """Return a Markdown page with at least one place for a table, of a name that exists.

    Raises
    ------
    InvalidInput
        If there is none: nothing on it would be renewed.
    """
    if not re.search(r"<!-- table: \w+ -->\n", page):
        raise InvalidInput(
            "page",
            shown(page, 40),
            "a page with comments table: NAME where a table goes, like docs/compare.md",
        )
    return page


def renewed(page: str, record: Record) -> str:
    """Return a Markdown page with every table after a line ``<!-- table: name -->`` taken from the record.

    Raises
    ------
    UnknownName
        If the page asks for a table that the record does not have.
    """
    tables = markdown_tables(record)

    def table(found: re.Match[str]) -> str:
        if found[1] not in tables:
            raise UnknownName("table", found[1], tables)
        return f"<!-- table: {found[1]} -->\n\n{tables[found[1]]}\n"

    return re.sub(r"<!-- table: (\w+) -->\n(?:\n(?:\|.*\n)+)?", table, page)


def _networks(record: Record, task: str, metric: str, label: str) -> str:
    means = {
        (r["cell"], r["method"]): r["mean"]
        for r in record["rows"]
        if (r["task"], r["metric"]) == (task, metric)
    }
    pairs = {
        (r["cell"], r["method"]): r for r in record["paired"] if (r["task"], r["metric"]) == (task, metric)
    }
    cells = [item["id"] for item in record["cells"] if item["task"] == task]
    rows = [
        [name, _number(means[name, GROUP]), *(_pair(means[name, m], pairs[name, m]) for m in NETWORKS[1:])]
        for name in cells
        if (name, GROUP) in means
    ]
    return _table([f"{label} on", GROUP, *NETWORKS[1:]], rows) if rows else ""


def _means(record: Record, task: str, metric: str, label: str) -> str:
    means = {
        (r["cell"], r["method"]): r["mean"]
        for r in record["rows"]
        if (r["task"], r["metric"]) == (task, metric)
    }
    cells = dict.fromkeys(cell for cell, _ in means)
    rows = [[cell, *(_number(means[cell, method]) for method in NETWORKS)] for cell in cells]
    return _table([f"{label}, {task}", *NETWORKS], rows) if rows else ""


def _pair(mean: float, pair: Mapping[str, Any]) -> str:
    if pair["verdict"] == "equal":
        return f"{_number(mean)} ="
    interval = f"{_signed(pair['difference'])} [{_signed(pair['low'])}, {_signed(pair['high'])}]"
    return f"{_number(mean)} ({interval}) {MARK[pair['verdict']]}"


def _others(record: Record, task: str, metrics: tuple[str, ...]) -> str:
    found: dict[tuple[str, str], dict[str, float]] = {}
    for row in record["rows"]:
        if row["task"] == task and row["metric"] in metrics and "+-" not in row["method"]:
            found.setdefault((row["cell"], row["method"]), {})[row["metric"]] = row["mean"]
    with_others = {cell for cell, method in found if method not in NETWORKS}
    rows = [
        [cell, method, *(_number(values[m]) for m in metrics)]
        for (cell, method), values in found.items()
        if cell in with_others
    ]
    return _table(["model", "method", *metrics], rows) if rows else ""


def _statements(record: Record) -> str:
    rows = [
        [
            item["id"].removeprefix("side."),
            item["title"],
            f"{'difference' if item['relation'] == '==' else 'ratio'} {_number(item['slack'])}",
            str(item["comparisons"]),
            "yes" if item["holds"] else "**no**",
        ]
        for item in record["statements"]
    ]
    return _table(["statement", "claim", "slack", "comparisons", "holds"], rows) if rows else ""


def _number(value: float) -> str:
    if abs(value) < 1e-12:
        return "0"
    return (
        f"{value:.3g}" if abs(value) < 1e-3 or abs(value) >= 1e4 else f"{value:.4f}".rstrip("0").rstrip(".")
    )


def _signed(value: float) -> str:
    return f"{value:+.3g}" if abs(value) < 1e-3 else f"{value:+.3f}"
