"""Instances on which the gradient step is timed: incoherent dictionary, weights near the limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.model import GenerativeModel, UniformRadius, UniformSupport
from gsae_theory.model.generative import Sample
from gsae_theory.seeds import generator
from gsae_theory.simulate import start

Array = NDArray[Any]

LAM = 0.3


@dataclass(frozen=True)
class Instance:
    """One configuration with its data.

    Attributes
    ----------
    model : GenerativeModel
    W : array, shape (n, G, d)
    sample : Sample
        The codes; `observed` gives the data.
    """

    model: GenerativeModel
    W: Array
    sample: Sample

    @property
    def config(self) -> list[int]:
        """n, G, d, gamma, N."""
        return [self.model.n, self.model.G, self.model.d, self.model.gamma, len(self.sample)]

    @property
    def name(self) -> str:
        """For progress."""
        return "(n, G, d, gamma, N) = ({}, {}, {}, {}, {})".format(*self.config)

    def observed(self) -> Array:
        """Return the data A x, shape (N, n)."""
        return self.model.observe(self.sample)


def instance(n: int, G: int, d: int, gamma: int, N: int, seed: int = 0) -> Instance:
    """Return an instance with orthonormal columns if they fit into R^n, else with random blocks."""
    rng = generator(seed, "bench", n, G, d, gamma)
    shape = (n, G, d)
    if G * d <= n:
        A = np.linalg.qr(rng.standard_normal((n, G * d)))[0].reshape(shape)
    else:
        Q = np.linalg.qr(rng.standard_normal((G, n, d)))[0]
        A = np.ascontiguousarray(Q.transpose(1, 0, 2))
    model = GenerativeModel(A, UniformRadius(1.0, 1.2), support=UniformSupport(gamma), label="bench")
    W = start("random", model.dictionary, 1.2, 0.02, rng)
    return Instance(model, W, model.sample(N, generator(seed, "bench data", n, G, d, gamma, N)))
