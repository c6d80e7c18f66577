"""general Theorem 3 and Corollary 3.1: linear convergence to an explicit neighbourhood of s A.

The run starts in the region: every distance at most delta, the root of their squared sum at most Phi.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.convergence import (
    Phi_boot,
    c_F,
    c_inf,
    delta_boot,
    dist_max,
    fro,
    kappa0,
    radius_group,
    radius_max,
    radius_rms,
    step_bound,
)
from gsae_theory.theory.interference import e0
from gsae_theory.theory.symbols import G, declare, dist, dist_next, eta, iteration
from gsae_theory.theory.theorem import Assumption, Theorem, register
from gsae_theory.theory.theorems.gamma1_hypotheses import dist0_max
from gsae_theory.theory.theorems.general_hypotheses import F0, MAX, ONE_STEP, RMS

_nonneg = {"nonnegative": True}
fro_next = declare("fro_next", "F(W^+)", "root of the sum of dist_g^2 after one step", **_nonneg)
dist_max_next = declare(
    "dist_max_next", r"\max_h\operatorname{dist}_h(W^+)", "largest distance after one step", **_nonneg
)
limit_rms = declare(
    "limit_rms", r"\limsup F/\sqrt\Gamma", "rms distance to s A at the end of the run", **_nonneg
)
limit_max = declare(
    "limit_max",
    r"\limsup\max_g\operatorname{dist}_g",
    "largest distance to s A at the end of the run",
    **_nonneg,
)
bias_gap = declare(
    "bias_gap",
    r"|\operatorname{dist}_g(W;A)-(s_*-1)\sqrt d|",
    "distance to A with the rotation aligned to s A, against the pure scale bias",
    **_nonneg,
)
limit_bias_gap = declare(
    "limit_bias_gap",
    r"\limsup|\operatorname{dist}_g(W;A)-(s_*-1)\sqrt d|",
    "the same at the end of the run, largest over groups",
    **_nonneg,
)


def _claim(
    name: str,
    title: str,
    statement: str,
    hypotheses: tuple[Assumption, ...],
    conclusion: sp.Rel,
    observable: str,
    source: str,
) -> Theorem:
    return register(Theorem(f"general.{name}", title, statement, hypotheses, conclusion, observable, source))


_I, _II, _III, _IV, _V = (f"general Theorem 3({part}) [G28-G33]" for part in ("i", "ii", "iii", "iv", "v"))
_BOOT = "general Corollary 3.1 [G31]"

STEP = _claim(
    "step",
    "One step, one group",
    "dist_g(W+) <= (1 - eta kappa0) dist_g(W) + eta P(T, v, b v, v), T = max_h dist_h, v = min(sqrt(G-1) "
    "T, F). "
    "Only steps from inside the region are claimed.",
    ONE_STEP,
    sp.Le(dist_next, step_bound(), evaluate=False),
    "interference_step",
    _I,
)
STEP_FROBENIUS = _claim(
    "step_frobenius",
    "One step, all groups",
    "F(W+) <= (1 - eta (kappa0 - c_F)) F(W) + eta sqrt(G) e0, F the root of the sum of dist_g^2. Only "
    "steps from "
    "inside the region are claimed.",
    ONE_STEP,
    sp.Le(fro_next, (1 - eta * (kappa0 - c_F)) * fro + eta * sp.sqrt(G) * e0, evaluate=False),
    "frobenius_step",
    _II,
)
ENVELOPE_RMS = _claim(
    "envelope_rms",
    "Linear convergence in the mean",
    "F_k <= (1 - eta (kappa0 - c_F))^k F_0 + sqrt(G) e0/(kappa0 - c_F), and the region is invariant.",
    RMS,
    sp.Le(fro, (1 - eta * (kappa0 - c_F)) ** iteration * F0 + sp.sqrt(G) * radius_rms, evaluate=False),
    "frobenius_envelope",
    _III,
)
FLOOR_RMS = _claim(
    "floor_rms",
    "Floor of the rms distance",
    "limsup of the root mean square of dist_g(W_k; sA) is at most e0/(kappa0 - c_F).",
    RMS,
    sp.Le(limit_rms, radius_rms, evaluate=False),
    "limit_rms",
    _III,
)
STEP_MAX = _claim(
    "step_max",
    "One step, largest distance",
    "max_g dist_g(W+) <= (1 - eta (kappa0 - c_inf)) max_g dist_g(W) + eta e0.",
    MAX,
    sp.Le(dist_max_next, (1 - eta * (kappa0 - c_inf)) * dist_max + eta * e0, evaluate=False),
    "largest_step",
    _IV,
)
ENVELOPE_MAX = _claim(
    "envelope_max",
    "Linear convergence of every group",
    "max_g dist_g(W_k) <= (1 - eta (kappa0 - c_inf))^k max_g dist_g(W_0) + e0/(kappa0 - c_inf).",
    MAX,
    sp.Le(dist_max, (1 - eta * (kappa0 - c_inf)) ** iteration * dist0_max + radius_max, evaluate=False),
    "largest_envelope",
    _IV,
)
FLOOR_MAX = _claim(
    "floor_max",
    "Floor of every distance",
    "limsup of max_g dist_g(W_k; sA) is at most e0/(kappa0 - c_inf).",
    MAX,
    sp.Le(limit_max, radius_max, evaluate=False),
    "limit_max",
    _IV,
)
BIAS = _claim(
    "bias",
    "Distance to the generating matrix itself",
    "|dist_g(W; A) - (s-1) sqrt d| <= dist_g(W; sA): the best rotation is the same for A and for sA. The "
    "measurement "
    "reports dist.",
    ONE_STEP,
    sp.Le(bias_gap, dist, evaluate=False),
    "bias_gap",
    _V,
)
BOOTSTRAP_RMS = _claim(
    "bootstrap_rms",
    "Floor of the rms distance, bootstrapped",
    "The constants may be taken on the smaller region that the run has entered: limsup of the rms distance "
    "is at most "
    "Phi_inf/sqrt(G), the limit of Phi -> min(sqrt(G) e0/(kappa0 - c_F), Phi).",
    RMS,
    sp.Le(limit_rms, Phi_boot / sp.sqrt(G), evaluate=False),
    "limit_rms",
    _BOOT,
)
BOOTSTRAP_MAX = _claim(
    "bootstrap_max",
    "Floor of every distance, bootstrapped",
    "limsup of max_g dist_g is at most delta_inf, the limit of delta -> min(p4/kappa0, delta, Phi).",
    RMS,
    sp.Le(limit_max, delta_boot, evaluate=False),
    "limit_max",
    _BOOT,
)
LIMIT_GENERATING = _claim(
    "limit.generating",
    "Where the run ends, seen from A",
    "(s-1) sqrt d - radius <= liminf dist_g(W_k; A) <= limsup dist_g(W_k; A) <= (s-1) sqrt d + radius, "
    "radius = min(sqrt(G) e0/(kappa0 - c_F), p4/kappa0, delta).",
    RMS,
    sp.Le(limit_bias_gap, radius_group, evaluate=False),
    "limit_bias_gap",
    "general Corollary 6.1 [G31, G33]",
)
