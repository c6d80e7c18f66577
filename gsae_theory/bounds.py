"""Everything the theory says of one instance, as plain data: what `gsae bounds` prints."""

from __future__ import annotations

from typing import Any

from gsae_theory.check import Context, Setting
from gsae_theory.model import GenerativeModel
from gsae_theory.theory import get_theorem
from gsae_theory.theory.region import general_bounds
from gsae_theory.theory.report_values import gamma1_bounds

MAIN_CLAIM = {1: "gamma1.contraction", 2: "general.floor_rms"}
"""The theorem whose hypotheses are listed: one active group, or several."""


def instance_bounds(model: GenerativeModel, setting: Setting) -> dict[str, Any]:
    """Return the constants and bounds of the theory at an instance.

    Returns
    -------
    dict
        The keys of `gamma1_bounds`; ``mu`` and the other constants of the model under ``constants``;
        ``assumptions``, a list of id, holds, margin and statement; for several active groups also
        the keys of `general_bounds`, among them ``radius_interference``.
    """
    return context_bounds(Context(model, setting))


def context_bounds(context: Context) -> dict[str, Any]:
    """Return the same for a context that exists already."""
    model, values = context.model, context.env
    numbers = {name: float(values[name]) for name in values}
    result: dict[str, Any] = {**gamma1_bounds(numbers), "eta": context.eta, "lam": context.lam}
    if model.gamma > 1:
        result |= general_bounds(context.base)
    claim = get_theorem(MAIN_CLAIM[min(model.gamma, 2)])
    result["mu"] = values["mu"]
    result["theorem"] = claim.id
    result["assumptions"] = [
        {
            "id": margin.assumption,
            "holds": margin.holds,
            "margin": margin.value,
            "statement": margin.statement,
        }
        for margin in claim.margins(values)
    ]
    result["model"] = model.describe()
    result["constants"] = result["model"].pop("constants")
    return result
