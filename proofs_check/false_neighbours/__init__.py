"""False neighbours of true steps: each has to be rejected, with a point where it fails if there is one.

A neighbour is a function that asks a checker to confirm something false (or something true from a damaged
certificate). Register it in a module of this folder, ``false_neighbours/<part>.py``::

    @false_neighbour("L37.too-far", of="L37", claim="(P_7/2) with gam = 1 on t <= 0.55", point=True)
    def _() -> None:
        nonnegative("P", P(...), region)

It is rejected when the function raises `Unproved`; with ``point=True`` that has to carry a counterexample.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeAlias

from proofs_check.core import Unproved, load

Attempt: TypeAlias = Callable[[], object]


@dataclass(frozen=True)
class FalseNeighbour:
    """Something that must not be provable.

    Attributes
    ----------
    id, of, claim : str
        Name, step (or theorem) that it is close to, and what is claimed wrongly.
    attempt : callable
        Must raise `Unproved`.
    point : bool
        Whether there is a counterexample point, which the rejection then has to give.
    """

    id: str
    of: str
    claim: str
    attempt: Attempt
    point: bool = False


@dataclass(frozen=True)
class Rejection:
    """What became of a false neighbour: rejected or not, and why."""

    id: str
    of: str
    claim: str
    rejected: bool
    reason: str
    counterexample: Mapping[str, Any] | None

    def to_dict(self) -> dict[str, object]:
        """Return plain data."""
        return {
            "id": self.id,
            "of": self.of,
            "claim": self.claim,
            "rejected": self.rejected,
            "reason": self.reason,
            "counterexample": None if self.counterexample is None else dict(self.counterexample),
        }


FALSE_NEIGHBOURS: dict[str, FalseNeighbour] = {}


def false_neighbour(name: str, of: str, claim: str, point: bool = False) -> Callable[[Attempt], Attempt]:
    """Register an attempt that has to fail; see the module's text."""

    def register(attempt: Attempt) -> Attempt:
        if name in FALSE_NEIGHBOURS:
            raise ValueError(f"false neighbour {name} is registered twice")
        FALSE_NEIGHBOURS[name] = FalseNeighbour(name, of, claim, attempt, point)
        return attempt

    return register


def load_neighbours() -> dict[str, FalseNeighbour]:
    """Import every module of this folder and return the registry."""
    load()
    for info in sorted(iter_modules(__path__), key=lambda item: item.name):
        import_module(f"{__name__}.{info.name}")
    return FALSE_NEIGHBOURS


def try_neighbour(item: FalseNeighbour) -> Rejection:
    """Return whether `item` is rejected. Any error other than `Unproved` is passed on: a checker that
    breaks has rejected nothing."""
    try:
        item.attempt()
    except Unproved as problem:
        rejected = problem.counterexample is not None or not item.point
        reason = problem.reason if rejected else f"no counterexample: {problem.reason}"
        return Rejection(item.id, item.of, item.claim, rejected, reason, problem.counterexample)
    return Rejection(item.id, item.of, item.claim, False, "accepted", None)
