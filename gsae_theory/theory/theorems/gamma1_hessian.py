"""gamma1 Theorem 3: the Hessian of L/p at s* A has four eigenvalues per group."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.assumptions import MODEL_GAMMA1
from gsae_theory.theory.scalars import hess_out, hess_rotation, hess_trace, hess_traceless
from gsae_theory.theory.symbols import declare
from gsae_theory.theory.theorem import Assumption, Theorem, register
from gsae_theory.theory.theorems.gamma1_hypotheses import BLOCKS, ROOM_OUTSIDE, SUPPORT_AT_LIMIT

eigenvalue = declare("eigenvalue", "h", "eigenvalue of the Hessian of L/p at s* A, restricted to a direction")


def _eigenvalue(
    name: str, direction: str, value: sp.Symbol, multiplicity: str, extra: tuple[Assumption, ...], source: str
) -> Theorem:
    return register(
        Theorem(
            f"gamma1.hessian.{name}",
            f"Curvature at the limit: {name.replace('_', ' ')}",
            f"On {direction} the Hessian of L/p at s*A is a multiple of the identity, and it mixes with no "
            "other "
            "direction and no other group.",
            (*MODEL_GAMMA1, SUPPORT_AT_LIMIT, *extra),
            sp.Eq(eigenvalue, value, evaluate=False),
            "hessian_eigenvalue",
            source,
            tolerance=1e-6,
            parameters={"direction": name, "multiplicity": multiplicity},
        )
    )


_SOURCE = "gamma1 Theorem 3 [L15-L17]"
ROTATION = _eigenvalue(
    "rotation", "A Omega, Omega antisymmetric", hess_rotation, "mult_rotation", (BLOCKS,), _SOURCE
)
OUT_OF_SUBSPACE = _eigenvalue(
    "out_of_subspace", "A_perp D", hess_out, "mult_out", (ROOM_OUTSIDE,), "gamma1 Theorem 3"
)
TRACELESS = _eigenvalue(
    "traceless", "A E, E symmetric with trace 0", hess_traceless, "mult_traceless", (BLOCKS,), _SOURCE
)
TRACE = _eigenvalue("trace", "multiples of A", hess_trace, "mult_trace", (), _SOURCE)
