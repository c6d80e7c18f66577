"""Gradients from samples, against the network on the same data."""

import numpy as np
import pytest

from gsae_theory.errors import InvalidInput
from gsae_theory.model import (
    BernoulliSupport,
    GaussianNoise,
    GenerativeModel,
    UniformDirection,
    UniformRadius,
    UniformSupport,
    random_blocks,
)
from gsae_theory.network import ACTIVATIONS, GROUP_RELU, RELU, loss_and_gradient
from gsae_theory.seeds import generator
from gsae_theory.simulate import sample_gradient, start
from gsae_theory.simulate.sampled import replayed

LAM = 0.4


def make(support=None, noise=True):
    A = random_blocks(9, 4, 2, generator(1, "sampled"))
    extra = {"noise": GaussianNoise(0.1)} if noise else {}
    return GenerativeModel(
        A, UniformRadius(1.0, 1.3), UniformDirection(), support=support or UniformSupport(2), **extra
    )


def weights(model):
    return start("random", model.dictionary, 1.2, 0.2, generator(2, "W"))


def data(model, samples, rng, chunk):
    """Return the data that a streamed gradient sees, all at once."""
    parts = [model.sample(min(chunk, samples - at), rng) for at in range(0, samples, chunk)]
    truth = [part.codes(model.G).any(axis=2) for part in parts]
    return np.concatenate([model.observe(part) for part in parts]), np.concatenate(truth)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize("support", [UniformSupport(2), BernoulliSupport(0.4, 4)])
def test_streamed_equals_the_network_on_the_whole_sample(name, support):
    model, act = make(support), ACTIVATIONS[name]
    W = weights(model)
    found = sample_gradient(model, W, LAM, act, 100, generator(3, "draws"), chunk=33)
    Y, truth = data(model, 100, generator(3, "draws"), 33)
    value, gradient = loss_and_gradient(W, Y, LAM, act)
    np.testing.assert_allclose(found.gradient, gradient, atol=1e-14)
    assert found.loss == pytest.approx(value)
    active = act.active((Y @ W.reshape(9, -1)).reshape(-1, 4, 2), LAM)
    assert found.recovery == pytest.approx((active == truth).all(axis=1).mean())


@pytest.mark.parametrize("antithetic", [False, True])
def test_standard_error_is_that_of_the_single_gradients(antithetic):
    model = make(noise=False)
    W = weights(model)
    found = sample_gradient(model, W, LAM, RELU, 50, generator(4, "se"), antithetic=antithetic)
    Y, _ = data(model, 50, generator(4, "se"), 4096)
    single = np.array([loss_and_gradient(W, y[None], LAM, RELU)[1] for y in Y])
    if antithetic:
        single = (single + np.array([loss_and_gradient(W, -y[None], LAM, RELU)[1] for y in Y])) / 2
    np.testing.assert_allclose(found.gradient, single.mean(axis=0), atol=1e-14)
    expected = np.sqrt(single.var(axis=0, ddof=1).sum(axis=(0, 2)) / 50)
    np.testing.assert_allclose(found.standard_error, expected, rtol=1e-10)
    assert found.total_standard_error == pytest.approx(np.linalg.norm(expected))
    assert found.samples == (100 if antithetic else 50)


def test_antithetic_pairs_repeat_for_odd_activations_and_help_for_relu():
    model = make(noise=False)
    W = weights(model)
    plain, paired = (
        sample_gradient(model, W, LAM, GROUP_RELU, 40, generator(5, "odd"), antithetic=flag)
        for flag in (False, True)
    )
    np.testing.assert_allclose(plain.gradient, paired.gradient, atol=1e-15)
    np.testing.assert_allclose(plain.standard_error, paired.standard_error, rtol=1e-10)
    alone, both = (
        sample_gradient(model, W, LAM, RELU, 2000, generator(6, "even"), antithetic=flag)
        for flag in (False, True)
    )
    assert both.total_standard_error < 0.8 * alone.total_standard_error


def test_chunks_bound_the_memory(monkeypatch):
    model, sizes = make(), []
    draw = type(model).sample
    monkeypatch.setattr(type(model), "sample", lambda self, N, rng: sizes.append(N) or draw(self, N, rng))
    sample_gradient(model, weights(model), LAM, samples=1001, rng=generator(7, "chunks"), chunk=100)
    assert max(sizes) == 100
    assert sum(sizes) == 1001


def test_a_replayed_generator_gives_the_same_sample_and_leaves_the_original_alone():
    rng = generator(8, "replay")
    first, second = replayed(rng).random(3), replayed(rng).random(3)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(rng.random(3), first)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"samples": 0}, "samples"),
        ({"chunk": 0}, "chunk"),
        ({"rng": None}, "rng"),
        ({"samples": 2.5}, "samples"),
    ],
)
def test_bad_arguments_are_named(change, name):
    model = make()
    arguments = {"samples": 10, "rng": generator(9, "bad"), **change}
    with pytest.raises(InvalidInput) as caught:
        sample_gradient(model, weights(model), LAM, **arguments)
    assert caught.value.name == name


def test_one_sample_is_enough():
    """Catches a limit of two, and a spread divided by 0 samples."""
    A = random_blocks(6, 3, 2, generator(40, "A"))
    model = GenerativeModel(A, UniformRadius(1.0, 1.2), support=UniformSupport(1))
    found = sample_gradient(model, 1.2 * A, 0.3, samples=1, rng=generator(41, "draw"), chunk=1)
    assert found.samples == 1
    assert np.isfinite(found.standard_error).all()
