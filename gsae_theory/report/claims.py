"""The words and formulas of the claims that a report shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gsae_theory.report.schema import ReportRecord
from gsae_theory.theory import THEOREMS, Theorem
from gsae_theory.theory.typeset.printer import latex_of
from gsae_theory.theory.typeset.short_forms import short_form


def claim_data(theorem: Theorem) -> dict[str, Any]:
    """Return title, statement, source, LaTeX of conclusion and hypotheses, and kind of a claim, as plain data.

    A polynomial of thousands of terms is printed as a function of its arguments (``abbreviated``).
    """
    conclusion = theorem.conclusion
    short = type(conclusion)(conclusion.lhs, short_form(conclusion.rhs), evaluate=False)
    return {
        "id": theorem.id,
        "title": theorem.title,
        "statement": theorem.statement,
        "source": theorem.source,
        "false": theorem.false,
        "asymptotic": theorem.asymptotic,
        "relation": theorem.relation,
        "latex": latex_of(short),
        "abbreviated": short != conclusion,
        "hypotheses": {item.id: item.latex() for item in theorem.hypotheses},
    }


def with_claims(record: ReportRecord) -> ReportRecord:
    """Return the record with the claims of its verdicts filled in from the registry."""
    names = dict.fromkeys(verdict["theorem"] for verdict in record.verdicts)
    found = {
        name: claim_data(THEOREMS[name]) for name in names if name in THEOREMS and name not in record.claims
    }
    return replace(record, claims={**record.claims, **found})
