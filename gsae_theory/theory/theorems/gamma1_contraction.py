"""gamma1 Theorem 4: contraction in an explicit ball."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.scalars import kap_sq, kappa_large_of, kappa_of
from gsae_theory.theory.symbols import d, declare, delta, dist, dist0, dist_next, eta, iteration
from gsae_theory.theory.theorem import Assumption, Theorem, register
from gsae_theory.theory.theorems.gamma1_hypotheses import BALL, BALL_SPECTRAL, STEP_LARGE, STEP_REGULAR

_nonneg = {"nonnegative": True}
E_norm = declare("E_norm", r"\|C_g-s_*I\|", "largest |singular value of A_g^T W_g - s|", **_nonneg)
D_norm = declare("D_norm", r"\|D_g\|", "spectral norm of D_g = A_perp^T W_g", **_nonneg)
D_norm_next = declare("D_norm_next", r"\|D_g^+\|", "the same after one step", **_nonneg)

_PER_STEP = (
    "In the ball every step contracts every group: dist_g(W+; s*A) <= (1 - eta {kappa}(dist_g)) dist_g(W; "
    "s*A), "
    "{formula}."
)
_REGULAR = _PER_STEP.format(kappa="kappa", formula="kappa(tau) = (kap0^2 - m2 tau^2)/d")
_LARGE = _PER_STEP.format(kappa="kappa'", formula="kappa'(tau) = (kap0^2 - (5/2) m2 tau^2)/d")


def _claim(
    name: str,
    title: str,
    statement: str,
    hypotheses: tuple[Assumption, ...],
    conclusion: sp.Rel,
    observable: str,
    source: str = "gamma1 Theorem 4 [L34-L40]",
) -> Theorem:
    # The claim on the large step is about that step; every other one is run at the regular step.
    parameters = {"eta": "eta_max_large"} if STEP_LARGE in hypotheses and "large" in name else {}
    return register(
        Theorem(
            f"gamma1.{name}",
            title,
            statement,
            hypotheses,
            conclusion,
            observable,
            source,
            parameters=parameters,
        )
    )


_STEP = sp.Le(dist_next, (1 - eta * kappa_of(dist)) * dist, evaluate=False)
_STEP_LARGE = sp.Le(dist_next, (1 - eta * kappa_large_of(dist)) * dist, evaluate=False)

CONTRACTION = _claim(
    "contraction", "Contraction per step", _REGULAR, (*BALL, STEP_REGULAR), _STEP, "procrustes_step"
)
CONTRACTION_LARGE = _claim(
    "contraction_large",
    "Contraction per step, large step",
    _LARGE,
    (*BALL, STEP_LARGE),
    _STEP_LARGE,
    "procrustes_step",
)
CONTRACTION_SPECTRAL = _claim(
    "contraction_spectral",
    "Contraction per step under (S')",
    _REGULAR + " The support condition is (S') with zeta >= ||D_g(0)||_2, which steps do not increase.",
    (*BALL_SPECTRAL, STEP_REGULAR),
    _STEP,
    "procrustes_step",
)
ENVELOPE = _claim(
    "envelope",
    "Geometric envelope",
    "dist_g(W_k; s*A) <= (1 - eta kappa(dist_g(W_0)))^k dist_g(W_0), hence also with kappa(delta).",
    (*BALL, STEP_REGULAR),
    sp.Le(dist, (1 - eta * kappa_of(dist0)) ** iteration * dist0, evaluate=False),
    "procrustes_envelope",
)
ENVELOPE_LARGE = _claim(
    "envelope_large",
    "Geometric envelope, large step",
    "dist_g(W_k; s*A) <= (1 - eta kappa'(dist_g(W_0)))^k dist_g(W_0).",
    (*BALL, STEP_LARGE),
    sp.Le(dist, (1 - eta * kappa_large_of(dist0)) ** iteration * dist0, evaluate=False),
    "procrustes_envelope",
)
INVARIANCE = _claim(
    "ball",
    "The ball is invariant",
    "dist_g(W_k; s*A) <= delta at every step and in every group.",
    (*BALL, STEP_LARGE),
    sp.Le(dist, delta, evaluate=False),
    "procrustes_distance",
)
OUT_OF_SUBSPACE = _claim(
    "out_of_subspace",
    "The component outside the subspace shrinks at every step",
    "D_g+ = D_g(I - eta M) up to a rotation, so ||D_g+||_2 <= (1 - eta kap(e)^2/d)||D_g||_2 with "
    "e = ||C_g - s* I||_2 and kap(e)^2 = E((s* - e)R - lambda)^2.",
    (*BALL, STEP_LARGE),
    sp.Le(D_norm_next, (1 - eta * kap_sq(E_norm) / d) * D_norm, evaluate=False),
    "out_of_subspace_step",
    "gamma1 Theorem 4, Lemma A [L20, L39]",
)
