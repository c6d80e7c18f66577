"""Scores, the K-subspaces start and the guarded descent."""

import numpy as np
import pytest

from gsae_theory.errors import InvalidInput
from gsae_theory.experiments import (
    active_group,
    clustering_scores,
    hungarian_accuracy,
    k_subspaces,
    purity,
    train,
)
from gsae_theory.seeds import generator


def union_of_planes(points=40, groups=3, block=2, n=12):
    rng = generator(0, "test", "planes")
    A = np.linalg.qr(rng.standard_normal((n, groups * block)))[0].reshape(n, groups, block)
    codes = rng.standard_normal((groups, points, block))
    Y = np.concatenate([codes[g] @ A[:, g].T for g in range(groups)])
    return A, Y / np.linalg.norm(Y, axis=1, keepdims=True), np.repeat(np.arange(groups), points)


def test_accuracy_is_one_to_one_and_purity_is_many_to_one():
    # Two clusters share one label: the majority map may use it twice, the assignment may not.
    labels, clusters = [0, 0, 0, 0, 1, 1], [5, 5, 7, 7, 9, 9]
    assert hungarian_accuracy(labels, clusters) == pytest.approx(4 / 6)
    assert purity(labels, clusters) == 1.0


def test_scores_ignore_the_names_of_clusters():
    rng = generator(1, "test", "names")
    labels = rng.integers(0, 4, 200)
    clusters = rng.integers(0, 4, 200)
    renamed = np.array([30, 10, 20, 0])[clusters]
    assert clustering_scores(labels, clusters) == pytest.approx(clustering_scores(labels, renamed))
    assert clustering_scores(labels, labels + 3) == pytest.approx(
        dict.fromkeys(("accuracy", "purity", "nmi", "ari"), 1)
    )


def test_scores_reject_unequal_lengths():
    with pytest.raises(InvalidInput, match="as many as there are labels"):
        clustering_scores([0, 1], [0])


def test_k_subspaces_finds_orthogonal_planes_exactly():
    _, Y, labels = union_of_planes()
    fit = k_subspaces(Y, 3, 2, generator(2, "test"), restarts=5)
    assert hungarian_accuracy(labels, fit.labels) == 1.0
    assert fit.residual < 1e-12
    assert fit.margin == pytest.approx(1.0)


def test_k_subspaces_keeps_every_group_alive_with_duplicated_points():
    Y = np.repeat(np.eye(6)[:2], 10, axis=0)  # two directions only, four groups asked for
    fit = k_subspaces(Y, 4, 1, generator(3, "test"), restarts=2)
    assert np.isfinite(fit.blocks).all()
    np.testing.assert_allclose(np.linalg.norm(fit.blocks, axis=0), 1.0)


@pytest.mark.parametrize(("groups", "block"), [(1, 2), (1000, 2), (3, 0), (3, 13)])
def test_k_subspaces_names_the_limit(groups, block):
    _, Y, _ = union_of_planes()
    with pytest.raises(InvalidInput, match="nearest valid choice"):
        k_subspaces(Y, groups, block, generator(0))


def test_training_reaches_the_shrinkage_scale_and_not_the_dictionary():
    # R = 1, orthogonal planes: the limit is s* A Q with s* - 1/s* = lam, where the loss is 0.
    A, Y, labels = union_of_planes(points=60)
    run = train(A, Y, 0.45, 300)
    s_star = 0.225 + np.sqrt(1 + 0.225**2)
    values = np.linalg.svd(run.W.transpose(1, 0, 2), compute_uv=False)
    np.testing.assert_allclose(values, s_star, rtol=1e-6)
    assert run.loss[-1] < 1e-10
    assert hungarian_accuracy(labels, active_group(run.W, Y)) == 1.0


def test_training_never_raises_the_loss_even_from_a_step_far_too_long():
    A, Y, _ = union_of_planes()
    run = train(A, Y, 0.45, 20, eta=1e3)
    assert (np.diff(run.loss) <= 0).all()
    assert run.loss[-1] < run.loss[0]
    assert run.fewest > 0
    assert run.eta[0] < 1e3
