"""Laws of the norm R of an active block, with exact moments and Gauss rules.

The theory asks for 0 < B_min <= R <= B_max; `ParetoRadius` and `NearZeroRadius` break that on purpose.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats
from scipy.linalg import eigh_tridiagonal

from gsae_theory.errors import InvalidInput
from gsae_theory.model import _admit

Array = NDArray[np.float64]
Shape = int | tuple[int, ...]


class RadiusLaw(ABC):
    """Law of R = ||x_g|| given that g is active.

    Attributes
    ----------
    name : str
        Key in `RADIUS_LAWS`.
    breaks : tuple of str
        Ids of the assumptions that the law violates.
    dev_radius_bound : float
        1 if R is unbounded or not bounded away from 0, else 0.
    """

    name: ClassVar[str]
    breaks: ClassVar[tuple[str, ...]] = ()
    dev_radius_bound: ClassVar[float] = 0.0

    @property
    @abstractmethod
    def B_min(self) -> float:
        """Largest lower bound of R (0 if there is no positive one)."""

    @property
    @abstractmethod
    def B_max(self) -> float:
        """Smallest upper bound of R (inf if there is none)."""

    @abstractmethod
    def moment(self, k: int) -> float:
        """Return E R^k for k in -2..4 (inf where it does not exist)."""

    @abstractmethod
    def sample(self, rng: np.random.Generator, shape: Shape) -> Array:
        """Return independent draws of the given shape."""

    @abstractmethod
    def nodes(self, count: int) -> tuple[Array, Array]:
        """Return points and weights (sum 1) of the Gauss rule with at most `count` points.

        Exact for polynomials of degree 2 count - 1; the atoms themselves for a discrete law.
        """


class _Bounded(RadiusLaw):
    """A law on [radius_min, radius_max] with 0 < radius_min <= radius_max < inf."""

    radius_min: float
    radius_max: float

    def __post_init__(self) -> None:
        low, high = (_admit.length(name, getattr(self, name)) for name in ("radius_min", "radius_max"))
        _admit.ordered("radius_min", low, "radius_max", high)

    @property
    def B_min(self) -> float:
        return self.radius_min

    @property
    def B_max(self) -> float:
        return self.radius_max


@dataclass(frozen=True)
class ConstantRadius(RadiusLaw):
    """R is one number."""

    radius: float
    name: ClassVar[str] = "constant"

    def __post_init__(self) -> None:
        _admit.length("radius", self.radius)

    @property
    def B_min(self) -> float:
        return self.radius

    @property
    def B_max(self) -> float:
        return self.radius

    def moment(self, k: int) -> float:
        return float(self.radius**k)

    def sample(self, rng: np.random.Generator, shape: Shape) -> Array:
        return np.full(shape, float(self.radius))

    def nodes(self, count: int) -> tuple[Array, Array]:
        return np.array([float(self.radius)]), np.ones(1)


@dataclass(frozen=True)
class UniformRadius(_Bounded):
    """R uniform on [radius_min, radius_max]."""

    radius_min: float
    radius_max: float
    name: ClassVar[str] = "uniform"

    def moment(self, k: int) -> float:
        low, high = self.radius_min, self.radius_max
        if k >= 0:  # (high^(k+1) - low^(k+1)) / ((k+1)(high-low)) without the cancellation
            return sum(high**i * low ** (k - i) for i in range(k + 1)) / (k + 1)
        if k == -1:
            x = (high - low) / low
            return (math.log1p(x) / x if x > 0 else 1.0) / low
        # 1/(low high) times the mean of low^-i high^-(j-i), the same sum in 1/R
        return (
            sum((1 / low) ** i * (1 / high) ** (-2 - k - i) for i in range(-1 - k)) / (-1 - k) / (low * high)
        )

    def sample(self, rng: np.random.Generator, shape: Shape) -> Array:
        draws = self.radius_min + (self.radius_max - self.radius_min) * rng.random(shape)
        return np.minimum(draws, self.radius_max)

    def nodes(self, count: int) -> tuple[Array, Array]:
        if self.radius_min == self.radius_max:
            return np.array([float(self.radius_min)]), np.ones(1)
        x, w = np.polynomial.legendre.leggauss(count)
        return 0.5 * (self.radius_max * (1 + x) + self.radius_min * (1 - x)), 0.5 * w


@dataclass(frozen=True)
class TwoPointRadius(_Bounded):
    """R is radius_max with probability `weight`, else radius_min."""

    radius_min: float
    radius_max: float
    weight: float = 0.5
    name: ClassVar[str] = "two_point"

    def __post_init__(self) -> None:
        super().__post_init__()
        _admit.within("radius_weight", self.weight, 0.0, 1.0)

    def moment(self, k: int) -> float:
        return float((1 - self.weight) * self.radius_min**k + self.weight * self.radius_max**k)

    def sample(self, rng: np.random.Generator, shape: Shape) -> Array:
        return np.where(rng.random(shape) < self.weight, float(self.radius_max), float(self.radius_min))

    def nodes(self, count: int) -> tuple[Array, Array]:
        if count < 2:
            return np.array([self.moment(1)]), np.ones(1)
        return np.array([self.radius_min, self.radius_max], float), np.array([1 - self.weight, self.weight])


class _Truncated(_Bounded):
    """A law with a smooth density on the interval; moments and rules by a fine composite Gauss rule."""

    def _log_density(self, r: Array) -> Array:
        raise NotImplementedError

    def _effective(self) -> tuple[float, float]:
        """Return the part of the interval outside which the density is below rounding."""
        raise NotImplementedError

    def _fine(self) -> tuple[Array, Array]:
        low, high = self._effective()
        if not high > low:
            return np.array([low]), np.ones(1)
        # Geometric panels resolve 1/R^2 near 0, linear ones the density.
        ends = np.unique(
            np.concatenate([np.linspace(low, high, 81), np.geomspace(low, high, 41)]).clip(low, high)
        )
        x, w = np.polynomial.legendre.leggauss(16)
        middle, half = 0.5 * (ends[1:] + ends[:-1]), 0.5 * np.diff(ends)
        points = (middle[:, None] + half[:, None] * x).ravel()
        log_density = self._log_density(points)
        weights = (half[:, None] * w).ravel() * np.exp(log_density - log_density.max())
        return points, weights / weights.sum()

    def moment(self, k: int) -> float:
        points, weights = self._fine()
        return float(weights @ points**k)

    def nodes(self, count: int) -> tuple[Array, Array]:
        return gauss_rule(*self._fine(), count)


@dataclass(frozen=True)
class TruncatedNormalRadius(_Truncated):
    """A normal law with the given mean and scale, conditioned on [radius_min, radius_max]."""

    radius_min: float
    radius_max: float
    mean: float
    scale: float
    name: ClassVar[str] = "truncated_normal"

    def __post_init__(self) -> None:
        super().__post_init__()
        _admit.real("radius_mean", self.mean)
        _admit.length("radius_scale", self.scale)

    def _log_density(self, r: Array) -> Array:
        return -0.5 * ((r - self.mean) / self.scale) ** 2

    def _effective(self) -> tuple[float, float]:
        mode, reach = min(max(self.mean, self.radius_min), self.radius_max), 13 * self.scale
        return max(self.radius_min, mode - reach), min(self.radius_max, mode + reach)

    def sample(self, rng: np.random.Generator, shape: Shape) -> Array:
        if self.radius_min == self.radius_max:
            return np.full(shape, float(self.radius_min))
        low, high = ((end - self.mean) / self.scale for end in (self.radius_min, self.radius_max))
        draws = stats.truncnorm.rvs(low, high, self.mean, self.scale, size=shape, random_state=rng)
        return np.clip(np.asarray(draws, float), self.radius_min, self.radius_max)


@dataclass(frozen=True)
class TruncatedExponentialRadius(_Truncated):
    """radius_min plus an exponential law of the given scale, conditioned on R <= radius_max."""

    radius_min: float
    radius_max: float
    scale: float
    name: ClassVar[str] = "truncated_exponential"

    def __post_init__(self) -> None:
        super().__post_init__()
        _admit.length("radius_scale", self.scale)

    def _log_density(self, r: Array) -> Array:
        return -(r - self.radius_min) / self.scale

    def _effective(self) -> tuple[float, float]:
        return self.radius_min, min(self.radius_max, self.radius_min + 60 * self.scale)

    def sample(self, rng: np.random.Generator, shape: Shape) -> Array:
        mass = -math.expm1(-(self.radius_max - self.radius_min) / self.scale)
        draws = self.radius_min - self.scale * np.log1p(-mass * rng.random(shape))
        return np.clip(draws, self.radius_min, self.radius_max)


@dataclass(frozen=True)
class ParetoRadius(RadiusLaw):
    """Heavy tail: P(R > r) = (radius_min / r)^tail. Unbounded, E R^k = inf for k >= tail."""

    radius_min: float
    tail: float = 3.0
    name: ClassVar[str] = "heavy_tailed"
    breaks: ClassVar[tuple[str, ...]] = ("bounded-norm",)
    dev_radius_bound: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        _admit.length("radius_min", self.radius_min)
        _admit.positive("radius_tail", self.tail)

    @property
    def B_min(self) -> float:
        return self.radius_min

    @property
    def B_max(self) -> float:
        return math.inf

    def moment(self, k: int) -> float:
        return self.tail * float(self.radius_min**k) / (self.tail - k) if k < self.tail else math.inf

    def sample(self, rng: np.random.Generator, shape: Shape) -> Array:
        return self.radius_min * (1 - rng.random(shape)) ** (-1 / self.tail)

    def nodes(self, count: int) -> tuple[Array, Array]:
        raise InvalidInput(
            "radius law", self.name, "a bounded law for quadrature; sample this one", "uniform"
        )


@dataclass(frozen=True)
class NearZeroRadius(RadiusLaw):
    """Density proportional to r^(shape-1) on (0, radius_max]: no positive lower bound."""

    radius_max: float
    shape: float = 1.0
    name: ClassVar[str] = "near_zero"
    breaks: ClassVar[tuple[str, ...]] = ("bounded-norm",)
    dev_radius_bound: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        _admit.length("radius_max", self.radius_max)
        _admit.positive("radius_tail", self.shape)

    @property
    def B_min(self) -> float:
        return 0.0

    @property
    def B_max(self) -> float:
        return self.radius_max

    def moment(self, k: int) -> float:
        order = self.shape + k
        return self.shape / order * float(self.radius_max**k) if order > 0 else math.inf

    def sample(self, rng: np.random.Generator, shape: Shape) -> Array:
        return self.radius_max * (1 - rng.random(shape)) ** (1 / self.shape)

    def nodes(self, count: int) -> tuple[Array, Array]:
        x, w = special.roots_jacobi(count, 0.0, self.shape - 1)
        return 0.5 * self.radius_max * (1 + x), w / w.sum()


def gauss_rule(points: Array, weights: Array, count: int) -> tuple[Array, Array]:
    """Return the Gauss rule of a discrete measure (Lanczos with full reorthogonalisation).

    Parameters
    ----------
    points, weights : array, shape (K,)
        The measure, e.g. a fine discretisation of a density.
    count : int
        Number of points wanted; at most K are returned.
    """
    total = float(weights.sum())
    basis = np.sqrt(weights / total)[None, :]
    diagonal, off = [], []
    for step in range(min(count, len(points))):
        image = points * basis[-1]
        diagonal.append(float(basis[-1] @ image))
        for _ in range(2):
            image = image - (basis @ image) @ basis
        length = float(np.linalg.norm(image))
        if step + 1 == count or length < 1e-14 * float(np.abs(points).max()):
            break
        off.append(length)
        basis = np.vstack([basis, image / length])
    x, vectors = eigh_tridiagonal(np.array(diagonal), np.array(off[: len(diagonal) - 1]))
    return x, total * vectors[0] ** 2


RADIUS_LAWS: dict[str, type[RadiusLaw]] = {
    law.name: law
    for law in (
        ConstantRadius,
        UniformRadius,
        TwoPointRadius,
        TruncatedNormalRadius,
        TruncatedExponentialRadius,
        ParetoRadius,
        NearZeroRadius,
    )
}
"""Every law of the norm by name."""
