"""Quoted lemmas of the side results: a test on random instances for each (see `quoted`)."""

from __future__ import annotations

import numpy as np
from scipy import special

from proofs_check.methods.quoted import TINY, instance


@instance("Q:moments-determine")
def moments_determine(rng: np.random.Generator) -> bool:
    """E B_n f -> E f at the rate 1/(2 sqrt n) for f of slope 1, n = 30, from the moments alone."""
    points, weights, at, order = rng.random(5), rng.dirichlet(np.ones(5)), float(rng.random()), 30
    k = np.arange(order + 1)
    values = np.abs(k / order - at)
    basis = special.comb(order, k) * points[:, None] ** k * (1 - points[:, None]) ** (order - k)
    error = abs(float(weights @ basis @ values) - float(weights @ np.abs(points - at)))
    return error <= 0.5 / np.sqrt(order) + TINY
