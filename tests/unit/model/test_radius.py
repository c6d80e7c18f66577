"""Laws of the norm: moments against independent integrals, samples, and Gauss rules."""

import math

import pytest
from scipy import integrate, stats

from gsae_theory.errors import InvalidInput
from gsae_theory.model.radius import (
    RADIUS_LAWS,
    ConstantRadius,
    NearZeroRadius,
    ParetoRadius,
    TruncatedExponentialRadius,
    TruncatedNormalRadius,
    TwoPointRadius,
    UniformRadius,
)
from gsae_theory.seeds import generator

POWERS = (-2, -1, 0, 1, 2, 3, 4)

# Law and an independent density on its interval
SMOOTH = [
    (UniformRadius(0.7, 1.6), lambda r: 1.0),
    (TruncatedNormalRadius(0.5, 2.0, 0.9, 0.4), lambda r: stats.norm.pdf(r, 0.9, 0.4)),
    (TruncatedNormalRadius(1.0, 2.0, 0.2, 0.3), lambda r: stats.norm.pdf(r, 0.2, 0.3)),  # mean outside
    (TruncatedExponentialRadius(0.8, 1.5, 0.25), lambda r: stats.expon.pdf(r, 0.8, 0.25)),
    (NearZeroRadius(1.3, 2.5), lambda r: r**1.5),
]
BOUNDED = [law for law, _ in SMOOTH] + [ConstantRadius(1.1), TwoPointRadius(0.9, 1.4, 0.3)]


@pytest.mark.parametrize(("law", "density"), SMOOTH)
def test_moments_are_the_integrals_of_the_density(law, density):
    def integral(k):
        return integrate.quad(lambda r: r**k * density(r), law.B_min, law.B_max, epsabs=0, epsrel=1e-12)[0]

    for k in POWERS:
        assert law.moment(k) == pytest.approx(integral(k) / integral(0), rel=1e-9)


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (1.0, 1.0 + 1e-9), (1e-3, 5.0)])
def test_uniform_moments_lose_nothing_on_narrow_and_wide_intervals(low, high):
    law, fine = UniformRadius(low, high), TruncatedNormalRadius(low, high, 0.5 * (low + high), 1e9)
    for k in POWERS:
        assert law.moment(k) == pytest.approx(fine.moment(k), rel=1e-12)


def test_a_narrow_density_on_a_wide_interval_is_resolved():
    law = TruncatedNormalRadius(1e-3, 100.0, 2.0, 1e-4)
    assert law.moment(1) == pytest.approx(2.0, rel=1e-13)
    assert law.moment(2) - law.moment(1) ** 2 == pytest.approx(1e-8, rel=1e-5)
    assert TruncatedExponentialRadius(1.0, 1e4, 0.5).moment(1) == pytest.approx(1.5, rel=1e-12)


def test_constant_and_two_point_moments():
    assert [ConstantRadius(2.0).moment(k) for k in (-2, 1, 4)] == [0.25, 2.0, 16.0]
    assert TwoPointRadius(1.0, 2.0, 0.25).moment(2) == pytest.approx(0.75 + 1.0)


@pytest.mark.parametrize("law", BOUNDED)
def test_samples_lie_in_the_interval_and_have_the_moments(law, agrees):
    draws = law.sample(generator(1, "radius", law.name), (200, 500))
    assert draws.shape == (200, 500)
    assert draws.min() >= law.B_min
    assert draws.max() <= law.B_max
    for k in (1, 2) if law.B_min == 0 else (-2, 1, 2):
        ends = [law.B_min**k, law.B_max**k]
        agrees(draws**k, law.moment(k), abs(ends[1] - ends[0]), 0.05)


@pytest.mark.parametrize("law", BOUNDED)
@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_gauss_rule_is_exact_to_degree_two_count_minus_one(law, count):
    points, weights = law.nodes(count)
    assert len(points) == len(weights) <= max(count, 1)
    assert (weights >= 0).all()
    assert points.min() >= law.B_min
    assert points.max() <= law.B_max
    for k in range(min(2 * count, 5)):
        assert weights @ points**k == pytest.approx(law.moment(k), rel=1e-11)


def test_gauss_rule_of_a_smooth_law_converges_for_negative_powers():
    points, weights = TruncatedNormalRadius(0.5, 2.0, 0.9, 0.4).nodes(24)
    assert weights @ points**-2.0 == pytest.approx(
        TruncatedNormalRadius(0.5, 2.0, 0.9, 0.4).moment(-2), rel=1e-12
    )


def test_heavy_tail_is_unbounded_with_infinite_moments_and_refuses_quadrature(agrees):
    law = ParetoRadius(1.2, 2.5)
    assert (law.B_max, law.dev_radius_bound, law.breaks) == (math.inf, 1.0, ("bounded-norm",))
    assert law.moment(3) == math.inf
    for k in (-2, -1, 1, 2):
        expected = integrate.quad(lambda r, k=k: 2.5 * 1.2**2.5 * r ** (k - 3.5), 1.2, math.inf)[0]
        assert law.moment(k) == pytest.approx(expected, rel=1e-7)
    draws = law.sample(generator(2, "pareto"), 100_000)
    agrees(draws > 2.4, 2.0**-2.5, 1.0, 0.02)
    assert draws.min() >= 1.2
    with pytest.raises(InvalidInput, match="bounded law"):
        law.nodes(4)


def test_near_zero_has_no_lower_bound_and_infinite_inverse_moments():
    law = NearZeroRadius(1.0)
    assert (law.B_min, law.dev_radius_bound) == (0.0, 1.0)
    assert law.moment(-1) == math.inf
    assert NearZeroRadius(1.0, 3.0).moment(-2) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("make", "nearest"),
    [
        (lambda: UniformRadius(2.0, 1.0), 1.0),
        (lambda: UniformRadius(-1.0, 1.0), 1.0),
        (lambda: UniformRadius(math.nan, 1.0), None),
        (lambda: TwoPointRadius(1.0, 2.0, 1.5), 1.0),
        (lambda: TruncatedNormalRadius(1.0, 2.0, 1.5, 0.0), None),
        (lambda: ParetoRadius(1.0, -3.0), 3.0),
        (lambda: ConstantRadius("one"), None),
    ],
)
def test_bad_parameters_are_refused_with_the_nearest_choice(make, nearest):
    with pytest.raises(InvalidInput) as caught:
        make()
    if nearest is not None:
        assert caught.value.nearest == nearest


def test_registry_names_every_law():
    assert {"constant", "uniform", "two_point", "truncated_normal", "truncated_exponential"} < set(
        RADIUS_LAWS
    )
    assert [name for name, law in RADIUS_LAWS.items() if law.dev_radius_bound] == [
        "heavy_tailed",
        "near_zero",
    ]
