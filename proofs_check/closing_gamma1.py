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
    eps,
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

Hypotheses = dict[str, sp.Expr | None]
MODEL: Hypotheses = dict.fromkeys(item.id for item in MODEL_GAMMA1)
START: Hypotheses = {"start-in-ball": None}


def at_most(measured: sp.Symbol, bound: sp.Expr) -> sp.Rel:
    return sp.Le(measured, bound, evaluate=False)


def at_least(measured: sp.Symbol, bound: sp.Expr) -> sp.Rel:
    return sp.Ge(measured, bound, evaluate=False)


def equal(measured: sp.Symbol, value: sp.Expr | int) -> sp.Rel:
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
        **START,
    }


def within(step: sp.Expr) -> sp.Expr:
    """Return the margin of eta <= step, with the registered room for rounding."""
    return 1 - eta / step + ROUNDING


def regular(use: Use) -> Hypotheses:
    """Return the hypothesis on the regular step."""
    return {"regular-step": within(use("gamma1-step").statement["regular"]["eta_max"])}


def large(use: Use) -> Hypotheses:
    """Return the hypothesis on the large step."""
    return {"large-step": within(use("gamma1-step").statement["large"]["eta_max"])}


def at_limit(use: Use) -> Hypotheses:
    """Return the hypotheses at W = s*A."""
    return {**MODEL, "support-window-at-limit": window(use, 0)}


# --- Theorem 1 --------------------------------------------------------------------------------------------


@closing("gamma1.support")
def support(use: Use) -> Closed:
    """(S) gives exact supports; L7 shows that both ends are attained."""
    use("L7")
    return Closed(
        at_most(support_error_rate, sp.Integer(0)), {**MODEL, "support-window": window(use), **START}
    )


@closing("gamma1.support.spectral")
def support_spectral(use: Use) -> Closed:
    """(S') gives exact supports."""
    hypotheses = {**MODEL, "support-window-spectral": window(use, delta, zeta), **START}
    return Closed(at_most(support_error_rate, sp.Integer(0)), hypotheses)


@closing("gamma1.support.threshold")
def support_threshold(use: Use) -> Closed:
    """(S) at constant R, solved for the threshold."""
    use("L5"), use("L6"), use("L12")
    hypotheses = {**MODEL, CONSTANT_RADIUS.id: None, "explicit-threshold": use("L8").statement, **START}
    return Closed(at_most(support_error_rate, sp.Integer(0)), hypotheses)


@closing("gamma1.support.exact")
def support_exact(use: Use) -> Closed:
    """A sample has a wrong active set only if one of the two bounds of L5 allows it."""
    bounds = use("L5").statement
    exact = (bounds["active"] > lam) & (bounds["inactive"] <= lam)
    return Closed(at_most(support_error_rate, sp.Piecewise((0, exact), (1, True))), MODEL)


@closing("gamma1.support.active")
def support_active(use: Use) -> Closed:
    """||u_g|| >= B_min sigma_min."""
    return Closed(at_least(u_active, use("L5").statement["active"]), MODEL)


@closing("gamma1.support.inactive")
def support_inactive(use: Use) -> Closed:
    """||u_h|| <= B_max leak."""
    hypotheses = {**MODEL, "several-groups": None}
    return Closed(at_most(u_inactive, use("L5").statement["inactive"]), hypotheses)


# --- Theorem 2 --------------------------------------------------------------------------------------------


@closing("gamma1.stationary")
def stationary(use: Use) -> Closed:
    """At W = sA the gradient is zero: N z = 0 as z = 0, D M = 0 as D = 0, and F'(s) = 0 is where s* lies."""
    use("L4"), use("L12"), use("L25")
    return Closed(equal(gradient_norm, 0), at_limit(use))


@closing("gamma1.scale")
def scale(use: Use) -> Closed:
    """Gradient descent converges to s*A Q, whose C has singular values s*."""
    use("L40"), use("L12")
    return Closed(equal(limit_scale, s), {**ball(use), **large(use)})


@closing("gamma1.scale.lower")
def scale_lower(use: Use) -> Closed:
    """Zero of the secant."""
    use("L40")
    return Closed(at_least(limit_scale, use("L12").statement["lower"]), {**ball(use), **large(use)})


@closing("gamma1.scale.upper")
def scale_upper(use: Use) -> Closed:
    """Zero of the tangent."""
    use("L40")
    return Closed(at_most(limit_scale, use("L12").statement["upper"]), {**ball(use), **large(use)})


@closing("gamma1.scale.lower_simple")
def scale_lower_simple(use: Use) -> Closed:
    """1 + a/2 under small spread."""
    use("L40")
    simple = use("L13").statement
    hypotheses = {**ball(use), **large(use), "small-spread": simple["condition"]}
    return Closed(at_least(limit_scale, simple["lower"]), hypotheses)


@closing("gamma1.scale.upper_simple")
def scale_upper_simple(use: Use) -> Closed:
    """1 + a/2 + a^2/8."""
    use("L40")
    return Closed(at_most(limit_scale, use("L13").statement["upper"]), {**ball(use), **large(use)})


@closing("gamma1.loss")
def loss(use: Use) -> Closed:
    """F(s*)."""
    use("L3")
    return Closed(equal(loss_at_limit, use("L14").statement["loss"]), at_limit(use))


# --- Theorem 3 --------------------------------------------------------------------------------------------


def _eigenvalue(name: str, extra: Mapping[str, None]) -> None:
    @closing(f"gamma1.hessian.{name}")
    def close(use: Use) -> Closed:
        return Closed(equal(eigenvalue, use("gamma1-spectrum").statement[name]), {**at_limit(use), **extra})


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
        equal(linear_factor, use("gamma1-factor").statement["factor"].xreplace(_named(use))), at_limit(use)
    )


@closing("gamma1.best_step")
def best_step(use: Use) -> Closed:
    """No step beats 2/(low + high)."""
    return Closed(
        at_least(linear_factor, use("gamma1-factor").statement["best"].xreplace(_named(use))), at_limit(use)
    )


@closing("gamma1.rate")
def sharp_rate(use: Use) -> Closed:
    """The recursion of D gives the rate."""
    hypotheses = {**ball(use), **large(use), "room-outside": None, "start-outside-subspace": None}
    return Closed(equal(rate, use("L40").statement["rate"]), hypotheses)


@closing("gamma1.rate.square")
def rate_square(use: Use) -> Closed:
    """The recursion of the differences of eigenvalues gives the rate."""
    use("L40")
    square = use("gamma1-square").statement
    hypotheses = {
        **ball(use),
        **large(use),
        "square-block": None,
        "start-inside-subspace": None,
        "step-below-crossing": sp.Piecewise((1, d < 2), (square["crossing"], True)),
    }
    value = sp.Piecewise((sp.Abs(square["single"]), d < 2), (square["several"], True))
    return Closed(equal(rate, value), hypotheses)


# --- Theorem 4 --------------------------------------------------------------------------------------------


def _contraction(use: Use, name: str) -> sp.Rel:
    statement = use("gamma1-step").statement
    use("L38"), use("L40")
    kappa = statement[name]["kappa"].subs(statement["tau"], dist)
    return at_most(dist_next, (1 - eta * kappa) * dist)


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
    return at_most(dist, (1 - eta * kappa) ** iteration * dist0)


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
    return Closed(at_most(dist, delta), {**ball(use), **large(use)})


@closing("gamma1.out_of_subspace")
def out_of_subspace(use: Use) -> Closed:
    """||I - eta M||."""
    outside = use("L39").statement
    bound = outside["factor"].subs(outside["radius"], four.E_norm) * four.D_norm
    return Closed(at_most(four.D_norm_next, bound), {**ball(use), **large(use)})


def _limit(theorem: str, measured: sp.Symbol) -> None:
    @closing(theorem)
    def close(use: Use) -> Closed:
        value = use("L40").statement["bias"] if measured is limit_generating else sp.Integer(0)
        return Closed(equal(measured, value), {**ball(use), **large(use)})


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
    return Closed(at_least(correlation, alpha * dist**2 + beta * grad_norm**2), ball(use))


@closing("gamma1.correlated_large")
def correlated_large(use: Use) -> Closed:
    """Sector bound of the large step, squared."""
    alpha, beta, _ = _constants(use, "large")
    return Closed(at_least(correlation, alpha * dist**2 + beta * grad_norm**2), ball(use))


@closing("gamma1.correlated_generating")
def correlated_generating(use: Use) -> Closed:
    """The same about A, by Young."""
    alpha, beta, _ = _constants(use, "regular")
    offset = use("L41").statement["offset"](alpha, beta)
    bound = alpha / 2 * dist_generating**2 + beta / 2 * grad_norm**2 - offset
    return Closed(at_least(correlation_generating, bound), ball(use))
