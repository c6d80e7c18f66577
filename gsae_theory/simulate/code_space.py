"""Second moments of codes over a quadrature rule, computed in code space.

With K = W^T A and M = W^T W: u = K x, W^T r = K x - M h, and the population gradient is
-(A E[x (h + v)^T] - W E[h h^T]), v = J W^T r. The ambient dimension n never meets a node.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gsae_theory.network.activations import Activation

Array = NDArray[np.float64]
Index = NDArray[np.int64]

_FLOATS = 1 << 14  # numbers per intermediate array: in the cache, and below what malloc maps anew each time
_ROUNDING = 1e-12  # relative margin of the certificate


@dataclass(frozen=True)
class Frame:
    """The weights seen from code space: blocks K_hg = W_h^T A_g and M_hg = W_h^T W_g, (G, G, d, d)."""

    K: Array
    M: Array

    @classmethod
    def of(cls, W: Array, A: Array) -> Frame:
        """Return the frame of the weights on a dictionary, both (n, G, d)."""
        n, G, d = W.shape
        flat = W.reshape(n, -1).T
        K, M = flat @ A.reshape(n, -1), flat @ W.reshape(n, -1)
        return cls(*(np.ascontiguousarray(X.reshape(G, d, G, d).transpose(0, 2, 1, 3)) for X in (K, M)))


@dataclass
class Moments:
    """Sums over nodes and supports, probabilities included.

    Attributes
    ----------
    cross : array, shape (G, G, d, d)
        E[x_g (h + v)_h^T] at (g, h).
    second : array, shape (G, G, d, d)
        E[h_g h_h^T].
    energy : float
        E[h . (u + W^T r)]; the loss is (E||Ax||^2 - energy)/2.
    recovery : float
        P(the groups that fire are exactly the support).
    """

    cross: Array
    second: Array
    energy: float = 0.0
    recovery: float = 0.0

    @classmethod
    def zero(cls, G: int, d: int) -> Moments:
        """Return sums over nothing."""
        return cls(np.zeros((G, G, d, d)), np.zeros((G, G, d, d)))


@dataclass(frozen=True)
class Certificate:
    """What is known about the supports for every code of the law, not only at the nodes.

    Attributes
    ----------
    reach : array, shape (G, G)
        Upper bounds of ||K_hg||_2, exact where it mattered.
    silent : bool
        No group outside S fires.
    exact : bool
        Exactly the groups of S fire, and the activation is smooth there.
    """

    reach: Array
    silent: bool
    exact: bool


def spectral_norms(blocks: Array) -> Array:
    """Return the spectral norms of (.., d, d) blocks; in closed form for d <= 2."""
    d = blocks.shape[-1]
    if d == 1:
        return np.asarray(np.abs(blocks[..., 0, 0]))
    if d == 2:
        a, b, c, e = blocks[..., 0, 0], blocks[..., 0, 1], blocks[..., 1, 0], blocks[..., 1, 1]
        return np.asarray(0.5 * (np.hypot(a + e, c - b) + np.hypot(a - e, b + c)))
    return np.asarray(np.linalg.svd(blocks, compute_uv=False)[..., 0])


def _largest_sums(values: Array, k: int) -> Array:
    k = min(k, values.shape[1])
    if k == 0:
        return np.zeros(len(values))
    return np.asarray(np.partition(values, values.shape[1] - k, axis=1)[:, values.shape[1] - k :].sum(axis=1))


def certify(frame: Frame, gamma: int, B_min: float, B_max: float, lam: float, act: Activation) -> Certificate:
    """Return what triangle inequalities say about the supports of all codes with at most `gamma` groups.

    Silent if for every h the sum of the `gamma` largest ||K_hg||_2, g != h, is at most lam / B_max; exact
    if also sigma_min(K_gg) B_min minus the `gamma - 1` largest ||K_gh||_2 B_max exceeds lam.
    """
    G = len(frame.K)
    reach = _cheap_norms(frame.K)
    off = _off_diagonal(reach)
    if act.silent_below and not _is_silent(off, gamma, B_max, lam).all():
        rows = ~_is_silent(off, gamma, B_max, lam)
        reach[rows] = spectral_norms(frame.K[rows])
        off = _off_diagonal(reach)
    silent = act.silent_below and bool(_is_silent(off, gamma, B_max, lam).all())
    if not (silent and act.fires_above):
        return Certificate(reach, silent, False)
    lowest = np.linalg.svd(frame.K[np.arange(G), np.arange(G)], compute_uv=False)[:, -1] * B_min
    floor = lam * (1 + _ROUNDING) + 1e-300
    if (lowest - _largest_sums(off, gamma - 1) * B_max > floor).all():
        return Certificate(reach, silent, True)
    off = _off_diagonal(spectral_norms(frame.K))
    return Certificate(reach, silent, bool((lowest - _largest_sums(off, gamma - 1) * B_max > floor).all()))


def _cheap_norms(blocks: Array) -> Array:
    if blocks.shape[-1] <= 2:
        return spectral_norms(blocks)
    size = np.abs(blocks)
    holder = np.sqrt(size.sum(axis=-1).max(axis=-1) * size.sum(axis=-2).max(axis=-1))
    return np.asarray(np.minimum(np.sqrt(np.einsum("ghij,ghij->gh", blocks, blocks)), holder))


def _off_diagonal(reach: Array) -> Array:
    return np.where(np.eye(len(reach), dtype=bool), 0.0, reach)


def _is_silent(off: Array, gamma: int, B_max: float, lam: float) -> NDArray[np.bool_]:
    return np.asarray(_largest_sums(off, gamma) * B_max <= lam * (1 - _ROUNDING))


@dataclass(frozen=True)
class Batch:
    """Supports of equal size, with equally many groups that are looked at on each.

    Attributes
    ----------
    supports : array, shape (M, k)
    looked_at : array, shape (M, t)
        Groups whose response is computed; every other group is known to be silent.
    probabilities : array, shape (M,)
    """

    supports: Index
    looked_at: Index
    probabilities: Array


def batches(
    supports: Index, probabilities: Array, seen: Certificate, B_max: float, lam: float, act: Activation
) -> list[Batch]:
    """Return the supports with the groups that may fire on each, sorted by the number of those."""
    if seen.silent:
        return [Batch(supports, supports, probabilities)]
    found = []
    for at in range(0, len(supports), 1024):
        part = supports[at : at + 1024]
        bound = seen.reach[:, part].sum(axis=-1).T * B_max
        may_fire = bound > lam * (1 - _ROUNDING) if act.silent_below else np.ones(bound.shape, dtype=bool)
        sizes = may_fire.sum(axis=1)
        for size in np.unique(sizes[sizes > 0]):
            rows = np.flatnonzero(sizes == size)
            looked_at = np.nonzero(may_fire[rows])[1].reshape(-1, size)
            found.append(Batch(part[rows], looked_at, probabilities[at + rows]))
    return found


def accumulate(
    total: Moments,
    frame: Frame,
    batch: Batch,
    nodes: Iterable[tuple[Array, Array]],
    act: Activation,
    lam: float,
) -> None:
    """Add to `total` the moments of a batch over the nodes of its code rule.

    Parameters
    ----------
    nodes : iterable of (codes (k d, N), weights (N,))
        Shared by all supports of the batch.
    """
    width = batch.looked_at.shape[1] * frame.K.shape[-1]
    for codes, weights in nodes:
        step = max(1, _FLOATS // (width * len(weights)))
        for at in range(0, len(batch.supports), step):
            part = slice(at, at + step)
            piece = Batch(batch.supports[part], batch.looked_at[part], batch.probabilities[part])
            _accumulate_piece(total, frame, piece, codes, weights, act, lam)


def _accumulate_piece(
    total: Moments, frame: Frame, batch: Batch, codes: Array, weights: Array, act: Activation, lam: float
) -> None:
    S, T, chance = batch.supports, batch.looked_at, batch.probabilities
    (B, k), t, d, N = S.shape, T.shape[1], frame.K.shape[-1], len(weights)
    K, M = _gather(frame.K, T, S), _gather(frame.M, T, T)
    u = (K.reshape(B * t * d, k * d) @ codes).reshape(B, t, d, N)
    h, active, transpose = act.linearise(u, lam, axis=2)
    flat = h.reshape(B, t * d, N)
    back = u - (M @ flat).reshape(u.shape)
    out = transpose(back)
    out += h
    weighted = h * weights
    second = weighted.reshape(B, t * d, N) @ flat.transpose(0, 2, 1)
    cross = (codes * weights) @ out.reshape(B * t * d, N).T  # (k d, B t d)
    back += u
    total.energy += float(chance @ np.einsum("bi,bi->b", weighted.reshape(B, -1), back.reshape(B, -1)))
    right = (active == (T[:, :, None] == S[:, None, :]).any(axis=2)[:, :, None]).all(axis=1) @ weights
    complete = (T[:, :, None] == S[:, None, :]).sum(axis=(1, 2)) == k
    total.recovery += float(chance @ (right * complete))
    cross = cross.reshape(k, d, B, t, d).transpose(2, 0, 3, 1, 4) * chance[:, None, None, None, None]
    second = second.reshape(B, t, d, t, d).transpose(0, 1, 3, 2, 4) * chance[:, None, None, None, None]
    np.add.at(total.cross, (S[:, :, None], T[:, None, :]), cross)
    np.add.at(total.second, (T[:, :, None], T[:, None, :]), second)


def _gather(blocks: Array, rows: Index, columns: Index) -> Array:
    """Return the matrices made of the chosen blocks, shape (B, rows d, columns d)."""
    picked = blocks[rows[:, :, None], columns[:, None, :]].transpose(0, 1, 3, 2, 4)
    B, r, d, c, _ = picked.shape
    return picked.reshape(B, r * d, c * d)
