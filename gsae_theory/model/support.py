"""Laws of the support S, the set of active groups.

Supports are integer arrays (rows, k), ascending, padded with -1 where a support has fewer than k groups.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput, TooLarge
from gsae_theory.model import _admit

Array = NDArray[np.float64]
Supports = NDArray[np.int64]

LARGEST_ENUMERATION = 1_000_000
_KEYS = 4_000_000  # random keys held at once when a support is drawn by ranking them
_FLOYD = 16  # largest gamma drawn by Floyd's method, whose work grows like gamma^2


class SupportLaw(ABC):
    """Law of S among `G` groups.

    Attributes
    ----------
    name : str
        Key in `SUPPORTS`.
    breaks : tuple of str
        Ids of the assumptions violated.
    gamma : int
        Size of the largest support.
    """

    name: ClassVar[str]
    breaks: ClassVar[tuple[str, ...]] = ()
    gamma: int

    def check(self, G: int) -> None:
        """Raise InvalidInput if the law does not exist among `G` groups."""
        _admit.count("active", self.gamma, 1, G, " (the number of groups)")

    def p(self, G: int) -> float:
        """Return the mean over g of P(g in S)."""
        return self.gamma / G

    def q(self, G: int) -> float:
        """Return P(h in S | g in S), averaged over the pairs; 0 for G = 1."""
        return (self.gamma - 1) / (G - 1) if G > 1 else 0.0

    def q2(self, G: int) -> float:
        """Return P(k in S | g, h in S), averaged over the triples; 0 for gamma <= 2."""
        return (self.gamma - 2) / (G - 2) if self.gamma > 2 else 0.0

    def inclusion(self, G: int) -> Array:
        """Return P(g in S), shape (G,)."""
        return np.full(G, self.p(G))

    def dev_support_size(self, G: int) -> float:
        """Return P(|S| != gamma)."""
        return 0.0

    def dev_support_uniform(self, G: int) -> float:
        """Return max over g of |P(g in S) G / E|S| - 1|."""
        return 0.0

    def enumeration_size(self, G: int) -> int:
        """Return the number of supports that `enumerate` lists."""
        return math.comb(G, self.gamma)

    @abstractmethod
    def enumerate(self, G: int) -> tuple[Supports, Array]:
        """Return every support, shape (M, gamma), and its probability, shape (M,).

        Raises
        ------
        TooLarge
            If there are more than `LARGEST_ENUMERATION`.
        """

    @abstractmethod
    def sample(self, rng: np.random.Generator, N: int, G: int) -> Supports:
        """Return `N` independent supports, shape (N, k), k <= gamma."""

    def _refuse_large(self, G: int) -> None:
        if (size := self.enumeration_size(G)) > LARGEST_ENUMERATION:
            raise TooLarge(
                "number of supports", size, f"at most {LARGEST_ENUMERATION} for enumeration; sample instead"
            )


@dataclass(frozen=True)
class UniformSupport(SupportLaw):
    """Every set of exactly `gamma` groups is equally likely."""

    gamma: int
    name: ClassVar[str] = "uniform"

    def __post_init__(self) -> None:
        _admit.count("active", self.gamma)

    def enumerate(self, G: int) -> tuple[Supports, Array]:
        self.check(G)
        self._refuse_large(G)
        supports = _subsets(G, self.gamma)
        return supports, np.full(len(supports), 1 / len(supports))

    def sample(self, rng: np.random.Generator, N: int, G: int) -> Supports:
        self.check(G)
        if self.gamma <= _FLOYD:
            return _floyd(rng, N, G, self.gamma)
        return _top(rng, N, np.zeros(G), self.gamma)


@dataclass(frozen=True)
class WeightedSupport(SupportLaw):
    """`gamma` groups drawn one after the other without replacement, with probabilities ~ weights.

    Parameters
    ----------
    gamma : int
    weights : sequence of float, shape (G,)
        Positive and finite; only their ratios matter.
    """

    gamma: int
    weights: Sequence[float]
    name: ClassVar[str] = "weighted"
    breaks: ClassVar[tuple[str, ...]] = ("uniform-support",)
    _w: Array = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        weights = tuple(_admit.positive(f"support_weights[{i}]", w) for i, w in enumerate(self.weights))
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "_w", np.array(weights) / math.fsum(weights))
        _admit.count("active", self.gamma, 1, len(weights), " (the number of weights)")

    def check(self, G: int) -> None:
        super().check(G)
        if len(self.weights) != G:
            raise InvalidInput(
                "support_weights", f"{len(self.weights)} numbers", f"one per group, {G}", f"{G} numbers"
            )

    def inclusion(self, G: int) -> Array:
        """Return P(g in S), shape (G,), exact to rounding.

        With independent T_g ~ Exp(w_g), S is the set of the gamma smallest, so P(g in S) =
        int w_g exp(-w_g t) P(fewer than gamma of the others are below t) dt; trapezoidal rule in log t.
        """
        self.check(G)
        step, k = 0.1, self.gamma
        t = np.exp(np.arange(-40.0, math.log(60 / self._w.min()), step))
        below = -np.expm1(-np.outer(self._w, t))  # (G, nodes)
        before, after = _running_counts(below, k), _running_counts(below[::-1], k)[::-1]
        fewer = sum(before[:, a] * np.cumsum(after, axis=1)[:, k - 1 - a] for a in range(k))
        density = self._w[:, None] * np.exp(-np.outer(self._w, t)) * t
        return np.asarray(step * np.sum(density * fewer, axis=1))

    def dev_support_uniform(self, G: int) -> float:
        if np.ptp(self._w) == 0:
            return 0.0
        return float(np.abs(self.inclusion(G) / self.p(G) - 1).max())

    def enumerate(self, G: int) -> tuple[Supports, Array]:
        self.check(G)
        self._refuse_large(G)
        supports = _subsets(G, self.gamma)
        w = self._w[supports]
        # first[B]: probability that the first |B| draws are the members B (a bit mask) of the support
        first, mass = [np.ones(len(supports))], [np.zeros(len(supports))]
        for mask in range(1, 1 << self.gamma):
            members = [i for i in range(self.gamma) if mask >> i & 1]
            mass.append(sum((w[:, i] for i in members), start=np.zeros(len(supports))))
            first.append(
                sum(
                    (first[mask ^ 1 << i] * w[:, i] / (1 - mass[mask ^ 1 << i]) for i in members),
                    start=np.zeros(len(supports)),
                )
            )
        return supports, first[-1]

    def sample(self, rng: np.random.Generator, N: int, G: int) -> Supports:
        self.check(G)
        return _top(rng, N, np.log(self._w), self.gamma)


@dataclass(frozen=True)
class BernoulliSupport(SupportLaw):
    """Each of `groups` groups is active with `probability`, independently; S may be empty."""

    probability: float
    groups: int
    name: ClassVar[str] = "bernoulli"
    breaks: ClassVar[tuple[str, ...]] = ("exactly-gamma-active",)

    def __post_init__(self) -> None:
        _admit.count("groups", self.groups)
        if _admit.within("support probability", self.probability, 0.0, 1.0) == 0:
            raise InvalidInput("support probability", self.probability, "a number in (0, 1]", 1 / self.groups)

    @property
    def gamma(self) -> int:  # type: ignore[override]
        """Size of the largest support: all groups."""
        return self.groups

    def check(self, G: int) -> None:
        if self.groups != G:
            raise InvalidInput("groups of the support law", self.groups, f"the dictionary's {G}", G)

    def p(self, G: int) -> float:
        return self.probability

    def q(self, G: int) -> float:
        return self.probability if G > 1 else 0.0

    def q2(self, G: int) -> float:
        return self.probability if G > 2 else 0.0

    def dev_support_size(self, G: int) -> float:
        return 1 - self.probability**G

    def enumeration_size(self, G: int) -> int:
        return int(2**G)

    def enumerate(self, G: int) -> tuple[Supports, Array]:
        self.check(G)
        self._refuse_large(G)
        active = (np.arange(2**G)[:, None] >> np.arange(G)) & 1 == 1
        size = active.sum(axis=1)
        return _padded(active), self.probability**size * (1 - self.probability) ** (G - size)

    def sample(self, rng: np.random.Generator, N: int, G: int) -> Supports:
        """Return `N` supports, shape (N, k) with k the size of the largest one drawn (at least 1)."""
        self.check(G)
        sizes = rng.binomial(G, self.probability, N)
        k = max(1, int(sizes.max(initial=0)))
        supports = np.full((N, k), -1, dtype=np.int64)
        for rows in _row_chunks(N, G):  # given its size, a Bernoulli support is uniform
            ranked = np.sort(_ranked(rng.random((rows.stop - rows.start, G)), k, sizes[rows], G), axis=1)
            supports[rows] = np.where(ranked < G, ranked, -1)
        return supports


def _ranked(keys: Array, k: int, sizes: NDArray[np.int64], G: int) -> Supports:
    """Return the positions of the `sizes` smallest keys of each row, filled up to `k` with `G`."""
    order = np.argsort(keys, axis=1)[:, :k]
    return np.where(np.arange(k) < sizes[:, None], order, G)


def _subsets(G: int, k: int) -> Supports:
    """Return all k-subsets of range(G), shape (comb(G, k), k)."""
    if k == 1:
        return np.arange(G, dtype=np.int64)[:, None]
    if k == 2:
        return np.stack(np.triu_indices(G, 1), axis=1).astype(np.int64)
    return np.fromiter(combinations(range(G), k), dtype=np.dtype((np.int64, k)), count=math.comb(G, k))


def _padded(active: NDArray[np.bool_]) -> Supports:
    """Return the supports of the rows of a mask, shape (rows, G)."""
    order = np.argsort(~active, axis=1, kind="stable").astype(np.int64)
    return np.where(np.arange(active.shape[1]) < active.sum(axis=1, keepdims=True), order, -1)


def _floyd(rng: np.random.Generator, N: int, G: int, k: int) -> Supports:
    """Return `N` uniform k-subsets of range(G) by Floyd's method, all rows at once."""
    chosen = np.full((N, k), -1, dtype=np.int64)
    for position, top in enumerate(range(G - k, G)):
        draw = rng.integers(0, top + 1, N)
        taken = (chosen[:, :position] == draw[:, None]).any(axis=1)
        chosen[:, position] = np.where(taken, top, draw)
    return np.sort(chosen, axis=1)


def _row_chunks(N: int, G: int) -> list[slice]:
    rows = max(1, _KEYS // G)
    return [slice(start, min(start + rows, N)) for start in range(0, N, rows)]


def _top(rng: np.random.Generator, N: int, log_weights: Array, k: int) -> Supports:
    """Return `N` draws of k groups without replacement (the k largest of log-weight plus Gumbel)."""
    G = len(log_weights)
    chosen = np.empty((N, k), dtype=np.int64)
    for rows in _row_chunks(N, G):
        keys = -log_weights - rng.gumbel(size=(rows.stop - rows.start, G))
        chosen[rows] = np.argpartition(keys, k - 1, axis=1)[:, :k]
    return np.sort(chosen, axis=1)


def _running_counts(below: Array, k: int) -> Array:
    """Return P(exactly a of the items before g are below t) for a < k, shape (G, k, nodes)."""
    counts = np.zeros((len(below), k, below.shape[1]))
    current = np.zeros((k, below.shape[1]))
    current[0] = 1.0
    for g, chance in enumerate(below):
        counts[g] = current
        shifted = np.vstack([np.zeros((1, below.shape[1])), current[:-1]])
        current = current * (1 - chance) + shifted * chance
    return counts


SUPPORTS: dict[str, type[SupportLaw]] = {
    law.name: law for law in (UniformSupport, WeightedSupport, BernoulliSupport)
}
"""Every support law by name."""
