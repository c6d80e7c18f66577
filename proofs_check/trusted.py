"""What every proof here takes for granted."""

from __future__ import annotations

from proofs_check.core import ledger


def trusted_base() -> list[dict[str, str]]:
    """Return what every proof here takes for granted: quoted lemmas with references, and software."""
    quoted = [
        {"kind": "lemma", "id": entry.id, "statement": entry.statement, "reference": entry.source}
        for entry in ledger().values()
        if entry.id.startswith("Q:")
    ]
    return quoted + [
        {"kind": "software", "id": name, "statement": what, "reference": where}
        for name, what, where in SOFTWARE
    ]


SOFTWARE = (
    ("python", "integers and fractions.Fraction are exact", "CPython"),
    ("sympy", "expand, cancel, together, diff and polynomial division are exact", "https://www.sympy.org"),
    ("python-flint", "arb ball arithmetic encloses", "https://flintlib.org"),
    ("rules", "the rules of the norm calculus and the checkers in proofs_check/methods", "this repository"),
    ("reading", "that the ledger's words say what the SymPy statement of the step says", "docs/proofs.md"),
)
