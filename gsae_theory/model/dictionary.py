"""The dictionaries that a spec can name, and the names of every builder.

A dictionary is an array (n, G, d) whose blocks A_g have orthonormal columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput
from gsae_theory.model import _admit
from gsae_theory.model.extremal import (
    BASES,
    check_equiangular,
    check_orthobasis,
    check_principal_pair,
    equiangular,
    orthobasis_pair,
    principal_pair,
)
from gsae_theory.model.frames import must_fit, near_orthogonal, orthogonal, random_blocks, sizes
from gsae_theory.model.low_coherence import low_coherence
from gsae_theory.model.stored import from_array, from_file, polar_blocks

Array = NDArray[np.float64]

__all__ = [
    "BASES",
    "DICTIONARIES",
    "Builder",
    "Order",
    "equiangular",
    "from_array",
    "from_file",
    "low_coherence",
    "near_orthogonal",
    "orthobasis_pair",
    "orthogonal",
    "polar_blocks",
    "principal_pair",
    "random_blocks",
]


@dataclass(frozen=True)
class Order:
    """What a spec can ask of a dictionary.

    Attributes
    ----------
    n, G, d : int
    mu : float
        Prescribed coherence; read only by builders whose `needs_coherence` is true.
    basis : str
        Read only by ``orthobasis_pair``.
    """

    n: int
    G: int
    d: int
    mu: float = 0.0
    basis: str = "hadamard"


@dataclass(frozen=True)
class Builder:
    """How a named dictionary is made.

    Attributes
    ----------
    make : callable from Order and a generator to an array (n, G, d)
    check : callable from Order
        Raises InvalidInput at once if the order cannot be met.
    meaning : str
    needs_coherence : bool
        Whether a coherence is prescribed (and otherwise not accepted).
    """

    make: Callable[[Order, np.random.Generator], Array]
    check: Callable[[Order], None]
    meaning: str
    needs_coherence: bool = False

    def __call__(self, order: Order, rng: np.random.Generator) -> Array:
        """Return the dictionary, shape (n, G, d)."""
        self.check(order)
        return self.make(order, rng)


def _check_pair(order: Order) -> None:
    check_orthobasis(order.n, order.d, order.basis)
    if order.G * order.d != 2 * order.n:
        raise InvalidInput(
            "groups", order.G, "2 dim / block for a pair of orthonormal bases", 2 * order.n // order.d
        )


def _check_near(order: Order) -> None:
    must_fit(order.n, order.G, order.d, "a near-orthogonal dictionary")
    _admit.within("coherence", order.mu, 0.0, 1.0)


DICTIONARIES: dict[str, Builder] = {
    "random": Builder(
        lambda o, rng: random_blocks(o.n, o.G, o.d, rng),
        lambda o: sizes(o.n, o.G, o.d),
        "independent random orthonormal blocks",
    ),
    "orthogonal": Builder(
        lambda o, rng: orthogonal(o.n, o.G, o.d, rng),
        lambda o: must_fit(o.n, o.G, o.d, "an orthogonal dictionary"),
        "mutually orthogonal blocks",
    ),
    "low_coherence": Builder(
        lambda o, rng: low_coherence(o.n, o.G, o.d, rng),
        lambda o: sizes(o.n, o.G, o.d),
        "optimised for low block coherence",
    ),
    "near_orthogonal": Builder(
        lambda o, rng: near_orthogonal(o.n, o.G, o.d, o.mu, rng),
        _check_near,
        "perturbed orthogonal blocks of prescribed coherence",
        needs_coherence=True,
    ),
    "orthobasis_pair": Builder(
        lambda o, rng: orthobasis_pair(o.n, o.d, o.basis),
        _check_pair,
        "union of two orthonormal bases, a tight frame",
    ),
    "equiangular": Builder(
        lambda o, rng: equiangular(o.n, o.G, o.d, o.mu, rng),
        lambda o: check_equiangular(o.n, o.G, o.d, o.mu),
        "A_g^T A_h = coherence I for all pairs",
        needs_coherence=True,
    ),
    "principal_pair": Builder(
        lambda o, rng: principal_pair(o.n, o.d, o.mu, G=o.G, rng=rng),
        lambda o: check_principal_pair(o.n, o.G, o.d, o.mu),
        "two coherent blocks, the others orthogonal",
        needs_coherence=True,
    ),
}
"""Every dictionary that a spec can name."""
