"""The graph of dependencies of the proofs: steps below, theorems on top, marked by method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gsae_theory.report.figures import BLUE, GREEN, ORANGE, PURPLE, STYLE, VERMILION

Data = Mapping[str, Any]

METHODS = {  # distinguishable without colour vision; markers differ as well
    "identity": (BLUE, "o"),
    "certificate": (ORANGE, "s"),
    "interval": (PURPLE, "D"),
    "expectation": ("#56b4e9", "v"),
    "gram": (GREEN, "^"),
    "norm-calculus": (VERMILION, "P"),
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


def proof_graph(steps: Sequence[Data], theorems: Sequence[Data]) -> Figure:
    """Draw what was proved from what.

    Parameters
    ----------
    steps, theorems : sequences of mappings
        As ``gsae prove --json`` prints them: ``id, method, status, uses``; ``id, status, direct``.
    """
    uses = {item["id"]: item["uses"] for item in steps}
    at = places(uses)
    top = max((y for _, y in at.values()), default=0.0) + 1.5
    with matplotlib.rc_context({**STYLE, "axes.grid": False}):
        figure = Figure(figsize=(7.2, 4.8), layout="constrained")
        axes = figure.add_subplot()
        pairs = [(at[name], at[other]) for name, below in uses.items() for other in below]
        _lines(axes, pairs, "#cccccc", 0.3)
        _steps(axes, steps, at)
        _theorems(axes, theorems, at, top)
        axes.set_ylabel("longest chain of steps below")
        axes.set_xticks([])
        axes.set_xlim(-0.02, 1.02)
        axes.spines["bottom"].set_visible(False)
        figure.legend(loc="outside lower center", ncols=5)
    return figure


def _lines(
    axes: Axes, pairs: Sequence[tuple[tuple[float, float], tuple[float, float]]], colour: str, width: float
) -> None:
    from matplotlib.collections import LineCollection

    axes.add_collection(LineCollection(list(pairs), colors=colour, linewidths=width, zorder=0))


def _steps(axes: Axes, steps: Sequence[Data], at: Mapping[str, tuple[float, float]]) -> None:
    for method, (colour, marker) in METHODS.items():
        here = [at[item["id"]] for item in steps if item["method"] == method]
        if here:
            xs, ys = zip(*here, strict=True)
            axes.scatter(xs, ys, s=16, color=colour, marker=marker, label=f"{method} ({len(here)})", zorder=3)
    broken = [at[item["id"]] for item in steps if item["status"] not in ("proved", "quoted")]
    if broken:
        xs, ys = zip(*broken, strict=True)
        axes.scatter(xs, ys, s=70, facecolors="none", edgecolors=VERMILION, label="not proved", zorder=4)
    if len(steps) <= LABELLED:
        for item in steps:
            axes.annotate(
                item["id"], at[item["id"]], (0, 4), textcoords="offset points", fontsize=5, ha="center"
            )


def _theorems(
    axes: Axes, theorems: Sequence[Data], at: Mapping[str, tuple[float, float]], top: float
) -> None:
    ends = {item["id"]: ((index + 0.5) / len(theorems), top) for index, item in enumerate(theorems)}
    _lines(
        axes,
        [(ends[item["id"]], at[name]) for item in theorems for name in item.get("direct", ()) if name in at],
        "#b7d7c8",
        0.25,
    )
    for proved, colour, marker, label in (
        (True, GREEN, "s", "theorem, proved"),
        (False, VERMILION, "x", "theorem, open"),
    ):
        here = [ends[item["id"]] for item in theorems if (item["status"] == "proved") is proved]
        if here:
            xs, ys = zip(*here, strict=True)
            axes.scatter(xs, ys, s=12, color=colour, marker=marker, label=f"{label} ({len(here)})", zorder=3)
    if len(theorems) <= LABELLED // 4:
        for name, place in ends.items():
            axes.annotate(name, place, (0, 5), textcoords="offset points", fontsize=5, rotation=30)
