"""The section on `gsae compare`: numbers from the record, figures that can be drawn, parts that may be missing."""

from __future__ import annotations

import pytest

from gsae_theory.errors import InvalidInput
from gsae_theory.report.compare import compare_section, standing

LISTS = {"mean": [0.9, 0.1], "low": [0.8, 0.05], "high": [1.0, 0.2]}
NETWORKS = ("group-sparse ReLU", "ReLU", "soft threshold")


def pair(task, cell, metric, method, low, high):
    verdict = "ahead" if low > 0 else "behind" if high < 0 else "undecided"
    mean = (low + high) / 2
    return {"task": task, "cell": cell, "metric": metric, "method": method, "difference": mean, "low": low,
            "high": high, "verdict": verdict}  # fmt: skip


def record(**changes):
    points = {"method": ["soft threshold", "ReLU"] * 3, "value": [0.5] * 6, "error": [0.02] * 6}
    pairs = [
        pair("sparse-coding", "d4-g2", "code_error", method, low, 0.2)
        for method, low in (("ReLU", 0.1), ("soft threshold", -0.1))
    ]
    pairs += [pair("recovery", "d4-g1-near", "scaled", method, 0.1, 0.2) for method in NETWORKS[1:]]
    base = {
        "schema": "gsae-compare",
        "version": 1,
        "settings": {"seeds": 10},
        "rows": [],
        "paired": pairs,
        "statements": [{"id": "side.T1.0", "slack": 0.0, "holds": True}],
        "cells": [],
        "frames": {
            "supports": [{"d": 2, "tau": [0.0, 0.5], "all_on": [1.0, 0.2], "fraction": [1.0, 0.5],
                          "measured_all_on": points, "measured_fraction": points}],
            "floors": [{"d": 2, "mu_col": [0.0, 0.9], "soft": [0.0, 0.5], "relu": [0.5, 0.7],
                        "measured": [{"method": "ReLU", "mu_col": 0.4, "value": 0.6, "error": 0.1}]}],
            "scales": [{"d": 2, "U": [0.1, 0.5], "group": [1.05, 1.28], "soft": [1.06, 1.35]}],
            "limits": {"epochs": [0, 5], "curves": [{"method": m, "limit": 0.3 if m == NETWORKS[0] else None, **LISTS}
                                                    for m in NETWORKS]},
            "paths": [{"cell": "d4-g1-near", "metric": "scaled", "method": m, "epochs": [0, 5], **LISTS}
                      for m in NETWORKS],
        },
    }  # fmt: skip
    return base | changes


def test_every_part_is_drawn_and_told():
    """Catches a figure without data, and a verdict that is not the record's."""
    section = compare_section(record())
    assert {figure.stem for figure in section.figures} == {
        f"compare-{name}"
        for name in ("sparse-coding", "recovery", "supports", "floors", "scales", "limits", "paths")
    }
    assert all(figure.section == "compare" and b"<svg" in figure.svg for figure in section.figures)
    told = " ".join(section.sentences)
    assert (
        "sparse-coding, group-sparse ReLU against soft threshold, 1 paired comparisons: undecided 1." in told
    )
    rows = standing(record())
    assert ["sparse-coding", "code error", "soft threshold", "0", "–", "1: d4-g2", "–"] in rows
    assert ["sparse-coding", "code error", "ReLU", "1", "–", "–", "–"] in rows
    assert "1 of 1 exact statements hold" in told


def test_a_task_that_was_not_run_is_left_out():
    """Catches a section that needs every task."""
    section = compare_section(record(paired=[], statements=[], frames={}))
    assert section.figures == []
    assert section.sentences == []


@pytest.mark.parametrize("data", [{}, {"schema": "gsae-compare", "version": 9}, []])
def test_other_records_are_refused(data):
    with pytest.raises(InvalidInput, match="gsae compare"):
        compare_section(data)
