"""What steps, ledgers and results are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import sympy as sp

from gsae_theory.errors import InvalidInput, UnknownName

METHODS = (
    "identity",
    "certificate",
    "interval",
    "expectation",
    "gram",
    "norm-calculus",
    "logic",
    "quoted",
)
"""Kinds of argument. `certificate` is methods/bernstein.py or methods/sos.py, `expectation` methods/moments.py,
`norm-calculus` methods/norms.py; `logic` puts proved steps together and checks only that they fit."""


class Unproved(Exception):
    """A checker could not confirm what it was asked to.

    Attributes
    ----------
    reason : str
    counterexample : dict or None
        A point at which the claim is false, where one was met.
    """

    def __init__(self, reason: str, counterexample: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.counterexample = None if counterexample is None else dict(counterexample)


@dataclass(frozen=True)
class Inequality:
    """A scalar inequality that a checker has confirmed: `expr` >= 0 (> 0 if `strict`) on a region.

    Attributes
    ----------
    expr : sympy.Expr
    region : tuple of (symbol, low, high)
        Triangular: the ends may contain the symbols before; high may be oo.
    what : str
    strict : bool
    """

    expr: sp.Expr
    region: tuple[tuple[sp.Symbol, sp.Expr, sp.Expr], ...]
    what: str
    strict: bool = False


@dataclass(frozen=True)
class Proof:
    """What a step has established.

    Attributes
    ----------
    statement : object
        SymPy object, tuple or mapping of them: what later steps may use. None if it is in words only.
    method : str
        One of `METHODS`; must be the ledger's.
    details : mapping
        Boxes, multipliers, domain, number of cases.
    """

    statement: Any
    method: str
    details: Mapping[str, object] = field(default_factory=dict)


Use: TypeAlias = Callable[[str], Proof]
StepFunction: TypeAlias = Callable[[Use], Proof]


@dataclass(frozen=True)
class LedgerEntry:
    """One row of a ledger."""

    id: str
    statement: str
    uses: tuple[str, ...]
    method: str
    source: str
    part: str
    explained: str = ""
    """Why the step is there although no theorem rests on it; empty where one does."""


@dataclass(frozen=True)
class StepResult:
    """Outcome of one step.

    Attributes
    ----------
    status : str
        ``proved``, ``quoted`` (a lemma of the closed list, its instances checked), ``failed`` or
        ``missing`` (in the ledger, without a function). A step whose ancestor is not proved has failed.
    reason : str
        Empty if proved.
    inequalities : tuple of Inequality
        What was confirmed on the way: a second opinion and the slack are taken from it.
    """

    id: str
    method: str
    status: str
    uses: tuple[str, ...]
    seconds: float
    reason: str = ""
    counterexample: Mapping[str, Any] | None = None
    proof: Proof | None = field(default=None, repr=False)
    inequalities: tuple[Inequality, ...] = field(default=(), repr=False)

    @property
    def holds(self) -> bool:
        """Whether later steps may use it."""
        return self.status in ("proved", "quoted")

    def to_dict(self) -> dict[str, object]:
        """Return plain data."""
        data: dict[str, object] = {
            "id": self.id,
            "method": self.method,
            "status": self.status,
            "uses": list(self.uses),
            "seconds": round(self.seconds, 4),
        }
        return {**data, "reason": self.reason} if self.reason else data


@dataclass(frozen=True)
class Closed:
    """A theorem put together from steps, to be compared with the registered one.

    Attributes
    ----------
    conclusion : sympy relation
        Built from the statements of steps.
    hypotheses : mapping from assumption id to sympy.Expr or None
        What the steps assumed: the hypotheses of the theorem that are used, each with the expression that
        has to be nonnegative (or positive, if strict), up to a positive factor; None compares the id only.
    """

    conclusion: sp.core.relational.Relational
    hypotheses: Mapping[str, sp.Expr | None] = field(default_factory=dict)


ClosingFunction: TypeAlias = Callable[[Use], Closed]


@dataclass(frozen=True)
class TheoremResult:
    """Status of one registered theorem.

    Attributes
    ----------
    status : str
        ``proved``, or what is missing.
    rests_on : tuple of str
        Every step in its ancestry, quoted lemmas included.
    direct : tuple of str
        The steps that its closing entry names.
    """

    id: str
    status: str
    rests_on: tuple[str, ...]
    direct: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return plain data."""
        return {
            "id": self.id,
            "status": self.status,
            "rests_on": list(self.rests_on),
            "direct": list(self.direct),
        }


def entry_of(row: Any, path: Path) -> LedgerEntry:
    """Return a table of the ledger `path` as an entry.

    Raises
    ------
    InvalidInput, UnknownName
        If a part is missing or of the wrong kind, or there is no such method.
    """
    if not isinstance(row, dict):
        raise InvalidInput(f"{path.name}: step", row, "a table")
    place = f"{path.name}: {row.get('id', 'a step without id')}"
    for name in ("id", "statement", "method", "source"):
        if not isinstance(row.get(name), str):
            raise InvalidInput(f"{place}: {name}", row.get(name), "text")
    uses, explained = row.get("uses"), row.get("explained", "")
    if not isinstance(uses, list) or not all(isinstance(name, str) for name in uses):
        raise InvalidInput(f"{place}: uses", uses, "a list of ids of steps")
    if not isinstance(explained, str):
        raise InvalidInput(f"{place}: explained", explained, "text")
    if row["method"] not in METHODS:
        raise UnknownName(f"{place}: method", row["method"], METHODS)
    return LedgerEntry(
        row["id"], row["statement"], tuple(uses), row["method"], row["source"], path.stem, explained
    )
