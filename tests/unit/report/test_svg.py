"""Figures on the page: coordinates short enough for 5 MB, and still where they were."""

from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from gsae_theory.report.claims import claim_data
from gsae_theory.report.svg import inline, to_bytes
from gsae_theory.theory import THEOREMS

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def test_coordinates_are_shortened_by_less_than_a_hundredth_of_a_point() -> None:
    """Catches rounding of scales (0.015625 draws the letters), of ids, or to whole points."""
    figure = Figure(figsize=(3.4, 2.4))
    axes = figure.subplots()
    x = np.linspace(0, 1, 300)
    axes.plot(x, np.sin(7 * x**2), label="sin")
    axes.set_xlabel("x")
    file = to_bytes(figure, "svg")
    page = str(inline(file, "own", "a curve"))
    before, after = (
        re.findall(r'\b(?:d|x|y|transform)="([^"]*)"', text)
        for text in (file[file.index(b"<svg") :].decode(), page)
    )
    before = before[len(before) - len(after) :]
    numbers = [[float(n) for text in texts for n in _NUMBER.findall(text)] for texts in (before, after)]
    assert len(numbers[0]) == len(numbers[1]) > 600
    assert np.allclose(*numbers, rtol=0, atol=0.0051)
    assert sum(map(len, after)) < 0.95 * sum(map(len, before))
    small = [pair for pair in zip(*numbers, strict=True) if abs(pair[0]) < 1]
    assert small
    assert all(one == other for one, other in small)


@pytest.mark.parametrize("name", ["general.step", "general.interference", "gamma1.contraction"])
def test_a_polynomial_of_thousands_of_terms_is_printed_as_a_function(name: str) -> None:
    """Catches a formula of 28,000 points on the page, and a short one that is called abbreviated."""
    data = claim_data(THEOREMS[name])
    assert len(data["latex"]) < 400
    assert data["abbreviated"] is (name != "gamma1.contraction")
