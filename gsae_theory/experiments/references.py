"""What one layer is measured against: iterated and convex sparse coding with the same dictionary.

Thresholds and amplitudes are tuned on held-out data like those of the networks; OMP is told the number
of entries. The group lasso is the unfolded network run to convergence, held to CVXPY's solution by
`group_lasso_gap`; the lasso and OMP are scikit-learn's.
"""

from __future__ import annotations

import warnings

import cvxpy as cp
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Lasso, orthogonal_mp

from gsae_theory.experiments.coding_metrics import METRICS, Data, scores
from gsae_theory.experiments.tuning import Solve, Tuned, tuned
from gsae_theory.network import GROUP_RELU, SOFT, Unfolded
from gsae_theory.network.activations import Activation

Array = NDArray[np.float64]
THRESHOLDS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45, 0.6)
SAMPLES = 60
DEPTH, CONVERGED = 10, 150


def reference_scores(A: Array, held_out: Data, test: Data, entries: int) -> dict[tuple[str, str], Tuned]:
    """Return the tuned scores of every reference method on every metric.

    Parameters
    ----------
    A : array, shape (n, G, d)
    held_out, test : Data
        Their first `SAMPLES` rows are used: the programs are solved sample by sample.
    entries : int
        Number of entries that OMP may use.
    """
    few, small = _first(held_out), _first(test)
    methods: dict[str, Solve] = {
        f"group-sparse, {DEPTH} layers": _deep(A, GROUP_RELU, DEPTH),
        f"soft threshold, {DEPTH} layers": _deep(A, SOFT, DEPTH),
        "group lasso": _deep(A, GROUP_RELU, CONVERGED),
        "lasso (scikit-learn)": _lasso(A),
    }
    found = {
        (name, metric): value
        for name, solve in methods.items()
        for metric, value in tuned(solve, THRESHOLDS, few, small).items()
    }
    result = scores(_omp(A, small.y, entries), small)
    return found | {("OMP (scikit-learn)", m): Tuned(result.value(m), 0.0, 1.0) for m in METRICS}


def _first(data: Data) -> Data:
    return Data(data.x[:SAMPLES], data.y[:SAMPLES], data.u[:SAMPLES], data.gram)


def _deep(A: Array, act: Activation, layers: int) -> Solve:
    network = Unfolded(layers, act, accelerated=True)
    return lambda data, lam: network.encode(A, data.y, lam, "spectral")


def _lasso(A: Array) -> Solve:
    flat = A.reshape(len(A), -1)

    def solve(data: Data, lam: float) -> Array:
        # scikit-learn divides the data term by the number of rows, here n
        model = Lasso(alpha=lam / len(A), fit_intercept=False, max_iter=5000, tol=1e-5)
        return np.asarray(model.fit(flat, data.y.T).coef_).reshape(data.x.shape)

    return solve


def _omp(A: Array, Y: Array, entries: int) -> Array:
    flat = A.reshape(len(A), -1)
    with warnings.catch_warnings():
        # it warns where fewer entries leave no residual, which is success
        warnings.filterwarnings("ignore", message="Orthogonal matching pursuit ended prematurely")
        codes = orthogonal_mp(flat, Y.T, n_nonzero_coefs=min(entries, *flat.shape))
    return np.asarray(codes).T.reshape(len(Y), *A.shape[1:])


def group_lasso(A: Array, Y: Array, lam: float) -> Array:
    """Return argmin 1/2 ||y - A x||^2 + lam sum_g ||x_g|| for every row of `Y` by CVXPY, shape (N, G, d)."""
    n, G, d = A.shape
    x = cp.Variable((len(Y), G * d))
    penalty = cp.sum([cp.sum(cp.norm(x[:, g * d : (g + 1) * d], axis=1)) for g in range(G)])
    data = cp.sum_squares(Y - x @ A.reshape(n, -1).T) / 2
    # Clarabel's own tolerances, 1e-8: with tighter ones it may stop as inaccurate
    cp.Problem(cp.Minimize(data + lam * penalty)).solve(solver=cp.CLARABEL)
    return np.asarray(x.value).reshape(len(Y), G, d)


def group_lasso_gap(A: Array, Y: Array, lam: float) -> float:
    """Return the relative excess of the unfolded network's objective over CVXPY's, worst sample."""
    network = Unfolded(CONVERGED, GROUP_RELU, accelerated=True)
    ours = network.objective(A, Y, network.encode(A, Y, lam, "spectral"), lam)
    exact = network.objective(A, Y, group_lasso(A, Y, lam), lam)
    return float((ours / exact - 1).max())
