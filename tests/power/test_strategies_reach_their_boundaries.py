"""Power of the strategies: each comes within 5 % of every boundary that it claims to cover, and rejects nothing.

A property over instances that stay far from the boundary cannot refute a bound that is wrong only there.
Shares are measured on the drawn instance, from the theory's own numbers, not read off the strategy.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.statistics import collector
from hypothesis.strategies import SearchStrategy

from gsae_theory import strategies as gst
from gsae_theory.check import Context, Setting
from gsae_theory.model.spec import ModelSpec
from gsae_theory.simulate import procrustes_distance, spectrum
from gsae_theory.strategies import Instance
from gsae_theory.theory.report_values import delta_max, delta_support

DRAWS = 60
Share = Callable[[Context], float]


def threshold_share(context: Context) -> float:
    """0 at the smallest, 1 at the largest threshold that the strategy names."""
    return (context.lam - 0.05) / 0.75


def coherence_share(context: Context) -> float:
    """Share of the coherence that (S) admits at delta = 0."""
    limit = context.lam / (context.s * context.constants["B_max"])
    return context.constants["mu"] / min(limit, 0.9)


def radius_share(context: Context) -> float:
    """delta over the largest radius that (S), H2, H3, H3' admit."""
    limits = [delta_max(context.base), delta_support(context.base)]
    return context.delta / min(value for value in limits if value)


def start_share(context: Context) -> float:
    """Largest distance of the start over the radius of the ball."""
    return float(procrustes_distance(context.W0, context.model.dictionary, context.s).max()) / context.ball


def outside_share(context: Context) -> float:
    """Share of the start's distance that lies outside the subspace of its group (large D)."""
    distance = procrustes_distance(context.W0, context.model.dictionary, context.s)
    return float((spectrum(context.W0, context.model.dictionary).norm_D / distance).max())


def anisotropy(context: Context) -> float:
    """Spread of the singular values of C_g over the distance: 1 for a rank-one change, 0 for a scale."""
    shape = spectrum(context.W0, context.model.dictionary)
    distance = procrustes_distance(context.W0, context.model.dictionary, context.s)
    return float((np.ptp(shape.values_C, axis=1) / distance).max())


def rotation(context: Context) -> float:
    """1 if some block of the start is turned away from the aligned frame, else 0."""
    cross = np.einsum("ngi,ngj->gij", context.model.dictionary, context.W0)
    skew = np.linalg.norm(cross - cross.transpose(0, 2, 1), axis=(1, 2)).max()
    return float(skew > 1e-9 * context.s or np.linalg.eigvalsh(cross + cross.transpose(0, 2, 1)).min() < 0)


def window_share(context: Context) -> float:
    """Share of lambda in the window [lam_lo, ell) at its own s*: 0 where leakage reaches it."""
    low, high = float(context.env["lam_lo_coh"]), float(context.env["ell_coh"])
    return (context.lam - low) / (high - low)


def noise_share(context: Context) -> float:
    """Noise over the tie of side T2.1."""
    return context.constants["nu"] / float(context.env["nu_cluster"])


def tie_share(context: Context) -> float:
    """Distance over the tie of side T2.1."""
    return context.delta / float(context.env["delta_cluster"])


def spread_share(limit: float) -> Share:
    """Return the share of the largest spread of norms."""
    return lambda context: (context.constants["B_max"] / context.constants["B_min"] - 1) / limit


@dataclass(frozen=True)
class Claim:
    """What a strategy covers: shares by name, each reached within 5 % at both ends unless said otherwise."""

    strategy: SearchStrategy[Instance]
    shares: dict[str, Share]


CLAIMS: dict[str, Claim] = {
    "one_group": Claim(
        gst.one_group(),
        {
            "threshold": threshold_share, "coherence": coherence_share, "radius": radius_share,
            "start": start_share, "outside the subspace": outside_share, "rotated": rotation,
            "anisotropy": anisotropy, "spread of norms": spread_share(0.3),
        },
    ),
    "one_group, constant norm": Claim(gst.one_group(spread=0.0), {"threshold": threshold_share}),
    "square_block": Claim(gst.square_block(), {"radius": radius_share, "start": start_share}),
    "several_groups": Claim(
        gst.several_groups(), {"start": start_share, "spread of norms": spread_share(0.1)}
    ),
    "several_groups_uniformly": Claim(gst.several_groups_uniformly(), {"start": start_share}),
    "support_windows": Claim(
        gst.support_windows(), {"window": window_share, "start": start_share, "spread of norms": spread_share(0.2)}
    ),
    "clusters": Claim(gst.clusters(), {"noise": noise_share, "distance": tie_share}),
}  # fmt: skip


def drawn(strategy: SearchStrategy[Instance]) -> tuple[list[Instance], list[str]]:
    """Return the draws of a strategy and the statuses that Hypothesis gave them."""
    found: list[Instance] = []
    counts: list[dict] = []

    @settings(
        max_examples=DRAWS, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def draw(instance: Instance) -> None:
        found.append(instance)

    with collector.with_value(counts.append):
        draw()
    statuses = [case["status"] for item in counts for case in item["generate-phase"]["test-cases"]]
    return found, statuses


@pytest.mark.parametrize("name", CLAIMS)
def test_strategy_reaches_its_boundaries_and_rejects_nothing(name: str) -> None:
    """Catches a strategy that avoids the edge of a hypothesis, or that filters its draws."""
    claim = CLAIMS[name]
    instances, statuses = drawn(claim.strategy)
    assert len(instances) >= DRAWS // 2
    # overrun: the engine ran out of bytes while it mutated a draw; it is no rejection by the strategy
    assert set(statuses) <= {"valid", "overrun"}, f"{name} rejects {statuses.count('invalid')} draws"
    contexts = [instance.context() for instance in instances]
    for label, share in claim.shares.items():
        values = [share(context) for context in contexts]
        assert max(values) >= 0.95, f"{name}: {label} only reaches {max(values):.3f}"
        assert min(values) <= 0.05, f"{name}: {label} stays above {min(values):.3f}"
        if label != "anisotropy":  # two singular values can lie on opposite sides of s
            assert max(values) <= 1 + 1e-6, f"{name}: {label} leaves the window, {max(values):.3f}"


def test_every_kind_of_start_is_drawn() -> None:
    """Catches an adversarial direction that is listed and never used."""
    instances, _ = drawn(gst.one_group())
    assert {instance.setting.start for instance in instances} == set(gst.KINDS)


def test_steps_reach_the_largest_admissible_one() -> None:
    """`at_step(1)` is eta_max itself, `at_step(0.05)` one twentieth of it."""
    instance = Instance(
        ModelSpec(dim=5, groups=2, block=2, dictionary="orthogonal"), Setting(lam=0.3, steps=1)
    )
    largest = float(instance.context().env["eta_max"])
    for share in (0.05, 1.0):
        assert instance.at_step(share).context().eta == pytest.approx(share * largest, rel=1e-12)


def test_strategies_never_filter() -> None:
    """Valid by construction: no assume, no filter, no reject in the module."""
    tree = ast.parse(inspect.getsource(gst))
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    assert not called & {"filter", "assume", "reject"}


def test_instances_print_small_and_shrink_small() -> None:
    """Catches a strategy whose smallest draw is large, or whose repr holds arrays."""
    from hypothesis import find

    smallest = find(
        gst.one_group(), lambda _: True, settings=settings(derandomize=True, database=None, max_examples=50)
    )
    assert (smallest.model.groups, smallest.model.block) == (2, 1)
    assert smallest.model.dictionary == "orthogonal"
    assert len(repr(smallest)) < 400
    assert "array" not in repr(smallest)


def test_seeds_come_from_the_test_and_the_instance() -> None:
    """Catches Python's salted hash, and one seed shared by two tests or two instances."""
    one = Instance(ModelSpec(dim=5, groups=2, block=2, dictionary="orthogonal"), Setting(lam=0.3))
    two = Instance(one.model, Setting(lam=0.4))
    seeds = {item.for_test(name).setting.seed for item in (one, two) for name in ("a", "b")}
    assert len(seeds) == 4
    assert one.for_test("a") == one.for_test("a")
