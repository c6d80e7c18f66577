"""Which groups outside the support fire: bounds first, then the responses that the bounds leave open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.network.activations import Activation, block_dot
from gsae_theory.simulate.block_sums import Index, apply_blocks
from gsae_theory.simulate.step_tables import StepTables, product_error

Array = NDArray[Any]
Mask = NDArray[np.bool_]

_MARGIN = 1 - 1e-12
_PAIRS = 1 << 21  # samples x groups looked at together


@dataclass(frozen=True)
class Leaks:
    """Groups outside the support that fire, as pairs (sample, group), ascending.

    Attributes
    ----------
    samples, groups : arrays of int
    boundary : int
        Responses so close to the threshold that rounding decides.
    """

    samples: Index
    groups: Index
    boundary: int

    @classmethod
    def none(cls) -> Leaks:
        """No leak, nothing near the threshold."""
        return cls(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), 0)


def not_certified(tables: StepTables, S: Index, norms: Array, lam: float, act: Activation) -> Mask | None:
    """Return the samples on which triangle inequalities leave a leak possible; None if there are none.

    For every sample: sum over b of max_h ||W_h^T A_b||_2 ||x_b|| <= lam; for all at once: the sum of the
    k largest ||W_h^T A_g||_2 is at most lam / max ||x_b|| for every h.

    Parameters
    ----------
    S : array of int, shape (k, N)
    norms : array, shape (k, N)
        ||x_b||.
    """
    if not act.silent_below:
        return np.ones(S.shape[1], dtype=bool)
    limit = lam * _MARGIN
    largest = float(norms.max(initial=0.0))
    rows = _top_sums(tables.reach, len(S)) * largest > limit
    if rows.any():
        tables.sharpen(rows)
        rows = _top_sums(tables.reach, len(S)) * largest > limit
    if not rows.any():
        return None
    unsure = np.einsum("kn,kn->n", tables.worst[S], norms) > limit
    return np.asarray(unsure) if unsure.any() else None


def find_leaks(tables: StepTables, S: Index, x: Array, norms: Array, lam: float, act: Activation) -> Leaks:
    """Return the leaks of samples (columns of S and x) for an activation that is silent below."""
    step = max(1, _PAIRS // tables.G)
    found = [
        _some_leaks(tables, S[:, part], x[..., part], norms[:, part], lam, act, part.start)
        for part in (slice(at, at + step) for at in range(0, S.shape[1], step))
    ]
    if not found:
        return Leaks.none()
    return Leaks(
        np.concatenate([leaks.samples for leaks in found]),
        np.concatenate([leaks.groups for leaks in found]),
        sum(leaks.boundary for leaks in found),
    )


def _some_leaks(
    tables: StepTables, S: Index, x: Array, norms: Array, lam: float, act: Activation, first: int
) -> Leaks:
    bound = np.zeros((S.shape[1], tables.G))
    by_group = tables.reach.T
    for members, sizes in zip(S, norms, strict=True):
        bound += by_group[members] * sizes[:, None]
    possible = bound > lam * _MARGIN
    np.put_along_axis(possible, S.T, False, axis=1)
    samples, groups = np.nonzero(possible)
    fires, boundary = np.zeros(len(samples), dtype=bool), 0
    for at in range(0, len(samples), _PAIRS):
        part = slice(at, at + _PAIRS)
        at_hand = S[:, samples[part]]
        u = apply_blocks(tables.K, (groups[part] * tables.G + at_hand)[None], x[..., samples[part]])
        fires[part] = act.linearise(u, lam, axis=1)[1][0]
        boundary += near_threshold(tables, u, norms[:, samples[part]], lam, act)
    return Leaks(samples[fires] + first, groups[fires], boundary)


def near_threshold(tables: StepTables, u: Array, norms: Array, lam: float, act: Activation) -> int:
    """Return how many responses u (t, d, N) are within rounding of the threshold."""
    if not act.silent_below or u.size == 0:
        return 0
    relative = 4 * product_error(tables.dictionary.n + tables.d * len(norms), u.dtype)
    scale = tables.largest_block * float(tables.dictionary.block_norms.max())
    rounding = relative * scale * float(norms.max()) * len(norms)
    size = np.sqrt(block_dot(u, u, 1)) if act.fires_above else np.abs(u)
    return int(np.count_nonzero((size >= lam - rounding) & (size <= lam + rounding)))


def _top_sums(reach: Array, k: int) -> Array:
    """Return the sum of the k largest entries of every row."""
    if k == 1:
        return np.asarray(reach.max(axis=1))
    k = min(k, reach.shape[1])
    return np.asarray(np.partition(reach, reach.shape[1] - k, axis=1)[:, reach.shape[1] - k :].sum(axis=1))
