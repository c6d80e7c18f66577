"""Observables for several active groups: interference, sums over groups, floors, predictions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check.context import Context
from gsae_theory.check.measurement import Measurement, observable
from gsae_theory.check.observables.landscape import points
from gsae_theory.check.observables.path import limit_rows, path_rows
from gsae_theory.simulate import (
    align,
    haar_rotations,
    interference_gradient,
    rotate_blocks,
    unaligned_distance,
)
from gsae_theory.theory.prediction import interference_gradient as predicted_interference
from gsae_theory.theory.prediction import predict

Array = NDArray[np.float64]


# --- Along the run ----------------------------------------------------------------------------------------


def _inside(context: Context) -> NDArray[np.bool_]:
    """Return which steps start inside the region R(delta, Phi), shape (steps,)."""
    before = context.trajectory.distance[:-1]
    limit = float(context.env["Phi"])
    rounding = 1 + 1e-12
    return (before.max(axis=1) <= context.delta * rounding) & (
        np.linalg.norm(before, axis=1) <= limit * rounding
    )


def _summary_step(context: Context, name: str) -> Measurement:
    distance = context.trajectory.distance
    column = np.linalg.norm(distance, axis=1) if name == "fro" else distance.max(axis=1)
    inside = _inside(context)
    return path_rows(context, column[1:][inside][:, None], skip=1, **{name: column[:-1][inside][:, None]})


@observable("interference_step")
def interference_step(context: Context) -> Measurement:
    """dist_g after a step from inside the region; covariates ``dist``, ``dist_max``, ``fro`` before it."""
    distance = context.trajectory.distance
    inside = _inside(context)
    before = distance[:-1][inside]
    largest = np.broadcast_to(before.max(axis=1, keepdims=True), before.shape)
    fro = np.broadcast_to(np.linalg.norm(before, axis=1, keepdims=True), before.shape)
    return path_rows(context, distance[1:][inside], skip=1, dist=before, dist_max=largest, fro=fro)


@observable("frobenius_step")
def frobenius_step(context: Context) -> Measurement:
    """F, the root of the sum of dist_g^2, after a step from inside the region; covariate ``fro``."""
    return _summary_step(context, "fro")


@observable("largest_step")
def largest_step(context: Context) -> Measurement:
    """max_g dist_g after a step from inside the region; covariate ``dist_max``."""
    return _summary_step(context, "dist_max")


def _envelope(context: Context, column: Array) -> Measurement:
    iteration = np.arange(len(column), dtype=float)[:, None]
    return path_rows(context, column[:, None], iteration=iteration)


@observable("frobenius_envelope")
def frobenius_envelope(context: Context) -> Measurement:
    """F at every step; covariate ``iteration``."""
    return _envelope(context, np.linalg.norm(context.trajectory.distance, axis=1))


@observable("largest_envelope")
def largest_envelope(context: Context) -> Measurement:
    """max_g dist_g at every step; covariate ``iteration``."""
    return _envelope(context, context.trajectory.distance.max(axis=1))


@observable("limit_max")
def limit_max(context: Context) -> Measurement:
    """Largest Procrustes distance to s A over groups at the end."""
    return limit_rows(context, context.trajectory.distance[-1].max(keepdims=True))


@observable("limit_rms")
def limit_rms(context: Context) -> Measurement:
    """Root of the mean squared Procrustes distance to s A at the end."""
    return limit_rows(context, np.sqrt(np.mean(context.trajectory.distance[-1] ** 2, keepdims=True)))


def _bias(context: Context, distance_generating: Array) -> Array:
    return np.abs(distance_generating - float(context.env["radius_generating"]))


@observable("bias_gap")
def bias_gap(context: Context) -> Measurement:
    """|dist_g(W; A) - (s-1) sqrt d| at every step; covariate ``dist``.

    True of every W: both sides are computed from the same one, whatever the error of the gradients that led
    there. At a multiple of A the two are equal.
    """
    run = context.trajectory
    rows = path_rows(context, _bias(context, run.distance_generating), dist=run.distance)
    return replace(rows, error=0.0, kind="pathwise")


@observable("limit_bias_gap")
def limit_bias_gap(context: Context) -> Measurement:
    """The largest over groups of the same at the end."""
    return limit_rows(context, _bias(context, context.trajectory.distance_generating[-1]).max(keepdims=True))


# --- At points of the region ------------------------------------------------------------------------------


def _aligned(context: Context, W: Array) -> tuple[Array, Array]:
    """Return W in the aligned frame and Delta = W - s A."""
    W = rotate_blocks(W, align(W, context.model.dictionary))
    return W, W - context.s * context.model.dictionary


def _leaning(A: Array, Delta: Array) -> dict[str, Array]:
    """Return t, D, Q, O of the interference bound for every group."""
    lean = np.einsum("nhi,ngj->hgij", Delta, A)  # Delta_h^T A_g
    gram = np.einsum("nhi,ngj->hgij", A, A)
    groups = np.arange(A.shape[1])
    lean[groups, groups] = 0.0
    gram[groups, groups] = 0.0
    own = np.linalg.norm(Delta, axis=(0, 2))
    return {
        "t_ball": np.full(own.size, own.max()),
        "D_lean": np.sqrt((lean**2).sum(axis=(0, 2, 3))),
        "Q_lean": np.linalg.norm(np.einsum("nhi,hgij->gnj", Delta, gram), axis=(1, 2)),
        "O_norm": np.sqrt(np.maximum((own**2).sum() - own**2, 0.0)),
    }


@observable("interference")
def interference(context: Context) -> Measurement:
    """||E_g - K_g Delta_g||_F at points of the region; covariates ``t_ball, D_lean, Q_lean, O_norm``."""
    A = context.model.dictionary
    matrix = A.reshape(A.shape[0], -1)
    # K_g = weight A_{-g} A_{-g}^T; its norm bound in the theory is weight ||A||^2.
    weight = float(context.env["K_bar"]) / float(context.env["a_frame"]) ** 2
    values, errors, names, rows = [], [], [], []
    for kind, share, W in points(context):
        W, Delta = _aligned(context, W)
        found = interference_gradient(context.model, W, context.lam, rule=context.rule)
        flat = Delta.reshape(A.shape[0], -1)
        others = (matrix @ (matrix.T @ flat)).reshape(A.shape)
        others -= np.einsum("ngi,gij->ngj", A, np.einsum("ngi,ngj->gij", A, Delta))
        values.append(np.linalg.norm(found.gradient - weight * others, axis=(0, 2)))
        errors.append(np.full(A.shape[1], found.error))
        names += [f"{kind} at {share} of the ball"] * A.shape[1]
        rows.append(_leaning(A, Delta))
    covariates = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    group = np.tile(np.arange(A.shape[1]), len(rows))
    labels = {"point": np.array(names), "group": group}
    return Measurement(np.concatenate(values), covariates, labels, np.concatenate(errors))


def _sums(context: Context, generating: bool) -> Measurement:
    A = context.model.dictionary
    values, fro, norms, errors, names = [], [], [], [], []
    for kind, share, W in points(context):
        slope, error, _ = context.gradient(W)
        Q = align(W, A)
        aligned, g = rotate_blocks(W, Q), rotate_blocks(slope, Q)
        away = aligned - (1.0 if generating else context.s) * A
        values.append(float(np.sum(g * away)))
        fro.append(float(np.linalg.norm(away)))
        norms.append(float(np.linalg.norm(g)))
        errors.append(error * fro[-1])
        names.append(f"{kind} at {share} of the ball")
    covariates = {"fro_generating" if generating else "fro": np.array(fro), "grad_norm_sum": np.array(norms)}
    return Measurement(
        np.array(values), covariates, {"point": np.array(names)}, np.array(errors), scale=context.s
    )


@observable("correlated_gradient_sum")
def correlated_gradient_sum(context: Context) -> Measurement:
    """sum_g <g_g, W_g Q_g - s A_g> at points of the region; covariates ``fro``, ``grad_norm_sum``."""
    return _sums(context, generating=False)


@observable("correlated_gradient_sum_generating")
def correlated_gradient_sum_generating(context: Context) -> Measurement:
    """The same about A; covariates ``fro_generating``, ``grad_norm_sum``."""
    return _sums(context, generating=True)


# --- Predictions and the un-aligned form ------------------------------------------------------------------


@observable("floor_against_prediction")
def floor_against_prediction(context: Context) -> Measurement:
    """rms distance at the end over its prediction (5.3)."""
    found = predict(context.model.dictionary, context.env)
    last = context.trajectory.distance[-1]
    with np.errstate(divide="ignore", invalid="ignore"):  # an orthogonal dictionary has no floor: no ratio
        return limit_rows(context, np.sqrt([np.mean(last**2)]) / found.rms)


@observable("expansion_error")
def expansion_error(context: Context) -> Measurement:
    """||E_g(sA) - (5.1)||_F per group."""
    A = context.model.dictionary
    found = interference_gradient(context.model, context.s * A, context.lam, rule=context.rule)
    gap = np.linalg.norm(found.gradient - predicted_interference(A, context.env), axis=(0, 2))
    return Measurement(gap, labels={"group": np.arange(A.shape[1])}, error=found.error)


@observable("correlation_unaligned")
def correlation_unaligned(context: Context) -> Measurement:
    """<grad_g L/p, W_g - A_g> on the orbit s A_g Q; covariates ``dist_unaligned``, ``grad_norm``.

    Only blocks with ||W_g - A_g||_F <= delta', i.e. tr Q >= 0: every Q of the orbit or its negative.
    """
    A = context.model.dictionary
    values, norms, away = [], [], []
    for trial in range(8):
        Q = haar_rotations(A.shape[1], A.shape[2], context.rng(f"orbit {trial}"))
        Q = Q * np.where(np.trace(Q, axis1=1, axis2=2) < 0, -1.0, 1.0)[:, None, None]
        W = rotate_blocks(context.s * A, Q)
        slope, _, _ = context.gradient(W)
        values.append(np.einsum("ngi,ngi->g", slope, W - A))
        norms.append(np.linalg.norm(slope, axis=(0, 2)))
        away.append(unaligned_distance(W, A))
    covariates = {"dist_unaligned": np.concatenate(away), "grad_norm": np.concatenate(norms)}
    labels = {"group": np.tile(np.arange(A.shape[1]), len(values))}
    return Measurement(np.concatenate(values), covariates, labels, scale=context.s)
