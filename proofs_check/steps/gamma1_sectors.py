"""gamma1 section 4, Assembly, and section 5: the sector polynomials (L35, L37, L45, L46)."""

from __future__ import annotations

import sympy as sp

from proofs_check.core import Proof, Use, step
from proofs_check.methods.bernstein import nonnegative

x, xi, y = sp.symbols("x xi y", nonnegative=True)
t, c = sp.symbols("t c", nonnegative=True)
HALF, SECTOR_5 = sp.Rational(1, 2), sp.Rational(59, 100)
CHOICES = {"regular": (sp.Rational(7, 2), sp.Integer(1)), "large": (sp.Integer(2), sp.Rational(5, 2))}
"""(b, gam): the sector of Lemma D that is used, and kappa = kappa*(1 - gam t^2) which it gives."""


def smallest_c(b: sp.Expr) -> sp.Expr:
    """Return the c at which (P_b) is checked: (L(delta) + b kappa*)/2 is at least this in units [L36]."""
    return 2 + b / 2 + 3 * t + t**2


def sector(b: sp.Expr, gam: sp.Expr) -> sp.Expr:
    """Return the left side of (P_b) over t^2, with x = xi t."""
    at = smallest_c(b)
    first = (at - b * (1 - xi * t) ** 2) * xi + (1 - xi * t) * t * (1 - xi**2)
    return (at - 1 + gam * t**2) ** 2 - first**2 - (at - (1 - xi * t) ** 2) ** 2 * (1 - xi**2)


def monotone_sector() -> sp.Expr:
    """Return left minus right side of (P_5), with x = xi t."""
    X = xi * t
    return 4 * (1 - X) ** 2 * xi**2 + (1 - xi**2) * (1 - X) * (1 - 2 * X) - (1 - t**2)


@step("L37")
def sector_polynomials(use: Use) -> Proof:
    """(P_b) for both choices of (b, gam), on two charts at the corner."""
    boxes = {
        name: nonnegative(f"P_{name}", sector(b, gam), [(xi, 0, 1), (t, 0, HALF)], corner=(xi, t))
        for name, (b, gam) in CHOICES.items()
    }
    return Proof({name: sector(*choice) for name, choice in CHOICES.items()}, "certificate", {"boxes": boxes})


@step("L46")
def monotone_polynomial(use: Use) -> Proof:
    """(P_5), on two charts at the corner."""
    boxes = nonnegative("P_5", monotone_sector(), [(xi, 0, 1), (t, 0, SECTOR_5)], corner=(xi, t))
    return Proof(monotone_sector(), "certificate", {"boxes": boxes})


@step("L35")
def decreasing_in_r(use: Use) -> Proof:
    """Om decreases in r: what the derivative needs, for c >= 3 and x <= t <= 1/2."""
    use("L34")
    slack = c * (2 - 3 * x) - (2 + x**2 + t**2) * (1 - x)
    nonnegative("L35", slack, [(c, 3, sp.oo), (t, 0, HALF), (x, 0, t)])
    return Proof(slack, "certificate")


@step("L45")
def gradient_part(use: Use) -> Proof:
    """N^2 - N x y >= (1-x)(1-2x) y^2 for N >= (1-x) y."""
    N = sp.Symbol("N", nonnegative=True)
    slack = N**2 - N * x * y - (1 - x) * (1 - 2 * x) * y**2
    nonnegative("L45", slack, [(x, 0, sp.Rational(2, 3)), (y, 0, sp.oo), (N, (1 - x) * y, sp.oo)])
    return Proof(slack, "certificate")
