"""The graph of dependencies as a picture: steps below, theorems on top, coloured by method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from proofs_check.core import StepResult, TheoremResult

METHOD_COLOURS = {  # Okabe-Ito, distinguishable without colour vision; markers differ as well
    "identity": ("#0072B2", "o"),
    "certificate": ("#E69F00", "s"),
    "interval": ("#CC79A7", "D"),
    "expectation": ("#56B4E9", "v"),
    "gram": ("#009E73", "^"),
    "norm-calculus": ("#D55E00", "P"),
    "logic": ("#999999", "X"),
    "quoted": ("#000000", "*"),
}


LABELLED = 60
"""Up to this many nodes their names are printed."""


def layers(uses: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return the height of each node: 0 for what uses nothing, else one more than the highest below."""
    height: dict[str, int] = {}

    def visit(name: str) -> int:
        if name not in height:
            height[name] = 1 + max((visit(below) for below in uses.get(name, ())), default=-1)
        return height[name]

    for name in uses:
        visit(name)
    return height


def places(uses: Mapping[str, Sequence[str]]) -> dict[str, tuple[float, float]]:
    """Return a position for each node: layer by layer, each near the mean of what it uses."""
    height = layers(uses)
    at: dict[str, tuple[float, float]] = {}
    for level in range(max(height.values(), default=0) + 1):
        row = [name for name in uses if height[name] == level]

        def wanted(name: str) -> float:
            below = [at[item][0] for item in uses[name] if item in at]
            return sum(below) / len(below) if below else 0.5

        row.sort(key=wanted)
        for index, name in enumerate(row):
            at[name] = ((index + 0.5) / len(row), float(level))
    return at


def dependency_figure(steps: Sequence[StepResult], theorems: Sequence[TheoremResult], path: Path) -> Path:
    """Draw what was proved from what, and write it to `path`.

    Parameters
    ----------
    steps, theorems : sequences
        From `proofs_check.prove`.
    path : Path
        .svg, .png or .pdf.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    uses = {item.id: item.uses for item in steps}
    at = places(uses)
    top = max((y for _, y in at.values()), default=0.0) + 1.5
    figure = Figure(figsize=(11, 7), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for name, below in uses.items():
        for other in below:
            axes.plot(
                [at[name][0], at[other][0]], [at[name][1], at[other][1]], color="#cccccc", lw=0.5, zorder=1
            )
    for method, (colour, marker) in METHOD_COLOURS.items():
        here = [at[item.id] for item in steps if item.method == method]
        if here:
            xs, ys = zip(*here, strict=True)
            axes.scatter(xs, ys, s=34, color=colour, marker=marker, label=f"{method} ({len(here)})", zorder=3)
    broken = [at[item.id] for item in steps if not item.holds]
    if broken:
        xs, ys = zip(*broken, strict=True)
        axes.scatter(xs, ys, s=120, facecolors="none", edgecolors="red", label="not proved", zorder=4)
    if len(steps) <= LABELLED:
        for item in steps:
            x, y = at[item.id]
            axes.annotate(item.id, (x, y), (0, 5), textcoords="offset points", fontsize=6, ha="center")
    for index, theorem in enumerate(theorems):
        x = (index + 0.5) / len(theorems)
        proved = theorem.status == "proved"
        axes.scatter(
            [x], [top], s=26, color="#009E73" if proved else "red", marker="s" if proved else "x", zorder=3
        )
        for name in theorem.direct:
            if name in at:
                axes.plot([x, at[name][0]], [top, at[name][1]], color="#b7d7c8", lw=0.4, zorder=0)
        if len(theorems) <= LABELLED:
            axes.annotate(theorem.id, (x, top), (0, 6), textcoords="offset points", fontsize=6, rotation=60)
    good = sum(item.status == "proved" for item in theorems)
    axes.set_title(
        f"{len(steps)} steps, {good} of {len(theorems)} theorems proved (top row)",
        pad=90 if len(theorems) <= LABELLED else 10,
        fontsize=11,
    )
    axes.set_ylabel("longest chain of steps below")
    axes.set_xticks([])
    axes.set_xlim(-0.02, 1.02)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    figure.legend(loc="outside lower center", ncols=5, fontsize=8, frameon=False)
    figure.savefig(path, dpi=150)
    return path
