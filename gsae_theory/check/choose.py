"""The ball on which constants are evaluated: given, or a share of the largest one the hypotheses admit."""

from __future__ import annotations

from gsae_theory.errors import InvalidInput
from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.region import Region, find_region
from gsae_theory.theory.report_values import delta_max, delta_support

SMALL_SHARE = 0.01
# The largest radius of (S) is a supremum: the hypothesis is strict.
INSIDE = 1 - 1e-9


def admissible_radius(environment: Environment, delta: float | str, fraction: float) -> dict[str, float]:
    """Return ``delta``, and for several active groups ``Phi`` and the limits after the bootstrap.

    Parameters
    ----------
    environment : Environment
        Constants of the model with ``lam``.
    delta : float or str
        A radius, or ``auto``.
    fraction : float
        Share of the largest admissible radius that ``auto`` takes for one active group; for several
        the region with the smallest limit is taken as it is. Where no ball is admissible, a small one
        is taken, so that the margins show what fails at the limit itself.

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
        found = find_region(environment)
        return found.values() if isinstance(found, Region) else {"delta": found.delta, "Phi": found.Phi}
    limit, support = delta_max(environment), delta_support(environment)
    usable = min(limit, support) if support else SMALL_SHARE * limit
    return {"delta": fraction * INSIDE * (usable or SMALL_SHARE)}
