"""Learned blocks as image strips: one row of atoms per group, the networks side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gsae_theory.report.compare_figures import GROUP, PLAIN, TWO_SIDED
from gsae_theory.report.figures import COLUMN, STYLE

Array = NDArray[np.float64]
PER_ROW = 4
WORDS = {"clean": "images as they are", "noise": "noisy images", "missing": "half of the pixels missing"}


def strip_figures(frames: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Figure, str]]:
    """Yield stem, figure and caption of every data set and depth: conditions above, networks beside each other."""
    grouped: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for frame in frames:
        grouped.setdefault((frame["data"], frame["depth"]), []).append(frame)
    for (data, depth), found in sorted(grouped.items()):
        stem = "strips-" + "".join(c if c.isalnum() else "-" for c in f"{data}-T{depth}")
        caption = (
            f"{data}, T = {depth}: the most used atoms. For the group-sparse ReLU a row is a block, turned to the "
            "principal directions of its codes; for the others every atom is a unit. Blue and orange: opposite signs."
        )
        yield stem, strips_figure(found), caption


def strips_figure(frames: list[Mapping[str, Any]]) -> Figure:
    """Draw one data set at one depth."""
    methods = [name for name in (GROUP, PLAIN, TWO_SIDED) if name in frames[0]["strips"]]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(2 * COLUMN, 0.3 + 2.0 * len(frames)), layout="constrained")
        axes = figure.subplots(len(frames), len(methods), squeeze=False)
        for row, frame in zip(axes, frames, strict=True):
            for ax, method in zip(row, methods, strict=True):
                image = mosaic(np.asarray(frame["strips"][method], dtype=float), frame["side"])
                ax.imshow(image, cmap="PuOr", vmin=-1, vmax=1, interpolation="none")
                ax.set_xticks([])
                ax.set_yticks([])
                ax.grid(visible=False)
                ax.spines[:].set_visible(False)
                ax.set_title(f"{method}\n{WORDS[frame['condition']]}")
    return figure


def mosaic(blocks: Array, side: int) -> Array:
    """Return atoms (groups, d, side^2) as one picture, `PER_ROW` to a row, blank lines between them."""
    tiles = blocks.reshape(-1, side, side)
    rows = -(-len(tiles) // PER_ROW)
    out = np.full((rows * (side + 1) + 1, PER_ROW * (side + 1) + 1), np.nan)
    for k, tile in enumerate(tiles):
        v, u = divmod(k, PER_ROW)
        out[v * (side + 1) + 1 : (v + 1) * (side + 1), u * (side + 1) + 1 : (u + 1) * (side + 1)] = tile
    return out
