"""general Theorem 2: what the other active groups do to the gradient of one group."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.interference import P
from gsae_theory.theory.symbols import declare
from gsae_theory.theory.theorem import Theorem, register
from gsae_theory.theory.theorems.general_hypotheses import INTERFERENCE

interference_norm = declare(
    "interference_norm", r"\|E_g-K_g\Delta_g\|_F", "interference beyond its monotone part", nonnegative=True
)

BOUND = register(
    Theorem(
        "general.interference",
        "Interference bound",
        "For W in the ball and every group, grad_g L/p = G0(W_g) + E_g with the gradient G0 of one active "
        "group, and "
        "||E_g - K_g Delta_g||_F <= P(t, D, Q, O), K_g Delta = (q m2/d) s^2 j2 A_{-g} A_{-g}^T Delta, "
        "in the aligned frame: t = max_h ||Delta_h||_F, D = ||Delta_{-g}^T A_g||_F, "
        "Q = ||sum_{h != g} Delta_h A_h^T A_g||_F, O = ||Delta_{-g}||_F.",
        INTERFERENCE,
        sp.Le(interference_norm, P, evaluate=False),
        "interference",
        "general Theorem 2 [G17-G27]",
    )
)
