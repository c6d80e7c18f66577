"""The theorems with one active group, put together from proved steps.

Each function rebuilds conclusion and hypotheses from the statements of steps; `proofs_check.assemble`
compares them with what is registered. A hypothesis with None is compared by name: it describes the data.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from gsae_theory.theory.assumptions import CONSTANT_RADIUS, MODEL_GAMMA1
from gsae_theory.theory.quantity import get_quantity
from gsae_theory.theory.scalars import L_star, hess_traceless, kappa_slow, kappa_star
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
from gsae_theory.theory.symbols import B_max, B_min, d, delta, dist, dist0, dist_next, eta, iteration, lam, s
from gsae_theory.theory.theorems import gamma1_contraction as four
from gsae_theory.theory.theorems.gamma1_correlated import (
    correlation,
    correlation_generating,
    dist_generating,
    grad_norm,
)
from gsae_theory.theory.theorems.gamma1_fixed_point import gradient_norm, limit_scale, loss_at_limit
from gsae_theory.theory.theorems.gamma1_hessian import eigenvalue
from gsae_theory.theory.theorems.gamma1_hypotheses import ROUNDING
from gsae_theory.theory.theorems.gamma1_limit import limit_generating, limit_normalised, limit_scaled
from gsae_theory.theory.theorems.gamma1_rate import linear_factor, rate
from gsae_theory.theory.theorems.gamma1_support import support_error_rate, u_active, u_inactive
from proofs_check.assemble import same_value
from proofs_check.core import Closed, Unproved, Use, closing
from proofs_check.methods.identity import prove_equal, unfold

Hypotheses = dict[str, sp.Expr | None]
MODEL: Hypotheses = dict.fromkeys(item.id for item in MODEL_GAMMA1)
_START: Hypotheses = {"start-in-ball": None}


def _le(measured: sp.Symbol, bound: sp.Expr) -> sp.Rel:
    return sp.Le(measured, bound, evaluate=False)


def _ge(measured: sp.Symbol, bound: sp.Expr) -> sp.Rel:
    return sp.Ge(measured, bound, evaluate=False)


def _eq(measured: sp.Symbol, value: sp.Expr | int) -> sp.Rel:
    return sp.Eq(measured, value, evaluate=False)


# --- Hypotheses from steps -------------------------------------------------------------------------------


def window(use: Use, radius: sp.Expr | int = delta, leakage: sp.Expr | None = None) -> sp.Expr:
    """Return what has to be positive for exact supports: (S), or (S') if a bound on ||D_g|| is given."""
    use("L5")
    bounds = use("L6").statement
    if leakage is None:
        inactive, active = (bounds[name].subs(delta, radius) for name in ("inactive", "active"))
    else:
        inactive = bounds["inactive_spectral"].subs({eps: radius, zeta: leakage})
        active = bounds["active_spectral"].subs(eps, radius)
    return sp.Min(lam - B_max * inactive, B_min * active - lam)


def ball(use: Use, spectral: bool = False) -> Hypotheses:
    """Return the hypotheses of Theorem 4 without the step."""
    support = (
        {"support-window-spectral": window(use, delta, zeta)} if spectral else {"support-window": window(use)}
    )
    radii = use("L19").statement
    return {
        **MODEL,
        **support,
        "H2": use("gamma1-step").statement["H2"],
        **{name: radii[name].subs(radii["e"], delta) for name in ("H3", "H3-prime")},
        **_START,
    }


def _within(step: sp.Expr) -> sp.Expr:
    """Return the margin of eta <= step, with the registered room for rounding."""
    return 1 - eta / step + ROUNDING


def regular(use: Use) -> Hypotheses:
    """Return the hypothesis on the regular step."""
    return {"regular-step": _within(use("gamma1-step").statement["regular"]["eta_max"])}


def large(use: Use) -> Hypotheses:
    """Return the hypothesis on the large step."""
    return {"large-step": _within(use("gamma1-step").statement["large"]["eta_max"])}


def at_limit(use: Use) -> Hypotheses:
    """Return the hypotheses at W = s*A."""
    return {**MODEL, "support-window-at-limit": window(use, 0)}


# --- Theorem 1 --------------------------------------------------------------------------------------------


@closing("gamma1.support")
def support(use: Use) -> Closed:
    """(S) gives exact supports; L7 shows that both ends are attained."""
    use("L7")
    return Closed(_le(support_error_rate, sp.Integer(0)), {**MODEL, "support-window": window(use), **_START})


@closing("gamma1.support.spectral")
def support_spectral(use: Use) -> Closed:
    """(S') gives exact supports."""
    hypotheses = {**MODEL, "support-window-spectral": window(use, delta, zeta), **_START}
    return Closed(_le(support_error_rate, sp.Integer(0)), hypotheses)


@closing("gamma1.support.threshold")
def support_threshold(use: Use) -> Closed:
    """(S) at constant R, solved for the threshold."""
    use("L5"), use("L6"), use("L12")
    hypotheses = {**MODEL, CONSTANT_RADIUS.id: None, "explicit-threshold": use("L8").statement, **_START}
    return Closed(_le(support_error_rate, sp.Integer(0)), hypotheses)


@closing("gamma1.support.exact")
def support_exact(use: Use) -> Closed:
    """A sample has a wrong active set only if one of the two bounds of L5 allows it."""
    bounds = use("L5").statement
    exact = (bounds["active"] > lam) & (bounds["inactive"] <= lam)
    return Closed(_le(support_error_rate, sp.Piecewise((0, exact), (1, True))), MODEL)


@closing("gamma1.support.active")
def support_active(use: Use) -> Closed:
    """||u_g|| >= B_min sigma_min."""
    return Closed(_ge(u_active, use("L5").statement["active"]), MODEL)


@closing("gamma1.support.inactive")
def support_inactive(use: Use) -> Closed:
    """||u_h|| <= B_max leak."""
    hypotheses = {**MODEL, "several-groups": None}
    return Closed(_le(u_inactive, use("L5").statement["inactive"]), hypotheses)


# --- Theorem 2 --------------------------------------------------------------------------------------------


@closing("gamma1.stationary")
def stationary(use: Use) -> Closed:
    """At W = sA the gradient is zero: N z = 0 as z = 0, D M = 0 as D = 0, and F'(s) = 0 is where s* lies."""
    use("L4"), use("L12"), use("L25")
    return Closed(_eq(gradient_norm, 0), at_limit(use))


@closing("gamma1.scale")
def scale(use: Use) -> Closed:
    """Gradient descent converges to s*A Q, whose C has singular values s*."""
    use("L40"), use("L12")
    return Closed(_eq(limit_scale, s), {**ball(use), **large(use)})


@closing("gamma1.scale.lower")
def scale_lower(use: Use) -> Closed:
    """Zero of the secant."""
    use("L40")
    return Closed(_ge(limit_scale, use("L12").statement["lower"]), {**ball(use), **large(use)})


@closing("gamma1.scale.upper")
def scale_upper(use: Use) -> Closed:
    """Zero of the tangent."""
    use("L40")
    return Closed(_le(limit_scale, use("L12").statement["upper"]), {**ball(use), **large(use)})


@closing("gamma1.scale.lower_simple")
def scale_lower_simple(use: Use) -> Closed:
    """1 + a/2 under small spread."""
    use("L40")
    simple = use("L13").statement
    hypotheses = {**ball(use), **large(use), "small-spread": simple["condition"]}
    return Closed(_ge(limit_scale, simple["lower"]), hypotheses)


@closing("gamma1.scale.upper_simple")
def scale_upper_simple(use: Use) -> Closed:
    """1 + a/2 + a^2/8."""
    use("L40")
    return Closed(_le(limit_scale, use("L13").statement["upper"]), {**ball(use), **large(use)})


@closing("gamma1.loss")
def loss(use: Use) -> Closed:
    """F(s*)."""
    use("L3")
    return Closed(_eq(loss_at_limit, use("L14").statement["loss"]), at_limit(use))


# --- Theorem 3 --------------------------------------------------------------------------------------------


def _eigenvalue(name: str, extra: Mapping[str, None]) -> None:
    @closing(f"gamma1.hessian.{name}")
    def close(use: Use) -> Closed:
        return Closed(_eq(eigenvalue, use("gamma1-spectrum").statement[name]), {**at_limit(use), **extra})


_eigenvalue("rotation", {"block-size-two": None})
_eigenvalue("out_of_subspace", {"room-outside": None})
_eigenvalue("traceless", {"block-size-two": None})
_eigenvalue("trace", {})


def _named(use: Use) -> dict[sp.Symbol, sp.Expr]:
    """Return the same under the names of the theory, after comparing them."""
    ends = use("gamma1-factor").statement["ends"]
    spectrum = use("gamma1-spectrum").statement
    for name, symbol in (("out_of_subspace", kappa_star), ("traceless", hess_traceless), ("trace", L_star)):
        same_value(spectrum[name], symbol, name)
    cases = [(case.args[0], case.args[1]) for case in get_quantity(kappa_slow.name).expr.args]
    if [value for value, _ in cases] != [kappa_star, hess_traceless, L_star]:
        raise Unproved("kappa_slow is not the smallest curvature")
    return {ends["low"]: kappa_slow, ends["high"]: L_star}


@closing("gamma1.linear_factor")
def factor(use: Use) -> Closed:
    """max |1 - eta h| over the curvatures."""
    return Closed(
        _eq(linear_factor, use("gamma1-factor").statement["factor"].xreplace(_named(use))), at_limit(use)
    )


@closing("gamma1.best_step")
def best_step(use: Use) -> Closed:
    """No step beats 2/(low + high)."""
    return Closed(
        _ge(linear_factor, use("gamma1-factor").statement["best"].xreplace(_named(use))), at_limit(use)
    )


@closing("gamma1.rate")
def sharp_rate(use: Use) -> Closed:
    """The recursion of D gives the rate."""
    hypotheses = {**ball(use), **large(use), "room-outside": None, "start-outside-subspace": None}
    return Closed(_eq(rate, use("L40").statement["rate"]), hypotheses)


@closing("gamma1.rate.square")
def rate_square(use: Use) -> Closed:
    """What is registered is not what the steps give."""
    use("gamma1-factor"), use("L40")
    raise Unproved(
        "for d >= 2 the steps give max(1 - eta h, eta L* - 1) for starts with a traceless component; the theorem "
        "says 1 - eta h, assumes neither eta < 2/(h + L*) nor such a start"
    )


# --- Theorem 4 --------------------------------------------------------------------------------------------


def _contraction(use: Use, name: str) -> sp.Rel:
    statement = use("gamma1-step").statement
    use("L38"), use("L40")
    kappa = statement[name]["kappa"].subs(statement["tau"], dist)
    return _le(dist_next, (1 - eta * kappa) * dist)


@closing("gamma1.contraction")
def contraction(use: Use) -> Closed:
    """One regular step."""
    return Closed(_contraction(use, "regular"), {**ball(use), **regular(use)})


@closing("gamma1.contraction_large")
def contraction_large(use: Use) -> Closed:
    """One large step."""
    return Closed(_contraction(use, "large"), {**ball(use), **large(use)})


@closing("gamma1.contraction_spectral")
def contraction_spectral(use: Use) -> Closed:
    """One regular step under (S'), which persists because ||D_g||_2 does not grow."""
    use("L39")
    return Closed(_contraction(use, "regular"), {**ball(use, spectral=True), **regular(use)})


def _envelope(use: Use, name: str) -> sp.Rel:
    statement = use("gamma1-step").statement
    use("L40")
    kappa = statement[name]["kappa"].subs(statement["tau"], dist0)
    return _le(dist, (1 - eta * kappa) ** iteration * dist0)


@closing("gamma1.envelope")
def envelope(use: Use) -> Closed:
    """Later factors are smaller."""
    return Closed(_envelope(use, "regular"), {**ball(use), **regular(use)})


@closing("gamma1.envelope_large")
def envelope_large(use: Use) -> Closed:
    """Later factors are smaller, large step."""
    return Closed(_envelope(use, "large"), {**ball(use), **large(use)})


@closing("gamma1.ball")
def invariance(use: Use) -> Closed:
    """A contraction does not leave the ball."""
    use("L40")
    return Closed(_le(dist, delta), {**ball(use), **large(use)})


@closing("gamma1.out_of_subspace")
def out_of_subspace(use: Use) -> Closed:
    """||I - eta M||."""
    outside = use("L39").statement
    bound = outside["factor"].subs(outside["radius"], four.E_norm) * four.D_norm
    return Closed(_le(four.D_norm_next, bound), {**ball(use), **large(use)})


def _limit(theorem: str, measured: sp.Symbol) -> None:
    @closing(theorem)
    def close(use: Use) -> Closed:
        value = use("L40").statement["bias"] if measured is limit_generating else sp.Integer(0)
        return Closed(_eq(measured, value), {**ball(use), **large(use)})


_limit("gamma1.limit.scaled", limit_scaled)
_limit("gamma1.limit.generating", limit_generating)
_limit("gamma1.limit.normalised", limit_normalised)


def _constants(use: Use, name: str) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return alpha, beta and the largest step of the correlated form at radius delta."""
    statement, forms = use("gamma1-step").statement, use("L41").statement
    largest = statement[name]["eta_max"]
    kappa = statement[name]["kappa"].subs(statement["tau"], delta)
    return forms["alpha"](kappa, largest), forms["beta"](largest), largest


@closing("gamma1.correlated")
def correlated(use: Use) -> Closed:
    """Sector bound of the regular step, squared."""
    alpha, beta, _ = _constants(use, "regular")
    return Closed(_ge(correlation, alpha * dist**2 + beta * grad_norm**2), ball(use))


@closing("gamma1.correlated_large")
def correlated_large(use: Use) -> Closed:
    """Sector bound of the large step, squared."""
    alpha, beta, _ = _constants(use, "large")
    return Closed(_ge(correlation, alpha * dist**2 + beta * grad_norm**2), ball(use))


@closing("gamma1.correlated_generating")
def correlated_generating(use: Use) -> Closed:
    """The same about A, by Young."""
    alpha, beta, _ = _constants(use, "regular")
    offset = use("L41").statement["offset"](alpha, beta)
    bound = alpha / 2 * dist_generating**2 + beta / 2 * grad_norm**2 - offset
    return Closed(_ge(correlation_generating, bound), ball(use))


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
        **_START,
    }


@closing("gamma1.monotone")
def monotone(use: Use) -> Closed:
    """One-point monotonicity."""
    return Closed(_ge(correlation, use("gamma1-monotone").statement["kappa"] * dist**2), larger_ball(use))


@closing("gamma1.lipschitz")
def lipschitz(use: Use) -> Closed:
    """Size of the gradient."""
    return Closed(_le(grad_norm, use("gamma1-monotone").statement["Lam"](delta) * dist), larger_ball(use))


@closing("gamma1.contraction_small_step")
def contraction_small_step(use: Use) -> Closed:
    """dist(W+)^2 <= (1 - eta k) dist^2."""
    statement = use("gamma1-monotone").statement
    kappa, Lam = statement["kappa"], statement["Lam"](delta)
    hypotheses = {**larger_ball(use), "small-step": _within(kappa / Lam**2)}
    return Closed(_le(dist_next, sp.sqrt(1 - eta * kappa) * dist), hypotheses)


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
        "region-step": _within(d / c),
    }
    return hypotheses, c, (c - statement["norm"](c)) / d


@closing("gamma1.region.spectrum")
def region_spectrum(use: Use) -> Closed:
    """The spectrum of C stays in its interval."""
    return Closed(_le(four.E_norm, eps), region(use)[0])


@closing("gamma1.region.outside")
def region_outside(use: Use) -> Closed:
    """||D_g||_2 does not grow."""
    use("L39")
    return Closed(_le(four.D_norm, zeta), region(use)[0])


@closing("gamma1.region.contraction")
def region_contraction(use: Use) -> Closed:
    """Contraction by ||T||/c, interpolated to smaller steps."""
    hypotheses, _, kappa = region(use)
    return Closed(_le(dist_next, (1 - eta * kappa) * dist), hypotheses)
