"""A section of the page made from the JSON of another command."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from matplotlib.figure import Figure

from gsae_theory.errors import InvalidInput
from gsae_theory.report.onpage import FigureOnPage
from gsae_theory.report.schema import ReportRecord
from gsae_theory.report.svg import to_bytes

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """A table: `head` holds label and whether the column is numeric; cells are text, numbers or None."""

    caption: str
    head: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Section:
    """What the page shows of a record; without one it says which command makes it.

    Attributes
    ----------
    id, title : str
    command : str
        Makes the record.
    sentences : sequence of str
        What was found, every number from the record.
    tables, figures : sequences
    note : str
        Shown small, e.g. how to read the figure.
    missing : bool
        There is no record.
    """

    id: str
    title: str
    command: str
    sentences: Sequence[str] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[FigureOnPage] = field(default_factory=tuple)
    note: str = ""
    missing: bool = False


KINDS: dict[str, tuple[str, str]] = {
    "proofs": ("What the proofs rest on", "gsae prove --slack --json"),
    "mutants": ("Wrong theorems, refuted", "gsae mutants --json"),
    "explore": ("Assumptions violated by degrees", "gsae explore --all --json"),
    "compare": ("Group-sparse ReLU against elementwise networks", "gsae compare --json"),
    "cluster": ("Clustering by active group", "gsae cluster --data digits --json"),
    "bench": ("Speed", "gsae bench --json"),
}
"""Name of a record: title of its section and the command that writes it."""

Builder = Callable[[Data], dict[str, Any]]


def sections_of(record: ReportRecord) -> list[Section]:
    """Return a section for every kind of record, empty where `record` has none.

    Raises
    ------
    InvalidInput
        If a record is not what its command writes; names the record and the part that is missing.
    """
    made = []
    for name, (title, command) in KINDS.items():
        data = record.joined.get(name)
        if data is None:
            made.append(Section(name, title, command, missing=True))
            continue
        build: Builder = import_module(f"gsae_theory.report.joined.{name}").build
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", RuntimeWarning)  # numbers that no axis can hold
                made.append(Section(name, title, command, **build(data)))
        except (
            LookupError,
            TypeError,
            AttributeError,
            ArithmeticError,
            ValueError,
            RuntimeWarning,
        ) as problem:
            raise InvalidInput(
                f"record {name}", f"{type(problem).__name__}: {problem}", f"what `{command}` writes"
            ) from problem
    return made


def drawing(section: str, stem: str, figure: Figure, caption: str, words: str = "") -> FigureOnPage:
    """Return a figure of a section; the table beside it is its text alternative where `words` is empty."""
    words = words or f"{caption} The numbers are in the tables of this section and in report.json."
    return FigureOnPage(f"{section}-{stem}", section, figure, to_bytes(figure, "svg"), caption, words)
