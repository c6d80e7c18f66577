"""One layer of sparse coding with the true dictionary, scored for any threshold and scale.

A network W = s A gives u = s A^T y and the code s h = s^2 sigma_tau(A^T y), tau = lambda/s, in the units
of x. So a network is a threshold tau and an amplitude a = s^2, and the best amplitude is a quotient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gsae_theory.network import GROUP_RELU, RELU, SOFT
from gsae_theory.network.activations import Activation

Array = NDArray[np.float64]
Coder = Callable[[Array, float], Array]

GROUP, PLAIN, PAIRED, TWO_SIDED = "group-sparse ReLU", "ReLU", "ReLU, +-atoms", "soft threshold"


def _single(act: Activation) -> Coder:
    return lambda u, tau: act.linearise(u, tau)[0]


def _plus_minus(u: Array, tau: float) -> Array:
    """Return the code of the ReLU network on the atoms [W, -W], folded: what it writes on W less that on -W."""
    both = RELU.linearise(np.concatenate([u, -u], axis=1), tau)[0]
    return np.asarray(both[:, : u.shape[1]] - both[:, u.shape[1] :])


CODERS: dict[str, Coder] = {
    GROUP: _single(GROUP_RELU),
    PLAIN: _single(RELU),
    PAIRED: _plus_minus,
    TWO_SIDED: _single(SOFT),
}
"""Each network as a map of A^T y, shape (N, G, d), and tau to sigma_tau(A^T y)."""

# metric: larger is better. Codes and reconstructions are relative squared errors.
METRICS: dict[str, bool] = {
    "group_exact": True,
    "group_f1": True,
    "entry_f1": True,
    "code_error": False,
    "reconstruction": False,
    "group_top": True,
}
MEANINGS: dict[str, str] = {
    "group_exact": "share of samples whose active groups are found exactly (a group is on if an entry is)",
    "group_f1": "F1 of the groups that are on, mean over samples",
    "entry_f1": "F1 of the entries that are on, mean over samples",
    "code_error": "E||x - xhat||^2 / E||x||^2",
    "reconstruction": "E||y - yhat||^2 / E||y||^2",
    "group_top": "share of active groups among the gamma largest blocks of the code, gamma known",
}


@dataclass(frozen=True)
class Data:
    """A sample with the products that every method shares.

    Attributes
    ----------
    x : array, shape (N, G, d)
    y : array, shape (N, n)
    u : array, shape (N, G, d)
        A^T y.
    gram : array, shape (G d, G d)
    """

    x: Array
    y: Array
    u: Array
    gram: Array

    @classmethod
    def of(cls, A: Array, x: Array, y: Array) -> Data:
        """Return the data of a dictionary (n, G, d)."""
        flat = A.reshape(len(A), -1)
        return cls(x, y, (y @ flat).reshape(x.shape), flat.T @ flat)


@dataclass(frozen=True)
class Scores:
    """Supports, and the second moments from which errors at any amplitude follow."""

    support: dict[str, float]
    moments: dict[str, tuple[float, float, float]]

    def best_amplitude(self, metric: str) -> float:
        """Return the amplitude a >= 0 with the smallest error."""
        _, cross, own = self.moments[metric]
        return max(cross / own, 0.0) if own > 0 else 0.0

    def value(self, metric: str, amplitude: float = 1.0) -> float:
        """Return a metric; errors at the given amplitude."""
        if metric in self.support:
            return self.support[metric]
        total, cross, own = self.moments[metric]
        # an exact code leaves rounding of either sign
        return max(0.0, (total - 2 * amplitude * cross + amplitude**2 * own) / total)


def scores(h: Array, data: Data) -> Scores:
    """Return the scores of codes `h`, shape (N, G, d), at amplitude 1."""
    flat = h.reshape(len(h), -1)
    moments = {
        "code_error": (_sum(data.x, data.x), _sum(h, data.x), _sum(h, h)),
        "reconstruction": (_sum(data.y, data.y), _sum(h, data.u), _sum(flat @ data.gram, flat)),
    }
    return Scores(support_scores(h, data.x), moments)


def support_scores(h: Array, x: Array) -> dict[str, float]:
    """Return the support metrics of codes `h` against `x`, both (N, G, d)."""
    on, true = h != 0, x != 0
    groups, active = on.any(axis=2), true.any(axis=2)
    norms = np.einsum("ngd,ngd->ng", h, h)
    return {
        "group_exact": float((groups == active).all(axis=1).mean()),
        "group_f1": float(f1(groups, active).mean()),
        "entry_f1": float(f1(on.reshape(len(on), -1), true.reshape(len(on), -1)).mean()),
        "group_top": _top_share(norms, active),
    }


def f1(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> Array:
    """Return 2 |found & true| / (|found| + |true|) of every row; 1 where both are empty."""
    both, total = (found & true).sum(axis=1), found.sum(axis=1) + true.sum(axis=1)
    return np.where(total > 0, 2 * both / np.maximum(total, 1), 1.0)


def _top_share(norms: Array, active: NDArray[np.bool_]) -> float:
    """Return the share of active groups among as many largest norms; silent groups are never among them."""
    order = np.argsort(-norms, axis=1, kind="stable")
    size = active.sum(axis=1)
    ranked = np.take_along_axis(active & (norms > 0), order, axis=1)
    first = np.arange(norms.shape[1])[None, :] < size[:, None]
    return float((ranked & first).sum() / max(size.sum(), 1))


def _sum(left: Array, right: Array) -> float:
    return float(np.vdot(left, right))
