"""gamma1 Theorems 5 and 6, put together from proved steps; see closing_gamma1.py."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.spectral_region import (
    REGION_CONSTANTS,
    K1a_min,
    K1b_min,
    Lb_max,
    eps,
    mm_min,
    mp_min,
    zeta,
)
from gsae_theory.theory.symbols import d, delta, dist, dist_next, eta
from gsae_theory.theory.theorems import gamma1_contraction as four
from gsae_theory.theory.theorems.gamma1_correlated import correlation, grad_norm
from proofs_check.closing_gamma1 import MODEL, START, Hypotheses, at_least, at_most, window, within
from proofs_check.core import Closed, Use, closing
from proofs_check.methods.identity import prove_equal, unfold

# --- Theorem 5 --------------------------------------------------------------------------------------------


def _same_integrand(symbol: sp.Symbol, integrand: sp.Expr, norm: sp.Symbol) -> sp.Symbol:
    """Return the constant of the theory after confirming that it is the extremum of this expression."""
    registered = REGION_CONSTANTS[symbol.name].integrand
    rho = next(item for item in registered.free_symbols if item.name == "rho")
    prove_equal(integrand.xreplace({norm: rho}), registered, what=f"what {symbol} is the extremum of")
    return symbol


def larger_ball(use: Use) -> Hypotheses:
    """Return the hypotheses of Theorem 5 without the step."""
    statement = use("gamma1-monotone").statement
    norm = sp.Symbol("rho", positive=True)
    at = {statement["e"]: delta}
    return {
        **MODEL,
        "support-window": window(use),
        "larger-radius": statement["radius"],
        "K1a": _same_integrand(K1a_min, statement["K1a"].subs(at), norm),
        "K1b": _same_integrand(K1b_min, statement["K1b"].subs(at), norm),
        **START,
    }


@closing("gamma1.monotone")
def monotone(use: Use) -> Closed:
    """One-point monotonicity."""
    return Closed(
        at_least(correlation, use("gamma1-monotone").statement["kappa"] * dist**2), larger_ball(use)
    )


@closing("gamma1.lipschitz")
def lipschitz(use: Use) -> Closed:
    """Size of the gradient."""
    return Closed(at_most(grad_norm, use("gamma1-monotone").statement["Lam"](delta) * dist), larger_ball(use))


@closing("gamma1.contraction_small_step")
def contraction_small_step(use: Use) -> Closed:
    """dist(W+)^2 <= (1 - eta k) dist^2."""
    statement = use("gamma1-monotone").statement
    kappa, Lam = statement["kappa"], statement["Lam"](delta)
    hypotheses = {**larger_ball(use), "small-step": within(kappa / Lam**2)}
    return Closed(at_most(dist_next, sp.sqrt(1 - eta * kappa) * dist), hypotheses)


# --- Theorem 6 --------------------------------------------------------------------------------------------


def region(use: Use) -> tuple[Hypotheses, sp.Expr, sp.Expr]:
    """Return the hypotheses of Theorem 6, c, and kappa_sp."""
    pulls, statement = use("L47").statement, use("gamma1-region").statement
    radii = use("L19").statement
    e = radii["e"]
    norm = pulls["rho"]
    mm, mp, Lb = (
        _same_integrand(symbol, pulls[name], norm)
        for symbol, name in ((mm_min, "mm"), (mp_min, "mp"), (Lb_max, "Lb"))
    )
    low, high = statement["pulls"]
    c = statement["c"](Lb)
    hypotheses = {
        **MODEL,
        "support-window-region": window(use, eps, zeta),
        "H2-region": unfold(use("gamma1-step").statement["H2"]).subs(delta, eps),
        "H3-region": radii["H3"].subs(e, eps),
        "H3-prime-region": radii["H3-prime"].subs(e, eps),
        "inward-pull": sp.Min(mm, mp),
        "small-leakage": sp.Min(low * mm, high * mp) - statement["leakage"],
        "region-step": within(d / c),
    }
    return hypotheses, c, (c - statement["norm"](c)) / d


@closing("gamma1.region.spectrum")
def region_spectrum(use: Use) -> Closed:
    """The spectrum of C stays in its interval."""
    return Closed(at_most(four.E_norm, eps), region(use)[0])


@closing("gamma1.region.outside")
def region_outside(use: Use) -> Closed:
    """||D_g||_2 does not grow."""
    use("L39")
    return Closed(at_most(four.D_norm, zeta), region(use)[0])


@closing("gamma1.region.contraction")
def region_contraction(use: Use) -> Closed:
    """Contraction by ||T||/c, interpolated to smaller steps."""
    hypotheses, _, kappa = region(use)
    return Closed(at_most(dist_next, (1 - eta * kappa) * dist), hypotheses)
