"""The registered theorems for several active groups, held against enumerated runs of tiny instances."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from gsae_theory.seeds import generator
from gsae_theory.theory import THEOREMS
from gsae_theory.theory.convergence import kappa0
from gsae_theory.theory.prediction import predict
from gsae_theory.theory.quantity import QUANTITIES, Environment
from gsae_theory.theory.region import Region, find_region
from gsae_theory.theory.symbols import TABLE

# The tests have no package: the enumeration is shared by loading its file.
_spec = importlib.util.spec_from_file_location(
    "bruteforce", Path(__file__).with_name("test_general_bruteforce.py")
)
bruteforce = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bruteforce)

GENERAL = {name: theorem for name, theorem in THEOREMS.items() if name.startswith("general.")}
REPORTED = {
    "interference": {"t_ball", "D_lean", "Q_lean", "O_norm"},
    "interference_step": {"dist", "dist_max", "fro"},
    "frobenius_step": {"fro"},
    "frobenius_envelope": {"iteration"},
    "largest_step": {"dist_max"},
    "largest_envelope": {"iteration"},
    "bias_gap": {"dist"},
    "correlated_gradient_sum": {"fro", "grad_norm_sum"},
    "correlated_gradient_sum_generating": {"fro_generating", "grad_norm_sum"},
    "correlation_unaligned": {"dist_unaligned", "grad_norm"},
}
STEPS = 70
INSTANCE = {"eta", "delta", "dist0_max", "F0"}


@pytest.fixture(scope="module", params=[(16, 8, 2, 0.0015, 0.2), (16, 16, 1, 0.002, 0.2)], ids=["d=2", "d=1"])
def run(request):
    """A run of enumerated steps from the edge of the admissible region."""
    n, G, d, size, lam = request.param
    rng = generator(0, "general run", n)
    A = bruteforce.near(n, G, d, size, rng)
    deviations = {name: 0.0 for name in TABLE if name.startswith("dev_")}
    values = bruteforce.values(A, 2, lam, sigma=0.0, **deviations)
    region = find_region(values, fraction=0.4)
    assert isinstance(region, Region)
    env = Environment({**values, **region.values()})
    eta, s = float(env["eta_bar"]), float(env["s"])
    Delta = rng.standard_normal(A.shape)
    Delta /= np.linalg.norm(Delta, axis=(0, 2), keepdims=True)
    W = bruteforce.aligned(A, s * A + min(region.delta, region.Phi / np.sqrt(G)) * Delta)
    rows, gradients = [W], []
    for _ in range(STEPS):
        gradients.append(bruteforce.gradient(A, W, 2, lam, angles=8))
        W = bruteforce.aligned(A, W - eta * gradients[-1])
        rows.append(W)
    dist = np.array([np.linalg.norm(W - s * A, axis=(0, 2)) for W in rows])
    start = {"eta": eta, "dist0_max": dist[0].max(), "F0": np.linalg.norm(dist[0])}
    return A, env.with_values(**start), np.array(rows), np.array(gradients), dist


def bound(name, env, **covariates):
    return np.asarray(env.with_values(**covariates).evaluate(GENERAL[f"general.{name}"].bound))


def max_norm_case(env):
    """Return whether case (iv) of Theorem 3 covers the run; it needs more groups than the d = 2 run has."""
    return all(margin.holds for margin in GENERAL["general.floor_max"].margins(env))


def test_the_run_is_in_scope(run):
    A, env, *_ = run
    assert max_norm_case(env) is (A.shape[2] == 1)
    for name in ("step", "floor_rms", "correlated", "support", "interference", "bootstrap_max"):
        assert all(margin.holds for margin in GENERAL[f"general.{name}"].margins(env)), name


def test_every_step_obeys_the_recursions(run):
    _, env, _, _, dist = run
    fro, top = np.linalg.norm(dist, axis=1), dist.max(axis=1)
    rounding = 1e-12
    step = bound("step", env, dist=dist[:-1], dist_max=top[:-1, None], fro=fro[:-1, None])
    assert np.all(dist[1:] <= step + rounding)
    for name in ("step_frobenius", "recursion_rms"):
        assert np.all(fro[1:] <= bound(name, env, fro=fro[:-1]) + rounding)
    for name in ("step_max", "recursion_max") if max_norm_case(env) else ():
        assert np.all(top[1:] <= bound(name, env, dist_max=top[:-1]) + rounding)
    k = np.arange(len(dist), dtype=float)
    assert np.all(fro <= bound("envelope_rms", env, iteration=k) + rounding)
    assert not max_norm_case(env) or np.all(top <= bound("envelope_max", env, iteration=k) + rounding)
    # The one-group contraction alone is not enough: the run stops at a floor.
    alone = (1 - env["eta"] * env.evaluate(kappa0)) * fro[-2]
    assert fro[-1] > alone


def test_the_run_ends_below_every_floor_and_near_the_prediction(run):
    A, env, _, _, dist = run
    fro, top = np.linalg.norm(dist[-1]) / np.sqrt(A.shape[1]), dist[-1].max()
    assert abs(dist[-1] - dist[-2]).max() < 1e-7
    assert fro <= bound("bootstrap_rms", env) <= bound("floor_rms", env)
    assert top <= bound("bootstrap_max", env)
    assert not max_norm_case(env) or top <= bound("floor_max", env)
    assert fro == pytest.approx(predict(A, env).rms, rel=0.02)


def test_the_gradient_is_correlated_with_the_direction_to_the_limit(run):
    A, env, rows, gradients, _ = run
    s = float(env["s"])
    for about, name, covariate in (
        (s, "correlated", "fro"),
        (1.0, "correlated.generating", "fro_generating"),
    ):
        Delta = rows[:-1] - about * A
        inner = np.sum(gradients * Delta, axis=(1, 2, 3))
        covariates = {
            covariate: np.sqrt(np.sum(Delta**2, axis=(1, 2, 3))),
            "grad_norm_sum": np.sqrt(np.sum(gradients**2, axis=(1, 2, 3))),
        }
        assert np.all(inner >= bound(name, env, **covariates) - 1e-14)


def test_the_distance_to_A_is_the_scale_bias_up_to_the_distance_to_s_A(run):
    A, env, rows, _, dist = run
    gap = np.abs(np.linalg.norm(rows - A, axis=(1, 3)) - env["radius_generating"])
    assert np.all(gap <= bound("bias", env, dist=dist) + 1e-13)
    assert gap[-1].max() <= bound("limit.generating", env)


def test_the_unaligned_claim_is_refuted_on_the_orbit():
    A = bruteforce.near(8, 4, 2, 0.01, generator(0, "orbit"))
    env = Environment(bruteforce.values(A, 1, 0.3))
    theorem = GENERAL["general.unaligned_correlated"]
    W = env["s"] * A @ np.array([[0.0, -1.0], [1.0, 0.0]])
    gradient = bruteforce.gradient(A, W, 1, 0.3)
    distance = np.linalg.norm(W - A, axis=(0, 2))
    np.testing.assert_allclose(distance, env["delta_unaligned"], rtol=1e-12)
    inner = np.sum(gradient * (W - A), axis=(0, 2))
    norms = np.linalg.norm(gradient, axis=(0, 2))
    right = bound("unaligned_correlated", env, dist_unaligned=distance, grad_norm=norms)
    assert theorem.false
    assert np.all(inner < right - 0.1)


@pytest.mark.parametrize(("gamma", "d"), [(1, 2), (2, 2), (3, 1), (4, 3)])
def test_the_support_bounds_are_attained(gamma, d):
    """Equiangular groups of general Proposition 1.2: the inactive bound at any radius, the active one at "
    "0."""
    mu, lam, delta, B = 0.07, 0.5, 0.06, 1.25
    root = np.linalg.cholesky((1 - mu) * np.eye(gamma + 1) + mu).T
    A = np.kron(root, np.eye(d)).reshape((gamma + 1) * d, gamma + 1, d)
    env = Environment(bruteforce.values(A, gamma, lam, delta=delta) | {"q2": 0.0})
    s, unit = float(env["s"]), np.eye(d)[0]
    y = B * sum(A[:, h] @ unit for h in range(gamma))
    W_last = s * A[:, gamma] + delta * np.outer(y / np.linalg.norm(y), unit)
    top = np.linalg.norm(W_last.T @ y)
    assert top == pytest.approx(float(bound("support.inactive", env)), rel=1e-12)
    assert top == pytest.approx(float(env["lam_lo_coh"]), rel=1e-12)
    y = A[:, 0] @ unit - B * sum((A[:, h] @ unit for h in range(1, gamma)), np.zeros(len(A)))
    low = np.linalg.norm(s * A[:, 0].T @ y)
    centre = env.with_values(delta=0.0)
    assert low == pytest.approx(float(bound("support.active", centre)), rel=1e-12)
    assert low == pytest.approx(float(centre["ell_coh"]), rel=1e-12)


@pytest.mark.parametrize("name", GENERAL)
def test_every_theorem_can_be_evaluated_and_printed(name):
    theorem = GENERAL[name]
    known = REPORTED.get(theorem.observable, set())
    symbols = theorem.bound.free_symbols.union(*(item.margin.free_symbols for item in theorem.hypotheses))
    for symbol in symbols:
        assert symbol.name in TABLE, symbol
        assert TABLE[symbol.name].symbol == symbol
    bare = {symbol.name for symbol in theorem.bound.free_symbols} - set(QUANTITIES)
    primitives = set(bruteforce.values(bruteforce.near(4, 2, 2, 0.01, generator(0, "names")), 1, 0.3))
    assert bare <= primitives | INSTANCE | known
    assert known <= {symbol.name for symbol in theorem.bound.free_symbols}
    assert isinstance(theorem.conclusion, sp.core.relational.Relational)
    assert name.split(".")[1] in theorem.id
    assert r"\[" in theorem.to_latex()
