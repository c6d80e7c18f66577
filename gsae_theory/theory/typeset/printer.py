r"""SymPy expressions as LaTeX with the names of the symbol table, written as people write them.

Against SymPy's own printer: a sum begins with a positive term, a product ends with the factors whose names
are long (``\operatorname{dist}_g(W)``), a product of roots is one root, and the allowance for rounding
``1000000000001/1000000000000`` is ``1 + 10^{-12}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import sympy as sp
from sympy.printing.latex import LatexPrinter

from gsae_theory.theory.symbols import latex_names

_HALF = sp.Rational(1, 2)
SHORT_NAMES: dict[sp.Symbol, str] = {}
"""LaTeX of names that exist in print only (`short_forms`)."""
FUNCTION_NAMES = {
    "P_err": r"P_{\mathrm{err}}", "P_all": r"P_{\mathrm{all}}", "b_cross": r"b_{\mathrm{ReLU}}",
}  # fmt: skip
"""LaTeX of functions that have no formula, and of those that exist in print only."""


def names() -> dict[sp.Symbol, str]:
    """Return the LaTeX of every symbol that can occur."""
    return {**latex_names(), **SHORT_NAMES}


def latex_of(expr: sp.Basic) -> str:
    """Return an expression as LaTeX with the names of the symbol table."""
    return str(Printer().doprint(expr))


def negative(term: sp.Expr) -> bool:
    """Return whether the number in front of a term is negative."""
    return bool(term.as_coeff_Mul()[0].is_negative)


def ordered_terms(expr: sp.Add) -> list[sp.Expr]:
    """Return the terms of a sum, a positive one first where there is one."""
    terms = expr.as_ordered_terms()
    first = next((index for index, term in enumerate(terms) if not negative(term)), 0)
    return [part for term in (terms[first], *terms[:first], *terms[first + 1 :]) for part in _split(term)]


def _split(term: sp.Expr) -> list[sp.Expr]:
    """Return an integer and a power of ten for a number like 1 + 10^-12, otherwise the term."""
    if term.is_Rational and _exponent(term.q) and term.p > term.q:
        whole, rest = divmod(term.p, term.q)
        return [sp.Integer(whole), sp.Rational(rest, term.q)]
    return [term]


def _exponent(number: int) -> int:
    """Return k if the number is 10^k for k >= 4, otherwise 0."""
    digits = str(number)
    return len(digits) - 1 if len(digits) > 4 and digits == "1" + "0" * (len(digits) - 1) else 0


def fraction_parts(expr: sp.Expr) -> tuple[bool, list[sp.Expr], list[sp.Expr]]:
    """Return the sign of a product (True if negative) and the factors above and below its bar, in order.

    Returns
    -------
    tuple of bool, list, list
        Their quotient, with the sign, equals `expr`.
    """
    number, rest = expr.as_coeff_Mul()
    minus = bool(number.is_negative)
    above: list[sp.Expr] = [] if abs(number.p) == 1 else [sp.Integer(abs(number.p))]
    below: list[sp.Expr] = [] if number.q == 1 else [sp.Integer(number.q)]
    for factor in sp.Mul.make_args(rest):
        base, exponent = factor.as_base_exp()
        if factor.is_Add and all(negative(term) for term in factor.args):
            minus, factor = not minus, -factor
        if exponent.is_Rational and exponent.is_negative:
            below.append(base**-exponent)
        elif factor is not sp.S.One:
            above.append(factor)
    return minus, ordered_factors(above), ordered_factors(below)


def ordered_factors(factors: Iterable[sp.Expr]) -> list[sp.Expr]:
    """Return factors in the order in which they are written."""
    found = sp.Mul(*factors, evaluate=False).as_ordered_factors() if factors else []
    known = names()
    return sorted((item for item in found if item is not sp.S.One), key=lambda item: _rank(item, known))


def _rank(factor: sp.Expr, known: dict[sp.Symbol, str]) -> int:
    base = factor.as_base_exp()[0]
    if not base.is_Symbol:
        return 0 if base.is_Number else 2
    return 3 if composite(known.get(base, "")) else 1


def composite(name: str) -> bool:
    """Return whether a name is a formula of its own, such as a norm, that has to stand at the end of a product."""
    return bool(
        re.search(
            r"\\operatorname|\\partial|\\\||\\l?angle|\\lim|\\log|[-+|/\[]", re.sub(r"_\{.*?\}|_\S", "", name)
        )
    )


class Printer(LatexPrinter):
    """SymPy's LaTeX printer with the conventions of this module."""

    def __init__(self) -> None:
        super().__init__({"symbol_names": names()})

    def _print_Add(self, expr: sp.Add, order: object = None) -> str:
        text = ""
        for index, term in enumerate(ordered_terms(expr)):
            minus = negative(term)
            body = self.term(-term if minus else term)
            text += (" - " if minus else " + ") * (index > 0) + "- " * (minus and index == 0) + body
        return text

    def term(self, term: sp.Expr) -> str:
        """Return a term of a sum, in parentheses where it needs them."""
        body = str(self._print(term))
        return rf"\left({body}\right)" if self._needs_add_brackets(term) else body

    def _print_Rational(self, expr: sp.Rational) -> str:
        exponent = _exponent(expr.q)
        if exponent and abs(expr.p) == 1:
            return f"{'- ' if expr.p < 0 else ''}10^{{-{exponent}}}"
        if len(_split(expr)) > 1:
            return " + ".join(self._print(part) for part in _split(expr))
        return str(super()._print_Rational(expr))

    def _print_Mul(self, expr: sp.Mul) -> str:
        if isinstance(expr, sp.Mul) and (expr.args[0] is sp.S.One or any(a.is_Number for a in expr.args[1:])):
            return str(super()._print_Mul(expr))  # not evaluated: as it stands
        minus, above, below = fraction_parts(expr)
        sign = "- " if minus else ""
        root, above, below = _common_root(above, below)
        if root is not None:
            return sign + self._rooted(root, above, below)
        if not below:
            return sign + self.product(above)
        return rf"{sign}\frac{{{self.product(above)}}}{{{self.product(below)}}}"

    def _rooted(
        self, root: tuple[list[sp.Expr], list[sp.Expr]], above: list[sp.Expr], below: list[sp.Expr]
    ) -> str:
        inner, under = (self.product(part) for part in root)
        text = rf"\sqrt{{\frac{{{inner}}}{{{under}}}}}" if root[1] else rf"\sqrt{{{inner}}}"
        split = [item for item in above if _rank(item, names()) > 1]
        front = [item for item in above if item not in split]
        parts = [self.product(part) for part in (front, split) if part]
        parts.insert(1 if front else 0, text)
        whole = " ".join(parts)
        return rf"\frac{{{whole}}}{{{self.product(below)}}}" if below else whole

    def product(self, factors: list[sp.Expr]) -> str:
        """Return factors one after the other; 1 if there is none."""
        if len(factors) == 1:
            return str(self._print(factors[0]))
        text = ""
        for index, factor in enumerate(factors):
            body = self.factor(factor, first=index == 0, last=index == len(factors) - 1)
            text += (r" \cdot " if body[0].isdigit() else " ") * (index > 0) + body
        return text or "1"

    def factor(self, factor: sp.Expr, first: bool = False, last: bool = False) -> str:
        """Return a factor of a product, in parentheses where it needs them."""
        body = str(self._print(factor))
        return rf"\left({body}\right)" if self._needs_mul_brackets(factor, first=first, last=last) else body

    def _hprint_Function(self, func: str) -> str:
        return FUNCTION_NAMES.get(func) or str(super()._hprint_Function(func))

    def _print_betainc_regularized(self, expr: sp.Expr, exp: str | None = None) -> str:
        first, second, low, high = (self._print(argument) for argument in expr.args)
        power = "" if exp is None else f"^{{{exp}}}"
        place = high if low == "0" else f"({low}, {high})"
        return rf"I_{{{place}}}{power}\left({first}, {second}\right)"

    def _print_Pow(self, expr: sp.Pow) -> str:
        base, exponent = expr.as_base_exp()
        if base.is_Symbol and not (exponent.is_Rational and exponent.is_negative):
            name = str(self._print(base))
            if re.fullmatch(r"\\?\w+(_\w|_\{\w+\})?\^2", name):  # a name for a square: its root, its square
                power = self._print(2 * exponent)
                return name[:-2] if power == "1" else f"{name[:-2]}^{{{power}}}"
            if exponent != _HALF and re.search(r"'|\^|^\\(sqrt|min|partial)", name):
                return f"{{{name}}}^{{{self._print(exponent)}}}"
            if exponent != _HALF and re.search(
                r"[-+/]", re.sub(r"\\\|.*?\\\||\(.*?\)|\{.*?\}|\|.*?\|", "", name)
            ):
                return rf"\left({name}\right)^{{{self._print(exponent)}}}"
        return str(super()._print_Pow(expr))


def _common_root(
    above: list[sp.Expr], below: list[sp.Expr]
) -> tuple[tuple[list[sp.Expr], list[sp.Expr]] | None, list[sp.Expr], list[sp.Expr]]:
    """Return what stands under one root, numerator and denominator, and what stays outside; None for less than two."""
    inner, outer = ([item for item in part if _simple_root(item)] for part in (above, below))
    if len(inner) + len(outer) < 2:
        return None, above, below
    root = ([item.as_base_exp()[0] for item in inner], [item.as_base_exp()[0] for item in outer])
    return root, [i for i in above if not _simple_root(i)], [i for i in below if not _simple_root(i)]


def _simple_root(factor: sp.Expr) -> bool:
    base, exponent = factor.as_base_exp()
    square = base.is_Symbol and names().get(base, "").endswith("^2")
    return (
        exponent == _HALF and bool(base.is_nonnegative) and (base.is_Symbol or base.is_Integer) and not square
    )
