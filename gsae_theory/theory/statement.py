"""A theorem written out as plain data: hypotheses, conclusion, the constants in it and their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from gsae_theory.errors import MissingValue
from gsae_theory.theory.quantity import QUANTITIES, Environment, Number, Quantity
from gsae_theory.theory.symbols import TABLE
from gsae_theory.theory.theorem import Theorem

LONG = 400
"""A formula with more LaTeX characters than this is named in words where it is defined, not printed inline."""


def symbols_of(theorem: Theorem) -> list[sp.Symbol]:
    """Return every symbol of the theorem and of the constants in it, definitions before what uses them.

    Parameters
    ----------
    theorem : Theorem

    Returns
    -------
    list of sympy.Symbol
        Primitive symbols and quantities of the table; symbols that are neither (a parameter of a formula,
        such as the variable of an expectation) are left out.
    """
    found: dict[sp.Symbol, None] = {}

    def visit(expr: sp.Basic) -> None:
        for symbol in sorted(expr.free_symbols, key=lambda item: item.name):
            if symbol in found or symbol.name not in TABLE:
                continue
            quantity = QUANTITIES.get(symbol.name)
            found[symbol] = None
            if quantity is not None:
                del found[symbol]
                if not quantity.implicit or symbol not in seen:
                    seen.add(symbol)
                    visit(quantity.expr)
                found[symbol] = None

    seen: set[sp.Basic] = set()
    for item in theorem.hypotheses:
        visit(item.margin)
    visit(theorem.conclusion)
    return list(found)


def constants_of(theorem: Theorem) -> list[Quantity]:
    """Return the named quantities of the theorem, each after what it is made of."""
    return [QUANTITIES[symbol.name] for symbol in symbols_of(theorem) if symbol.name in QUANTITIES]


def value_of(symbol: sp.Symbol, values: Environment) -> float | None:
    """Return the value of a symbol at an instance; None if it has none there, or is no single number."""
    try:
        found = np.asarray(values[symbol.name], dtype=float)
    except MissingValue:
        return None
    return float(found) if found.ndim == 0 and np.isfinite(found) else None


def statement(theorem: Theorem, values: Mapping[str, Number] | None = None) -> dict[str, Any]:
    """Return a theorem as plain data: `Theorem.to_dict`, its constants, and its numbers at an instance.

    Parameters
    ----------
    theorem : Theorem
    values : mapping, optional
        Primitive symbols of an instance (``Context.env``).

    Returns
    -------
    dict
        Also ``symbols`` (name, latex, meaning, formula, source, value) and, with values, ``margins``.
    """
    environment = None if values is None else environment_of(values)
    rows = []
    for symbol in symbols_of(theorem):
        quantity = QUANTITIES.get(symbol.name)
        rows.append({
            "name": symbol.name,
            "latex": TABLE[symbol.name].latex,
            "meaning": (quantity and quantity.meaning) or TABLE[symbol.name].meaning,
            "formula": None if quantity is None else quantity.latex(),
            "source": None if quantity is None else quantity.source,
            "value": None if environment is None else value_of(symbol, environment),
        })  # fmt: skip
    data = {**theorem.to_dict(), "symbols": rows}
    data["hypotheses"] = [
        {"id": item.id, "statement": item.statement, "latex": item.latex(), "source": item.source}
        for item in theorem.hypotheses
    ]
    if environment is not None:
        data["margins"] = margins_of(theorem, environment)
    return data


def environment_of(values: Mapping[str, Number]) -> Environment:
    """Return values as an environment, in which every quantity can be read."""
    return values if isinstance(values, Environment) else Environment(values)


def margins_of(theorem: Theorem, environment: Environment) -> list[dict[str, Any]]:
    """Return value and verdict of every hypothesis; None where a symbol has no value."""
    rows: list[dict[str, Any]] = []
    for item in theorem.hypotheses:
        try:
            margin = item.margin_on(environment)
        except MissingValue:
            rows.append({"id": item.id, "margin": None, "holds": None})
            continue
        rows.append({"id": item.id, "margin": margin.value, "holds": margin.holds})
    return rows
