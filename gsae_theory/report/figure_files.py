"""The figures of a record as files of their own, sized for one column or for the page of a paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gsae_theory.errors import UnknownName
from gsae_theory.output import prepare_folder, write_atomic
from gsae_theory.report.figures import COLUMN
from gsae_theory.report.html import figures_of
from gsae_theory.report.joined import sections_of
from gsae_theory.report.schema import ReportRecord
from gsae_theory.report.svg import FORMATS, to_bytes

WIDTHS = {"column": COLUMN, "page": 7.0}
"""Inches, for a page of two columns; text stays at 8 points."""


@dataclass(frozen=True)
class FigureFile:
    """A file and the width of its figure in inches; ``kept`` where the figure does not fit the width asked for."""

    path: Path
    width: float
    kept: bool


def write_figures(
    record: ReportRecord,
    folder: Path,
    formats: Sequence[str] = FORMATS,
    width: str | None = None,
    names: Sequence[str] = (),
) -> list[FigureFile]:
    """Draw the figures of a record again and write them.

    Parameters
    ----------
    record : ReportRecord
        From `gsae_theory.report.read_record`.
    folder : Path
        Made if it is not there.
    formats : sequence of str
        From ``svg``, ``pdf``, ``png`` (200 dots per inch).
    width : str, optional
        ``column`` or ``page`` (see `WIDTHS`); as on the report's page if left out. A figure drawn for the
        page keeps its width in a column: its labels would not fit.
    names : sequence of str
        Only these figures (file stems); all if empty.

    Raises
    ------
    UnknownName
        For an unknown format or width, or a figure that the record does not have.
    UnwritableOutput
    """
    for form in formats:
        if form not in FORMATS:
            raise UnknownName("format", str(form), FORMATS)
    if width is not None and width not in WIDTHS:
        raise UnknownName("width", str(width), WIDTHS)
    figures = {item.stem: item for item in figures_of(record)}
    figures |= {item.stem: item for section in sections_of(record) for item in section.figures}
    for name in names:
        if name not in figures:
            raise UnknownName("figure", name, figures)
    prepare_folder(folder)
    written = []
    for stem in names or figures:
        item = figures[stem]
        kept = width == "column" and item.wide
        if width is not None and not kept:
            item.figure.set_figwidth(WIDTHS[width])
        for form in formats:
            path = write_atomic(folder / f"{stem}.{form}", to_bytes(item.figure, form))
            written.append(FigureFile(path, float(item.figure.get_figwidth()), kept))
    return written
