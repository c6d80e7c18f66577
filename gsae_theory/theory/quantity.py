"""Named quantities: a symbol, the SymPy expression it stands for, and its numeric function.

A quantity exists once. Its NumPy function is lambdified from the expression, its LaTeX is printed
from it, its proof step is checked on it. Quantities refer to each other by symbol; `Environment`
resolves the references when numbers are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.optimize import brentq
from sympy.printing.numpy import SciPyPrinter

from gsae_theory.errors import MissingValue, UnknownName
from gsae_theory.theory.typeset.printer import latex_of

Number = float | NDArray[np.float64]


class _Printer(SciPyPrinter):
    """NumPy code in which Max and Min broadcast."""

    def _nested(self, name: str, args: tuple[sp.Expr, ...]) -> str:
        code = self._print(args[0])
        for arg in args[1:]:
            code = f"{self._module_format('numpy.' + name)}({code}, {self._print(arg)})"
        return code

    def _print_Max(self, expr: sp.Expr) -> str:
        return self._nested("maximum", expr.args)

    def _print_Min(self, expr: sp.Expr) -> str:
        return self._nested("minimum", expr.args)


@lru_cache(maxsize=4096)
def lambdified(expr: sp.Expr) -> tuple[tuple[str, ...], Callable[..., Number]]:
    """Return the names of the free symbols of `expr`, sorted, and its NumPy function of them."""
    symbols = sorted(expr.free_symbols, key=lambda item: item.name)
    printer = _Printer({"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True})
    function = sp.lambdify(symbols, expr, modules=["scipy", "numpy"], printer=printer, cse=True)
    return tuple(item.name for item in symbols), function


@dataclass(frozen=True)
class Quantity:
    """A symbol and what it stands for.

    Attributes
    ----------
    symbol : sympy.Symbol
        Left-hand side, from the symbol table.
    expr : sympy.Expr
        Right-hand side, in symbols of the table and other quantities. For an implicit quantity the
        equation that is zero at the symbol's value.
    meaning : str
        What it is, in a sentence.
    source : str
        Where it is stated (docs/theory.md).
    bracket : tuple of two sympy.Expr, optional
        Only for an implicit quantity: an interval that contains exactly one zero of `expr`.
    """

    symbol: sp.Symbol
    expr: sp.Expr
    meaning: str
    source: str
    bracket: tuple[sp.Expr, sp.Expr] | None = None

    @property
    def name(self) -> str:
        """Name of the symbol."""
        return str(self.symbol.name)

    @property
    def implicit(self) -> bool:
        """Whether the value is a root rather than a formula."""
        return self.bracket is not None

    def numeric(self, **values: Number) -> Number:
        """Return the value at `values`, which name primitive symbols or override quantities.

        Raises
        ------
        MissingValue
            If a symbol that the formula needs is neither given nor defined.
        """
        if self.implicit:
            return Environment({k: v for k, v in values.items() if k != self.name})[self.name]
        return Environment(values).evaluate(self.expr)

    def latex(self) -> str:
        """Return ``symbol = formula`` (or ``symbol: equation = 0``) as LaTeX."""
        left, right = latex_of(self.symbol), latex_of(self.expr)
        return f"{left}:\\quad {right} = 0" if self.implicit else f"{left} = {right}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


QUANTITIES: dict[str, Quantity] = {}


def define(
    symbol: sp.Symbol,
    expr: sp.Expr | int,
    meaning: str,
    source: str,
    bracket: tuple[sp.Expr, sp.Expr] | None = None,
) -> Quantity:
    """Create a quantity and put it in the table; a name can be defined once.

    Raises
    ------
    ValueError
        If the symbol is already defined by another expression, or by itself.
    """
    quantity = Quantity(symbol, sp.Integer(expr) if isinstance(expr, int) else expr, meaning, source, bracket)
    if bracket is None and symbol in quantity.expr.free_symbols:
        raise ValueError(f"{symbol} is defined by itself")
    if QUANTITIES.setdefault(quantity.name, quantity) != quantity:
        raise ValueError(f"quantity {symbol} is already defined")
    return quantity


def get_quantity(name: str) -> Quantity:
    """Return the quantity called `name`.

    Raises
    ------
    UnknownName
        With the closest name that exists.
    """
    if name not in QUANTITIES:
        raise UnknownName("quantity", name, QUANTITIES)
    return QUANTITIES[name]


@dataclass(frozen=True)
class Environment(Mapping[str, Number]):
    """Values of primitive symbols, from which every quantity can be read.

    Parameters
    ----------
    given : mapping from name to float or array
        Arrays broadcast against each other. A quantity given here overrides its formula.
    """

    given: Mapping[str, Number]
    _memo: dict[str, Number] = field(default_factory=dict, repr=False, compare=False)

    def __getitem__(self, name: str) -> Number:
        if name in self.given:
            return self.given[name]
        if name not in self._memo:
            if name not in QUANTITIES:
                raise MissingValue(f"no value for {name}: it is neither given nor defined")
            quantity = QUANTITIES[name]
            self._memo[name] = self._root(quantity) if quantity.implicit else self.evaluate(quantity.expr)
        return self._memo[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)

    def __contains__(self, name: object) -> bool:
        try:
            self[str(name)]
        except MissingValue:
            return False
        return True

    def with_values(self, **values: Number) -> Environment:
        """Return a new environment in which `values` are added or replaced."""
        return Environment({**self.given, **values})

    def evaluate(self, expr: sp.Expr) -> Number:
        """Return the value of any expression in symbols of the table.

        Raises
        ------
        MissingValue
            If a symbol is neither given nor defined.
        """
        names, function = lambdified(expr)
        with np.errstate(invalid="ignore", divide="ignore"):
            # NumPy scalars divide by zero with inf or nan, Python floats raise.
            value = function(*[np.asarray(self[name], dtype=float)[()] for name in names])
        array = np.asarray(value)
        if np.iscomplexobj(array):
            # The root of a negative number is no value of a real quantity.
            array = np.where(array.imag == 0, array.real, np.nan)
        array = array.astype(float)
        return float(array) if array.ndim == 0 else array

    def _root(self, quantity: Quantity) -> Number:
        """Return the zero of an implicit quantity inside its bracket, polished to rounding."""
        assert quantity.bracket is not None
        low, high = (float(self.evaluate(end)) for end in quantity.bracket)
        names, function = lambdified(quantity.expr)
        others = {name: self[name] for name in names if name != quantity.name}

        def value(at: float) -> float:
            return float(function(*[at if name == quantity.name else others[name] for name in names]))

        if value(low) == 0 or low == high:
            return low
        # The bracket may be exact up to rounding (constant R): widen by a few ulps.
        width = 1e-12 * max(1.0, abs(high))
        low, high = low - width, high + width
        if not value(low) * value(high) <= 0:
            return float("nan")  # outside the range in which the root exists; margins then count as violated
        return float(brentq(value, low, high, xtol=1e-15, rtol=8.9e-16))
