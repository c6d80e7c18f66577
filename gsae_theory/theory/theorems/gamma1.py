"""The theory with one active group: importing this module registers its theorems."""

from __future__ import annotations

from gsae_theory.theory.theorems import gamma1_contraction as contraction
from gsae_theory.theory.theorems import gamma1_correlated as correlated
from gsae_theory.theory.theorems import gamma1_false as false
from gsae_theory.theory.theorems import gamma1_fixed_point as fixed_point
from gsae_theory.theory.theorems import gamma1_hessian as hessian
from gsae_theory.theory.theorems import gamma1_larger_ball as larger_ball
from gsae_theory.theory.theorems import gamma1_limit as limit
from gsae_theory.theory.theorems import gamma1_rate as rate
from gsae_theory.theory.theorems import gamma1_region as region
from gsae_theory.theory.theorems import gamma1_support as support

__all__ = [
    "contraction",
    "correlated",
    "false",
    "fixed_point",
    "hessian",
    "larger_ball",
    "limit",
    "rate",
    "region",
    "support",
]
