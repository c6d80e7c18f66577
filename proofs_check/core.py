"""Steps, their ledger, and the run that derives their status.

A step is a function from `use` to a `Proof`. It calls a method of `proofs_check.methods`, which either
returns or raises `Unproved`; what it builds on it asks for by ``use("L1")``, and the set of what it asked
for must be the ledger's ``uses``. Nothing can declare a step proved.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import CodeType
from typing import Any

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.files import read_toml
from proofs_check.objects import (
    METHODS,
    Closed,
    ClosingFunction,
    Inequality,
    LedgerEntry,
    Proof,
    StepFunction,
    StepResult,
    TheoremResult,
    Unproved,
    Use,
    entry_of,
)

__all__ = [
    "METHODS",
    "Closed",
    "ClosingFunction",
    "Inequality",
    "LedgerEntry",
    "Proof",
    "StepFunction",
    "StepResult",
    "TheoremResult",
    "Unproved",
    "Use",
    "add_ledger",
    "ancestry",
    "closing",
    "ledger",
    "load",
    "provable",
    "prove",
    "record",
    "recorder",
    "run",
    "step",
    "theorem_status",
    "where",
]

HERE = Path(__file__).parent
MAX_LEDGER_BYTES = 1_000_000

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


LEDGERS: dict[str, Path] = {}
"""Where the ledger of a part is read from."""
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
        _read_ledger(path, entries)
    return entries


def add_ledger(path: Path) -> None:
    """Add a ledger file of your own, for theorems that are not part of this package.

    Raises
    ------
    ValueError
        If an id is taken or a method is unknown; then nothing is added.
    """
    entries = dict(ledger())
    _read_ledger(Path(path), entries)
    ledger().update(entries)


def _read_ledger(path: Path, entries: dict[str, LedgerEntry]) -> None:
    rows = read_toml(path, MAX_LEDGER_BYTES, "the ledger").get("step", [])
    if not isinstance(rows, list):
        raise InvalidInput(f"{path.name}: step", rows, "a list of tables [[step]]")
    for row in rows:
        entry = entry_of(row, path)
        if entry.id in entries:
            raise InvalidInput(f"{path.name}: id", entry.id, "an id that no other step has", f"{entry.id}-2")
        entries[entry.id] = entry
    LEDGERS[path.stem] = path


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


def where(step_id: str) -> dict[str, object]:
    """Return where a step can be read: statement, code, certificate, checkers.

    Returns
    -------
    dict
        ``statement``, ``source``, ``ledger`` (file), ``code`` (file:line), ``certificate`` (file or None) and
        ``checkers`` (files of proofs_check/methods whose functions the code calls).

    Raises
    ------
    UnknownName
        If there is no such step.
    """
    from proofs_check.certificates import path_of

    load()
    if step_id not in ledger():
        raise UnknownName("proof step", step_id, ledger())
    entry, function, root = ledger()[step_id], STEPS.get(step_id), HERE.parent
    code, checkers = "", []
    if function is not None:
        code = f"{_shown(Path(function.__code__.co_filename), root)}:{function.__code__.co_firstlineno}"
        origins = {
            getattr(function.__globals__.get(name), "__module__", "") for name in _names(function.__code__)
        }
        checkers = sorted(
            f"{item.replace('.', '/')}.py" for item in origins if "proofs_check.methods." in str(item)
        )
    certificate = path_of(step_id)
    return {
        "statement": entry.statement,
        "source": entry.source,
        "ledger": str(_shown(LEDGERS[entry.part], root)),
        "code": code,
        "certificate": str(certificate.relative_to(root)) if certificate.exists() else None,
        "checkers": checkers,
    }


def _shown(path: Path, root: Path) -> Path:
    """Return a path from the root of the repository; a step of the user's own lies elsewhere."""
    return path.relative_to(root) if path.is_relative_to(root) else path


def _names(code: CodeType) -> set[str]:
    """Return the global names that a function mentions, those of functions inside it included."""
    inner = [item for item in code.co_consts if isinstance(item, CodeType)]
    return set(code.co_names).union(*(_names(item) for item in inner))
