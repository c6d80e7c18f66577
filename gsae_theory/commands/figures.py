"""`gsae figures`: the figures of a report for a paper."""

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
    help="Folder [paper-figures beside the record].",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(["svg", "pdf", "png"]),
    help="Only this form; may be repeated [all].",
)
@click.option(
    "--width",
    type=click.Choice(["column", "page"]),
    default=None,
    help="3.4 or 7 inches: one column or both [as on the page].",
)
@click.option("--figure", "names", multiple=True, metavar="NAME", help="Only this figure; may be repeated.")
@json_option
def figures(
    report: Path,
    out: Path | None,
    formats: tuple[str, ...],
    width: str | None,
    names: tuple[str, ...],
    as_json: bool,
) -> None:
    """Draw the figures of a report again, for a paper of two columns, with 8-point text.

    \b
    gsae figures --format pdf --width column            of reports/latest, into reports/latest/paper-figures
    gsae figures reports/latest --figure contraction-1 --width page --out figs

    REPORT is a folder with report.json, or the file. Nothing is run again. A figure drawn for both columns
    keeps its width with --width column.
    """
    from gsae_theory.cli_text import watched
    from gsae_theory.output import admit_folder
    from gsae_theory.report.figure_files import write_figures
    from gsae_theory.report.schema import read_record
    from gsae_theory.report.svg import FORMATS

    folder = (report if report.is_dir() else report.parent) / "paper-figures" if out is None else out
    record = read_record(report)
    admit_folder(folder)
    with watched(None) as step:
        step("drawing")
        written = write_figures(record, folder, formats or FORMATS, width, names)
    if as_json:
        rows = [{"path": str(item.path), "width": item.width, "kept": item.kept} for item in written]
        emit({"files": rows})
        return
    click.echo(f"{len(written)} files in {folder}")
    kept = sorted({item.path.stem for item in written if item.kept})
    if kept:
        click.echo(f"drawn for both columns, width kept: {', '.join(kept)}", err=True)
