"""Steps, their ledger, and the run that derives their status.

A step is a function from `use` to a `Proof`. It calls a method of `proofs_check.methods`, which either
returns or raises `Unproved`; what it builds on it asks for by ``use("L1")``, and the set of what it asked
for must be the ledger's ``uses``. Nothing can declare a step proved.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, TypeAlias

import sympy as sp

from gsae_theory.errors import UnknownName

METHODS = (
    "identity",
    "certificate",
    "interval",
    "expectation",
    "gram",
    "norm-calculus",
    "logic",
    "quoted",
)
"""Kinds of argument. `certificate` is methods/bernstein.py or methods/sos.py, `expectation` methods/moments.py,
`norm-calculus` methods/norms.py; `logic` puts proved steps together and checks only that they fit."""

HERE = Path(__file__).parent


class Unproved(Exception):
    """A checker could not confirm what it was asked to.

    Attributes
    ----------
    reason : str
    counterexample : dict or None
        A point at which the claim is false, where one was met.
    """

    def __init__(self, reason: str, counterexample: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.counterexample = None if counterexample is None else dict(counterexample)


@dataclass(frozen=True)
class Inequality:
    """A scalar inequality that a checker has confirmed: `expr` >= 0 (> 0 if `strict`) on a region.

    Attributes
    ----------
    expr : sympy.Expr
    region : tuple of (symbol, low, high)
        Triangular: the ends may contain the symbols before; high may be oo.
    what : str
    strict : bool
    """

    expr: sp.Expr
    region: tuple[tuple[sp.Symbol, sp.Expr, sp.Expr], ...]
    what: str
    strict: bool = False


@dataclass(frozen=True)
class Proof:
    """What a step has established.

    Attributes
    ----------
    statement : object
        SymPy object, tuple or mapping of them: what later steps may use. None if it is in words only.
    method : str
        One of `METHODS`; must be the ledger's.
    details : mapping
        Boxes, multipliers, domain, number of cases.
    """

    statement: Any
    method: str
    details: Mapping[str, object] = field(default_factory=dict)


Use: TypeAlias = Callable[[str], Proof]
StepFunction: TypeAlias = Callable[[Use], Proof]


@dataclass(frozen=True)
class LedgerEntry:
    """One row of a ledger."""

    id: str
    statement: str
    uses: tuple[str, ...]
    method: str
    source: str
    part: str
    explained: str = ""
    """Why the step is there although no theorem rests on it; empty where one does."""


@dataclass(frozen=True)
class StepResult:
    """Outcome of one step.

    Attributes
    ----------
    status : str
        ``proved``, ``quoted`` (a lemma of the closed list, its instances checked), ``failed`` or
        ``missing`` (in the ledger, without a function). A step whose ancestor is not proved has failed.
    reason : str
        Empty if proved.
    inequalities : tuple of Inequality
        What was confirmed on the way: a second opinion and the slack are taken from it.
    """

    id: str
    method: str
    status: str
    uses: tuple[str, ...]
    seconds: float
    reason: str = ""
    counterexample: Mapping[str, Any] | None = None
    proof: Proof | None = field(default=None, repr=False)
    inequalities: tuple[Inequality, ...] = field(default=(), repr=False)

    @property
    def holds(self) -> bool:
        """Whether later steps may use it."""
        return self.status in ("proved", "quoted")

    def to_dict(self) -> dict[str, object]:
        """Return plain data."""
        data: dict[str, object] = {
            "id": self.id,
            "method": self.method,
            "status": self.status,
            "uses": list(self.uses),
            "seconds": round(self.seconds, 4),
        }
        return {**data, "reason": self.reason} if self.reason else data


@dataclass(frozen=True)
class Closed:
    """A theorem put together from steps, to be compared with the registered one.

    Attributes
    ----------
    conclusion : sympy relation
        Built from the statements of steps.
    hypotheses : mapping from assumption id to sympy.Expr or None
        What the steps assumed: the hypotheses of the theorem that are used, each with the expression that
        has to be nonnegative (or positive, if strict), up to a positive factor; None compares the id only.
    """

    conclusion: sp.core.relational.Relational
    hypotheses: Mapping[str, sp.Expr | None] = field(default_factory=dict)


ClosingFunction: TypeAlias = Callable[[Use], Closed]


@dataclass(frozen=True)
class TheoremResult:
    """Status of one registered theorem.

    Attributes
    ----------
    status : str
        ``proved``, or what is missing.
    rests_on : tuple of str
        Every step in its ancestry, quoted lemmas included.
    direct : tuple of str
        The steps that its closing entry names.
    """

    id: str
    status: str
    rests_on: tuple[str, ...]
    direct: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return plain data."""
        return {"id": self.id, "status": self.status, "rests_on": list(self.rests_on)}


_STEP: ContextVar[str] = ContextVar("step", default="")
_RECORDED: ContextVar[list[Inequality] | None] = ContextVar("recorded", default=None)


def current_step() -> str:
    """Return the id of the step that is being checked; empty outside of one."""
    return _STEP.get()


def record(item: Inequality) -> None:
    """Write down an inequality that a checker has confirmed, for the step that is being checked."""
    recorded = _RECORDED.get()
    if recorded is not None:
        recorded.append(item)


@contextmanager
def checking(step_id: str) -> Iterator[list[Inequality]]:
    """Make `step_id` the current step; yields the list of what `record` is told."""
    recorded: list[Inequality] = []
    tokens = _STEP.set(step_id), _RECORDED.set(recorded)
    try:
        yield recorded
    finally:
        _STEP.reset(tokens[0])
        _RECORDED.reset(tokens[1])


STEPS: dict[str, StepFunction] = {}
CLOSINGS: dict[str, ClosingFunction] = {}


def step(step_id: str) -> Callable[[StepFunction], StepFunction]:
    """Register the function that checks `step_id`; everything else about it is in the ledger."""

    def register(function: StepFunction) -> StepFunction:
        if step_id in STEPS:
            raise ValueError(f"step {step_id} has two functions")
        STEPS[step_id] = function
        return function

    return register


def closing(*theorem_ids: str) -> Callable[[ClosingFunction], ClosingFunction]:
    """Register the function that assembles a theorem (or several with the same conclusion) from steps."""

    def register(function: ClosingFunction) -> ClosingFunction:
        for name in theorem_ids:
            if name in CLOSINGS:
                raise ValueError(f"theorem {name} has two closing entries")
            CLOSINGS[name] = function
        return function

    return register


@lru_cache(maxsize=1)
def ledger() -> dict[str, LedgerEntry]:
    """Return every step of every ledger file, in file order.

    Raises
    ------
    ValueError
        If an id occurs twice or a method is unknown.
    """
    entries: dict[str, LedgerEntry] = {}
    for path in sorted((HERE / "ledger").glob("*.toml")):
        for row in tomllib.loads(path.read_text(encoding="utf-8")).get("step", []):
            entry = LedgerEntry(
                row["id"],
                row["statement"],
                tuple(row["uses"]),
                row["method"],
                row["source"],
                path.stem,
                row.get("explained", ""),
            )
            if entry.id in entries or entry.method not in METHODS:
                raise ValueError(f"ledger {path.name}: {entry.id} twice, or unknown method {entry.method}")
            entries[entry.id] = entry
    return entries


@lru_cache(maxsize=1)
def load() -> None:
    """Import every module that registers steps or closing entries."""
    import_module("gsae_theory.theory.theorems")
    steps = import_module("proofs_check.steps")
    for info in sorted(iter_modules(steps.__path__), key=lambda item: item.name):
        import_module(f"proofs_check.steps.{info.name}")
    for path in sorted(HERE.glob("closing*.py")):
        import_module(f"proofs_check.{path.stem}")


def ancestry(ids: Iterable[str]) -> list[str]:
    """Return `ids` and everything below them, each after what it uses.

    Raises
    ------
    UnknownName
        If an id is in no ledger.
    ValueError
        If the references go in a circle.
    """
    entries = ledger()
    done: dict[str, bool] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name not in entries:
            raise UnknownName("proof step", name, entries)
        if name in path:
            raise ValueError(f"circle: {' -> '.join((*path, name))}")
        if name not in done:
            for below in entries[name].uses:
                visit(below, (*path, name))
            done[name] = True

    for name in ids:
        visit(name, ())
    return list(done)


def run(ids: Iterable[str] | None = None, progress: Callable[[str], None] | None = None) -> list[StepResult]:
    """Check steps and everything that they rest on.

    Parameters
    ----------
    ids : iterable of str, optional
        Steps asked for [all of the ledger].
    progress : callable, optional
        Told the id of a step before it is checked.

    Returns
    -------
    list of StepResult
        In an order in which each step follows what it uses.
    """
    load()
    results: dict[str, StepResult] = {}
    for name in ancestry(ledger() if ids is None else ids):
        if progress is not None:
            progress(name)
        results[name] = _check(ledger()[name], results)
    return list(results.values())


def recorder(results: Mapping[str, StepResult], seen: list[str]) -> Use:
    """Return a `use` that hands out proofs of `results` and writes down what was asked for."""

    def use(name: str) -> Proof:
        if name not in seen:
            seen.append(name)
        found = results.get(name)
        if found is None or found.proof is None or not found.holds:
            raise Unproved(f"rests on {name}, which is {'not available' if found is None else found.status}")
        return found.proof

    return use


def _check(entry: LedgerEntry, results: Mapping[str, StepResult]) -> StepResult:
    """Return the outcome of one step, given those before it."""
    begun = time.perf_counter()
    seen: list[str] = []
    recorded: list[Inequality] = []

    def outcome(status: str, reason: str = "", **extra: Any) -> StepResult:
        seconds = time.perf_counter() - begun
        found = tuple(recorded)
        return StepResult(
            entry.id, entry.method, status, entry.uses, seconds, reason, inequalities=found, **extra
        )

    if entry.id not in STEPS:
        return outcome("missing", "no function checks it")
    try:
        with checking(entry.id) as recorded:
            proof = STEPS[entry.id](recorder(results, seen))
    except Unproved as problem:
        return outcome("failed", problem.reason, counterexample=problem.counterexample)
    except Exception as problem:
        # A checker that breaks has not proved anything; the run goes on and names it.
        return outcome("failed", f"{type(problem).__name__}: {problem}")
    if set(seen) != set(entry.uses):
        odd = sorted(set(seen) ^ set(entry.uses))
        return outcome("failed", f"ledger and code differ in what the step uses: {', '.join(odd)}")
    if proof.method != entry.method:
        return outcome("failed", f"proved by {proof.method}, the ledger says {entry.method}")
    return outcome("quoted" if entry.method == "quoted" else "proved", proof=proof)


def theorem_status(results: Iterable[StepResult], ids: Iterable[str] | None = None) -> list[TheoremResult]:
    """Return the status of the registered theorems that are true and not asymptotic.

    Parameters
    ----------
    results : iterable of StepResult
        From `run`.
    ids : iterable of str, optional
        Theorems asked for [all].
    """
    from proofs_check.assemble import close

    load()
    table = {result.id: result for result in results}
    return [close(name, table) for name in (provable() if ids is None else ids)]


class OnDemand(dict[str, StepResult]):
    """Outcomes of steps; `get` checks a step, and what it rests on, when it is first asked for."""

    def __init__(self, progress: Callable[[str], None] | None = None) -> None:
        super().__init__()
        self.progress = progress

    def get(self, name: str, default: Any = None) -> Any:
        """Return the outcome of a step of the ledger; `default` for anything else."""
        if name not in self and name in ledger():
            for below in ancestry([name]):
                if below not in self:
                    if self.progress is not None:
                        self.progress(below)
                    self[below] = _check(ledger()[below], self)
        return super().get(name, default)


def prove(
    theorem_ids: Iterable[str] | None = None, progress: Callable[[str], None] | None = None
) -> tuple[list[StepResult], list[TheoremResult]]:
    """Check theorems from their steps: the whole ledger, or what the named ones rest on.

    Parameters
    ----------
    theorem_ids : iterable of str, optional
        From `provable` [all, and every step of every ledger].
    progress : callable, optional
        Told the id of a step before it is checked.
    """
    from proofs_check.assemble import close

    load()
    results = OnDemand(progress)
    if theorem_ids is None:
        for name in ledger():
            results.get(name)
    theorems = [close(name, results) for name in (provable() if theorem_ids is None else theorem_ids)]
    return list(results.values()), theorems


def provable() -> list[str]:
    """Return the ids of the registered theorems that claim something true and not asymptotic."""
    from gsae_theory.theory import THEOREMS

    load()
    return [name for name, item in THEOREMS.items() if not (item.false or item.asymptotic)]


def trusted_base() -> list[dict[str, str]]:
    """Return what every proof here takes for granted: quoted lemmas with references, and software."""
    quoted = [
        {"kind": "lemma", "id": entry.id, "statement": entry.statement, "reference": entry.source}
        for entry in ledger().values()
        if entry.id.startswith("Q:")
    ]
    return quoted + [
        {"kind": "software", "id": name, "statement": what, "reference": where}
        for name, what, where in SOFTWARE
    ]


SOFTWARE = (
    ("python", "integers and fractions.Fraction are exact", "CPython"),
    ("sympy", "expand, cancel, together, diff and polynomial division are exact", "https://www.sympy.org"),
    ("python-flint", "arb ball arithmetic encloses", "https://flintlib.org"),
    ("rules", "the rules of the norm calculus and the checkers in proofs_check/methods", "this repository"),
    ("reading", "that the ledger's words say what the SymPy statement of the step says", "docs/proofs.md"),
)
