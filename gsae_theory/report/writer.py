"""Write a report: page, record and figures, each file whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from gsae_theory.errors import UnwritableOutput
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
    return folder


def prepare_folder(folder: Path) -> Path:
    """Create a folder and make sure that files can be written there.

    Raises
    ------
    UnwritableOutput
        If it cannot be created or written, with the reason and a place that can.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        raise UnwritableOutput(
            f"cannot write into {folder}: {problem.strerror or problem}; "
            f"give a folder that can be written, for example --out {Path(tempfile.gettempdir()) / 'gsae-report'}"
        ) from problem
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


def write_atomic(path: Path, content: bytes) -> Path:
    """Write a file so that readers see the old content or the new, never a part.

    Raises
    ------
    UnwritableOutput
        If it cannot be written (disk full, no permission); the old file stays.
    """
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as problem:
        raise UnwritableOutput(f"cannot write {path}: {problem.strerror or problem}") from problem
    finally:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
    return path


def _write_figure(folder: Path, figure: FigureOnPage) -> None:
    for form in FORMATS:
        content = figure.svg if form == "svg" else to_bytes(figure.figure, form)
        write_atomic(folder / file_name(figure.stem, form), content)
