"""The mechanical operators and the tightness claim, on formulas small enough to check by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from gsae_theory.check.measurement import Measurement
from gsae_theory.falsify.mutant import with_bound, with_hypotheses
from gsae_theory.falsify.operators import dropped_terms, expanded, exponents, factors, forgotten, mutations
from gsae_theory.falsify.tightness import ratios
from gsae_theory.theory import get_theorem
from gsae_theory.theory.scalars import kap0sq, kappa_delta, kappa_star
from gsae_theory.theory.symbols import d, dist, eta, lam, m2, p, s


def test_factors_reach_the_bound_and_every_named_constant() -> None:
    """Catches an operator that forgets halves, or mutates s*, which has its own operator."""
    found = dict(factors(eta * kappa_star + s))
    assert found["double bound"] == 2 * (eta * kappa_star + s)
    assert found["half kappa_star"] == eta * kappa_star / 2 + s
    assert len(found) == 4


def test_terms_and_exponents() -> None:
    """Catches a term that cannot be dropped and a root that cannot be forgotten."""
    bound = eta * (m2 * dist**2 + lam) + sp.sqrt(d)
    assert eta * lam + sp.sqrt(d) in [expr for _, expr in dropped_terms(bound)]
    changed = [expr for _, expr in exponents(bound)]
    assert eta * (m2 * dist**3 + lam) + sp.sqrt(d) in changed
    assert eta * (m2 * dist**2 + lam) + d in changed


def test_forgotten_symbols_are_found_inside_constants() -> None:
    """kappa* = kap0^2/d: the d is two levels below the bound."""
    found = dict(forgotten(eta * kappa_delta))
    assert found["d = 1"].xreplace({}) == expanded(eta * kappa_delta, "d").xreplace({d: sp.Integer(1)})
    assert not found["s = 1"].has(s)
    assert "p = 1" not in found
    assert dict(forgotten(1 / p))["p = 1"] == 1


def test_expansion_stops_at_what_does_not_matter() -> None:
    """Only quantities that depend on the target are opened."""
    assert expanded(kappa_star, "d") == kap0sq / d
    assert expanded(kappa_star, "kap0sq") == kap0sq / d
    assert expanded(kap0sq, "d") == kap0sq


@pytest.mark.parametrize("name", ["gamma1.contraction", "side.gradient-range", "general.envelope_rms"])
def test_no_mutant_is_the_claim_itself_and_none_comes_twice(name: str) -> None:
    """Catches mutants that cannot be refuted because nothing was changed."""
    bound = get_theorem(name).bound
    found = [expr for _, expr in mutations(bound)]
    assert bound not in found
    assert len(found) == len(set(found)) >= 7


def test_a_changed_hypothesis_must_exist() -> None:
    """Catches a table entry whose hypothesis was renamed: it would silently test the true claim."""
    theorem = get_theorem("gamma1.stationary")
    with pytest.raises(ValueError, match="no hypothesis"):
        with_hypotheses(theorem, without=("no-such",))
    assert len(with_hypotheses(theorem, without=("noise-free",)).hypotheses) == len(theorem.hypotheses) - 1


@pytest.mark.parametrize(
    ("relation", "value", "bound", "error", "attained"),
    [
        (sp.Le, 1.0, 1.005, 0.0, True),
        (sp.Le, 1.0, 1.02, 0.0, False),
        (sp.Le, 1.0, 1.005, 0.01, False),  # the error may hide a gap
        (sp.Ge, 1.005, 1.0, 0.0, True),
        (sp.Ge, 1.02, 1.0, 0.0, False),
        (sp.Le, 1e-15, 1e-15, 0.0, False),  # nothing is attained at the level of rounding
    ],
)
def test_attainment_is_to_one_percent_and_counts_the_error(relation, value, bound, error, attained) -> None:
    """Catches a tightness claim that an imprecise measurement would pass."""
    theorem = get_theorem("gamma1.ball")
    claim = replace(theorem, conclusion=relation(theorem.conclusion.lhs, sp.Float(bound), evaluate=False))
    measurement = Measurement(np.array([value]), error=error)
    gap = ratios(claim, measurement, np.array([bound]), pessimistic=True)
    assert bool(gap[0] <= 0.01) is attained


def test_a_mutant_is_marked_as_false() -> None:
    """So that REFUTED counts as the expected outcome."""
    theorem = get_theorem("gamma1.ball")
    assert with_bound(theorem, theorem.bound / 2).false
    assert not theorem.false
