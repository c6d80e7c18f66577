"""The unfolded encoder solves the problem that it unfolds; optimisers, constraints, bad input."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.network import GROUP_RELU, RELU, SGD, SOFT, Adam, NonNegative, Unfolded
from gsae_theory.network.normalisers import NORMALISERS, get_normaliser
from gsae_theory.network.optimisers import get_optimiser
from gsae_theory.seeds import generator


def instance(n=10, G=6, d=2, N=5):
    rng = generator(1, "unfolded", n, G, d)
    return rng.standard_normal((n, G, d)) / np.sqrt(n), rng.standard_normal((N, n))


def group_lasso(W, y, lam, mask, nonneg):
    """Solve 1/2 ||mask (y - W x)||^2 + lam sum ||x_g|| with cvxpy."""
    n, G, d = W.shape
    x = cp.Variable(G * d)
    penalty = sum(cp.norm(x[g * d : (g + 1) * d]) for g in range(G))
    fit = cp.sum_squares(cp.multiply(mask, y - W.reshape(n, -1) @ x)) / 2
    problem = cp.Problem(cp.Minimize(fit + lam * penalty), [x >= 0] if nonneg else [])
    problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-10, tol_gap_rel=1e-10, tol_feas=1e-10)
    return problem.value


@pytest.mark.parametrize("nonneg", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_many_layers_solve_the_group_lasso(nonneg, masked):
    """Catches a wrong prox, threshold or mask: the minimum of the convex problem is another."""
    W, Y = instance()
    mask = np.ones_like(Y)
    if masked:
        mask = (generator(2, "mask").random(Y.shape) > 0.3).astype(float)
    act = NonNegative(GROUP_RELU) if nonneg else GROUP_RELU
    network = Unfolded(3000, act, accelerated=True)
    x = network.encode(W, Y, 0.4, "spectral", mask)
    assert not nonneg or x.min() >= 0
    for i, y in enumerate(Y):
        ours = network.objective(W, y[None] * mask[i], x[i : i + 1], 0.4)[0]
        if masked:
            r = mask[i] * (y - W.reshape(len(W), -1) @ x[i].ravel())
            ours = 0.5 * r @ r + 0.4 * np.linalg.norm(x[i], axis=1).sum()
        assert ours == pytest.approx(group_lasso(W, y, 0.4, mask[i], nonneg), rel=1e-6)


def test_ista_never_raises_the_objective_and_fista_is_ahead():
    """Catches a step or momentum that is no descent: the objective after each layer."""
    W, Y = instance(n=12, G=15, d=2, N=20)
    values = {
        fast: np.array(
            [
                network.objective(W, Y, network.encode(W, Y, 0.2, "spectral"), 0.2)
                for network in (Unfolded(T, GROUP_RELU, fast) for T in (1, 2, 4, 8, 16, 32, 64))
            ]
        )
        for fast in (False, True)
    }
    assert (np.diff(values[False], axis=0) <= 1e-12).all()
    assert values[False][-1].mean() < values[False][0].mean()
    assert values[True][-1].mean() < values[False][-1].mean()


def test_nonnegative_soft_threshold_is_the_relu():
    """Catches a mask on the wrong side of the threshold."""
    u = generator(3, "u").standard_normal((9, 4, 3))
    np.testing.assert_array_equal(NonNegative(SOFT).apply(u, 0.3), RELU.apply(u, 0.3))


def test_optimisers_follow_their_recursions():
    """Catches a missing bias correction and a momentum with the wrong sign."""
    g = np.array([2.0, -0.5])
    np.testing.assert_allclose(Adam(0.1).update("W", g), [-0.1, 0.1], rtol=1e-6)
    sgd = SGD(0.1, momentum=0.5)
    np.testing.assert_allclose(sgd.update("W", g), -0.1 * g)
    np.testing.assert_allclose(sgd.update("W", g), -0.15 * g)
    np.testing.assert_allclose(sgd.update("other", g), -0.1 * g)


@pytest.mark.parametrize("name", sorted(NORMALISERS))
def test_constraints_hold_and_keep_what_satisfies_them(name):
    """Catches a norm over the wrong axis."""
    W, _ = instance()
    once = get_normaliser(name)(W)
    np.testing.assert_allclose(get_normaliser(name)(once), once, atol=1e-14)
    gram = np.einsum("ngi,ngj->gij", once, once)
    if name == "columns":
        np.testing.assert_allclose(np.einsum("gii->gi", gram), 1.0)
    if name == "blocks":
        np.testing.assert_allclose(np.einsum("gii->g", gram), W.shape[2])
    if name == "orthonormal":
        np.testing.assert_allclose(gram, np.broadcast_to(np.eye(2), gram.shape), atol=1e-14)


@pytest.mark.parametrize(
    ("layers", "lam", "step"),
    [(0, 0.1, 1.0), (2, -0.1, 1.0), (2, 0.1, 0.0), (2, [0.1] * 3, 1.0), (2, 0.1, "big")],
)
def test_bad_input_is_named(layers, lam, step):
    W, Y = instance()
    with pytest.raises(InvalidInput, match=r"layers|lam|step"):
        Unfolded(layers).encode(W, Y, lam, step)


def test_unknown_names_list_the_known():
    with pytest.raises(UnknownName, match="adam"):
        get_optimiser("adm", 0.1)
    with pytest.raises(UnknownName, match="columns"):
        get_normaliser("column")


def test_threshold_zero_is_admitted_and_step_zero_is_not():
    """Catches a threshold of 0 that is refused: without a prox the network is a gradient descent."""
    W, Y = generator(0, "W").standard_normal((5, 2, 2)), generator(1, "Y").standard_normal((3, 5))
    linear = Unfolded(1).encode(W, Y, 0.0, 0.1)
    assert np.allclose(linear.reshape(3, -1), 0.1 * Y @ W.reshape(5, -1))
    for lam, step in ((-1e-9, 0.1), (0.1, 0.0), (0.1, -0.1)):
        with pytest.raises(InvalidInput):
            Unfolded(1).encode(W, Y, lam, step)
