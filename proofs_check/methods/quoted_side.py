"""Quoted lemmas of the side results: a test on random instances for each (see `quoted`).

The keyword of a test misquotes its lemma; the tests of this module hold that this is noticed.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from proofs_check.methods.quoted import TINY, instance


@instance("Q:moments-determine")
def moments_determine(rng: np.random.Generator, constant: float = 0.5) -> bool:
    """E B_n f -> E f at the rate 1/(2 sqrt n) for f of slope 1, n = 30, from the moments alone."""
    points, weights, at, order = rng.random(5), rng.dirichlet(np.ones(5)), float(rng.random()), 30
    k = np.arange(order + 1)
    values = np.abs(k / order - at)
    basis = special.comb(order, k) * points[:, None] ** k * (1 - points[:, None]) ** (order - k)
    error = abs(float(weights @ basis @ values) - float(weights @ np.abs(points - at)))
    return error <= constant / np.sqrt(order) + TINY


@instance("Q:gaussian-vectors")
def gaussian_vectors(rng: np.random.Generator, tilt: float = 0.0) -> bool:
    """E cos(u.z) cos(v.z) factors for orthogonal u, v in R^2, by tensor Gauss-Hermite quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / weights.sum()
    u = rng.uniform(-1.5, 1.5, size=2)
    v = rng.uniform(0.2, 1.0) * np.array([-u[1], u[0]]) + tilt * u
    first, second = np.cos(u[0] * nodes[:, None] + u[1] * nodes), np.cos(v[0] * nodes[:, None] + v[1] * nodes)
    mean = lambda values: float(weights @ values @ weights)  # noqa: E731
    exact = np.exp(-float(u @ u) / 2)
    return bool(
        abs(mean(first * second) - mean(first) * mean(second)) <= 1e-9 and abs(mean(first) - exact) <= 1e-9
    )


@instance("Q:stochastic-order")
def stochastic_order(rng: np.random.Generator, sign: int = 1) -> bool:
    """Sums of independent variables on 0..5: tails stay ordered under convolution."""

    def ordered() -> tuple[np.ndarray, np.ndarray]:
        small = rng.dirichlet(np.ones(6))
        moved = np.zeros(6)
        for value, weight in enumerate(small):  # push mass upwards
            up = int(rng.integers(value, 6))
            share = rng.random()
            moved[value] += (1 - share) * weight
            moved[up] += share * weight
        return small, moved

    (a, a_up), (b, b_up) = ordered(), ordered()
    low, high = np.convolve(a, b), np.convolve(a_up, b_up)
    return bool(np.all(sign * np.cumsum(high) <= sign * np.cumsum(low) + TINY))


@instance("Q:gaussian-lipschitz")
def gaussian_lipschitz(rng: np.random.Generator, rate: float = 0.5) -> bool:
    """P(||z|| >= E||z|| + t) <= exp(-t^2/2), with the exact chi law."""
    size, t = int(rng.integers(1, 40)), float(rng.uniform(0, 5))
    mean = np.sqrt(2) * np.exp(special.gammaln((size + 1) / 2) - special.gammaln(size / 2))
    return bool(special.gammaincc(size / 2, (mean + t) ** 2 / 2) <= np.exp(-rate * t**2))


@instance("Q:tower")
def tower(rng: np.random.Generator, pull: int = 1) -> bool:
    """A finite law on a 4 x 5 grid; the past is the row."""
    law = rng.dirichlet(np.ones(20)).reshape(4, 5)
    X, f = rng.normal(size=(4, 5)), rng.normal(size=4)
    rows = law.sum(axis=1)
    given = (law * X).sum(axis=1) / rows
    pulled = (law * f[:, None] * X).sum(axis=1) / rows
    return bool(np.allclose(pulled, f**pull * given) and abs(rows @ given - np.sum(law * X)) <= TINY)


@instance("Q:ville")
def ville(rng: np.random.Generator, order: float = 1.0) -> bool:
    """A multiplicative supermartingale on a binary tree of depth 8, all paths enumerated."""
    up, chance, depth, level = rng.uniform(1.1, 2.0), rng.uniform(0.2, 0.6), 8, rng.uniform(1.2, 4.0)
    down = rng.uniform(0, 1) * (1 - chance * up) / (1 - chance) if chance * up < 1 else 0.0
    if chance * up + (1 - chance) * down > 1:
        up = 1 / chance
    paths = (np.arange(2**depth)[:, None] >> np.arange(depth)) & 1
    weights = np.prod(np.where(paths, chance, 1 - chance), axis=1)
    highest = np.cumprod(np.where(paths, up, down), axis=1).max(axis=1)
    return bool(weights @ (highest >= level) <= level**-order + TINY)


@instance("Q:net")
def net(rng: np.random.Generator, base: float = 2.0) -> bool:
    """Greedy separated points of the unit ball of l_p^m: a maximal one is a net and obeys the count."""
    size, order, mesh = (
        int(rng.integers(1, 4)),
        float(rng.choice([1.0, 2.0, np.inf])),
        float(rng.uniform(0.3, 1)),
    )
    points = rng.uniform(-1, 1, size=(3000, size))
    points = points[np.linalg.norm(points, ord=order, axis=1) <= 1] if size > 1 else points
    kept: list[np.ndarray] = []
    for point in points:
        if all(np.linalg.norm(point - other, ord=order) > mesh for other in kept):
            kept.append(point)
    return len(kept) <= (1 + base / mesh) ** size
