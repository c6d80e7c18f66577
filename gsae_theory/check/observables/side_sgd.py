"""Observables of training with sampled gradients (side T3.3-T3.6).

`side_gradient_deviation`, `side_sgd_step` and `side_sgd_radius` run the full network. Without leakage
the blocks decouple exactly, so the long runs behind the predictions and the finite-sample limit follow
one block, whose group is active in a binomial number of samples.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check.context import Context
from gsae_theory.check.ledger import ALPHA, LEDGER
from gsae_theory.check.measurement import Measurement, observable
from gsae_theory.check.observables.side_stochastic import settled_moments, span_coordinates
from gsae_theory.network import gradient
from gsae_theory.simulate import align, population_gradient, procrustes_distance, rotate_blocks
from gsae_theory.theory.stochastic import mesh_near_best

Array = NDArray[np.float64]
BATCH = 256
STEPS = 100
CHAINS, REPEATS = 24, 150
END_STEPS = 60
EFFECTIVE = 400
"""p N of the runs behind asymptotic predictions."""


def batch_gradient(context: Context, W: Array, batch: int, rng: np.random.Generator) -> Array:
    """Return the gradient on a fresh batch of the model, over p."""
    Y = context.model.observe(context.model.sample(batch, rng))
    return np.asarray(gradient(W, Y, context.lam) / context.constants["p"])


def exact_gradient(context: Context, W: Array) -> tuple[Array, float]:
    """Return the population gradient over p and its error."""
    estimate = population_gradient(context.model, W, context.lam, level=context.setting.level)
    p = context.constants["p"]
    return estimate.gradient / p, float(estimate.error or 0.0) / p


@observable("side_gradient_deviation")
def gradient_deviation(context: Context) -> Measurement:
    """(1/p)||batch gradient - gradient|| per group at W0, one batch; covariates batch, log_level."""
    batch, groups = min(context.setting.samples, 20_000), context.model.G
    exact, error = exact_gradient(context, context.W0)
    LEDGER.spend("side_gradient_deviation")
    difference = batch_gradient(context, context.W0, batch, context.rng("deviation")) - exact
    return Measurement(
        np.linalg.norm(difference, axis=(0, 2)),
        {"batch": np.full(groups, float(batch)), "log_level": np.full(groups, math.log(2 * groups / ALPHA))},
        {"group": np.arange(groups)},
        error=error,
        kind="sampled",
    )


@observable("side_sgd_step")
def sgd_step(context: Context) -> Measurement:
    """dist_g after steps with batch gradients; covariates dist before and deviation of the gradient.

    Ends at the first exit of any group from the ball.
    """
    A, s, rng = context.model.dictionary, context.s, context.rng("sgd step")
    W, errors = context.W0, [0.0]
    rows: dict[str, list[Array]] = {"value": [], "dist": [], "deviation": []}
    for _ in range(min(context.setting.steps, 20)):
        before = procrustes_distance(W, A, s)
        # a start on the sphere of radius delta is measured there up to rounding
        if before.max() > context.delta * (1 + 1e-12):
            break
        exact, error = exact_gradient(context, W)
        noisy = batch_gradient(context, W, BATCH, rng)
        W = W - context.eta * noisy
        rows["value"].append(procrustes_distance(W, A, s))
        rows["dist"].append(before)
        rows["deviation"].append(np.linalg.norm(noisy - exact, axis=(0, 2)))
        errors.append(2 * context.eta * error)
    data = {name: np.concatenate(parts) for name, parts in rows.items()}
    values, groups = data.pop("value"), context.model.G
    labels = {
        "iteration": np.repeat(np.arange(values.size // groups), groups),
        "group": np.tile(np.arange(groups), values.size // groups),
    }
    return Measurement(values, data, labels, error=max(errors), kind="pathwise", scale=s)


@observable("side_sgd_radius")
def sgd_radius(context: Context) -> Measurement:
    """dist_g along SGD with fresh batches until an exit; covariates iteration, dist0, batch, log_level."""
    A, s, groups = context.model.dictionary, context.s, context.model.G
    batch, rng = min(context.setting.samples, 2_000), context.rng("sgd radius")
    steps = min(context.setting.steps, STEPS)
    LEDGER.spend("side_sgd_radius")
    W, start = context.W0, procrustes_distance(context.W0, A, s)
    path = []
    for _ in range(steps):
        W = W - context.eta * batch_gradient(context, W, batch, rng)
        path.append(procrustes_distance(W, A, s))
        if path[-1].max() > context.delta:
            break
    values = np.concatenate(path)
    step = np.repeat(np.arange(1, len(path) + 1), groups)
    covariates = {
        "iteration": step.astype(float),
        "dist0": np.tile(start, len(path)),
        "batch": np.full(values.size, float(batch)),
        "log_level": np.full(values.size, math.log(2 * groups * steps / ALPHA)),
    }
    labels = {"iteration": step, "group": np.tile(np.arange(groups), len(path))}
    note = f"{len(path)} of {steps} steps before an exit"
    return Measurement(values, covariates, labels, kind="sampled", scale=s, note=note)


@observable("side_sgd_second_moment")
def sgd_second_moment(context: Context) -> Measurement:
    """E[||W_{t+1} Q_t - sA||^2 | W_t] at W0 for several batch sizes, exactly: drift plus variance.

    Covariates dist, batch. One sample has Z_g = 0 unless g is active, so E||Z_g||^2 = p E[.|active].
    """
    A, s, p, eta = context.model.dictionary, context.s, context.constants["p"], context.eta
    mean, square, mean_error, square_error = settled_moments(context, context.W0)
    Q = align(context.W0, A)
    offset = rotate_blocks(context.W0, Q) - s * A
    drift = np.sum((offset - eta * rotate_blocks(mean, Q)) ** 2, axis=(0, 2))
    variance = square / p - np.sum(mean**2, axis=(0, 2))
    distance = np.linalg.norm(offset, axis=(0, 2))
    # from noise alone to drift alone: each part of the bound is seen on its own
    batches = np.array([1.0, 8.0, 128.0, 1e6])
    values = drift + eta**2 * variance / batches[:, None]
    bound = 2 * eta * distance.max() * mean_error + eta**2 * (square_error.max() / p + mean_error)
    groups = context.model.G
    return Measurement(
        values.ravel(),
        {"dist": np.tile(distance, batches.size), "batch": np.repeat(batches, groups)},
        {"group": np.tile(np.arange(groups), batches.size)},
        error=float(bound),
        kind="quadrature",
    )


def _block_data(context: Context, batch: int, rng: np.random.Generator) -> Array:
    """Return the samples of a batch in which group 0 is active, shape (binomial, n)."""
    model = context.model
    active = int(rng.binomial(batch, context.constants["p"]))
    if active == 0:
        return np.zeros((0, model.n))
    return np.asarray(model.sample(active, rng).values[:, 0] @ model.dictionary[:, 0].T)


def _block_step(context: Context, block: Array, Y: Array, batch: int) -> Array:
    """Return the step eta/p on the mean gradient of a batch, of which `Y` are the active samples."""
    if not len(Y):
        return np.zeros_like(block)
    scale = context.eta / context.constants["p"] * len(Y) / batch
    return np.asarray(scale * gradient(block, Y, context.lam))


def _log_mean(squares: Array) -> tuple[float, float]:
    """Return the log of the mean of independent values and three standard errors of it."""
    mean = float(squares.mean())
    return math.log(mean), float(3 * squares.std(ddof=1) / math.sqrt(squares.size) / mean)


def _prediction_row(squares: Array, batch: int, note: str) -> Measurement:
    value, error = _log_mean(squares)
    return Measurement(
        np.array([value]), {"batch": np.array([float(batch)])}, error=error, kind="sampled", note=note
    )


@observable("side_sgd_stationary")
def sgd_stationary(context: Context) -> Measurement:
    """Log of the mean of dist_0^2 over steps and chains of SGD, in the long run; covariate batch."""
    batch = round(EFFECTIVE / context.constants["p"])
    A = context.model.dictionary[:, :1]
    burn = math.ceil(5 / (context.eta * float(np.asarray(context.env["hess_trace"]))) + 10)
    means = []
    for chain in range(CHAINS):
        rng, W, total = context.rng(f"stationary {chain}"), context.s * A, 0.0
        for step in range(burn + STEPS):
            W = W - _block_step(context, W, _block_data(context, batch, rng), batch)
            total += float(procrustes_distance(W, A, context.s)[0] ** 2) if step >= burn else 0.0
        means.append(total / STEPS)
    return _prediction_row(np.array(means), batch, f"{CHAINS} chains of {STEPS} steps, p N = {EFFECTIVE}")


@observable("side_sample_limit")
def sample_limit(context: Context) -> Measurement:
    """Log of the mean over fixed samples of dist_0^2 at the limit of full-batch GD; covariate batch."""
    batch = round(EFFECTIVE / context.constants["p"])
    A = context.model.dictionary[:, :1]
    steps = math.ceil(10 / (context.eta * float(np.asarray(context.env["hess_traceless"]))) + 10)
    squares = []
    for repeat in range(REPEATS):
        Y, W = _block_data(context, batch, context.rng(f"sample {repeat}")), context.s * A
        for _ in range(steps):
            W = W - _block_step(context, W, Y, batch)
        squares.append(float(procrustes_distance(W, A, context.s)[0] ** 2))
    return _prediction_row(np.array(squares), batch, f"{REPEATS} samples, p N = {EFFECTIVE}")


@observable("side_sample_end")
def sample_end(context: Context) -> Measurement:
    """dist_0 at the end of full-batch GD on one fixed sample; covariates batch, net_eps, alpha."""
    p, model = context.constants["p"], context.model
    batch = round(min(200 * context.setting.samples, 2e6))
    V, lip = (float(np.asarray(context.env[name])) for name in ("V_ball", "lip_pair"))
    mesh = mesh_near_best(model.n * model.d, lip, V, p * batch, context.delta)
    LEDGER.spend("side_sample_end")
    basis, A_0, W_0 = span_coordinates(model.dictionary[:, 0], context.W0[:, 0])
    A, W = A_0[:, None], W_0[:, None]
    Y = _block_data(context, batch, context.rng("sample end")) @ basis
    path = [float(procrustes_distance(W, A, context.s)[0])]
    for _ in range(END_STEPS):
        W = W - _block_step(context, W, Y, batch)
        path.append(float(procrustes_distance(W, A, context.s)[0]))
    kappa = float(np.asarray(context.env["kappa_delta"]))
    left = path[0] * (1 - context.eta * kappa) ** END_STEPS
    covariates = {"batch": float(batch), "net_eps": mesh, "alpha": ALPHA}
    return Measurement(
        np.array([path[-1]]),
        {name: np.array([value]) for name, value in covariates.items()},
        kind="sampled",
        scale=context.s,
        trivial=context.delta,
        note=f"{END_STEPS} steps on {batch} samples; at most {left:.2g} of the start is left",
    )
