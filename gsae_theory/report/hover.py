"""Values to hover over: an invisible mark with a title on points of the lines of a figure."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

PER_LINE, PER_FIGURE = 24, 400
"""Largest number of points with a title, per line and per figure: the page stays small."""
POINTS = 72.0


def hover_marks(figure: Figure) -> Markup:
    """Return SVG circles with titles on the data of a figure that has been drawn.

    Parameters
    ----------
    figure : Figure
        Its layout must be final: `to_bytes` has drawn it.

    Returns
    -------
    Markup
        A group in the coordinates of the figure's SVG file; empty if no line has a name.
    """
    width, height = (POINTS * size for size in figure.get_size_inches())
    to_figure = figure.transFigure.inverted()
    marks: list[Markup] = []
    for ax in figure.axes:
        for line in ax.lines:
            if len(marks) >= PER_FIGURE:
                break
            marks += _of_line(ax, line, to_figure, width, height)
    if not marks:
        return Markup("")
    return Markup('<g class="hover">{}</g>').format(Markup("").join(marks[:PER_FIGURE]))


def _of_line(ax: Axes, line: Line2D, to_figure: object, width: float, height: float) -> list[Markup]:
    label = str(line.get_label())
    data: NDArray[np.float64] = np.ma.filled(np.ma.asarray(line.get_xydata(), dtype=float), np.nan)
    # Names that begin with _ are matplotlib's own; two points are a rule across the frame.
    if label.startswith("_") or len(data) < 3:
        return []
    keep = data[np.unique(np.linspace(0, len(data) - 1, PER_LINE).astype(int))]
    places = to_figure.transform(line.get_transform().transform(keep))  # type: ignore[attr-defined]
    low, high = ax.get_window_extent().get_points()
    frame = to_figure.transform(np.array([low, high]))  # type: ignore[attr-defined]
    inside = np.isfinite(places).all(axis=1) & ((places >= frame[0]) & (places <= frame[1])).all(axis=1)
    x_name, y_name = _plain(ax.get_xlabel()) or "x", _plain(ax.get_ylabel()) or "y"
    return [
        Markup(
            '<circle cx="{:.1f}" cy="{:.1f}" r="4"><title>{}: {} = {:.4g}, {} = {:.4g}</title></circle>'
        ).format(width * at[0], height * (1 - at[1]), _plain(label), x_name, x, y_name, y)
        for (x, y), at, fits in zip(keep, places, inside, strict=True)
        if fits
    ]


def _plain(label: str) -> str:
    """Return a label of an axis as text: mathematics without its marks."""
    text = label.split(",")[0] if label.count("$") == 0 else label
    for mark in ("$", "\\mathrm", "\\operatorname", "\\max", "\\,", "\\|", "{", "}"):
        text = text.replace(mark, {"\\max": "max", "\\|": "|"}.get(mark, ""))
    greek = {
        "lambda": "λ",
        "delta": "δ",
        "gamma": "γ",
        "eta": "η",
        "kappa": "κ",
        "sigma": "σ",
        "mu": "μ",
        "tau": "τ",
    }
    for name, letter in greek.items():
        text = text.replace("\\" + name, letter)
    return " ".join(text.replace("\\", "").split())
