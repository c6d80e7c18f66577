"""The one result object of a verification."""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass, field
from typing import Any

from gsae_theory.plain import rows_html
from gsae_theory.theory.theorem import Margin


class Status(enum.Enum):
    """How a claim came out; only HOLDS is a pass. The value is a sentence with advice."""

    HOLDS = "The claim held on every comparison made."
    REFUTED = "A comparison contradicts the claim: see the witness and replay it."
    OUT_OF_SCOPE = "The instance violates a hypothesis: move the named parameter back by the stated margin."
    UNDECIDED = "The comparison could not decide: give more samples, a finer quadrature or more steps."
    NOT_CERTIFIED = (
        "The number rests on floating point only: ask for a certificate (asymptotic or unproved step)."
    )


@dataclass(frozen=True)
class Verdict:
    """What `verify` returns.

    Attributes
    ----------
    theorem : str
        Id of the claim.
    status : Status
    bound, measured, slack : float or None
        At the tightest comparison; slack is bound / measured for ``<=`` (1 is attained), measured /
        bound for ``>=``, |measured - bound| for ``==``. None where nothing was compared.
    reason : str
        One sentence: which assumption and margin, which comparison, what would decide.
    comparisons : int
        Number of comparisons made.
    evidence : str
        ``pathwise``, ``quadrature``, ``sampled`` or ``none``.
    margins : tuple of Margin
        Every hypothesis with its signed margin.
    witness : dict
        Where the tightest (or violating) comparison happened: its labels, both sides, the error.
    expected_false : bool
        The claim is registered as false, so REFUTED is the expected outcome.
    model, setting : dict
        What was run, as plain data.
    seed : int
    replay : str
        The command that repeats the run.
    seconds : float
    """

    theorem: str
    status: Status
    bound: float | None
    measured: float | None
    slack: float | None
    reason: str
    comparisons: int
    evidence: str
    margins: tuple[Margin, ...]
    witness: dict[str, Any]
    expected_false: bool
    model: dict[str, Any]
    setting: dict[str, Any]
    seed: int
    replay: str
    seconds: float
    tolerance: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def as_expected(self) -> bool:
        """HOLDS for a true claim, REFUTED for one registered as false."""
        return self.status is (Status.REFUTED if self.expected_false else Status.HOLDS)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        data = asdict(self)
        data["status"] = self.status.name
        data["advice"] = self.status.value
        return data

    def _repr_html_(self) -> str:
        return rows_html(
            self.theorem,
            [
                ("status", self.status.name),
                ("reason", self.reason),
                ("bound", self.bound),
                ("measured", self.measured),
                ("slack", self.slack),
                ("evidence", f"{self.evidence}, {self.comparisons} comparisons"),
                ("replay", self.replay),
            ],
        )

    def _repr_latex_(self) -> str:
        values = [rf"\text{{{name}}} = {value:.6g}" for name, value in self._numbers() if value is not None]
        return (
            "$\\displaystyle "
            + r",\quad ".join([rf"\texttt{{{self.status.name}}}".replace("_", r"\_"), *values])
            + "$"
        )

    def _numbers(self) -> list[tuple[str, float | None]]:
        return [("measured", self.measured), ("bound", self.bound), ("slack", self.slack)]
