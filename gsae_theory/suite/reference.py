"""The default target: the package's own network, so that the suite itself is tested by every run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gsae_theory.network import decode, encode, gradient
from gsae_theory.network.activations import GROUP_RELU
from gsae_theory.network.autoencoder import forward_backward

Array = NDArray[np.float64]


class Reference:
    """`gsae_theory.network` in the shape of `gsae_theory.suite.protocol.Autoencoder`."""

    framework = "numpy"

    def encode(self, W: Array, Y: Array, lam: float) -> Array:
        """Return the codes, shape (N, G, d)."""
        return encode(W, Y, lam)

    def decode(self, W: Array, h: Array) -> Array:
        """Return the reconstructions, shape (N, n)."""
        return decode(W, h)

    def gradient(self, W: Array, Y: Array, lam: float, weights: Array | None = None) -> Array:
        """Return the full gradient of the (weighted) mean loss, shape (n, G, d)."""
        if weights is None:
            return gradient(W, Y, lam)
        h, v, r, _ = forward_backward(W, Y, lam, GROUP_RELU)
        share = weights[:, None]
        return -((share * r).T @ h + (share * Y).T @ v).reshape(W.shape)

    def step(
        self, W: Array, Y: Array, lam: float, eta: float, p: float, weights: Array | None = None
    ) -> Array:
        """Return the weights after one step of gradient descent, shape (n, G, d)."""
        return W - eta / p * self.gradient(W, Y, lam, weights)
