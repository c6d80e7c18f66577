"""general Corollaries 3.2 and 6.1: the correlated-gradient form of the literature, summed over groups."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.convergence import (
    alpha_gen,
    beta_gen,
    c_F,
    c_inf,
    dist_max,
    eps_gen,
    eps_gen_A,
    fro,
    kappa0,
)
from gsae_theory.theory.interference import e0
from gsae_theory.theory.symbols import G, declare, eta
from gsae_theory.theory.theorem import Theorem, register
from gsae_theory.theory.theorems.general_convergence import dist_max_next, fro_next
from gsae_theory.theory.theorems.general_hypotheses import MAX, RMS

correlation_sum = declare(
    "correlation_sum",
    r"\sum_g\langle g_g, W_gQ_g-s_*A_g\rangle",
    "aligned inner product, all groups",
    real=True,
)
correlation_sum_generating = declare(
    "correlation_sum_generating",
    r"\sum_g\langle g_g, W_gQ_g-A_g\rangle",
    "the same about A itself",
    real=True,
)
grad_norm_sum = declare(
    "grad_norm_sum", r"\|\nabla L/p\|_F", "Frobenius norm over all groups", nonnegative=True
)
fro_generating = declare(
    "fro_generating", r"F_A", "root of the sum of ||W_gQ_g - A_g||_F^2, aligned to s A", nonnegative=True
)

ABOUT_LIMIT = register(
    Theorem(
        "general.correlated",
        "Correlated gradient about s* A",
        "sum_g <grad_g L/p, W_gQ_g - sA_g> >= alpha F^2 + beta ||grad L/p||_F^2 - eps with alpha = (kappa0 "
        "- c_F)/2, "
        "beta = eta_bar/2, eps = G e0^2/(2(kappa0 - c_F)), for W in the region.",
        RMS,
        sp.Ge(correlation_sum, alpha_gen * fro**2 + beta_gen * grad_norm_sum**2 - eps_gen, evaluate=False),
        "correlated_gradient_sum",
        "general Corollary 3.2 [G32]",
    )
)
ABOUT_GENERATING = register(
    Theorem(
        "general.correlated.generating",
        "Correlated gradient about A",
        "The same about A: (alpha/2, beta/2, eps_A), eps_A = eps + G (s-1)^2 d (alpha + 1/(2 beta)). "
        "Valid, but its "
        "floor is looser than (v) of Theorem 3.",
        RMS,
        sp.Ge(
            correlation_sum_generating,
            alpha_gen / 2 * fro_generating**2 + beta_gen / 2 * grad_norm_sum**2 - eps_gen_A,
            evaluate=False,
        ),
        "correlated_gradient_sum_generating",
        "general section 6",
    )
)
RECURSION_RMS = register(
    Theorem(
        "general.recursion_rms",
        "Squared recursion, all groups",
        "F(W+)^2 <= (1 - rho) F(W)^2 + eps', rho = eta (kappa0 - c_F), eps' = eta G e0^2/(kappa0 - c_F).",
        RMS,
        sp.Le(
            fro_next,
            sp.sqrt((1 - eta * (kappa0 - c_F)) * fro**2 + eta * G * e0**2 / (kappa0 - c_F)),
            evaluate=False,
        ),
        "frobenius_step",
        "general Corollary 6.1 [G32]",
    )
)
RECURSION_MAX = register(
    Theorem(
        "general.recursion_max",
        "Squared recursion, largest distance",
        "max_g dist_g(W+)^2 <= (1 - rho) max_g dist_g(W)^2 + eps', rho = eta (kappa0 - c_inf), "
        "eps' = eta e0^2/(kappa0 - c_inf).",
        MAX,
        sp.Le(
            dist_max_next,
            sp.sqrt((1 - eta * (kappa0 - c_inf)) * dist_max**2 + eta * e0**2 / (kappa0 - c_inf)),
            evaluate=False,
        ),
        "largest_step",
        "general Corollary 6.1 [G32]",
    )
)
