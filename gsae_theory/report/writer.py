"""Write a report: page, record and figures, each file whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

from gsae_theory.output import admit_file, prepare_folder, write_atomic
from gsae_theory.report.claims import with_claims
from gsae_theory.report.html import figures_of, render
from gsae_theory.report.joined import sections_of
from gsae_theory.report.onpage import FigureOnPage
from gsae_theory.report.schema import RECORD, ReportRecord
from gsae_theory.report.svg import FORMATS, file_name, to_bytes

PAGE = "index.html"


def prepare_output(folder: Path) -> Path:
    """Create the folder of a report and make sure that files can be written there; call it before any run.

    Raises
    ------
    UnwritableOutput
        If it cannot be created or written, with the reason and a place that can.
    """
    prepare_folder(folder)
    prepare_folder(folder / "figures")
    for name in (PAGE, RECORD):
        admit_file(folder / name)
    return folder


def write_report(record: ReportRecord, folder: Path) -> Path:
    """Write ``index.html``, ``report.json`` and ``figures/`` and return the path of the page.

    Each file replaces its predecessor in one step; the page comes last, so a page never lies beside
    an older record.

    Raises
    ------
    UnwritableOutput
        If a file cannot be written; what was there before stays.
    """
    folder = prepare_output(Path(folder))
    record = with_claims(record)
    data = record.to_dict()
    # The page is made from what report.json will say, so the two cannot differ.
    shown = ReportRecord.from_dict(data)
    figures = figures_of(shown)
    sections = sections_of(shown)
    page = render(shown, figures, sections)
    for figure in [*figures, *(item for section in sections for item in section.figures)]:
        _write_figure(folder, figure)
    write_atomic(
        folder / RECORD, (json.dumps(data, indent=1, allow_nan=False, ensure_ascii=False) + "\n").encode()
    )
    return write_atomic(folder / PAGE, page.encode())


def _write_figure(folder: Path, figure: FigureOnPage) -> None:
    for form in FORMATS:
        content = figure.svg if form == "svg" else to_bytes(figure.figure, form)
        write_atomic(folder / file_name(figure.stem, form), content)
