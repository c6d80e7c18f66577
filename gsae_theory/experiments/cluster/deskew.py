"""Deskewing: shear every image until its second moments say that it stands upright. No label is seen."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform

from gsae_theory.errors import InvalidInput

Array = NDArray[np.float64]


def deskewed(X: Array) -> Array:
    """Return the images `X`, each sheared along its rows about its centre of mass.

    With m_vv and m_uv the central second moments of the brightness (v down, u across), the shear by
    -m_uv/m_vv makes m_uv vanish; interpolation is linear. An image without brightness, or on one row,
    stays.

    Parameters
    ----------
    X : array, shape (N, side^2)
        Square images, row after row, with entries >= 0.

    Raises
    ------
    InvalidInput
        If the rows are no square images, or an entry is negative.
    """
    X = np.asarray(X, dtype=float)
    side = math.isqrt(X.shape[1])
    if side * side != X.shape[1]:
        raise InvalidInput("columns, to deskew", X.shape[1], "the square of an image's side", side * side)
    if X.min() < 0:
        raise InvalidInput("entries, to deskew", float(X.min()), "brightness >= 0", 0.0)
    v, u = np.mgrid[:side, :side].astype(float)
    out = np.empty_like(X)
    for k, image in enumerate(X.reshape(-1, side, side)):
        out[k] = _upright(image, v, u).ravel()
    return out


def _upright(image: Array, v: Array, u: Array) -> Array:
    top = image.max()
    if top == 0:
        return image
    weight = image / top  # sums stay representable
    total = weight.sum()
    down, across = (v * weight).sum() / total, (u * weight).sum() / total
    spread = (weight * (v - down) ** 2).sum() / total
    if spread < 1e-9:
        return image
    slope = (weight * (v - down) * (u - across)).sum() / total / spread
    # The output at (v, u) is the input at (v, u + slope (v - down)).
    return np.asarray(affine_transform(image, [[1, 0], [slope, 1]], offset=[0, -slope * down], order=1))
