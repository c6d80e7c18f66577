"""A client of the typed API, checked by `mypy --strict` as someone else's code would be (`make lint`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import gsae_theory
from gsae_theory import Setting, Status, Verdict, get_theorem, verify
from gsae_theory.errors import GsaeError, InvalidInput
from gsae_theory.model import GenerativeModel
from gsae_theory.model.spec import ModelSpec, build_model
from gsae_theory.report import ReportRecord, read_record
from gsae_theory.theory import Theorem


def model() -> GenerativeModel:
    return build_model(ModelSpec(dim=32, groups=8, block=2, dictionary="orthogonal", radius_max=1.2))


def slack(name: str) -> float | None:
    claim: Theorem = get_theorem(name)
    verdict: Verdict = verify(claim, model(), setting=Setting(lam=0.2, steps=20))
    if verdict.status is Status.HOLDS:
        return verdict.slack
    return None


def atoms() -> NDArray[np.float64]:
    return model().dictionary


def verdicts(path: Path) -> int:
    try:
        record: ReportRecord = read_record(path)
    except InvalidInput as problem:
        name: str = problem.name
        raise SystemExit(name) from problem
    except GsaeError:
        return 0
    return len(record.verdicts)


version: str = gsae_theory.__version__
