"""The model as a whole: samples, observations, constants, description."""

import json
import math

import numpy as np
import pytest

from gsae_theory.errors import InvalidInput
from gsae_theory.model import (
    DIRECTIONS,
    NOISES,
    BernoulliSupport,
    DependentDirection,
    GaussianNoise,
    GenerativeModel,
    NonnegativeDirection,
    NoNoise,
    ParetoRadius,
    SphereNoise,
    UniformDirection,
    UniformRadius,
    UniformSupport,
    WeightedSupport,
    random_blocks,
)
from gsae_theory.seeds import generator
from gsae_theory.theory.symbols import TABLE

RADIUS = UniformRadius(1.0, 1.4)
# fmt: off
PRIMITIVES = {
    "n", "G", "d", "gamma", "p", "q", "q2", "B_min", "B_max", "m1", "m2", "m3", "m4", "mm1", "mm2", "nu",
    "nu_op", "sigma", "mu", "mu_col", "a_frame", "a_lower", "b_star", "beta_F", "b_op", "tau_T", "Gam",
    "mu1_g", "mu1_g1", "mu1_g2", "mu1_all", "mu2_g1", "muF_g1", "dev_orthonormal", "dev_support_size",
    "dev_support_uniform", "dev_isotropy", "dev_second_moment", "dev_symmetry", "dev_radius_bound",
    "dev_dependence", "dev_noise",
}
# fmt: on


def build(support, direction=None, noise=None, radius=RADIUS, n=9, G=5, d=2):
    A = random_blocks(n, G, d, generator(50))
    return GenerativeModel(
        A, radius, direction or UniformDirection(), support=support, noise=noise or NoNoise()
    )


def test_constants_are_exactly_the_primitives_of_the_symbol_table():
    values = build(UniformSupport(2)).constants()
    assert set(values) == PRIMITIVES
    assert set(values) <= set(TABLE)
    assert all(type(value) is float for value in values.values())
    assert (values["p"], values["q"], values["q2"]) == (0.4, 0.25, 0.0)
    assert values["m2"] == pytest.approx((1 + 1.4 + 1.96) / 3)
    assert (values["n"], values["G"], values["d"], values["gamma"]) == (9, 5, 2, 2)


@pytest.mark.parametrize(
    "support",
    [UniformSupport(1), UniformSupport(3), BernoulliSupport(0.3, 5), WeightedSupport(2, (1, 2, 3, 4, 5))],
)
@pytest.mark.parametrize("noise", [NoNoise(), SphereNoise(0.2)])
def test_observations_are_dictionary_times_codes_plus_noise(support, noise):
    model = build(support, noise=noise)
    sample = model.sample(400, generator(51))
    codes = sample.codes(model.G)
    assert len(sample) == 400
    assert codes.shape == (400, 5, 2)
    expected = codes.reshape(400, -1) @ model.dictionary.reshape(9, -1).T
    expected = expected if sample.noise is None else expected + sample.noise
    assert np.abs(model.observe(sample) - expected).max() < 1e-14
    norms = np.linalg.norm(codes, axis=2)
    for row in range(400):  # a code is nonzero exactly on its support
        S = sample.support[row][sample.support[row] >= 0]
        assert set(np.flatnonzero(norms[row])) == set(S.tolist())
        assert ((norms[row, S] >= 1 - 1e-14) & (norms[row, S] <= 1.4 + 1e-14)).all()


def test_samples_repeat_from_the_generator_and_groups_are_independent(agrees):
    model = build(UniformSupport(2))
    first, second = (model.sample(40_000, generator(52)) for _ in range(2))
    assert (first.values == second.values).all()
    assert (first.support == second.support).all()
    a, b = first.values[:, 0], first.values[:, 1]
    agrees(np.einsum("nd,nd->n", a, b), 0.0, 4.0, 0.05)
    agrees((a**2).sum(axis=1) * (b**2).sum(axis=1), model.constants()["m2"] ** 2, 4.0, 0.05)


@pytest.mark.parametrize("name", sorted(DIRECTIONS))
def test_a_model_says_which_assumptions_its_directions_break(name):
    assert build(UniformSupport(2), DIRECTIONS[name]()).breaks == DIRECTIONS[name].breaks


def test_a_model_says_what_else_it_breaks():
    assert build(BernoulliSupport(0.3, 5)).breaks == ("exactly-gamma-active",)
    assert build(WeightedSupport(2, (1, 2, 3, 4, 5))).breaks == ("uniform-support",)
    assert build(UniformSupport(1), radius=ParetoRadius(1.0)).breaks == ("bounded-norm",)
    assert build(UniformSupport(1), noise=GaussianNoise(0.1)).breaks == ("bounded-symmetric-noise",)
    assert build(UniformSupport(1), noise=SphereNoise(0.1)).breaks == ()
    A = random_blocks(9, 5, 2, generator(53))
    A[:, 3] *= 1.01
    assert GenerativeModel(A, RADIUS, support=UniformSupport(1)).breaks == ("orthonormal-blocks",)


def test_dependence_needs_two_active_groups():
    assert build(UniformSupport(1), DependentDirection(0.5)).constants()["dev_dependence"] == 0
    assert build(UniformSupport(2), DependentDirection(0.5)).constants()["dev_dependence"] == 0.5


@pytest.mark.parametrize("name", sorted(set(NOISES) - {"none"}))
def test_noise_leaves_a_finite_negative_noise_free_margin(name):
    values = build(UniformSupport(1), noise=NOISES[name](0.1)).constants()
    assert -10 < -(values["nu"] + values["sigma"]) / values["B_max"] < 0


def test_description_is_plain_json_even_where_a_constant_is_infinite():
    model = build(
        WeightedSupport(2, (1, 2, 3, 4, 5)),
        NonnegativeDirection(),
        GaussianNoise(0.1),
        ParetoRadius(1.0, 2.0),
    )
    data = json.loads(json.dumps(model.describe(), allow_nan=False))
    assert data["radius"] == {"law": "heavy_tailed", "radius_min": 1.0, "tail": 2.0}
    assert data["support"] == {"law": "weighted", "gamma": 2, "weights": [1.0, 2.0, 3.0, 4.0, 5.0]}
    assert data["noise"]["law"] == "gaussian"
    assert data["direction"] == {"law": "nonnegative"}
    assert data["constants"]["B_max"] == data["constants"]["m2"] == "inf"
    assert data["constants"]["mu"] == model.constants()["mu"]
    assert model.constants()["m2"] == math.inf


def test_the_model_keeps_its_own_read_only_dictionary():
    A = random_blocks(9, 5, 2, generator(54))
    model = GenerativeModel(A, RADIUS, support=UniformSupport(1))
    A[:] = 0
    assert model.constants()["a_frame"] > 1
    with pytest.raises(ValueError, match="read-only"):
        model.dictionary[0] = 1.0
    constants = model.constants()
    constants["mu"] = 7.0
    assert model.constants()["mu"] < 1


def test_laws_that_do_not_fit_are_refused():
    with pytest.raises(InvalidInput) as caught:
        build(UniformSupport(6))
    assert (caught.value.name, caught.value.nearest) == ("active", 5)
    with pytest.raises(InvalidInput, match="groups"):
        build(BernoulliSupport(0.3, 4))
    with pytest.raises(InvalidInput, match="shape"):
        GenerativeModel(np.eye(4), RADIUS, support=UniformSupport(1))
    with pytest.raises(InvalidInput, match="samples"):
        build(UniformSupport(1)).sample(0, generator(0))


def test_padded_codes_do_not_touch_the_last_group():
    model = build(BernoulliSupport(0.05, 5))
    sample = model.sample(500, generator(55))
    active = (sample.support == 4).any(axis=1)
    assert (np.linalg.norm(sample.codes(5)[:, 4], axis=1) > 0).tolist() == active.tolist()
    assert not active.all()
