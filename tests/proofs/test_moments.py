"""Exact moments: against integrals computed another way, and against formulas that are wrong."""

from __future__ import annotations

import doctest

import pytest
import sympy as sp

from proofs_check.core import Unproved
from proofs_check.methods import moments

d = sp.Symbol("d", positive=True)


def test_the_examples_of_the_module_hold() -> None:
    """Catches documentation that the code does not obey."""
    assert doctest.testmod(moments).failed == 0


@pytest.mark.parametrize("powers", [(2,), (4,), (2, 2), (6, 2), (1, 2), (4, 4)])
def test_moments_on_the_circle_are_the_trigonometric_integrals(powers: tuple[int, ...]) -> None:
    """Catches a wrong double factorial or radial factor: d = 2 by integration over the angle."""
    angle = sp.Symbol("angle")
    factors = (sp.cos(angle), sp.sin(angle))
    integrand = sp.prod([factor**power for factor, power in zip(factors, powers, strict=False)])
    exact = sp.integrate(integrand, (angle, 0, 2 * sp.pi)) / (2 * sp.pi)
    assert sp.simplify(exact - moments.sphere_moment(*powers, size=2)) == 0


def test_moments_in_space_are_the_integrals_over_height() -> None:
    """Catches a formula that is right on the circle only: theta_1 is uniform on [-1, 1] for d = 3."""
    t = sp.Symbol("t")
    for k in (2, 4, 6, 8):
        assert sp.integrate(t**k, (t, -1, 1)) / 2 == moments.sphere_moment(k, size=3)


def test_quadratic_forms_agree_with_entries() -> None:
    """Catches a lost transpose or a wrong cycle in the pairing rule, at a matrix that is not symmetric."""
    x = sp.symbols("x1:4")
    theta, first = sp.Matrix(x), sp.Matrix([[1, 2, 0], [-1, 3, 5], [4, 0, -2]])
    second = sp.Matrix([[0, 1, 1], [2, -1, 0], [0, 3, 1]])
    form = (theta.T * first * theta)[0] * (theta.T * first.T * second * theta)[0]
    direct = moments.sphere_expectation(sp.expand(form), x, 3)
    value = moments.form_expectation("E", "E'F", size=3)
    table = {}
    for symbol in value.free_symbols:
        word, product = symbol.name[3:], sp.eye(3)
        for letter in moments._parse(word):
            matrix = {"E": first, "F": second}[letter[0]]
            product *= matrix.T if letter.endswith("'") else matrix
        table[symbol] = product.trace()
    assert value.xreplace(table) == direct


def test_derivations_hold_for_symbolic_dimension() -> None:
    """Catches a pairing rule that holds in one dimension only."""
    assert moments.check_moments(8) == 1 + 1 + 2 + 3 + 5
    assert moments.check_pairings(4) == 15
    assert moments.check_pairings(6) == 203


def test_false_moments_are_rejected() -> None:
    """Catches checkers that accept anything: each wrong value must raise."""
    wrong = {(4,): 3 / (d * (d + 1)), (2, 2): 1 / d**2, (2,): 1 / (d + 1)}
    for powers, value in wrong.items():
        with pytest.raises(Unproved):
            moments.prove_equal(moments.sphere_moment(*powers, size=d), value)


def test_what_is_not_a_polynomial_is_refused() -> None:
    """Catches silent treatment of |x| or 1/x as a constant."""
    x = sp.Symbol("x", real=True)
    for expr in (sp.Abs(x), 1 / x, sp.sqrt(x)):
        with pytest.raises(Unproved):
            moments.sphere_expectation(expr, [x], d)
