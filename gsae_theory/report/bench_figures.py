"""Figures of the benchmark: speed-up bars, and the limit that the once-per-step product sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from gsae_theory.output import prepare_folder, write_atomic
from gsae_theory.report.figures import BLUE, GREEN, INK, ORANGE, PURPLE, VERMILION
from gsae_theory.report.figures import _sheet as sheet
from gsae_theory.report.svg import to_bytes

OTHERS = (
    ("dense", "NumPy on the data", ORANGE, ""),
    ("torch", "PyTorch autograd", BLUE, "///"),
    ("torch_compile", "torch.compile", PURPLE, "..."),
    ("jax", "JAX jit", GREEN, "xxx"),
)


def speedup_figure(rows: list[dict[str, Any]]) -> Figure:
    """Draw how many times faster the code-space step is than each framework."""
    with sheet(2.8) as (figure, ax):
        shown = [one for one in OTHERS if any(row.get(f"ratio_{one[0]}") for row in rows)]
        width = 0.8 / max(len(shown), 1)
        for index, (name, label, colour, hatch) in enumerate(shown):
            x = np.arange(len(rows)) + (index - (len(shown) - 1) / 2) * width
            heights = [row.get(f"ratio_{name}") or np.nan for row in rows]
            bars = ax.bar(
                x,
                heights,
                width * 0.92,
                color=colour,
                hatch=hatch,
                edgecolor="white",
                linewidth=0,
                label=label,
            )
            texts = ["" if np.isnan(height) else f"{height:.0f}" for height in heights]
            ax.bar_label(bars, texts, fontsize=6, padding=1)
        names = [_config(row["config"]) for row in rows]
        ax.set_xticks(range(len(rows)), names)
        ax.set_xlabel("configuration")
        ax.set_ylabel("speed-up: time of the other\n/ time in code space")
        ax.grid(axis="x", visible=False)
        figure.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return figure


def limit_figure(limit: dict[str, Any]) -> Figure:
    """Draw the speed-up against the number of samples with the limit of order N/m."""
    rows = limit["rows"]
    m = limit["G"] * limit["d"]
    with sheet(2.6) as (figure, ax):
        N = np.array([row["N"] for row in rows], dtype=float)
        ratio = np.array([row["ratio_torch"] or np.nan for row in rows])
        wide = np.geomspace(N[0], N[-1], 50)
        ax.loglog(wide, 10 * wide / m, "--", color=VERMILION, label="limit $10\\,N/m$: one float32 product")
        ax.loglog(wide, 5 * wide / m, ":", color=ORANGE, label="limit $5\\,N/m$: one float64 product")
        ax.loglog(N, ratio, "o-", color=BLUE, markersize=4, label="measured, against PyTorch autograd")
        ax.axvline(m, color=INK, linewidth=0.6)
        ax.annotate("$N=m$", (m, ax.get_ylim()[1]), xytext=(3, -8), textcoords="offset points", fontsize=7)
        ax.set_xlabel("samples per step $N$")
        ax.set_ylabel("speed-up (ratio of times)")
        ax.set_title(
            f"n = {limit['n']}, {limit['G']} groups of {limit['d']}, {limit['gamma']} active", loc="left"
        )
        figure.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=1)
    return figure


def scaling_figure(series: list[dict[str, Any]]) -> Figure:
    """Draw cost against each size, relative to the smallest, with the predicted slope."""
    shown = [one for one in series if one["measured"] == "per sample"]
    colours, markers = (BLUE, ORANGE, GREEN, VERMILION, PURPLE), "os^Dv"
    symbols = {"gamma": r"\gamma"}
    with sheet(2.8) as (figure, ax):
        for one, colour, marker in zip(shown, colours, markers, strict=False):
            x, y = np.array(one["x"]) / one["x"][0], np.array(one["seconds"]) / one["seconds"][0]
            name = symbols.get(one["axis"], one["axis"])
            label = (
                f"${name}$ from {one['x'][0]:g}: slope {one['exponent']:.2f} (predicted {one['predicted']:g})"
            )
            ax.loglog(x, y, marker, color=colour, markersize=4, label=label)
            ax.loglog(x, x ** one["predicted"], color=colour, linewidth=0.9)
        ax.set_xlabel("size relative to the smallest ($n$, $m$, $d$ or $\\gamma$)")
        ax.set_ylabel("cost per sample,\nrelative to the smallest")
        figure.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=1)
    return figure


def write_figures(table: dict[str, Any], folder: Path) -> list[Path]:
    """Write the figures of a benchmark table as SVG, PDF and PNG and return their paths."""
    prepare_folder(folder)
    figures = {}
    if table.get("gradient_step"):
        figures["bench_speedup"] = speedup_figure(table["gradient_step"])
    if found := table.get("scaling"):
        figures["bench_scaling"] = scaling_figure(found["series"])
        if any(row["ratio_torch"] for row in found["limit"]["rows"]):
            figures["bench_limit"] = limit_figure(found["limit"])
    paths = []
    for name, figure in figures.items():
        for form in ("svg", "pdf", "png"):
            path = folder / f"{name}.{form}"
            write_atomic(path, to_bytes(figure, form))
            paths.append(path)
    return paths


def _config(config: list[int]) -> str:
    n, G, d, gamma, N = config
    return f"$n={n}$, $G={G}$,\n$d={d}$, $\\gamma={gamma}$,\n$N={N}$"
