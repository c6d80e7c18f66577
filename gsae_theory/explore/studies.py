"""Two larger questions on the same engine: how large is the basin, and do the conjectures stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from gsae_theory.explore.attacks import attack
from gsae_theory.explore.case import BASES, Case
from gsae_theory.explore.dial import Dial, get_dial
from gsae_theory.explore.explorer import NUMBERS, Watch, record_of
from gsae_theory.explore.findings import finding
from gsae_theory.explore.plan import Explorer
from gsae_theory.explore.spec import ExploreSpec
from gsae_theory.explore.theory import environment_of
from gsae_theory.explore.trial import run_cell
from gsae_theory.sweep import Cell, Executor, InProcess, Limits, Store, Sweep, one_round, run
from gsae_theory.theory.report_values import delta_max

BLOCKS, THRESHOLDS, COHERENCES = (1, 2, 3), (0.2, 0.45), (0.02, 0.1)
KINDS = ("rank_one_in", "rank_one_out", "out_of_subspace", "scale_down", "scale")
"""Starts in the directions that the proofs call worst, beside random ones."""

SPHERE_LEVELS = {1: 1, 2: 12, 3: 6}
ATTACKED: tuple[dict[str, Any], ...] = (
    *({"conjecture": "gamma1 C1", "d": d} for d in (2, 3)),
    *({"conjecture": "gamma1 C2", "d": d, "step": "eta_max"} for d in (1, 2, 3)),
    *({"conjecture": "gamma1 C3", "d": d, "step": "eta_max_large"} for d in (1, 2, 3)),
    *({"conjecture": "side C1", "d": d, "lam": lam} for d in (2, 3) for lam in (0.2, 0.45, 1.0)),
    *({"conjecture": "general uniqueness", "d": d, "mu": mu} for d in (1, 2) for mu in (0.002, 0.05)),
)
CLAIMS = {
    "gamma1 C1": ("at least", 4.0, "coefficient in <G0, E> >= c kap(eps)^2 ||E||^2 / d, all t < 1"),
    "gamma1 C2": (
        "at most",
        1.0,
        "k in kappa = kappa*(1 - k t^2), step eta_max; 1 is proved, the best k is open",
    ),
    "gamma1 C3": ("at most", 1.0, "k at the large step; 5/2 is proved, 1 conjectured"),
    "general uniqueness": ("at most", 1e-6, "distance between limits of runs on one dictionary, / ||s A_g||"),
    "side C1": ("at least", 1.0, "loss of d two-sided units / loss of the best scaled dictionary"),
}
"""What each conjecture says of the value found; a value on the other side refutes it."""


def _start(d: int, lam: float, mu: float, kind: str, case: Case, distance: float) -> Case:
    return case.but(
        n=4 * d + 4, d=d, lam=lam, mu=mu, start=kind, delta=0.01, distance=distance, level=SPHERE_LEVELS[d]
    )


def basin_dials() -> list[Dial]:
    """Return one dial on the start distance per block size, threshold and coherence, and per kind of start.

    Its position is the distance in units of delta_max, the largest radius of (H2)-(H3').
    """
    model = get_dial("start-distance")
    settings = [(*item, "random") for item in product(BLOCKS, THRESHOLDS, COHERENCES)]
    settings += [(2, 0.45, 0.02, kind) for kind in KINDS]
    dials = []
    for d, lam, mu, kind in settings:
        turn = partial(_start, d, lam, mu, kind)
        case = turn(BASES["one"], 0.1)
        radius = delta_max(environment_of(case))
        s = float(environment_of(case)["s"])
        # The directions inside the span end at the origin of the block.
        far = {"rank_one_in": 0.999 * s, "scale_down": 0.999 * s * d**0.5}.get(kind, 2.0 * s * d**0.5)
        dials.append(
            replace(
                model,
                id=f"basin d={d} lambda={lam:g} mu={mu:g} {kind}",
                turn=turn,
                satisfied=0.0,
                unit=radius,
                far=far,
            )
        )
    return dials


def basin(
    folder: Path | str,
    *,
    spec: ExploreSpec | None = None,
    executor: Executor | None = None,
    limits: Limits | None = None,
    watch: Watch | None = None,
    version: str = "0",
) -> dict[str, Any]:
    """Measure the basin of s A against delta_max (gamma1 C4); arguments as in `explorer.explore`.

    Returns
    -------
    dict
        ``basin``: per setting the distance, in units of delta_max, up to which starts reach the limit
        with exact supports, with the 95 % interval of where most fail.
    """
    asked = spec or ExploreSpec()
    explorer = Explorer(basin_dials(), asked.limits())
    wanted = {"study": "basin", "budget": asked.budget.model_dump()}
    sweep = Sweep("basin", run_cell, explorer.plan(), wanted, f"{version}, numbers {NUMBERS}", asked.seed)
    with Store(folder, sweep) as store:
        state = run(sweep, store, executor or InProcess(), limits, watch)
        rows = []
        if state.ending == "complete":
            rows = [_basin_row(finding(explorer, dial, store.value), dial) for dial in explorer.dials]
        return {**record_of(asked, state, store), "basin": rows}


def _basin_row(found: dict[str, Any], dial: Dial) -> dict[str, Any]:
    case = dial.case(0.0)
    env = environment_of(case)
    support = min(
        case.lam / case.radius_max - float(env["s"]) * case.mu, float(env["s"]) - case.lam / case.radius_min
    )
    first = next((p for p in found["curve"] if p["conclusions"]["limit"]["held"] < p["trials"]), None)
    return {
        "d": case.d,
        "lam": case.lam,
        "mu": case.mu,
        "start": case.start,
        "delta_max": dial.unit,
        "delta_support": support,
        "unit": float(env["s"]) * case.d**0.5,
        "interval": found["conclusions"]["limit"]["interval"],
        "range": found["range"],
        "first_failure": None if first is None else first["t"],
        "failures": found["failures"],
        "curve": [
            {"t": p["t"], "held": p["conclusions"]["limit"]["held"], "trials": p["trials"]}
            for p in found["curve"]
        ],
    }


def conjectures(
    folder: Path | str,
    *,
    trials: int = 24,
    spec: ExploreSpec | None = None,
    executor: Executor | None = None,
    limits: Limits | None = None,
    watch: Watch | None = None,
    version: str = "0",
) -> dict[str, Any]:
    """Attack the conjectures by local searches from random starts; arguments as in `explorer.explore`.

    Parameters
    ----------
    trials : int
        Searches per conjecture and size.

    Returns
    -------
    dict
        ``conjectures``: per conjecture and size what it claims, the best value found and where, and
        whether that refutes it. Values within ``resolution`` of the claim refute nothing.
    """
    asked = spec or ExploreSpec()
    cells = [Cell({**item, "trial": k}) for item in ATTACKED for k in range(trials)]
    wanted = {"study": "conjectures", "trials": trials, "attacked": [dict(item) for item in ATTACKED]}
    sweep = Sweep(
        "conjectures", attack, one_round(cells), wanted, f"{version}, numbers {NUMBERS}", asked.seed
    )
    with Store(folder, sweep) as store:
        state = run(sweep, store, executor or InProcess(), limits, watch)
        rows = []
        if state.ending == "complete":
            rows = [_conjecture_row(item, trials, store) for item in ATTACKED]
        return {**record_of(asked, state, store), "conjectures": rows}


def _conjecture_row(item: Mapping[str, Any], trials: int, store: Store) -> dict[str, Any]:
    relation, claim, meaning = CLAIMS[item["conjecture"]]
    values = [v for k in range(trials) if (v := store.value(Cell({**item, "trial": k}))) is not None]
    best = (min if relation == "at least" else max)(values, key=lambda v: v["value"])
    beyond = claim - best["value"] if relation == "at least" else best["value"] - claim
    return {
        **item,
        "relation": relation,
        "claim": claim,
        "meaning": meaning,
        "best": best["value"],
        "where": {k: v for k, v in best.items() if k not in ("value", "loss")},
        "searches": len(values),
        "refuted": beyond > max(1e-6, best.get("resolution", 0.0)),
    }
