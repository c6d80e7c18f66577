"""Proof status: which theorem is proved, by which kinds of step, from which quoted lemmas."""

from __future__ import annotations

from collections import Counter
from typing import Any

from gsae_theory.report.joined.section import Data, Table, drawing
from gsae_theory.report.proof_graph import proof_graph


def build(data: Data) -> dict[str, Any]:
    """Return the parts of the section."""
    steps, theorems = list(data["steps"]), list(data["theorems"])
    proved = [item for item in theorems if item["status"] == "proved"]
    methods: dict[str, list[Data]] = {}
    for step in steps:
        methods.setdefault(step["method"], []).append(step)
    status = Counter(step["status"] for step in steps)
    told = ", ".join(f"{count} {name}" for name, count in status.most_common())
    sentences = [
        (
            f"{len(proved)} of {len(theorems)} theorems are proved: rebuilt from steps whose status is derived by running "
            f"their check in exact arithmetic. {len(steps)} steps: {told}."
        ),
    ]
    by_method = [
        [name, len(rows), sum(row["status"] in ("proved", "quoted") for row in rows), _seconds(rows)]
        for name, rows in sorted(methods.items(), key=lambda item: -len(item[1]))
    ]
    graph = drawing(
        "proofs",
        "graph",
        proof_graph(steps, theorems),
        "What rests on what: steps by the longest chain below them, marked by method; theorems in the top row.",
    )
    return {
        "sentences": sentences,
        "figures": [graph],
        "tables": [
            *_slack_rows(data),
            Table(
                "Steps by method",
                (("Method", False), ("Steps", True), ("Confirmed", True), ("Seconds", True)),
                by_method,
            ),
            Table(
                "Theorems",
                (("Theorem", False), ("Status", False), ("Steps it rests on", True)),
                [[item["id"], item["status"], len(item["rests_on"])] for item in theorems],
            ),
            Table(
                "Trusted base: everything that is taken for granted",
                (("Name", False), ("What", False), ("Where", False)),
                [
                    [entry["id"], entry.get("statement", ""), entry.get("reference", "")]
                    for entry in data["trusted_base"]
                ],
            ),
        ],
    }


def _slack_rows(data: Data) -> list[Table]:
    """Return a table of how much each inequality gives away where it is tightest, if that was asked for."""
    if not data.get("slack"):
        return []
    head = (("Step", False), ("Inequality", False), ("Relative slack", True), ("Where", False))
    rows = [[row["step"], row["what"], row["slack"], row["instance"]] for row in data["slack"]]
    caption = "Slack by step: what an inequality gives away where it is tightest (0: attained, 1: nothing pulls against it)"
    return [Table(caption, head, rows)]


def _seconds(rows: list[Data]) -> float:
    return float(sum(row["seconds"] for row in rows))
