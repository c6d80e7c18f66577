"""Rigorous interval arithmetic: python-flint's Arb balls, or mpmath's intervals where it is not installed.

`positive` cuts a region until every piece is settled by outward-rounded arithmetic; `extremum` encloses a
minimum or maximum. Numbers enter as rationals.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import sympy as sp

from proofs_check.core import Inequality, Unproved, record
from proofs_check.methods.bernstein import Region

try:
    import flint
except ImportError:  # pragma: no cover - depends on what is installed
    flint = None
from mpmath import iv

BITS = 80
MOST = 60000
Ball: TypeAlias = Any
"""An interval of either library."""
Compiled: TypeAlias = Callable[[Mapping[sp.Symbol, Ball]], Ball]

if flint is not None:
    flint.ctx.prec = BITS
iv.prec = BITS


def ball(low: Fraction | int, high: Fraction | int | None = None) -> Ball:
    """Return an interval that contains [low, high]."""
    low, high = Fraction(low), Fraction(low if high is None else high)
    if flint is None:
        ends = [iv.mpf(end.numerator) / end.denominator for end in (low, high)]
        return iv.mpf([ends[0].a, ends[1].b])
    ends = [flint.arb(flint.fmpq(end.numerator, end.denominator)) for end in (low, high)]
    return ends[0] if low == high else ends[0].union(ends[1])


def lower(value: Ball) -> Ball:
    """Return the lower end, as a number of the library."""
    return value.lower() if flint is not None else value.a


def upper(value: Ball) -> Ball:
    """Return the upper end."""
    return value.upper() if flint is not None else value.b


def surely_positive(value: Ball) -> bool:
    """Return whether every number of the interval is > 0."""
    return bool(value > 0) if flint is not None else bool(value.a > 0)


def surely_negative(value: Ball) -> bool:
    """Return whether every number of the interval is < 0."""
    return bool(value < 0) if flint is not None else bool(value.b < 0)


def compile_interval(expr: sp.Expr) -> Compiled:
    """Return `expr` as a function of intervals: rational operations, square roots, Min and Max.

    Raises
    ------
    ValueError
        If something else occurs.
    """
    if isinstance(expr, sp.Symbol):
        return lambda at: at[expr]
    if expr.is_Rational:
        value = ball(Fraction(int(expr.p), int(expr.q)))
        return lambda at: value
    parts = [compile_interval(item) for item in expr.args]
    if isinstance(expr, sp.Add):
        return lambda at: _sum([part(at) for part in parts])
    if isinstance(expr, sp.Mul):
        return lambda at: _product([part(at) for part in parts])
    if isinstance(expr, (sp.Min, sp.Max)):
        best = _larger if isinstance(expr, sp.Max) else _smaller
        return lambda at: best([part(at) for part in parts])
    if isinstance(expr, sp.Pow) and expr.exp.is_Integer:
        base, power = parts[0], int(expr.exp)
        return lambda at: _power(base(at), power)
    if isinstance(expr, sp.Pow) and (2 * expr.exp).is_Integer:
        base, doubled = parts[0], int(2 * expr.exp)
        return lambda at: _power(_root(base(at)), doubled)
    raise ValueError(f"no interval arithmetic for {expr.func}")


def _sum(values: Sequence[Ball]) -> Ball:
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


def _product(values: Sequence[Ball]) -> Ball:
    total = values[0]
    for value in values[1:]:
        total = total * value
    return total


def _power(value: Ball, power: int) -> Ball:
    """Return an integer power; by multiplication where Arb's own gives nan (the base contains 0)."""
    direct = value**power
    if direct == direct:
        return direct
    if power < 0:
        return 1 / _power(value, -power)
    base = abs(value) if power % 2 == 0 else value
    result = base
    for _ in range(power - 1):
        result = result * base
    return result


def _root(value: Ball) -> Ball:
    return value.sqrt() if flint is not None else iv.sqrt(value)


def _hull(low: Ball, high: Ball) -> Ball:
    return low.union(high) if flint is not None else iv.mpf([low, high])


def _larger(values: Sequence[Ball]) -> Ball:
    result = values[0]
    for value in values[1:]:
        lows, highs = (lower(result), lower(value)), (upper(result), upper(value))
        result = _hull(max(lows), max(highs))
    return result


def _smaller(values: Sequence[Ball]) -> Ball:
    return -_larger([-value for value in values])


# --- Positivity on a region -------------------------------------------------------------------------------

Cuts: TypeAlias = tuple[tuple[Fraction, Fraction], ...]


def positive(name: str, exprs: sp.Expr | Sequence[sp.Expr], region: Region, most: int = MOST) -> int:
    """Confirm that expressions are > 0 on a bounded region; return the number of pieces.

    Parameters
    ----------
    name : str
    exprs : sympy.Expr or sequence of them
        Each has to be positive.
    region : rows (symbol, low, high)
        Ends are finite; they may contain earlier symbols, and square roots.
    most : int
        Pieces after which the attempt is given up.

    Raises
    ------
    Unproved
        With a rational point where an expression is certainly negative, if one was met.
    """
    claims = [exprs] if isinstance(exprs, sp.Basic) else list(exprs)
    rows = [(symbol, sp.sympify(low), sp.sympify(high)) for symbol, low, high in region]
    ends = [_compile_row(*row) for row in rows]
    functions = [compile_interval(claim) for claim in claims]
    # A row whose ends agree gives a symbol its value and is not cut.
    free = [index for index, (_, low, high) in enumerate(rows) if low != high]
    pending: list[Cuts] = [((Fraction(0), Fraction(1)),) * len(rows)]
    pieces = 0
    while pending:
        box = pending.pop()
        pieces += 1
        at = _values(ends, box)
        if all(surely_positive(function(at)) for function in functions):
            continue
        _refute(name, claims, functions, ends, box)
        if pieces > most:
            raise Unproved(f"{name}: not settled after {most} pieces, near {_show(ends, box)}")
        axis = max(free, key=lambda k: (box[k][1] - box[k][0], -k))
        low, high = box[axis]
        for half in ((low, (low + high) / 2), ((low + high) / 2, high)):
            pending.append((*box[:axis], half, *box[axis + 1 :]))
    for claim in claims:
        record(Inequality(claim, tuple(rows), name, True))
    return pieces


def _compile_row(symbol: sp.Symbol, low: sp.Expr, high: sp.Expr) -> tuple[sp.Symbol, Compiled, Compiled]:
    bottom = compile_interval(low)
    return symbol, bottom, bottom if low == high else compile_interval(high)


def _values(ends: Sequence[tuple[sp.Symbol, Compiled, Compiled]], box: Cuts) -> dict[sp.Symbol, Ball]:
    at: dict[sp.Symbol, Ball] = {}
    for (symbol, low, high), (left, right) in zip(ends, box, strict=True):
        bottom = low(at)
        at[symbol] = bottom if low is high else bottom + (high(at) - bottom) * ball(left, right)
    return at


def _refute(
    name: str,
    claims: Sequence[sp.Expr],
    functions: Sequence[Compiled],
    ends: Sequence[tuple[sp.Symbol, Compiled, Compiled]],
    box: Cuts,
) -> None:
    middle: Cuts = tuple(((low + high) / 2, (low + high) / 2) for low, high in box)
    at = _values(ends, middle)
    for claim, function in zip(claims, functions, strict=True):
        if surely_negative(function(at)):
            point = {symbol.name: str(value) for symbol, value in at.items()}
            raise Unproved(f"{name}: {str(claim)[:80]} is negative", point)


def _show(ends: Sequence[tuple[sp.Symbol, Compiled, Compiled]], box: Cuts) -> str:
    return ", ".join(f"{symbol} = {value}" for symbol, value in _values(ends, box).items())


# --- Extrema and roots -------------------------------------------------------------------------------------


def extremum(
    expr: sp.Expr,
    symbol: sp.Symbol,
    interval: tuple[sp.Expr, sp.Expr],
    values: Mapping[sp.Symbol, Ball],
    kind: str = "min",
    accuracy: float = 1e-9,
    most: int = 4000,
) -> Ball:
    """Return an interval that contains the minimum (or maximum) of `expr` over `symbol`.

    Best-first search: the bounds on the pieces enclose the extremum whenever it stops.

    Parameters
    ----------
    expr : sympy.Expr
    symbol : sympy.Symbol
        The variable; its range may depend on other symbols.
    interval : two expressions
    values : mapping from symbol to interval
        All other symbols.
    kind : str
        ``min`` or ``max``.
    accuracy : float
        Width at which to stop.
    most : int
        Pieces after which to stop in any case.
    """
    sign = 1 if kind == "min" else -1
    function, (low, high) = compile_interval(expr * sign), (compile_interval(end) for end in interval)
    start, end = low(values), high(values)

    def over(left: Fraction, right: Fraction) -> Ball:
        return function({**values, symbol: start + (end - start) * ball(left, right)})

    def entry(left: Fraction, right: Fraction) -> tuple[Any, Fraction, Fraction]:
        bottom = lower(over(left, right))
        if bottom != bottom:  # nan, as after a division by an interval around 0
            bottom = lower(ball(-(10**30)))
        return bottom, left, right

    heap = [entry(Fraction(0), Fraction(1))]
    known = upper(over(Fraction(1, 2), Fraction(1, 2)))
    for _ in range(most):
        bottom, left, right = heap[0]
        if float(known - bottom) <= accuracy:
            break
        heapq.heappop(heap)
        middle = (left + right) / 2
        known = min(known, upper(over(middle, middle)))
        for half in ((left, middle), (middle, right)):
            heapq.heappush(heap, entry(*half))
    result = _hull(heap[0][0], known)
    return result if kind == "min" else -result


def enclose_root(
    expr: sp.Expr,
    symbol: sp.Symbol,
    bracket: tuple[Fraction, Fraction],
    values: Mapping[sp.Symbol, Ball],
    steps: int = 60,
) -> Ball:
    """Return an interval around the only zero of `expr` in `bracket`, negative before and positive after it.

    Raises
    ------
    Unproved
        If the signs at the ends of the bracket are not certain.
    """
    function = compile_interval(expr)
    low, high = bracket
    if not (
        surely_negative(function({**values, symbol: ball(low)}))
        and surely_positive(function({**values, symbol: ball(high)}))
    ):
        raise Unproved(f"no certain change of sign of {symbol} between {float(low)} and {float(high)}")
    for _ in range(steps):
        middle = (low + high) / 2
        value = function({**values, symbol: ball(middle)})
        if surely_negative(value):
            low = middle
        elif surely_positive(value):
            high = middle
        else:
            break
    return ball(low, high)
