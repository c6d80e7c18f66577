"""Common mistakes, computed: a failure names the one whose numbers the target returned."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gsae_theory.network import GROUP_HARD, GROUP_RELU, IDENTITY, RELU, SOFT, Activation, encode
from gsae_theory.network.autoencoder import forward_backward

Array = NDArray[np.float64]

CLOSE = 1e-5
"""Relative distance below which a mistake counts as recognised."""


def recognise(found: Array, mistakes: Mapping[str, Array]) -> str | None:
    """Return the name of the mistake that `found` agrees with, None if there is none."""
    for name, wrong in mistakes.items():
        if np.linalg.norm(found - wrong) <= CLOSE * max(float(np.linalg.norm(wrong)), 1e-300):
            return name
    return None


def wrong_codes(W: Array, Y: Array, lam: float) -> dict[str, Array]:
    """Return codes of encoders that are often meant to be the group-sparse ReLU."""
    u = np.einsum("ngi,kn->kgi", W, Y)
    norm = np.linalg.norm(u, axis=-1, keepdims=True)
    root_d = np.sqrt(W.shape[2])
    right = encode(W, Y, lam)
    return {
        "plain ReLU max(0, u - lambda), entry by entry: the threshold must act on the norm of the block": encode(
            W, Y, lam, RELU
        ),
        "ReLU max(0, u) without threshold": encode(W, Y, 0.0, RELU),
        "soft threshold entry by entry: the threshold must act on the norm of the block": encode(
            W, Y, lam, SOFT
        ),
        "hard threshold: blocks above lambda must be scaled by 1 - lambda/||u_g||": encode(
            W, Y, lam, GROUP_HARD
        ),
        "no threshold at all: h = u": encode(W, Y, lam, IDENTITY),
        "threshold lambda sqrt(d) instead of lambda": encode(W, Y, lam * root_d, GROUP_RELU),
        "threshold lambda/sqrt(d) instead of lambda (the norm of a block is not its root mean square)": encode(
            W, Y, lam / root_d, GROUP_RELU
        ),
        "scaling 1 - lambda/||u_g|| without the maximum with 0": u - lam * u / np.where(norm > 0, norm, 1.0),
        "only the loudest group fires: every group above the threshold must": right
        * (norm == norm.max(axis=1, keepdims=True)),
        "the sign of the code is lost": np.abs(right),
    }


def wrong_gradients(W: Array, Y: Array, lam: float) -> dict[str, Array]:
    """Return gradients with one of the usual mistakes."""
    h, v, r, active = forward_backward(W, Y, lam, GROUP_RELU)
    N, shape = len(Y), W.shape
    decoder, encoder = (-(a.T @ b / N).reshape(shape) for a, b in ((r, h), (Y, v)))
    full = decoder + encoder
    # The Jacobian taken as the mask of the active groups, or as the scaling alone.
    back = np.einsum("ngi,kn->kgi", W, r) * active[..., None]
    masked = -(Y.T @ back.reshape(N, -1) / N).reshape(shape)
    norm = np.linalg.norm(np.einsum("ngi,kn->kgi", W, Y), axis=-1, keepdims=True)
    scale = np.maximum(0.0, 1.0 - lam / np.where(norm > 0, norm, 1.0))
    scaled = -(Y.T @ (scale * back).reshape(N, -1) / N).reshape(shape)
    return {
        "the encoder term of the gradient is missing: W also enters through the code (full gradient)": decoder,
        "the decoder term of the gradient is missing": encoder,
        "the sign is wrong: this is the direction of descent, not the gradient": -full,
        "factor 2: the loss is ||y - yhat||^2 / 2": 2 * full,
        "sum over the samples instead of their mean": N * full,
        "mean also over the coordinates of y (as in a mean-squared-error loss)": 2 * full / shape[0],
        "Jacobian of the activation taken as the mask of active groups": decoder + masked,
        "Jacobian of the activation without its term along u_g (the scaling was held fixed)": decoder
        + scaled,
        **{
            f"gradient of the loss with another activation ({act.name})": _gradient(W, Y, lam, act)
            for act in (RELU, SOFT, GROUP_HARD, IDENTITY)
        },
    }


def wrong_steps(W: Array, gradient: Array, eta: float, p: float) -> dict[str, Array]:
    """Return steps with one of the usual mistakes, as differences to `W`."""
    return {
        "step eta instead of eta/p": -eta * gradient,
        "step eta p instead of eta/p": -eta * p * gradient,
        "ascent: the gradient was added": eta / p * gradient,
        "nothing moved": np.zeros_like(W),
        "the step was returned instead of the new weights": -eta / p * gradient - W,
    }


def _gradient(W: Array, Y: Array, lam: float, act: Activation) -> Array:
    h, v, r, _ = forward_backward(W, Y, lam, act)
    return np.asarray(-((r.T @ h + Y.T @ v) / len(Y)).reshape(W.shape))
