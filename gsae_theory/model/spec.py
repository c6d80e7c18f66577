"""A model as a small set of named fields: what TOML files and command-line options fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gsae_theory.errors import InvalidInput, TooLarge, UnknownName, admissible_by
from gsae_theory.files import npy_shape
from gsae_theory.model import _admit
from gsae_theory.model.dictionary import DICTIONARIES, Order, from_file
from gsae_theory.model.direction import DIRECTIONS, DirectionLaw
from gsae_theory.model.generative import GenerativeModel
from gsae_theory.model.noise import NOISES, NoiseLaw, NoNoise
from gsae_theory.model.radius import RADIUS_LAWS, ConstantRadius, RadiusLaw
from gsae_theory.model.support import SUPPORTS, BernoulliSupport, SupportLaw, UniformSupport, WeightedSupport
from gsae_theory.seeds import generator

_SHIPPED = {
    name: frozenset(table)
    for name, table in (
        ("radius", RADIUS_LAWS),
        ("direction", DIRECTIONS),
        ("support", SUPPORTS),
        ("noise", NOISES),
    )
}  # a law that a user registers reads the general options: radius_max, direction_strength, noise_level

# Options that only some laws read: for every other law a value is an error, not silently ignored.
_READ_BY = {
    "radius_max": (
        "radius",
        {"constant", "uniform", "two_point", "truncated_normal", "truncated_exponential", "near_zero"},
    ),
    "radius_weight": ("radius", {"two_point"}),
    "radius_mean": ("radius", {"truncated_normal"}),
    "radius_scale": ("radius", {"truncated_normal", "truncated_exponential"}),
    "radius_tail": ("radius", {"heavy_tailed", "near_zero"}),
    "direction_strength": ("direction", {"elliptical", "nonzero_mean", "dependent"}),
    "support_weights": ("support", {"weighted"}),
    "noise_level": ("noise", {"sphere", "ball", "gaussian", "one_sided"}),
}


MOST_COLUMNS, MOST_ENTRIES = 16_384, 1 << 26
"""Largest dictionary: its Gram matrix then has 2 GiB, and it has 0.5 GiB itself."""

_GENERAL = ("radius_max", "direction_strength", "noise_level")


class ModelSpec(BaseModel):
    """A generative model in plain values.

    Raises
    ------
    InvalidInput, UnknownName
        On construction, for the first field that is wrong or does not fit the others.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)

    dim: int = Field(ge=1, description="ambient dimension n")
    groups: int = Field(ge=1, description="number of groups (blocks) of the dictionary")
    block: int = Field(ge=1, description="block size d, the columns of one group")
    active: int = Field(1, ge=1, description="active groups per sample, gamma (bernoulli: their mean number)")
    dictionary: str = Field(
        "random", description="kind, or a path to a .npy file: " + ", ".join(DICTIONARIES)
    )
    coherence: float | None = Field(
        None, description="prescribed block coherence, for near_orthogonal, equiangular and principal_pair"
    )
    basis: Literal["hadamard", "dct"] = Field("hadamard", description="second basis of orthobasis_pair")
    orthonormalise: bool = Field(
        False,
        description="replace the blocks of a .npy file by the nearest orthonormal ones (polar factors)",
    )
    radius: str = Field(
        "uniform", description="law of the norm of an active block: " + ", ".join(RADIUS_LAWS)
    )
    radius_min: float = Field(1.0, gt=0, description="smallest norm of an active block (near_zero: not used)")
    radius_max: float | None = Field(
        None, gt=0, description="largest norm; left out: the smallest (norm is constant)"
    )
    radius_weight: float | None = Field(
        None, ge=0, le=1, description="two_point: probability of the largest norm; left out: 0.5"
    )
    radius_mean: float | None = Field(
        None, description="truncated_normal: mean before truncation; left out: the midpoint"
    )
    radius_scale: float | None = Field(
        None,
        gt=0,
        description="truncated laws: scale before truncation; left out: range / 4 (normal), range (exponential)",
    )
    radius_tail: float | None = Field(
        None, gt=0, description="heavy_tailed: tail index; near_zero: density ~ r^(tail-1); left out: 3 and 1"
    )
    direction: str = Field(
        "uniform", description="law of the direction of an active block: " + ", ".join(DIRECTIONS)
    )
    direction_strength: float | None = Field(
        None,
        description="elliptical: condition; nonzero_mean: bias; dependent: correlation; left out: 4, 0.5, 0.5",
    )
    support: str = Field("uniform", description="law of the active groups: " + ", ".join(SUPPORTS))
    support_weights: tuple[float, ...] | None = Field(
        None,
        strict=False,
        description="weighted: one positive weight per group, a,b,c,...; left out: 1, 1/2, 1/3, ...",
    )
    noise: str = Field("none", description="law of the noise: " + ", ".join(NOISES))
    noise_level: float = Field(
        0.0, ge=0, description="noise: bound on its norm; gaussian: standard deviation"
    )
    seed: int = Field(0, ge=0, description="seed of the dictionary and of every sample")

    def __init__(self, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as problem:
            raise _typed(problem) from None

    @model_validator(mode="before")
    @classmethod
    def _sizes_of_the_file(cls, data: Any) -> Any:
        """Fill in sizes that are left out where the dictionary is a file; contradictions are refused later."""
        name = data.get("dictionary") if isinstance(data, dict) else None
        if not (isinstance(name, str) and name.endswith(".npy")) or {"dim", "groups", "block"} <= set(data):
            return data
        shape = npy_shape(Path(name), "the dictionary")
        block = data.get("block")
        if len(shape) == 2 and block is None:
            raise InvalidInput(
                "block", None, f"the block size of the matrix {shape[0]} x {shape[1]} in {name}"
            )
        if len(shape) == 2 and isinstance(block, int) and block > 0 and shape[1] % block == 0:
            shape = (shape[0], shape[1] // block, block)
        if len(shape) != 3 or 0 in shape:
            return data
        return {**dict(zip(("dim", "groups", "block"), shape, strict=True)), **data}

    @model_validator(mode="after")
    def _consistent(self) -> ModelSpec:
        _known("radius", self.radius, RADIUS_LAWS)
        _known("direction", self.direction, DIRECTIONS)
        _known("support", self.support, SUPPORTS)
        _known("noise", self.noise, NOISES)
        self._unread_options()
        columns = self.groups * self.block
        if columns > MOST_COLUMNS or self.dim * columns > MOST_ENTRIES:
            given = f"{self.dim} x {columns}"
            limit = f"at most {MOST_COLUMNS} columns and {MOST_ENTRIES} entries, so that it fits into memory"
            raise TooLarge("dim x (groups * block)", given, limit)
        _admit.count("block", self.block, 1, self.dim, " (a block cannot exceed the dimension)")
        _admit.count("active", self.active, 1, self.groups, " (the number of groups)")
        radius_law(self), direction_law(self), noise_law(self)
        support_law(self).check(self.groups)
        self._dictionary_exists()
        return self

    def _unread_options(self) -> None:
        for option, (law, readers) in _READ_BY.items():
            value, chosen = getattr(self, option), getattr(self, law)
            if chosen not in _SHIPPED[law] and option in _GENERAL:
                continue
            if value != type(self).model_fields[option].default and chosen not in readers:
                limit = f"left out for {law} = {chosen!r}; it is read by {', '.join(sorted(readers))}"
                raise InvalidInput(option, value, limit)

    def _dictionary_exists(self) -> None:
        if self.is_file:
            needs = False
        else:
            _known("dictionary", self.dictionary, [*DICTIONARIES, "a path to a .npy file"])
            needs = DICTIONARIES[self.dictionary].needs_coherence
        if needs and self.coherence is None:
            raise InvalidInput(
                "coherence", None, f"a number: {self.dictionary} has a prescribed coherence", 0.05
            )
        if not needs and self.coherence is not None:
            readers = ", ".join(name for name, builder in DICTIONARIES.items() if builder.needs_coherence)
            raise InvalidInput("coherence", self.coherence, f"left out, except for {readers}")
        if self.orthonormalise and not self.is_file:
            raise InvalidInput("orthonormalise", True, "false unless the dictionary is a .npy file", False)
        if not self.is_file:
            DICTIONARIES[self.dictionary].check(self.order)

    @property
    def is_file(self) -> bool:
        """Whether the dictionary is read from a file."""
        return Path(self.dictionary).suffix == ".npy" or len(Path(self.dictionary).parts) > 1

    @property
    def order(self) -> Order:
        """What is asked of a named dictionary."""
        return Order(self.dim, self.groups, self.block, self.coherence or 0.0, self.basis)


def radius_law(spec: ModelSpec) -> RadiusLaw:
    """Return the law of the norm."""
    low = spec.radius_min
    high = low if spec.radius_max is None else spec.radius_max
    if spec.radius == "heavy_tailed":
        return RADIUS_LAWS["heavy_tailed"](low, spec.radius_tail or 3.0)  # type: ignore[call-arg]
    if spec.radius == "near_zero":
        return RADIUS_LAWS["near_zero"](high, spec.radius_tail or 1.0)  # type: ignore[call-arg]
    _admit.ordered("radius_min", low, "radius_max", high)
    if spec.radius not in _SHIPPED["radius"]:
        return RADIUS_LAWS[spec.radius](low, high)  # type: ignore[call-arg]
    if low == high:
        return ConstantRadius(low)
    if spec.radius == "constant":
        raise InvalidInput("radius_max", high, f"radius_min = {low:g} (or left out) for a constant norm", low)
    options: dict[str, float] = {
        "uniform": {},
        "two_point": {"weight": 0.5 if spec.radius_weight is None else spec.radius_weight},
        "truncated_normal": {
            "mean": (low + high) / 2 if spec.radius_mean is None else spec.radius_mean,
            "scale": spec.radius_scale or (high - low) / 4,
        },
        "truncated_exponential": {"scale": spec.radius_scale or high - low},
    }[spec.radius]
    return RADIUS_LAWS[spec.radius](low, high, **options)  # type: ignore[call-arg]


def direction_law(spec: ModelSpec) -> DirectionLaw:
    """Return the law of the direction."""
    law = DIRECTIONS[spec.direction]
    return law() if spec.direction_strength is None else law(spec.direction_strength)  # type: ignore[call-arg]


def support_law(spec: ModelSpec) -> SupportLaw:
    """Return the law of the support."""
    if spec.support == "weighted":
        weights = spec.support_weights or tuple(1 / (g + 1) for g in range(spec.groups))
        if len(weights) != spec.groups:
            limit = f"one weight per group, {spec.groups}"
            raise InvalidInput("support_weights", f"{len(weights)} numbers", limit, f"{spec.groups} numbers")
        return WeightedSupport(spec.active, weights)
    if spec.support == "bernoulli":
        return BernoulliSupport(spec.active / spec.groups, spec.groups)
    if spec.support not in _SHIPPED["support"]:
        return SUPPORTS[spec.support](spec.active)  # type: ignore[call-arg]
    return UniformSupport(spec.active)


def noise_law(spec: ModelSpec) -> NoiseLaw:
    """Return the law of the noise."""
    if spec.noise == "none":
        return NoNoise()
    if spec.noise_level == 0:
        raise InvalidInput(
            "noise_level", 0.0, f"a number > 0 for noise = {spec.noise!r}, or noise = 'none'", 0.05
        )
    return NOISES[spec.noise](spec.noise_level)  # type: ignore[call-arg]


def build_model(spec: ModelSpec) -> GenerativeModel:
    """Return the model that `spec` describes; the same spec gives the same model.

    Raises
    ------
    InvalidInput
        If a coherence cannot be reached, or the array in a file does not have the sizes of the spec.
    UnreadableFile
        If the dictionary's file cannot be read.
    """
    if spec.is_file:
        A = from_file(spec.dictionary, spec.block, spec.orthonormalise)
        if A.shape != (spec.dim, spec.groups, spec.block):
            wanted = f"(dim, groups, block) = ({spec.dim}, {spec.groups}, {spec.block})"
            raise InvalidInput(
                f"shape of {spec.dictionary}", A.shape, wanted, f"dim, groups, block = {A.shape}"
            )
    else:
        A = DICTIONARIES[spec.dictionary](spec.order, generator(spec.seed, "dictionary", spec.dictionary))
    return GenerativeModel(
        A,
        radius_law(spec),
        direction_law(spec),
        support=support_law(spec),
        noise=noise_law(spec),
        label=spec.dictionary,
        origin=spec.model_dump(),
    )


def _known(kind: str, name: str, known: Any) -> None:
    if name not in known:
        raise UnknownName(kind, name, known)


def _valid_number(key: str, given: Any) -> float | None:
    """Return a number near one that is not admissible: its size if that is finite, else the default."""
    if not isinstance(given, int | float) or isinstance(given, bool):
        return None
    integer = ModelSpec.model_fields[key].annotation is int
    if 0 < abs(given) <= 1e308:  # not math.isfinite: an integer may have 400 digits
        return round(abs(given)) if integer else abs(given)
    default = ModelSpec.model_fields[key].default
    return default if isinstance(default, int | float) else None


def _typed(problem: ValidationError) -> InvalidInput:
    """Return the first problem that pydantic found as an error of ours."""
    errors = problem.errors(include_url=False)
    # A misspelt key first: it is the likely cause of a missing one.
    error = next((item for item in errors if item["type"] == "extra_forbidden"), errors[0])
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, InvalidInput):
        return cause
    key = str(error["loc"][0]) if error["loc"] else "model"
    if error["type"] == "extra_forbidden":
        return UnknownName("model key", key, ModelSpec.model_fields)
    if error["type"] == "missing":
        return InvalidInput(key, None, str(ModelSpec.model_fields[key].description))
    admissible, nearest = admissible_by(error)
    return InvalidInput(
        key, error["input"], admissible, _valid_number(key, error["input"]) if nearest is None else nearest
    )
