"""Why the mutants that are not refuted are not: every survivor has an entry, or `gsae mutants` fails."""

from __future__ import annotations

from fnmatch import fnmatchcase

_ROOM = (
    "c_F and e0 each bound a sum of small terms that are never largest together; the bound has more room than "
    "the change takes away, and an instance on which it is attained would be needed"
)
_FLOOR = "the floor of a run is below half of its bound on every instance known"
_SUM = (
    "adds two inequalities that are attained at different points: a factor 1.6 of room at the best one known"
)
_PIECE = "the part with nu is at most 0.2 % of the bound where the bound is attained (delta near 0)"

REASONS: dict[str, str] = {
    "gamma1.ball/unaligned": "the orbit s A Q stays where it is, so a ball without alignment is kept as well",
    "gamma1.scale.*": "moves the bracket of s* by less than the 1 % to which it is attained",
    "gamma1.contraction_small_step/power-1": "1 - eta kappa(delta) is stronger, and true at these small steps",
    "general.step/s-is-1": "weaker in one term and stronger in another, both below the slack of the bound",
    "general.floor_*": _FLOOR,
    "general.correlated/*": _SUM,
    "general.support.*/without-2": _PIECE,
    "general.*": _ROOM,
    "side.clustering-margin/without-3": "noise that lowers the margin shortens y, so 2 delta ||e|| is never used up",
    "side.soft-floor-any/double-bound": (
        "attained only if A_g^T A_h is of rank one and Q balances its columns, which no shipped dictionary is"
    ),
    "side.relu-nonstationary/*": "the diagonal of the gradient, which the bound leaves out, covers the change",
}
"""Pattern of mutant ids to the reason; the first pattern that matches counts."""


def reason_for(mutant_id: str) -> str | None:
    """Return why a mutant survives, None if nobody has said."""
    return next((text for pattern, text in REASONS.items() if fnmatchcase(mutant_id, pattern)), None)
