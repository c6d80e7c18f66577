"""Polynomial and rational inequalities on a region, by Bernstein coefficients with exact integers.

A polynomial on the unit box lies above the smallest of its Bernstein coefficients. Where one is negative
the box is halved; the list of cuts is the certificate. The checker repeats the cuts in integers and looks
at the signs: no solver, no float.

A region is triangular: rows ``(symbol, low, high)`` whose ends may contain the symbols of earlier rows, and
``high`` may be ``oo``. Each symbol becomes ``low + (high - low) w`` with w in [0, 1], or ``low + w/(1 - w)``;
where low <= high this runs through the whole region, whatever the ends are.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import sympy as sp

from proofs_check.certificates import stored
from proofs_check.core import Inequality, Unproved, current_step, record

Row: TypeAlias = tuple[sp.Symbol, sp.Expr | int, sp.Expr | int]
Region: TypeAlias = Sequence[Row]
Tree: TypeAlias = list[int]
Tensor: TypeAlias = np.ndarray

LEAF = -1
"""In a tree (preorder): no cut; otherwise the number of the variable that is halved."""
MAX_BOXES = 4000
FEW_BOXES = 400
MOST_POINTS = 729


@dataclass(frozen=True)
class Chart:
    """A polynomial on the unit box, and how a point of the box becomes a point of the region.

    Attributes
    ----------
    name : str
    poly : sympy.Poly
        Its generators run through [0, 1].
    back : mapping from symbol of the region to expression in the generators
    claim : sympy.Expr
        What is claimed to be nonnegative, in the symbols of the region.
    """

    name: str
    poly: sp.Poly
    back: dict[sp.Symbol, sp.Expr]
    claim: sp.Expr

    def point(self, values: Sequence[sp.Rational]) -> dict[str, str] | None:
        """Return the point of the region at `values` of the generators, if the claim is negative there."""
        at = dict(zip(self.poly.gens, values, strict=True))
        place = {symbol: value.xreplace(at) for symbol, value in self.back.items()}
        if self.claim.xreplace(place).is_negative:
            return {symbol.name: str(value) for symbol, value in place.items()}
        return None


def nonnegative(
    name: str,
    expr: sp.Expr,
    region: Region,
    strict: bool = False,
    corner: Sequence[sp.Symbol] = (),
    trees: dict[str, Tree] | None = None,
) -> int:
    """Confirm that `expr` >= 0 (> 0 if `strict`) on `region`, wherever its denominators are not zero.

    Parameters
    ----------
    name : str
        Names the certificate within the step.
    expr : sympy.Expr
        Rational in the symbols of the region.
    region : sequence of rows (symbol, low, high)
    strict : bool
        All Bernstein coefficients have to be positive, after powers of the variables are taken out: then
        `expr` > 0 wherever those powers are not 0.
    corner : sequence of symbols
        Two symbols with lower end 0 at whose common zero `expr` vanishes to higher order: the box is covered
        by the charts ``second = first * w`` and ``first = second * w`` (in units of their ranges), and powers
        of the common factor are taken out.
    trees : mapping, optional
        Certificates to use instead of the stored ones.

    Returns
    -------
    int
        Number of boxes.

    Raises
    ------
    Unproved
        With a rational point where `expr` < 0 if one was met.
    """
    table = trees if trees is not None else {} if PROPOSER is not None else stored(current_step())
    boxes = 0
    for chart in charts(name, sp.sympify(expr), region, corner):
        tree = table.get(chart.name)
        if tree is None and PROPOSER is not None:
            tree = PROPOSER(chart, strict)
        try:
            boxes += verify(chart, tree if tree is not None else [LEAF], strict)
        except Unproved as problem:
            if tree is not None or problem.counterexample is not None:
                raise
            _without_certificate(chart, strict)
    record(Inequality(sp.sympify(expr), _rows(region), name, strict))
    return boxes


def _without_certificate(chart: Chart, strict: bool) -> None:
    """Look for a point where the claim fails; without one say that cuts are needed."""
    quarters = (sp.Rational(1, 4), sp.Rational(1, 2), sp.Rational(3, 4))
    for values in itertools.islice(itertools.product(quarters, repeat=len(chart.poly.gens)), MOST_POINTS):
        if chart.poly.eval(dict(zip(chart.poly.gens, values, strict=True))) < 0:
            point = chart.point(values)
            if point is not None:
                raise Unproved(f"{chart.name}: negative at a point", point)
    search(chart, strict, FEW_BOXES)
    raise Unproved(
        f"{chart.name}: needs cuts that no certificate gives; python -m proofs_check.propose finds them"
    )


# Set by `proofs_check.propose` while it looks for certificates; None in every check.
PROPOSER: Callable[[Chart, bool], Tree] | None = None


def _rows(region: Region) -> tuple[tuple[sp.Symbol, sp.Expr, sp.Expr], ...]:
    return tuple((symbol, sp.sympify(low), sp.sympify(high)) for symbol, low, high in region)


def charts(name: str, expr: sp.Expr, region: Region, corner: Sequence[sp.Symbol] = ()) -> Iterator[Chart]:
    """Return the polynomials on unit boxes that have to be nonnegative; denominators come first."""
    variables = {symbol: sp.Symbol(f"w_{symbol.name}", nonnegative=True) for symbol, _, _ in region}
    back: dict[sp.Symbol, sp.Expr] = {}
    for symbol, low, high in _rows(region):
        w, bottom = variables[symbol], low.xreplace(back)
        back[symbol] = bottom + (w / (1 - w) if high is sp.oo else (high.xreplace(back) - bottom) * w)
    missing = expr.free_symbols - set(back)
    if missing:
        raise Unproved(f"{name}: the region says nothing of {sorted(map(str, missing))}")
    for suffix, change in _blow_ups(variables, corner):
        here = {symbol: value.xreplace(change) for symbol, value in back.items()}
        numerator, denominator = sp.fraction(sp.together(expr.xreplace(here)))
        generators = list(variables.values())
        constant, factors = sp.factor_list(denominator, *generators)
        sign = 1 if constant > 0 else -1
        for index, (factor, power) in enumerate(factors):
            if power % 2 == 0:
                continue
            poly = sp.Poly(factor, *generators)
            below = _sign(poly)
            sign *= below or 1
            if below == 0:
                yield Chart(f"{name}{suffix}/denominator{index}", _without_powers(poly), here, expr)
        poly = sp.Poly(sp.expand(sign * numerator), *generators)
        yield Chart(name + suffix, _without_powers(poly), here, expr)


def _blow_ups(
    variables: dict[sp.Symbol, sp.Symbol], corner: Sequence[sp.Symbol]
) -> list[tuple[str, dict[sp.Symbol, sp.Expr]]]:
    if not corner:
        return [("", {})]
    first, second = (variables[item] for item in corner)
    return [("/A", {second: first * second}), ("/B", {first: first * second})]


def _without_powers(poly: sp.Poly) -> sp.Poly:
    """Return `poly` divided by its content and by the largest monomial that divides it."""
    if poly.is_zero:
        return poly
    reduced = poly.clear_denoms(convert=True)[1].terms_gcd()[1]
    return reduced.primitive()[1]


def _sign(poly: sp.Poly) -> int:
    """Return 1 or -1 if the signs of the Bernstein coefficients on the unit box agree, otherwise 0."""
    coefficients = bernstein(poly)
    return 1 if np.all(coefficients >= 0) else -1 if np.all(coefficients <= 0) else 0


# --- Bernstein coefficients ------------------------------------------------------------------------------


def bernstein(poly: sp.Poly) -> Tensor:
    """Return a positive multiple of the Bernstein coefficients on the unit box, as Python integers."""
    degrees = [poly.degree(generator) for generator in poly.gens]
    degrees = [max(int(degree), 0) if degree != -sp.oo else 0 for degree in degrees]
    scale = math.lcm(1, *(int(sp.Rational(value).q) for value in poly.coeffs()))
    tensor = np.zeros([degree + 1 for degree in degrees], dtype=object)
    for powers, value in poly.terms():
        tensor[powers] = int(sp.Rational(value) * scale)
    for axis, degree in enumerate(degrees):
        tensor = _apply(_to_bernstein(degree), tensor, axis)
    return tensor


def _apply(matrix: Tensor, tensor: Tensor, axis: int) -> Tensor:
    return np.moveaxis(np.tensordot(matrix, tensor, axes=(1, axis)), 0, axis)


@lru_cache(maxsize=64)
def _to_bernstein(degree: int) -> Tensor:
    """Return lcm(C(n, .)) times the matrix from power to Bernstein coefficients."""
    scale = math.lcm(*(math.comb(degree, k) for k in range(degree + 1)))
    matrix = np.zeros((degree + 1, degree + 1), dtype=object)
    for row in range(degree + 1):
        for column in range(row + 1):
            matrix[row, column] = math.comb(row, column) * scale // math.comb(degree, column)
    return matrix


@lru_cache(maxsize=64)
def _halves(degree: int) -> tuple[Tensor, Tensor]:
    """Return 2^n times the matrices of de Casteljau's algorithm at 1/2."""
    left = np.zeros((degree + 1, degree + 1), dtype=object)
    for row in range(degree + 1):
        for column in range(row + 1):
            left[row, column] = math.comb(row, column) * 2 ** (degree - row)
    return left, left[::-1, ::-1].copy()


def halve(tensor: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """Return (positive multiples of) the Bernstein coefficients on the two halves."""
    left, right = _halves(tensor.shape[axis] - 1)
    return _apply(left, tensor, axis), _apply(right, tensor, axis)


# --- Checking and searching --------------------------------------------------------------------------------

Box: TypeAlias = tuple[tuple[sp.Rational, sp.Rational], ...]


def verify(chart: Chart, tree: Tree, strict: bool = False) -> int:
    """Confirm that the cuts of `tree` leave boxes with coefficients of the right sign; return their number.

    Raises
    ------
    Unproved
        If a coefficient has the wrong sign (with a counterexample if a corner value is negative) or the tree
        is not well formed.
    """
    cuts = iter(tree)
    leaves = 0

    def visit(tensor: Tensor, box: Box) -> None:
        nonlocal leaves
        cut = next(cuts, None)
        if not isinstance(cut, int) or not LEAF <= cut < tensor.ndim:
            raise Unproved(f"{chart.name}: the certificate is damaged")
        if cut == LEAF:
            leaves += 1
            if not _fine(tensor, strict):
                point = corner_point(chart, tensor, box)
                raise Unproved(f"{chart.name}: a Bernstein coefficient is negative on {_text(box)}", point)
            return
        for part, small in zip(halve(tensor, cut), halves_of(box, cut), strict=True):
            visit(part, small)

    visit(bernstein(chart.poly), _unit(chart))
    if next(cuts, None) is not None:
        raise Unproved(f"{chart.name}: the certificate goes on after the last box")
    return leaves


def _fine(tensor: Tensor, strict: bool) -> bool:
    return bool(np.all(tensor > 0) if strict else np.all(tensor >= 0))


def _unit(chart: Chart) -> Box:
    return ((sp.Integer(0), sp.Integer(1)),) * len(chart.poly.gens)


def halves_of(box: Box, axis: int) -> tuple[Box, Box]:
    """Return the two halves of a box."""
    low, high = box[axis]
    middle = (low + high) / 2
    return (
        (*box[:axis], (low, middle), *box[axis + 1 :]),
        (*box[:axis], (middle, high), *box[axis + 1 :]),
    )


def corner_point(chart: Chart, tensor: Tensor, box: Box) -> dict[str, str] | None:
    """Return a point of the region at which the claim is negative, if a corner of the box leads to one."""
    for corner in np.ndindex(*(2,) * tensor.ndim):
        if tensor[tuple(-side for side in corner)] >= 0:
            continue
        at = [box[axis][side] for axis, side in enumerate(corner)]
        # At an end of [0, 1] a power may have been taken out, or the region goes to infinity: move inwards.
        for shift in (sp.Rational(0), sp.Rational(1, 2**12), sp.Rational(1, 2**24)):
            point = chart.point([min(max(value, shift), 1 - shift) for value in at])
            if point is not None:
                return point
    return None


def _text(box: Box) -> str:
    return " x ".join(f"[{low}, {high}]" for low, high in box)


def search(chart: Chart, strict: bool = False, most: int = MAX_BOXES) -> Tree:
    """Return cuts that prove the chart, each along the variable that helps most.

    Raises
    ------
    Unproved
        At a point where the polynomial is negative, or after `most` boxes.
    """
    boxes = 0

    def visit(tensor: Tensor, box: Box) -> Tree:
        nonlocal boxes
        boxes += 1
        if _fine(tensor, strict):
            return [LEAF]
        if boxes > most:
            raise Unproved(f"{chart.name}: not settled after {most} boxes")
        corners = tensor[np.ix_(*[sorted({0, size - 1}) for size in tensor.shape])]
        if np.any(corners < 0):
            raise Unproved(
                f"{chart.name}: negative at a corner of {_text(box)}", corner_point(chart, tensor, box)
            )
        axis = max(
            (axis for axis in range(tensor.ndim) if tensor.shape[axis] > 1),
            key=lambda axis: _gain(tensor, axis),
        )
        parts = zip(halve(tensor, axis), halves_of(box, axis), strict=True)
        return [axis, *(cut for part, small in parts for cut in visit(part, small))]

    return visit(bernstein(chart.poly), _unit(chart))


def _gain(tensor: Tensor, axis: int) -> float:
    """Return how far from negative the worst coefficient is after a cut, relative to the largest."""
    worst = []
    for part in halve(tensor, axis):
        largest = max(abs(value) for value in part.ravel())
        worst.append(sum(min(0, value) for value in part.ravel()) / largest if largest else 0.0)
    return float(sum(worst))
