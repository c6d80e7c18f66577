"""The hand-written gradient against differences and an independent automatic differentiation."""

import numpy as np
import pytest
from autograd import grad as autograd_grad
from autograd import numpy as anp

from gsae_theory.network import ACTIVATIONS, GROUP_RELU, loss, loss_and_gradient
from gsae_theory.seeds import generator

LAM = 0.3


def instance(n=7, G=4, d=3, N=40):
    rng = generator(1, "network-gradients", n, G, d)
    return rng.standard_normal((n, G, d)) * 0.6, rng.standard_normal((N, n))


def ad_activation(name, u):
    """Write the activations again, with what autograd offers; u has shape (N, G, d)."""
    rho = anp.sqrt(anp.sum(u**2, axis=-1, keepdims=True))
    return {
        "group_relu": lambda: anp.maximum(0.0, 1 - LAM / rho) * u,
        "group_hard": lambda: anp.where(rho > LAM, 1.0, 0.0) * u,
        "relu": lambda: anp.maximum(0.0, u - LAM),
        "soft": lambda: anp.sign(u) * anp.maximum(0.0, anp.abs(u) - LAM),
        "identity": lambda: u,
    }[name]()


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize("d", [1, 3])
def test_gradient_equals_automatic_differentiation(name, d):
    W, Y = instance(d=d)

    def written_again(weights):
        flat = anp.reshape(weights, (W.shape[0], -1))
        h = ad_activation(name, anp.reshape(anp.dot(Y, flat), (-1, *W.shape[1:])))
        r = Y - anp.dot(anp.reshape(h, (len(Y), -1)), flat.T)
        return 0.5 * anp.sum(r**2) / len(Y)

    value, ours = loss_and_gradient(W, Y, LAM, ACTIVATIONS[name])
    assert value == pytest.approx(float(written_again(W)), rel=1e-13)
    np.testing.assert_allclose(ours, autograd_grad(written_again)(W), rtol=0, atol=1e-12 * np.abs(ours).max())


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_gradient_equals_central_differences(name):
    # Central differences at h = 1e-5: truncation about h^2 |f'''| / 6 ~ 1e-9, rounding 1e-16 |f| / h ~ 1e-10,
    # unless an activation switches within h; the seed gives none.
    W, Y = instance()
    act, h = ACTIVATIONS[name], 1e-5
    direction = generator(2, "direction").standard_normal(W.shape)
    difference = (loss(W + h * direction, Y, LAM, act) - loss(W - h * direction, Y, LAM, act)) / (2 * h)
    exact = float(np.sum(loss_and_gradient(W, Y, LAM, act)[1] * direction))
    assert difference == pytest.approx(exact, rel=1e-7)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_jacobian_is_symmetric_and_matches_differences(name):
    act, rng = ACTIVATIONS[name], generator(3, "jacobian")
    u, v, w = (rng.standard_normal((30, 4, 3)) for _ in range(3))
    assert np.sum(w * act.jvp_transpose(u, v, LAM)) == pytest.approx(np.sum(v * act.jvp_transpose(u, w, LAM)))
    h = 1e-6
    difference = (act.apply(u + h * v, LAM) - act.apply(u - h * v, LAM)) / (2 * h)
    np.testing.assert_allclose(act.jvp_transpose(u, v, LAM), difference, atol=1e-8)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_the_group_axis_may_be_anywhere(name):
    act, rng = ACTIVATIONS[name], generator(4, "axis")
    u, v = rng.standard_normal((2, 5, 3, 6))
    h, active, transpose = act.linearise(u, LAM, axis=1)
    swapped = np.swapaxes(u, 1, 2)
    np.testing.assert_allclose(np.swapaxes(h, 1, 2), act.apply(swapped, LAM), atol=1e-15)
    np.testing.assert_array_equal(active, act.active(swapped, LAM))
    np.testing.assert_allclose(
        np.swapaxes(transpose(v), 1, 2), act.jvp_transpose(swapped, np.swapaxes(v, 1, 2), LAM), atol=1e-14
    )


def test_both_terms_of_the_gradient_are_there():
    # Catches a dropped encoder (or decoder) term: neither alone is the gradient.
    W, Y = instance()
    exact = loss_and_gradient(W, Y, LAM, GROUP_RELU)[1]
    u = (Y @ W.reshape(7, -1)).reshape(-1, 4, 3)
    h = GROUP_RELU.apply(u, LAM).reshape(len(Y), -1)
    r = Y - h @ W.reshape(7, -1).T
    decoder = -(r.T @ h).reshape(W.shape) / len(Y)
    assert np.linalg.norm(exact - decoder) > 0.1 * np.linalg.norm(exact)
    assert np.linalg.norm(decoder) > 0.1 * np.linalg.norm(exact)
