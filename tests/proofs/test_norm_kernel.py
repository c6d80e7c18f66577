"""The inference kernel cannot be talked into a bound, and it proves the nine terms of general Theorem 2."""

from __future__ import annotations

import dataclasses

import pytest
import sympy as sp

from gsae_theory.theory.interference import TERMS
from proofs_check.core import Unproved
from proofs_check.methods import norms
from proofs_check.methods.norm_rules import product, triangle
from proofs_check.methods.norms import FRO, OP, Bound, Fact, conclude, given
from proofs_check.steps import general_setting as g
from proofs_check.steps.general_interference import DERIVATIONS, claimed, prove_term


def test_a_bound_that_no_rule_made_is_refused():
    """Catches a kernel in which the constructor, `replace` or `__new__` yields a usable judgement."""
    real = given(g.FACTS["Ac"])
    with pytest.raises(Unproved, match="made by the rules"):
        Bound("given", (), frozenset(), None, OP, real.term, sp.Integer(0))
    with pytest.raises(Unproved, match="made by the rules"):
        dataclasses.replace(real, value=sp.Integer(0))
    forged = object.__new__(Bound)
    for name in ("rule", "premises", "facts", "norm", "term"):
        object.__setattr__(forged, name, getattr(real, name))
    object.__setattr__(forged, "value", sp.Integer(0))
    with pytest.raises(Unproved, match="not made by a rule"):
        triangle(forged)
    with pytest.raises(Unproved, match="not made by a rule"):
        conclude(forged, OP, real.term, sp.Integer(0), g.CLOSED)
    with pytest.raises(dataclasses.FrozenInstanceError):
        real.value = sp.Integer(0)  # type: ignore[misc]


def test_a_leaf_outside_the_setting_is_refused():
    """Catches a proof that brings its own hypotheses: ||A_{-g}|| <= 1 is no fact of general section 3."""
    invented = given(Fact(OP, g.t(g.Ac), sp.Integer(1), "||A_{-g}|| <= 1"))
    bound = product(invented, given(g.FACTS["D"])) if g.Ac.cols == g.D.rows else invented
    with pytest.raises(Unproved, match="not among the setting's facts"):
        conclude(bound, OP, bound.term, sp.Integer(1), g.CLOSED)


def test_every_rule_says_what_it_does():
    """Catches a rule without statement: the list is printed as part of the trusted base."""
    assert len(norms.RULES) >= 25
    assert all(len(words) > 5 for words in norms.RULES.values())


@pytest.mark.parametrize("number", sorted(DERIVATIONS))
def test_each_term_ends_in_its_polynomial(number: int):
    """Catches a derivation of another term, and any monomial of P_i that is too small."""
    refined, final = prove_term(number)
    assert final.norm == FRO
    assert final.term == claimed(number)
    assert final.value == sp.expand(TERMS[number - 1].expr)
    assert refined.value.free_symbols - final.value.free_symbols  # in roots, before it is compared


@pytest.mark.parametrize("number", sorted(DERIVATIONS))
def test_no_coefficient_of_a_term_can_be_lowered_unnoticed(number: int):
    """Catches a certificate that does not look: 1 % less of the polynomial is refused."""
    with pytest.raises(Unproved, match="not certified"):
        prove_term(number, TERMS[number - 1].expr * sp.Rational(99, 100))
