"""Constants of a dictionary against their definitions, written out slowly."""

import itertools
import math

import numpy as np
import pytest

from gsae_theory.errors import InvalidInput
from gsae_theory.model.constants import (
    block_babel,
    block_coherence,
    block_welch_bound,
    check_dictionary,
    coherence_matrices,
    dictionary_constants,
    largest_sums,
    orthonormality_defects,
)
from gsae_theory.model.frames import random_blocks
from gsae_theory.seeds import generator


def slow(A, gamma):
    """Every constant from its definition, by loops over groups and dense linear algebra."""
    _, G, d = A.shape
    blocks = [A[:, g] for g in range(G)]
    groups = range(G)
    flat = np.hstack(blocks)

    def spectral(M):
        return np.linalg.norm(M, 2)

    def babel(norm, k, power):
        sums = []
        for g in groups:
            values = sorted((norm(blocks[g].T @ blocks[h]) ** power for h in groups if h != g), reverse=True)
            sums.append(sum(values[: max(k, 0)]))
        return max(sums)

    others = [np.hstack([blocks[h] for h in groups if h != g]) for g in groups]
    drift = [others[g] @ others[g].T @ blocks[g] for g in groups]
    singular = np.linalg.svd(flat, compute_uv=False)
    return {
        "mu": max(spectral(blocks[g].T @ blocks[h]) for g, h in itertools.permutations(groups, 2)),
        "mu_col": max(
            np.linalg.norm(blocks[g].T @ blocks[h][:, j])
            for g, h in itertools.permutations(groups, 2)
            for j in range(d)
        ),
        "a_frame": spectral(flat),
        "a_lower": min(value for value in singular if value > 1e-10),
        "b_star": spectral(flat.T @ flat - np.eye(G * d)),
        "beta_F": max(np.linalg.norm(others[g].T @ blocks[g]) for g in groups),
        "b_op": max(spectral(others[g].T @ blocks[g]) for g in groups),
        "tau_T": max(np.linalg.norm(T) for T in drift),
        "Gam": max(np.linalg.norm(A_g.T @ T) for A_g, T in zip(blocks, drift, strict=True)),
        "mu1_g": babel(spectral, gamma, 1),
        "mu1_g1": babel(spectral, gamma - 1, 1),
        "mu1_g2": babel(spectral, gamma - 2, 1),
        "mu1_all": babel(spectral, G - 1, 1),
        "mu2_g1": math.sqrt(babel(spectral, gamma - 1, 2)),
        "muF_g1": math.sqrt(babel(np.linalg.norm, gamma - 1, 2)),
        "dev_orthonormal": max(spectral(A_g.T @ A_g - np.eye(d)) for A_g in blocks),
    }


@pytest.mark.parametrize("orthonormal", [True, False])
@pytest.mark.parametrize(
    ("n", "G", "d", "gamma"),
    [(7, 5, 1, 2), (6, 4, 2, 3), (12, 4, 3, 1), (9, 6, 4, 4), (5, 3, 2, 3), (4, 3, 4, 2)],
)
def test_constants_are_their_definitions(n, G, d, gamma, orthonormal):
    rng = generator(20, n, G, d)
    A = random_blocks(n, G, d, rng) if orthonormal else rng.standard_normal((n, G, d))
    expected = slow(A, gamma)
    measured = dictionary_constants(A, gamma)
    assert measured.keys() == expected.keys()
    for name, value in expected.items():
        assert measured[name] == pytest.approx(value, rel=1e-10, abs=1e-13), name


def test_measuring_leaves_the_dictionary_alone():
    A = random_blocks(6, 4, 2, generator(21))
    before = A.copy()
    A.flags.writeable = False
    dictionary_constants(A, 2)
    assert (before == A).all()


def test_one_group_has_no_interference():
    values = dictionary_constants(random_blocks(6, 1, 2, generator(22)), 1)
    off = [name for name in values if name not in ("a_frame", "a_lower", "b_star", "dev_orthonormal")]
    assert all(values[name] == 0 for name in off)
    assert values["a_frame"] == pytest.approx(1)
    assert values["b_star"] == pytest.approx(0, abs=1e-14)


def test_coherence_is_the_same_in_chunks(monkeypatch):
    A = random_blocks(9, 8, 2, generator(23))
    whole = coherence_matrices(A)
    monkeypatch.setattr("gsae_theory.model.constants._CHUNK", 70)
    for once, chunked in zip(whole, coherence_matrices(A), strict=True):
        assert np.abs(once - chunked).max() < 1e-15


def test_closed_form_norms_agree_with_the_decomposition_for_blocks_of_two():
    blocks = generator(24).standard_normal((50, 4, 2))
    A = np.moveaxis(blocks, 1, 0)
    spectral, _ = coherence_matrices(A)
    for g, h in [(0, 1), (3, 40), (17, 2)]:
        assert spectral[g, h] == pytest.approx(np.linalg.norm(blocks[g].T @ blocks[h], 2), rel=1e-13)


def test_babel_function_grows_from_the_coherence_to_the_full_sum():
    A = random_blocks(10, 6, 2, generator(25))
    spectral, _ = coherence_matrices(A)
    assert block_babel(A, 0) == 0
    assert block_babel(A, 1) == block_coherence(A) == spectral.max()
    assert block_babel(A, 5) == block_babel(A, 99) == pytest.approx(spectral.sum(axis=1).max())
    assert largest_sums(np.array([[3.0, 1.0, 2.0]]), 2).tolist() == [5.0]


@pytest.mark.parametrize(("n", "G", "d"), [(4, 8, 1), (6, 5, 2), (10, 5, 2)])
def test_no_dictionary_is_below_the_welch_bound(n, G, d):
    bound = block_welch_bound(n, G, d)
    for trial in range(20):
        assert block_coherence(random_blocks(n, G, d, generator(26, n, trial))) >= bound
    assert (bound == 0) == (G * d <= n)


def test_welch_bound_is_attained_by_the_three_lines_at_sixty_degrees():
    angles = np.arange(3) * np.pi / 3
    A = np.stack([np.cos(angles), np.sin(angles)])[:, :, None]
    assert block_coherence(A) == pytest.approx(block_welch_bound(2, 3, 1)) == pytest.approx(0.5)


@pytest.mark.parametrize("d", [1, 2])
def test_tight_frame_below_redundancy_two_has_the_closed_form_constants(d):
    angles = np.arange(3) * np.pi / 3
    A = np.kron(np.stack([np.cos(angles), np.sin(angles)]), np.eye(d)).reshape(2 * d, 3, d)
    values, ratio = dictionary_constants(A, 2), 1.5
    assert values["a_frame"] ** 2 == pytest.approx(ratio)
    assert values["b_op"] ** 2 == pytest.approx(ratio - 1)
    assert values["beta_F"] == pytest.approx(math.sqrt(d) * values["b_op"])
    assert values["tau_T"] == pytest.approx((ratio - 1) * math.sqrt(d))
    assert values["Gam"] == pytest.approx((ratio - 1) * math.sqrt(d))
    assert values["b_star"] == pytest.approx(1), "the kernel of A, not ratio - 1, decides"


def test_orthonormality_defects_find_the_group():
    A = random_blocks(6, 3, 2, generator(27))
    A[:, 1] *= 1.1
    assert orthonormality_defects(A) == pytest.approx([0, 0.21, 0], abs=1e-14)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones((3, 3)), "shape"),
        (np.ones((3, 0, 2)), "shape"),
        (np.full((2, 2, 1), np.nan), "finite numbers"),
        (np.full((2, 2, 1), -np.inf), "finite numbers"),
        (np.ones((2, 2, 1), complex), "dtype"),
        (np.ones((2, 2, 1), object), "dtype"),
        (np.ones((2, 2, 1), bool), "dtype"),
        (np.full((2, 2, 1), "x"), "dtype"),
    ],
)
def test_what_is_no_dictionary_is_refused(array, message):
    with pytest.raises(InvalidInput, match=message):
        check_dictionary(array)
