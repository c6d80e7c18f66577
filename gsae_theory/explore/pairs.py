"""Two dials at once: which combinations still work, and which the theory admits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from gsae_theory.check.standing import STANDING
from gsae_theory.check.statistics import clopper_pearson_lower, clopper_pearson_upper
from gsae_theory.errors import GsaeError, InvalidInput
from gsae_theory.explore.case import BASES, Case
from gsae_theory.explore.dial import Dial
from gsae_theory.explore.findings import kinds
from gsae_theory.explore.plan import LEVEL, Budget, Outcomes, cell_of, decision, first_grid
from gsae_theory.explore.theory import margins
from gsae_theory.sweep import Cell, Plan, Results

TRIALS = 10
COARSER = 3
"""A map has this many values less per dial than a single dial, and no refinement of values."""


class PairExplorer:
    """Plans and reads the sweep of two dials on a grid.

    Parameters
    ----------
    first, second : Dial
    budget : Budget
    changes : mapping
        Fields of the base case to be replaced.

    Raises
    ------
    InvalidInput
        If the dials turn the same thing.
    """

    def __init__(
        self, first: Dial, second: Dial, budget: Budget, changes: Mapping[str, Any] | None = None
    ) -> None:
        self.dials, self.budget = (first, second), budget
        self.base_name = common_base(first, second)
        self.base = BASES[self.base_name].but(**(changes or {}))
        self.own = [BASES[dial.base].but(**(changes or {})) for dial in self.dials]
        self.order = turning_order(first, second, self.base)
        self.grids = [
            first_grid(dial, own, max(2, budget.points - COARSER))
            for dial, own in zip(self.dials, self.own, strict=True)
        ]

    def case(self, positions: tuple[float, float]) -> Case:
        """Return the case at two positions, each measured at the dial's own base."""
        case = self.base
        for index in self.order:
            dial, own = self.dials[index], self.own[index]
            case = dial.turn(case, dial.natural(positions[index], own))
        return case

    def plan(self) -> Plan:
        """Return the plan: a full grid, then more trials where a combination is undecided."""

        def cells(number: int, results: Results) -> Iterable[Cell]:
            for positions in self.positions():
                before = self.trials(positions, number - 1, results) if number else 0
                for trial in range(before, self.trials(positions, number, results)):
                    yield cell_of(self.case(positions), trial)

        return cells

    def positions(self) -> list[tuple[float, float]]:
        """Return the grid."""
        return [(a, b) for a in self.grids[0] for b in self.grids[1]]

    def trials(self, positions: tuple[float, float], number: int, results: Results) -> int:
        """Return how many trials the rounds up to `number` ask for at a combination."""
        count = min(TRIALS, self.budget.first)
        for _ in range(min(number, self.budget.rounds, 2)):
            if self._decided(self.outcomes(positions, count, results)):
                break
            count = min(self.budget.most, 2 * count)
        return count

    def outcomes(self, positions: tuple[float, float], trials: int, results: Results) -> Outcomes:
        """Return the outcomes at a combination."""
        case = self.case(positions)
        return [results(cell_of(case, trial)) for trial in range(trials)]

    def _decided(self, outcomes: Outcomes) -> bool:
        return all(decision(outcomes, name) is not None for name in self.conclusions())

    def conclusions(self) -> tuple[str, ...]:
        """Return the conclusions that are mapped."""
        named = {dial.conclusion for dial in self.dials}
        return ("support",) if "support" in named else ("limit", "identified")

    def finding(self, results: Results) -> dict[str, Any]:
        """Return the record of the pair as plain data."""
        rows = []
        for positions in self.positions():
            count = self.trials(positions, self.budget.rounds, results)
            outcomes = self.outcomes(positions, count, results)
            held = {}
            for name in self.conclusions():
                values = [bool(o[name]) for o in outcomes if o is not None and name in o]
                if values:
                    k, n = sum(values), len(values)
                    limits = [clopper_pearson_lower(k, n, LEVEL), clopper_pearson_upper(k, n, LEVEL)]
                    held[name] = {"held": k, "trials": n, "interval": limits}
            rows.append({
                "t": list(positions),
                "admitted": self.admitted(positions),
                "conclusions": held,
                "kinds": dict(Counter(kinds(outcomes)).most_common()),
            })  # fmt: skip
        return {
            "dials": [
                {"id": d.id, "title": d.title, "value": d.value, "grid": grid, "theory": d.theory()}
                | {"natural": [d.natural(t, own) for t in grid]}
                for d, grid, own in zip(self.dials, self.grids, self.own, strict=True)
            ],
            "base": self.base_name,
            "conclusions": list(self.conclusions()),
            "cells": rows,
        }

    def admitted(self, positions: tuple[float, float]) -> bool:
        """Return whether every hypothesis holds at a combination."""
        for dial, t in zip(self.dials, positions, strict=True):
            if set(dial.breaks) & set(STANDING) and t > dial.theory():
                return False
        case = self.case(positions)
        theorem = "gamma1.contraction" if case.gamma == 1 else "general.floor_rms"
        if case.mode == "support":
            theorem = "gamma1.support" if case.gamma == 1 else "general.support"
        try:
            return all(item.holds for item in margins(case, theorem))
        except GsaeError:
            return False


def common_base(first: Dial, second: Dial) -> str:
    """Return the base at which two dials are turned together: several groups before constant norm."""
    return max((first.base, second.base), key=["one", "constant", "two"].index)


def turning_order(first: Dial, second: Dial, base: Case) -> tuple[int, int]:
    """Return in which order the dials are applied, so that neither undoes what the other varies.

    Raises
    ------
    InvalidInput
        If they vary the same field, or each fixes what the other varies.
    """
    dials = (first, second)
    varied = [frozenset(varies(dial, base)) for dial in dials]
    shared = varied[0] & varied[1]
    for order in ((0, 1), (1, 0)):
        early, late = (dials[i] for i in order)
        middle = early.turn(base, early.far)
        both = late.turn(middle, late.far)
        if not shared and all(getattr(both, f) == getattr(middle, f) for f in varied[order[0]]):
            return order
    both_ids = f"{first.id}, {second.id}"
    fields = ", ".join(sorted(shared)) or "what the other varies"
    raise InvalidInput("assumptions", both_ids, f"two dials that turn different things; both turn {fields}")


def varies(dial: Dial, base: Case) -> set[str]:
    """Return the fields that differ along the path of a dial."""
    start, end = dial.turn(base, dial.satisfied), dial.turn(base, dial.far)
    return {name for name in vars(start) if getattr(start, name) != getattr(end, name)}
