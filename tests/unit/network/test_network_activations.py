"""What the activations are, away from any network."""

import cvxpy
import numpy as np
import pytest

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.network import (
    ACTIVATIONS,
    GROUP_HARD,
    GROUP_RELU,
    IDENTITY,
    RELU,
    SOFT,
    decode,
    encode,
    get_activation,
    loss,
    loss_and_gradient,
    normalise_blocks,
)
from gsae_theory.seeds import generator


def test_group_relu_is_the_prox_by_its_subgradient_condition():
    # h = prox iff u - h = lam h/||h|| where h != 0, and ||u|| <= lam where h = 0.
    u, lam = generator(1, "prox").standard_normal((50, 4, 3)), 1.3
    h = GROUP_RELU.apply(u, lam)
    norm = np.linalg.norm(h, axis=-1, keepdims=True)
    on = norm[..., 0] > 0
    assert 0.1 < on.mean() < 0.95
    np.testing.assert_allclose((u - h)[on], (lam * h / np.where(norm > 0, norm, 1))[on], atol=1e-14)
    assert (np.linalg.norm(u[~on], axis=-1) <= lam).all()


def test_group_relu_solves_the_convex_program():
    u, lam = generator(2, "prox-cvxpy").standard_normal((3, 2)), 0.8
    h = cvxpy.Variable((3, 2))
    penalty = sum(cvxpy.norm(h[g]) for g in range(3))
    problem = cvxpy.Problem(cvxpy.Minimize(0.5 * cvxpy.sum_squares(h - u) + lam * penalty))
    problem.solve(solver=cvxpy.CLARABEL)
    np.testing.assert_allclose(GROUP_RELU.apply(u[None], lam)[0], h.value, atol=1e-6)


def test_for_blocks_of_one_group_relu_is_the_soft_threshold():
    u = generator(3, "d1").standard_normal((100, 5, 1))
    v = generator(3, "d1-v").standard_normal(u.shape)
    np.testing.assert_allclose(GROUP_RELU.apply(u, 0.7), SOFT.apply(u, 0.7), atol=1e-15)
    np.testing.assert_allclose(GROUP_RELU.jvp_transpose(u, v, 0.7), SOFT.jvp_transpose(u, v, 0.7), atol=1e-15)
    np.testing.assert_array_equal(GROUP_RELU.active(u, 0.7), SOFT.active(u, 0.7))


def test_relu_with_both_signs_of_each_atom_is_the_soft_threshold():
    # side T1.0: W (u - l)_+ - W (-u - l)_+ = W ST_l(u)
    rng = generator(4, "t10")
    W, Y = rng.standard_normal((6, 3, 2)), rng.standard_normal((20, 6))
    both = np.concatenate([W, -W], axis=1)
    one_sided, two_sided = encode(both, Y, 0.4, RELU), encode(W, Y, 0.4, SOFT)
    np.testing.assert_allclose(decode(both, one_sided), decode(W, two_sided), atol=1e-14)
    assert loss(both, Y, 0.4, RELU) == pytest.approx(loss(W, Y, 0.4, SOFT))
    assert np.abs(decode(W, encode(W, Y, 0.4, RELU)) - decode(W, two_sided)).max() > 0.1


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_safe_at_zero_and_odd_where_claimed(name):
    act = ACTIVATIONS[name]
    for lam in (0.0, 0.5):
        zero = np.zeros((2, 3, 2))
        assert np.isfinite(act.jvp_transpose(zero, np.ones_like(zero), lam)).all()
        np.testing.assert_array_equal(act.apply(zero, lam), zero)
    u = generator(5, "odd").standard_normal((40, 3, 2))
    assert np.allclose(act.apply(-u, 0.5), -act.apply(u, 0.5)) == act.odd


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_flags_on_silence_and_firing(name):
    act, lam = ACTIVATIONS[name], 0.9
    u = generator(6, "flags").standard_normal((400, 3, 3)) * 0.6
    below = np.linalg.norm(u, axis=-1) <= lam
    assert 0.1 < below.mean() < 0.9
    assert (not act.active(u, lam)[below].any()) == act.silent_below
    assert act.active(u, lam)[~below].all() == act.fires_above
    np.testing.assert_array_equal((act.apply(u, lam) != 0).any(axis=-1), act.active(u, lam))


def test_threshold_zero_gives_the_linear_network_for_all_but_relu():
    u = generator(7, "linear").standard_normal((10, 2, 3))
    for act in (GROUP_RELU, GROUP_HARD, SOFT, IDENTITY):
        np.testing.assert_allclose(act.apply(u, 0.0), u)
    assert (RELU.apply(u, 0.0) == 0).any()


def test_tiny_inputs_do_not_overflow():
    u = np.full((1, 1, 2), 1e-120)
    v = np.ones_like(u)
    assert np.isfinite(GROUP_RELU.jvp_transpose(u, v, 1e-121)).all()


def test_normalised_blocks_are_the_polar_factors():
    W = generator(8, "polar").standard_normal((8, 3, 2))
    P = normalise_blocks(W).transpose(1, 0, 2)
    blocks = W.transpose(1, 0, 2)
    np.testing.assert_allclose(P.transpose(0, 2, 1) @ P, np.broadcast_to(np.eye(2), (3, 2, 2)), atol=1e-14)
    root = P.transpose(0, 2, 1) @ blocks  # symmetric and positive definite exactly for the polar factor
    np.testing.assert_allclose(root, root.transpose(0, 2, 1), atol=1e-13)
    assert (np.linalg.eigvalsh(root) > 0).all()


W_OK, Y_OK = np.ones((4, 2, 2)), np.ones((3, 4))


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((W_OK, Y_OK, -0.1), "lam"),
        ((W_OK, Y_OK, float("nan")), "lam"),
        ((W_OK, Y_OK, "0.1"), "lam"),
        ((W_OK, np.ones((3, 5)), 0.1), "columns of Y"),
        ((W_OK, np.ones(4), 0.1), "shape of Y"),
        ((np.ones((4, 4)), Y_OK, 0.1), "shape of W"),
        ((W_OK, np.full((3, 4), np.nan), 0.1), "Y[(0, 0)]"),
        ((W_OK, np.array([["a"] * 4], dtype=object), 0.1), "dtype of Y"),
        ((W_OK, np.ones((0, 4)), 0.1), "rows of Y"),
    ],
)
def test_bad_input_is_named(arguments, name):
    with pytest.raises(InvalidInput) as caught:
        loss_and_gradient(*arguments)
    assert caught.value.name == name


def test_other_bad_input():
    with pytest.raises(InvalidInput, match="shape of h"):
        decode(W_OK, np.ones((3, 2, 3)))
    with pytest.raises(InvalidInput, match="block 0"):
        normalise_blocks(np.ones((4, 2, 2)))
    with pytest.raises(InvalidInput, match="shape of v"):
        GROUP_RELU.jvp_transpose(np.ones((1, 1, 2)), np.ones((1, 1, 3)), 0.1)
    with pytest.raises(UnknownName, match="group_relu"):
        get_activation("group_rlu")


@pytest.mark.parametrize("act", [GROUP_RELU, RELU, SOFT], ids=lambda act: act.name)
def test_one_block_and_a_value_at_the_threshold(act):
    """Catches a single vector that is refused, and a unit that counts as active at exactly the threshold."""
    assert act.apply(np.array([3.0, 0.0]), 1.0).tolist() == [2.0, 0.0]
    assert not act.active(np.array([[[1.0, 0.0]]]), 1.0).any()
    assert act.active(np.array([[[1.0 + 1e-9, 0.0]]]), 1.0).any()
    u, v = np.array([1.0, 0.0]), np.array([1.0, 1.0])
    assert act.jvp_transpose(u, v, 1.0).tolist() == [0.0, 0.0]
