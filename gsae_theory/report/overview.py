"""One picture of the whole story: contraction, the metric that it needs, the floors."""

from __future__ import annotations

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gsae_theory.report.figures import STYLE, draw_contraction, draw_floors, draw_unaligned
from gsae_theory.report.schema import ReportRecord

PAGE = 7.2
"""Width of a two-column page, inches."""


def overview_figure(record: ReportRecord) -> Figure | None:
    """Draw the last contraction curve, the un-aligned metric and the floors side by side.

    Returns
    -------
    matplotlib.figure.Figure or None
        None if the record lacks one of the three.
    """
    if not record.curves or record.unaligned is None or not record.floors:
        return None
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(PAGE, 2.9), layout="constrained")
        left, middle, right = figure.subplots(1, 3)
        draw_contraction(left, record.curves[-1])
        draw_unaligned(middle, record.unaligned)
        draw_floors(right, record.floors)
        for ax, title in (
            (left, "a  every step contracts"),
            (middle, "b  only the aligned distance does"),
            (right, r"c  $\gamma>1$ leaves a floor"),
        ):
            ax.set_title(title, loc="left", fontweight="bold", pad=44)
            _legend_above(ax)
    return figure


def _legend_above(ax: Axes) -> None:
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(
        handles, labels, loc="lower left", bbox_to_anchor=(-0.02, 1.0), borderaxespad=0, fontsize=6,
        ncols=1 if len(labels) < 4 else 2, columnspacing=1.0, handlelength=1.8, labelspacing=0.3,
    )  # fmt: skip
