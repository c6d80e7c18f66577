"""Assumptions violated by degrees: verdict, breaking point, curves."""

from __future__ import annotations

from collections import Counter
from typing import Any

from gsae_theory.report.explore_figures import overview_figure
from gsae_theory.report.joined.section import Data, Table, drawing


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
    return {
        "sentences": [f"{len(found)} assumptions turned one at a time: {told}."],
        "tables": tables,
        "figures": [
            drawing(
                "explore",
                "overview",
                overview_figure(found),
                "Where each conclusion breaks, beside the boundary that the theorem states.",
            )
        ],
        "note": meanings,
    }
