"""The section of the page on `gsae compare`: from its record to sentences, figures and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from gsae_theory.errors import InvalidInput
from gsae_theory.report import compare_figures as draw
from gsae_theory.report.clustering_figure import clustering_figure
from gsae_theory.report.onpage import FigureOnPage
from gsae_theory.report.strips_figure import strip_figures
from gsae_theory.report.svg import to_bytes

SECTION = "compare"
CODING = (
    ("group_exact", "exact group supports"),
    ("code_error", "code error"),
    ("reconstruction", "reconstruction error"),
)
RECOVERY = (("scaled", "distance, best scale"), ("subspace", "subspace distance"), ("raw", "distance to A"))
REAL = (("reconstruction", "error on clean test images"),)
TASKS = (("sparse-coding", CODING), ("recovery", RECOVERY), ("real-data", REAL))
PATHS = ("d4-g1-near", "d4-g2-near", "d4-g2-random")


@dataclass(frozen=True)
class CompareSection:
    """What the page shows of a comparison.

    Attributes
    ----------
    sentences : list of str
        What was found, every number from the record.
    figures : list of FigureOnPage
    paired : list of dict
        Rows of the two elementwise networks on the metrics that are drawn.
    statements : list of dict
    settings : dict
    """

    sentences: list[str]
    figures: list[FigureOnPage]
    paired: list[dict[str, Any]]
    statements: list[dict[str, Any]]
    settings: dict[str, Any]


def compare_section(data: Mapping[str, Any]) -> CompareSection:
    """Return the section of a record of `gsae compare`; parts whose task was not run are left out.

    Raises
    ------
    InvalidInput
        If it is no such record.
    """
    if not isinstance(data, Mapping) or data.get("schema") != "gsae-compare" or data.get("version") != 1:
        raise InvalidInput("record", type(data).__name__, "what gsae compare --out wrote, version 1")
    record = dict(data)
    shown = {name for name, _ in (*CODING, *RECOVERY)}
    paired = [
        row
        for row in record["paired"]
        if row["method"] in (draw.PLAIN, draw.TWO_SIDED) and row["metric"] in shown
    ]
    return CompareSection(
        sentences(record), _figures(record), paired, list(record["statements"]), dict(record["settings"])
    )


def sentences(record: Mapping[str, Any]) -> list[str]:
    """Return one sentence per task, and what became of the exact statements."""
    told = []
    for task, metrics in TASKS:
        names = {metric for metric, _ in metrics}
        for method in (draw.TWO_SIDED, draw.PLAIN):
            rows = [
                r
                for r in record["paired"]
                if (r["task"], r["method"]) == (task, method) and r["metric"] in names
            ]
            if rows:
                counts = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in VERDICTS}
                words = ", ".join(f"{verdict} {count}" for verdict, count in counts.items() if count)
                told.append(
                    f"{task}, group-sparse ReLU against {method}, {len(rows)} paired comparisons: {words}."
                )
    good = sum(bool(item["holds"]) for item in record["statements"])
    if record["statements"]:
        told.append(f"{good} of {len(record['statements'])} exact statements hold on the same data.")
    return told


VERDICTS = ("ahead", "equal", "undecided", "behind")


def standing(record: Mapping[str, Any]) -> list[list[str]]:
    """Return task, metric, the other network, and on which models the group-sparse ReLU stands how.

    Returns
    -------
    list of list
        One row per metric and network: task, metric, network, number of models ahead, and for every
        other verdict its models by name.
    """
    found = []
    for task, metrics in TASKS:
        for metric, label in metrics:
            for method in (draw.TWO_SIDED, draw.PLAIN):
                key = (task, metric, method)
                rows = [r for r in record["paired"] if (r["task"], r["metric"], r["method"]) == key]
                if rows:
                    cells = {v: [row["cell"] for row in rows if row["verdict"] == v] for v in VERDICTS}
                    others = [
                        f"{len(cells[v])}: {', '.join(cells[v])}" if cells[v] else "–" for v in VERDICTS[1:]
                    ]
                    found.append([task, label, method, str(len(cells["ahead"])), *others])
    return found


def _figures(record: dict[str, Any]) -> list[FigureOnPage]:
    made: list[FigureOnPage] = []

    def add(stem: str, figure: Figure, caption: str) -> None:
        words = f"{caption} The numbers are in the record and in the tables of this section."
        made.append(FigureOnPage(f"compare-{stem}", SECTION, figure, to_bytes(figure, "svg"), caption, words))

    frames = record["frames"]
    for task, metrics in TASKS:
        part = {**record, "paired": [row for row in record["paired"] if row["task"] == task]}
        if part["paired"]:
            caption = (
                f"{task}: what each network loses against the group-sparse ReLU, mean and 95 % interval, paired over "
                f"{record['settings']['seeds']} seeds. To the right of 0 the group-sparse ReLU is ahead."
            )
            add(task, draw.paired_figure(part, metrics), caption)
    if frames.get("supports"):
        add(
            "supports",
            draw.supports_figure(record),
            "Entries of the active group that a soft threshold finds: exact (side T1.1) and measured.",
        )
        add(
            "floors",
            draw.floors_figure(record),
            "Loss floors of leak-free elementwise networks (side T1.3) and losses measured there, best scale.",
        )
        add(
            "scales",
            draw.scales_figure(record),
            "Shrinkage bias: where the two networks end, by block size (side T1.4).",
        )
    if frames.get("limits"):
        add(
            "limits",
            draw.limits_figure(record),
            "Training without leakage at one threshold: distance to A and the predicted limits (side T1.2, T1.4).",
        )
    if frames.get("clustering"):
        add(
            "clustering",
            clustering_figure(record),
            "Clustering by active group under Gaussian noise: error measured (95 % intervals) and the bounds of side "
            "T2.2-T2.5, over noise and coherence; at distance delta every block is tilted towards the next one. "
            "Where no sample was wrong only the upper limit shows.",
        )
    for stem, figure, caption in strip_figures(frames.get("strips", ())):
        add(stem, figure, caption)
    known = {path["cell"] for path in frames.get("paths", ())}
    if cells := [name for name in PATHS if name in known]:
        add(
            "paths",
            draw.paths_figure(record, cells),
            "Distance along training, each network at its own best threshold; bands are 95 % intervals.",
        )
    return made
