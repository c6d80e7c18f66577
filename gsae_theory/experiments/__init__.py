"""Experiments on models and on real data; they use the network, the checks and the theory's read-outs."""

from gsae_theory.experiments.digits import (
    DigitsResult,
    half_energy_threshold,
    load_images,
    preprocess,
    run_digits,
)
from gsae_theory.experiments.estimator import GroupSparseAutoencoder
from gsae_theory.experiments.minibatch import Fit, Schedule, fit_minibatch
from gsae_theory.experiments.scores import clustering_scores, contingency, hungarian_accuracy, purity
from gsae_theory.experiments.subspaces import Subspaces, active_group, group_norms, k_subspaces
from gsae_theory.experiments.training import Training, train

__all__ = [
    "DigitsResult",
    "Fit",
    "GroupSparseAutoencoder",
    "Schedule",
    "Subspaces",
    "Training",
    "active_group",
    "clustering_scores",
    "contingency",
    "fit_minibatch",
    "group_norms",
    "half_energy_threshold",
    "hungarian_accuracy",
    "k_subspaces",
    "load_images",
    "preprocess",
    "purity",
    "run_digits",
    "train",
]
