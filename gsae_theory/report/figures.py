"""Figures: one function each, plain data of the record in, a matplotlib Figure out.

Sized for one column of a two-column page (3.4 in). Colours are Okabe and Ito's; every series also
differs in line style or marker. Text and axes are drawn in one ink colour, which the page replaces
by its own, so that the same drawing serves a light and a dark page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gsae_theory.report.schema import (
    ContractionCurve,
    FloorRow,
    Number,
    SpectrumRow,
    SupportCurve,
    UnalignedCurve,
)

Array = NDArray[np.float64]

BLUE, ORANGE, GREEN, VERMILION, PURPLE = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7"
INK, GRID = "#1c1d1f", "#c9cbd0"
COLUMN = 3.4
ROUNDING = 1e-13
"""Distances below this are rounding: they are drawn at the lower edge and marked."""

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "mathtext.fontset": "cm",
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.linewidth": 0.4,
    "grid.color": GRID,
    "lines.linewidth": 1.4,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.handlelength": 2.2,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "svg.hashsalt": "gsae_theory",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "image.composite_image": False,
}


@contextmanager
def _sheet(height: float = 2.6, width: float = COLUMN) -> Iterator[tuple[Figure, Axes]]:
    """Give a figure with one frame in the house style, without touching matplotlib's global state."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.add_subplot()


def contraction_figure(curve: ContractionCurve) -> Figure:
    """Draw distance to s* A against iteration: measurement, Theorem 4's envelope, sharp rate."""
    with _sheet() as (figure, ax):
        draw_contraction(ax, curve)
        _legend(ax)
    return figure


def draw_contraction(ax: Axes, curve: ContractionCurve) -> None:
    """Draw the contraction of one run into a frame; the caller adds the legend."""
    k = np.asarray(curve.iterations)
    measured, bound, sharp = (_column(values) for values in (curve.measured_max, curve.bound, curve.sharp))
    ax.semilogy(k, _above(bound), color=ORANGE, linestyle="--", label="bound (Theorem 4)")
    every = max(1, len(k) // 14)
    ax.semilogy(
        k, _above(measured), color=BLUE, marker="o", markevery=every, markersize=3.5, label="measured"
    )
    label = "sharp rate $1-\\eta\\kappa_*$"
    ax.semilogy(k, _above(sharp), color=GREEN, linestyle=(0, (1, 2.5)), linewidth=2.4, label=label)
    _log_limits(ax, np.concatenate([measured, bound, sharp]))
    ax.set_xlabel("iteration $k$")
    ax.set_ylabel(r"distance  $\max_g\,\mathrm{dist}_g(W_k;\,s_*A)$")


def floors_figure(rows: Sequence[FloorRow]) -> Figure:
    """Draw the floor around s* A for several numbers of active groups: measured, predicted, bounded."""
    with _sheet(2.9) as (figure, ax):
        draw_floors(ax, rows)
        _legend(ax, columns=2)
    return figure


def draw_floors(ax: Axes, rows: Sequence[FloorRow]) -> None:
    """Draw floors into a frame; the caller adds the legend."""
    series = (
        ("bound_max", "bound, max", ORANGE, "_", -0.18),
        ("measured_max", "measured, max", BLUE, "o", -0.18),
        ("bound_rms", "bound, rms", VERMILION, "_", 0.18),
        ("measured_rms", "measured, rms", PURPLE, "s", 0.18),
        ("predicted_rms", "predicted, rms (5.3)", GREEN, "x", 0.3),
    )
    columns = {name: _column([getattr(row, name) for row in rows]) for name, *_ in series}
    seen = np.concatenate(list(columns.values()))
    visible = seen[np.isfinite(seen) & (seen > ROUNDING)]
    bottom = 10 ** np.floor(np.log10(visible.min()) - 1) if visible.size else 1e-3
    for name, label, colour, marker, shift in series:
        x, y = np.arange(len(rows)) + shift, columns[name]
        thick = {"_": 12, "x": 5}.get(marker, 4)
        real = np.where(y > ROUNDING, y, np.nan)
        ax.plot(x, real, marker, color=colour, markersize=thick, markeredgewidth=1.8, label=label)
        ax.plot(x, np.where(y <= ROUNDING, bottom * 1.3, np.nan), "v", color=colour, markersize=4)
    ax.set_yscale("log")
    ax.set_ylim(bottom, (visible.max() if visible.size else 1) * 4)
    _note_missing(ax, rows, columns, bottom)
    ax.set_xticks(range(len(rows)), [_floor_name(row) for row in rows])
    ax.set_xlim(-0.6, len(rows) - 0.4)
    ax.set_xlabel(r"number of active groups $\gamma$")
    ax.set_ylabel(r"floor  $\mathrm{dist}_g(W_\infty;\,s_*A)$")
    ax.grid(axis="x", visible=False)


def support_figure(curve: SupportCurve) -> Figure:
    """Draw the probability of exact supports against the threshold, the admissible window shaded."""
    with _sheet() as (figure, ax):
        lam = np.asarray(curve.lam, dtype=float)
        if curve.window is not None:
            ax.axvspan(*curve.window, color=GREEN, alpha=0.22, linewidth=0, label="admissible window")
            for edge in curve.window:
                ax.axvline(edge, color=GREEN, linewidth=0.8)
        lower, upper = _column(curve.lower), _column(curve.upper)
        ax.fill_between(lam, lower, upper, color=BLUE, alpha=0.25, linewidth=0)
        ax.plot(lam, _column(curve.probability), color=BLUE, marker="o", markersize=2.5, label="measured")
        ax.set_ylim(-0.03, 1.05)
        ax.set_xlabel(r"threshold  $\lambda$")
        ax.set_ylabel("probability that the active set\nis exactly the support $S$")
        _legend(ax)
    return figure


def spectrum_figure(rows: Sequence[SpectrumRow]) -> Figure:
    """Draw the eigenvalues of the Hessian at s* A, predicted and measured."""
    with _sheet(2.2) as (figure, ax):
        y = np.arange(len(rows))[::-1]
        ax.plot(
            _column([row.predicted for row in rows]), y, "o", color=ORANGE, markersize=9, fillstyle="none",
            markeredgewidth=1.6, label="predicted (Theorem 3)",
        )  # fmt: skip
        ax.plot(_column([row.measured for row in rows]), y, "x", color=BLUE, markersize=5, label="measured")
        names = [f"{row.direction.replace('_', ' ')}\n(multiplicity {row.multiplicity})" for row in rows]
        ax.set_yticks(y, names)
        ax.set_ylim(-0.6, len(rows) - 0.4)
        ax.set_xlabel("eigenvalue of the Hessian of $L/p$ at $s_*A$")
        ax.grid(axis="y", visible=False)
        _legend(ax)
    return figure


def unaligned_figure(curve: UnalignedCurve) -> Figure:
    """Draw one run in two metrics: the aligned distance falls, the un-aligned one does not."""
    with _sheet() as (figure, ax):
        draw_unaligned(ax, curve)
        _legend(ax)
    return figure


def draw_unaligned(ax: Axes, curve: UnalignedCurve) -> None:
    """Draw one run in two metrics into a frame; the caller adds the legend."""
    k = np.asarray(curve.iterations)
    unaligned, aligned = _column(curve.unaligned_to_A), _column(curve.procrustes)
    every = max(1, len(k) // 12)
    label = r"un-aligned  $\max_g\|W_g-A_g\|_F$"
    ax.semilogy(k, _above(unaligned), color=VERMILION, marker="s", markevery=every, markersize=3, label=label)
    label = r"aligned  $\max_g\,\mathrm{dist}_g(W;\,s_*A)$"
    ax.semilogy(k, _above(aligned), color=BLUE, marker="o", markevery=every, markersize=3, label=label)
    if curve.limit:
        label = r"$(s_*-1)\sqrt{d}$, the aligned distance to $A$"
        ax.axhline(curve.limit, color=GREEN, linestyle=":", linewidth=2, label=label)
    _log_limits(ax, np.concatenate([unaligned, aligned]))
    ax.set_xlabel("iteration $k$")
    ax.set_ylabel("distance (Frobenius norm)")


def digits_blocks_figure(digits: dict[str, Any]) -> Figure:
    """Draw the learned blocks as images: one column per group, atoms in principal order."""
    atoms = np.asarray(digits["blocks"], dtype=float)
    groups, block = atoms.shape[:2]
    limit = np.abs(atoms).max() or 1.0
    with _sheet(0.42 + COLUMN * (block / groups) * 1.12) as (figure, ax):
        side = round(atoms.shape[2] ** 0.5)
        tiles = atoms.transpose(1, 0, 2).reshape(block, groups, side, side)
        ax.imshow(_mosaic(tiles), cmap="PuOr", vmin=-limit, vmax=limit, interpolation="none")
        centres = np.arange(groups) * (side + 1) + side / 2 - 0.5
        ax.set_xticks(centres, [str(g + 1) for g in range(groups)])
        ax.set_yticks(np.arange(block) * (side + 1) + side / 2 - 0.5, [str(j + 1) for j in range(block)])
        ax.set_xlabel("group $g$")
        ax.set_ylabel("direction $j$")
        _frameless(ax)
    return figure


def digits_reconstructions_figure(digits: dict[str, Any]) -> Figure:
    """Draw held-out images above what the network makes of them."""
    pairs = np.stack([np.asarray(digits[name], dtype=float) for name in ("originals", "reconstructions")])
    half = -(-pairs.shape[1] // 2)
    with _sheet(2.0) as (figure, ax):
        side = round(pairs.shape[2] ** 0.5)
        rows = [pairs[kind, start : start + half] for start in (0, half) for kind in (0, 1)]
        tiles = np.full((4, half, side * side), np.nan)
        for tile_row, values in zip(tiles, rows, strict=True):
            tile_row[: len(values)] = values
        ax.imshow(_mosaic(tiles.reshape(4, half, side, side)), cmap="gray", interpolation="none")
        ax.set_yticks(np.arange(4) * (side + 1) + side / 2 - 0.5, ["image $y$", r"network $\hat y$"] * 2)
        ax.set_xticks([])
        ax.set_xlabel("held-out images, in pairs of rows")
        _frameless(ax)
    return figure


def digits_loss_figure(digits: dict[str, Any]) -> Figure:
    """Draw the training loss."""
    with _sheet(2.2) as (figure, ax):
        ax.plot(_column(digits["loss"]), color=BLUE)
        ax.set_xlabel("step $k$")
        ax.set_ylabel(r"loss, mean of $\frac{1}{2}\|y-\hat y\|^2$")
        ax.set_ylim(bottom=0)
    return figure


def digits_clustering_figure(digits: dict[str, Any]) -> Figure:
    """Draw accuracy, NMI and ARI of the methods with as many clusters as digits."""
    rows = [row for row in digits["clustering"] if row.get("accuracy")]
    colours = (BLUE, VERMILION, PURPLE, ORANGE, GREEN)
    hatches = ("", "///", "...", "xxx", "\\\\\\")
    names = (("accuracy", "accuracy"), ("nmi", "NMI"), ("ari", "ARI"))
    with _sheet(3.3) as (figure, ax):
        width = 0.8 / max(len(rows), 1)
        for index, row in enumerate(rows):
            x = np.arange(len(names)) + (index - (len(rows) - 1) / 2) * width
            mean = _column([row[name]["mean"] for name, _ in names])
            spread = np.nan_to_num(_column([row[name]["std"] for name, _ in names]))
            ax.bar(
                x, mean, width * 0.92, yerr=spread, color=colours[index % 5], hatch=hatches[index % 5],
                edgecolor="white", linewidth=0, error_kw={"elinewidth": 0.9, "capsize": 2, "ecolor": INK},
                label=method_name(row),
            )  # fmt: skip
        ax.set_xticks(range(len(names)), [text for _, text in names])
        ax.set_ylim(0, 1)
        ax.set_ylabel("score (1 is best)")
        ax.set_xlabel("measure of agreement with the labels")
        ax.grid(axis="x", visible=False)
        figure.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=1)
    return figure


def method_name(row: dict[str, Any]) -> str:
    """Return the name of a clustering method with its block size."""
    return row["method"] if row.get("block") is None else f"{row['method']}, d = {row['block']}"


def _column(values: Sequence[Number]) -> Array:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _above(values: Array) -> Array:
    """Return values for a log axis: what is not positive is left out."""
    return np.where(values > 0, values, np.nan)


def _log_limits(ax: Axes, values: Array) -> None:
    """Cut the log axis where rounding begins."""
    positive = values[np.isfinite(values) & (values > 0)]
    if positive.size:
        ax.set_ylim(max(positive.min() / 2, ROUNDING / 100), positive.max() * 3)


def _legend(ax: Axes, columns: int = 1) -> None:
    figure = ax.get_figure()
    handles, labels = ax.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=columns if len(labels) < 4 else 2)  # type: ignore[union-attr]


def _floor_name(row: FloorRow) -> str:
    return f"$\\gamma={row.gamma}$"


def _note_missing(ax: Axes, rows: Sequence[FloorRow], columns: dict[str, Array], bottom: float) -> None:
    for index, row in enumerate(rows):
        if row.bound_max is None and row.bound_rms is None:
            top = np.nanmax(
                [columns[name][index] for name in ("measured_max", "measured_rms", "predicted_rms")]
            )
            ax.annotate("no bound", (index, top * 1.6), ha="center", va="bottom", fontsize=7)
        if columns["measured_max"][index] <= ROUNDING:
            ax.annotate("rounding\nonly", (index, bottom * 2.2), ha="center", va="bottom", fontsize=7)


def _mosaic(tiles: Array) -> Array:
    """Return tiles (rows, columns, side, side) as one image with one clear pixel between them."""
    rows, columns, side, _ = tiles.shape
    canvas = np.full((rows * (side + 1) - 1, columns * (side + 1) - 1), np.nan)
    for i in range(rows):
        for j in range(columns):
            canvas[i * (side + 1) : i * (side + 1) + side, j * (side + 1) : j * (side + 1) + side] = tiles[
                i, j
            ]
    return canvas


def _frameless(ax: Axes) -> None:
    ax.grid(visible=False)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
