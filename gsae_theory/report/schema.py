"""The record of a report: every number on the page is in it, and report.json is nothing else.

Lists may hold None where a value does not exist (no bound outside a theorem's scope, a number that
is not finite). Sections that were not run are None or empty, and the page says how to run them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gsae_theory.errors import InvalidInput, UnreadableFile, admissible_by
from gsae_theory.files import read_json as read_bounded
from gsae_theory.plain import plain
from gsae_theory.report.versions import SCHEMA_VERSION, STATUSES, check_verdicts, upgraded

SCHEMA = "gsae_theory.report"
RECORD = "report.json"
"""Name of the record in the folder of a report."""
MAX_RECORD_BYTES = 50_000_000

Number = float | None


@dataclass(frozen=True)
class Provenance:
    """Where a report comes from.

    Attributes
    ----------
    version, commit : str
        Of gsae_theory; the commit is empty outside a git checkout.
    modified : bool
        Whether the checkout had uncommitted changes.
    python, system, machine, blas : str
    cpus : int
    packages : dict
        Versions of the libraries that compute.
    seed : int
        Seed of the spec.
    spec, command : str
        What was run.
    time_utc : str
        ISO 8601, to the second.
    seconds : float or None
        Wall-clock time of the whole run.
    """

    version: str
    commit: str
    modified: bool
    python: str
    system: str
    machine: str
    blas: str
    cpus: int
    packages: dict[str, str]
    seed: int
    spec: str
    command: str
    time_utc: str
    seconds: Number = None


@dataclass(frozen=True)
class ContractionCurve:
    """Distance to s* A against iteration, with the bound and the sharp prediction.

    Attributes
    ----------
    label : str
        Which instance, for people.
    iterations : sequence of int
    measured_max : sequence of float
        max_g dist_g(W_k; s* A), measured.
    bound : sequence of float or None
        Envelope of gamma1 Theorem 4 from the measured start.
    sharp : sequence of float or None
        Sharp rate (1 - eta kappa*)^k, placed by the caller (e.g. through the last measured value).
    eta : float
        Step in units of eta/p.
    rate_sharp, rate_measured : float or None
        1 - eta kappa* and the observed asymptotic factor per step.
    """

    label: str
    iterations: Sequence[int]
    measured_max: Sequence[Number]
    bound: Sequence[Number]
    sharp: Sequence[Number]
    eta: float
    rate_sharp: Number = None
    rate_measured: Number = None

    def __post_init__(self) -> None:
        _same_length("contraction curve", self.iterations, self.measured_max, self.bound, self.sharp)


@dataclass(frozen=True)
class FloorRow:
    """The floor around s* A at which the distance stays, for one instance.

    Attributes
    ----------
    gamma : int
    label : str
    measured_rms, measured_max : float
        Over groups, of dist_g(W; s* A) at the end of the run.
    bound_rms, bound_max : float or None
        general Theorem 3 (0 for gamma = 1); None outside its scope.
    predicted_rms : float or None
        general (5.3), a prediction without error bound.
    note : str
        E.g. why there is no bound.
    """

    gamma: int
    label: str
    measured_rms: Number
    measured_max: Number
    bound_rms: Number = None
    bound_max: Number = None
    predicted_rms: Number = None
    note: str = ""

    @property
    def slack_rms(self) -> Number:
        """bound / measured for the rms, None where there is no bound or the floor is 0."""
        return _ratio(self.bound_rms or None, self.measured_rms)

    @property
    def slack_max(self) -> Number:
        """bound / measured for the maximum."""
        return _ratio(self.bound_max or None, self.measured_max)

    @property
    def prediction_error(self) -> Number:
        """predicted / measured - 1 for the rms, None where the floor is 0."""
        ratio = _ratio(self.predicted_rms or None, self.measured_rms)
        return None if ratio is None else ratio - 1


@dataclass(frozen=True)
class SupportCurve:
    """Probability that all supports are recovered, against the threshold.

    Attributes
    ----------
    label : str
    lam : sequence of float
    probability, lower, upper : sequence of float
        Share of samples whose active set is exactly the support, with its confidence interval.
    window : (float, float) or None
        Thresholds that the theory admits (the worst case over codes), None if there are none.
    s : float or None
        Scale of the network at which supports were read.
    samples : int
    confidence : float
        Level of [lower, upper].
    """

    label: str
    lam: Sequence[float]
    probability: Sequence[Number]
    lower: Sequence[Number]
    upper: Sequence[Number]
    window: tuple[float, float] | None
    s: Number
    samples: int
    confidence: float = 0.95

    def __post_init__(self) -> None:
        _same_length("support curve", self.lam, self.probability, self.lower, self.upper)


@dataclass(frozen=True)
class SpectrumRow:
    """One eigenspace of the Hessian at s* A.

    Attributes
    ----------
    direction : str
        rotation, out_of_subspace, traceless or trace.
    predicted, measured : float
    multiplicity : int
        Per group.
    """

    direction: str
    predicted: Number
    measured: Number
    multiplicity: int

    @property
    def difference(self) -> Number:
        """|measured - predicted|."""
        missing = self.predicted is None or self.measured is None
        return None if missing else abs(float(self.measured or 0) - float(self.predicted or 0))


@dataclass(frozen=True)
class UnalignedCurve:
    """The same run in two metrics.

    Attributes
    ----------
    label : str
    iterations : sequence of int
    procrustes : sequence of float
        max_g dist_g(W_k; s* A).
    unaligned_to_A : sequence of float
        max_g ||W_g - A_g||_F, without alignment.
    limit : float or None
        (s* - 1) sqrt(d), what the aligned distance to A tends to.
    """

    label: str
    iterations: Sequence[int]
    procrustes: Sequence[Number]
    unaligned_to_A: Sequence[Number]
    limit: Number = None

    def __post_init__(self) -> None:
        _same_length("unaligned curve", self.iterations, self.procrustes, self.unaligned_to_A)


@dataclass(frozen=True)
class ReportRecord:
    """Everything a report shows.

    Attributes
    ----------
    title : str
    provenance : Provenance
    instance : dict
        Bounds of the main instance, as ``gsae bounds --json`` prints them (``hessian``, ``assumptions``,
        ``lambda_window`` and scalars); empty if there is none.
    verdicts : list of dict
        ``Verdict.to_dict()``; a ``case`` key, if given, names the instance.
    claims : dict
        Per theorem id: title, statement, source, false, asymptotic, and LaTeX of the conclusion.
        `write_report` fills in what is missing from the registry.
    curves : list of ContractionCurve
    floors : list of FloorRow
    support : SupportCurve or None
    spectrum : list of SpectrumRow
    unaligned : UnalignedCurve or None
    digits : dict or None
        ``DigitsResult.to_dict()``.
    joined : dict
        What other commands printed with ``--json``, by the names of `gsae_theory.report.joined.KINDS`.
    """

    title: str
    provenance: Provenance
    instance: dict[str, Any] = field(default_factory=dict)
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    claims: dict[str, dict[str, Any]] = field(default_factory=dict)
    curves: list[ContractionCurve] = field(default_factory=list)
    floors: list[FloorRow] = field(default_factory=list)
    support: SupportCurve | None = None
    spectrum: list[SpectrumRow] = field(default_factory=list)
    unaligned: UnalignedCurve | None = None
    digits: dict[str, Any] | None = None
    joined: dict[str, Any] = field(default_factory=dict)

    @property
    def summary(self) -> dict[str, int]:
        """What the lead of the page counts: verdicts, claims, instances, comparisons, and outcomes."""
        kinds = [kind_of(verdict) for verdict in self.verdicts]
        instances = {
            json.dumps(plain([v.get("model"), v.get("setting")]), sort_keys=True) for v in self.verdicts
        }
        found = {f"{status}_true": 0 for status in STATUSES} | {"REFUTED_false": 0}
        for verdict in self.verdicts:
            if not verdict.get("expected_false"):
                found[f"{verdict['status']}_true"] += 1
            elif verdict["status"] == "REFUTED":
                found["REFUTED_false"] += 1
        return {
            "verdicts": len(self.verdicts),
            "claims": len({verdict["theorem"] for verdict in self.verdicts}),
            "false_claims": sum(bool(verdict.get("expected_false")) for verdict in self.verdicts),
            "instances": len(instances),
            "comparisons": sum(int(verdict.get("comparisons") or 0) for verdict in self.verdicts),
            **{kind: kinds.count(kind) for kind in ("good", "bad", "open")},
            **found,
        }

    @property
    def exit_code(self) -> int:
        """0 all as expected; 1 a claim refuted, or a false one not; 3 undecided or out of scope."""
        kinds = [kind_of(verdict) for verdict in self.verdicts]
        if "bad" in kinds:
            return 1
        return 0 if kinds and all(kind == "good" for kind in kinds) else 3

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON: arrays as lists, numbers that are not finite as None."""
        data = {"schema": SCHEMA, "version": SCHEMA_VERSION, **asdict(self), "summary": self.summary}
        for row, plain_row in zip(self.floors, data["floors"], strict=True):
            plain_row |= {name: getattr(row, name) for name in ("slack_rms", "slack_max", "prediction_error")}
        for line, plain_line in zip(self.spectrum, data["spectrum"], strict=True):
            plain_line["difference"] = line.difference
        return plain(data)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ReportRecord:
        """Return the record that `to_dict` gave.

        Raises
        ------
        InvalidInput
            If it is not a report record, of a version that this release cannot read, or misses a field.
        """
        if not isinstance(data, Mapping) or data.get("schema") != SCHEMA:
            raise InvalidInput("record", type(data).__name__, f"an object whose schema is {SCHEMA}")
        data = upgraded(data)
        check_verdicts(data.get("verdicts"))
        known = {item.name: data[item.name] for item in fields(cls) if item.name in data}
        try:
            return _adapter().validate_python(known)
        except ValidationError as problem:
            error = problem.errors(include_url=False)[0]
            place = ".".join(["record", *map(str, error["loc"])])
            raise InvalidInput(place, error["input"], *admissible_by(error)) from None


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[ReportRecord]:
    return TypeAdapter(ReportRecord)


def kind_of(verdict: Mapping[str, Any]) -> str:
    """Return ``good`` (as expected), ``bad`` (refuted, or a false claim not refuted) or ``open``."""
    refuted, false = verdict["status"] == "REFUTED", bool(verdict.get("expected_false"))
    if refuted or verdict["status"] == "HOLDS":
        return "good" if refuted == false else "bad"
    return "bad" if false else "open"


def read_record(path: Path) -> ReportRecord:
    """Read a report.json, given itself or its folder.

    Raises
    ------
    UnreadableFile
        If the file is missing, too large, not JSON, or no report record.
    InvalidInput
        If it is one of a later version, or misses a field.
    """
    file = path / RECORD if path.is_dir() else path
    data = read_json(file)
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise UnreadableFile(f"cannot read the record {file}: it is none that gsae report has written")
    return ReportRecord.from_dict(data)


def read_json(path: Path) -> Any:
    """Return the content of a JSON file of bounded size.

    Raises
    ------
    UnreadableFile
        If the file is missing, too large, or not JSON.
    """
    return read_bounded(path, MAX_RECORD_BYTES, "the record")


def _ratio(large: Number, small: Number) -> Number:
    return None if large is None or not small else large / small


def _same_length(name: str, first: Sequence[Any], *others: Sequence[Any]) -> None:
    for other in others:
        if len(other) != len(first):
            raise InvalidInput(name, f"{len(other)} values", f"columns of one length, {len(first)}")
