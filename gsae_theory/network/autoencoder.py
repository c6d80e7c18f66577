"""The shallow autoencoder with tied weights: u = W^T y, h = sigma_lambda(u), yhat = W h.

Loss: the mean of ||y - yhat||^2 / 2 over the samples. Its gradient has a decoder and an encoder term,
grad = -mean( r h^T + y (J W^T r)^T ), r = y - yhat (docs/theory.md, Network).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput
from gsae_theory.network.activations import GROUP_RELU, Activation
from gsae_theory.network.checks import check_data, check_lam, check_weights

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def _flat(W: Array) -> Array:
    return W.reshape(len(W), -1)


def encode(W: Array, Y: Array, lam: float, act: Activation = GROUP_RELU) -> Array:
    """Return the codes h of the data.

    Parameters
    ----------
    W : array, shape (n, G, d)
    Y : array, shape (N, n)
    lam : float
        Threshold, >= 0.
    act : Activation

    Returns
    -------
    array, shape (N, G, d)

    Raises
    ------
    InvalidInput
        If shapes do not fit, a number is not finite, or `lam` is negative.
    """
    W = check_weights(W)
    Y, lam = check_data(Y, len(W)), check_lam(lam)
    return act.linearise((Y @ _flat(W)).reshape(-1, *W.shape[1:]), lam)[0]


def decode(W: Array, h: Array) -> Array:
    """Return W h, shape (N, n), for codes `h` of shape (N, G, d)."""
    W, h = check_weights(W), np.asarray(h, dtype=np.float64)
    if h.ndim != 3 or h.shape[1:] != W.shape[1:]:
        raise InvalidInput("shape of h", h.shape, f"(N, {W.shape[1]}, {W.shape[2]}), that of the codes of W")
    return h.reshape(len(h), -1) @ _flat(W).T


def loss(W: Array, Y: Array, lam: float, act: Activation = GROUP_RELU) -> float:
    """Return the mean over the samples of ||y - yhat||^2 / 2; arguments as in `encode`."""
    h = encode(W, Y, lam, act)
    _nonempty(len(h))
    r = np.asarray(Y, dtype=np.float64) - decode(W, h)
    return float(0.5 * np.einsum("ij,ij->", r, r) / len(r))


def loss_and_gradient(W: Array, Y: Array, lam: float, act: Activation = GROUP_RELU) -> tuple[float, Array]:
    """Return the mean loss and its full gradient, shape (n, G, d); arguments as in `encode`."""
    W = check_weights(W)
    Y, lam = check_data(Y, len(W)), check_lam(lam)
    _nonempty(len(Y))
    h, v, r, _ = forward_backward(W, Y, lam, act)
    value = float(0.5 * np.einsum("ij,ij->", r, r) / len(Y))
    return value, (-(r.T @ h + Y.T @ v) / len(Y)).reshape(W.shape)


def gradient(W: Array, Y: Array, lam: float, act: Activation = GROUP_RELU) -> Array:
    """Return the full gradient of the mean loss, shape (n, G, d); arguments as in `encode`."""
    return loss_and_gradient(W, Y, lam, act)[1]


def forward_backward(W: Array, Y: Array, lam: float, act: Activation) -> tuple[Array, Array, Array, Mask]:
    """Return, without checks, h (N, Gd), v = J W^T r (N, Gd), r (N, n) and the active groups (N, G).

    The gradient of one sample is -(r h^T + y v^T).
    """
    flat, blocks = _flat(W), (-1, *W.shape[1:])
    h, active, transpose = act.linearise((Y @ flat).reshape(blocks), lam)
    h = h.reshape(len(Y), -1)
    r = Y - h @ flat.T
    v = transpose((r @ flat).reshape(blocks)).reshape(len(Y), -1)
    return h, v, r, active


def normalise_blocks(W: Array) -> Array:
    """Return the polar factors W_g (W_g^T W_g)^(-1/2), shape (n, G, d): removes the shrinkage bias.

    Raises
    ------
    InvalidInput
        If a block has no full rank (its polar factor is not unique) or d > n.
    """
    W = check_weights(W)
    U, values, Vt = np.linalg.svd(W.transpose(1, 0, 2), full_matrices=False)
    floor = max(W.shape) * np.finfo(float).eps * np.maximum(values[:, 0], np.finfo(float).tiny)
    if W.shape[2] > W.shape[0] or (bad := np.flatnonzero(values[:, -1] <= floor)).size:
        which = "every block" if W.shape[2] > W.shape[0] else f"block {int(bad[0])}"
        raise InvalidInput("rank", which, f"blocks of full rank d = {W.shape[2]}")
    return np.ascontiguousarray((U @ Vt).transpose(1, 0, 2))


def _nonempty(samples: int) -> None:
    if samples == 0:
        raise InvalidInput("rows of Y", 0, "at least one sample", 1)
