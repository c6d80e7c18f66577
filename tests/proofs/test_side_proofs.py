"""The ledger of the side results: every step runs, theorems close, tampering shows."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
import sympy as sp

from gsae_theory.theory import THEOREMS
from proofs_check import assemble, core
from proofs_check.false_neighbours import FalseNeighbour, load_neighbours, try_neighbour
from proofs_check.methods.elementary import plus, prove_by_cases, prove_nonnegative
from proofs_check.methods.products import letters, norm_bound, prove_words, transpose
from proofs_check.methods.quoted import CHECKS, INSTANCES

MINE = [name for name, entry in core.ledger().items() if entry.part == "side"]


NEIGHBOURS = [item for name, item in load_neighbours().items() if item.attempt.__module__.endswith(".side")]


@pytest.mark.parametrize("name", MINE)
def test_every_step_is_proved(checked: dict[str, core.StepResult], name: str) -> None:
    """Catches a ledger row without a proof, or one whose `uses` are not what its code asks for."""
    assert checked[name].status == "proved", checked[name].reason


def test_every_row_of_the_three_ledgers_is_there() -> None:
    """Catches a row that got lost: 10, 10 and 12 rows, finer where a row holds several statements."""
    rows = {re.match(r"S(\d)\.(\d+)", name).groups() for name in MINE}  # type: ignore[union-attr]
    assert {
        (part, str(k)) for part, last in (("1", 10), ("2", 10), ("3", 12)) for k in range(1, last + 1)
    } <= rows


def test_the_steps_are_quick(checked: dict[str, core.StepResult]) -> None:
    """Catches a search that has crept into a check: all steps take under 25 s of CPU, whatever else runs."""
    begun = time.process_time()
    for name in MINE:
        core._check(core.ledger()[name], checked)
    assert time.process_time() - begun < 25


@pytest.mark.parametrize("name", [name for name in core.provable() if name.startswith("side.")])
def test_theorems_close(checked: dict[str, core.StepResult], name: str) -> None:
    """Catches a theorem whose registered bound or hypotheses are not what its steps give."""
    assert assemble.close(name, checked).status == "proved"


def test_a_step_that_rests_on_nothing_else_is_used(checked: dict[str, core.StepResult]) -> None:
    """Catches orphans: every step is used by a step or a closing entry, or is a statement of its own."""
    used = {other for entry in core.ledger().values() for other in entry.uses}
    for name in THEOREMS:
        if name.startswith("side.") and name in core.CLOSINGS:
            used |= set(assemble.close(name, checked).direct)
    alone = set(MINE) - used
    assert alone <= STATED, alone - STATED


STATED = {"S1.9", "S1.10c", "S1.11", "S3.11b"}
"""Conclusions without a theorem to close: T1.5(i), T1.6, C1's counterexample, the predictions of T3.5."""


@pytest.mark.parametrize("item", NEIGHBOURS, ids=lambda item: item.id)
def test_false_neighbours_are_rejected(item: FalseNeighbour) -> None:
    """Catches a checker that accepts what was wrong in print or a mutant of the suite says, or gives no point for it."""
    assert try_neighbour(item).rejected, try_neighbour(item).reason


def test_there_are_enough_false_neighbours() -> None:
    """Catches a registry that lost its entries."""
    assert len(NEIGHBOURS) >= 30


def test_a_changed_constant_breaks_a_theorem(checked: dict[str, core.StepResult]) -> None:
    """Catches a comparison that does not see a bound scaled by 1 + 1e-6, for every theorem with a bound."""
    use = core.recorder(checked, [])
    for name in core.provable():
        if not name.startswith("side.") or THEOREMS[name].bound == 0:
            continue
        closed = core.CLOSINGS[name](use)
        scaled = closed.conclusion.rhs * sp.Rational(1000001, 1000000)
        wrong = closed.conclusion.func(closed.conclusion.lhs, scaled, evaluate=False)
        with pytest.raises(core.Unproved):
            assemble.compare(core.Closed(wrong, closed.hypotheses), THEOREMS[name])


@pytest.mark.parametrize(
    ("name", "misquoted"),
    [
        ("Q:moments-determine", {"constant": 0.02}),
        ("Q:gaussian-vectors", {"tilt": 0.3}),
        ("Q:stochastic-order", {"sign": -1}),
        ("Q:gaussian-lipschitz", {"rate": 1.0}),
        ("Q:tower", {"pull": 2}),
        ("Q:ville", {"order": 2.0}),
        ("Q:net", {"base": 0.3}),
    ],
)
def test_a_misquoted_lemma_is_noticed(name: str, misquoted: dict[str, float]) -> None:
    """Catches tests on instances that would pass for a wrong lemma too."""
    check = CHECKS[name]
    outcomes = [check(np.random.default_rng(seed), **misquoted) for seed in range(INSTANCES)]  # type: ignore[call-arg]
    assert not all(outcomes)


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
