"""Dictionaries that the user brings: arrays and `.npy` files, checked before anything is computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput
from gsae_theory.files import read_npy
from gsae_theory.model import _admit
from gsae_theory.model.constants import check_dictionary, orthonormality_defects

Array = NDArray[np.float64]

ORTHONORMAL = 1e-9  # largest ||A_g^T A_g - I|| that passes as rounding


def polar_blocks(A: Array) -> Array:
    """Return the polar factor of every block, the nearest block with orthonormal columns.

    Parameters
    ----------
    A : array, shape (n, G, d), blocks of full rank.
    """
    u, _, vt = np.linalg.svd(A.transpose(1, 0, 2), full_matrices=False)
    return np.ascontiguousarray((u @ vt).transpose(1, 0, 2))


def from_array(A: object, d: int | None = None, orthonormalise: bool = False) -> Array:
    """Return a user's array as a dictionary, shape (n, G, d).

    Parameters
    ----------
    A : array, shape (n, G, d), or (n, G*d) together with `d`
    d : int, optional
        Block size; needed for a matrix.
    orthonormalise : bool
        Replace every block by its polar factor, the nearest orthonormal block.

    Raises
    ------
    InvalidInput
        For object or complex dtype, NaN or Inf, a wrong shape, a block size that does not divide the
        number of columns, or (unless `orthonormalise`) blocks that are not orthonormal to `ORTHONORMAL`.
    """
    array = A if isinstance(A, np.ndarray) else _as_array(A)
    if array.ndim == 2 and 0 not in array.shape:
        array = _into_blocks(array, d)
    array = check_dictionary(array)
    n, _, width = array.shape
    if d is not None and width != d:
        raise InvalidInput("block", d, f"the block size of the array, {width}", width)
    if width > n:
        raise InvalidInput("block", width, f"at most the dimension {n}", n)
    return _orthonormalised(array) if orthonormalise else _orthonormal(array)


def _as_array(A: object) -> NDArray[np.generic]:
    try:
        return np.asarray(A)
    except ValueError as error:  # ragged lists
        raise InvalidInput("dictionary", type(A).__name__, f"an array (n, G, d): {error}") from None


def _into_blocks(array: NDArray[np.generic], d: int | None) -> NDArray[np.generic]:
    n, m = array.shape
    if d is None:
        raise InvalidInput(
            "shape of the dictionary", array.shape, "(n, G, d), or a matrix and its block size d"
        )
    _admit.count("block", d)
    if m % d:
        divisors = [k for k in range(1, m + 1) if m % k == 0]
        nearest = min(divisors, key=lambda k: abs(k - d))
        raise InvalidInput("block", d, f"a divisor of the {m} columns of the dictionary", nearest)
    return array.reshape(n, m // d, d)


def _orthonormal(array: Array) -> Array:
    defects = orthonormality_defects(array)
    worst = int(defects.argmax())
    if defects[worst] > ORTHONORMAL:
        raise InvalidInput(
            f"block of group {worst}",
            f"||A_g^T A_g - I|| = {defects[worst]:.3g}",
            f"orthonormal columns, to {ORTHONORMAL:g}",
            "the polar factor A_g (A_g^T A_g)^(-1/2) of every block (--orthonormalise, orthonormalise=True)",
        )
    return array


def _orthonormalised(array: Array) -> Array:
    values = np.linalg.svd(array.transpose(1, 0, 2), compute_uv=False)
    ratio = values[:, -1] / np.maximum(values[:, 0], np.finfo(float).tiny)
    worst = int(ratio.argmin())
    if ratio[worst] < 1e-12:
        limit = "linearly independent columns, so that a polar factor exists"
        raise InvalidInput(
            f"block of group {worst}", f"smallest/largest singular value {ratio[worst]:.3g}", limit
        )
    return polar_blocks(array)


def from_file(path: str | Path, d: int | None = None, orthonormalise: bool = False) -> Array:
    """Return the dictionary stored in a `.npy` file; see `from_array`. Pickled objects are never loaded.

    Raises
    ------
    UnreadableFile
        If the file is missing, truncated, not `.npy`, or holds pickled objects.
    InvalidInput
        If the array in it is not a dictionary.
    """
    return from_array(read_npy(Path(path), "the dictionary"), d, orthonormalise)
