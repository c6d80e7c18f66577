"""Plain text with mathematics in it, cut into tokens: what each is, its LaTeX, which brackets belong together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from gsae_theory.theory.symbols import TABLE
from gsae_theory.theory.typeset.text import escaped
from gsae_theory.theory.typeset.vocabulary import FUNCTIONS, LABEL, NAMES, SUBSCRIPTS, table_names

_SUB = "|".join(sorted(SUBSCRIPTS, key=len, reverse=True))
_LEXER = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<label>{LABEL})
  | (?P<code>`[^`]*`)
  | (?P<rel><=|>=|!=|->|<-)
  | (?P<norm>\|\|)
  | (?P<sub>_(?:\{{[^{{}}]*\}}|(?:{_SUB})(?![A-Za-z])|[A-Za-z0-9+*-]))
  | (?P<sup>\^(?:\{{[^{{}}]*\}}|\d+|[A-Za-z*+]))
  | (?P<num>\d+(?:\.\d+)?)
  | (?P<letters>[A-Za-z]+(?:'s\b)?)
  | (?P<star>\*)
  | (?P<prime>'+)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_RELATIONS = {
    "<=": r"\le",
    ">=": r"\ge",
    "!=": r"\ne",
    "->": r"\to",
    "<-": r"\gets",
    "<": "<",
    ">": ">",
    "=": "=",
}
_OPENS, _CLOSES = {"(": ")", "[": "]", "{": "}"}, {")": "(", "]": "[", "}": "{"}


@dataclass
class Token:
    """A piece of the text.

    Attributes
    ----------
    kind : str
        space, word, atom, num, op, rel, open, close, norm, bar, mid, angle, sub, sup, star, prime, comma, mark.
    text, latex : str
        As it is written, and its LaTeX within mathematics.
    before, after : str
        The letters next to it.
    math : bool
        Whether it makes mathematics of what is around it.
    partner : int or None
        Index of the other bracket of a pair.
    inside : bool
        Whether it stands in a pair that is mathematics whatever words are in it, as in P(no unit fires).
    """

    kind: str
    text: str
    latex: str
    before: str = ""
    after: str = ""
    math: bool = False
    partner: int | None = None
    inside: bool = field(default=False)


# --- Tokens ---------------------------------------------------------------------------------------------


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of a text; their texts one after the other are the text."""
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        found = (
            None
            if place and (text[place - 1].isalpha() or text[place - 1] == "_")
            else table_names().match(text, place)
        )
        if found is not None and not (
            "(" in TABLE[found[0]].latex and text[found.end() : found.end() + 1] == "("
        ):
            tokens.append(Token("atom", found[0], TABLE[found[0]].latex, math=True))
            place = found.end()
            continue
        match = _LEXER.match(text, place)
        assert match is not None
        assert match.lastgroup is not None
        tokens += _lexed(match.lastgroup, match[0])
        place = match.end()
    place = 0
    for token in tokens:
        token.before = text[place - 1] if place else ""
        place += len(token.text)
        token.after = text[place : place + 1]
    _classify(tokens)
    _pair(tokens)
    return tokens


def _lexed(kind: str, text: str) -> list[Token]:
    if kind == "letters":
        if re.fullmatch(r"[a-z][A-Z]+", text) and text not in NAMES:  # sA: s times A
            return [_letters(letter) for letter in text]
        return [_letters(text)]
    if kind in ("sub", "sup"):
        return [Token(kind, text, _script(text), math=True)]
    if kind == "star":
        return [Token("star", text, "_*", math=True)]
    if kind == "rel":
        return [Token("rel", text, _RELATIONS[text])]
    if kind == "norm":
        return [Token("norm", text, r"\|", math=True)]
    if kind == "mark":
        return [_mark(text)]
    if kind == "label":
        return [Token("word", text, rf"\text{{{text}}}")]
    return [Token(kind, text, text)]


def _letters(text: str) -> Token:
    if text in NAMES:
        return Token("atom", text, NAMES[text], math=True)
    if text in FUNCTIONS:
        return Token("function", text, FUNCTIONS[text], math=True)
    return (
        Token("atom", text, text, math=True) if len(text) == 1 else Token("word", text, rf"\text{{{text}}}")
    )


def _script(text: str) -> str:
    body = text[1:].strip("{}") if text[1] == "{" else text[1:]
    if text[0] == "^" and body == "T":
        return r"^\top"
    if text[0] == "_" and body in SUBSCRIPTS:
        return rf"_{{{SUBSCRIPTS[body]}}}"
    if len(body) == 1:
        return f"{text[0]}{{{body}}}"
    inner = formula(tokens_of(body)).replace(r"\text{ minus }", r" \setminus ")
    return f"{text[0]}{{{inner}}}"


def _mark(text: str) -> Token:
    if text in "+-/":
        return Token("op", text, text)
    if text in _RELATIONS:
        return Token("rel", text, _RELATIONS[text])
    if text in _OPENS or text in _CLOSES:
        return Token("open" if text in _OPENS else "close", text, f"\\{text}" if text in "{}" else text)
    if text == "|":
        return Token("bar", text, "|", math=True)
    return Token("comma" if text in ",;" else "mark", text, text)


# --- What a token is, from its neighbours ------------------------------------------------------------------


def at(tokens: Sequence[Token], index: int) -> Token:
    """Return the token at an index, one of kind "end" outside."""
    return tokens[index] if 0 <= index < len(tokens) else Token("end", "", "")


def near(tokens: Sequence[Token], index: int, step: int = 1) -> Token:
    """Return the next token that is no space."""
    index += step
    while at(tokens, index).kind == "space":
        index += step
    return at(tokens, index)


def _classify(tokens: list[Token]) -> None:
    for index, token in enumerate(tokens):
        before, after = at(tokens, index - 1), at(tokens, index + 1)
        if token.kind == "atom" and token.text in ("a", "A") and _article(tokens, index):
            token.kind, token.math, token.latex = "word", False, rf"\text{{{token.text}}}"
        elif token.kind == "word" and before.kind == "num" and re.fullmatch("[A-Z]{2}", token.text):  # 2GT
            token.kind, token.math = "atom", True
            token.latex = " ".join(NAMES.get(letter, letter) for letter in token.text)
        elif token.kind == "function" and not _has_argument(tokens, index):
            token.kind, token.math, token.latex = "word", False, rf"\text{{{token.text}}}"
        elif token.kind == "num" and before.kind in ("atom", "function") and before.text not in ("E", "P"):
            token.kind, token.latex, token.math = "sub", rf"_{{{token.text}}}", True  # xi2
            before.latex = "G" if before.text == "G" else before.latex  # G0, the gradient of one active group
        elif (
            token.text == "+"
            and before.kind in ("atom", "sub", "prime")
            and after.text in ("", " ", ")", ";", "|", "||")
        ):
            token.kind, token.latex, token.math = "sup", "^+", True  # W+
        elif token.text == "<" and token.after not in ("", " ") and before.kind in ("end", "space", "open"):
            token.kind, token.latex, token.math = "angle", r"\langle ", True
        elif token.text == ">" and before.kind not in ("end", "space"):
            token.kind, token.latex, token.math = "angle", r"\rangle ", True
        elif token.kind == "bar" and before.kind == "space" and after.kind == "space":
            token.kind, token.latex = "mid", r"\mid "
        elif token.text == "in" and token.kind == "word" and _element(tokens, index):
            chosen = r"\subset" if near(tokens, index, -1).text == ")" else r"\in"  # spec(C) in [0, s]
            token.kind, token.latex, token.math = "rel", chosen, True
        elif token.kind == "word" and _operand(tokens, index):
            token.inside = True
        elif token.text == "x" and near(tokens, index).text == near(tokens, index, -1).text == "d":
            token.kind, token.latex = "rel", r"\times"  # d x d matrices
        elif token.kind == "prime":
            token.math = True
            if before.kind not in ("atom", "sub", "num", "function"):
                token.kind, token.math = "mark", False


def _article(tokens: Sequence[Token], index: int) -> bool:
    """Return whether "a" or "A" is the article."""
    before, after = at(tokens, index - 1), at(tokens, index + 1)
    following = near(tokens, index)
    if after.kind in ("sub", "sup", "star", "close", "comma", "op") or before.kind in (
        "op",
        "open",
        "atom",
        "num",
    ):
        return False
    if tokens[index].text == "A":
        starts = index == 0 or near(tokens, index, -1).text in (".", ":")
        return starts and following.kind == "word" and len(following.text) > 1
    return near(tokens, index, -1).kind not in ("op", "rel", "sup") or (
        following.kind == "word" and len(following.text) > 5
    )


def _has_argument(tokens: Sequence[Token], index: int) -> bool:
    after, following = at(tokens, index + 1), near(tokens, index)
    if after.kind in ("open", "sub"):
        return True
    return following.kind in ("atom", "norm") or following.text in FUNCTIONS


def _operand(tokens: Sequence[Token], index: int) -> bool:
    """Return whether a word stands for a quantity: ``A_g Q_g + noise``, ``radius = ..``."""
    before, after = near(tokens, index, -1), near(tokens, index)
    added = (
        before.kind == "op"
        and at(tokens, index - 1).kind == "space"
        and at(tokens, index - 3).kind == "space"
    )
    return added or (before.kind in ("comma", "op") and after.text in ("=", "<="))


def _element(tokens: Sequence[Token], index: int) -> bool:
    """Return whether "in" is a sign: g in S, rho in [0, s]."""
    before, following = near(tokens, index, -1), near(tokens, index)
    return (before.math or before.text == ")") and following.text in ("[", "S")


def _pair(tokens: list[Token]) -> None:
    """Match brackets, norms, bars and angles; mark what is inside of those that are mathematics in any case."""
    stack: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind not in ("open", "close", "norm", "bar", "angle"):
            continue
        if not _closing(token):
            stack.append(index)
        elif stack and _partners(tokens[stack[-1]], token):
            start = stack.pop()
            tokens[start].partner, token.partner = index, start
            _settle(tokens, start, index)


def _closing(token: Token) -> bool:
    if token.kind in ("open", "close"):
        return token.kind == "close"
    if token.kind == "angle":
        return "rangle" in token.latex
    return token.before not in ("", " ") and (token.after == "" or token.after in " )],.;:^_|}/")


def _partners(opening: Token, closing: Token) -> bool:
    if opening.kind == "open":
        return _OPENS[opening.text] == closing.text
    return opening.kind == closing.kind


def _settle(tokens: list[Token], start: int, end: int) -> None:
    """Decide whether a pair is mathematics: attached to a name, or without words in it."""
    opening, closing, content = tokens[start], tokens[end], tokens[start + 1 : end]
    before = at(tokens, start - 1)
    attached = before.math and before.kind in ("atom", "function", "sub", "sup", "prime", "star")
    forced = opening.kind != "open" or attached or (before.kind == "num" and opening.text == "{")
    words = any(token.kind in ("word", "mark") and not token.inside for token in content)
    inner = any(token.math or token.kind in ("op", "num") for token in content)
    opening.math = closing.math = forced
    if forced:
        for token in content:
            token.inside = True
    elif words or not inner or (opening.text == "(" and any(token.kind == "rel" for token in content)):
        opening.kind = closing.kind = "mark"
    else:
        for token in content:
            if token.kind == "comma":
                token.inside = True


# --- A formula ------------------------------------------------------------------------------------------


def formula(tokens: Sequence[Token]) -> str:
    """Return tokens as LaTeX of one formula: sqrt takes its argument, spaces only where a command needs one."""
    parts: list[str] = []
    skip: set[int] = set()
    braces: set[int] = set()
    scripts: list[str] = []
    for index, token in enumerate(tokens):
        if index in skip:
            continue
        latex = token.latex
        if token.kind in ("mark", "code", "rel") and not latex.startswith("\\"):
            latex = token.text if token.text in _PLAIN else rf"\text{{{escaped(token.text)}}}"
        elif token.kind in ("sub", "sup", "star", "prime"):
            latex = _script_after(scripts, latex)
        elif token.kind == "word":
            latex = _words(tokens, index, skip)
        elif token.text == "sqrt":
            latex = _root(tokens, index, skip, braces)
        elif index in braces:
            latex = "}"
        if token.kind == "space":
            scripts = scripts and [*scripts, " "]
        elif token.kind not in ("sub", "sup", "star", "prime"):
            scripts = [mark for mark in "_^" if token.kind == "atom" and mark in latex.replace("'", "^")]
        parts.append(latex)
    return _joined(parts)


_PLAIN = ".:;,!?'<>="


def _script_after(scripts: list[str], latex: str) -> str:
    """Return a script, after an empty nucleus where TeX would see a second one on the same: x_1_2."""
    mark = latex[0]
    raised = "^" if mark == "'" else mark
    double = raised in scripts or ("'" in scripts and raised == "^" and scripts[-1] != "'")
    if double:
        scripts.clear()
    scripts.append(mark)
    return "{}" + latex if double else latex


_SPACED = ("op", "rel", "mid", "end")
"""What brings its own space in mathematics."""


def _words(tokens: Sequence[Token], index: int, skip: set[int]) -> str:
    """Return words within mathematics as one text, with the spaces around them."""
    end = index + 1
    while end < len(tokens) and tokens[end].kind in ("word", "space"):
        end += 1
    skip.update(range(index + 1, end))
    body = "".join(token.text for token in tokens[index:end])
    before, after = near(tokens, index, -1).kind, at(tokens, end).kind
    left = " " if at(tokens, index - 1).kind == "space" and before not in _SPACED else ""
    right = " " if body.endswith(" ") and after not in _SPACED else ""
    return rf"\text{{{left}{escaped(body.strip())}{right}}}"


def _root(tokens: Sequence[Token], index: int, skip: set[int], braces: set[int]) -> str:
    after = at(tokens, index + 1)
    if after.text == "(":
        depth = 0
        for place in range(index + 1, len(tokens)):
            depth += {"(": 1, ")": -1}.get(tokens[place].text, 0)
            if depth == 0:
                skip.add(index + 1)
                braces.add(place)
                return r"\sqrt{"
        return r"\sqrt{}"
    place = index + 1 + (after.kind == "space")
    if at(tokens, place).kind in ("atom", "num"):
        skip.update(range(index + 1, place + 1))
        return rf"\sqrt{{{tokens[place].latex}}}"
    return r"\sqrt{}"


def _joined(parts: Sequence[str]) -> str:
    text = ""
    for part in parts:
        needs = re.search(r"\\[a-zA-Z]+$", text) is not None and part[:1].isalpha()
        text += (" " if needs else "") + part
    return re.sub(r"\s+", " ", text).strip()
