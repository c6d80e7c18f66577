"""Every mutant, in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache

from gsae_theory.errors import UnknownName
from gsae_theory.falsify.hypotheses import of_the_expansion, without_alignment, without_hypotheses
from gsae_theory.falsify.mechanical import coarse, constants, constants_of
from gsae_theory.falsify.mutant import Mutant
from gsae_theory.falsify.table import table
from gsae_theory.theory import THEOREMS

REGISTERED = {
    "gamma1.unaligned": ("gamma1.limit.generating", "ball"),
    "gamma1.false_no_bias": ("gamma1.stationary", "ball"),
    "gamma1.false_limit_distance": ("gamma1.limit.generating", "ball"),
    "gamma1.false_rate_dimension": ("gamma1.contraction", "slow"),
    "gamma1.false_rate_unshrunk": ("gamma1.contraction", "slow"),
    "gamma1.false_step_unit": ("gamma1.contraction", "slow"),
    "general.unaligned_correlated": ("gamma1.correlated", "ball"),
}
"""Claims registered as false: the true claim that each imitates, and a case that refutes it."""


def _registered() -> Iterator[Mutant]:
    for name, theorem in THEOREMS.items():
        if theorem.false:
            base, case = REGISTERED[name]
            yield Mutant(name, THEOREMS[base], theorem, theorem.title, (case,), "registered")


FAMILIES = (
    table,
    _registered,
    without_hypotheses,
    without_alignment,
    of_the_expansion,
    coarse,
    constants,
)


@lru_cache(maxsize=1)
def all_mutants() -> tuple[Mutant, ...]:
    """Return every mutant; ids are unique."""
    found = tuple(mutant for family in FAMILIES for mutant in family())
    ids = [mutant.id for mutant in found]
    twice = {name for name in ids if ids.count(name) > 1}
    if twice:
        raise ValueError(f"mutant ids must be unique: {sorted(twice)}")
    return found


def find(name: str) -> Mutant:
    """Return the mutant called `name`, without building the whole catalogue.

    Raises
    ------
    UnknownName
        With the closest id that exists.
    """
    base = name.partition("/")[0]
    if base in THEOREMS and base != name:
        families: list[Callable[[], Iterator[Mutant]]] = [
            *FAMILIES[:-1],
            lambda: constants_of(THEOREMS[base]),
        ]
    else:
        families = list(FAMILIES[:2])
    for family in families:
        for mutant in family():
            if mutant.id == name:
                return mutant
    raise UnknownName("mutant", name, [mutant.id for family in families for mutant in family()])


def select(pattern: str | None = None) -> tuple[Mutant, ...]:
    """Return the mutants whose id (or group) matches a pattern like ``M*`` or ``gamma1.contraction/*``.

    Raises
    ------
    UnknownName
        If none does.
    """
    if pattern is None:
        return all_mutants()
    by_group = {"table": table, "registered": _registered, "hypothesis": without_hypotheses}
    if pattern in by_group:
        return tuple(by_group[pattern]())
    found = tuple(m for m in all_mutants() if fnmatchcase(m.id, pattern) or m.group == pattern)
    if not found:
        raise UnknownName("mutant", pattern, sorted({m.id for m in all_mutants()}))
    return found
