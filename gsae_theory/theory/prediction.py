"""Sharp prediction of the floor: an expansion in the Gram off-diagonals, without error bound.

General (5.1)-(5.3), no noise. The scalar coefficients are quantities; the matrix formulas take a
dictionary (n, G, d) and numbers. (5.1) is exact for d = 1; everything else is asymptotic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput
from gsae_theory.theory.interference import e0
from gsae_theory.theory.interference_constants import alpha_R, c_R, j_bar, j_two, k_h, w_corr
from gsae_theory.theory.quantity import Environment, Number, define
from gsae_theory.theory.scalars import om
from gsae_theory.theory.symbols import G, R, d, declare, expect_R, lam, m2, mm1, n, q, q2, s, tau_T

Array = NDArray[np.float64]

_51, _52, _53 = "general (5.1)", "general (5.2)", "general (5.3)"
_N = d * (d + 2)
_TINY = sp.Float(1e-300)  # keeps 0/0 out of an instance without interference

K_drift = declare("K_drift", "K", "coefficient of the drift T_g")
X_curv = declare("X_curv", "X", "curvature coefficient in the in-subspace part")
k1_pred = declare("k1_pred", "k_1", "coefficient of A_g Gamma_g")
k2_pred = declare("k2_pred", "k_2'", "coefficient of tr(Gamma_g) A_g")
third_pred = declare("third_pred", "k_3'", "coefficient of (A A^T - A_g A_g^T - I) T_g, 0 for gamma <= 2")
chi = declare("chi", r"\chi", "order-q part of the Hessian, a multiple of A A^T", nonnegative=True)
h1 = declare("h1", "h_1", "Hessian on A E, E symmetric: multiple of E", nonnegative=True)
h2 = declare("h2", "h_2", "Hessian on A E, E symmetric: multiple of tr(E) I", nonnegative=True)
first_order = declare("first_order", r"(q/d)K\tau", "leading part of e0", nonnegative=True)
first_order_share = declare("first_order_share", r"(q/d)K\tau/e_0", "share of the leading part in e0")
s_q = declare("s_q", "s_q", "scale of the limit for a tight frame, W = s_q A")

_cR = expect_R(c_R * R)
_shrunk = expect_R((1 - alpha_R) ** 2)
define(
    K_drift,
    s**2 * j_bar * w_corr
    + s**3 * m2 * j_two
    - 2 * s * j_bar * _cR
    - (1 - 1 / d) * lam * m2 * expect_R(c_R / R**2),
    "T4, T9, T5",
    _51,
)
define(
    X_curv,
    s**2 * lam / 2 * expect_R((1 + 3 * alpha_R) / R) + lam / 2 * expect_R(c_R / R**2) - lam * mm1 * _cR / m2,
    "T2 + T7, T1 + T6, T8",
    _51,
)
define(
    k1_pred,
    2 * (d - 1) * X_curv / _N
    + s**3 * (expect_R(alpha_R**2) + 2 * expect_R(alpha_R * (1 - alpha_R)) / d + 2 * _shrunk / _N)
    + s**3 * j_bar / m2 * (expect_R(R**2 * alpha_R) + 2 * expect_R(R**2 * (1 - alpha_R)) / (d + 2)),
    "curvature, T3, T8",
    _51,
)
define(
    k2_pred,
    (d - 1) * X_curv / _N
    + s**3 * _shrunk / _N
    + s**3 * j_bar / m2 * expect_R(R**2 * (1 - alpha_R)) / (d + 2),
    "curvature, T3, T8",
    _51,
)
define(third_pred, 2 * q2 * s**3 * m2 * j_bar**2, "T5 and T9 in equal parts", _51)
define(chi, (q / d) * (s**2 * m2 * j_two + 2 * j_bar * s * w_corr), "K_g and the order-q part of T4, T5", _53)
define(h1, 4 * k_h**2 / d + 2 * om / _N, "4 kap0^2/d + 2 om/(d(d+2))", _52)
define(h2, om / _N, "om/(d(d+2))", _52)
define(
    s_q,
    s
    - (q / d)
    * (G * d / n - 1)
    * (K_drift + m2 * (k1_pred + d * k2_pred) + third_pred * (G * d / n - 2))
    / (h1 + d * h2),
    "only for A A^T = (m/n) I: the limit is a pure rescaling, first order in q",
    "general section 5, tight frame",
)
define(first_order, q / d * K_drift * tau_T, "norm of the drift (q/d) K T_g", _51)
define(
    first_order_share,
    first_order / sp.Max(e0, _TINY),
    "how much of e0 is the leading term; 0 where there is no interference",
    _51,
)

floor_predicted = declare(
    "floor_predicted",
    r"\hat\varrho_F",
    "rms over groups of the predicted limit distance to s A",
    nonnegative=True,
)


@dataclass(frozen=True)
class Prediction:
    """What the expansion predicts for the limit W_g = s A_g + Delta_g.

    Attributes
    ----------
    force : array (n, G, d)
        Interference gradient E_g(s A), (5.1).
    displacement : array (n, G, d)
        Delta_g of (5.3), with the order-q Hessian.
    displacement_first_order : array (n, G, d)
        Delta_g of (5.2); good only where chi a^2 is small against kappa*.
    """

    force: Array
    displacement: Array
    displacement_first_order: Array

    @property
    def distances(self) -> Array:
        """Predicted dist_g, shape (G,)."""
        return np.sqrt((self.displacement**2).sum(axis=(0, 2)))

    @property
    def rms(self) -> float:
        """Predicted rms distance over groups, by (5.3)."""
        return _rms(self.displacement)

    @property
    def rms_first_order(self) -> float:
        """The same by (5.2)."""
        return _rms(self.displacement_first_order)

    @property
    def largest(self) -> float:
        """Predicted largest distance, by (5.3)."""
        return float(self.distances.max())


def _rms(blocks: Array) -> float:
    return float(np.sqrt((blocks**2).sum() / blocks.shape[1]))


def predict(A: Array, values: Mapping[str, Number]) -> Prediction:
    """Return the predicted interference gradient and limit for the dictionary `A`.

    Parameters
    ----------
    A : array (n, G, d)
        Generating matrix with orthonormal blocks.
    values : mapping
        Constants of the model and ``lam``; G and d must be those of `A`.

    Raises
    ------
    InvalidInput
        If `A` is not of the shape that `values` names.
    """
    env = values if isinstance(values, Environment) else Environment(values)
    size, groups, block = A.shape
    for name, given in (("n", size), ("G", groups), ("d", block)):
        if int(float(env[name])) != given:
            raise InvalidInput(
                f"dictionary {name}", given, f"{name} = {env[name]} of the instance", env[name]
            )
    force = interference_gradient(A, env)
    inside = _inside(A, force, env)
    outside = _project_out(A, force)
    curvature = float(env["kappa_star"])
    solved = _project_out(A, _solve_shifted(A, outside, curvature, float(env["chi"])))
    return Prediction(force, -solved - inside, -outside / curvature - inside)


def drift(A: Array) -> Array:
    """Return T_g = (A A^T - I) A_g for all groups, shape (n, G, d)."""
    flat = A.reshape(A.shape[0], -1)
    return (flat @ (flat.T @ flat)).reshape(A.shape) - A


def interference_gradient(A: Array, values: Mapping[str, Number]) -> Array:
    """Return E_g(s A) to second order in the Gram off-diagonals, (5.1), shape (n, G, d)."""
    env = values if isinstance(values, Environment) else Environment(values)
    share = float(env["q"]) / A.shape[2]
    T = drift(A)
    Gamma = np.einsum("ngi,ngj->gij", A, T)
    trace = np.einsum("gii->g", Gamma)
    inside = float(env["k1_pred"]) * np.einsum("ngi,gij->ngj", A, Gamma)
    inside += float(env["k2_pred"]) * A * trace[None, :, None]
    force = float(env["K_drift"]) * T + float(env["m2"]) * inside
    third = float(env["third_pred"])
    if third:
        flat = A.reshape(A.shape[0], -1)
        twice = (flat @ (flat.T @ T.reshape(flat.shape))).reshape(A.shape)
        force += third * (twice - np.einsum("ngi,gij->ngj", A, Gamma) - T)
    return share * force


def _project_out(A: Array, X: Array) -> Array:
    """Return (I - A_g A_g^T) X_g for all groups."""
    return X - np.einsum("ngi,mgi,mgj->ngj", A, A, X, optimize=True)


def _inside(A: Array, force: Array, env: Environment) -> Array:
    """Return A_g Y_g, the in-subspace response (5.2)."""
    first, second, block = float(env["h1"]), float(env["h2"]), A.shape[2]
    X = np.einsum("ngi,ngj->gij", A, force)
    X = (X + X.transpose(0, 2, 1)) / 2
    trace = np.einsum("gii->g", X)
    Y = (X - second / (first + block * second) * trace[:, None, None] * np.eye(block)) / first
    return np.einsum("ngi,gij->ngj", A, Y)


def _solve_shifted(A: Array, X: Array, shift: float, weight: float) -> Array:
    """Return (shift I + weight A A^T)^{-1} X_g, through the smaller of the two Gram matrices."""
    flat, right = A.reshape(A.shape[0], -1), X.reshape(A.shape[0], -1)
    rows, columns = flat.shape
    if rows <= columns:
        solved = np.linalg.solve(shift * np.eye(rows) + weight * flat @ flat.T, right)
    else:
        small = shift * np.eye(columns) + weight * flat.T @ flat
        solved = (right - weight * flat @ np.linalg.solve(small, flat.T @ right)) / shift
    return np.asarray(solved.reshape(A.shape), dtype=np.float64)
