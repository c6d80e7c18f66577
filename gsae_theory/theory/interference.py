"""The interference bound: P(t, D, Q, O) = P1 + ... + P9, a polynomial with nonnegative coefficients.

General Theorem 2: on the ball max_h dist_h <= delta, for every group,
``||grad_g L / p - G0(W_g) - K_g Delta_g||_F <= P(t, D, Q, O)`` where G0 is the one-active-group
gradient, ``K_g Delta = (q m2/d) s^2 j2 A_{-g} A_{-g}^T Delta`` and

======== ======================================================
t_ball   max over h of ||Delta_h||_F, at most delta
D_lean   ||Delta_{-g}^T A_g||_F
Q_lean   ||sum over h != g of Delta_h A_h^T A_g||_F
O_norm   ||Delta_{-g}||_F
======== ======================================================

with Delta_h = W_h Q_h - s A_h aligned. Ball constants stay symbols (see `interference_constants`).
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.interference_constants import (
    Z_ball,
    Ze_ball,
    Zx_ball,
    a_S,
    c_bar,
    eps1_ball,
    j_bar,
    j_two,
    k2,
    k3,
    k_h,
    r_q,
    several,
    sm,
    t_q,
    w_corr,
    z2_ball,
)
from gsae_theory.theory.quantity import Quantity, define
from gsae_theory.theory.symbols import (
    G,
    Gam,
    a_frame,
    b_op,
    beta_F,
    d,
    declare,
    m2,
    mu2_g1,
    muF_g1,
    nu_op,
    q,
    q2,
    s,
    tau_T,
)

t_ball = declare("t_ball", "t", "max over h of ||Delta_h||_F", nonnegative=True)
D_lean = declare("D_lean", "D", "||Delta_{-g}^T A_g||_F", nonnegative=True)
Q_lean = declare("Q_lean", "Q", "||sum over h != g of Delta_h A_h^T A_g||_F", nonnegative=True)
O_norm = declare("O_norm", "O", "||Delta_{-g}||_F", nonnegative=True)
VARIABLES = (t_ball, D_lean, Q_lean, O_norm)

_SOURCE = "general Theorem 2"
t, D, Q, O = VARIABLES  # noqa: E741 - the document's letters

# Abbreviations: bounds on norms of blocks of A and W (general, proof of Theorem 2, [G16]).
w1 = s + t  # ||W_g||
w2 = s + O  # ||W_{-g} - ...|| through s I + Delta
a1 = s * a_frame + O  # ||W_{-g}||
a2 = s * a_S + O  # ||W_{S minus g}||
f1 = s * sp.sqrt(d) + t  # ||W_g||_F
om = s * beta_F + a_frame * t  # ||A_{-g}^T W_g||_F
om_op = s * b_op + a_frame * t  # ||A_{-g}^T W_g||
om_t = s * beta_F + D  # ||W_{-g}^T A_g||_F
om_t_op = s * b_op + D  # ||W_{-g}^T A_g||
om_both = s * beta_F + a_frame * t + D
V = s * om_t_op + a1 * t  # ||W_{-g}^T W_g||
V_S = several * (s * (s * mu2_g1 + D) + a2 * t)  # ||W_{S minus g}^T W_g||
U = r_q * om + nu_op * f1  # root of E||zeta||^2
U_op = r_q * om_op + nu_op * w1  # root of ||E zeta zeta^T||
C_d = U_op + k2 * Z_ball * U
C_z = r_q * a_frame + nu_op  # root of ||E z z^T||
H = (k_h + sp.sqrt(m2) * t) / sp.sqrt(d)
R1 = (c_bar + t * (k_h + w1 * sp.sqrt(m2))) / sp.sqrt(d)
R2 = c_bar + t * (k_h + w1 * sp.sqrt(m2)) / sp.sqrt(d)
Xi = sp.sqrt(q * G) * (sp.sqrt(q2) * sm * om + nu_op * f1)
n_N = 2 * k2 * (t * sm + sp.sqrt(q2) * sm * om + nu_op * f1 + eps1_ball / 2)
j_ball = j_bar + 2 * k2 * sm * t  # ||E J(ubar)||
Psi_gain = (2 * s * t + t**2) * j_two + 4 * w1**2 * k2 * sm * t  # Psi - s^2 j2
Psi = s**2 * j_two + Psi_gain  # ||E Jbar W_g^T W_g Jbar||
V1 = t_q * k_h * (s * D + O * t)
V0 = t_q * c_bar * om + r_q * t * (s * om_both + a1 * t) + nu_op * f1

_qm = q * m2 / d

TERMS: tuple[Quantity, ...] = tuple(
    define(declare(f"P{i}", f"P_{i}", f"bound on term {i} of E_g - K_g Delta_g"), expr, meaning, _SOURCE)
    for i, (expr, meaning) in enumerate(
        (
            (R1 * k2 * U**2, "residual against the change of the hidden block"),
            (w1 * H * k2 * U**2, "decoded change against the hidden block"),
            (
                w1
                * (
                    _qm * om_op * om
                    + nu_op**2 * w1 * f1
                    + 2 * k2 * Z_ball * U_op * U
                    + k2**2 * Z_ball**2 * U**2
                ),
                "decoded change against itself",
            ),
            (
                q
                * (
                    j_bar * (s**2 * tau_T + s * (a_frame * D + Q) + O * D) * (w_corr + m2 * t) / d
                    + a1 * n_N * om_both * sm * H
                ),
                "residual of the other active groups against the hidden block",
            ),
            (
                t_q * a_frame * c_bar * U
                + (q * w_corr / d) * j_ball * (s * Q + O * a_frame * t)
                + _qm * a1 * t * om_both
                + (t_q * k_h + r_q * w2) * O * k2 * Z_ball * U
                + nu_op * U
                + several * k2 * a2 * U**2 * sm * (s * muF_g1 + D)
                + a2 * k2 * Ze_ball * r_q * om_t * C_d
                + q * (q2 * m2 / d * a1 * (a1 * a_frame + w2) * om + a1**2 * nu_op**2 * f1)
                + a2 * k2 * Xi * (Zx_ball * C_d + Z_ball * U),
                "residual of the other active groups against the change of the hidden block",
            ),
            (sm * w1 * R2 * k3 * U**2, "code against the changed Jacobian of the residual"),
            (3 * k2 * sm * w1**2 * U**2, "code against the decoded change through the Jacobian"),
            (
                _qm
                * (
                    j_bar * (s * (s**2 * Gam + 2 * s * b_op * D + D**2) + om_t_op * a1 * t)
                    + n_N * V * om_both
                )
                + 2 * k2 * sm * U * (V0 + V1 + V_S * (r_q * om_t + Xi)),
                "code against the residual of the other active groups through the Jacobian",
            ),
            (
                _qm * (s * tau_T * Psi + a_frame**2 * t * Psi_gain)
                + nu_op**2 * f1 * Psi
                + 3 * k2 * C_z * w1**2 * Z_ball * U
                + (q * w_corr / d) * j_ball * a_frame * (s * D + O * t)
                + C_z * (z2_ball * V1 + V0 + V_S * ((k2 * Ze_ball + 2 * k2 * Z_ball) * r_q * om_t + Xi))
                + 2 * k2 * C_z * U * w1 * R2,
                "interference against everything through the Jacobian, K_g Delta_g removed",
            ),
        ),
        start=1,
    )
)
"""P1 .. P9, each bounding the term of the same number."""

P: sp.Expr = sp.Add(*(term.expr for term in TERMS))
"""The interference bound as an expression in `VARIABLES` and ball constants."""

P_interference = declare("P_interference", "P(t,D,Q,O)", "bound on ||E_g - K_g Delta_g||_F", nonnegative=True)
define(P_interference, sp.Add(*(term.symbol for term in TERMS)), "sum of P1 .. P9", _SOURCE)


def P_at(
    t_value: sp.Expr | int, D_value: sp.Expr | int, Q_value: sp.Expr | int, O_value: sp.Expr | int
) -> sp.Expr:
    """Return P(t, D, Q, O) at the given expressions."""
    return P.xreplace(
        {
            v: sp.Integer(x) if isinstance(x, int) else x
            for v, x in zip(VARIABLES, (t_value, D_value, Q_value, O_value), strict=True)
        }
    )


def polynomial(expr: sp.Expr = P) -> sp.Poly:
    """Return `expr` as a polynomial in (t, D, Q, O) whose coefficients are expressions in ball constants."""
    return sp.Poly(expr, *VARIABLES, domain="EX")


e0 = declare("e0", "e_0", "interference bound at W = s A", nonnegative=True)
define(e0, P_at(0, 0, 0, 0), "P(0,0,0,0); 0 without noise if gamma = 1 or mu = 0", _SOURCE)
