"""The ledger of one active group.

Catches: a step whose check fails or is missing, a step that uses something else than the ledger says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import sympy as sp

from gsae_theory.theory import THEOREMS
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.scalars import a_ratio
from gsae_theory.theory.symbols import lam, m1, s
from proofs_check import StepResult, ledger, provable, run, theorem_status
from proofs_check.core import ancestry
from proofs_check.false_neighbours import load_neighbours, try_neighbour

# One worker, so that the steps are checked once.
pytestmark = pytest.mark.xdist_group("proofs")

GAMMA1 = [name for name, entry in ledger().items() if entry.part == "gamma1"]


@pytest.mark.parametrize("name", GAMMA1)
def test_step_is_proved(name: str, checked: dict[str, StepResult]) -> None:
    """Catches a formula of the theory that its own proof step does not support any more."""
    assert checked[name].holds, checked[name].reason


def test_every_numbered_step_is_there() -> None:
    """Catches a numbered step that got lost, or that is quoted instead of proved."""
    assert {f"L{k}" for k in range(1, 50)} <= set(GAMMA1)
    assert [name for name in GAMMA1 if ledger()[name].method == "quoted"] == ["L48"]


THEOREM_IDS = [name for name in provable() if name.startswith("gamma1.")]


@pytest.mark.parametrize("name", THEOREM_IDS)
def test_theorem_is_closed(name: str, checked: dict[str, StepResult]) -> None:
    """Catches a registered bound or hypothesis that differs from what the steps give."""
    (result,) = theorem_status(checked.values(), [name])
    assert result.status == "proved", result.status
    assert "numeric" not in {ledger()[item].method for item in result.rests_on}
    quoted = {item for item in result.rests_on if ledger()[item].method == "quoted"}
    assert all(item.startswith("Q:") or item == "L48" for item in quoted)


def test_no_orphans(checked: dict[str, StepResult]) -> None:
    """Catches a step that proves nothing for any theorem and does not say what it is for."""
    used: set[str] = set()
    for name in THEOREM_IDS:
        (result,) = theorem_status(checked.values(), [name])
        used |= set(result.rests_on)
    for item in [entry.id for entry in ledger().values() if entry.explained]:
        used |= set(ancestry([item]))
    assert set(GAMMA1) <= used, set(GAMMA1) - used


NEIGHBOURS = {name: item for name, item in load_neighbours().items() if item.of in {*GAMMA1, *THEOREMS}}
MINE = [name for name, item in NEIGHBOURS.items() if ".gamma1" in item.attempt.__module__]


@pytest.mark.parametrize("name", MINE)
def test_false_neighbour_is_rejected(name: str) -> None:
    """Catches a checker that accepts a false claim or a damaged certificate."""
    result = try_neighbour(NEIGHBOURS[name])
    assert result.rejected, result.reason


def test_there_are_enough_false_neighbours() -> None:
    """Catches a registry that got lost."""
    assert len(MINE) >= 40
    assert sum(NEIGHBOURS[name].point for name in MINE) >= 30


@pytest.mark.parametrize(
    ("name", "change", "broken"),
    [
        ("om", lambda expr: expr + lam * m1 * s, "L16"),
        ("om", lambda expr: -expr, "L17"),
        ("s_upper", lambda expr: expr * sp.Rational(101, 100), "L12"),
        ("s_lower", lambda expr: expr - 1, "L12"),
        ("s_upper_simple", lambda expr: expr + a_ratio**2 / 8, "L13"),
        ("F_star", lambda expr: 2 * expr, "L14"),
        ("rhobar", lambda expr: expr + lam, "L14"),
        ("s_edge", lambda expr: 1 / expr, "L8"),
        ("eta_max", lambda expr: 2 * expr, "gamma1-step"),
        ("kap0sq", lambda expr: expr + lam**2, "L1"),
    ],
)
def test_a_changed_constant_breaks_a_step(
    name: str, change: Callable[[sp.Expr], sp.Expr], broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a proof that has a formula of its own in place of the theory's."""
    quantity = QUANTITIES[name]
    monkeypatch.setitem(QUANTITIES, name, replace(quantity, expr=change(quantity.expr)))
    result = {item.id: item for item in run([broken])}[broken]
    assert result.status == "failed"
