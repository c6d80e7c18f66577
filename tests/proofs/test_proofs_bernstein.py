"""The certificate checker: exact, and not to be talked into anything.

Catches: wrong Bernstein matrices, cuts that lose a part of the box, a damaged certificate that passes, a
region whose substitution misses points, a denominator of the wrong sign.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from proofs_check.core import Unproved
from proofs_check.methods import bernstein
from proofs_check.methods.bernstein import LEAF, nonnegative

x, y = sp.symbols("x y", nonnegative=True)


def test_coefficients_reproduce_the_polynomial() -> None:
    """Catches a wrong conversion matrix: the Bernstein form is evaluated and compared exactly."""
    poly = sp.Poly(3 * x**3 * y - x * y**2 / 2 + y - sp.Rational(1, 7), x, y)
    tensor = bernstein.bernstein(poly)
    ratios = set()
    for at in ((Fraction(1, 3), Fraction(2, 5)), (Fraction(3, 4), Fraction(1, 9))):
        value = sum(
            int(tensor[i, j]) * _basis(3, i, at[0]) * _basis(2, j, at[1]) for i in range(4) for j in range(3)
        )
        exact = poly.eval({x: sp.Rational(at[0]), y: sp.Rational(at[1])})
        ratios.add(sp.Rational(value) / exact)
    assert len(ratios) == 1
    assert ratios.pop() > 0


def _basis(n: int, k: int, at: Fraction) -> Fraction:
    import math

    return math.comb(n, k) * at**k * (1 - at) ** (n - k)


def test_halves_are_the_polynomial_on_the_halves() -> None:
    """Catches a wrong de Casteljau step: the end coefficients of the halves are values at 0, 1/2 and 1."""
    poly = sp.Poly(x**3 - x + sp.Rational(1, 5), x)
    whole = bernstein.bernstein(poly)
    left, right = bernstein.halve(whole, 0)
    ratio = [sp.Rational(left[0]) / poly.eval(0), sp.Rational(left[-1]) / poly.eval(sp.Rational(1, 2))]
    assert ratio[0] == ratio[1] == sp.Rational(right[0]) / poly.eval(sp.Rational(1, 2))
    assert np.array_equal(left[-1:], right[:1])


def test_cuts_are_needed_and_checked() -> None:
    """Catches a checker that ignores its certificate: too few cuts, a bad axis, cuts left over."""
    expr = (x - sp.Rational(1, 3)) ** 2 + sp.Rational(1, 100)
    chart = next(iter(bernstein.charts("q", expr, [(x, 0, 1)])))
    tree = bernstein.search(chart)
    assert len(tree) > 1
    assert nonnegative("q", expr, [(x, 0, 1)], trees={"q": tree}) == tree.count(LEAF)
    for damaged in ([LEAF], tree[:-1], [*tree, LEAF], [7, *tree[1:]], [0, LEAF, LEAF]):
        with pytest.raises(Unproved):
            nonnegative("q", expr, [(x, 0, 1)], trees={"q": damaged})


def test_triangular_and_unbounded_regions() -> None:
    """Catches a region that is cut short: the claims are false just outside, and the point says so."""
    nonnegative("a", y - x, [(x, 0, 1), (y, x, sp.oo)], trees={})
    with pytest.raises(Unproved) as failure:
        nonnegative("b", y - x, [(x, 0, 1), (y, x / 2, sp.oo)], trees={})
    point = failure.value.counterexample
    assert point is not None
    assert sp.Rational(point["y"]) < sp.Rational(point["x"])
    with pytest.raises(Unproved):
        nonnegative("c", 5 - x, [(x, 0, sp.oo)], trees={})


def test_sign_of_denominators_counts() -> None:
    """Catches clearing a negative denominator without turning the inequality round."""
    nonnegative("a", x / (1 + x), [(x, 0, 1)], trees={})
    nonnegative("b", -x / (x - 2), [(x, 0, 1)], trees={})
    with pytest.raises(Unproved):
        nonnegative("c", x / (x - 2), [(x, 0, 1)], trees={})
    with pytest.raises(Unproved):
        nonnegative("d", 1 / (x - sp.Rational(1, 2)), [(x, 0, 1)], trees={})


def test_strict_does_not_pass_an_interior_zero() -> None:
    """Catches '>= 0' sold as '> 0'."""
    with pytest.raises(Unproved):
        nonnegative("a", (x - sp.Rational(1, 2)) ** 2, [(x, 0, 1)], strict=True, trees={"a": [0, LEAF, LEAF]})
    nonnegative("b", x**2, [(x, 0, 1)], strict=True, trees={})
