"""Clustering of real data by active groups, beside baselines; no label is used before the final score."""

from gsae_theory.experiments.cluster.data import DATASETS, Images, load
from gsae_theory.experiments.cluster.run import joined, run_clustering

__all__ = ["DATASETS", "Images", "joined", "load", "run_clustering"]
