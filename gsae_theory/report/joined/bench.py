"""Speed of the gradient step beside other frameworks."""

from __future__ import annotations

from typing import Any

from gsae_theory.report.bench_figures import limit_figure, scaling_figure, speedup_figure
from gsae_theory.report.joined.section import Data, Table, drawing


def build(data: Data) -> dict[str, Any]:
    """Return the parts of the section."""
    rows = list(data.get("gradient_step", ()))
    figures = []
    if rows:
        figures.append(
            drawing(
                "bench", "speedup", speedup_figure(rows), "Code-space gradient step against other frameworks."
            )
        )
    scaling = data.get("scaling") or {}
    if scaling.get("limit"):
        caption = "Gain against the number of samples: the once-per-step products set its limit."
        figures.append(drawing("bench", "limit", limit_figure(dict(scaling["limit"])), caption))
    if scaling.get("series"):
        caption = "Time of a step against each size, with fitted and predicted exponents."
        figures.append(drawing("bench", "scaling", scaling_figure(list(scaling["series"])), caption))
    machine = data["machine"]
    return {
        "sentences": [
            f"All ratios of one run, interleaved, medians, {data['threads']} thread(s), same dtype; {machine['processor']}."
        ],
        "figures": figures,
        "tables": [
            Table(
                "One gradient step; a ratio is the other's time over ours",
                (
                    ("n, G, d, gamma, N", False), ("PyTorch", True), ("NumPy on the data", True),
                    ("Share of the roofline", True), ("Largest difference", True),
                ),
                [
                    [
                        ", ".join(map(str, row["config"])), row.get("ratio_torch"), row.get("ratio_dense"),
                        row.get("roofline_fraction"), row.get("max_abs_diff"),
                    ]
                    for row in rows
                ],
            )
        ],
    }  # fmt: skip
