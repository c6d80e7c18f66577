"""The closed list of quoted lemmas: a test on random instances for each.

Statement and reference are in `ledger/quoted.toml`. The tests use floating point: they are there to notice
a lemma that is quoted wrongly, not to prove it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from proofs_check.core import Unproved

INSTANCES = 25
Check = Callable[[np.random.Generator], bool]
CHECKS: dict[str, Check] = {}
TINY = 1e-9


def instance(name: str) -> Callable[[Check], Check]:
    """Register the test of one quoted lemma: it draws an instance and says whether the lemma holds there."""

    def register(check: Check) -> Check:
        CHECKS[name] = check
        return check

    return register


def check_instances(name: str) -> int:
    """Check lemma `name` on random instances and return their number.

    Raises
    ------
    Unproved
        If it fails on one, or has no test.
    """
    if name not in CHECKS:
        raise Unproved(f"{name} has no test on instances")
    for seed in range(INSTANCES):
        if not CHECKS[name](np.random.default_rng(seed)):
            raise Unproved(f"{name} is false at instance {seed}", {"seed": seed})
    return INSTANCES


def _sizes(rng: np.random.Generator) -> tuple[int, int]:
    columns = int(rng.integers(1, 5))
    return columns + int(rng.integers(0, 4)), columns


@instance("Q:hilbert")
def hilbert(rng: np.random.Generator) -> bool:
    """Cauchy-Schwarz, triangle inequality, submultiplicativity, extreme singular values."""
    rows, columns = _sizes(rng)
    X, Y = rng.normal(size=(rows, columns)), rng.normal(size=(columns, columns))
    spectral, frobenius = (lambda M: float(np.linalg.norm(M, 2))), (lambda M: float(np.linalg.norm(M)))
    x, y, u = rng.normal(size=rows), rng.normal(size=rows), rng.normal(size=columns)
    values, length = np.linalg.svd(X, compute_uv=False), float(np.linalg.norm(u))
    return bool(
        abs(x @ y) <= frobenius(x) * frobenius(y) + TINY
        and frobenius(x + y) <= frobenius(x) + frobenius(y) + TINY
        and frobenius(X @ Y) <= spectral(X) * frobenius(Y) + TINY
        and spectral(X @ Y) <= spectral(X) * spectral(Y) + TINY
        and spectral(X) <= frobenius(X) + TINY
        and values[-1] * length - TINY <= frobenius(X @ u) <= values[0] * length + TINY
    )


@instance("Q:spectral")
def spectral_calculus(rng: np.random.Generator) -> bool:
    """(M - low)(high - M) is positive semidefinite, its trace against another such matrix nonnegative."""
    _, size = _sizes(rng)
    M = rng.normal(size=(size, size))
    M, K = M + M.T, rng.normal(size=(size, size))
    values = np.linalg.eigvalsh(M)
    low, high = values[0] - rng.random(), values[-1] + rng.random()
    image = (M - low * np.eye(size)) @ (high * np.eye(size) - M)
    norm = np.linalg.norm(np.eye(size) - 0.1 * M, 2)
    return bool(
        np.linalg.eigvalsh(image)[0] >= -TINY
        and np.trace(image @ K @ K.T) >= -TINY
        and abs(norm - np.max(np.abs(1 - 0.1 * values))) <= TINY
    )


@instance("Q:procrustes")
def procrustes(rng: np.random.Generator) -> bool:
    """The polar factor beats random orthogonal matrices, in Frobenius and (square) spectral norm."""
    rows, columns = _sizes(rng)
    A = np.linalg.qr(rng.normal(size=(rows, columns)))[0]
    W, scale = rng.normal(size=(rows, columns)), float(rng.uniform(0.5, 2))
    left, _, right = np.linalg.svd(A.T @ W)
    best = (left @ right).T
    C, identity = A.T @ W, np.eye(columns)
    for _ in range(20):
        Q = np.linalg.qr(rng.normal(size=(columns, columns)))[0]
        if np.linalg.norm(W @ Q - scale * A) < np.linalg.norm(W @ best - scale * A) - TINY:
            return False
        if (
            np.linalg.norm(C @ Q - scale * identity, 2)
            < np.linalg.norm(C @ best - scale * identity, 2) - TINY
        ):
            return False
    return bool(np.linalg.eigvalsh((C @ best + (C @ best).T) / 2)[0] >= -TINY)


@instance("Q:weyl")
def weyl(rng: np.random.Generator) -> bool:
    """Singular values and largest eigenvalues under a perturbation."""
    rows, columns = _sizes(rng)
    X, Y = rng.normal(size=(rows, columns)), rng.normal(size=(rows, columns))
    moved = np.abs(np.linalg.svd(X + Y, compute_uv=False) - np.linalg.svd(X, compute_uv=False))
    S, T = X.T @ Y + Y.T @ X, X.T @ X - Y.T @ Y
    top = [float(np.linalg.eigvalsh(M)[-1]) for M in (S + T, S, T)]
    return bool(np.max(moved) <= np.linalg.norm(Y, 2) + TINY and top[0] <= top[1] + top[2] + TINY)


@instance("Q:jensen")
def jensen(rng: np.random.Generator) -> bool:
    """Convex polynomials of degree 4: the mean, a secant, a tangent."""
    curvature, slope = rng.uniform(0, 2, size=2), float(rng.normal())
    points, weights = rng.normal(size=6), rng.dirichlet(np.ones(6))

    def value(x: np.ndarray | float) -> np.ndarray | float:
        return curvature[0] * x**4 + curvature[1] * x**2 + slope * x

    low, high, at = float(np.min(points)), float(np.max(points)), float(points[0])
    secant = value(low) + (value(high) - value(low)) * (points - low) / (high - low)
    tangent = value(at) + (4 * curvature[0] * at**3 + 2 * curvature[1] * at + slope) * (points - at)
    return bool(
        value(float(weights @ points)) <= float(weights @ np.asarray(value(points))) + TINY
        and np.all(value(points) <= secant + TINY)
        and np.all(value(points) >= tangent - TINY)
    )


@instance("Q:taylor")
def taylor(rng: np.random.Generator) -> bool:
    """The integral remainder of exp(a t), by Gauss-Legendre quadrature."""
    rate = float(rng.normal())
    nodes, weights = np.polynomial.legendre.leggauss(20)
    t, w = (nodes + 1) / 2, weights / 2
    remainder = float(w @ ((1 - t) * rate**2 * np.exp(rate * t)))
    return bool(abs(np.exp(rate) - (1 + rate + remainder)) <= 1e-8)


@instance("Q:differentiation")
def differentiation(rng: np.random.Generator) -> bool:
    """d/dw E |w x| = E x sign(w x) for a finite law of x, against a central difference."""
    values, weights, at, h = rng.normal(size=5), rng.dirichlet(np.ones(5)), float(rng.uniform(0.5, 2)), 1e-5
    difference = weights @ (np.abs((at + h) * values) - np.abs((at - h) * values)) / (2 * h)
    return bool(abs(difference - weights @ (values * np.sign(at * values))) <= 1e-7)


@instance("Q:sphere")
def sphere(rng: np.random.Generator) -> bool:
    """E ||z||^2k = d(d+2)...(d+2k-2), from the integral of the radial density."""
    size, order = int(rng.integers(1, 9)), int(rng.integers(1, 4))
    nodes = np.linspace(1e-9, 16.0, 200001)
    density = nodes ** (size - 1) * np.exp(-(nodes**2) / 2)
    density[0] /= 2  # trapezoidal rule; the other end is 0
    mean = float(np.sum(density * nodes ** (2 * order)) / np.sum(density))
    return bool(abs(mean / np.prod(size + 2.0 * np.arange(order)) - 1) <= 1e-6)


@instance("Q:banach")
def banach(rng: np.random.Generator) -> bool:
    """A trilinear form in the plane: |B(u, v, w)| against the largest |B(x, x, x)| on a fine circle."""
    form = rng.normal(size=(2, 2, 2))
    turned = [np.transpose(form, order) for order in itertools.permutations(range(3))]
    form = np.mean(turned, axis=0)
    angle = np.linspace(0, 2 * np.pi, 20001)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    top = float(np.max(np.abs(np.einsum("abc,ak,bk,ck->k", form, circle, circle, circle))))
    u, v, w = (item / np.linalg.norm(item) for item in rng.normal(size=(3, 2)))
    return bool(abs(np.einsum("abc,a,b,c->", form, u, v, w)) <= top * (1 + 1e-6))
