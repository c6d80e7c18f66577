"""The numbers of small instances are those that were recorded (tests/reference/recorded.py).

Whether they are right is decided elsewhere: by the proofs, by independent formulas, by runs. This catches a
change that nobody meant: of a constant, a margin, a bound, a measurement, its error, or a verdict.
"""

from __future__ import annotations

import json

import pytest

from tests.reference.functions import FUNCTIONS
from tests.reference.recorded import (
    CANCELS,
    CASES,
    CLAIMS,
    SINGLE,
    differences,
    function_numbers,
    record,
    stored,
)


@pytest.mark.parametrize("case", CASES)
def test_numbers_are_those_recorded(case: str) -> None:
    """Catches any factor, term, index, test point or error estimate that changed without its record."""
    lines = differences(json.loads(json.dumps(record(case))), stored()[case])
    assert not lines, "\n".join(lines[:20]) + "\n(meant? python -m tests.reference.recorded)"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_return_what_was_recorded(name: str) -> None:
    """Catches the same where no reference case leads: windows, limits, rules, starts, gradients, networks."""
    lines = differences(json.loads(json.dumps(function_numbers(name))), stored()[SINGLE][name], CANCELS)
    assert not lines, "\n".join(lines[:20]) + "\n(meant? python -m tests.reference.recorded)"


def test_every_theorem_is_recorded_inside_its_hypotheses() -> None:
    """Catches a theorem whose numbers are recorded nowhere (n = d apart: a run there ends at the rounding level)."""
    recorded = {name for case in CASES for name in stored()[case]["claims"]}
    assert recorded == set(CLAIMS) - {"gamma1.rate.square"}


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (1.0, 1.001),
        (1.0, -1.0),
        (1, 2),
        ("HOLDS", "REFUTED"),
        ([1.0], [1.0, 2.0]),
        ({"a": 1.0}, {}),
        ({}, {"a": 1.0}),
    ],
)
def test_a_difference_is_seen(then: object, now: object) -> None:
    """Catches a comparison that passes whatever the numbers are."""
    assert differences({"x": now}, {"x": then})
    assert not differences({"x": then}, {"x": then})
