"""Spec files: small TOML texts that say what to verify; validated before anything runs."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gsae_theory.check import Setting
from gsae_theory.check.context import admit_level
from gsae_theory.errors import InvalidInput, UnknownName, admissible_by
from gsae_theory.files import read_toml
from gsae_theory.model.spec import ModelSpec
from gsae_theory.network import ACTIVATIONS
from gsae_theory.simulate.starts import STARTS
from gsae_theory.theory import THEOREMS

MAX_SPEC_BYTES = 1_000_000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class TrainSpec(_Strict):
    """How the network is started and trained."""

    lam: float = Field(0.45, gt=0, description="threshold lambda, below 2 E R (R: norm of an active block)")
    eta: float | str = Field(
        "auto", description="step in units of eta/p, or a quantity's name: eta_max, eta_bar, eta_opt, ..."
    )
    delta: float | str = Field(
        "auto", description="radius of the ball around s* A (the limit), or auto: the largest admissible"
    )
    fraction: float = Field(0.9, gt=0, le=1, description="share of the radius: for auto, and for the start")
    start: str = Field("random", description="kind of start: " + ", ".join(STARTS))
    rotated: bool = Field(True, description="rotate every block of the start at random")
    steps: int = Field(200, ge=1, le=1_000_000, description="gradient steps")
    gradient: Literal["population", "minibatch", "sample"] = Field(
        "population",
        description="expected gradient by quadrature, fresh samples at every step, or one sample kept",
    )
    samples: int = Field(10_000, ge=1, description="samples per gradient unless it is exact")
    activation: str = Field("group_relu", description="activation of the network: " + ", ".join(ACTIVATIONS))
    level: int | None = Field(
        None, ge=1, le=200, description="quadrature level; left out: chosen by node doubling"
    )
    accuracy: float = Field(1e-12, gt=0, lt=1, description="relative quadrature error to aim at")
    run_seed: int | None = Field(
        None, ge=0, description="seed of start and samples; left out: the model's seed"
    )

    @model_validator(mode="after")
    def _consistent(self) -> TrainSpec:
        self.setting(0)  # names that do not exist, before the first case is run
        return self

    def setting(self, model_seed: int) -> Setting:
        """Return the setting for the check room."""
        values = self.model_dump()
        seed = values.pop("run_seed")
        return Setting(**values, seed=model_seed if seed is None else seed)


class CaseSpec(_Strict):
    """One instance and the theorems to hold against it."""

    id: str = Field(min_length=1, max_length=80)
    theorems: tuple[str, ...] = Field(min_length=1, description="ids, or patterns like gamma1.*")
    model: ModelSpec
    train: TrainSpec = TrainSpec()

    @model_validator(mode="after")
    def _admit_level(self) -> CaseSpec:
        admit_level(self.train.level, self.model.block)
        return self

    def setting(self) -> Setting:
        """Return the training setting of the case."""
        return self.train.setting(self.model.seed)

    def theorem_ids(self) -> list[str]:
        """Return the ids that the patterns name, in registry order for a pattern.

        Raises
        ------
        UnknownName
            For an id or pattern that matches nothing.
        """
        found: dict[str, None] = {}
        for pattern in self.theorems:
            names = [name for name in THEOREMS if fnmatchcase(name, pattern)]
            if not names:
                raise UnknownName("theorem", pattern, THEOREMS)
            found.update(dict.fromkeys(names))
        return list(found)


class SupportScan(_Strict):
    """Support recovery against lambda on the model of a case."""

    case: str
    points: int = Field(41, ge=3, le=1000)
    samples: int = Field(4000, ge=10, le=10_000_000)


class ReportSpec(_Strict):
    """What the report draws; each name is the id of a case."""

    main: str | None = Field(None, description="case whose bounds are tabled; the first one if left out")
    contraction: tuple[str, ...] = ()
    floors: tuple[str, ...] = ()
    support: SupportScan | None = None
    spectrum: str | None = None
    unaligned: str | None = None
    digits: bool = False
    joined: dict[str, str] = Field(
        default_factory=dict,
        description="records of other commands by name, paths relative to the spec; a missing file is said on the page",
    )


class Spec(_Strict):
    """A whole spec file."""

    title: str = Field("gsae_theory report", max_length=200)
    seed: int = Field(0, ge=0)
    case: tuple[CaseSpec, ...] = Field(min_length=1)
    report: ReportSpec = ReportSpec()

    @model_validator(mode="after")
    def _names(self) -> Spec:
        ids = [case.id for case in self.case]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise InvalidInput("case.id", twice[0], "an id that no other case has", f"{twice[0]}-2")
        for case in self.case:
            case.theorem_ids()
        used = [*self.report.contraction, *self.report.floors]
        used += [self.report.support.case] if self.report.support else []
        used += [name for name in (self.report.main, self.report.spectrum, self.report.unaligned) if name]
        for name in used:
            if name not in ids:
                raise UnknownName("report case", name, ids)
        return self

    def get_case(self, name: str) -> CaseSpec:
        """Return the case called `name`, or raise UnknownName."""
        for case in self.case:
            if case.id == name:
                return case
        raise UnknownName("case", name, [case.id for case in self.case])


def spec_folders() -> list[Path]:
    """Return the folders in which shipped specs are looked for."""
    package = Path(__file__).resolve().parent
    return [package / "specs", package.parent / "reports" / "specs"]


def shipped_specs() -> dict[str, Path]:
    """Return the shipped specs by name."""
    found: dict[str, Path] = {}
    for folder in spec_folders():
        for path in sorted(folder.glob("*.toml")):
            found.setdefault(path.stem, path)
    return found


def spec_path(where: str | Path) -> Path:
    """Return the path of a spec file, or of a shipped spec by its name.

    Raises
    ------
    UnknownName
        For a name without suffix that is not shipped.
    """
    path = Path(where)
    if path.suffix:
        return path
    shipped = shipped_specs()
    if str(where) not in shipped:
        raise UnknownName("spec (give a path that ends in .toml, or a shipped one)", str(where), shipped)
    return shipped[str(where)]


def read_spec(where: str | Path) -> Spec:
    """Read and validate a spec file, or a shipped spec by its name.

    Raises
    ------
    UnreadableFile
        If the file is missing, too large, not UTF-8 or not TOML.
    InvalidInput, UnknownName
        With the key, the value given, what is admissible and the nearest valid choice.
    """
    path = spec_path(where)
    return parse(Spec, read_toml(path, MAX_SPEC_BYTES, "the spec"), str(path.name))


def parse(kind: type[Any], data: dict[str, Any], name: str) -> Any:
    """Validate `data` as `kind`; the first problem becomes a typed error that names the key."""
    try:
        return kind.model_validate(data)
    except ValidationError as problem:
        raise _first_error(kind, problem, name, data) from None


def _first_error(
    kind: type[BaseModel], problem: ValidationError, name: str, data: dict[str, Any]
) -> InvalidInput:
    # A misspelt key is also a missing one: name the spelling first.
    errors = problem.errors(include_url=False)
    error = next((item for item in errors if item["type"] == "extra_forbidden"), errors[0])
    place = _place(error["loc"], data)
    label = f"{name}: {place}" if place else name
    known = _fields_at(kind, error["loc"][:-1])
    if error["type"] == "extra_forbidden":
        inside = _place(error["loc"][:-1], data)
        return UnknownName(f"{name}: {inside + ' ' if inside else ''}key", str(error["loc"][-1]), known)
    if error["type"] == "missing":
        return InvalidInput(label, None, "a value is required")
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, InvalidInput):
        # A file has many cases; the options of a command have their own names.
        return cause.located(label) if name.endswith(".toml") else cause
    return InvalidInput(label, error["input"], *admissible_by(error))


def _place(path: tuple[int | str, ...], data: dict[str, Any]) -> str:
    """Return the keys that lead to an error, a case by its id."""
    if len(path) > 1 and path[0] == "case" and isinstance(path[1], int):
        case = data["case"][path[1]]
        if isinstance(case, dict) and isinstance(case.get("id"), str):
            path = ("case", case["id"], *path[2:])
    return ".".join(str(part) for part in path)


def _fields_at(kind: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """Return the field names of the model that `path` leads to."""
    current: Any = kind
    for part in path:
        if isinstance(part, int):
            continue
        field = current.model_fields.get(part) if hasattr(current, "model_fields") else None
        if field is None:
            break
        inner = [
            item for item in (field.annotation, *get_args(field.annotation)) if hasattr(item, "model_fields")
        ]
        if not inner:
            break
        current = inner[0]
    return list(current.model_fields)
