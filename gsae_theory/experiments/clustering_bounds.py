"""side T2.1-T2.5 against measured clustering errors, over noise and coherence.

The dictionaries are equiangular: the same coherence between every two groups, all principal angles equal.
One active group, codes of norm 1; the networks are W = s A Q and, perturbed, every block tilted by delta
towards the next group. Bounds come from `gsae_theory.theory.clustering`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check.ledger import LEDGER
from gsae_theory.check.limits import clopper_pearson_lower, clopper_pearson_upper
from gsae_theory.check.observables.side_clustering import closest_pair, margins, scores
from gsae_theory.experiments.statements import Check, statement
from gsae_theory.model.generative import GenerativeModel
from gsae_theory.model.spec import ModelSpec, build_model
from gsae_theory.seeds import generator, seed_for
from gsae_theory.simulate import haar_rotations, rotate_blocks
from gsae_theory.theory.clustering import (
    certified_error_bound,
    closed_error_bound,
    exact_error_incoherent,
    gaussian_error_bound,
    perturbed_error_bound,
)
from gsae_theory.theory.quantity import Environment

Array = NDArray[np.float64]
TASK = "clustering"
COHERENCES = (0.0, 0.2, 0.4, 0.6, 0.8)
NOISE = (0.05, 0.075, 0.1, 0.125, 0.15, 0.175, 0.2, 0.25, 0.3, 0.35)
"""sigma / R."""
GROUPS, BLOCK, SCALE, DELTA = 10, 4, 1.25, 0.05
SAMPLES, QUICK_SAMPLES = 2000, 500
"""Per seed and noise level."""
ROUNDING = 1e-9
LEVEL = 0.05


def cell_id(mu: float) -> str:
    """Return the name of the cell of one coherence."""
    return f"mu{mu:g}"


def model_of(mu: float, seed: int) -> GenerativeModel:
    """Return the model of one draw: A_g^T A_h = mu I for every g != h, one active group, codes of norm 1."""
    sizes = {"dim": GROUPS * BLOCK, "groups": GROUPS, "block": BLOCK}
    return build_model(ModelSpec(**sizes, dictionary="equiangular", coherence=mu, seed=seed))


def bounds_cell(mu: float, seed: int, seeds: int, samples: int) -> dict[str, Any]:
    """Return measured errors and bounds of one coherence, over the noise levels.

    Returns
    -------
    dict
        ``mu, samples, noise``; ``exact_network`` and ``perturbed``: counts of misclustered samples per noise
        level; ``T2.2, T2.3, T2.4, T2.5``: bounds per noise level (not capped: T2.3); ``exact``: at mu = 0,
        the exact probability; ``ties``: smallest perturbations that miscluster, and margins.
    """
    counts = np.zeros((2, len(NOISE)), dtype=int)
    ties = []
    for k in range(seeds):
        rng = generator(seed, TASK, cell_id(mu), k)
        model = model_of(mu, seed_for(seed, TASK, cell_id(mu), k, "dictionary") % 2**32)
        A, sample = model.dictionary, model.sample(samples, rng)
        networks = (rotate_blocks(SCALE * A, haar_rotations(GROUPS, BLOCK, rng)), SCALE * A + _tilt(A))
        group, clean = sample.support[:, 0].astype(np.int64), model.observe(sample)
        for i, sigma in enumerate(NOISE):
            Y = clean + sigma * rng.standard_normal(clean.shape)
            for j, W in enumerate(networks):
                counts[j, i] += np.count_nonzero(scores(W, Y).argmax(axis=1) != group)
        ties.append(_ties(A, mu, clean, group, rng))
    return {
        "mu": mu,
        "samples": seeds * samples,
        "noise": list(NOISE),
        "exact_network": counts[0].tolist(),
        "perturbed": counts[1].tolist(),
        **_bounds(mu, A),
        "ties": {name: [tie[name] for tie in ties] for name in ties[0]},
    }


def _tilt(A: Array) -> Array:
    E = np.zeros_like(A)
    E[:, :, 0] = DELTA * np.roll(A, -1, axis=1)[:, :, 0]
    return E


def _bounds(mu: float, A: Array) -> dict[str, Any]:
    """Return the bounds; A_g^T A_h does not depend on the draw, so neither do they."""
    others, W = np.full(GROUPS - 1, mu), SCALE * A + _tilt(A)
    found: dict[str, Any] = {"T2.2": [], "T2.3": [], "T2.4": [], "T2.5": [], "exact": None}
    for sigma in NOISE:
        found["T2.2"].append(gaussian_error_bound(BLOCK, 1 / sigma, others))
        found["T2.3"].append(closed_error_bound(BLOCK, 1 / sigma, others))
        found["T2.4"].append(float(perturbed_error_bound(BLOCK, 1 / sigma, others, DELTA, SCALE)))
        # One group stands for all: the tilt is the same cyclically.
        found["T2.5"].append(certified_error_bound(W, A, 0, 1.0, sigma))
    if mu == 0:
        found["exact"] = [exact_error_incoherent(BLOCK, 1 / sigma, GROUPS) for sigma in NOISE]
    return found


def _ties(
    A: Array, mu: float, clean: Array, group: NDArray[np.int64], rng: np.random.Generator
) -> dict[str, float]:
    """Return the T2.1 quantities of one dictionary, R = 1."""
    env = Environment({"B_min": 1.0, "mu": mu, "s": SCALE, "nu": 0.0})
    nu, delta = float(env["nu_cluster"]), float(env["delta_cluster"])
    W = SCALE * A
    g, h, a, b = closest_pair(A)
    toward = (b - a) / np.linalg.norm(b - a)
    one = np.array([g])
    seen = A[:, h].T @ a
    size = np.linalg.norm(seen)
    change = np.zeros_like(W)
    change[:, g] = -np.outer(a, A[:, g].T @ a)
    change[:, h] = np.outer(a, seen / size if size > 1e-12 else np.eye(BLOCK)[0])
    noise = rng.standard_normal(clean[:200].shape)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    E = rng.standard_normal(A.shape)
    E *= delta / 2 / np.linalg.norm(E.transpose(1, 0, 2), 2, axis=(1, 2))[None, :, None]
    Y, own = clean[:200], group[:200]
    bound = Environment({"R": 1.0, "mu": mu, "s": SCALE, "nu_row": nu / 4, "delta_row": delta / 2})
    return {
        "nu": nu,
        "delta": delta,
        "noise_tie": _crossing(lambda t: margins(W, (a + t * toward)[None], one)[0], 2 * nu),
        "weight_tie": _crossing(lambda t: margins(W + t * change, a[None], one)[0], 2 * delta),
        "noise_random": min(_noise_tie(W, *each) for each in zip(Y[:20], noise, own, strict=False)),
        "margin": float(margins(W + E, Y + nu / 4 * noise, own).min()),
        "margin_bound": float(bound["cluster_margin"]),
    }


def _noise_tie(W: Array, y: Array, direction: Array, group: int) -> float:
    """Return how much noise in `direction` misclusters the point `y`, at most 8."""
    return _crossing(lambda t: float(margins(W, (y + t * direction)[None], np.array([group]))[0]), 8.0)


def _crossing(margin: Callable[[float], float], high: float) -> float:
    """Return where the margin, positive at 0, is first seen to vanish below `high`, or `high`."""
    grid = np.linspace(0, high, 65)
    below = next((t for t in grid if margin(t) <= 0), None)
    if below is None:
        return high
    low = below - grid[1]
    for _ in range(60):
        middle = (low + below) / 2
        low, below = (low, middle) if margin(middle) <= 0 else (middle, below)
    return float(below)


def combine(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the statements, and the frame of the figure, of every coherence."""
    return {
        "statements": _statements(results),
        "frames": {TASK: [_frame(result) for result in results]},
        "cells": [
            {
                "id": cell_id(result["mu"]),
                "task": TASK,
                "meaning": f"{GROUPS} groups of {BLOCK}, coherence {result['mu']:g} between all of them",
                "mu": result["mu"],
            }
            for result in results
        ],
    }


def _frame(result: dict[str, Any]) -> dict[str, Any]:
    N = result["samples"]
    frame = {key: result[key] for key in ("mu", "samples", "noise", "exact", "T2.2", "T2.3", "T2.4", "T2.5")}
    for name in ("exact_network", "perturbed"):
        counts = result[name]
        frame[name] = {
            "rate": [count / N for count in counts],
            "low": [clopper_pearson_lower(count, N, LEVEL / 2) for count in counts],
            "high": [clopper_pearson_upper(count, N, LEVEL / 2) for count in counts],
        }
    return frame | {"nu_cluster": result["ties"]["nu"][0], "delta": DELTA, "scale": SCALE, "level": 1 - LEVEL}


def _statements(results: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    def tied(measured: str, bound: str, relation: str) -> list[Check]:
        return [
            Check(value, limit, relation, ROUNDING, cell_id(result["mu"]))
            for result in results
            for value, limit in zip(result["ties"][measured], result["ties"][bound], strict=True)
        ]

    source = "side T2.1"
    made = [
        statement("T2.1-noise", "Smallest noise that misclusters", source, tied("noise_tie", "nu", "==")),
        statement(
            "T2.1-weights",
            "Smallest change of the weights that misclusters",
            source,
            tied("weight_tie", "delta", "=="),
        ),
        statement(
            "T2.1-random",
            "Random noise below the tie never misclusters",
            source,
            tied("noise_random", "nu", ">="),
        ),
        statement(
            "T2.1-margin",
            "Margin under random noise and changes",
            source,
            tied("margin", "margin_bound", ">="),
        ),
    ]
    titles = {
        "T2.2": ("exact_network", "Error rate under Gaussian noise, integral bound"),
        "T2.3": ("exact_network", "Error rate under Gaussian noise, closed form"),
        "T2.4": ("perturbed", "Error rate of a network at distance delta"),
        "T2.5": ("perturbed", "Error rate of a given network, its certificate"),
    }
    for name, (counts, title) in titles.items():
        made.append(statement(name, title, f"side {name}", _rates(results, counts, name, "<=")))
    incoherent = [result for result in results if result["exact"] is not None]
    if incoherent:
        checks = _rates(incoherent, "exact_network", "exact", "==")
        made.append(statement("T2.2-exact", "Error rate without coherence, exact", "side T2.2", checks))
    return made


def _rates(results: Sequence[dict[str, Any]], counts: str, bound: str, relation: str) -> list[Check]:
    """Return a check per noise level at which the bound says something (is below 1)."""
    checks = []
    for result in results:
        N = result["samples"]
        for count, limit, sigma in zip(result[counts], result[bound], result["noise"], strict=True):
            if limit >= 1:
                continue
            where = f"{cell_id(result['mu'])} sigma={sigma:g}"
            LEDGER.spend(f"{TASK} {bound} {where}")
            rate = count / N
            error = rate - clopper_pearson_lower(count, N)
            if relation == "==":
                error = max(error, clopper_pearson_upper(count, N) - rate)
            checks.append(Check(rate, limit, relation, error, where))
    return checks
