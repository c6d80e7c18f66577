"""Figures of clustering by active group on synthetic data: every bound and its measurement in one frame."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gsae_theory.report.figures import BLUE, COLUMN, GREEN, INK, ORANGE, PURPLE, STYLE, VERMILION

Rows = list[dict[str, Any]]
LOOK = {0.0: (BLUE, "o"), 0.2: (GREEN, "v"), 0.4: (ORANGE, "s"), 0.6: (VERMILION, "^"), 0.8: (PURPLE, "D")}
FLOOR = 1e-5
"""Rates below this are not drawn: with 40,000 samples nothing below 1e-4 is seen."""


def _of(rows: Rows, coherence: float) -> Rows:
    return [row for row in rows if row["coherence"] == coherence]


def _column(rows: Rows, name: str) -> Any:
    return np.array([np.nan if row[name] is None else float(row[name]) for row in rows])


def _measured(ax: Axes, x: Any, rows: Rows, colour: str, marker: str, label: str) -> None:
    value, low, high = (_column(rows, name) for name in ("measured", "low", "high"))
    seen = value > 0
    error = [(value - low)[seen], (high - value)[seen]]
    ax.errorbar(
        x[seen], value[seen], yerr=error, fmt=marker, color=colour, markersize=3.5, capsize=2, elinewidth=0.9,
        linestyle="none", label=label,
    )  # fmt: skip


def bounds_figure(record: dict[str, Any]) -> Figure:
    """Draw T2.1 (margin), T2.2 and T2.3 (noise), T2.4 and T2.5 (distance) over coherence."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(2 * COLUMN, 2.9), layout="constrained")
        margin, noise, distance = figure.subplots(1, 3)
        for coherence in sorted({row["coherence"] for row in record["margin"]}):
            colour, marker = LOOK[coherence]
            _margin(margin, _of(record["margin"], coherence), colour, marker, coherence)
            _noise(noise, _of(record["noise"], coherence), colour, marker)
        for coherence in (0.0, 0.4):
            _distance(distance, _of(record["distance"], coherence), *LOOK[coherence])
        margin.axhline(0, color=INK, linewidth=0.8)
        margin.set_xlabel(r"noise $\|e\|/R$")
        margin.set_ylabel(r"margin $\|W_g^Ty\|-\max_h\|W_h^Ty\|$, over $sR$")
        noise.set_xlabel(r"Gaussian noise $\sigma/R$")
        noise.set_ylabel("P(wrong group)")
        distance.set_xlabel(r"distance $\delta/s$ of the network")
        distance.set_ylabel(rf"P(wrong group), $\sigma={record['distance'][0]['sigma']}R$")
        for ax in (noise, distance):
            ax.set_yscale("log")
            ax.set_ylim(FLOOR, 1.6)
        noise.set_xscale("log")
        noise.set_xticks([0.1, 0.2, 0.5, 1.0], ["0.1", "0.2", "0.5", "1"])
        noise.minorticks_off()
        for name, style in (("T2.2", "-"), ("T2.3", ":"), ("exact ($\\mu=0$)", "-.")):
            noise.plot([], [], color=INK, linestyle=style, label=name)
        noise.plot([], [], color=INK, marker="o", linestyle="none", markersize=3.5, label="measured, 95 %")
        noise.legend(loc="lower right", title="bound")
        for name, style in (("T2.4", "-"), ("T2.5", "--")):
            distance.plot([], [], color=INK, linestyle=style, label=name)
        distance.legend(loc="lower right", title="bound")
        handles, labels = margin.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=6)
    return figure


def _margin(ax: Axes, rows: Rows, colour: str, marker: str, coherence: float) -> None:
    x = _column(rows, "nu")
    ax.plot(x, _column(rows, "bound"), color=colour, label=rf"$\mu={coherence}$")
    ax.plot(x, _column(rows, "worst"), color=colour, marker=marker, markersize=3.5, linestyle="none")
    ax.plot(x, _column(rows, "random"), color=colour, marker="_", markersize=5, linestyle="none")


def _noise(ax: Axes, rows: Rows, colour: str, marker: str) -> None:
    x = _column(rows, "sigma")
    ax.plot(x, _column(rows, "T2.2"), color=colour)
    ax.plot(x, _column(rows, "T2.3"), color=colour, linestyle=":")
    ax.plot(x, _column(rows, "exact"), color=colour, linestyle="-.", linewidth=1.0)
    _measured(ax, x, rows, colour, marker, "")


def _distance(ax: Axes, rows: Rows, colour: str, marker: str) -> None:
    x = _column(rows, "distance")
    ax.plot(x, _column(rows, "T2.4"), color=colour)
    ax.plot(x, _column(rows, "T2.5"), color=colour, linestyle="--")
    _measured(ax, x, rows, colour, marker, "")


CAPTION = (
    "Clustering by the active group on synthetic data (six groups, d = 2, equiangular), bounds as lines, "
    "measurements as marks with 95 % intervals. Left: smallest margin of random noise (dashes) and of the worst "
    "noise (symbols, on the line: T2.1 is attained). Middle: Gaussian noise at W = s A Q. Right: a network at a "
    "distance; T2.4 knows only the distance, T2.5 the network. Colours are coherences."
)
