"""Figures of an exploration: what breaks where, one curve per assumption, maps of pairs, basins.

Plain data of `gsae explore --json` in, a matplotlib Figure out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gsae_theory.output import prepare_folder, write_atomic
from gsae_theory.report.figures import BLUE, COLUMN, GREEN, INK, ORANGE, VERMILION, _legend, _sheet
from gsae_theory.report.svg import to_bytes

Data = Mapping[str, Any]

MARKS = {
    "necessary": (VERMILION, "s"),
    "graceful": (ORANGE, "D"),
    "slack": (BLUE, "o"),
    "refuted": (INK, "X"),
    "undecided": (INK, "P"),
}
LINES = {
    "limit": (BLUE, "-", "o"),
    "support": (GREEN, "--", "s"),
    "rate": (ORANGE, ":", "D"),
    "identified": (VERMILION, "-.", "^"),
}
MEANING = {
    "limit": "ends at the limit",
    "support": "supports exact",
    "rate": "rate as promised",
    "identified": "groups found",
}


def overview_figure(found: Sequence[Data]) -> Figure:
    """Draw every assumption: the theorem's boundary, the sharp prediction, and where it breaks.

    Positions are t + 1/10 on a logarithmic axis, so that t = 0 can be shown.
    """
    rows = sorted(found, key=lambda item: (list(MARKS).index(item["verdict"]), item["id"]))
    with _sheet(0.9 + 0.2 * len(rows), 1.9 * COLUMN) as (figure, ax):
        for y, item in enumerate(reversed(rows)):
            colour, marker = MARKS[item["verdict"]]
            low, high = item["interval"]
            end = item["range"] if high is None else high
            ax.plot(
                [0.1, _shift(item["range"])],
                [y, y],
                color="0.85",
                linewidth=4,
                solid_capstyle="butt",
                zorder=1,
            )
            if low is not None:
                ax.plot([_shift(low), _shift(end)], [y, y], color=colour, linewidth=2.4, zorder=2)
                place = end if high is None else 0.5 * (low + high)
                ax.plot(
                    _shift(place),
                    y,
                    marker if high is not None else ">",
                    color=colour,
                    markersize=5,
                    zorder=3,
                )
            ax.plot(_shift(item["theory"]), y, "|", color=INK, markersize=9, markeredgewidth=1.6, zorder=4)
            if item["sharp"] is not None:
                ax.plot(
                    _shift(item["sharp"]), y, "x", color=GREEN, markersize=5, markeredgewidth=1.6, zorder=5
                )
        ax.set_xscale("log")
        ticks = [0, 0.5, 1, 2, 5, 10, 30, 100]
        ax.set_xticks([_shift(t) for t in ticks], [f"{t:g}" for t in ticks])
        ax.minorticks_off()
        ax.set_yticks(range(len(rows)), [item["id"] for item in reversed(rows)])
        ax.set_ylim(-0.8, len(rows) - 0.2)
        ax.set_xlabel(
            "dial position $t$  (1: boundary that the theorem states; 0 where it admits no violation)"
        )
        ax.grid(axis="y", visible=False)
        for name in dict.fromkeys(item["verdict"] for item in rows):
            colour, marker = MARKS[name]
            ax.plot([], [], marker, color=colour, markersize=5, label=f"breaks here: {name}")
        ax.plot([], [], ">", color=BLUE, markersize=5, label="no break in the range (grey)")
        ax.plot([], [], "|", color=INK, markersize=9, markeredgewidth=1.6, label="theorem's boundary")
        ax.plot([], [], "x", color=GREEN, markersize=5, markeredgewidth=1.6, label="sharp prediction")
        _legend(ax, columns=3)
    return figure


def curve_figure(item: Data) -> Figure:
    """Draw one assumption: share of trials in which each conclusion holds, and the distance at the end."""
    points = item["curve"]
    x = np.array([point["natural"] for point in points], dtype=float)
    with _sheet(3.4) as (figure, first):
        first.remove()
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(1.2, 1))
        for name, (colour, line, marker) in LINES.items():
            held = [
                (i, point["conclusions"][name])
                for i, point in enumerate(points)
                if name in point["conclusions"]
            ]
            if not held:
                continue
            index = [i for i, _ in held]
            share = np.array([c["held"] / c["trials"] for _, c in held])
            if name == item["conclusion"]:
                low, high = (np.array([c["interval"][k] for _, c in held]) for k in (0, 1))
                top.fill_between(x[index], low, high, color=colour, alpha=0.18, linewidth=0)
            top.plot(x[index], share, line, color=colour, marker=marker, markersize=2.6, label=MEANING[name])
        top.set_ylim(-0.05, 1.05)
        top.set_ylabel("share of trials")
        _distances(bottom, x, points)
        bottom.set_xlabel(item["value"])
        for ax in (top, bottom):
            _boundaries(ax, item)
            if x.min() > 0 and x.max() / x.min() > 30:
                ax.set_xscale("log")
        _legend(top, columns=2)
    return figure


def _distances(ax: Axes, x: np.ndarray, points: Sequence[Data]) -> None:
    seen = [(value, point["distance"]) for value, point in zip(x, points, strict=True) if point["distance"]]
    if not seen:
        ax.text(
            0.5, 0.5, "supports only: nothing is trained", ha="center", va="center", transform=ax.transAxes
        )
        ax.set_yticks([])
        return
    at = np.array([value for value, _ in seen])
    low, middle, high = np.maximum(np.array([d for _, d in seen]).T, 1e-12)
    ax.fill_between(at, low, high, color=BLUE, alpha=0.25, linewidth=0)
    ax.semilogy(at, middle, color=BLUE, marker="o", markersize=2.6)
    ax.set_ylabel("distance at the end\n" + r"$\mathrm{dist}_g/\|s_*A_g\|$")


def _boundaries(ax: Axes, item: Data) -> None:
    natural = item["natural"]
    inside = sorted((natural["satisfied"], natural["theory"]))
    if inside[0] != inside[1]:
        ax.axvspan(*inside, color=GREEN, alpha=0.13, linewidth=0)
    ax.axvline(natural["theory"], color=INK, linewidth=0.9, label="theorem's boundary")
    if natural["sharp"] is not None:
        ax.axvline(natural["sharp"], color=GREEN, linewidth=1.2, linestyle="--", label="sharp prediction")


def pair_figure(pair: Data, conclusion: str | None = None) -> Figure:
    """Draw the map of two assumptions: share of trials that hold, the region of the theorem outlined."""
    name = conclusion or pair["conclusions"][0]
    down, across = pair["dials"]
    cells = {tuple(cell["t"]): cell for cell in pair["cells"]}
    shape = (len(down["grid"]), len(across["grid"]))
    share, admitted = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    for i, a in enumerate(down["grid"]):
        for j, b in enumerate(across["grid"]):
            held = cells[(a, b)]["conclusions"].get(name)
            share[i, j] = np.nan if held is None else held["held"] / held["trials"]
            admitted[i, j] = cells[(a, b)]["admitted"]
    with _sheet(3.1) as (figure, ax):
        image = ax.imshow(share, origin="lower", cmap="cividis", vmin=0, vmax=1, aspect="auto")
        for i, j in np.ndindex(shape):
            for edge, (di, dj) in _EDGES.items():
                k, m = i + di, j + dj
                if admitted[i, j] and not (0 <= k < shape[0] and 0 <= m < shape[1] and admitted[k, m]):
                    ax.plot(*_SIDES[edge](i, j), color="white", linewidth=3.2, solid_capstyle="round")
                    ax.plot(*_SIDES[edge](i, j), color=VERMILION, linewidth=1.8, solid_capstyle="round")
        ax.set_xticks(range(shape[1]), [f"{v:.3g}" for v in across["natural"]], rotation=60)
        ax.set_yticks(range(shape[0]), [f"{v:.3g}" for v in down["natural"]])
        ax.set_xlabel(f"{across['id']}: {across['value']}")
        ax.set_ylabel(f"{down['id']}: {down['value']}")
        ax.grid(visible=False)
        figure.colorbar(image, ax=ax, label=f"share of trials: {MEANING[name]}")
        ax.set_title("outlined: every hypothesis of the theorem holds", fontsize=7)
    return figure


Side = Callable[[int, int], tuple[list[float], list[float]]]
_EDGES = {"up": (1, 0), "down": (-1, 0), "left": (0, -1), "right": (0, 1)}
_SIDES: dict[str, Side] = {
    "up": lambda i, j: ([j - 0.5, j + 0.5], [i + 0.5, i + 0.5]),
    "down": lambda i, j: ([j - 0.5, j + 0.5], [i - 0.5, i - 0.5]),
    "left": lambda i, j: ([j - 0.5, j - 0.5], [i - 0.5, i + 0.5]),
    "right": lambda i, j: ([j + 0.5, j + 0.5], [i - 0.5, i + 0.5]),
}


def basin_figure(rows: Sequence[Data]) -> Figure:
    """Draw how far starts may be from s A, in units of the theorem's delta_max, per setting."""
    with _sheet(0.9 + 0.22 * len(rows), 1.5 * COLUMN) as (figure, ax):
        names = []
        for y, row in enumerate(reversed(rows)):
            low, high = row["interval"]
            colour = BLUE if row["start"] == "random" else ORANGE
            end = row["range"] if high is None else high
            ax.plot([0, row["range"]], [y, y], color="0.85", linewidth=5, solid_capstyle="butt")
            ax.plot([0, low or 0], [y, y], color=colour, linewidth=5, solid_capstyle="butt", alpha=0.45)
            ax.plot([low or 0, end], [y, y], color=colour, linewidth=2.2)
            ax.plot(end, y, ">" if high is None else "|", color=colour, markersize=6, markeredgewidth=1.6)
            if row["first_failure"] is not None:
                ax.plot(row["first_failure"], y, "x", color=VERMILION, markersize=5, markeredgewidth=1.6)
            ax.plot(
                row["delta_support"] / row["delta_max"], y, "o", color=GREEN, markersize=4, fillstyle="none"
            )
            names.append(f"$d$={row['d']}, $\\lambda$={row['lam']:g}, $\\mu$={row['mu']:g}, {row['start']}")
        ax.axvline(1.0, color=INK, linewidth=1.0, label=r"$\delta_{\max}$ of (H2)-(H3')")
        ax.plot([], [], color=BLUE, linewidth=5, alpha=0.45, label="most starts reach the limit")
        ax.plot(
            [],
            [],
            "x",
            color=VERMILION,
            markersize=5,
            markeredgewidth=1.6,
            label="first start that misses it",
        )
        ax.plot([], [], "o", color=GREEN, markersize=4, fillstyle="none", label="radius that (S) allows")
        ax.set_yticks(range(len(rows)), [name.replace("_", " ") for name in names])
        ax.set_ylim(-0.8, len(rows) - 0.2)
        ax.set_xlabel(r"distance at the start  $\mathrm{dist}_g(W_0;\,s_*A)/\delta_{\max}$")
        ax.grid(axis="y", visible=False)
        _legend(ax, columns=2)
    return figure


def _shift(t: float) -> float:
    return t + 0.1


def write_figures(record: Data, folder: Path) -> list[Path]:
    """Write every figure of a record as SVG and PNG; return the files."""
    prepare_folder(folder)
    figures: dict[str, Figure] = {}
    found = record.get("assumptions") or []
    if len(found) > 1:
        figures["overview"] = overview_figure(found)
    figures |= {f"curve-{item['id']}": curve_figure(item) for item in found}
    for pair in record.get("pairs") or []:
        name = "-".join(dial["id"] for dial in pair["dials"])
        figures |= {f"map-{name}-{c}": pair_figure(pair, c) for c in pair["conclusions"]}
    if record.get("basin"):
        figures["basin"] = basin_figure(record["basin"])
    written = []
    for name, figure in figures.items():
        for form in ("svg", "png"):
            path = folder / f"{name}.{form}"
            write_atomic(path, to_bytes(figure, form))
            written.append(path)
    return written
