"""side T2.1-T2.5 against measured errors: the dictionaries, the ties, and statements that can fail."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from gsae_theory.experiments import clustering_bounds
from gsae_theory.experiments.clustering_bounds import bounds_cell, combine, model_of
from gsae_theory.experiments.comparison import run_comparison
from gsae_theory.report.compare import compare_section


@pytest.fixture(scope="module")
def record():
    return run_comparison(("clustering",), 2, quick=True, jobs=1)


def test_every_pair_of_groups_has_the_same_coherence():
    """Catches a model whose coherence is not the one that the bounds are given."""
    A = model_of(0.3, 1).dictionary
    gram = np.einsum("ngi,nhj->ghij", A, A)
    expected = np.einsum("gh,ij->ghij", 0.3 + 0.7 * np.eye(A.shape[1]), np.eye(A.shape[2]))
    np.testing.assert_allclose(gram, expected, atol=1e-12)


def test_every_statement_holds_and_is_drawn(record):
    """Catches a bound below the measured error, a statement left out, and a figure that cannot be drawn."""
    assert {item["id"][:4] for item in record["statements"]} == {f"T2.{k}" for k in range(1, 6)}
    assert all(item["holds"] for item in record["statements"]), record["statements"]
    assert all(item["comparisons"] >= 4 for item in record["statements"])
    section = compare_section(record)
    assert "compare-clustering" in [figure.stem for figure in section.figures]
    rates = record["frames"]["clustering"][0]["exact_network"]["rate"]
    assert rates[-1] > 0.2  # else no bound is put to the test


@pytest.mark.parametrize("name", ["T2.2", "T2.3", "T2.4", "T2.5", "exact"])
def test_a_bound_that_is_too_small_is_seen(name):
    """Catches statements that cannot fail: a tenth of each bound is below the measured rate at large noise."""
    result = _cell()
    result[name] = [0.1 * value if value < 1 else 0.05 for value in result[name]]
    found = {item["id"]: item["holds"] for item in combine([result])["statements"]}
    assert not found["T2.2-exact" if name == "exact" else name]
    assert found["T2.1-noise"]


def test_a_wrong_tie_is_seen():
    """Catches the mutant nu < B sqrt(1 - mu) of side T2.1, and a margin bound twice too large."""
    result = _cell()
    result["ties"]["nu"] = [np.sqrt(2) * value for value in result["ties"]["nu"]]
    result["ties"]["margin_bound"] = [10 * value for value in result["ties"]["margin_bound"]]
    found = {item["id"]: item["holds"] for item in combine([result])["statements"]}
    assert not found["T2.1-noise"]
    assert not found["T2.1-margin"]
    assert found["T2.1-weights"]


_CELLS: list[dict] = []


def _cell():
    if not _CELLS:
        _CELLS.append(bounds_cell(0.0, 1, 1, clustering_bounds.SAMPLES))
    return copy.deepcopy(_CELLS[0])
