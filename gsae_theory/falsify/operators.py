"""Wrong versions of a theorem, made mechanically from its SymPy conclusion.

A site is a place where people slip: a factor of 2 in the bound or in one of the constants it names, a
dropped term, an exponent off by one, s* taken as 1, p or d forgotten. Each operator returns the whole
family of its mutants of one conclusion; the theorem's hypotheses and its observable stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import sympy as sp

from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.symbols import d, p, s

MAX_OPERATIONS = 60
"""Bounds with more operations are changed as a whole only, not at every node."""


@lru_cache(maxsize=4096)
def reaches(name: str) -> frozenset[str]:
    """Return every symbol name on which the quantity called `name` depends, itself included."""
    found = {name}
    if name in QUANTITIES and not QUANTITIES[name].implicit:
        for symbol in QUANTITIES[name].expr.free_symbols:
            found |= reaches(symbol.name)
    return frozenset(found)


def expanded(expr: sp.Expr, *targets: str) -> sp.Expr:
    """Return `expr` with every quantity that depends on a target replaced by its formula.

    Implicit quantities (s*) stay symbols: they are primitives as far as a formula is concerned.
    """
    swaps = {}
    for symbol in expr.free_symbols:
        name = symbol.name
        if name in targets or name not in QUANTITIES or QUANTITIES[name].implicit:
            continue
        if reaches(name) & set(targets):
            swaps[symbol] = expanded(QUANTITIES[name].expr, *targets)
    return expr.xreplace(swaps)


def opened(expr: sp.Expr) -> sp.Expr:
    """Return the formula behind a bound that is a single named quantity, else the bound itself."""
    while isinstance(expr, sp.Symbol) and expr.name in QUANTITIES and not QUANTITIES[expr.name].implicit:
        expr = QUANTITIES[expr.name].expr
    return expr


def _with_node(expr: sp.Expr, node: sp.Basic, other: sp.Expr) -> sp.Expr:
    return expr.xreplace({node: other})


_FACTORS = (("double", sp.Integer(2)), ("half", sp.Rational(1, 2)))


def _whole(bound: sp.Expr) -> Iterator[tuple[str, sp.Expr]]:
    if bound != 0:
        yield from ((f"{word} bound", factor * bound) for word, factor in _FACTORS)


def factors(bound: sp.Expr) -> Iterator[tuple[str, sp.Expr]]:
    """Yield the bound and each constant that it names, doubled and halved."""
    yield from _whole(bound)
    for symbol in sorted(bound.free_symbols, key=lambda item: item.name):
        if symbol.name in QUANTITIES and not QUANTITIES[symbol.name].implicit and symbol != bound:
            for word, factor in _FACTORS:
                yield f"{word} {symbol.name}", _with_node(bound, symbol, factor * symbol)


def dropped_terms(bound: sp.Expr) -> Iterator[tuple[str, sp.Expr]]:
    """Yield the bound with one term of one of its sums left out."""
    for node in _nodes(bound, sp.Add):
        for term in node.args:
            rest = node - term
            if rest != 0:
                yield f"without {_short(term)} in {_short(node)}", _with_node(bound, node, rest)


def exponents(bound: sp.Expr) -> Iterator[tuple[str, sp.Expr]]:
    """Yield the bound with the exponent of one power changed by 1, and square roots left out."""
    for node in _nodes(bound, sp.Pow):
        base, power = node.args
        if power == -1 or base.is_number:
            continue
        root = isinstance(power, sp.Rational) and power.q == 2
        changed = [2 * power] if root else [power + 1, power - 1]
        for other in changed:
            yield (
                f"power {_short(other)} for {_short(power)} of {_short(base)}",
                _with_node(bound, node, base**other),
            )


def forgotten(bound: sp.Expr) -> Iterator[tuple[str, sp.Expr]]:
    """Yield the bound with s*, d or p replaced by 1 wherever it occurs, also inside named constants."""
    for symbol in (s, d, p):
        full = expanded(bound, symbol.name)
        if symbol in full.free_symbols:
            yield f"{symbol.name} = 1", full.xreplace({symbol: sp.Integer(1)})


def mutations(bound: sp.Expr) -> Iterator[tuple[str, sp.Expr]]:
    """Yield name and right-hand side of every mechanical mutant of a bound, each once."""
    seen = {bound}
    inner = opened(bound)
    families: tuple[Iterator[tuple[str, sp.Expr]], ...] = (_whole(bound), forgotten(bound))
    if inner.count_ops() <= MAX_OPERATIONS:
        families = (factors(bound), dropped_terms(inner), exponents(inner), forgotten(bound))
    for family in families:
        for name, expr in family:
            if expr not in seen and not expr.has(sp.zoo, sp.nan, sp.oo):
                seen.add(expr)
                yield name, expr


def _nodes(expr: sp.Expr, kind: type[sp.Basic]) -> list[sp.Basic]:
    return sorted(expr.atoms(kind), key=lambda node: (node.count_ops(), str(node)))


def _short(expr: sp.Basic, limit: int = 24) -> str:
    text = str(expr).replace(" ", "")
    return text if len(text) <= limit else text[: limit - 2] + ".."
