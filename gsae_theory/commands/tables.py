"""`gsae tables` and `gsae schema`: the record of a report in other forms, and the schemas of what is written."""

from __future__ import annotations

from pathlib import Path

import click

from gsae_theory.cli_common import HELP, OutputFolder, emit, json_option


@click.command(context_settings=HELP)
@click.argument("report", type=click.Path(path_type=Path), default=Path("reports/latest"))
@click.option(
    "--out",
    type=OutputFolder(),
    default=None,
    help="Folder [tables beside the record].",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(["csv", "tex", "json"]),
    help="Only this form; may be repeated [all].",
)
@json_option
def tables(report: Path, out: Path | None, formats: tuple[str, ...], as_json: bool) -> None:
    """Write every table of a report as CSV, LaTeX and JSON.

    \b
    gsae tables                                 of reports/latest, into reports/latest/tables
    gsae tables reports/reference/0.1.0/report.json --out tables --format tex

    REPORT is a folder with report.json, or the file. LaTeX needs booktabs; numbers there have six digits,
    CSV and JSON are exact.
    """
    from gsae_theory.report.schema import read_record
    from gsae_theory.report.tables import FORMATS, write_tables

    folder = (report if report.is_dir() else report.parent) / "tables" if out is None else out
    written = write_tables(read_record(report), folder, formats or FORMATS)
    if as_json:
        emit({"files": [str(item) for item in written]})
    else:
        click.echo(f"{len(written)} files in {folder}")


@click.command(context_settings=HELP)
@click.argument("name", type=click.Choice(["report", "verdict", "spec", "difference"]))
def schema(name: str) -> None:
    """Print the JSON schema of report.json, of a verdict, of a spec or of `gsae diff --json`.

    \b
    gsae schema report > report.schema.json
    gsae schema verdict                         an entry of `gsae verify --json`
    gsae schema spec                            what a spec file may hold (TOML of this structure)
    """
    from gsae_theory.schemas import json_schema

    emit(json_schema(name))
