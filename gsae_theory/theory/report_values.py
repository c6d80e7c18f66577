"""Everything the theory with one active group says about an instance, as plain numbers.

Radii and windows that have no closed form are found by bisection or root finding on the lambdified
margins of the hypotheses, so that they change when a hypothesis does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.optimize import brentq

from gsae_theory.errors import InvalidInput
from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.scalars import kap0sq
from gsae_theory.theory.symbols import B_max, delta, lam, m2
from gsae_theory.theory.theorem import largest
from gsae_theory.theory.theorems.gamma1_hypotheses import (
    H2,
    H3,
    H3_PRIME,
    SUPPORT_WINDOW,
    active_margin,
)

SCAN = 400
"""Thresholds at which the margin of (S) is evaluated before its sign changes are refined."""

_DIRECTIONS = (
    ("rotation", "hess_rotation", "mult_rotation"),
    ("out_of_subspace", "hess_out", "mult_out"),
    ("traceless", "hess_traceless", "mult_traceless"),
    ("trace", "hess_trace", "mult_trace"),
)


def gamma1_bounds(values: Mapping[str, float]) -> dict[str, Any]:
    """Return the constants of gamma1 Theorems 1-4 on an instance.

    Parameters
    ----------
    values : mapping from symbol name to number
        Needs ``n, d, m1, m2, B_min, B_max, lam``; ``mu`` (default 0) and ``delta`` (default 0, the values
        at the limit itself) are read if given. Steps are in units of eta/p.

    Returns
    -------
    dict
        ``s_star, s_bracket, loss, kappa_star, L_star``; ``hessian``, a list of direction, eigenvalue and
        multiplicity per group; ``eta_opt, factor_opt, rate_eta_max`` (sharp asymptotic factor at eta_max);
        at ``delta``: ``t, eta_max, kappa_delta, factor_delta, eta_max_large, kappa_large, factor_large``;
        ``delta_max`` (H2, H3, H3'), ``delta_support`` ((S)), ``delta_ball`` (both, what Theorem 4 needs);
        ``mu_max`` (largest coherence (S) admits at delta, None if none), ``lambda_window`` (thresholds
        that satisfy (S) at delta, None if empty), ``radius_generating`` = (s*-1) sqrt(d).

    Raises
    ------
    InvalidInput
        If lam is not in (0, 2 m1), delta is negative, n < d, or a moment or norm is not possible.
    MissingValue
        If one of the needed names is missing.
    """
    environment = Environment({"mu": 0.0, "delta": 0.0, **values})
    _admit(environment)
    number = _reader(environment)
    limit, ball = delta_max(environment), delta_support(environment)
    return {
        "s_star": number("s"),
        "s_bracket": [number("s_lower"), number("s_upper")],
        "loss": number("F_star"),
        "kappa_star": number("kappa_star"),
        "L_star": number("L_star"),
        "hessian": hessian_table(environment),
        "eta_opt": number("eta_opt"),
        "factor_opt": number("factor_opt"),
        "delta": number("delta"),
        "t": number("t_delta"),
        "delta_max": limit,
        "delta_support": ball,
        "delta_ball": None if ball is None else min(limit, ball),
        "eta_max": number("eta_max"),
        "kappa_delta": number("kappa_delta"),
        "factor_delta": 1 - number("eta_max") * number("kappa_delta"),
        "eta_max_large": number("eta_max_large"),
        "kappa_large": number("kappa_delta_large"),
        "factor_large": 1 - number("eta_max_large") * number("kappa_delta_large"),
        "rate_eta_max": 1 - number("eta_max") * number("kappa_slow"),
        "radius_generating": number("radius_generating"),
        "mu_max": mu_max(environment),
        "lambda_window": lambda_window(environment),
    }


def hessian_table(environment: Environment) -> list[dict[str, Any]]:
    """Return direction, eigenvalue and multiplicity (per group) of the four eigenspaces of Theorem 3."""
    number = _reader(environment)
    return [
        {"direction": name, "eigenvalue": number(value), "multiplicity": round(number(multiplicity))}
        for name, value, multiplicity in _DIRECTIONS
    ]


def delta_max(environment: Environment) -> float:
    """Return the largest delta with (H2), (H3) and (H3'); they hold at every smaller radius [L19].

    0 where they fail at once (lam >= m1 s is impossible for lam < m1).
    """

    def margin(radius: float) -> float:
        at = environment.with_values(delta=radius)
        return min(item.margin_on(at).value for item in (H2, H3, H3_PRIME))

    upper = float(environment.evaluate(kap0sq / m2)) ** 0.5 / 2
    return largest(margin, upper, 0.0) or 0.0


def delta_support(environment: Environment) -> float | None:
    """Return the supremum of the radii with (S), min(lam/B_max - s mu, s - lam/B_min), or None."""
    s, threshold, coherence = (float(environment[name]) for name in ("s", "lam", "mu"))
    if environment["B_min"] <= 0:
        return None  # an active block can be as small as it likes
    radius = min(threshold / environment["B_max"] - s * coherence, s - threshold / environment["B_min"])
    return float(radius) if radius >= 0 else None


def mu_max(environment: Environment) -> float | None:
    """Return the largest mu with (S) at this lam and delta, or None if (S) fails for mu = 0 already."""
    if environment.evaluate(active_margin(delta)) <= 0:
        return None
    ratio = float(environment.evaluate(lam / B_max))
    value = (ratio - float(environment["delta"])) / float(environment["s"])
    return value if value >= 0 else None


def lambda_window(environment: Environment) -> list[float] | None:
    """Return the ends of the set of lam in (0, 2 m1) with (S) at delta, where s = s*(lam), or None if empty.

    The lower end belongs to the set and is the threshold of the inactive groups; the upper one does not:
    it is the threshold of the active group, or 2 m1.
    """
    top = 2 * float(environment["m1"])
    free = Environment({k: environment.given[k] for k in environment.given if k not in ("s", "lam")})

    def margin(threshold: float) -> float:
        return float(free.with_values(lam=threshold).evaluate(SUPPORT_WINDOW.margin))

    nodes = top * np.linspace(0, 1, SCAN + 2)[1:-1]
    heights = np.array([margin(node) for node in nodes])
    good = np.flatnonzero(heights > 0)
    if good.size == 0:
        return _narrow_window(margin, nodes, heights)
    first, last = int(good[0]), int(good[-1])
    low = _lower_end(margin, nodes, first)
    high = top if last == SCAN - 1 else float(brentq(margin, nodes[last], nodes[last + 1], xtol=1e-14))
    return [low, high]


def _lower_end(margin: Callable[[float], float], nodes: np.ndarray, first: int) -> float:
    """Return where the margin turns positive before node `first`; 0 where it is positive all the way down."""
    below = nodes[first - 1] if first else nodes[0] * 1e-9
    return 0.0 if margin(below) > 0 else float(brentq(margin, below, nodes[first], xtol=1e-14))


def _narrow_window(
    margin: Callable[[float], float], nodes: np.ndarray, heights: np.ndarray
) -> list[float] | None:
    """Look for a window between two nodes of the scan, around the best node."""
    best = int(np.argmax(heights))
    left, right = nodes[max(best - 1, 0)], nodes[min(best + 1, nodes.size - 1)]
    inner = np.linspace(left, right, SCAN)
    values = np.array([margin(node) for node in inner])
    good = np.flatnonzero(values > 0)
    if good.size == 0:
        return None
    first, last = int(good[0]), int(good[-1])
    low = float(brentq(margin, inner[first - 1], inner[first])) if first else float(left)
    high = float(brentq(margin, inner[last], inner[last + 1])) if last < SCAN - 1 else float(right)
    return [low, high]


def _reader(environment: Environment) -> Callable[[str], float]:
    return lambda name: float(environment[name])


def _admit(environment: Environment) -> None:
    """Raise InvalidInput unless the instance is one the scalars are defined for."""
    number = _reader(environment)
    for name in ("n", "d", "m1", "m2", "B_min", "B_max", "lam", "mu", "delta"):
        if not math.isfinite(number(name)):
            raise InvalidInput(name, number(name), "a finite number")
    low, high, first, second = (number(name) for name in ("B_min", "B_max", "m1", "m2"))
    if not 0 < low <= high:
        raise InvalidInput("B_min", low, f"0 < B_min <= B_max = {high:.6g}", high if high > 0 else None)
    if not low * (1 - 1e-12) <= first <= high * (1 + 1e-12):
        raise InvalidInput("m1", first, f"a mean in [B_min, B_max] = [{low:.6g}, {high:.6g}]")
    if second < first**2 * (1 - 1e-12):
        raise InvalidInput("m2", second, "at least m1^2", first**2)
    if not 0 < number("lam") < 2 * first:
        nearest = round(min(max(number("lam"), 0.02 * first), 1.98 * first), 6)
        raise InvalidInput("lam", number("lam"), f"0 < lambda < 2 E R = {2 * first:.6g}", nearest)
    if number("delta") < 0:
        raise InvalidInput("delta", number("delta"), "a radius >= 0", 0.0)
    if not 0 <= number("mu") <= 1:
        raise InvalidInput("mu", number("mu"), "a coherence in [0, 1]", min(max(number("mu"), 0.0), 1.0))
    if not 1 <= number("d") <= number("n"):
        raise InvalidInput("d", number("d"), f"1 <= d <= n = {number('n'):.6g}", number("n"))
