"""Mutation testing of the code: which share of small wrong changes do the tests notice?

    python -m tests.tools.mutation.run --sample 600 --seed 1

1. The suite runs once under coverage, every test a context: which tests touch which line (kept in .mutation/).
2. A random sample of the mutants of theory/, network/, simulate/ and check/ is drawn, every mutant equally likely.
3. Each is tried in a forked process whose import of the changed module compiles the changed tree: the tests
   that touch the line, quickest first, until one fails. A line that runs at import is touched by every test,
   so the tests of its room are run. What exceeds its time is counted as killed, apart.

Results are appended one by one and a series that was interrupted goes on. `equivalent.json` lists mutants that
change nothing that can be observed, each with its reason. A survivor that is not listed counts against us.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

from tests.tools.mutation.operators import Mutant, mutants_of, mutated

ROOT = Path(__file__).parents[3]
CACHE = ROOT / ".mutation"
ROOMS = ("theory", "network", "simulate", "check")
AT_IMPORT: dict[str, tuple[tuple[str, ...], ...]] = {
    "theory": (
        ("tests/unit/theory",),
        ("tests/oracles", "tests/falsify", "tests/properties"),
        ("proofs_check",),
    ),
    "network": (("tests/unit/network",), ("tests/unit/experiments",)),
    "simulate": (("tests/unit/simulate",), ("tests/unit/check", "tests/properties")),
    "check": (("tests/unit/check",), ("tests/properties", "tests/unit/cli")),
}
"""Tests for lines that run at import, in stages: the next one only if the one before noticed nothing."""
PRELOAD = (
    "numpy",
    "scipy.optimize",
    "scipy.special",
    "scipy.stats",
    "sympy",
    "pytest",
    "matplotlib.pyplot",
)
LIMIT_TESTS, LIMIT_SECONDS = 60, 45.0


def all_mutants() -> list[Mutant]:
    """Return every mutant of the four rooms."""
    files = [path for room in ROOMS for path in sorted((ROOT / "gsae_theory" / room).rglob("*.py"))]
    return [mutant for path in files for mutant in mutants_of(path, ROOT)]


def measure_coverage() -> None:
    """Run the suite once under coverage with a context per test."""
    CACHE.mkdir(exist_ok=True)
    rc = CACHE / "coveragerc"
    source = ",".join(f"gsae_theory/{room}" for room in ROOMS)
    rc.write_text(f"[run]\nsource = {source}\ndata_file = {CACHE / 'coverage'}\n", encoding="utf-8")
    command = [
        sys.executable, "-m", "coverage", "run", f"--rcfile={rc}", "-m", "pytest", "-q", "-p", "no:cacheprovider",
        "-p", "tests.tools.mutation.contexts",
    ]  # fmt: skip
    environment = {**os.environ, "GSAE_DURATIONS": str(CACHE / "durations.json")}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


class Touch:
    """Which tests touch which lines, and how long they take."""

    def __init__(self) -> None:
        import coverage

        if not (CACHE / "durations.json").exists():
            measure_coverage()
        self.data = coverage.CoverageData(str(CACHE / "coverage"))
        self.data.read()
        self.seconds: dict[str, float] = json.loads((CACHE / "durations.json").read_text(encoding="utf-8"))
        self._lines: dict[str, dict[int, list[str]]] = {}

    def tests(self, mutant: Mutant) -> list[list[str]]:
        """Return the stages of tests for a mutant, quickest first; empty if no test touches it."""
        path = str(ROOT / mutant.path)
        if path not in self._lines:
            self._lines[path] = self.data.contexts_by_lineno(path)
        contexts = {
            name for k in range(mutant.line, mutant.end_line + 1) for name in self._lines[path].get(k, [])
        }
        named = sorted((name for name in contexts if name in self.seconds), key=self.seconds.__getitem__)
        if named or not contexts:
            return [named[:LIMIT_TESTS]] if named else []
        return [list(stage) for stage in AT_IMPORT[Path(mutant.path).parts[1]]]

    def expected(self, tests: Iterable[str]) -> float:
        """Return how long the tests take."""
        chosen = tuple(tests)
        return sum(
            seconds for name, seconds in self.seconds.items() if name in chosen or name.startswith(chosen)
        )


class _Recorder:
    """pytest plugin of the child: tells the parent which test failed first."""

    def __init__(self, out: int) -> None:
        self.out = out

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            os.write(self.out, report.nodeid.encode()[:500])


def _child(mutant: Mutant, tests: list[str], out: int, unchanged: bool) -> None:
    """Import the changed module instead of the one on disk, and run the tests."""
    target, source = str(ROOT / mutant.path), (ROOT / mutant.path).read_text(encoding="utf-8")
    tree = ast.parse(source) if unchanged else mutated(source, mutant.number)
    original = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, fullname: str) -> CodeType | None:
        if self.path == target:
            return compile(tree, target, "exec")
        return original(self, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1), os.dup2(null, 2)
    import pytest

    code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests], plugins=[_Recorder(out)])
    os._exit(int(code))


def try_mutant(mutant: Mutant, touch: Touch, unchanged: bool = False) -> dict[str, Any]:
    """Return what became of a mutant; `unchanged` runs its tests on the source as it is."""
    began = time.perf_counter()
    status, killed_by = "uncovered", ""
    for tests in touch.tests(mutant):
        status, killed_by = _run(mutant, tests, max(LIMIT_SECONDS, 4 * touch.expected(tests)), unchanged)
        if status != "survived":
            break
    seconds = round(time.perf_counter() - began, 2)
    return {
        "name": mutant.name,
        "line": mutant.line,
        "status": status,
        "killed_by": killed_by,
        "seconds": seconds,
    }


def _run(mutant: Mutant, tests: list[str], limit: float, unchanged: bool) -> tuple[str, str]:
    """Run tests on a mutant in a process of its own; return killed, timeout or survived, and the first failure."""
    began = time.perf_counter()
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        try:
            _child(mutant, tests, write, unchanged)
        finally:
            os._exit(4)  # the changed source does not even import
    os.close(write)
    status = "timeout"
    while time.perf_counter() - began < limit:
        done, code = os.waitpid(pid, os.WNOHANG)
        if done:
            status = "survived" if os.waitstatus_to_exitcode(code) in (0, 5) else "killed"
            break
        time.sleep(0.02)
    else:
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    killed_by = os.read(read, 500).decode(errors="replace") if status == "killed" else ""
    os.close(read)
    return status, killed_by


def _interval(killed: int, total: int) -> list[float]:
    """Return the 95 % Clopper-Pearson interval of the score."""
    from scipy.stats import beta

    low = 0.0 if killed == 0 else float(beta.ppf(0.025, killed, total - killed + 1))
    high = 1.0 if killed == total else float(beta.ppf(0.975, killed + 1, total - killed))
    return [round(low, 4), round(high, 4)]


def summary(rows: list[dict[str, Any]], generated: list[Mutant], seed: int) -> dict[str, Any]:
    """Return the record: counts and score by room and altogether, and every survivor."""
    equivalent = json.loads((Path(__file__).parent / "equivalent.json").read_text(encoding="utf-8"))

    def counts(chosen: list[dict[str, Any]], total: int) -> dict[str, Any]:
        same = [
            row for row in chosen if row["status"] in ("survived", "uncovered") and row["name"] in equivalent
        ]
        killed = sum(row["status"] in ("killed", "timeout") for row in chosen)
        wrong = len(chosen) - len(same)
        return {
            "generated": total,
            "tried": len(chosen),
            "killed": killed,
            "of_these_by_time": sum(row["status"] == "timeout" for row in chosen),
            "equivalent": len(same),
            "survived": wrong - killed,
            "score": round(killed / wrong, 4) if wrong else None,
            "interval": _interval(killed, wrong) if wrong else None,
        }

    def room(path: str) -> str:
        return path.split("/")[1]

    return {
        "seed": seed,
        "all": counts(rows, len(generated)),
        "rooms": {
            name: counts(
                [row for row in rows if room(row["name"]) == name],
                sum(room(mutant.path) == name for mutant in generated),
            )
            for name in ROOMS
        },
        "survivors": [
            {"name": row["name"], "line": row["line"], "status": row["status"]}
            for row in rows
            if row["status"] in ("survived", "uncovered") and row["name"] not in equivalent
        ],
        "equivalent": {row["name"]: equivalent[row["name"]] for row in rows if row["name"] in equivalent},
    }


def main() -> int:
    """Return 0 if at least 90 % of the non-equivalent mutants that were tried died."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=600, help="number of mutants [600]")
    parser.add_argument("--seed", type=int, default=1, help="seed of the sample [1]")
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="stop after this time; goes on when run again"
    )
    parser.add_argument("--only", default="", help="only files whose path contains this")
    parser.add_argument(
        "--again", action="store_true", help="try what survived once more, with the tests of today"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "reports/reference/mutation.json")
    options = parser.parse_args()
    generated = [mutant for mutant in all_mutants() if options.only in mutant.path]
    chosen = random.Random(options.seed).sample(generated, min(options.sample, len(generated)))
    touch, store = Touch(), CACHE / f"results-{options.seed}.jsonl"
    lines = store.read_text(encoding="utf-8").splitlines() if store.exists() else []
    rows = {row["name"]: row for row in map(json.loads, lines)}
    if options.again:
        rows = {name: row for name, row in rows.items() if row["status"] not in ("survived", "uncovered")}
    for name in PRELOAD:
        importlib.import_module(name)
    for mutant in [item for item in chosen if len(touch.tests(item)) == 1][:3]:
        if try_mutant(mutant, touch, unchanged=True)["status"] != "survived":
            raise RuntimeError(f"the tests fail without any change, for {mutant.name}")
    began = time.time()
    for k, mutant in enumerate(chosen):
        if mutant.name in rows or time.time() - began > 60 * options.minutes:
            continue
        row = rows[mutant.name] = try_mutant(mutant, touch)
        with store.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        if row["status"] != "killed" or k % 25 == 0:
            sys.stderr.write(f"{k + 1}/{len(chosen)} {row['status']} {row['seconds']} s: {row['name']}\n")
    tried = [rows[mutant.name] for mutant in chosen if mutant.name in rows]
    record = summary(tried, generated, options.seed)
    part = options.out.with_suffix(".part")
    part.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    os.replace(part, options.out)
    total = record["all"]
    sys.stderr.write(
        f"{total['killed']} of {total['tried'] - total['equivalent']} killed: {total['score']} {total['interval']}\n"
    )
    return 0 if total["score"] is not None and total["score"] >= 0.9 else 1


if __name__ == "__main__":
    sys.exit(main())
