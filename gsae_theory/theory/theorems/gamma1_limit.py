"""gamma1 Theorem 4: where gradient descent ends, and what the bias is."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.scalars import radius_generating
from gsae_theory.theory.symbols import declare
from gsae_theory.theory.theorem import Theorem, register
from gsae_theory.theory.theorems.gamma1_hypotheses import BALL, STEP_LARGE

_nonneg = {"nonnegative": True}
limit_scaled = declare(
    "limit_scaled", r"\lim\operatorname{dist}_g(W;s_*A)", "Procrustes, end of run", **_nonneg
)
limit_generating = declare(
    "limit_generating", r"\lim\operatorname{dist}_g(W;A)", "Procrustes, end of run", **_nonneg
)
limit_normalised = declare(
    "limit_normalised",
    r"\lim\operatorname{dist}_g(W(W^\top W)^{-1/2};A)",
    "Procrustes distance to A of the orthonormalised blocks, end of run",
    **_nonneg,
)


def _limit(
    name: str, title: str, statement: str, measured: sp.Symbol, value: sp.Expr | int, observable: str
) -> Theorem:
    return register(
        Theorem(
            f"gamma1.limit.{name}",
            title,
            statement,
            (*BALL, STEP_LARGE),
            sp.Eq(measured, value, evaluate=False),
            observable,
            "gamma1 Theorem 4, Theorem 2(iv) [L40]",
            tolerance=1e-8,
        )
    )


SCALED = _limit(
    "scaled",
    "Convergence to the scaled dictionary",
    "dist_g(W_k; s*A) -> 0 for every group.",
    limit_scaled,
    0,
    "limit_distance_scaled",
)
GENERATING = _limit(
    "generating",
    "Distance of the limit to the generating matrix",
    "dist_g(W_k; A) -> (s* - 1) sqrt(d), exactly: the neighbourhood of A has this radius.",
    limit_generating,
    radius_generating,
    "limit_distance_generating",
)
NORMALISED = _limit(
    "normalised",
    "The bias is a pure scale",
    "W_g (W_g^T W_g)^{-1/2} -> A_g Q_g: orthonormalising the blocks removes the bias.",
    limit_normalised,
    0,
    "limit_distance_normalised",
)
