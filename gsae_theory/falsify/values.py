"""Constants that only wrong claims need, measured on the dictionary, and contexts that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import sympy as sp

from gsae_theory.check import Context
from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.symbols import declare

mu_entry = declare(
    "mu_entry", r"\mu_{\mathrm{entry}}", "largest entry of A_g^T A_h over g != h", nonnegative=True
)
mu_mean = declare(
    "mu_mean", r"\mu_{\mathrm{mean}}", "mean spectral norm of A_g^T A_h over g != h", nonnegative=True
)


def measured(context: Context) -> dict[str, float]:
    """Return `mu_entry` and `mu_mean` of the context's dictionary."""
    A = context.model.dictionary
    cross = np.einsum("ngi,nhj->ghij", A, A)
    off = cross[~np.eye(A.shape[1], dtype=bool)]
    if not len(off):
        return {"mu_entry": 0.0, "mu_mean": 0.0}
    return {
        "mu_entry": float(np.abs(off).max()),
        "mu_mean": float(np.linalg.norm(off, 2, axis=(1, 2)).mean()),
    }


@dataclass(frozen=True)
class BenchContext(Context):
    """A context whose environment also holds `measured`, and quantities that are overridden.

    Attributes
    ----------
    overrides : mapping from quantity name to sympy.Expr
        Evaluated on the true environment; whatever depends on the quantity follows.
    """

    overrides: Mapping[str, sp.Expr] = field(default_factory=dict)

    @cached_property
    def env(self) -> Environment:
        """The environment of the run, with what the wrong claims add."""
        true = super().env.with_values(**measured(self))
        return true.with_values(**{name: true.evaluate(expr) for name, expr in self.overrides.items()})
