r"""A theorem as LaTeX to paste: a ``theorem`` environment, the definitions of its constants, a table of values."""

from __future__ import annotations

import re
from collections.abc import Mapping

import sympy as sp
from sympy.core.function import AppliedUndef

from gsae_theory.errors import InvalidInput
from gsae_theory.theory.quantity import QUANTITIES, Environment, Number
from gsae_theory.theory.spectral_region import REGION_CONSTANTS, rho
from gsae_theory.theory.statement import environment_of, margins_of, symbols_of, value_of
from gsae_theory.theory.symbols import TABLE
from gsae_theory.theory.theorem import Assumption, Theorem
from gsae_theory.theory.typeset.lines import broken, parentheses, shallow
from gsae_theory.theory.typeset.printer import latex_of, negative
from gsae_theory.theory.typeset.prose import letters_of, prose
from gsae_theory.theory.typeset.short_forms import ABBREVIATIONS, FUNCTIONS, short_form
from gsae_theory.theory.typeset.text import escaped, latex_number
from gsae_theory.theory.typeset.width import width_of

WIDTHS = {1: 345.0, 2: 234.0}
"""Width of a line in points: the article class at 10 pt, a narrow column of a two-column paper."""
LEAST = 200.0
PACKAGES = ("amsmath", "amssymb", "amsthm", "booktabs")
_SIGNS = {sp.LessThan: r"\le", sp.GreaterThan: r"\ge", sp.Equality: "="}
_TURNED = {r"\ge": r"\le", ">": "<"}
_RELATION = 14.0
_ITEM = 25.0
_ROWS = 34
"""Lines of a table on one page; a longer table is cut, because ``tabular`` cannot be broken by TeX."""


def to_latex(theorem: Theorem, values: Mapping[str, Number] | None = None, width: float = WIDTHS[1]) -> str:
    r"""Return the theorem as LaTeX to paste: a ``theorem`` environment, definitions, and a table of values.

    Parameters
    ----------
    theorem : Theorem
    values : mapping, optional
        Primitive symbols of an instance; adds a table of constants and margins there.
    width : float
        Width of a line in points, at 10 pt type, at least 200; longer formulas are broken.

    Raises
    ------
    InvalidInput
        If `width` is below 200: there names alone are wider.

    Notes
    -----
    Needs ``amsmath``, ``amssymb``, a ``theorem`` environment (``amsthm``) and ``booktabs`` for the table.
    """
    if not width >= LEAST:
        raise InvalidInput("width", width, f"at least {LEAST:g} points", LEAST)
    label = re.sub(r"[^a-z0-9]+", "-", theorem.id)
    names = letters_of(theorem.id)
    lines = [
        rf"\begin{{theorem}}[{{{prose(theorem.title, names)}}}]\label{{thm:{label}}}",
        f"% {theorem.id}, {theorem.source}",
        r"\sloppy",
    ]
    if theorem.hypotheses:
        lines += ["Assume", r"\begin{enumerate}"]
        lines += [line for item in theorem.hypotheses for line in _hypothesis(item, width - _ITEM, names)]
        lines += [r"\end{enumerate}", "Then"]
    relation = theorem.conclusion
    lines += _display(latex_of(relation.lhs), _SIGNS[type(relation)], short_form(relation.rhs), width)
    lines += [prose(theorem.statement, names), r"\end{theorem}"]
    rows = definitions(theorem)
    if rows:
        lines += ["", r"\noindent Constants:", *_aligned(rows, width)]
    if values is not None:
        lines += ["", *_tables(theorem, environment_of(values), width)]
    return "\n".join(lines) + "\n"


def standalone(body: str, columns: int = 1) -> str:
    """Return a whole document around what `to_latex` returns.

    Parameters
    ----------
    body : str
    columns : {1, 2}
    """
    head = [
        r"\documentclass[10pt]{article}",
        *(rf"\usepackage{{{name}}}" for name in PACKAGES),
        r"\newtheorem{theorem}{Theorem}",
    ]
    if columns == 2:
        head += [rf"\setlength{{\textwidth}}{{{2 * WIDTHS[2] + 18:.0f}pt}}", r"\setlength{\columnsep}{18pt}",
                 r"\setlength{\oddsidemargin}{-8pt}", r"\twocolumn"]  # fmt: skip
    return "\n".join([*head, r"\begin{document}", body + r"\end{document}", ""])


# --- Hypotheses and conclusion --------------------------------------------------------------------------


def inequality(item: Assumption) -> tuple[sp.Expr, str, sp.Expr]:
    """Return the hypothesis as left side, relation, right side: what is subtracted in its margin stands alone."""
    sign = ">" if item.strict else r"\ge"
    margin = short_form(item.margin)
    minus = [term for term in sp.Add.make_args(margin) if negative(term)]
    less = -sp.Add(*minus)
    more = sp.Add(*(term for term in sp.Add.make_args(margin) if not negative(term)))
    if not minus:
        return margin, sign, sp.S.Zero
    if less.is_number:
        return more, sign, less
    return less, _TURNED[sign], more


def _hypothesis(item: Assumption, width: float, names: Mapping[str, str]) -> list[str]:
    left, sign, right = inequality(item)
    text = f"{latex_of(left)} {sign} {latex_of(right)}"
    words = prose(item.statement, names)
    if width_of(text, display=False) <= 0.6 * width and r"\begin" not in text:
        return [rf"  \item {words}: \( {text} \)."]
    return [
        rf"  \item {words}:",
        *(f"  {line}" for line in _display(latex_of(left), sign, right, width, left)),
    ]


def _display(left: str, sign: str, right: sp.Expr, width: float, whole: sp.Expr | None = None) -> list[str]:
    """Return a displayed relation, over as many lines as it needs; `whole` is the left side if it may be broken."""
    text = f"{left} {sign} {latex_of(right)}"
    if width_of(text) <= width - 8:
        return [rf"\[ {text}. \]"]
    if width_of(left) < 0.35 * width:
        lines = broken(right, width - width_of(left) - _RELATION - 8)
        lines = [f"{left} &{sign} {lines[0]}", *(rf"&{shallow(line)}" for line in lines[1:])]
    else:
        first = [left] if whole is None else broken(whole, width - 8)
        rest = broken(right, width - 2 * _RELATION - 8)
        if width_of(first[-1]) + width_of(rest[0]) + _RELATION + 8 <= width:
            first[-1] += f" {sign} {rest[0]}"
        else:
            first.append(rf"\quad {{}}{sign} {rest[0]}")
        lines = [f"& {shallow(line)}" for line in [*first, *(rf"\quad {line}" for line in rest[1:])]]
    return [r"\begin{align*}", *_rows(lines), r"\end{align*}"]


def _rows(lines: list[str]) -> list[str]:
    return [f"  {line} \\\\" for line in lines[:-1]] + [f"  {lines[-1]}."]


# --- Definitions ----------------------------------------------------------------------------------------


def definitions(theorem: Theorem) -> list[tuple[str, sp.Expr, str]]:
    """Return what the theorem's symbols stand for, each after what it is made of.

    Returns
    -------
    list of tuple
        Name as LaTeX, short form of what it is, and a remark: what an implicit constant solves, the range of
        an extremum, otherwise nothing.
    """
    rows: dict[str, tuple[str, sp.Expr, str]] = {}
    seen: set[str] = set()

    def visit(expr: sp.Basic) -> None:
        symbols = sorted(expr.free_symbols, key=lambda item: item.name)
        heads = sorted({node.func.__name__ for node in expr.atoms(AppliedUndef)} & set(FUNCTIONS))
        for name, symbol in [(symbol.name, symbol) for symbol in symbols] + [(head, None) for head in heads]:
            if name in seen:
                continue
            seen.add(name)
            row = _definition(name, symbol)
            if row is not None:
                visit(row[1])
                if not row[0].startswith((r"\sqrt", r"\min", "(")):  # a name that says what it is
                    rows[name] = row

    for item in theorem.hypotheses:
        visit(short_form(item.margin))
    visit(short_form(theorem.conclusion))
    return list(rows.values())


def _definition(name: str, symbol: sp.Symbol | None) -> tuple[str, sp.Expr, str] | None:
    if symbol is None:
        function = FUNCTIONS[name]
        return latex_of(function.head(*function.arguments)), function.short, ""
    if symbol in ABBREVIATIONS:
        return latex_of(symbol), ABBREVIATIONS[symbol].expr, ""
    if name in REGION_CONSTANTS:
        constant = REGION_CONSTANTS[name]
        low, high = (latex_of(end) for end in constant.interval)
        return (
            latex_of(symbol),
            short_form(constant.integrand),
            rf"\{constant.kind}_{{{low} \le {latex_of(rho)} \le {high}}}",
        )
    if name in QUANTITIES and name in TABLE:
        quantity = QUANTITIES[name]
        return latex_of(symbol), short_form(quantity.expr), "=0" if quantity.implicit else ""
    return None


def _aligned(rows: list[tuple[str, sp.Expr, str]], width: float) -> list[str]:
    """Return definitions below each other, aligned at = where the names leave room for the formulas."""
    widest = max(width_of(left) for left, _, remark in rows if remark != "=0")
    narrow = widest <= 0.25 * width
    lines: list[str] = []
    for left, expr, remark in rows:
        lines += _defined(left, expr, remark, width - 8, widest if narrow else None)
    return [
        r"\begingroup\allowdisplaybreaks",
        r"\begin{align*}",
        *_rows(lines),
        r"\end{align*}",
        r"\endgroup",
    ]


def _defined(left: str, expr: sp.Expr, remark: str, width: float, column: float | None) -> list[str]:
    name = f"{left} &= " if column is not None else f"& {left} = "
    room = width - _RELATION - (column if column is not None else width_of(left))
    if remark == "=0":
        name, room = (f"{left}:\\ &\\ " if column is not None else f"& {left}:\\ "), room - 2 * _RELATION
    elif remark:
        name += remark + " "
        lines = broken(expr, room - width_of(remark) - 12)
        if len(lines) > 1:
            lines = parentheses(lines)
        elif isinstance(expr, sp.Add):
            lines = [rf"\left({lines[0]}\right)"]
    if not remark or remark == "=0":
        lines = broken(expr, room)
    if remark == "=0":
        lines[-1] += " = 0"
    return [name + lines[0], *(f"& {shallow(line)}" for line in lines[1:])]


# --- Values ---------------------------------------------------------------------------------------------


def _tables(theorem: Theorem, environment: Environment, width: float) -> list[str]:
    rows = _values(theorem, environment, 0.25 * width)
    if not rows:
        return []
    middle = width - 30 - max(_cell(name) for name, _, _ in rows) - max(_cell(value) for _, _, value in rows)
    per_line = middle / 5.4
    lines: list[str] = []
    used = _ROWS
    for name, meaning, value in rows:
        height = 1 + int(len(meaning) // per_line)
        if used + height > _ROWS:
            lines += [*_closed(lines), *_opened(middle)]
            used = 0
        used += height
        lines.append(rf"  {name} & \raggedright {meaning} & {value} \\")
    return [*lines, r"  \bottomrule", r"\end{tabular}"]


def _values(theorem: Theorem, environment: Environment, most: float) -> list[tuple[str, str, str]]:
    """Return symbol, meaning and value as LaTeX; a symbol wider than `most` stands before its meaning."""
    rows = []
    for symbol in symbols_of(theorem):
        value = value_of(symbol, environment)
        if value is not None:
            quantity = QUANTITIES.get(symbol.name)
            meaning = prose(
                (quantity and quantity.meaning) or TABLE[symbol.name].meaning, letters_of(theorem.id)
            )
            name = rf"\( {latex_of(symbol)} \)"
            wide = _cell(name) > most
            rows.append(
                ("" if wide else name, f"{name}: {meaning}" if wide else meaning, latex_number(value))
            )
    for row in margins_of(theorem, environment):
        if row["margin"] is not None:
            rows.append(("margin", escaped(str(row["id"])), latex_number(row["margin"])))
    return rows


def _cell(text: str) -> float:
    return width_of(text[3:-3], display=False) if text.startswith(r"\(") else 5.4 * len(text)


def _closed(lines: list[str]) -> list[str]:
    return [r"  \bottomrule", r"\end{tabular}", ""] if lines else []


def _opened(middle: float) -> list[str]:
    head = rf"\noindent\begin{{tabular}}{{@{{}}lp{{{middle:.0f}pt}}r@{{}}}}"
    return [head, r"  \toprule", r"  symbol & meaning & value \\", r"  \midrule"]
