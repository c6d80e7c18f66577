"""Laws of the noise e in y = A x + e."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gsae_theory.model import _admit
from gsae_theory.model.direction import unit_vectors

Array = NDArray[np.float64]

GAUSSIAN_TAIL = 1e-12  # P(||e|| > nu) for the nu that Gaussian noise reports


class NoiseLaw(ABC):
    """Law of the noise, independent of the code.

    Attributes
    ----------
    name : str
        Key in `NOISES`.
    breaks : tuple of str
        Ids of the assumptions violated.
    dev_noise : float
        1 if the noise is unbounded or not symmetric, else 0.
    sigma : float
        Standard deviation per coordinate for Gaussian noise, else 0.
    """

    name: ClassVar[str]
    breaks: ClassVar[tuple[str, ...]] = ("noise-free",)
    dev_noise: ClassVar[float] = 0.0
    level: float

    @property
    def sigma(self) -> float:
        """Standard deviation per coordinate for Gaussian noise, else 0."""
        return 0.0

    def nu(self, n: int) -> float:
        """Return the bound on ||e|| in dimension `n`."""
        return self.level

    @abstractmethod
    def nu_op(self, n: int) -> float:
        """Return ||E e e^T||^(1/2) in dimension `n`."""

    @abstractmethod
    def sample(self, rng: np.random.Generator, N: int, n: int) -> Array | None:
        """Return `N` draws, shape (N, n), or None for no noise."""


@dataclass(frozen=True)
class NoNoise(NoiseLaw):
    """y = A x."""

    name: ClassVar[str] = "none"
    breaks: ClassVar[tuple[str, ...]] = ()
    level: ClassVar[float] = 0.0  # type: ignore[misc]

    def nu_op(self, n: int) -> float:
        return 0.0

    def sample(self, rng: np.random.Generator, N: int, n: int) -> Array | None:
        return None


@dataclass(frozen=True)
class _Level(NoiseLaw):
    level: float

    def __post_init__(self) -> None:
        _admit.length("noise_level", self.level)


@dataclass(frozen=True)
class SphereNoise(_Level):
    """Uniform on the sphere of radius `level`."""

    name: ClassVar[str] = "sphere"

    def nu_op(self, n: int) -> float:
        return self.level / math.sqrt(n)

    def sample(self, rng: np.random.Generator, N: int, n: int) -> Array | None:
        return self.level * unit_vectors(rng, N, n)


@dataclass(frozen=True)
class BallNoise(_Level):
    """Uniform on the ball of radius `level`."""

    name: ClassVar[str] = "ball"

    def nu_op(self, n: int) -> float:
        return self.level / math.sqrt(n + 2)

    def sample(self, rng: np.random.Generator, N: int, n: int) -> Array | None:
        return self.level * rng.random((N, 1)) ** (1 / n) * unit_vectors(rng, N, n)


@dataclass(frozen=True)
class GaussianNoise(_Level):
    """N(0, level^2 I): symmetric but unbounded, so it breaks bounded-symmetric-noise (dev_noise = 1).

    There is no bound on ||e||. `nu` is the radius that ||e|| exceeds with probability at most
    `GAUSSIAN_TAIL`, level (sqrt n + sqrt(2 log(1/GAUSSIAN_TAIL))) by Gaussian concentration, so that what
    is printed as nu is never below what a run sees; theorems on bounded noise are out of scope regardless.
    """

    name: ClassVar[str] = "gaussian"
    breaks: ClassVar[tuple[str, ...]] = ("noise-free", "bounded-symmetric-noise")
    dev_noise: ClassVar[float] = 1.0

    @property
    def sigma(self) -> float:
        """Standard deviation per coordinate."""
        return self.level

    def nu(self, n: int) -> float:
        return self.level * (math.sqrt(n) + math.sqrt(-2 * math.log(GAUSSIAN_TAIL)))

    def nu_op(self, n: int) -> float:
        return self.level

    def sample(self, rng: np.random.Generator, N: int, n: int) -> Array | None:
        return self.level * rng.standard_normal((N, n))


@dataclass(frozen=True)
class OneSidedNoise(_Level):
    """Norm `level`, all coordinates nonnegative: bounded but not symmetric."""

    name: ClassVar[str] = "one_sided"
    breaks: ClassVar[tuple[str, ...]] = ("noise-free", "bounded-symmetric-noise")
    dev_noise: ClassVar[float] = 1.0

    def nu_op(self, n: int) -> float:
        return self.level * math.sqrt((1 + (n - 1) * 2 / math.pi) / n)

    def sample(self, rng: np.random.Generator, N: int, n: int) -> Array | None:
        return self.level * np.abs(unit_vectors(rng, N, n))


NOISES: dict[str, type[NoiseLaw]] = {
    law.name: law for law in (NoNoise, SphereNoise, BallNoise, GaussianNoise, OneSidedNoise)
}
"""Every noise law by name."""
