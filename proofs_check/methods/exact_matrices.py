"""Small matrices of integers, exactly: floats as rationals on one scale, products, positive definiteness.

Every double is an integer times a power of two, so data are taken as they are: nothing is rounded, and a
dictionary is orthonormal only as far as its doubles are.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from proofs_check.core import Unproved

Integers = NDArray[np.object_]


@dataclass(frozen=True)
class Scaled:
    """An array equal to `values` / 2**`bits`, `values` Python integers."""

    values: Integers
    bits: int

    def __getitem__(self, index: int | slice | tuple[int | slice, ...]) -> Scaled:
        return Scaled(self.values[index], self.bits)


def from_floats(data: NDArray[np.float64]) -> Scaled:
    """Return an array of doubles as integers on one power of two.

    Raises
    ------
    Unproved
        If an entry is not finite.
    """
    if not np.all(np.isfinite(data)):
        raise Unproved("data are not finite")
    mantissa, exponent = np.frexp(data)
    whole = np.ldexp(mantissa, 53).astype(np.int64)
    shift = exponent.astype(np.int64) - 53
    low = int(np.min(shift[whole != 0], initial=0))
    values = np.empty(data.shape, dtype=object)
    values.ravel()[:] = [
        int(number) << (int(up) - low) if number else 0
        for number, up in zip(whole.ravel(), shift.ravel(), strict=True)
    ]
    return Scaled(values, -low)


def gram(left: Scaled, right: Scaled) -> Scaled:
    """Return left^T right, exactly."""
    return Scaled(left.values.T @ right.values, left.bits + right.bits)


def positive_definite(matrix: Integers) -> bool:
    """Return whether a symmetric integer matrix is positive definite: all pivots of its LDL^T are > 0.

    Bareiss elimination: the k-th pivot is the leading minor of order k, an integer.
    """
    if np.any(matrix != matrix.T):
        return False
    work, previous = [list(row) for row in matrix], 1
    for k in range(len(work)):
        pivot = work[k][k]
        if pivot <= 0:
            return False
        for i in range(k + 1, len(work)):
            for j in range(k + 1, len(work)):
                work[i][j] = (work[i][j] * pivot - work[i][k] * work[k][j]) // previous
        previous = pivot
    return True


def dominates(bound: Fraction, matrix: Integers, bits: int, below: bool = False) -> bool:
    """Return whether bound * I - matrix/2**bits is positive definite (matrix/2**bits - bound * I if `below`)."""
    size = len(matrix)
    level = np.zeros((size, size), dtype=object)
    for k in range(size):
        level[k, k] = bound.numerator << bits
    difference = level - matrix * bound.denominator
    return positive_definite(-difference if below else difference)
