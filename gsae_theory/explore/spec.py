"""What an exploration is asked to do, from a TOML file or from defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gsae_theory.errors import InvalidInput, UnknownName, admissible_by
from gsae_theory.explore.case import case_of
from gsae_theory.explore.plan import Budget
from gsae_theory.files import read_toml

LARGEST = 100_000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


class BudgetSpec(_Strict):
    """How much is computed per assumption."""

    first: int = Field(10, ge=1, le=10_000, description="trials per value; 10 of 10 decide")
    most: int = Field(40, ge=1, le=100_000, description="trials at one value, at most")
    points: int = Field(7, ge=2, le=200, description="values of the first grid")
    rounds: int = Field(6, ge=0, le=40, description="rounds of refinement around the breaking point")


class ExploreSpec(_Strict):
    """An exploration."""

    seed: int = Field(0, ge=0, description="seed of every trial")
    budget: BudgetSpec = BudgetSpec()
    base: dict[str, int | float | str] = Field(
        default_factory=dict, description="fields of every base case to be replaced, e.g. lam = 0.3"
    )

    def limits(self) -> Budget:
        """Return the budget for the plan."""
        return Budget(**self.budget.model_dump())


def read_spec(path: str | Path | None, seed: int | None = None) -> ExploreSpec:
    """Return the spec in a TOML file (the default one for None), with another seed if one is given.

    Raises
    ------
    UnreadableFile
        If there is no such file, or it is no TOML.
    InvalidInput, UnknownName
        For the first key that is wrong.
    """
    data: dict[str, Any] = {}
    if path is not None:
        data = read_toml(Path(path), LARGEST, "the spec")
    if seed is not None:
        data = {**data, "seed": seed}
    try:
        found = ExploreSpec(**data)
    except ValidationError as problem:
        raise _typed(problem) from None
    case_of(found.base)
    return found


def _typed(problem: ValidationError) -> InvalidInput:
    error = problem.errors(include_url=False)[0]
    key = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        inside = BudgetSpec if key.startswith("budget") else ExploreSpec
        return UnknownName("key of the spec", str(error["loc"][-1]), inside.model_fields)
    return InvalidInput(key, error["input"], *admissible_by(error))
