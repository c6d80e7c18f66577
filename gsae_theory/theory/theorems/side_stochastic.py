"""side T3.2-T3.6: one-sample gradients, batches, stochastic gradient descent, finite samples."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.assumptions import (
    BOUNDED_NOISE,
    BOUNDED_RADIUS,
    CONSTANT_RADIUS,
    EXACT_SUPPORT,
    MODEL_GAMMA1,
    ORTHONORMAL_BLOCKS,
    THRESHOLD_RANGE,
)
from gsae_theory.theory.stochastic import (
    D_leak,
    K_ball,
    M_ball,
    M_general,
    V_ball,
    Y_max,
    eps_gradient,
    kappa_C,
    lip_pair,
    q_interp,
    sample_limit,
    sample_radius,
    sgd_radius,
    stationary,
)
from gsae_theory.theory.symbols import (
    B_max,
    B_min,
    declare,
    delta,
    dist,
    dist_next,
    eta,
    gamma,
    lam,
    mu,
    nu,
    s,
)
from gsae_theory.theory.theorem import Assumption, Theorem, register
from gsae_theory.theory.theorems.gamma1_hypotheses import BALL, STEP_REGULAR, SUPPORT_WINDOW

_nonneg = {"nonnegative": True}
Z_norm = declare("Z_norm", r"\|Z_g\|_F", "norm of the gradient of one sample in one block", **_nonneg)
r_norm = declare("r_norm", r"\|r\|", "norm of the residual of one sample", **_nonneg)
h_norm = declare("h_norm", r"\|h_g\|", "norm of one block of the code", **_nonneg)
y_norm = declare("y_norm", r"\|y\|", "norm of one sample", **_nonneg)
W_norm = declare("W_norm", r"\|W_g\|", "spectral norm of one block of the weights", **_nonneg)
Z_square = declare("Z_square", r"E[\|Z_g\|^2\mid g\in S]", "mean squared one-sample gradient", **_nonneg)
Z_change = declare("Z_change", r"\|Z_g(W)-Z_g(W')\|_F", "change of a one-sample gradient", **_nonneg)
W_change = declare("W_change", r"\|W_g-W_g'\|", "spectral norm of the change of the weights", **_nonneg)
deviation = declare("deviation", r"\|\hat g_g-\nabla_gL\|/p", "deviation of a batch gradient", **_nonneg)
dist_square_next = declare(
    "dist_square_next", r"E[D_{t+1}^2]", "mean squared distance after one step", **_nonneg
)
log_square = declare("log_square", r"\log\overline{\operatorname{dist}^2}", "log of a mean squared distance")

ACTIVE_GENERAL = Assumption(
    "active-all",
    "s B_min - D_leak > lambda: every active group fires in the ball",
    (s * B_min - D_leak) / lam - 1,
    "side T3.2c",
    strict=True,
)
INACTIVE_GENERAL = Assumption(
    "inactive-all",
    "s gamma mu B_max + s nu + delta Y <= lambda: no other group fires in the ball",
    1 - (s * gamma * mu * B_max + s * nu + delta * Y_max) / lam,
    "side T3.2c",
)
RANDOM_RADIUS = Assumption(
    "random-norm",
    "R is not constant, so that the gradient noise at s A is not 0",
    (B_max - B_min) / B_max,
    "side T3.5",
    True,
)
STABLE_INTERPOLATION = Assumption(
    "interpolating-step", "eta kappa <= 1", 1 - eta * kappa_C, "side hypothesis (C)"
)

_BALL_GAMMA1 = (*MODEL_GAMMA1, SUPPORT_WINDOW)
_GENERAL = (
    ORTHONORMAL_BLOCKS,
    EXACT_SUPPORT,
    BOUNDED_RADIUS,
    BOUNDED_NOISE,
    THRESHOLD_RANGE,
    ACTIVE_GENERAL,
    INACTIVE_GENERAL,
)
_SGD = (*BALL, STEP_REGULAR)
"""side Lemma (C): under these every population step contracts with kappa(delta)."""


def _claim(
    name: str,
    title: str,
    statement: str,
    hypotheses: tuple[Assumption, ...],
    conclusion: sp.Rel,
    observable: str,
    source: str,
    tolerance: float = 0.0,
    asymptotic: bool = False,
) -> Theorem:
    return register(
        Theorem(
            f"side.{name}",
            title,
            statement,
            hypotheses,
            conclusion,
            observable,
            source,
            tolerance=tolerance,
            asymptotic=asymptotic,
        )
    )


_claim(
    "gradient-rank-one",
    "A one-sample gradient is a sum of two rank-one terms",
    "||Z_g||_F <= ||r|| (||h_g|| + ||y|| ||W_g||_2) for every W and sample.",
    (),
    sp.Le(Z_norm, r_norm * (h_norm + y_norm * W_norm), evaluate=False),
    "side_gradient_rank_one",
    "side section 3",
)
_claim(
    "gradient-range",
    "Range of one-sample gradients in the ball",
    "||Z_g||_F <= M(delta) for every sample and every W with ||W_g Q_g - sA_g||_2 <= delta.",
    _BALL_GAMMA1,
    sp.Le(Z_norm, M_ball, evaluate=False),
    "side_gradient_range",
    "side T3.2a",
)
_claim(
    "gradient-range-constant",
    "One-sample gradients vanish at the limit for constant R",
    "||Z_g||_F <= K delta; attained by E = delta A theta theta^T.",
    (*_BALL_GAMMA1, CONSTANT_RADIUS),
    sp.Le(Z_norm, K_ball * delta, evaluate=False),
    "side_gradient_range",
    "side T3.2a",
)
_claim(
    "gradient-range-general",
    "Range of one-sample gradients, several active groups and noise",
    "||Z_g||_F <= M_g for every sample and every W with ||W_g Q_g - sA_g||_2 <= delta.",
    _GENERAL,
    sp.Le(Z_norm, M_general, evaluate=False),
    "side_gradient_range",
    "side T3.2c",
)
_claim(
    "gradient-variance",
    "Second moment of one-sample gradients",
    "E[||Z_g||^2 | g active] <= V(delta) for dist_g(W; sA) <= delta.",
    _BALL_GAMMA1,
    sp.Le(Z_square, V_ball, evaluate=False),
    "side_gradient_variance",
    "side T3.2b",
)
_claim(
    "gradient-lipschitz",
    "One-sample gradients are Lipschitz on the ball",
    "||Z_g(W) - Z_g(W')||_F <= Lip ||W_g - W_g'||_2 for two W in one aligned ball.",
    _BALL_GAMMA1,
    sp.Le(Z_change, lip_pair * W_change, evaluate=False),
    "side_gradient_lipschitz",
    "side T3.2d",
)
_claim(
    "gradient-deviation",
    "Deviation of a batch gradient",
    "(1/p)||batch gradient - gradient||_F <= eps_g with probability >= 1 - 2 exp(-log_level).",
    _BALL_GAMMA1,
    sp.Le(deviation, eps_gradient, evaluate=False),
    "side_gradient_deviation",
    "side T3.3",
)
_claim(
    "sgd-step",
    "One step with a batch gradient",
    "dist_g(W+) <= (1 - eta kappa) dist_g(W) + eta (1/p)||batch gradient - gradient||_F for every batch.",
    _SGD,
    sp.Le(dist_next, (1 - eta * kappa_C) * dist + eta * deviation, evaluate=False),
    "side_sgd_step",
    "side T3.4 with Lemma (C)",
)
_claim(
    "sgd-radius",
    "Radius of stochastic gradient descent",
    "dist_g(W_k) <= (1 - eta kappa)^k dist_g(W_0) + sqrt(2 l eta V/(p N kappa)) + (1+p) eta M l/(3 p N) for"
    " all groups and steps before an exit, with probability >= 1 - alpha, l = log(2GT/alpha).",
    _SGD,
    sp.Le(dist, sgd_radius, evaluate=False),
    "side_sgd_radius",
    "side T3.4b with Lemma (C)",
)
_claim(
    "sgd-interpolation",
    "Stochastic gradient descent interpolates for constant R",
    "E[D_{t+1}^2 | past] <= E[||W_{t+1} Q_t - sA||^2 | past] <= q D_t^2 in the ball, q = (1 - eta kappa)^2"
    " + eta^2 K^2/(d p N), for any batch size: no floor. Measured: the middle.",
    (*_SGD, CONSTANT_RADIUS, STABLE_INTERPOLATION),
    sp.Le(dist_square_next, q_interp * dist**2, evaluate=False),
    "side_sgd_second_moment",
    "side T3.4d",
)
_claim(
    "sgd-stationary",
    "Stationary distance of stochastic gradient descent (prediction)",
    "E dist_g^2 of SGD in the long run, from the linearised recursion; asymptotic as p N grows.",
    (*_SGD, RANDOM_RADIUS),
    sp.Eq(log_square, sp.log(stationary), evaluate=False),
    "side_sgd_stationary",
    "side T3.5",
    tolerance=0.1,
    asymptotic=True,
)
_claim(
    "sample-limit",
    "Limit of gradient descent on one finite sample (prediction)",
    "E dist_g^2 of the limit of full-batch GD on N samples; asymptotic as p N grows.",
    (*_SGD, RANDOM_RADIUS),
    sp.Eq(log_square, sp.log(sample_limit), evaluate=False),
    "side_sample_limit",
    "side T3.5",
    tolerance=0.3,
    asymptotic=True,
)
_claim(
    "sample-radius",
    "Gradient descent on one finite sample",
    "With probability >= 1 - alpha, GD on a sample of size N ends within r_N of sA, if r_N <= delta.",
    _SGD,
    sp.Le(dist, sample_radius, evaluate=False),
    "side_sample_end",
    "side T3.6",
)
