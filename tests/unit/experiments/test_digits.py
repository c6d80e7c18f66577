"""The digits experiment on a subset: it learns, it uses no labels, and its numbers are plain data."""

import json
import math

import numpy as np
import pytest

from gsae_theory.errors import InvalidInput
from gsae_theory.experiments import digits, half_energy_threshold, load_images, preprocess, run_digits
from gsae_theory.experiments.digits import principal_blocks
from gsae_theory.network import GROUP_RELU, loss


@pytest.fixture(scope="module")
def result():
    return run_digits(3, seeds=2, candidates=(2,), many_groups=14, steps=40, restarts=3, limit=600)


def test_accuracy_is_above_chance_by_a_confidence_bound(result):
    # Chance for the best of 10! maps on 600 images stays below 1/10 + slack by Hoeffding and a union bound:
    # P(accuracy >= 1/10 + t) <= 10! exp(-2 N t^2) = 1e-9 at t = sqrt(log(10!/1e-9)/(2 N)).
    row = next(row for row in result.clustering if row["main"])
    slack = math.sqrt(math.log(math.factorial(10) / 1e-9) / (2 * result.settings["images"]))
    assert min(row["accuracy"]["values"]) > 0.1 + slack
    assert row["fewest"] > 0


def test_loss_falls_and_held_out_images_are_reconstructed_better_than_by_pca(result):
    assert (np.diff(result.loss) <= 0).all()
    assert result.loss[-1] < 0.9 * result.loss[0]
    errors = result.reconstruction
    assert errors["held_out"]["mean"] < errors["pca_held_out"]["mean"] < 1
    assert errors["train"]["mean"] < errors["held_out"]["mean"]


def test_table_has_the_network_its_start_and_k_means_with_as_many_clusters(result):
    sizes = [(row["method"], row["groups"]) for row in result.clustering]
    assert sizes == [
        ("group-sparse autoencoder", 10),
        ("K-subspaces (the start)", 10),
        ("k-means", 10),
        ("group-sparse autoencoder", 14),
        ("k-means", 14),
    ]
    wide = result.clustering[-1]
    assert wide["accuracy"] is None
    assert 0 < wide["purity"]["mean"] <= 1


def test_result_is_strict_json_with_the_pictures(result):
    data = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert np.shape(data["blocks"]) == (10, 2, 64)
    assert np.shape(data["originals"]) == np.shape(data["reconstructions"]) == (16, 64)
    assert len(data["block_digits"]) == 10


def test_labels_choose_nothing(result, monkeypatch):
    images, labels = load_images(600)
    monkeypatch.setattr(digits, "load_images", lambda limit: (images, np.roll(labels, 7)))
    again = run_digits(3, seeds=2, candidates=(2,), many_groups=None, steps=40, restarts=3, limit=600)
    np.testing.assert_array_equal(again.loss, result.loss)
    np.testing.assert_array_equal(again.blocks, result.blocks)
    assert again.block == result.block


def test_preprocessing_gives_unit_norm_zero_mean_rows_and_keeps_blank_images_finite():
    pixels = np.vstack([np.arange(64.0), np.full(64, 7.0)])
    Y = preprocess(pixels)
    np.testing.assert_allclose(Y[0].mean(), 0, atol=1e-15)
    np.testing.assert_allclose(np.linalg.norm(Y[0]), 1)
    np.testing.assert_array_equal(Y[1], 0)


def test_threshold_is_the_half_energy_rule_at_the_fixed_point():
    lam, s_star = half_energy_threshold()
    assert lam / s_star == pytest.approx(math.sqrt(0.5))
    assert s_star**2 - lam * s_star - 1 == pytest.approx(0)
    assert lam < 2  # 2 m1 at R = 1


def test_rotating_a_block_to_principal_order_does_not_change_the_network(result):
    images, _ = load_images(600)
    W = result.blocks.transpose(2, 0, 1)
    turned = W @ np.array([[0.6, -0.8], [0.8, 0.6]])
    assert loss(turned, images, result.lam, GROUP_RELU) == pytest.approx(
        loss(W, images, result.lam, GROUP_RELU)
    )
    np.testing.assert_allclose(
        principal_blocks(turned, images, result.lam), principal_blocks(W, images, result.lam), atol=1e-9
    )


@pytest.mark.parametrize("bad", [{"seeds": 0}, {"candidates": ()}, {"limit": 5}])
def test_bad_sizes_name_the_nearest_valid_choice(bad):
    with pytest.raises(InvalidInput, match="nearest valid choice"):
        run_digits(0, **bad)
