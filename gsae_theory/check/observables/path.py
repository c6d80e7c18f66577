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
# Steps over which a ratio of moves is read.
WINDOW = 4


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
    """Return one row per group of what is left at the end; the error covers what the run had still to go."""
    run = context.trajectory
    remaining = _still_to_go(run.distance) if run.status != "diverged" else np.inf
    settled = remaining == 0.0
    return Measurement(
        values,
        labels={"group": np.arange(values.size)},
        error=run.gradient_error + remaining,
        scale=context.s * np.sqrt(context.model.d),
        note=_how(context)
        + ("" if settled else f", still {remaining:.2g} to go: more steps make it sharper"),
        complete=bool(np.isfinite(remaining)),
    )


def _still_to_go(distance: Array) -> float:
    """Return how far the distances may still move: 0 if the run has settled, inf if it is not settling.

    The last moves are extended as a geometric series at the slower of two observed ratios, and doubled: an
    a-posteriori estimate, like that of a quadrature, exact to first order for the linear convergence here.
    """
    moves = np.abs(np.diff(distance, axis=0)).max(axis=1)
    if not len(moves):
        return np.inf
    if moves[-1] <= LIMIT_MOVE:
        return 0.0
    if len(moves) < 2 * WINDOW + 1:
        return np.inf
    ends = moves[-1 - 2 * WINDOW :: WINDOW]
    ratio = float(max(ends[1:] / np.maximum(ends[:-1], LIMIT_MOVE))) ** (1 / WINDOW)
    return 2 * float(moves[-1]) * ratio / (1 - ratio) if ratio < 1 else np.inf


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
    drift = _ratio_still_to_go(distance, last, groups)
    return Measurement(
        after / before,
        labels={"iteration": last + 1, "group": groups},
        # A ratio that is not yet asymptotic says nothing about the limit, either way.
        error=drift + 2 * context.eta * run.gradient_error / floor if reached else np.inf,
        note=_how(context),
        complete=reached,
    )


def _ratio_still_to_go(distance: Array, last: NDArray[np.intp], groups: NDArray[np.intp]) -> Array:
    """Return how far the ratio of distances may still move: a faster mode that has not died out yet.

    The last two changes of the ratio are extended as a geometric series and doubled, as for limits.
    """
    rows = [np.maximum(last + 1 - back, 0) for back in range(4)]
    d0, d1, d2, d3 = (distance[row, groups] for row in rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        change, before = np.abs(d0 / d1 - d1 / d2), np.abs(d1 / d2 - d2 / d3)
        q = change / before
        left = np.where(q < 1, 2 * change * np.maximum(q, 0.5) / (1 - q), np.inf)
    noise = 1e-14 / np.maximum(d1, RATE_FLOOR)  # rounding of two distances of this size
    settled = np.maximum(change, before) < noise
    return np.where(last < 3, np.inf, np.where(settled, noise, left))


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
