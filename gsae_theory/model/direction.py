"""Laws of the direction theta of an active block, and by how much each leaves the uniform law.

Every deviation is a closed form or a one-dimensional integral; none is sampled.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from gsae_theory.errors import InvalidInput
from gsae_theory.model import _admit

Array = NDArray[np.float64]
Shape = int | tuple[int, ...]


def unit_vectors(rng: np.random.Generator, shape: Shape, d: int) -> Array:
    """Return independent vectors, shape ``(*shape, d)``, uniform on the unit sphere (d = 1: signs)."""
    size = (shape,) if isinstance(shape, int) else tuple(shape)
    if d == 1:
        return np.asarray(2.0 * rng.integers(0, 2, (*size, 1)) - 1.0, dtype=np.float64)
    z = rng.standard_normal((*size, d))
    return np.asarray(z / np.linalg.norm(z, axis=-1, keepdims=True), dtype=np.float64)


def mean_absolute_coordinate(d: int) -> float:
    """Return E|theta_1| for theta uniform on the unit sphere of R^d."""
    return math.exp(gammaln(d / 2) - gammaln((d + 1) / 2)) / math.sqrt(math.pi)


@dataclass(frozen=True)
class Deviation:
    """Distances of a direction law from what the theory assumes; 0 where the assumption holds.

    Attributes
    ----------
    isotropy : float
        1 if theta is not uniform on the sphere.
    second_moment : float
        ||d E[theta theta^T] - I||.
    symmetry : float
        ||E theta||.
    dependence : float
        E<theta_g, theta_h> for two active groups.
    """

    isotropy: float = 0.0
    second_moment: float = 0.0
    symmetry: float = 0.0
    dependence: float = 0.0


class DirectionLaw(ABC):
    """Law of theta = x_g / ||x_g|| given that g is active; independent of R.

    Attributes
    ----------
    name : str
        Key in `DIRECTIONS`.
    uniform_on_sphere : bool
        Whether the directions of the active groups are independent and each uniform on the sphere,
        for every d: then products of sphere rules integrate them.
    breaks : tuple of str
        Ids of the assumptions violated for d >= 2 (`deviation` is exact for each d).
    """

    name: ClassVar[str]
    uniform_on_sphere: ClassVar[bool] = False
    breaks: ClassVar[tuple[str, ...]] = ("isotropic-direction",)

    @abstractmethod
    def sample(self, rng: np.random.Generator, shape: Shape, d: int) -> Array:
        """Return unit vectors, shape ``(*shape, d)``; the last axis of `shape` is a sample's groups."""

    @abstractmethod
    def deviation(self, d: int) -> Deviation:
        """Return how far the law is from the assumptions in block size `d`."""

    def check(self, d: int) -> None:
        """Raise InvalidInput if the law does not exist in block size `d`."""
        _admit.count("block", d)


@dataclass(frozen=True)
class UniformDirection(DirectionLaw):
    """Uniform on the unit sphere of R^d; a fair sign for d = 1."""

    name: ClassVar[str] = "uniform"
    uniform_on_sphere: ClassVar[bool] = True
    breaks: ClassVar[tuple[str, ...]] = ()

    def sample(self, rng: np.random.Generator, shape: Shape, d: int) -> Array:
        return unit_vectors(rng, shape, d)

    def deviation(self, d: int) -> Deviation:
        return Deviation()


@dataclass(frozen=True)
class EllipticalDirection(DirectionLaw):
    """Normalised Gaussian whose covariance has geometric eigenvalues 1 .. condition along the axes."""

    condition: float = 4.0
    name: ClassVar[str] = "elliptical"
    breaks: ClassVar[tuple[str, ...]] = ("isotropic-direction", "isotropic-second-moment")

    def __post_init__(self) -> None:
        if _admit.real("direction_strength (condition)", self.condition) <= 1:
            raise InvalidInput(
                "direction_strength (condition)", self.condition, "a condition number > 1", 4.0
            )

    def _eigenvalues(self, d: int) -> Array:
        return np.geomspace(1.0, self.condition, d) if d > 1 else np.ones(1)

    def sample(self, rng: np.random.Generator, shape: Shape, d: int) -> Array:
        if d == 1:
            return unit_vectors(rng, shape, d)
        size = (shape,) if isinstance(shape, int) else tuple(shape)
        z = rng.standard_normal((*size, d)) * np.sqrt(self._eigenvalues(d))
        return np.asarray(z / np.linalg.norm(z, axis=-1, keepdims=True), dtype=np.float64)

    def second_moment(self, d: int) -> Array:
        """Return the diagonal of E[theta theta^T], shape (d,).

        E[l_i z_i^2 / sum_j l_j z_j^2] = int_0^inf l_i/(1+2 t l_i) prod_j (1+2 t l_j)^(-1/2) dt; with t = e^x
        the integrand is analytic in a strip of half-width pi, so the trapezoidal rule is exact to rounding.
        """
        values, step = self._eigenvalues(d), 0.1
        if d == 1:
            return np.ones(1)
        t = np.exp(np.arange(-45.0 - math.log(self.condition), 45.0, step))[:, None]
        density = np.exp(-0.5 * np.log1p(2 * t * values).sum(axis=1, keepdims=True))
        integral = step * np.sum(t * values / (1 + 2 * t * values) * density, axis=0)
        return np.asarray(integral)

    def deviation(self, d: int) -> Deviation:
        if d == 1:
            return Deviation()
        return Deviation(isotropy=1.0, second_moment=float(np.abs(d * self.second_moment(d) - 1).max()))


@dataclass(frozen=True)
class NonzeroMeanDirection(DirectionLaw):
    """Uniform, reflected so that theta_1 >= 0 with probability (1 + bias)/2; E theta theta^T stays I/d."""

    bias: float = 0.5
    name: ClassVar[str] = "nonzero_mean"
    breaks: ClassVar[tuple[str, ...]] = ("isotropic-direction", "symmetric-code")

    def __post_init__(self) -> None:
        if _admit.within("direction_strength (bias)", self.bias, 0.0, 1.0) == 0:
            raise InvalidInput("direction_strength (bias)", self.bias, "a bias in (0, 1]", 0.5)

    def sample(self, rng: np.random.Generator, shape: Shape, d: int) -> Array:
        theta = unit_vectors(rng, shape, d)
        wanted = np.where(rng.random(theta.shape[:-1]) < 0.5 * (1 + self.bias), 1.0, -1.0)
        return theta * (wanted * np.where(theta[..., 0] < 0, -1.0, 1.0))[..., None]

    def deviation(self, d: int) -> Deviation:
        return Deviation(isotropy=1.0, symmetry=self.bias * mean_absolute_coordinate(d))


@dataclass(frozen=True)
class AxisAlignedDirection(DirectionLaw):
    """A random coordinate axis with a random sign: isotropic second moment, not rotation invariant."""

    name: ClassVar[str] = "axis_aligned"

    def sample(self, rng: np.random.Generator, shape: Shape, d: int) -> Array:
        size = (shape,) if isinstance(shape, int) else tuple(shape)
        theta = np.zeros((*size, d))
        signs = 2.0 * rng.integers(0, 2, (*size, 1)) - 1.0
        np.put_along_axis(theta, rng.integers(0, d, (*size, 1)), signs, axis=-1)
        return theta

    def deviation(self, d: int) -> Deviation:
        return Deviation(isotropy=float(d > 1))


@dataclass(frozen=True)
class NonnegativeDirection(DirectionLaw):
    """Uniform on the part of the sphere with nonnegative coordinates."""

    name: ClassVar[str] = "nonnegative"
    breaks: ClassVar[tuple[str, ...]] = ("isotropic-direction", "isotropic-second-moment", "symmetric-code")

    def sample(self, rng: np.random.Generator, shape: Shape, d: int) -> Array:
        return np.abs(unit_vectors(rng, shape, d))

    def deviation(self, d: int) -> Deviation:
        return Deviation(
            isotropy=1.0,
            second_moment=(d - 1) * 2 / math.pi,  # d E|theta_i theta_j| = 2/pi off the diagonal
            symmetry=math.sqrt(d) * mean_absolute_coordinate(d),
        )


@dataclass(frozen=True)
class DependentDirection(DirectionLaw):
    """With probability `correlation` all active groups of a sample share one direction; each is uniform."""

    correlation: float = 0.5
    name: ClassVar[str] = "dependent"
    breaks: ClassVar[tuple[str, ...]] = ("independent-groups",)

    def __post_init__(self) -> None:
        if _admit.within("direction_strength (correlation)", self.correlation, 0.0, 1.0) == 0:
            raise InvalidInput(
                "direction_strength (correlation)", self.correlation, "a correlation in (0, 1]", 0.5
            )

    def sample(self, rng: np.random.Generator, shape: Shape, d: int) -> Array:
        theta = unit_vectors(rng, shape, d)
        if theta.ndim < 3:  # one group per sample: nothing to share
            return theta
        shared = rng.random(theta.shape[:-2]) < self.correlation
        return np.where(shared[..., None, None], theta[..., :1, :], theta)

    def deviation(self, d: int) -> Deviation:
        return Deviation(dependence=self.correlation)


DIRECTIONS: dict[str, type[DirectionLaw]] = {
    law.name: law
    for law in (
        UniformDirection,
        EllipticalDirection,
        NonzeroMeanDirection,
        AxisAlignedDirection,
        NonnegativeDirection,
        DependentDirection,
    )
}
"""Every law of the direction by name."""
