"""From outcomes to verdicts, on outcomes made up so that the answer is known.

Catches: brackets that ignore the level, undecided values taken for decided ones, a smooth decay called
a failure at the boundary, a failure inside the hypotheses that is not reported as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from gsae_theory.explore import DIALS
from gsae_theory.explore.findings import finding, power_law, verdict_of
from gsae_theory.explore.plan import LEVEL, Budget, Explorer, bracket, cell_of, decision, first_grid
from gsae_theory.sweep import Cell

LOST = {"kind": "divergence", "distance": None, "factor": None}


def made(distance: float | None, holds: bool, kind: str = "shifted") -> dict[str, Any]:
    flags = dict.fromkeys(("limit", "support", "rate", "identified"), holds)
    return {"kind": "none" if holds else kind, "distance": distance, "factor": 0.8, **flags}


class World:
    """Answers a plan by a rule on the dial's natural value instead of training."""

    def __init__(self, name: str, rule: Any) -> None:
        self.dial, self.rule = DIALS[name], rule
        self.explorer = Explorer([self.dial], Budget(points=5, rounds=6))
        self.known: dict[str, Mapping[str, Any]] = {}
        self.cells = 0
        number = 0
        while cells := list(self.explorer.plan()(number, self.results)):
            for cell in cells:
                assert cell.key not in self.known, "a round asks for a cell of an earlier one"
                self.known[cell.key] = rule(dict(cell.parameters["case"]), cell.parameters["trial"])
            number += 1
        self.found = finding(self.explorer, self.dial, self.results)

    def results(self, cell: Cell) -> Mapping[str, Any]:
        return self.known[cell.key]


def test_decisions_are_confidence_statements() -> None:
    yes, no = made(0.0, True), made(0.3, False)
    assert decision([yes] * 10, "limit") is True
    assert decision([yes] * 9, "limit") is None  # 9 of 9 happens with probability 1/512 > LEVEL
    assert decision([no] * 10, "limit") is False
    assert decision([yes] * 9 + [no], "limit") is None
    assert decision([None] * 20, "limit") is None
    assert 2.0**-10 < LEVEL < 2.0**-9
    assert bracket({0.0: True, 1.0: True, 2.0: None, 3.0: False, 4.0: True}) == (1.0, 3.0)
    assert bracket({0.0: True, 1.0: None}) == (0.0, None)
    assert bracket({0.0: False}) == (None, 0.0)


def test_a_sharp_break_is_bracketed() -> None:
    """Steps at mu = 0.3: the bracket closes in on it, and the verdict is slack (the boundary is at 0.14)."""
    world = World(
        "coherence", lambda case, trial: made(0.0, True) if case.get("mu", 0.05) < 0.3 else made(0.5, False)
    )
    low, high = world.found["natural"]["interval"]
    assert low < 0.3 <= high
    assert high - low < 0.01
    assert world.found["verdict"] == "slack"
    assert world.found["interval"][0] > world.found["theory"] == 1.0
    assert world.found["counterexample"]["cell"]["case"]["mu"] == high
    assert world.found["largest_hold"]["cell"]["case"]["mu"] == low


def test_a_random_break_gets_more_trials_where_it_is_undecided() -> None:
    """P(success) falls from 1 to 0 between 0.25 and 0.35; 1/2 at 0.3 lies in the interval."""

    def rule(case: dict[str, Any], trial: int) -> dict[str, Any]:
        chance = np.clip((0.35 - case.get("mu", 0.05)) / 0.1, 0, 1)
        rng = np.random.default_rng([trial, int(1e9 * case.get("mu", 0.05))])
        return made(0.0, True) if rng.random() < chance else made(0.2, False)

    world = World("coherence", rule)
    low, high = world.found["natural"]["interval"]
    assert low < 0.3 < high
    assert high - low < 0.2
    trials = {point["natural"]: point["trials"] for point in world.found["curve"]}
    assert max(n for mu, n in trials.items() if 0.25 < mu < 0.35) == world.explorer.budget.most
    assert trials[0.02] == world.explorer.budget.first


def test_a_break_at_the_boundary_is_necessary_and_one_inside_refutes() -> None:
    at = World(
        "coherence",
        lambda case, trial: made(0.0, True) if case.get("mu", 0.05) < 0.1428 else made(0.5, False),
    )
    assert at.found["verdict"] == "necessary"
    inside = World(
        "coherence", lambda case, trial: made(0.0, True) if case.get("mu", 0.05) < 0.1 else made(0.5, False)
    )
    assert inside.found["verdict"] == "refuted"
    never = World("coherence", lambda case, trial: made(0.0, True))
    assert never.found["verdict"] == "slack"
    assert never.found["breaking_point"] is None
    assert never.found["interval"] == [never.found["range"], None]
    always = World("coherence", lambda case, trial: made(0.5, False))
    assert always.found["verdict"] == "undecided"


def test_a_power_law_is_graceful_with_its_exponent() -> None:
    """distance = 0.02 nu^2 in natural units, visible from 1e-5 on: not slack up to where it is visible."""

    def rule(case: dict[str, Any], trial: int) -> dict[str, Any]:
        distance = 0.02 * case.get("noise", 0.0) ** 2
        return {**made(distance, distance <= 1e-5), "support": True, "identified": distance <= 0.25}

    world = World("noise-level", rule)
    assert world.found["verdict"] == "graceful"
    assert world.found["law"]["exponent"] == pytest.approx(2.0, abs=1e-6)
    assert world.found["conclusion"] == "identified"
    low, high = world.found["conclusions"]["limit"]["interval"]
    assert 0 < low < high  # it fails where the distance becomes visible, and that is not called slack


def test_what_jumps_is_no_power_law() -> None:
    dial = DIALS["untied"]
    seen = {
        t: [made(0.1 if t else 0.0, not t)] * 10
        for t in first_grid(dial, Explorer([dial], Budget()).bases[dial.id], 7)
    }
    law = power_law(dial, seen)
    assert law is None
    assert verdict_of(dial, {"limit": (0.0, 0.15)}, law) == "necessary"


def test_cells_are_short_and_tell_cases_apart() -> None:
    explorer = Explorer([DIALS["coherence"]], Budget())
    case = explorer.case(DIALS["coherence"], 1.0)
    cell = cell_of(case, 3)
    assert set(cell.parameters) == {"case", "trial"}
    assert set(cell.parameters["case"]) == {"mu"}
    assert cell.key != cell_of(case, 4).key
    assert cell.key != cell_of(case.but(lam=0.4), 3).key
