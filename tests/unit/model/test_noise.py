"""Noise: bounds, covariance and symmetry against samples."""

import math

import numpy as np
import pytest
from scipy import stats

from gsae_theory.errors import InvalidInput
from gsae_theory.model.noise import NOISES, BallNoise, GaussianNoise, NoNoise, OneSidedNoise, SphereNoise
from gsae_theory.seeds import generator

BOUNDED = [SphereNoise(0.3), BallNoise(0.3), OneSidedNoise(0.3)]
N, DIM = 60_000, 5


@pytest.mark.parametrize("law", BOUNDED, ids=lambda law: law.name)
def test_bounded_noise_obeys_nu_and_attains_nu_op(law, agrees):
    e = law.sample(generator(4, law.name), N, DIM)
    assert np.linalg.norm(e, axis=1).max() <= law.nu(DIM) * (1 + 1e-12)
    direction = np.full(DIM, DIM**-0.5)  # leading for one-sided noise, any for the others
    agrees((e @ direction) ** 2, law.nu_op(DIM) ** 2, law.nu(DIM) ** 2, 0.1 * law.nu_op(DIM) ** 2)
    along_axis = 0.09 / (DIM + 2 if law.name == "ball" else DIM)
    agrees(e[:, 0] ** 2, along_axis, law.nu(DIM) ** 2, 0.1 * along_axis)


@pytest.mark.parametrize("law", BOUNDED, ids=lambda law: law.name)
def test_symmetry_is_reported_as_it_is(law):
    e = law.sample(generator(5, law.name), N, DIM)
    band = law.level * math.sqrt(2 * math.log(2 / 1e-9) / N)
    assert (np.abs(e.mean(axis=0)).max() > band) == (law.dev_noise == 1.0)


def test_ball_noise_is_uniform_in_the_ball(agrees):
    e = BallNoise(1.0).sample(generator(6, "ball"), N, 3)
    agrees(np.linalg.norm(e, axis=1) < 0.5, 0.125, 1.0, 0.02)


def test_gaussian_noise_has_its_variance_and_a_high_probability_radius():
    law = GaussianNoise(0.2)
    e = law.sample(generator(7, "gauss"), N, DIM)
    total = float((e**2).sum()) / 0.04
    assert stats.chi2.ppf(5e-10, N * DIM) < total < stats.chi2.isf(5e-10, N * DIM)
    assert (law.sigma, law.nu_op(DIM), law.dev_noise) == (0.2, 0.2, 1.0)
    assert math.isfinite(law.nu(DIM))
    for n in (1, 5, 300):
        assert stats.chi2.sf((law.nu(n) / 0.2) ** 2, n) <= 1e-12
    assert "bounded-symmetric-noise" in law.breaks


def test_no_noise_is_none():
    law = NoNoise()
    assert law.sample(generator(8), 3, 4) is None
    assert (law.nu(4), law.nu_op(4), law.sigma, law.dev_noise) == (0, 0, 0, 0)


@pytest.mark.parametrize("name", sorted(set(NOISES) - {"none"}))
def test_level_must_be_positive_and_finite(name):
    for bad in (-0.1, 0.0, math.inf, math.nan):
        with pytest.raises(InvalidInput, match="noise_level"):
            NOISES[name](bad)
