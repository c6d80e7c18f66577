"""Baselines: what else clusters rows of unit norm, each from a well-kept library where there is one."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.cluster import SpectralClustering
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import orthogonal_mp
from sklearn.mixture import GaussianMixture

from gsae_theory.experiments.cluster.methods import Method
from gsae_theory.experiments.cluster.read_out import k_means, read_out, similarity_graph
from gsae_theory.experiments.estimator import GroupSparseAutoencoder
from gsae_theory.experiments.subspaces import active_group
from gsae_theory.seeds import seed_for

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
CONTROL = "10-NN graph, same read-out"


def plain_k_means(Y: Array, clusters: int, seed: int) -> Labels:
    """k-means on the rows."""
    return k_means(Y, clusters, seed, 10)


def spectral(Y: Array, clusters: int, seed: int, neighbours: int = 10) -> Labels:
    """scikit-learn's spectral clustering of the k-NN graph."""
    model = SpectralClustering(
        clusters,
        affinity="nearest_neighbors",
        n_neighbors=min(neighbours, len(Y) - 1),
        random_state=seed % 2**32,
    )
    return _fitted(model, Y)


def _fitted(model: SpectralClustering, data: Array | csr_array) -> Labels:
    with warnings.catch_warnings():
        # Unconnected parts are what a graph of well separated clusters has; the result is scored as it comes.
        warnings.filterwarnings("ignore", message="Graph is not fully connected")
        return np.asarray(model.fit_predict(data), dtype=np.int64)


def neighbour_graph(Y: Array, clusters: int, seed: int, neighbours: int = 10) -> Labels:
    """Cluster the k-NN graph by the read-out of the group models: the control."""
    return read_out(similarity_graph(Y, neighbours, weighted=False), clusters, seed)


def subspaces_from_k_means(Y: Array, clusters: int, seed: int, block: int = 6, rounds: int = 50) -> Labels:
    """K-subspaces (linear, `block` dimensions) started from k-means."""
    labels = k_means(Y, clusters, seed, 10)
    blocks = np.zeros((Y.shape[1], clusters, min(block, Y.shape[1])))
    for _ in range(rounds):
        for g in range(clusters):
            own = Y[labels == g]
            if len(own):  # an emptied group keeps its last subspace
                blocks[:, g] = np.linalg.eigh(own.T @ own)[1][:, : -blocks.shape[2] - 1 : -1]
        before, labels = labels, active_group(blocks, Y)
        if np.array_equal(before, labels):
            break
    return labels


def mixture(Y: Array, clusters: int, seed: int, dimension: int = 20) -> Labels:
    """Full-covariance Gaussian mixture on the leading principal components."""
    centred = Y - Y.mean(axis=0)
    vectors = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :dimension]
    points = centred @ vectors
    # The prior's scale follows the data's, so that units do not matter.
    model = GaussianMixture(
        clusters, reg_covar=1e-2 * float(points.var(axis=0).mean()), random_state=seed % 2**32, n_init=2
    )
    with warnings.catch_warnings():
        # EM that stops at its limit of iterations is still a baseline's clustering, scored as it comes.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return np.asarray(model.fit_predict(points), dtype=np.int64)


def self_expression(Y: Array, clusters: int, seed: int, terms: int = 8, candidates: int = 200) -> Labels:
    """Sparse subspace clustering: every row as a sparse combination of others by OMP, then spectral clustering.

    The others are the `candidates` rows with the largest |cosine|; a row far from all of them would not be
    chosen by OMP either.
    """
    N = len(Y)
    terms, candidates = min(terms, N - 1), min(candidates, N - 1)
    weights, columns = np.zeros((N, terms)), np.zeros((N, terms), dtype=np.int32)
    for i in range(N):
        closeness = np.abs(Y @ Y[i])
        closeness[i] = -np.inf
        near = np.argpartition(-closeness, candidates - 1)[:candidates]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a row that is expressed exactly by fewer terms
            found = orthogonal_mp(Y[near].T, Y[i], n_nonzero_coefs=terms)
        used = np.argsort(-np.abs(found))[:terms]
        columns[i], weights[i] = near[used], np.abs(found[used])
    graph = csr_array(
        (weights.ravel(), (np.repeat(np.arange(N, dtype=np.int32), terms), columns.ravel())), shape=(N, N)
    )
    model = SpectralClustering(clusters, affinity="precomputed", random_state=seed % 2**32)
    return _fitted(model, graph + graph.T)


def relu_codes(Y: Array, clusters: int, seed: int, units: int = 80) -> Labels:
    """k-means on the codes of a plain-ReLU autoencoder with `units` units, trained like the group networks."""
    model = GroupSparseAutoencoder(
        units, 1, activation="relu", epochs=20, rate=0.01, random_state=seed_for(seed, "training") % 2**32
    )
    return k_means(np.asarray(model.fit(Y).transform(Y), dtype=float), clusters, seed, 10)


def baselines() -> tuple[Method, ...]:
    """Return the baselines, the slow ones last."""
    return (
        Method(CONTROL, neighbour_graph),
        Method(
            "k-NN graph, same read-out, k chosen",
            neighbour_graph,
            tuple({"neighbours": k} for k in (5, 10, 20)),
        ),
        Method("k-means", plain_k_means),
        Method("spectral clustering, 10-NN", spectral),
        Method("K-subspaces from k-means", subspaces_from_k_means, tuple({"block": d} for d in (3, 6, 9))),
        Method("Gaussian mixture", mixture, tuple({"dimension": d} for d in (10, 20, 40))),
        Method(
            "sparse subspace clustering (OMP)",
            self_expression,
            tuple({"terms": k} for k in (4, 8, 16)),
            slow=True,
        ),
        Method(
            "ReLU autoencoder, k-means on codes", relu_codes, tuple({"units": m} for m in (40, 80)), slow=True
        ),
    )
