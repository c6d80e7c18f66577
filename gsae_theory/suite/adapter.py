"""A target as NumPy functions: conversion, shape checks, and the gradient that a step implies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.suite.arrays import check_framework, from_framework, to_framework
from gsae_theory.suite.loading import load_target
from gsae_theory.suite.protocol import Capabilities, check_capabilities

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Target:
    """What the tests talk to.

    Attributes
    ----------
    name : str
        As given to ``--gsae-target``.
    implementation : object
        The user's object.
    can : Capabilities
    """

    name: str
    implementation: Any
    can: Capabilities

    @classmethod
    def wrap(cls, implementation: Any, name: str = "target") -> Target:
        """Check an object and wrap it."""
        can = check_capabilities(implementation, name)
        check_framework(can.framework, can.dtype)
        return cls(name, implementation, can)

    @classmethod
    def load(cls, name: str, folder: str | None = None) -> Target:
        """Import ``package.module:Class``, check it and wrap it."""
        return cls.wrap(load_target(name, folder), name)

    @property
    def epsilon(self) -> float:
        """Relative spacing of the target's numbers."""
        return float(np.finfo(self.can.dtype).eps)

    def rounding(self, scale: float, size: int = 1) -> float:
        """Return what rounding may do to a number of magnitude `scale` that sums `size` products."""
        return 64 * self.epsilon * scale * max(1.0, float(size)) ** 0.5

    def encode(self, W: Array, Y: Array, lam: float) -> Array:
        """Return the target's codes, shape (N, G, d)."""
        shape = (len(Y), *W.shape[1:])
        return self._call("encode", shape, (W, Y), (float(lam),))

    def decode(self, W: Array, h: Array) -> Array:
        """Return the target's reconstructions (W h if it has no decoder), shape (N, n)."""
        if not self.can.decode:
            return np.einsum("ngi,kgi->kn", W, h)
        return self._call("decode", (len(h), len(W)), (W, h), ())

    def gradient(self, W: Array, Y: Array, lam: float, weights: Array | None = None) -> Array:
        """Return the target's gradient, or the one that its step implies, shape (n, G, d)."""
        if self.can.gradient:
            return self._call("gradient", W.shape, (W, Y), (float(lam),), weights)
        return W - self.step(W, Y, lam, 1.0, 1.0, weights)

    def step(
        self, W: Array, Y: Array, lam: float, eta: float, p: float, weights: Array | None = None
    ) -> Array:
        """Return the weights after the target's step, or after one along its gradient."""
        if self.can.step and (weights is None or self.can.step_weights):
            return self._call("step", W.shape, (W, Y), (float(lam), float(eta), float(p)), weights)
        return W - eta / p * self.gradient(W, Y, lam, weights)

    @property
    def takes_weights(self) -> bool:
        """Whether a weighted mean can be asked for."""
        return self.can.gradient_weights or self.can.step_weights

    def loss(self, W: Array, Y: Array, lam: float) -> float:
        """Return the mean of ||y - yhat||^2 / 2, from the target's encoder and decoder."""
        r = Y - self.decode(W, self.encode(W, Y, lam))
        return float(0.5 * np.einsum("ij,ij->", r, r) / len(r))

    def _call(
        self,
        method: str,
        shape: tuple[int, ...],
        arrays: tuple[Array, ...],
        numbers: tuple[float, ...],
        weights: Array | None = None,
    ) -> Array:
        kind = (self.can.framework, self.can.dtype)
        given = [to_framework(array, *kind) for array in arrays]
        extra = {} if weights is None else {"weights": to_framework(weights, *kind)}
        value = getattr(self.implementation, method)(*given, *numbers, **extra)
        return from_framework(value, f"{self.name}: {method}", shape, self.can.dtype)
