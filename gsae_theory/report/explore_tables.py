"""Tables of an exploration as Markdown, for documents that show a committed record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Data = Mapping[str, Any]


def assumption_table(found: Sequence[Data]) -> str:
    """Return 'assumption violated -> conclusion broken' as a Markdown table, in natural values."""
    head = (
        "assumption",
        "what is turned",
        "verdict",
        "theorem's boundary",
        "sharp",
        "breaks at",
        "conclusions broken",
    )
    rows = [
        (
            f"`{item['id']}`",
            item["value"],
            item["verdict"],
            digits(item["natural"]["theory"]),
            "" if item["natural"]["sharp"] is None else digits(item["natural"]["sharp"]),
            breaks_at(item),
            ", ".join(item["broken"]) or "none",
        )
        for item in found
    ]
    return _table(head, rows)


def prediction_table(rows: Sequence[Data]) -> str:
    """Return the sharp predictions beside the measured intervals."""
    head = ("prediction", "predicted", "measured", "inside")
    return _table(
        head,
        [
            (
                row["id"],
                f"{row['predicted']:.7g}",
                _interval(row["interval"], 7),
                "yes" if row["inside"] else "no",
            )
            for row in rows
        ],
    )


def basin_table(rows: Sequence[Data]) -> str:
    """Return the basin against delta_max, in units of delta_max."""
    head = ("d", "lambda", "mu", "start", "delta_max", "(S) allows", "first miss", "most starts miss at")
    return _table(
        head,
        [
            (
                str(row["d"]),
                f"{row['lam']:g}",
                f"{row['mu']:g}",
                row["start"].replace("_", " "),
                digits(row["delta_max"]),
                digits(row["delta_support"] / row["delta_max"]),
                "none" if row["first_failure"] is None else digits(row["first_failure"]),
                f"not up to {digits(row['range'])}"
                if row["interval"][1] is None
                else _interval(row["interval"], 3),
            )
            for row in rows
        ],
    )


def conjecture_table(rows: Sequence[Data]) -> str:
    """Return the best value found against each conjecture."""
    head = ("conjecture", "d", "what is bounded", "claim", "best value found", "at", "searches")
    return _table(
        head,
        [
            (
                row["conjecture"],
                str(row["d"]),
                row["meaning"],
                f"{row['relation']} {row['claim']:g}",
                f"{row['best']:.5f}",
                ", ".join(f"{key} = {value:.3g}" for key, value in row["where"].items()),
                str(row["searches"]),
            )
            for row in rows
        ],
    )


def breaks_at(item: Data) -> str:
    """Return the interval of the breaking point, and which conclusion breaks there."""
    ends = item["natural"]["interval"]
    if ends[0] is None:
        return "undecided"
    what = f" ({item['conclusion']})"
    law = item["law"]
    how = ""
    if law is not None and item["verdict"] == "graceful":
        low, high = law["exponent_interval"]
        how = f"; distance ~ t^{law['exponent']:.2f} ({low:.2f} to {high:.2f})"
    if ends[1] is None:
        return f"not up to {digits(item['natural']['range'])}{what}{how}"
    return _interval(ends, 4) + what + how


def digits(value: float, count: int = 4) -> str:
    """Return a number with a few digits."""
    return f"{value:.{count}g}"


def _interval(ends: Sequence[float], count: int) -> str:
    low, high = sorted(ends)
    return f"[{digits(low, count)}, {digits(high, count)}]"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |" for cells in (head, *rows)]
    lines.insert(1, "|" + "---|" * len(head))
    return "\n".join(lines)
