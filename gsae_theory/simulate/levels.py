"""How many nodes: levels chosen, and quadrature errors estimated, by node doubling."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import TooLarge
from gsae_theory.network.activations import GROUP_RELU, Activation
from gsae_theory.network.checks import check_lam, check_pair
from gsae_theory.simulate.code_space import Frame
from gsae_theory.simulate.population import BUDGET, PopulationRule, Supports

if TYPE_CHECKING:
    from gsae_theory.model import GenerativeModel

Array = NDArray[np.float64]

TOLERANCE = 1e-12
# Level 3 is exact to degree 5: enough for the response of a symmetric point to small displacements.
LEVELS = (3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128)
RADIUS_NODES = (2, 3, 4, 6, 8, 12, 16, 24, 32)
_REFERENCE_ROWS = 500_000  # rows of a doubled rule; it runs on fewer supports where it needs more
_REFERENCE_BUDGET = 2_000_000  # rows of a doubled rule, at most
_FEWEST = 4  # supports on which errors are estimated, at least
_ROUGH_ROWS = 500_000  # rows, times G / gamma, beyond which nodes are not added where there are kinks
_THIN = 3  # level of the sphere rule while radius nodes are chosen


def choose_rule(
    model: GenerativeModel,
    W: Array,
    lam: float,
    act: Activation = GROUP_RELU,
    level: int | None = None,
    radius_nodes: int | None = None,
    budget: int = BUDGET,
    tol: float = TOLERANCE,
) -> PopulationRule:
    """Return the smallest rule whose error estimate at `W` is below `tol`, within the budget.

    The sphere and the radius rule grow separately, each until doubling it changes the gradient by less
    than tol/2. Where kinks make the error algebraic, growth stops at a moderate number of rows.

    Raises
    ------
    TooLarge
        If the rule given, or the smallest one, needs more rows than `budget`.
    """
    W, _ = check_pair(W, model.dictionary, ("W", "the dictionary"))
    lam = check_lam(lam)
    first = 1 if model.d == 1 else LEVELS[0]
    rule = PopulationRule(
        model,
        first if level is None else level,
        RADIUS_NODES[0] if radius_nodes is None else radius_nodes,
        act,
        budget,
    )
    certified = rule.certificate(Frame.of(W, model.dictionary), lam).exact
    # With kinks the work per row grows with the groups looked at, and more nodes gain little.
    limit = budget if certified else min(budget, _ROUGH_ROWS * model.gamma // model.G)
    # The two errors add up, so each ladder runs with few nodes of the other kind.
    if level is None and model.d > 1:
        for finer in LEVELS[1:]:
            if _sphere_part(rule, W, lam) <= tol / 2 or not _affordable(
                rule, finer, rule.radius_nodes, limit
            ):
                break
            rule = rule.with_rule(finer, rule.radius_nodes)
    if radius_nodes is None:
        for count in RADIUS_NODES[1:]:
            thin = rule.with_rule(min(rule.level, _THIN), rule.radius_nodes)
            if _radius_part(thin, W, lam) <= tol / 2 or not _affordable(rule, rule.level, count, limit):
                break
            rule = rule.with_rule(rule.level, count)
    return rule


def _affordable(rule: PopulationRule, level: int, radius_nodes: int, limit: int) -> bool:
    try:
        rule.with_rule(level, radius_nodes, limit)
    except TooLarge:
        return False
    return True


def estimate_error(rule: PopulationRule, W: Array, lam: float) -> float:
    """Return the estimated quadrature error of ``rule.gradient(W, lam)``, relative to its `size`.

    The change of the gradient when the sphere rule is doubled plus that when the radius rule is. Where
    doubling all supports costs too much it is done on some, evenly spread; where even that exceeds the
    budget, the rule is compared with a coarser one, which overestimates.
    """
    return _sphere_part(rule, W, lam) + _radius_part(rule, W, lam)


def _sphere_part(rule: PopulationRule, W: Array, lam: float) -> float:
    if rule.model.d == 1:
        return 0.0
    return _change(rule, [(level, rule.radius_nodes) for level in _tries(rule.level)], W, lam)


def _radius_part(rule: PopulationRule, W: Array, lam: float) -> float:
    law = rule.model.radius
    if len(law.nodes(2 * rule.radius_nodes)[0]) == len(law.nodes(rule.radius_nodes)[0]):
        return 0.0  # a discrete law ends at its atoms
    return _change(rule, [(rule.level, count) for count in _tries(rule.radius_nodes)], W, lam)


def _change(rule: PopulationRule, choices: list[tuple[int, int]], W: Array, lam: float) -> float:
    seen = rule.certificate(Frame.of(W, rule.model.dictionary), lam)
    base = _on_some_supports(rule, 1.0 if seen.silent else rule.model.gamma / rule.model.G)
    here, there = base.gradient(W, lam), _neighbour(base, choices).gradient(W, lam)
    return float(np.linalg.norm(here.gradient - there.gradient)) / here.size if here.size > 0 else 0.0


def _tries(count: int) -> list[int]:
    """Return what to compare with: twice the nodes if possible, else fewer more, else fewer."""
    return [2 * count, *range(2 * count - 1, count, -max(1, count // 4)), max(1, count - 1)]


def _neighbour(rule: PopulationRule, choices: list[tuple[int, int]]) -> PopulationRule:
    for level, radius_nodes in choices[:-1]:
        try:
            return rule.with_rule(level, radius_nodes)
        except TooLarge:
            continue
    return rule.with_rule(*choices[-1])


def _on_some_supports(rule: PopulationRule, share: float) -> PopulationRule:
    """Return the rule on evenly spread supports, few enough that doubling its nodes is affordable.

    `share` is the part of the groups that is looked at on a support where nothing leaks: rows cost 1/share.
    """
    count = sum(len(part.members) for part in rule.supports)
    growth = 2 ** (rule.model.gamma * max(rule.model.d - 1, 1))
    keep = max(_FEWEST, int(share * _REFERENCE_ROWS * count / max(1, growth * rule.rows)))
    if keep >= count:
        return rule
    chosen = []
    for part in rule.supports:
        wanted = min(len(part.members), max(1, round(keep * len(part.members) / count)))
        rows = np.unique(np.linspace(0, len(part.members) - 1, wanted).round().astype(int))
        chosen.append(Supports(part.members[rows], part.probabilities[rows]))
    smaller = replace(rule, given=tuple(chosen))
    return replace(smaller, budget=min(rule.budget, max(int(share * _REFERENCE_BUDGET), smaller.rows)))
