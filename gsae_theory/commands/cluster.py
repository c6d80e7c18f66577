"""`gsae cluster`: cluster real data by active groups, beside baselines."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from gsae_theory.cli_common import HELP, OutputFile, emit, json_option
from gsae_theory.plain import plain


@click.command(context_settings=HELP)
@click.option(
    "--data", default="digits", show_default=True, metavar="digits|mnist5k|FILE", help="What to cluster."
)
@click.option(
    "--labels",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Labels of FILE, one integer per row; used for the final score only.",
)
@click.option(
    "--clusters", type=click.IntRange(2), default=None, help="Number of clusters [10; required for FILE]."
)
@click.option(
    "--deep", type=click.IntRange(1), default=5, show_default=True, help="Layers T of the unfolded networks."
)
@click.option("--seeds", type=click.IntRange(1), default=3, show_default=True, help="Repetitions.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Base of the seed tree.")
@click.option(
    "--all-baselines",
    is_flag=True,
    help="Also sparse subspace clustering, a ReLU autoencoder, and the ensemble from random blocks.",
)
@click.option(
    "--only", multiple=True, metavar="WORDS", help="Only methods whose name contains this; may be repeated."
)
@click.option(
    "--deskew", is_flag=True, help="Rows are square images: set them upright first, without labels."
)
@click.option(
    "--out",
    type=OutputFile(),
    default=None,
    help="Also write the record to this file.",
)
@click.option(
    "--join",
    type=OutputFile(),
    default=None,
    help="Also put the record into this file of several data sets (made if missing), in place of the old rows of its "
    "methods.",
)
@json_option
def cluster(
    data: str,
    labels: Path | None,
    clusters: int | None,
    deep: int,
    seeds: int,
    seed: int,
    all_baselines: bool,
    only: tuple[str, ...],
    deskew: bool,
    out: Path | None,
    join: Path | None,
    as_json: bool,
) -> None:
    """Cluster data by the active groups of group-sparse models, beside baselines.

    \b
    gsae cluster                                        digits, 3 seeds
    gsae cluster --data mnist5k --all-baselines         needs the extra `data`
    gsae cluster --only network --only 10-NN            these methods alone
    gsae cluster --data digits --deskew                 images set upright first
    gsae cluster --data points.csv --clusters 5         sizes and internal scores
    gsae cluster --data points.npy --clusters 5 --labels truth.npy --json

    FILE is .npy, .npz (array X, or its only one; y: labels) or .csv, one point per row; rows are scaled to
    norm 1. Parameters are chosen by stability under subsampling, the same way for every method. No
    label is used before the final score. The 10-NN graph with the same read-out is the control: what a
    group-sparse row is ahead of it is what the group model adds.
    """
    from gsae_theory.cli_text import watched
    from gsae_theory.experiments.cluster import joined, load, run_clustering
    from gsae_theory.output import write_or_elsewhere
    from gsae_theory.report.provenance import collect

    known = _set(join)
    began = time.perf_counter()
    images = load(data, labels, deskew=deskew)
    with watched(None) as step:
        record = run_clustering(
            images,
            seeds,
            clusters=clusters,
            seed=seed,
            depth=deep,
            all_baselines=all_baselines,
            only=only,
            say=step,
        )
    words = ["gsae", "cluster", "--data", data, *(["--deskew"] if deskew else []), "--deep", str(deep)]
    words += ["--seeds", str(seeds), "--seed", str(seed), *(["--all-baselines"] if all_baselines else [])]
    words += ["--clusters", str(clusters)] if clusters is not None else []
    words += [word for part in only for word in ("--only", part)]
    seconds = time.perf_counter() - began
    record["provenance"] = asdict(collect(seed=seed, spec="cluster", command=words, seconds=seconds))
    known["data"][record["data"]] = joined(known["data"].get(record["data"]), record)
    for path, value in ((out, record), (join, known)):
        if path is not None:
            write_or_elsewhere(path, (json.dumps(plain(value), indent=1, allow_nan=False) + "\n").encode())
    if as_json:
        emit(record)
    else:
        _print(record)


def _set(path: Path | None) -> dict[str, Any]:
    """Return the records of a file of several data sets, none if it is not there."""
    from gsae_theory.errors import UnreadableFile
    from gsae_theory.files import read_json
    from gsae_theory.report.schema import MAX_RECORD_BYTES

    if path is None or not path.exists():
        return {"schema": "gsae-cluster-set", "version": 1, "data": {}}
    found = read_json(path, MAX_RECORD_BYTES, "the records")
    known = isinstance(found, dict) and found.get("schema") == "gsae-cluster-set"
    if not known or not isinstance(found.get("data"), dict):
        raise UnreadableFile(
            f"cannot read the record {path}: it is no file of several data sets that --join has written"
        )
    return found


def _print(record: dict[str, Any]) -> None:
    from rich.table import Table

    from gsae_theory.cli_text import console, number

    table = Table(
        title=f"{record['data']}: {record['points']} points, {record['clusters']} clusters, "
        f"{record['seeds']} seeds",
        caption="seconds: CPU per clustering, choice of parameters not included",
    )
    scored = ("acc_mean", "acc_std", "nmi_mean", "ari_mean") if record["labelled"] else ()
    for column in ("method", *scored, *(() if scored else ("sizes", "silhouette")), "seconds", "chosen"):
        table.add_column(column)
    for row in record["rows"]:
        inside = row["internal"]
        middle = [number(row[name], 3) for name in scored] or [
            " ".join(map(str, inside["sizes"])),
            number(inside["silhouette"], 3),
        ]
        parameters = ", ".join(f"{key} {value}" for key, value in row["parameters"].items())
        table.add_row(row["method"], *middle, number(row["seconds"], 3), parameters)
    console().print(table)
