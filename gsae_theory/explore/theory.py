"""What the theory says of a case: constants, step, predicted rate and limit, margins of a theorem."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput
from gsae_theory.explore.build import model_of
from gsae_theory.explore.case import Case
from gsae_theory.seeds import generator
from gsae_theory.simulate import procrustes_distance, spectrum, start
from gsae_theory.theory import Margin, Theorem, get_theorem
from gsae_theory.theory.quantity import Environment

Array = NDArray[np.float64]

IDENTIFIED = 0.25
"""A group counts as identified while dist_g(W; s A) is below this share of ||s A_g||_F."""
ACCURACY = 1e-9
SHORTEST, LONGEST = 80, 500


@dataclass(frozen=True)
class Reference:
    """Numbers of the theory at a case.

    Attributes
    ----------
    s : float
        Scale of the limit.
    eta : float
        Step in units of eta/p.
    p : float
        Mean probability that a group is active.
    factor : float
        Contraction per step that the theorem promises inside its ball.
    limit : float
        Bound on the distance at the end: 0 for one active group, e0/(kappa0 - c_F) for several (inf where
        that does not exist).
    steps : int
    size : float
        ||s A_g||_F = s sqrt(d), the unit of distances.
    """

    s: float
    eta: float
    p: float
    factor: float
    limit: float
    steps: int
    size: float


@lru_cache(maxsize=512)
def environment_of(case: Case) -> Environment:
    """Return the constants of a case with lam and the radii; the dictionary is one draw of its law."""
    model = model_of(case, generator(0, "reference"))
    values = model.constants()
    if not 0 < case.lam < 2 * values["m1"]:
        limit = 2 * values["m1"]
        raise InvalidInput("lam", case.lam, f"0 < lambda < 2 E R = {limit:.6g}", 0.99 * limit)
    radii = {"delta": case.delta, **({"Phi": case.Phi} if case.gamma > 1 else {})}
    return Environment({**values, "lam": case.lam, **radii})


def step_unit(case: Case) -> float:
    """Return the largest step that the theorem admits at the case's ball, in units of eta/p."""
    return float(environment_of(case)["eta_max" if case.gamma == 1 else "eta_bar"])


@lru_cache(maxsize=512)
def reference(case: Case) -> Reference:
    """Return the numbers that a run of the case is compared with."""
    env = environment_of(case)
    s, eta = float(env["s"]), case.eta * step_unit(case)
    size = s * math.sqrt(case.d)
    if case.gamma == 1:
        pull, limit = float(env["kappa_delta"]), 0.0
    else:
        pull = float(env["kappa0"]) - float(env["c_F"])
        limit = float(env["radius_rms"]) if pull > 0 else math.inf
    # The number of steps rests on the curvature at the limit, which does not depend on the ball.
    speed = max(float(env["kappa_star"]) * min(eta, step_unit(case)), 1e-3)
    steps = math.ceil(case.patience * -math.log(ACCURACY) / speed)
    steps = min(max(steps, SHORTEST), round(LONGEST * max(1.0, case.patience)))
    return Reference(s, eta, float(env["p"]), 1 - eta * pull, limit, steps, size)


def start_of(case: Case, A: Array, s: float, rng: np.random.Generator) -> Array:
    """Return matched start weights, shape (n, G, d)."""
    if case.start == "gaussian":
        Z = rng.standard_normal(A.shape)
        return np.asarray(s * math.sqrt(case.d) * Z / np.linalg.norm(Z, axis=(0, 2))[:, None])
    return start(case.start, A, s, case.distance, rng, rotated=True)


def full_environment(case: Case, seed: int = 0) -> Environment:
    """Return `environment_of` with the step and what is measured on a start, as a theorem needs them."""
    env, found = environment_of(case), reference(case)
    A = model_of(case, generator(seed, "reference")).dictionary
    W = start_of(case, A, found.s, generator(seed, "start"))
    distance, shape = procrustes_distance(W, A, found.s), spectrum(W, A)
    extra = {"batch": float(case.batch)} if case.batch else {}
    return env.with_values(
        eta=found.eta,
        dist0_max=float(distance.max()),
        F0=float(np.linalg.norm(distance)),
        zeta=float(shape.norm_D.max()),
        D0_min=float(shape.norm_D.min()),
        eps=float(np.abs(shape.values_C - found.s).max()),
        **extra,
    )


def step_margin(case: Case, share: float) -> float:
    """Return 1 - eta L*/2 for a group whose step is `share` times the common one (gamma1 Theorem 3)."""
    return 1 - share * reference(case).eta * float(environment_of(case)["L_star"]) / 2


def margins(case: Case, theorem: str | Theorem) -> tuple[Margin, ...]:
    """Return every hypothesis of a theorem with its margin at a case (nothing is trained)."""
    claim = get_theorem(theorem) if isinstance(theorem, str) else theorem
    return claim.margins(full_environment(case))
