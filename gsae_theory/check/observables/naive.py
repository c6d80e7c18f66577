"""What a careless reading measures: distances without alignment, or aligned by signed permutations only.

No true claim uses these. The mutants of `gsae_theory.falsify` do: the same claim, the wrong metric.
"""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check.context import Context
from gsae_theory.check.measurement import Measurement, observable
from gsae_theory.simulate import haar_rotations, rotate_blocks

Array = NDArray[np.float64]
STEPS = 12


def _naive_path(context: Context) -> tuple[Array, Array]:
    """Return ||W_g - s A_g||_F at every step, shape (steps + 1, G), from rotated blocks s A_g Q_g.

    The rotation is small: the start is as far from s A without alignment as the run's own start is with it.
    """
    A = context.model.dictionary
    W, rows, errors = rotate_blocks(context.s * A, small_rotations(context)), [], []
    for _ in range(min(STEPS, context.setting.steps) + 1):
        rows.append(np.linalg.norm(W - context.s * A, axis=(0, 2)))
        slope, error, _ = context.gradient(W)
        errors.append(error)
        W = W - context.eta * slope
    return np.array(rows), np.full(1, context.eta * max(errors))


def small_rotations(context: Context) -> Array:
    """Return Q_g, shape (G, d, d), with ||s A_g Q_g - s A_g||_F equal to the distance of the start.

    For d = 1 there is no small rotation: the identity.
    """
    A = context.model.dictionary
    groups, d = A.shape[1:]
    Q = np.tile(np.eye(d), (groups, 1, 1))
    if d > 1:
        share = context.setting.fraction * context.ball / context.s
        angle = 2 * np.arcsin(share / np.sqrt(8))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        Q[:, :2, :2] = turn
    return Q


def _rows(context: Context, values: Array, error: Array, skip: int = 0, **covariates: Array) -> Measurement:
    steps, groups = np.indices(values.shape)
    return Measurement(
        values.ravel(),
        {name: column.ravel() for name, column in covariates.items()},
        {"iteration": (steps + skip).ravel(), "group": groups.ravel()},
        error=error,
        scale=context.s,
    )


@observable("unaligned_step")
def unaligned_step(context: Context) -> Measurement:
    """||W_g - s A_g||_F after each step; covariate ``dist``, the same before it."""
    path, error = _naive_path(context)
    return _rows(context, path[1:], error, 1, dist=path[:-1])


@observable("unaligned_envelope")
def unaligned_envelope(context: Context) -> Measurement:
    """||W_g - s A_g||_F at every step; covariates ``dist0`` and ``iteration``."""
    path, error = _naive_path(context)
    iteration = np.broadcast_to(np.arange(len(path), dtype=float)[:, None], path.shape)
    return _rows(context, path, error, dist0=np.broadcast_to(path[0], path.shape), iteration=iteration)


@observable("unaligned_distance")
def unaligned_distance_rows(context: Context) -> Measurement:
    """||W_g - s A_g||_F at every step."""
    path, error = _naive_path(context)
    return _rows(context, path, error)


def signed_permutations(d: int) -> Array:
    """Return the 2^d d! signed permutation matrices, shape (count, d, d)."""
    eye = np.eye(d)
    return np.array(
        [eye[list(order)] * signs for order in permutations(range(d)) for signs in product((-1, 1), repeat=d)]
    )


@observable("signed_permutation_distance")
def signed_permutation_distance(context: Context) -> Measurement:
    """Smallest ||W_g P - A_g||_F over signed permutations P at W = s A Q, a point the theory calls the limit."""
    A = context.model.dictionary
    Q = haar_rotations(A.shape[1], A.shape[2], context.rng("naive start"))
    W = rotate_blocks(context.s * A, Q)
    turned = np.einsum("ngi,kij->kngj", W, signed_permutations(A.shape[2]))
    values = np.linalg.norm(turned - A, axis=(1, 3)).min(axis=0)
    return Measurement(values, labels={"group": np.arange(A.shape[1])}, kind="pathwise", scale=context.s)
