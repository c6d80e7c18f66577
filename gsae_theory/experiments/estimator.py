"""The autoencoder as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.experiments.minibatch import Schedule, fit_minibatch
from gsae_theory.experiments.subspaces import group_norms, k_subspaces, spread_seeds
from gsae_theory.network import NonNegative, get_activation
from gsae_theory.network.normalisers import get_normaliser
from gsae_theory.network.unfolded import Unfolded

Array = NDArray[np.float64]
INITS = ("random", "samples", "k_subspaces")
AUTO_SHARE = 0.5
"""With lam="auto" the threshold is this share of the median of max_g ||W_g^T y||, above which a code is 0."""


class GroupSparseAutoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Group-sparse autoencoder: shallow (`layers` = 1) or unfolded proximal gradient, tied decoder.

    Parameters
    ----------
    n_groups, block_size : int
        G and d; the codes have G d entries. Block size 1 is elementwise.
    lam : float or "auto"
        Threshold; "auto" is half of the median over the samples of max_g ||W_g^T y|| at the start.
    layers : int
        Unfolded iterations T; 1 is h = sigma_lambda(W^T y).
    accelerated : bool
        FISTA instead of ISTA.
    activation : str
        group_relu, group_hard, relu, soft or identity.
    non_negative : bool
        Constrain codes to be nonnegative.
    step : float, "spectral" or "auto"
        Step of the unfolded iterations; "spectral" is 1/||W||^2; "auto" is 1 for one layer, spectral else.
    learn_lam, learn_step : bool
        Train one threshold, one step per layer with the weights.
    normalise : str
        none, columns, blocks or orthonormal: imposed on the weights after every update.
    init : str or array, shape (n_features, n_groups, block_size)
        "random" orthonormal blocks, "samples" (blocks through spread samples and their neighbours) or
        "k_subspaces".
    optimiser : str
        adam or sgd.
    rate : float
    epochs, batch_size : int
    random_state : int, RandomState or None

    Attributes
    ----------
    weights_ : array, shape (n_features, n_groups, block_size)
    lam_ : array, shape (layers,)
    step_ : array, shape (layers,), or "spectral"
    loss_ : array, shape (epochs,)
        Mean of ||y - yhat||^2 / 2 during each epoch.
    n_iter_ : int
        Updates made.

    Notes
    -----
    The model has no offset and is not blind to scale: centre or normalise the data as they need it.
    """

    def __init__(
        self,
        n_groups: int = 8,
        block_size: int = 2,
        *,
        lam: float | str = "auto",
        layers: int = 1,
        accelerated: bool = False,
        activation: str = "group_relu",
        non_negative: bool = False,
        step: float | str = "auto",
        learn_lam: bool = False,
        learn_step: bool = False,
        normalise: str = "none",
        init: str | Array = "samples",
        optimiser: str = "adam",
        rate: float = 0.01,
        epochs: int = 20,
        batch_size: int = 64,
        random_state: Any = None,
    ) -> None:
        self.n_groups = n_groups
        self.block_size = block_size
        self.lam = lam
        self.layers = layers
        self.accelerated = accelerated
        self.activation = activation
        self.non_negative = non_negative
        self.step = step
        self.learn_lam = learn_lam
        self.learn_step = learn_step
        self.normalise = normalise
        self.init = init
        self.optimiser = optimiser
        self.rate = rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> GroupSparseAutoencoder:
        """Train on the rows of `X`; `y` is ignored.

        Raises
        ------
        InvalidInput
            If a parameter is not admissible, before training.
        """
        X = validate_data(self, X, dtype=np.float64)
        network, schedule = self._network(), self._schedule()
        # The package draws from Generators; the estimator's seed is scikit-learn's.
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31, size=4))
        W = get_normaliser(self.normalise)(self._start(X, rng))
        fitted = fit_minibatch(network, W, X, self._threshold(W, X), rng, schedule, step=self._step())
        self.weights_, self.lam_, self.step_ = fitted.W, fitted.lam, fitted.step
        self.loss_, self.n_iter_ = fitted.loss, fitted.updates
        self._n_features_out = self.n_groups * self.block_size
        return self

    def transform(self, X: Any) -> Array:
        """Return the codes, shape (n_samples, n_groups * block_size), group after group."""
        return self._codes(X).reshape(-1, self.n_groups * self.block_size)

    def inverse_transform(self, X: Any) -> Array:
        """Return the reconstructions W h of codes `X`, shape (n_samples, n_features)."""
        check_is_fitted(self)
        codes, width = check_array(X, dtype=np.float64), self.n_groups * self.block_size
        if codes.shape[1] != width:
            raise InvalidInput("columns of X", codes.shape[1], f"n_groups * block_size = {width}", width)
        return np.asarray(codes @ self.weights_.reshape(-1, width).T)

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return the active group of every row: the one with the largest code, shape (n_samples,).

        Where no group fires it is the one nearest to firing, argmax_g ||W_g^T y||.
        """
        codes = self._codes(X)
        size = np.linalg.norm(codes, axis=2)
        pull = group_norms(self.weights_, validate_data(self, X, dtype=np.float64, reset=False))
        silent = size.max(axis=1) == 0
        return np.asarray(np.where(silent[:, None], pull, size).argmax(axis=1), dtype=np.int64)

    def score(self, X: Any, y: Any = None) -> float:
        """Return the share of the energy that is reconstructed, 1 - sum ||y - yhat||^2 / sum ||y||^2.

        At most 1; negative where the reconstruction is worse than 0. `y` is ignored.
        """
        codes = self._codes(X)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        energy = float(np.square(X).sum())
        lost = float(np.square(X - self.inverse_transform(codes.reshape(len(X), -1))).sum())
        return 1.0 - lost / energy if energy > 0 else float(lost == 0)

    def _codes(self, X: Any) -> Array:
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return self._network().encode(self.weights_, X, self.lam_, self.step_)

    def _network(self) -> Unfolded:
        act = get_activation(self.activation)
        return Unfolded(self.layers, NonNegative(act) if self.non_negative else act, self.accelerated)

    def _schedule(self) -> Schedule:
        learn = [name for name in ("lam", "step") if getattr(self, f"learn_{name}")]
        return Schedule(
            self.epochs, self.batch_size, self.optimiser, self.rate, normalise=self.normalise, learn=learn
        )

    def _step(self) -> float | str:
        if self.step != "auto":
            return self.step
        return 1.0 if self.layers == 1 else "spectral"

    def _threshold(self, W: Array, X: Array) -> float:
        if isinstance(self.lam, str):
            if self.lam != "auto":
                raise InvalidInput("lam", self.lam, "a number >= 0 or 'auto'", "auto")
            return AUTO_SHARE * float(np.median(group_norms(W, X).max(axis=1)))
        return self.lam

    def _start(self, X: Array, rng: np.random.Generator) -> Array:
        n, G, d = X.shape[1], self.n_groups, self.block_size
        for name, value in (("n_groups", G), ("block_size", d)):
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
                raise InvalidInput(name, value, "an integer >= 1", 1)
        if not isinstance(self.init, str):
            W = np.array(self.init, dtype=float)
            if W.shape != (n, G, d):
                raise InvalidInput("shape of init", W.shape, f"{(n, G, d)}", (n, G, d))
            return W
        if self.init not in INITS:
            raise UnknownName("init", self.init, INITS)
        if self.init == "k_subspaces" and G > 1:
            unit = X / np.maximum(np.linalg.norm(X, axis=1, keepdims=True), np.finfo(float).tiny)
            return k_subspaces(unit, G, d, rng, restarts=3).blocks
        W = rng.standard_normal((n, G, d)) / np.sqrt(n)
        if self.init != "random":
            W = W * 0.01 + through_samples(X, G, d, rng)
        if d <= n:
            W = np.linalg.qr(W.transpose(1, 0, 2))[0].transpose(1, 0, 2)
        return np.ascontiguousarray(W)


def through_samples(X: Array, G: int, d: int, rng: np.random.Generator) -> Array:
    """Return a start from the data alone: blocks through spread samples and their nearest neighbours.

    Centres are spread in angle as in k-means++; a block is the span of the leading directions of a centre
    and its 3 d - 1 neighbours in angle, with zero columns where these are too few. Centres repeat if
    there are fewer samples than groups.

    Parameters
    ----------
    X : array, shape (N, n)
    G, d : int

    Returns
    -------
    array, shape (n, G, d)
    """
    blocks = np.zeros((X.shape[1], G, d))
    unit = X / np.maximum(np.linalg.norm(X, axis=1, keepdims=True), np.finfo(float).tiny)
    centres = spread_seeds(unit, min(G, len(X)), rng)
    for g in range(G):
        near = np.argsort(-np.abs(unit @ unit[centres[g % len(centres)]]), kind="stable")[: 3 * d]
        basis = np.linalg.svd(unit[near], full_matrices=False)[2][:d]
        blocks[:, g, : len(basis)] = basis.T
    return blocks
