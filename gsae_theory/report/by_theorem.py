"""One row per theorem: what the runs, the proofs and the wrong versions of it say together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gsae_theory.errors import InvalidInput
from gsae_theory.report.joined.section import Table
from gsae_theory.report.schema import ReportRecord, kind_of

STEPS = "gsae prove --slack --json"
"""Writes the record from which the proof columns come."""

FREE = 1 - 1e-9
"""From this relative slack on, nothing pulls against an inequality."""


@dataclass(frozen=True)
class Step:
    """What one inequality of the proof gives away where it is tightest: relative, 0 if it is attained."""

    step: str
    what: str
    slack: float


@dataclass(frozen=True)
class TheoremRow:
    """One theorem.

    Attributes
    ----------
    id, title : str
    false : bool
        Registered as false: it has to be refuted.
    good, instances : int
        Verdicts that are as they should be, and all.
    first : int
        Number of its first verdict on the page, from 1.
    tightest : float or None
        Bound over measured (or measured over bound) where it is closest to 1, None for equalities.
    proof : str or None
        Status of its proof; None without a record of proofs, or for a claim that has none.
    rests_on : int
        Number of steps below it.
    steps : tuple of Step
        Inequalities among them with a recorded slack, the loosest first; those against which nothing pulls
        (slack 1: both sides have the sign that they need) are in `free`.
    free : int
        Number of those.
    refuted, mutants : int
        Wrong versions of it: refuted, and all.
    """

    id: str
    title: str
    false: bool
    good: int
    instances: int
    first: int
    tightest: float | None
    proof: str | None
    rests_on: int
    steps: tuple[Step, ...]
    free: int
    refuted: int
    mutants: int


def theorem_rows(record: ReportRecord, first: Mapping[str, int]) -> list[TheoremRow]:
    """Return a row for every theorem with a verdict, in the order of their names.

    Parameters
    ----------
    record : ReportRecord
    first : mapping from theorem to int
        Number of the first verdict of each.

    Raises
    ------
    InvalidInput
        If a joined record is not what its command writes.
    """
    try:
        return [_row(record, name, number) for name, number in sorted(first.items())]
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise InvalidInput(
            "record proofs or mutants",
            f"{type(problem).__name__}: {problem}",
            f"what `{STEPS}` and `gsae mutants --json` write",
        ) from problem


def _row(record: ReportRecord, name: str, number: int) -> TheoremRow:
    verdicts = [row for row in record.verdicts if row["theorem"] == name]
    claim = record.claims.get(name, {})
    slacks = [
        row["slack"]
        for row in verdicts
        if row["status"] == "HOLDS" and row.get("slack") is not None and claim.get("relation") in ("<=", ">=")
    ]
    proofs = record.joined.get("proofs") or {}
    proof: Mapping[str, Any] = next(
        (row for row in proofs.get("theorems", []) if row["id"] == name),
        {},
    )
    below = set(proof.get("rests_on", []))
    steps = [
        Step(str(row["step"]), str(row["what"]), float(row["slack"]))
        for row in proofs.get("slack") or []
        if row["step"] in below
    ]
    mutants = [
        row for row in (record.joined.get("mutants") or {}).get("mutants", []) if row.get("claim") == name
    ]
    return TheoremRow(
        id=name,
        title=str(claim.get("title") or name),
        false=any(row.get("expected_false") for row in verdicts),
        good=sum(kind_of(row) == "good" for row in verdicts),
        instances=len(verdicts),
        first=number,
        tightest=min(slacks, default=None),
        proof=proof.get("status"),
        rests_on=len(below),
        steps=tuple(sorted((item for item in steps if item.slack < FREE), key=lambda item: -item.slack)),
        free=sum(item.slack >= FREE for item in steps),
        refuted=sum(row["status"] == "REFUTED" for row in mutants),
        mutants=len(mutants),
    )


def theorem_table(record: ReportRecord) -> Table:
    """Return the rows as a table for `gsae tables`."""
    names = dict.fromkeys((str(row["theorem"]) for row in record.verdicts), 0)
    head = [
        ("theorem", False), ("as expected", True), ("instances", True), ("tightest slack", True), ("proof", False),
        ("steps", True), ("loosest step", False), ("its slack", True), ("wrong versions refuted", True),
        ("wrong versions", True),
    ]  # fmt: skip
    rows = []
    for row in theorem_rows(record, names):
        loosest = row.steps[0] if row.steps else None
        rows.append([
            row.id, row.good, row.instances, row.tightest, row.proof, row.rests_on,
            loosest and loosest.step, loosest and loosest.slack, row.refuted, row.mutants,
        ])  # fmt: skip
    return Table("Theorem by theorem", head, rows)
