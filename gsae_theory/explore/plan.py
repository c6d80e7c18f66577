"""Which cells an exploration computes: a first grid, then more values and more trials where it matters.

Every value of a dial gets `first` trials; between the largest value at which a conclusion holds and the
smallest at which it fails, the next round puts a value in the middle, and doubles the trials where a
value is undecided. Decisions are Clopper-Pearson limits, at a level that is shared out over all values.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from gsae_theory.check.statistics import clopper_pearson_lower, clopper_pearson_upper
from gsae_theory.explore.case import BASES, Case
from gsae_theory.explore.dial import Dial, sharp_position
from gsae_theory.sweep import Cell, Plan, Results

CONFIDENCE = 0.95
VALUES = 40
LEVEL = (1 - CONFIDENCE) / VALUES
"""Level of one decision: a dial decides on at most `VALUES` values per conclusion, together 95 %."""
NARROW = 0.004
"""Relative width at which a bracket is not refined further."""


@dataclass(frozen=True)
class Budget:
    """How much is computed for a dial.

    Attributes
    ----------
    first : int
        Trials per value; 10 of 10 decide at `LEVEL`.
    most : int
        Trials at one value, at most.
    points : int
        Values of the first grid beyond the boundary.
    rounds : int
        Rounds of refinement.
    """

    first: int = 10
    most: int = 40
    points: int = 7
    rounds: int = 6


Outcomes = list[Mapping[str, Any] | None]
Allocation = dict[float, int]
Reader = Callable[[Cell], Mapping[str, Any] | None]


def cell_of(case: Case, trial: int) -> Cell:
    """Return the cell of one trial."""
    return Cell({"case": case.differences(), "trial": trial})


def first_grid(dial: Dial, base: Case, points: int) -> list[float]:
    """Return the positions of the first round: inside the hypotheses, around the boundary, and beyond."""
    if dial.steps:
        return [abs(dial.position(x, base)) for x in dial.steps]
    far = dial.position(dial.far, base)
    theory, sharp = dial.theory(), sharp_position(dial, base)
    found = (
        {0.0, *np.geomspace(far / 100, far, points)}
        if theory == 0
        else {0.0, 0.5, 0.95, *np.geomspace(1.05, max(far, 1.1), points)}
    )
    if sharp is not None and sharp < far:
        found |= {0.93 * sharp, 1.07 * sharp}
    return sorted(float(f"{t:.6g}") for t in found if t <= far * (1 + 1e-9))


def decision(outcomes: Outcomes, conclusion: str) -> bool | None:
    """Return whether a conclusion holds in most trials, None if that is undecided at `LEVEL`."""
    values = [bool(item[conclusion]) for item in outcomes if item is not None and conclusion in item]
    if not values:
        return None
    return _decided(sum(values), len(values))


@cache
def _decided(successes: int, trials: int) -> bool | None:
    if clopper_pearson_lower(successes, trials, LEVEL) > 0.5:
        return True
    if clopper_pearson_upper(successes, trials, LEVEL) < 0.5:
        return False
    return None


def bracket(decided: Mapping[float, bool | None]) -> tuple[float | None, float | None]:
    """Return the largest position that holds before the first that fails, and that one (None: no failure)."""
    fails = sorted(t for t, held in decided.items() if held is False)
    first = fails[0] if fails else None
    holds = [t for t, held in decided.items() if held and (first is None or t < first)]
    return (max(holds) if holds else None), first


def refined(
    table: Allocation, read: Callable[[float, int], Outcomes], dial: Dial, budget: Budget
) -> Allocation:
    """Return the next round's allocation: values in the gaps of the brackets, trials where undecided."""
    new = dict(table)
    if dial.steps:
        return new
    for conclusion in (dial.conclusion, "identified"):
        decided = {t: decision(read(t, n), conclusion) for t, n in table.items()}
        low, high = bracket(decided)
        if low is None or high is None or high - low <= NARROW * high:
            continue
        between = [t for t, held in decided.items() if held is None and low < t < high]
        open_ = [t for t in between if table[t] < budget.most]
        for t in open_:
            new[t] = min(budget.most, 2 * table[t])
        edges = sorted([low, *between, high])
        gaps = [(b - a, a, b) for a, b in itertools.pairwise(edges)]
        width, a, b = max(gaps)
        if width > NARROW * high:
            new.setdefault(float(f"{_middle(a, b):.6g}"), budget.first)
    return new


def _middle(a: float, b: float) -> float:
    return (a * b) ** 0.5 if a > 0 and b > 3 * a else 0.5 * (a + b)


class Explorer:
    """Plans the sweep of several dials and reads its results.

    Parameters
    ----------
    dials : sequence of Dial
    budget : Budget
    changes : mapping
        Fields of every base case to be replaced.
    """

    def __init__(
        self, dials: Sequence[Dial], budget: Budget, changes: Mapping[str, Any] | None = None
    ) -> None:
        self.dials, self.budget = list(dials), budget
        self.bases = {dial.id: BASES[dial.base].but(**(changes or {})) for dial in self.dials}
        self._seen: dict[str, Mapping[str, Any] | None] = {}

    def case(self, dial: Dial, t: float) -> Case:
        """Return the case of a dial at a position."""
        base = self.bases[dial.id]
        return dial.case(dial.natural(t, base), base)

    def plan(self) -> Plan:
        """Return the plan of the sweep."""

        def cells(number: int, results: Results) -> Iterable[Cell]:
            for dial in self.dials:
                yield from self._cells(dial, number, results)

        return cells

    def _cells(self, dial: Dial, number: int, results: Results) -> Iterable[Cell]:
        before: Allocation = {}
        table = self.allocation(dial, number, results)
        if number > 0:
            before = self.allocation(dial, number - 1, results)
        for t, trials in table.items():
            case = self.case(dial, t)
            for trial in range(before.get(t, 0), trials):
                yield cell_of(case, trial)

    def allocation(self, dial: Dial, number: int, results: Results) -> Allocation:
        """Return the trials per position that the rounds up to `number` ask for."""
        table = dict.fromkeys(first_grid(dial, self.bases[dial.id], self.budget.points), self.budget.first)
        for _ in range(min(number, self.budget.rounds)):
            table = refined(table, lambda t, n: self.outcomes(dial, t, n, results), dial, self.budget)
        return table

    def outcomes(self, dial: Dial, t: float, trials: int, results: Results) -> Outcomes:
        """Return the outcomes at a position; None for a trial that raised."""
        case = self.case(dial, t)
        return [self._read(cell_of(case, trial), results) for trial in range(trials)]

    def _read(self, cell: Cell, results: Results) -> Mapping[str, Any] | None:
        if cell.key not in self._seen:
            self._seen[cell.key] = results(cell)
        return self._seen[cell.key]
