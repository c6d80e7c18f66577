"""Run mutants: the same verification as for a true claim, then the tightness claim."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gsae_theory.check import Context, Status, Verdict
from gsae_theory.errors import GsaeError
from gsae_theory.falsify.cases import CASES
from gsae_theory.falsify.mutant import Mutant, MutantResult
from gsae_theory.falsify.tightness import attained_rows, bounds_on, lost_row
from gsae_theory.falsify.values import BenchContext
from gsae_theory.model.spec import build_model
from gsae_theory.pipeline import verify
from gsae_theory.strategies import Instance

SAME = 1e-12
"""Relative difference up to which a mutant's bound is the true bound."""


@dataclass
class Runner:
    """Reference cases, built once each and shared by all mutants.

    Parameters
    ----------
    seed : int, optional
        Seed of every case (dictionary, start, samples), instead of the stored one.
    """

    seed: int | None = None
    _contexts: dict[str, BenchContext] = field(default_factory=dict, repr=False)
    _baselines: dict[tuple[str, str], Verdict] = field(default_factory=dict, repr=False)

    def instance(self, case: str) -> Instance:
        """Return the reference case, re-seeded if the bench has a seed."""
        instance = CASES[case]
        if self.seed is None:
            return instance
        model = instance.model.model_copy(update={"seed": self.seed})
        return Instance(model, replace(instance.setting, seed=self.seed))

    def context(self, case: str) -> BenchContext:
        """Return the context of a case."""
        if case not in self._contexts:
            instance = self.instance(case)
            self._contexts[case] = BenchContext(build_model(instance.model), instance.setting)
        return self._contexts[case]

    def baseline(self, mutant: Mutant, case: str) -> Verdict:
        """Return the verdict of the true claim on a case."""
        key = (mutant.base.id, case)
        if key not in self._baselines:
            context = self.context(case)
            self._baselines[key] = verify(mutant.base, context.model, context=context)
        return self._baselines[key]

    def _located(self, case: str, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row with the case it comes from."""
        instance = self.instance(case)
        model = instance.model.model_dump(exclude_defaults=True)
        return {**row, "case": case, "model": model, "setting": {"lam": instance.setting.lam}}

    def run(self, mutant: Mutant) -> MutantResult:
        """Try a mutant on its cases until it falls.

        Raises
        ------
        FalseAlarm
            If the true claim is refuted on a case.
        """
        began, notes, compared = time.perf_counter(), [], 0

        def result(status: Any, killed_by: str | None, witness: Any, reason: str) -> MutantResult:
            return MutantResult(
                mutant, status, killed_by, witness, reason, time.perf_counter() - began, compared
            )

        same, weaker, defined = True, True, False
        for case in mutant.cases:
            context = self.context(case)
            truth = self.baseline(mutant, case)
            if truth.status is Status.REFUTED and not mutant.base.false:
                raise FalseAlarm(f"{mutant.base.id} is refuted on the case {case}: {truth.witness}")
            if mutant.overrides:
                context = replace(context, overrides=mutant.overrides)
            verdict = verify(mutant.claim, context.model, context=context)
            compared += verdict.comparisons
            if verdict.status is Status.REFUTED:
                witness = self._located(case, verdict.witness)
                return result("REFUTED", f"violation on {case}", witness, verdict.reason)
            if verdict.status is Status.OUT_OF_SCOPE:
                notes.append(f"{case}: out of scope")
                continue
            lost = None
            if truth.status in (Status.HOLDS, Status.NOT_CERTIFIED):
                lost = lost_row(mutant.base, mutant.claim, context.for_theorem(mutant.base))
            if lost is not None:
                lost = self._located(case, lost)
                return result("REFUTED", f"tightness on {case}", lost, "weaker than a bound that is attained")
            same = same and _compared(mutant, context, "same")
            weaker = weaker and _compared(mutant, context, "weaker")
            defined = defined or "not a finite number" not in verdict.reason
            notes.append(f"{case}: {_slack_note(truth, verdict, mutant, context)}")
        if same and compared:
            return result("EQUIVALENT", None, None, f"equal to the true bound on all {compared} rows tried")
        text = "; ".join(notes) or "no case"
        if compared and not defined:
            return result("UNDEFINED", None, None, "the changed formula is not a real number on any case")
        if compared and weaker:
            return result("WEAKER", None, None, f"weaker than the true bound, which no row attains: {text}")
        return result("SURVIVED", None, None, text)


class FalseAlarm(GsaeError, AssertionError):
    """A true claim was refuted on a reference case: either it is false or the run is wrong."""


def _compared(mutant: Mutant, context: Context, how: str) -> bool:
    """Return whether the mutant's bound is the true one (or weaker) on every row of the case."""
    base, claim = mutant.base, mutant.claim
    if (claim.observable, claim.relation) != (base.observable, base.relation):
        return False
    if (claim.hypotheses, claim.activation) != (base.hypotheses, base.activation) or mutant.overrides:
        return False
    context = context.for_theorem(base)
    environment, measurement = context.env_for(base), context.measure(base)
    true, other = (bounds_on(item, environment, measurement) for item in (base, claim))
    if how == "same":
        return bool(np.allclose(true, other, rtol=SAME, atol=0.0))
    if base.relation == "==":
        return False
    room = SAME * np.abs(true)
    return bool(np.all(other >= true - room if base.relation == "<=" else other <= true + room))


def _slack_note(truth: Verdict, verdict: Verdict, mutant: Mutant, context: Context) -> str:
    if verdict.status is Status.UNDECIDED:
        return f"undecided ({verdict.reason})"
    slack = "none" if truth.slack is None else f"{truth.slack:.4g}"
    other = "none" if verdict.slack is None else f"{verdict.slack:.4g}"
    attained = 0
    if truth.status in (Status.HOLDS, Status.NOT_CERTIFIED):
        attained = attained_rows(mutant.base, context.for_theorem(mutant.base))
    return f"holds with slack {other}, the true bound with {slack}, attained on {attained} rows"


def run_mutants(
    mutants: Iterable[Mutant], seed: int | None = None, progress: Callable[[str], None] | None = None
) -> list[MutantResult]:
    """Run mutants on one bench; `progress` is told each id before it runs."""
    runner, results = Runner(seed), []
    for mutant in mutants:
        if progress is not None:
            progress(mutant.id)
        results.append(runner.run(mutant))
    return results
