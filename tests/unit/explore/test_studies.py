"""Attacks measure what the conjectures are about.

Catches: a coefficient with a wrong factor (its value near the limit is known from the Hessian), a search
that leaves the hypotheses, a loss compared on the rule that was minimised.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from gsae_theory.errors import UnknownName
from gsae_theory.explore.attacks import ATTACKS, _aligned, attack, block_gradient, environment
from gsae_theory.explore.studies import ATTACKED, CLAIMS, basin_dials


def test_the_coefficient_of_c1_at_small_radius_is_the_hessian() -> None:
    """d <G0, E>/(kap0^2 ||E||^2) tends to d h/kap0^2 with h the curvature of Theorem 3, per direction."""
    lam, d = 0.45, 2
    env = environment(lam, d, d + 1)
    s, kap0sq = float(env["s"]), float(env["kap0sq"])
    assert s == pytest.approx(lam / 2 + math.sqrt(1 + lam**2 / 4))
    for direction, name in ((np.diag([1.0, -1.0]), "hess_traceless"), (np.eye(2), "hess_trace")):
        E = 1e-5 * direction
        G0, _ = block_gradient(s * np.eye(d) + E, np.zeros((1, d)), lam, 24)
        ratio = d * np.sum(G0 * E) / (kap0sq * np.sum(E * E))
        assert ratio == pytest.approx(d * float(env[name]) / kap0sq, rel=1e-4)
        assert ratio > 4
    _, slope = block_gradient(s * np.eye(d), 1e-5 * np.ones((1, d)), lam, 24)
    np.testing.assert_allclose(slope, 1e-5 * float(env["kappa_star"]), rtol=1e-6)


@pytest.mark.parametrize(
    "item", [ATTACKED[0], ATTACKED[3], ATTACKED[6], ATTACKED[-4]], ids=lambda i: i["conjecture"]
)
def test_an_attack_stays_on_the_right_side(item: dict[str, object]) -> None:
    """C2 with k <= 1 is proved: a search that beats it has left the hypotheses."""
    relation, claim, _ = CLAIMS[str(item["conjecture"])]
    found = attack({**item, "trial": 0}, 0)
    assert found == attack({**item, "trial": 0}, 0)
    assert found["value"] >= claim - 1e-9 if relation == "at least" else found["value"] <= claim + 1e-9
    assert set(CLAIMS) == set(ATTACKS) == {str(other["conjecture"]) for other in ATTACKED}
    with pytest.raises(UnknownName, match="gamma1 C1"):
        attack({"conjecture": "gamma1 C0"}, 0)


def test_two_sided_units_reach_the_scaled_dictionary() -> None:
    """Several searches: the best one ends at the loss of the scaled dictionary, none below it."""
    item = {"conjecture": "side C1", "d": 2, "lam": 0.45}
    values = [attack({**item, "trial": k}, k) for k in range(6)]
    best = min(values, key=lambda found: found["value"])
    assert best["value"] == pytest.approx(1.0, abs=1e-4)
    assert best["value"] > 1 - best["resolution"] - 1e-6


def test_alignment_leaves_the_symmetric_factor() -> None:
    C = np.array([[1.0, 0.4], [-0.2, 0.9]])
    P = _aligned(C)
    np.testing.assert_allclose(P, P.T)
    np.testing.assert_allclose(P @ P, C @ C.T)


def test_basin_dials_measure_in_units_of_delta_max() -> None:
    dials = basin_dials()
    assert len({dial.id for dial in dials}) == len(dials) == 17
    for dial in dials:
        case = dial.case(dial.natural(1.0))
        assert case.distance == pytest.approx(dial.unit, rel=1e-9)
        assert dial.position(dial.far) > 2
