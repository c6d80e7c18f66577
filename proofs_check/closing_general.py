"""The theorems for any number of active groups put together from their steps.

Each entry asks for the steps that the claim rests on, takes the bound from their statements, and names the
hypotheses that they need, with their margins where a step has derived one. `assemble` compares that with
the registered theorem.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory import convergence as cv
from gsae_theory.theory.interference import e0
from gsae_theory.theory.scalars import kappa_star
from gsae_theory.theory.symbols import B_max, B_min, G, delta, dist, dist_next, iteration, lam
from gsae_theory.theory.theorems.gamma1_hypotheses import dist0_max
from gsae_theory.theory.theorems.gamma1_support import support_error_rate, u_active, u_inactive
from gsae_theory.theory.theorems.general_convergence import (
    bias_gap,
    dist_max_next,
    fro_next,
    limit_bias_gap,
    limit_max,
    limit_rms,
)
from gsae_theory.theory.theorems.general_correlated import (
    correlation_sum,
    correlation_sum_generating,
    fro_generating,
    grad_norm_sum,
)
from gsae_theory.theory.theorems.general_hypotheses import F0
from gsae_theory.theory.theorems.general_interference import interference_norm
from gsae_theory.theory.theorems.general_prediction import expansion_error
from proofs_check.core import Closed, Use, closing

SUPPORT_MODEL = {"orthonormal-blocks": None, "bounded-norm": None, "bounded-symmetric-noise": None}
MOMENTS = {
    **SUPPORT_MODEL,
    "exactly-gamma-active": None,
    "uniform-support": None,
    "symmetric-code": None,
    "independent-groups": None,
    "threshold-range": None,
    "two-groups": None,
}


def _at_most(measured: sp.Symbol, bound: sp.Expr) -> sp.Rel:
    return sp.Le(measured, bound, evaluate=False)


def _window(use: Use, suffix: str = "") -> dict[str, sp.Expr]:
    """Return (H): the margins that Theorem 1 needs."""
    window = use("G4").statement
    return {"off": lam - window[f"inactive{suffix}"], "on": window[f"active{suffix}"] - lam}


@closing("general.support.inactive")
def support_inactive(use: Use) -> Closed:
    """Theorem 1, inactive groups."""
    return Closed(_at_most(u_inactive, use("G4").statement["inactive"]), dict(SUPPORT_MODEL))


@closing("general.support.active")
def support_active(use: Use) -> Closed:
    """Theorem 1, active groups."""
    return Closed(sp.Ge(u_active, use("G4").statement["active"], evaluate=False), dict(SUPPORT_MODEL))


@closing("general.support")
def support(use: Use) -> Closed:
    """Theorem 1: no error in the window."""
    margins = _window(use)
    hypotheses = {**SUPPORT_MODEL, "support-inactive": margins["off"], "support-active": margins["on"]}
    return Closed(_at_most(support_error_rate, sp.Integer(0)), {**hypotheses, "start-in-ball": None})


@closing("general.support.coherence")
def support_coherence(use: Use) -> Closed:
    """Theorem 1, coherence form; Proposition 1.2 shows that it is attained."""
    use("G6")
    margins = _window(use, "_coherence")
    named = {"support-inactive-coherence": margins["off"], "support-active-coherence": margins["on"]}
    return Closed(
        _at_most(support_error_rate, sp.Integer(0)), {**SUPPORT_MODEL, **named, "start-in-ball": None}
    )


@closing("general.support.threshold")
def support_threshold(use: Use) -> Closed:
    """Corollary 1.1."""
    ends = use("G5").statement
    named = {
        "explicit-lambda": B_min - lam,
        "explicit-reach": B_min - ends["off_reach"],
        "explicit-lower": lam - ends["lower"],
        "explicit-upper": sp.Min(ends["upper"] - lam, ends["on_reach"]) / B_max,
    }
    hypotheses = {**SUPPORT_MODEL, "threshold-range": None, **named, "start-in-ball": None}
    return Closed(_at_most(support_error_rate, sp.Integer(0)), hypotheses)


def _needs_H(use: Use) -> dict[str, sp.Expr | None]:
    margins = _window(use)
    return {**MOMENTS, "support-inactive": margins["off"], "support-active": margins["on"]}


@closing("general.interference")
def interference(use: Use) -> Closed:
    """Theorem 2: G1 splits E_g, one step per term bounds it, G27 adds up."""
    use("G1")
    total = sp.Add(*(use(f"G{number}").statement["term"] for number in range(17, 26)))
    terms = {
        use(f"G{number}").statement["term"]: use(f"G{number}").statement["bound"] for number in range(17, 26)
    }
    if sp.expand(total.xreplace(terms) - use("G27").statement["P"]) != 0:
        return Closed(_at_most(interference_norm, total), {})
    return Closed(
        _at_most(interference_norm, use("G27").statement["P"]),
        {**_needs_H(use), "isotropic-second-moment": None},
    )


def _region(use: Use) -> dict[str, sp.Expr | None]:
    """Return what one step needs: (H), the black box, the step, the region."""
    box = use("gamma1-step").statement
    named = {"H2": box["H2"], "H3": None, "H3-prime": None, "start-in-ball": None, "step-size": None}
    return {**_needs_H(use), "isotropic-direction": None, **named}


def _one_step(use: Use) -> dict[str, sp.Expr | None]:
    return {**_region(use), "start-in-sum-ball": None}


# Margins are in units of kappa* = kap0^2/d > 0, as those of the hypotheses.
def _case_rms(use: Use) -> dict[str, sp.Expr | None]:
    contraction = use("G31").statement["contraction_rms"]
    named = {
        "rms-contraction": contraction / kappa_star,
        "rms-floor-inside": (contraction - sp.sqrt(G) * e0 / cv.Phi) / kappa_star,
        "rms-ball-kept": sp.Max((cv.kappa0 - cv.p4 / delta) / kappa_star, 1 - cv.Phi / delta),
    }
    return {**_one_step(use), **named}


def _case_max(use: Use) -> dict[str, sp.Expr | None]:
    contraction = use("G31").statement["contraction_max"]
    inside = (contraction - e0 / delta) / kappa_star
    return {**_region(use), "max-contraction": contraction / kappa_star, "max-floor-inside": inside}


@closing("general.step")
def one_step(use: Use) -> Closed:
    """Theorem 3(i)."""
    return Closed(_at_most(dist_next, use("G28").statement["bound"]), _one_step(use))


@closing("general.step_frobenius")
def step_frobenius(use: Use) -> Closed:
    """Theorem 3(ii)."""
    return Closed(_at_most(fro_next, use("G31").statement["step_rms"]), _one_step(use))


@closing("general.step_max")
def step_max(use: Use) -> Closed:
    """Theorem 3(iv), one step."""
    return Closed(_at_most(dist_max_next, use("G31").statement["step_max"]), _case_max(use))


@closing("general.envelope_rms")
def envelope_rms(use: Use) -> Closed:
    """Theorem 3(iii): the recursion iterated."""
    found = use("G31").statement
    bound = found["rate_rms"] ** iteration * F0 + sp.sqrt(G) * found["floor_rms"]
    return Closed(_at_most(cv.fro, bound), _case_rms(use))


@closing("general.envelope_max")
def envelope_max(use: Use) -> Closed:
    """Theorem 3(iv): the recursion iterated."""
    found = use("G31").statement
    bound = found["rate_max"] ** iteration * dist0_max + found["floor_max"]
    return Closed(_at_most(cv.dist_max, bound), _case_max(use))


@closing("general.floor_rms")
def floor_rms(use: Use) -> Closed:
    """Theorem 3(iii): the limit of the envelope over sqrt(G)."""
    return Closed(_at_most(limit_rms, use("G31").statement["floor_rms"]), _case_rms(use))


@closing("general.floor_max")
def floor_max(use: Use) -> Closed:
    """Theorem 3(iv): the limit of the envelope."""
    return Closed(_at_most(limit_max, use("G31").statement["floor_max"]), _case_max(use))


@closing("general.bias")
def bias(use: Use) -> Closed:
    """Theorem 3(v)."""
    return Closed(_at_most(bias_gap, use("G33").statement["gap"]), {"orthonormal-blocks": None})


@closing("general.bootstrap_rms")
def bootstrap_rms(use: Use) -> Closed:
    """Corollary 3.1, one step of the bootstrap for F."""
    return Closed(_at_most(limit_rms, use("G31").statement["Phi_next"] / sp.sqrt(G)), _case_rms(use))


@closing("general.bootstrap_max")
def bootstrap_max(use: Use) -> Closed:
    """Corollary 3.1, one step of the bootstrap for the largest distance."""
    return Closed(_at_most(limit_max, use("G31").statement["delta_next"]), _case_rms(use))


@closing("general.limit.generating")
def limit_generating(use: Use) -> Closed:
    """Corollary 6.1: (v) at the limit of a single group."""
    gap = use("G33").statement["gap"]
    bound = gap.xreplace({dist: use("G31").statement["group"]})
    return Closed(_at_most(limit_bias_gap, bound), _case_rms(use))


@closing("general.expansion_single")
def expansion_single(use: Use) -> Closed:
    """(5.1) for d = 1, at W = s A: (H) at delta = 0."""
    window = use("G4").statement
    named = {
        "support-inactive-at-limit": lam - window["inactive"].subs(delta, 0),
        "support-active-at-limit": window["active"].subs(delta, 0) - lam,
        "block-size-one": None,
        "noise-free": None,
    }
    error = use("G35-exact").statement["error"]
    return Closed(
        sp.Eq(expansion_error, error, evaluate=False), {**MOMENTS, "isotropic-direction": None, **named}
    )


@closing("general.recursion_rms")
def recursion_rms(use: Use) -> Closed:
    """Corollary 6.1, all groups."""
    return Closed(_at_most(fro_next, sp.sqrt(use("G32").statement["rms"])), _case_rms(use))


@closing("general.recursion_max")
def recursion_max(use: Use) -> Closed:
    """Corollary 6.1, the largest distance."""
    return Closed(_at_most(dist_max_next, sp.sqrt(use("G32").statement["max"])), _case_max(use))


@closing("general.correlated")
def correlated(use: Use) -> Closed:
    """Corollary 3.2."""
    found = use("G32").statement
    bound = found["alpha"] * cv.fro**2 + found["beta"] * grad_norm_sum**2 - found["eps"]
    return Closed(sp.Ge(correlation_sum, bound, evaluate=False), _case_rms(use))


@closing("general.correlated.generating")
def correlated_generating(use: Use) -> Closed:
    """Corollary 3.2 about A."""
    found = use("G32").statement
    bound = found["alpha"] / 2 * fro_generating**2 + found["beta"] / 2 * grad_norm_sum**2 - found["eps_A"]
    return Closed(sp.Ge(correlation_sum_generating, bound, evaluate=False), _case_rms(use))
