"""Statements on a few vectors of any Hilbert space, proved on their Gram matrix.

A quadratic form in vectors with scalar coefficients is a symmetric matrix; "the constraints imply the claim"
holds in every dimension if claim = sum of multipliers times constraints + a positive semidefinite form
(performance estimation). The remainder is checked to be a sum of squares exactly, the multipliers to be
nonnegative on the stated region.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import sympy as sp

from proofs_check.core import Unproved
from proofs_check.methods.bernstein import Region, nonnegative
from proofs_check.methods.identity import prove_zero

Vector: TypeAlias = Mapping[str, sp.Expr | int]
"""A linear combination of named vectors."""


class Form:
    """A quadratic form in named vectors: `terms` maps an unordered pair to the coefficient of <u, v>."""

    def __init__(self, terms: Mapping[tuple[str, str], sp.Expr]) -> None:
        self.terms: dict[tuple[str, str], sp.Expr] = {}
        for pair, value in terms.items():
            key = (min(pair), max(pair))
            self.terms[key] = sp.expand(self.terms.get(key, sp.Integer(0)) + value)

    def __add__(self, other: Form) -> Form:
        total = dict(self.terms)
        for pair, value in other.terms.items():
            total[pair] = total.get(pair, sp.Integer(0)) + value
        return Form(total)

    def __mul__(self, factor: sp.Expr | int) -> Form:
        return Form({pair: value * factor for pair, value in self.terms.items()})

    def __sub__(self, other: Form) -> Form:
        return self + other * -1

    __rmul__ = __mul__

    def at(self, vectors: Mapping[str, Sequence[sp.Expr]]) -> sp.Expr:
        """Return the value at concrete vectors."""
        return sum(
            value * sum(p * q for p, q in zip(vectors[a], vectors[b], strict=True))
            for (a, b), value in self.terms.items()
        )


def inner(left: Vector, right: Vector) -> Form:
    """Return <left, right> as a form."""
    total = Form({})
    for a, first in left.items():
        for b, second in right.items():
            total = total + Form({(a, b): sp.sympify(first) * second})
    return total


def square(vector: Vector) -> Form:
    """Return ||vector||^2 as a form."""
    return inner(vector, vector)


def implied(
    name: str,
    claim: Form,
    given: Sequence[tuple[sp.Expr | int, Form]],
    squares: Sequence[tuple[sp.Expr | int, Vector]] = (),
    region: Region = (),
    modulo: Sequence[sp.Expr] = (),
) -> None:
    """Confirm that `claim` >= 0 wherever every form of `given` is >= 0.

    Parameters
    ----------
    name : str
    claim : Form
    given : sequence of (multiplier, Form)
        Constraints (each >= 0) with the multiplier that it gets.
    squares : sequence of (weight, vector)
        The remainder: claim - sum multiplier * constraint = sum weight * ||vector||^2, exactly.
    region : rows of `proofs_check.methods.bernstein`
        Where the parameters lie; multipliers and weights are certified nonnegative there.

    Raises
    ------
    Unproved
    """
    rest = claim
    for multiplier, form in given:
        rest = rest - form * multiplier
    for weight, vector in squares:
        rest = rest - square(vector) * weight
    for pair, value in rest.terms.items():
        prove_zero(value, modulo, f"{name}: coefficient of <{pair[0]}, {pair[1]}>")
    for index, weight in enumerate([item[0] for item in (*given, *squares)]):
        _weight(f"{name}/weight{index}", sp.sympify(weight), region)


def _weight(name: str, weight: sp.Expr, region: Region) -> None:
    if weight.is_number:
        if weight.is_nonnegative is not True:
            raise Unproved(f"{name}: {weight} is negative")
        return
    nonnegative(name, weight, region)


def ldl(matrix: sp.MatrixBase) -> list[tuple[sp.Expr, dict[int, sp.Expr]]]:
    """Return squares (weight, linear form by index) whose sum is the quadratic form of a rational matrix.

    Raises
    ------
    Unproved
        If the matrix is not symmetric positive semidefinite, with a vector where its form is negative.
    """
    size = matrix.shape[0]
    rest = sp.Matrix(matrix)
    if rest != rest.T:
        raise Unproved("the matrix is not symmetric")
    basis = sp.eye(size)
    squares: list[tuple[sp.Expr, dict[int, sp.Expr]]] = []
    for k in range(size):
        pivot = rest[k, k]
        if pivot < 0:
            raise Unproved("not positive semidefinite", _witness(basis[:, k]))
        if pivot == 0:
            other = next((j for j in range(k + 1, size) if rest[k, j] != 0), None)
            if other is not None:
                # (e_j - t e_k) has form rest[j, j] - 2 t rest[k, j], negative for a large t.
                shift = (rest[other, other] + 1) / (2 * rest[k, other])
                raise Unproved("not positive semidefinite", _witness(basis[:, other] - shift * basis[:, k]))
            continue
        row = {j: rest[k, j] / pivot for j in range(k, size) if rest[k, j] != 0}
        squares.append((pivot, row))
        for j in range(k + 1, size):
            basis[:, j] -= row.get(j, 0) * basis[:, k]
        column = sp.Matrix(size, 1, lambda i, _: row.get(i, 0))  # noqa: B023
        rest = rest - pivot * column * column.T
    return squares


def _witness(vector: sp.MatrixBase) -> dict[str, str]:
    return {f"x{index}": str(value) for index, value in enumerate(vector)}


def prove_psd(matrix: sp.MatrixBase, what: str = "matrix") -> None:
    """Confirm that a rational symmetric matrix is positive semidefinite, by exact LDL^T.

    Raises
    ------
    Unproved
        With a vector at which the quadratic form is negative.
    """
    try:
        squares = ldl(matrix)
    except Unproved as problem:
        raise Unproved(f"{what}: {problem.reason}", problem.counterexample) from problem
    total = sp.zeros(*matrix.shape)
    for weight, row in squares:
        column = sp.Matrix(matrix.shape[0], 1, lambda i, _: row.get(i, 0))  # noqa: B023
        total += weight * column * column.T
    prove_zero(sp.Matrix(matrix) - total, what=what)
