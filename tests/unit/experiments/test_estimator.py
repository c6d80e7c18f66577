"""The scikit-learn estimator: its contract, and that it learns."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from gsae_theory import GroupSparseAutoencoder, ModelSpec, build_model
from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.experiments import Schedule, fit_minibatch, hungarian_accuracy
from gsae_theory.network import Unfolded, gradient, loss, normalise_blocks
from gsae_theory.seeds import generator
from gsae_theory.simulate import procrustes_distance, start

# Checks of scikit-learn that the estimator fails on purpose, each with its reason; none so far.
EXPECTED_FAILURES: dict[str, str] = {}


@parametrize_with_checks(
    [
        GroupSparseAutoencoder(epochs=2),
        GroupSparseAutoencoder(3, 1, epochs=2, layers=3, accelerated=True, learn_lam=True, activation="soft"),
    ],
    expected_failed_checks=lambda _: EXPECTED_FAILURES,
)
def test_scikit_learn_contract(estimator, check):
    """Catches state set in __init__, input that is changed, shapes, dtypes, names, pickling."""
    check(estimator)


def data(noise=0.0, samples=600, gamma=1):
    extra = {"noise": "sphere", "noise_level": noise} if noise else {}
    spec = ModelSpec(dim=24, groups=6, block=3, dictionary="orthogonal", active=gamma, seed=3, **extra)
    model = build_model(spec)
    sample = model.sample(samples, generator(3, "data", samples))
    return model, model.observe(sample), sample.support[:, 0]


@pytest.mark.parametrize(
    "options", [{}, {"layers": 4, "accelerated": True, "learn_lam": True, "learn_step": True, "step": 0.5}]
)
def test_it_learns_the_blocks_and_the_active_group(options):
    """Catches a training that does not train: distance, loss and clustering all have to improve."""
    model, Y, groups = data()
    init = start("near", model.dictionary, 1.0, 0.9, generator(3, "start"))
    net = GroupSparseAutoencoder(6, 3, lam=0.3, init=init, epochs=30, random_state=0, **options).fit(Y)
    before = procrustes_distance(init, model.dictionary).max()
    after = procrustes_distance(normalise_blocks(net.weights_), model.dictionary).max()
    assert after < 0.3 * before
    assert net.loss_[-1] < 0.2 * net.loss_[0]
    assert hungarian_accuracy(groups, net.predict(Y)) == 1.0
    assert net.score(Y) > 0.95
    codes = net.transform(Y)
    assert codes.shape == (len(Y), 18)
    np.testing.assert_allclose(
        1 - np.square(Y - net.inverse_transform(codes)).sum() / np.square(Y).sum(), net.score(Y), rtol=1e-12
    )
    assert len(net.get_feature_names_out()) == 18


def test_learned_parameters_stay_positive_and_move():
    """Catches a learned threshold that is never updated, or can turn negative."""
    _, Y, _ = data()
    net = GroupSparseAutoencoder(
        6, 3, lam=0.3, layers=3, step=0.5, learn_lam=True, learn_step=True, rate=0.5, epochs=5, random_state=0
    ).fit(Y)
    assert (net.lam_ > 0).all()
    assert (net.step_ > 0).all()
    assert not np.allclose(net.lam_, 0.3)
    assert not np.allclose(net.step_, 0.5)


def test_one_full_batch_of_sgd_is_one_step_of_gradient_descent():
    """Catches a scale lost between the mean loss and the update."""
    model, Y, _ = data()
    W = start("near", model.dictionary, 1.0, 0.5, generator(3, "one"))
    plan = Schedule(epochs=1, batch=len(Y), optimiser="sgd", rate=0.7)
    fit = fit_minibatch(Unfolded(), W, Y, 0.3, generator(3, "order"), plan)
    np.testing.assert_allclose(fit.W, W - 0.7 * gradient(W, Y, 0.3), atol=1e-13)
    assert fit.loss[0] == pytest.approx(loss(W, Y, 0.3), rel=1e-12)


def test_missing_entries_do_not_matter():
    """Catches a mask that is used in the encoder or the loss only."""
    model, Y, _ = data()
    mask = (generator(4, "mask").random(Y.shape) > 0.3).astype(float)
    W = start("near", model.dictionary, 1.0, 0.5, generator(3, "one"))
    plan = Schedule(epochs=2)
    garbled = np.where(mask > 0, Y, 1e3)
    first = fit_minibatch(Unfolded(3), W, Y, 0.1, generator(0, "o"), plan, step="spectral", mask=mask)
    second = fit_minibatch(Unfolded(3), W, garbled, 0.1, generator(0, "o"), plan, step="spectral", mask=mask)
    np.testing.assert_array_equal(first.W, second.W)


@pytest.mark.parametrize("init", ["random", "samples", "k_subspaces"])
@pytest.mark.parametrize("normalise", ["none", "columns", "blocks", "orthonormal"])
def test_starts_and_constraints_run_and_replay(init, normalise):
    """Catches a start that ignores the seed and a constraint that is not imposed at the end."""
    _, Y, _ = data(samples=120)
    runs = [
        GroupSparseAutoencoder(5, 2, init=init, normalise=normalise, epochs=2, random_state=7).fit(Y).weights_
        for _ in range(2)
    ]
    np.testing.assert_array_equal(*runs)
    if normalise == "columns":
        np.testing.assert_allclose(np.linalg.norm(runs[0], axis=0), 1.0)


@pytest.mark.parametrize(
    "options",
    [
        {"n_groups": 0},
        {"lam": "big"},
        {"lam": -1.0},
        {"init": np.zeros((1, 2, 3))},
        {"epochs": 0},
        {"rate": 0.0},
    ],
)
def test_bad_parameters_are_named(options):
    with pytest.raises(InvalidInput):
        GroupSparseAutoencoder(**options).fit(np.ones((5, 4)))


def test_unknown_names_are_typed():
    for options in ({"init": "ksub"}, {"activation": "grelu"}, {"optimiser": "sdg"}, {"normalise": "cols"}):
        with pytest.raises(UnknownName):
            GroupSparseAutoencoder(**options).fit(np.ones((5, 4)))


def test_a_rate_that_is_too_large_is_said():
    """Catches NaN weights that are returned as if trained."""
    _, Y, _ = data(samples=120)
    with pytest.raises(InvalidInput, match="rate"), np.errstate(all="ignore"):
        GroupSparseAutoencoder(6, 3, optimiser="sgd", rate=1e3, epochs=30).fit(Y)
