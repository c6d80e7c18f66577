"""Sparse coding: scores, tuning, references, the exact statements, and what they would catch."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.experiments import coding_statements as claims
from gsae_theory.experiments.coding_cells import CELLS, by_id
from gsae_theory.experiments.coding_metrics import CODERS, GROUP, PAIRED, PLAIN, TWO_SIDED, Data, f1, scores
from gsae_theory.experiments.paired import Comparison, mean_interval, paired_rows
from gsae_theory.experiments.references import group_lasso, group_lasso_gap
from gsae_theory.experiments.sparse_coding import GRID, Size, coding_cell, combine
from gsae_theory.experiments.statements import Check, statement
from gsae_theory.experiments.tuning import tuned
from gsae_theory.model.spec import ModelSpec, build_model
from gsae_theory.network import Unfolded
from gsae_theory.seeds import generator


@pytest.fixture(scope="module")
def pool():
    return claims.pool(by_id("d4-g1"), seed=0, seeds=3, size=Size(10, 700))


def data(samples=200, **spec):
    model = build_model(ModelSpec(**{"dim": 20, "groups": 6, "block": 3, "active": 2, "seed": 1, **spec}))
    sample = model.sample(samples, generator(1, "coding", samples))
    return model, Data.of(model.dictionary, sample.codes(model.G), model.observe(sample))


@pytest.mark.parametrize("method", sorted(CODERS))
def test_scores_are_those_of_the_network(method):
    """Catches a scale or a threshold lost in the reduction of W = s A to (tau, amplitude)."""
    from gsae_theory.network import GROUP_RELU, RELU, SOFT, decode, encode

    model, sample = data()
    s, lam = 1.3, 0.4
    W = s * model.dictionary
    if method == PAIRED:
        both = encode(np.concatenate([W, -W], axis=1), sample.y, lam, RELU)
        h = both[:, : model.G] - both[:, model.G :]
    else:
        h = encode(W, sample.y, lam, {GROUP: GROUP_RELU, PLAIN: RELU, TWO_SIDED: SOFT}[method])
    found = scores(CODERS[method](sample.u, lam / s), sample)
    code = np.square(s * h - sample.x).sum() / np.square(sample.x).sum()
    loss = np.square(sample.y - decode(W, h)).sum() / np.square(sample.y).sum()
    assert found.value("code_error", s**2) == pytest.approx(code, rel=1e-9)
    assert found.value("reconstruction", s**2) == pytest.approx(loss, rel=1e-9)
    active = (sample.x != 0).any(axis=2)
    assert found.support["group_exact"] == pytest.approx(
        ((np.abs(h).sum(axis=2) > 0) == active).all(axis=1).mean()
    )


def test_best_amplitude_is_best():
    """Catches an amplitude that is not the minimiser, and one that may be negative."""
    _, sample = data()
    found = scores(CODERS[GROUP](sample.u, 0.5), sample)
    for metric in ("code_error", "reconstruction"):
        best = found.best_amplitude(metric)
        assert found.value(metric, best) < min(found.value(metric, best * c) for c in (0.9, 1.1))
    assert scores(-sample.x, sample).best_amplitude("code_error") == 0.0


def test_tuning_uses_held_out_data_only():
    """Catches a threshold chosen on the test data: garbled test data must not move it."""
    _, held_out = data(150)
    _, test = data(151)
    garbled = Data(-test.x, -test.y, -test.u, test.gram)
    solve = lambda d, tau: CODERS[PLAIN](d.u, tau)  # noqa: E731
    first, second = (tuned(solve, GRID, held_out, part) for part in (test, garbled))
    assert {m: v.tau for m, v in first.items()} == {m: v.tau for m, v in second.items()}
    assert first["code_error"].value != second["code_error"].value


def test_f1_of_known_supports():
    """Catches precision or recall in place of F1, and 0/0."""
    true = np.array([[1, 1, 0, 0], [0, 0, 0, 0]], dtype=bool)
    found = np.array([[1, 0, 1, 1], [0, 0, 0, 0]], dtype=bool)
    np.testing.assert_allclose(f1(found, true), [2 * 1 / 5, 1.0])


def test_block_size_one_is_a_tie_and_larger_blocks_are_not():
    """Catches a method that is given another's setting: at d = 1 the networks are one function."""
    size = Size(80, 150)
    names = ("d1-g2", "d4-g2")
    cells = [by_id(name) for name in names]
    result = combine(cells, [coding_cell(cell, 0, 3, size) for cell in cells])
    verdicts = {(p["cell"], p["method"], p["metric"]): p["verdict"] for p in result.paired}
    assert {v for (cell, method, _), v in verdicts.items() if cell == "d1-g2" and method == TWO_SIDED} == {
        "equal"
    }
    assert verdicts["d4-g2", TWO_SIDED, "code_error"] == "ahead"
    assert verdicts["d4-g2", PLAIN, "group_exact"] == "ahead"


def test_every_model_can_be_built():
    """Catches a cell that no dictionary satisfies."""
    for cell in CELLS:
        assert cell.spec["groups"] == cell.model(3).G
    with pytest.raises(UnknownName):
        by_id("d4")


def test_group_lasso_reference_is_the_convex_programme():
    """Catches a converged network that solves another problem than CVXPY."""
    model, sample = data(6)
    assert 0 <= group_lasso_gap(model.dictionary, sample.y, 0.2) + 1e-7 < 2e-6
    x = group_lasso(model.dictionary, sample.y, 0.2)
    np.testing.assert_allclose(
        x, Unfolded(3000, accelerated=True).encode(model.dictionary, sample.y, 0.2, "spectral"), atol=1e-4
    )


STATEMENTS = (
    claims.two_sided,
    claims.rotations,
    claims.all_entries,
    claims.fraction_on,
    claims.group_seen,
    claims.group_signs,
    claims.association,
    claims.pair_identity,
    claims.exact_losses,
    claims.floors_soft,
    claims.floors_relu,
    claims.larger_scale,
    claims.soft_stationary,
    claims.relu_gradient,
    claims.never_exact,
)


@pytest.mark.parametrize("claim", STATEMENTS, ids=lambda f: f.__name__)
def test_exact_statements_hold_on_the_data(claim, pool):
    """Catches a formula of side section 1, or a network, that is wrong by more than the limit."""
    checks = claim(pool)
    assert checks
    assert statement("x", "", "", checks)["holds"], [c for c in checks if c.excess > 0]


def test_tight_frames_do_not_tell_the_networks_apart():
    """Catches a wrong scale: s^2 = n/m."""
    assert all(c.excess <= 0 and c.measured < 1e-20 for c in claims.tight_frame())


# A wrong formula has to fall on the same data; limits are those of the experiment.
WRONG = {
    "all_entries": lambda v: v * 0.7,
    "fraction_on": lambda v: v / 2,
    "group_seen": lambda v: v * 0.8,
    "exact_losses": lambda v: v + 0.12,
    "floors_soft": lambda v: v + 0.15,
    "floors_relu": lambda v: v + 0.15,
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_wrong_formulas_fall(name, pool):
    """Catches limits so wide that nothing could fail."""
    from dataclasses import replace

    checks = [replace(c, bound=WRONG[name](c.bound)) for c in getattr(claims, name)(pool)]
    assert any(c.excess > 0 for c in checks)


def test_checks_know_their_direction():
    """Catches a relation read the wrong way round."""
    assert Check(1.0, 2.0, ">=", 0.5).excess == pytest.approx(0.5)
    assert Check(1.0, 2.0, "<=", 0.0).excess == pytest.approx(-1.0)
    assert Check(1.0, 2.0, "<=", 0.0).slack == Check(4.0, 2.0, ">=", 0.0).slack == 2.0
    # A point estimate on the wrong side within its limit is no contradiction, and its slack does not say one.
    assert Check(1.0, 0.9, "<=", 0.2).slack == pytest.approx(0.9 / 0.8)
    assert Check(0.9, 1.0, ">=", 0.2).slack == pytest.approx(1.1)
    assert Check(0.1, 0.2, "<=", 0.3).slack == math.inf
    wrong = Check(1.0, 0.7, "<=", 0.2)
    assert wrong.slack < 1
    assert wrong.excess > 0
    assert Check(1.0, 1.5, "==", 0.6).excess < 0 < Check(1.0, 1.5, "==", 0.4).excess


def test_intervals_are_students():
    """Catches the normal quantile, a missing pairing, and a family that is not widened."""
    x = np.array([1.0, 2.0, 4.0])
    found = mean_interval(x)
    half = 4.30265273 * x.std(ddof=1) / np.sqrt(3)  # t quantile 0.975 with 2 degrees of freedom
    assert (found.low, found.high) == pytest.approx((x.mean() - half, x.mean() + half))
    noise = np.array([5.0, -7.0, 11.0])
    items = [Comparison("t", "c", m, "a", "b", noise + 1 + x / 100, noise, True) for m in ("one", "two")]
    row = paired_rows(items)[0]
    assert row.verdict == "ahead"
    assert row.low_all < row.low
    assert row.wins == 3
    assert row.sign_p == pytest.approx(1 / 8)
    with pytest.raises(InvalidInput, match="seeds"):
        mean_interval([1.0])
