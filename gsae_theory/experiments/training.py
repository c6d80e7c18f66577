"""Gradient descent on data, with a step that never lets the loss rise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gsae_theory.experiments.subspaces import group_norms
from gsae_theory.network import GROUP_RELU, loss_and_gradient

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Training:
    """A run of gradient descent.

    Attributes
    ----------
    W : array, shape (n, G, d)
    loss : array, shape (steps + 1,)
        Mean of 1/2 ||y - y_hat||^2 before the first step and after each; never rises.
    eta : array, shape (steps,)
        The step taken, in units of eta/p with p = 1/G.
    fewest : int
        Number of points on which the least used group was active, at its lowest during the run.
    """

    W: Array
    loss: Array
    eta: Array
    fewest: int


def train(W0: Array, Y: Array, lam: float, steps: int, eta: float = 0.5) -> Training:
    """Descend the loss of the group-sparse autoencoder on the points `Y`, full batch.

    Parameters
    ----------
    W0 : array, shape (n, G, d)
    Y : array, shape (N, n)
    lam : float
        Threshold, > 0.
    steps : int
        Number of steps, each W <- W - (eta/p) grad with p = 1/G.
    eta : float
        First step tried. It is halved while the loss would rise or a group would lose more than half of
        the points it is active on (a long step can lower the loss and kill a group for good), and grows by
        a tenth after each success.
    """
    groups = W0.shape[1]
    W = np.array(W0, dtype=np.float64)
    loss, gradient = loss_and_gradient(W, Y, lam, GROUP_RELU)
    use = _use(W, Y, lam)
    losses, etas, fewest = [loss], [], int(use.min())
    for _ in range(steps):
        for _ in range(60):
            trial = W - eta * groups * gradient
            trial_loss, trial_gradient = loss_and_gradient(trial, Y, lam, GROUP_RELU)
            trial_use = _use(trial, Y, lam)
            if trial_loss <= loss and (2 * trial_use >= use).all():
                break
            eta *= 0.5
        else:  # no representable decrease is left
            break
        W, loss, gradient, use = trial, trial_loss, trial_gradient, trial_use
        losses.append(loss)
        etas.append(eta)
        fewest = min(fewest, int(use.min()))
        eta *= 1.1
    return Training(W, np.array(losses), np.array(etas), fewest)


def _use(W: Array, Y: Array, lam: float) -> NDArray[np.int64]:
    """Return on how many points each group is active, shape (G,)."""
    return np.asarray((group_norms(W, Y) > lam).sum(axis=0), dtype=np.int64)
