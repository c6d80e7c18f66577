"""The read-out that every graph shares: strongest neighbours, weighted spectral embedding, k-means.

It is the same for co-activation of groups and for the nearest-neighbour control, so that a difference
between two rows is due to the graph and not to the embedding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse.linalg import ArpackError, eigsh
from sklearn.cluster import KMeans

from gsae_theory.seeds import generator

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
KEPT = 30
POWER = 4
ROWS = 1024  # rows of the affinity in memory at a time
_TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True)
class ReadOut:
    """Numbers of the read-out.

    Attributes
    ----------
    kept : int
        Neighbours kept per row of a co-activation.
    share : float
        Eigenvectors per cluster: 1.5 gives 15 for 10 clusters.
    power : int
        Exponent of the eigenvalues that weight them.
    starts : int
        Starts of the final k-means.
    """

    kept: int = KEPT
    share: float = 1.5
    power: int = POWER
    starts: int = 20


DEFAULT = ReadOut()


def similarity_graph(features: NDArray[Any], kept: int, *, weighted: bool = True) -> sp.csr_array:
    """Return the symmetric graph of the `kept` largest inner products <f_i, f_j>, j != i, of every row.

    Parameters
    ----------
    features : array, shape (N, k)
    kept : int
        At most N - 1 are kept.
    weighted : bool
        Weights are the inner products (>= 0 is expected); otherwise 1.
    """
    N = len(features)
    kept = min(kept, N - 1)
    weights, columns = np.empty((N, kept)), np.empty((N, kept), dtype=np.int64)
    for start in range(0, N, ROWS):
        block = features[start : start + ROWS] @ features.T
        rows = np.arange(len(block))
        block[rows, start + rows] = -np.inf
        near = np.argpartition(-block, kept - 1, axis=1)[:, :kept]
        columns[start : start + ROWS] = near
        weights[start : start + ROWS] = block[rows[:, None], near] if weighted else 1.0
    index = np.repeat(np.arange(N), kept)
    graph = sp.csr_array((np.maximum(weights, 0).ravel(), (index, columns.ravel())), shape=(N, N))
    return sp.csr_array((graph + graph.T) / 2)


def embedding(graph: sp.csr_array, dimension: int, power: int) -> Array:
    """Return leading eigenvectors of D^-1/2 S D^-1/2, weighted by eigenvalue^power, rows at norm 1.

    Parameters
    ----------
    graph : sparse array, shape (N, N)
        S, symmetric with entries >= 0.
    dimension, power : int
    """
    degree = np.maximum(np.asarray(graph.sum(axis=1)).ravel(), _TINY)
    scale = sp.diags_array(1 / np.sqrt(degree))
    values, vectors = _leading(scale @ graph @ scale, dimension)
    weighted = vectors * np.maximum(values, 0) ** power
    return np.asarray(weighted / np.maximum(np.linalg.norm(weighted, axis=1, keepdims=True), _TINY))


def _leading(matrix: Any, dimension: int) -> tuple[Array, Array]:
    """Return the leading eigenpairs; dense where ARPACK gives up (a graph of very many components)."""
    N = matrix.shape[0]
    # A start vector of its own: eigsh would draw one from NumPy's global generator, and the eigenvector
    # sqrt(degree) would end the Krylov space at once.
    start = generator(0, "eigsh").uniform(0.5, 1.5, N)
    try:
        values, vectors = eigsh(matrix, k=dimension, which="LA", v0=start, ncv=min(N, max(4 * dimension, 20)))
    except ArpackError:
        values, vectors = eigh(matrix.toarray(), subset_by_index=(N - dimension, N - 1))
    return values, vectors


def read_out(graph: sp.csr_array, clusters: int, seed: int, settings: ReadOut = DEFAULT) -> Labels:
    """Return the cluster of every node, shape (N,)."""
    dimension = min(max(round(settings.share * clusters), 2), graph.shape[0] - 2)
    points = embedding(graph, dimension, settings.power)
    return k_means(points, clusters, seed, settings.starts)


def k_means(points: Array, clusters: int, seed: int, starts: int = 20) -> Labels:
    """Return scikit-learn's k-means, the best of `starts` starts by inertia."""
    model = KMeans(clusters, n_init=starts, random_state=seed % 2**32)
    return np.asarray(model.fit_predict(points), dtype=np.int64)
