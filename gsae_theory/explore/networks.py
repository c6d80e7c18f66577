"""The networks that are trained: the one of the theory, and those that break one of its conventions.

All are gradient descent on E||y - yhat||^2/2 over weighted data, in units eta/p as everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gsae_theory.explore.build import Data
from gsae_theory.network import GROUP_RELU, RELU, Activation, normalise_blocks
from gsae_theory.network.activations import Linearisation
from gsae_theory.network.autoencoder import forward_backward

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

CHUNK = 1024  # rows at once: what stays in the cache


class Blended(Activation):
    """A share of the entrywise ReLU in the group ReLU: sigma = (1 - share) group + share ReLU."""

    name = "blended"
    odd = False
    fires_above = False

    def __init__(self, share: float) -> None:
        self.share = share

    def linearise(self, u: Array, lam: float, axis: int = -1) -> Linearisation:
        """Return h, the groups that fire, and the Jacobian of the blend."""
        h0, _, J0 = GROUP_RELU.linearise(u, lam, axis)
        h1, _, J1 = RELU.linearise(u, lam, axis)
        h = (1 - self.share) * h0 + self.share * h1
        return h, (h != 0).any(axis=axis), lambda v: (1 - self.share) * J0(v) + self.share * J1(v)


def activation_of(relu: float) -> Activation:
    """Return the group ReLU with a share of the entrywise one."""
    return GROUP_RELU if relu == 0 else Blended(relu)


@dataclass
class Tied:
    """yhat = W sigma(W^T y); blocks move by `normalised` towards their polar factors after each step.

    Attributes
    ----------
    W : array, shape (n, G, d)
    """

    W: Array
    lam: float
    act: Activation
    normalised: float = 0.0

    @property
    def encoder(self) -> Array:
        """The weights that decide which groups fire."""
        return self.W

    def step(self, data: Data, size: float) -> float:
        """Take a step of `size` along the gradient; return the Frobenius norm of the move."""
        slope = np.zeros((len(self.W), self.W.shape[1] * self.W.shape[2]))
        for rows in _chunks(len(data.Y)):
            y, w = data.Y[rows], data.weights[rows, None]
            h, v, r, _ = forward_backward(self.W, y, self.lam, self.act)
            slope -= r.T @ (w * h) + y.T @ (w * v)
        moved = self.W - size * slope.reshape(self.W.shape)
        if self.normalised > 0 and np.isfinite(moved).all():
            moved = (1 - self.normalised) * moved + self.normalised * normalise_blocks(moved)
        length = float(np.linalg.norm(moved - self.W))
        self.W = moved
        return length


@dataclass
class Untied:
    """yhat = D sigma(E^T y), encoder and decoder trained side by side.

    Attributes
    ----------
    E, D : array, shape (n, G, d)
    """

    E: Array
    D: Array
    lam: float
    act: Activation

    @property
    def encoder(self) -> Array:
        """The weights that decide which groups fire."""
        return self.E

    def step(self, data: Data, size: float) -> float:
        """Take a step of `size` along the gradient; return the Frobenius norm of the move."""
        n, blocks = len(self.E), (-1, *self.E.shape[1:])
        E, D = self.E.reshape(n, -1), self.D.reshape(n, -1)
        slope_E, slope_D = np.zeros_like(E), np.zeros_like(D)
        for rows in _chunks(len(data.Y)):
            y, w = data.Y[rows], data.weights[rows, None]
            h, _, transpose = self.act.linearise((y @ E).reshape(blocks), self.lam)
            h = h.reshape(len(y), -1)
            r = y - h @ D.T
            v = transpose((r @ D).reshape(blocks)).reshape(len(y), -1)
            slope_D -= r.T @ (w * h)
            slope_E -= y.T @ (w * v)
        self.E = (E - size * slope_E).reshape(self.E.shape)
        self.D = (D - size * slope_D).reshape(self.D.shape)
        return size * float(np.hypot(np.linalg.norm(slope_E), np.linalg.norm(slope_D)))


Network = Tied | Untied


@dataclass(frozen=True)
class Firing:
    """Which groups fire.

    Attributes
    ----------
    right : float
        P(exactly the support fires), network groups in the order of the data's.
    extra, missing : float
        P(some group outside fires), P(some group of the support is silent).
    share : array, shape (G_net,)
        P(group h fires).
    loss : float
    """

    right: float
    extra: float
    missing: float
    share: Array
    loss: float


def firing(network: Network, data: Data, order: NDArray[np.int64]) -> Firing:
    """Measure supports and loss.

    Parameters
    ----------
    order : array of int, shape (G,)
        Network group of every data group, -1 where there is none.
    """
    G = data.truth.shape[1]
    right = extra = missing = loss = 0.0
    share = np.zeros(network.encoder.shape[1])
    for rows in _chunks(len(data.Y)):
        y, w = data.Y[rows], data.weights[rows]
        fires, r = _forward(network, y)
        share += w @ fires
        matched = np.zeros((len(y), G), dtype=bool)
        matched[:, order >= 0] = fires[:, order[order >= 0]]
        others = np.delete(fires, order[order >= 0], axis=1).any(axis=1)
        truth = data.truth[rows]
        more = (matched & ~truth).any(axis=1) | others
        less = (truth & ~matched).any(axis=1)
        extra += float(w @ more)
        missing += float(w @ less)
        right += float(w @ ~(more | less))
        loss += 0.5 * float(w @ np.einsum("ij,ij->i", r, r))
    return Firing(right, extra, missing, share, loss)


def _forward(network: Network, y: Array) -> tuple[Mask, Array]:
    E = network.encoder
    D = network.W if isinstance(network, Tied) else network.D
    h, fires, _ = network.act.linearise((y @ E.reshape(len(E), -1)).reshape(-1, *E.shape[1:]), network.lam)
    return fires, y - h.reshape(len(y), -1) @ D.reshape(len(D), -1).T


def _chunks(rows: int) -> list[slice]:
    return [slice(at, at + CHUNK) for at in range(0, rows, CHUNK)]
