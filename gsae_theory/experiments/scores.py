"""Scores of a clustering against labels that the clustering never saw."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from gsae_theory.errors import InvalidInput

Counts = NDArray[np.int64]


def contingency(labels: ArrayLike, clusters: ArrayLike) -> Counts:
    """Return how often each label (rows) falls into each cluster (columns).

    Parameters
    ----------
    labels, clusters : array_like, shape (N,)
        Any hashable values; rows and columns are in sorted order of the values that occur.

    Raises
    ------
    InvalidInput
        If the two differ in length or are empty.
    """
    truth, found = np.asarray(labels).ravel(), np.asarray(clusters).ravel()
    if truth.size != found.size or truth.size == 0:
        raise InvalidInput(
            "clusters", f"{found.size} entries", f"as many as there are labels ({truth.size}), at least 1"
        )
    rows, row = np.unique(truth, return_inverse=True)
    columns, column = np.unique(found, return_inverse=True)
    table = np.zeros((rows.size, columns.size), dtype=np.int64)
    np.add.at(table, (row, column), 1)
    return table


def hungarian_accuracy(labels: ArrayLike, clusters: ArrayLike) -> float:
    """Return the share of points that the best one-to-one map of clusters to labels gets right."""
    table = contingency(labels, clusters)
    rows, columns = linear_sum_assignment(table, maximize=True)
    return float(table[rows, columns].sum() / table.sum())


def purity(labels: ArrayLike, clusters: ArrayLike) -> float:
    """Return the share of points that carry the majority label of their cluster (many-to-one)."""
    table = contingency(labels, clusters)
    return float(table.max(axis=0).sum() / table.sum())


def clustering_scores(labels: ArrayLike, clusters: ArrayLike) -> dict[str, float]:
    """Return ``accuracy`` (one-to-one), ``purity`` (many-to-one), ``nmi`` and ``ari``."""
    return {
        "accuracy": hungarian_accuracy(labels, clusters),
        "purity": purity(labels, clusters),
        "nmi": float(normalized_mutual_info_score(labels, clusters)),
        "ari": float(adjusted_rand_score(labels, clusters)),
    }
