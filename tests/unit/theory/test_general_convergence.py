"""Constants, regions and radii for several active groups, against the published tables and against runs."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
import sympy as sp

from gsae_theory.errors import InvalidInput
from gsae_theory.falsify.cases import CASES
from gsae_theory.model.constants import dictionary_constants
from gsae_theory.model.dictionary import near_orthogonal, orthobasis_pair, random_blocks
from gsae_theory.model.spec import build_model
from gsae_theory.seeds import generator
from gsae_theory.theory.convergence import D_m, c_F, d_m
from gsae_theory.theory.interference import TERMS, VARIABLES, P, P_at, P_interference, e0, polynomial
from gsae_theory.theory.prediction import predict
from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.region import Obstacle, Region, bootstrap, find_region, general_bounds, lambda_window
from gsae_theory.theory.symbols import G, a_frame, b_op, b_star, q


def uniform(low, high):
    """Return the moments of U[low, high]."""
    width = high - low
    moments = {f"m{k}": (high ** (k + 1) - low ** (k + 1)) / ((k + 1) * width) for k in (1, 2, 3, 4)}
    return {
        **moments,
        "mm1": math.log(high / low) / width,
        "mm2": 1 / (low * high),
        "B_min": low,
        "B_max": high,
    }


def instance(A, gamma, lam, high=1.1, **more):
    n, count, d = A.shape
    sizes = {"n": n, "G": count, "d": d, "gamma": gamma, "p": gamma / count, "q": (gamma - 1) / (count - 1)}
    q2 = (gamma - 2) / (count - 2) if gamma > 2 else 0.0
    return {
        **dictionary_constants(A, gamma),
        **sizes,
        **uniform(1.0, high),
        "q2": q2,
        "nu": 0.0,
        "nu_op": 0.0,
        "lam": lam,
        **more,
    }


@pytest.fixture(scope="module")
def hadamard():
    """Union of the identity and a Hadamard basis, n = 512, d = 1: configuration G."""
    return orthobasis_pair(512, 1)


# --- P as a polynomial ---------------------------------------------------------------------------------


def test_every_coefficient_is_a_sum_of_nonnegative_monomials():
    for term in TERMS:
        poly = polynomial(term.expr)
        for _, coefficient in poly.terms():
            for monomial in sp.Add.make_args(sp.expand(coefficient)):
                number, rest = monomial.as_coeff_Mul()
                assert number >= 0, (term.name, monomial)
                assert rest.is_nonnegative, (term.name, monomial)


def test_interference_is_affine_in_Q_and_free_of_it_elsewhere():
    assert polynomial().degree(VARIABLES[2]) == 1


def test_nothing_interferes_with_a_single_group_or_orthogonal_blocks(hadamard):
    values = instance(hadamard, 2, 0.2, delta=0.05)
    zero = {"mu1_g1": 0.0, "mu2_g1": 0.0, "muF_g1": 0.0}
    alone = {**values, **zero, "gamma": 1, "q": 0.0, "mu1_g": values["mu"]}
    incoherent = dict.fromkeys(("mu", "b_star", "beta_F", "b_op", "tau_T", "Gam", "mu1_g", "mu1_all"), 0.0)
    orthogonal = {**values, **zero, **incoherent, "a_frame": 1.0}
    assert Environment(alone)["e0"] == 0
    assert Environment(orthogonal)["e0"] == 0
    assert Environment(values)["e0"] > 1e-3
    assert Environment({**alone, "nu": 0.01, "nu_op": 0.01})["e0"] > 0


def test_the_sum_of_the_terms_is_P():
    assert sp.simplify(P - sum(term.expr for term in TERMS)) == 0
    values = instance(near_orthogonal(8, 4, 2, 0.02, generator(0, "P")), 2, 0.3, delta=0.03, high=1.2)
    env = Environment({**values, "t_ball": 0.01, "D_lean": 0.02, "Q_lean": 0.03, "O_norm": 0.04})
    assert env[P_interference.name] == pytest.approx(env.evaluate(P), rel=1e-13)


def test_curvature_constants_vanish_for_block_size_one_and_broadcast(hadamard):
    env = Environment(instance(hadamard, 2, 0.2, delta=np.array([0.0, 0.02, 0.05])))
    np.testing.assert_array_equal(env["k2"], np.zeros(3))
    assert np.all(np.diff(env["e0"]) >= 0)
    wide = env.with_values(d=2, lam=0.2)
    assert wide["k2"][0] == pytest.approx(0.2 / (math.sqrt(3) * wide["ell"][0] ** 2), rel=1e-14)
    assert wide["k3"][0] == pytest.approx(0.3 / wide["ell"][0] ** 3, rel=1e-14)


def test_c_F_uses_the_chord_slopes_with_the_corrected_weight_of_O():
    values = instance(near_orthogonal(64, 16, 2, 0.013, generator(0, "c_F")), 2, 0.2, delta=0.104, Phi=0.3)
    env = Environment(values)
    point = env.evaluate
    dm, Dm = point(d_m), point(D_m)
    p = [
        point(P_at(*at))
        for at in ((0, 0, 0, 0), (0, 0, 0, Dm), (0, 0, b_op * Dm, Dm), (dm, 0, b_op * Dm, Dm))
    ]
    p.append(point(P_at(dm, Dm, b_op * Dm, Dm)))
    slopes = (p[3] - p[2]) / dm + point(a_frame) * (p[4] - p[3]) / Dm
    slopes += math.sqrt(point(G) - 1) * (p[1] - p[0]) / Dm
    slopes += point(b_star) * (p[2] - p[1]) / (point(b_op) * Dm)
    assert point(c_F) == pytest.approx(slopes, rel=1e-10)


def test_the_max_norm_case_implies_the_rms_case(hadamard):
    """c_F(delta, sqrt(G) delta) <= c_inf, as the referee's note 3 says."""
    rng = generator(0, "implies")
    for A, gamma, lam in ((hadamard, 2, 0.2), (near_orthogonal(64, 16, 2, 0.013, rng), 2, 0.2)):
        env = Environment(instance(A, gamma, lam, delta=np.linspace(0.005, 0.05, 10)))
        assert np.all(env["c_F"] <= env["c_inf"])


# --- The published tables ------------------------------------------------------------------------------


def test_configuration_of_two_bases_to_the_printed_digits(hadamard):
    values = instance(hadamard, 2, 0.2)
    assert (round(values["mu"], 3), round(values["a_frame"], 2), round(values["tau_T"], 2)) == (
        0.044,
        1.41,
        1.0,
    )
    env = Environment({**values, "delta": 0.0555})
    expected = {"kappa0": 0.909, "c_F": 0.044, "c_inf": 0.422}
    assert {name: round(env[name], 3) for name in expected} == expected
    assert round(env["e0"], 4) == 0.0055
    assert round(env["radius_max"], 4) == 0.0113
    assert round(env["first_order_share"], 2) == 0.48
    found = general_bounds(values)
    assert found["case_max"]
    assert round(found["radius_interference"], 4) == 0.0062
    assert round(found["radius_interference_max"], 4) == 0.0080
    prediction = predict(hadamard, values)
    assert round(prediction.rms, 4) == 0.0012
    # For a tight frame the limit is the rescaling s_q A; (5.2) is its formula, (5.3) has no other part.
    assert prediction.rms == pytest.approx(float(env["s"] - env["s_q"]), rel=1e-9)
    # (5.1) is exact here, so that this is the slack of Theorem 2 at s A.
    force = np.linalg.norm(prediction.force, axis=(0, 2)).max()
    assert 0.99 < force / Environment({**values, "delta": 0.0})["e0"] <= 1


TABLE = {
    # name: shape, gamma, lam, tau, then delta, Phi/sqrt(G), kappa0, c_F, c_inf, e0, rms and max floor, (5.3)
    "B": ((2000, 300, 1), 2, 0.3, None, (0.042, 0.042, 0.828, 0.071, 0.456, 0.0068, 0.0087, 0.0120, 0.0046)),
    "C": ((512, 128, 2), 2, 0.2, 0.151, (0.079, 0.079, 0.453, 0.048, 0.268, 0.0016, 0.0038, 0.0047, 0.0028)),
    "D": ((256, 32, 4), 2, 0.2, 0.106, (0.087, 0.076, 0.226, 0.060, 0.206, 0.0021, 0.0106, 0.0151, 0.0069)),
    "E": ((512, 128, 2), 3, 0.2, 0.154, (0.051, 0.042, 0.455, 0.081, 0.469, 0.0035, 0.0088, 0.0141, 0.0054)),
    "F": ((64, 16, 2), 2, 0.2, 0.030, (0.104, 0.076, 0.450, 0.198, 0.578, 0.0025, 0.0069, 0.0105, 0.0037)),
}


def like(shape, tau, rng):
    """Return a near-orthogonal dictionary with the given tau: tau drives e0 and is proportional to mu."""
    state = rng.bit_generator.state
    trial = near_orthogonal(*shape, 0.02, rng)
    rng.bit_generator.state = state
    return near_orthogonal(*shape, 0.02 * tau / dictionary_constants(trial, 2)["tau_T"], rng)


@pytest.mark.parametrize("name", TABLE)
def test_configurations_agree_in_kind(name):
    shape, gamma, lam, tau, row = TABLE[name]
    delta, Phi_rms, kappa0, c_F, c_inf, e0_bound, rms, largest, predicted = row
    rng = generator(0, "table", name)
    A = random_blocks(*shape, rng) if tau is None else like(shape, tau, rng)
    values = instance(A, gamma, lam)
    env = Environment({**values, "delta": delta, "Phi": Phi_rms * math.sqrt(shape[1])})
    assert env["kappa0"] == pytest.approx(kappa0, abs=6e-4)  # depends on lambda, delta and d alone
    near = {"c_F": c_F, "c_inf": c_inf, "e0": e0_bound}
    assert {key: env[key] for key in near} == pytest.approx(near, rel=0.12)
    found = general_bounds(values)
    assert found["radius_interference"] == pytest.approx(rms, rel=0.15)
    assert found["radius_interference_max"] == pytest.approx(largest, rel=0.15)
    prediction = predict(A, values)
    assert prediction.rms == pytest.approx(predicted, rel=0.12)
    assert prediction.rms < found["radius_interference"]
    assert prediction.largest < found["radius_interference_max"]


def test_predicted_floors_of_the_yardstick():
    """Random n=256, G=32, d=4, U[1,1.2], lam=.45; .2161 is what the uncorrected (5.1) gives for gamma=3."""
    rng = generator(0, "yardstick")
    floors = []
    for _ in range(4):
        A = random_blocks(256, 32, 4, rng)
        floors.append([predict(A, instance(A, gamma, 0.45, 1.2)).rms for gamma in (2, 3)])
    two, three = np.mean(floors, axis=0)
    assert (two, three) == pytest.approx((0.1173, 0.219), rel=0.03)
    assert three / two == pytest.approx(0.219 / 0.1173, rel=5e-3)


# --- The search ----------------------------------------------------------------------------------------


def test_the_region_is_admissible_and_its_bootstrap_only_shrinks_it():
    A = near_orthogonal(64, 16, 2, 0.013, generator(0, "region"))
    values = instance(A, 2, 0.2)
    found = find_region(values)
    assert isinstance(found, Region)
    report = general_bounds({**values, "delta": found.delta, "Phi": found.Phi})
    assert report["admissible"]
    assert 0 < found.Phi_boot < found.Phi
    assert 0 < found.delta_boot < found.delta
    env = Environment({**values, **found.values()})
    # What the bootstrap returns is a fixed point: taken as a region, it maps to itself.
    again = bootstrap(values, found.delta_boot, found.Phi_boot)
    assert again[0] == pytest.approx(found.delta_boot, rel=1e-6)
    assert again[1] == pytest.approx(found.Phi_boot, rel=1e-6)
    assert env["Phi_boot"] == found.Phi_boot  # the iterated value replaces the one-step formula
    smaller = find_region(values, fraction=0.9)
    assert isinstance(smaller, Region)
    assert smaller.delta <= 0.9 * report["delta_largest"]


def test_without_interference_the_radius_is_zero(hadamard):
    values = instance(np.eye(8).reshape(8, 4, 2), 2, 0.3)
    found = general_bounds(values)
    assert found["admissible"]
    assert found["radius_interference"] == pytest.approx(0, abs=1e-12)
    assert found["radius_interference_max"] == pytest.approx(0, abs=1e-12)


def test_an_instance_out_of_scope_says_which_condition_fails():
    A = random_blocks(256, 32, 4, generator(0, "yardstick"))
    report = general_bounds(instance(A, 2, 0.45, 1.2))
    assert not report["admissible"]
    assert report["radius_interference"] is None
    assert report["obstacle"]["condition"] == "support-inactive"
    assert -0.6 < report["obstacle"]["margin"] < -0.2
    # Random n=1000, G=100, d=2: supports are fine, the interference is too large.
    found = find_region(instance(random_blocks(1000, 100, 2, generator(0, "uncovered")), 2, 0.45))
    assert isinstance(found, Obstacle)
    assert found.condition in {"rms-ball-kept", "rms-floor-inside"}
    assert found.margin < 0


def test_the_lambda_window_is_where_supports_are_guaranteed():
    values = instance(near_orthogonal(64, 16, 2, 0.1, generator(0, "window")), 2, 0.3, high=1.5)
    low, high = lambda_window(values, delta=0.02)
    for lam, inside in ((low * 0.999, False), (low * 1.001, True), (high * 0.999, True)):
        env = Environment({**values, "lam": lam, "delta": 0.02})
        assert (env["lam_lo"] <= lam < env["ell"]) is inside
    assert lambda_window({**values, "mu1_g": 0.9, "mu1_g1": 0.6}) is None
    # Corollary 1.1: the interval without s is inside.
    env = Environment({**values, "delta": 0.02})
    assert low <= env["lam_lo_explicit"]
    assert env["lam_hi_explicit"] <= high


def test_one_group_is_refused():
    with pytest.raises(InvalidInput, match="at least two groups"):
        general_bounds({"G": 1})


def test_a_wrong_dictionary_is_refused(hadamard):
    values = instance(hadamard, 2, 0.2)
    with pytest.raises(InvalidInput, match="G = 1024"):
        predict(hadamard[:, :100], values)


def test_q_zero_leaves_the_one_group_step():
    values = instance(np.eye(6).reshape(6, 3, 2), 1, 0.3, delta=0.1)
    env = Environment(values)
    assert env.evaluate(q) == 0
    assert env["eta_bar"] == env["eta_max"]
    assert env.evaluate(e0) == 0


def test_the_search_alone_defines_every_constant_that_it_returns():
    """In a fresh interpreter, where no other test has imported the module that defines a quantity."""
    code = (
        "from gsae_theory.theory import QUANTITIES, region;"
        "missing = set(region.CONSTANTS) - set(QUANTITIES);"
        "raise SystemExit(', '.join(missing) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_the_bootstrap_of_an_array_goes_on_until_every_entry_has_settled():
    """Catches any in place of all: one region that has settled already must not stop the others."""
    instance = CASES["two-blocks"]
    values = {**build_model(instance.model).constants(), "lam": instance.setting.lam}
    found = find_region(values)
    alone = bootstrap(values, found.delta, found.Phi)
    assert alone[1] < 0.9 * found.Phi
    settled = bootstrap(values, *alone)
    pair = bootstrap(values, np.array([settled[0], found.delta]), np.array([settled[1], found.Phi]))
    for together, single in zip(pair, alone, strict=True):
        assert together[1] == pytest.approx(float(single), rel=1e-6)
