"""The ledger of the side results: every step runs, theorems close, tampering shows.

Steps that rest on the one-active-group ledger are held to "no failure of their own".
"""

from __future__ import annotations

import pytest
import sympy as sp

from gsae_theory.theory import THEOREMS
from proofs_check import assemble, core
from proofs_check.methods.elementary import plus, prove_by_cases, prove_nonnegative
from proofs_check.methods.products import letters, norm_bound, prove_words, transpose

MINE = [name for name, entry in core.ledger().items() if entry.part == "side"]


@pytest.fixture(scope="module")
def results() -> dict[str, core.StepResult]:
    core.load()
    return {item.id: item for item in core.run(MINE)}


def waits(results: dict[str, core.StepResult], name: str) -> bool:
    """Return whether a step is not proved only because a step of another ledger is not."""
    found = results.get(name)
    if found is None or name not in MINE:
        return found is None or not found.holds
    if found.holds or not found.reason.startswith("rests on "):
        return False
    return all(waits(results, other) for other in found.uses if not results[other].holds)


@pytest.mark.parametrize("name", MINE)
def test_every_step_runs(results: dict[str, core.StepResult], name: str) -> None:
    """Catches a ledger row without a proof, or one whose `uses` are not what its code asks for."""
    found = results[name]
    assert found.status == "proved" or waits(results, name), found.reason


def test_the_steps_are_quick(results: dict[str, core.StepResult]) -> None:
    """Catches a search that has crept into a check: all steps together stay below 25 s."""
    assert sum(results[name].seconds for name in MINE) < 25


@pytest.mark.parametrize("name", sorted(name for name in THEOREMS if name.startswith("side.")))
def test_theorems_close(results: dict[str, core.StepResult], name: str) -> None:
    """Catches a theorem whose registered bound or hypotheses are not what its steps give."""
    if THEOREMS[name].asymptotic or name not in core.CLOSINGS:
        pytest.skip("a prediction, or not closed")
    closed = assemble.close(name, results)
    assert closed.status == "proved" or any(waits(results, step) for step in closed.direct), closed.status


def test_a_step_that_rests_on_nothing_else_is_used(results: dict[str, core.StepResult]) -> None:
    """Catches orphans: every step is used by a step or a closing entry, or is a statement of its own."""
    given = {  # a closing entry that stops at another ledger would name too few steps
        name: core.StepResult(name, entry.method, "proved", (), 0.0, proof=core.Proof(None, entry.method))
        for name, entry in core.ledger().items()
        if entry.part == "gamma1"
    }
    for name in [item for item in core.ancestry(MINE) if item in MINE]:
        given[name] = core._check(core.ledger()[name], {**results, **given})
    results = {**results, **given}
    used = {other for entry in core.ledger().values() for other in entry.uses}
    for name in THEOREMS:
        if name.startswith("side.") and name in core.CLOSINGS:
            used |= set(assemble.close(name, results).direct)
    alone = set(MINE) - used
    assert alone <= STATED, alone - STATED


STATED = {"S1.9", "S1.10c", "S3.11b"}
"""Conclusions without a theorem to close: T1.5(i), T1.6, the predictions of T3.5."""


def test_case_splits_reject() -> None:
    """Catches a case split that skips the pattern in which an identity fails."""
    v, bias = sp.Symbol("v", real=True), sp.Symbol("b", positive=True)
    assert prove_by_cases(plus(v) - plus(-v) - v) == 4
    for wrong in (plus(v) + plus(-v) - v, plus(v - bias) - plus(-v + bias) - v):
        with pytest.raises(core.Unproved):
            prove_by_cases(wrong, [bias])


def test_certificates_reject() -> None:
    """Catches multipliers of unknown sign, facts that were not assumed, and identities that are not."""
    x, y = sp.symbols("x y", real=True)
    prove_nonnegative(x**2 - 2 * x * y + y**2, [(sp.Integer(1), (x - y) ** 2)], [(x - y) ** 2])
    for goal, terms, facts in (
        (x**2 - 2 * x * y + y**2, [((x - y) ** 2 + 1,)], []),
        (x * y, [(x, y)], [y]),
        (y, [(sp.Integer(1), y)], []),
    ):
        with pytest.raises(core.Unproved):
            prove_nonnegative(goal, terms, facts)


def test_a_rejected_certificate_names_a_point() -> None:
    """Catches a counterexample that does not violate the claim."""
    x, y = sp.symbols("x y", nonnegative=True)
    with pytest.raises(core.Unproved) as caught:
        prove_nonnegative(x**2 - 3 * x * y + y**2, [(x**2,), (y**2,)])
    point = {
        sp.Symbol(k, nonnegative=True): sp.Rational(v) for k, v in (caught.value.counterexample or {}).items()
    }
    assert (x**2 - 3 * x * y + y**2).subs(point) < 0


def test_products_keep_their_order() -> None:
    """Catches a transpose that keeps the order, and a bound that forgets a factor or a sign."""
    A, B, v = letters("A B v")
    prove_words(transpose(A * B), transpose(B) * transpose(A))
    with pytest.raises(core.Unproved):
        prove_words(A * B, B * A)
    a, b, c = sp.symbols("a b c", nonnegative=True)
    norms = {(A,): a, (B,): b, (v,): c}
    assert norm_bound(2 * A * v - 3 * B * v, norms) == 2 * a * c + 3 * b * c
    assert norm_bound(A * B * v, {**norms, (B, v): c}) == a * c
    with pytest.raises(core.Unproved):
        norm_bound(transpose(A) * v, norms)
