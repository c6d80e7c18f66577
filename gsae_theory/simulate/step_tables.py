"""What one gradient step needs of the weights, each formed on first use, and bounds on what can leak.

With one active group and a certificate only the diagonal blocks of K = W^T A and M = W^T W are needed;
the certificate itself comes from a single-precision product with a rigorous bound of its rounding error.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.simulate.block_sums import table_of
from gsae_theory.simulate.code_space import spectral_norms

Array = NDArray[Any]


def product_error(n: int, dtype: Any) -> float:
    """Return c with ||fl(X^T Y) - X^T Y||_F <= c ||X||_F ||Y||_F for (n, .) factors rounded to `dtype`.

    Any order of summation, fused or not: gamma_(n+2) = (n+2) u / (1 - (n+2) u), u the unit roundoff; the two
    extra roundings are those of the factors.
    """
    small = (n + 2) * float(np.finfo(dtype).eps) / 2
    return small / (1 - small)


class Dictionary:
    """The dictionary with what is computed from it once per run."""

    def __init__(self, A: Array, dtype: Any) -> None:
        self.n, self.G, self.d = A.shape
        self.exact, self.dtype = A, np.dtype(dtype)
        self.A = np.ascontiguousarray(A, dtype=dtype)
        self.block_norms = np.sqrt(np.einsum("ngi,ngi->g", A, A))

    @cached_property
    def flat(self) -> Array:
        """(n, m)."""
        return self.A.reshape(self.n, -1)

    @cached_property
    def single(self) -> Array:
        """(n, m), rounded to float32."""
        return self.exact.reshape(self.n, -1).astype(np.float32, copy=False)

    @cached_property
    def gram(self) -> Array:
        """Table of A^T A, for the norm of the data."""
        return table_of(self.flat.T @ self.flat, self.G)


class StepTables:
    """The weights of one step seen from code space.

    Parameters
    ----------
    W : array, shape (n, G, d)
    dictionary : Dictionary
    """

    def __init__(self, W: Array, dictionary: Dictionary) -> None:
        self.dictionary, self.G, self.d = dictionary, dictionary.G, dictionary.d
        self.W = np.ascontiguousarray(W, dtype=dictionary.dtype)
        self.flat = self.W.reshape(dictionary.n, -1)
        self.products: dict[str, tuple[int, int, int]] = {}  # (n, m, m) of every full product formed

    def _product(self, name: str, left: Array, right: Array) -> Array:
        self.products[name] = (len(left), left.shape[1], right.shape[1])
        return np.asarray(left.T @ right)

    @cached_property
    def cross_flat(self) -> Array:
        """K = W^T A, (m, m)."""
        return self._product("K", self.flat, self.dictionary.flat)

    @cached_property
    def gram_flat(self) -> Array:
        """M = W^T W, (m, m)."""
        return self._product("M", self.flat, self.flat)

    @cached_property
    def K(self) -> Array:
        """Table of W^T A."""
        return table_of(self.cross_flat, self.G)

    @cached_property
    def M(self) -> Array:
        """Table of W^T W."""
        return table_of(self.gram_flat, self.G)

    @cached_property
    def diagonal_K(self) -> Array:
        """Table (d, d, G) of W_g^T A_g."""
        return self._diagonal(self.dictionary.A)

    @cached_property
    def diagonal_M(self) -> Array:
        """Table (d, d, G) of W_g^T W_g."""
        return self._diagonal(self.W)

    def _diagonal(self, other: Array) -> Array:
        blocks = self.W.transpose(1, 2, 0) @ other.transpose(1, 0, 2)
        return np.ascontiguousarray(blocks.transpose(1, 2, 0))

    @cached_property
    def block_norms(self) -> Array:
        """||W_g||_F, shape (G,), from the diagonal of M where that is at hand."""
        if "gram_flat" in self.__dict__:
            squares = np.diagonal(self.gram_flat).reshape(self.G, self.d).sum(axis=1, dtype=np.float64)
        else:
            squares = np.einsum("iig->g", self.diagonal_M, dtype=np.float64)
        return np.sqrt(squares)

    @cached_property
    def largest_block(self) -> float:
        """max_g ||W_g||_F."""
        return float(self.block_norms.max())

    @cached_property
    def _seen(self) -> Array:
        """K in the cheapest form at hand: float32 unless the exact product has been formed."""
        if "cross_flat" in self.__dict__:
            return self.cross_flat
        return self._product("K in float32", self.flat.astype(np.float32, copy=False), self.dictionary.single)

    @cached_property
    def _error(self) -> Array:
        """Bounds of the rounding error of the blocks of `_seen`, shape (G, G)."""
        relative = product_error(self.dictionary.n, self._seen.dtype)
        return np.outer(self.block_norms, self.dictionary.block_norms) * (relative * (1 + 1e-3))

    @cached_property
    def reach(self) -> Array:
        """Upper bounds of ||W_h^T A_g||_2, shape (G, G), 0 for h = g: Frobenius norms plus rounding."""
        squares = (self._seen * self._seen).reshape(-1, self.d) @ np.ones(self.d, self._seen.dtype)
        norms = np.sqrt(squares.reshape(self.G, self.d, self.G).sum(axis=1)).astype(np.float64)
        rounding = (self.d**2 + 4) * float(np.finfo(self._seen.dtype).eps)
        reach = norms * (1 + rounding) + self._error
        np.fill_diagonal(reach, 0.0)
        return np.asarray(reach)

    def sharpen(self, rows: NDArray[np.bool_]) -> None:
        """Lower the bounds of some rows of `reach`: the spectral norm for d = 2, (sum s^8)^(1/8) above."""
        if self.d == 1 or not rows.any():
            return
        blocks = self._seen.reshape(self.G, self.d, self.G, self.d)[rows].transpose(0, 2, 1, 3)
        sharp = _norm_bounds(blocks.astype(np.float64)) * (1 + 1e-12) + self._error[rows]
        sharp[np.arange(len(sharp)), np.flatnonzero(rows)] = 0.0
        self.reach[rows] = np.minimum(self.reach[rows], sharp)
        self.__dict__.pop("worst", None)

    @cached_property
    def worst(self) -> Array:
        """Largest reach of each group g over the others, shape (G,)."""
        return np.asarray(self.reach.max(axis=0))


def _norm_bounds(blocks: Array) -> Array:
    """Return upper bounds of spectral norms, at most d^(1/8) too large: ||B||_2^8 <= ||(B^T B)^2||_F^2."""
    if blocks.shape[-1] <= 2:
        return spectral_norms(blocks)
    scale = np.abs(blocks).max(axis=(-2, -1), keepdims=True) + np.finfo(float).tiny
    blocks = blocks / scale
    square = np.swapaxes(blocks, -1, -2) @ blocks
    fourth = square @ square
    return np.asarray(scale[..., 0, 0] * np.einsum("ghij,ghij->gh", fourth, fourth) ** 0.125)
