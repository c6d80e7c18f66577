"""The code-space step against the network on the data y = A x, on random and on adversarial samples."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import integers, sampled_from

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.model import (
    BernoulliSupport,
    ConstantRadius,
    GaussianNoise,
    GenerativeModel,
    ParetoRadius,
    UniformRadius,
    UniformSupport,
    WeightedSupport,
    orthogonal,
    random_blocks,
)
from gsae_theory.model.generative import Sample
from gsae_theory.network import (
    ACTIVATIONS,
    GROUP_RELU,
    IDENTITY,
    RELU,
    SOFT,
    get_activation,
    loss_and_gradient,
)
from gsae_theory.network.activations import GroupReLU
from gsae_theory.seeds import generator
from gsae_theory.simulate import PopulationRule, compiled, start
from gsae_theory.simulate.block_sums import NUMPY
from gsae_theory.simulate.engine import Engine, StepGradient, stream
from gsae_theory.simulate.leakage import find_leaks
from gsae_theory.simulate.step_tables import Dictionary, StepTables

LAM = 0.4


def make(n=24, G=8, d=2, gamma=2, builder=random_blocks, support=None, radius=None):
    A = builder(n, G, d, generator(0, "engine", n, G, d))
    return GenerativeModel(A, radius or UniformRadius(1.0, 1.3), support=support or UniformSupport(gamma))


def agree(model: GenerativeModel, W, sample: Sample, lam=LAM, act=GROUP_RELU, **options) -> StepGradient:
    """Hold the code-space step against the network on the data; the network's own code is independent."""
    found = Engine(model.dictionary, lam, act, path="code_space", **options).gradient(W, sample, loss=True)
    Y = model.observe(sample)
    value, gradient = loss_and_gradient(W, Y, lam, act)
    size = np.abs(gradient).max() + np.abs(W).max() * (sample.values**2).sum() / len(sample)
    assert np.abs(found.gradient - gradient).max() <= 1e-12 * size
    assert found.loss == pytest.approx(value, rel=1e-12, abs=1e-13 * size)
    active = act.active((Y @ W.reshape(len(W), -1)).reshape(len(Y), model.G, -1), lam)
    truth = np.zeros((len(Y), model.G + 1), dtype=bool)
    np.put_along_axis(truth, sample.support, True, axis=1)
    assert found.recovery == pytest.approx((active == truth[:, :-1]).all(axis=1).mean())
    outside = (active & ~truth[:, :-1]).any(axis=1)
    assert found.leaking == outside.sum()
    assert found.certified <= len(sample) - found.leaking
    return found


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize(("d", "gamma"), [(1, 1), (2, 1), (3, 2), (4, 3), (1, 4)])
def test_equals_the_network_near_the_limit_and_anywhere(name, d, gamma):
    """Catches a transposed block, a missing J, a wrong index of pairs, a lost half of h h^T."""
    model, rng = make(40, 8, d, gamma), generator(1, name, d, gamma)
    for W in (
        start("random", model.dictionary, 1.2, 0.1, rng),
        0.3 * rng.standard_normal(model.dictionary.shape),
    ):
        found = agree(model, W, model.sample(300, rng), act=ACTIVATIONS[name])
        assert found.boundary == 0


@pytest.mark.parametrize(
    "support", [BernoulliSupport(0.3, 8), WeightedSupport(3, tuple(range(1, 9))), UniformSupport(8)]
)
def test_supports_of_any_size(support):
    """Catches padding read as a group, an empty support, and all groups active."""
    model, rng = make(support=support), generator(2, support.name)
    W = start("random", model.dictionary, 1.2, 0.2, rng)
    sample = model.sample(400, rng)
    agree(model, W, sample)
    shuffled = sample.support[:, ::-1], sample.values[:, ::-1]  # padding first, groups descending
    agree(model, W, Sample(np.ascontiguousarray(shuffled[0]), np.ascontiguousarray(shuffled[1]), None))


@given(
    seed=integers(0, 999),
    d=integers(1, 4),
    G=integers(2, 12),
    active=integers(1, 4),
    spare=integers(-4, 8),
    lam=sampled_from([0.05, 0.3, 0.9, 2.0]),
    spread=sampled_from([0.0, 0.1, 0.5, 2.0]),
    name=sampled_from(sorted(ACTIVATIONS)),
)
def test_equals_the_network_on_drawn_instances(seed, d, G, active, spare, lam, spread, name):
    """Catches whatever the chosen instances miss: from certified to leaking everywhere, also more atoms than n."""
    model = make(max(d, G * d + spare), G, d, min(active, G))
    rng = generator(seed, "drawn")
    W = start("random", model.dictionary, 1.2, 0.0, rng) + spread * rng.standard_normal(
        model.dictionary.shape
    )
    agree(model, W, model.sample(60, rng), lam, ACTIVATIONS[name])


@pytest.mark.parametrize("gamma", [1, 2])
def test_certificate_covers_every_sample_on_an_incoherent_dictionary(gamma):
    """Catches a bound so loose that the fast way is never taken, or recovery read without running."""
    model, rng = make(24, 8, 3, gamma, orthogonal), generator(3, gamma)
    W = start("random", model.dictionary, 1.2, 0.05, rng)
    found = agree(model, W, model.sample(300, rng))
    assert found.certified == 300
    assert found.recovery == 1.0


def test_inactive_samples_give_nothing():
    """Catches a group of the support that is carried along although it is below the threshold."""
    model, rng = make(builder=orthogonal, radius=ConstantRadius(0.2)), generator(4, "inactive")
    found = agree(model, start("random", model.dictionary, 1.2, 0.05, rng), model.sample(50, rng))
    assert np.all(found.gradient == 0)
    assert found.recovery == 0


@pytest.mark.parametrize("gamma", [1, 2])
@pytest.mark.parametrize("share", [0.5, 0.999999, 1.000001, 3.0])
def test_a_planted_leak_is_found_exactly_when_it_is_there(gamma, share):
    """Catches a certificate that ignores one block, a check with the wrong side of the threshold.

    Block 0 of the weights has a part along A_1 with W_0^T A_1 = c I: with samples of norm 1 on group 1 the
    response of group 0 has norm c, here `share` of the threshold.
    """
    model, rng = make(24, 8, 2, gamma, orthogonal, radius=ConstantRadius(1.0)), generator(5, gamma)
    W = 1.2 * model.dictionary.copy()
    W[:, 0] += share * LAM * model.dictionary[:, 1]
    found = agree(model, W, model.sample(400, rng))
    on_one = (model.sample(400, generator(5, gamma)).support == 1).any(axis=1).sum()
    assert on_one > 0
    assert (found.leaking > 0) == (share > 1)
    assert found.leaking <= on_one
    assert found.certified <= 400 - found.leaking
    assert (found.certified < 400) == (share > 1 or (gamma == 1 and share > 0.9))  # gamma = 1: float32 bounds


def test_a_leak_on_every_sample_and_on_many_groups():
    """Catches buckets of leaking samples that overlap or are dropped: 1 to G - k extra groups fire."""
    model, rng = make(20, 10, 2, 1), generator(6, "many")
    W = start("random", model.dictionary, 2.0, 0.8, rng)
    for lam in (0.1, 0.3, 0.8, 1.5):
        agree(model, W, model.sample(300, rng), lam)


def test_exact_ties_with_the_threshold_are_inactive_on_every_path_and_reported():
    """Catches >= for >: powers of two, so that ||u|| = lambda without rounding in any order of summation."""
    A = np.eye(6).reshape(6, 3, 2)
    model = GenerativeModel(A, ConstantRadius(0.5), support=UniformSupport(1))
    W = A.copy()
    W[:, 1] += 0.5 * A[:, 0]
    support = np.array([[0], [1], [2], [0]])
    values = np.array([[[0.5, 0.0]], [[0.0, 0.5]], [[0.0, -0.5]], [[1.0, 0.0]]])
    found = agree(model, W, Sample(support, values, None), 0.5)
    assert found.boundary >= 4
    assert found.leaking == 0
    assert found.recovery == 0.25


@pytest.mark.parametrize("gap", [1e-6, 1e-9, 1e-11])
def test_samples_next_to_the_threshold(gap):
    """Catches bounds whose rounding margin is on the wrong side: active just above, silent just below."""
    A = orthogonal(16, 4, 2, generator(7, "next"))
    model = GenerativeModel(A, ConstantRadius(1.0), support=UniformSupport(1))
    W = 1.25 * A
    W[:, 1] += LAM * A[:, 0]  # a unit sample on group 0 puts group 1 on the threshold
    theta = generator(7, "theta").standard_normal((40, 1, 2))
    theta /= np.linalg.norm(theta, axis=2, keepdims=True)
    radius = np.where(np.arange(40) % 2, 1 + gap, 1 - gap)[:, None, None]
    found = agree(model, W, Sample(np.zeros((40, 1), dtype=int), radius * theta, None))
    assert found.leaking == 20
    own = radius * theta * LAM / 1.25
    found = agree(model, W, Sample(np.full((40, 1), 2), own, None))
    assert found.recovery == 0.5
    assert found.boundary == 0


def test_unbounded_norms_and_a_zero_threshold():
    """Catches a certificate read from the law instead of from the samples, and a division by lambda = 0."""
    model, rng = make(radius=ParetoRadius(1.0, 1.5)), generator(8, "tail")
    W = start("random", model.dictionary, 1.2, 0.1, rng)
    agree(model, W, model.sample(300, rng))
    found = agree(model, W, model.sample(60, rng), 0.0)
    assert found.certified == 0


def test_noise_falls_back_to_the_data_and_says_so():
    """Catches noise that is silently dropped."""
    A = random_blocks(12, 4, 2, generator(9, "noise"))
    model = GenerativeModel(A, UniformRadius(1.0, 1.3), support=UniformSupport(2), noise=GaussianNoise(0.1))
    W, sample = start("random", A, 1.2, 0.1, generator(9, "W")), model.sample(90, generator(9, "draw"))
    found = Engine(A, LAM).gradient(W, sample, loss=True)
    value, gradient = loss_and_gradient(W, model.observe(sample), LAM)
    np.testing.assert_allclose(found.gradient, gradient, atol=1e-14)
    assert found.loss == pytest.approx(value)
    assert found.path == "dense"
    with pytest.raises(InvalidInput, match="noisy"):
        Engine(A, LAM, path="code_space").gradient(W, sample)


def test_paths_streams_and_pieces_agree(monkeypatch):
    """Catches a piece that is lost or counted twice, and a dense path with another scale."""
    model = make(gamma=2)
    W = start("random", model.dictionary, 1.2, 0.15, generator(10, "W"))
    parts = list(stream(model, 250, generator(10, "draws"), 60))
    assert [len(part) for part in parts] == [60, 60, 60, 60, 10]
    codes = Engine(model.dictionary, LAM)
    whole = codes.gradient(W, stream(model, 250, generator(10, "draws"), 60), loss=True)
    dense = Engine(model.dictionary, LAM, path="dense").gradient(W, iter(parts), loss=True)
    codes.kernels = replace(NUMPY, chunk=7)
    monkeypatch.setattr("gsae_theory.simulate.leakage._PAIRS", 16)
    monkeypatch.setattr("gsae_theory.simulate.step_sums._WHOLE", 64)
    monkeypatch.setattr("gsae_theory.simulate.step_sums._PAIRS", 20)
    small = codes.gradient(W, parts, loss=True)
    for other in (dense, small):
        assert np.abs(other.gradient - whole.gradient).max() < 1e-13
        assert other.loss == pytest.approx(whole.loss)
        assert (other.recovery, other.samples) == (whole.recovery, 250)
    assert (whole.path, dense.path) == ("code_space", "dense")


def test_population_rule_through_the_same_interface():
    """Catches a rule for another dictionary or activation that is taken silently."""
    model = make(12, 4, 2, 2)
    W = start("random", model.dictionary, 1.2, 0.1, generator(11, "W"))
    rule = PopulationRule(model, 4)
    found = Engine(model.dictionary, LAM).gradient(W, rule)
    assert found.path == "population"
    np.testing.assert_array_equal(found.gradient, rule.gradient(W, LAM).gradient)
    with pytest.raises(InvalidInput, match="rule"):
        Engine(model.dictionary, LAM, "relu").gradient(W, rule)


@pytest.mark.parametrize("gamma", [1, 2])
def test_single_precision_is_single_precision(gamma):
    """Catches float64 arrays where float32 was asked for, and an error beyond n roundings of float32."""
    model = make(gamma=gamma, builder=orthogonal)
    W = start("random", model.dictionary, 1.2, 0.1, generator(12, "W"))
    sample = model.sample(500, generator(12, "draws"))
    exact = Engine(model.dictionary, LAM).gradient(W, sample)
    for path in ("code_space", "dense"):
        rough = Engine(model.dictionary, LAM, dtype="float32", path=path).gradient(W, sample)
        gap = np.abs(rough.gradient - exact.gradient).max()
        assert 1e-10 < gap < 24 * np.finfo(np.float32).eps


@pytest.mark.skipif(not compiled.available(), reason="numba (extra fast) is not installed")
@pytest.mark.parametrize("gamma", [1, 3])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_compiled_sums_equal_those_of_numpy(gamma, dtype):
    """Catches a transposed table or a second moment that is counted twice; some samples leak."""
    model = make(gamma=gamma)
    W = start("random", model.dictionary, 1.2, 0.15, generator(14, "W"))
    sample = model.sample(500, generator(14, "draws"))
    plain, fast = (
        Engine(model.dictionary, LAM, dtype=dtype, backend=name).gradient(W, sample, loss=True)
        for name in ("numpy", "numba")
    )
    assert fast.leaking == plain.leaking > 0
    assert np.abs(fast.gradient - plain.gradient).max() < 16 * np.finfo(dtype).eps
    assert fast.loss == pytest.approx(plain.loss, rel=1e-12 if dtype == "float64" else 1e-5)


def test_a_backend_that_is_not_installed_is_an_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setattr(compiled, "find_spec", lambda name: None)
    compiled.kernels.cache_clear()
    with pytest.raises(InvalidInput, match="pip install"):
        Engine(make().dictionary, LAM, backend="numba")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"backend": "gpu"}, "backend"),
        ({"lam": -1.0}, "lam"),
        ({"dtype": "float16"}, "dtype"),
        ({"path": "fast"}, "path"),
        ({"activation": "gelu"}, "activation"),
    ],
)
def test_bad_options(change, name):
    options = {"lam": LAM, **change}
    with pytest.raises((InvalidInput, UnknownName), match=name):
        Engine(make().dictionary, **options)


def test_bad_data():
    model = make()
    W, engine = model.dictionary, Engine(model.dictionary, LAM)
    good = np.tile([0, 1], (3, 1))
    for support, values, name in [
        (good + 7, np.ones((3, 2, 2)), "support"),
        (good * 0, np.ones((3, 2, 2)), "twice"),
        (good, np.ones((3, 2, 3)), "shape of values"),
        (good, np.full((3, 2, 2), np.nan), "values"),
        (good[:0], np.ones((0, 2, 2)), "samples"),
    ]:
        with pytest.raises(InvalidInput, match=name):
            engine.gradient(W, Sample(support, values, None))
    with pytest.raises(InvalidInput, match="shape of W"):
        engine.gradient(W[:-1], model.sample(3, generator(0, "x")))
    with pytest.raises(InvalidInput, match="samples"):
        list(stream(model, 0, generator(0, "x")))


def test_identity_lets_every_group_fire():
    """Catches a certificate applied to an activation that is never silent."""
    model, rng = make(16, 4, 2, 1), generator(13, "identity")
    found = agree(
        model, start("random", model.dictionary, 1.0, 0.1, rng), model.sample(50, rng), act=IDENTITY
    )
    assert found.certified == 0
    assert found.leaking == 50


class Unpromising(GroupReLU):
    """A group ReLU of one's own that does not say that it is silent below the threshold."""

    name = "unpromising"
    silent_below = False


@pytest.mark.parametrize("lam", [0.5, 0.9])
@pytest.mark.parametrize("act", [RELU, SOFT, Unpromising()], ids=lambda act: act.name)
def test_leaks_of_other_networks_are_counted(act, lam):
    """Catches supports that are compared with none, and a count of every sample that fires."""
    A = random_blocks(8, 4, 2, generator(70, "A"))
    model = GenerativeModel(A, UniformRadius(1.0, 1.2), support=UniformSupport(1))
    sample = model.sample(400, generator(71, "x"))
    W = 1.1 * A
    quick = Engine(A, lam, act).gradient(W, sample)
    dense = Engine(A, lam, act, path="dense").gradient(W, sample)
    active = act.active((model.observe(sample) @ W.reshape(8, -1)).reshape(-1, 4, 2), lam)
    truth = np.arange(4) == sample.support
    assert 0 < quick.leaking < 400
    assert quick.leaking == (active & ~truth).any(axis=1).sum()
    assert quick.recovery == dense.recovery == (active == truth).all(axis=1).mean()


def test_no_samples_have_no_leaks():
    """Catches a response counted as near the threshold where there is none."""
    A = random_blocks(8, 4, 2, generator(70, "A"))
    tables = StepTables(1.1 * A, Dictionary(A, "float64"))
    none = np.zeros((1, 0), dtype=np.intp)
    found = find_leaks(tables, none, np.zeros((1, 2, 0)), np.zeros((1, 0)), 0.3, get_activation("group_relu"))
    assert (len(found.samples), len(found.groups), found.boundary) == (0, 0, 0)
