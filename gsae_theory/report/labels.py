"""Words of the page: what each number means, and what a person reads for a status or a direction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gsae_theory.theory import TABLE

STATUS_WORDS = {
    "HOLDS": "holds",
    "REFUTED": "refuted",
    "OUT_OF_SCOPE": "out of scope",
    "UNDECIDED": "undecided",
    "NOT_CERTIFIED": "not certified",
}
STATUS_MEANING = {
    "HOLDS": "every hypothesis holds on the instance, and no comparison contradicts the claim",
    "REFUTED": "a comparison contradicts the claim by more than its own error; the replay command repeats it",
    "OUT_OF_SCOPE": "a hypothesis fails on the instance, so nothing is claimed there; its margin says by how much",
    "UNDECIDED": "the measurement's own error, or the length of the run, leaves the question open",
    "NOT_CERTIFIED": "the numbers agree, but the claim is a prediction without error bound or rests on floating point",
}
MARKS = {"good": "✓", "bad": "✗", "open": "○"}

DIRECTIONS = {
    "rotation": ("rotation of the block", r"A_g\Omega,\ \Omega^\top=-\Omega"),
    "out_of_subspace": ("out of the subspace", r"A_g^\perp D"),
    "traceless": ("symmetric, traceless", r"A_g E,\ \mathrm{tr}\,E=0"),
    "trace": ("scale", r"A_g"),
}

# key of `gsae bounds` -> (LaTeX, meaning); keys that are symbols of the theory fall back to its table.
BOUNDS: dict[str, tuple[str, str]] = {
    "s_star": ("s_*", "scale of the limit: gradient descent tends to s* A, not to A"),
    "radius_generating": (r"(s_*-1)\sqrt{d}", "distance of the limit to the generating matrix A, per group"),
    "kappa_star": (r"\kappa_*", "slowest curvature at the limit; the sharp rate is 1 - eta kappa*"),
    "L_star": ("L_*", "largest curvature at the limit"),
    "loss": ("F(s_*)", "loss at the limit"),
    "eta_opt": (r"\eta_{\mathrm{opt}}", "step with the best asymptotic factor, in units of eta/p"),
    "factor_opt": ("", "asymptotic factor per step at that step"),
    "delta": (r"\delta", "radius of the ball around s* A at which the next rows are evaluated"),
    "eta_max": (r"\eta_{\max}", "largest regular step at that radius (Theorem 4)"),
    "kappa_delta": (r"\kappa(\delta)", "guaranteed contraction per unit of step at that radius"),
    "factor_delta": (
        r"1-\eta_{\max}\kappa(\delta)",
        "guaranteed factor per step at the largest regular step",
    ),
    "delta_max": (r"\delta_{\max}", "largest radius that H2, H3 and H3' admit"),
    "delta_ball": ("", "largest radius that also keeps the supports exact: what Theorem 4 needs"),
    "lambda_window": ("", "thresholds that recover every support at that radius"),
    "mu": (r"\mu", "block coherence of the dictionary"),
    "mu_max": (r"\mu_{\max}", "largest coherence that the support condition admits"),
    "lam": (r"\lambda", "threshold of the group-sparse ReLU"),
    "eta": (r"\eta", "step of the run, in units of eta/p"),
    "radius_interference": (
        "",
        "radius of the neighbourhood of s* A, rms over groups (several active groups)",
    ),
    "radius_interference_max": ("", "the same for the worst group"),
    "kappa0": (r"\kappa_0", "contraction on the region (several active groups)"),
}


def bound_rows(instance: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Split the bounds of an instance into rows that have words of their own and all further ones.

    Each row has ``key``, ``latex``, ``meaning`` and ``value`` (a number, a pair of numbers, a truth
    value, text or None). Nested tables (hypotheses, Hessian, model) are shown elsewhere.
    """
    known = [_bound_row(key, instance[key], *BOUNDS[key]) for key in BOUNDS if key in instance]
    further = []
    nested = {**instance.get("constants", {}), **instance}
    for key, value in nested.items():
        if key in BOUNDS or isinstance(value, dict) or (isinstance(value, list) and not _is_pair(value)):
            continue
        entry = TABLE.get(key)
        further.append(_bound_row(key, value, entry.latex if entry else "", entry.meaning if entry else ""))
    return known, further


def instance_text(model: Mapping[str, Any], setting: Mapping[str, Any] | None = None) -> str:
    """Return one line on a model, like ``γ = 1, n = 64, 16 groups of 2, random dictionary, λ = 0.45``."""
    words = []
    if "gamma" in model:
        words.append(f"γ = {model['gamma']}")
    if "n" in model:
        words.append(f"n = {model['n']}")
    if "G" in model and "d" in model:
        words.append(f"{model['G']} groups of {model['d']}")
    if "dictionary" in model:
        words.append(f"{model['dictionary']} dictionary")
    if setting and isinstance(setting.get("lam"), int | float):
        words.append(f"λ = {setting['lam']:g}")
    return ", ".join(words)


def _bound_row(key: str, value: Any, latex: str, meaning: str) -> dict[str, Any]:
    return {"key": key, "value": value, "latex": latex, "meaning": meaning}


def _is_pair(value: list[Any]) -> bool:
    return len(value) == 2 and all(isinstance(item, int | float) for item in value)
