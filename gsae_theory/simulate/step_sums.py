"""Sums over samples in code space from which the gradient of the network is assembled."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.network.activations import Activation
from gsae_theory.simulate.block_sums import NUMPY, Index, Kernels, flat_of, pairs
from gsae_theory.simulate.leakage import find_leaks, near_threshold, not_certified
from gsae_theory.simulate.step_tables import StepTables

Array = NDArray[Any]
_PAIRS = 1 << 20  # pairs of groups, over samples, that are worked on together
_WHOLE = 1 << 18  # entries of a matrix (samples, m) where too many groups fire for blocks to pay


class StepSums:
    """Sums of x (h + v)^T and h h^T over samples.

    Parameters
    ----------
    tables : StepTables
    lam : float
    act : Activation
    loss : bool
        Sum ||A x||^2 and h . (u + W^T r) too.
    kernels : Kernels
        What does the sums over samples.

    Attributes
    ----------
    samples, right, certified, leaking, boundary : int
        See `engine.StepGradient`; `right` counts samples whose supports are recovered exactly.
    loss : float
        Sum of the losses, if asked for.
    """

    def __init__(
        self, tables: StepTables, lam: float, act: Activation, loss: bool, kernels: Kernels = NUMPY
    ) -> None:
        self.kernels = kernels
        self.tables, self.lam, self.act, self.with_loss = tables, lam, act, loss
        self.samples = self.right = self.certified = self.leaking = self.boundary = 0
        self.loss = 0.0

    @cached_property
    def _full(self) -> tuple[Array, Array]:
        """Tables of sum x (h + v)^T and of half sum h h^T, over all pairs of groups."""
        t = self.tables
        return np.zeros((t.d, t.d, t.G * t.G)), np.zeros((t.d, t.d, t.G * t.G))

    @cached_property
    def _own(self) -> tuple[Array, Array]:
        """The same where only the group itself takes part."""
        t = self.tables
        return np.zeros((t.d, t.d, t.G)), np.zeros((t.d, t.d, t.G))

    @cached_property
    def _whole(self) -> tuple[Array, Array]:
        """The same as matrices (m, m); the second is not halved."""
        m = self.tables.G * self.tables.d
        return np.zeros((m, m)), np.zeros((m, m))

    def add(self, support: Index, values: Array) -> None:
        """Add samples: supports (N, k), padded with -1, and values (N, k, d)."""
        sizes = (support >= 0).sum(axis=1)
        for k in np.flatnonzero(np.bincount(sizes)):
            rows = sizes == k
            part, x = (support, values) if rows.all() else (support[rows], values[rows])
            if k == 0:
                self._add_empty(len(part))
                continue
            if k < part.shape[1]:
                order = np.argsort(part < 0, axis=1, kind="stable")[:, :k]
                part, x = np.take_along_axis(part, order, 1), np.take_along_axis(x, order[..., None], 1)
            dtype = self.tables.dictionary.dtype
            for piece in _pieces(len(part), int(k) ** 2):
                self._add_equal(
                    np.ascontiguousarray(part[piece].T, dtype=np.intp),
                    np.ascontiguousarray(x[piece].transpose(1, 2, 0), dtype=dtype),
                )

    def _add_empty(self, count: int) -> None:
        self.samples += count
        if self.act.silent_below:
            self.right += count
            self.certified += count

    def _add_equal(self, S: Index, x: Array) -> None:
        """Add samples whose supports have one size: S (k, N), x (k, d, N)."""
        self.samples += S.shape[1]
        if len(S) > 1:
            self.tables.cross_flat  # noqa: B018 - needed anyway: bounds are then read off the exact product
        norms = np.sqrt(np.einsum("kin,kin->kn", x, x, dtype=np.float64))
        unsure = not_certified(self.tables, S, norms, self.lam, self.act)
        if unsure is None:
            self.certified += S.shape[1]
            self._add_support(S, x, norms)
            return
        self.certified += int((~unsure).sum())
        if not unsure.all():
            self._add_support(S[:, ~unsure], x[..., ~unsure], norms[:, ~unsure])
        self._add_unsure(S[:, unsure], x[..., unsure], norms[:, unsure])

    def _add_unsure(self, S: Index, x: Array, norms: Array) -> None:
        if not self.act.silent_below:
            self._add_whole(S, x, norms)
            return
        leaks = find_leaks(self.tables, S, x, norms, self.lam, self.act)
        self.boundary += leaks.boundary
        count = np.bincount(leaks.samples, minlength=S.shape[1])
        self.leaking += int((count > 0).sum())
        for extra in np.flatnonzero(np.bincount(count)):
            rows = count == extra
            if extra == 0:
                self._add_support(S[:, rows], x[..., rows], norms[:, rows])
            elif 4 * (len(S) + extra) <= self.tables.G:
                fired = leaks.groups[rows[leaks.samples]].reshape(-1, int(extra)).T
                where = np.flatnonzero(rows)
                for piece in _pieces(len(where), int(len(S) + extra) ** 2):
                    at = where[piece]
                    self._add_leaking(S[:, at], x[..., at], norms[:, at], fired[:, piece])
        many = count * 4 + 4 * len(S) > self.tables.G
        many &= count > 0
        if many.any():
            self._add_whole(S[:, many], x[..., many], norms[:, many])

    def _add_leaking(self, S: Index, x: Array, norms: Array, fired: Index) -> None:
        """Add samples on which the groups `fired` (extra, N) outside the support fire."""
        T, G = np.concatenate([S, fired]), self.tables.G
        index = pairs(T, S, G), pairs(T, T, G), pairs(S, T, G)
        active = self._accumulate(self.tables.K, self.tables.M, self._full, index, x, norms)
        self._add_data_norm(S, x)
        self.right += int((active[: len(S)].all(axis=0) & ~active[len(S) :].any(axis=0)).sum())

    def _add_support(self, S: Index, x: Array, norms: Array) -> None:
        """Add samples on which only groups of the support can fire."""
        t = self.tables
        if len(S) == 1:
            index = (S[None],) * 3
            active = self._accumulate(t.diagonal_K, t.diagonal_M, self._own, index, x, norms)
        else:
            index = (pairs(S, S, t.G),) * 3
            active = self._accumulate(t.K, t.M, self._full, index, x, norms)
        self._add_data_norm(S, x)
        self.right += int(active.all(axis=0).sum())

    def _accumulate(
        self,
        K: Array,
        M: Array,
        sums: tuple[Array, Array],
        index: tuple[Index, ...],
        x: Array,
        norms: Array,
    ) -> NDArray[np.bool_]:
        """Add to the sums over blocks; return which groups are active, shape (t, N)."""
        u = self.kernels.apply_blocks(K, index[0], x)
        h, active, transpose = self.act.linearise(u, self.lam, axis=1)
        back = u - self.kernels.apply_blocks(M, index[1], h)
        out = transpose(back)
        out += h
        self.kernels.add_outer(sums[0], index[2], x, out)
        self.kernels.add_gram(sums[1], index[1], h)
        if self.with_loss:
            self.loss -= 0.5 * float(np.einsum("tin,tin->", h, u + back, dtype=np.float64))
        self.boundary += near_threshold(self.tables, u, norms, self.lam, self.act)
        return active

    def _add_data_norm(self, S: Index, x: Array) -> None:
        if self.with_loss:
            y = self.kernels.apply_blocks(self.tables.dictionary.gram, pairs(S, S, self.tables.G), x)
            self.loss += 0.5 * float(np.einsum("kin,kin->", x, y, dtype=np.float64))

    def _add_whole(self, S: Index, x: Array, norms: Array) -> None:
        """Add samples on which many groups fire: all blocks at once, as products of (N, m) matrices."""
        t = self.tables
        step = max(1, _WHOLE // (t.G * t.d))
        for at in range(0, S.shape[1], step):
            members, values = S[:, at : at + step].T, x[..., at : at + step].transpose(2, 0, 1)
            N = len(members)
            X = np.zeros((N, t.G, t.d), dtype=x.dtype)
            X[np.arange(N)[:, None], members] = values
            flat = X.reshape(N, -1)
            u = (flat @ t.cross_flat.T).reshape(X.shape)
            h, active, transpose = self.act.linearise(u, self.lam)
            back = u - (h.reshape(N, -1) @ t.gram_flat).reshape(X.shape)
            out = (transpose(back) + h).reshape(N, -1)
            self._whole[0][...] += flat.T @ out
            self._whole[1][...] += h.reshape(N, -1).T @ h.reshape(N, -1)
            truth = np.zeros((N, t.G), dtype=bool)
            truth[np.arange(N)[:, None], members] = True
            self.right += int((active == truth).all(axis=1).sum())
            self.boundary += near_threshold(
                t, u.transpose(1, 2, 0), norms[:, at : at + step], self.lam, self.act
            )
            if not self.act.silent_below:
                self.leaking += int((active & ~truth).any(axis=1).sum())
            if self.with_loss:
                self.loss -= 0.5 * float(np.einsum("ngi,ngi->", h, u + back, dtype=np.float64))
        self._add_data_norm(S, x)

    def gradient(self, scale: float = 1.0) -> Array:
        """Return `scale` times the sum of the gradients over the samples, shape (n, G, d), float64."""
        t = self.tables
        A, W = t.dictionary.A, t.W
        if not {"_full", "_whole"} & set(self.__dict__):
            cross, half = (scale * s.transpose(2, 0, 1) for s in self._own)
            total = _blockwise(W, half + half.transpose(0, 2, 1))
            total -= _blockwise(A, cross)
            return np.asarray(total, dtype=np.float64)
        cross, second = (scale * matrix for matrix in self._matrices())
        first, last = t.dictionary.flat @ cross.astype(W.dtype), t.flat @ second.astype(W.dtype)
        last -= first
        return np.asarray(last.reshape(W.shape), dtype=np.float64)

    def _matrices(self) -> tuple[Array, Array]:
        """Return sum x (h + v)^T and sum h h^T, (m, m)."""
        G, d = self.tables.G, self.tables.d
        cross, second = np.zeros((G * d, G * d)), np.zeros((G * d, G * d))
        if "_full" in self.__dict__:
            cross += flat_of(self._full[0], G)
            half = flat_of(self._full[1], G)
            second += half + half.T
        if "_whole" in self.__dict__:
            cross += self._whole[0]
            second += self._whole[1]
        if "_own" in self.__dict__:
            blocks = np.arange(G)
            half = self._own[1].transpose(2, 0, 1)
            cross.reshape(G, d, G, d)[blocks, :, blocks] += self._own[0].transpose(2, 0, 1)
            second.reshape(G, d, G, d)[blocks, :, blocks] += half + half.transpose(0, 2, 1)
        return cross, second


def _pieces(samples: int, pairs_each: int) -> list[slice]:
    """Return slices of samples with a bounded number of pairs of groups."""
    step = max(1, _PAIRS // pairs_each)
    return [slice(at, at + step) for at in range(0, samples, step)]


def _blockwise(X: Array, blocks: Array) -> Array:
    """Return X_g B_g for every group, shape (n, G, d)."""
    total = np.empty_like(X)
    np.matmul(X.transpose(1, 0, 2), blocks.astype(X.dtype), out=total.transpose(1, 0, 2))
    return total
