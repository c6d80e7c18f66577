"""Each dial breaks the hypothesis it names, at the boundary the theorem states, and no other.

Catches: a dial whose path crosses another hypothesis first, a boundary written down instead of found, a
dial that breaks nothing, hypotheses of the registry that no dial reaches.
"""

from __future__ import annotations

import pytest

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.explore import BASES, DIALS, STANDING, Case, Dial, get_dial, register_dial
from gsae_theory.explore.coverage import COVERED_BY, NOT_TURNED
from gsae_theory.explore.dial import sharp_position
from gsae_theory.explore.pairs import PairExplorer, common_base, turning_order
from gsae_theory.explore.plan import Budget
from gsae_theory.explore.theory import margins
from gsae_theory.theory import THEOREMS

STEP = 0.03


def failed(dial: Dial, t: float) -> set[str]:
    return {m.assumption for m in margins(dial.case(dial.natural(t)), dial.theorem) if not m.holds}


@pytest.mark.parametrize("name", DIALS)
def test_a_dial_breaks_what_it_names_and_nothing_else(name: str) -> None:
    dial = DIALS[name]
    theory = dial.theory()
    assert failed(dial, 0.0) == set()
    assert failed(dial, max(theory - STEP, 0.0)) == set()
    if set(dial.breaks) <= set(STANDING):
        assert failed(dial, theory + STEP) == set()
        return
    beyond = failed(dial, theory + STEP)
    assert set(dial.breaks) & beyond == set(dial.breaks)
    assert beyond <= {*dial.breaks, *dial.implies}
    # The hypotheses are those of the theorem that the dial is about.
    assert set(dial.breaks) <= {item.id for item in THEOREMS[dial.theorem].hypotheses}


@pytest.mark.parametrize("name", DIALS)
def test_the_path_goes_on_beyond_the_boundary(name: str) -> None:
    dial = DIALS[name]
    base = BASES[dial.base]
    assert dial.position(dial.far) > max(dial.theory(), 0.5)
    assert dial.position(dial.satisfied) == 0
    sharp = sharp_position(dial, base)
    if sharp is not None:
        # What the theory predicts to be sharp cannot lie inside the hypotheses.
        assert dial.theory() <= sharp < dial.position(dial.far)


def test_every_hypothesis_of_the_registry_has_a_dial_or_a_reason() -> None:
    known = {item.id for theorem in THEOREMS.values() for item in theorem.hypotheses}
    assert known == {*COVERED_BY, *NOT_TURNED} & known, sorted(known - {*COVERED_BY, *NOT_TURNED})
    assert not {*COVERED_BY, *NOT_TURNED} - known, "names hypotheses that no theorem has"
    assert {name for names in COVERED_BY.values() for name in names} <= set(DIALS)
    turned = {name for dial in DIALS.values() for name in dial.breaks}
    assert set(STANDING) <= turned


def squeeze(case: Case, share: float) -> Case:
    return case.but(radius_min=1.0, radius_max=1.0 + share)


def test_registration_checks_names() -> None:
    good = {
        "title": "x",
        "value": "x",
        "breaks": ("support-window",),
        "turn": squeeze,
        "satisfied": 0.1,
        "far": 3.0,
    }
    with pytest.raises(InvalidInput, match="dial id"):
        register_dial(Dial("coherence", **good))  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="theorem"):
        register_dial(Dial("new", theorem="gamma1.contractoin", **good))  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="base"):
        register_dial(Dial("new", base="three", **good))  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="nearest valid choice: 'coherence'"):
        get_dial("coherenc")
    assert "new" not in DIALS


def test_pairs_compose_or_are_refused() -> None:
    assert common_base(DIALS["noise-level"], DIALS["independence"]) == "two"
    # The step dial fixes the distance that the start dial varies, so it has to be applied first.
    assert turning_order(DIALS["start-distance"], DIALS["step-size"], BASES["one"]) == (1, 0)
    with pytest.raises(InvalidInput, match="both turn lam"):
        turning_order(DIALS["threshold-low"], DIALS["threshold-high"], BASES["one"])
    pair = PairExplorer(DIALS["coherence"], DIALS["noise-level"], Budget(points=3))
    case = pair.case((0.0, 1.0))
    assert (case.mu, case.noise) == (0.02, 0.1)
    assert pair.admitted((0.5, 0.0))
    assert not pair.admitted((0.5, 1.0))
    assert not pair.admitted((1.2, 0.0))
