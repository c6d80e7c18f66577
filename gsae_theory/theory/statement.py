"""A theorem written out: hypotheses, conclusion, the constants in it and their values, as LaTeX and plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from gsae_theory.errors import MissingValue
from gsae_theory.theory.quantity import QUANTITIES, Environment, Number, Quantity
from gsae_theory.theory.symbols import TABLE
from gsae_theory.theory.theorem import Theorem
from gsae_theory.theory.typeset.printer import latex_of

LONG = 400
"""A formula with more LaTeX characters than this is named in words where it is defined, not printed inline."""
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "^": r"\^{}", "&": r"\&", "%": r"\%",
    "#": r"\#", "$": r"\$", "~": r"\~{}", "<": r"\ensuremath{<}", ">": r"\ensuremath{>}", "|": r"\ensuremath{|}",
}  # fmt: skip


def escaped(text: str) -> str:
    """Return text in which nothing is a LaTeX command."""
    return "".join(_SPECIAL.get(letter, letter) for letter in text)


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
    environment = None if values is None else _environment(values)
    rows = []
    for symbol in symbols_of(theorem):
        quantity = QUANTITIES.get(symbol.name)
        rows.append({
            "name": symbol.name,
            "latex": TABLE[symbol.name].latex,
            "meaning": TABLE[symbol.name].meaning if quantity is None else quantity.meaning,
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
        data["margins"] = _margins(theorem, environment)
    return data


def _environment(values: Mapping[str, Number]) -> Environment:
    return values if isinstance(values, Environment) else Environment(values)


def _margins(theorem: Theorem, environment: Environment) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for item in theorem.hypotheses:
        try:
            margin = item.margin_on(environment)
        except MissingValue:
            rows.append({"id": item.id, "margin": None, "holds": None})
            continue
        rows.append({"id": item.id, "margin": margin.value, "holds": margin.holds})
    return rows


def to_latex(theorem: Theorem, values: Mapping[str, Number] | None = None) -> str:
    r"""Return the theorem as LaTeX to paste: a ``theorem`` environment, definitions, and a table of values.

    Parameters
    ----------
    theorem : Theorem
    values : mapping, optional
        Primitive symbols of an instance; adds a table of constants and margins there.

    Notes
    -----
    Needs ``amsmath``, ``amsthm`` (or any ``theorem`` environment) and ``booktabs`` for the table.
    """
    label = re.sub(r"[^a-z0-9]+", "-", theorem.id)
    lines = [
        rf"\begin{{theorem}}[{escaped(theorem.title)}]\label{{thm:{label}}}",
        f"% {theorem.id}, {theorem.source}",
    ]
    if theorem.hypotheses:
        lines += ["Assume", r"\begin{enumerate}"]
        lines += [rf"  \item {escaped(item.statement)}: \( {item.latex()} \)." for item in theorem.hypotheses]
        lines += [r"\end{enumerate}", "Then"]
    lines += [rf"\[ {latex_of(theorem.conclusion)} . \]", escaped(theorem.statement), r"\end{theorem}"]
    constants = constants_of(theorem)
    if constants:
        lines += ["", "Constants:", r"\begin{align*}"]
        lines += [f"  {_aligned(item)} \\\\" for item in constants]
        lines[-1] = lines[-1][:-3] + "."
        lines += [r"\end{align*}"]
    if values is not None:
        lines += ["", *_table(theorem, _environment(values))]
    return "\n".join(lines) + "\n"


def _aligned(quantity: Quantity) -> str:
    left, right = latex_of(quantity.symbol), latex_of(quantity.expr)
    return f"{right} &= 0 \\quad ({left})" if quantity.implicit else f"{left} &= {right}"


def _table(theorem: Theorem, environment: Environment) -> list[str]:
    rows = []
    for symbol in symbols_of(theorem):
        value = value_of(symbol, environment)
        if value is not None:
            quantity = QUANTITIES.get(symbol.name)
            meaning = TABLE[symbol.name].meaning if quantity is None else quantity.meaning
            rows.append(rf"  \( {latex_of(symbol)} \) & {escaped(meaning)} & {latex_number(value)} \\")
    for row in _margins(theorem, environment):
        if row["margin"] is not None:
            rows.append(rf"  {escaped(str(row['id']))} & margin & {latex_number(row['margin'])} \\")
    head = [r"\begin{tabular}{llr}", r"  \toprule", r"  symbol & meaning & value \\", r"  \midrule"]
    return [*head, *rows, r"  \bottomrule", r"\end{tabular}"]


def latex_number(value: float) -> str:
    """Return a number with six digits as inline LaTeX."""
    text = f"{value:.6g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        return rf"\( {mantissa} \cdot 10^{{{int(exponent)}}} \)"
    return rf"\( {text} \)"
