"""Expressions as LaTeX: rounding allowances, order, roots, and that nothing changes in value."""

from __future__ import annotations

import pytest
import sympy as sp

from gsae_theory.theory import THEOREMS, get_theorem
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.symbols import G, d, delta, dist, eta, lam, m1, m2, q, s
from gsae_theory.theory.typeset.printer import fraction_parts, latex_of, ordered_terms


def test_a_rounding_allowance_is_a_power_of_ten() -> None:
    """Catches 1000000000001/1000000000000 in print, and a number that loses its digits on the way."""
    assert latex_of(sp.Rational(1, 10**12)) == "10^{-12}"
    assert latex_of(1 - eta + sp.Rational(1, 10**12)) == r"1 + 10^{-12} - \eta"
    assert latex_of(-sp.Rational(1, 10**9) + eta) == r"\eta - 10^{-9}"
    assert latex_of(sp.Rational(3, 10**12)) == r"\frac{3}{1000000000000}"
    assert latex_of(sp.Rational(59, 100)) == r"\frac{59}{100}"
    for theorem in THEOREMS.values():
        for item in theorem.hypotheses:
            assert "0000" not in item.latex(), item.id
    assert get_theorem("gamma1.contraction").hypotheses[0].latex() == r"10^{-9} - \epsilon_\perp \ge 0"


def test_order_of_terms_and_factors() -> None:
    """Catches a sum that begins with a minus sign and a norm that swallows the factors after it."""
    assert latex_of(1 - eta * lam) == r"1 - \eta \lambda"
    assert latex_of((1 - eta) * dist) == r"\left(1 - \eta\right) \operatorname{dist}_g(W)"
    assert latex_of(-m1 - m2) == "- m_1 - m_2"
    assert latex_of((-m1 - m2) / lam) == r"- \frac{m_1 + m_2}{\lambda}"
    assert latex_of(dist**2 * m2) == r"m_2 \operatorname{dist}_g(W)^{2}"


def test_roots() -> None:
    """Catches two roots where one is meant, and the root of a name that is itself a square."""
    kap0sq = QUANTITIES["kap0sq"].symbol
    assert latex_of(sp.sqrt(q * m2 / d)) == r"\sqrt{\frac{m_2 q}{d}}"
    assert latex_of(sp.sqrt(kap0sq)) == r"\kappa_0"
    assert latex_of(kap0sq**2) == r"\kappa_0^{4}"
    assert latex_of(delta / sp.sqrt(kap0sq)) == r"\frac{\delta}{\kappa_0}"
    assert latex_of(sp.sqrt(G) * s) == r"\sqrt{\Gamma} s_*"


@pytest.mark.parametrize("name", sorted(QUANTITIES))
def test_nothing_is_lost_in_the_parts_that_are_printed(name: str) -> None:
    """Catches a sign, a factor or a term that the reordering drops: the parts give the node they come from."""
    for node in sp.preorder_traversal(QUANTITIES[name].expr):
        if isinstance(node, sp.Mul):
            minus, above, below = fraction_parts(node)
            again = (-1 if minus else 1) * sp.Mul(*above) / sp.Mul(*below)
            assert again == node or sp.expand(again - node) == 0
        elif isinstance(node, sp.Add):
            assert sp.Add(*ordered_terms(node)) == node
