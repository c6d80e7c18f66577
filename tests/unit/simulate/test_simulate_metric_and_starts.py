"""Distances and starts."""

import math

import numpy as np
import pytest

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.seeds import generator
from gsae_theory.simulate.metric import (
    align,
    aligned_distances,
    procrustes_distance,
    spectrum,
    unaligned_distance,
)
from gsae_theory.simulate.starts import STARTS, haar_rotations, rotate_blocks, start


def blocks(n=10, G=4, d=3, seed=0):
    return np.linalg.qr(generator(seed, "metric-blocks").standard_normal((G, n, d)))[0].transpose(1, 0, 2)


def test_distance_is_blind_to_rotations_and_the_unaligned_one_is_not():
    A = blocks()
    W = rotate_blocks(1.3 * A, haar_rotations(4, 3, generator(1, "Q")))
    assert procrustes_distance(W, A, 1.3).max() < 1e-14
    np.testing.assert_allclose(procrustes_distance(W, A), 0.3 * math.sqrt(3), atol=1e-14)
    assert unaligned_distance(W, A).min() > 0.6


def test_distance_is_the_minimum_over_rotations_with_reflections():
    # d = 2: O(2) on a fine grid, both components; a formula over SO(2) only would be larger for some group.
    rng = generator(2, "grid")
    A, W = blocks(6, 5, 2), rng.standard_normal((6, 5, 2))
    t = np.linspace(0, 2 * np.pi, 20001)
    turn = np.stack([np.stack([np.cos(t), -np.sin(t)]), np.stack([np.sin(t), np.cos(t)])])
    grid = np.concatenate([turn, turn * np.array([1.0, -1.0])[None, :, None]], axis=2)  # (2, 2, K)
    for g in range(5):
        moved = np.einsum("ni,ijk->njk", W[:, g], grid) - 1.2 * A[:, g, :, None]
        best = np.sqrt((moved**2).sum(axis=(0, 1))).min()
        assert procrustes_distance(W, A, 1.2)[g] == pytest.approx(best, abs=1e-6)
    dets = np.linalg.det(align(W, A))
    assert dets.min() < 0 < dets.max()


def test_small_distances_do_not_cancel():
    A = blocks()
    W = start("out_of_subspace", A, 1.25, 1e-11, generator(3, "tiny"), rotated=True)
    np.testing.assert_allclose(procrustes_distance(W, A, 1.25), 1e-11, rtol=1e-3)


def test_spectrum_in_the_frame_of_the_dictionary():
    A = blocks()
    E, D = np.diag([0.3, -0.1, 0.0]), start("out_of_subspace", A, 1.0, 0.2, generator(4, "D")) - A
    W = rotate_blocks(A @ (np.eye(3) + E) + D, haar_rotations(4, 3, generator(5, "Q")))
    shape = spectrum(W, A)
    np.testing.assert_allclose(shape.values_C, np.broadcast_to([1.3, 1.0, 0.9], (4, 3)), atol=1e-14)
    np.testing.assert_allclose(shape.norm_D, np.linalg.norm(D.transpose(1, 0, 2), 2, axis=(1, 2)), rtol=1e-12)


@pytest.mark.parametrize("kind", sorted(set(STARTS) - {"near"}))
@pytest.mark.parametrize("rotated", [False, True])
@pytest.mark.parametrize("radius", [0.0, 1e-9, 0.3, 1.2])
def test_starts_lie_exactly_at_their_distance(kind, rotated, radius):
    A, s = blocks(), 1.25
    W = start(kind, A, s, radius, generator(6, kind), rotated)
    np.testing.assert_allclose(
        procrustes_distance(W, A, s), radius, atol=3e-15, rtol=1e-6 if radius < 1e-6 else 1e-13
    )
    if rotated:
        assert unaligned_distance(W, A, s).max() > 0.5
    else:
        np.testing.assert_allclose(unaligned_distance(W, A, s), radius, atol=3e-15)


def test_random_start_keeps_its_distance_beyond_the_scale():
    A = blocks(3, 2, 3)  # n = d: everything in the subspace
    np.testing.assert_allclose(
        procrustes_distance(start("random", A, 0.5, 4.0, generator(7, "far")), A, 0.5), 4.0
    )


def test_the_extremal_starts_are_extremal():
    A, s, r = blocks(12, 3, 2), 1.2, 0.2
    low = start("rank_one_in", A, s, r, generator(8, "in"))
    np.testing.assert_allclose(spectrum(low, A).values_C[:, -1], s - r, atol=1e-14)
    W = start("rank_one_out", A, s, r, generator(9, "out"))
    for g in range(3):
        others = [h for h in range(3) if h != g]
        before = max(np.linalg.norm(A[:, g].T @ A[:, h], 2) for h in others)
        after = max(np.linalg.norm(W[:, g].T @ A[:, h], 2) for h in others)
        assert after == pytest.approx(s * before + r, abs=1e-14)
    assert spectrum(start("scale", A, s, r, generator(1)), A).values_C == pytest.approx(s + r / math.sqrt(2))


def test_near_starts_from_the_dictionary():
    A = blocks()
    W = start("near", A, 1.25, 0.01, generator(10, "near"))
    assert procrustes_distance(W, A).max() <= 0.01 + 1e-12
    assert unaligned_distance(W, A).min() > 0.1


def test_several_scales_at_once():
    A, W = blocks(), generator(11, "W").standard_normal((10, 4, 3))
    both = aligned_distances(W, A, (1.3, 1.0))
    np.testing.assert_allclose(both, [procrustes_distance(W, A, 1.3), procrustes_distance(W, A)], rtol=1e-14)


def test_bad_starts_are_named():
    A, rng = blocks(), generator(12, "bad")
    with pytest.raises(UnknownName, match="random"):
        start("randon", A, 1.0, 0.1, rng)
    with pytest.raises(InvalidInput, match="at most the scale"):
        start("rank_one_in", A, 1.0, 1.1, rng)
    with pytest.raises(InvalidInput, match="scale_down"):
        start("scale_down", A, 1.0, 2.0, rng)
    with pytest.raises(InvalidInput, match="dim"):
        start("out_of_subspace", blocks(3, 2, 3), 1.0, 0.1, rng)
    with pytest.raises(InvalidInput, match="groups"):
        start("rank_one_out", blocks(4, 1, 2), 1.0, 0.1, rng)
    with pytest.raises(InvalidInput, match="radius"):
        start("random", A, 1.0, float("nan"), rng)
    with pytest.raises(InvalidInput, match="shape of W"):
        procrustes_distance(A[:5], A)
