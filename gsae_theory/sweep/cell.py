"""Cells of a sweep as plain data, and the sweep itself.

A cell is known by the hash of its parameters and seeded by it: adding a cell moves no other, and the
same cell gives the same numbers wherever and whenever it is computed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gsae_theory.errors import InvalidInput
from gsae_theory.seeds import seed_for

Json = Any
Task = Callable[[Mapping[str, Json], int], Mapping[str, Json]]
"""Computes a cell: (parameters, seed) -> plain data. Module-level, so that workers can import it."""


def canonical(data: Json, what: str = "data") -> str:
    """Return the one JSON text of plain data: sorted keys, no spaces, no NaN.

    Raises
    ------
    InvalidInput
        If `data` is no JSON (a NaN, an array, an object).
    """
    try:
        return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as problem:
        admissible = f"plain JSON: numbers that are finite, text, lists, maps ({problem})"
        raise InvalidInput(what, data, admissible) from None


def digest(text: str) -> str:
    """Return a 128-bit hash of a text, as hexadecimal."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Cell:
    """One computation of a sweep.

    Attributes
    ----------
    parameters : mapping
        Plain JSON data; the cell's identity.
    """

    parameters: Mapping[str, Json]

    @cached_property
    def text(self) -> str:
        """The parameters as canonical JSON."""
        return canonical(dict(self.parameters), "parameters of a cell")

    @cached_property
    def key(self) -> str:
        """Hash of the parameters."""
        return digest(self.text)

    def seed(self, base: int) -> int:
        """Return the seed of the cell under the sweep's seed."""
        return seed_for(base, "cell", self.key)


Results = Callable[[Cell], Mapping[str, Json] | None]
"""What a plan reads of earlier rounds: the value of a cell, None if it failed."""
Plan = Callable[[int, Results], Iterable[Cell]]
"""Cells of round 0, 1, ...; an empty round ends the sweep. Must depend on nothing but its arguments."""


@dataclass(frozen=True)
class Sweep:
    """What is computed, cell by cell, in rounds.

    Attributes
    ----------
    name : str
    task : Task
    plan : Plan
        A round is planned when every cell of the rounds before is in the store. As it is a function of
        their results, an interrupted sweep plans the same rounds when it is taken up again.
    spec : mapping
        Plain data that determines the sweep; a store of another spec is refused.
    version : str
        Version of the code whose numbers are stored; a store of another version is refused.
    seed : int
    """

    name: str
    task: Task = field(repr=False)
    plan: Plan = field(repr=False)
    spec: Mapping[str, Json]
    version: str
    seed: int = 0


def one_round(cells: Iterable[Cell]) -> Plan:
    """Return the plan of a sweep whose cells are all known in advance."""
    fixed = tuple(cells)
    return lambda number, results: fixed if number == 0 else ()
