"""Formulas of the site: LaTeX to inline SVG by `gsae_theory.report.mathsvg`, at build time."""

from __future__ import annotations

import html
import re

from gsae_theory.report.mathsvg import draw, math_svg

INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
DISPLAY = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)

# What the pages write beyond what mathsvg translates.
WORDS = (
    (r"\\operatorname\{(\w+)\}", r"\\mathrm{\1}"),
    (r"\\lVert|\\rVert", r"\\|"),
    (r"\\tfrac(\d)(\d)", r"\\frac{\1}{\2}"),
    (r"\\bar(\\[a-zA-Z]+)", r"\\bar{\1}"),
)


def drawn(page: str, text: str) -> tuple[str, list[str]]:
    """Return the HTML of a page with its formulas drawn, and the formulas that could not be."""
    failed: list[str] = []

    def one(found: re.Match[str]) -> str:
        latex = " ".join(html.unescape(found[1]).split())
        for pattern, replacement in WORDS:
            latex = re.sub(pattern, replacement, latex)
        if draw(latex) is None:
            failed.append(f"{page}: {latex}")
        return str(math_svg(latex))

    text = DISPLAY.sub(lambda found: f'<div class="formula-line">{one(found)}</div>', text)
    return INLINE.sub(one, text), failed
