"""Observables of clustering by argmax_h ||W_h^T y|| (side section 2)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check.context import Context
from gsae_theory.check.ledger import LEDGER
from gsae_theory.check.limits import clopper_pearson_lower, clopper_pearson_upper
from gsae_theory.check.measurement import Measurement, observable
from gsae_theory.simulate import haar_rotations, rotate_blocks

Array = NDArray[np.float64]
SAMPLES = 60_000
CHUNK = 2_000


def scores(W: Array, Y: Array) -> Array:
    """Return ||W_h^T y||, shape (N, G)."""
    n, groups, d = W.shape
    return np.asarray(np.linalg.norm((Y @ W.reshape(n, -1)).reshape(len(Y), groups, d), axis=2))


def margins(W: Array, Y: Array, group: NDArray[np.int64]) -> Array:
    """Return ||W_g^T y|| - max_{h != g} ||W_h^T y|| for every sample."""
    values = scores(W, Y)
    rows = np.arange(len(Y))
    own = values[rows, group].copy()
    values[rows, group] = -np.inf
    return np.asarray(own - values.max(axis=1))


def closest_pair(A: Array) -> tuple[int, int, Array, Array]:
    """Return g, h and unit vectors of span A_g and span A_h that make the smallest angle."""
    n, groups, d = A.shape
    flat = A.reshape(n, -1)
    cross = (flat.T @ flat).reshape(groups, d, groups, d).transpose(0, 2, 1, 3)
    left, top, right = np.linalg.svd(cross)
    top = top[..., 0].copy()
    np.fill_diagonal(top, -1.0)
    g, h = (int(k) for k in np.unravel_index(int(top.argmax()), top.shape))
    return g, h, A[:, g] @ left[g, h, :, 0], A[:, h] @ right[g, h, 0]


def _of_norm(Z: Array, norm: float, axis: int | tuple[int, ...]) -> Array:
    return np.asarray(norm * Z / np.linalg.norm(Z, axis=axis, keepdims=True))


@observable("side_cluster_margin")
def cluster_margin(context: Context) -> Measurement:
    """Smallest clustering margin per sample; covariates R, nu_row, delta_row.

    Random perturbations of the weights and of the data at shares of the tie, and both ties themselves:
    noise half way to the closest group, and rank-one changes of two blocks.
    """
    model, s, mu = context.model, context.s, context.constants["mu"]
    A, rng = model.dictionary, context.rng("cluster margin")
    columns: dict[str, list[Array]] = {"value": [], "R": [], "nu_row": [], "delta_row": []}
    kinds: list[str] = []
    sources: list[dict[str, Any]] = []

    def add(
        kind: str, W: Array, Y: Array, group: NDArray[np.int64], R: Array, nu: Array, delta: float
    ) -> None:
        columns["value"].append(margins(W, Y, group))
        columns["R"].append(R)
        columns["nu_row"].append(nu)
        columns["delta_row"].append(np.full(len(Y), delta))
        kinds.extend([kind] * len(Y))
        sources.extend({"W": W, "y": y, "group": k} for y, k in zip(Y, group, strict=True))

    tie = s * (1 - mu) / 2
    for share in (0.0, 0.5, 1.0):
        sample = model.sample(200, rng)
        R = np.linalg.norm(sample.values[:, 0], axis=1)
        clean = np.einsum("ngi,gi->gn", A[:, sample.support[:, 0]], sample.values[:, 0])
        nu = share * R * np.sqrt((1 - mu) / 2)
        noise = _of_norm(rng.standard_normal(clean.shape), 1.0, 1) * nu[:, None]
        E = rng.standard_normal(A.shape)
        E *= share * tie / np.linalg.norm(E.transpose(1, 0, 2), 2, axis=(1, 2))[None, :, None]
        W = rotate_blocks(s * A + E, haar_rotations(model.G, model.d, rng))
        add(f"random {share}", W, clean + noise, sample.support[:, 0].astype(np.int64), R, nu, share * tie)
    g, h, a, b = closest_pair(A)
    group = np.array([g])
    for R in (context.constants["B_min"], context.constants["B_max"]):
        noise = R * (b - a) / 2
        length = np.array([np.linalg.norm(noise)])
        add("noise tie", s * A, (R * a + noise)[None], group, np.array([R]), length, 0.0)
        W = np.array(s * A)
        W[:, g] -= tie * np.outer(a, A[:, g].T @ a)
        toward = A[:, h].T @ a
        norm = np.linalg.norm(toward)
        unit = toward / norm if norm > 0 else np.eye(model.d)[0]
        W[:, h] += tie * np.outer(a, unit)
        add("weight tie", W, R * a[None], group, np.array([R]), np.zeros(1), tie)
    data = {name: np.concatenate(parts) for name, parts in columns.items()}
    values = data.pop("value")
    return Measurement(
        values,
        data,
        {"kind": np.array(kinds)},
        kind="pathwise",
        scale=s * context.constants["B_max"],
        arrays=sources.__getitem__,
    )


@observable("side_misclustered")
def misclustered(context: Context) -> Measurement:
    """Share of the model's own samples that are misclustered at s A and at the start W0, and the worst case.

    The worst case: a sample of the closest pair of groups with noise of norm nu towards the other group,
    and both blocks of the pair changed by delta in the direction that helps it.
    """
    model = context.model
    values = []
    points = (("limit", context.s * model.dictionary), ("start", context.W0))
    for name, W in points:
        sample = model.sample(4 * CHUNK, context.rng(f"misclustered {name}"))
        wrong = scores(W, model.observe(sample)).argmax(axis=1) != sample.support[:, 0]
        values.append(float(wrong.mean()))
    W, y, g = worst_pair(context, context.constants["nu"], context.delta)
    values.append(float(margins(W, y[None], np.array([g]))[0] <= 0))
    names = [*(name for name, _ in points), "worst pair"]
    return Measurement(np.array(values), labels={"point": np.array(names)}, kind="pathwise")


def worst_pair(context: Context, nu: float, delta: float) -> tuple[Array, Array, int]:
    """Return weights, one sample of norm B_min and its group: noise nu and changes delta push it over."""
    A, s = context.model.dictionary, context.s
    g, h, a, b = closest_pair(A)
    y = context.constants["B_min"] * a + nu * (b - a) / np.linalg.norm(b - a)
    W = s * A
    unit = y / np.linalg.norm(y)
    for block, sign in ((g, -1.0), (h, 1.0)):
        seen = A[:, block].T @ y
        size = np.linalg.norm(seen)
        W[:, block] += sign * delta * np.outer(unit, seen / size if size > 0 else np.eye(A.shape[2])[0])
    return W, y, g


@observable("side_gaussian_error")
def gaussian_error(context: Context) -> Measurement:
    """Share of samples of norm B_max that are misclustered at s A under Gaussian noise; covariates R, sigma.

    Noise levels put the tie of T2.1 at 2.2, 2.7 and 3.2 standard deviations.
    """
    model, limits = context.model, context.constants
    B, A = limits["B_max"], model.dictionary
    sigmas = B * np.sqrt((1 - limits["mu"]) / 2) / np.array([2.2, 2.7, 3.2])
    wrong = np.zeros(3, dtype=int)
    rng = context.rng("gaussian error")
    for _ in range(SAMPLES // CHUNK):
        sample = model.sample(CHUNK, rng)
        group = sample.support[:, 0]
        clean = np.einsum("ngi,gi->gn", A[:, group], _of_norm(sample.values[:, 0], B, 1))
        noise = rng.standard_normal(clean.shape)
        for k, sigma in enumerate(sigmas):
            wrong[k] += np.count_nonzero(scores(A, clean + sigma * noise).argmax(axis=1) != group)
    rates = wrong / SAMPLES
    errors = []
    for count, rate, sigma in zip(wrong, rates, sigmas, strict=True):
        LEDGER.spend(f"side_gaussian_error sigma={sigma:.3g}")
        upper, lower = clopper_pearson_upper(int(count), SAMPLES), clopper_pearson_lower(int(count), SAMPLES)
        errors.append(max(upper - rate, rate - lower))
    return Measurement(
        rates,
        {"R": np.full(3, B), "sigma": sigmas},
        {"row": np.arange(3)},
        error=np.array(errors),
        kind="sampled",
        trivial=1.0,
    )
