"""Hessian products, block problems and interference."""

import numpy as np
import pytest
from scipy.optimize import brentq

from gsae_theory.errors import InvalidInput
from gsae_theory.model import GenerativeModel, UniformRadius, UniformSupport, equiangular, orthogonal
from gsae_theory.seeds import generator
from gsae_theory.simulate import (
    block_gradient,
    hessian_apply,
    interference_gradient,
    population_gradient,
    start,
)

LAM, LAW = 0.45, UniformRadius(1.0, 1.2)
M1, M2 = LAW.moment(1), LAW.moment(2)
# F'(s) of gamma1 Theorem 2, written from the loss at W = sA
S = brentq(lambda s: -2 * s * (1 - s**2) * M2 + LAM * M1 * (1 - 3 * s**2) + LAM**2 * s, 1.0, 2.0, xtol=1e-15)
KAPPA = S**2 * M2 - 2 * S * LAM * M1 + LAM**2  # E(sR - lam)^2
OMEGA = LAM * (M1 * (5 * S - 1 / S) - 4 * LAM)


def make(n, G, d, gamma, mu):
    A = equiangular(n, G, d, mu, generator(1, "local")) if mu else orthogonal(n, G, d, generator(1, "local"))
    return GenerativeModel(A, LAW, support=UniformSupport(gamma))


@pytest.mark.parametrize("d", [1, 2, 3])
def test_hessian_spectrum_of_gamma1_theorem_3(d):
    model, rng = make(5 * d, 3, d, 1, 0.2), generator(2, "hessian", d)
    A, p = model.dictionary, 1 / 3
    Z = rng.standard_normal((d, d))
    D = rng.standard_normal((5 * d, d))
    symmetric = Z + Z.T
    cases = {
        "trace": (A[:, 1], (4 * KAPPA + OMEGA) / d),
        "out": (D - A[:, 1] @ (A[:, 1].T @ D), KAPPA / d),
    }
    if d > 1:
        traceless = symmetric - np.trace(symmetric) / d * np.eye(d)
        cases["traceless"] = (A[:, 1] @ traceless, (4 * KAPPA + 2 * OMEGA / (d + 2)) / d)
        cases["rotation"] = (A[:, 1] @ (Z - Z.T), 0.0)
    for direction, eigenvalue in cases.values():
        V = np.zeros_like(A)
        V[:, 1] = direction
        found = hessian_apply(model, S * A, V, LAM)
        deviation = np.linalg.norm(found.value / p - eigenvalue * V)
        assert deviation < 1e-9 * np.linalg.norm(V)
        assert deviation * p < found.error < 1e-7 * np.linalg.norm(V)


def test_hessian_is_linear_and_symmetric():
    model = make(12, 3, 2, 2, 0.05)
    W = start("random", model.dictionary, S, 0.05, generator(3, "W"))
    U, V = generator(4, "UV").standard_normal((2, *W.shape))
    HU, HV, both = (hessian_apply(model, W, X, LAM, level=8).value for X in (U, V, U - 2 * V))
    assert np.sum(HU * V) == pytest.approx(np.sum(U * HV), rel=1e-9)
    np.testing.assert_allclose(both, HU - 2 * HV, atol=1e-8 * np.abs(HU).max())


def test_block_problems_are_the_model_with_one_active_group():
    two, one = make(16, 4, 2, 2, 0.05), make(16, 4, 2, 1, 0.05)
    W = start("random", two.dictionary, S, 0.1, generator(5, "W"), rotated=True)
    alone = population_gradient(one, W, LAM)
    assert alone.certified
    found = block_gradient(two, W, LAM)
    np.testing.assert_allclose(found.gradient, 4 * alone.gradient, atol=1e-12)
    assert found.loss == pytest.approx(4 * alone.loss, rel=1e-12)


def test_interference_is_what_the_other_groups_add():
    W0 = make(16, 4, 2, 1, 0.05).dictionary
    W = start("random", W0, S, 0.05, generator(6, "W"))
    assert np.abs(interference_gradient(make(16, 4, 2, 1, 0.05), W, LAM).gradient).max() < 1e-14
    orthogonal_blocks = make(16, 4, 2, 2, 0.0)
    there = interference_gradient(orthogonal_blocks, S * orthogonal_blocks.dictionary, LAM)
    assert np.abs(there.gradient).max() < 1e-12
    coherent = make(16, 4, 2, 2, 0.05)
    E = interference_gradient(coherent, W, LAM)
    assert E.error < 1e-10
    total = block_gradient(coherent, W, LAM).gradient + E.gradient
    np.testing.assert_allclose(total, population_gradient(coherent, W, LAM).gradient / 0.5, atol=1e-11)
    assert np.abs(E.gradient).max() > 1e-3


def test_bad_directions_are_named():
    model = make(16, 4, 2, 1, 0.05)
    W = model.dictionary
    with pytest.raises(InvalidInput, match="V = 'all zeros'"):
        hessian_apply(model, W, np.zeros_like(W), LAM)
    with pytest.raises(InvalidInput, match="step"):
        hessian_apply(model, W, W, LAM, step=0.0)
    with pytest.raises(InvalidInput, match="shape of W"):
        hessian_apply(model, W, W[:, :1], LAM)


def test_error_of_a_hessian_product_scales_with_the_loss():
    """Catches a rounding error that forgets the size of the gradient: data 64 times as large is 64^2 times the loss.

    A power of two scales every operation exactly, so the errors do too.
    """
    errors = []
    for scale in (1.0, 64.0):
        law = UniformRadius(scale, 1.25 * scale)
        model = GenerativeModel(orthogonal(8, 2, 2, generator(5, "scale")), law, support=UniformSupport(1))
        V = generator(6, "V").standard_normal(model.dictionary.shape)
        errors.append(hessian_apply(model, S * model.dictionary, V, scale * 0.5, level=8).error)
    assert errors[1] == pytest.approx(64.0**2 * errors[0], rel=1e-9)


@pytest.mark.parametrize("length", [1e-3, 50.0])
def test_value_and_error_of_a_product_with_the_hessian_scale_with_the_direction(length):
    """Catches an error that stays as it is, so that a short direction is known too badly or a long one too well."""
    A = equiangular(9, 3, 2, mu=0.1, rng=generator(50, "A"))
    model = GenerativeModel(A, UniformRadius(1.0, 1.2), support=UniformSupport(1))
    V = generator(51, "V").standard_normal(A.shape)
    one, other = (hessian_apply(model, 1.2 * A, k * V, 0.4, level=6) for k in (1.0, length))
    assert np.allclose(other.value, length * one.value, rtol=1e-9, atol=1e-12 * length)
    assert other.error == pytest.approx(length * one.error, rel=1e-6)
