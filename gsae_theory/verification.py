"""From a spec (or from options) to verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from gsae_theory.check import Context, Verdict
from gsae_theory.errors import InvalidInput
from gsae_theory.model.spec import ModelSpec, build_model
from gsae_theory.pipeline import verify
from gsae_theory.replay import replay_case
from gsae_theory.spec import CaseSpec, Spec, TrainSpec, parse, read_spec

DEFAULT_SPEC = "default"
DEFAULT_CLAIMS = ("gamma1.*",)


def cases_to_run(
    spec_name: str | None,
    case_ids: Iterable[str],
    theorems: Iterable[str],
    model: dict[str, Any],
    train: dict[str, Any],
) -> list[CaseSpec]:
    """Return the cases that the options of `gsae verify` name.

    Without model or training options the cases come from a spec (the default one if none is named);
    with them they are one instance. `seed` alone re-seeds the cases of a spec.

    Raises
    ------
    InvalidInput
        If a spec and an instance are both given.
    """
    own = {name: value for name, value in {**model, **train}.items() if name != "seed"}
    case_ids, theorems = tuple(case_ids), tuple(theorems)
    if own and (spec_name or case_ids):
        given = "--" + next(iter(own)).replace("_", "-")
        raise InvalidInput(
            "options", given, "either a spec (--spec, --case) or an instance, not both", "--spec alone"
        )
    if own:
        fields = {"id": "instance", "theorems": theorems or DEFAULT_CLAIMS, "model": model, "train": train}
        return [parse(CaseSpec, fields, "instance")]
    spec: Spec = read_spec(spec_name or DEFAULT_SPEC)
    cases = [spec.get_case(name) for name in case_ids] if case_ids else list(spec.case)
    if "seed" in model:
        cases = [reseeded(case, model["seed"]) for case in cases]
    return [narrowed for case in cases if (narrowed := _narrowed(case, theorems)) is not None]


def reseeded(case: CaseSpec, seed: int) -> CaseSpec:
    """Return the case with another seed for its model and its run."""
    model = ModelSpec.model_validate({**case.model.model_dump(), "seed": seed})
    train = TrainSpec.model_validate({**case.train.model_dump(), "run_seed": None})
    return case.model_copy(update={"model": model, "train": train})


def _narrowed(case: CaseSpec, theorems: tuple[str, ...]) -> CaseSpec | None:
    """Return the case with only the claims that `theorems` name, None if there are none."""
    if not theorems:
        return case
    wanted = set(case.model_copy(update={"theorems": theorems}).theorem_ids())
    kept = tuple(name for name in case.theorem_ids() if name in wanted)
    return case.model_copy(update={"theorems": kept}) if kept else None


@dataclass(frozen=True)
class CaseRun:
    """A case that was verified: what was run, and how the claims came out."""

    case: CaseSpec
    context: Context
    verdicts: list[Verdict]


def run_cases(cases: Iterable[CaseSpec], step: Callable[[str], None] | None = None) -> Iterator[CaseRun]:
    """Verify case after case; `step` is told the name of each claim before it is checked."""
    for case in cases:
        context = Context(build_model(case.model), case.setting())
        verdicts = []
        for name in case.theorem_ids():
            if step is not None:
                step(f"{case.id}: {name}")
            found = verify(name, context.model, context=context, replay=replay_case(name, case))
            verdicts.append(replace(found, extra={"case": case.id}))
        yield CaseRun(case, context, verdicts)
