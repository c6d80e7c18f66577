"""Executable convergence theory of group-sparse autoencoders.

A *model* generates data, a *theory* claims what training does with it, a *simulation* does it, a
*check* holds claim against run, a *report* tells people::

    from gsae_theory import ModelSpec, build_model, verify

    model = build_model(ModelSpec(dim=64, groups=8, block=2, dictionary="near_orthogonal", coherence=0.02))
    verdict = verify("gamma1.contraction", model, lam=0.2)
    verdict.status, verdict.slack
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from gsae_theory.check import Context as Context
    from gsae_theory.check import Measurement as Measurement
    from gsae_theory.check import Setting as Setting
    from gsae_theory.check import Status as Status
    from gsae_theory.check import Verdict as Verdict
    from gsae_theory.check import observable as observable
    from gsae_theory.experiments.estimator import GroupSparseAutoencoder as GroupSparseAutoencoder
    from gsae_theory.model import GenerativeModel as GenerativeModel
    from gsae_theory.model.spec import ModelSpec as ModelSpec
    from gsae_theory.model.spec import build_model as build_model
    from gsae_theory.pipeline import verify as verify
    from gsae_theory.pipeline import verify_all as verify_all
    from gsae_theory.theory import THEOREMS as THEOREMS
    from gsae_theory.theory import Assumption as Assumption
    from gsae_theory.theory import Environment as Environment
    from gsae_theory.theory import Quantity as Quantity
    from gsae_theory.theory import Theorem as Theorem
    from gsae_theory.theory import get_theorem as get_theorem
    from gsae_theory.theory import register as register

# Loaded on first use, so that the command line starts without SymPy.
_HOMES = {
    "check": ("Context", "Measurement", "Setting", "Status", "Verdict", "observable"),
    "experiments.estimator": ("GroupSparseAutoencoder",),
    "model": ("GenerativeModel",),
    "model.spec": ("ModelSpec", "build_model"),
    "pipeline": ("verify", "verify_all"),
    "theory": ("THEOREMS", "Assumption", "Environment", "Quantity", "Theorem", "get_theorem", "register"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [*sorted(_HOME_OF), "__version__"]  # noqa: PLE0604 - the names are strings in a table


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        return getattr(import_module(f"gsae_theory.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module 'gsae_theory' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
