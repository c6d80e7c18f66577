"""Checks of the arguments of the network's public functions; each is O(size) at most."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput

Array = NDArray[np.float64]


def check_lam(lam: object) -> float:
    """Return the threshold as a float >= 0, or raise InvalidInput."""
    if isinstance(lam, bool) or not isinstance(lam, int | float | np.integer | np.floating):
        raise InvalidInput("lam", lam, "a finite number >= 0")
    value = float(lam)
    if not math.isfinite(value) or value < 0:
        raise InvalidInput("lam", value, "a finite number >= 0", abs(value) if math.isfinite(value) else None)
    return value


def check_numbers(name: str, value: object, ndim: int, admissible: str) -> Array:
    """Return `value` as a float64 array with `ndim` axes and finite entries, or raise InvalidInput."""
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise InvalidInput(f"dtype of {name}", str(array.dtype), "real numbers", "float64")
    if array.ndim != ndim or 0 in array.shape[1:]:
        raise InvalidInput(f"shape of {name}", array.shape, admissible)
    array = array.astype(np.float64, copy=False)
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise InvalidInput(f"{name}[{where}]", float(array[where]), "finite numbers")
    return array


def check_weights(W: object, name: str = "W") -> Array:
    """Return weights or a dictionary as a float64 array of shape (n, G, d)."""
    return check_numbers(name, W, 3, "(n, G, d): dimension, groups, block size, each >= 1")


def check_pair(W: object, A: object, names: tuple[str, str] = ("W", "A")) -> tuple[Array, Array]:
    """Return two arrays of one shape (n, G, d)."""
    first, second = check_weights(W, names[0]), check_weights(A, names[1])
    if first.shape != second.shape:
        raise InvalidInput(
            f"shape of {names[0]}", first.shape, f"that of {names[1]}, {second.shape}", second.shape
        )
    return first, second


def check_data(Y: object, n: int) -> Array:
    """Return data as a float64 array of shape (N, n)."""
    data = check_numbers("Y", Y, 2, "(N, n): one sample per row")
    if data.shape[1] != n:
        raise InvalidInput("columns of Y", data.shape[1], f"the dimension of W, n = {n}", n)
    return data
