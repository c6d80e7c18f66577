"""Clustering by argmax_h ||W_h^T y|| on synthetic data beside its bounds (side T2.1-T2.5).

Every point of a curve is measured on fresh samples; a probability comes with Clopper-Pearson limits, and a
bound is contradicted only where the lower limit at level ALPHA lies above it. Margins are pathwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check.limits import clopper_pearson_lower, clopper_pearson_upper
from gsae_theory.check.observables.side_clustering import closest_pair, margins
from gsae_theory.model.generative import GenerativeModel
from gsae_theory.model.spec import ModelSpec, build_model
from gsae_theory.seeds import generator
from gsae_theory.simulate import haar_rotations, rotate_blocks
from gsae_theory.theory.clustering import (
    certified_error_bound,
    closed_error_bound,
    exact_error_incoherent,
    gaussian_error_bound,
    margin_expr,
    perturbed_error_bound,
)
from gsae_theory.theory.quantity import lambdified

Array = NDArray[np.float64]
Say = Callable[[str], None]
ALPHA = 1e-9
"""Level of each comparison that can refute a bound; intervals in the record and in figures are at 95 %."""
GROUPS, BLOCK = 6, 2
COHERENCES = (0.0, 0.2, 0.4, 0.6, 0.8)
SIGMAS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1.0)
DISTANCES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4)
NOISES = tuple(round(0.1 * k, 1) for k in range(15))


@dataclass(frozen=True)
class Size:
    """How much is sampled: samples per point of a probability, and per point of a margin."""

    errors: int = 40_000
    margins: int = 4_000


def _model(coherence: float) -> GenerativeModel:
    law = {"dictionary": "equiangular", "coherence": coherence} if coherence else {"dictionary": "orthogonal"}
    return build_model(ModelSpec(dim=GROUPS * BLOCK + 2, groups=GROUPS, block=BLOCK, **law))


def _clean(model: GenerativeModel, count: int, rng: np.random.Generator) -> tuple[Array, NDArray[np.int64]]:
    """Return noise-free inputs with codes of norm 1, shape (count, n), and their groups."""
    sample = model.sample(count, rng)
    group = sample.support[:, 0].astype(np.int64)
    codes = sample.values[:, 0] / np.linalg.norm(sample.values[:, 0], axis=1, keepdims=True)
    return np.einsum("ngi,gi->gn", model.dictionary[:, group], codes), group


def _perturbed(A: Array, distance: float, rng: np.random.Generator) -> Array:
    """Return A_h Q_h + E_h with ||E_h||_2 = distance in random directions."""
    E = rng.standard_normal(A.shape)
    size = np.linalg.norm(E.transpose(1, 0, 2), 2, axis=(1, 2))[None, :, None]
    return np.asarray(rotate_blocks(A + distance * E / size, haar_rotations(A.shape[1], A.shape[2], rng)))


def _rate(wrong: int, count: int) -> dict[str, Any]:
    return {
        "errors": wrong,
        "samples": count,
        "measured": wrong / count,
        "low": clopper_pearson_lower(wrong, count, 0.025),
        "high": clopper_pearson_upper(wrong, count, 0.025),
        "surely": clopper_pearson_lower(wrong, count, ALPHA),
        "surely_below": clopper_pearson_upper(wrong, count, ALPHA),
    }


def margin_points(coherence: float, size: Size, rng: np.random.Generator) -> list[dict[str, Any]]:
    """T2.1: smallest margin of random samples and of the worst one, noise of norm nu (s = R = 1, delta = 0)."""
    model = _model(coherence)
    A = model.dictionary
    names, bound = lambdified(margin_expr)
    g, _, own, other = closest_pair(A)
    rows = []
    for nu in (item for item in NOISES if item <= np.sqrt(2 * (1 - coherence))):
        clean, group = _clean(model, size.margins, rng)
        noise = rng.standard_normal(clean.shape)
        noise *= nu / np.linalg.norm(noise, axis=1, keepdims=True)
        towards = other - own
        worst = own + nu * towards / np.linalg.norm(towards)
        given = {"s": 1.0, "R": 1.0, "mu": model.constants()["mu"], "nu_row": nu, "delta_row": 0.0}
        rows.append({
            "coherence": coherence,
            "nu": nu,
            "bound": float(bound(*[given[name] for name in names])),
            "random": float(margins(A, clean + noise, group).min()),
            "worst": float(margins(A, worst[None], np.array([g]))[0]),
        })  # fmt: skip
    return rows


def noise_points(coherence: float, size: Size, rng: np.random.Generator) -> list[dict[str, Any]]:
    """T2.2, T2.3: probability of error under Gaussian noise of size sigma at W = A Q, R = 1."""
    model = _model(coherence)
    A, others = model.dictionary, np.full(GROUPS - 1, coherence)
    rows = []
    for sigma in SIGMAS:
        clean, group = _clean(model, size.errors, rng)
        Y = clean + sigma * rng.standard_normal(clean.shape)
        wrong = int((margins(A, Y, group) < 0).sum())
        rows.append({
            "coherence": coherence, "sigma": sigma, **_rate(wrong, size.errors),
            "T2.2": gaussian_error_bound(BLOCK, 1 / sigma, others),
            "T2.3": min(1.0, closed_error_bound(BLOCK, 1 / sigma, others)),
            "exact": exact_error_incoherent(BLOCK, 1 / sigma, GROUPS) if coherence == 0 else None,
        })  # fmt: skip
    return rows


def distance_points(
    coherence: float, sigma: float, size: Size, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """T2.4, T2.5: probability of error of a network at distance delta, group 0 active, R = s = 1."""
    model = _model(coherence)
    A, others = model.dictionary, np.full(GROUPS - 1, coherence)
    rows = []
    for distance in DISTANCES:
        W = _perturbed(A, distance, rng)
        theta = rng.standard_normal((size.errors, BLOCK))
        theta /= np.linalg.norm(theta, axis=1, keepdims=True)
        Y = theta @ A[:, 0].T + sigma * rng.standard_normal((size.errors, A.shape[0]))
        wrong = int((margins(W, Y, np.zeros(size.errors, dtype=np.int64)) < 0).sum())
        rows.append({
            "coherence": coherence, "sigma": sigma, "distance": distance, **_rate(wrong, size.errors),
            "T2.4": float(perturbed_error_bound(BLOCK, 1 / sigma, others, distance, 1.0)),
            "T2.5": certified_error_bound(W, A, 0, 1.0, sigma),
        })  # fmt: skip
    return rows


def _claims(name: str, title: str, rows: list[dict[str, Any]], bound: str) -> dict[str, Any]:
    """Return one statement about probabilities: holds unless a lower limit at ALPHA is above the bound."""
    ratios = [row[bound] / row["low"] for row in rows if row["errors"]]
    return {
        "id": name,
        "title": title,
        "comparisons": len(rows),
        "holds": all(row["surely"] <= row[bound] for row in rows),
        "slack": min(ratios) if ratios else None,
        "alpha": ALPHA * len(rows),
    }


def _statements(record: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    margin, noise, distance = record["margin"], record["noise"], record["distance"]
    rounding = 1e-12
    found = [min(row["random"], row["worst"]) - row["bound"] for row in margin]
    exact = [row for row in noise if row["exact"] is not None]
    gaps = [row["measured"] / row["exact"] - 1 for row in exact if row["errors"] > 100]
    return [
        {
            "id": "T2.1", "title": "margin s(R(1-mu) - sqrt(2(1-mu)) nu), attained by the worst sample",
            "comparisons": 2 * len(margin), "holds": min(found) >= -rounding, "slack": min(found), "alpha": 0.0,
        },
        _claims("T2.2", "error under Gaussian noise, Marcum and Chernoff", noise, "T2.2"),
        {
            "id": "T2.2, mu = 0", "title": "error of mutually orthogonal groups, exactly",
            "comparisons": len(exact),
            "holds": all(row["surely"] <= row["exact"] <= row["surely_below"] for row in exact),
            "slack": max(gaps, key=abs) if gaps else None, "alpha": 2 * ALPHA * len(exact),
        },
        _claims("T2.3", "error under Gaussian noise, closed form", noise, "T2.3"),
        _claims("T2.4", "error at distance delta", distance, "T2.4"),
        _claims("T2.5", "error of a given network", distance, "T2.5"),
    ]  # fmt: skip


def run_bounds(seed: int = 0, quick: bool = False, say: Say | None = None) -> dict[str, Any]:
    """Measure clustering on synthetic data over noise, coherence and distance, beside side T2.1-T2.5.

    Parameters
    ----------
    seed : int
        Base of the seed tree.
    quick : bool
        A tenth of the samples.
    say : callable, optional
        Told what is measured next.

    Returns
    -------
    dict
        ``margin``, ``noise``, ``distance``: rows of points; ``statements``: T2.1-T2.5 with ``holds`` and
        ``slack`` (smallest bound over the lower 95 % limit of what is measured; for T2.1 the smallest
        difference, for mu = 0 the largest relative difference).
    """
    size = Size(4_000, 400) if quick else Size()
    record: dict[str, Any] = {
        "groups": GROUPS,
        "block": BLOCK,
        "seed": seed,
        "margin": [],
        "noise": [],
        "distance": [],
    }
    for coherence in COHERENCES:
        if say is not None:
            say(f"bounds of clustering: coherence {coherence}")
        rng = generator(seed, "cluster bounds", f"{coherence}")
        record["margin"] += margin_points(coherence, size, rng)
        record["noise"] += noise_points(coherence, size, rng)
        record["distance"] += distance_points(coherence, 0.2, size, rng)
    record["statements"] = _statements(record)
    return record
