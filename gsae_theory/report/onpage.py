"""A figure with its place on the page."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure

from gsae_theory.report.hover import hover_marks
from gsae_theory.report.svg import inline

COLUMN_AND_A_HALF = 5.1  # inches


@dataclass(frozen=True)
class FigureOnPage:
    """A figure with its file name, its place on the page and what it says in words."""

    stem: str
    section: str
    figure: Figure
    svg: bytes
    caption: str
    alternative: str

    @property
    def wide(self) -> bool:
        """Whether it was drawn for the width of the page rather than of a column."""
        return float(self.figure.get_figwidth()) > COLUMN_AND_A_HALF

    def markup(self) -> Markup:
        """Return the figure as inline SVG."""
        drawing = inline(self.svg, self.stem, self.alternative)
        return drawing.replace("</svg>", hover_marks(self.figure) + Markup("</svg>"), 1)
