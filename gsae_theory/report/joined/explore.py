"""Assumptions violated by degrees: verdict, breaking point, curves."""

from __future__ import annotations

from collections import Counter
from typing import Any

from gsae_theory.report.explore_figures import basin_figure, overview_figure, pair_figure
from gsae_theory.report.joined.section import Data, Table, drawing
from gsae_theory.report.onpage import FigureOnPage


def build(data: Data) -> dict[str, Any]:
    """Return the parts of the section."""
    found = list(data["assumptions"])
    verdicts = Counter(item["verdict"] for item in found)
    told = ", ".join(f"{count} {name}" for name, count in verdicts.most_common())
    meanings = "; ".join(f"{name}: {text}" for name, text in data.get("verdicts", {}).items())
    rows = [
        [
            item["title"],
            ", ".join(item["breaks"]),
            item["verdict"],
            item["theory"],
            item["breaking_point"],
            item["interval"][0],
            item["interval"][1],
            ", ".join(item["broken"]) or "nothing in the range",
        ]
        for item in found
    ]
    predictions = [
        [
            item.get("title") or item["id"],
            item.get("predicted"),
            *(item.get("interval") or (None, None)),
            "yes" if item.get("inside") else "no",
        ]
        for item in data.get("predictions", ())
    ]
    tables = [
        Table(
            "Assumption violated, conclusion broken. Positions of the dial: 0 satisfied, 1 the boundary that the theorem "
            "states.",
            (
                ("Assumption", False), ("Hypothesis", False), ("Verdict", False), ("Theory", True), ("Breaks at", True),
                ("Holds at", True), ("Fails at", True), ("Conclusion broken", False),
            ),
            rows,
        ),
    ]  # fmt: skip
    if predictions:
        tables.append(
            Table(
                "Where the theory is sharp: prediction and measured interval",
                (("Boundary", False), ("Predicted", True), ("Low", True), ("High", True), ("Inside", False)),
                predictions,
            )
        )
    if data.get("conjectures"):
        tables.append(_conjectures(data["conjectures"]))
    return {
        "sentences": [f"{len(found)} assumptions turned one at a time: {told}."],
        "tables": tables,
        "figures": [
            drawing(
                "explore",
                "overview",
                overview_figure(found),
                "Where each conclusion breaks, beside the boundary that the theorem states.",
            ),
            *_studies(data),
        ],
        "note": meanings,
    }


def _studies(data: Data) -> list[FigureOnPage]:
    """Return the maps of pairs and the basin, if they were asked for."""
    made = []
    for pair in data.get("pairs") or ():
        names = [dial["id"] for dial in pair["dials"]]
        caption = f"Two at once: {' and '.join(names)}. Outlined: every hypothesis of the theorem holds."
        figure = pair_figure(pair, pair["conclusions"][0])
        made.append(drawing("explore", "map-" + "-".join(names), figure, caption))
    if data.get("basin"):
        caption = "Basin of attraction: how far starts may be, in units of the largest radius of (H2)-(H3')."
        made.append(drawing("explore", "basin", basin_figure(data["basin"]), caption))
    return made


def _conjectures(rows: list[Data]) -> Table:
    head = (
        ("Conjecture", False),
        ("d", True),
        ("What is bounded", False),
        ("Claim", True),
        ("Best found", True),
        ("Refuted", False),
    )
    cells = [
        [
            row["conjecture"],
            row["d"],
            row["meaning"],
            row["claim"],
            row["best"],
            "yes" if row["refuted"] else "no",
        ]
        for row in rows
    ]
    return Table("Conjectures attacked by optimisation: the best value found against each", head, cells)
