"""`gsae compare`: group-sparse ReLU against elementwise networks."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from gsae_theory.cli_common import HELP, OutputFile, emit, json_option
from gsae_theory.plain import plain

MAX_PAGE_BYTES = 10_000_000
TASKS = ("sparse-coding", "recovery", "clustering", "real-data")


@click.command(context_settings=HELP)
@click.option(
    "--task", "tasks", multiple=True, type=click.Choice(TASKS), help="Only this task; may be repeated [all]."
)
@click.option(
    "--data",
    "data",
    multiple=True,
    default=("digits",),
    show_default=True,
    metavar="digits|mnist5k|FILE",
    help="Images of the task real-data (.npy, .npz or .csv); may be repeated.",
)
@click.option("--seeds", type=click.IntRange(2), default=10, show_default=True, help="Repetitions, paired.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Base of the seed tree.")
@click.option("--quick", is_flag=True, help="Fewer models and samples, for a first look.")
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Processes; results do not depend on it.",
)
@click.option(
    "--out",
    type=OutputFile(),
    default=None,
    help="Also write the record to this file.",
)
@click.option(
    "--join",
    "join",
    type=OutputFile(),
    default=None,
    help="Put the tasks into this older record, in place of its own; --page then shows the whole.",
)
@click.option(
    "--page",
    type=OutputFile(),
    default=None,
    help="Renew the tables of this Markdown page from the record (docs/compare.md).",
)
@json_option
def compare(
    tasks: tuple[str, ...],
    data: tuple[str, ...],
    seeds: int,
    seed: int,
    quick: bool,
    jobs: int,
    out: Path | None,
    join: Path | None,
    page: Path | None,
    as_json: bool,
) -> None:
    """Compare the group-sparse ReLU with the ReLU and the soft threshold on random models.

    \b
    gsae compare                                     every task, 10 seeds
    gsae compare --task sparse-coding --quick        a first look
    gsae compare --task real-data --data mnist5k     images, whole, noisy and with missing pixels
    gsae compare --task clustering --join compare.json     renew one task of a record
    gsae compare --out reports/reference/compare.json --page docs/compare.md

    Every method runs at its own best threshold and scale, chosen on held-out data (sparse coding) or on
    seeds of their own (recovery). Differences are paired over seeds, with 95 % Student intervals. The
    exact statements of docs/theory/side.md, section 1, are held against the same data, with their slack;
    the task clustering holds section 2 (errors of clustering by active group) over noise and coherence.
    Exit code 1 if one of them fails.
    """
    from gsae_theory.cli_text import watched
    from gsae_theory.experiments.comparison import TASKS as EVERY
    from gsae_theory.experiments.comparison import run_comparison
    from gsae_theory.experiments.comparison_join import joined
    from gsae_theory.files import read_text
    from gsae_theory.output import write_atomic, write_or_elsewhere
    from gsae_theory.report.compare_text import admit_page, renewed
    from gsae_theory.report.provenance import collect as collect_provenance

    older = None if join is None else _older(join)
    text_of_page = "" if page is None else admit_page(read_text(page, MAX_PAGE_BYTES, "the page"))
    with watched(None) as step:
        record = run_comparison(tasks or EVERY, seeds, seed=seed, quick=quick, jobs=jobs, data=data, say=step)
    words = ["gsae", "compare", *[word for task in tasks for word in ("--task", task)]]
    words += [word for name in data for word in ("--data", name)]
    words += ["--seeds", str(seeds), "--seed", str(seed), *(["--quick"] if quick else [])]
    seconds = record.get("seconds")
    record["provenance"] = asdict(
        collect_provenance(seed=seed, spec="compare", command=words, seconds=seconds)
    )
    if out is not None:
        text = json.dumps(plain(record), indent=1, allow_nan=False) + "\n"
        write_or_elsewhere(out, text.encode())
    whole = plain(record)
    if join is not None and older is not None:
        whole = joined(older, whole)
        write_or_elsewhere(join, (json.dumps(whole, indent=1, allow_nan=False) + "\n").encode())
    if as_json:
        emit(record)
    else:
        _print(record)
    if page is not None:
        write_atomic(page, renewed(text_of_page, whole).encode())
    if not all(item["holds"] for item in record["statements"]):
        raise SystemExit(1)


def _older(path: Path) -> dict[str, Any]:
    """Return the record to join."""
    from gsae_theory.errors import UnreadableFile
    from gsae_theory.files import read_json
    from gsae_theory.report.schema import MAX_RECORD_BYTES

    found = read_json(path, MAX_RECORD_BYTES, "the record")
    if not isinstance(found, dict) or (found.get("schema"), found.get("version")) != ("gsae-compare", 1):
        raise UnreadableFile(f"cannot read the record {path}: it is none that gsae compare --out has written")
    return found


def _print(record: dict[str, Any]) -> None:
    from rich.table import Table

    from gsae_theory.cli_text import console, number

    out = console()
    for name in dict.fromkeys(row["task"] for row in record["rows"]):
        table = Table(title=f"{name}: mean over seeds [95 % interval]")
        for column in ("model", "metric", "method", "mean", "interval"):
            table.add_column(column)
        for row in record["rows"]:
            if row["task"] == name and row["metric"] in SHOWN and row["method"] != HIDDEN:
                interval = f"[{number(row['low'], 4)}, {number(row['high'], 4)}]"
                table.add_row(row["cell"], row["metric"], row["method"], number(row["mean"], 4), interval)
        out.print(table)
    out.print(_paired_table(record))
    table = Table(
        title="Exact statements on the same data", caption="slack: largest difference (==) or smallest ratio"
    )
    for column in ("statement", "slack", "limit", "comparisons", "holds"):
        table.add_column(column)
    for item in record["statements"]:
        table.add_row(
            f"{item['id']}  {item['title']}",
            f"{item['relation']} {number(item['slack'], 4)}",
            number(item["error"], 3),
            str(item["comparisons"]),
            number(item["holds"]),
        )
    out.print(table)


SHOWN = ("group_exact", "code_error", "reconstruction", "scaled", "raw")
HIDDEN = "ReLU, +-atoms"
"""Writes the code of the soft threshold (T1.0): its rows are in the JSON record only."""


def _paired_table(record: dict[str, Any]) -> Any:
    from rich.table import Table

    from gsae_theory.cli_text import number

    table = Table(
        title="What each network loses against the group-sparse ReLU, paired over seeds",
        caption="positive: the group-sparse ReLU is ahead",
    )
    for column in (
        "model",
        "metric",
        "method",
        "difference",
        "95 %",
        "all rows at once",
        "seeds ahead",
        "verdict",
    ):
        table.add_column(column)
    for row in record["paired"]:
        if row["metric"] in SHOWN and row["method"] != HIDDEN:
            table.add_row(
                row["cell"],
                row["metric"],
                row["method"],
                number(row["difference"], 4),
                f"[{number(row['low'], 3)}, {number(row['high'], 3)}]",
                f"[{number(row['low_all'], 3)}, {number(row['high_all'], 3)}]",
                f"{row['wins']}/{row['seeds']}",
                row["verdict"],
            )
    return table
