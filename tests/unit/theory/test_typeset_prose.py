"""Mathematics in plain text, set as mathematics: nothing lost, nothing moved, words stay words."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from gsae_theory.report.mathsvg import draw
from gsae_theory.theory import THEOREMS
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.symbols import TABLE
from gsae_theory.theory.typeset.prose import pieces, prose
from gsae_theory.theory.typeset.tokens import tokens_of
from gsae_theory.theory.typeset.vocabulary import GREEK, table_names

TEXTS = sorted(
    {text for item in THEOREMS.values() for text in (item.title, item.statement)}
    | {hypothesis.statement for item in THEOREMS.values() for hypothesis in item.hypotheses}
    | {entry.meaning for entry in TABLE.values()}
    | {item.meaning for item in QUANTITIES.values()}
)
BACK = {
    r"\le": "<=", r"\ge": ">=", r"\ne": "!=", r"\to": "->", r"\gets": "<-", r"\in": "in", r"\subset": "in",
    r"\langle": "<", r"\rangle": ">", r"\|": "||", r"\mid": "|", r"\top": "T", r"\Gamma": "G", r"\infty": "inf",
    r"\nabla": "grad", r"\setminus": "minus", r"\times": "x", r"\varepsilon": "eps", r"\epsilon": "epsilon",
    r"\{": "{", r"\}": "}", r"\ell": "l", r"\varrho": "rho", r"\vartheta": "tau", r"\allowbreak": "",
}  # fmt: skip
"""What the LaTeX means, written independently of the vocabulary that made it."""


def bare(text: str) -> str:
    """Return text without what only layout adds: spaces, braces, stars (s is printed s_*), bars over a name."""
    text = re.sub(r"\bbar", "", re.sub(r"[\s{}*_\\]|\\,", "", text))
    text = (
        text.replace("kappa", "kap")
        .replace("lambda", "lam")
        .replace("ell", "l")
        .replace("omega", "om")
        .replace("Gamma", "G")
    )
    return text.replace("^+", "+")  # W+ is printed with the sign raised


def roots(latex: str) -> str:
    """Return LaTeX in which every root is written sqrt(..)."""
    while (start := latex.find(r"\sqrt{")) >= 0:
        depth, place = 1, start + 6
        while depth:
            depth += {"{": 1, "}": -1}.get(latex[place], 0)
            place += 1
        latex = f"{latex[:start]}sqrt({latex[start + 6 : place - 1]}){latex[place:]}"
    return latex


def meaning(latex: str) -> str:
    """Return what a piece of LaTeX says as plain text."""
    latex = re.sub(r"\\sqrt\s*(\\\w+|\w)", r"\\sqrt{\1}", latex)
    latex = re.sub(
        r"\\ensuremath\{(.)\}|\\(?:text|texttt|mathrm|operatorname)\{([^{}]*)\}", r"\1\2", roots(latex)
    )
    latex = re.sub(r"\\(?:bar|hat|underline|overline)(?![a-zA-Z])", "", latex)
    latex = re.sub(r"\\\(|\\\)", "", latex.replace(r"\^{}", "^").replace(r"\_", "_"))
    latex = re.sub(r"\\(?:[a-zA-Z]+|[|{}])", lambda found: BACK.get(found[0], found[0][1:]) + " ", latex)
    return bare(latex)


def plain(text: str) -> str:
    """Return a source text in the same form; the code's own names are those of the symbol table."""
    text = re.sub(r"sqrt (\w)", r"sqrt(\1)", text).replace("`", "")

    def named(found: re.Match[str]) -> str:
        latex = TABLE[found[0]].latex
        called = "(" in latex and text[found.end() : found.end() + 1] == "("  # sigma_min(A): any matrix's
        return found[0] if called else f" {latex} "

    latex = re.sub(rf"(?<![A-Za-z_]){table_names().pattern}", named, text)
    latex = re.sub(r"(?<![A-Za-z\\])(fro|sm|rhobar|jbar|Lip)(?![A-Za-z])", lambda found: {
        "fro": "F", "sm": r"\sqrt{m_2/d}", "rhobar": "rho", "jbar": r"\jmath", "Lip": "Lip"}[found[0]], latex)  # fmt: skip
    return meaning(latex)


@pytest.mark.parametrize("text", TEXTS)
def test_nothing_is_lost_or_moved(text: str) -> None:
    """Catches a token that is dropped, doubled, translated into another symbol, or printed out of its place."""
    assert meaning(prose(text)) == plain(text)
    assert "".join(token.text for token in tokens_of(text)) == text
    assert prose(text).count("_*") >= text.count("*")


@pytest.mark.parametrize("text", TEXTS)
def test_words_stay_words_and_mathematics_becomes_mathematics(text: str) -> None:
    """Catches words set as products of letters, and Greek names, subscripts and relations left as text."""
    for is_math, body in pieces(text):
        if is_math:
            letters = re.sub(r"\\(?:text|mathrm|operatorname)\{[^{}]*\}|\\[a-zA-Z]+", " ", body)
            assert not re.search(r"[A-Za-z]{4,}", letters), body
            assert body.count("(") == body.count(")"), body
            assert body.count("{") == body.count("}"), body
        else:
            assert body not in GREEK, body
            assert "`" in body or not re.search(r"[_^<>*]", body), body


@pytest.mark.parametrize("text", TEXTS)
def test_the_page_can_draw_it(text: str) -> None:
    """Catches LaTeX that needs more than the setter of the HTML page knows."""
    for is_math, body in pieces(text):
        if is_math:
            assert draw(body) is not None, body


def test_examples() -> None:
    """Catches each rule by a text whose right form is plain to see."""
    for text, latex in (
        ("a group g", r"a group \( g \)"),
        ("A statement on A", r"A statement on \( A \)"),
        ("1/(2 + a)", r"\( 1/(2 + a) \)"),
        ("grad L(sA Q) at s*", r"\( \nabla L(s_*A Q) \) at \( s_* \)"),
        ("at s = s*", r"at \( s = s_* \)"),
        ("W+; s", r"\( W^+ \); \( s_* \)"),
        ("(H2) and (d = 1: odd)", r"(H2) and (\( d = 1 \): odd)"),
        ("<g, x> >= 0", r"\( \langle g,\allowbreak x\rangle \ge 0 \)"),
        ("P(no unit | R)", r"\( P(\text{no unit}\mid R) \)"),
        ("sqrt(2(1-mu)) and sqrt d", r"\( \sqrt{2(1-\mu)} \) and \( \sqrt{d} \)"),
        ("zero of F' in (1, inf)", r"zero of \( F' \) in \( (1,\allowbreak \infty) \)"),
        ("g in S; rho in [0, s]", r"\( g \in S \); \( \rho \in [0,\allowbreak s_*] \)"),
        ("the paper's 5% & more", r"the paper's 5\% \& more"),
        (r"a \command{x} $1$", r"a \textbackslash{}command\( \{x\} \) \$1\$"),
    ):
        assert prose(text) == latex


def test_letters_of_a_room() -> None:
    """Catches the relative threshold of gamma1 printed like the frame constant of the general theory."""
    assert prose("v/(2s* - a)", {"a": r"\bar a", "v": r"\bar v"}) == r"\( \bar v/(2s_* - \bar a) \)"


PARTS = (
    "a", "A", "s", "s*", "dist_g", "kappa0", "B_max", "W+", "F'", "_1", "^2", "^T", "_{g h}", "sqrt", "sqrt(", "(", ")",
    "[", "]", "{", "}", "||", "|", "<", ">", "<=", "->", "!=", "=", "+", "-", "/", ",", ";", ".", "word", "50%", "&", "#",
    "$", "\\", "~", "`code_1`", "ü", "in", "max", "x_1_2", "theta", "E[", "P(", "1", "2.5", "_", "^", "'", "*",
)  # fmt: skip


def random_texts(count: int) -> list[str]:
    """Return texts of parts in any order: what a claim of a user's own may contain."""
    rng = np.random.default_rng(20261126)
    return [
        "".join(rng.choice(PARTS) + " " * int(rng.integers(2)) for _ in range(rng.integers(1, 12)))
        for _ in range(count)
    ]


def test_any_text_is_covered() -> None:
    """Catches a text that stops the tokenizer, or leaves braces open."""
    for text in random_texts(3000):
        assert "".join(token.text for token in tokens_of(text)) == text
        latex = re.sub(r"\\[{}]", "", prose(text))
        assert latex.count("{") == latex.count("}"), text


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here: the LaTeX is not compiled")
def test_any_text_compiles(tmp_path: Path) -> None:
    """Catches a double subscript, an unescaped character, a command of text mode within mathematics."""
    body = "\n\n".join(prose(text) for text in [*random_texts(1500), *TEXTS])
    head = r"\documentclass{article}\usepackage{amsmath,amssymb}\begin{document}\sloppy"
    (tmp_path / "any.tex").write_text(f"{head}\n{body}\n\\end{{document}}\n", encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-draftmode", "-halt-on-error", "-interaction=nonstopmode", "any.tex"],
        cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-1500:]
    assert "invalid in math mode" not in done.stdout
