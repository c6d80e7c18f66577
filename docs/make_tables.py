"""Write the tables of the docs from reports/reference/*.json: `python docs/make_tables.py` (`--check` only compares).

A page holds ``<!-- table: NAME -->`` ... ``<!-- end -->``; what is between is replaced.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gsae_theory.report.compare_text import renewed
from gsae_theory.report.explore_tables import (
    assumption_table,
    basin_table,
    conjecture_table,
    prediction_table,
)

DOCS = Path(__file__).resolve().parent
REFERENCE = DOCS.parent / "reports" / "reference"
Row = Sequence[Any]


def shown(value: Any) -> str:
    """Return a cell: numbers to four digits."""
    if value is None:
        return "none"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def table(head: Sequence[str], rows: Sequence[Row]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(map(shown, row)) + " |" for row in rows)])


def record(name: str) -> dict[str, Any]:
    """Return a reference record."""
    found: dict[str, Any] = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))
    return found


def bench() -> str:
    """Return the ratios of one gradient step."""
    rows = [
        (
            ", ".join(map(str, row["config"])), row["ratio_dense"], row["ratio_torch"], row["ratio_torch_compile"],
            row["ratio_jax"], row["roofline_fraction"], row["max_abs_diff"],
        )
        for row in record("bench")["gradient_step"]
    ]  # fmt: skip
    head = (
        "n, G, d, gamma, N",
        "NumPy on the data",
        "PyTorch",
        "torch.compile",
        "JAX jit",
        "roofline",
        "difference",
    )
    return table(head, rows)


def scaling() -> str:
    """Return measured and predicted exponents."""
    rows = [
        (row["axis"], row["measured"], row["exponent"], row["predicted"], row["reason"])
        for row in record("bench")["scaling"]["series"]
    ]
    return table(("in", "of", "fitted exponent", "predicted", "why"), rows)


def cluster() -> str:
    """Return the scores on every data set."""
    rows = [
        (
            name,
            row.get("seeds", part["seeds"]),
            row["method"],
            row["acc_mean"],
            row["acc_std"],
            row["nmi_mean"],
            row["ari_mean"],
        )
        for name, part in record("cluster")["data"].items()
        for row in sorted(part["rows"], key=lambda row: -row["acc_mean"])
    ]
    return table(("data", "seeds", "method", "accuracy", "std", "NMI", "ARI"), rows)


def starts() -> str:
    """Return what becomes of random and of local starts on every data set."""
    rows = [
        (
            name,
            row["start"],
            *(round(row[key], 3) for key in ("seen", "dead", "largest", "silent", "residual")),
        )
        for name, part in record("cluster")["data"].items()
        for row in part.get("starts", ())
    ]
    head = (
        "data",
        "start and threshold",
        "seen at the start",
        "dead groups",
        "busiest group",
        "silent points",
        "residual",
    )
    return table(head, rows)


def seeds() -> str:
    """Return the differently seeded runs."""
    rows = [
        (
            run["seed"], run["passed"], len(run["failed"]), run["verdicts"], len(run["refuted"]),
            f"{run['wrong_claims_refuted']} of {run['wrong_claims']}", f"{run['alpha_spent']:.2g}",
        )
        for run in record("seeds")["runs"]
    ]  # fmt: skip
    head = (
        "seed", "tests passed", "failed", "verdicts", "true claims refuted", "wrong claims refuted", "alpha spent by the tests",
    )  # fmt: skip
    return table(head, rows)


def tightest() -> str:
    """Return the tightest slack per theorem as measured/bound; 1 is attained."""

    def shown_slack(row: dict[str, Any]) -> str:
        if row["closeness"] is not None:
            return f"{row['closeness']:.4f}"
        return (
            "yes or no, or a bound of another sign"
            if row["slack"] is None
            else f"equal to {row['slack']:.1e}"
        )

    rows = [
        (name, row["runs"], shown_slack(row), row["evidence"], row["status"])
        for name, row in record("tightest")["theorems"].items()
    ]
    return table(("theorem", "instances", "measured/bound", "evidence", "verdict"), rows)


def mutation() -> str:
    """Return the scores of the mutation test of the code."""
    found = record("mutation")
    parts = {"all, weighted": found["all"], **found["strata"], **found["rooms"]}
    rows = [
        (
            name, row["generated"], row["tried"], row["killed"], row["of_these_by_time"],
            row["of_these_by_recorded_numbers"], row["survived"], row["equivalent"], row["score"],
            "{:.3f} to {:.3f}".format(*row["interval"]) if row["interval"] else None,
        )
        for name, row in parts.items()
    ]  # fmt: skip
    head = (
        "mutants", "generated", "tried", "killed", "by time", "by recorded numbers", "survived", "equivalent", "score",
        "95 % interval",
    )  # fmt: skip
    return table(head, rows)


TABLES: dict[str, Callable[[], str]] = {
    "bench": bench,
    "scaling": scaling,
    "cluster": cluster,
    "starts": starts,
    "seeds": seeds,
    "tightest": tightest,
    "mutation": mutation,
    "explore": lambda: assumption_table(record("explore")["assumptions"]),
    "predictions": lambda: prediction_table(record("explore")["predictions"]),
    "basin": lambda: basin_table(record("explore")["basin"]),
    "conjectures": lambda: conjecture_table(record("explore")["conjectures"]),
}


def filled(text: str, page: str = "") -> str:
    """Return a page with its tables made anew."""
    if page == "compare.md":
        return renewed(text, record("compare"))

    def fill(found: re.Match[str]) -> str:
        return f"<!-- table: {found[1]} -->\n{TABLES[found[1]]()}\n<!-- end -->"

    return re.sub(r"<!-- table: (\w+) -->\n.*?<!-- end -->", fill, text, flags=re.DOTALL)


def main() -> int:
    """Rewrite the pages, or say which are out of date."""
    stale = []
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        made = filled(text, page.name)
        if made != text:
            stale.append(page.name)
            if "--check" not in sys.argv:
                page.write_text(made, encoding="utf-8")
    sys.stdout.write(("changed: " + ", ".join(stale) if stale else "nothing to change") + "\n")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    raise SystemExit(main())
