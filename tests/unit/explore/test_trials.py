"""A trial trains what the case says and names what comes out.

Catches: weighted data that are not the population, a step that is not the gradient's, networks that
differ from their reductions, failures under the wrong name, predictions that are not met.
"""

from __future__ import annotations

import numpy as np
import pytest

from gsae_theory.explore.build import block_atoms, model_of, population
from gsae_theory.explore.case import BASES, Case, case_of
from gsae_theory.explore.laws import AxisMixture, CrossNoise, SharedDirection, paired, skewed, spread_sizes
from gsae_theory.explore.networks import Blended, Tied, Untied, activation_of
from gsae_theory.explore.theory import environment_of, reference, start_of
from gsae_theory.explore.trial import matched, run_trial
from gsae_theory.explore.worst import worst_codes
from gsae_theory.model import EllipticalDirection, UniformDirection
from gsae_theory.network import GROUP_RELU, RELU
from gsae_theory.seeds import generator
from gsae_theory.simulate import PopulationRule, haar_rotations

ONE = BASES["one"]


@pytest.mark.parametrize("name", BASES)
def test_weighted_data_are_the_population(name: str) -> None:
    """One step on weighted data is one step along the exact population gradient of simulate (its Gauss rule)."""
    case = BASES[name]
    model = model_of(case, generator(1, "dictionary"))
    W = start_of(case, model.dictionary, reference(case).s, generator(1, "start"))
    network = Tied(W, case.lam, GROUP_RELU)
    network.step(population(case, model, generator(1, "noise")), 0.7)
    exact = PopulationRule(model, case.level, 2).gradient(W, case.lam).gradient
    np.testing.assert_allclose(network.W, W - 0.7 * exact, atol=1e-12)


@pytest.mark.parametrize("name", BASES)
def test_inside_the_hypotheses_nothing_fails(name: str) -> None:
    case = BASES[name]
    outcome = run_trial(case, 7)
    assert outcome["kind"] == "none"
    assert all(outcome[key] for key in ("limit", "support", "rate", "identified"))
    if case.gamma == 1:
        env, found = environment_of(case), reference(case)
        assert outcome["factor"] == pytest.approx(1 - found.eta * float(env["kappa_star"]), abs=1e-5)
        assert outcome["generating"] == pytest.approx((found.s - 1) * case.d**0.5, abs=1e-8)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"mu": 0.55}, "leakage"),
        ({"radius": "two_point", "radius_min": 0.2, "radius_max": 1.0}, "missed"),
        ({"eta": 2.2, "distance": 0.02}, "limit-cycle"),
        ({"eta": 9.0}, "divergence"),
        ({"net_G": 3}, "missing-group"),
        ({"condition": 2.5}, "dead-group"),
        ({"noise": 0.3, "level": 6}, "shifted"),
        ({"direction": "elliptical", "direction_strength": 6.0}, "slower"),
        ({"net_d": 3}, "none"),
        ({"net_G": 6}, "none"),
        ({"direction": "mean", "direction_strength": 0.9}, "none"),
    ],
)
def test_failures_are_named(changes: dict[str, object], kind: str) -> None:
    assert run_trial(case_of(changes), 3)["kind"] == kind


def test_noise_enters_by_its_covariance() -> None:
    """The shift is of order nu^2: twice the noise, four times the distance; its sign does not matter."""
    small, large = (run_trial(ONE.but(noise=nu, level=6), 3)["distance"] for nu in (0.1, 0.2))
    assert large / small == pytest.approx(4.0, rel=0.05)
    biased = run_trial(ONE.but(noise=0.2, noise_bias=1.0, level=6), 3)["distance"]
    assert biased == pytest.approx(large, rel=1e-6)


def test_a_trial_is_a_function_of_case_and_seed() -> None:
    assert run_trial(ONE, 5) == run_trial(ONE, 5)
    assert run_trial(ONE.but(noise=0.2, level=6), 5) != run_trial(ONE.but(noise=0.2, level=6), 6)


def test_networks_reduce_to_each_other() -> None:
    model = model_of(ONE, generator(2, "dictionary"))
    data = population(ONE, model, generator(2, "noise"))
    W = start_of(ONE, model.dictionary, 1.2, generator(2, "start"))
    tied, untied = Tied(W, 0.45, GROUP_RELU), Untied(W, W, 0.45, GROUP_RELU)
    tied.step(data, 0.3)
    untied.step(data, 0.3)
    # The gradient of the tied network is the sum of those of encoder and decoder.
    np.testing.assert_allclose(tied.W - W, (untied.E - W) + (untied.D - W), atol=1e-14)
    u = generator(3, "u").standard_normal((5, 4, 2))
    for share, act in ((0.0, GROUP_RELU), (1.0, RELU)):
        np.testing.assert_allclose(Blended(share).apply(u, 0.4), act.apply(u, 0.4))
        np.testing.assert_allclose(Blended(share).jvp_transpose(u, u, 0.4), act.jvp_transpose(u, u, 0.4))
    assert activation_of(0.0) is GROUP_RELU
    normalised = Tied(W, 0.45, GROUP_RELU, normalised=1.0)
    normalised.step(data, 0.3)
    np.testing.assert_allclose(
        np.einsum("ngi,ngj->gij", normalised.W, normalised.W), np.tile(np.eye(2), (4, 1, 1)), atol=1e-12
    )


def test_laws_have_the_moments_they_claim() -> None:
    """Atoms and samples of one law agree with its stated deviation."""
    points, weights = block_atoms(ONE.but(direction="elliptical", direction_strength=5.0))
    second = (points.T * weights) @ points / (weights @ np.einsum("ij,ij->i", points, points))
    np.testing.assert_allclose(
        np.sort(np.diag(second)), np.sort(EllipticalDirection(5.0).second_moment(2)), atol=1e-3
    )
    points, weights = block_atoms(BASES["constant"].but(direction="mean", direction_strength=0.5))
    assert weights @ points[:, 0] == pytest.approx(0.5 * 2 / np.pi, rel=1e-2)
    rng = generator(4, "laws")
    theta = AxisMixture(1.0).sample(rng, (50, 1), 3)
    assert (np.sort(np.abs(theta), axis=-1) == [0, 0, 1]).all()
    shared = SharedDirection(UniformDirection(), 1.0).sample(rng, (20, 2), 2)
    assert (shared[:, 0] == shared[:, 1]).all()
    atoms, chance = CrossNoise(0.3, 0.5).points(rng, 6)
    np.testing.assert_allclose((atoms.T * chance) @ atoms, 0.3**2 / 6 * np.eye(6), atol=1e-15)
    assert np.linalg.norm(chance @ atoms) == pytest.approx(0.5 * 0.3 / np.sqrt(6))
    assert skewed(4, 8.0).inclusion(4)[[0, -1]].tolist() == pytest.approx(
        [8 * skewed(4, 8.0).inclusion(4)[-1], skewed(4, 8.0).inclusion(4)[-1]]
    )
    for law in (spread_sizes(4, 0.3, 2), spread_sizes(4, 0.3, 3)):
        assert law.p(4) == pytest.approx(0.25)
    assert spread_sizes(4, 0.3, 2).dev_support_size(4) == pytest.approx(0.3)
    assert paired(6, 0.0).dev_support_uniform(6) == 0
    assert paired(6, 1.0).dev_support_uniform(6) == pytest.approx(4.0)


def test_a_larger_block_is_measured_on_what_codes_reach() -> None:
    """Columns that no code of the group reaches do not count; a missing column does."""
    case = ONE
    A = model_of(case, generator(5, "dictionary")).dictionary
    Q = haar_rotations(4, 3, generator(5, "Q"))
    extra = np.zeros((12, 4, 3))
    extra[:, :, :2] = 1.3 * A
    turned = np.einsum("ngi,gij->ngj", extra, Q)
    distance, order = matched(turned[:, [2, 0, 1, 3]], A, 1.3)
    assert distance.max() < 1e-12
    assert order.tolist() == [1, 2, 0, 3]
    smaller, _ = matched(1.3 * A[:, :, :1], A, 1.3)
    np.testing.assert_allclose(smaller, 1.3)


def test_the_worst_codes_attain_the_window() -> None:
    """Equiangular blocks at W = A: the loudest silent group hears gamma mu B (general Proposition 1.2)."""
    case = Case(n=8, dictionary="equiangular", mu=0.2, gamma=2, radius_max=1.5)
    A = model_of(case, generator(6, "dictionary")).dictionary
    loud, quiet = worst_codes(A, A, 2, (1.0, 1.5), generator(6, "codes"))
    assert loud == pytest.approx(2 * 0.2 * 1.5, rel=1e-9)
    assert quiet == pytest.approx(1.0 - 0.2 * 1.5, rel=1e-9)
