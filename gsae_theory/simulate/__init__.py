"""What happens: exact and sampled gradients, gradient descent, distances, starts."""

from gsae_theory.simulate.engine import Engine, StepGradient, stream
from gsae_theory.simulate.ensemble import Ensemble, EnsembleGradient
from gsae_theory.simulate.levels import choose_rule, estimate_error
from gsae_theory.simulate.local import HessianProduct, block_gradient, hessian_apply, interference_gradient
from gsae_theory.simulate.metric import (
    BlockSpectrum,
    align,
    procrustes_distance,
    spectrum,
    unaligned_distance,
)
from gsae_theory.simulate.population import (
    GradientEstimate,
    PopulationRule,
    population_gradient,
    population_loss,
)
from gsae_theory.simulate.quadrature import block_rule, sphere_rule
from gsae_theory.simulate.sampled import SampledGradient, sample_gradient
from gsae_theory.simulate.starts import STARTS, haar_rotations, rotate_blocks, start
from gsae_theory.simulate.trajectory import Trajectory, descend

__all__ = [
    "STARTS",
    "BlockSpectrum",
    "Engine",
    "Ensemble",
    "EnsembleGradient",
    "GradientEstimate",
    "HessianProduct",
    "PopulationRule",
    "SampledGradient",
    "StepGradient",
    "Trajectory",
    "align",
    "block_gradient",
    "block_rule",
    "choose_rule",
    "descend",
    "estimate_error",
    "haar_rotations",
    "hessian_apply",
    "interference_gradient",
    "population_gradient",
    "population_loss",
    "procrustes_distance",
    "rotate_blocks",
    "sample_gradient",
    "spectrum",
    "sphere_rule",
    "start",
    "stream",
    "unaligned_distance",
]
