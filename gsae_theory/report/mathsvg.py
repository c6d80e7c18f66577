"""LaTeX to inline SVG without network or fonts: matplotlib's mathtext gives the outlines.

The drawing takes the colour of the text around it and scales with it. What mathtext cannot parse
comes out as <code>, so that a page is never broken by a formula.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from markupsafe import Markup, escape
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextToPath

from gsae_theory.theory.typeset.prose import letters_of, pieces

_SIZE = 100.0
"""Units of the drawing per em."""

# What SymPy and people write, in the words that mathtext knows.
_WORDS = (
    (r"\\middle\|", "|"),
    (r"\\(?:big|Big|bigg|Bigg)[lr]?(?![a-zA-Z])", ""),
    (r"\\(?:displaystyle|textstyle|limits|nolimits)(?![a-zA-Z])", ""),
    (r"\\(?:textbf)\{", r"\\mathbf{"),
    (r"\\lVert(?![a-zA-Z])|\\rVert(?![a-zA-Z])", r"\\|"),
    (r"\\lvert(?![a-zA-Z])|\\rvert(?![a-zA-Z])", "|"),
    (r"\\le(?![a-zA-Z])", r"\\leq"),
    (r"\\ge(?![a-zA-Z])", r"\\geq"),
    (r"\\ne(?![a-zA-Z])", r"\\neq"),
    (r"\\land(?![a-zA-Z])", r"\\wedge"),
    (r"\\lor(?![a-zA-Z])", r"\\vee"),
    (r"\\to(?![a-zA-Z])", r"\\rightarrow"),
    (r"\\gets(?![a-zA-Z])", r"\\leftarrow"),
    (r"\\dots(?![a-zA-Z])", r"\\ldots"),
    (r"\\[dt]frac(?![a-zA-Z])", r"\\frac"),
    (r"\\sqrt\s*([a-zA-Z0-9]|\\[a-zA-Z]+)", r"\\sqrt{\1}"),
    (r"\\begin\{cases\}", r"\\{"),
    (r"\\end\{cases\}", r"\\}"),
    (r"&\s*\\mathrm\{for\}\\:", r"\\quad\\mathrm{if}\\;"),
    (r"&\s*\\mathrm\{otherwise\}", r"\\quad\\mathrm{otherwise}"),
    (r"\\\\", r"\\,;\\quad "),
)
_PATH_CODES = {
    int(Path.MOVETO): ("M", 1),
    int(Path.LINETO): ("L", 1),
    int(Path.CURVE3): ("Q", 2),
    int(Path.CURVE4): ("C", 3),
}


@dataclass(frozen=True)
class Drawing:
    """A formula: its glyphs with their places, its rules (fractions, roots), its extent, all in 1/100 em.

    y points downwards, the baseline is at 0. A glyph is the path data of one character; formulas share them.
    """

    glyphs: tuple[tuple[str, float, float, float], ...]
    rules: str
    width: float
    height: float
    descent: float


@lru_cache(maxsize=4096)
def draw(latex: str) -> Drawing | None:
    """Return the outlines of a formula (without dollar signs), or None if mathtext cannot parse it."""
    text = "$" + for_mathtext(latex) + "$"
    if "$" in text[1:-1] or "\n" in text.strip():
        return None
    font = FontProperties(family="DejaVu Sans", math_fontfamily="cm", size=_SIZE)
    outlines = TextToPath()
    try:
        placed, found, rules = outlines.get_glyphs_mathtext(font, text)
        width, height, descent = outlines.get_text_width_height_descent(text, font, ismath=True)
    except Exception:  # mathtext raises ValueError, ParseException, KeyError, IndexError, ...
        return None
    glyphs = tuple(
        (_outline(*found[name]), float(x), -float(y), float(scale)) for name, x, y, scale in placed
    )
    drawn = "".join(_outline(vertices, codes) for vertices, codes in rules)
    if not glyphs and not drawn:
        return None
    return Drawing(glyphs, drawn, float(width), float(height), float(descent))


def math_svg(latex: str) -> Markup:
    """Return a formula as a self-contained inline SVG with its LaTeX as text alternative."""
    drawing = draw(latex)
    if drawing is None:
        return _as_code(latex)
    paths = Markup("").join(
        Markup('<path d="{}" transform="{}"/>').format(outline, _place(x, y, scale))
        for outline, x, y, scale in drawing.glyphs
    )
    return _open_svg(latex, drawing) + paths + Markup('<path d="{}"/></svg>').format(drawing.rules)


class MathSheet:
    """Formulas of one page: each glyph and each formula is drawn once (`definitions`) and used by reference."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._glyphs: dict[str, str] = {}

    def __call__(self, latex: str) -> Markup:
        """Return the formula as inline SVG that refers to `definitions`."""
        drawing = draw(latex)
        if drawing is None:
            return _as_code(latex)
        name = self._names.setdefault(latex, f"formula-{len(self._names) + 1}")
        return _open_svg(latex, drawing) + Markup('<use href="#{}"/></svg>').format(name)

    def words(self, text: object, theorem_id: str = "") -> Markup:
        """Return plain text with the mathematics in it drawn; letters are those of the theorem's room."""
        return Markup("").join(
            self(body) if is_math else escape(body)
            for is_math, body in pieces(str(text), letters_of(theorem_id))
        )

    def definitions(self) -> Markup:
        """Return the hidden SVG that holds the outlines of all formulas used."""
        formulas = Markup("").join(
            self._formula(name, drawing)
            for latex, name in self._names.items()
            if (drawing := draw(latex)) is not None
        )
        glyphs = Markup("").join(
            Markup('<path id="{}" d="{}"/>').format(name, outline) for outline, name in self._glyphs.items()
        )
        return Markup(
            '<svg class="sheet" width="0" height="0" aria-hidden="true"><defs>{}{}</defs></svg>'
        ).format(glyphs, formulas)

    def _formula(self, name: str, drawing: Drawing) -> Markup:
        parts = [
            Markup('<use href="#{}" transform="{}"/>').format(
                self._glyphs.setdefault(outline, f"glyph-{len(self._glyphs) + 1}"), _place(x, y, scale)
            )
            for outline, x, y, scale in drawing.glyphs
            if outline
        ]
        rules = Markup('<path d="{}"/>').format(drawing.rules) if drawing.rules else Markup("")
        return Markup('<g id="{}">{}{}</g>').format(name, Markup("").join(parts), rules)


def _place(x: float, y: float, scale: float) -> str:
    """Return an SVG transform."""
    moved = f"translate({_short(x)} {_short(y)})"
    return moved if scale == 1 else f"{moved}scale({scale:.3g})"


def for_mathtext(latex: str) -> str:
    """Return `latex` with the words that mathtext does not know replaced by ones that it does."""
    latex = re.sub(r"\\(?:text|mbox|textrm)\{([^{}$]*)\}", _upright, latex)
    for pattern, replacement in _WORDS:
        latex = re.sub(pattern, replacement, latex)
    return " ".join(latex.split())


def _upright(found: re.Match[str]) -> str:
    """Return words in upright type, with their spaces kept."""
    return r"\mathrm{" + found[1].replace(" ", r"\ ") + "}"


def _as_code(latex: str) -> Markup:
    return Markup('<code class="formula">{}</code>').format(latex)


def _open_svg(latex: str, drawing: Drawing) -> Markup:
    pad = 4.0
    top = drawing.height - drawing.descent + pad
    width, height = drawing.width + 2 * pad, drawing.height + 2 * pad
    return Markup(
        '<svg class="formula" role="img" aria-label="{}" viewBox="{} {} {} {}" '
        'style="width:{}em;height:{}em;vertical-align:{}em">'
    ).format(
        escape(latex),
        _short(-pad),
        _short(-top),
        _short(width),
        _short(height),
        f"{width / _SIZE:.3f}",
        f"{height / _SIZE:.3f}",
        f"{-(drawing.descent + pad) / _SIZE:.3f}",
    )


def _outline(vertices: Any, codes: Any) -> str:
    """Return path data; y is flipped, coordinates to a tenth of a unit."""
    words: list[str] = []
    points = np.asarray(vertices, dtype=float).reshape(-1, 2) * (1, -1)
    kinds = np.asarray(codes).tolist()
    index = 0
    while index < len(points):
        if kinds[index] == int(Path.CLOSEPOLY):
            words.append("Z")
            index += 1
            continue
        letter, count = _PATH_CODES.get(kinds[index], ("", 1))
        if letter:
            words.append(letter + " ".join(_short(value) for value in points[index : index + count].ravel()))
        index += count
    return "".join(words)


def _short(value: float) -> str:
    text = f"{value:.1f}"
    text = text[:-2] if text.endswith(".0") else text
    return "0" if text == "-0" else text
