"""Conventions of the setting that all theorems share and none lists, and the one that a setting can break."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from gsae_theory.network import Activation, get_activation
from gsae_theory.seeds import generator
from gsae_theory.theory.theorem import Margin, Theorem

STANDING: dict[str, str] = {
    "full-gradient": "the gradient is that of the population loss",
    "matched-block": "the network's blocks have the size of the data's",
    "matched-groups": "the network has as many groups as the data",
    "tied-weights": "the decoder is the transpose of the encoder",
    "free-scale": "blocks are not normalised",
    "group-activation": "the activation is the group-sparse ReLU",
}
"""Conventions of the setting (docs/theory.md) that all theorems share and none lists as a hypothesis."""

# Norms of the probes in units of lambda: below the threshold, at its two sides, and far above.
NORMS = (0.3, 0.9, 1.1, 1.5, 2.0, 3.0, 10.0)
DIRECTIONS = 64
# Two ways of writing the same activation differ by rounding.
ROUNDING = 1e-12


def activation_margin(claim: Theorem, activation: str, lam: float, d: int) -> Margin | None:
    """Return how far the network's activation is from the one that `claim` is about; None if it is about any.

    The margin is -(largest distance of the two maps in units of lambda on probes of 0.3 to 10 lambda),
    so that another name for the same map is inside: for d = 1 the soft threshold is the group-sparse ReLU.

    Raises
    ------
    UnknownName
        If either activation is not registered.
    """
    if claim.activation is None:
        return None
    meant, used = get_activation(claim.activation), get_activation(activation)
    distance = 0.0 if meant is used else _distance(meant, used, lam, d)
    words = STANDING["group-activation"]
    if claim.activation != "group_relu":
        words = f"the activation is {claim.activation}"
    if activation != claim.activation:
        words += f"; here it is {activation}"
    return Margin("group-activation", -distance + 0.0, distance == 0, words)


@lru_cache(maxsize=64)
def _distance(meant: Activation, used: Activation, lam: float, d: int) -> float:
    axes = np.vstack([np.eye(d), -np.eye(d)])
    drawn = generator(0, "probes of an activation").standard_normal((DIRECTIONS, d))
    directions = np.vstack([axes, drawn / np.linalg.norm(drawn, axis=1, keepdims=True)])
    u = lam * np.multiply.outer(np.array(NORMS), directions)
    largest = float(np.linalg.norm(meant.apply(u, lam) - used.apply(u, lam), axis=-1).max()) / lam
    return largest if not largest <= ROUNDING else 0.0
