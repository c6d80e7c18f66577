"""Backpropagation through the unfolding against differences and PyTorch's automatic differentiation."""

from __future__ import annotations

import numpy as np
import pytest

from gsae_theory.network import ACTIVATIONS, NonNegative, Unfolded, encode, loss_and_gradient
from gsae_theory.network.unfolded import momenta
from gsae_theory.seeds import generator

ACTS = {**ACTIVATIONS, "nonnegative": NonNegative(ACTIVATIONS["group_relu"])}
DEPTHS = [(1, False), (4, False), (4, True)]


def instance(n=7, G=4, d=3, N=25):
    rng = generator(1, "unfolded-gradients", n, G, d)
    mask = (rng.random((N, n)) > 0.25).astype(float)
    return rng.standard_normal((n, G, d)) * 0.5, rng.standard_normal((N, n)), mask


LAM, STEP = np.array([0.3, 0.2, 0.25, 0.15]), np.array([0.4, 0.3, 0.35, 0.25])


def torch_activation(torch, name, u, threshold):
    """Write the activations again; 0 has to be kept away from the square root, whose slope is infinite."""
    if name == "nonnegative":
        u, name = torch.relu(u), "group_relu"
    square = (u**2).sum(-1, keepdim=True)
    rho = torch.sqrt(torch.where(square > 0, square, torch.ones_like(square)))
    on = (square > 0) & (rho > threshold)
    return {
        "group_relu": lambda: torch.where(on, (1 - threshold / rho) * u, 0 * u),
        "group_hard": lambda: torch.where(on, u, 0 * u),
        "relu": lambda: torch.relu(u - threshold),
        "soft": lambda: torch.sign(u) * torch.relu(torch.abs(u) - threshold),
        "identity": lambda: u,
    }[name]()


def torch_loss(torch, name, layers, accelerated, W, Y, lam, step, mask, target):
    """Write the network again in torch; every scalar and the weights may require gradients."""
    flat = W.reshape(W.shape[0], -1)
    x = before = torch.zeros((len(Y), flat.shape[1]), dtype=torch.float64)
    t_now = 1.0
    for t in range(layers):
        t_next = (1 + (1 + 4 * t_now**2) ** 0.5) / 2
        if t == 0:
            beta = 0.0
        else:
            beta, t_now = ((t_now - 1) / t_next if accelerated else 0.0), t_next
        z = x + beta * (x - before)
        u = (z + step[t] * ((mask * (Y - z @ flat.T)) @ flat)).reshape(-1, *W.shape[1:])
        h = torch_activation(torch, name, u, step[t] * lam[t])
        before, x = x, h.reshape(len(Y), -1)
    return 0.5 * ((target - x @ flat.T) ** 2).sum() / len(Y)


@pytest.mark.parametrize(("layers", "accelerated"), DEPTHS)
@pytest.mark.parametrize("name", sorted(ACTS))
def test_every_gradient_equals_torch(name, layers, accelerated):
    """Catches a dropped path: residual, momentum, mask, threshold or step, in any layer."""
    torch = pytest.importorskip("torch")
    W, Y, mask = instance()
    target = Y + 0.1
    tensors = [
        torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (W, LAM[:layers], STEP[:layers])
    ]
    fixed = [torch.tensor(v, dtype=torch.float64) for v in (Y, mask, target)]
    theirs = torch_loss(torch, name, layers, accelerated, tensors[0], fixed[0], *tensors[1:], *fixed[1:])
    theirs.backward()
    value, ours = Unfolded(layers, ACTS[name], accelerated).loss_and_gradient(
        W, Y, LAM[:layers], STEP[:layers], mask, target, scalars=True
    )
    assert value == pytest.approx(float(theirs.detach()), rel=1e-13)
    for mine, tensor in zip((ours.W, ours.lam, ours.step), tensors, strict=True):
        other = np.zeros_like(mine) if tensor.grad is None else tensor.grad.numpy()
        np.testing.assert_allclose(mine, other, rtol=0, atol=1e-12 * max(np.abs(ours.W).max(), 1))


@pytest.mark.parametrize(("layers", "accelerated"), DEPTHS)
@pytest.mark.parametrize("step", ["spectral", "numbers"])
@pytest.mark.parametrize("name", sorted(ACTS))
def test_gradient_equals_central_differences(name, layers, accelerated, step):
    """Needs no torch. Catches in addition a spectral step whose dependence on W is forgotten."""
    W, Y, mask = instance()
    network, h = Unfolded(layers, ACTS[name], accelerated), 1e-6
    rng = generator(2, "direction", name)
    V, dl, ds = rng.standard_normal(W.shape), rng.standard_normal(layers), rng.standard_normal(layers)
    numbers = step == "numbers"
    _, g = network.loss_and_gradient(
        W, Y, LAM[:layers], STEP[:layers] if numbers else step, mask, scalars=True
    )

    def at(e):
        steps = STEP[:layers] + e * ds if numbers else step
        return network.loss(W + e * V, Y, LAM[:layers] + e * dl, steps, mask)

    exact = np.sum(g.W * V) + g.lam @ dl + (g.step @ ds if numbers else 0.0)
    # truncation h^2 |f'''|/6 ~ 1e-11, rounding 1e-16 |f|/h ~ 1e-9; the seed has no switch within h
    assert (at(h) - at(-h)) / (2 * h) == pytest.approx(exact, rel=2e-7, abs=1e-8)


def test_one_layer_is_the_shallow_network_bit_for_bit():
    """Catches a unit step that is multiplied through in another order, or a prox with another threshold."""
    W, Y, _ = instance()
    for act in ACTIVATIONS.values():
        np.testing.assert_array_equal(Unfolded(1, act).encode(W, Y, 0.3), encode(W, Y, 0.3, act))
        value, gradient = loss_and_gradient(W, Y, 0.3, act)
        ours, by = Unfolded(1, act).loss_and_gradient(W, Y, 0.3)
        assert ours == value
        np.testing.assert_allclose(by.W, gradient, rtol=0, atol=1e-14 * np.abs(gradient).max())


def test_a_learned_threshold_needs_a_slope():
    """Catches a silent zero gradient for an activation that does not say how it moves with lambda."""
    from gsae_theory.errors import InvalidInput
    from gsae_theory.network import Activation

    class Own(Activation):
        name = "own"

        def linearise(self, u, lam, axis=-1):
            return ACTIVATIONS["soft"].linearise(u, lam, axis)

    W, Y, _ = instance()
    Unfolded(2, Own()).loss_and_gradient(W, Y, 0.1, 0.1)
    with pytest.raises(InvalidInput, match="threshold_slope"):
        Unfolded(2, Own()).loss_and_gradient(W, Y, 0.1, 0.1, scalars=True)


def test_momenta_are_those_of_fista():
    """Catches a shifted sequence: the first momentum that is not 0 belongs to the third layer."""
    assert momenta(3, False) == [0.0, 0.0, 0.0]
    t2 = (1 + np.sqrt(5)) / 2
    t3 = (1 + np.sqrt(1 + 4 * t2**2)) / 2
    t4 = (1 + np.sqrt(1 + 4 * t3**2)) / 2
    assert momenta(4, True) == pytest.approx([0.0, 0.0, (t2 - 1) / t3, (t3 - 1) / t4])
