"""The deep autoencoder: T unfolded steps of (accelerated) proximal gradient, tied decoder, exact gradient.

Encoder, from x_0 = 0: x_{t+1} = sigma_{a lambda}( z_t + a W^T (y - W z_t) ), with z_t = x_t (ISTA) or
z_t = x_t + b_t (x_t - x_{t-1}) (FISTA): steps on 1/2 ||y - W x||^2 + lambda sum_g ||x_g|| for the
group-sparse ReLU. Decoder: yhat = W x_T. One layer with step 1 is the shallow network, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gsae_theory.errors import InvalidInput
from gsae_theory.network.activations import GROUP_RELU, Activation
from gsae_theory.network.checks import check_data, check_numbers, check_weights

Array = NDArray[np.float64]
Step = float | str | ArrayLike


@dataclass(frozen=True)
class Gradients:
    """Gradient of the mean loss.

    Attributes
    ----------
    W : array, shape (n, G, d)
    lam, step : array, shape (layers,)
        Zero unless asked for; with a spectral step the dependence of the step on W is in `W` instead.
    """

    W: Array
    lam: Array
    step: Array


@dataclass(frozen=True)
class _Layer:
    """What the backward pass needs of one layer, all of them flat over groups."""

    z: Array | None  # None is 0
    residual: Array
    pull: Array  # W^T residual
    u: Array
    transpose: Callable[[Array], Array]


@dataclass(frozen=True)
class _Spectral:
    """The step 1/||W||^2 with its derivative."""

    step: float
    derivative: Array  # of the step by W, shape (n, m)


@dataclass(frozen=True)
class Unfolded:
    """A network of `layers` unfolded proximal-gradient steps.

    Parameters
    ----------
    layers : int
        T >= 1.
    act : Activation
        The prox; group-sparse ReLU if left out.
    accelerated : bool
        FISTA instead of ISTA.

    Notes
    -----
    Every method takes weights `W` (n, G, d), data `Y` (N, n), a threshold `lam` >= 0 and a `step` > 0,
    each one number or one per layer. The step ``"spectral"`` is 1/||W||_2^2, with which ISTA never lets
    the objective rise. `mask` (N, n), 1 where an entry of `Y` was seen and 0 where it is missing,
    restricts the data term to what was seen.

    Raises
    ------
    InvalidInput
        If shapes do not fit or a number is not admissible.
    """

    layers: int = 1
    act: Activation = GROUP_RELU
    accelerated: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.layers, bool) or not isinstance(self.layers, int | np.integer) or self.layers < 1:
            raise InvalidInput("layers", self.layers, "an integer >= 1", 1)

    def encode(
        self, W: Array, Y: Array, lam: ArrayLike, step: Step = 1.0, mask: Array | None = None
    ) -> Array:
        """Return the codes x_T, shape (N, G, d)."""
        W, Y, thresholds, steps, mask, _ = self._checked(W, Y, lam, step, mask)
        x, _ = self._forward(W, Y, thresholds, steps, mask, keep=False)
        return x.reshape(-1, *W.shape[1:])

    def loss(
        self,
        W: Array,
        Y: Array,
        lam: ArrayLike,
        step: Step = 1.0,
        mask: Array | None = None,
        target: Array | None = None,
    ) -> float:
        """Return the mean over the samples of ||target - yhat||^2 / 2; arguments as in `loss_and_gradient`."""
        W, Y, thresholds, steps, mask, _ = self._checked(W, Y, lam, step, mask)
        x, _ = self._forward(W, Y, thresholds, steps, mask, keep=False)
        r = self._error(W, Y, x, mask, target)
        return float(0.5 * np.einsum("ij,ij->", r, r) / len(Y))

    def loss_and_gradient(
        self,
        W: Array,
        Y: Array,
        lam: ArrayLike,
        step: Step = 1.0,
        mask: Array | None = None,
        target: Array | None = None,
        scalars: bool = False,
    ) -> tuple[float, Gradients]:
        """Return the mean loss and its gradient by backpropagation through every layer.

        Parameters
        ----------
        target : array, shape (N, n), optional
            What should be reconstructed, for denoising; `Y` if left out, and then only seen entries count.
        scalars : bool
            Also differentiate by the thresholds and steps.
        """
        W, Y, thresholds, steps, mask, spectral = self._checked(W, Y, lam, step, mask)
        x, tape = self._forward(W, Y, thresholds, steps, mask, keep=True)
        r = self._error(W, Y, x, mask, target)
        value = float(0.5 * np.einsum("ij,ij->", r, r) / len(Y))
        by_W, by_lam, by_step = self._backward(
            W, x, r, tape, thresholds, steps, mask, scalars or spectral is not None
        )
        if spectral is not None:
            by_W += by_step.sum() * spectral.derivative
            by_step = np.zeros_like(by_step)
        return value, Gradients(by_W.reshape(W.shape), by_lam, by_step)

    def objective(self, W: Array, Y: Array, x: Array, lam: float) -> Array:
        """Return 1/2 ||y - W x||^2 + lambda sum_g ||x_g|| of every sample, shape (N,)."""
        W = check_weights(W)
        r = Y - x.reshape(len(x), -1) @ _flat(W).T
        norms = np.sqrt(np.einsum("ngd,ngd->ng", x, x)).sum(axis=1)
        return np.asarray(0.5 * np.einsum("ij,ij->i", r, r) + lam * norms)

    def _checked(
        self, W: Array, Y: Array, lam: ArrayLike, step: Step, mask: Array | None
    ) -> tuple[Array, Array, Array, Array, Array | None, _Spectral | None]:
        W = check_weights(W)
        Y = check_data(Y, len(W))
        if len(Y) == 0:
            raise InvalidInput("rows of Y", 0, "at least one sample", 1)
        thresholds = self._per_layer("lam", lam, zero=True)
        spectral = None
        if isinstance(step, str):
            if step != "spectral":
                raise InvalidInput("step", step, "a number > 0, one per layer, or 'spectral'", "spectral")
            spectral = _spectral(_flat(W))
            step = spectral.step
        steps = self._per_layer("step", step, zero=False)
        if mask is not None:
            mask = check_numbers("mask", np.asarray(mask, dtype=float), 2, f"that of Y, {Y.shape}")
            if mask.shape != Y.shape:
                raise InvalidInput("shape of mask", mask.shape, f"that of Y, {Y.shape}", Y.shape)
        return W, Y, thresholds, steps, mask, spectral

    def _per_layer(self, name: str, value: ArrayLike, zero: bool) -> Array:
        numbers = np.asarray(value, dtype=float)
        if numbers.ndim > 1 or numbers.size not in (1, self.layers):
            raise InvalidInput(
                f"shape of {name}", numbers.shape, f"one number, or {self.layers} (one per layer)"
            )
        if not np.isfinite(numbers).all() or (numbers < 0).any() or (not zero and (numbers == 0).any()):
            raise InvalidInput(name, value, f"finite numbers {'>=' if zero else '>'} 0")
        return np.broadcast_to(numbers.ravel(), (self.layers,)).astype(float)

    def _forward(
        self, W: Array, Y: Array, lam: Array, step: Array, mask: Array | None, keep: bool
    ) -> tuple[Array, list[_Layer]]:
        flat, blocks = _flat(W), (-1, *W.shape[1:])
        seen = Y if mask is None else mask * Y
        tape: list[_Layer] = []
        x = before = np.zeros((0, 0))
        z: Array | None = None
        residual = seen
        for t, beta in enumerate(momenta(self.layers, self.accelerated)):
            if t > 0:
                z = x if beta == 0 else x + beta * (x - before)
                residual = Y - z @ flat.T
                residual = residual if mask is None else mask * residual
            pull = residual @ flat
            u = step[t] * pull if z is None else z + step[t] * pull
            h, _, transpose = self.act.linearise(u.reshape(blocks), step[t] * lam[t])
            before = np.zeros_like(u) if t == 0 else x
            x = h.reshape(len(Y), -1)
            if keep:
                tape.append(_Layer(z, residual, pull, u, transpose))
        return x, tape

    def _error(self, W: Array, Y: Array, x: Array, mask: Array | None, target: Array | None) -> Array:
        r = -(x @ _flat(W).T)
        if target is not None:
            goal = check_data(target, len(W))
            if goal.shape != Y.shape:
                raise InvalidInput("shape of target", goal.shape, f"that of Y, {Y.shape}", Y.shape)
            return r + goal
        return r + Y if mask is None else mask * (r + Y)

    def _backward(
        self,
        W: Array,
        x: Array,
        r: Array,
        tape: list[_Layer],
        lam: Array,
        step: Array,
        mask: Array | None,
        scalars: bool,
    ) -> tuple[Array, Array, Array]:
        flat, blocks, N = _flat(W), (-1, *W.shape[1:]), len(r)
        by_W = -(r.T @ x) / N
        by_x = -(r @ flat) / N  # adjoint of x_{t+1}
        later = np.zeros_like(by_x)  # what z_{t+1} = x_{t+1} + beta (x_{t+1} - x_t) sends to x_t
        by_lam, by_step = np.zeros(self.layers), np.zeros(self.layers)
        betas = momenta(self.layers, self.accelerated)
        for t in range(self.layers - 1, -1, -1):
            layer = tape[t]
            by_u = layer.transpose(by_x.reshape(blocks)).reshape(N, -1)
            if scalars:
                slope = self.act.threshold_slope(layer.u.reshape(blocks), step[t] * lam[t]).reshape(N, -1)
                by_threshold = float(np.einsum("ij,ij->", by_x, slope))
                by_lam[t] = step[t] * by_threshold
                by_step[t] = lam[t] * by_threshold + float(np.einsum("ij,ij->", by_u, layer.pull))
            by_pull = step[t] * by_u
            by_W += layer.residual.T @ by_pull
            if layer.z is None:
                break
            by_residual = by_pull @ flat.T
            by_residual = by_residual if mask is None else mask * by_residual
            by_W -= by_residual.T @ layer.z
            by_z = by_u - by_residual @ flat
            by_x = (1 + betas[t]) * by_z + later
            later = -betas[t] * by_z
        return by_W, by_lam, by_step


def momenta(layers: int, accelerated: bool) -> list[float]:
    """Return the weights b_t of (x_t - x_{t-1}) at each layer; all 0 for ISTA (Beck and Teboulle, 2009)."""
    if not accelerated:
        return [0.0] * layers
    weights, now = [0.0], 1.0
    for _ in range(1, layers):
        after = (1 + np.sqrt(1 + 4 * now**2)) / 2
        weights.append(float((now - 1) / after))
        now = after
    return weights


def _flat(W: Array) -> Array:
    return W.reshape(len(W), -1)


def _spectral(flat: Array) -> _Spectral:
    """Return 1/||W||^2 and its derivative, -2 u v^T / ||W||^3 at the top singular pair (u, v)."""
    short = flat if flat.shape[0] <= flat.shape[1] else flat.T
    values, vectors = np.linalg.eigh(short @ short.T)
    top = float(np.sqrt(max(values[-1], 0.0)))
    if top == 0:
        raise InvalidInput("W", "all zero", "weights that are not zero, for a spectral step")
    left = vectors[:, -1]
    right = short.T @ left / top
    pair = np.outer(left, right) if short is flat else np.outer(right, left)
    return _Spectral(1 / top**2, -2 / top**3 * pair)
