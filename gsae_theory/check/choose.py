"""The ball on which constants are evaluated: given, or a share of the largest one the hypotheses admit."""

from __future__ import annotations

from gsae_theory.errors import InvalidInput
from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.region import admissible_region
from gsae_theory.theory.report_values import delta_max, delta_support


def admissible_radius(environment: Environment, delta: float | str, fraction: float) -> dict[str, float]:
    """Return ``delta`` (and ``Phi`` for several active groups).

    Parameters
    ----------
    environment : Environment
        Constants of the model with ``lam``.
    delta : float or str
        A radius, or ``auto``.
    fraction : float
        Share of the largest admissible radius that ``auto`` takes for one active group. Where no
        radius is admissible, it takes the share of the radius of (H2)-(H3') so that margins can be shown.

    Raises
    ------
    InvalidInput
        If `delta` is a text other than ``auto``.
    """
    if isinstance(delta, str) and delta != "auto":
        raise InvalidInput("delta", delta, "a number > 0 or auto", "auto")
    if not isinstance(delta, str):
        return {"delta": float(delta)}
    if environment["gamma"] > 1:
        region = admissible_region(environment)
        if region is not None:
            return {"delta": region.delta, "Phi": region.Phi}
    limit, support = delta_max(environment), delta_support(environment)
    usable = min(limit, support) if support else limit
    return {"delta": fraction * (usable or 0.1)}
