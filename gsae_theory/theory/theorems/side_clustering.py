"""side T2.1-T2.3: clustering by argmax_h ||W_h^T y|| with one active group.

T2.4 and T2.5 (perturbed networks under Gaussian noise) are numeric functions of theory/clustering.py.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.assumptions import (
    BOUNDED_NOISE,
    BOUNDED_RADIUS,
    EXACT_SUPPORT,
    ONE_ACTIVE,
    ORTHONORMAL_BLOCKS,
    THRESHOLD_RANGE,
)
from gsae_theory.theory.clustering import cluster_error, cluster_margin, delta_cluster, nu_cluster
from gsae_theory.theory.symbols import B_min, G, declare, delta, mu, nu, s
from gsae_theory.theory.theorem import Assumption, Theorem, register

_nonneg = {"nonnegative": True}
margin_row = declare("margin_row", r"\|W_g^Ty\|-\|W_h^Ty\|", "clustering margin of one sample")
misclustered = declare("misclustered", r"\hat P_{\mathrm{err}}", "share of misclustered samples", **_nonneg)

_MODEL = (ORTHONORMAL_BLOCKS, EXACT_SUPPORT, ONE_ACTIVE, BOUNDED_RADIUS, THRESHOLD_RANGE)
COHERENCE_BELOW_ONE = Assumption("distinct-groups", "mu < 1", 1 - mu, "side T2.1", strict=True)
TWO_GROUPS = Assumption("at-least-two-groups", "G >= 2", G - 2, "side section 2")
NOISE_BELOW_TIE = Assumption(
    "noise-below-tie",
    "nu < B_min sqrt((1 - mu)/2), the noise at which a tie exists for every dictionary",
    (nu_cluster - nu) / B_min,
    "side T2.1",
    strict=True,
)
DISTANCE_BELOW_TIE = Assumption(
    "distance-below-tie",
    "delta < s sqrt(1-mu) (sqrt(1-mu) B_min - sqrt(2) nu)/(2 (B_min + nu)); s (1-mu)/2 without noise",
    (delta_cluster - delta) / s,
    "side T2.1",
    strict=True,
)

register(
    Theorem(
        "side.clustering-margin",
        "Margin of clustering by the active group",
        "||W_g^T y|| - ||W_h^T y|| >= s(R(1-mu) - sqrt(2(1-mu)) ||e||) - 2 delta (R + ||e||) for every"
        " h != g, if ||e|| <= R sqrt(2(1-mu)) and ||W_h - s A_h Q_h|| <= delta; attained for every A.",
        (*_MODEL, COHERENCE_BELOW_ONE, TWO_GROUPS),
        sp.Ge(margin_row, cluster_margin, evaluate=False),
        "side_cluster_margin",
        "side T2.1",
    )
)
register(
    Theorem(
        "side.clustering-exact",
        "No sample is misclustered",
        "Noise below nu_cluster and distances below delta_cluster: every sample is assigned to its group.",
        (*_MODEL, BOUNDED_NOISE, COHERENCE_BELOW_ONE, TWO_GROUPS, NOISE_BELOW_TIE, DISTANCE_BELOW_TIE),
        sp.Le(misclustered, sp.Integer(0), evaluate=False),
        "side_misclustered",
        "side T2.1",
    )
)
register(
    Theorem(
        "side.clustering-gaussian",
        "Misclustering under Gaussian noise",
        "At W = s A Q, P(misclustered | R) <= min(T2.2, T2.3), a function of d, R/sigma, mu and G alone.",
        (*_MODEL, COHERENCE_BELOW_ONE, TWO_GROUPS),
        sp.Le(misclustered, cluster_error, evaluate=False),
        "side_gaussian_error",
        "side T2.2, T2.3",
    )
)
