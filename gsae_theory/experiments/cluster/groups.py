"""Group models for clustering: starts that leave no group dead, and training by retracted steps.

A random block sees almost nothing of a point (`starts.start_report`), so one fixed threshold either silences
every group or lets all of them fire; and with points that share a mean, the block that happens to lie
nearest to it wins them all. Three rules prevent that, none of which sees a label:

start
    A block is the leading left singular space of a sample and its nearest neighbours: at once within
    the cone of points like it, which is what a basin of attraction asks for.
threshold
    Per point, the norm of its (gamma+1)-th strongest group, so that exactly gamma groups fire: no
    point is ever silent and no threshold has to fit all groups.
re-seeding
    A group that holds at most 2 d points starts again at a point that is explained worst.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # single precision in training, which clustering does not notice
Labels = NDArray[np.int64]
_TINY = float(np.finfo(np.float32).tiny)
ROUNDS = 6
NEAR = 3
"""Points of a start per dimension of the block."""


@dataclass(frozen=True)
class Ensemble:
    """Sizes of the members, drawn uniformly for each: a range instead of a choice.

    Attributes
    ----------
    members : int
    points : (int, int)
        Fewest and most points per group: G grows with the data, so that a group stays a neighbourhood.
        (45, 120) gives 15 to 40 groups on 1,797 points.
    block : (int, int)
        Smallest and largest d.
    """

    members: int = 70
    points: tuple[int, int] = (45, 120)
    block: tuple[int, int] = (4, 8)

    def draw(self, rng: np.random.Generator, points: int, dimension: int) -> tuple[int, int]:
        """Return G and d of one member, within what `points` points in `dimension` dimensions carry."""
        d = min(int(rng.integers(self.block[0], self.block[1] + 1)), max(dimension - 1, 1))
        few, many = max(round(points / self.points[1]), 2), max(round(points / self.points[0]), 2)
        return min(int(rng.integers(few, many + 1)), max(points // (2 * NEAR * d), 2)), d


def compressed(Y: Array, share: float = 0.98) -> Array:
    """Return the rows in their leading principal directions (no centring), at norm 1, single precision.

    The fewest directions that hold `share` of the energy: speed only.
    """
    values, vectors = np.linalg.eigh(Y.T @ Y)
    held = np.cumsum(values[::-1]) / max(float(values.sum()), _TINY)
    rank = max(int(np.searchsorted(held, share)) + 1, 2)
    Z = np.asarray(Y @ vectors[:, ::-1][:, :rank], dtype=np.float32)
    return np.asarray(Z / np.maximum(np.linalg.norm(Z, axis=1, keepdims=True), _TINY))


def responses(Z: Array, W: Array) -> Array:
    """Return ||W_g^T z|| for every point, shape (N, G); blocks `W` first-axis G: (G, n, d)."""
    G, n, d = W.shape
    H = Z @ W.transpose(1, 0, 2).reshape(n, G * d)
    return np.asarray(np.sqrt(np.square(H).reshape(len(Z), G, d).sum(axis=2)))


def blocks_at(Z: Array, centres: Labels, d: int) -> Array:
    """Return blocks (len(centres), n, d) from the singular vectors of each centre's nearest points."""
    near = min(NEAR * d, len(Z))
    order = np.argpartition(-(Z[centres] @ Z.T), near - 1, axis=1)[:, :near]
    return np.linalg.svd(Z[order], full_matrices=False)[2][:, :d].transpose(0, 2, 1)


def random_blocks(n: int, G: int, d: int, rng: np.random.Generator) -> Array:
    """Return uniformly random orthonormal blocks, shape (G, n, d)."""
    return np.linalg.qr(rng.standard_normal((G, n, d)).astype(np.float32))[0]


def train_blocks(
    Z: Array, W: Array, rng: np.random.Generator, rounds: int = ROUNDS, reseed: bool = True
) -> Array:
    """Return blocks after `rounds` retracted full steps of the autoencoder with one active group.

    With orthonormal blocks the gradient of the mean loss 1/2 ||z - W_g W_g^T z||^2 over the points of
    group g is -2 C_g W_g inside the tangent space, C_g their second moment; the longest step followed by
    the retraction to orthonormal blocks is W_g <- qr(C_g W_g), which never raises the loss.

    Parameters
    ----------
    Z : array, shape (N, n)
    W : array, shape (G, n, d)
    reseed : bool
        Start starved groups again; without it a dead group stays dead.
    """
    G, n, d = W.shape
    for turn in range(rounds):
        H = (Z @ W.transpose(1, 0, 2).reshape(n, G * d)).reshape(len(Z), G, d)
        energy = np.square(H).sum(axis=2)
        active = energy.argmax(axis=1)
        held = energy[np.arange(len(Z)), active]
        W, starved = _step(Z, H, active, W)
        if reseed and starved.size and turn < rounds - 1:
            worst = np.argsort(held)[: max(5 * starved.size, len(Z) // 20)]
            W[starved] = blocks_at(Z, rng.choice(worst, starved.size, replace=starved.size > worst.size), d)
    return W


def _step(Z: Array, H: Array, active: Labels, W: Array) -> tuple[Array, Labels]:
    G, _, d = W.shape
    counts = np.bincount(active, minlength=G)
    moved = np.array(W)
    for g in np.flatnonzero(counts > 2 * d):
        own = active == g
        # the old block keeps the rank where the points span less than d dimensions
        moved[g] = Z[own].T @ H[own, g] + 1e-6 * W[g]
    return np.linalg.qr(moved)[0], np.flatnonzero(counts <= 2 * d)


def code_norms(strength: Array, gamma: int) -> Array:
    """Return the norms of the group codes at the per-point threshold that leaves `gamma` groups active.

    sigma_tau shrinks a group's norm a to (a - tau)_+, tau the (gamma+1)-th largest of the point; the
    norms are relative to a and scaled to a unit vector, so that gamma = 1 is the indicator of the
    active group.
    """
    if gamma == 1:
        out = np.zeros_like(strength)
        out[np.arange(len(strength)), strength.argmax(axis=1)] = 1
        return out
    place = strength.shape[1] - min(gamma + 1, strength.shape[1])
    tau = np.partition(strength, place, axis=1)[:, place : place + 1]
    codes = np.maximum(1 - tau / np.maximum(strength, _TINY), 0)
    return np.asarray(codes / np.maximum(np.linalg.norm(codes, axis=1, keepdims=True), _TINY))


def ensemble_codes(
    Z: Array,
    gamma: int,
    rng: np.random.Generator,
    sizes: Ensemble | None = None,
    *,
    random_start: bool = False,
) -> Array:
    """Return the code norms of all members side by side; their inner product is the co-activation.

    With `random_start` the blocks start uniformly at random instead of at neighbours, and train twice as long.
    """
    sizes = sizes or Ensemble()
    columns = []
    for _ in range(sizes.members):
        G, d = sizes.draw(rng, len(Z), Z.shape[1])
        if random_start:
            W = train_blocks(Z, random_blocks(Z.shape[1], G, d, rng), rng, 2 * ROUNDS)
        else:
            W = train_blocks(Z, blocks_at(Z, rng.choice(len(Z), G, replace=False), d), rng)
        columns.append(code_norms(responses(Z, W), gamma))
    return np.hstack(columns)
