"""side T1.0-T1.5: elementwise ReLU and soft threshold on group-sparse codes.

Scales and rotations are the observable's choice (covariates), kept where no unit outside the active
group fires. T1.6 (no elementwise network is exact) has no finite check and is in docs/theory/side.md.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.assumptions import CONSTANT_RADIUS, ISOTROPIC, MODEL_GAMMA1
from gsae_theory.theory.elementwise import (
    P_all,
    floor_relu,
    floor_relu_any,
    floor_soft,
    floor_soft_any,
    loss_group_bound,
    relu_gradient,
    s_zero,
)
from gsae_theory.theory.symbols import B_max, B_min, declare, lam, mu
from gsae_theory.theory.theorem import Assumption, Theorem, register
from gsae_theory.theory.theorems.gamma1_hypotheses import BLOCKS

_nonneg = {"nonnegative": True}
split_gap = declare(
    "split_gap", r"\|\hat y_{\mathrm{2ReLU}}-\hat y_{\mathrm{ST}}\|", "output difference", **_nonneg
)
pair_loss = declare(
    "pair_loss", r"\ell(y)+\ell(-y)", "ReLU losses of one antipodal pair of samples", **_nonneg
)
loss_soft_row = declare(
    "loss_soft_row", r"\ell_{\mathrm{ST}}(y)", "soft-threshold loss of one sample", **_nonneg
)
loss_zero_row = declare("loss_zero_row", r"\ell_0(y)", "||y||^2/2 of one sample", **_nonneg)
entries_on = declare(
    "entries_on", r"\hat P_{\mathrm{all}}", "share of samples whose d units all fire", **_nonneg
)
loss_soft_rel = declare(
    "loss_soft_rel", r"2L_{\mathrm{ST}}/m_2", "relative loss of the soft threshold", **_nonneg
)
loss_relu_rel = declare("loss_relu_rel", r"2L_{\mathrm{ReLU}}/m_2", "relative loss of the ReLU", **_nonneg)
loss_group_run = declare(
    "loss_group_run", r"L_{\mathrm{G}}(s_*A)", "loss of the group ReLU at s* A", **_nonneg
)
soft_slope = declare("soft_slope", r"\partial_w L_{\mathrm{ST}}(wA)", "slope of the ST loss in the scale")
relu_gradient_norm = declare(
    "relu_gradient_norm", r"\|\nabla_gL_{\mathrm{ReLU}}\|/p", "ReLU gradient", **_nonneg
)

GROUP_LOSS_WINDOW = Assumption(
    "support-window-at-s0",
    "s_0 B_min >= lambda and s_0 mu B_max <= lambda",
    sp.Min(s_zero * B_min / lam - 1, 1 - s_zero * mu * B_max / lam),
    "side T1.3",
)

_NO_LEAK = "at every scale w and rotation Q at which no unit outside the active group fires"

register(
    Theorem(
        "side.two-relu-is-soft",
        "Two tied one-sided ReLUs are a soft threshold",
        "W(u - lambda)_+ - W(-u - lambda)_+ = W ST(u), u = W^T y, for every W and y.",
        (),
        sp.Eq(split_gap, sp.Integer(0), evaluate=False),
        "side_two_relu_gap",
        "side T1.0",
        tolerance=1e-9,
    )
)
register(
    Theorem(
        "side.relu-loss-identity",
        "ReLU loss of an antipodal pair",
        "l_ReLU(y) + l_ReLU(-y) = l_ST(y) + ||y||^2/2 for every sample without leakage, hence"
        " L_ReLU = (L_ST + m2/2)/2 >= m2/4.",
        MODEL_GAMMA1,
        sp.Eq(pair_loss, loss_soft_row + loss_zero_row, evaluate=False),
        "side_relu_pair_loss",
        "side T1.2",
        tolerance=1e-9,
    )
)
register(
    Theorem(
        "side.entries",
        "Elementwise units miss entries of the active group",
        "All d units of the active group fire with probability S_d(tau; d) < 1, tau = lambda/(w R); the group"
        " ReLU has them all on.",
        MODEL_GAMMA1,
        sp.Eq(entries_on, P_all, evaluate=False),
        "side_entries_on",
        "side T1.1",
        tolerance=0.02,
    )
)
for _name, _symbol, _floor, _which, _source in (
    ("soft-floor", loss_soft_rel, floor_soft, "soft threshold", "side T1.3"),
    ("relu-floor", loss_relu_rel, floor_relu, "ReLU", "side T1.3"),
    ("soft-floor-any", loss_soft_rel, floor_soft_any, "soft threshold, every Q", "side T1.3"),
    ("relu-floor-any", loss_relu_rel, floor_relu_any, "ReLU, every Q", "side T1.3"),
):
    register(
        Theorem(
            f"side.{_name}",
            f"Loss floor of a leak-free elementwise network ({_which})",
            f"{_symbol.name} >= {_floor.name} {_NO_LEAK}.",
            MODEL_GAMMA1,
            sp.Ge(_symbol, _floor, evaluate=False),
            "side_soft_loss" if "soft" in _name else "side_relu_loss",
            _source,
        )
    )
register(
    Theorem(
        "side.group-loss",
        "Loss of the group ReLU at its limit",
        "L_G(s* A) <= s_0^2 lambda^2 (1 - m1^2/m2)/2, 0 for constant R.",
        (*MODEL_GAMMA1, GROUP_LOSS_WINDOW),
        sp.Le(loss_group_run, loss_group_bound, evaluate=False),
        "side_group_loss",
        "side T1.3",
    )
)
register(
    Theorem(
        "side.soft-bias",
        "The soft threshold ends farther from A",
        "d/dw L_ST(wA) < 0 for w up to s_G, so the ST network sits at s_ST > s_G: (s_ST - 1) sqrt d from A."
        " A statement on the loss where w mu_col B_max <= lambda.",
        (*MODEL_GAMMA1, CONSTANT_RADIUS, BLOCKS),
        sp.Le(soft_slope, sp.Integer(0), evaluate=False),
        "side_soft_slope",
        "side T1.4",
    )
)
register(
    Theorem(
        "side.relu-nonstationary",
        "No scaled dictionary is stationary for the ReLU",
        "||grad_g L_ReLU(wA)||_F >= p sqrt(d(d-1)) b_w > 0: the plain ReLU is biased in shape.",
        (*MODEL_GAMMA1, CONSTANT_RADIUS, BLOCKS, ISOTROPIC),
        sp.Ge(relu_gradient_norm, relu_gradient, evaluate=False),
        "side_relu_gradient",
        "side T1.5(ii)",
    )
)
