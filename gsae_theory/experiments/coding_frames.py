"""Exact curves of side section 1 beside the measurements of the comparison, as plain data for figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import brentq

from gsae_theory.experiments.coding_metrics import PLAIN, TWO_SIDED
from gsae_theory.experiments.coding_statements import (
    Pool,
    all_entries,
    floor_checks,
    fraction_on,
    slopes,
)
from gsae_theory.experiments.statements import Check
from gsae_theory.theory.elementwise import joint_tail
from gsae_theory.theory.quantity import Environment

POINTS = 61


def frames(pools: Sequence[Pool]) -> dict[str, Any]:
    """Return ``supports``, ``floors`` and ``scales``.

    ``supports``: per block size, curves over tau sqrt(d) of P(all entries on) and of the fraction on, with
    measured points. ``floors``: per block size, curves over mu_col of the floors, with the losses measured
    at the leak-free threshold. ``scales``: curves over U of s_G and s_ST.
    """
    first: dict[int, Pool] = {}
    for item in pools:
        first.setdefault(item.d, item)
    return {
        "supports": [_supports(item) for item in first.values()],
        "floors": [_floors(item.d, [p for p in pools if p.d == item.d]) for item in first.values()],
        "scales": [_scales(item) for item in first.values()],
    }


def _supports(item: Pool) -> dict[str, Any]:
    reduced = np.linspace(0.0, 1.0, POINTS)
    tau = reduced / np.sqrt(item.d)
    fraction = np.asarray(Environment({"d": float(item.d), "tau": tau})["J_0"])
    return {
        "d": item.d,
        "tau": tau.tolist(),
        "all_on": joint_tail(item.d, tau, item.d).tolist(),
        "fraction": np.broadcast_to(fraction, tau.shape).tolist(),
        "measured_all_on": _points(all_entries(item)),
        "measured_fraction": _points(fraction_on(item)),
    }


def _points(checks: list[Check]) -> dict[str, list[Any]]:
    """Return the checks in columns; the methods alternate, soft threshold first."""
    return {
        "where": [c.where for c in checks],
        "method": [(TWO_SIDED, PLAIN)[i % 2] for i in range(len(checks))],
        "value": [c.measured for c in checks],
        "error": [c.error for c in checks],
        "exact": [c.bound for c in checks],
    }


def _floors(d: int, pools: Sequence[Pool]) -> dict[str, Any]:
    mu = np.linspace(0.0, 0.98, POINTS)
    values = Environment({"d": float(d), "mu_col_Q": mu})
    measured = []
    for item in pools:
        for method, floor in ((TWO_SIDED, "floor_soft"), (PLAIN, "floor_relu")):
            check = floor_checks(item, method, floor)[0]
            measured.append(
                {
                    "cell": item.cell,
                    "method": method,
                    "mu_col": item.mu_col,
                    "value": check.measured,
                    "error": check.error,
                    "floor": check.bound,
                }
            )
    return {
        "d": d,
        "mu_col": mu.tolist(),
        "soft": np.asarray(values["floor_soft"]).tolist(),
        "relu": np.asarray(values["floor_relu"]).tolist(),
        "measured": measured,
    }


def _scales(item: Pool) -> dict[str, Any]:
    """Return s_G and s_ST over U, and where the slope of the loss vanishes on the pooled samples."""
    U = np.linspace(0.02, 1.0, 25)
    at = (0.2, 0.45, 0.8)
    soft, ends = (np.array([_scale("s_soft", item.d, u) for u in grid]) for grid in (U, at))
    low = [_scale("s_group", item.d, u) for u in at]
    roots = [
        float(brentq(lambda w, u=u: slopes(item.theta, w, u).mean(), s, 1.5 * end))
        for u, s, end in zip(at, low, ends, strict=True)
    ]
    return {
        "d": item.d,
        "U": U.tolist(),
        "group": np.asarray(Environment({"U": U})["s_group"]).tolist(),
        "soft": soft.tolist(),
        "measured": {"U": list(at), "soft": roots, "samples": len(item.theta)},
    }


def _scale(name: str, d: int, U: float) -> float:
    return float(np.asarray(Environment({"d": float(d), "U": float(U)})[name]))
