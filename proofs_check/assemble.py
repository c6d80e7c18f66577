"""Closing the chain: a theorem put together from steps against the registered object.

`close` runs a theorem's closing entry on the proofs of a run and compares structurally: same relation,
same measured symbol, bounds whose difference is identically zero once named quantities are unfolded, and
every hypothesis that the steps needed among the theorem's own. One constant changed on either side breaks
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import sympy as sp

from gsae_theory.theory import THEOREMS
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.theorem import Theorem
from proofs_check.core import (
    CLOSINGS,
    Closed,
    StepResult,
    TheoremResult,
    Unproved,
    ancestry,
    ledger,
    recorder,
)
from proofs_check.methods.identity import prove_zero, unfold


def close(theorem_id: str, results: Mapping[str, StepResult]) -> TheoremResult:
    """Return the status of one theorem, given the outcome of the steps."""
    if theorem_id not in CLOSINGS:
        return TheoremResult(theorem_id, "no closing entry", ())
    seen: list[str] = []
    status = "proved"
    try:
        compare(CLOSINGS[theorem_id](recorder(results, seen)), THEOREMS[theorem_id])
    except Unproved as problem:
        status = problem.reason
    rests_on = tuple(ancestry(name for name in seen if name in ledger()))
    broken = [name for name in rests_on if name not in results or not results[name].holds]
    if broken and status == "proved":
        status = f"not proved: {', '.join(broken)}"
    return TheoremResult(theorem_id, status, rests_on, tuple(seen))


def compare(closed: Closed, theorem: Theorem) -> None:
    """Confirm that what was assembled is what is registered.

    Raises
    ------
    Unproved
        Naming the difference.
    """
    mine, theirs = closed.conclusion, theorem.conclusion
    if type(mine) is not type(theirs) or mine.lhs != theirs.lhs:
        raise Unproved(f"the steps give {mine.lhs} {mine.rel_op} ..., the theorem says {theirs}")
    same_value(mine.rhs, theirs.rhs, f"bound of {theorem.id}")
    registered = {item.id: item for item in theorem.hypotheses}
    for name, needed in closed.hypotheses.items():
        if name not in registered:
            raise Unproved(f"the steps need {name}, which {theorem.id} does not assume")
        if needed is not None:
            same_condition(needed, registered[name].margin, f"hypothesis {name} of {theorem.id}")


def same_value(mine: sp.Basic, theirs: sp.Basic, what: str) -> None:
    """Confirm that two bounds agree, with quantities unfolded; Min, Max and cases entry by entry."""
    left, right = _meet(mine, theirs)
    if left == right or sp.expand(left - right) == 0:
        return
    left, right = unfold(left), unfold(right)
    if left == right:
        return
    nested = (sp.Min, sp.Max, sp.Piecewise)
    if isinstance(left, nested) or isinstance(right, nested):
        if sp.simplify(left - right) != 0:
            raise Unproved(f"{what}: {left} is not {right}")
        return
    prove_zero(left - right, what=what)


def same_condition(needed: sp.Expr, margin: sp.Expr, what: str) -> None:
    """Confirm that `needed` >= 0 and `margin` >= 0 say the same: they differ by a positive factor.

    For a margin Min(a, b) give Min(a', b') in the same order of sign conditions.
    """
    left, right = _meet(needed, margin)
    if left == right:
        return
    left, right = _smallest(unfold(left)), _smallest(unfold(right))
    if left == right:
        return
    pairs = [(left, right)]
    if isinstance(left, sp.Min) or isinstance(right, sp.Min):
        if not (isinstance(left, sp.Min) and isinstance(right, sp.Min) and len(left.args) == len(right.args)):
            raise Unproved(f"{what}: {left} is not {right}")
        pairs = [(item, _partner(item, right.args)) for item in left.args]
    for mine, theirs in pairs:
        if theirs is None or not sp.cancel(sp.together(theirs / mine)).is_positive:
            raise Unproved(f"{what}: {mine} >= 0 is not {theirs} >= 0")


def _meet(mine: sp.Basic, theirs: sp.Basic) -> tuple[sp.Basic, sp.Basic]:
    """Unfold named quantities that occur on one side only, the outermost first: quick, often enough."""
    while mine != theirs:
        apart = {item for item in mine.free_symbols ^ theirs.free_symbols if _formula(item) is not None}
        outer = {item for item in apart if not any(item in _below(other) for other in apart - {item})}
        if not outer:
            break
        table = {item: _formula(item) for item in outer}
        mine, theirs = mine.xreplace(table), theirs.xreplace(table)
    return mine, theirs


def _formula(symbol: sp.Symbol) -> sp.Expr | None:
    quantity = QUANTITIES.get(symbol.name)
    return None if quantity is None or quantity.implicit else quantity.expr


@cache
def _below(symbol: sp.Symbol) -> frozenset[sp.Symbol]:
    """Return every symbol in the formula of a named quantity, at any depth."""
    formula = _formula(symbol)
    inside = frozenset() if formula is None else frozenset(formula.free_symbols)
    return inside.union(*(_below(item) for item in inside))


def _smallest(expr: sp.Expr) -> sp.Expr:
    """Return Min(a, b) for a positive multiple of it: the sign is the same."""
    if isinstance(expr, sp.Mul):
        inner = [item for item in expr.args if isinstance(item, sp.Min)]
        if len(inner) == 1 and all(item.is_positive for item in expr.args if item != inner[0]):
            return inner[0]
    return expr


def _partner(item: sp.Expr, candidates: tuple[sp.Expr, ...]) -> sp.Expr | None:
    return next((other for other in candidates if sp.cancel(sp.together(other / item)).is_positive), None)
