"""The rules against moments of the sphere that are known in closed form."""

import itertools
import math

import numpy as np
import pytest

from gsae_theory.errors import InvalidInput
from gsae_theory.model.radius import ConstantRadius, UniformRadius
from gsae_theory.simulate.quadrature import block_rule, code_chunks, code_size, sphere_rule, sphere_size


def moment(powers):
    """Return E prod theta_i^{k_i} = prod (k_i - 1)!! / (d (d+2) .. (d + sum k - 2)), 0 if some k_i is odd."""
    if any(k % 2 for k in powers):
        return 0.0
    top = math.prod(math.prod(range(k - 1, 0, -2)) for k in powers)
    return top / math.prod(len(powers) + 2 * j for j in range(sum(powers) // 2))


@pytest.mark.parametrize("d", [1, 2, 3, 4])
@pytest.mark.parametrize("level", [1, 2, 3, 5])
def test_exact_up_to_the_documented_degree(d, level):
    points, weights = sphere_rule(d, level)
    assert len(points) == sphere_size(d, level)
    for powers in itertools.product(range(2 * level), repeat=d):
        if sum(powers) <= 2 * level - 1:
            value = weights @ np.prod(points ** np.array(powers), axis=1)
            assert value == pytest.approx(moment(powers), abs=2e-15)


@pytest.mark.parametrize("d", [2, 3, 4])
def test_the_documented_degree_is_not_understated_by_much(d):
    # theta_1^(2 level) is missed: the rule is not exact by accident, and the test above can fail.
    level = 3
    points, weights = sphere_rule(d, level)
    assert abs(weights @ points[:, 0] ** (2 * level) - moment((2 * level, *[0] * (d - 1)))) > 1e-4


@pytest.mark.parametrize("d", [2, 3, 4])
def test_second_fourth_and_sixth_moments(d):
    points, weights = sphere_rule(d, 4)
    x, y = points[:, 0], points[:, -1]
    assert weights @ x**2 == pytest.approx(1 / d, abs=1e-15)
    assert weights @ (x**2 * y**2) == pytest.approx(1 / (d * (d + 2)), abs=1e-15)
    assert weights @ x**4 == pytest.approx(3 / (d * (d + 2)), abs=1e-15)
    assert weights @ x**6 == pytest.approx(15 / (d * (d + 2) * (d + 4)), abs=1e-15)
    assert weights @ (x**4 * y**2) == pytest.approx(3 / (d * (d + 2) * (d + 4)), abs=1e-15)


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_antipodal_halves_unit_points_and_positive_weights(d):
    points, weights = sphere_rule(d, 5)
    half = len(points) // 2
    np.testing.assert_array_equal(points[half:], -points[:half])
    np.testing.assert_array_equal(weights[half:], weights[:half])
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, atol=1e-15)
    assert (weights > 0).all()
    assert weights.sum() == pytest.approx(1, abs=1e-15)
    assert len(np.unique(points.round(12), axis=0)) == len(points)


def test_radius_and_direction_multiply():
    law = UniformRadius(1.0, 1.5)
    points, weights = block_rule(law, 3, 4, 3)
    assert len(points) == 3 * 32
    assert weights @ (points[:, 0] ** 2 * points[:, 1] ** 2) == pytest.approx(law.moment(4) / 15, abs=1e-15)
    np.testing.assert_array_equal(points[48:], -points[:48])
    assert len(block_rule(ConstantRadius(2.0), 3, 4, 3)[0]) == 32


def whole(points, weights, active, halve, rows=10**9):
    pieces = list(code_chunks(points, weights, active, halve, rows))
    return np.concatenate([x for x, _ in pieces], axis=1), np.concatenate([w for _, w in pieces])


@pytest.mark.parametrize("halve", [False, True])
def test_product_rule_and_its_half(halve):
    points, weights = block_rule(UniformRadius(1.0, 2.0), 2, 3, 2)
    codes, product = whole(points, weights, 3, halve)
    assert codes.shape == (6, 12**3 // (2 if halve else 1)) == (6, code_size(points, 3, halve))
    pieces = whole(points, weights, 3, halve, rows=400)
    np.testing.assert_array_equal(pieces[0], codes)
    np.testing.assert_array_equal(pieces[1], product)
    assert max(len(w) for _, w in code_chunks(points, weights, 3, halve, 400)) <= 400
    assert product.sum() == pytest.approx(1)
    m2 = 7 / 3
    np.testing.assert_allclose((codes * product) @ codes.T, m2 / 2 * np.eye(6), atol=1e-14)
    # An even function that couples the groups, against the full sum
    full, full_w = whole(points, weights, 3, False)

    def even(x):
        return np.cos(x.sum(axis=0)) + x[0] * x[3] + x[1] ** 2 * x[5] * x[2]

    assert product @ even(codes) == pytest.approx(full_w @ even(full), abs=1e-14)


def test_bad_sizes_are_named():
    with pytest.raises(InvalidInput, match=r"block = 5 .* sampled"):
        sphere_rule(5, 3)
    with pytest.raises(InvalidInput, match="level"):
        sphere_rule(2, 0)
    with pytest.raises(InvalidInput, match="radius_nodes"):
        block_rule(ConstantRadius(1.0), 2, 3, 0)
