"""The theorems against a block problem that is written out here and shares no code with the package.

One group, d = 2, n = 4, theta on a circle of 64 nodes (exponentially accurate), R on two Gauss nodes
(exact: only R and R^2 occur while every input is active).
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.report_values import delta_max
from gsae_theory.theory.spectral_region import region_values
from gsae_theory.theory.theorem import get_theorem

N, D = 4, 2
ANGLES = 2 * np.pi * np.arange(64) / 64
THETA = np.column_stack([np.cos(ANGLES), np.sin(ANGLES)])
A = np.eye(N)[:, :D]


def data(high: float) -> tuple[np.ndarray, np.ndarray]:
    """Return points x (rows, 2) and weights of theta uniform, R ~ U[1, high]."""
    middle, half = (1 + high) / 2, (high - 1) / 2 / math.sqrt(3)
    radii = np.array([middle - half, middle + half])
    x = (radii[:, None, None] * THETA).reshape(-1, D)
    return x, np.full(len(x), 1 / len(x))


def gradient(W: np.ndarray, high: float, threshold: float) -> np.ndarray:
    """Full gradient of 1/2 E||y - W sigma(W^T y)||^2."""
    x, weight = data(high)
    y = x @ A.T
    u = y @ W
    norm = np.linalg.norm(u, axis=1, keepdims=True)
    assert (norm > threshold).all()
    a, unit = 1 - threshold / norm, u / norm
    h = a * u
    r = y - h @ W.T
    v = r @ W
    Jv = a * v + (1 - a) * unit * np.sum(unit * v, axis=1, keepdims=True)
    return -(r * weight[:, None]).T @ h - (y * weight[:, None]).T @ Jv


def values_of(high: float, threshold: float, **more: float) -> Environment:
    base = {"n": N, "d": D, "B_min": 1.0, "B_max": high, "lam": threshold, "mu": 0.0}
    return Environment({**base, "m1": (1 + high) / 2, "m2": (1 + high + high**2) / 3, **more})


def distance(W: np.ndarray, scale: float) -> float:
    square = np.sum(W**2) + scale**2 * D - 2 * scale * np.linalg.svd(A.T @ W, compute_uv=False).sum()
    return math.sqrt(max(square, 0.0))


def aligned(W: np.ndarray) -> np.ndarray:
    U, _, Vt = np.linalg.svd(A.T @ W)
    return W @ (U @ Vt).T


def random_point(rng: np.random.Generator, scale: float, radius: float) -> np.ndarray:
    """W at Procrustes distance `radius` exactly: A(sI + E) + A_perp D, E symmetric."""
    kind = rng.integers(4)
    E, rest = rng.standard_normal((D, D)), rng.standard_normal((N - D, D))
    E = E + E.T
    if kind == 1:
        rest *= 0.05
    elif kind == 2:
        E *= 0.05
    elif kind == 3:
        e = rng.standard_normal(D)
        E = rng.choice([-1, 1]) * np.outer(e, e)
        rest = np.outer(rng.standard_normal(N - D), e)
    delta = np.vstack([E, rest])
    return scale * A + radius * delta / np.linalg.norm(delta)


CASES = [(1.0, 0.2), (1.0, 0.45), (1.2, 0.45), (1.5, 0.6)]


@pytest.mark.parametrize(("high", "threshold"), CASES)
def test_hessian_spectrum(high, threshold):
    values = values_of(high, threshold)
    W = values["s"] * A
    assert np.linalg.norm(gradient(W, high, threshold)) < 1e-13
    step = 1e-5
    H = np.empty((N * D, N * D))
    for k in range(N * D):
        V = np.zeros(N * D)
        V[k] = step
        V = V.reshape(N, D)
        H[:, k] = (gradient(W + V, high, threshold) - gradient(W - V, high, threshold)).ravel() / (2 * step)
    found = np.linalg.eigvalsh((H + H.T) / 2)
    expected = np.sort(
        np.repeat(
            [values[f"hess_{name}"] for name in ("rotation", "out", "traceless", "trace")],
            [int(values[f"mult_{name}"]) for name in ("rotation", "out", "traceless", "trace")],
        )
    )
    assert np.allclose(found, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize(("high", "threshold"), CASES)
@pytest.mark.parametrize("large", [False, True])
def test_contraction_and_correlation_on_the_ball(high, threshold, large):
    rng = np.random.default_rng(7)
    base = values_of(high, threshold)
    radius = delta_max(base)
    suffix = "_large" if large else ""
    values = base.with_values(delta=radius)
    eta = values[f"eta_max{suffix}"]
    values = values.with_values(eta=eta)
    contraction, correlated = (
        get_theorem(f"gamma1.contraction{suffix}"),
        get_theorem(f"gamma1.correlated{suffix}"),
    )
    about_A = get_theorem("gamma1.correlated_generating")
    shrinking = get_theorem("gamma1.out_of_subspace")
    tightest = 0.0
    for _ in range(60):
        tau = radius * rng.choice([0.02, 0.5, 1.0])
        W = random_point(rng, values["s"], tau)
        g = gradient(W, high, threshold)
        after = distance(W - eta * g, values["s"])
        bound = values.with_values(dist=tau).evaluate(contraction.bound)
        assert after <= bound * (1 + 1e-9)
        tightest = max(tightest, after / bound)
        row = values.with_values(
            dist=tau,
            grad_norm=float(np.linalg.norm(g)),
            dist_generating=distance(W, 1.0),
            E_norm=float(np.abs(np.linalg.eigvalsh(W[:D]) - values["s"]).max()),
            D_norm=float(np.linalg.norm(W[D:], 2)),
        )
        assert np.sum(g * (W - values["s"] * A)) >= row.evaluate(correlated.bound) - 1e-12
        assert np.sum(g * (W - A)) >= row.evaluate(about_A.bound) - 1e-12
        outside = np.linalg.norm((W - eta * g)[D:], 2)
        assert outside <= row.evaluate(shrinking.bound) * (1 + 1e-12)
    assert tightest > 0.9  # a bound that nothing approaches would test nothing


@pytest.mark.parametrize(("high", "threshold"), CASES)
def test_run_converges_at_the_sharp_rate_to_the_stated_distance(high, threshold):
    base = values_of(high, threshold)
    values = base.with_values(delta=0.9 * delta_max(base))
    eta = values["eta_max"]
    values = values.with_values(eta=eta)
    W = random_point(np.random.default_rng(0), values["s"], values["delta"])
    track = [distance(W, values["s"])]
    for _ in range(90):
        W = W - eta * gradient(W, high, threshold)
        track.append(float(np.linalg.norm(aligned(W) - values["s"] * A)))
    envelope = get_theorem("gamma1.envelope")
    k = np.arange(len(track), dtype=float)
    assert (
        track <= values.with_values(iteration=k, dist0=track[0]).evaluate(envelope.bound) * (1 + 1e-9)
    ).all()
    assert track[-1] / track[-2] == pytest.approx(values.evaluate(get_theorem("gamma1.rate").bound), abs=1e-5)
    limit = values.evaluate(get_theorem("gamma1.limit.generating").bound)
    assert np.linalg.norm(aligned(W) - A) == pytest.approx(limit, abs=1e-6)
    # Nothing of the kind holds without alignment (false theorem gamma1.unaligned).
    turn = np.array([[math.cos(0.1), -math.sin(0.1)], [math.sin(0.1), math.cos(0.1)]])
    rotated = values["s"] * A @ turn
    assert np.linalg.norm(gradient(rotated, high, threshold)) < 1e-13
    unaligned = values.evaluate(get_theorem("gamma1.unaligned").bound)
    assert np.linalg.norm(rotated - A) > unaligned + 1e-3


@pytest.mark.parametrize(("high", "threshold"), CASES[:3])
def test_larger_ball(high, threshold):
    rng = np.random.default_rng(3)
    base = values_of(high, threshold)
    radius = 0.59 * math.sqrt(base["kap0sq"] / base["m2"])
    values = base.with_values(delta=radius)
    found = region_values(values, ["K1a_min", "K1b_min"])
    assert min(found.values()) > 0
    values = values.with_values(**found, eta=values["eta_max_monotone"])
    for _ in range(60):
        tau = radius * rng.choice([0.5, 1.0])
        W = random_point(rng, values["s"], tau)
        g = gradient(W, high, threshold)
        row = values.with_values(dist=tau)
        inner = np.sum(g * (W - values["s"] * A))
        assert inner >= row.evaluate(get_theorem("gamma1.monotone").bound) - 1e-12
        assert np.linalg.norm(g) <= row.evaluate(get_theorem("gamma1.lipschitz").bound)
        after = distance(W - values["eta"] * g, values["s"])
        assert after <= row.evaluate(get_theorem("gamma1.contraction_small_step").bound)


@pytest.mark.parametrize(("high", "threshold"), CASES[:3])
def test_spectral_region_is_invariant_and_contracts(high, threshold):
    rng = np.random.default_rng(5)
    base = values_of(high, threshold)
    values = base.with_values(eps=base["s"] - 1 + 0.02, zeta=0.1)
    values = values.with_values(**region_values(values, ["mm_min", "mp_min", "Lb_max"]))
    eta = values["eta_max_region"]
    bound = values.with_values(eta=eta)
    contraction = get_theorem("gamma1.region.contraction")
    for _ in range(60):
        Q, _ = np.linalg.qr(rng.standard_normal((D, D)))
        low, high_end = values["s"] - values["eps"], values["s"] + values["eps"]
        C = Q * rng.choice([low, high_end, rng.uniform(low, high_end)], D) @ Q.T
        rest = rng.standard_normal((N - D, D))
        W = np.vstack([C, values["zeta"] * rest / np.linalg.norm(rest, 2)])
        W_next = W - eta * gradient(W, high, threshold)
        spectrum = np.linalg.svd(W_next[:D], compute_uv=False)
        assert spectrum.min() >= low - 1e-12
        assert spectrum.max() <= high_end + 1e-12
        assert np.linalg.norm(W_next[D:], 2) <= values["zeta"]
        row = bound.with_values(dist=distance(W, values["s"]))
        assert distance(W_next, values["s"]) <= row.evaluate(contraction.bound) + 1e-12
