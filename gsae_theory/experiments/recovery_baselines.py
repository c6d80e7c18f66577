"""Dictionary learning without networks, from the same data and, where it takes one, the same start."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import DictionaryLearning, MiniBatchDictionaryLearning
from sklearn.exceptions import ConvergenceWarning

from gsae_theory.experiments.block_ksvd import block_ksvd
from gsae_theory.experiments.subspaces import k_subspaces

Array = NDArray[np.float64]
Learn = Callable[[Array, Array, float, int], Array]
PENALTIES = (0.1, 0.3)


def _columns(W: Array) -> Array:
    flat = W.reshape(len(W), -1)
    return np.ascontiguousarray((flat / np.linalg.norm(flat, axis=0)).T)


def _minibatch(Y: Array, W: Array, alpha: float, seed: int) -> Array:
    model = MiniBatchDictionaryLearning(
        W[0].size, alpha=alpha, max_iter=10, batch_size=100, dict_init=_columns(W), random_state=seed
    )
    return _fitted(model, Y, W)


def _batch(Y: Array, W: Array, alpha: float, seed: int) -> Array:
    first = _columns(W)
    model = DictionaryLearning(
        W[0].size,
        alpha=alpha,
        max_iter=5,
        fit_algorithm="cd",
        dict_init=first,
        code_init=Y @ first.T,
        random_state=seed,
    )
    return _fitted(model, Y, W)


def _fitted(model: DictionaryLearning | MiniBatchDictionaryLearning, Y: Array, W: Array) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of iterations is the budget
        warnings.filterwarnings("ignore", category=RuntimeWarning, module="sklearn")
        components = model.fit(Y).components_
    return np.asarray(components.T).reshape(W.shape)


LEARNERS: dict[str, Learn] = {
    "DictionaryLearning (scikit-learn)": _batch,
    "MiniBatchDictionaryLearning (scikit-learn)": _minibatch,
}
"""Methods with a penalty, which is tuned over `PENALTIES`: (data, start, penalty, seed) -> weights."""


def untuned(Y: Array, W: Array, active: int, rng: np.random.Generator) -> dict[str, Array]:
    """Return what the methods without a penalty learn.

    K-subspaces takes no start: it seeds itself from the data (3 restarts). Block K-SVD is told how many
    groups are active.
    """
    unit = Y / np.linalg.norm(Y, axis=1, keepdims=True)
    found = {"block K-SVD": block_ksvd(Y, W, active, iterations=12)}
    if W.shape[1] > 1:
        found["K-subspaces (own start)"] = k_subspaces(unit, W.shape[1], W.shape[2], rng, restarts=3).blocks
    return found
