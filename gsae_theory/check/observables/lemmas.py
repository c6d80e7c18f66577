"""Observables of single steps of the argument: the gradient formula, curvature of the activation, ||y||.

The claims about them are not theorems of the registry; the mutants M12-M14, M25 and M27 are wrong versions.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check.context import Context
from gsae_theory.check.measurement import Measurement, observable
from gsae_theory.network import GROUP_RELU
from gsae_theory.network.autoencoder import forward_backward, loss

Array = NDArray[np.float64]
SAMPLES = 40
DIRECTIONS = 6
STEP = 1e-5


def _encoder_term(kind: str, W: Array, Y: Array, lam: float) -> Array:
    """Return v = J W^T r, shape (N, Gd), with the Jacobian J of the activation or what `kind` takes for it."""
    _, v, r, _ = forward_backward(W, Y, lam, GROUP_RELU)
    if kind == "exact":
        return v
    if kind == "none":
        return np.zeros_like(v)
    shape = (len(Y), *W.shape[1:])
    size = np.linalg.norm((Y @ W.reshape(len(W), -1)).reshape(shape), axis=2, keepdims=True)
    on = size > lam
    weight = np.where(on, 1 - lam / np.maximum(size, lam), 0.0) if kind == "scaled" else on.astype(float)
    return ((r @ W.reshape(len(W), -1)).reshape(shape) * weight).reshape(len(Y), -1)


@observable("gradient_formula_gap")
def gradient_formula_gap(context: Context, parameters: Mapping[str, object]) -> Measurement:
    """|<gradient, V> - finite difference of the loss along V| on fixed samples at a generic W, unit V.

    The parameter ``jacobian`` is ``exact``, or a wrong one: ``scaled`` (a I), ``identity``, ``none``.
    """
    model, rng = context.model, context.rng("gradient formula")
    Y = model.observe(model.sample(SAMPLES, rng))
    W = context.W0 + 0.2 * context.s * rng.standard_normal(context.W0.shape) / np.sqrt(model.n)
    h, _, r, _ = forward_backward(W, Y, context.lam, GROUP_RELU)
    v = _encoder_term(str(parameters["jacobian"]), W, Y, context.lam)
    slope = (-(r.T @ h + Y.T @ v) / len(Y)).reshape(W.shape)
    values = []
    for _ in range(DIRECTIONS):
        V = rng.standard_normal(W.shape)
        V /= np.linalg.norm(V)
        ends = [loss(W + sign * STEP * V, Y, context.lam) for sign in (1, -1)]
        values.append(abs((ends[0] - ends[1]) / (2 * STEP) - float(np.sum(slope * V))))
    return Measurement(np.array(values), labels={"direction": np.arange(DIRECTIONS)}, kind="pathwise")


@observable("activation_curvature")
def activation_curvature(context: Context) -> Measurement:
    """||second derivative of sigma_lambda along v|| for unit v at angles to u; covariate ``u_norm`` > lambda."""
    lam, d = context.lam, context.model.d
    angles = np.radians(np.arange(0, 91, 5))
    values, sizes = [], []
    for factor in (1.5, 3.0):
        u = np.zeros(max(d, 2))
        u[0] = factor * lam
        for angle in angles:
            v = np.zeros_like(u)
            v[:2] = np.cos(angle), np.sin(angle)
            step = 1e-4 * lam
            ends = [
                (1 - lam / np.linalg.norm(u + k * step * v)) * (u + k * step * v) for k in (-1.0, 0.0, 1.0)
            ]
            values.append(float(np.linalg.norm(ends[0] - 2 * ends[1] + ends[2])) / step**2)
            sizes.append(factor * lam)
    return Measurement(
        np.array(values),
        {"u_norm": np.array(sizes)},
        {"degrees": np.tile(np.degrees(angles), 2)},
        error=1e-6 / lam,  # of the second difference at this step
        kind="pathwise",
    )


@observable("sample_norm")
def sample_norm(context: Context) -> Measurement:
    """||y|| of samples, and of codes that add up along one direction for the first groups."""
    model, limits = context.model, context.constants
    Y = model.observe(model.sample(200, context.rng("sample norm")))
    A = model.dictionary
    direction = A[:, : model.gamma].sum(axis=1)[:, 0]
    pulls = np.einsum("ngi,n->gi", A[:, : model.gamma], direction)
    x = limits["B_max"] * pulls / np.linalg.norm(pulls, axis=1, keepdims=True)
    aligned = np.einsum("ngi,gi->n", A[:, : model.gamma], x)
    Y = np.concatenate([Y, aligned[None]])
    return Measurement(
        np.linalg.norm(Y, axis=1),
        labels={"sample": np.arange(len(Y))},
        kind="pathwise",
        arrays=lambda row: {"W": context.W0, "y": Y[row]},
    )
