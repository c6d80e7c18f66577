"""The tables of a report as CSV, LaTeX and JSON files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gsae_theory.errors import UnknownName
from gsae_theory.output import prepare_folder, write_atomic
from gsae_theory.plain import plain
from gsae_theory.report.by_theorem import theorem_table
from gsae_theory.report.joined import sections_of
from gsae_theory.report.joined.section import Table
from gsae_theory.report.labels import bound_rows
from gsae_theory.report.schema import ReportRecord
from gsae_theory.theory.typeset.text import escaped, latex_number

FORMATS = ("csv", "tex", "json")


def tables_of(record: ReportRecord) -> Iterator[tuple[str, Table]]:
    """Yield (file stem, table) for every table of a report.

    Parameters
    ----------
    record : ReportRecord
        From `gsae_theory.report.read_record`.
    """
    if record.verdicts:
        keys = ("case", "theorem", "status", "measured", "bound", "slack", "evidence", "comparisons", "seed")
        numeric = {"measured", "bound", "slack", "comparisons", "seed"}
        rows = [[verdict.get(key) for key in keys] for verdict in record.verdicts]
        yield "verdicts", Table("Verdicts", [(key, key in numeric) for key in keys], rows)
        yield "theorems", theorem_table(record)
    if record.instance:
        known, further = bound_rows(record.instance)
        head = (("name", False), ("value", True), ("meaning", False))
        rows = [[row["key"], row["value"], row["meaning"]] for row in [*known, *further]]
        yield "bounds", Table("Constants and bounds of the main instance", head, rows)
    yield from _measured(record)
    for section in sections_of(record):
        for number, table in enumerate(section.tables, 1):
            yield f"{section.id}-{number}", table


def _measured(record: ReportRecord) -> Iterator[tuple[str, Table]]:
    if record.floors:
        names = (
            "gamma",
            "label",
            "measured_rms",
            "bound_rms",
            "slack_rms",
            "predicted_rms",
            "measured_max",
            "bound_max",
        )
        rows = [[getattr(row, name) for name in names] for row in record.floors]
        yield "floors", Table("Floors", [(name, name != "label") for name in names], rows)
    if record.spectrum:
        columns_of_spectrum = ("direction", "predicted", "measured", "difference", "multiplicity")
        rows = [[getattr(row, name) for name in columns_of_spectrum] for row in record.spectrum]
        head = [(name, name != "direction") for name in columns_of_spectrum]
        yield "spectrum", Table("Spectrum at the limit", head, rows)
    for number, curve in enumerate(record.curves, 1):
        columns = (curve.iterations, curve.measured_max, curve.bound, curve.sharp)
        head = [(name, True) for name in ("iteration", "measured", "bound", "sharp")]
        yield f"contraction-{number}", Table(curve.label, head, list(zip(*columns, strict=True)))


def to_csv(table: Table) -> str:
    """Return a table as CSV; what is missing is empty."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([name for name, _ in table.head])
    writer.writerows(["" if cell is None else _exact(cell) for cell in row] for row in table.rows)
    return stream.getvalue()


def to_tex(table: Table) -> str:
    """Return a table as LaTeX (booktabs), numbers with six digits."""
    columns = "".join("r" if numeric else "l" for _, numeric in table.head)
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"  \toprule"]
    lines.append("  " + " & ".join(escaped(name) for name, _ in table.head) + r" \\")
    lines.append(r"  \midrule")
    lines += ["  " + " & ".join(_tex(cell) for cell in row) + r" \\" for row in table.rows]
    return "\n".join([*lines, r"  \bottomrule", r"\end{tabular}", f"% {' '.join(table.caption.split())}", ""])


def to_json(table: Table) -> str:
    """Return a table as a JSON array of objects."""
    names = [name for name, _ in table.head]
    rows = [dict(zip(names, row, strict=True)) for row in table.rows]
    return json.dumps(plain({"caption": table.caption, "rows": rows}), indent=1, allow_nan=False) + "\n"


def _exact(cell: Any) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return repr(float(cell)) if isinstance(cell, float) else " ".join(str(cell).split())


def _tex(cell: Any) -> str:
    if cell is None:
        return "--"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return latex_number(cell)
    return escaped(str(cell))


WRITERS = {"csv": to_csv, "tex": to_tex, "json": to_json}


def write_tables(record: ReportRecord, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write every table of a report.

    Parameters
    ----------
    record : ReportRecord
    folder : Path
        Made if it is not there.
    formats : sequence of str
        From `FORMATS`.

    Returns
    -------
    list of Path

    Raises
    ------
    UnknownName
        For an unknown format.
    """
    for form in formats:
        if form not in WRITERS:
            raise UnknownName("format", str(form), FORMATS)
    prepare_folder(folder)
    written = []
    for stem, table in tables_of(record):
        for form in formats:
            written.append(write_atomic(folder / f"{stem}.{form}", WRITERS[form](table).encode()))
    return written
