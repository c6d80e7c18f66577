"""Figures of `gsae compare`: plain data of its record in, a matplotlib Figure out; bound and measurement in one frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gsae_theory.report.figures import BLUE, COLUMN, GREEN, INK, ORANGE, PURPLE, STYLE, VERMILION

Array = NDArray[np.float64]
Data = dict[str, Any]

GROUP, PLAIN, TWO_SIDED = "group-sparse ReLU", "ReLU", "soft threshold"
LOOK = {
    GROUP: {"color": BLUE, "marker": "o", "linestyle": "-"},
    TWO_SIDED: {"color": VERMILION, "marker": "s", "linestyle": "--"},
    PLAIN: {"color": GREEN, "marker": "^", "linestyle": ":"},
}
BY_SIZE = {2: (BLUE, "-", "o"), 3: (GREEN, "-.", "v"), 4: (VERMILION, "--", "s"), 8: (PURPLE, ":", "D")}


@contextmanager
def _sheet(
    panels: int = 1, height: float = 2.7, width: float = COLUMN
) -> Iterator[tuple[Figure, list[Axes]]]:
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, list(np.atleast_1d(figure.subplots(1, panels)))


def _legend(figure: Figure, ax: Axes, columns: int) -> None:
    handles, labels = ax.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=columns)


def supports_figure(record: Data) -> Figure:
    """Draw T1.1: P(all entries on) and the fraction on against the threshold, exact and measured."""
    with _sheet(2, 2.6, 2 * COLUMN) as (figure, axes):
        for curve in record["frames"]["supports"]:
            colour, line, marker = BY_SIZE[curve["d"]]
            x = np.asarray(curve["tau"]) * np.sqrt(curve["d"])
            for ax, key in zip(axes, ("all_on", "fraction"), strict=True):
                ax.plot(
                    x,
                    curve[key],
                    color=colour,
                    linestyle=line,
                    label=f"soft threshold, $d={curve['d']}$, exact",
                )
                points = curve[f"measured_{key}"]
                chosen = [i for i, name in enumerate(points["method"]) if name == TWO_SIDED]
                at = np.array([0.2, 0.5, 0.8])[: len(chosen)]
                ax.errorbar(
                    at,
                    [points["value"][i] for i in chosen],
                    yerr=[points["error"][i] for i in chosen],
                    fmt=marker,
                    color=colour,
                    markersize=3.5,
                    capsize=2,
                    elinewidth=0.9,
                    label=f"measured, $d={curve['d']}$",
                )
        for ax, name in zip(
            axes, (r"$P$(all $d$ entries on)", "expected fraction of entries on"), strict=True
        ):
            ax.axhline(1.0, color=INK, linewidth=1.0, label="group-sparse ReLU: 1, pathwise")
            ax.set_xlabel(r"threshold $\tau\,\sqrt{d}$,  $\tau=\lambda/(wR)$")
            ax.set_ylabel(name)
            ax.set_ylim(-0.03, 1.06)
        _legend(figure, axes[0], 4)
    return figure


def floors_figure(record: Data) -> Figure:
    """Draw T1.3: the floor of a leak-free network against mu_col, with the losses measured there."""
    with _sheet(1, 3.0) as (figure, (ax,)):
        for curve in record["frames"]["floors"]:
            colour, line, _ = BY_SIZE[curve["d"]]
            ax.plot(
                curve["mu_col"], curve["soft"], color=colour, linestyle=line, label=f"floor, $d={curve['d']}$"
            )
            ax.plot(curve["mu_col"], curve["relu"], color=colour, linestyle=line)
            for point in curve["measured"]:
                marker = LOOK[point["method"]]["marker"]
                ax.errorbar(
                    point["mu_col"],
                    point["value"],
                    yerr=point["error"],
                    fmt=marker,
                    color=colour,
                    markersize=4,
                    capsize=2,
                    elinewidth=0.9,
                )
        ax.plot([], [], "s", color=INK, markersize=4, label="measured, soft threshold")
        ax.plot([], [], "^", color=INK, markersize=4, label="measured, ReLU")
        ax.axhline(0.0, color=INK, linewidth=1.2, label="group-sparse ReLU: 0")
        ax.set_xlabel(r"column coherence $\mu_{\mathrm{col}}$")
        ax.set_ylabel(r"relative loss  $2L/m_2$")
        _legend(figure, ax, 2)
    return figure


def scales_figure(record: Data) -> Figure:
    """Draw T1.4: the distance to A at which group ReLU and soft threshold end, per sqrt(d)."""
    with _sheet(1, 2.6) as (figure, (ax,)):
        curves = record["frames"]["scales"]
        U = np.asarray(curves[0]["U"])
        ax.plot(U, np.asarray(curves[0]["group"]) - 1, color=INK, label="group-sparse ReLU, every $d$")
        for curve in curves:
            colour, line, marker = BY_SIZE[curve["d"]]
            ax.plot(
                U,
                np.asarray(curve["soft"]) - 1,
                color=colour,
                linestyle=line,
                label=f"soft threshold, $d={curve['d']}$",
            )
            points = curve.get("measured")
            if points:
                ax.plot(
                    points["U"],
                    np.asarray(points["soft"]) - 1,
                    marker=marker,
                    color=colour,
                    linestyle="",
                    markersize=4,
                    label=f"measured, $d={curve['d']}$",
                )
        ax.set_xlabel(r"threshold $U=\lambda/R$")
        ax.set_ylabel("distance to $A$\nper $\\sqrt{d}$,  $s-1$")
        _legend(figure, ax, 2)
    return figure


def limits_figure(record: Data) -> Figure:
    """Draw training without leakage: distance to A, and the limits of T1.2 and T1.4."""
    frame = record["frames"]["limits"]
    with _sheet(1, 2.8) as (figure, (ax,)):
        for curve in frame["curves"]:
            _band(ax, frame["epochs"], curve, curve["method"])
            if curve["limit"] is not None:
                name = (
                    r"$(s_{\mathrm{G}}-1)\sqrt{d}$"
                    if curve["method"] == GROUP
                    else r"$(s_{\mathrm{ST}}-1)\sqrt{d}$"
                )
                style = (0, (6, 2)) if curve["method"] == GROUP else (0, (1, 1.5))
                ax.axhline(curve["limit"], color=ORANGE, linestyle=style, label=f"predicted limit {name}")
        ax.set_xlabel("epoch")
        ax.set_ylabel("$\\min_Q\\|W_gQ-A_g\\|_F$,\nmean over groups $g$")
        ax.set_ylim(bottom=0)
        _legend(figure, ax, 2)
    return figure


def paths_figure(record: Data, cells: Sequence[str], metric: str = "scaled") -> Figure:
    """Draw the distance along training of each network, at its own best threshold, in several cells."""
    with _sheet(len(cells), 2.6, max(COLUMN, 2.3 * len(cells))) as (figure, axes):
        for ax, cell in zip(axes, cells, strict=True):
            for path in record["frames"]["paths"]:
                if path["cell"] == cell and path["metric"] == metric:
                    _band(ax, path["epochs"], path, path["method"])
            ax.set_title(cell)
            ax.set_xlabel("epoch")
            ax.set_yscale("log")
        axes[0].set_ylabel(r"$\min_{Q}\|W_gQ/c-A_g\|_F$, mean over $g$")
        _legend(figure, axes[0], 3)
    return figure


def paired_figure(record: Data, metrics: Sequence[tuple[str, str]]) -> Figure:
    """Draw how far each network is behind the group-sparse ReLU, paired over seeds, with 95 % intervals.

    Parameters
    ----------
    metrics : sequence of (metric, axis label)
    """
    rows = [row for row in record["paired"] if row["method"] in (PLAIN, TWO_SIDED)]
    rows = [row for row in rows if row["metric"] in {name for name, _ in metrics}]
    cells = list(dict.fromkeys(row["cell"] for row in rows))
    with _sheet(len(metrics), 0.9 + 0.24 * len(cells), max(COLUMN, 2.3 * len(metrics))) as (figure, axes):
        for ax, (metric, label) in zip(axes, metrics, strict=True):
            for method, shift in ((TWO_SIDED, 0.16), (PLAIN, -0.16)):
                chosen = {
                    row["cell"]: row for row in rows if row["metric"] == metric and row["method"] == method
                }
                at = [cells.index(name) + shift for name in chosen]
                mean = np.array([row["difference"] for row in chosen.values()])
                ends = np.array([[row["low"], row["high"]] for row in chosen.values()]).T
                look = LOOK[method]
                ax.errorbar(
                    mean,
                    at,
                    xerr=np.abs(ends - mean),
                    fmt=look["marker"],
                    color=look["color"],
                    markersize=3.5,
                    capsize=2,
                    elinewidth=0.9,
                    label=method,
                )
            ax.axvline(0.0, color=INK, linewidth=0.8)
            ax.set_xlabel(label)
            ax.set_yticks(range(len(cells)), cells if ax is axes[0] else [""] * len(cells))
            ax.invert_yaxis()
        _legend(figure, axes[0], 2)
    return figure


def _band(ax: Axes, epochs: Sequence[int], curve: Data, method: str) -> None:
    look = LOOK[method]
    ax.plot(
        epochs,
        curve["mean"],
        color=look["color"],
        marker=look["marker"],
        linestyle=look["linestyle"],
        markersize=3.5,
        label=method,
    )
    low = np.asarray(curve["low"], dtype=float)
    if ax.get_yscale() == "log":
        low = np.maximum(low, np.finfo(float).tiny)
    ax.fill_between(epochs, low, curve["high"], color=look["color"], alpha=0.2, linewidth=0)
