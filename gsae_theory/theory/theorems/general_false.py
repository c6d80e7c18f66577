"""general Proposition 6.2: the correlated-gradient form without alignment cannot hold."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.assumptions import MODEL_GAMMA1
from gsae_theory.theory.quantity import define
from gsae_theory.theory.scalars import eta_opt, kappa_star
from gsae_theory.theory.symbols import d, declare, s
from gsae_theory.theory.theorem import Theorem, register
from gsae_theory.theory.theorems.gamma1_correlated import grad_norm
from gsae_theory.theory.theorems.gamma1_hypotheses import BLOCKS, SUPPORT_AT_LIMIT

_SOURCE = "general Proposition 6.2 [G34]"
correlation_unaligned = declare(
    "correlation_unaligned",
    r"\langle\nabla_gL/p, W_g-A_g\rangle",
    "inner product without alignment",
    real=True,
)
dist_unaligned = declare("dist_unaligned", r"\|W_g-A_g\|_F", "distance without alignment", nonnegative=True)
delta_unaligned = declare(
    "delta_unaligned",
    r"\delta'",
    "radius of the un-aligned ball, reached by s A_g Q with tr Q = 0",
    nonnegative=True,
)
eps_unaligned = declare("eps_unaligned", r"\epsilon'", "offset below alpha delta'^2", nonnegative=True)
alpha_unaligned = declare(
    "alpha_unaligned", r"\alpha'", "weight of the un-aligned squared distance", nonnegative=True
)

# Any alpha > 0, beta >= 0 and eps < alpha delta'^2 fail; these are the natural ones and half the offset.
define(alpha_unaligned, kappa_star / 2, "any positive number fails", _SOURCE)
define(delta_unaligned, sp.sqrt(d * (s**2 + 1)), "||s A_g Q - A_g||_F for tr Q = 0", _SOURCE)
define(eps_unaligned, alpha_unaligned * delta_unaligned**2 / 2, "half of what would be needed", _SOURCE)

UNALIGNED = register(
    Theorem(
        "general.unaligned_correlated",
        "Naive claim: correlated gradient without alignment",
        "<grad_g L/p, W_g - A_g> >= alpha ||W_g - A_g||_F^2 + beta ||grad_g L/p||_F^2 - eps with eps < "
        "alpha delta'^2 for "
        "||W_g - A_g||_F <= delta'. False for d >= 2: W_g = s A_g Q has zero gradient and reaches distance "
        "delta', so that "
        "eps >= alpha delta'^2 is forced and the neighbourhood eps/alpha is no smaller than the ball. The "
        "measurement "
        "visits the orbit s A_g Q with ||W_g - A_g||_F <= delta' and reports dist_unaligned and grad_norm.",
        (*MODEL_GAMMA1, SUPPORT_AT_LIMIT, BLOCKS),
        sp.Ge(
            correlation_unaligned,
            alpha_unaligned * dist_unaligned**2 + eta_opt / 2 * grad_norm**2 - eps_unaligned,
            evaluate=False,
        ),
        "correlation_unaligned",
        _SOURCE,
        false=True,
    )
)
