"""Stochastic gradient descent with momentum, and Adam (Kingma and Ba, 2015), on named arrays."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput, UnknownName

Array = NDArray[np.float64]


def _share(name: str, value: float) -> float:
    if not 0 <= value < 1:
        raise InvalidInput(name, value, "a number in [0, 1)", min(max(value, 0.0), 0.999))
    return float(value)


class Optimiser(ABC):
    """Turns gradients into updates and remembers what it needs per name.

    Parameters
    ----------
    rate : float
        Step on the mean loss, > 0. The theory's step is eta/p on the same gradient.
    """

    def __init__(self, rate: float) -> None:
        if not (math.isfinite(rate) and rate > 0):
            raise InvalidInput("rate", rate, "a finite number > 0", 0.01)
        self.rate = float(rate)

    @abstractmethod
    def update(self, name: str, gradient: Array) -> Array:
        """Return what is to be added to the array `name`."""


class SGD(Optimiser):
    """v <- momentum v - rate g; the update is v."""

    def __init__(self, rate: float, momentum: float = 0.0) -> None:
        super().__init__(rate)
        self.momentum = _share("momentum", momentum)
        self._velocity: dict[str, Array] = {}

    def update(self, name: str, gradient: Array) -> Array:
        velocity = -self.rate * gradient
        if self.momentum:
            velocity = velocity + self.momentum * self._velocity.get(name, np.zeros_like(gradient))
            self._velocity[name] = velocity
        return velocity


class Adam(Optimiser):
    """Adam with bias correction."""

    def __init__(self, rate: float, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> None:
        super().__init__(rate)
        self.beta1, self.beta2, self.epsilon = _share("beta1", beta1), _share("beta2", beta2), epsilon
        self._state: dict[str, tuple[int, Array, Array]] = {}

    def update(self, name: str, gradient: Array) -> Array:
        zero = np.zeros_like(gradient)
        count, first, second = self._state.get(name, (0, zero, zero))
        count += 1
        first = self.beta1 * first + (1 - self.beta1) * gradient
        second = self.beta2 * second + (1 - self.beta2) * gradient**2
        self._state[name] = (count, first, second)
        mean, spread = first / (1 - self.beta1**count), second / (1 - self.beta2**count)
        return np.asarray(-self.rate * mean / (np.sqrt(spread) + self.epsilon))


OPTIMISERS: dict[str, type[SGD] | type[Adam]] = {"sgd": SGD, "adam": Adam}
"""Every optimiser by name."""


def get_optimiser(name: str, rate: float) -> Optimiser:
    """Return a new optimiser of that name, or raise UnknownName."""
    if name not in OPTIMISERS:
        raise UnknownName("optimiser", str(name), OPTIMISERS)
    return OPTIMISERS[name](rate)
