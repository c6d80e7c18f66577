"""The table of wrong claims of side section 4 (M1-M29), each a true claim with one thing wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from gsae_theory.falsify.lemmas import CURVATURE, GRADIENT, SAMPLE_NORM, u_norm
from gsae_theory.falsify.mutant import Mutant, with_bound, with_hypotheses
from gsae_theory.falsify.operators import expanded
from gsae_theory.falsify.values import mu_entry
from gsae_theory.theory import THEOREMS
from gsae_theory.theory.clustering import delta_row, error_bound_function, margin_expr, nu_row
from gsae_theory.theory.elementwise import U, s_group, w_scale
from gsae_theory.theory.scalars import s_plus
from gsae_theory.theory.stochastic import batch, kappa_C
from gsae_theory.theory.symbols import B_max, B_min, G, R, d, delta, gamma, lam, mu, nu, p, s, sigma
from gsae_theory.theory.theorem import Theorem
from gsae_theory.theory.theorems.gamma1_hypotheses import active_margin
from gsae_theory.theory.theorems.side_elementwise import loss_soft_row, pair_loss, soft_slope
from gsae_theory.theory.theorems.side_stochastic import h_norm, r_norm

_T = THEOREMS
Row = tuple[Theorem, Theorem, str, tuple[str, ...]]


def observed(theorem: Theorem, observable: str, **parameters: object) -> Theorem:
    """Return `theorem` about another observable, or the same one with other parameters."""
    return replace(theorem, observable=observable, parameters=parameters or theorem.parameters, false=True)


def related(theorem: Theorem, conclusion: sp.Rel, tolerance: float = 0.0) -> Theorem:
    """Return `theorem` with another conclusion about the same observable."""
    return replace(theorem, conclusion=conclusion, false=True, tolerance=tolerance)


def inside(theorem: Theorem, name: str, change: dict[sp.Symbol, sp.Expr]) -> Theorem:
    """Return `theorem` with `change` made wherever the symbol called `name` enters its bound."""
    return with_bound(theorem, expanded(theorem.bound, name).xreplace(change))


def _limit_rows() -> Iterator[tuple[str, Row]]:
    stationary, limit = _T["gamma1.stationary"], _T["gamma1.limit.generating"]
    contraction = _T["gamma1.contraction"]
    yield "M1", (stationary, _T["gamma1.false_no_bias"], "s* = 1", ("ball",))
    root = observed(stationary, stationary.observable, scale=s_plus)
    yield "M2", (stationary, root, "s*^2 - (lambda m1/m2) s* - 1 = 0 for random norms too", ("ball",))
    yield "M3", (limit, _T["gamma1.false_limit_distance"], "limit s* - 1, without sqrt(d)", ("ball",))
    yield "M4", (limit, _T["gamma1.unaligned"], "no alignment", ("ball",))
    signed = observed(limit, "signed_permutation_distance")
    yield "M5", (limit, signed, "alignment by signed permutations only", ("ball",))
    yield "M6", (contraction, _T["gamma1.false_rate_dimension"], "kappa without 1/d", ("slow",))
    yield "M7", (contraction, _T["gamma1.false_rate_unshrunk"], "E(s*R)^2 for E(s*R - lambda)^2", ("slow",))
    yield "M8", (contraction, _T["gamma1.false_step_unit"], "step eta instead of eta/p", ("slow",))


def _support_rows() -> Iterator[tuple[str, Row]]:
    support, coherent = _T["gamma1.support"], _T["general.support.coherence"]
    quiet = sp.Min(1 - (mu + delta) * B_max / lam, active_margin(delta))
    wrong = with_hypotheses(support, support_window=quiet)
    yield "M9", (support, wrong, "no leak if mu B_max <= lambda, without s*", ("leak-gap",))
    wrong = with_hypotheses(coherent, support_inactive_coherence=(lam - s * mu * B_max) / B_max)
    yield "M10", (coherent, wrong, "inactive condition without gamma", ("aligned-gap",))
    wrong = with_hypotheses(coherent, support_active_coherence=(s * B_min - lam) / B_max)
    yield "M11", (coherent, wrong, "lambda < s* B_min, without (gamma-1) mu", ("opposed-gap",))
    for number, kind, change in (
        (12, "scaled", "J = a I"),
        (13, "identity", "J = I"),
        (14, "none", "no encoder term"),
    ):
        yield (
            f"M{number}",
            (GRADIENT, observed(GRADIENT, GRADIENT.observable, jacobian=kind), change, ("ball",)),
        )


def _clustering_rows() -> Iterator[tuple[str, Row]]:
    margin, gaussian = _T["side.clustering-margin"], _T["side.clustering-gaussian"]
    wrong = with_bound(margin, s * (R * (1 - mu) - sp.sqrt(1 - mu) * nu_row) - 2 * delta_row * (R + nu_row))
    yield "M15", (margin, wrong, "noise below B sqrt(1-mu), without the 2", ("ball",))
    wrong = with_bound(margin, margin_expr + delta_row * (R + nu_row))
    yield "M16", (margin, wrong, "distance below s(1-mu), without the 2", ("ball",))
    wrong = with_bound(gaussian, error_bound_function(d, sp.sqrt(2) * R / sigma, mu, G))
    yield "M17", (gaussian, wrong, "tail exponent doubled", ("orthogonal-single",))
    wrong = with_bound(gaussian, error_bound_function(d, R / sigma, mu, sp.Integer(2)))
    yield "M18", (gaussian, wrong, "no union over G - 1 groups", ("orthogonal-single",))
    wrong = with_bound(margin, margin_expr.xreplace({mu: mu_entry}))
    yield "M19", (margin, wrong, "mu is the largest entry of A_g^T A_h", ("ball",))


def _elementwise_rows() -> Iterator[tuple[str, Row]]:
    identity, bias = _T["side.relu-loss-identity"], _T["side.soft-bias"]
    wrong = related(identity, sp.Le(pair_loss, 2 * loss_soft_row, evaluate=False))
    yield "M20", (identity, wrong, "the ReLU loses as little as the soft threshold", ("ball",))
    # 100 is far above any slope here: the claim bites at w = s_G only, where it says slope >= 0.
    at_group_scale = -100 * (s_group_at(B_max) - w_scale)
    wrong = related(bias, sp.Ge(soft_slope, at_group_scale, evaluate=False), tolerance=0.0)
    yield "M21", (bias, wrong, "s_ST = s_G: the soft threshold is stationary there", ("constant",))


def s_group_at(radius: sp.Expr) -> sp.Expr:
    """Return s_G at lambda/radius."""
    return expanded(s_group, "U").xreplace({U: lam / radius})


def _stochastic_rows() -> Iterator[tuple[str, Row]]:
    interpolation, rank_one = _T["side.sgd-interpolation"], _T["side.gradient-rank-one"]
    stationary = _T["gamma1.stationary"]
    wrong = inside(interpolation, "batch", {batch: batch**2})
    yield "M22", (interpolation, wrong, "gradient noise falls as 1/N", ("near-scale",))
    wrong = inside(interpolation, "p", {p: sp.Integer(1)})
    yield "M23", (interpolation, wrong, "N for p N", ("near-scale",))
    wrong = with_hypotheses(interpolation, without=("constant-norm",))
    yield "M24", (interpolation, wrong, "no floor for random norms", ("near-random",))
    wrong = with_bound(CURVATURE, lam / u_norm**2)
    yield "M25", (CURVATURE, wrong, "1 for 2/sqrt 3 in the curvature of the activation", ("ball",))
    wrong = with_hypotheses(stationary, without=("one-active-group",))
    yield "M26", (stationary, wrong, "s* A is stationary for gamma = 2", ("pair",))
    wrong = with_bound(SAMPLE_NORM, B_max * sp.sqrt(gamma) + nu)
    yield "M27", (SAMPLE_NORM, wrong, "||y|| <= B sqrt(gamma), as if groups were orthogonal", ("pair",))
    wrong = with_bound(rank_one, r_norm * h_norm)
    yield "M28", (rank_one, wrong, "||Z_g|| <= ||r|| ||h_g||, no encoder term", ("ball",))
    wrong = inside(interpolation, "kappa_C", {kappa_C: d * kappa_C})
    yield "M29", (interpolation, wrong, "contraction of SGD with kappa d", ("near-slow",))


def table() -> Iterator[Mutant]:
    """Yield M1 .. M29."""
    for rows in (_limit_rows, _support_rows, _clustering_rows, _elementwise_rows, _stochastic_rows):
        for name, (base, claim, change, cases) in rows():
            yield Mutant(name, base, claim, change, cases, "table")
