"""Rigorous enclosures of the extrema in gamma1 Theorems 5 and 6 at one instance.

What `gsae_theory.theory.spectral_region.region_values` finds in floating point, with a guarantee: the
scale s* is enclosed by certain signs of h, the extremum by a search with outward rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from gsae_theory.theory.scalars import h_of
from gsae_theory.theory.spectral_region import REGION_CONSTANTS, rho
from gsae_theory.theory.symbols import TABLE, s
from proofs_check.methods.identity import unfold
from proofs_check.methods.interval import ball, enclose_root, extremum, lower, upper

Number = float | int | Fraction | str


def instance(values: Mapping[str, Number]) -> dict[sp.Symbol, Any]:
    """Return intervals for the primitives of an instance, with an enclosure of s*.

    Parameters
    ----------
    values : mapping
        ``lam``, ``m1``, ``m2`` and what else is needed (``delta``, ``eps``), each taken exactly: write "0.2" for
        the number 1/5.

    Raises
    ------
    Unproved
        If h has no certain change of sign (lam outside (0, 2 m1)).
    """
    at = {TABLE[name].symbol: ball(Fraction(value)) for name, value in values.items()}
    if s not in at:
        at[s] = enclose_root(unfold(h_of(s)), s, (Fraction(1), Fraction(4)), at)
    return at


def region_constants(
    values: Mapping[str, Number], names: Iterable[str] = tuple(REGION_CONSTANTS)
) -> dict[str, tuple[float, float]]:
    """Return certified lower and upper bounds of the extrema called `names`.

    Parameters
    ----------
    values : mapping
        As for `instance`, with ``delta`` for the constants of Theorem 5 and ``eps`` for those of Theorem 6.
    names : iterable of str
        Names from `gsae_theory.theory.spectral_region.REGION_CONSTANTS`.

    Returns
    -------
    dict
        Name to (lower, upper), rounded outwards to floats.
    """
    at = instance(values)
    return {name: outward(enclosure(name, at)) for name in names}


INPUT_ERROR = Fraction(1, 2**50)
"""Relative error allowed for values that come from floating point (moments of a model, a radius)."""


def conservative(
    values: Mapping[str, float], names: Iterable[str] = tuple(REGION_CONSTANTS)
) -> dict[str, float]:
    """Return each constant on the safe side: a lower bound of a minimum, an upper bound of a maximum.

    A verdict that uses these numbers in place of the floating-point extrema rests on floating point no more.

    Parameters
    ----------
    values : mapping
        ``lam``, ``m1``, ``m2``, and ``delta`` or ``eps``, as floats; each may be off by a relative 2^-50.
    names : iterable of str
        Names from `gsae_theory.theory.spectral_region.REGION_CONSTANTS`.
    """
    at = {}
    for name, value in values.items():
        exact = Fraction(value)
        at[TABLE[name].symbol] = ball(exact - abs(exact) * INPUT_ERROR, exact + abs(exact) * INPUT_ERROR)
    if s not in at:
        at[s] = enclose_root(unfold(h_of(s)), s, (Fraction(1), Fraction(4)), at)
    safe = {}
    for name in names:
        low, high = outward(enclosure(name, at))
        safe[name] = low if REGION_CONSTANTS[name].kind == "min" else high
    return safe


def enclosure(name: str, at: Mapping[sp.Symbol, Any]) -> Any:
    """Return an interval around one constant."""
    constant = REGION_CONSTANTS[name]
    return extremum(unfold(constant.integrand), rho, constant.interval, at, constant.kind)


def outward(value: Any) -> tuple[float, float]:
    """Return floats around an interval."""
    import math

    return (
        math.nextafter(float(lower(value)), -math.inf),
        math.nextafter(float(upper(value)), math.inf),
    )
