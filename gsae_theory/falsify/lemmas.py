"""Single steps of the argument as claims, so that wrong versions of them can be run like any mutant.

They are not in the registry of theorems: each is a line of a proof, not a result.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.stochastic import Y_max
from gsae_theory.theory.symbols import declare, lam
from gsae_theory.theory.theorem import Theorem
from gsae_theory.theory.theorems.side_stochastic import y_norm

_nonneg = {"nonnegative": True}
formula_gap = declare(
    "formula_gap", r"|\langle\nabla L,V\rangle-\partial_VL|", "gradient formula against the loss", **_nonneg
)
curvature = declare("curvature", r"\|D^2\sigma(u)[v,v]\|", "second derivative of the activation", **_nonneg)
u_norm = declare("u_norm", r"\|u\|", "norm of the block at which it is taken", positive=True)

GRADIENT = Theorem(
    "lemma.gradient",
    "Gradient formula",
    "grad_g L = -E[r h_g^T + y (J_g W_g^T r)^T], J_g = a_g I + (1 - a_g) n_g n_g^T on active groups.",
    (),
    sp.Eq(formula_gap, 0, evaluate=False),
    "gradient_formula_gap",
    "docs/theory.md, Network",
    tolerance=1e-7,
    parameters={"jacobian": "exact"},
)
CURVATURE = Theorem(
    "lemma.curvature",
    "Curvature of the activation",
    "||D^2 sigma(u)[v, v]|| <= (2/sqrt 3) lambda/||u||^2 for unit v; attained at 55 degrees.",
    (),
    sp.Le(curvature, 2 / sp.sqrt(3) * lam / u_norm**2, evaluate=False),
    "activation_curvature",
    "general Lemma 2, side T3.2d",
)
SAMPLE_NORM = Theorem(
    "lemma.sample-norm",
    "Norm of a sample",
    "||y|| <= B_max sqrt(gamma (1 + (gamma-1) mu)) + nu.",
    (),
    sp.Le(y_norm, Y_max, evaluate=False),
    "sample_norm",
    "side T3.2c",
)
LEMMAS = (GRADIENT, CURVATURE, SAMPLE_NORM)
"""Every lemma that has mutants."""
