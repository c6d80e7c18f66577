"""Where the theory is sharp: its prediction beside the interval that was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SHARP = {
    "window-inactive": ("theory", "(S), lower end, is attained by worst codes (gamma1 Theorem 1(d))"),
    "window-active": ("theory", "(S), upper end, is attained by worst codes (gamma1 Theorem 1(d))"),
    "babel": ("theory", "the coherence form is attained by equiangular blocks (general Proposition 1.2)"),
    "step-size": ("sharp", "the linearised step grows beyond 2/L* (gamma1 Theorem 3)"),
}
BIAS = "threshold-low", "threshold-high"
RESOLUTION = 2e-6
"""Rounding of the measured distance to A: runs end within about 1e-9 of the limit, cells store 9 digits."""


def predictions(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return name, predicted value, measured interval and whether the one lies in the other.

    For breaking points the interval is that of the finding; for the bias of the limit it is the range over
    the trials, widened by `RESOLUTION`.
    """
    rows: list[dict[str, Any]] = []
    for item in found:
        if item["id"] in SHARP:
            key, reason = SHARP[item["id"]]
            value = item["natural"]["theory" if key == "theory" else "sharp"]
            ends = sorted(x for x in item["natural"]["interval"] if x is not None)
            low, high = (ends[0], ends[1]) if len(ends) == 2 else (None, None)
            rows.append(_row(item["id"], item["value"], value, low, high, reason))
        if item["id"] in BIAS:
            rows += [
                _row(
                    f"bias at lambda = {point['natural']:.6g}",
                    "||W_g Q - A_g|| at the end",
                    point["bias_theory"],
                    point["generating"][0] - RESOLUTION,
                    point["generating"][1] + RESOLUTION,
                    "the limit is s* A: distance (s* - 1) sqrt(d) from A (gamma1 Theorem 2(iv))",
                )
                for point in item["curve"]
                if point["generating"] and point["conclusions"]["support"]["held"] == point["trials"]
            ]
    return rows


def _row(
    name: str, what: str, value: float, low: float | None, high: float | None, reason: str
) -> dict[str, Any]:
    inside = low is not None and high is not None and low <= value <= high
    return {
        "id": name,
        "what": what,
        "predicted": value,
        "interval": [low, high],
        "inside": inside,
        "why": reason,
    }
