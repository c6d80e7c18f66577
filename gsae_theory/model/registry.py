"""Laws and dictionaries of your own: registered once, they are named in specs and options like the shipped ones."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import is_dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput
from gsae_theory.model.dictionary import DICTIONARIES, Builder, Order
from gsae_theory.model.direction import DIRECTIONS, DirectionLaw
from gsae_theory.model.frames import sizes
from gsae_theory.model.noise import NOISES, NoiseLaw
from gsae_theory.model.radius import RADIUS_LAWS, RadiusLaw
from gsae_theory.model.support import SUPPORTS, SupportLaw

Law = TypeVar("Law", bound=type)
Make = Callable[[Order, np.random.Generator], NDArray[np.float64]]

_TABLES: tuple[tuple[type, dict[str, Any]], ...] = (
    (RadiusLaw, RADIUS_LAWS),
    (DirectionLaw, DIRECTIONS),
    (SupportLaw, SUPPORTS),
    (NoiseLaw, NOISES),
)


def register_law(law: Law) -> Law:
    """Register a law of norm, direction, support or noise under its `name`; use it as a decorator.

    The class is a frozen dataclass derived from `RadiusLaw`, `DirectionLaw`, `SupportLaw` or `NoiseLaw`. A spec
    constructs it from its own fields: a norm from ``radius_min, radius_max``, a direction from
    ``direction_strength`` if that is given, a support from ``active``, a noise from ``noise_level``.

    Raises
    ------
    InvalidInput
        If the class is none of these, leaves a method abstract, is no dataclass, or has a name that is taken.
    """
    tables = [table for base, table in _TABLES if issubclass(law, base)]
    bases = ", ".join(base.__name__ for base, _ in _TABLES)
    if not tables:
        raise InvalidInput("law", law.__name__, f"a class derived from one of {bases}")
    if inspect.isabstract(law):
        missing = ", ".join(sorted(getattr(law, "__abstractmethods__", ())))
        raise InvalidInput("law", law.__name__, f"a class without abstract methods; it lacks {missing}")
    if not is_dataclass(law):
        raise InvalidInput("law", law.__name__, "a dataclass: its fields are its parameters")
    tables[0][_free_name("name of a law", getattr(law, "name", None), tables[0])] = law
    return law


def register_dictionary(
    name: str,
    meaning: str,
    check: Callable[[Order], None] | None = None,
    *,
    needs_coherence: bool = False,
) -> Callable[[Make], Make]:
    """Register the decorated function as the dictionary `name`.

    Parameters
    ----------
    name : str
    meaning : str
        What it is, for people.
    check : callable, optional
        Raises InvalidInput at once if an order cannot be met [only that a block fits into the dimension].
    needs_coherence : bool
        Whether a coherence is prescribed (``order.mu``).

    Raises
    ------
    InvalidInput
        If the name is taken.
    """
    _free_name("name of a dictionary", name, DICTIONARIES)

    def add(make: Make) -> Make:
        DICTIONARIES[name] = Builder(
            make, check or (lambda o: sizes(o.n, o.G, o.d)), meaning, needs_coherence=needs_coherence
        )
        return make

    return add


def _free_name(what: str, name: object, table: dict[str, Any]) -> str:
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise InvalidInput(what, name, "lower-case letters, digits and _, like my_law")
    if name in table:
        raise InvalidInput(what, name, "a name that is not registered yet")
    return name
