"""Matrix identities for every size at once: normal forms of words in letters that do not commute.

A letter is a matrix with named numbers of rows and columns; a word is a product; an expression is a sum of
words with SymPy coefficients. Rules replace a piece of a word (``A^T A`` by 1). A piece that is 1 x 1 is a
number: it moves into the coefficient as a symbol, the same one for a word and its transpose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import sympy as sp

from proofs_check.core import Unproved
from proofs_check.methods.identity import prove_zero

Coefficient: TypeAlias = sp.Expr | int


@dataclass(frozen=True)
class Letter:
    """A matrix symbol or its transpose."""

    name: str
    rows: str
    columns: str
    symmetric: bool = False
    turned: bool = False

    def turn(self) -> Letter:
        """Return the transpose."""
        if self.symmetric:
            return self
        return Letter(self.name, self.columns, self.rows, False, not self.turned)

    def __str__(self) -> str:
        return f"{self.name}'" if self.turned else self.name


Word: TypeAlias = tuple[Letter, ...]


def _turn(word: Word) -> Word:
    return tuple(letter.turn() for letter in reversed(word))


def number(word: Word) -> sp.Symbol:
    """Return the symbol of a 1 x 1 word, the same for its transpose."""
    name = min(".".join(map(str, word)), ".".join(map(str, _turn(word))))
    return sp.Symbol(f"<{name}>", real=True)


@dataclass(frozen=True)
class Words:
    """A sum of words of one shape; build it from `letter` and `identity` with + - * and `.T`."""

    rows: str
    columns: str
    terms: Mapping[Word, sp.Expr] = field(default_factory=dict)

    def _same(self, other: Words) -> None:
        if (self.rows, self.columns) != (other.rows, other.columns):
            raise ValueError(f"shapes differ: {self.rows} x {self.columns}, {other.rows} x {other.columns}")

    def __add__(self, other: Words) -> Words:
        self._same(other)
        total = dict(self.terms)
        for word, value in other.terms.items():
            total[word] = total.get(word, sp.Integer(0)) + value
        return Words(self.rows, self.columns, total)

    def __neg__(self) -> Words:
        return self * -1

    def __sub__(self, other: Words) -> Words:
        return self + (-other)

    def __mul__(self, other: Words | Coefficient) -> Words:
        if not isinstance(other, Words):
            scaled = {word: value * other for word, value in self.terms.items()}
            return Words(self.rows, self.columns, scaled)
        if self.columns != other.rows:
            raise ValueError(f"cannot multiply: {self.columns} columns, {other.rows} rows")
        total: dict[Word, sp.Expr] = {}
        for left, first in self.terms.items():
            for right, second in other.terms.items():
                total[left + right] = total.get(left + right, sp.Integer(0)) + first * second
        return Words(self.rows, other.columns, total)

    def __rmul__(self, other: Coefficient) -> Words:
        return self * other

    @property
    def T(self) -> Words:
        """Transpose."""
        return Words(self.columns, self.rows, {_turn(word): value for word, value in self.terms.items()})


def letter(name: str, rows: str, columns: str = "1", symmetric: bool = False) -> Words:
    """Return a matrix as an expression; a vector has one column."""
    return Words(rows, columns, {(Letter(name, rows, columns, symmetric),): sp.Integer(1)})


def identity(size: str) -> Words:
    """Return the identity matrix."""
    return Words(size, size, {(): sp.Integer(1)})


def zero(rows: str, columns: str) -> Words:
    """Return the zero matrix."""
    return Words(rows, columns)


@dataclass(frozen=True)
class Algebra:
    """Rules between letters.

    Attributes
    ----------
    rules : sequence of (Words, Words)
        Left side a single word, replaced by the right side wherever it occurs (so is its transpose).
    numbers : sequence of (Words, expression)
        Values of 1 x 1 words.
    """

    rules: Sequence[tuple[Words, Words]] = ()
    numbers: Sequence[tuple[Words, Coefficient]] = ()

    def normal(self, expr: Words) -> Words:
        """Return the normal form of `expr`."""
        table: dict[Word, Words] = {}
        for left, right in self.rules:
            table[_single(left)] = right
            table[_turn(_single(left))] = right.T
        values = {number(_single(left)): sp.sympify(value) for left, value in self.numbers}
        pending, done = dict(expr.terms), {}
        while pending:
            word, value = pending.popitem()
            if value == 0:
                continue
            word, factor = _split(word)
            replaced = _replace(word, table)
            if factor:
                # A number that came out may itself contain something to replace.
                for inner in factor:
                    value = value * self._number(inner, table, values)
            if replaced is None:
                done[word] = done.get(word, sp.Integer(0)) + value
                continue
            for new, weight in replaced.items():
                pending[new] = pending.get(new, sp.Integer(0)) + value * weight
        return Words(expr.rows, expr.columns, {word: sp.expand(value) for word, value in done.items()})

    def _number(
        self, word: Word, table: Mapping[Word, Words], values: Mapping[sp.Symbol, sp.Expr]
    ) -> sp.Expr:
        symbol = number(word)
        if symbol in values:
            return values[symbol]
        replaced = _replace(word, table)
        if replaced is None:
            return symbol
        total = sp.Integer(0)
        for new, weight in replaced.items():
            _, inner = _split((*new,))
            pieces = inner if inner else [new]
            total += weight * sp.Mul(*(self._number(piece, table, values) for piece in pieces))
        return total

    def value(self, expr: Words) -> sp.Expr:
        """Return a 1 x 1 expression as a number."""
        if (expr.rows, expr.columns) != ("1", "1"):
            raise ValueError(f"not a number: {expr.rows} x {expr.columns}")
        return sp.expand(sum(self.normal(expr).terms.values(), sp.Integer(0)))

    def trace(self, expr: Words) -> sp.Expr:
        """Return the trace as a number; words are turned round where they have a column of length 1."""
        total = sp.Integer(0)
        for word, value in self.normal(expr).terms.items():
            cut = next((k for k, item in enumerate(word) if item.rows == "1"), None)
            if cut is None:
                name = ".".join(map(str, _least_rotation(word)))
                total += value * (sp.Symbol(f"tr<{name}>", real=True))
            else:
                piece = Words("1", "1", {word[cut:] + word[:cut]: sp.Integer(1)})
                total += value * self.value(piece)
        return sp.expand(total)


def _least_rotation(word: Word) -> Word:
    turned = [w[k:] + w[:k] for w in (word, _turn(word)) for k in range(max(len(word), 1))]
    return min(turned, key=lambda item: [str(part) for part in item])


def _single(expr: Words) -> Word:
    (word,) = expr.terms
    if expr.terms[word] != 1:
        raise ValueError("the left side of a rule is one word")
    return word


def _split(word: Word) -> tuple[Word, list[Word]]:
    """Take the 1 x 1 pieces out of a word."""
    starts = [k for k, item in enumerate(word) if item.rows == "1"]
    pieces: list[Word] = []
    rest = list(word)
    for start in reversed(starts):
        end = next((k for k in range(start, len(rest)) if rest[k].columns == "1"), None)
        if end is not None:
            pieces.append(tuple(rest[start : end + 1]))
            del rest[start : end + 1]
    return tuple(rest), pieces


def _replace(word: Word, table: Mapping[Word, Words]) -> dict[Word, sp.Expr] | None:
    """Replace the first piece that a rule applies to; None if there is none."""
    for left, right in table.items():
        size = len(left)
        for start in range(len(word) - size + 1):
            if word[start : start + size] == left:
                before, after = word[:start], word[start + size :]
                return {before + middle + after: weight for middle, weight in right.terms.items()}
    return None


def prove_same(
    left: Words, right: Words, algebra: Algebra, what: str = "", modulo: Sequence[sp.Expr] = ()
) -> None:
    """Confirm that two expressions agree for matrices of every size that obey the rules.

    Raises
    ------
    Unproved
        Naming the word whose coefficients differ.
    """
    for word, value in algebra.normal(left - right).terms.items():
        name = "".join(map(str, word)) or "1"
        prove_zero(value, modulo, f"{what or 'matrix identity'}, coefficient of {name}")


def norm_bound(expr: Words, bounds: Sequence[tuple[Words, Coefficient]]) -> sp.Expr:
    """Return the bound on the spectral norm that the triangle inequality and submultiplicativity give.

    Parameters
    ----------
    expr : Words
        Taken as it stands: no rule is applied.
    bounds : sequence of (Words, expression)
        Bounds on norms of words (the transposed word has the same); longest pieces first.

    Raises
    ------
    Unproved
        If a letter has no bound.
    """
    table = {}
    for left, value in bounds:
        table[_single(left)] = table[_turn(_single(left))] = sp.sympify(value)
    total = sp.Integer(0)
    for word, value in expr.terms.items():
        total += sp.Abs(value) * _word_bound(word, table)
    return sp.expand(total)


def _word_bound(word: Word, table: Mapping[Word, sp.Expr]) -> sp.Expr:
    if not word:
        return sp.Integer(1)
    for size in range(len(word), 0, -1):
        if word[:size] in table:
            return table[word[:size]] * _word_bound(word[size:], table)
    raise Unproved(f"no bound on the norm of {word[0]}")
