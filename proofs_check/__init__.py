"""Every step of the proofs, checked by computer: ledger, steps, methods, certificates.

Read one step in three clicks: `ledger/*.toml` says what is claimed and by which method, `steps/*.py` has
the function of the same id, and `methods/*.py` is the checker that it calls. Nothing here is asserted:
the status of a step is what running it gives, and a theorem is proved when its closing entry rebuilds its
conclusion from proved steps.
"""

from __future__ import annotations

from proofs_check.core import (
    Closed,
    Inequality,
    LedgerEntry,
    Proof,
    StepResult,
    TheoremResult,
    Unproved,
    Use,
    add_ledger,
    closing,
    ledger,
    provable,
    prove,
    run,
    step,
    theorem_status,
    where,
)
from proofs_check.trusted import trusted_base

__all__ = [
    "Closed",
    "Inequality",
    "LedgerEntry",
    "Proof",
    "StepResult",
    "TheoremResult",
    "Unproved",
    "Use",
    "add_ledger",
    "closing",
    "ledger",
    "provable",
    "prove",
    "run",
    "step",
    "theorem_status",
    "trusted_base",
    "where",
]
