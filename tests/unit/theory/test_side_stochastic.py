"""side section 3: every constant against gradients computed by brute force, attained where it should be."""

from __future__ import annotations

import numpy as np
import pytest

from gsae_theory.seeds import generator
from gsae_theory.theory import stochastic as T  # noqa: N812
from gsae_theory.theory.quantity import Environment


def constants(lam=0.45, low=1.0, high=1.0, **more):
    """Primitives of a uniform radius on [low, high]."""
    R = np.full(1, low) if low == high else low + (high - low) * (np.arange(4000) + 0.5) / 4000
    values = {f"m{k}": float(np.mean(R**k)) for k in (1, 2, 3, 4)}
    defaults = {"d": 2, "n": 6, "G": 3, "p": 1 / 3, "gamma": 1, "mu": 0.0, "nu": 0.0, "delta": 0.1}
    return Environment({**defaults, **values, "B_min": low, "B_max": high, "lam": lam, **more})


def one_sample(W, y, lam):
    """Gradient of one block on one sample, straight from the definition."""
    u = W.T @ y
    rho = np.linalg.norm(u)
    if rho <= lam:
        return np.zeros_like(W)
    a, unit = 1 - lam / rho, u / rho
    h = a * u
    r = y - W @ h
    J = a * np.eye(len(u)) + (1 - a) * np.outer(unit, unit)
    return -(np.outer(r, h) + np.outer(y, J @ W.T @ r))


def block(n, d, rng):
    return np.linalg.qr(rng.standard_normal((n, d)))[0]


def directions(count, d, rng):
    theta = rng.standard_normal((count, d))
    return theta / np.linalg.norm(theta, axis=1, keepdims=True)


def perturbation(shape, delta, rng):
    E = rng.standard_normal(shape)
    return delta * E / np.linalg.norm(E, 2)


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (1.0, 1.4)])
def test_range_holds_in_the_ball(low, high):
    rng, env = generator(0, "range", high), constants(low=low, high=high)
    A, s, worst = block(6, 2, rng), env["s"], 0.0
    for theta in directions(400, 2, rng):
        W = s * A + perturbation(A.shape, env["delta"], rng)
        R = rng.choice([low, high])
        worst = max(worst, np.linalg.norm(one_sample(W, R * A @ theta, env["lam"])))
    assert 0.5 * env["M_ball"] <= worst <= env["M_ball"]


def test_K_is_attained_exactly_along_the_sample():
    env = constants()
    rng = generator(0, "attained")
    A, s, delta = block(6, 3, rng), env["s"], env["delta"]
    theta = directions(1, 3, rng)[0]
    W = s * A + delta * A @ np.outer(theta, theta)
    assert np.linalg.norm(one_sample(W, A @ theta, env["lam"])) == pytest.approx(
        env["K_ball"] * delta, rel=1e-12
    )
    assert env["M_ball"] == pytest.approx(env["K_ball"] * delta, rel=1e-12)  # rho_max = 0
    # with another scale than s_G the residual at s A does not vanish and K fails
    other = env.with_values(s=1.1 * s)
    Z = one_sample(1.1 * s * A, A @ theta, env["lam"])
    assert np.linalg.norm(Z) > other["K_ball"] * 1e-3
    assert other["rho_max"] > 0


@pytest.mark.parametrize(("d", "low", "high"), [(2, 1.0, 1.0), (2, 1.0, 1.4), (3, 1.0, 1.3)])
def test_second_moment_and_its_lipschitz_constant(d, low, high):
    rng, env = generator(0, "second", d, high), constants(low=low, high=high, d=d)
    A, s, lam = block(7, d, rng), env["s"], env["lam"]
    theta, R = directions(3000, d, rng), rng.uniform(low, high, 3000)
    at_limit = [one_sample(s * A, r * A @ t, lam) for t, r in zip(theta, R, strict=True)]
    mean = np.mean([np.sum(Z**2) for Z in at_limit])
    assert mean == pytest.approx(env["v_chi"], rel=0.1, abs=1e-12)
    for E in (perturbation(A.shape, env["delta"], rng), env["delta"] * A):
        D = np.linalg.norm(E)
        moved = [one_sample(s * A + E, r * A @ t, lam) for t, r in zip(theta, R, strict=True)]
        change = np.sqrt(np.mean([np.sum((a - b) ** 2) for a, b in zip(moved, at_limit, strict=True)]))
        assert change <= env["L_inf"] / np.sqrt(d) * D * (1 + 1e-12)
        if high == low and np.allclose(E, env["delta"] * A):
            assert change == pytest.approx(env["L_inf"] / np.sqrt(d) * D, rel=1e-9)  # attained
    W = s * A + env["delta"] * E / np.linalg.norm(E)  # distance delta in Frobenius norm
    second = np.mean([np.sum(one_sample(W, r * A @ t, lam) ** 2) for t, r in zip(theta, R, strict=True)])
    assert second <= env["V_ball"]


def test_noise_at_the_limit_is_radial():
    """T3.5: Z = chi A theta theta^T, so variance v_chi/d along the trace, the rest traceless."""
    rng, env = generator(0, "radial"), constants(low=1.0, high=1.4)
    A, s, lam = block(5, 2, rng), env["s"], env["lam"]
    for theta, R in zip(directions(20, 2, rng), rng.uniform(1, 1.4, 20), strict=True):
        chi = -(R - s * (s * R - lam)) * (2 * s * R - lam)
        assert one_sample(s * A, R * A @ theta, lam) == pytest.approx(
            chi * A @ np.outer(theta, theta), abs=1e-12
        )


def test_lipschitz_constant():
    rng, env = generator(0, "lipschitz"), constants(low=1.0, high=1.2)
    A, s, lam, delta, worst = block(6, 2, rng), env["s"], env["lam"], env["delta"], 0.0
    for theta in directions(500, 2, rng):
        W, V = (s * A + perturbation(A.shape, delta, rng) for _ in range(2))
        if rng.random() < 0.5:
            V = W + 1e-4 * (V - W)
        y = rng.choice([1.0, 1.2]) * A @ theta
        change = np.linalg.norm(one_sample(W, y, lam) - one_sample(V, y, lam))
        worst = max(worst, change / np.linalg.norm(W - V, 2))
    assert 0.3 * env["lip_pair"] <= worst <= env["lip_pair"]


def test_general_constants_reduce_to_one_group():
    env = constants(low=1.0, high=1.3)
    assert env["Y_max"] == pytest.approx(1.3)
    # gamma = 1, nu = 0: D_leak = delta B, H = (s+delta)B - lam, r_c = rho_max + s delta B + delta H = r_delta
    assert env["r_general"] == pytest.approx(env["r_ball"])
    assert env["M_general"] == pytest.approx(env["M_ball"])


def test_norm_of_aligned_interference():
    # mutant M27: ||y|| <= B sqrt(gamma) is false for coherent groups, Y is right and attained
    mu = 0.4
    a, b = np.array([1.0, 0.0]), np.array([mu, np.sqrt(1 - mu**2)])
    env = constants(gamma=2, mu=mu)
    assert np.linalg.norm(a + b) == pytest.approx(env["Y_max"])
    assert np.linalg.norm(a + b) > np.sqrt(2)


def test_batch_deviation_and_its_effective_size():
    env = constants(low=1.0, high=1.4, batch=1000.0, log_level=20.0)
    V, M, p = env["V_ball"], env["M_ball"], 1 / 3
    N = 1000 * p
    assert env["eps_gradient"] == pytest.approx(np.sqrt(40 * V / N) + (1 + p) * M * 20 / (3 * N))


def test_cosh_lemma_on_two_point_laws():
    # ledger 3 row 3: E cosh(t|x + X|) <= cosh(t|x|) exp(v(e^{tb} - 1 - tb)/b^2), centred X in the plane
    rng = generator(0, "cosh")
    for _ in range(300):
        prob, t = rng.uniform(0.2, 0.8), rng.uniform(0.1, 2)
        up, x = rng.standard_normal(2), rng.standard_normal(2)
        down = -prob / (1 - prob) * up
        b = max(np.linalg.norm(up), np.linalg.norm(down))
        v = prob * up @ up + (1 - prob) * down @ down
        left = prob * np.cosh(t * np.linalg.norm(x + up)) + (1 - prob) * np.cosh(t * np.linalg.norm(x + down))
        right = np.log(np.cosh(t * np.linalg.norm(x))) + v * (np.exp(t * b) - 1 - t * b) / b**2
        assert np.log(left) <= right + 1e-12


def test_sgd_radius_is_a_geometric_sum():
    env = constants(
        low=1.0, high=1.4, batch=6e4, log_level=21.0, eta=0.4, kappa_C=0.475, dist0=0.05, iteration=30.0
    )
    floor = env["sgd_radius"] - 0.81**30 * 0.05
    assert floor == pytest.approx(env["sgd_floor"])
    assert env["sgd_floor"] < env["eps_gradient"] / 0.475  # T3.4b improves on T3.4a


def sphere_gradient(A, W, R, weights, lam, points=128):
    """Population gradient of the block problem over p, d = 2, on the circle."""
    angle = 2 * np.pi * np.arange(points) / points
    total = np.zeros_like(W)
    for radius, weight in zip(R, weights, strict=True):
        for t in angle:
            total += weight / points * one_sample(W, radius * A @ [np.cos(t), np.sin(t)], lam)
    return total


def test_hessian_of_the_predictions():
    env = constants(low=1.0, high=1.4)
    x, w = np.polynomial.legendre.leggauss(6)
    R, weights = 1.2 + 0.2 * x, w / 2
    moments = {f"m{k}": float(weights @ R**k) for k in (1, 2, 3, 4)}
    env = env.with_values(**moments)
    A, s, lam, h = np.eye(4)[:, :2], env["s"], env["lam"], 1e-4
    outside = np.zeros((4, 2))
    outside[2, 0] = 1
    cases = (
        (A / np.sqrt(2), env["L_star"]),
        (A @ np.array([[0, 1], [1, 0]]) / np.sqrt(2), env["hess_traceless"]),
        (outside, env["kappa_star"]),
    )
    for direction, eigenvalue in cases:
        plus, minus = (sphere_gradient(A, s * A + k * h * direction, R, weights, lam) for k in (1, -1))
        assert np.sum((plus - minus) / (2 * h) * direction) == pytest.approx(eigenvalue, rel=1e-6)


def test_stationary_prediction_solves_the_linear_recursion():
    env = constants(low=1.0, high=1.4, eta=0.3, batch=600.0)
    N, v, d, eta = 200.0, env["v_chi"], 2, 0.3
    total = 0.0
    for H, share in ((env["L_star"], 1 / d), (env["hess_traceless"], 1 - 1 / d)):
        variance = 0.0
        for _ in range(2000):
            variance = (1 - eta * H) ** 2 * variance + eta**2 * v * share / N
        total += variance
    assert env["stationary"] == pytest.approx(total, rel=1e-9)
    limit = v / d / env["L_star"] ** 2 + v * (1 - 1 / d) / env["hess_traceless"] ** 2
    assert env["sample_limit"] == pytest.approx(limit / N)


def test_out_of_subspace_rate():
    # q_D = E||(I - eta Khat)e||^2 for Khat = mean of b_i (sR_i - lam)^2 theta theta^T / p, b_i ~ Bernoulli(p)
    env = constants(low=1.0, high=1.4, eta=0.3, batch=5.0)
    rng, p, eta, reps = generator(0, "rate"), 1 / 3, 0.3, 100_000
    R, on = rng.uniform(1, 1.4, (reps, 5)), rng.random((reps, 5)) < p
    theta = directions(5 * reps, 2, rng).reshape(reps, 5, 2)
    c = on * (env["s"] * R - env["lam"]) ** 2 / (5 * p)
    e = np.array([1.0, 0.0]) - eta * np.einsum("ri,rik,ri->rk", c, theta, theta[..., 0])
    sample = np.sum(e**2, axis=1)
    assert env["rate_D"] == pytest.approx(sample.mean(), abs=5 * sample.std() / np.sqrt(reps))


def test_sample_bound_and_its_mesh():
    env = constants(low=1.0, high=1.4, n=12, batch=6e4, alpha=0.01)
    mesh = T.mesh_near_best(24, env["lip_pair"], env["V_ball"], 2e4, 0.1)
    best = env.with_values(net_eps=mesh)["sample_deviation"]
    for factor in (0.1, 0.3, 3.0, 10.0):
        assert best <= 1.02 * env.with_values(net_eps=mesh * factor)["sample_deviation"]
    assert best > 3 * env["lip_pair"] * mesh


def test_interpolation_step():
    env = constants(batch=20.0, kappa_C=0.3)
    for factor, below in ((0.999, True), (1.001, False)):
        assert (env.with_values(eta=factor * env["eta_interp"])["q_interp"] < 1) is below
    assert env.with_values(eta=0.1)["q_interp"] == pytest.approx(
        0.97**2 + 0.01 * env["K_ball"] ** 2 / (2 * 20 / 3)
    )


def test_mean_radius_inverts_the_sub_gamma_tail():
    # log moment <= v t^2/(2(1 - c t)), c = b/3: its Legendre transform at the radius is the level, exactly
    v, c, N, level = 2.0, 0.5, 40.0, 9.0
    env = Environment({"variance_v": v, "range_b": 3 * c, "batch": N, "log_level": level})
    u = c * env["hilbert_radius"] / v
    assert N * v / c**2 * (1 + u - np.sqrt(1 + 2 * u)) == pytest.approx(level, rel=1e-12)
