"""gamma1 Theorem 2: the scale of the limit."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.assumptions import MODEL_GAMMA1
from gsae_theory.theory.scalars import F_star, a_ratio, s_lower, s_lower_simple, s_upper, s_upper_simple
from gsae_theory.theory.symbols import declare, m1, m2, s
from gsae_theory.theory.theorem import Assumption, Theorem, register
from gsae_theory.theory.theorems.gamma1_hypotheses import (
    BALL,
    STEP_LARGE,
    SUPPORT_AT_LIMIT,
)

_nonneg = {"nonnegative": True}
limit_scale = declare(
    "limit_scale", r"s_\infty", "mean singular value of A_g^T W_g at the end of a run", **_nonneg
)
gradient_norm = declare(
    "gradient_norm", r"\|\nabla_g L(cA)\|/p", "gradient norm at W = cA, per group", **_nonneg
)
loss_at_limit = declare("loss_at_limit", "L(s_*A)", "loss at W = s* A", **_nonneg)

_RUN = (*BALL, STEP_LARGE)

STATIONARY = register(
    Theorem(
        "gamma1.stationary",
        "The limit is s* A, with s* > 1",
        "grad L(sA Q) = 0 for every block rotation Q at s = s*, the only zero of F' in (1, inf).",
        (*MODEL_GAMMA1, SUPPORT_AT_LIMIT),
        sp.Eq(gradient_norm, 0, evaluate=False),
        "gradient_norm_at_scale",
        "gamma1 Theorem 2 [L9-L12]",
        tolerance=1e-9,
        parameters={"scale": s},
    )
)

SCALE = register(
    Theorem(
        "gamma1.scale",
        "Scale reached by gradient descent",
        "The singular values of A_g^T W_g tend to s*.",
        _RUN,
        sp.Eq(limit_scale, s, evaluate=False),
        "limit_scale",
        "gamma1 Theorems 2 and 4",
        tolerance=1e-8,
    )
)


def _bracket(name: str, relation: sp.Rel, extra: tuple[Assumption, ...], source: str) -> Theorem:
    side = "upper" if isinstance(relation, sp.LessThan) else "lower"
    return register(
        Theorem(
            f"gamma1.scale.{name}",
            f"Closed-form {side} bound on the scale",
            f"The scale reached by gradient descent obeys the {side} bound of the bracket; "
            "the two-sided bracket collapses to s_+ iff R is constant.",
            (*_RUN, *extra),
            relation,
            "limit_scale",
            source,
        )
    )


SMALL_SPREAD = Assumption(
    "small-spread",
    "Var(R)/m1^2 <= 1/(2 + a)",
    1 / (2 + a_ratio) - (m2 - m1**2) / m1**2,
    "gamma1 Theorem 2(ii)",
)
_I, _II = "gamma1 Theorem 2(i) [L12]", "gamma1 Theorem 2(ii) [L13]"
LOWER = _bracket("lower", sp.Ge(limit_scale, s_lower, evaluate=False), (), _I)
UPPER = _bracket("upper", sp.Le(limit_scale, s_upper, evaluate=False), (), _I)
LOWER_SIMPLE = _bracket(
    "lower_simple", sp.Ge(limit_scale, s_lower_simple, evaluate=False), (SMALL_SPREAD,), _II
)
UPPER_SIMPLE = _bracket("upper_simple", sp.Le(limit_scale, s_upper_simple, evaluate=False), (), _II)

LOSS = register(
    Theorem(
        "gamma1.loss",
        "Loss at the limit",
        "L(s*A) = (m2/2) v s*^2 (1 + v/(2s* - a)^2), zero iff R is constant.",
        (*MODEL_GAMMA1, SUPPORT_AT_LIMIT),
        sp.Eq(loss_at_limit, F_star, evaluate=False),
        "loss_at_limit",
        "gamma1 Theorem 2(iii) [L14]",
        tolerance=1e-10,
    )
)
