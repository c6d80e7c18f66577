r"""How wide LaTeX will be: widths of Computer Modern at 10 pt, so that formulas can be broken before TeX sees them.

TeX itself is not asked: the package prints LaTeX on machines that have none. The estimate leans to the wide
side, which costs a line now and then and no formula that runs into the next column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r"\\begin\{\w+\*?\}|\\end\{\w+\*?\}|\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL)
_SCALE = (1.0, 1.0, 0.8, 0.7)
"""Size by style: display, text, script, script of a script (7 and 5 pt fonts are wide for their size)."""
_LETTER = {
    "narrow": ("fijlrtI", 4.6), "wide": ("mwMWHKNX", 9.9), "capital": ("ABCEFGLPQRSTUVYZJ", 7.9),
    "round": ("DO", 8.7),
}  # fmt: skip
_WIDTHS = {letter: width for letters, width in _LETTER.values() for letter in letters}
_WIDTHS |= dict.fromkeys("0123456789", 5.0) | dict.fromkeys("()[]", 3.9)
_WIDTHS |= dict.fromkeys("+-", 12.3) | dict.fromkeys("=<>", 13.4) | {",": 4.5, ";": 4.5, ".": 2.8, ":": 6.0}
_WIDTHS |= {"|": 2.8, "/": 5.0, "'": 3.2, "*": 5.0, "!": 2.8}
_COMMANDS = {
    r"\le": 13.4, r"\ge": 13.4, r"\leq": 13.4, r"\geq": 13.4, r"\ne": 13.4, r"\to": 15.6, r"\in": 12.3,
    r"\mid": 8.4, r"\cdot": 7.3, r"\times": 12.3, r"\wedge": 11.2, r"\|": 5.0, r"\langle": 3.9, r"\rangle": 3.9,
    r"\,": 1.7, r"\:": 2.3, r"\;": 2.8, r"\quad": 10.0, r"\qquad": 20.0, r"\ ": 3.4, r"\max": 19.5, r"\min": 18.0,
    r"\sup": 18.0, r"\log": 14.6, r"\exp": 17.0, r"\lim": 15.6, r"\limsup": 31.0, r"\liminf": 29.0, r"\sum": 15.0,
    r"\nabla": 8.4, r"\perp": 7.8, r"\infty": 10.0, r"\Gamma": 6.3, r"\Phi": 7.3, r"\Delta": 8.4, r"\Lambda": 7.0,
    r"\Psi": 7.8, r"\Xi": 6.7, r"\omega": 6.6, r"\varpi": 8.6, r"\partial": 6.2, r"\ell": 4.2, r"\top": 7.8,
    r"\parallel": 5.0, r"\pm": 7.8, r"\{": 5.0, r"\}": 5.0, r"\middle": 0.0, r"\epsilon": 4.2, r"\operatorname": 1.7,
    r"\bigl": 0.9, r"\bigr": 0.9, r"\biggl": 3.6, r"\biggr": 3.6, r"\displaystyle": 0.0, r"\limits": 0.0,
}  # fmt: skip
_OTHER = 6.4
_SPACED = {
    "+",
    "-",
    "=",
    "<",
    ">",
    r"\le",
    r"\ge",
    r"\leq",
    r"\geq",
    r"\ne",
    r"\to",
    r"\in",
    r"\cdot",
    r"\times",
}
_ONE_ARGUMENT = {
    r"\bar", r"\hat", r"\tilde", r"\overline", r"\underline", r"\mathrm", r"\mathbb", r"\text", r"\mathtt",
}  # fmt: skip


@dataclass
class _Reader:
    tokens: list[str]
    place: int = 0

    def peek(self) -> str:
        while self.place < len(self.tokens) and self.tokens[self.place].isspace():
            self.place += 1
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.place += 1
        return token

    def argument(self, style: int) -> float:
        """Return the width of a group in braces, or of the next token."""
        token = self.take()
        if token == "{":
            width = self.until({"}"}, style)
            self.take()
            return width
        return self.one(token, style)

    def until(self, ends: set[str], style: int) -> float:
        """Return the width up to a token of `ends`, which stays."""
        width, fresh = 0.0, True
        while (token := self.peek()) and token not in ends:
            self.place += 1
            if fresh and token in "+-":  # a sign, not an operation
                width += 7.8 * _SCALE[style]
            else:
                width += self.one(token, style)
            fresh = token in ("(", ",", "&", "=", r"\le", r"\ge", r"\leq", r"\geq")
        return width

    def one(self, token: str, style: int) -> float:
        """Return the width of what a token begins."""
        scale = _SCALE[style]
        if token == "{":
            width = self.until({"}"}, style)
            self.take()
            return width
        if token in "_^":
            return self._scripts(token, style)
        if token == r"\frac":
            inner = min(style + 1, 3)
            return max(self.argument(inner), self.argument(inner)) + 2.4
        if token == r"\sqrt":
            return self.argument(style) + 10.5 * scale
        if token == r"\left":
            return self._delimited(style)
        if token in (r"\begin{cases}", r"\begin{aligned}"):
            return self._rows(token.replace("begin", "end"), max(style, 1))
        if token in _ONE_ARGUMENT:
            return self.argument(style) + 0.5
        return self._plain(token, style) * scale

    def _scripts(self, token: str, style: int) -> float:
        """Return the width of a sub- and a superscript: they stand above each other."""
        small = min(max(style, 1) + 1, 3)
        first = self.argument(small) + 0.5
        if self.peek() in ("_", "^") and self.peek() != token:
            self.take()
            first = max(first, self.argument(small) + 0.5)
        return first

    def _delimited(self, style: int) -> float:
        start = self.place
        opening = self.take()
        width = self.until({r"\right"}, style)
        tall = any(r"\frac" in token or "cases" in token for token in self.tokens[start : self.place])
        self.take()
        closing = self.take()
        each = 7.2 if tall else 4.6
        return width + each * ((opening != ".") + (closing != ".")) + (3.4 if style < 2 else 0.0)

    def _rows(self, end: str, style: int) -> float:
        columns: dict[int, float] = {}
        column = 0
        while True:
            width = self.until({"&", "\\\\", end}, style)
            columns[column] = max(columns.get(column, 0.0), width)
            token = self.take()
            column = column + 1 if token == "&" else 0
            if token in ("", end):
                return sum(columns.values()) + 10.0 * len(columns) + 9.0

    def _plain(self, token: str, style: int) -> float:
        if style > 1 and token in _SPACED:  # no space around operations in scripts
            return 7.8
        if token.startswith("\\"):
            return _COMMANDS.get(token, _OTHER)
        return _WIDTHS.get(token, 6.0)


@lru_cache(maxsize=8192)
def width_of(latex: str, display: bool = True) -> float:
    """Return the estimated width in points of a formula at 10 pt, in display style or within a line of text."""
    reader = _Reader([token for token in _TOKEN.findall(latex) if token])
    return reader.until({""}, 0 if display else 1)
