"""The registered one-active-group theorems: hypotheses, bounds, rendering."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import gsae_theory.theory.theorems.gamma1 as rooms
from gsae_theory.theory.quantity import QUANTITIES, Environment
from gsae_theory.theory.spectral_region import region_values
from gsae_theory.theory.symbols import TABLE
from gsae_theory.theory.theorem import THEOREMS, get_theorem
from gsae_theory.theory.theorems.gamma1_hypotheses import (
    H2,
    H3,
    H3_PRIME,
    NO_ROOM_OUTSIDE,
    ROOM_OUTSIDE,
    SUPPORT_SPECTRAL,
    SUPPORT_WINDOW,
)

GAMMA1 = sorted(name for name in THEOREMS if name.startswith("gamma1."))
TRUE = [name for name in GAMMA1 if not THEOREMS[name].false]
FALSE = [name for name in GAMMA1 if THEOREMS[name].false]

INSTANCE = {
    "n": 64, "G": 8, "d": 4, "gamma": 1, "p": 1 / 8, "q": 0.0, "B_min": 1.0, "B_max": 1.2, "m1": 1.1,
    "m2": (1 + 1.2 + 1.44) / 3, "lam": 0.45, "mu": 0.05, "nu": 0.0, "sigma": 0.0, "delta": 0.1, "eta": 0.02,
    "dist0_max": 0.1, "D0_min": 0.01, "E0_min": 0.02, "zeta": 0.06, "eps": 0.05,
    **dict.fromkeys(
        (name for name in TABLE if name.startswith("dev_")), 0.0
    ),
}  # fmt: skip

COVARIATES = {
    "dist": 0.05, "dist0": 0.1, "iteration": 5, "E_norm": 0.01, "D_norm": 0.02, "grad_norm": 0.1,
    "dist_generating": 0.4, "sigma_min": 1.2, "leak": 0.1,
}  # fmt: skip


@pytest.fixture(scope="module")
def values() -> Environment:
    environment = Environment(INSTANCE)
    return environment.with_values(**region_values(environment))


def test_every_room_registered_something():
    assert {"contraction", "hessian", "support", "region", "larger_ball", "false"} <= set(rooms.__all__)
    assert len(TRUE) >= 30
    assert len(FALSE) >= 6
    assert "gamma1.unaligned" in FALSE


@pytest.mark.parametrize("name", GAMMA1)
def test_bound_and_margins_are_numbers_on_an_instance(name, values):
    theorem = get_theorem(name)
    assert math.isfinite(values.with_values(**COVARIATES).evaluate(theorem.bound))
    failing = {margin.assumption for margin in theorem.margins(values) if not margin.holds}
    assert failing <= {"square-block", "constant-norm", "small-step"}


@pytest.mark.parametrize("name", GAMMA1)
def test_latex_shows_mathematics_not_code(name):
    theorem = get_theorem(name)
    text = theorem.to_latex()
    names = [item for item in TABLE if "_" in item and TABLE[item].latex != item]
    pieces = re.findall(r"\\\(.*?\\\)|\\\[.*?\\\]|\\begin\{align\*\}.*?\\end\{align\*\}", text, flags=re.S)
    body = "\n".join(pieces)
    for code in names:
        printed_otherwise = any(code in entry.latex for entry in TABLE.values())
        assert printed_otherwise or not re.search(rf"(?<![A-Za-z\\]){code}(?![A-Za-z])", body), code
    assert not re.search(
        r"_(star|delta|opt|sq|cor|region|next|min|max)\b", body.replace(r"\max", "").replace(r"\min", "")
    )
    opened, closed = (len(re.findall(rf"(?<!\\)\\\{mark}", text)) for mark in "[]")  # not a row's \\[2pt]
    assert opened == closed
    assert opened or r"\begin{multline*}" in text or r"\begin{align*}" in text
    assert text.count(r"\(") == text.count(r"\)")
    assert text.count(r"\item") == len(theorem.hypotheses)


@pytest.mark.parametrize(
    "name", [item for item in QUANTITIES if QUANTITIES[item].source.startswith("gamma1")]
)
def test_quantity_latex(name):
    text = QUANTITIES[name].latex()
    assert text.count("{") == text.count("}")
    assert not re.search(r"[a-zA-Z]+_(star|delta|opt|ratio|lower|upper|region)", text)


@pytest.mark.parametrize(
    ("margin", "name"), [(H2, "H2"), (H3, "H3"), (H3_PRIME, "H3'"), (SUPPORT_WINDOW, "S")]
)
def test_hypotheses_hold_in_a_small_ball_and_fail_in_a_large_one(margin, name, values):
    assert margin.margin_on(values.with_values(delta=0.02)).holds, name
    assert not margin.margin_on(values.with_values(delta=0.9)).holds, name


def test_margins_are_unit_free(values):
    # Data and threshold in another unit: R -> 3R, lam -> 3 lam leave s, delta and every margin alone.
    scaled = {
        **INSTANCE,
        "B_min": 3.0,
        "B_max": 3.6,
        "m1": 3.3,
        "m2": 9 * INSTANCE["m2"],
        "lam": 1.35,
        "eta": 0.02 / 9,
    }
    other = Environment(scaled)
    other = other.with_values(**region_values(other))
    for name in GAMMA1:
        for one, two in zip(get_theorem(name).margins(values), get_theorem(name).margins(other), strict=True):
            assert one.value == pytest.approx(two.value, rel=1e-9, abs=1e-12), (name, one.assumption)


def test_support_window_is_sharp_at_both_ends(values):
    s, B_max, B_min = values["s"], 1.2, 1.0
    low, high = (s * 0.05 + 0.1) * B_max, (s - 0.1) * B_min
    # s is fixed here: the window of Theorem 1(b) holds for any s.
    for threshold, holds in (
        (low * 1.001, True),
        (low * 0.999, False),
        (high * 0.999, True),
        (high * 1.001, False),
    ):
        assert SUPPORT_WINDOW.margin_on(values.with_values(lam=threshold, s=s)).holds is holds


def test_spectral_window_charges_leakage_not_radius(values):
    wide = values.with_values(delta=0.35)
    assert not SUPPORT_WINDOW.margin_on(wide).holds
    assert SUPPORT_SPECTRAL.margin_on(wide.with_values(zeta=0.01)).holds
    # On the same radius (S') with zeta = delta asks for more than (S).
    assert (
        SUPPORT_SPECTRAL.margin_on(values.with_values(zeta=0.1)).value
        < SUPPORT_WINDOW.margin_on(values).value
    )


@pytest.mark.parametrize(("mu", "delta"), [(0.1, 0.0), (0.3, 0.0), (0.2, 0.1), (0.05, 0.3)])
def test_explicit_threshold_is_the_support_window_for_constant_radius(mu, delta):
    explicit = get_theorem("gamma1.support.threshold").hypotheses[-2]
    assert explicit.id == "explicit-threshold"
    base = {**INSTANCE, "B_max": 1.0, "m1": 1.0, "m2": 1.0, "mu": mu, "delta": delta}
    for threshold in np.linspace(0.02, 1.6, 80):
        at = Environment({**base, "lam": float(threshold)})
        assert explicit.margin_on(at).holds is SUPPORT_WINDOW.margin_on(at).holds, threshold
    edge = Environment({**base, "lam": 0.5})["s_edge"]
    if delta == 0:
        assert edge - 1 / edge == pytest.approx(mu / math.sqrt(1 - mu), rel=1e-12)


def test_square_and_tall_blocks_exclude_each_other(values):
    for n in (4, 5, 64):
        at = values.with_values(n=n)
        assert ROOM_OUTSIDE.margin_on(at).holds is (n > 4)
        assert NO_ROOM_OUTSIDE.margin_on(at).holds is (n == 4)


def test_regular_bound_at_distance_zero_is_the_sharp_rate(values):
    at = values.with_values(dist=1e-9)
    ratio = at.evaluate(get_theorem("gamma1.contraction").bound) / 1e-9
    assert ratio == pytest.approx(at.evaluate(get_theorem("gamma1.rate").bound), rel=1e-12)


def test_envelope_is_weaker_than_the_product_of_steps(values):
    contraction, envelope = get_theorem("gamma1.contraction"), get_theorem("gamma1.envelope")
    tau = 0.1
    for k in range(1, 40):
        tau = values.with_values(dist=tau).evaluate(contraction.bound)
        assert tau <= values.with_values(dist0=0.1, iteration=k).evaluate(envelope.bound) * (1 + 1e-12)


def test_mutants_claim_more_than_the_theorems(values):
    """A false contraction is stronger than the sharp rate admits; the others contradict exact values."""
    near = values.with_values(dist=1e-6)
    sharp = near.evaluate(get_theorem("gamma1.rate").bound)
    for name in ("false_rate_dimension", "false_rate_unshrunk"):
        assert near.evaluate(get_theorem(f"gamma1.{name}").bound) / 1e-6 < sharp - 1e-3
    true_limit = values.evaluate(get_theorem("gamma1.limit.generating").bound)
    assert true_limit == pytest.approx(2 * values.evaluate(get_theorem("gamma1.false_limit_distance").bound))


def test_region_theorems_name_what_is_not_certified():
    for name in GAMMA1:
        needs = {"K1a_min", "K1b_min", "mm_min", "mp_min", "Lb_max"}
        theorem = get_theorem(name)
        free = {item.name for hyp in theorem.hypotheses for item in hyp.margin.free_symbols}
        used = (free | {item.name for item in theorem.bound.free_symbols}) & needs
        assert used <= set(theorem.parameters.get("not_certified", ())), name
