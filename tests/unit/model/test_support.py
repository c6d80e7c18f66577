"""Laws of the support: enumeration, inclusion probabilities, samples."""

import itertools
import math

import numpy as np
import pytest

from gsae_theory.errors import InvalidInput, TooLarge
from gsae_theory.model.support import BernoulliSupport, UniformSupport, WeightedSupport
from gsae_theory.seeds import generator

WEIGHTS = (4.0, 1.0, 0.5, 2.0, 1.0)
LAWS = [
    (UniformSupport(1), 4),
    (UniformSupport(2), 5),
    (UniformSupport(3), 6),
    (WeightedSupport(1, WEIGHTS), 5),
    (WeightedSupport(2, WEIGHTS), 5),
    (WeightedSupport(3, WEIGHTS), 5),
    (BernoulliSupport(0.3, 4), 4),
]


def dictionary_of(supports, probabilities):
    return {frozenset(row[row >= 0].tolist()): p for row, p in zip(supports, probabilities, strict=True)}


@pytest.mark.parametrize(("law", "G"), LAWS)
def test_enumeration_is_a_law_with_the_stated_p_q_q2_and_deviations(law, G):
    supports, probabilities = law.enumerate(G)
    table = dictionary_of(supports, probabilities)
    assert len(table) == len(supports) == law.enumeration_size(G)
    assert probabilities.sum() == pytest.approx(1, abs=1e-14)
    groups = range(G)

    def chance(*members):
        return sum(p for S, p in table.items() if set(members) <= S)

    singles = np.array([chance(g) for g in groups])
    pairs = np.mean([chance(g, h) for g, h in itertools.permutations(groups, 2)])
    triples = np.mean([chance(*t) for t in itertools.permutations(groups, 3)])
    assert law.inclusion(G) == pytest.approx(singles, abs=1e-12)
    assert law.p(G) == pytest.approx(singles.mean())
    assert law.q(G) == pytest.approx(pairs / singles.mean())
    assert law.q2(G) == pytest.approx(triples / pairs if pairs else 0.0)
    assert law.dev_support_uniform(G) == pytest.approx(np.abs(singles / singles.mean() - 1).max(), abs=1e-11)
    missed = sum(p for S, p in table.items() if len(S) != law.gamma)
    assert law.dev_support_size(G) == pytest.approx(missed, abs=1e-14)


def test_weighted_probabilities_are_those_of_drawing_without_replacement():
    supports, probabilities = WeightedSupport(3, WEIGHTS).enumerate(5)
    total = sum(WEIGHTS)
    for row, probability in zip(supports, probabilities, strict=True):
        expected = 0.0
        for order in itertools.permutations([WEIGHTS[i] for i in row]):
            left, chance = total, 1.0
            for weight in order:
                chance, left = chance * weight / left, left - weight
            expected += chance
        assert probability == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("law", "G"), LAWS)
def test_samples_follow_the_enumerated_law(law, G, agrees):
    drawn = law.sample(generator(9, law.name, law.gamma), 60_000, G)
    assert drawn.dtype == np.int64
    inside = drawn >= 0
    assert ((np.diff(drawn, axis=1) > 0) | ~inside[:, 1:]).all(), (
        "ascending, without repetition, padded at the end"
    )
    code = (np.where(inside, 2 ** np.maximum(drawn, 0), 0)).sum(axis=1)
    supports, probabilities = law.enumerate(G)
    for row, probability in zip(supports, probabilities, strict=True):
        agrees(code == (2 ** row[row >= 0]).sum(), probability, 1.0, 0.02)


def test_large_supports_drawn_by_ranking_are_uniform(agrees):
    drawn = UniformSupport(20).sample(generator(10, "ranked"), 30_000, 23)
    assert drawn.shape == (30_000, 20)
    assert (np.diff(drawn, axis=1) > 0).all()
    for g in (0, 11, 22):
        agrees((drawn == g).any(axis=1), 20 / 23, 1.0, 0.03)


def test_inclusion_of_many_weighted_groups_sums_to_gamma_and_equal_weights_deviate_by_nothing():
    weights = tuple(1 / (g + 1) for g in range(300))
    assert WeightedSupport(3, weights).inclusion(300).sum() == pytest.approx(3, rel=1e-10)
    assert WeightedSupport(2, (0.5,) * 7).dev_support_uniform(7) == 0
    assert WeightedSupport(2, (0.5,) * 7).inclusion(7) == pytest.approx(np.full(7, 2 / 7), rel=1e-12)


def test_bernoulli_pads_to_the_largest_drawn_support():
    drawn = BernoulliSupport(0.02, 50).sample(generator(11), 200, 50)
    assert drawn.shape[1] < 10
    assert (drawn < 0).all(axis=1).any(), "some supports are empty"
    assert BernoulliSupport(1.0, 3).sample(generator(12), 2, 3).tolist() == [[0, 1, 2]] * 2


def test_too_many_supports_are_refused_with_the_way_out():
    with pytest.raises(TooLarge, match="sample instead"):
        UniformSupport(10).enumerate(200)
    assert UniformSupport(2).enumeration_size(300) == math.comb(300, 2)


@pytest.mark.parametrize(
    ("call", "nearest"),
    [
        (lambda: UniformSupport(3).sample(generator(0), 5, 2), 2),
        (lambda: UniformSupport(0), 1),
        (lambda: WeightedSupport(6, WEIGHTS), 5),
        (lambda: WeightedSupport(1, (1.0, -2.0)), 2.0),
        (lambda: WeightedSupport(1, WEIGHTS).sample(generator(0), 5, 4), "4 numbers"),
        (lambda: BernoulliSupport(1.5, 4), 1.0),
        (lambda: BernoulliSupport(0.0, 4), 0.25),
        (lambda: BernoulliSupport(0.5, 4).sample(generator(0), 5, 6), 6),
    ],
)
def test_bad_parameters_are_refused_with_the_nearest_choice(call, nearest):
    with pytest.raises(InvalidInput) as caught:
        call()
    assert caught.value.nearest == nearest
