"""From a case to its model, and from the model to weighted data: the population as a finite sum.

Where directions have a density, its values weight the nodes of `simulate.sphere_rule`; supports are
enumerated; noise is a sum over its atoms. Rows are what the network sees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import UnknownName
from gsae_theory.explore.case import Case
from gsae_theory.explore.laws import AxisMixture, CrossNoise, SharedDirection, paired, skewed, spread_sizes
from gsae_theory.model import (
    ConstantRadius,
    DirectionLaw,
    EllipticalDirection,
    GenerativeModel,
    NoNoise,
    NonzeroMeanDirection,
    ParetoRadius,
    RadiusLaw,
    SupportLaw,
    TwoPointRadius,
    UniformDirection,
    UniformRadius,
    UniformSupport,
    equiangular,
    near_orthogonal,
    orthogonal,
    principal_pair,
)
from gsae_theory.simulate import sphere_rule

Array = NDArray[np.float64]

TAIL_NODES = 12


@dataclass(frozen=True)
class Data:
    """Weighted data.

    Attributes
    ----------
    Y : array, shape (N, n)
    weights : array, shape (N,)
        Probabilities, sum 1.
    truth : array of bool, shape (N, G)
        Supports.
    """

    Y: Array
    weights: Array
    truth: NDArray[np.bool_]


def model_of(case: Case, rng: np.random.Generator) -> GenerativeModel:
    """Return the model of a case; the dictionary is drawn with `rng`."""
    return GenerativeModel(
        dictionary_of(case, rng),
        radius_of(case),
        direction_of(case),
        support=support_of(case),
        noise=CrossNoise(case.noise, case.noise_bias) if case.noise > 0 else NoNoise(),
        label=case.dictionary,
    )


def dictionary_of(case: Case, rng: np.random.Generator) -> Array:
    """Return the dictionary, shape (n, G, d)."""
    n, G, d, mu = case.n, case.G, case.d, case.mu
    builders = {
        "near_orthogonal": lambda: near_orthogonal(n, G, d, mu, rng),
        "equiangular": lambda: equiangular(n, G, d, mu, rng),
        "principal_pair": lambda: principal_pair(n, d, mu, G=G, rng=rng),
        "orthogonal": lambda: orthogonal(n, G, d, rng),
    }
    if case.dictionary not in builders:
        raise UnknownName("dictionary of a case", case.dictionary, builders)
    A = builders[case.dictionary]()
    if case.condition == 1 or d == 1:
        return A
    values = np.geomspace(1.0, 1 / case.condition, d)
    values *= math.sqrt(d) / np.linalg.norm(values)
    return np.ascontiguousarray(A * values)


def radius_of(case: Case) -> RadiusLaw:
    """Return the law of the norm of an active block."""
    low, high = case.radius_min, case.radius_max
    if case.radius == "heavy_tailed" and case.radius_tail > 0:
        return ParetoRadius(low, case.radius_tail)
    if case.radius == "constant" or low == high or case.radius == "heavy_tailed":
        return ConstantRadius(low)
    if case.radius == "uniform":
        return UniformRadius(low, high)
    if case.radius == "two_point":
        return TwoPointRadius(low, high, case.radius_weight)
    raise UnknownName(
        "radius law of a case", case.radius, ["constant", "uniform", "two_point", "heavy_tailed"]
    )


def direction_of(case: Case) -> DirectionLaw:
    """Return the law of the directions of the active blocks."""
    single = single_direction(case)
    return SharedDirection(single, case.dependence) if case.dependence > 0 else single


def single_direction(case: Case) -> DirectionLaw:
    """Return the law of the direction of one active block."""
    strength = case.direction_strength
    if case.direction == "uniform":
        return UniformDirection()
    if case.direction == "elliptical":
        return EllipticalDirection(strength) if strength > 1 else UniformDirection()
    if strength == 0:
        return UniformDirection()
    if case.direction == "axes":
        return AxisMixture(strength)
    if case.direction == "mean":
        return NonzeroMeanDirection(strength)
    raise UnknownName("direction law of a case", case.direction, ["uniform", "elliptical", "axes", "mean"])


def support_of(case: Case) -> SupportLaw:
    """Return the law of the support."""
    G, strength = case.G, case.support_strength
    if case.support == "exact" or strength == 0 or (case.support == "skewed" and strength == 1):
        return UniformSupport(case.gamma)
    if case.support == "skewed":
        return skewed(G, strength)
    if case.support == "sizes":
        return spread_sizes(G, strength, 2)
    if case.support == "tail":
        return spread_sizes(G, strength, 3)
    if case.support == "pairs":
        return paired(G, strength)
    raise UnknownName("support law of a case", case.support, ["exact", "skewed", "sizes", "tail", "pairs"])


def block_atoms(case: Case) -> tuple[Array, Array]:
    """Return points x_g, shape (K, d), and probabilities of one active block."""
    points, weights = sphere_rule(case.d, case.level)
    law = single_direction(case)
    if isinstance(law, EllipticalDirection):
        # Angular central Gaussian density with covariance diag(geomspace(1, condition))
        inverse = 1 / np.geomspace(1.0, law.condition, case.d)
        weights = weights * np.sum(points**2 * inverse, axis=1) ** (-case.d / 2)
    elif isinstance(law, NonzeroMeanDirection):
        weights = weights * (1 + law.bias * np.sign(np.where(np.abs(points[:, 0]) < 1e-12, 0, points[:, 0])))
    elif isinstance(law, AxisMixture):
        axes = np.concatenate([np.eye(case.d), -np.eye(case.d)])
        points = np.concatenate([points, axes])
        weights = np.concatenate([(1 - law.share) * weights, np.full(len(axes), law.share / len(axes))])
    weights = weights / weights.sum()
    norms, chances = radius_nodes(radius_of(case))
    x = norms[:, None, None] * points
    return x.reshape(-1, case.d), np.outer(chances, weights).ravel()


def radius_nodes(law: RadiusLaw) -> tuple[Array, Array]:
    """Return nodes and weights of the norm.

    The uniform law is represented by Simpson's three points: the first three moments are exact, which is
    all that the gradient reads while supports are exact, and the ends B_min and B_max are among them, so
    that supports fail where they do for the law itself. Gauss-Laguerre in log R for the heavy tail.
    """
    if isinstance(law, UniformRadius):
        ends = np.array([law.B_min, 0.5 * (law.B_min + law.B_max), law.B_max])
        return ends, np.array([1.0, 4.0, 1.0]) / 6
    if isinstance(law, ParetoRadius):
        x, w = np.polynomial.laguerre.laggauss(TAIL_NODES)
        return law.radius_min * np.exp(x / law.tail), w / w.sum()
    return law.nodes(2)


def population(case: Case, model: GenerativeModel, rng: np.random.Generator) -> Data:
    """Return the population of a case as weighted data."""
    points, weights = block_atoms(case)
    supports, chances = model.support.enumerate(case.G)
    codes, total, truth = [], [], []
    for support, chance in zip(supports, chances, strict=True):
        members = [int(g) for g in support if g >= 0]
        for x, share in _products(points, weights, len(members), case):
            rows = np.zeros((len(share), case.G, case.d))
            rows[:, members] = x
            mask = np.zeros((len(share), case.G), dtype=bool)
            mask[:, members] = True
            codes.append(rows)
            total.append(chance * share)
            truth.append(mask)
    X = np.concatenate(codes).reshape(-1, case.G * case.d)
    data = Data(X @ model.dictionary.reshape(case.n, -1).T, np.concatenate(total), np.concatenate(truth))
    return _noisy(data, model, rng) if isinstance(model.noise, CrossNoise) else data


def _products(points: Array, weights: Array, active: int, case: Case) -> list[tuple[Array, Array]]:
    """Return codes of the active blocks, shape (rows, active, d), with probabilities."""
    if active == 0:
        return [(np.zeros((1, 0, case.d)), np.ones(1))]
    index = np.array(list(product(range(len(points)), repeat=active)))
    x, share = points[index], weights[index].prod(axis=1)
    if case.dependence == 0 or active == 1:
        return [(x, share)]
    together = np.repeat(points[:, None, :], active, axis=1)
    return [(x, (1 - case.dependence) * share), (together, case.dependence * weights)]


def _noisy(data: Data, model: GenerativeModel, rng: np.random.Generator) -> Data:
    assert isinstance(model.noise, CrossNoise)
    atoms, chance = model.noise.points(rng, model.n)
    Y = (data.Y[:, None, :] + atoms).reshape(-1, model.n)
    return Data(Y, np.outer(data.weights, chance).ravel(), np.repeat(data.truth, len(atoms), axis=0))


def sampled(model: GenerativeModel, samples: int, rng: np.random.Generator) -> Data:
    """Return a fresh sample as data of equal weights."""
    draws = model.sample(samples, rng)
    truth = np.zeros((samples, model.G + 1), dtype=bool)
    np.put_along_axis(truth, np.where(draws.support < 0, model.G, draws.support), True, axis=1)
    return Data(model.observe(draws), np.full(samples, 1 / samples), truth[:, : model.G])
