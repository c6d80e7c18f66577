"""Group-sparse ReLU against elementwise networks."""

from __future__ import annotations

from typing import Any

from gsae_theory.report.compare import compare_section, standing
from gsae_theory.report.joined.section import Data, Table


def build(data: Data) -> dict[str, Any]:
    """Return the parts of the section."""
    section = compare_section(data)
    return {
        "sentences": section.sentences,
        "figures": section.figures,
        "tables": [
            Table(
                "On how many models the group-sparse ReLU is ahead, and where it is not",
                (
                    ("Task", False), ("Metric", False), ("Against", False), ("Ahead", False), ("Equal", False),
                    ("Undecided", False), ("Behind", False),
                ),
                standing(data),
            ),
            Table(
                "Paired differences to the group-sparse ReLU, 95 % intervals; positive: the group-sparse ReLU is ahead",
                (
                    ("Task", False), ("Model", False), ("Metric", False), ("Against", False), ("Mean", True),
                    ("Low", True), ("High", True), ("Verdict", False),
                ),
                [
                    [
                        row["task"], row["cell"], row["metric"], row["method"], row.get("mean"), row.get("low"),
                        row.get("high"), row["verdict"],
                    ]
                    for row in section.paired
                ],
            ),
            Table(
                "Exact statements held against the same data",
                (("Statement", False), ("Slack", True), ("Holds", False)),
                [[row["id"], row.get("slack"), "yes" if row["holds"] else "no"] for row in section.statements],
            ),
        ],
    }  # fmt: skip
