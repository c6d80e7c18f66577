r"""Mathematics within plain text: ``0 < lambda <= 2 E R, so that ..`` becomes ``\( 0 < \lambda \le 2 E R \), so that ..``.

Statements are written as text that a terminal shows. `prose` finds the runs of mathematics in them and leaves
the words alone. Every token is printed in its place and once; text that is not understood stays text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from gsae_theory.theory.typeset.text import escaped
from gsae_theory.theory.typeset.tokens import Token, at, formula, near, tokens_of

_BREAKS = re.compile(r"([,;]|\\text\{[^{}]* \}) ?(?<=[ }])")
_BREAK = r"\1\\allowbreak "
"""TeX breaks a formula in a line of text at = and +; after a comma only where it is told that it may."""
_COUNTED = {"Theorem", "Theorems", "Corollary", "Lemma", "Prop", "section", "case", "term", "size", "block"}


_LETTERS = {"gamma1": {"a": r"\bar a", "v": r"\bar v"}, "side": {"tau": r"\vartheta"}}


def letters_of(theorem_id: str) -> dict[str, str]:
    """Return the letters that a theorem's text uses for symbols of another look."""
    return _LETTERS.get(theorem_id.split(".")[0], {})


def prose(text: str, names: Mapping[str, str] | None = None) -> str:
    r"""Return plain text as LaTeX with its mathematics in ``\( \)``.

    Parameters
    ----------
    text : str
        As in `Theorem.statement`: Greek letters by name, ``_`` and ``^``, ``<=``, ``sqrt(..)``, ``||..||``,
        ``s*`` for the limit scale.
    names : mapping from str to str, optional
        LaTeX of letters that mean something else than themselves.
    """
    return "".join(
        rf"\( {_BREAKS.sub(_BREAK, body)} \)" if is_math else body
        for is_math, body in pieces(text, names, plain=_plain)
    )


def pieces(
    text: str,
    names: Mapping[str, str] | None = None,
    plain: Callable[[Token], str] = lambda token: token.text,
) -> list[tuple[bool, str]]:
    """Return a text in pieces: True with the LaTeX of a formula, False with words as `plain` prints them."""
    tokens = tokens_of(text)
    for token in tokens:
        if token.kind == "atom" and names and token.text in names:
            token.latex = names[token.text]
    # `s` is the table's symbol, printed s_*, unless the text itself sets s apart from s*.
    if re.search(r"\bs = s\*", text) is None:
        for index, token in enumerate(tokens):
            if (
                token.text == "s"
                and token.kind == "atom"
                and at(tokens, index + 1).kind not in ("star", "sub")
            ):
                token.latex = "s_*"
    found: list[tuple[bool, str]] = []
    index = 0
    while index < len(tokens):
        end = _run(tokens, index)
        if end > index:
            found.append((True, formula(tokens[index:end])))
            index = end
        else:
            found.append((False, plain(tokens[index])))
            index += 1
    return found


def _plain(token: Token) -> str:
    if token.kind == "code":
        return rf"\texttt{{{escaped(token.text[1:-1])}}}"
    if token.kind == "rel" and token.latex.startswith("\\"):
        return rf"\( {token.latex} \)"
    return escaped(token.text)


# --- Runs ----------------------------------------------------------------------------------------------


def _fits(token: Token) -> bool:
    """Return whether a token can be part of mathematics."""
    return token.inside or token.kind not in ("word", "code", "mark", "comma", "end", "mid")


def _run(tokens: Sequence[Token], start: int) -> int:
    """Return the end of the mathematics that begins at `start`; `start` itself if there is none."""
    if not _fits(tokens[start]) or tokens[start].kind == "space":
        return start
    if tokens[start].kind == "num" and near(tokens, start, -1).text in _COUNTED:
        return start
    end = start
    while end < len(tokens) and _fits(tokens[end]):
        end += 1
    while end > start and tokens[end - 1].kind in ("space", "op", "rel"):
        end -= 1
    while start < end and not _balanced(tokens, start, end):
        end -= 1
        while end > start and tokens[end - 1].kind in ("space", "op", "rel"):
            end -= 1
    run = tokens[start:end]
    is_math = any(token.math for token in run) or (any(t.kind == "rel" for t in run) and len(run) > 2)
    begins = run and (run[0].kind not in ("op", "close", "sub", "sup", "star") or run[0].text == "-")
    return end if is_math and begins else start


def _balanced(tokens: Sequence[Token], start: int, end: int) -> bool:
    return all(
        token.partner is None or start <= token.partner < end for token in tokens[start:end]
    ) and not any(token.kind in ("open", "close") and token.partner is None for token in tokens[start:end])
