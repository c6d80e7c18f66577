"""The code-space population gradient against sums over explicit data, and its certificate."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from gsae_theory.errors import InvalidInput, TooLarge
from gsae_theory.model import (
    AxisAlignedDirection,
    BernoulliSupport,
    ConstantRadius,
    GenerativeModel,
    ParetoRadius,
    SphereNoise,
    TwoPointRadius,
    UniformRadius,
    UniformSupport,
    WeightedSupport,
    equiangular,
    orthogonal,
    random_blocks,
)
from gsae_theory.network import ACTIVATIONS, GROUP_RELU, IDENTITY, RELU
from gsae_theory.seeds import generator
from gsae_theory.simulate import (
    PopulationRule,
    choose_rule,
    estimate_error,
    haar_rotations,
    population_gradient,
    population_loss,
    rotate_blocks,
    sample_gradient,
    sphere_rule,
    start,
)
from gsae_theory.simulate.code_space import Frame, certify


def make(n=10, G=4, d=2, gamma=2, radius=None, support=None, builder=random_blocks, seed=0, **more):
    A = builder(n, G, d, rng=generator(seed, "population", n, G, d), **more)
    return GenerativeModel(A, radius or UniformRadius(1.0, 1.3), support=support or UniformSupport(gamma))


def explicit_sum(model, W, lam, act, level, radius_nodes):
    """Return loss, gradient and recovery summed over every node, from the data y = A x in R^n."""
    theta, theta_w = sphere_rule(model.d, level)
    R, R_w = model.radius.nodes(radius_nodes)
    points = [
        (r * t, a * b) for r, a in zip(R, R_w, strict=True) for t, b in zip(theta, theta_w, strict=True)
    ]
    codes, weights, truth = [], [], []
    for S, chance in zip(*model.support.enumerate(model.G), strict=True):
        members = [g for g in S if g >= 0]
        for choice in itertools.product(points, repeat=len(members)):
            x = np.zeros((model.G, model.d))
            for g, (point, _) in zip(members, choice, strict=True):
                x[g] = point
            codes.append(x)
            weights.append(chance * np.prod([w for _, w in choice]))
            truth.append([g in members for g in range(model.G)])
    X, w = np.array(codes), np.array(weights)
    flat = W.reshape(model.n, -1)
    Y = X.reshape(len(X), -1) @ model.dictionary.reshape(model.n, -1).T
    u = (Y @ flat).reshape(X.shape)
    h = act.apply(u, lam).reshape(len(X), -1)
    r = Y - h @ flat.T
    v = act.jvp_transpose(u, (r @ flat).reshape(X.shape), lam).reshape(len(X), -1)
    gradient = -((r * w[:, None]).T @ h + (Y * w[:, None]).T @ v).reshape(W.shape)
    right = (act.active(u, lam) == np.array(truth)).all(axis=1)
    return 0.5 * w @ (r**2).sum(axis=1), gradient, w @ right


def agree(found, expected, tolerance=1e-13):
    loss, gradient, recovery = expected
    assert np.abs(found.gradient - gradient).max() < tolerance * found.size
    assert found.loss == pytest.approx(loss, abs=tolerance * 10)
    assert found.recovery == pytest.approx(recovery, abs=1e-12)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize("kind", ["near the limit", "anywhere"])
def test_equals_the_explicit_sum_over_the_same_nodes(name, kind):
    model, act = make(), ACTIVATIONS[name]
    W = (
        start("random", model.dictionary, 1.2, 0.1, generator(1, "W"))
        if kind == "near the limit"
        else 0.5 * generator(2, "W").standard_normal(model.dictionary.shape)
    )
    rule = PopulationRule(model, 3, 2, act)
    agree(rule.gradient(W, 0.4), explicit_sum(model, W, 0.4, act, 3, 2))


@pytest.mark.parametrize(
    ("support", "d"),
    [
        (BernoulliSupport(0.4, 3), 2),
        (WeightedSupport(2, (1.0, 2.0, 5.0)), 2),
        (UniformSupport(3), 1),
        (UniformSupport(1), 4),
        (UniformSupport(1), 3),
    ],
)
def test_other_supports_and_block_sizes(support, d):
    model = make(9, 3, d, support=support, radius=TwoPointRadius(1.0, 1.4, 0.3))
    W = start("random", model.dictionary, 1.2, 0.2, generator(3, "W"))
    agree(PopulationRule(model, 2, 2).gradient(W, 0.5), explicit_sum(model, W, 0.5, GROUP_RELU, 2, 2))


def test_a_rule_too_large_to_keep_is_run_in_pieces(monkeypatch):
    model = make()
    W = start("random", model.dictionary, 1.2, 0.1, generator(4, "W"))
    whole = PopulationRule(model, 4, 2).gradient(W, 0.4)
    monkeypatch.setattr("gsae_theory.simulate.population._KEPT", 1)
    monkeypatch.setattr("gsae_theory.simulate.code_space._FLOATS", 64)
    pieces = PopulationRule(model, 4, 2).gradient(W, 0.4)
    np.testing.assert_allclose(pieces.gradient, whole.gradient, atol=1e-15)
    assert pieces.recovery == pytest.approx(whole.recovery)


@pytest.mark.parametrize("gamma", [1, 2])
def test_agrees_with_monte_carlo(gamma):
    model = make(12, 5, 2, gamma)
    W = start("random", model.dictionary, 1.2, 0.3, generator(5, "W"))
    exact = population_gradient(model, W, 0.45, level=10, radius_nodes=2)
    sampled = sample_gradient(model, W, 0.45, samples=150_000, rng=generator(6, "mc", gamma))
    deviation = np.linalg.norm(exact.gradient - sampled.gradient, axis=(0, 2))
    # E deviation^2 is the squared standard error; three times that is far in the tail of a sum of many terms.
    assert (deviation < 3 * sampled.standard_error + exact.error).all()
    assert sampled.total_standard_error < 0.02 * np.linalg.norm(exact.gradient)
    assert exact.loss == pytest.approx(sampled.loss, rel=0.01)
    assert exact.recovery == pytest.approx(sampled.recovery, abs=0.01)


@pytest.mark.parametrize("kind", ["random", "rank_one_in", "rank_one_out", "out_of_subspace", "scale"])
@pytest.mark.parametrize(("gamma", "d"), [(1, 4), (2, 2), (3, 1)])
def test_shortcut_equals_looking_at_every_group(kind, gamma, d):
    mu = {1: 0.2, 2: 0.1, 3: 0.06}[gamma]
    model = make(20, 4, d, gamma, builder=equiangular, mu=mu, radius=UniformRadius(1.0, 1.1))
    W = start(kind, model.dictionary, 1.2, 0.04, generator(7, kind), rotated=True)
    quick, slow = PopulationRule(model, 4), PopulationRule(model, 4, shortcut=False)
    fast, full = quick.gradient(W, 0.4), slow.gradient(W, 0.4)
    assert fast.certified
    assert np.abs(fast.gradient - full.gradient).max() < 1e-13 * full.size
    assert fast.loss == pytest.approx(full.loss, abs=1e-14)


@pytest.mark.parametrize("gamma", [1, 2, 3])
def test_the_certificate_is_sharp_on_equiangular_blocks(gamma):
    # ||K_hg|| = s mu: silent iff gamma s mu B_max <= lam; fires iff s B_min - (gamma - 1) s mu B_max > lam.
    s, mu, radius = 1.2, 0.1, UniformRadius(1.0, 1.1)
    model = make(12, 4, 2, gamma, builder=equiangular, mu=mu, radius=radius)
    W, rule = s * model.dictionary, PopulationRule(model, 2)
    low, high = gamma * s * mu * 1.1, s - (gamma - 1) * s * mu * 1.1
    for lam, expected in ((low - 1e-9, False), (low + 1e-9, True), (high - 1e-9, True), (high + 1e-9, False)):
        assert rule.gradient(W, lam).certified == expected


def test_a_leaking_group_is_never_certified_and_is_accounted_for():
    model = make(8, 2, 2, 1, builder=equiangular, mu=0.5, radius=ConstantRadius(1.0))
    W = 1.2 * model.dictionary
    found = population_gradient(model, W, 0.45, level=4)
    assert not found.certified
    assert found.recovery == 0.0  # ||u_h|| = 0.6 > lam for every code: both groups always fire
    agree(found, explicit_sum(model, W, 0.45, GROUP_RELU, 4, 1))


@pytest.mark.parametrize("d", [1, 2, 4])
def test_zero_gradient_exactly_at_the_fixed_point(d):
    lam, law = 0.45, UniformRadius(1.0, 1.2)
    m1, m2 = law.moment(1), law.moment(2)
    a, v = lam * m1 / m2, lam**2 * (m2 - m1**2) / m2**2
    # h(s) = (2s - a)(s^2 - a s - 1) + v s, multiplied out
    roots = np.roots([2.0, -3 * a, a**2 - 2 + v, a])
    s = float(roots.real[np.abs(roots.imag) < 1e-12].max())
    model = make(30, 5, d, 1, law, builder=orthogonal)
    turned = rotate_blocks(model.dictionary, haar_rotations(5, d, generator(8, "Q")))
    at_limit = population_gradient(model, s * turned, lam)
    assert at_limit.certified
    assert np.abs(at_limit.gradient).max() < 1e-15
    assert np.abs(population_gradient(model, 1.001 * s * turned, lam).gradient).max() > 1e-5
    assert np.abs(population_gradient(model, turned, lam).gradient).max() > 1e-2


def test_gradient_turns_with_the_blocks_and_the_loss_does_not_see_them():
    model = make(24, builder=equiangular, mu=0.08)
    W = start("random", model.dictionary, 1.2, 0.05, generator(9, "W"))
    Q = haar_rotations(4, 2, generator(9, "Q"))
    here, there = (population_gradient(model, V, 0.4, level=8) for V in (W, rotate_blocks(W, Q)))
    np.testing.assert_allclose(there.gradient, rotate_blocks(here.gradient, Q), atol=1e-10)
    assert there.loss == pytest.approx(here.loss, rel=1e-10)


@pytest.mark.parametrize(("gamma", "d"), [(1, 4), (2, 3), (2, 2)])
def test_chosen_rule_meets_its_tolerance_against_a_much_finer_one(gamma, d):
    law = ConstantRadius(1.1) if d == 3 else UniformRadius(1.0, 1.3)
    model = make(24, 4, d, gamma, law, builder=equiangular, mu=0.08)
    W = start("random", model.dictionary, 1.2, 0.05, generator(10, "W"), rotated=True)
    rule = choose_rule(model, W, 0.4)
    finest = rule.with_rule(rule.level + 3, rule.radius_nodes + 1).gradient(W, 0.4)
    found = rule.gradient(W, 0.4)
    assert found.certified
    assert np.linalg.norm(found.gradient - finest.gradient) < 3e-12 * finest.size
    assert estimate_error(rule, W, 0.4) < 1e-12


@pytest.mark.parametrize("level", [2, 3, 4])
def test_the_error_estimate_is_neither_blind_nor_wild(level):
    model = make(24, 4, 2, 2, builder=equiangular, mu=0.08)
    W = start("random", model.dictionary, 1.2, 0.25, generator(11, "W"))
    found = population_gradient(model, W, 0.4, level=level, radius_nodes=2)
    truth = PopulationRule(model, 24, 8).gradient(W, 0.4)
    error = np.linalg.norm(found.gradient - truth.gradient)
    assert 0.5 * error < found.error < 3 * error
    assert found.relative_error == pytest.approx(found.error / found.size)


def test_with_kinks_the_error_is_reported_and_not_small():
    model = make(10, 4, 2, 1)
    W = start("random", model.dictionary, 1.2, 0.1, generator(12, "W"))
    found = population_gradient(model, W, 0.4, RELU)
    truth = PopulationRule(model, 400, 24, RELU).gradient(W, 0.4)
    assert not found.certified
    assert 1e-9 < found.relative_error < 1e-2
    assert np.linalg.norm(found.gradient - truth.gradient) < 5 * found.error


def test_errors_on_part_of_the_supports_stand_for_all(monkeypatch):
    model = make(30, 8, 2, 2, builder=equiangular, mu=0.05)
    W = start("random", model.dictionary, 1.2, 0.2, generator(13, "W"))
    rule = PopulationRule(model, 3, 2)
    on_all = estimate_error(rule, W, 0.4)
    monkeypatch.setattr("gsae_theory.simulate.levels._REFERENCE_ROWS", 1)
    assert on_all / 3 < estimate_error(rule, W, 0.4) < 10 * on_all


def test_linear_network_has_a_closed_form():
    # Identity: L = 1/2 E||(I - W W^T) A x||^2, E x x^T = (p m2/d) I for one active group.
    model = make(gamma=1)
    W = generator(14, "W").standard_normal(model.dictionary.shape) * 0.3
    flat, A = W.reshape(10, -1), model.dictionary.reshape(10, -1)
    second = model.radius.moment(2) / (4 * 2) * A @ A.T
    residual = np.eye(10) - flat @ flat.T
    expected = -(residual @ second + second @ residual) @ flat
    found = population_gradient(model, W, 0.3, IDENTITY, level=2)
    np.testing.assert_allclose(found.gradient.reshape(10, -1), expected, atol=1e-15)
    assert population_loss(model, W, 0.3, IDENTITY) == pytest.approx(
        0.5 * np.trace(residual @ second @ residual), rel=1e-12
    )


def test_what_has_no_exact_gradient_is_refused_with_the_way_out():
    A = random_blocks(10, 3, 2, generator(15, "A"))
    one, law = UniformSupport(1), ConstantRadius(1.0)
    models = {
        "direction": GenerativeModel(A, law, AxisAlignedDirection(), support=one),
        "noise": GenerativeModel(A, law, support=one, noise=SphereNoise(0.1)),
        "block": GenerativeModel(random_blocks(10, 2, 5, generator(16, "A")), law, support=one),
        "radius law": GenerativeModel(A, ParetoRadius(1.0), support=one),
    }
    for name, model in models.items():
        with pytest.raises(InvalidInput, match="sampl") as caught:
            population_gradient(model, model.dictionary, 0.3)
        assert caught.value.name == name


def test_too_many_rows_are_refused_before_any_work():
    model = make(40, 20, 2, 3)
    with pytest.raises(TooLarge, match=r"at most 1000: take a smaller level .* sampled"):
        population_gradient(model, model.dictionary, 0.3, budget=1000)
    with pytest.raises(TooLarge):
        PopulationRule(model, 60)
    with pytest.raises(InvalidInput, match="shape of W"):
        population_gradient(model, model.dictionary[:, :3], 0.3)
    with pytest.raises(InvalidInput, match="lam"):
        population_gradient(model, model.dictionary, -0.3)
    with pytest.raises(InvalidInput, match="level"):
        population_gradient(model, model.dictionary, 0.3, level=0)


def test_within_the_budget_the_estimate_falls_back_to_what_is_affordable():
    model = make(24, 4, 2, 2, builder=equiangular, mu=0.08)
    W = start("random", model.dictionary, 1.2, 0.25, generator(17, "W"))
    free = PopulationRule(model, 4, 2)
    tight = PopulationRule(model, 4, 2, budget=free.rows)
    truth = PopulationRule(model, 16, 6).gradient(W, 0.4)
    found = free.gradient(W, 0.4)
    assert estimate_error(tight, W, 0.4) > 0.5 * np.linalg.norm(found.gradient - truth.gradient) / truth.size


@pytest.mark.parametrize("d", [1, 2, 3])
def test_one_weak_group_is_enough_to_lose_exact_supports(d):
    """Catches a certificate that asks whether some group fires, not whether every group of every support does."""
    model = make(4 * d, 4, d, 1, builder=equiangular, mu=0.05, radius=ConstantRadius(1.0))
    W, rule = 1.2 * model.dictionary, PopulationRule(model, 2)
    assert rule.gradient(W, 0.5).certified
    W[:, 2] *= 0.4
    assert not rule.gradient(W, 0.5).certified


def test_the_relative_error_is_in_units_of_the_size():
    """Catches a size that is ignored below 1, and a division by a size of 0."""
    model = make(8, 2, 2, 1)
    found = population_gradient(model, 1.2 * model.dictionary, 0.4, level=4)
    for size in (1e-3, 0.5, 4.0):
        assert replace(found, error=1e-9, size=size).relative_error == 1e-9 / size
    assert replace(found, error=1e-9, size=0.0).relative_error == 1e-9


@pytest.mark.parametrize("d", [1, 2])
def test_a_code_at_the_threshold_is_not_certified(d):
    """Catches a certificate that gives rounding to the wrong side: s B_min = lam, so the group may stay silent."""
    model = make(4 * d, 4, d, 1, builder=equiangular, mu=0.05, radius=ConstantRadius(1.0))
    assert not PopulationRule(model, 2).gradient(1.25 * model.dictionary, 1.25 * (1 - 1e-16)).certified


def test_a_budget_is_the_largest_number_that_is_admitted():
    """Catches >= in place of >: as many rows as the budget are affordable, one less is refused."""
    model = make(9, 4, 2, 1)
    rows = PopulationRule(model, 5, 2).rows
    assert PopulationRule(model, 5, 2, budget=rows).rows == rows
    with pytest.raises(TooLarge, match=f"at most {rows - 1}"):
        PopulationRule(model, 5, 2, budget=rows - 1)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_exact_supports_allow_for_codes_that_oppose(d):
    """Catches a certificate that adds what another active group may take away: 1.08 < 1.15 < 1.2 is not exact."""
    A = equiangular(4 * d, 3, d, mu=0.1, rng=generator(30, "oppose"))
    frame = Frame.of(1.2 * A, A)
    assert certify(frame, 2, 1.0, 1.0, 1.05, GROUP_RELU).exact
    assert not certify(frame, 2, 1.0, 1.0, 1.15, GROUP_RELU).exact
    assert certify(frame, 1, 1.0, 1.0, 1.15, GROUP_RELU).exact
