"""Dictionaries: orthonormal blocks, the promised coherence, the closed forms of the extremal ones."""

import math

import numpy as np
import pytest

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.model.constants import block_coherence, block_welch_bound, dictionary_constants, gram
from gsae_theory.model.dictionary import (
    BASES,
    DICTIONARIES,
    Order,
    equiangular,
    low_coherence,
    near_orthogonal,
    orthobasis_pair,
    orthogonal,
    principal_pair,
    random_blocks,
)
from gsae_theory.seeds import generator

ORDERS = {
    "random": Order(12, 9, 2),
    "orthogonal": Order(12, 6, 2),
    "low_coherence": Order(12, 9, 2),
    "near_orthogonal": Order(16, 6, 2, 0.07),
    "orthobasis_pair": Order(16, 16, 2),
    "equiangular": Order(14, 6, 2, 0.3),
    "principal_pair": Order(12, 4, 3, 0.4),
}


@pytest.mark.parametrize("name", sorted(DICTIONARIES))
def test_every_named_dictionary_has_orthonormal_blocks_and_repeats_from_its_seed(name):
    order = ORDERS[name]
    A = DICTIONARIES[name](order, generator(30, name))
    values = dictionary_constants(A, 1)
    assert A.shape == (order.n, order.G, order.d)
    assert A.dtype == np.float64
    assert values["dev_orthonormal"] < 1e-13
    assert (DICTIONARIES[name](order, generator(30, name)) == A).all()
    if DICTIONARIES[name].needs_coherence:
        assert values["mu"] == pytest.approx(order.mu, abs=1e-13)


def test_random_blocks_are_haar(agrees):
    A = random_blocks(3, 40_000, 2, generator(31))
    projector = np.einsum("ngi,mgi->gnm", A, A)
    agrees(projector[:, 0, 0], 2 / 3, 1.0, 0.02)
    agrees(projector[:, 0, 1], 0.0, 1.0, 0.02)
    agrees(A[0, :, 0] ** 4, 3 / 15, 1.0, 0.02)  # fourth moment of a uniform unit vector, 3/(n(n+2))


def test_orthogonal_blocks_are_incoherent():
    assert np.abs(gram(orthogonal(12, 4, 3, generator(32))) - np.eye(12)).max() < 1e-14


@pytest.mark.parametrize(("n", "G", "d"), [(16, 12, 2), (10, 20, 1), (12, 8, 3)])
def test_low_coherence_is_near_the_welch_bound_and_far_below_random(n, G, d):
    mu = block_coherence(low_coherence(n, G, d, generator(33, n)))
    best_random = min(block_coherence(random_blocks(n, G, d, generator(34, n, trial))) for trial in range(20))
    assert block_welch_bound(n, G, d) <= mu < 0.7 * best_random


def test_low_coherence_is_orthogonal_where_that_fits():
    assert block_coherence(low_coherence(8, 4, 2, generator(35))) < 1e-14


@pytest.mark.parametrize("mu", [0.0, 1e-6, 0.02, 0.3])
def test_near_orthogonal_meets_its_target(mu):
    A = near_orthogonal(20, 5, 2, mu, generator(36))
    assert block_coherence(A) == pytest.approx(mu, abs=1e-13)


@pytest.mark.parametrize(("n", "G", "d", "mu"), [(200, 4, 1, 0.95), (4, 2, 1, 0.3), (9, 3, 2, 0.8)])
def test_near_orthogonal_reaches_what_independent_perturbations_do_not(n, G, d, mu):
    """Two random directions need not come close to each other, whatever the size of the perturbation."""
    A = near_orthogonal(n, G, d, mu, generator(37))
    assert block_coherence(A) == pytest.approx(mu, abs=1e-12)


def test_near_orthogonal_names_the_reachable_coherence():
    with pytest.raises(InvalidInput) as caught:
        near_orthogonal(200, 4, 1, 1.0, generator(37))
    assert 0.99 < caught.value.nearest < 1
    assert block_coherence(near_orthogonal(200, 4, 1, caught.value.nearest, generator(37))) > 0.99


@pytest.mark.parametrize(("n", "d"), [(8, 1), (16, 2), (16, 4), (4, 4)])
def test_hadamard_pair_is_a_tight_frame_with_the_closed_form_constants(n, d):
    A = orthobasis_pair(n, d)
    values = dictionary_constants(A, 2)
    flat = A.reshape(n, -1)
    assert A.shape == (n, 2 * n // d, d)
    assert np.abs(flat @ flat.T - 2 * np.eye(n)).max() < 1e-13
    ratio = 2.0  # m/n
    b = math.sqrt(ratio - 1)
    expected = {
        "mu": math.sqrt(d / n),
        "mu_col": math.sqrt(d / n),
        "a_frame": math.sqrt(ratio),
        "a_lower": math.sqrt(ratio),
        "b_op": b,
        "beta_F": math.sqrt(d) * b,
        "tau_T": (ratio - 1) * math.sqrt(d),
        "Gam": (ratio - 1) * math.sqrt(d),
        "b_star": max(1, ratio - 1),
        "mu1_g": min(2, n // d) * math.sqrt(d / n),
        "mu1_all": math.sqrt(n / d),
    }
    for name, value in expected.items():
        assert values[name] == pytest.approx(value, abs=1e-13), name


@pytest.mark.parametrize("n", [1, 3, 6, 12])
def test_cosine_pair_exists_in_every_dimension(n):
    values = dictionary_constants(orthobasis_pair(2 * n, 2, "dct"), 1)
    assert values["mu"] <= math.sqrt(2 / n) + 1e-15
    assert values["a_frame"] == pytest.approx(math.sqrt(2))


@pytest.mark.parametrize("mu", [-0.2, -0.05, 0.0, 0.4, 0.9])
@pytest.mark.parametrize("rotate", [False, True])
def test_equiangular_blocks_have_the_prescribed_gram_matrix(mu, rotate):
    A = equiangular(11, 5, 2, mu, generator(38) if rotate else None)
    expected = np.kron((1 - mu) * np.eye(5) + mu * np.ones((5, 5)), np.eye(2))
    assert np.abs(gram(A) - expected).max() < 1e-14
    values = dictionary_constants(A, 3)
    assert values["mu"] == pytest.approx(abs(mu), abs=1e-14)
    assert values["mu1_g"] == pytest.approx(3 * abs(mu), abs=1e-14)
    assert values["a_frame"] ** 2 == pytest.approx(max(1 - mu, 1 + 4 * mu))
    assert values["muF_g1"] == pytest.approx(math.sqrt(2 * 2) * abs(mu), abs=1e-14)


@pytest.mark.parametrize("G", [2, 4])
@pytest.mark.parametrize(
    "matrix", [None, [[1, 0], [0, 0]], [[2**-0.5, 2**-0.5], [2**-0.5, -(2**-0.5)]], [[0.3, 0.5], [-0.2, 0.1]]]
)
def test_principal_pair_has_the_prescribed_cross_gram(matrix, G):
    A = principal_pair(9, 2, 0.6, matrix, G, generator(39))
    M = np.eye(2) if matrix is None else np.array(matrix)
    assert np.abs(A[:, 0].T @ A[:, 1] - 0.6 * M).max() < 1e-14
    rest = A[:, 2:].reshape(9, -1)
    assert np.abs(rest.T @ A[:, :2].reshape(9, -1)).max(initial=0) < 1e-14
    assert dictionary_constants(A, 1)["dev_orthonormal"] < 1e-14
    assert block_coherence(A) == pytest.approx(0.6 * np.linalg.norm(M, 2))


def test_principal_pair_at_coherence_one_is_one_subspace_twice():
    assert block_coherence(principal_pair(4, 2, 1.0)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("call", "nearest"),
    [
        (lambda rng: orthogonal(10, 6, 2, rng), 5),
        (lambda rng: near_orthogonal(10, 6, 2, 0.1, rng), 5),
        (lambda rng: near_orthogonal(10, 2, 2, -0.1, rng), 0.0),
        (lambda rng: random_blocks(3, 2, 4, rng), 3),
        (lambda rng: random_blocks(3, 0, 1, rng), 1),
        (lambda rng: orthobasis_pair(12, 2), 16),
        (lambda rng: orthobasis_pair(20, 2), 16),
        (lambda rng: orthobasis_pair(12, 5), 4),
        (lambda rng: equiangular(10, 5, 2, -0.25), -0.24975),
        (lambda rng: equiangular(10, 5, 2, 1.0), 0.999),
        (lambda rng: equiangular(9, 5, 2, 0.1), 4),
        (lambda rng: principal_pair(4, 2, 1.2), 1.0),
        (lambda rng: principal_pair(4, 2, 0.2, G=1), 2),
    ],
)
def test_impossible_sizes_are_refused_with_the_nearest_choice(call, nearest):
    with pytest.raises(InvalidInput) as caught:
        call(generator(0))
    assert caught.value.nearest == pytest.approx(nearest)


def test_matrix_of_a_principal_pair_is_checked():
    for matrix in ([[2.0, 0], [0, 0]], [[1.0]], [[np.nan, 0], [0, 1]]):
        with pytest.raises(InvalidInput, match="matrix"):
            principal_pair(4, 2, 0.5, matrix)


def test_unknown_basis_is_named_with_the_closest_one():
    with pytest.raises(UnknownName, match="hadamard"):
        orthobasis_pair(8, 1, "hadamar")
    assert set(BASES) == {"hadamard", "dct"}
