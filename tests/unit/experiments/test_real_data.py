"""Real images under noise and missing pixels: equal budgets, scores against the clean image, strips."""

from __future__ import annotations

import numpy as np
import pytest

from gsae_theory.errors import InvalidInput
from gsae_theory.experiments import real_data
from gsae_theory.experiments.comparison import run_comparison
from gsae_theory.experiments.comparison_join import joined
from gsae_theory.report.compare import compare_section
from gsae_theory.report.compare_text import markdown_tables
from gsae_theory.report.strips_figure import mosaic
from gsae_theory.seeds import generator


@pytest.fixture(scope="module")
def record():
    return run_comparison(("real-data",), 2, quick=True, jobs=1)


def test_record_is_paired_and_drawn(record):
    """Catches a network or a condition left out, an error above that of the zero image, figures without data."""
    cells = {row["cell"] for row in record["rows"]}
    assert cells == {"digits-clean-T1", "digits-missing-T1"}
    assert {row["method"] for row in record["paired"]} == {"ReLU", "soft threshold"}
    clean = [r for r in record["rows"] if (r["cell"], r["metric"]) == ("digits-clean-T1", "reconstruction")]
    assert len(clean) == 3
    assert all(0 < row["mean"] < 0.9 for row in clean)
    assert {"real", "on"} <= markdown_tables(record).keys()
    stems = {figure.stem for figure in compare_section(record).figures}
    assert stems == {"compare-real-data", "compare-strips-digits-T1"}


def test_every_network_keeps_to_the_budget(record):
    """Catches a threshold chosen by reconstruction alone, which takes the least sparse code."""
    on = [row["mean"] for row in record["rows"] if row["metric"] == "active"]
    assert len(on) == 6
    assert all(0.02 < value < real_data.BUDGET + 0.05 for value in on)


def test_missing_pixels_are_unseen_and_scored():
    """Catches a mask that leaks pixels (hidden ones change the codes) and errors over seen pixels only."""
    images = np.abs(generator(0, "images").standard_normal((300, 16)))
    size = real_data.RealSize(8, 100, 60, 60, 2)
    parts = real_data._parts(images, "missing", 3, size)
    assert 0.4 < parts[0].mask.mean() < 0.6
    fit = real_data._trained(parts, "group_relu", 2, 5, 3, size, 0.3)
    hidden = real_data._Part(parts[2].seen + 7 * (1 - parts[2].mask), parts[2].mask, parts[2].truth)
    np.testing.assert_allclose(fit.codes(hidden), fit.codes(parts[2]), atol=1e-12)
    scores, codes = fit.scores(parts[2])
    error = np.linalg.norm(parts[2].truth - fit.scale * fit.output(codes)) / np.linalg.norm(parts[2].truth)
    assert scores["reconstruction"] == pytest.approx(error**2)


def test_noise_is_that_of_the_caption():
    """Catches noise scaled per pixel instead of per image, and noise on the truth."""
    images = np.ones((300, 64)) / 8
    noisy = real_data._parts(images, "noise", 0, real_data.RealSize(8, 100, 100, 100))[2]
    clean = real_data._parts(images, "clean", 0, real_data.RealSize(8, 100, 100, 100))[2]
    assert np.linalg.norm(noisy.seen - clean.seen, axis=1).mean() == pytest.approx(real_data.NOISE, rel=0.1)
    assert np.ptp(noisy.truth, axis=0).max() == 0


def test_upright_columns_fire_on_the_data():
    """Catches units that never fire because a singular vector has no sign."""
    Y = np.abs(generator(1, "sign").standard_normal((50, 6)))
    W = real_data.upright(-np.abs(generator(2, "sign").standard_normal((6, 3, 1))), Y)
    assert (Y @ W[:, :, 0] > 0).all()


def test_strongest_blocks_are_those_that_are_used():
    """Catches blocks in storage order, and a rotation that does not diagonalise the codes."""
    rng = generator(3, "strips")
    W = rng.standard_normal((9, 3, 2))
    codes = rng.standard_normal((40, 3, 2)) * np.array([0.1, 2.0, 1.0])[None, :, None]
    shown = np.array(real_data.strongest(W, codes, 2))
    assert shown.shape == (2, 2, 9)
    assert np.abs(shown).max() == 1
    vectors = np.linalg.eigh(codes[:, 1].T @ codes[:, 1])[1][:, ::-1]
    first = W[:, 1] @ vectors[:, 0]
    assert abs(np.corrcoef(shown[0, 0], first)[0, 1]) == pytest.approx(1, abs=1e-3)
    picture = mosaic(shown, 3)
    assert picture.shape == (5, 17)
    np.testing.assert_allclose(picture[1:4, 1:4].ravel(), shown[0, 0])


def test_large_images_are_averaged_and_few_are_refused(tmp_path):
    """Catches pooling that mixes rows and columns, and a file too small to split."""
    image = np.kron(np.arange(121.0).reshape(11, 11), np.ones((2, 2)))
    out = real_data.pooled(image.reshape(1, -1))
    np.testing.assert_allclose(out, np.arange(121.0)[None] / np.linalg.norm(np.arange(121.0)))
    np.save(tmp_path / "few.npy", np.ones((60, 4)))
    with pytest.raises(InvalidInput, match="at least 100"):
        run_comparison(("real-data",), 2, data=(str(tmp_path / "few.npy"),))


def test_a_task_is_renewed_in_an_older_record(record):
    """Catches rows that stay twice, another task's rows lost, and strips of other data dropped."""
    row = {"task": "recovery", "cell": "x", "method": "ReLU", "metric": "raw", "mean": 1.0}
    strip = {"data": "mine", "condition": "clean", "depth": 1, "side": 2, "strips": {}}
    stale = {"task": "real-data", "cell": "digits-clean-T1", "method": "ReLU", "metric": "old", "mean": 9.0}
    old = {
        "settings": {"tasks": ["recovery"], "seeds": 10},
        "rows": [row, stale],
        "paired": [row, stale],
        "cells": [],
        "statements": [{"id": "T1.0"}],
        "frames": {"limits": {"epochs": []}, "strips": [strip]},
        "provenance": {"commit": "a"},
        "seconds": 5.0,
    }
    both = joined(old, {**record, "provenance": {"commit": "b"}})
    assert both["rows"] == [row, *record["rows"]]
    assert both["paired"] == [row, *record["paired"]]
    assert both["statements"] == [{"id": "T1.0"}]
    assert both["frames"]["strips"] == [strip, *record["frames"]["strips"]]
    assert both["frames"]["limits"] == {"epochs": []}
    assert both["settings"]["tasks"] == ["recovery", "real-data"]
    assert both["earlier"] == [{"commit": "a"}]
    assert both["provenance"] == {"commit": "b"}
    assert joined(both, record)["rows"] == both["rows"]
