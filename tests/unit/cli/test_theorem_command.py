"""`gsae theorem`, `Theorem.to_latex` and what objects show in a notebook."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from gsae_theory import Context, ModelSpec, Setting, build_model, verify
from gsae_theory.cli import main
from gsae_theory.report.mathsvg import draw
from gsae_theory.theory import THEOREMS, get_theorem
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.statement import constants_of, statement, symbols_of
from gsae_theory.theory.typeset.document import to_latex
from gsae_theory.theory.typeset.text import escaped

INSTANCE = ("--dim", "12", "--groups", "3", "--block", "2", "--dictionary", "orthogonal", "--lam", "0.3")


def call(*words: str) -> str:
    result = CliRunner().invoke(main, ["theorem", *words])
    assert result.exit_code == 0, result.output
    return result.output


def unclosed(text: str) -> list[str]:
    """Return the environments that are open at the end, or closed by another name."""
    stack: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+\*?)\}", text):
        if kind == "begin":
            stack.append(name)
        elif not stack or stack.pop() != name:
            return [name]
    return stack


def test_an_unclosed_environment_is_seen() -> None:
    """Catches a check of the environments that passes whatever the text."""
    assert unclosed(r"\begin{a}\begin{b}\end{b}") == ["a"]
    assert unclosed(r"\begin{a}\begin{b}\end{a}\end{b}") == ["a"]
    assert unclosed(r"\begin{a*}\end{a*}") == []


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here: the LaTeX is not compiled")
@pytest.mark.parametrize("columns", ["1", "2"])
def test_a_standalone_document_compiles(tmp_path: Path, columns: str) -> None:
    """Catches a document that lacks a package or an environment that its theorem needs."""
    out = tmp_path / "claim.tex"
    call("general.step", "--latex", "--standalone", "--columns", columns, "--out", str(out), *INSTANCE)
    done = subprocess.run(
        ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", out.name],
        cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "claim.pdf").stat().st_size > 10_000


def test_a_document_is_printed_on_request_only() -> None:
    """Catches a preamble in what is to be pasted, and options that are silently ignored."""
    text = call("gamma1.ball", "--latex", "--standalone")
    assert text.startswith(r"\documentclass")
    assert text.rstrip().endswith(r"\end{document}")
    assert call("gamma1.ball", "--latex") in text
    assert "documentclass" not in call("gamma1.ball", "--latex", "--columns", "2")
    for words in (["--standalone"], ["--html", "--columns", "2"], ["--latex", "--columns", "3"]):
        assert CliRunner().invoke(main, ["theorem", "gamma1.ball", *words]).exit_code == 2
    with_help = CliRunner().invoke(main, ["theorem", "--help"]).output
    assert all(name in with_help for name in ("amsmath", "amssymb", "amsthm", "booktabs"))


@pytest.mark.parametrize("name", sorted(THEOREMS))
def test_the_latex_of_every_claim_is_balanced(name: str) -> None:
    """Catches an unescaped character of a statement and an environment that is not closed."""
    text = to_latex(THEOREMS[name])
    assert unclosed(text) == []
    assert text.count(r"\begin{theorem}") == text.count(r"\end{theorem}") == 1
    plain = re.sub(r"\\[{}]", "", text)
    assert plain.count("{") == plain.count("}")
    words = re.sub(
        r"\\\(.*?\\\)|\\\[.*?\\\]|\\begin\{align\*\}.*?\\end\{align\*\}|%.*?\n|\\label\{.*?\}",
        "",
        text,
        flags=re.S,
    )
    assert not re.search(r"(?<!\\)[_^&#$]", words), words


@pytest.mark.parametrize("name", ["gamma1.contraction", "gamma1.rate.square", "side.soft-floor"])
def test_every_formula_can_be_set(name: str) -> None:
    """Catches LaTeX that a setter refuses: matplotlib's is the one at hand."""
    data = statement(THEOREMS[name])
    for latex in [item["latex"] for item in data["hypotheses"]] + [row["latex"] for row in data["symbols"]]:
        assert draw(latex) is not None, latex


def test_constants_come_after_what_they_are_made_of() -> None:
    """Catches definitions in an order that cannot be read."""
    names = [item.name for item in constants_of(get_theorem("gamma1.contraction"))]
    assert names.index("L_delta") < names.index("eta_max")
    assert names.index("s") < names.index("kap0sq") < names.index("kappa_star")
    for name in THEOREMS:
        order = [item.name for item in symbols_of(get_theorem(name))]
        assert len(order) == len(set(order))
        for item in constants_of(get_theorem(name)):
            below = {symbol.name for symbol in item.expr.free_symbols} & set(order) - {item.name}
            if not item.implicit:
                assert all(order.index(other) < order.index(item.name) for other in below), (name, item.name)


def test_values_at_an_instance_are_those_of_bounds() -> None:
    """Catches a table of another instance: s of R = 1 at lambda = .3 is that of gamma1 Theorem 2."""
    data = json.loads(call("gamma1.contraction", "--json", *INSTANCE))
    values = {row["name"]: row["value"] for row in data["symbols"]}
    assert values["s"] == pytest.approx(0.15 + (1 + 0.15**2) ** 0.5, rel=1e-12)
    assert values["eta_max"] == pytest.approx(2 / (values["L_delta"] + 3.5 * values["kappa_star"]), rel=1e-12)
    assert all(row["holds"] for row in data["margins"])
    latex = call("gamma1.contraction", "--latex", *INSTANCE)
    assert r"\begin{tabular}" in latex
    assert f"{values['s']:.6g}" in latex
    assert r"\begin{tabular}" not in call("gamma1.contraction", "--latex")


def test_html_has_every_hypothesis_and_no_foreign_markup(tmp_path: Path) -> None:
    """Catches a fragment that needs the network, or lets text in as markup."""
    out = tmp_path / "a claim ü.html"
    call("gamma1.contraction", "--html", "--out", str(out), *INSTANCE)
    text = out.read_text(encoding="utf-8")
    for item in get_theorem("gamma1.contraction").hypotheses:
        assert item.id in text
    assert "http" not in text.replace("http://www.w3.org", "")
    assert "<script" not in text
    assert "0 &lt; lambda" not in text  # drawn as a formula, whose LaTeX is the text alternative
    assert r"0 &lt; \lambda &lt; 2 E R" in text


def test_words_and_bad_input() -> None:
    """Catches a plain form without the hypotheses, and contradictory options."""
    text = call("gamma1.contraction")
    assert "support-window" in text
    for words in (
        ["gamma1.contractoin"],
        ["gamma1.contraction", "--latex", "--html"],
        ["gamma1.contraction", "--out", "x"],
    ):
        result = CliRunner().invoke(main, ["theorem", *words])
        assert result.exit_code == 2
    assert "gamma1.contraction" in CliRunner().invoke(main, ["theorem", "gamma1.contractoin"]).output


def test_escaping() -> None:
    """Catches a special character that passes."""
    assert escaped(r"a_b^2 & 50% <x> \y") == (
        r"a\_b\^{}2 \& 50\% \ensuremath{<}x\ensuremath{>} \textbackslash{}y"
    )


def test_objects_show_themselves() -> None:
    """Catches a notebook form that is missing, or that shows markup from a name."""
    model = build_model(ModelSpec(dim=6, groups=2, block=2, dictionary="orthogonal"))
    context = Context(model, Setting(lam=0.3, steps=3))
    verdict = verify("gamma1.ball", model, context=context)
    theorem = get_theorem("gamma1.contraction")
    for item in (theorem, theorem.hypotheses[0], model, verdict, context.trajectory):
        assert "<table>" in item._repr_html_()
        assert item._repr_latex_().startswith("$")
        assert item._repr_latex_().endswith("$")
    assert "HOLDS" in verdict._repr_html_()
    assert QUANTITIES["s"]._repr_latex_().startswith("$")
