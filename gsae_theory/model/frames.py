"""Random dictionaries: independent blocks, orthogonal blocks, and perturbations of these."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from gsae_theory.errors import InvalidInput
from gsae_theory.model import _admit
from gsae_theory.model.constants import block_coherence
from gsae_theory.model.stored import polar_blocks

Array = NDArray[np.float64]
LARGEST_PUSH = 1e3


def sizes(n: int, G: int, d: int) -> None:
    """Raise InvalidInput unless 1 <= d <= n and G >= 1."""
    _admit.count("dim", n)
    _admit.count("groups", G)
    _admit.count("block", d, 1, n, " (a block cannot exceed the dimension)")


def must_fit(n: int, G: int, d: int, what: str) -> None:
    """Raise InvalidInput unless G mutually orthogonal blocks fit into R^n."""
    sizes(n, G, d)
    if G * d > n:
        limit = f"groups * block <= dim = {n} for {what}"
        raise InvalidInput("groups", G, limit, n // d)


def random_blocks(n: int, G: int, d: int, rng: np.random.Generator) -> Array:
    """Return G independent blocks, each a Haar-random orthonormal d-frame of R^n."""
    sizes(n, G, d)
    # The polar factor of a Gaussian matrix is Haar distributed.
    return polar_blocks(rng.standard_normal((n, G, d)))


def orthogonal(n: int, G: int, d: int, rng: np.random.Generator) -> Array:
    """Return mutually orthogonal blocks (mu = 0), a Haar-random (G d)-frame; needs G d <= n."""
    must_fit(n, G, d, "an orthogonal dictionary")
    return polar_blocks(rng.standard_normal((n, 1, G * d))).reshape(n, G, d)


def near_orthogonal(n: int, G: int, d: int, mu: float, rng: np.random.Generator) -> Array:
    """Return a perturbed orthogonal dictionary whose block coherence is `mu` to rounding; needs G d <= n.

    The size of a Gaussian perturbation is solved for (blocks re-orthonormalised by their polar factor).
    Where independent perturbations do not reach `mu` (few or small groups in a large space), all groups
    are pushed towards one common block instead, whose coherence reaches any value below 1.

    Raises
    ------
    InvalidInput
        If `mu` is not in [0, 1), or positive for a single group.
    """
    must_fit(n, G, d, "a near-orthogonal dictionary")
    mu = _admit.within("coherence", mu, 0.0, 1.0)
    base = orthogonal(n, G, d, rng)
    push = rng.standard_normal((n, G, d)) / math.sqrt(n)
    if mu == 0 or G == 1:
        if mu > 0:
            raise InvalidInput("coherence", mu, "0 for a single group", 0.0)
        return base
    found, reached = _pushed(base, push, mu)
    if found is None:
        common = polar_blocks(rng.standard_normal((n, 1, d)))
        found, reached = _pushed(base, np.broadcast_to(common, (n, G, d)), mu)
    if found is None:
        raise InvalidInput(
            "coherence", mu, f"a number in [0, {reached:.4f}] for these sizes", 0.999 * reached
        )
    return found


def _pushed(base: Array, push: Array, mu: float) -> tuple[Array | None, float]:
    """Return the blocks of ``base + size push`` with coherence `mu`, or None, and the largest value seen."""

    def excess(size: float) -> float:
        return block_coherence(polar_blocks(base + size * push)) - mu

    size, reached = 0.25, 0.0
    while (value := excess(size)) < 0:
        reached, size = max(reached, value + mu), 2 * size
        if size > LARGEST_PUSH:
            return None, reached
    return polar_blocks(base + brentq(excess, 0.0, size, xtol=1e-15, rtol=8.9e-16) * push), mu
