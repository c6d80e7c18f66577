"""Observables of elementwise networks on group-sparse codes (side section 1).

Losses are integrated for d <= 2 and sampled above.

A sampled value carries the half-width of a confidence limit at level ALPHA per row, booked in the
run's ledger. Where only the active block matters, the network is restricted to one block.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check.context import Context
from gsae_theory.check.ledger import LEDGER
from gsae_theory.check.limits import bernstein_radius, hoeffding_radius
from gsae_theory.check.measurement import Kind, Measurement, observable
from gsae_theory.network import GROUP_RELU, RELU, SOFT, decode, encode
from gsae_theory.network.activations import Activation
from gsae_theory.network.autoencoder import forward_backward
from gsae_theory.simulate import block_rule, haar_rotations, rotate_blocks, sphere_rule

Array = NDArray[np.float64]
SAMPLES = 20_000
CHUNK = 4_000


def half_width(name: str, values: Array, width: float) -> float:
    """Return the empirical Bernstein half-width at level ALPHA and book it."""
    LEDGER.spend(name)
    return bernstein_radius(values, width)


def directions(context: Context, name: str, samples: int) -> Array:
    """Return directions theta of active blocks drawn from the model, shape (samples, d)."""
    values = context.model.sample(samples, context.rng(name)).values[:, 0]
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True))


def sample_losses(W: Array, Y: Array, lam: float, act: Activation) -> Array:
    """Return ||y - yhat||^2 / 2 of every sample, shape (N,)."""
    return 0.5 * np.sum((Y - decode(W, encode(W, Y, lam, act))) ** 2, axis=1)


def column_coherence(A: Array) -> float:
    """Return the largest ||A_g^T a|| over columns a of other blocks; 0 for one group."""
    n, groups, d = A.shape
    flat = A.reshape(n, -1)
    norms = np.linalg.norm((flat.T @ flat).reshape(groups, d, groups, d), axis=1)
    norms[np.arange(groups), np.arange(groups)] = 0.0
    return float(norms.max())


@observable("side_two_relu_gap")
def two_relu_gap(context: Context) -> Measurement:
    """||2ReLU output - ST output|| for samples at the start W0; zero in exact arithmetic."""
    W, Y = context.W0, context.model.observe(context.model.sample(256, context.rng("two relu")))
    both = np.concatenate([W, -W], axis=1)
    soft = decode(W, encode(W, Y, context.lam, SOFT))
    gap = np.linalg.norm(decode(both, encode(both, Y, context.lam, RELU)) - soft, axis=1)
    # Both sides pass through the codes: their rounding grows with the square of the weights.
    loudest = float(abs(Y).max()) * max(1.0, float(np.linalg.norm(W.reshape(len(W), -1), 2)) ** 2)
    return Measurement(gap, labels={"sample": np.arange(len(Y))}, kind="pathwise", scale=loudest)


@observable("side_relu_pair_loss")
def relu_pair_loss(context: Context) -> Measurement:
    """l_ReLU(y) + l_ReLU(-y) at w A Q without leakage; covariates loss_soft_row, loss_zero_row."""
    model, limits = context.model, context.constants
    loudest = limits["mu"] * limits["B_max"]
    w = min(context.s, context.lam / loudest if loudest > 0 else context.s)
    Q = haar_rotations(model.G, model.d, context.rng("pair rotations"))
    W = rotate_blocks(w * model.dictionary, Q)
    Y = model.observe(model.sample(500, context.rng("pair samples")))
    values = sample_losses(W, Y, context.lam, RELU) + sample_losses(W, -Y, context.lam, RELU)
    soft = sample_losses(W, Y, context.lam, SOFT)
    zero = 0.5 * np.sum(Y**2, axis=1)
    covariates = {"loss_soft_row": soft, "loss_zero_row": zero}
    return Measurement(
        values,
        covariates,
        {"sample": np.arange(len(Y))},
        kind="pathwise",
        scale=limits["B_max"] ** 2,
        arrays=lambda row: {"W": W, "y": Y[row]},
    )


@observable("side_entries_on")
def entries_on(context: Context) -> Measurement:
    """Share of codes of norm B_max whose d units of the active group all fire; covariate tau.

    Thresholds are set relative to d^{-1/2}, above which no code has all of its entries.
    """
    model, B = context.model, context.constants["B_max"]
    block, total = model.dictionary[:, :1], 200_000
    taus = np.array([0.2, 0.5, 0.8]) / np.sqrt(model.d)
    seen = np.zeros(3)
    theta = directions(context, "entries", total)
    for start in range(0, total, CHUNK):
        Y = B * theta[start : start + CHUNK] @ block[:, 0].T
        for k, tau in enumerate(taus):
            h = encode(context.lam / (tau * B) * block, Y, context.lam, SOFT)
            seen[k] += np.count_nonzero((h != 0).all(axis=(1, 2)))
    for tau in taus:
        LEDGER.spend(f"side_entries_on tau={tau:.3g}")
    return Measurement(
        seen / total, {"tau": taus}, {"row": np.arange(3)}, error=hoeffding_radius(total, 1.0), kind="sampled"
    )


def _leak_free(context: Context) -> Iterator[tuple[str, float, float, Array]]:
    """Yield rotation name, scale w, mu_col(Q) and W = w A Q at scales where no other unit fires."""
    A = context.model.dictionary
    turned = rotate_blocks(A, haar_rotations(A.shape[1], A.shape[2], context.rng("floor rotations")))
    for name, basis in (("identity", A), ("random", turned)):
        coherence = column_coherence(basis)
        B = context.constants["B_max"]
        # above 1.2 s the loss only grows; with incoherent groups there is no other limit
        limit = min(context.lam / (coherence * B) if coherence > 0 else np.inf, 1.2 * context.s)
        for share in (0.6, 0.75, 0.9, 0.999):
            yield name, share * limit, coherence, share * limit * basis


def _relative_losses(context: Context, act: Activation) -> Measurement:
    columns: dict[str, list[float]] = {"value": [], "error": [], "w_scale": [], "mu_col_Q": []}
    names = []
    for name, w, coherence, W in _leak_free(context):
        label = f"side_loss {act.name} {name} {w:.3g}"
        exact = context.model.d in CIRCLE
        value, error = (
            _integrated_loss(context, act, W) if exact else _relative_loss(context, act, w, W, label)
        )
        for key, item in zip(columns, (value, error, w, coherence), strict=True):
            columns[key].append(item)
        names.append(name)
    data = {key: np.array(values) for key, values in columns.items()}
    values, errors = data.pop("value"), data.pop("error")
    kind: Kind = "quadrature" if context.model.d in CIRCLE else "sampled"
    return Measurement(values, data, {"rotation": np.array(names)}, error=errors, kind=kind)


CIRCLE = {1: 1, 2: 1024}
"""Block sizes for which losses are integrated, and the level of the rule: kinks leave an error of 1e-7."""


def _integrated_loss(context: Context, act: Activation, W: Array) -> tuple[float, float]:
    """Return 2L/m2 on the data of group 0 and its change under node doubling."""
    model, level = context.model, CIRCLE[context.model.d]
    values = []
    for factor in (1, 2):
        x, weight = block_rule(model.radius, model.d, factor * level, 8)
        losses = sample_losses(W, x @ model.dictionary[:, 0].T, context.lam, act)
        values.append(2 * float(weight @ losses) / context.constants["m2"])
    return values[1], abs(values[1] - values[0])


def _relative_loss(context: Context, act: Activation, w: float, W: Array, label: str) -> tuple[float, float]:
    """Return 2L/m2 and its half-width, with antipodal pairs and ||y||^2/m2 - 1 as a control of mean 0."""
    model, B, m2 = context.model, context.constants["B_max"], context.constants["m2"]
    rng = context.rng(label)

    def draw(samples: int) -> tuple[Array, Array]:
        Y = model.observe(model.sample(samples, rng))
        pair = sample_losses(W, Y, context.lam, act) + sample_losses(W, -Y, context.lam, act)
        return pair / m2, np.sum(Y**2, axis=1) / m2 - 1

    losses, control = draw(CHUNK)  # a pilot sets the weight of the control, independently of what follows
    spread = float(control @ control)
    weight = float(np.clip((losses - losses.mean()) @ control / spread, 0.0, 1.0)) if spread > 1e-12 else 0.0
    x = np.concatenate([loss - weight * off for loss, off in (draw(CHUNK) for _ in range(SAMPLES // CHUNK))])
    # entrywise |residual| <= max(1, w^2 - 1)|theta_j| R without leakage
    width = (max(1.0, (w**2 - 1) ** 2) + weight) * B**2 / m2
    return float(x.mean()), half_width(label, x, width * (1 + 1e-9))


@observable("side_soft_loss")
def soft_loss(context: Context) -> Measurement:
    """2 L_ST/m2 at leak-free scales and rotations; covariates w_scale, mu_col_Q."""
    return _relative_losses(context, SOFT)


@observable("side_relu_loss")
def relu_loss(context: Context) -> Measurement:
    """2 L_ReLU/m2 at leak-free scales and rotations; covariates w_scale, mu_col_Q."""
    return _relative_losses(context, RELU)


@observable("side_group_loss")
def group_loss(context: Context) -> Measurement:
    """Loss of the group ReLU at s* A, by the Gauss rule of the radius (the loss depends on R alone)."""
    model = context.model
    points, weights = model.radius.nodes(64)
    theta = directions(context, "group loss", 1)
    Y = np.asarray(points)[:, None] * (theta @ model.dictionary[:, 0].T)
    losses = sample_losses(context.s * model.dictionary, Y, context.lam, GROUP_RELU)
    return Measurement(np.array([float(np.dot(weights, losses))]), scale=context.constants["m2"])


@observable("side_soft_slope")
def soft_slope(context: Context) -> Measurement:
    """d/dw of the ST loss at w A on one block, codes of norm B_max, w between lambda/R and s_G."""
    model, B, total = context.model, context.constants["B_max"], 100_000
    block = model.dictionary[:, :1]
    U = context.lam / B
    scales = U + (0.5 * (U + np.sqrt(U**2 + 4)) - U) * np.array([0.6, 0.8, 1.0])
    Y = B * directions(context, "soft slope", total) @ block[:, 0].T
    values, errors = [], []
    for w in scales:
        slopes = np.concatenate(
            [_slope(w, block, Y[k : k + CHUNK], context.lam) for k in range(0, total, CHUNK)]
        )
        bound = 2 * w * max(1.0, w**2 - 1) * B**2
        values.append(float(slopes.mean()))
        errors.append(half_width(f"side_soft_slope w={w:.3g}", slopes, 2 * bound))
    return Measurement(
        np.array(values), {"w_scale": scales}, {"row": np.arange(3)}, error=np.array(errors), kind="sampled"
    )


def _slope(w: float, block: Array, Y: Array, lam: float) -> Array:
    """Return <Z, A_g> per sample at W_g = w A_g."""
    h, v, r, _ = forward_backward(w * block, Y, lam, SOFT)
    A = block[:, 0]
    return -(np.einsum("ni,ni->n", r @ A, h) + np.einsum("ni,ni->n", Y @ A, v))


@observable("side_relu_gradient")
def relu_gradient(context: Context) -> Measurement:
    """||grad_g L_ReLU||/p at w A on one block, codes of norm B_max; covariates w_scale, R.

    At w = s* and close to the scale s_ST at which the slope in w vanishes and only the off-diagonal is left.
    Integrated for d <= 2, else the inner product with a unit matrix from a pilot sample, at most the norm.
    """
    B = context.constants["B_max"]
    flat = float(np.asarray(context.env.with_values(U=context.lam / B)["s_soft"]))
    scales = np.array([context.s, context.s + 0.95 * (flat - context.s)])
    exact = context.model.d in CIRCLE
    found = [(_integrated if exact else _sampled)(context, w) for w in scales]
    return Measurement(
        np.array([value for value, _ in found]),
        {"w_scale": scales, "R": np.full(2, B)},
        {"row": np.arange(2)},
        error=np.array([error for _, error in found]),
        kind="quadrature" if exact else "sampled",
    )


def _integrated(context: Context, w: float) -> tuple[float, float]:
    """Return the norm of the gradient by the rule on the circle, and its change under node doubling."""
    A, B, values = context.model.dictionary[:, 0], context.constants["B_max"], []
    for factor in (1, 2):
        theta, weight = sphere_rule(context.model.d, factor * CIRCLE[context.model.d])
        Y = B * theta @ A.T
        h, v, r, _ = forward_backward(w * context.model.dictionary[:, :1], Y, context.lam, RELU)
        weighted = weight[:, None]
        values.append(float(np.linalg.norm((weighted * r).T @ h + (weighted * Y).T @ v)))
    return values[1], abs(values[1] - values[0])


def _sampled(context: Context, w: float) -> tuple[float, float]:
    """Return a lower confidence value of the norm of the gradient from samples, and its half-width."""
    model, B, total = context.model, context.constants["B_max"], 100_000
    block = model.dictionary[:, :1]
    Y = B * directions(context, f"relu gradient {w:.6g}", total + CHUNK) @ block[:, 0].T
    h, v, r, _ = forward_backward(w * block, Y[:CHUNK], context.lam, RELU)
    pilot = -(r.T @ h + Y[:CHUNK].T @ v)
    unit = pilot / np.linalg.norm(pilot)
    h, v, r, _ = forward_backward(w * block, Y[CHUNK:], context.lam, RELU)
    x = -(np.einsum("ni,ni->n", r @ unit, h) + np.einsum("ni,ni->n", Y[CHUNK:] @ unit, v))
    # |<Z, unit>| <= ||Z|| <= ||r||(||h|| + w ||y||) <= 2 w R^2 max(1, w^2 - 1)
    top = 2 * w * B**2 * max(1.0, w**2 - 1)
    return float(x.mean()), half_width(f"side_relu_gradient w={w:.3g}", x, 2 * top)
