"""Wrong theorems: how many, what refuted them, which survive and why."""

from __future__ import annotations

from collections import Counter
from typing import Any

from gsae_theory.report.joined.section import Data, Table


def build(data: Data) -> dict[str, Any]:
    """Return the parts of the section."""
    rows = list(data["mutants"])
    killed = [row for row in rows if row["status"] == "REFUTED"]
    ways = Counter(str(row["killed_by"]).partition(" ")[0] for row in killed)
    told = ", ".join(f"{count} by {way}" for way, count in ways.most_common())
    by_claim: dict[str, list[Data]] = {}
    for row in rows:
        by_claim.setdefault(str(row.get("base") or row["id"].partition("/")[0]), []).append(row)
    survivors = [row for row in rows if row["status"] != "REFUTED"]
    return {
        "sentences": [
            (
                f"{len(killed)} of {len(rows)} wrong versions of the theorems are REFUTED by the code that verifies the true "
                f"ones: {told}."
            ),
        ],
        "tables": [
            Table(
                "By claim",
                (("Claim", False), ("Wrong versions", True), ("Refuted", True), ("Seconds", True)),
                [
                    [
                        name,
                        len(items),
                        sum(item["status"] == "REFUTED" for item in items),
                        float(sum(item["seconds"] for item in items)),
                    ]
                    for name, items in by_claim.items()
                ],
            ),
            Table(
                "Survivors, and why" if survivors else "Survivors: none",
                (("Mutant", False), ("Why it survives, or what would kill it", False)),
                [[row["id"], row.get("reason") or ""] for row in survivors],
            ),
        ],
    }
