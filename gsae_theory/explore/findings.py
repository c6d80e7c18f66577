"""From outcomes to the map: per dial a verdict, a breaking point with interval, and how it degrades."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from gsae_theory.check.statistics import clopper_pearson_lower, clopper_pearson_upper
from gsae_theory.explore.case import Case
from gsae_theory.explore.dial import CONCLUSIONS, Dial, sharp_position
from gsae_theory.explore.plan import LEVEL, Allocation, Explorer, Outcomes, bracket, cell_of, decision
from gsae_theory.explore.theory import reference
from gsae_theory.explore.trial import EXACT
from gsae_theory.sweep import Results

VERDICTS = {
    "necessary": "the conclusion fails where the hypothesis does",
    "graceful": "the run ends away from the limit by an amount that grows with the violation",
    "slack": "the conclusion holds beyond the boundary, up to the breaking point",
    "refuted": "the conclusion fails inside the hypotheses: the theorem is contradicted",
    "undecided": "the trials do not decide: ask for more",
}
"""What a dial can come to."""

STEEPEST, FLATTEST = 4.0, 0.3
FITTED = 0.9
"""A power law counts with this share of the variance explained and an exponent between these two."""
SMALL = 0.05
"""Distances up to which a power law is fitted: beyond, other things than the first order are seen."""


def finding(explorer: Explorer, dial: Dial, results: Results) -> dict[str, Any]:
    """Return the record of one dial as plain data; positions are dial positions t, see `Dial`."""
    base = explorer.bases[dial.id]
    table = explorer.allocation(dial, explorer.budget.rounds, results)
    seen = {t: explorer.outcomes(dial, t, n, results) for t, n in sorted(table.items())}
    brackets = {name: bracket({t: decision(o, name) for t, o in seen.items()}) for name in CONCLUSIONS}
    law = power_law(dial, seen)
    verdict = verdict_of(dial, brackets, law)
    conclusion = "identified" if verdict == "graceful" else dial.conclusion
    low, high = brackets[conclusion]
    sharp = sharp_position(dial, base)
    point = _between(low, high)
    return {
        "id": dial.id,
        "title": dial.title,
        "breaks": list(dial.breaks),
        "implies": list(dial.implies),
        "theorem": dial.theorem,
        "base": dial.base,
        "value": dial.value,
        "verdict": verdict,
        "conclusion": conclusion,
        "breaking_point": point,
        "interval": [low, high],
        "theory": dial.theory(),
        "sharp": sharp,
        "range": max(seen),
        "natural": {
            "satisfied": dial.satisfied,
            "theory": dial.natural(dial.theory(), base),
            "sharp": None if sharp is None else dial.natural(sharp, base),
            "breaking_point": None if point is None else dial.natural(point, base),
            "interval": [None if t is None else dial.natural(t, base) for t in (low, high)],
            "range": dial.natural(max(seen), base),
        },
        "law": law,
        "conclusions": {name: {"interval": list(ends)} for name, ends in brackets.items()},
        "broken": [
            name for name, (held, fails) in brackets.items() if held is not None and fails is not None
        ],
        "failures": dict(Counter(k for o in seen.values() for k in kinds(o) if k != "none").most_common()),
        "speed": speed(seen),
        "curve": [_point(explorer, dial, t, o) for t, o in seen.items()],
        "counterexample": _example(explorer, dial, table, seen, conclusion, held=False),
        "largest_hold": _example(explorer, dial, table, seen, conclusion, held=True),
        "trials": sum(table.values()),
    }


def verdict_of(
    dial: Dial, brackets: Mapping[str, tuple[float | None, float | None]], law: Mapping[str, Any] | None
) -> str:
    """Return the verdict, one of `VERDICTS`."""
    low, high = brackets[dial.conclusion]
    theory = dial.theory()
    if low is None:
        return "undecided"
    if high is None:
        return "slack"
    if high < theory:
        return "refuted"
    if law is not None and law["coefficient"] * max(low - theory, 0.0) ** law["exponent"] <= 3 * EXACT:
        return "graceful"
    return "slack" if low > theory else "necessary"


def power_law(dial: Dial, seen: Mapping[float, Outcomes]) -> dict[str, Any] | None:
    """Fit distance = c (t - theory)^e to the medians beyond the boundary; None where it is no power law.

    The distance is in units of ||s A_g||_F; the interval of the exponent is the 95 % one of the
    regression. Distances that are not yet visible or no longer small are left out, and values at which
    most trials lose their supports: a leak has its own order.
    """
    rows = [
        (t - dial.theory(), float(np.median(d)))
        for t, o in seen.items()
        if t > dial.theory() and _exact(o) and len(d := distances(o)) and 3 * EXACT < np.median(d) < SMALL
    ]
    if len(rows) < 3:
        return None
    x, y = np.log(np.array(rows)).T
    fit = stats.linregress(x, y)
    if fit.rvalue**2 < FITTED or not FLATTEST <= fit.slope <= STEEPEST:
        return None
    width = float(stats.t.ppf(0.975, len(rows) - 2) * fit.stderr)
    return {
        "exponent": float(fit.slope),
        "exponent_interval": [float(fit.slope) - width, float(fit.slope) + width],
        "coefficient": math.exp(float(fit.intercept)),
        "explained": float(fit.rvalue**2),
        "values": len(rows),
    }


def _exact(outcomes: Outcomes) -> bool:
    return sum(bool(item["support"]) for item in outcomes if item is not None) > len(outcomes) / 2


def distances(outcomes: Outcomes) -> NDArray[np.float64]:
    """Return the distances of the trials that ended somewhere."""
    found = [item["distance"] for item in outcomes if item is not None and item.get("distance") is not None]
    return np.array(found, dtype=float)


def kinds(outcomes: Outcomes) -> list[str]:
    """Return the kind of failure of every trial; ``raised`` where the computation failed."""
    return ["raised" if item is None else str(item["kind"]) for item in outcomes]


def speed(seen: Mapping[float, Outcomes]) -> dict[str, float] | None:
    """Return the contraction 1 - factor at the end of the range relative to that at t = 0, if both exist."""
    rates = {}
    for t in (min(seen), max(seen)):
        found = [o["factor"] for o in seen[t] if o is not None and o.get("factor") is not None]
        rates[t] = 1 - float(np.median(found)) if found else math.nan
    first, last = rates[min(seen)], rates[max(seen)]
    if not (math.isfinite(first) and math.isfinite(last) and first > 0):
        return None
    return {"satisfied": first, "far": last, "ratio": last / first}


def _point(explorer: Explorer, dial: Dial, t: float, outcomes: Outcomes) -> dict[str, Any]:
    """Return one point of the curve."""
    base = explorer.bases[dial.id]
    case = explorer.case(dial, t)
    far = distances(outcomes)
    held = {}
    for name in CONCLUSIONS:
        values = [bool(item[name]) for item in outcomes if item is not None and name in item]
        if values:
            k, n = sum(values), len(values)
            held[name] = {
                "held": k,
                "trials": n,
                "interval": [
                    round(clopper_pearson_lower(k, n, LEVEL), 4),
                    round(clopper_pearson_upper(k, n, LEVEL), 4),
                ],
            }
    bias = [o["generating"] for o in outcomes if o is not None and "generating" in o]
    return {
        "t": t,
        "natural": dial.natural(t, base),
        "trials": len(outcomes),
        "conclusions": held,
        "distance": [float(q) for q in np.quantile(far, [0.25, 0.5, 0.75])] if far.size else None,
        "generating": [min(bias), max(bias)] if bias else None,
        "bias_theory": _bias(case),
        "kinds": dict(Counter(kinds(outcomes)).most_common()),
    }


def _bias(case: Case) -> float:
    """Return (s* - 1) sqrt(d), the distance to A that the theory predicts."""
    found = reference(case)
    return found.size - math.sqrt(case.d)


def _example(
    explorer: Explorer,
    dial: Dial,
    table: Allocation,
    seen: Mapping[float, Outcomes],
    name: str,
    *,
    held: bool,
) -> dict[str, Any] | None:
    """Return the smallest violation at which a trial failed, or the largest at which one held."""
    for t in sorted(seen, reverse=held):
        for trial, outcome in enumerate(seen[t]):
            if outcome is not None and name in outcome and bool(outcome[name]) is held:
                cell = cell_of(explorer.case(dial, t), trial)
                return {"t": t, "cell": dict(cell.parameters), "outcome": dict(outcome)}
    return None


def _between(low: float | None, high: float | None) -> float | None:
    return None if low is None or high is None else 0.5 * (low + high)
