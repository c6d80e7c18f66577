"""A claim is about a network with one activation; another one is out of scope, not a refutation.

Catches: verdicts on a network that the theorem is not about; a network left out of scope because its activation has
another name; a claim of one's own about another activation that never comes into scope.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from gsae_theory import ModelSpec, Setting, Status, build_model, get_theorem, verify
from gsae_theory.check.standing import activation_margin
from gsae_theory.errors import UnknownName
from gsae_theory.network import ACTIVATIONS, Activation, register_activation
from gsae_theory.pipeline import verify_all
from gsae_theory.theory import THEOREMS

LAM = 0.3


def model(block: int = 2):
    return build_model(ModelSpec(dim=8, groups=3, block=block, dictionary="orthogonal"))


class Another(Activation):
    """The group-sparse ReLU times `factor`, for one share of the directions only if `half`."""

    def __init__(self, name: str, factor: float, half: bool = False) -> None:
        self.name, self.factor, self.half = name, factor, half  # type: ignore[misc]

    def linearise(self, u, lam, axis=-1):
        h, on, jacobian = ACTIVATIONS["group_relu"].linearise(u, lam, axis)
        first = np.take(u, [0], axis=axis) > 0 if self.half else True
        gain = np.where(first, self.factor, 1.0)
        return gain * h, on, lambda v: gain * jacobian(v)


@pytest.fixture
def registered() -> Iterator[None]:
    for item in (Another("same", 1.0), Another("louder", 1.0 + 1e-6), Another("lopsided", 1.5, half=True)):
        register_activation(item)
    yield
    for name in ("same", "louder", "lopsided"):
        del ACTIVATIONS[name]


@pytest.mark.parametrize("activation", ["relu", "soft", "group_hard", "identity"])
@pytest.mark.parametrize("theorem", ["gamma1.contraction", "gamma1.stationary", "gamma1.support.exact"])
def test_another_activation_is_out_of_scope(theorem: str, activation: str) -> None:
    verdict = verify(theorem, model(), lam=LAM, steps=3, activation=activation)
    assert verdict.status is Status.OUT_OF_SCOPE
    assert "group-activation" in verdict.reason
    assert f"here it is {activation}" in verdict.reason
    (margin,) = (item for item in verdict.margins if item.assumption == "group-activation")
    assert margin.value < -0.5


def test_no_claim_holds_or_falls_on_a_network_it_is_not_about() -> None:
    names = [item.id for item in THEOREMS.values() if not item.id.startswith("mine.")]
    verdicts = verify_all(names, model(), Setting(lam=LAM, steps=2, activation="soft"))
    assert {item.status for item in verdicts} == {Status.OUT_OF_SCOPE}
    # most claims are outside another hypothesis here as well; that must not be why
    assert all("group-activation fails" in item.reason for item in verdicts)


def test_blocks_of_one_column_make_the_soft_threshold_the_group_sparse_relu() -> None:
    soft = verify("gamma1.contraction", model(1), lam=LAM, steps=5, activation="soft")
    group = verify("gamma1.contraction", model(1), lam=LAM, steps=5)
    assert soft.status is group.status is Status.HOLDS
    assert (soft.measured, soft.bound) == pytest.approx((group.measured, group.bound), rel=1e-12)


def test_the_margin_is_the_distance_of_the_maps_in_thresholds(registered: None) -> None:
    claim = get_theorem("gamma1.contraction")
    found = {
        name: activation_margin(claim, name, LAM, 2)
        for name in ("group_relu", "same", "louder", "lopsided", "group_hard")
    }
    assert all(item is not None for item in found.values())
    values = {name: item.value for name, item in found.items() if item is not None}
    assert values["group_relu"] == values["same"] == 0
    assert values["louder"] == pytest.approx(-9e-6, rel=1e-6)  # 10 lambda shrunk to 9 lambda, times 1e-6
    assert values["lopsided"] == pytest.approx(-4.5)
    assert values["group_hard"] == pytest.approx(
        -1.0
    )  # nothing is taken off, the group-sparse ReLU takes lambda
    assert [name for name, item in found.items() if item and item.holds] == ["group_relu", "same"]
    again = activation_margin(claim, "lopsided", 7 * LAM, 2)
    assert again is not None
    assert again.value == pytest.approx(-4.5)  # free of units


def test_a_claim_about_another_activation_or_about_any() -> None:
    claim = get_theorem("gamma1.contraction")
    mine, any_one = replace(claim, activation="soft"), replace(claim, activation=None)
    assert verify(mine, model(), lam=LAM, steps=3).status is Status.OUT_OF_SCOPE
    assert "the activation is soft" in verify(mine, model(), lam=LAM, steps=3).reason
    assert verify(mine, model(), lam=LAM, steps=3, activation="soft").status is Status.REFUTED
    assert verify(any_one, model(), lam=LAM, steps=3, activation="soft").status is Status.REFUTED
    assert verify(any_one, model(), lam=LAM, steps=3).status is Status.HOLDS
    with pytest.raises(UnknownName):
        verify(replace(claim, activation="sotf"), model(), lam=LAM, steps=3)
