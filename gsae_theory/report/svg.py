"""Figures as files and as inline SVG, the same bytes for the same data."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path

import matplotlib
from markupsafe import Markup, escape
from matplotlib.figure import Figure

from gsae_theory.report.figures import GRID, INK, STYLE

# fontTools warns of every font whose dates are unusual; nothing a reader of the report can act on.
logging.getLogger("fontTools").setLevel(logging.ERROR)

FORMATS = ("svg", "pdf", "png")
_METADATA: dict[str, dict[str, str | None]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}


def to_bytes(figure: Figure, form: str) -> bytes:
    """Return the figure as ``svg``, ``pdf`` or ``png`` (on white), without dates, the same for the same data."""
    stream = io.BytesIO()
    face = "none" if form == "svg" else "white"
    with matplotlib.rc_context(STYLE):
        figure.savefig(stream, format=form, dpi=200, facecolor=face, metadata=_METADATA[form])
    return stream.getvalue()


def inline(svg: bytes, name: str, alternative: str) -> Markup:
    """Return an SVG file as inline markup: own id names, the page's ink colour, a text alternative.

    Parameters
    ----------
    svg : bytes
        What `to_bytes` gave.
    name : str
        Unique on the page; prefixes every id.
    alternative : str
        What the figure says, for people who do not see it.
    """
    text = svg.decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    prefix = re.sub(r"[^a-zA-Z0-9-]", "-", name)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", text)
    text = re.sub(r'(\b(?:d|x|y|transform)=")([^"]*)', lambda found: found[1] + _shorter(found[2]), text)
    text = text.replace(INK, "currentColor").replace(GRID, "var(--grid)")
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    box = f"0 0 {size[1]} {size[2]}" if size else "0 0 245 187"
    label = str(escape(alternative))
    head = f'<svg class="plot" role="img" aria-label="{label}" viewBox="{box}" xmlns:xlink="http://www.w3.org/1999/xlink">'
    return Markup(re.sub(r"^<svg[^>]*>", lambda _: head, text, count=1))


def _shorter(numbers: str) -> str:
    """Return coordinates to a hundredth of a point, which no screen shows; scales, below 1, stay as they are."""

    def short(found: re.Match[str]) -> str:
        value = float(found[0])
        return found[0] if abs(value) < 1 else f"{value:.2f}".rstrip("0").rstrip(".")

    return re.sub(r"-?\d+\.\d{3,}", short, numbers)


def file_name(stem: str, form: str) -> Path:
    """Return where a figure lies below the report's folder."""
    return Path("figures") / f"{stem}.{form}"
