"""Clustering on synthetic data beside T2.1-T2.5."""

from __future__ import annotations

import numpy as np
import pytest

from gsae_theory.experiments.cluster import bounds as cb
from gsae_theory.report.cluster_figures import bounds_figure
from gsae_theory.seeds import generator

SIZE = cb.Size(errors=20_000, margins=300)


@pytest.fixture(scope="module")
def record() -> dict:
    """Two coherences, as `run_bounds` puts them together."""
    made: dict = {"margin": [], "noise": [], "distance": []}
    for coherence in (0.0, 0.4):
        rng = generator(0, "test of bounds", f"{coherence}")
        made["margin"] += cb.margin_points(coherence, SIZE, rng)
        made["noise"] += cb.noise_points(coherence, SIZE, rng)
        made["distance"] += cb.distance_points(coherence, 0.2, SIZE, rng)
    made["statements"] = cb._statements(made)
    return made


def test_every_bound_holds(record: dict) -> None:
    """Catches a bound of side T2.1-T2.5 that is too small, and an exact value that is not."""
    assert {item["id"] for item in record["statements"]} == {
        "T2.1",
        "T2.2",
        "T2.2, mu = 0",
        "T2.3",
        "T2.4",
        "T2.5",
    }
    for item in record["statements"]:
        assert item["holds"], item


def test_the_margin_is_attained(record: dict) -> None:
    """Catches a weaker margin, e.g. sqrt(2(1+mu)): the worst noise lies on the line."""
    gaps = [row["worst"] - row["bound"] for row in record["margin"]]
    assert np.max(np.abs(gaps)) < 1e-12


@pytest.mark.parametrize("name", ["T2.2", "T2.3"])
def test_a_bound_that_is_too_small_is_refuted(record: dict, name: str) -> None:
    """Catches a comparison that cannot fail: half of the tight bound falls at the stated level."""
    wrong = [{**row, name: row[name] / (2 if name == "T2.2" else 30)} for row in record["noise"]]
    assert not cb._claims(name, "", wrong, name)["holds"]


def test_no_errors_give_no_slack() -> None:
    """Catches a division by a rate of 0."""
    rows = [{**cb._rate(0, 100), "T2.2": 0.1}]
    found = cb._claims("T2.2", "", rows, "T2.2")
    assert found["slack"] is None
    assert found["holds"]


def test_the_figure_has_every_bound(record: dict) -> None:
    """Catches a frame that lost its bound or its measurement."""
    record["distance"] = [row for row in record["distance"] if row["coherence"] in (0.0, 0.4)]
    figure = bounds_figure(record)
    assert len(figure.axes) == 3
    assert all(len(ax.lines) >= 4 for ax in figure.axes)
