"""What a dictionary measures about itself: coherences, block Babel functions, frame constants.

General (A3), section 1 of docs/theory.md. Everything is read off the Gram matrix in blocks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput

Array = NDArray[np.float64]

_CHUNK = 2_000_000  # Gram entries whose blocks are decomposed at once


def check_dictionary(A: object, name: str = "dictionary") -> Array:
    """Return `A` as a float64 array of shape (n, G, d), or raise InvalidInput saying what is wrong."""
    array = A if isinstance(A, np.ndarray) else np.asarray(A)
    if array.dtype == object or array.dtype.kind not in "iuf":
        raise InvalidInput(f"dtype of the {name}", str(array.dtype), "real numbers", "float64")
    if array.ndim != 3 or 0 in array.shape:
        raise InvalidInput(
            f"shape of the {name}", array.shape, "(n, G, d): dimension, groups, block size, each >= 1"
        )
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise InvalidInput(f"{name}[{where}]", float(array[where]), "finite numbers")
    return array


def gram(A: Array) -> Array:
    """Return A^T A, shape (Gd, Gd)."""
    flat = A.reshape(len(A), -1)
    return flat.T @ flat


def orthonormality_defects(A: Array) -> Array:
    """Return ||A_g^T A_g - I|| for every group, shape (G,)."""
    blocks = A.transpose(1, 0, 2)
    excess = blocks.transpose(0, 2, 1) @ blocks - np.eye(A.shape[2])
    return np.abs(np.linalg.eigvalsh(excess)).max(axis=1)


def coherence_matrices(A: Array) -> tuple[Array, Array]:
    """Return the spectral and the Frobenius norms of all A_g^T A_h, each (G, G) with zero diagonal."""
    _, G, d = A.shape
    return _coherence(gram(A), G, d)


def _coherence(matrix: Array, G: int, d: int) -> tuple[Array, Array]:
    spectral, frobenius = np.zeros((G, G)), np.zeros((G, G))
    rows = max(1, _CHUNK // (G * d * d))
    for start in range(0, G, rows):
        part = slice(start, min(start + rows, G))
        blocks = matrix[part.start * d : part.stop * d].reshape(-1, d, G, d).transpose(0, 2, 1, 3)
        frobenius[part] = np.sqrt(np.einsum("ghij,ghij->gh", blocks, blocks))
        spectral[part] = _spectral_norms(blocks)
    np.fill_diagonal(spectral, 0.0)
    np.fill_diagonal(frobenius, 0.0)
    return spectral, frobenius


def _spectral_norms(blocks: Array) -> Array:
    """Return the spectral norms of (.., d, d) blocks; in closed form for d <= 2."""
    d = blocks.shape[-1]
    if d == 1:
        return np.asarray(np.abs(blocks[..., 0, 0]))
    if d == 2:  # ||M|| = (|z| + |w|)/2 with z, w the conformal and anticonformal parts
        a, b, c, e = blocks[..., 0, 0], blocks[..., 0, 1], blocks[..., 1, 0], blocks[..., 1, 1]
        return 0.5 * (np.hypot(a + e, c - b) + np.hypot(a - e, b + c))
    return np.asarray(np.linalg.svd(blocks, compute_uv=False)[..., 0])


def block_coherence(A: Array) -> float:
    """Return mu = max over g != h of ||A_g^T A_h||_2 (0 for one group)."""
    return float(coherence_matrices(A)[0].max())


def block_welch_bound(n: int, G: int, d: int) -> float:
    """Return the smallest block coherence that G orthonormal blocks of size d in R^n can have.

    From ||A^T A||_F^2 >= (Gd)^2/n: mu^2 >= (Gd/n - 1)/(G - 1); 0 if Gd <= n.
    """
    return math.sqrt(max(0.0, G * d / n - 1) / (G - 1)) if G > 1 else 0.0


def largest_sums(values: Array, k: int) -> Array:
    """Return, for each row, the sum of its `k` largest entries (all of them if there are fewer)."""
    if k <= 0:
        return np.zeros(len(values))
    k = min(k, values.shape[1])
    return np.asarray(np.partition(values, values.shape[1] - k, axis=1)[:, -k:].sum(axis=1))


def block_babel(A: Array, k: int) -> float:
    """Return mu_1(k), the max over g of the sum of the k largest ||A_g^T A_h||_2, h != g."""
    return float(largest_sums(coherence_matrices(A)[0], k).max())


@dataclass(frozen=True)
class Spectrum:
    """Extreme singular values of A and the norm of A^T A - I."""

    a_frame: float
    a_lower: float
    b_star: float


def spectrum(A: Array) -> Spectrum:
    """Return the frame constants: ||A||, the smallest nonzero singular value, ||A^T A - I||."""
    flat = A.reshape(len(A), -1)
    values = np.linalg.svd(flat, compute_uv=False)
    rank_floor = values[0] * max(flat.shape) * np.finfo(float).eps
    excess = np.abs(values**2 - 1)
    kernel = 1.0 if flat.shape[1] > flat.shape[0] else 0.0
    nonzero = values[values > rank_floor]
    return Spectrum(
        float(values[0]), float(nonzero[-1]) if len(nonzero) else 0.0, max(float(excess.max()), kernel)
    )


def dictionary_constants(A: Array, gamma: int) -> dict[str, float]:
    """Return every constant of a dictionary that the theory uses, under the names of the symbol table.

    Parameters
    ----------
    A : array, shape (n, G, d)
    gamma : int
        Number of active groups, at which the Babel functions are taken.

    Returns
    -------
    dict
        mu, mu_col, a_frame, a_lower, b_star, beta_F, b_op, tau_T, Gam, mu1_g, mu1_g1, mu1_g2, mu1_all,
        mu2_g1, muF_g1, dev_orthonormal. T_g = sum over h != g of A_h A_h^T A_g.
    """
    n, G, d = A.shape
    flat, matrix = A.reshape(n, -1), gram(A)
    spectral, frobenius = _coherence(matrix, G, d)
    off = matrix.reshape(G, d, G, d)
    off[np.arange(G), :, np.arange(G), :] = 0.0  # in place: `matrix` becomes A^T A without its blocks
    columns = np.einsum("giha,giha->gha", off, off)
    inner = np.einsum("kga,kgb->gab", matrix.reshape(-1, G, d), matrix.reshape(-1, G, d), optimize=True)
    drift = (flat @ matrix).reshape(n, G, d)
    frame = spectrum(A)
    return {
        "mu": float(spectral.max()),
        "mu_col": math.sqrt(float(columns.max())),
        "a_frame": frame.a_frame,
        "a_lower": frame.a_lower,
        "b_star": frame.b_star,
        "beta_F": math.sqrt(float((frobenius**2).sum(axis=1).max())),
        "b_op": math.sqrt(max(0.0, float(np.linalg.eigvalsh(inner).max()))),
        "tau_T": float(np.sqrt(np.einsum("nga,nga->g", drift, drift)).max()),
        "Gam": float(np.linalg.norm(inner, axis=(1, 2)).max()),
        "mu1_g": float(largest_sums(spectral, gamma).max()),
        "mu1_g1": float(largest_sums(spectral, gamma - 1).max()),
        "mu1_g2": float(largest_sums(spectral, max(gamma - 2, 0)).max()),
        "mu1_all": float(largest_sums(spectral, G - 1).max()),
        "mu2_g1": math.sqrt(float(largest_sums(spectral**2, gamma - 1).max())),
        "muF_g1": math.sqrt(float(largest_sums(frobenius**2, gamma - 1).max())),
        "dev_orthonormal": float(orthonormality_defects(A).max()),
    }
