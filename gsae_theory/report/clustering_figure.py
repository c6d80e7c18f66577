"""The figure of side T2.1-T2.5: bounds and measured clustering errors in one frame."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gsae_theory.report.figures import BLUE, COLUMN, GREEN, INK, ORANGE, PURPLE, STYLE, VERMILION

LEAST = 1e-6
"""Smallest error drawn; a rate of 0 shows its upper limit only."""
BOUNDS = {
    "T2.2": (BLUE, "-", r"T2.2, $W=sAQ$"),
    "T2.3": (GREEN, "--", r"T2.3, $W=sAQ$"),
    "T2.4": (ORANGE, "-.", r"T2.4, at distance $\delta$"),
    "T2.5": (PURPLE, (0, (1, 1)), r"T2.5, at distance $\delta$"),
}
MEASURED = {
    "exact_network": (INK, "o", r"measured, $W=sAQ$"),
    "perturbed": (VERMILION, "^", r"measured, at distance $\delta$"),
}
SHOWN_NOISE = 0.15


def clustering_figure(record: dict[str, Any]) -> Figure:
    """Draw the error against the noise for every coherence, and against coherence at one noise level."""
    curves = record["frames"]["clustering"]
    rows = -(-(len(curves) + 1) // 3)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(2 * COLUMN, 0.7 + 2.1 * rows), layout="constrained")
        axes = figure.subplots(rows, 3, squeeze=False, sharey=True).ravel()
        for ax, curve in zip(axes, curves, strict=False):
            _over_noise(ax, curve)
        _over_coherence(axes[len(curves)], curves)
        for ax in axes[len(curves) + 1 :]:
            ax.set_axis_off()
        for ax in axes[::3]:
            ax.set_ylabel("probability of a wrong cluster")
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=4)
    return figure


def _over_noise(ax: Axes, curve: dict[str, Any]) -> None:
    x = np.asarray(curve["noise"])
    _draw(ax, x, curve, slice(None))
    if curve["exact"] is not None:
        ax.plot(x, curve["exact"], color=INK, linewidth=0.8, label=r"exact at $\mu=0$")
    ax.set_title(rf"coherence $\mu={curve['mu']:g}$")
    ax.set_xlabel(r"noise $\sigma/R$")


def _over_coherence(ax: Axes, curves: list[dict[str, Any]]) -> None:
    at = int(np.argmin(np.abs(np.asarray(curves[0]["noise"]) - SHOWN_NOISE)))
    joined = {
        name: [curve[name][at] for curve in curves] for name in BOUNDS
    }  # bounds over the coherences at one noise level
    measured = {
        name: {key: [curve[name][key][at] for curve in curves] for key in ("rate", "low", "high")}
        for name in MEASURED
    }
    _draw(ax, np.array([curve["mu"] for curve in curves]), {**joined, **measured}, slice(None))
    ax.set_title(rf"noise $\sigma/R={curves[0]['noise'][at]:g}$")
    ax.set_xlabel(r"coherence $\mu$ between all groups")


def _draw(ax: Axes, x: np.ndarray[Any, Any], data: dict[str, Any], part: slice) -> None:
    for name, (colour, line, label) in BOUNDS.items():
        ax.plot(x, np.minimum(data[name], 1.0)[part], color=colour, linestyle=line, label=label)
    for name, (colour, marker, label) in MEASURED.items():
        rate, low, high = (np.asarray(data[name][key]) for key in ("rate", "low", "high"))
        centre = np.maximum(rate, LEAST)
        ax.errorbar(
            x, centre, yerr=[centre - np.maximum(low, LEAST), high - centre], fmt=marker, color=colour,
            markersize=3, markerfacecolor="none", capsize=2, elinewidth=0.9, label=label,
        )  # fmt: skip
    ax.set_yscale("log")
    ax.set_ylim(LEAST, 2)
