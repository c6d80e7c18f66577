"""Closed theorems with something changed: what `proofs_check.assemble.compare` has to notice."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import sympy as sp

from gsae_theory.theory import THEOREMS
from proofs_check.assemble import compare
from proofs_check.core import CLOSINGS, OnDemand, recorder


@lru_cache(maxsize=1)
def checked_steps() -> OnDemand:
    """Return the outcomes of steps, checked once when they are first asked for."""
    return OnDemand()


def changed(theorem_id: str, bound: sp.Expr | None = None, drop: str = "") -> None:
    """Hold the assembled theorem against one whose bound or hypotheses were changed.

    Raises
    ------
    Unproved
        If the difference is noticed.
    ValueError
        If `drop` is no hypothesis of the theorem: then nothing was changed.
    """
    theorem = THEOREMS[theorem_id]
    hypotheses = tuple(item for item in theorem.hypotheses if item.id != drop)
    if drop and len(hypotheses) == len(theorem.hypotheses):
        raise ValueError(f"{theorem_id} has no hypothesis {drop}")
    conclusion = (
        theorem.conclusion
        if bound is None
        else type(theorem.conclusion)(theorem.conclusion.lhs, bound, evaluate=False)
    )
    closed = CLOSINGS[theorem_id](recorder(checked_steps(), []))
    compare(closed, replace(theorem, conclusion=conclusion, hypotheses=hypotheses))
