"""The shipped specs say what they promise: everything as expected, or everything out of scope.

Catches: a change of a bound, an observable or a tolerance after which the default report has an open verdict.
"""

from __future__ import annotations

import pytest

from gsae_theory.check import Status
from gsae_theory.spec import read_spec, shipped_specs
from gsae_theory.verification import run_cases

DEFAULT = {case.id: case for case in read_spec("default").case}
OUTSIDE = {case.id: case for case in read_spec("outside").case}


@pytest.mark.parametrize("name", DEFAULT)
def test_every_verdict_of_the_default_report_is_as_expected(name: str) -> None:
    (run,) = run_cases([DEFAULT[name]])
    odd = [(v.theorem, v.status.name, v.reason) for v in run.verdicts if not v.as_expected]
    assert odd == []


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_misses_a_hypothesis_is_out_of_scope(name: str) -> None:
    (run,) = run_cases([OUTSIDE[name]])
    assert {v.status for v in run.verdicts} == {Status.OUT_OF_SCOPE}
    assert all(v.margins and min(m.value for m in v.margins) <= 0 for v in run.verdicts)


def test_every_shipped_spec_is_valid() -> None:
    assert {"default", "outside", "configurations"} <= set(shipped_specs())
    for name in shipped_specs():
        assert read_spec(name).case
