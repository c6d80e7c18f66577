"""How much each confirmed inequality gives away, where it is tightest on instances.

The relative slack of ``expr >= 0`` at a point is expr over the sum of its terms in absolute value: 0 where it
is attained, 1 where nothing pulls against it. Floating point; it explains where constants come from and is
never the basis of a status.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
import sympy as sp

from gsae_theory.theory.quantity import Environment
from proofs_check.core import Inequality, StepResult

POINTS = 400
ROUNDING = 1e-9
INSTANCES = {  # rows of the table of gamma1 Theorem 4, each at its largest radius: E R, E R^2, lam, delta
    "R = 1, lam = .2": (1.0, 1.0, 0.2, 0.4524),
    "R = 1, lam = .45": (1.0, 1.0, 0.45, 0.3991),
    "U[1, 1.2], lam = .2": (1.1, 3.64 / 3, 0.2, 0.4567),
    "U[1, 1.2], lam = .45": (1.1, 3.64 / 3, 0.45, 0.4083),
}
Array: TypeAlias = Any


@dataclass(frozen=True)
class Slack:
    """Smallest relative slack of one inequality, at which instance and point it was met."""

    step: str
    what: str
    slack: float
    instance: str
    point: dict[str, float]

    def to_dict(self) -> dict[str, object]:
        """Return plain data."""
        return asdict(self)


def slack_by_step(steps: Sequence[StepResult], seed: int = 0) -> list[Slack]:
    """Return the slack of every inequality that the steps confirmed, smallest first.

    Parameters
    ----------
    steps : sequence of StepResult
    seed : int
        Of the points. Symbols that an instance fixes (moments, lam, s, the radius, t) take its values, all
        others are drawn uniformly between the ends of their rows (unbounded rows: w/(1 - w)).
    """
    instances = {name: _symbols(*values) for name, values in INSTANCES.items()}
    found = []
    for item in steps:
        for index, claim in enumerate(item.inequalities):
            rng = np.random.default_rng([seed, index])
            tried = [slack_of(item.id, claim, rng, name, fixed) for name, fixed in instances.items()]
            best = min((row for row in tried if row is not None), key=lambda row: row.slack, default=None)
            found += [] if best is None else [best]
    return sorted(found, key=lambda row: row.slack)


def _symbols(first: float, second: float, lam: float, delta: float) -> dict[str, float]:
    env = Environment({"m1": first, "m2": second, "lam": lam, "delta": delta})
    values = {"m1": first, "m2": second, "lam": lam, "s": float(env["s"]), "t": float(env["t_delta"])}
    return values | dict.fromkeys(("e", "eps", "delta", "radius"), delta)


def slack_of(
    step: str, claim: Inequality, rng: np.random.Generator, instance: str, fixed: Mapping[str, float]
) -> Slack | None:
    """Return the slack of one inequality at an instance; None where no point of its region could be evaluated."""
    at: dict[sp.Symbol, Array] = {}
    inside: Array = np.full(POINTS, True)
    with np.errstate(all="ignore"):
        for symbol, low, high in claim.region:
            share = rng.uniform(0.001, 0.999, size=POINTS)
            bottom = _values(low, at)
            if symbol.name in fixed:
                at[symbol] = np.full(POINTS, fixed[symbol.name])
                top = np.inf if high is sp.oo else _values(high, at)
                inside = inside & (at[symbol] >= bottom - ROUNDING) & (at[symbol] <= top + ROUNDING)
            elif high is sp.oo:
                at[symbol] = bottom + share / (1 - share)
            else:
                at[symbol] = bottom + (_values(high, at) - bottom) * share
        expr = sp.expand(sp.together(claim.expr).as_numer_denom()[0]) if _rational(claim.expr) else claim.expr
        terms = [_values(term, at) for term in sp.Add.make_args(expr)]
        relative: Array = np.abs(sum(terms)) / sum(np.abs(term) for term in terms)
    good = np.isfinite(relative) & inside
    if not good.any():
        return None
    best = int(np.argmin(np.where(good, relative, np.inf)))
    point = {symbol.name: float(values[best]) for symbol, values in at.items()}
    return Slack(step, claim.what, float(relative[best]), instance, point)


def _rational(expr: sp.Expr) -> bool:
    return bool(expr.is_rational_function(*expr.free_symbols))


def _values(expr: sp.Expr, at: Mapping[sp.Symbol, Array]) -> Array:
    value = sp.lambdify(list(at), expr, "numpy")(*at.values())
    return np.broadcast_to(np.asarray(value, dtype=float), (POINTS,))
