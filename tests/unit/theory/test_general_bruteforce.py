"""The interference bound and the expansion (5.1) against enumeration on tiny instances.

The gradient is written out here once more, from its definition, so that nothing is shared with the code
under test: all supports, all signs or equally spaced angles, all radii of a two-point law.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gsae_theory.model.constants import dictionary_constants
from gsae_theory.model.dictionary import equiangular
from gsae_theory.seeds import generator
from gsae_theory.theory.interference import P
from gsae_theory.theory.prediction import interference_gradient
from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.theorems.general_hypotheses import REGION, SUPPORT_OFF_AT_LIMIT, SUPPORT_ON_AT_LIMIT

RADII, WEIGHTS = np.array([1.0, 1.25]), np.array([0.6, 0.4])


def values(A, gamma, lam, nu=0.0, **more):
    """Return the instance of a dictionary with the two-point radius law."""
    n, G, d = A.shape
    powers = {"m1": 1, "m2": 2, "m3": 3, "m4": 4, "mm1": -1, "mm2": -2}
    moments = {name: float(WEIGHTS @ RADII**k) for name, k in powers.items()}
    return {
        **dictionary_constants(A, gamma),
        **moments,
        "n": n,
        "G": G,
        "d": d,
        "gamma": gamma,
        "p": gamma / G,
        "q": (gamma - 1) / (G - 1),
        "q2": (gamma - 2) / (G - 2) if gamma > 2 else 0.0,
        "B_min": RADII.min(),
        "B_max": RADII.max(),
        "nu": nu,
        "nu_op": nu / np.sqrt(n),
        "lam": lam,
        **more,
    }


def block_law(d, angles):
    """Return points and weights of one active block."""
    if d == 1:
        points = np.array([[1.0], [-1.0]])
    else:
        turn = 2 * np.pi * (np.arange(angles) + 0.25) / angles
        points = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    x = (RADII[:, None, None] * points).reshape(-1, d)
    return x, np.repeat(WEIGHTS / len(points), len(points))


def gradient(A, W, gamma, lam, angles=32, noise=None):
    """Return grad L / p, shape (n, G, d), by enumeration; `noise` are equally likely vectors."""
    n, G, d = A.shape
    x, weight = block_law(d, angles)
    noise = np.zeros((1, n)) if noise is None else noise
    supports = list(itertools.combinations(range(G), gamma))
    total = np.zeros_like(A)
    for support in supports:
        index = np.indices((len(x),) * gamma).reshape(gamma, -1)
        y = sum(x[index[k]] @ A[:, g].T for k, g in enumerate(support))
        probability = np.prod([weight[index[k]] for k in range(gamma)], axis=0)
        for e in noise:
            total += weighted_gradient(W, y + e, probability / len(noise), lam)
    return total / len(supports) / (gamma / G)


def weighted_gradient(W, Y, probability, lam):
    u = np.einsum("ngd,kn->kgd", W, Y)
    norm = np.linalg.norm(u, axis=2, keepdims=True)
    active = norm > lam
    shrink = np.where(active, 1 - lam / np.maximum(norm, lam), 0.0)
    h, unit = shrink * u, u / norm
    r = Y - np.einsum("ngd,kgd->kn", W, h)
    v = np.einsum("ngd,kn->kgd", W, r)
    Jv = active * (shrink * v + (1 - shrink) * unit * np.sum(unit * v, axis=2, keepdims=True))
    return -np.einsum("k,kn,kgd->ngd", probability, r, h) - np.einsum("k,kn,kgd->ngd", probability, Y, Jv)


def near(n, G, d, size, rng):
    """Return orthonormal blocks whose Gram off-diagonals are proportional to `size`."""
    A = np.eye(n)[:, : G * d].reshape(n, G, d) + size * rng.standard_normal((n, G, d))
    U, _, V = np.linalg.svd(A.transpose(1, 0, 2), full_matrices=False)
    return (U @ V).transpose(1, 0, 2)


def aligned(A, W):
    """Return W_g Q_g with A_g^T W_g Q_g positive semidefinite."""
    U, _, V = np.linalg.svd(np.einsum("ngi,ngj->gij", A, W))
    return np.einsum("ngi,gij->ngj", W, (U @ V).transpose(0, 2, 1))


def starts(A, delta, rng):
    """Yield displacements of length delta per group: zero, random, adversarial."""
    n, G, _ = A.shape
    flat = A.reshape(n, -1)
    T = (flat @ flat.T @ flat).reshape(A.shape) - A
    yield "zero", np.zeros_like(A)
    families = {"scale": A, "dual frame": T, "lean": np.repeat(A[:, :1], G, axis=1)}
    for name, X in families.items():
        for sign in (1.0, -1.0):
            yield f"{sign:+.0f} {name}", sign * delta * X / np.linalg.norm(X, axis=(0, 2), keepdims=True)
    for k in range(3):
        X = rng.standard_normal(A.shape)
        yield f"random {k}", delta * X / np.linalg.norm(X, axis=(0, 2), keepdims=True)


def worst_ratio(A, gamma, lam, delta, rng, angles=32, noise=None, nu=0.0):
    """Return the largest measured / bound over displacements and groups, and the ratio at s A."""
    env = Environment(values(A, gamma, lam, nu, delta=delta))
    for item in REGION:
        assert item.margin_on(env).holds, item.id
    s, G = float(env["s"]), A.shape[1]
    K = float(env["q"] * env["m2"] / env["d"] * s**2 * env["j_two"])
    ratios = {}
    for name, Delta in starts(A, delta, rng):
        W = aligned(A, s * A + Delta)
        Delta = W - s * A
        full = gradient(A, W, gamma, lam, angles, noise)
        norms = np.linalg.norm(Delta, axis=(0, 2))
        lean = np.einsum("nhi,ngj->hgij", Delta, A)
        for g in range(G):
            others = [h for h in range(G) if h != g]
            alone = gradient(A[:, [g]], W[:, [g]], 1, lam, angles)[:, 0]
            rest = A[:, others].reshape(A.shape[0], -1)
            E = full[:, g] - alone - K * rest @ (rest.T @ Delta[:, g])
            Q = sum(Delta[:, h] @ A[:, h].T @ A[:, g] for h in others)
            bound = env.with_values(
                t_ball=norms.max(),
                D_lean=np.linalg.norm(lean[others, g]),
                Q_lean=np.linalg.norm(Q),
                O_norm=np.linalg.norm(Delta[:, others]),
            ).evaluate(P)
            ratios[name, g] = np.linalg.norm(E) / bound
    at_zero = max(ratio for (name, _), ratio in ratios.items() if name == "zero")
    return max(ratios.values()), at_zero


def test_the_enumerated_gradient_is_the_derivative_of_the_loss():
    rng = generator(0, "bruteforce", "derivative")
    A = near(5, 2, 2, 0.05, rng)
    W, X, lam = 1.1 * A + 0.02 * rng.standard_normal(A.shape), rng.standard_normal(A.shape), 0.3
    x, weight = block_law(2, 16)

    def loss(W):
        total = 0.0
        for i, j in itertools.product(range(len(x)), repeat=2):
            y = A[:, 0] @ x[i] + A[:, 1] @ x[j]
            u = np.einsum("ngd,n->gd", W, y)
            norm = np.linalg.norm(u, axis=1, keepdims=True)
            r = y - np.einsum("ngd,gd->n", W, np.maximum(0, 1 - lam / norm) * u)
            total += weight[i] * weight[j] * (r @ r) / 2
        return total

    step = 1e-5
    slope = (loss(W + step * X) - loss(W - step * X)) / (2 * step)
    assert np.sum(gradient(A, W, 2, lam, 16) * X) == pytest.approx(slope, rel=1e-7)


@pytest.mark.parametrize(
    ("n", "G", "d", "gamma", "size", "lam", "delta", "tight"),
    [
        (8, 4, 2, 2, 0.012, 0.25, 0.05, 0.8),
        (6, 3, 2, 2, 0.02, 0.3, 0.04, 0.7),
        (5, 4, 1, 2, 0.03, 0.3, 0.05, 0.85),
        (6, 5, 1, 3, 0.02, 0.3, 0.04, 0.6),
    ],
)
def test_interference_stays_below_the_bound(n, G, d, gamma, size, lam, delta, tight):
    rng = generator(1, "bruteforce", n, G, d, gamma)
    worst, at_zero = worst_ratio(near(n, G, d, size, rng), gamma, lam, delta, rng, angles=24)
    assert worst <= 1
    # Not by being large: a bound that forgot one of the two leading terms T4, T9 would be exceeded.
    assert at_zero >= tight


def test_interference_of_coherent_blocks_stays_below_the_bound():
    rng = generator(2, "bruteforce", "equiangular")
    worst, _ = worst_ratio(equiangular(8, 4, 2, 0.03), 2, 0.3, 0.05, rng, angles=24)
    assert worst <= 1


@pytest.mark.parametrize(("gamma", "G", "n"), [(1, 2, 4), (2, 3, 4)])
def test_noise_stays_below_the_bound(gamma, G, n):
    nu = 0.05
    rng = generator(3, "bruteforce", "noise", gamma)
    A = near(n, G, 1, 0.02, rng)
    noise = nu * np.concatenate([np.eye(n), -np.eye(n)])
    worst, at_zero = worst_ratio(A, gamma, 0.3, 0.05, rng, noise=noise, nu=nu)
    assert worst <= 1
    assert at_zero > 0.01


@pytest.mark.parametrize(("G", "gamma", "n"), [(4, 2, 4), (5, 3, 6), (5, 4, 6), (5, 5, 5)])
def test_the_expansion_is_exact_for_block_size_one(G, gamma, n):
    rng = generator(4, "bruteforce", "exact", G, gamma)
    A = near(n, G, 1, 0.02, rng)
    env = Environment(values(A, gamma, 0.5))
    assert SUPPORT_OFF_AT_LIMIT.margin_on(env).holds
    assert SUPPORT_ON_AT_LIMIT.margin_on(env).holds
    measured = gradient(A, float(env["s"]) * A, gamma, 0.5)
    assert np.abs(measured).max() > 1e-3
    # The last term of (5.1) without the factor 2 of T5 + T9 is off by far more than this for gamma >= 3.
    np.testing.assert_allclose(interference_gradient(A, env), measured, atol=1e-13)


def test_the_remainder_of_the_expansion_is_of_third_order():
    lam, errors, sizes = 0.5, [], (0.02, 0.01)
    for size in sizes:
        A = near(8, 4, 2, size, generator(5, "bruteforce", "order"))
        env = Environment(values(A, 2, lam))
        measured = gradient(A, float(env["s"]) * A, 2, lam, angles=24)
        errors.append(np.linalg.norm(interference_gradient(A, env) - measured) / np.linalg.norm(measured))
    # Relative to the first-order drift: a wrong K leaves order 0, a wrong k1, k2' or X order 1.
    assert errors[0] < 2e-3
    assert errors[0] / errors[1] > 3.5
