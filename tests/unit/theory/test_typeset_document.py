"""Theorems in print: short forms stand for the expressions, lines fit, nothing of a formula is lost."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable

import pytest
import sympy as sp

from gsae_theory.errors import InvalidInput
from gsae_theory.falsify.run import Runner
from gsae_theory.theory import THEOREMS, get_theorem
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.spectral_region import REGION_CONSTANTS
from gsae_theory.theory.symbols import delta, dist, lam, m1, s
from gsae_theory.theory.typeset.document import LEAST, WIDTHS, definitions, inequality, standalone, to_latex
from gsae_theory.theory.typeset.lines import broken, shallow
from gsae_theory.theory.typeset.printer import latex_of
from gsae_theory.theory.typeset.short_forms import FUNCTIONS, P_of, short_form, written_out
from gsae_theory.theory.typeset.width import width_of

ALL = {f"{name}": item.expr for name, item in QUANTITIES.items()}
ALL |= {name: theorem.conclusion.rhs for name, theorem in THEOREMS.items()}
ALL |= {f"{name} integrand": item.integrand for name, item in REGION_CONSTANTS.items()}


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_short_form_stands_for_exactly_the_expression(name: str) -> None:
    """Catches an abbreviation that drops a term, and P printed at another point than the bound takes it."""
    again = written_out(short_form(ALL[name]))
    assert again == ALL[name] or sp.expand(again - ALL[name]) == 0


def test_functions_in_print_are_those_of_the_theory() -> None:
    """Catches a printed definition (a = d(J_2 - tau J_1), P = P_1 + ..) that is not the function it names."""
    for name, item in FUNCTIONS.items():
        right = written_out(item.short)
        if name == "P_of":
            right = right.xreplace(
                {QUANTITIES[f"P{i}"].symbol: QUANTITIES[f"P{i}"].expr for i in range(1, 10)}
            )
        assert right == item.expr(*item.arguments), name
    step = short_form(get_theorem("general.step").conclusion.rhs)
    assert len(latex_of(step)) < 600
    assert step.atoms(P_of)


def names_of(latex: str) -> Counter[str]:
    """Return how often each name, + and - occurs in a formula, whatever its layout."""
    text = re.sub(
        r"\\(left|right|quad|times|,|bigg?[lr]|begin\{\w+\}(\[t\])?|end\{\w+\}|sqrt|d?frac|cdot)(?![a-z])",
        " ",
        latex,
    )
    found = re.findall(r"\\[a-zA-Z|]+|[a-zA-Z]|[+-]", text.replace("\\\\", " "))
    return Counter(found)


@pytest.mark.parametrize("room", [300.0, 130.0])
def test_breaking_loses_nothing(room: float) -> None:
    """Catches a factor, a term or a sign that is dropped or doubled where a line ends."""
    for name, expr in ALL.items():
        form = short_form(expr)
        lines = [shallow(line) for line in broken(form, room)]
        assert names_of(" ".join(lines)) == names_of(latex_of(form)), name


def test_lines_end_where_a_reader_expects_it() -> None:
    """Catches lines without indent, a + lost as a sign, and a parenthesis opened by one size and closed by another."""
    expr = sum(sp.Symbol(f"x_{i}", positive=True) for i in range(20))
    lines = broken(expr, 120.0)
    assert len(lines) > 2
    assert all(line.startswith(r"\quad {}+ ") for line in lines[1:])
    assert max(map(width_of, lines)) <= 120
    product = broken(lam * (expr + sp.Symbol("y")) ** 2, 120.0)
    assert "".join(product).count(r"\bigl(") == "".join(product).count(r"\bigr)") == 1


def test_the_inequality_of_a_hypothesis_is_that_of_its_margin() -> None:
    """Catches a relation turned the wrong way: right minus left (or left minus right) is the margin."""
    for theorem in THEOREMS.values():
        for item in theorem.hypotheses:
            left, sign, right = inequality(item)
            difference = left - right if sign in (">", r"\ge") else right - left
            assert sp.expand(written_out(difference) - item.margin) == 0
            assert ("=" in sign or "e" in sign) is not item.strict


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("name", sorted(THEOREMS))
def test_no_line_of_a_formula_is_long(name: str, columns: int) -> None:
    """Catches a formula of thousands of characters on one line, without TeX: the estimate of every line is below the width."""
    for line in to_latex(THEOREMS[name], width=WIDTHS[columns]).splitlines():
        formula = re.search(r"^\s*\\\[(.*)\\\]$|^(?=.*&)\s*(.*?)(?:\\\\|\.)$", line)
        if formula is None or r"\begin{cases}" in line or "tabular" in line:
            continue
        body = (formula[1] or formula[2]).replace("&", "")
        assert width_of(body) <= WIDTHS[columns], line
        assert len(line) <= 420, line


def test_what_a_theorem_uses_is_defined_before() -> None:
    """Catches P without its terms, an abbreviation that nothing defines, a definition after its first use."""
    rows = definitions(get_theorem("general.step"))
    names = [left for left, _, _ in rows]
    assert names.index(r"P_9") < names.index(
        r"P\left(t,D,Q,O \right)".replace(r"P\left", r"P{\left").replace(r"\right)", r"\right)}")
    )
    assert names.index("U") < names.index("P_1")
    assert len(names) == len(set(names))
    K = {left: remark for left, _, remark in definitions(get_theorem("gamma1.monotone"))}
    assert K["K_{1b}"].startswith(r"\min_{")


def test_a_width_that_holds_no_name_is_refused() -> None:
    """Catches a width in centimetres, and one that is not a number."""
    for width in (8.6, float("nan"), -1.0):
        with pytest.raises(InvalidInput) as refused:
            to_latex(get_theorem("gamma1.ball"), width=width)
        assert str(int(LEAST)) in str(refused.value)
    assert get_theorem("gamma1.ball").to_latex(width=LEAST) != get_theorem("gamma1.ball").to_latex()


def test_the_estimate_of_a_width() -> None:
    """Catches scripts and fractions that count nothing, or twice (widths in points as TeX sets them)."""
    for latex, true in (
        (r"\operatorname{dist}_g(W^+)", 48.0), (latex_of((m1 * s - lam) / delta), 48.6), ("x", 5.7),
        (r"\sqrt{\frac{m_2 q}{d}}", 26.0), (latex_of(dist**2), 41.0),
    ):  # fmt: skip
        assert 0.9 * true - 1 <= width_of(latex) <= 1.3 * true + 4, (latex, width_of(latex))


@pytest.fixture(scope="module")
def overfull(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], list[str]]:
    """Return the lines of TeX's log on boxes more than 5 pt too wide, of all theorems with their tables."""
    values = {
        room: Runner().context(where).env for room, where in (("general", "two-blocks"), ("", "near-scale"))
    }

    def run(columns: int) -> list[str]:
        body = "\n\n".join(
            rf"\typeout{{{name}}}"
            + to_latex(item, values["general" if name.startswith("general") else ""], WIDTHS[columns])
            for name, item in THEOREMS.items()
        )
        folder = tmp_path_factory.mktemp(f"columns{columns}")
        (folder / "all.tex").write_text(standalone(body, columns), encoding="utf-8")
        done = subprocess.run(
            ["pdflatex", "-draftmode", "-halt-on-error", "-interaction=nonstopmode", "all.tex"],
            cwd=folder, capture_output=True, text=True, errors="replace", timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:]
        return [
            line for line in done.stdout.splitlines() if re.search(r"Overfull .*\((\d{2,}|[5-9])\.", line)
        ]

    return run


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here: the LaTeX is not compiled")
@pytest.mark.parametrize("columns", [1, 2])
def test_nothing_runs_over_the_margin(columns: int, overfull: Callable[[int], list[str]]) -> None:
    """Catches formulas and tables wider than the line they were broken for, as TeX measures them."""
    assert overfull(columns) == []
