"""Identities: exact simplification to zero, where needed modulo a defining equation.

A rational identity is put over one denominator, its numerator expanded; modulo an equation (that of s*,
or of a square root) the numerator must lie in the ideal that the equations generate. Never numeric.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import sympy as sp

from proofs_check.core import Unproved

Points: TypeAlias = list[dict[sp.Symbol, sp.Rational]]


def prove_zero(expr: sp.Expr | sp.MatrixBase, modulo: Sequence[sp.Expr] = (), what: str = "") -> None:
    """Confirm that `expr` (each entry of a matrix) is identically zero.

    Parameters
    ----------
    expr : sympy.Expr or Matrix
        Rational in its symbols; other atoms (roots, functions) count as independent symbols.
    modulo : sequence of sympy.Expr
        Expressions known to be zero; the numerator has to lie in the ideal of their numerators.
    what : str
        Named in the failure.

    Raises
    ------
    Unproved
        With a rational point where `expr` is not zero, if there is no `modulo`.

    Notes
    -----
    Holds wherever the denominators of `expr` do not vanish.
    """
    if isinstance(expr, sp.MatrixBase):
        for entry in expr:
            prove_zero(entry, modulo, what)
        return
    numerator = sp.expand(sp.fraction(sp.together(sp.sympify(expr)))[0])
    if numerator == 0:
        return
    relations = [sp.expand(sp.fraction(sp.together(item))[0]) for item in modulo]
    if relations and _in_ideal(numerator, relations):
        return
    raise Unproved(
        f"{what or 'identity'}: what should be zero has numerator {_short(numerator)}",
        None if relations else nonzero_point(numerator),
    )


def prove_equal(left: sp.Expr, right: sp.Expr, modulo: Sequence[sp.Expr] = (), what: str = "") -> None:
    """Confirm that two expressions (or matrices) agree; see `prove_zero`."""
    prove_zero(left - right, modulo, what)


def _in_ideal(numerator: sp.Expr, relations: list[sp.Expr]) -> bool:
    symbols = sorted(
        set().union(*(item.free_symbols for item in (numerator, *relations))), key=lambda item: item.name
    )
    generators = sorted(
        set(symbols), key=lambda item: (not all(rel.has(item) for rel in relations), item.name)
    )
    basis: Sequence[sp.Expr] = relations
    if len(relations) > 1:
        basis = list(sp.groebner(relations, *generators, order="grevlex").exprs)
    _, rest = sp.reduced(numerator, basis, *generators, order="grevlex")
    return bool(sp.expand(rest) == 0)


def nonzero_point(expr: sp.Expr) -> dict[str, str] | None:
    """Return a small rational point at which `expr` is not zero, as strings."""
    symbols = sorted(expr.free_symbols, key=lambda item: item.name)
    values = [sp.Rational(k + 2, 3 + (k % 4)) for k in range(7)]
    for shift in range(7):
        point = {
            item: sp.Integer(shift + index + 2)
            if item.is_integer
            else values[(shift + index * (shift + 1)) % 7]
            for index, item in enumerate(symbols)
        }
        if expr.subs(point) != 0:
            return {item.name: str(value) for item, value in point.items()}
    return None


def unfold(expr: sp.Basic, keep: Sequence[sp.Symbol] = ()) -> sp.Basic:
    """Return `expr` with the named quantities of the theory replaced by their formulas, down to primitives.

    Implicit quantities (s*) stay, and so do the symbols of `keep`.
    """
    from gsae_theory.theory.quantity import QUANTITIES

    kept = {item.name for item in keep}
    for _ in itertools.count():
        table: Mapping[sp.Symbol, sp.Expr] = {
            item: QUANTITIES[item.name].expr
            for item in expr.free_symbols
            if item.name in QUANTITIES and not QUANTITIES[item.name].implicit and item.name not in kept
        }
        if not table:
            return expr
        expr = expr.xreplace(table)
    raise AssertionError


def _short(expr: sp.Expr, length: int = 160) -> str:
    text = str(expr)
    return text if len(text) <= length else text[:length] + " ..."
