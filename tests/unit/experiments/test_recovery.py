"""Parameter recovery: alignment that is fair, baselines, tuning on other seeds."""

from __future__ import annotations

import numpy as np
import pytest

from gsae_theory.errors import UnknownName
from gsae_theory.experiments import recovery
from gsae_theory.experiments.alignment import distances, gathered
from gsae_theory.experiments.block_ksvd import block_ksvd, block_omp
from gsae_theory.experiments.coding_metrics import GROUP, PLAIN, TWO_SIDED
from gsae_theory.experiments.recovery_baselines import LEARNERS, untuned
from gsae_theory.experiments.recovery_cells import CELLS, RecoveryCell, by_id
from gsae_theory.experiments.recovery_limits import limits, limits_cell
from gsae_theory.model.frames import random_blocks
from gsae_theory.model.spec import ModelSpec, build_model
from gsae_theory.seeds import generator
from gsae_theory.simulate import haar_rotations, procrustes_distance, rotate_blocks, start


def dictionary(n=12, G=4, d=3):
    return random_blocks(n, G, d, generator(1, "alignment", n, G, d))


def test_what_the_loss_cannot_see_costs_nothing():
    """Catches an alignment without permutation, rotation or common scale."""
    A = dictionary()
    W = 1.7 * rotate_blocks(A, haar_rotations(4, 3, generator(2, "q")))[:, [2, 0, 3, 1]]
    found = distances(W, A)
    assert max(found.subspace, found.scaled) < 1e-12
    assert found.raw == pytest.approx(0.7 * np.sqrt(3))
    assert found.atoms > 0.3
    assert distances(-A[:, [1, 0, 2, 3]], A).atoms < 1e-12


def test_columns_in_any_order_are_gathered():
    """Catches an alignment that charges a network without groups for the order of its columns."""
    A = dictionary()
    mixed = A.reshape(12, -1)[:, generator(3, "order").permutation(12)].reshape(A.shape)
    assert distances(mixed, A).subspace < 1e-12
    assert procrustes_distance(gathered(mixed, A), A).max() < 1e-12


def test_distances_of_aligned_weights_are_procrustes():
    """Catches a second, different distance: near A the best alignment is the identity."""
    A = dictionary()
    W = start("random", A, 1.2, 0.3, generator(4, "w"))
    found = distances(W, A)
    assert found.raw == pytest.approx(procrustes_distance(W, A).mean())
    around = [procrustes_distance(W / c, A) for c in np.linspace(0.8, 1.6, 81)]
    # the scale minimises the sum of squares, so the mean of its distances is near the best mean
    best = min(np.sqrt(np.mean(x**2)) for x in around)
    assert found.scaled == pytest.approx(best, rel=0.02)


def test_block_omp_and_ksvd_find_the_model():
    """Catches a coefficient on the wrong block, and an update that forgets the other blocks."""
    model = build_model(ModelSpec(dim=24, groups=8, block=2, active=2, dictionary="orthogonal", seed=5))
    sample = model.sample(300, generator(5, "y"))
    Y = model.observe(sample)
    groups, x = block_omp(Y, model.dictionary, 2)
    np.testing.assert_array_equal(np.sort(groups, axis=1), sample.support)
    np.testing.assert_allclose(np.einsum("nkad,kad->kn", model.dictionary[:, groups], x), Y, atol=1e-8)
    W = start("near", model.dictionary, 1.0, 0.6, generator(5, "w"))
    assert distances(block_ksvd(Y, W, 2), model.dictionary).subspace < 1e-6


def test_baselines_run_and_take_the_start():
    """Catches components in the wrong orientation: from the dictionary itself they stay near it."""
    model = build_model(ModelSpec(dim=16, groups=4, block=2, dictionary="orthogonal", seed=6))
    Y = model.observe(model.sample(200, generator(6, "y")))
    for learn in LEARNERS.values():
        assert distances(learn(Y, model.dictionary, 0.1, 0), model.dictionary).subspace < 0.2
    for W in untuned(Y, model.dictionary, 1, generator(6, "k")).values():
        assert distances(W, model.dictionary).subspace < 1e-6


SMALL = recovery.RecoverySize(samples=200, batch=50, epochs=12)


@pytest.fixture(autouse=True, scope="module")
def _three_thresholds():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recovery, "LAMBDAS", (0.2, 0.45, 0.75))
        yield


@pytest.fixture(scope="module")
def near():
    cell = by_id("d2-g1-near")
    return cell, recovery.recovery_cell(cell, 0, 2, SMALL)


def test_group_sparse_relu_is_ahead_near_the_dictionary(near):
    """Catches methods that do not share start and data, or a path that is not the training's."""
    cell, result = near
    combined = recovery.combine([cell], [result])
    rows = {(row["method"], row["metric"]): row for row in combined["rows"]}
    assert rows[GROUP, "scaled"]["mean"] < rows[TWO_SIDED, "scaled"]["mean"] < rows[PLAIN, "scaled"]["mean"]
    for path in combined["frames"]["paths"]:
        first, last = path["mean"][0], path["mean"][-1]
        assert first == pytest.approx(result["start"][path["metric"]])
        assert last == pytest.approx(rows[path["method"], path["metric"]]["mean"])
    pair = {(p["method"], p["metric"]): p for p in combined["paired"]}
    assert pair[PLAIN, "scaled"]["wins"] == 2


def test_block_size_one_is_a_tie():
    """Catches a network that is given another's threshold."""
    cell = by_id("d1-g1-near")
    combined = recovery.combine([cell], [recovery.recovery_cell(cell, 0, 2, SMALL)])
    assert {p["verdict"] for p in combined["paired"] if p["method"] == TWO_SIDED} == {"equal"}


def test_a_run_that_diverges_is_not_chosen(monkeypatch):
    """Catches a divergence that ends the comparison or counts as a small distance."""
    monkeypatch.setattr(recovery, "STEP", 30.0)
    cell = by_id("d2-g1-near")
    one = recovery._instance(cell, 0, 0, SMALL)
    path = recovery._train(recovery.ACTIVATIONS[GROUP], recovery.Setting(0.2, "none"), one, SMALL)
    assert path[-1][1].scaled == np.inf


def test_tuning_seeds_are_not_scored(near):
    """Catches tuning on the seeds that are scored."""
    cell, _ = near
    tuning = recovery._instance(cell, 0, "tuning 0", SMALL)
    assert not any(np.array_equal(tuning.Y, recovery._instance(cell, 0, k, SMALL).Y) for k in range(3))


def test_limits_are_those_of_the_theory():
    """Catches a scale or a limit that training does not reach: the group ReLU ends at (s_G - 1) sqrt d."""
    found = limits(limits_cell(0, 2, 600, 20))
    curves = {curve["method"]: curve for curve in found["frames"]["limits"]["curves"]}
    assert curves[GROUP]["mean"][-1] == pytest.approx(curves[GROUP]["limit"], rel=1e-3)
    assert curves[TWO_SIDED]["mean"][-1] == pytest.approx(curves[TWO_SIDED]["limit"], rel=0.1)
    assert found["statements"][0]["holds"]


def test_every_model_has_a_start():
    for cell in CELLS:
        model = cell.cell.model(1)
        Y = model.observe(model.sample(80, generator(1, "y")))
        assert cell.start(model.dictionary, Y, generator(1, "s")).shape == model.dictionary.shape
        assert isinstance(cell, RecoveryCell)
    with pytest.raises(UnknownName):
        by_id("d2-g1")
