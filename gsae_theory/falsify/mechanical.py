"""The mechanical mutants: every operator on every registered true claim."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from gsae_theory.falsify.mutant import Mutant, with_bound
from gsae_theory.falsify.operators import mutations
from gsae_theory.theory import THEOREMS
from gsae_theory.theory.theorem import Theorem

_NEAR = ("near-slow", "near-scale", "near-random", "ball", "constant", "wide-norms")
CASES_OF: dict[str, tuple[str, ...]] = {
    "gamma1.rate.square": ("square", "square-single"),
    "gamma1.linear_factor": ("slow", "large-step", "constant"),
    "gamma1.*": ("ball", "slow", "constant", "large-threshold", "wide-norms", "two-norms", "single"),
    "side.*-floor*": ("floor", "ball", "constant"),
    "side.clustering-gaussian": ("orthogonal-single", "ball", "constant"),
    "side.clustering-*": ("ball", "cluster", "constant"),
    "side.relu-nonstationary": ("constant", "floor", "constant-triple"),
    "side.gradient-deviation": ("ball",),
    "side.sgd-radius": ("ball",),
    "side.sample-radius": ("constant-small",),
    "side.gradient-*": _NEAR,
    "side.sgd-*": _NEAR,
    "side.*": ("ball", "constant", "wide-norms"),
    "general.support*": ("pair", "pair-noise", "two-blocks"),
    "general.*max": ("max-single",),
    "general.*": ("two-single", "two-blocks"),
}
"""Cases for the claims whose id matches a pattern; the first pattern that matches counts."""


def cases_of(theorem: Theorem) -> tuple[str, ...]:
    """Return the reference cases on which mutants of `theorem` are tried."""
    return next(cases for pattern, cases in CASES_OF.items() if fnmatchcase(theorem.id, pattern))


LOOSE: dict[str, tuple[int, str]] = {
    "gamma1.correlated_generating": (1, "Young's inequality: the right side is negative in the whole ball"),
    "general.correlated.generating": (1, "Young's inequality: the right side is negative in the whole ball"),
    "general.limit.generating": (
        10_000,
        "distance and bias differ at second order, the bound is of first order",
    ),
    "general.bootstrap_max": (
        1000,
        "one round of the bootstrap, bounded by the interference on the whole ball",
    ),
    "side.gradient-deviation": (60, "level 1e-9 and the range of one gradient; see M22, M23 for its parts"),
    "side.sgd-radius": (8, "level 1e-9 for all groups and steps; see side.sgd-interpolation for its parts"),
    "side.sample-radius": (10**7, "a union over a net of the ball"),
}
"""Bounds that no run comes near, why, and the factor by which a bound must be off to be refuted.

Changing one of their constants leaves a true claim, so they have a single coarse mutant each.
"""


def coarse() -> Iterator[Mutant]:
    """Yield one mutant for every loose bound: too small by a factor that the reason explains."""
    for name, (factor, _) in LOOSE.items():
        base = THEOREMS[name]
        if factor > 1:
            claim, change = with_bound(base, base.bound / factor), f"bound / {factor}"
            yield Mutant(f"{name}/coarse", base, claim, change, cases_of(base), "constant")


def constants() -> Iterator[Mutant]:
    """Yield the mutants of the constants of every true claim that is neither asymptotic nor loose."""
    for theorem in [*THEOREMS.values()]:
        yield from constants_of(theorem)


def constants_of(theorem: Theorem) -> Iterator[Mutant]:
    """Yield the mutants of the constants of one claim; none if it is false, asymptotic or loose."""
    if not (theorem.false or theorem.asymptotic or theorem.id in LOOSE):
        count: dict[str, int] = {}
        for change, bound in mutations(theorem.bound):
            word = change.split()[0]
            count[word] = count.get(word, 0) + 1
            label = change if word in ("double", "half") or "= 1" in change else f"{word} {count[word]}"
            slug = re.sub(r"[^a-z0-9_]+", "-", label.lower().replace(" = 1", " is 1"))
            yield Mutant(
                f"{theorem.id}/{slug}",
                theorem,
                with_bound(theorem, bound),
                change,
                cases_of(theorem),
                "constant",
            )
