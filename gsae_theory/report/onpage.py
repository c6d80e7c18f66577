"""A figure with its place on the page."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure

from gsae_theory.report.svg import inline


@dataclass(frozen=True)
class FigureOnPage:
    """A figure with its file name, its place on the page and what it says in words."""

    stem: str
    section: str
    figure: Figure
    svg: bytes
    caption: str
    alternative: str

    def markup(self) -> Markup:
        """Return the figure as inline SVG."""
        return inline(self.svg, self.stem, self.alternative)
