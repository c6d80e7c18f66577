"""Conjectures attacked by optimisation: the best value that a search finds, never a proof.

Every attack is a cell: a random start, a local search, the value reached. Numbering: gamma1 section 7
and side section 1 (docs/theory/).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from gsae_theory.errors import UnknownName
from gsae_theory.explore.build import model_of, population
from gsae_theory.explore.case import BASES
from gsae_theory.explore.networks import Tied
from gsae_theory.explore.theory import reference, start_of
from gsae_theory.network import GROUP_RELU, SOFT
from gsae_theory.network.autoencoder import forward_backward
from gsae_theory.seeds import generator
from gsae_theory.simulate import align, haar_rotations, sphere_rule
from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.theorems.gamma1_hypotheses import H2, H3, H3_PRIME

Array = NDArray[np.float64]

EVALUATIONS = 400
LEVELS = {1: 1, 2: 24, 3: 10}
SOFT_LEVELS = {2: 360, 3: 60}
FINE_LEVELS, ROTATIONS = {2: 4000, 3: 120}, 4
STARTS = 5
_OUT = 1e3


def attack(parameters: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Compute a cell: ``conjecture``, ``d`` and a ``trial`` number; further keys as the conjecture needs.

    Returns
    -------
    dict
        ``value`` (the coefficient that the conjecture bounds) and where it was found.
    """
    name = str(parameters["conjecture"])
    if name not in ATTACKS:
        raise UnknownName("conjecture", name, ATTACKS)
    return ATTACKS[name](parameters, generator(seed, "attack"))


def block_gradient(C: Array, D: Array, lam: float, level: int) -> tuple[Array, Array]:
    """Return grad_C l and grad_D l of the block problem at W = A C + A_perp D, constant R = 1."""
    d = C.shape[1]
    points, weights = sphere_rule(d, level)
    W = np.concatenate([C, D])[:, None, :]
    Y = np.concatenate([points, np.zeros((len(points), len(D)))], axis=1)
    h, v, r, _ = forward_backward(W, Y, lam, GROUP_RELU)
    w = weights[:, None]
    slope = -(r.T @ (w * h) + Y.T @ (w * v))
    return slope[:d], slope[d:]


def environment(lam: float, d: int, n: int) -> Environment:
    """Return the constants of one group of constant norm 1 among orthogonal ones."""
    ones = dict.fromkeys(("B_min", "B_max", "m1", "m2", "m3", "m4", "mm1", "mm2"), 1.0)
    return Environment({**ones, "n": float(n), "d": float(d), "lam": lam, "mu": 0.0, "p": 1.0, "gamma": 1.0})


def one_point_coefficient(parameters: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """C1: minimise d <G0, E>/(kap(eps)^2 ||E||_F^2), eps = ||E||_2, over spectra, lambda and t < 1."""
    d = int(parameters["d"])

    def coefficient(x: Array) -> float:
        lam, t = _into(x[0], 0.02, 1.5), _into(x[1], 0.02, 0.98)
        s = lam / 2 + math.sqrt(1 + lam**2 / 4)  # gamma1 Theorem 2 at constant R
        kap0 = s - lam
        e = x[2:] / np.abs(x[2:]).max() * t * kap0
        G0, _ = block_gradient(np.diag(s + e), np.zeros((0, d)), lam, LEVELS[d])
        return float(d * (np.diag(G0) @ e) / ((kap0 - t * kap0) ** 2 * (e @ e)))

    return _searched(
        coefficient, rng, 2 + d, lambda x: {"lam": _into(x[0], 0.02, 1.5), "t": _into(x[1], 0.02, 0.98)}
    )


def contraction_loss(parameters: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """C2, C3: maximise k in dist(W+) = (1 - eta kappa*(1 - k t^2)) dist(W) over the ball, at its largest step."""
    d, step = int(parameters["d"]), str(parameters["step"])

    def negative(x: Array) -> float:
        lam, t = _into(x[0], 0.05, 1.0), _into(x[1], 0.03, 0.5)
        env = environment(lam, d, d + 1)
        s, kappa = float(env["s"]), float(env["kappa_star"])
        radius = t * math.sqrt(float(env["kap0sq"]))
        at = env.with_values(delta=radius)
        if min(item.margin_on(at).value for item in (H2, H3, H3_PRIME)) < -1e-12:
            return _OUT
        E, D = _perturbation(x[2:], d, radius)
        grad_C, grad_D = block_gradient(s * np.eye(d) + E, D, lam, LEVELS[d])
        eta = float(at[step])
        C, D = s * np.eye(d) + E - eta * grad_C, D - eta * grad_D
        after = math.hypot(float(np.linalg.norm(_aligned(C) - s * np.eye(d))), float(np.linalg.norm(D)))
        observed = (1 - after / radius) / eta
        return -(1 - observed / kappa) / t**2

    found = _searched(
        negative,
        rng,
        2 + d * (d + 1) // 2 + d,
        lambda x: {"lam": _into(x[0], 0.05, 1.0), "t": _into(x[1], 0.03, 0.5)},
    )
    return {**found, "value": -found["value"]}


def soft_threshold_floor(parameters: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Side C1, restricted: minimise L(W) / min over s of L(s A Q) for d two-sided units, one group.

    The loss has kinks, so the search runs on one rule, and both losses are then taken on finer rules,
    randomly rotated: ``value`` is the mean ratio, ``resolution`` its spread over the rotations.
    """
    d, lam = int(parameters["d"]), float(parameters["lam"])

    def loss_on(points: Array, weights: Array) -> Callable[[Array], tuple[float, Array]]:
        Y = np.concatenate([points, np.zeros((len(points), 1))], axis=1)

        def value_and_slope(flat: Array) -> tuple[float, Array]:
            h, v, r, _ = forward_backward(flat.reshape(d + 1, 1, d), Y, lam, SOFT)
            w = weights[:, None]
            return 0.5 * float(np.sum(w * r * r)), -(r.T @ (w * h) + Y.T @ (w * v)).ravel()

        return value_and_slope

    points, weights = sphere_rule(d, SOFT_LEVELS[d])
    start = rng.standard_normal((d + 1) * d) * rng.uniform(0.3, 1.5)
    options = {"maxiter": 3000, "ftol": 1e-15}
    found = minimize(loss_on(points, weights), start, jac=True, method="L-BFGS-B", options=options)
    points, weights = sphere_rule(d, FINE_LEVELS[d])
    ratios = []
    for Q in haar_rotations(ROTATIONS, d, rng):
        loss = loss_on(points @ Q, weights)

        def scaled(s: float, loss: Callable[[Array], tuple[float, Array]] = loss) -> float:
            return loss((s * np.eye(d + 1, d)).ravel())[0]

        best = minimize_scalar(scaled, bounds=(0.8, 4.0), method="bounded", options={"xatol": 1e-6})
        ratios.append(loss(found.x)[0] / float(best.fun))
    spread = float(np.ptp(ratios))
    return {"value": float(np.mean(ratios)), "resolution": spread, "loss": float(found.fun), "lam": lam}


def _perturbation(x: Array, d: int, radius: float) -> tuple[Array, Array]:
    """Return a symmetric E and a row D with ||E||^2 + ||D||^2 = radius^2."""
    E = np.zeros((d, d))
    E[np.triu_indices(d)] = x[: d * (d + 1) // 2]
    E = E + np.triu(E, 1).T
    D = x[None, d * (d + 1) // 2 :]
    size = math.hypot(float(np.linalg.norm(E)), float(np.linalg.norm(D)))
    return E * radius / size, D * radius / size


def _aligned(C: Array) -> Array:
    """Return the symmetric factor of C: what is left after the best rotation."""
    U, values, _ = np.linalg.svd(C)
    return np.asarray((U * values) @ U.T)


def _into(x: float, low: float, high: float) -> float:
    """Map the line to an interval."""
    return low + (high - low) / (1 + math.exp(-max(min(x, 50.0), -50.0)))


def _searched(
    objective: Callable[[Array], float],
    rng: np.random.Generator,
    size: int,
    where: Callable[[Array], dict[str, float]],
) -> dict[str, Any]:
    """Minimise by Nelder and Mead's method from a random start, and once more from where it ends."""
    x = rng.standard_normal(size)
    for _ in range(20):
        if objective(x) < _OUT:
            break
        x = rng.standard_normal(size)
    for _ in range(2):
        x = minimize(objective, x, method="Nelder-Mead", options={"maxfev": EVALUATIONS, "xatol": 1e-6}).x
    return {"value": objective(x), **{k: round(v, 6) for k, v in where(x).items()}}


def limits_apart(parameters: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """General, open: the largest distance between limits of runs on one dictionary, two active groups.

    Starts lie up to five times as far from s A as the theorem's ball allows.
    """
    case = BASES["two"].but(d=int(parameters["d"]), mu=float(parameters["mu"]))
    found = reference(case)
    seed = int(rng.integers(2**62))
    model = model_of(case, generator(seed, "dictionary"))
    data = population(case, model, rng)
    ends: list[Array] = []
    for _ in range(STARTS):
        start = case.but(distance=float(rng.uniform(0, 5 * case.distance)))
        network = Tied(start_of(start, model.dictionary, found.s, rng), case.lam, GROUP_RELU)
        for _ in range(4 * found.steps):
            if network.step(data, found.eta / found.p) <= 1e-13 * found.size:
                break
        ends.append(np.einsum("ngi,gij->ngj", network.W, align(network.W, model.dictionary)))
    apart = max(float(np.linalg.norm(a - b, axis=(0, 2)).max()) for a in ends for b in ends)
    return {"value": apart / found.size, "mu": case.mu}


ATTACKS = {
    "gamma1 C1": one_point_coefficient,
    "gamma1 C2": contraction_loss,
    "gamma1 C3": contraction_loss,
    "side C1": soft_threshold_floor,
    "general uniqueness": limits_apart,
}
"""Every attack by the conjecture's name."""
