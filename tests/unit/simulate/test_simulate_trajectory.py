"""Runs: what is recorded, how they end, and what the theory says about them."""

import json
import math

import numpy as np
import pytest
from scipy.optimize import brentq

from gsae_theory.errors import InvalidInput, TooLarge, UnknownName
from gsae_theory.model import (
    ConstantRadius,
    GenerativeModel,
    SphereNoise,
    UniformRadius,
    UniformSupport,
    block_coherence,
    equiangular,
    low_coherence,
    near_orthogonal,
    random_blocks,
)
from gsae_theory.seeds import generator
from gsae_theory.simulate import (
    descend,
    population_gradient,
    procrustes_distance,
    sample_gradient,
    spectrum,
    start,
    trajectory,
    unaligned_distance,
)

LAM, LAW = 0.45, UniformRadius(1.0, 1.2)
M1, M2 = LAW.moment(1), LAW.moment(2)
S = brentq(lambda s: -2 * s * (1 - s**2) * M2 + LAM * M1 * (1 - 3 * s**2) + LAM**2 * s, 1.0, 2.0, xtol=1e-15)
KAPPA0 = S**2 * M2 - 2 * S * LAM * M1 + LAM**2


def make(n=12, G=4, d=2, gamma=1, mu=0.1, **more):
    return GenerativeModel(
        equiangular(n, G, d, mu, generator(1, "run")), LAW, support=UniformSupport(gamma), **more
    )


def test_every_row_is_what_its_name_says():
    model = make(gamma=2, mu=0.05)
    W0 = start("random", model.dictionary, S, 0.05, generator(2, "W"), rotated=True)
    run = descend(model, W0, LAM, 0.4, 3, S, level=6)
    W = W0
    for step in range(4):
        found = population_gradient(model, W, LAM, level=6)
        shape = spectrum(W, model.dictionary)
        np.testing.assert_allclose(
            run.distance[step], procrustes_distance(W, model.dictionary, S), atol=1e-13
        )
        np.testing.assert_allclose(
            run.distance_generating[step], procrustes_distance(W, model.dictionary), atol=1e-13
        )
        np.testing.assert_allclose(
            run.distance_unaligned[step], unaligned_distance(W, model.dictionary), atol=1e-13
        )
        np.testing.assert_allclose(run.sigma_min[step], shape.values_C[:, -1], atol=1e-13)
        np.testing.assert_allclose(run.sigma_max[step], shape.values_C[:, 0], atol=1e-13)
        np.testing.assert_allclose(run.norm_D[step], shape.norm_D, atol=1e-13)
        assert run.loss[step] == pytest.approx(found.loss, abs=1e-13)
        assert run.gradient_norm[step] == pytest.approx(np.linalg.norm(found.gradient), rel=1e-9)
        W = W - 0.4 / 0.5 * found.gradient  # eta/p with p = gamma/G = 1/2
    assert run.steps == 3
    assert run.certified
    assert (run.recovery == 1).all()
    assert run.status == "finished"
    assert 0 <= run.gradient_error < 1e-6


@pytest.mark.parametrize("d", [1, 2, 4])
def test_one_active_group_contracts_to_the_scaled_dictionary_at_the_sharp_rate(d):
    model = make(6 * d, 4, d, mu=0.1)
    eta = 0.5 * d / 4
    W0 = start("random", model.dictionary, S, 0.1, generator(3, "W", d), rotated=True)
    run = descend(model, W0, LAM, eta, 250, S)
    assert run.certified
    ratio = run.distance[1:] / run.distance[:-1]
    far = run.distance[1:].min(axis=1) > 1e-7
    np.testing.assert_allclose(ratio[far][-1], 1 - eta * KAPPA0 / d, atol=1e-6)
    long = descend(model, run.W, LAM, 4 * eta * 0.4, 400, S)
    np.testing.assert_allclose(long.distance_generating[-1], (S - 1) * math.sqrt(d), atol=1e-11)
    assert long.distance[-1].max() < 1e-12
    if d > 1:  # the un-aligned distance does not see the convergence
        assert run.distance_unaligned[-1].max() > (S - 1) * math.sqrt(d) + 0.1
        np.testing.assert_allclose(run.distance_unaligned[-1], long.distance_unaligned[-1], atol=1e-6)


def test_yardstick_of_one_active_group():
    # s* = 1.224441, kappa* = 0.202350, factor 0.8988 at eta = .5, distance to A .449 = (s* - 1) sqrt d.
    assert pytest.approx(1.224441, abs=5e-7) == S
    assert pytest.approx(0.202350, abs=5e-7) == KAPPA0 / 4
    A = near_orthogonal(256, 32, 4, 0.2, generator(4, "yardstick"))
    model = GenerativeModel(A, LAW, support=UniformSupport(1))
    W0 = start("out_of_subspace", A, S, 0.01, generator(4, "W"), rotated=True)
    run = descend(model, W0, LAM, 0.5, 60, S)
    assert run.certified
    rate = (run.distance[60] / run.distance[20]) ** (1 / 40)
    np.testing.assert_allclose(rate, 0.8988, atol=1e-4)
    np.testing.assert_allclose(run.distance_generating[-1], 0.449, atol=5e-4)


def test_yardstick_of_a_random_dictionary_that_narrowly_leaks():
    A = random_blocks(256, 32, 4, generator(9, "random"))
    assert 0.306 < block_coherence(A) < 0.32
    model = GenerativeModel(A, LAW, support=UniformSupport(1))
    run = descend(
        model, start("random", A, S, 0.2, generator(5, "W")), LAM, 0.5, 25, S, level=5, radius_nodes=2
    )
    rate = np.median((run.distance[25] / run.distance[15]) ** 0.1)
    assert 0.8987 < rate < 0.8995
    assert not run.certified
    assert run.recovery[-1] > 0.99


def test_two_active_groups_leave_a_floor():
    A = low_coherence(24, 16, 2, generator(6, "floor"), iterations=40)
    model = GenerativeModel(A, ConstantRadius(1.0), support=UniformSupport(2))
    s = 0.1 + math.sqrt(1 + 0.01)  # s - 1/s = lam = .2
    run = descend(model, s * A, 0.2, 0.4, 60, s, level=4)
    assert run.distance[0].max() < 1e-14
    assert run.distance[-1].min() > 1e-3
    assert abs(run.distance[-1] - run.distance[-2]).max() < 1e-3


def test_divergence_is_reported_and_nothing_is_nan():
    model = make()
    W0 = start("random", model.dictionary, S, 0.1, generator(7, "W"))
    run = descend(model, W0, LAM, 30.0, 200, S)
    assert run.status == "diverged"
    assert 0 < run.steps < 200
    for name in ("distance", "distance_generating", "distance_unaligned", "sigma_max", "norm_D", "loss"):
        values = getattr(run, name)
        assert len(values) == run.steps + 1
        assert np.isfinite(values).all()
    assert np.isfinite(run.W).all()
    assert math.isfinite(run.gradient_error)
    assert run.distance[-1].max() <= 2e6
    assert run.distance[-1].max() > 10


def test_a_start_whose_gradient_overflows_is_refused():
    model = make()
    with pytest.raises(InvalidInput, match="W0"), np.errstate(all="ignore"):
        descend(model, 1e150 * model.dictionary, LAM, 0.1, 5, level=3, radius_nodes=2)


def test_stops_when_a_step_is_short():
    model = make()
    W0 = start("random", model.dictionary, S, 0.1, generator(8, "W"))
    run = descend(model, W0, LAM, 0.5, 2000, S, tol=1e-6)
    assert run.status == "converged"
    assert run.steps < 300
    assert 0.5 / 0.25 * run.gradient_norm[-1] <= 1e-6 < 0.5 / 0.25 * run.gradient_norm[-2]


def test_a_fixed_sample_stays_and_minibatches_change():
    model = make(noise=SphereNoise(0.05))
    W0 = start("random", model.dictionary, S, 0.1, generator(9, "W"))
    rng = generator(9, "sample")
    run = descend(model, W0, LAM, 0.4, 4, S, gradient="sample", samples=300, rng=rng, chunk=128)
    again = descend(
        model, W0, LAM, 0.4, 4, S, gradient="sample", samples=300, rng=generator(9, "sample"), chunk=128
    )
    np.testing.assert_array_equal(run.W, again.W)
    W = W0
    for _ in range(4):
        W = (
            W
            - 0.4
            * 4
            * sample_gradient(model, W, LAM, samples=300, rng=generator(9, "sample"), chunk=128).gradient
        )
    np.testing.assert_allclose(run.W, W, atol=1e-14)
    fresh = descend(
        model, W0, LAM, 0.4, 4, S, gradient="minibatch", samples=300, rng=generator(9, "sample"), chunk=128
    )
    assert np.abs(fresh.distance[1] - run.distance[1]).max() < 1e-14
    assert np.abs(fresh.distance[2] - run.distance[2]).max() > 1e-5
    assert run.gradient_error > 0
    assert not run.certified
    assert (run.level, run.rows, run.samples) == (0, 0, 300)


def test_full_sample_of_one_radius_is_interpolated():
    # gamma1, constant R: s* A Q is a zero of every single gradient, so a sample converges to it exactly.
    A = equiangular(12, 4, 2, 0.1, generator(10, "A"))
    model = GenerativeModel(A, ConstantRadius(1.0), support=UniformSupport(1))
    W0 = start("random", A, 1.25, 0.1, generator(10, "W"))
    run = descend(model, W0, LAM, 0.4, 150, 1.25, gradient="sample", samples=200, rng=generator(10, "sample"))
    assert run.distance[-1].max() < 1e-7
    assert run.loss[-1] < 1e-14


def test_plain_data_progress_and_activations():
    model = make()
    W0 = start("random", model.dictionary, S, 0.1, generator(11, "W"))
    calls = []
    run = descend(
        model,
        W0,
        LAM,
        0.4,
        3,
        S,
        activation="soft",
        level=4,
        progress=lambda k, total: calls.append((k, total)),
    )
    assert calls == [(1, 3), (2, 3), (3, 3)]
    text = json.dumps(run.to_dict(), allow_nan=False)
    plain = json.loads(text)
    assert plain["steps"] == 3
    assert plain["activation"] == "soft"
    assert "W" not in plain
    assert np.array(run.to_dict(weights=True)["W"]).shape == W0.shape
    np.testing.assert_array_equal(plain["distance"], run.distance)


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"eta": -1.0}, InvalidInput, "eta"),
        ({"eta": float("nan")}, InvalidInput, "eta"),
        ({"steps": 0}, InvalidInput, "steps"),
        ({"scale": 0.0}, InvalidInput, "scale"),
        ({"tol": -1.0}, InvalidInput, "tol"),
        ({"lam": -0.1}, InvalidInput, "lam"),
        ({"gradient": "exact"}, UnknownName, "population"),
        ({"activation": "swish"}, UnknownName, "group_relu"),
        ({"gradient": "minibatch"}, InvalidInput, "rng"),
        ({"level": 200, "budget": 100}, TooLarge, "sampled"),
    ],
)
def test_bad_arguments_are_named(change, error, match):
    model = make()
    arguments = {"lam": LAM, "eta": 0.4, "steps": 3, "scale": S, **change}
    with pytest.raises(error, match=match):
        descend(model, S * model.dictionary, **arguments)


def test_a_start_close_to_the_limit_may_go_far():
    """Catches a limit of divergence read off the distance of the start alone: 1e6 times 1e-9 is no distance."""
    A = random_blocks(8, 3, 2, generator(30, "A"))
    model = GenerativeModel(A, ConstantRadius(1.0), support=UniformSupport(1))
    run = descend(model, start("random", A, 1.16, 1e-9, generator(31, "W")), 0.3, 0.3, 4, 1.16)
    assert (run.status, run.steps) == ("finished", 4)


def test_one_group_that_grows_is_divergence():
    """Catches the norm of the smallest group in place of the largest, or of all together."""
    A = random_blocks(8, 3, 2, generator(30, "A"))
    recorder = trajectory._Recorder(A, 1.0, 4, lambda W, estimate: 0.0)
    recorder.limit = 10.0
    one = A.copy()
    one[:, 1] *= 8
    assert not recorder.admits(one)  # ||8 A_g||_F = 8 sqrt 2
    one[:, 1] /= 1.2
    assert recorder.admits(one)
    assert not recorder.admits(np.full_like(A, np.inf))


@pytest.mark.parametrize(
    ("lam", "words"), [(0.7, "certified at every step"), (0.01, "not certified at every step")]
)
def test_a_notebook_shows_whether_supports_were_certified(lam, words):
    """Catches the two exchanged."""
    A = random_blocks(24, 3, 2, generator(32, "A"))
    model = GenerativeModel(A, ConstantRadius(1.0), support=UniformSupport(1))
    run = descend(model, 1.2 * A + 0.02, lam, 0.3, 2, 1.2, level=6)
    assert run.certified is (lam > 0.1)
    assert f">{words}<" in run._repr_html_()
