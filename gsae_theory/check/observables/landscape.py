"""Observables at chosen points: random and adversarial points of the ball, the limit itself, A itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from gsae_theory.check.context import Context
from gsae_theory.check.measurement import Measurement, observable
from gsae_theory.simulate import align, hessian_apply, procrustes_distance, rotate_blocks, start
from gsae_theory.theory.report_values import delta_support

Array = NDArray[np.float64]

SHARES = (0.05, 0.5, 1.0)
"""Distances of the points, as shares of delta."""

ADVERSARIAL = ("random", "rank_one_in", "rank_one_out", "out_of_subspace", "scale", "scale_down")
"""Kinds of points; each is extremal for some inequality of the theory."""


def points(context: Context) -> Iterator[tuple[str, float, Array]]:
    """Yield kind, share of delta and weights W, shape (n, G, d), with every dist_g that share of the ball."""
    A = context.model.dictionary
    n, groups, d = A.shape
    for kind in ADVERSARIAL:
        if (kind == "out_of_subspace" and n == d) or (kind == "rank_one_out" and groups == 1):
            continue
        for share in SHARES:
            rng = context.rng(f"point {kind} {share}")
            yield kind, share, start(kind, A, context.s, share * context.ball, rng, rotated=True)


def _rows(context: Context, measure: str) -> Measurement:
    """Return one row per point and group of inner product or norm, with everything a bound may need."""
    columns: dict[str, list[Array]] = {
        name: [] for name in ("correlation", "generating", "grad_norm", "dist", "dist_generating", "error")
    }
    kinds: list[str] = []
    shares: list[float] = []
    A = context.model.dictionary
    for kind, share, W in points(context):
        slope, error, _ = context.gradient(W)
        Q = align(W, A)
        aligned, g = rotate_blocks(W, Q), rotate_blocks(slope, Q)
        columns["correlation"].append(np.einsum("ngi,ngi->g", g, aligned - context.s * A))
        columns["generating"].append(np.einsum("ngi,ngi->g", g, aligned - A))
        columns["grad_norm"].append(np.linalg.norm(g, axis=(0, 2)))
        columns["dist"].append(np.linalg.norm(aligned - context.s * A, axis=(0, 2)))
        columns["dist_generating"].append(np.linalg.norm(aligned - A, axis=(0, 2)))
        columns["error"].append(np.full(A.shape[1], error))
        kinds += [kind] * A.shape[1]
        shares += [share] * A.shape[1]
    data = {name: np.concatenate(parts) for name, parts in columns.items()}
    covariates = {name: data[name] for name in ("dist", "dist_generating", "grad_norm") if name != measure}
    labels = {
        "point": np.array(kinds),
        "share_of_delta": np.array(shares),
        "group": np.tile(np.arange(A.shape[1]), len(kinds) // A.shape[1]),
    }
    # An inner product inherits the gradient's error times the length of the other factor.
    levers = {"correlation": "dist", "generating": "dist_generating"}
    lever = data[levers[measure]] if measure in levers else np.ones_like(data["dist"])
    return Measurement(data[measure], covariates, labels, error=data["error"] * lever, scale=context.s)


@observable("correlated_gradient")
def correlated_gradient(context: Context) -> Measurement:
    """<g, W_g Q - s A_g> with g = (grad_g L/p) Q; covariates ``dist``, ``grad_norm``."""
    return _rows(context, "correlation")


@observable("correlated_gradient_generating")
def correlated_gradient_generating(context: Context) -> Measurement:
    """<g, W_g Q - A_g>; covariates ``dist_generating``, ``grad_norm``."""
    return _rows(context, "generating")


@observable("gradient_norm_in_ball")
def gradient_norm_in_ball(context: Context) -> Measurement:
    """||grad_g L||_F/p; covariate ``dist``."""
    return _rows(context, "grad_norm")


@observable("gradient_norm_at_scale")
def gradient_norm_at_scale(context: Context, parameters: Mapping[str, object]) -> Measurement:
    """||grad_g L||_F/p at W = scale A Q; the parameter ``scale`` is an expression of the theory."""
    scale = context.env.evaluate(cast(sp.Expr, parameters["scale"]))
    A = context.model.dictionary
    W = start("scale", A, float(scale), 0.0, context.rng("orbit"), rotated=True)
    slope, error, _ = context.gradient(W)
    return Measurement(
        np.linalg.norm(slope, axis=(0, 2)),
        labels={"group": np.arange(A.shape[1])},
        error=error,
        scale=context.s,
    )


@observable("loss_at_limit")
def loss_at_limit(context: Context) -> Measurement:
    """Population loss at W = s A Q."""
    W = start("scale", context.model.dictionary, context.s, 0.0, context.rng("orbit"), rotated=True)
    _, error, loss = context.gradient(W)
    return Measurement(np.array([loss]), error=error)


@observable("procrustes_step_unscaled")
def procrustes_step_unscaled(context: Context) -> Measurement:
    """dist_g after one step W - eta grad L without 1/p, from the points of the ball; covariate ``dist``."""
    values, before, names = [], [], []
    A = context.model.dictionary
    for kind, share, W in points(context):
        slope, _, _ = context.gradient(W)
        values.append(procrustes_distance(W - context.eta * context.constants["p"] * slope, A, context.s))
        before.append(procrustes_distance(W, A, context.s))
        names += [f"{kind} at {share} delta"] * A.shape[1]
    return Measurement(np.concatenate(values), {"dist": np.concatenate(before)}, {"point": np.array(names)})


# --- Curvature at the limit -------------------------------------------------------------------------------

_REPEATS = 3
DIFFERENCE = 0.02
"""Largest displacement of the finite differences."""


def _direction(context: Context, name: str, trial: int) -> Array:
    """Return a random unit direction of one of the four eigenspaces, in one random group, shape (n, G, d)."""
    A = context.model.dictionary
    n, groups, d = A.shape
    rng = context.rng(f"hessian {name} {trial}")
    g = int(rng.integers(groups))
    V = np.zeros_like(A)
    Z = rng.standard_normal((d, d))
    if name == "out_of_subspace":
        D = rng.standard_normal((n, d))
        V[:, g] = D - A[:, g] @ (A[:, g].T @ D)
    elif name == "rotation":
        V[:, g] = A[:, g] @ (Z - Z.T)
    elif name == "traceless":
        E = Z + Z.T
        V[:, g] = A[:, g] @ (E - np.trace(E) / d * np.eye(d))
    else:
        V[:, g] = A[:, g]
    return V / np.linalg.norm(V)


def curvature(context: Context, name: str) -> tuple[Array, Array, float]:
    """Return Rayleigh quotients, residual norms ||HV - hV|| and the numerical error of a direction."""
    quotients, residuals, errors = [], [], []
    W = context.s * context.model.dictionary
    # Differences must not step over the edge of the support window: the gradient has a kink there.
    step = min(DIFFERENCE, 0.9 * (delta_support(context.base) or DIFFERENCE))
    for trial in range(_REPEATS):
        V = _direction(context, name, trial)
        image = hessian_apply(context.model, W, V, context.lam, rule=context.rule, step=step)
        HV = image.value / context.constants["p"]
        quotient = float(np.sum(HV * V))
        quotients.append(quotient)
        residuals.append(float(np.linalg.norm(HV - quotient * V)))
        errors.append(image.error / context.constants["p"])
    return np.array(quotients), np.array(residuals), max(errors)


@observable("hessian_eigenvalue")
def hessian_eigenvalue(context: Context, parameters: Mapping[str, object]) -> Measurement:
    """h and h + ||HV - hV|| on random unit directions V of the eigenspace ``direction``.

    The second row makes "V is an eigenvector" part of the comparison: off-diagonal terms would move it.
    """
    quotients, residuals, error = curvature(context, str(parameters["direction"]))
    trials = np.tile(np.arange(quotients.size), 2)
    part = np.repeat(np.array(["quotient", "quotient + residual"]), quotients.size)
    return Measurement(
        np.concatenate([quotients, quotients + residuals]), labels={"trial": trials, "row": part}, error=error
    )


def _moving_directions(context: Context) -> list[str]:
    n, _, d = context.model.dictionary.shape
    return ["trace", *(["traceless"] if d > 1 else []), *(["out_of_subspace"] if n > d else [])]


@observable("linear_factor")
def linear_factor(context: Context) -> Measurement:
    """max |1 - eta h| over the measured curvatures other than rotations."""
    found = [curvature(context, name) for name in _moving_directions(context)]
    h = np.concatenate([item[0] for item in found])
    error = context.eta * max(item[2] for item in found)
    return Measurement(np.array([np.abs(1 - context.eta * h).max()]), error=error)


@observable("linear_factor_any_step")
def linear_factor_any_step(context: Context) -> Measurement:
    """The same for a grid of steps around the best one."""
    found = [curvature(context, name) for name in _moving_directions(context)]
    h = np.concatenate([item[0] for item in found])
    steps = float(context.base["eta_opt"]) * np.linspace(0.2, 2.0, 37)
    values = np.abs(1 - steps[:, None] * h).max(axis=1)
    return Measurement(
        values, labels={"eta": steps}, error=float(steps.max()) * max(item[2] for item in found)
    )
