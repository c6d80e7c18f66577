"""gamma1 Corollary of Theorem 4: the gradient is correlated with the direction to the solution.

g is the gradient in the aligned frame, (grad_g L/p) Q, at W_g Q with dist_g(W; sA) = ||W_g Q - sA_g||_F.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.scalars import (
    alpha_cor,
    alpha_cor_large,
    beta_cor,
    beta_cor_large,
    eps_cor,
)
from gsae_theory.theory.symbols import declare, dist
from gsae_theory.theory.theorem import Theorem, register
from gsae_theory.theory.theorems.gamma1_hypotheses import BALL

correlation = declare("correlation", r"\langle g, W_gQ-s_*A_g\rangle", "aligned inner product", real=True)
correlation_generating = declare(
    "correlation_generating", r"\langle g, W_gQ-A_g\rangle", "the same about A_g itself", real=True
)
grad_norm = declare("grad_norm", r"\|g\|_F", "Frobenius norm of grad_g L/p", nonnegative=True)
dist_generating = declare(
    "dist_generating", r"\operatorname{dist}_g(W;A)", "Procrustes distance", nonnegative=True
)


def _correlated(name: str, title: str, statement: str, conclusion: sp.Rel, observable: str) -> Theorem:
    source = "gamma1 Corollary of Theorem 4 [L41]"
    return register(Theorem(f"gamma1.{name}", title, statement, BALL, conclusion, observable, source))


_TEXT = (
    "<g, W_gQ - s*A_g> >= alpha dist^2 + beta ||g||^2 with beta = eta_max/2 and alpha = kappa(1 - kappa "
    "eta_max/2), "
    "for {} at radius delta."
)
REGULAR = _correlated(
    "correlated",
    "Correlated gradient about s* A",
    _TEXT.format("kappa and eta_max"),
    sp.Ge(correlation, alpha_cor * dist**2 + beta_cor * grad_norm**2, evaluate=False),
    "correlated_gradient",
)
LARGE = _correlated(
    "correlated_large",
    "Correlated gradient about s* A, constants of the large step",
    _TEXT.format("kappa' and eta'_max"),
    sp.Ge(correlation, alpha_cor_large * dist**2 + beta_cor_large * grad_norm**2, evaluate=False),
    "correlated_gradient",
)
GENERATING = _correlated(
    "correlated_generating",
    "Correlated gradient about A",
    "<g, W_gQ - A_g> >= (alpha/2) dist(W; A)^2 + (beta/2)||g||^2 - eps, eps = (s*-1)^2 d (alpha + 1/(2 "
    "beta)): "
    "the form in which the literature states such theorems.",
    sp.Ge(
        correlation_generating,
        alpha_cor / 2 * dist_generating**2 + beta_cor / 2 * grad_norm**2 - eps_cor,
        evaluate=False,
    ),
    "correlated_gradient_generating",
)
