"""Checks of numbers that a user may give; each raises `InvalidInput` naming the nearest valid choice."""

from __future__ import annotations

import math

import numpy as np

from gsae_theory.errors import InvalidInput

SMALLEST = 1e-6  # what is offered as "nearest" to a number that must be positive

LENGTHS = (1e-30, 1e30)
"""Range of norms, thresholds and steps: powers of them, up to the eighth, stay numbers."""


def real(name: str, value: object, admissible: str = "a finite number") -> float:
    """Return `value` as a float, or raise if it is not a finite real number."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise InvalidInput(name, value, admissible)
    if not math.isfinite(value):
        raise InvalidInput(name, float(value), admissible)
    return float(value)


def positive(name: str, value: object) -> float:
    """Return `value` as a float > 0."""
    number = real(name, value, "a finite number > 0")
    if number <= 0:
        raise InvalidInput(name, number, "a finite number > 0", abs(number) or SMALLEST)
    return number


def length(name: str, value: object) -> float:
    """Return `value` as a float > 0 whose powers neither vanish nor overflow, in `LENGTHS`."""
    return within(name, positive(name, value), *LENGTHS)


def within(name: str, value: object, low: float, high: float) -> float:
    """Return `value` as a float in [low, high]."""
    admissible = f"a number in [{low:g}, {high:g}]"
    number = real(name, value, admissible)
    if not low <= number <= high:
        raise InvalidInput(name, number, admissible, min(max(number, low), high))
    return number


def count(name: str, value: object, low: int = 1, high: int | None = None, why: str = "") -> int:
    """Return `value` as an int in [low, high]; `why` says what sets the upper limit."""
    admissible = f"an integer >= {low}" if high is None else f"an integer in [{low}, {high}]{why}"
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise InvalidInput(name, value, admissible)
    if value < low or (high is not None and value > high):
        nearest = max(int(value), low)
        raise InvalidInput(name, int(value), admissible, nearest if high is None else min(nearest, high))
    return int(value)


def ordered(low_name: str, low: float, high_name: str, high: float) -> None:
    """Raise if ``low > high``."""
    if low > high:
        raise InvalidInput(low_name, low, f"at most {high_name} = {high:g}", high)
