"""Observables of one-sample gradients: their range, moments and Lipschitz constant (side T3.2).

Z_g = -(r h_g^T + y v_g^T), v = J W^T r, is rank two: its norm needs no matrix.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check.context import Context
from gsae_theory.check.measurement import Measurement, observable
from gsae_theory.check.observables.landscape import points
from gsae_theory.errors import InvalidInput, TooLarge
from gsae_theory.network import GROUP_RELU
from gsae_theory.network.autoencoder import forward_backward
from gsae_theory.simulate import align, block_rule, rotate_blocks

Array = NDArray[np.float64]
SAMPLES = 200
LEVELS = {1: 1, 2: 16, 3: 10, 4: 6}
"""Levels of the sphere rule by block size; doubled once for the error."""
RADIUS_NODES = 5


def one_sample_norms(W: Array, Y: Array, lam: float) -> tuple[Array, Array, Array]:
    """Return ||Z_g|| (N, G), ||r|| (N,) and ||h_g|| (N, G)."""
    h, v, r, _ = forward_backward(W, Y, lam, GROUP_RELU)
    shape = (len(Y), *W.shape[1:])
    h, v = h.reshape(shape), v.reshape(shape)
    hh, vv, hv = (np.einsum("ngi,ngi->ng", a, b) for a, b in ((h, h), (v, v), (h, v)))
    rr, yy, ry = (np.einsum("ni,ni->n", a, b)[:, None] for a, b in ((r, r), (Y, Y), (r, Y)))
    square = rr * hh + yy * vv + 2 * ry * hv
    return np.sqrt(np.maximum(square, 0.0)), np.sqrt(rr[:, 0]), np.sqrt(hh)


def span_coordinates(A_g: Array, W_g: Array) -> tuple[Array, Array, Array]:
    """Return an orthonormal basis of span [A_g, W_g] and both blocks in it: all that group-g data see."""
    basis = np.linalg.qr(np.concatenate([A_g, W_g], axis=1))[0]
    return basis, basis.T @ A_g, basis.T @ W_g


def block_quadrature(context: Context, W: Array, level: int, nodes: int) -> tuple[Array, Array]:
    """Return E[Z_g | g active], shape (n, G, d), and E[||Z_g||^2 | g active], shape (G,), without leakage."""
    model = context.model
    x, weight = block_rule(model.radius, model.d, level, nodes)
    mean, square = np.zeros(W.shape), np.zeros(model.G)
    for g in range(model.G):
        basis, A_g, W_g = span_coordinates(model.dictionary[:, g], W[:, g])
        Y, block = x @ A_g.T, W_g[:, None]
        norms, _, _ = one_sample_norms(block, Y, context.lam)
        square[g] = weight @ norms[:, 0] ** 2
        h, v, r, _ = forward_backward(block, Y, context.lam, GROUP_RELU)
        mean[:, g] = -basis @ ((weight[:, None] * r).T @ h + (weight[:, None] * Y).T @ v)
    return mean, square


def settled_moments(context: Context, W: Array) -> tuple[Array, Array, float, Array]:
    """Return `block_quadrature` at doubled nodes and how much mean and square changed."""
    try:
        level = LEVELS.get(context.model.d, 1)
        first = block_quadrature(context, W, level, RADIUS_NODES)
        second = block_quadrature(context, W, 2 * level, 2 * RADIUS_NODES)
    except InvalidInput as problem:
        raise TooLarge("block", context.model.d, "at most 4 for exact moments", 4) from problem
    return *second, float(np.linalg.norm(second[0] - first[0])), np.abs(second[1] - first[1])


def in_spectral_ball(context: Context) -> Iterator[tuple[str, Array]]:
    """Yield points with ||W_g Q_g - s A_g||_2 <= delta: those of the landscape, and the spectral extremes."""
    A, s, delta = context.model.dictionary, context.s, context.delta
    for kind, share, W in points(context):
        yield f"{kind} at {share} delta", W
    for sign in (1, -1):
        yield f"scale {sign:+d} delta", (s + sign * delta) * A
    E = context.rng("spectral point").standard_normal(A.shape)
    E *= delta / np.linalg.norm(E.transpose(1, 0, 2), 2, axis=(1, 2))[None, :, None]
    yield "random, spectral norm delta", s * A + E


@observable("side_gradient_rank_one")
def gradient_rank_one(context: Context) -> Measurement:
    """||Z_g|| per sample and group at W0 and far from it; covariates r_norm, h_norm, y_norm, W_norm."""
    model, rng = context.model, context.rng("rank one")
    columns: dict[str, list[Array]] = {name: [] for name in ("value", "r_norm", "h_norm", "y_norm", "W_norm")}
    far = context.W0 + context.s * rng.standard_normal(context.W0.shape) / np.sqrt(model.n)
    sources = []
    for W in (context.W0, far):
        Y = model.observe(model.sample(SAMPLES, rng))
        sources += [(W, y) for y in Y]
        Z, r, h = one_sample_norms(W, Y, context.lam)
        size = np.linalg.norm(W.transpose(1, 0, 2), 2, axis=(1, 2))
        y = np.linalg.norm(Y, axis=1)
        for name, column in zip(columns, (Z, r[:, None], h, y[:, None], size[None]), strict=True):
            columns[name].append(np.broadcast_to(column, Z.shape).ravel())
    data = {name: np.concatenate(parts) for name, parts in columns.items()}
    values = data.pop("value")

    def arrays(row: int) -> dict[str, Any]:
        sample, group = divmod(row, model.G)
        return {"W": sources[sample][0], "y": sources[sample][1], "group": group}

    labels = {"row": np.arange(values.size)}
    return Measurement(values, data, labels, kind="pathwise", scale=context.s, arrays=arrays)


@observable("side_gradient_range")
def gradient_range(context: Context) -> Measurement:
    """Largest ||Z_g|| at points within spectral distance delta; one row per point.

    The last points are W = sA + delta A theta theta^T with the sample A R theta, where (one active
    group) the range is attained.
    """
    model, limits = context.model, context.constants
    values, names = [], []
    for name, W in in_spectral_ball(context):
        Y = model.observe(model.sample(SAMPLES, context.rng(f"range {name}")))
        values.append(float(one_sample_norms(W, Y, context.lam)[0].max()))
        names.append(name)
    if model.gamma == 1:
        theta = np.eye(model.d)[0]
        for R in (limits["B_min"], limits["B_max"]):
            W = context.s * model.dictionary
            W = W + context.delta * np.einsum("ngi,i,j->ngj", model.dictionary, theta, theta)
            Y = (R * model.dictionary[:, 0] @ theta)[None]
            values.append(float(one_sample_norms(W, Y, context.lam)[0].max()))
            names.append(f"along the sample, R = {R:g}")
    return Measurement(
        np.array(values),
        labels={"point": np.array(names)},
        kind="pathwise",
        scale=context.s * limits["B_max"] ** 2,
    )


@observable("side_gradient_variance")
def gradient_variance(context: Context) -> Measurement:
    """E[||Z_g||^2 | g active] by quadrature at points of the ball, without leakage."""
    values, errors, names = [], [], []
    for kind, share, W in points(context):
        _, square, _, change = settled_moments(context, W)
        values.append(square)
        errors.append(change)
        names += [f"{kind} at {share} delta"] * square.size
    return Measurement(
        np.concatenate(values),
        labels={"point": np.array(names), "group": np.tile(np.arange(context.model.G), len(values))},
        error=np.concatenate(errors),
        kind="quadrature",
    )


@observable("side_gradient_lipschitz")
def gradient_lipschitz(context: Context) -> Measurement:
    """||Z_g(W) - Z_g(W')|| for pairs of aligned points and samples of group g; covariate W_change."""
    model, A = context.model, context.model.dictionary
    aligned = [(name, rotate_blocks(W, align(W, A))) for name, W in in_spectral_ball(context)]
    g, d = 0, model.d
    radius = np.where(np.arange(SAMPLES) % 2, context.constants["B_min"], context.constants["B_max"])
    theta = context.rng("lipschitz").standard_normal((SAMPLES, d))
    theta /= np.linalg.norm(theta, axis=1, keepdims=True)
    Y = radius[:, None] * theta @ A[:, g].T
    values, changes, names = [], [], []
    for (name, W), (other, V) in zip(aligned, aligned[1:] + aligned[:1], strict=True):
        # a close pair tests the derivative, the far pair the chord
        for label, V_g in (("far", V[:, g]), ("close", W[:, g] + 1e-4 * (V[:, g] - W[:, g]))):
            change = float(np.linalg.norm(W[:, g] - V_g, 2))
            if change < 1e-9:
                continue
            difference = _gradients(W[:, g], Y, context.lam) - _gradients(V_g, Y, context.lam)
            values.append(float(np.linalg.norm(difference, axis=(1, 2)).max()))
            changes.append(change)
            names.append(f"{name} to {other}, {label}")
    return Measurement(
        np.array(values),
        {"W_change": np.array(changes)},
        {"pair": np.array(names)},
        kind="pathwise",
        scale=context.s * context.constants["B_max"] ** 2,
    )


def _gradients(block: Array, Y: Array, lam: float) -> Array:
    """Return Z_g of every sample of group g, shape (N, n, d)."""
    h, v, r, _ = forward_backward(block[:, None], Y, lam, GROUP_RELU)
    return -(r[:, :, None] * h[:, None, :] + Y[:, :, None] * v[:, None, :])
