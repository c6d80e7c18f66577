"""Laws that leave the theory's assumptions by a measured amount, where the model room has none.

All are discrete or have a density on the nodes of a sphere rule, so that the population gradient of
small models is a finite sum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput
from gsae_theory.model import DirectionLaw, NoiseLaw, SupportLaw
from gsae_theory.model.direction import Deviation, unit_vectors

Array = NDArray[np.float64]
Supports = NDArray[np.int64]


@dataclass(frozen=True)
class AxisMixture(DirectionLaw):
    """A coordinate axis with a random sign with probability `share`, else uniform on the sphere."""

    share: float
    name: ClassVar[str] = "axis_mixture"

    def sample(self, rng: np.random.Generator, shape: int | tuple[int, ...], d: int) -> Array:
        theta = unit_vectors(rng, shape, d)
        size = theta.shape[:-1]
        axes = np.zeros_like(theta)
        signs = 2.0 * rng.integers(0, 2, (*size, 1)) - 1.0
        np.put_along_axis(axes, rng.integers(0, d, (*size, 1)), signs, axis=-1)
        return np.where(rng.random((*size, 1)) < self.share, axes, theta)

    def deviation(self, d: int) -> Deviation:
        """Isotropic second moment; not uniform for d > 1."""
        return Deviation(isotropy=float(d > 1 and self.share > 0))


@dataclass(frozen=True)
class SharedDirection(DirectionLaw):
    """Directions of `single` that all active groups of a sample share with probability `correlation`."""

    single: DirectionLaw
    correlation: float
    name: ClassVar[str] = "shared"

    def sample(self, rng: np.random.Generator, shape: int | tuple[int, ...], d: int) -> Array:
        theta = self.single.sample(rng, shape, d)
        if theta.ndim < 3:  # one group per sample: nothing to share
            return theta
        together = rng.random(theta.shape[:-2]) < self.correlation
        return np.where(together[..., None, None], theta[..., :1, :], theta)

    def deviation(self, d: int) -> Deviation:
        """That of the single law, and dependent by `correlation`."""
        return replace(self.single.deviation(d), dependence=self.correlation)


@dataclass(frozen=True, eq=False)
class ListedSupport(SupportLaw):
    """Supports with given probabilities.

    Parameters
    ----------
    gamma : int
        Size that the theory is told.
    members : sequence of tuples of groups
    probabilities : array, one per support, sum 1
    groups : int
    """

    gamma: int
    members: tuple[tuple[int, ...], ...]
    probabilities: Array
    groups: int
    name: ClassVar[str] = "listed"

    def __post_init__(self) -> None:
        total = float(np.sum(self.probabilities))
        if len(self.members) != len(self.probabilities) or abs(total - 1) > 1e-12:
            raise InvalidInput("probabilities", total, "one per support, with sum 1", 1.0)

    def p(self, G: int) -> float:
        return float(self.inclusion(G).mean())

    def inclusion(self, G: int) -> Array:
        total = np.zeros(G)
        for members, chance in zip(self.members, self.probabilities, strict=True):
            total[list(members)] += chance
        return total

    def dev_support_size(self, G: int) -> float:
        sizes = np.array([len(members) for members in self.members])
        return float(self.probabilities[sizes != self.gamma].sum())

    def dev_support_uniform(self, G: int) -> float:
        """Return the largest relative deviation of P(g in S), or of P(g, h in S), from its mean."""
        single = self.inclusion(G)
        found = np.abs(single / single.mean() - 1).max()
        if self.gamma > 1 and self.dev_support_size(G) == 0:
            pairs = np.zeros((G, G))
            for members, chance in zip(self.members, self.probabilities, strict=True):
                for g, h in combinations(members, 2):
                    pairs[g, h] += chance
            upper = pairs[np.triu_indices(G, 1)]
            found = max(found, np.abs(upper / upper.mean() - 1).max())
        return float(found) if found > 1e-12 else 0.0

    def enumerate(self, G: int) -> tuple[Supports, Array]:
        width = max(1, *(len(members) for members in self.members))
        table = np.full((len(self.members), width), -1, dtype=np.int64)
        for row, members in enumerate(self.members):
            table[row, : len(members)] = sorted(members)
        return table, self.probabilities

    def sample(self, rng: np.random.Generator, N: int, G: int) -> Supports:
        table, chance = self.enumerate(G)
        return table[rng.choice(len(table), N, p=chance)]


def skewed(G: int, ratio: float) -> ListedSupport:
    """Return one active group with geometric probabilities, the largest `ratio` times the smallest."""
    weights = np.geomspace(1.0, 1 / ratio, G)
    return ListedSupport(1, tuple((g,) for g in range(G)), weights / weights.sum(), G)


def spread_sizes(G: int, share: float, large: int) -> ListedSupport:
    """Return one active group, but `large` or none in a `share` of the samples, with mean size 1."""
    many = list(combinations(range(G), large))
    chance = [(1 - share) / G] * G + [share / large / len(many)] * len(many) + [share * (1 - 1 / large)]
    return ListedSupport(1, (*((g,) for g in range(G)), *many, ()), np.array(chance), G)


def paired(G: int, share: float) -> ListedSupport:
    """Return two active groups: with probability `share` one of G/2 fixed pairs, else any pair."""
    every = list(combinations(range(G), 2))
    chance = np.full(len(every), (1 - share) / len(every))
    for index, (g, h) in enumerate(every):
        chance[index] += share / (G // 2) if h == g + 1 and g % 2 == 0 else 0.0
    return ListedSupport(2, tuple(every), chance, G)


@dataclass(frozen=True)
class CrossNoise(NoiseLaw):
    """Noise +-level along a random orthonormal basis; with probability `bias` the sign is +.

    Bounded, E e e^T = level^2/n I; symmetric for bias = 0. `points` gives its 2n atoms, so that
    expectations over it are sums.
    """

    level: float
    bias: float = 0.0
    name: ClassVar[str] = "cross"

    @property
    def dev_noise(self) -> float:  # type: ignore[override]
        """1 unless symmetric."""
        return float(self.bias > 0)

    def nu_op(self, n: int) -> float:
        return self.level / math.sqrt(n)

    def points(self, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        """Return the atoms, shape (2n, n), and their probabilities."""
        basis, _ = np.linalg.qr(rng.standard_normal((n, n)))
        chance = np.repeat([(1 + self.bias) / 2, (1 - self.bias) / 2], n) / n
        return self.level * np.concatenate([basis, -basis]), chance

    def sample(self, rng: np.random.Generator, N: int, n: int) -> Array:
        atoms, chance = self.points(rng, n)
        return atoms[rng.choice(len(atoms), N, p=chance)]
