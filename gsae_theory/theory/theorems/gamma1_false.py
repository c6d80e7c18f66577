"""Claims that are false, registered as such: a run of the project must refute each of them."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from gsae_theory.theory.assumptions import MODEL_GAMMA1
from gsae_theory.theory.scalars import kappa_of, radius_generating
from gsae_theory.theory.symbols import d, declare, dist, dist_next, eta, m2, s
from gsae_theory.theory.theorem import Assumption, Theorem, register
from gsae_theory.theory.theorems.gamma1_fixed_point import gradient_norm
from gsae_theory.theory.theorems.gamma1_hypotheses import (
    BALL,
    BLOCKS,
    ROOM_OUTSIDE,
    SEVERAL_GROUPS,
    START_OUTSIDE,
    STEP_LARGE,
    STEP_REGULAR,
    SUPPORT_AT_LIMIT,
)
from gsae_theory.theory.theorems.gamma1_limit import limit_generating

limit_unaligned = declare(
    "limit_unaligned",
    r"\limsup\|W_g-A_g\|_F",
    "Frobenius distance without alignment, end of run",
    nonnegative=True,
)


def _false(
    name: str,
    title: str,
    statement: str,
    hypotheses: tuple[Assumption, ...],
    conclusion: sp.Rel,
    observable: str,
    tolerance: float = 0.0,
    parameters: Mapping[str, object] | None = None,
) -> Theorem:
    source = "gamma1, claims that are false (docs/theory/gamma1.md)"
    return register(
        Theorem(
            f"gamma1.{name}",
            title,
            statement,
            hypotheses,
            conclusion,
            observable,
            source,
            tolerance,
            false=True,
            parameters=parameters or {},
        )
    )


UNALIGNED = _false(
    "unaligned",
    "Naive claim: convergence without alignment",
    "Under the hypotheses of Theorem 4, limsup ||W_g - A_g||_F <= (s* - 1) sqrt(d). False for d >= 2: the "
    "loss does not "
    "see block rotations, so W_0 = s*A_g Q_g has zero gradient and stays where it is, at squared distance "
    "(s*-1)^2 d + 2 s* (d - tr Q_g), however small the rotation Q_g != I.",
    (*BALL, STEP_LARGE, BLOCKS),
    sp.Le(limit_unaligned, radius_generating, evaluate=False),
    "limit_distance_unaligned",
    parameters={"start": "rotated"},
)
NO_SHRINKAGE_BIAS = _false(
    "false_no_bias",
    "Wrong: the generating matrix is a critical point",
    "grad L(A) = 0, as if s* were 1: the activation shrinks, so the limit has to be larger than A.",
    (*MODEL_GAMMA1, SUPPORT_AT_LIMIT),
    sp.Eq(gradient_norm, 0, evaluate=False),
    "gradient_norm_at_scale",
    tolerance=1e-9,
    parameters={"scale": sp.Integer(1)},
)
LIMIT_DISTANCE = _false(
    "false_limit_distance",
    "Wrong: distance of the limit without sqrt(d)",
    "dist_g(W_k; A) -> s* - 1: true for d = 1 only.",
    (*BALL, STEP_LARGE, BLOCKS),
    sp.Eq(limit_generating, s - 1, evaluate=False),
    "limit_distance_generating",
    tolerance=1e-8,
)
RATE_DIMENSION = _false(
    "false_rate_dimension",
    "Wrong: contraction without 1/d",
    "dist_g(W+) <= (1 - eta (kap0^2 - m2 dist^2)) dist_g: a unit vector has only 1/d of its energy in a "
    "direction.",
    (*BALL, STEP_REGULAR, BLOCKS, ROOM_OUTSIDE, START_OUTSIDE),
    sp.Le(dist_next, (1 - eta * d * kappa_of(dist)) * dist, evaluate=False),
    "procrustes_step",
)
RATE_UNSHRUNK = _false(
    "false_rate_unshrunk",
    "Wrong: contraction with E(s*R)^2 for E(s*R - lambda)^2",
    "dist_g(W+) <= (1 - eta (m2 s*^2 - m2 dist^2)/d) dist_g: forgets that the hidden code is shrunk.",
    (*BALL, STEP_REGULAR, ROOM_OUTSIDE, START_OUTSIDE),
    sp.Le(dist_next, (1 - eta * (m2 * s**2 - m2 * dist**2) / d) * dist, evaluate=False),
    "procrustes_step",
)
STEP_UNIT = _false(
    "false_step_unit",
    "Wrong: step eta instead of eta/p",
    "W <- W - eta grad L contracts by 1 - eta kappa(dist): a group is active in a share p of the samples "
    "only.",
    (*BALL, STEP_REGULAR, ROOM_OUTSIDE, START_OUTSIDE, SEVERAL_GROUPS),
    sp.Le(dist_next, (1 - eta * kappa_of(dist)) * dist, evaluate=False),
    "procrustes_step_unscaled",
)
