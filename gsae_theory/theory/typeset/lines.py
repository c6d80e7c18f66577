r"""Formulas broken into lines of a given width: at + and -, then at factors, then inside parentheses.

A line is LaTeX without delimiters that need each other (``\left``, ``\right``), so that lines can stand in
the rows of ``align*``. What is opened on one line and closed on another is a ``\bigl(``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from gsae_theory.theory.typeset.printer import Printer, fraction_parts, latex_of, negative, ordered_terms
from gsae_theory.theory.typeset.width import width_of

INDENT = 10.0
r"""Width of ``\quad``."""
_SIGN = 13.0
_LEAST = 60.0
"""Below this room nothing is broken any more."""


@dataclass(frozen=True)
class _Block:
    """A part of a formula.

    Attributes
    ----------
    lines : list of str
    joint : str
        What stands between the part and the one before it on the same line.
    end, start : str
        The same where a line ends between them: at the end of the one, at the beginning of the other.
    """

    lines: list[str]
    joint: str = ""
    end: str = ""
    start: str = "{}"


def broken(expr: sp.Basic, room: float) -> list[str]:
    r"""Return an expression as lines of at most `room` points, the first without indent, the others with ``\quad``.

    Parameters
    ----------
    expr : sympy expression
    room : float
        Points, at 10 pt type in display style.

    Returns
    -------
    list of str
        LaTeX; one after the other the lines are the whole expression. What cannot be broken (a name, a
        denominator) may be wider than `room`.
    """
    text = latex_of(expr)
    if width_of(text) <= room or room < _LEAST:
        return [text]
    if isinstance(expr, sp.Add):
        return _packed([_term(term, index, room) for index, term in enumerate(ordered_terms(expr))], room)
    if isinstance(expr, sp.Piecewise):
        return [_cases(expr, room)]
    if isinstance(expr, sp.Abs):
        return parentheses(broken(expr.args[0], room - INDENT), marks="||")
    if isinstance(expr, sp.Max | sp.Min | sp.Function):
        return _call(expr, room)
    if isinstance(expr, sp.Pow) and expr.exp.is_positive:
        return _wrapped(expr.base, room, f"^{{{_exponent(expr.exp)}}}")
    if isinstance(expr, sp.Mul | sp.Pow):
        return _product(expr, room)
    return [text]


def _packed(blocks: Sequence[_Block], room: float) -> list[str]:
    """Return blocks one after the other, as many to a line as fit; lines after the first are indented."""
    lines = list(blocks[0].lines[:1]) + _indented(blocks[0].lines[1:])
    for block in blocks[1:]:
        joined = f"{lines[-1]}{block.joint} {block.lines[0]}"
        if width_of(joined) <= room:
            lines[-1] = joined
        else:
            lines[-1] += block.end
            lines.append(rf"\quad {block.start}{block.lines[0]}")
        lines += _indented(_indented(block.lines[1:]))
    return lines


def _indented(lines: Sequence[str]) -> list[str]:
    return [r"\quad " + line for line in lines]


def _term(term: sp.Expr, index: int, room: float) -> _Block:
    minus = negative(term)
    lines = broken(-term if minus else term, room - _SIGN - INDENT)
    if len(lines) == 1:
        lines = [Printer().term(-term if minus else term)] if not isinstance(term, sp.Piecewise) else lines
    sign = "- " if minus else "+ " if index else ""
    return _Block([sign + lines[0], *lines[1:]])


def _exponent(exponent: sp.Expr) -> str:
    return f"{exponent.p}/{exponent.q}" if exponent.is_Rational and exponent.q != 1 else latex_of(exponent)


def _size(lines: Sequence[str]) -> str:
    return "bigg" if any("frac" in line for line in lines) else "big"


def _wrapped(inner: sp.Expr, room: float, after: str = "") -> list[str]:
    """Return lines of an expression in parentheses, with what stands directly after them."""
    return parentheses(broken(inner, room - INDENT - width_of(after)), "", after)


def parentheses(lines: list[str], before: str = "", after: str = "", marks: str = "()") -> list[str]:
    """Return lines in parentheses that need no partner on the same line, with what stands before and after them."""
    size = _size(lines)
    lines = [rf"{before}\{size}l{marks[0]}{lines[0]}", *lines[1:]]
    return [*lines[:-1], rf"{lines[-1]}\{size}r{marks[1]}{after}"]


def shallow(line: str) -> str:
    r"""Return a line whose indent is at most three ``\quad``: deep formulas would leave no room."""
    body = line.replace(r"\quad ", "") if line.startswith(r"\quad ") else line
    depth = min(3, (len(line) - len(line.lstrip("\\quad "))) // len(r"\quad "))
    return r"\quad " * depth + body


def _call(expr: sp.Expr, room: float) -> list[str]:
    """Return lines of a maximum, a minimum or a function, broken after its commas."""
    head = latex_of(expr).split(r"\left(")[0].rstrip(" {")
    inside = room - width_of(head) - INDENT
    arguments = sorted(expr.args, key=sp.default_sort_key) if isinstance(expr, sp.Max | sp.Min) else expr.args
    blocks = [
        _Block(broken(argument, inside - INDENT), joint=",", end=",", start="") for argument in arguments
    ]
    return parentheses(_packed(blocks, inside), head)


def _product(expr: sp.Expr, room: float) -> list[str]:
    """Return lines of a product: its fraction first, then its factors."""
    minus, above, below = fraction_parts(expr)
    if len(above) == 1 and not below:
        lines = _factor(above[0], room - _SIGN)
        return ["- " + lines[0], *lines[1:]] if minus else lines
    blocks: list[_Block] = []
    if below:
        plain = [item for item in above if not isinstance(item.as_base_exp()[0], _BREAKABLE)]
        if width_of(latex_of(sp.Mul(*plain) / sp.Mul(*below))) > room:
            plain = []
        above = [item for item in above if item not in plain]
        blocks.append(_Block([latex_of(sp.Mul(*plain) / sp.Mul(*below))]))
    for factor in above:
        blocks.append(_Block(_factor(factor, room - 2 * INDENT), joint=r"\,", start=r"{}\times "))
    if minus:
        blocks[0] = _Block(["- " + blocks[0].lines[0], *blocks[0].lines[1:]])
    return _packed(blocks, room)


_BREAKABLE = (sp.Add, sp.Max, sp.Min, sp.Piecewise, sp.Function)


def _factor(factor: sp.Expr, room: float) -> list[str]:
    body = Printer().factor(factor, first=False, last=False)
    if width_of(body) <= room:
        return [body]
    return _wrapped(factor, room) if isinstance(factor, sp.Add | sp.Piecewise) else broken(factor, room)


def _cases(expr: sp.Piecewise, room: float) -> str:
    r"""Return a case distinction whose branches are broken by ``aligned``."""
    conditions = [_condition(condition, room / 2) for _, condition in expr.args]
    left = room - 29.0 - max(width_of(text, display=False) for text in conditions)
    rows = [
        f"{_aligned(broken(branch, left))} & {text}"
        for (branch, _), text in zip(expr.args, conditions, strict=True)
    ]
    return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"


def _condition(condition: sp.Basic, room: float) -> str:
    if condition is sp.S.true:
        return r"\text{otherwise}"
    text = latex_of(condition)
    if width_of(text, display=False) > room and isinstance(condition, sp.And):
        parts = [latex_of(part) for part in sorted(condition.args, key=sp.default_sort_key)]
        text = _aligned([parts[0], *(rf"{{}}\wedge {part}" for part in parts[1:])])
    return rf"\text{{for}}\: {text}"


def _aligned(lines: Sequence[str]) -> str:
    if len(lines) == 1:
        return lines[0]
    return r"\begin{aligned}[t] & " + r" \\ & ".join(lines) + r" \end{aligned}"
