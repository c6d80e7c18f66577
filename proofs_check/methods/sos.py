"""Polynomial inequalities by sums of squares: claim = sum of squares + sum of squares times constraints.

The certificate holds one rational Gram matrix per term (Positivstellensatz of Putinar). The checker expands
the sum exactly and confirms each matrix positive semidefinite by exact LDL^T; `proofs_check.propose` finds
them with cvxpy, rounds, and puts what rounding cost back into the first matrix.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import sympy as sp

from proofs_check.certificates import stored
from proofs_check.core import Unproved, current_step
from proofs_check.methods.gram import prove_psd
from proofs_check.methods.identity import prove_zero

Exponents: TypeAlias = tuple[int, ...]
Certificate: TypeAlias = dict[str, Any]
"""``{"terms": [{"basis": [[exponents]], "gram": [[rational as text]]}, ...]}``; the first term is the plain sum
of squares, the others belong to the constraints in order."""

PROPOSER: Callable[[str, sp.Expr, Sequence[sp.Symbol], Sequence[sp.Expr], int], Certificate] | None = None
"""Set by `proofs_check.propose`; None in every check."""


def positive_on(
    name: str,
    claim: sp.Expr,
    symbols: Sequence[sp.Symbol],
    constraints: Sequence[sp.Expr],
    degree: int,
    certificate: Certificate | None = None,
) -> None:
    """Confirm that `claim` >= 0 wherever every constraint is >= 0.

    Parameters
    ----------
    name : str
        Names the certificate within the step.
    claim : sympy.Expr
        Polynomial with rational coefficients.
    symbols : sequence of symbols
    constraints : sequence of sympy.Expr
        Polynomials.
    degree : int
        Degree of the monomials in the plain sum of squares (used when searching).
    certificate : dict, optional
        Instead of the stored one.

    Raises
    ------
    Unproved
        If there is no certificate, a matrix is not positive semidefinite, or the sum is not the claim.
    """
    found = certificate if certificate is not None else stored(current_step()).get(name)
    if PROPOSER is not None:
        found = PROPOSER(name, claim, symbols, constraints, degree)
    if found is None:
        raise Unproved(f"{name}: no certificate; python -m proofs_check.propose finds one")
    factors = [sp.Integer(1), *constraints]
    if len(found["terms"]) != len(factors):
        raise Unproved(f"{name}: the certificate is damaged")
    total = sp.Integer(0)
    for index, (term, factor) in enumerate(zip(found["terms"], factors, strict=True)):
        gram = sp.Matrix([[sp.Rational(entry) for entry in row] for row in term["gram"]])
        basis = [monomial(symbols, exponents) for exponents in term["basis"]]
        if gram.shape != (len(basis), len(basis)):
            raise Unproved(f"{name}: the certificate is damaged")
        prove_psd(gram, f"{name}, matrix {index}")
        column = sp.Matrix(basis)
        total += factor * (column.T * gram * column)[0, 0]
    prove_zero(sp.expand(claim - total), what=f"{name}: claim minus sum of squares")


def monomial(symbols: Sequence[sp.Symbol], exponents: Sequence[int]) -> sp.Expr:
    """Return the product of powers."""
    return sp.Mul(*(symbol**power for symbol, power in zip(symbols, exponents, strict=True)))


def monomials(count: int, degree: int) -> list[Exponents]:
    """Return the exponents of all monomials up to a total degree."""
    return [item for item in itertools.product(range(degree + 1), repeat=count) if sum(item) <= degree]
