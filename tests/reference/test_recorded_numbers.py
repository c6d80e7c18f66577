"""The numbers of small instances are those that were recorded (tests/reference/recorded.py).

Whether they are right is decided elsewhere: by the proofs, by independent formulas, by runs. This catches a
change that nobody meant: of a constant, a margin, a bound, a measurement, its error, or a verdict.
"""

from __future__ import annotations

import json

import pytest

from gsae_theory.theory import THEOREMS
from tests.reference.recorded import CASES, differences, record, stored


@pytest.mark.parametrize("case", CASES)
def test_numbers_are_those_recorded(case: str) -> None:
    """Catches any factor, term, index, test point or error estimate that changed without its record."""
    lines = differences(json.loads(json.dumps(record(case))), stored()[case])
    assert not lines, "\n".join(lines[:20]) + "\n(meant? python -m tests.reference.recorded)"


def test_every_theorem_is_recorded_inside_its_hypotheses() -> None:
    """Catches a theorem whose numbers are recorded nowhere (n = d apart: a run there ends at the rounding level)."""
    recorded = {name for item in stored().values() for name, one in item["claims"].items()}
    assert recorded == set(THEOREMS) - {"gamma1.rate.square"}


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
