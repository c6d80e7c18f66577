"""Mutants of hypotheses, of the metric and of the expansion: what a bound alone does not show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from gsae_theory.falsify.mutant import Mutant, with_hypotheses
from gsae_theory.falsify.values import mu_mean
from gsae_theory.theory import THEOREMS
from gsae_theory.theory.prediction import K_drift, k1_pred, k2_pred, third_pred
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.scalars import eta_max, eta_max_large
from gsae_theory.theory.symbols import B_max, B_min, delta, eta, lam, mu, nu, s
from gsae_theory.theory.theorems.gamma1_hypotheses import active_margin, inactive_margin

DROPPED: tuple[tuple[str, str, str, str], ...] = (
    ("side.entries", "isotropic-direction", "elliptical", "the law of theta need not be isotropic"),
    ("side.gradient-range-constant", "noise-free", "noisy", "gradients vanish at the limit under noise too"),
    ("gamma1.stationary", "support-window-at-limit", "coherent", "leakage does not move the limit"),
    ("gamma1.contraction", "one-active-group", "two-single", "the ball contracts to s* A for gamma = 2 too"),
    ("gamma1.contraction", "regular-step", "step-4", "every step contracts"),
    ("gamma1.contraction_large", "large-step", "step-4", "every step contracts, large-step form"),
    ("gamma1.ball", "large-step", "step-4", "the ball is kept at every step size"),
    ("gamma1.rate", "room-outside", "square", "the rate is 1 - eta kappa* for n = d too"),
    (
        "gamma1.rate.square",
        "step-below-crossing",
        "square-overshoot",
        "the scale is the faster part at every step",
    ),
    ("gamma1.support", "support-window", "coherent", "supports are exact for every threshold"),
    ("gamma1.loss", "one-active-group", "pair", "the loss at s* A is F(s*) for gamma = 2 too"),
    ("side.gradient-range-constant", "constant-norm", "near-random", "gradients vanish for random norms"),
    ("side.relu-loss-identity", "one-active-group", "pair", "the loss identity holds for gamma = 2"),
    ("side.clustering-exact", "distance-below-tie", "tie-weights", "any distance clusters without error"),
    ("general.expansion_single", "block-size-one", "pair", "(5.1) is exact for every block size"),
    ("general.support.coherence", "support-inactive-coherence", "aligned-gap", "no lower end of the window"),
    ("general.support.coherence", "support-active-coherence", "opposed-gap", "no upper end of the window"),
)
"""Theorem, hypothesis left out, case that shows why it is needed, the wrong claim in words."""

ANY_NETWORK: tuple[tuple[str, str], ...] = (
    ("gamma1.contraction", "soft-network"),
    ("gamma1.stationary", "relu-network"),
    ("gamma1.limit.scaled", "hard-network"),
    ("general.floor_rms", "relu-pair"),
)
"""Theorem, and a case whose network has another activation than the group-sparse ReLU."""


def _margins() -> tuple[tuple[str, str, sp.Expr, str, str], ...]:
    """Return theorem, hypothesis, wrong margin, case and the wrong claim in words."""
    root_half = sp.sqrt((1 - mu) / 2)
    return (
        (
            "gamma1.contraction",
            "regular-step",
            1 - eta / (4 * eta_max),
            "step-2",
            "eta_max four times as large",
        ),
        (
            "gamma1.contraction_large",
            "large-step",
            1 - eta / (4 * eta_max_large),
            "step-2",
            "eta'_max four times as large",
        ),
        (
            "gamma1.support",
            "support-window",
            sp.Min(inactive_margin(0), active_margin(delta)),
            "edge-out",
            "no delta at the lower end of (S)",
        ),
        (
            "gamma1.support",
            "support-window",
            sp.Min(inactive_margin(delta), active_margin(0)),
            "edge-in",
            "no delta at the upper end of (S)",
        ),
        (
            "gamma1.support",
            "support-window",
            sp.Min(1 - (s * mu_mean + delta) * B_max / lam, active_margin(delta)),
            "uneven-gap",
            "mean coherence for largest coherence",
        ),
        (
            "gamma1.support",
            "support-window",
            sp.Min(inactive_margin(delta), (s - delta) * B_max / lam - 1),
            "spread-gap",
            "B_max for B_min at the upper end of (S)",
        ),
        (
            "gamma1.support",
            "support-window",
            sp.Min(1 - (s * mu + delta) * B_min / lam, active_margin(delta)),
            "leak-spread",
            "B_min for B_max at the lower end of (S)",
        ),
        (
            "side.clustering-exact",
            "noise-below-tie",
            (B_min * sp.sqrt(2) * root_half - nu) / B_min,
            "tie-noise",
            "noise below B sqrt(1-mu), distances 0",
        ),
        (
            "side.clustering-exact",
            "distance-below-tie",
            (1 - mu) - delta / s,
            "tie-weights",
            "distance below s (1-mu)",
        ),
    )


METRIC = {
    "procrustes_step": "unaligned_step",
    "procrustes_envelope": "unaligned_envelope",
    "procrustes_distance": "unaligned_distance",
}
"""Observables of the aligned distance, and what they are without alignment."""


def without_hypotheses() -> Iterator[Mutant]:
    """Yield claims with a hypothesis left out or made too weak."""
    for theorem, name, case, change in DROPPED:
        base = THEOREMS[theorem]
        claim = with_hypotheses(base, without=(name,))
        yield Mutant(f"{theorem}/no-{name}", base, claim, f"without {name}: {change}", (case,), "hypothesis")
    for theorem, case in ANY_NETWORK:
        base, change = THEOREMS[theorem], "of whatever activation the network has"
        claim = replace(base, activation=None, false=True)
        yield Mutant(f"{theorem}/any-activation", base, claim, change, (case,), "hypothesis")
    count: dict[tuple[str, str], int] = {}
    for theorem, name, margin, case, change in _margins():
        count[theorem, name] = count.get((theorem, name), 0) + 1
        base = THEOREMS[theorem]
        # the limit on distances is void above the true limit on noise, so it goes too
        without = ("distance-below-tie",) if name == "noise-below-tie" else ()
        claim = with_hypotheses(base, without=without, **{name.replace("-", "_"): margin})
        label = f"{theorem}/{name}-{count[theorem, name]}"
        yield Mutant(label, base, claim, change, (case,), "hypothesis")


def without_alignment() -> Iterator[Mutant]:
    """Yield every claim about the aligned distance along a run, about the distance without alignment."""
    for base in list(THEOREMS.values()):
        if base.observable in METRIC and not base.false:
            claim = replace(base, observable=METRIC[base.observable], false=True)
            yield Mutant(f"{base.id}/unaligned", base, claim, "metric without alignment", ("ball",), "metric")


def of_the_expansion() -> Iterator[Mutant]:
    """Yield (5.1), which is exact for d = 1, with one coefficient changed."""
    base = THEOREMS["general.expansion_single"]
    for symbol in (K_drift, k1_pred, k2_pred, third_pred):
        for word, factor in (("double", 2), ("half", sp.Rational(1, 2)), ("zero", 0)):
            if symbol is third_pred and word == "double":
                continue
            change = f"{word} {symbol.name}"
            if symbol is third_pred and word == "half":
                change += ": the last term of (5.1) without its factor 2"
            overrides = {symbol.name: factor * QUANTITIES[symbol.name].symbol}
            claim = replace(base, false=True)
            cases = ("single-triple",) if symbol is third_pred else ("two-single", "single-triple")
            yield Mutant(
                f"{base.id}/{word}-{symbol.name.lower()}", base, claim, change, cases, "constant", overrides
            )
