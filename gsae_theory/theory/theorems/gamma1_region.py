"""gamma1 Theorem 6: an invariant region in the spectrum, for starts W_g = A_g Q_g + noise."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.assumptions import MODEL_GAMMA1
from gsae_theory.theory.scalars import h3_slack, h3b_slack, t_of
from gsae_theory.theory.spectral_region import (
    eps,
    eta_max_region,
    kappa_region,
    mm_min,
    mp_min,
    zeta,
)
from gsae_theory.theory.symbols import dist, dist_next, eta, lam, m1, m2, s
from gsae_theory.theory.theorem import Assumption, Theorem, register
from gsae_theory.theory.theorems.gamma1_contraction import D_norm, E_norm
from gsae_theory.theory.theorems.gamma1_hypotheses import ROUNDING, spectral_window_margin

_SOURCE = "gamma1 Theorem 6 [L47-L49]"

SUPPORT = Assumption(
    "support-window-region",
    "(S'): (mu (s + eps) + zeta) B_max <= lambda < (s - eps) B_min",
    spectral_window_margin(eps, zeta),
    "gamma1 Theorem 1(c)",
    strict=True,
)
H2 = Assumption("H2-region", "t(eps) <= 1/2", sp.Rational(1, 2) - t_of(eps), _SOURCE)
H3 = Assumption("H3-region", "(H3) at eps", h3_slack(eps) / (m1 * s**3), _SOURCE)
H3_PRIME = Assumption("H3-prime-region", "(H3') at eps", h3b_slack(eps) / (3 * m1 * s**2), _SOURCE)
PULLS = Assumption("inward-pull", "m_-, m_+ >= 0", sp.Min(mm_min, mp_min) / m2, _SOURCE)
LEAKAGE = Assumption(
    "small-leakage",
    "(m2 (s + eps) - lambda m1) zeta^2 <= min((s - eps) m_-, (s + eps) m_+)",
    (sp.Min((s - eps) * mm_min, (s + eps) * mp_min) - (m2 * (s + eps) - lam * m1) * zeta**2) / (m2 * s),
    _SOURCE,
)
STEP = Assumption("region-step", "eta <= d/c", 1 - eta / eta_max_region + ROUNDING, _SOURCE)

REGION = (*MODEL_GAMMA1, SUPPORT, H2, H3, H3_PRIME, PULLS, LEAKAGE, STEP)
_TEXT = (
    "The region spec(C_g) in [s - eps, s + eps], ||D_g||_2 <= zeta for all g is invariant; it contains "
    "starts "
    "A_g Q_g + noise if eps >= s* - 1 + ||A_g^T noise||_2. No bound on the Frobenius distance is needed. "
)


def _region(name: str, title: str, statement: str, conclusion: sp.Rel, observable: str) -> Theorem:
    return register(
        Theorem(
            f"gamma1.region.{name}",
            title,
            _TEXT + statement,
            REGION,
            conclusion,
            observable,
            _SOURCE,
            parameters={"not_certified": ("mm_min", "mp_min", "Lb_max"), "eta": "eta_max_region"},
        )
    )


SPECTRUM = _region(
    "spectrum",
    "The spectrum of C stays in its interval",
    "This part: ||C_g - s I||_2 <= eps at every step.",
    sp.Le(E_norm, eps, evaluate=False),
    "spectrum_deviation",
)
OUTSIDE = _region(
    "outside",
    "The component outside the subspace stays small",
    "This part: ||D_g||_2 <= zeta at every step.",
    sp.Le(D_norm, zeta, evaluate=False),
    "out_of_subspace_norm",
)
CONTRACTION = _region(
    "contraction",
    "Contraction from a spectral start",
    "This part: dist_g(W+) <= (1 - eta kappa_sp) dist_g(W), kappa_sp = (c - ||T||_2)/d.",
    sp.Le(dist_next, (1 - eta * kappa_region) * dist, evaluate=False),
    "procrustes_step",
)
