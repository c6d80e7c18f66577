"""Terms of the norm calculus: sums of products of named matrices, some of them random.

A `Letter` is a matrix with named dimensions, what it depends on, and its parity under the flip that
turns the other active blocks and the noise into their negatives. A `Term` is a linear combination of
words, in normal form: two terms are equal as expressions exactly if they compare equal. `mean` and `cond`
(given the block of the group itself) are linear; what is not random leaves them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from typing import TypeAlias

import sympy as sp

from proofs_check.core import Unproved

OWN = "x"
"""Name of the randomness that `cond` keeps: the block of the group whose gradient is looked at."""


@dataclass(frozen=True)
class Letter:
    """A named matrix.

    Attributes
    ----------
    name : str
    rows, cols : str
        Names of its dimensions; "1" for a single column.
    depends : frozenset of str
        Independent sources of randomness that it is a function of; empty for a constant matrix.
    parity : int
        1 if the flip leaves it, -1 if the flip negates it, 0 if neither.
    symmetric, transposed : bool
    inner : tuple of Letter
        The word under a mean ("E") or conditional mean ("E_x"), see `kind`.
    kind : str
        "", "E" or "E_x".
    """

    name: str
    rows: str
    cols: str
    depends: frozenset[str] = frozenset()
    parity: int = 1
    symmetric: bool = False
    transposed: bool = False
    inner: tuple[Letter, ...] = ()
    kind: str = ""

    @property
    def T(self) -> Letter:
        """Transpose; that of a mean is the mean of the transpose."""
        if self.inner:
            word = tuple(letter.T for letter in reversed(self.inner))
            return _expectation(self.kind, word)
        if self.symmetric:
            return self
        return replace(self, rows=self.cols, cols=self.rows, transposed=not self.transposed)

    def __str__(self) -> str:
        if self.inner:
            return f"{self.kind}[{' '.join(map(str, self.inner))}]"
        return self.name + ("'" if self.transposed else "")


Word: TypeAlias = tuple[Letter, ...]


def depends(word: Iterable[Letter]) -> frozenset[str]:
    """Return the sources that a word depends on."""
    return frozenset().union(*(letter.depends for letter in word))


def parity(word: Iterable[Letter]) -> int:
    """Return the parity of a product, 0 if a factor has none."""
    return reduce(lambda sign, letter: sign * letter.parity, word, 1)


replace_letter = replace


def _expectation(kind: str, word: Word) -> Letter:
    if OWN not in depends(word):
        kind = "E"  # the other sources are independent of x
    kept = frozenset({OWN}) if kind == "E_x" else frozenset()
    return Letter("", word[0].rows, word[-1].cols, frozenset(kept), 1, inner=word, kind=kind)


@dataclass(frozen=True)
class Term:
    """A linear combination of words, in normal form.

    Attributes
    ----------
    rows, cols : str
    parts : tuple of (sympy.Expr, tuple of Letter)
        Sorted; no word twice, no coefficient 0. The empty word is the identity.
    """

    rows: str
    cols: str
    parts: tuple[tuple[sp.Expr, Word], ...]

    @property
    def T(self) -> Term:
        """Transpose."""
        return collect(
            self.cols, self.rows, [(c, tuple(a.T for a in reversed(word))) for c, word in self.parts]
        )

    def __add__(self, other: Term) -> Term:
        _fits(self.rows == other.rows and self.cols == other.cols, self, "+", other)
        return collect(self.rows, self.cols, [*self.parts, *other.parts])

    def __neg__(self) -> Term:
        return -1 * self

    def __sub__(self, other: Term) -> Term:
        return self + -other

    def __rmul__(self, scalar: sp.Expr | int) -> Term:
        return collect(self.rows, self.cols, [(scalar * c, word) for c, word in self.parts])

    def __matmul__(self, other: Term) -> Term:
        _fits(self.cols == other.rows, self, "@", other)
        return collect(self.rows, other.cols, [(c * k, v + w) for c, v in self.parts for k, w in other.parts])

    @property
    def depends(self) -> frozenset[str]:
        """Sources of randomness."""
        return frozenset().union(*(depends(word) for _, word in self.parts))

    @property
    def parity(self) -> int:
        """Common parity of the words, 0 if they differ."""
        found = {parity(word) for _, word in self.parts}
        return found.pop() if len(found) == 1 else 0

    @property
    def letters(self) -> frozenset[Letter]:
        """Letters that occur, also under means."""
        found: set[Letter] = set()
        stack = [letter for _, word in self.parts for letter in word]
        while stack:
            letter = stack.pop()
            found.add(letter)
            stack.extend(letter.inner)
        return frozenset(found)

    def __str__(self) -> str:
        def text(c: sp.Expr, word: Word) -> str:
            body = " ".join(map(str, word)) or "I"
            return body if c == 1 else f"({c}) {body}"

        return " + ".join(text(c, word) for c, word in self.parts) or "0"


def _fits(condition: bool, left: Term, sign: str, right: Term) -> None:
    if not condition:
        raise Unproved(f"sizes differ: {left.rows}x{left.cols} {sign} {right.rows}x{right.cols}")


def collect(rows: str, cols: str, parts: Iterable[tuple[sp.Expr | int, Word]]) -> Term:
    """Return a term in normal form."""
    table: dict[Word, sp.Expr] = {}
    for c, word in parts:
        table[word] = table.get(word, sp.Integer(0)) + c
    kept = [(sp.expand(c), word) for word, c in table.items()]
    kept = [(c, word) for c, word in kept if c != 0]
    return Term(rows, cols, tuple(sorted(kept, key=lambda item: " ".join(map(str, item[1])))))


def term(*word: Letter) -> Term:
    """Return a product of letters as a term."""
    for left, right in pairwise(word):
        if left.cols != right.rows:
            raise Unproved(
                f"sizes differ: {left} is {left.rows}x{left.cols}, {right} {right.rows}x{right.cols}"
            )
    return Term(word[0].rows, word[-1].cols, ((sp.Integer(1), tuple(word)),))


def identity(size: str) -> Term:
    """Return the identity matrix of a named size."""
    return Term(size, size, ((sp.Integer(1), ()),))


def zero(rows: str, cols: str) -> Term:
    """Return the zero matrix."""
    return Term(rows, cols, ())


def _under(kind: str, word: Word, fixed: frozenset[str]) -> Word:
    """Return a word with its fixed ends taken out of the mean."""
    low, high = 0, len(word)
    while low < high and word[low].depends <= fixed:
        low += 1
    while high > low and word[high - 1].depends <= fixed:
        high -= 1
    if low == high:
        return word
    return (*word[:low], _expectation(kind, word[low:high]), *word[high:])


def mean(value: Term) -> Term:
    """Return E of a term; constant factors at either end are taken out."""
    parts = [(c, _under("E", word, frozenset())) for c, word in value.parts]
    return collect(value.rows, value.cols, parts)


def cond(value: Term) -> Term:
    """Return E[term | x]; factors at either end that depend on x alone are taken out."""
    parts = [(c, _under("E_x", word, frozenset({OWN}))) for c, word in value.parts]
    return collect(value.rows, value.cols, parts)


def substitute(value: Term, letter: Letter, by: Term) -> Term:
    """Return `value` with every occurrence of a letter, also transposed and under means, replaced."""
    return collect(
        value.rows,
        value.cols,
        [(c * k, w) for c, word in value.parts for k, w in _word(word, letter, by).parts]
        if value.parts
        else [],
    )


def _word(word: Word, letter: Letter, by: Term) -> Term:
    result: Term | None = None
    for item in word:
        if item == letter:
            factor = by
        elif item == letter.T:
            factor = by.T
        elif item.inner and letter in term(*item.inner).letters | {a.T for a in term(*item.inner).letters}:
            outer = mean if item.kind == "E" else cond
            factor = outer(_word(item.inner, letter, by))
        else:
            factor = term(item)
        result = factor if result is None else result @ factor
    return Term("", "", ((sp.Integer(1), ()),)) if result is None else result
