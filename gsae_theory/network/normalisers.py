"""Constraints on the weights, imposed after every update."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import UnknownName
from gsae_theory.network.autoencoder import normalise_blocks

Array = NDArray[np.float64]
_TINY = float(np.finfo(float).tiny)


def unit_columns(W: Array) -> Array:
    """Return the weights with columns of norm 1; zero columns stay."""
    return np.asarray(W / np.maximum(np.linalg.norm(W, axis=0, keepdims=True), _TINY))


def unit_blocks(W: Array) -> Array:
    """Return the weights with ||W_g||_F = sqrt(d), as a dictionary has; zero blocks stay."""
    norms = np.linalg.norm(W, axis=(0, 2), keepdims=True)
    return np.asarray(W * np.sqrt(W.shape[2]) / np.maximum(norms, _TINY))


NORMALISERS: dict[str, Callable[[Array], Array]] = {
    "none": lambda W: W,
    "columns": unit_columns,
    "blocks": unit_blocks,
    "orthonormal": normalise_blocks,
}
"""Every constraint by name; ``orthonormal`` takes the polar factor of each block."""


def get_normaliser(name: str) -> Callable[[Array], Array]:
    """Return the constraint of that name, or raise UnknownName."""
    if name not in NORMALISERS:
        raise UnknownName("normalise", str(name), NORMALISERS)
    return NORMALISERS[name]
