"""Dictionaries on which the theory's constants have closed forms, and its inequalities are attained."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.fft import dct
from scipy.linalg import hadamard

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.model import _admit
from gsae_theory.model.frames import must_fit, orthogonal, sizes

Array = NDArray[np.float64]


def _hadamard(k: int) -> Array:
    return np.asarray(hadamard(k), float) / math.sqrt(k)


def _cosines(k: int) -> Array:
    return np.asarray(dct(np.eye(k), axis=0, norm="ortho"))


BASES: dict[str, Callable[[int], Array]] = {"hadamard": _hadamard, "dct": _cosines}
"""Orthonormal bases of R^k that are spread over the standard one: |entries| 1/sqrt k, at most sqrt(2/k)."""


def orthobasis_pair(n: int, d: int, basis: str = "hadamard") -> Array:
    """Return [I, H] (x) I_d, shape (n, 2n/d, d): a tight frame with A A^T = 2 I.

    Block coherence is the largest |entry| of H: sqrt(d/n) for Hadamard (an unbiased pair), at most
    sqrt(2d/n) for the cosine basis. Then a^2 = 2, b = 1, beta = tau = Gam = sqrt d, b* = 1.

    Raises
    ------
    InvalidInput
        If d does not divide n, or n/d is not a power of two for ``basis="hadamard"``.
    """
    check_orthobasis(n, d, basis)
    k = n // d
    return _lift(np.hstack([np.eye(k), BASES[basis](k)]), d)


def check_orthobasis(n: int, d: int, basis: str) -> None:
    """Raise InvalidInput unless the pair of bases exists."""
    sizes(n, 1, d)
    if n % d:
        raise InvalidInput("block", d, f"a divisor of dim = {n}", _nearest_divisor(n, d))
    k = n // d
    if basis not in BASES:
        raise UnknownName("basis", basis, BASES)
    if basis == "hadamard" and k & (k - 1):
        power = d * 2 ** max(0, round(math.log2(k)))
        raise InvalidInput("dim", n, f"block ({d}) times a power of two for the Hadamard basis", power)


def equiangular(n: int, G: int, d: int, mu: float, rng: np.random.Generator | None = None) -> Array:
    """Return blocks a_g (x) I_d with A_g^T A_h = mu I, g != h (general Proposition 1.2); needs G d <= n.

    Parameters
    ----------
    mu : float
        In (-1/(G-1), 1); negative values give dictionaries whose Babel function is attained with |mu|.
    rng : Generator, optional
        Rotates R^n at random; without it the instance is sparse and deterministic.
    """
    check_equiangular(n, G, d, mu)
    # Symmetric root of (1-mu) I + mu 1 1^T
    side, along = math.sqrt(1 - mu), math.sqrt(1 + (G - 1) * mu)
    root = side * np.eye(G) + (along - side) / G
    return _rotated(_lift(root, d), n, rng)


def check_equiangular(n: int, G: int, d: int, mu: float) -> None:
    """Raise InvalidInput unless the equiangular dictionary exists."""
    must_fit(n, G, d, "an equiangular dictionary")
    low = -1 / (G - 1) if G > 1 else -1.0
    mu = _admit.real("coherence", mu)
    if not low < mu < 1:
        nearest = 0.999 if mu >= 1 else 0.999 * low
        raise InvalidInput("coherence", mu, f"in the open interval ({low:.6g}, 1) for {G} groups", nearest)


def principal_pair(
    n: int,
    d: int,
    mu: float,
    matrix: ArrayLike | None = None,
    G: int = 2,
    rng: np.random.Generator | None = None,
) -> Array:
    """Return two blocks with A_1^T A_2 = mu M, and G - 2 further blocks orthogonal to everything.

    Parameters
    ----------
    mu : float
        In [0, 1]; the block coherence if ||M|| = 1.
    matrix : array, shape (d, d), optional
        M, with ||M||_2 <= 1; the identity if left out. ``e1 e1^T`` gives one principal angle.
    G : int
        Number of groups; needs max(G, 2) d <= n.
    """
    check_principal_pair(n, G, d, mu)
    M = np.eye(d) if matrix is None else np.asarray(matrix, float)
    if M.shape != (d, d) or not np.isfinite(M).all():
        raise InvalidInput("matrix", M.shape, f"finite numbers of shape ({d}, {d})", np.eye(d).shape)
    norm = float(np.linalg.norm(M, 2))
    if norm > 1 + 1e-12:
        raise InvalidInput(
            "matrix", f"spectral norm {norm:.6g}", "a matrix of spectral norm at most 1", "matrix / its norm"
        )
    left, cosines, right = np.linalg.svd(mu * M)
    A = np.zeros((G * d, G, d))
    A.reshape(G, d, G, d)[np.arange(G), :, np.arange(G), :] = np.eye(d)
    A[:d, 1] = (left * cosines) @ right
    A[d : 2 * d, 1] = (right.T * np.sqrt(np.clip(1 - cosines**2, 0.0, None))) @ right
    return _rotated(A, n, rng)


def check_principal_pair(n: int, G: int, d: int, mu: float) -> None:
    """Raise InvalidInput unless the principal pair exists."""
    _admit.count("groups", G, 2)
    must_fit(n, G, d, "a principal pair")
    _admit.within("coherence", mu, 0.0, 1.0)


def _lift(matrix: Array, d: int) -> Array:
    """Return matrix (x) I_d as blocks: shape (rows d, columns, d)."""
    rows, columns = matrix.shape
    return np.asarray(np.kron(matrix, np.eye(d)).reshape(rows * d, columns, d), dtype=np.float64)


def _rotated(A: Array, n: int, rng: np.random.Generator | None) -> Array:
    """Return `A` with zero rows added up to `n`, rotated by a Haar-random frame if `rng` is given."""
    rows = len(A)
    if rng is None:
        return np.concatenate([A, np.zeros((n - rows, *A.shape[1:]))])
    frame = orthogonal(n, 1, rows, rng)[:, 0]
    return np.asarray(np.tensordot(frame, A, axes=1))


def _nearest_divisor(n: int, d: int) -> int:
    return min((k for k in range(1, n + 1) if n % k == 0), key=lambda k: abs(k - d))
