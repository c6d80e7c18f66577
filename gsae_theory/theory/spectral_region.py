"""Constants of gamma1 Theorems 5 and 6 that are a minimum or maximum over a norm rho.

The SymPy expression in rho is the one source. Its extremum has no closed form; `region_values` finds
it in floating point on a fine grid with local refinement, so a claim that rests on it is NOT_CERTIFIED
until an interval computation has confirmed it. A theorem that uses such a constant lists it in
``parameters["not_certified"]``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import sympy as sp
from scipy.optimize import minimize_scalar

from gsae_theory.theory.quantity import Environment, Number, define, lambdified
from gsae_theory.theory.scalars import L_of, Phi, kap0sq, kap_sq, kappa_star, t_delta, xi1, xi2
from gsae_theory.theory.symbols import d, declare, delta, lam, m1, m2, s

_THEOREM_5 = "gamma1 Theorem 5"
_THEOREM_6 = "gamma1 Theorem 6"
GRID = 2001
"""Nodes of the grid on which an extremum is located before refinement."""

eps = declare(
    "eps", r"\varepsilon", "largest |singular value of A_g^T W_g - s| in the region", nonnegative=True
)
zeta = declare(
    "zeta", r"\zeta", "largest spectral norm of D_g = A_perp^T W_g in the region", nonnegative=True
)
rho = declare("rho", r"\rho", "norm of A^T W theta", positive=True)

K1a_min = declare("K1a_min", r"K_{1a}", "least slack of (K1a) on its range of rho, at radius delta")
K1b_min = declare("K1b_min", r"K_{1b}", "least slack of (K1b) on its range of rho, at radius delta")
mm_min = declare("mm_min", r"m_-", "least inward pull at the lower end of the spectrum")
mp_min = declare("mp_min", r"m_+", "least inward pull at the upper end of the spectrum")
Lb_max = declare("Lb_max", r"\bar L", "steepest step of an eigenvalue of C")


# --- Expressions in rho ---------------------------------------------------------------------------------


def k1a_slack(r: sp.Expr, e: sp.Expr) -> sp.Expr:
    """Return 16 Phi(r)(s - e) - lam e xi2(r): (K1a) asks for >= 0 on [sqrt(s^2 - e^2), s]."""
    return 16 * Phi(r) * (s - e) - lam * e * xi2(r)


def k1b_slack(r: sp.Expr, e: sp.Expr) -> sp.Expr:
    """Return the slack of (K1b), to be >= 0 on [s - e, s]."""
    positive = sp.Max(0, xi1(r) * (3 * s + e) * (s + e) - xi2(r))
    return 16 * Phi(r) * (xi1(r) * s**2 + xi2(r)) - (3 * s - e) * lam * e * xi1(r) * positive


def nu_minus(e: sp.Expr) -> sp.Expr:
    """Return s^2 - (s-e)^2."""
    return e * (2 * s - e)


def nu_plus(e: sp.Expr) -> sp.Expr:
    """Return (s+e)^2 - s^2."""
    return e * (2 * s + e)


def h0_of(r: sp.Expr) -> sp.Expr:
    """Return lam(xi1 s^2 + xi2)(r^2 - s^2)."""
    return lam * (xi1(r) * s**2 + xi2(r)) * (r**2 - s**2)


def mm_of(r: sp.Expr, e: sp.Expr) -> sp.Expr:
    """Return the pull at c = s - e given rho = r."""
    return 2 * Phi(r) * nu_minus(e) - h0_of(r) - lam * xi1(r) * nu_plus(e) ** 2


def mp_of(r: sp.Expr, e: sp.Expr) -> sp.Expr:
    """Return the pull at c = s + e given rho = r."""
    return 2 * Phi(r) * nu_plus(e) + h0_of(r) + lam * xi1(r) * (r**2 - s**2) ** 2


def lb_of(r: sp.Expr, e: sp.Expr) -> sp.Expr:
    """Return a bound on the derivative of (s + x)(2 Phi x(2s + x) + h) in x given rho = r [L47]."""
    return 2 * Phi(r) * (2 * s**2 + 6 * s * e + 3 * e**2) + h0_of(r) + lam * xi1(r) * nu_plus(e) ** 2


# --- Extrema -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RegionConstant:
    """An extremum over rho of a SymPy expression.

    Attributes
    ----------
    symbol : sympy.Symbol
    integrand : sympy.Expr
        In `rho`, primitives and quantities.
    interval : tuple of two sympy.Expr
        Range of rho.
    kind : str
        ``min`` or ``max``.
    source : str
    certified : bool
        False: the value is found in floating point.
    """

    symbol: sp.Symbol
    integrand: sp.Expr
    interval: tuple[sp.Expr, sp.Expr]
    kind: Literal["min", "max"]
    source: str
    certified: bool = False

    def numeric(self, values: Mapping[str, Number]) -> float:
        """Return the extremum at `values`: best node of a grid of 2001, refined between its neighbours."""
        environment = values if isinstance(values, Environment) else Environment(values)
        low, high = (float(environment.evaluate(end)) for end in self.interval)
        names, function = lambdified(self.integrand)
        sign = 1.0 if self.kind == "min" else -1.0
        others = {name: environment[name] for name in names if name != "rho"}

        def signed(at: Number) -> Number:
            # A radius far outside the region makes weights of no width; the hypotheses refuse it then.
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                return sign * function(*[at if name == "rho" else others[name] for name in names])

        nodes = np.linspace(low, high, GRID)
        heights = np.broadcast_to(np.asarray(signed(nodes), dtype=float), nodes.shape)
        best = int(np.argmin(heights))
        value = float(heights[best])
        left, right = nodes[max(best - 1, 0)], nodes[min(best + 1, GRID - 1)]
        if right > left:
            refined = minimize_scalar(
                signed, bounds=(left, right), method="bounded", options={"xatol": 1e-12}
            )
            value = min(value, float(refined.fun))
        return sign * value


_at_delta = (s - delta, s)
_at_eps = (s - eps, s + eps)

REGION_CONSTANTS: dict[str, RegionConstant] = {
    constant.symbol.name: constant
    for constant in (
        RegionConstant(K1a_min, k1a_slack(rho, delta), (sp.sqrt(s**2 - delta**2), s), "min", _THEOREM_5),
        RegionConstant(K1b_min, k1b_slack(rho, delta), _at_delta, "min", _THEOREM_5),
        RegionConstant(mm_min, mm_of(rho, eps), _at_eps, "min", _THEOREM_6),
        RegionConstant(mp_min, mp_of(rho, eps), _at_eps, "min", _THEOREM_6),
        RegionConstant(Lb_max, lb_of(rho, eps), _at_eps, "max", _THEOREM_6),
    )
}


def region_values(
    values: Mapping[str, Number], names: Iterable[str] = tuple(REGION_CONSTANTS)
) -> dict[str, float]:
    """Return the extrema called `names`, in floating point (not certified).

    Parameters
    ----------
    values : mapping
        The instance, with ``delta`` for the constants of Theorem 5 and ``eps`` for those of Theorem 6.
    names : iterable of str
        Names from `REGION_CONSTANTS`.
    """
    return {name: REGION_CONSTANTS[name].numeric(values) for name in names}


# --- Named quantities of Theorem 5 ------------------------------------------------------------------------

Lam_ball = declare("Lam_ball", r"\Lambda(\delta)", "Lipschitz bound ||grad_g L||/p <= Lambda dist")
eta_max_monotone = declare("eta_max_monotone", r"\eta''_{\max}", "largest step of the larger ball")
define(Lam_ball, L_of(delta) + kappa_star * t_delta * (1 + t_delta), "", _THEOREM_5)
define(eta_max_monotone, kappa_star * (1 - t_delta**2) / Lam_ball**2, "", _THEOREM_5)

# --- Named quantities of Theorem 6 ------------------------------------------------------------------------

c_region = declare("c_region", "c", "d times the largest admissible inverse step of the spectral region")
eta_max_region = declare("eta_max_region", r"\eta_{\mathrm{sp}}", "largest step of the spectral region")
kappa_region = declare("kappa_region", r"\kappa_{\mathrm{sp}}", "contraction on the spectral region")
zeta_max_region = declare(
    "zeta_max_region", r"\zeta_{\max}", "largest zeta admitted by the pulls, before (S')"
)


def t_norm(e: sp.Expr, z: sp.Expr, c: sp.Expr) -> sp.Expr:
    """Return ||T||_2 of T = [[c - 3.5 kap(e)^2, sqrt(m2) z kap(-e)], [0, c - kap(e)^2]] [L49]."""
    first, last = c - sp.Rational(7, 2) * kap_sq(e), c - kap_sq(e)
    square = first**2 + last**2 + m2 * z**2 * kap_sq(-e)
    return sp.sqrt((square + sp.sqrt(square**2 - 4 * first**2 * last**2)) / 2)


define(c_region, sp.Max((d * L_of(eps) + sp.Rational(7, 2) * kap0sq) / 2, Lb_max), "", _THEOREM_6)
define(eta_max_region, d / c_region, "", _THEOREM_6)
define(kappa_region, (c_region - t_norm(eps, zeta, c_region)) / d, "may be negative", _THEOREM_6)
define(
    zeta_max_region,
    sp.sqrt(sp.Min((s - eps) * mm_min, (s + eps) * mp_min) / (m2 * (s + eps) - lam * m1)),
    "root of min((s-eps) m_-, (s+eps) m_+)/(m2(s+eps) - lam m1)",
    _THEOREM_6,
)
