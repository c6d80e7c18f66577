"""HTML fragments for notebooks and `gsae theorem --html`: formulas as SVG, without network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from gsae_theory.report.mathsvg import MathSheet
from gsae_theory.theory.quantity import Number
from gsae_theory.theory.statement import LONG, statement
from gsae_theory.theory.theorem import Theorem
from gsae_theory.theory.typeset.printer import latex_of


def table_html(head: Sequence[str], rows: Sequence[Sequence[Any]], caption: str = "") -> str:
    """Return a table; cells are escaped unless they are Markup."""
    top = Markup("").join(Markup('<th scope="col">{}</th>').format(item) for item in head)
    body = Markup("\n").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<td>{}</td>").format(_cell(item)) for item in row)
        )
        for row in rows
    )
    title = Markup("<caption>{}</caption>").format(caption) if caption else Markup("")
    return str(
        Markup("<table>{}<thead><tr>{}</tr></thead><tbody>\n{}\n</tbody></table>").format(title, top, body)
    )


def _cell(item: Any) -> Any:
    if isinstance(item, Markup):
        return item
    if isinstance(item, bool) or item is None:
        return {True: "yes", False: "no", None: "–"}[item]
    return f"{item:.6g}" if isinstance(item, float) else escape(item)


def theorem_html(theorem: Theorem, values: Mapping[str, Number] | None = None) -> str:
    """Return a theorem as an HTML fragment: statement, hypotheses, conclusion and constants.

    Parameters
    ----------
    theorem : Theorem
    values : mapping, optional
        Primitive symbols of an instance (``Context.env``): adds values and margins.
    """
    math = MathSheet()
    data = statement(theorem, values)
    margins = {row["id"]: row for row in data.get("margins", [])}
    evaluated = values is not None

    def formula(latex: str) -> Markup:
        return (
            math(latex)
            if len(latex) <= LONG
            else Markup("<details><summary>formula</summary>{}</details>").format(math(latex))
        )

    def words(text: str) -> Markup:
        return math.words(text, theorem.id)

    hypotheses = [
        [item["id"], words(item["statement"]), formula(item["latex"]),
         *((margins[item["id"]]["margin"], margins[item["id"]]["holds"]) if evaluated else ())]
        for item in data["hypotheses"]
    ]  # fmt: skip
    constants = [
        [Markup("<code>{}</code>").format(row["name"]), math(row["latex"]), words(row["meaning"]),
         formula(row["formula"]) if row["formula"] else "", *((row["value"],) if evaluated else ())]
        for row in data["symbols"]
    ]  # fmt: skip
    more, value = (("margin", "holds"), ("value",)) if evaluated else ((), ())
    body = Markup(
        "<h3>{title} <code>{id}</code></h3>\n<p>{words} <em>({source})</em></p>\n{hypotheses}\n<p>{conclusion}</p>\n{constants}"
    ).format(
        title=words(data["title"]), id=data["id"], words=words(data["statement"]), source=data["source"],
        hypotheses=Markup(table_html(("hypothesis", "in words", "formula", *more), hypotheses)),
        conclusion=formula(latex_of(theorem.conclusion)),
        constants=Markup(table_html(("name", "symbol", "meaning", "formula", *value), constants)),
    )  # fmt: skip
    return str(Markup('<div class="gsae">{}{}</div>\n').format(math.definitions(), body))
