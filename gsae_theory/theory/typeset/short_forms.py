"""Short forms in which long expressions are printed: P as a function of its four arguments, moments, norms.

The expressions themselves are what is proved, evaluated and compared; a short form is for reading.
`written_out` turns it back into exactly the expression it stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import sympy as sp
from sympy.core.function import AppliedUndef

from gsae_theory.theory import elementwise as units
from gsae_theory.theory import interference as bound
from gsae_theory.theory.convergence import D_m, c_inf, d_m, dist_max, fro
from gsae_theory.theory.interference_constants import eps1_ball, k_h, sm
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.scalars import Phi, kap_sq, xi1, xi2
from gsae_theory.theory.spectral_region import REGION_CONSTANTS, c_region, eps, nu_minus, nu_plus, rho, zeta
from gsae_theory.theory.symbols import G, b_op, d, delta, lam, m2, mu, mu2_g1, nu_op, q2, s
from gsae_theory.theory.typeset.printer import FUNCTION_NAMES, SHORT_NAMES


@dataclass(frozen=True)
class Abbreviation:
    """A name for an expression, in print only; `expr` uses the abbreviations before it."""

    symbol: sp.Symbol
    expr: sp.Expr


ABBREVIATIONS: dict[sp.Symbol, Abbreviation] = {}


def _abbreviate(latex: str, expr: sp.Expr) -> None:
    symbol = sp.Symbol(f"short_{len(ABBREVIATIONS)}", nonnegative=True)
    SHORT_NAMES[symbol] = latex
    ABBREVIATIONS[symbol] = Abbreviation(symbol, _abbreviated(expr))


def _abbreviated(expr: sp.Expr) -> sp.Expr:
    for item in ABBREVIATIONS.values():
        expr = expr.xreplace({item.expr: item.symbol})
    return expr


# Norms of blocks of A and W, and what the terms of P are made of (general, proof of Theorem 2, [G16]).
_hidden = k_h + sp.sqrt(m2) * bound.t
_decoded = k_h + bound.w1 * sp.sqrt(m2)
_inside = sp.sqrt(q2) * sm * bound.om + nu_op * bound.f1
for _latex, _expr in (
    ("w_1", bound.w1),
    ("w_2", bound.w2),
    ("a_1", bound.a1),
    ("a_2", bound.a2),
    ("f_1", bound.f1),
    (r"\omega", bound.om),
    (r"\omega_{\mathrm{op}}", bound.om_op),
    (r"\tilde\omega", bound.om_t),
    (r"\tilde\omega_{\mathrm{op}}", bound.om_t_op),
    (r"\hat\omega", bound.om_both),
    ("U", bound.U),
    (r"U_{\mathrm{op}}", bound.U_op),
    ("C_d", bound.C_d),
    ("C_z", bound.C_z),
    ("H", _hidden),
    ("H_1", _decoded),
    ("X", _inside),
    ("V", bound.V),
    ("V_S", s * (s * mu2_g1 + bound.D) + bound.a2 * bound.t),
    ("V_1", s * bound.D + bound.O * bound.t),
    ("N", bound.t * sm + _inside + eps1_ball / 2),
    (r"\bar\jmath_t", bound.j_ball),
    (r"\Psi_+", bound.Psi_gain),
    (r"\Psi", bound.Psi),
):
    _abbreviate(_latex, _expr)

# The two norms of the triangular matrix T of gamma1 Theorem 6 [L49].
_first, _last = c_region - sp.Rational(7, 2) * kap_sq(eps), c_region - kap_sq(eps)
_abbreviate("T_{11}", _first)
_abbreviate("T_{22}", _last)
_abbreviate(r"\Theta", _first**2 + _last**2 + m2 * zeta**2 * kap_sq(-eps))


@dataclass(frozen=True)
class Function:
    """A function in print: its name, the arguments in its definition, what it stands for.

    Attributes
    ----------
    head : sympy undefined function
    arguments : tuple of sympy.Expr
        Those of the definition that is printed.
    short : sympy.Expr
        Right-hand side of that definition, itself a short form.
    expr : callable
        Returns the expression of a theorem for any arguments.
    """

    head: sp.core.function.UndefinedFunction
    arguments: tuple[sp.Expr, ...]
    short: sp.Expr
    expr: Callable[..., sp.Expr]


FUNCTIONS: dict[str, Function] = {}


def _function(
    name: str, latex: str, arguments: tuple[sp.Expr, ...], short: sp.Expr, expr: Callable[..., sp.Expr]
) -> sp.core.function.UndefinedFunction:
    head = sp.Function(name, nonnegative=True)
    FUNCTION_NAMES[name] = latex
    FUNCTIONS[name] = Function(head, arguments, short, expr)
    return head


_tau = units.tau
P_of = _function("P_of", "P", bound.VARIABLES, QUANTITIES["P_interference"].expr, bound.P_at)
_J = [
    _function(f"J{k}_of", f"J_{k}", (_tau,), units.tail_moment(k), lambda at, k=k: units.tail_moment(k, at))
    for k in range(3)
]
_a = _function("a_of", "a", (_tau,), d * (_J[2](_tau) - _tau * _J[1](_tau)), units.alignment)
_b = _function(
    "b_of", "b", (_tau,), d * (_J[2](_tau) - 2 * _tau * _J[1](_tau) + _tau**2 * _J[0](_tau)), units.energy
)
rho_of = _function(
    "rho_of",
    r"\rho_d",
    (_tau,),
    sp.Piecewise((_a(_tau) ** 2 / _b(_tau), _tau < 1), (0, True)),
    units.captured,
)
_Phi = _function("Phi_of", r"\Phi", (rho,), Phi(rho), Phi)
_xi1 = _function("xi1_of", r"\xi_1", (rho,), xi1(rho), xi1)
_xi2 = _function("xi2_of", r"\xi_2", (rho,), xi2(rho), xi2)


def _integrands() -> Iterable[tuple[str, sp.Expr]]:
    """Yield the constants of gamma1 Theorems 5 and 6 that are extrema, and their integrands in Phi, xi_1 and xi_2."""
    phi, x1, x2 = _Phi(rho), _xi1(rho), _xi2(rho)
    h0 = lam * (x1 * s**2 + x2) * (rho**2 - s**2)
    positive = sp.Max(0, x1 * (3 * s + delta) * (s + delta) - x2)
    yield "K1a_min", 16 * phi * (s - delta) - lam * delta * x2
    yield "K1b_min", 16 * phi * (x1 * s**2 + x2) - (3 * s - delta) * lam * delta * x1 * positive
    yield "mm_min", 2 * phi * nu_minus(eps) - h0 - lam * x1 * nu_plus(eps) ** 2
    yield "mp_min", 2 * phi * nu_plus(eps) + h0 + lam * x1 * (rho**2 - s**2) ** 2
    yield "Lb_max", 2 * phi * (2 * s**2 + 6 * s * eps + 3 * eps**2) + h0 + lam * x1 * nu_plus(eps) ** 2


def _points() -> Iterable[tuple[sp.Expr, sp.Expr]]:
    """Yield what is printed as a function at a point, and how."""
    spread = sp.Min(sp.sqrt(G - 1) * dist_max, fro)
    radius = sp.sqrt(G - 1) * delta
    e0 = QUANTITIES["e0"].symbol
    yield QUANTITIES[c_inf.name].expr, (P_of(delta, radius, b_op * radius, radius) - e0) / delta
    for point in (
        (sp.S.Zero,) * 4,
        (sp.S.Zero, sp.S.Zero, sp.S.Zero, D_m),
        (sp.S.Zero, sp.S.Zero, b_op * D_m, D_m),
        (d_m, sp.S.Zero, b_op * D_m, D_m),
        (d_m, D_m, b_op * D_m, D_m),
        (dist_max, spread, b_op * spread, spread),
        bound.VARIABLES,
    ):
        yield bound.P_at(*point), P_of(*point)
    for name, integrand in _integrands():
        yield REGION_CONSTANTS[name].integrand, integrand
    for at in (units.mu_col_Q, mu / sp.sqrt(d), _tau):
        yield units.captured(at), rho_of(at)


_POINTS = dict(_points())


def short_form(expr: sp.Expr) -> sp.Expr:
    """Return an expression as it is printed; most are their own short form."""
    return _abbreviated(expr.xreplace(_POINTS))


def written_out(expr: sp.Expr) -> sp.Expr:
    """Return the expression that a short form stands for: no abbreviation and no function of `FUNCTIONS` is left."""
    for item in reversed(ABBREVIATIONS.values()):
        expr = expr.xreplace({item.symbol: item.expr})
    return expr.replace(
        lambda node: isinstance(node, AppliedUndef) and node.func.__name__ in FUNCTIONS,
        lambda node: FUNCTIONS[node.func.__name__].expr(*node.args),
    )


__all__ = ["ABBREVIATIONS", "FUNCTIONS", "Abbreviation", "Function", "short_form", "written_out"]
