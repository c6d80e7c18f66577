"""general (5.1)-(5.3): where the floor is, as a prediction without error bound."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.symbols import d, declare
from gsae_theory.theory.theorem import Assumption, Theorem, register
from gsae_theory.theory.theorems.general_hypotheses import EXPANSION

floor_ratio = declare(
    "floor_ratio",
    r"\varrho/\hat\varrho_F",
    "rms distance at the end of the run over its prediction",
    nonnegative=True,
)
expansion_error = declare(
    "expansion_error",
    r"\|E_g(s_*A)-(5.1)\|_F",
    "error of (5.1) for the gradient at W = s* A",
    nonnegative=True,
)
SINGLE_COLUMN = Assumption("block-size-one", "d = 1", 1 - d, "general section 5")

FLOOR = register(
    Theorem(
        "general.prediction",
        "Sharp prediction of the floor",
        "The rms distance of the limit to sA is that of Delta_g = -P(kappa* I + chi A A^T)^{-1} P E_g - "
        "A_g Y_g, "
        "E_g from (5.1), P the projector off A_g. An expansion in the Gram off-diagonals whose remainder "
        "is not bounded: "
        "usually within a percent for gamma = 2, worse as q grows.",
        EXPANSION,
        sp.Eq(floor_ratio, 1, evaluate=False),
        "floor_against_prediction",
        "general (5.3) [G35]",
        tolerance=0.05,
        asymptotic=True,
    )
)
EXACT = register(
    Theorem(
        "general.expansion_single",
        "The expansion is exact for block size 1",
        "For d = 1 and every gamma the interference gradient at W = sA equals (5.1): the activation is "
        "affine on the "
        "active set and what is dropped is odd.",
        (*EXPANSION, SINGLE_COLUMN),
        sp.Eq(expansion_error, 0, evaluate=False),
        "expansion_error",
        "general (5.1) [G35]",
        tolerance=1e-9,
    )
)
