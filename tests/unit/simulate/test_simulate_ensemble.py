"""Many models in one call against each model by itself."""

import numpy as np
import pytest

from gsae_theory.errors import InvalidInput, TooLarge
from gsae_theory.model import (
    BernoulliSupport,
    ConstantRadius,
    GenerativeModel,
    TwoPointRadius,
    UniformRadius,
    UniformSupport,
    WeightedSupport,
    equiangular,
    orthogonal,
    random_blocks,
)
from gsae_theory.network import ACTIVATIONS
from gsae_theory.seeds import generator
from gsae_theory.simulate import PopulationRule, choose_rule, descend, ensemble, start
from gsae_theory.simulate.ensemble import Ensemble


def make(count=5, G=4, d=2, gamma=1, support=None):
    """Return models of different dimension and spread, the last of them coherent: its groups leak."""
    models = []
    for b in range(count):
        builder = random_blocks if b == count - 1 else orthogonal
        A = builder(G * d + b, G, d, generator(b, "ensemble"))
        models.append(
            GenerativeModel(A, UniformRadius(1.0, 1.05 + 0.05 * b), support=support or UniformSupport(gamma))
        )
    lam = [0.3 + 0.05 * b for b in range(count)]
    W = [start("random", m.dictionary, 1.2, 0.05, generator(b, "W")) for b, m in enumerate(models)]
    return models, lam, W


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize(
    ("d", "support"),
    [
        (2, UniformSupport(1)),
        (1, UniformSupport(2)),
        (2, UniformSupport(2)),
        (3, WeightedSupport(1, (1.0, 2.0, 3.0, 4.0))),
    ],
)
def test_gradients_equal_those_of_each_model(name, d, support):
    """Catches thresholds or nodes of another model, a missing probability, a leak that is not looked at."""
    models, lam, W = make(d=d, support=support)
    ensemble = Ensemble(models, lam, name, 3, 2)
    found = ensemble.gradient(ensemble.stacked(W))
    for b, model in enumerate(models):
        alone = PopulationRule(model, 3, 2, ACTIVATIONS[name]).gradient(W[b], lam[b])
        assert np.abs(found.gradient[b, : model.n] - alone.gradient).max() <= 1e-13 * alone.size
        assert found.size[b] == pytest.approx(alone.size)
        assert not found.gradient[b, model.n :].any()
    if ACTIVATIONS[name].silent_below:
        assert found.certified[0]
        assert not found.certified[-1]


def test_descent_equals_that_of_each_model():
    """Catches a step in other units than eta/p and a model that is advanced twice or not at all."""
    models, lam, W = make()
    ensemble = Ensemble(models, lam, level=6, radius_nodes=3)
    eta = [0.2 + 0.1 * b for b in range(len(models))]
    seen = []
    end, certified = ensemble.advance(ensemble.stacked(W), eta, 7, lambda *at: seen.append(at))
    assert seen[-1] == (7, 7)
    for b, model in enumerate(models):
        alone = descend(model, W[b], lam[b], eta[b], 7, level=6, radius_nodes=3)
        assert np.abs(end[b, : model.n] - alone.W).max() < 1e-13
    assert certified[0] == 7
    assert certified[-1] < 7


def test_the_chosen_rule_serves_every_model():
    """Catches a rule chosen for the first model alone: the last one has the widest norms."""
    models, lam, W = make(4)
    models[-1] = GenerativeModel(
        orthogonal(12, 4, 2, generator(9, "e")), UniformRadius(1.0, 3.0), support=UniformSupport(1)
    )
    lam[-1], W[-1] = 0.9, start("random", models[-1].dictionary, 1.3, 0.3, generator(9, "W"))
    ensemble = Ensemble.choose(models, W, lam)
    found = ensemble.gradient(ensemble.stacked(W))
    for b, model in enumerate(models):
        fine = PopulationRule(model, 40, 20).gradient(W[b], lam[b])
        assert np.linalg.norm(found.gradient[b, : model.n] - fine.gradient) < 1e-11 * fine.size
    first = choose_rule(models[0], W[0], lam[0])
    assert (first.level, first.radius_nodes) != (ensemble.level, ensemble.radius_nodes)


def test_what_does_not_fit_together_is_refused():
    models, lam, W = make(2)
    with pytest.raises(InvalidInput, match="models"):
        Ensemble([], 0.3)
    other = GenerativeModel(
        orthogonal(20, 5, 2, generator(0, "x")), ConstantRadius(1.0), support=UniformSupport(1)
    )
    with pytest.raises(InvalidInput, match="models"):
        Ensemble([*models, other], 0.3)
    with pytest.raises(InvalidInput, match="thresholds"):
        Ensemble(models, [0.1])
    bernoulli = [GenerativeModel(m.dictionary, m.radius, support=BernoulliSupport(0.4, 4)) for m in models]
    with pytest.raises(InvalidInput, match="support"):
        Ensemble(bernoulli, 0.3)
    mixed = [
        models[0],
        GenerativeModel(models[1].dictionary, TwoPointRadius(1.0, 1.2, 0.5), support=UniformSupport(1)),
    ]
    uneven = Ensemble(mixed, 0.3, radius_nodes=4)
    with pytest.raises(InvalidInput, match="radius"):
        uneven.gradient(uneven.stacked(W))
    ensemble = Ensemble(models, lam)
    for bad, name in [((W[:1],), "number of weights"), (([W[0], W[0]],), "shape of W")]:
        with pytest.raises(InvalidInput, match=name):
            ensemble.stacked(*bad)
    for eta, steps, name in [(0.0, 1, "eta"), (0.1, 0, "steps")]:
        with pytest.raises(InvalidInput, match=name):
            ensemble.advance(ensemble.stacked(W), eta, steps)


def test_rows_are_held_against_the_budget(monkeypatch):
    """Catches an ensemble that starts with more nodes than it may have, or refuses exactly as many."""
    models, lam, _ = make(2)
    rows = len(models[0].support.enumerate(models[0].G)[0]) * 2 * 5 * 3 // 2
    monkeypatch.setattr(ensemble, "BUDGET", rows)
    assert len(Ensemble(models, lam, level=5, radius_nodes=3)) == 2
    monkeypatch.setattr(ensemble, "BUDGET", rows - 1)
    with pytest.raises(TooLarge, match=f"= {rows} .*at most {rows - 1}"):
        Ensemble(models, lam, level=5, radius_nodes=3)


@pytest.mark.parametrize("d", [1, 2])
def test_an_ensemble_of_one_chooses_the_rule_of_its_model(d):
    """Catches a choice that reads a second model, or the ladder of another block size."""
    models, lam, W = make(1, d=d)
    found = Ensemble.choose(models, W, lam)
    alone = choose_rule(models[0], W[0], lam[0])
    assert (found.level, found.radius_nodes) == (alone.level, alone.radius_nodes)


def test_blocks_are_certified_by_their_spectral_norm():
    """Catches a certificate by Frobenius norms alone: 0.31 <= 0.35 < 0.44 is silent, and taken the quick way."""
    A = equiangular(8, 3, 2, mu=0.2, rng=generator(60, "A"))
    model = GenerativeModel(A, UniformRadius(1.0, 1.3), support=UniformSupport(1))
    group = Ensemble([model, model], [0.35, 0.3], level=4, radius_nodes=2)
    assert group.gradient(group.stacked([1.2 * A, 1.2 * A])).certified.tolist() == [True, False]
