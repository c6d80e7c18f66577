"""Search for an admissible region (delta, Phi) and the radii that follow (general Theorem 3, Corollary 3.1).

Numbers only: every formula is a quantity or a margin of the theory, evaluated on a grid at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from gsae_theory.errors import InvalidInput
from gsae_theory.theory.prediction import first_order_share
from gsae_theory.theory.quantity import Environment, Number
from gsae_theory.theory.theorem import Assumption, largest
from gsae_theory.theory.theorems.general_hypotheses import CASE_MAX, CASE_RMS, REGION, SUPPORT_OFF, SUPPORT_ON

Array = NDArray[np.float64]

GRID = 48
SMALLEST_BALL = 1e-6  # radius, relative to s, that stands for "every radius"
SMALLEST_SHARE = 0.01  # of the largest delta, resp. of sqrt(G) delta, that the grid reaches down to
BOOTSTRAP_STEPS = 400
BOOTSTRAP_ACCURACY = 1e-9
# The bootstrap works at a positive Phi; below this share of the first one its result is exact enough.
SMALLEST_PHI = 1e-7

RADII = ("radius_rms", "radius_max", "radius_group")
CONSTANTS = ("kappa0", "c_F", "c_inf", "e0", "eta_bar", first_order_share.name, *RADII)


@dataclass(frozen=True)
class Region:
    """An admissible region and the limits of the bootstrap on it.

    Attributes
    ----------
    delta, Phi : float
        Every distance is at most delta, the root of their squared sum at most Phi, for all time.
    delta_boot, Phi_boot : float
        Limits superior of the largest distance and of the root of the squared sum.
    """

    delta: float
    Phi: float
    delta_boot: float
    Phi_boot: float

    def values(self) -> dict[str, float]:
        """Return what to add to an instance so that the theorems use this region."""
        return {
            "delta": self.delta,
            "Phi": self.Phi,
            "delta_boot": self.delta_boot,
            "Phi_boot": self.Phi_boot,
        }


@dataclass(frozen=True)
class Obstacle:
    """The region that comes closest to being admissible, and the hypothesis that fails there."""

    delta: float
    Phi: float
    condition: str
    margin: float
    statement: str


def largest_ball(values: Mapping[str, Number], conditions: tuple[Assumption, ...] = REGION) -> float | None:
    """Return the largest delta up to which all `conditions` hold, None if they fail at every radius.

    Their margins decrease with the radius, so that they hold at every smaller one.
    """
    env = _environment(values)

    def margin(delta: float) -> float:
        at = env.with_values(delta=delta)
        return min(float(at.evaluate(item.margin)) for item in conditions)

    scale = float(env["s"])
    return largest(margin, scale * (1 - 1e-9), lower=SMALLEST_BALL * scale)


def find_region(values: Mapping[str, Number], fraction: float = 1.0) -> Region | Obstacle:
    """Return the admissible region with the smallest limit radius; among equals the largest one.

    Parameters
    ----------
    values : mapping
        Constants of the instance with ``lam``. A ``delta`` or ``Phi`` that it has is kept.
    fraction : float
        In (0, 1]: the radius delta is at most this share of the largest ball.

    Returns
    -------
    Region or Obstacle
        An obstacle names the hypothesis that fails, and by how much, where it fails least.
    """
    env = _environment(values)
    top = largest_ball(env)
    if top is None and "delta" not in env.given:
        return _no_ball(env)
    grid = _grid(env, fraction * (top or 0.0))
    conditions = (*REGION, *CASE_RMS)
    at = env.with_values(delta=grid[0], Phi=grid[1])
    margins = np.array([np.broadcast_to(at.evaluate(item.margin), grid[0].shape) for item in conditions])
    margins = np.where(np.isnan(margins), -np.inf, margins)
    strict = np.array([item.strict for item in conditions])[:, None]
    admissible = np.where(strict, margins > 0, margins >= 0).all(axis=0)
    if not admissible.any():
        return _closest(grid, margins, conditions)
    deltas, Phis = grid[0][admissible], grid[1][admissible]
    delta_boot, Phi_boot = bootstrap(env, deltas, Phis)
    good = Phi_boot <= Phi_boot.min() * (1 + 1e-3) + 1e-15
    best = np.flatnonzero(good)[np.lexsort((Phis[good], deltas[good]))[-1]]
    return Region(float(deltas[best]), float(Phis[best]), float(delta_boot[best]), float(Phi_boot[best]))


def bootstrap(values: Mapping[str, Number], delta: Array | float, Phi: Array | float) -> tuple[Array, Array]:
    """Return the limits (delta_boot, Phi_boot) of Corollary 3.1 from admissible regions (delta, Phi).

    Each iterate bounds the limit superior, so that stopping early is valid.
    """
    env = _environment(values)
    radius, total = np.array(delta, dtype=float), np.array(Phi, dtype=float)
    floor = SMALLEST_PHI * total
    for _ in range(BOOTSTRAP_STEPS):
        at = env.with_values(delta=np.maximum(radius, floor), Phi=np.maximum(total, floor))
        # A run cannot leave what it has entered: the minimum keeps the clamp at `floor` harmless.
        new_total = np.minimum(total, np.asarray(at["Phi_boot"]))
        new_radius = np.minimum(np.minimum(radius, np.asarray(at["delta_boot"])), new_total)
        done = np.all(radius - new_radius <= BOOTSTRAP_ACCURACY * radius) and np.all(
            total - new_total <= BOOTSTRAP_ACCURACY * total
        )
        radius, total = new_radius, new_total
        if done:
            break
    return radius, total


def general_bounds(values: Mapping[str, Number]) -> dict[str, Any]:
    """Return every constant of the theory for several active groups at one instance.

    Parameters
    ----------
    values : mapping
        Constants of the model and ``lam``; optional ``delta`` and ``Phi`` fix the region.

    Returns
    -------
    dict
        ``admissible``; ``delta``, ``Phi``, ``Phi_rms`` of the region; the constants of Theorem 3 there;
        ``radius_interference`` and ``radius_interference_max``, the limits of the rms and of the largest
        distance to s*A (None without an admissible region); ``case_max``, whether the max-norm case (iv)
        applies; ``lambda_window`` at that delta; ``assumptions`` with margins; ``obstacle`` (None, or the
        condition that fails where it fails least, with its margin).
    """
    env = _environment(values)
    found = find_region(env)
    region = isinstance(found, Region)
    at = env.with_values(delta=found.delta, Phi=found.Phi)
    root = float(env["G"]) ** 0.5
    numbers = {name: float(at[name]) for name in CONSTANTS}
    # Where nothing contracts the formula of a radius is negative and means nothing.
    radii = {name: numbers[name] if region and numbers[name] >= 0 else None for name in RADII}
    margins = [item.margin_on(at) for item in (*REGION, *CASE_RMS, *CASE_MAX)]
    return {
        "admissible": region,
        "delta": found.delta,
        "Phi": found.Phi,
        "Phi_rms": found.Phi / root,
        "delta_largest": largest_ball(env),
        "s_star": float(env["s"]),
        **numbers,
        **radii,
        "radius_interference": found.Phi_boot / root if isinstance(found, Region) else None,
        "radius_interference_max": found.delta_boot if isinstance(found, Region) else None,
        "case_max": all(
            item.holds for item in margins if item.assumption in {a.id for a in CASE_MAX + REGION}
        ),
        "lambda_window": lambda_window(env, found.delta),
        "assumptions": [
            {"id": m.assumption, "holds": m.holds, "margin": m.value, "statement": m.statement}
            for m in margins
        ],
        "obstacle": None
        if isinstance(found, Region)
        else {"condition": found.condition, "margin": found.margin, "statement": found.statement},
    }


def lambda_window(values: Mapping[str, Number], delta: float = 0.0) -> tuple[float, float] | None:
    """Return the thresholds that recover every support on the ball of radius `delta`, with s = s*(lambda).

    The window is [low, high), None if it is empty.
    """
    env = _environment(values)
    # s* is left out on purpose: it moves with lambda.
    fixed = {name: value for name, value in env.given.items() if name not in ("lam", "s", "delta")}

    def slack(condition: Assumption, lam: float) -> float:
        return float(Environment({**fixed, "lam": lam, "delta": delta}).evaluate(condition.margin))

    top = 2 * float(env["m1"]) * (1 - 1e-9)
    low = _crossing(lambda lam: slack(SUPPORT_OFF, lam), 1e-9 * top, top)
    high = _crossing(lambda lam: -slack(SUPPORT_ON, lam), 1e-9 * top, top)
    if low is None or not slack(SUPPORT_ON, low) > 0:
        return None
    return (low, top if high is None else high)


def _crossing(rising: Any, low: float, high: float) -> float | None:
    """Return the point from which the increasing function is >= 0, None if it is negative throughout."""
    if rising(low) >= 0:
        return low
    return float(brentq(rising, low, high, xtol=1e-14)) if rising(high) >= 0 else None


def _environment(values: Mapping[str, Number]) -> Environment:
    env = values if isinstance(values, Environment) else Environment(values)
    if float(env["G"]) < 2:
        raise InvalidInput("G", env["G"], "at least two groups", 2)
    return env


def _grid(env: Environment, top: float) -> tuple[Array, Array]:
    """Return pairs (delta, Phi) to try, flat."""
    if "delta" in env.given:
        deltas = np.atleast_1d(np.asarray(env.given["delta"], dtype=float))
    else:
        deltas = top * np.geomspace(SMALLEST_SHARE, 1 - 1e-9, GRID)
    root = float(np.sqrt(env["G"]))
    if "Phi" in env.given:
        return deltas, np.broadcast_to(np.asarray(env.given["Phi"], dtype=float), deltas.shape)
    shares = np.geomspace(min(SMALLEST_SHARE, 0.5 / root), 1.0, GRID)
    return np.repeat(deltas, GRID), np.outer(deltas, root * shares).ravel()


def _no_ball(env: Environment) -> Obstacle:
    """Return what fails already on the smallest ball."""
    delta = SMALLEST_BALL * float(env["s"])
    at = env.with_values(delta=delta)
    failed = min((item.margin_on(at) for item in REGION), key=lambda item: item.value)
    return Obstacle(delta, float(at["Phi"]), failed.assumption, failed.value, failed.statement)


def _closest(grid: tuple[Array, Array], margins: Array, conditions: tuple[Assumption, ...]) -> Obstacle:
    """Return the pair at which the worst margin is best, and the condition that fails there."""
    column = int(np.argmax(margins.min(axis=0)))
    row = int(np.argmin(margins[:, column]))
    failed = conditions[row]
    return Obstacle(
        float(grid[0][column]),
        float(grid[1][column]),
        failed.id,
        float(margins[row, column]),
        failed.statement,
    )
