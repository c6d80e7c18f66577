"""Elementwise nonlinearities on group-sparse codes: supports, losses, floors (side section 1).

A block x_g = R theta meets a network W_g = w A_g Q_g. The group-sparse ReLU sees its norm; the soft
threshold (ST) and the ReLU see its entries, theta_j against tau = lambda/(w R). Everything below is
a moment of one entry of a uniform direction, theta_1^2 ~ Beta(1/2, (d-1)/2).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy import special
from sympy.utilities.lambdify import implemented_function

from gsae_theory.errors import InvalidInput
from gsae_theory.theory.quantity import Environment, Number, define, lambdified
from gsae_theory.theory.symbols import B_max, R, d, declare, expect_R, lam, m1, m2, mu

_SOURCE = "side section 1"
_pos, _nonneg = {"positive": True}, {"nonnegative": True}

tau = declare(
    "tau", r"\vartheta", "relative threshold lambda/(w R) that an entry of theta has to pass", **_nonneg
)
U = declare("U", "U", "threshold relative to the norm of the active block, lambda/R", **_pos)
w_scale = declare("w_scale", "w", "scale w of a network W_g = w A_g Q_g", **_pos)
mu_col_Q = declare(
    "mu_col_Q",
    r"\mu_{\mathrm{col}}(Q)",
    "largest norm of A_g^T A_h Q_h e_j over g != h and columns j",
    **_nonneg,
)


# Moments of one entry of a uniform direction

c_sphere = sp.gamma(d / 2) / (sp.sqrt(sp.pi) * sp.gamma((d + 1) / 2))
"""E |theta_1|."""


def _beta_tail(first: sp.Expr, at: sp.Expr, size: sp.Expr) -> sp.Expr:
    """Return 1 - I_{at}(first, (size-1)/2); for blocks of size 1 theta_1^2 is 1."""
    tail = 1 - sp.betainc_regularized(first, (size - 1) / 2, 0, at)
    return sp.Piecewise((sp.Piecewise((1, at < 1), (0, True)), size < 2), (0, at >= 1), (tail, True))


def tail_moment(k: int, at: sp.Expr = tau, size: sp.Expr = d) -> sp.Expr:
    """Return J_k = E |theta_1|^k 1{|theta_1| > at} for k in {0, 1, 2}, as a SymPy expression.

    Parameters
    ----------
    k : int
    at : sympy.Expr
        Relative threshold, >= 0; the result is 0 from 1 on.
    size : sympy.Expr
        Block size.

    Raises
    ------
    InvalidInput
        For another k.
    """
    if k == 0:
        return _beta_tail(sp.Rational(1, 2), at**2, size)
    if k == 1:
        c = c_sphere.subs(d, size)
        return sp.Piecewise((0, at >= 1), (c * (1 - at**2) ** ((size - 1) / 2), True))
    if k == 2:
        return _beta_tail(sp.Rational(3, 2), at**2, size) / size
    raise InvalidInput("k", k, "0, 1 or 2", min(max(k, 0), 2))


def alignment(at: sp.Expr = tau) -> sp.Expr:
    """Return a(tau) = E <theta, ST_tau theta>."""
    return d * (tail_moment(2, at) - at * tail_moment(1, at))


def energy(at: sp.Expr = tau) -> sp.Expr:
    """Return b(tau) = E ||ST_tau theta||^2."""
    return d * (tail_moment(2, at) - 2 * at * tail_moment(1, at) + at**2 * tail_moment(0, at))


def captured(at: sp.Expr = tau) -> sp.Expr:
    """Return rho_d(tau) = a^2/b, the share of the energy that ST rebuilds at its best scale; 0 from 1 on."""
    return sp.Piecewise((alignment(at) ** 2 / energy(at), at < 1), (0, True))


def _quantity(name: str, latex: str, expr: sp.Expr, meaning: str, source: str = _SOURCE) -> sp.Symbol:
    symbol = declare(name, latex, meaning, **_nonneg)
    define(symbol, expr, meaning, source)
    return symbol


J_0 = _quantity("J_0", "J_0", tail_moment(0), "P(|theta_1| > tau)")
J_1 = _quantity("J_1", "J_1", tail_moment(1), "E |theta_1| 1{|theta_1| > tau}")
J_2 = _quantity("J_2", "J_2", tail_moment(2), "E theta_1^2 1{|theta_1| > tau}")
a_soft = _quantity("a_soft", r"a(\vartheta)", d * (J_2 - tau * J_1), "E <theta, ST theta>")
b_soft = _quantity("b_soft", r"b(\vartheta)", d * (J_2 - 2 * tau * J_1 + tau**2 * J_0), "E ||ST theta||^2")
rho_d = _quantity("rho_d", r"\rho_d", captured(), "share of the energy that ST can rebuild", "side T1.3")

# Losses at W_g = w A_g Q_g without leakage (T1.2)

f_soft_expr = 1 - 2 * w_scale**2 * alignment(U / w_scale) + w_scale**4 * energy(U / w_scale)
f_soft = _quantity("f_soft", "f(w, U)", f_soft_expr, "2 L_ST / R^2 at scale w and lambda = U R", "side T1.2")
s_group = _quantity(
    "s_group", "s_G(U)", (U + sp.sqrt(U**2 + 4)) / 2, "limit scale of the group ReLU, constant R", "side T1.2"
)
slope_soft_expr = (
    -2 * w_scale * (1 - w_scale**2) * tail_moment(2, U / w_scale)
    + U * (1 - 3 * w_scale**2) * tail_moment(1, U / w_scale)
    + U**2 * w_scale * tail_moment(0, U / w_scale)
)
"""(1/(2d)) df/dw: its root above s_G is the scale of the ST network."""

s_soft = declare("s_soft", r"s_{\mathrm{ST}}(U)", "limit scale of the soft threshold, constant R", **_pos)
# df/dw < 0 at s_G (T1.4), > 0 at the upper end, and one zero between: proof steps S1.8, S1.8c, S1.8d.
define(
    s_soft,
    slope_soft_expr.subs(w_scale, s_soft),
    "limit scale of the soft threshold, constant R, d >= 2",
    "side T1.4",
    bracket=(s_group, 1 + 2 * U * (1 + sp.sqrt(d))),
)

loss_group_expr = expect_R((R - w_scale * (w_scale * R - lam)) ** 2) / 2
"""L of the group ReLU at scale w, all active, no leakage."""

loss_group = _quantity(
    "loss_group", r"L_{\mathrm{G}}", loss_group_expr, "loss of the group ReLU at scale w", "side T1.2"
)
s_zero = _quantity(
    "s_zero", "s_0", ((U + sp.sqrt(U**2 + 4)) / 2).subs(U, lam * m1 / m2), "s_G(lambda m1/m2)", "side T1.3"
)
loss_group_bound = _quantity(
    "loss_group_bound",
    r"\bar L_{\mathrm{G}}",
    s_zero**2 * lam**2 * (1 - m1**2 / m2) / 2,
    "bound on the loss of the group ReLU at its limit; 0 for constant R",
    "side T1.3",
)

# Floors of leak-free elementwise networks, relative to m2/2 (side T1.3)

floor_soft = _quantity(
    "floor_soft", r"\phi_{\mathrm{ST}}", 1 - captured(mu_col_Q), "2 L_ST/m2 is at least this", "side T1.3"
)
floor_relu = _quantity(
    "floor_relu",
    r"\phi_{\mathrm{ReLU}}",
    1 - captured(mu_col_Q) / 2,
    "2 L_ReLU/m2 is at least this",
    "side T1.3",
)
floor_soft_any = _quantity(
    "floor_soft_any",
    r"\phi'_{\mathrm{ST}}",
    1 - captured(mu / sp.sqrt(d)),
    "the same for every Q",
    "side T1.3",
)
floor_relu_any = _quantity(
    "floor_relu_any",
    r"\phi'_{\mathrm{ReLU}}",
    1 - captured(mu / sp.sqrt(d)) / 2,
    "the same for every Q",
    "side T1.3",
)

no_leak_soft = 1 - w_scale * mu_col_Q * B_max / lam
"""Margin of "no elementwise unit outside the active group fires" at scale w."""
no_leak_group = 1 - w_scale * mu * B_max / lam
"""The same for blocks."""


# Joint supports (T1.1)


def all_entries_closed(size: int, at: sp.Expr = tau) -> sp.Expr:
    """Return the closed form of P(all d entries pass) for d in {1, 2, 3} (d = 3: Gauss-Bonnet).

    Raises
    ------
    InvalidInput
        For another block size; `joint_tail` computes those.
    """
    if size == 1:
        value: sp.Expr = sp.Integer(1)
    elif size == 2:
        value = 1 - 4 / sp.pi * sp.asin(at)
    elif size == 3:
        u = at / sp.sqrt(1 - at**2)
        excess = 2 * sp.pi - 3 * at * (sp.pi / 2 - 2 * sp.asin(u)) - 3 * sp.acos(-(at**2) / (1 - at**2))
        value = 2 / sp.pi * excess
    else:
        raise InvalidInput("size", size, "1, 2 or 3 (use joint_tail for larger blocks)", 3)
    return sp.Piecewise((value, at < 1 / sp.sqrt(size)), (0, True))


def recursion(k: int, size: int) -> sp.Eq:
    """Return the recursion of T1.1 as an equation between S_k(tau; d) and its integral."""
    S, t = sp.Function(f"S_{k}"), sp.Symbol("t", positive=True)
    previous = sp.Function(f"S_{k - 1}")(tau / sp.sqrt(1 - t**2), size - 1)
    return sp.Eq(S(tau, size), sp.Integral(entry_density(t, sp.Integer(size)) * previous, (t, tau, 1)))


def entry_density(t: sp.Expr, size: sp.Expr = d) -> sp.Expr:
    """Return the density f_d of |theta_1| on (0, 1), d >= 2."""
    c = 2 * sp.gamma(size / 2) / (sp.sqrt(sp.pi) * sp.gamma((size - 1) / 2))
    return c * (1 - t**2) ** ((size - 3) / 2)


_NODES = 48


@lru_cache(maxsize=256)
def _table(k: int, size: int, nodes: int) -> NDArray[np.float64]:
    """Chebyshev coefficients of S_k(.; size) in v, tau = k^{-1/2} (1 - v^2): S has half powers at tau_max."""
    angle = np.pi * (np.arange(nodes) + 0.5) / nodes
    v = 0.5 * (1 + np.cos(angle))
    values = _step(k, size, (1 - v**2) / np.sqrt(k), nodes)
    cosines = np.cos(np.outer(np.arange(nodes), angle))
    coefficients = 2 / nodes * cosines @ values
    coefficients[0] /= 2
    return coefficients


def _step(k: int, size: int, at: NDArray[np.float64], nodes: int) -> NDArray[np.float64]:
    """One integral of the recursion at many thresholds below k^{-1/2}."""
    x, weight = np.polynomial.legendre.leggauss(nodes)
    x, weight = 0.5 * (x + 1), 0.5 * weight
    high = np.sqrt(1 - (k - 1) * at**2)
    # t = high - (high - at) x^2: the integrand has half powers at the upper end
    t = high[:, None] - (high - at)[:, None] * x**2
    inner = joint_tail(k - 1, at[:, None] / np.sqrt(1 - t**2), size - 1, nodes)
    _, density = lambdified(entry_density(sp.Symbol("t", positive=True), sp.Integer(size)))
    f = density(t) if size != 3 else np.ones_like(t)
    return np.sum(f * inner * 2 * x * weight, axis=1) * (high - at)


def joint_tail(k: int, at: Number, size: int, nodes: int = _NODES) -> NDArray[np.float64]:
    """Return S_k(at; size) = P(|theta_1|, .., |theta_k| > at) for a uniform direction (T1.1).

    Closed forms for k <= 1 and k = size = 2, otherwise the recursion by Gauss quadrature.

    Parameters
    ----------
    k : int
        0 <= k <= size.
    at : float or array
        Relative thresholds, >= 0.
    size : int
        Block size, >= 1.
    nodes : int
        Nodes per level; doubling the default changes the result by less than 1e-7, most near threshold 0.

    Returns
    -------
    array of the shape of `at`

    Raises
    ------
    InvalidInput
        If k is not in [0, size].
    """
    if not 0 <= k <= size:
        raise InvalidInput("k", k, f"an integer in [0, {size}]", min(max(k, 0), size))
    at = np.asarray(at, dtype=float)
    if k == 0:
        return np.ones_like(at)
    if k == 1:
        _, tail = lambdified(tail_moment(0, tau, sp.Integer(size)))
        return np.broadcast_to(np.asarray(tail(at) if size > 1 else (at < 1), dtype=float), at.shape)
    limit = 1 / np.sqrt(k)
    clipped = np.minimum(at, limit)
    if k == size == 2:
        return np.where(at < limit, 1 - 4 / np.pi * np.arcsin(clipped), 0.0)
    v = np.sqrt(np.maximum(0.0, 1 - clipped / limit))
    value = np.polynomial.chebyshev.chebval(2 * v - 1, _table(k, size, nodes))
    return np.where(at < limit, np.clip(value, 0.0, 1.0), 0.0)


def _all_entries(size: Number, at: Number) -> NDArray[np.float64]:
    return joint_tail(int(size), at, int(size))


all_entries_function = implemented_function("P_all", _all_entries)
P_all = _quantity(
    "P_all",
    r"P_{\mathrm{all}}",
    all_entries_function(d, tau),
    "P(all d entries of theta pass), S_d(tau; d)",
    "side T1.1",
)


def some_unit(at: Number, size: int, one_sided: bool) -> NDArray[np.float64]:
    """Return P(some unit of the active group fires) for ST (two-sided) or ReLU (`one_sided`) units.

    Inclusion-exclusion over T1.1's S_k; in floating point useful up to size 16 or so.
    """
    factor = 0.5 if one_sided else 1.0
    total = np.zeros_like(np.asarray(at, dtype=float))
    for k in range(1, size + 1):
        total = total - (-factor) ** k * special.comb(size, k) * joint_tail(k, at, size)
    return np.clip(total, 0.0, 1.0)


# In-block gradient of the ReLU loss (T1.5 ii)


def cross_moment(at: Number, size: int, nodes: int = 64) -> float:
    """Return E (theta_1 - tau)_+ (theta_2 - tau)_+ for d >= 2, tau < 2^{-1/2} (0 above).

    In polar coordinates of (theta_1, theta_2) the angle integrates in closed form
    (`cross_moment_given_r`); the radius, r^2 ~ Beta(1, (d-2)/2), by Gauss quadrature.

    Raises
    ------
    InvalidInput
        For blocks of size 1.
    """
    if size < 2:
        raise InvalidInput("size", size, "a block size >= 2", 2)
    low = np.sqrt(2.0) * float(at)
    if low >= 1:
        return 0.0
    _, inner = lambdified(cross_moment_given_r)
    if size == 2:
        return float(inner(1.0, float(at)))
    x, weight = np.polynomial.legendre.leggauss(nodes)
    x, weight = 0.5 * (x + 1), 0.5 * weight
    r = 1 - (1 - low) * x**2  # clears the half power (1-r^2)^{(d-4)/2} at r = 1
    density = (size - 2) * r * (1 - r**2) ** ((size - 4) / 2)
    return float(np.sum(density * inner(r, float(at)) * 2 * x * weight) * (1 - low))


_r = sp.Symbol("r", positive=True)
_phi = sp.asin(tau / _r)
cross_moment_given_r = (
    _r**2 * sp.cos(2 * _phi) / 2
    - 2 * _r * tau * (sp.cos(_phi) - sp.sin(_phi))
    + tau**2 * (sp.pi / 2 - 2 * _phi)
) / (2 * sp.pi)
"""E over the angle of (r cos - tau)_+ (r sin - tau)_+, for r >= sqrt(2) tau."""

_cross = np.vectorize(lambda size, at: cross_moment(at, int(size)), otypes=[float])
cross_moment_function = implemented_function("b_cross", _cross)
relu_gradient = _quantity(
    "relu_gradient",
    r"g_{\mathrm{ReLU}}",
    sp.sqrt(d * (d - 1)) * w_scale**3 * R**2 * cross_moment_function(d, lam / (w_scale * R)),
    "lower bound on ||grad_g L_ReLU||/p at w A_g Q_g, Q_g = I, constant R",
    "side T1.5",
)


def soft_scale(size: int, ratio: float) -> float:
    """Return s_ST(U) for block size `size` and U = `ratio` (T1.4)."""
    return float(np.asarray(Environment({"d": size, "U": ratio})["s_soft"]))
