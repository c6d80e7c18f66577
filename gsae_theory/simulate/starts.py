"""Starts of gradient descent, with their aligned distance to scale * A known exactly.

Each kind is a matrix in the aligned frame, W_g = s A_g + Delta_g with s I + A_g^T Delta_g symmetric and
positive semidefinite: then Q = I is a Procrustes rotation and dist_g(W; sA) = ||Delta_g||_F.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.network.checks import check_weights

Array = NDArray[np.float64]
Builder = Callable[[Array, float, float, np.random.Generator], Array]


def haar_rotations(G: int, d: int, rng: np.random.Generator) -> Array:
    """Return `G` independent Haar-distributed elements of O(d), shape (G, d, d)."""
    Q, R = np.linalg.qr(rng.standard_normal((G, d, d)))
    signs = np.where(np.diagonal(R, axis1=1, axis2=2) < 0, -1.0, 1.0)
    return np.asarray(Q * signs[:, None, :])


def start(
    kind: str, A: Array, scale: float, radius: float, rng: np.random.Generator, rotated: bool = False
) -> Array:
    """Return weights at a given distance from scale * A.

    Parameters
    ----------
    kind : str
        ``random``: a random direction of R^(n x d) modulo rotations.
        ``rank_one_in``: A_g (s I - r e e^T), e a random unit vector; lowest singular value for the distance.
        ``rank_one_out``: s A_g + r (A_h t0) b^T with (t0, b) the top principal pair of the most coherent
        neighbour h; largest leakage for the distance (gamma1 Theorem 1(d)).
        ``out_of_subspace``: s A_g + A_perp D, the slowest direction; needs n > d.
        ``scale``: (s + r/sqrt d) A_g; ``scale_down``: (s - r/sqrt d) A_g.
        ``near``: A_g Q_g + noise with ||noise||_F = r, near A itself: its distance to scale * A is not r.
    A : array, shape (n, G, d)
        Dictionary, blocks with orthonormal columns.
    scale : float
        s > 0.
    radius : float
        r >= 0: the exact aligned distance of every group, except for ``near``.
        At most s for ``rank_one_in``, s sqrt d for ``scale_down``.
    rng : Generator
    rotated : bool
        Multiply each block by a random element of O(d), which no distance or loss sees.

    Raises
    ------
    InvalidInput
        If a number is out of range.
    """
    A = check_weights(A, "A")
    if kind not in STARTS:
        raise UnknownName("start", kind, STARTS)
    if not (math.isfinite(scale) and scale > 0):
        raise InvalidInput("scale", scale, "a finite number > 0", 1.0)
    if not (math.isfinite(radius) and radius >= 0):
        raise InvalidInput(
            "radius", radius, "a finite number >= 0", abs(radius) if math.isfinite(radius) else 0.1
        )
    W = STARTS[kind](A, scale, radius, rng)
    return rotate_blocks(W, haar_rotations(A.shape[1], A.shape[2], rng)) if rotated else W


def rotate_blocks(W: Array, Q: Array) -> Array:
    """Return the blocks W_g Q_g, shape (n, G, d)."""
    return np.ascontiguousarray(np.einsum("ngi,gij->ngj", W, Q))


def _blockwise(A: Array, M: Array) -> Array:
    return np.einsum("ngi,gij->ngj", A, M)


def _outside(A: Array, rng: np.random.Generator) -> Array:
    """Return a Gaussian perturbation orthogonal to the span of its block, shape (n, G, d)."""
    Z = rng.standard_normal(A.shape)
    for _ in range(2):  # the second pass removes what rounding leaves
        Z = Z - _blockwise(A, np.einsum("ngi,ngj->gij", A, Z))
    return Z


def _of_length(Z: Array, radius: float) -> Array:
    return np.asarray(radius * Z / np.linalg.norm(Z, axis=(0, 2))[:, None])


def _random(A: Array, s: float, radius: float, rng: np.random.Generator) -> Array:
    n, G, d = A.shape
    Z = rng.standard_normal((G, d, d))
    E = (Z + Z.transpose(0, 2, 1)) / math.sqrt(2) / math.sqrt(2)
    D = _outside(A, rng) if n > d else np.zeros_like(A)
    length = np.sqrt(np.linalg.norm(E, axis=(1, 2)) ** 2 + np.linalg.norm(D, axis=(0, 2)) ** 2)
    E *= (radius / length)[:, None, None]
    values, vectors = np.linalg.eigh(E)
    if (values < -s).any():  # beyond s the polar factor would change: flip what is too negative, same length
        values = np.where(values < -s, -values, values)
        E = (vectors * values[:, None, :]) @ vectors.transpose(0, 2, 1)
    return s * A + _blockwise(A, E) + D * (radius / length)[:, None]


def _rank_one_in(A: Array, s: float, radius: float, rng: np.random.Generator) -> Array:
    if radius > s:
        raise InvalidInput("radius", radius, f"at most the scale {s:.6g} for rank_one_in", s)
    _, G, d = A.shape
    e = rng.standard_normal((G, d))
    e /= np.linalg.norm(e, axis=1, keepdims=True)
    return s * A - radius * _blockwise(A, e[:, :, None] * e[:, None, :])


def _rank_one_out(A: Array, s: float, radius: float, rng: np.random.Generator) -> Array:
    G = A.shape[1]
    if G == 1:
        raise InvalidInput("groups", G, "at least 2 for rank_one_out", 2)
    cross = np.einsum("ngi,nhj->ghij", A, A)  # A_g^T A_h
    U, values, Vt = np.linalg.svd(cross)
    top = values[..., 0]
    np.fill_diagonal(top, -1.0)
    neighbour = top.argmax(axis=1)
    groups = np.arange(G)
    b, t0 = U[groups, neighbour, :, 0], Vt[groups, neighbour, 0, :]  # A_g^T A_h t0 = mu b
    push = np.einsum("ngi,gi->ng", A[:, neighbour, :], t0)
    return s * A + radius * push[:, :, None] * b


def _out_of_subspace(A: Array, s: float, radius: float, rng: np.random.Generator) -> Array:
    if A.shape[0] <= A.shape[2]:
        raise InvalidInput("dim", A.shape[0], "larger than block for out_of_subspace", A.shape[2] + 1)
    return s * A + _of_length(_outside(A, rng), radius)


def _scale(A: Array, s: float, radius: float, rng: np.random.Generator) -> Array:
    return (s + radius / math.sqrt(A.shape[2])) * A


def _scale_down(A: Array, s: float, radius: float, rng: np.random.Generator) -> Array:
    limit = s * math.sqrt(A.shape[2])
    if radius > limit:
        raise InvalidInput("radius", radius, f"at most {limit:.6g} for scale_down", limit)
    return (s - radius / math.sqrt(A.shape[2])) * A


def _near(A: Array, s: float, radius: float, rng: np.random.Generator) -> Array:
    turned = rotate_blocks(A, haar_rotations(A.shape[1], A.shape[2], rng))
    return turned + _of_length(rng.standard_normal(A.shape), radius)


STARTS: dict[str, Builder] = {
    "random": _random,
    "rank_one_in": _rank_one_in,
    "rank_one_out": _rank_one_out,
    "out_of_subspace": _out_of_subspace,
    "scale": _scale,
    "scale_down": _scale_down,
    "near": _near,
}
"""Every kind of start by name."""
