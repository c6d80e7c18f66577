"""A mutant: a theorem made wrong on purpose, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import sympy as sp

from gsae_theory.falsify.survivors import reason_for
from gsae_theory.theory.theorem import Assumption, Theorem

Outcome = Literal["REFUTED", "SURVIVED", "EQUIVALENT", "WEAKER", "UNDEFINED"]
NOT_FALSE = ("EQUIVALENT", "WEAKER", "UNDEFINED")
"""Outcomes that show that a mutant was no wrong claim: nothing can refute it."""


@dataclass(frozen=True)
class Mutant:
    """A wrong claim and the cases on which it is tried.

    Attributes
    ----------
    id : str
        ``base/change`` for mechanical mutants, ``M1`` .. ``M29`` for the table of side section 4.
    base : Theorem
        The true claim; it must hold on the same cases where they are inside its hypotheses.
    claim : Theorem
        The wrong one, run through the same code.
    change : str
        What is wrong, in words.
    cases : tuple of str
        Names of reference cases (`gsae_theory.falsify.cases`), tried in order until it falls.
    group : str
        ``table``, ``registered``, ``constant`` (mechanical), ``metric`` or ``hypothesis``.
    overrides : mapping from quantity name to sympy.Expr
        Quantities that the run takes from the wrong formula.
    """

    id: str
    base: Theorem
    claim: Theorem
    change: str
    cases: tuple[str, ...]
    group: str
    overrides: Mapping[str, sp.Expr] = field(default_factory=dict)


@dataclass(frozen=True)
class MutantResult:
    """How a mutant came out.

    Attributes
    ----------
    status : str
        REFUTED: a comparison contradicts it, or it gives away a bound that is attained. SURVIVED: it does
        not, and `reason` says what is missing. EQUIVALENT, WEAKER, UNDEFINED: no wrong claim, since it equals
        the true bound, is implied by it, or is no real number, on every row of every case.
    killed_by : str or None
        ``violation on CASE`` or ``tightness on CASE``.
    witness : dict or None
        Row, both sides, instance: enough to replay.
    """

    mutant: Mutant
    status: Outcome
    killed_by: str | None
    witness: dict[str, Any] | None
    reason: str
    seconds: float
    comparisons: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_wrong_claim(self) -> bool:
        """Whether the mutant says something that the true claim does not imply."""
        return self.status not in NOT_FALSE

    @property
    def explained(self) -> str | None:
        """The stated reason why a survivor survives."""
        return reason_for(self.mutant.id) if self.status == "SURVIVED" else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "id": self.mutant.id,
            "claim": self.mutant.base.id,
            "change": self.mutant.change,
            "group": self.mutant.group,
            "status": self.status,
            "killed_by": self.killed_by,
            "witness": self.witness,
            "reason": self.explained or self.reason,
            "detail": self.reason,
            "seconds": self.seconds,
        }


def with_bound(theorem: Theorem, bound: sp.Expr) -> Theorem:
    """Return `theorem` with another right-hand side, marked as false."""
    conclusion = type(theorem.conclusion)(theorem.conclusion.lhs, bound, evaluate=False)
    return replace(theorem, conclusion=conclusion, false=True)


def with_hypotheses(theorem: Theorem, *, without: tuple[str, ...] = (), **margins: sp.Expr) -> Theorem:
    """Return `theorem` without some hypotheses, or with other margins for some (underscores for hyphens)."""
    kept: list[Assumption] = []
    changed = {name.replace("_", "-"): margin for name, margin in margins.items()}
    known = {item.id for item in theorem.hypotheses}
    missing = {*without, *changed} - known
    if missing:
        raise ValueError(f"{theorem.id} has no hypothesis {sorted(missing)}")
    for item in theorem.hypotheses:
        if item.id in without:
            continue
        kept.append(replace(item, margin=changed[item.id]) if item.id in changed else item)
    return replace(theorem, hypotheses=tuple(kept), false=True)
