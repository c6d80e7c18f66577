"""Observables that are read off the trajectory: one row per step and group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check.context import Context
from gsae_theory.check.measurement import Measurement, observable
from gsae_theory.network import normalise_blocks
from gsae_theory.simulate import procrustes_distance, spectrum

Array = NDArray[np.float64]

# Below this distance a ratio of distances is rounding, not contraction.
RATE_FLOOR = 1e-9
# A limit counts as reached when one more step moves no group by more than this.
LIMIT_MOVE = 1e-10


def path_rows(context: Context, values: Array, skip: int = 0, **covariates: Array) -> Measurement:
    """Return one row per step and group of arrays of shape (steps, groups)."""
    run = context.trajectory
    steps, groups = np.indices(values.shape)
    return Measurement(
        values.ravel(),
        {name: column.ravel() for name, column in covariates.items()},
        {"iteration": (steps + skip).ravel(), "group": groups.ravel()},
        error=context.eta * run.gradient_error,
        kind="quadrature" if context.setting.gradient == "population" else "sampled",
        scale=context.s * np.sqrt(context.model.d),
        note=_how(context),
        complete=run.status != "diverged",
    )


def _how(context: Context) -> str:
    run = context.trajectory
    text = f"{run.distance.shape[0] - 1} steps, {run.status}"
    return text + (", supports certified at every step" if run.certified else "")


def limit_rows(context: Context, values: Array) -> Measurement:
    """Return one row per group of what is left at the end; incomplete unless the run has settled."""
    run = context.trajectory
    moved = float(np.abs(np.diff(run.distance[-2:], axis=0)).max()) if len(run.distance) > 1 else np.inf
    settled = run.status != "diverged" and moved <= LIMIT_MOVE
    return Measurement(
        values,
        labels={"group": np.arange(values.size)},
        error=run.gradient_error,
        scale=context.s * np.sqrt(context.model.d),
        note=_how(context) + ("" if settled else f", still moving by {moved:.2g} a step: ask for more steps"),
        complete=settled,
    )


@observable("procrustes_step")
def procrustes_step(context: Context) -> Measurement:
    """dist_g after each step; covariate ``dist`` before it."""
    distance = context.trajectory.distance
    return path_rows(context, distance[1:], skip=1, dist=distance[:-1])


@observable("procrustes_envelope")
def procrustes_envelope(context: Context) -> Measurement:
    """dist_g at every step; covariates ``dist0`` and ``iteration``."""
    distance = context.trajectory.distance
    iteration = np.broadcast_to(np.arange(len(distance), dtype=float)[:, None], distance.shape)
    return path_rows(
        context, distance, dist0=np.broadcast_to(distance[0], distance.shape), iteration=iteration
    )


@observable("procrustes_distance")
def procrustes_distance_rows(context: Context) -> Measurement:
    """dist_g at every step."""
    return path_rows(context, context.trajectory.distance)


@observable("out_of_subspace_step")
def out_of_subspace_step(context: Context) -> Measurement:
    """||D_g||_2 after each step; covariates ``D_norm`` and ``E_norm`` before it."""
    run = context.trajectory
    deviation = _deviation(context)
    return path_rows(context, run.norm_D[1:], skip=1, D_norm=run.norm_D[:-1], E_norm=deviation[:-1])


@observable("out_of_subspace_norm")
def out_of_subspace_norm(context: Context) -> Measurement:
    """||D_g||_2 at every step."""
    return path_rows(context, context.trajectory.norm_D)


@observable("spectrum_deviation")
def spectrum_deviation(context: Context) -> Measurement:
    """Largest |singular value of A_g^T W_g - s| at every step."""
    return path_rows(context, _deviation(context))


def _deviation(context: Context) -> Array:
    run = context.trajectory
    return np.maximum(np.abs(run.sigma_min - context.s), np.abs(run.sigma_max - context.s))


@observable("asymptotic_rate")
def asymptotic_rate(context: Context) -> Measurement:
    """dist_g(k+1)/dist_g(k) at the last step before the distance reaches rounding, per group."""
    run = context.trajectory
    distance = run.distance
    # The gradient's error must stay far below the distance whose ratio is taken.
    floor = max(RATE_FLOOR, 1e5 * context.eta * run.gradient_error)
    clear = distance[1:] > floor
    groups = np.arange(distance.shape[1])
    last = np.where(clear.any(axis=0), clear.shape[0] - 1 - clear[::-1].argmax(axis=0), 0)
    before, after = distance[last, groups], distance[last + 1, groups]
    reached = bool((after < 1e3 * floor).all() and clear.any(axis=0).all())
    return Measurement(
        after / before,
        labels={"iteration": last + 1, "group": groups},
        error=2 * context.eta * run.gradient_error / floor,
        note=_how(context),
        complete=reached,
    )


@observable("limit_distance_scaled")
def limit_distance_scaled(context: Context) -> Measurement:
    """Procrustes distance to s A at the end, per group."""
    return limit_rows(context, context.trajectory.distance[-1])


@observable("limit_distance_generating")
def limit_distance_generating(context: Context) -> Measurement:
    """Procrustes distance to A at the end, per group."""
    return limit_rows(context, context.trajectory.distance_generating[-1])


@observable("limit_distance_unaligned")
def limit_distance_unaligned(context: Context) -> Measurement:
    """Frobenius distance to A without alignment at the end, per group."""
    return limit_rows(context, context.trajectory.distance_unaligned[-1])


@observable("limit_distance_normalised")
def limit_distance_normalised(context: Context) -> Measurement:
    """Procrustes distance to A of the orthonormalised blocks at the end, per group."""
    W = normalise_blocks(context.trajectory.W)
    return limit_rows(context, procrustes_distance(W, context.model.dictionary))


@observable("limit_scale")
def limit_scale(context: Context) -> Measurement:
    """Mean singular value of A_g^T W_g at the end, per group."""
    values = spectrum(context.trajectory.W, context.model.dictionary).values_C
    return limit_rows(context, values.mean(axis=1))
