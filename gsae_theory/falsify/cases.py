"""Reference cases: small instances on which bounds are attained, or on which wrong claims show.

Each is an `Instance` (a model spec and a setting), so it can be stored, printed and replayed. Sizes are the
smallest with d >= 2, mu > 0, p < 1 and random norms where the mutants need them (side section 4).
"""

from __future__ import annotations

from typing import Any

from gsae_theory.check import Setting
from gsae_theory.model.spec import ModelSpec
from gsae_theory.strategies import Instance


def _case(model: dict[str, Any], **setting: Any) -> Instance:
    return Instance(ModelSpec(**model), Setting(**setting))


_BASE = {"dim": 9, "groups": 3, "block": 2, "dictionary": "near_orthogonal", "coherence": 0.05}
_RANDOM_NORM = {**_BASE, "radius_max": 1.2}
_TWO = {"groups": 12, "active": 2, "dictionary": "near_orthogonal"}

CASES: dict[str, Instance] = {
    # one active group
    "ball": _case(_RANDOM_NORM, lam=0.3, steps=250, fraction=1.0),
    "slow": _case(_RANDOM_NORM, lam=0.3, steps=250, fraction=0.05, start="out_of_subspace"),
    "inward": _case(_RANDOM_NORM, lam=0.3, steps=60, fraction=1.0, start="rank_one_in"),
    "constant": _case(_BASE, lam=0.3, steps=250, fraction=1.0),
    "single": _case({**_RANDOM_NORM, "dim": 4, "block": 1}, lam=0.3, steps=250, fraction=0.5),
    "wide-norms": _case({**_BASE, "coherence": 0.02, "radius_max": 1.5}, lam=0.5, steps=250, fraction=0.3),
    "two-norms": _case(
        {
            "dim": 7, "groups": 3, "block": 2, "dictionary": "orthogonal", "radius": "two_point",
            "radius_max": 2.0,
        },
        lam=0.9, steps=300, fraction=0.1,
    ),
    "constant-small": _case(_BASE, lam=0.3, steps=20, fraction=0.9, samples=500),
    "square-single": _case({"dim": 1, "groups": 1, "block": 1, "dictionary": "random"}, lam=0.3, steps=120),
    "large-step": _case(_RANDOM_NORM, lam=0.3, steps=5, eta=1.0, fraction=0.05),
    "constant-triple": _case(
        {"dim": 10, "groups": 3, "block": 3, "dictionary": "orthogonal"}, lam=0.6, steps=2, fraction=0.1
    ),
    "cluster": _case({**_BASE, "dictionary": "equiangular", "coherence": 0.4}, lam=0.6, steps=2, delta=0.01),
    "square": _case({"dim": 2, "groups": 1, "block": 2, "dictionary": "random"}, lam=0.3, steps=120),
    "square-overshoot": _case(
        {"dim": 2, "groups": 1, "block": 2, "dictionary": "random"},
        lam=0.3, eta="eta_max_large", delta=0.01, fraction=1.0, steps=150, level=40,
    ),
    "large-threshold": _case(
        {**_BASE, "radius_max": 1.2}, lam=0.8, steps=250, fraction=0.3, start="out_of_subspace"
    ),
    # stochastic gradients: close to the limit, so that first-order bounds are attained
    "near-slow": _case(_BASE, lam=0.3, steps=30, fraction=0.03, start="out_of_subspace"),
    "near-scale": _case(_BASE, lam=0.3, steps=30, fraction=0.03, start="scale"),
    "near-random": _case(_RANDOM_NORM, lam=0.3, steps=30, fraction=0.03, start="out_of_subspace"),
    # the threshold at which the floor of the soft threshold is attained at mu = 0.4, d = 2 (side T1.3)
    "floor": _case(
        {"dim": 6, "groups": 3, "block": 2, "dictionary": "principal_pair", "coherence": 0.4},
        lam=0.5428195701368371, steps=30, delta=0.001,
    ),
    "orthogonal-single": _case(
        {"dim": 40, "groups": 40, "block": 1, "dictionary": "orthogonal"}, lam=0.3, steps=2, fraction=0.1
    ),
    # thresholds between a support condition and a wrong version of it
    "leak-gap": _case(
        {"dim": 5, "groups": 2, "block": 2, "dictionary": "equiangular", "coherence": 0.4},
        lam=0.42, steps=2, delta=0.001,
    ),
    "aligned-gap": _case(
        {"dim": 9, "groups": 4, "block": 2, "active": 2, "dictionary": "equiangular", "coherence": 0.2},
        lam=0.3, steps=2, delta=0.001, accuracy=1e-8,
    ),
    "opposed-gap": _case(
        {
            "dim": 9, "groups": 4, "block": 2, "active": 2, "dictionary": "equiangular", "coherence": 0.3,
            "radius_max": 1.2,
        },
        lam=1.3, steps=2, delta=0.001, accuracy=1e-8,
    ),
    # data outside a hypothesis
    "elliptical": _case(
        {"dim": 7, "groups": 3, "block": 2, "dictionary": "orthogonal", "direction": "elliptical"}, lam=0.3
    ),
    "noisy": _case(
        {
            "dim": 7, "groups": 3, "block": 2, "dictionary": "orthogonal", "noise": "sphere",
            "noise_level": 0.1,
        },
        lam=0.3, steps=2, delta=0.01,
    ),
    "coherent": _case(
        {"dim": 5, "groups": 2, "block": 2, "dictionary": "equiangular", "coherence": 0.6}, lam=0.3, steps=3,
        delta=0.01,
    ),
    # networks that the theorems are not about
    "soft-network": _case(_BASE, lam=0.3, steps=30, fraction=0.1, activation="soft"),
    "relu-network": _case(_BASE, lam=0.3, steps=30, fraction=0.1, activation="relu"),
    "hard-network": _case(_BASE, lam=0.3, steps=150, fraction=0.1, activation="group_hard"),
    "relu-pair": _case(
        {**_TWO, "dim": 26, "block": 2, "coherence": 0.008},
        lam=0.2, steps=150, accuracy=1e-7, activation="relu",
    ),
    "step-2": _case({**_BASE, "radius_max": 1.2}, lam=0.3, eta=1.1, steps=5, fraction=0.05),
    "step-4": _case({**_BASE, "radius_max": 1.2}, lam=0.3, eta=2.2, steps=3, fraction=0.05),
    "edge-out": _case(
        {"dim": 5, "groups": 2, "block": 2, "dictionary": "equiangular", "coherence": 0.2},
        lam=0.35, steps=2, delta=0.15, fraction=1.0, start="rank_one_out",
    ),
    "edge-in": _case(
        {"dim": 5, "groups": 2, "block": 2, "dictionary": "orthogonal"},
        lam=0.9, steps=2, delta=0.8, fraction=1.0, start="rank_one_in",
    ),
    # only one pair of the three groups is coherent
    "uneven-gap": _case(
        {"dim": 8, "groups": 3, "block": 2, "dictionary": "principal_pair", "coherence": 0.4},
        lam=0.3, steps=2, delta=0.001,
    ),
    "spread-gap": _case(
        {"dim": 5, "groups": 2, "block": 2, "dictionary": "orthogonal", "radius_max": 2.0},
        lam=1.9, steps=2, delta=0.001,
    ),
    "leak-spread": _case(
        {"dim": 5, "groups": 2, "block": 2, "dictionary": "equiangular", "coherence": 0.3, "radius_max": 1.5},
        lam=0.45, steps=2, delta=0.001,
    ),
    "tie-noise": _case(
        {
            "dim": 9, "groups": 3, "block": 2, "dictionary": "equiangular", "coherence": 0.3,
            "noise": "sphere", "noise_level": 0.7,
        },
        lam=0.6, steps=2, delta=1e-6,
    ),
    "tie-weights": _case(
        {"dim": 9, "groups": 3, "block": 2, "dictionary": "equiangular", "coherence": 0.3},
        lam=0.6, steps=2, delta=0.6,
    ),
    "single-triple": _case(
        {
            "dim": 8, "groups": 6, "block": 1, "active": 3, "dictionary": "near_orthogonal",
            "coherence": 0.02,
        },
        lam=0.2, steps=2, delta=1e-3, accuracy=1e-8,
    ),
    "rotated-floor": _case(
        {"dim": 6, "groups": 3, "block": 2, "dictionary": "principal_pair", "coherence": 0.4}, lam=0.54,
        steps=2, delta=0.001,
    ),
    # several active groups
    "pair": _case(
        {
            "dim": 9, "groups": 4, "block": 2, "active": 2, "dictionary": "equiangular", "coherence": 0.05,
            "radius_max": 1.2,
        },
        lam=0.3, steps=20, delta=1e-4, accuracy=1e-8,
    ),
    "pair-noise": _case(
        {
            "dim": 9, "groups": 4, "block": 2, "active": 2, "dictionary": "equiangular", "coherence": 0.03,
            "radius_max": 1.2, "noise": "sphere", "noise_level": 0.05,
        },
        lam=0.3, steps=2, delta=1e-3, accuracy=1e-8,
    ),
    "max-single": _case(
        {"dim": 22, "groups": 20, "block": 1, "active": 2, "dictionary": "near_orthogonal", "coherence": 0.0005},
        lam=0.05, steps=150, delta=0.02, accuracy=1e-8,
    ),
    "two-single": _case(
        {**_TWO, "dim": 14, "block": 1, "coherence": 0.004, "radius_max": 1.05},
        lam=0.2, steps=150, accuracy=1e-8,
    ),
    "two-blocks": _case(
        {**_TWO, "dim": 26, "block": 2, "coherence": 0.008},
        lam=0.2, steps=150, accuracy=1e-7,
    ),
}  # fmt: skip
"""Every reference case by name."""
