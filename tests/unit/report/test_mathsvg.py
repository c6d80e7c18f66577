"""Formulas without network: outlines from mathtext, shared glyphs, LaTeX as text alternative.

Catches: a registered claim that cannot be drawn, markup that breaks out of an attribute, glyphs
defined twice.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
import sympy as sp

from gsae_theory.report.mathsvg import MathSheet, draw, math_svg
from gsae_theory.theory import THEOREMS
from gsae_theory.theory.symbols import latex_names


@pytest.mark.parametrize("name", THEOREMS)
def test_every_conclusion_and_hypothesis_can_be_drawn(name: str) -> None:
    theorem = THEOREMS[name]
    formulas = [sp.latex(theorem.conclusion, symbol_names=latex_names())]
    formulas += [item.latex() for item in theorem.hypotheses]
    assert [latex for latex in formulas if draw(latex) is None] == []


def test_a_formula_is_well_formed_and_keeps_its_latex() -> None:
    latex = r"\frac{\lambda}{\sqrt{m_2}} < \|W_g\|_F & \text{\"quoted\" <b>}"
    for markup in (math_svg(r"\frac{\lambda}{\sqrt{m_2}} < s_*"), math_svg(latex)):
        ET.fromstring(str(markup))
    assert ET.fromstring(str(math_svg(r"a < b"))).attrib["aria-label"] == "a < b"


def test_what_mathtext_cannot_read_comes_out_as_escaped_code() -> None:
    markup = str(math_svg(r"\nosuchcommand{<script>}"))
    assert markup.startswith("<code")
    assert "<script>" not in markup


def test_glyphs_and_formulas_are_defined_once_and_found() -> None:
    sheet = MathSheet()
    used = [str(sheet(latex)) for latex in ("a + b", "a + c", "a + b")]
    assert used[0] == used[2]
    definitions = str(sheet.definitions())
    ids = re.findall(r'id="([^"]+)"', definitions)
    assert len(ids) == len(set(ids))
    wanted = re.findall(r'href="#([^"]+)"', definitions + "".join(used))
    assert set(wanted) <= set(ids)
    outlines = re.findall(r' d="([^"]+)"', definitions)
    assert len(outlines) == len(set(outlines)) == 4  # a, b, c, +
