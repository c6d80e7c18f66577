"""Laws of the direction: unit norm, second moment, mean and dependence against samples."""

import math

import numpy as np
import pytest
from scipy import integrate

from gsae_theory.errors import InvalidInput
from gsae_theory.model.direction import (
    DIRECTIONS,
    AxisAlignedDirection,
    DependentDirection,
    EllipticalDirection,
    NonnegativeDirection,
    NonzeroMeanDirection,
    UniformDirection,
    mean_absolute_coordinate,
)
from gsae_theory.seeds import generator

LAWS = [
    UniformDirection(),
    EllipticalDirection(6.0),
    NonzeroMeanDirection(0.6),
    AxisAlignedDirection(),
    NonnegativeDirection(),
    DependentDirection(0.7),
]
IDS = [law.name for law in LAWS]
MARGINS = {
    "isotropy": "isotropic-direction",
    "second_moment": "isotropic-second-moment",
    "symmetry": "symmetric-code",
    "dependence": "independent-groups",
}


def draw(law, d, N=60_000):
    return law.sample(generator(3, law.name, d), (N, 2), d)


def mean_of(law, d):
    """The stated E theta: along e1, or along (1, .., 1)."""
    size = law.deviation(d).symmetry
    return size * np.eye(d)[0] if law.name == "nonzero_mean" else size * np.ones(d) / math.sqrt(d)


def second_moment_of(law, d):
    """The stated E theta theta^T."""
    if law.name == "elliptical":
        return np.diag(law.second_moment(d))
    if law.name == "nonnegative":
        return (2 / math.pi * np.ones((d, d)) + (1 - 2 / math.pi) * np.eye(d)) / d
    return np.eye(d) / d


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("law", LAWS, ids=IDS)
def test_samples_are_unit_vectors_with_the_stated_mean_and_second_moment(law, d, agrees):
    theta = draw(law, d)
    assert theta.shape == (60_000, 2, d)
    assert np.abs(np.linalg.norm(theta, axis=-1) - 1).max() < 1e-14
    moment, mean, first = second_moment_of(law, d), mean_of(law, d), theta[:, 0]
    for i in range(d):
        agrees(first[:, i], mean[i], 2.0, 0.03)
        for j in range(i + 1):
            agrees(first[:, i] * first[:, j], moment[i, j], 2.0, 0.03)
    assert np.abs(np.linalg.eigvalsh(d * moment - np.eye(d))).max() == pytest.approx(
        law.deviation(d).second_moment, abs=1e-12
    )


@pytest.mark.parametrize("d", [1, 3])
@pytest.mark.parametrize("law", LAWS, ids=IDS)
def test_dependence_is_the_correlation_of_two_active_blocks(law, d, agrees):
    theta = draw(law, d)
    product = np.einsum("nd,nd->n", theta[:, 0], theta[:, 1])
    mean = mean_of(law, d)
    agrees(product, law.deviation(d).dependence + mean @ mean, 2.0, 0.04)


@pytest.mark.parametrize("law", LAWS, ids=IDS)
def test_a_law_names_exactly_the_assumptions_it_deviates_from(law):
    for d in (2, 5):
        off = law.deviation(d)
        assert {MARGINS[name] for name in MARGINS if getattr(off, name) > 0} == set(law.breaks)
    assert law.uniform_on_sphere == (law.breaks == ())


def test_for_block_size_one_only_asymmetry_and_dependence_remain():
    ids = [law.name for law in LAWS if law.deviation(1).isotropy]
    assert ids == ["nonzero_mean", "nonnegative"]
    assert NonnegativeDirection().deviation(1).symmetry == pytest.approx(1.0)
    assert NonzeroMeanDirection(0.6).deviation(1).symmetry == pytest.approx(0.6)
    assert all(law.deviation(1).second_moment == 0 for law in LAWS)


def test_mean_absolute_coordinate_in_closed_form():
    assert [mean_absolute_coordinate(d) for d in (1, 2, 3)] == pytest.approx([1, 2 / math.pi, 0.5])


@pytest.mark.parametrize("condition", [1.5, 9.0, 1e4])
def test_elliptical_second_moment_in_closed_form_and_by_quadrature(condition):
    law = EllipticalDirection(condition)
    root = math.sqrt(condition)
    assert law.second_moment(2) == pytest.approx([1 / (1 + root), root / (1 + root)], rel=1e-11)
    assert law.second_moment(4).sum() == pytest.approx(1.0, rel=1e-11)


def test_elliptical_second_moment_in_three_dimensions_by_integration_over_the_sphere():
    law, scale = EllipticalDirection(5.0), np.sqrt(np.geomspace(1, 5, 3))

    def share(phi, z):
        u = np.array([math.sqrt(1 - z * z) * math.cos(phi), math.sqrt(1 - z * z) * math.sin(phi), z]) * scale
        return u[2] ** 2 / (u @ u) / (4 * math.pi)

    expected = integrate.dblquad(share, -1, 1, 0, 2 * math.pi, epsabs=1e-9)[0]
    assert law.second_moment(3)[2] == pytest.approx(expected, abs=1e-7)


def test_axis_aligned_draws_are_axes_and_uniform_ones_are_not(agrees):
    assert (np.count_nonzero(draw(AxisAlignedDirection(), 3, 100), axis=-1) == 1).all()
    agrees((draw(UniformDirection(), 2)[:, 0] ** 4).sum(axis=-1), 0.75, 0.5, 0.01)


def test_dependent_blocks_share_one_direction_per_sample_only():
    theta = draw(DependentDirection(1.0), 2, 1000)
    assert (theta[:, 0] == theta[:, 1]).all()
    assert len(np.unique(theta[:, 0, 0])) == 1000


@pytest.mark.parametrize("law", [NonzeroMeanDirection, DependentDirection])
def test_strength_outside_the_unit_interval_is_refused(law):
    for bad in (-0.1, 0.0, 1.1, math.nan):
        with pytest.raises(InvalidInput, match="direction_strength"):
            law(bad)


def test_condition_must_exceed_one():
    with pytest.raises(InvalidInput, match="condition"):
        EllipticalDirection(1.0)
    assert set(DIRECTIONS) == set(IDS)
