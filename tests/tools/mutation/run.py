"""Mutation testing of the code: which share of small wrong changes do the tests notice?

    python -m tests.tools.mutation.run --sample 600 --seed 1

1. The suite runs once under coverage, every test a context: which tests touch which line (kept in .mutation/).
2. The mutants of theory/, network/, simulate/ and check/ are put in a random order. `--kind` takes those of one
   stratum; the score of all weighs the strata by their sizes.
3. Each is tried in a forked process (`trial.py`) by the tests that touch its line, quickest first, until one
   fails. What runs at import touches every test of its room: those that failed for mutants of the same file
   go first, then the others by their time. What exceeds its CPU time is counted as killed, apart.
4. Every test that killed a mutant is run once more on the source as it is, where it has to pass.

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
from collections import Counter
from itertools import accumulate
from pathlib import Path
from typing import Any

from tests.tools.mutation.operators import Mutant, mutants_of
from tests.tools.mutation.trial import IMPORT, Trial, Warm, try_in_fork

ROOT = Path(__file__).parents[3]
CACHE = ROOT / ".mutation"
ROOMS = ("theory", "network", "simulate", "check")
AT_IMPORT: dict[str, tuple[str, ...]] = {
    "theory": (
        "tests/reference",
        "tests/unit/theory",
        "tests/oracles",
        "tests/falsify",
        "tests/properties",
        "tests/proofs",
    ),
    "network": ("tests/reference", "tests/unit/network", "tests/unit/experiments", "tests/oracles"),
    "simulate": ("tests/reference", "tests/unit/simulate", "tests/unit/check", "tests/properties"),
    "check": ("tests/reference", "tests/unit/check", "tests/properties", "tests/falsify", "tests/unit/cli"),
}
"""Tests for lines that run at import."""
PRINT = "theory/typeset"
"""How formulas are set in print: counted apart, since nothing that is proved, run or decided depends on it."""
PRELOAD = ("numpy", "scipy.optimize", "scipy.special", "scipy.stats", "sympy", "pytest", "matplotlib.pyplot")
KINDS = ("inside functions", "at import")
"""Strata: what a call runs, and what the import of the package runs."""
LIMIT_TESTS, LIMIT_SECONDS, MOST_SECONDS = 60, 30.0, 8.0
"""Per mutant: how many tests, how much CPU time beyond four times what they take, and how long they take altogether."""
LONGEST_AT_IMPORT = 2.0
"""Seconds: tests that take longer are left out for lines that run at import."""
RECORDED = "tests/reference/"
"""Tests that compare with recorded numbers: tried last inside functions, so that the record says what only they
notice; first at import, where another order would take minutes for every mutant."""


def all_mutants() -> list[Mutant]:
    """Return every mutant of the four rooms."""
    files = [path for room in ROOMS for path in sorted((ROOT / "gsae_theory" / room).rglob("*.py"))]
    return [mutant for path in files for mutant in mutants_of(path, ROOT)]


def measure_coverage() -> None:
    """Run the suite once under coverage with a context per test."""
    CACHE.mkdir(exist_ok=True)
    rc = CACHE / "coveragerc"
    source = ",".join(f"gsae_theory/{room}" for room in ROOMS)
    rc.write_text(
        f"[run]\nsource = {source}\nrelative_files = true\ndata_file = {CACHE / 'coverage'}\n",
        encoding="utf-8",
    )
    command = [
        sys.executable, "-m", "coverage", "run", f"--rcfile={rc}", "-m", "pytest", "-q", "-p", "no:cacheprovider",
        "-p", "tests.tools.mutation.contexts",
    ]  # fmt: skip
    environment = {**os.environ, "GSAE_DURATIONS": str(CACHE / "durations.json")}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def _inside_functions(path: Path) -> set[int]:
    """Return the lines that run only when a function is called."""
    bodies = [
        statement
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in node.body
    ]
    return {line for body in bodies for line in range(body.lineno, (body.end_lineno or body.lineno) + 1)}


class Touch:
    """Which tests touch which lines, and how long they take."""

    def __init__(self) -> None:
        import coverage

        if not (CACHE / "durations.json").exists():
            measure_coverage()
        self.data = coverage.CoverageData(str(CACHE / "coverage"))
        self.data.read()
        self.files = {name.partition("gsae_theory/")[2]: name for name in self.data.measured_files()}
        self.seconds: dict[str, float] = json.loads((CACHE / "durations.json").read_text(encoding="utf-8"))
        self._lines: dict[str, tuple[dict[int, list[str]], set[int]]] = {}
        self.fresh: list[str] = []
        """Tests that are newer than the coverage: tried on every mutant of their room, last."""

    def only(self, tests: list[str]) -> None:
        """Forget tests that are no more, and note those that are new."""
        self.fresh = [name for name in tests if name not in self.seconds]
        self.seconds = {name: self.seconds[name] for name in tests if name in self.seconds}

    def _contexts(self, mutant: Mutant) -> tuple[set[str], bool]:
        if mutant.path not in self._lines:
            name = self.files.get(mutant.path.partition("gsae_theory/")[2], "")
            inside = _inside_functions(ROOT / mutant.path)
            self._lines[mutant.path] = (self.data.contexts_by_lineno(name) if name else {}), inside
        lines, inside = self._lines[mutant.path]
        contexts = {name for k in range(mutant.line, mutant.end_line + 1) for name in lines.get(k, [])}
        return contexts, mutant.line in inside and "" not in contexts

    def kind(self, mutant: Mutant) -> str:
        """Return the stratum of a mutant."""
        return KINDS[0] if self._contexts(mutant)[1] else KINDS[1]

    def trial(self, mutant: Mutant, killers: list[str], thorough: bool) -> Trial | None:
        """Return how to try a mutant; None if no test touches it."""
        contexts, called = self._contexts(mutant)
        if not self._lines[mutant.path][0] and self.fresh:  # a file newer than the coverage
            return Trial(mutant.path, mutant.number, self.fresh, self._limit(self.fresh), warm=False)
        folders = AT_IMPORT[mutant.path.split("/")[1]]
        fresh = [name for name in self.fresh if name.startswith(folders)]
        if not contexts:
            return Trial(mutant.path, mutant.number, fresh, self._limit(fresh), warm=False) if fresh else None
        if called:
            tests = sorted(contexts & set(self.seconds), key=self.seconds.__getitem__)
            tests, recorded = _apart(tests)
            tests = [*(tests if thorough else self._quick(tests)), *fresh, *recorded]
            return Trial(mutant.path, mutant.number, tests, self._limit(tests), warm=True)
        longest = float("inf") if thorough else LONGEST_AT_IMPORT
        near = [
            name
            for name, seconds in self.seconds.items()
            if name.startswith(folders)
            and (seconds <= longest or name.startswith(RECORDED))
            and name not in killers
        ]
        tests, recorded = _apart([*killers, *fresh, *sorted(near, key=self.seconds.__getitem__)])
        tests = [*recorded, *tests]
        return Trial(mutant.path, mutant.number, tests, self._limit(tests), warm=False)

    def _quick(self, tests: list[str]) -> list[str]:
        """Return the first tests, as many as the limits allow, at least one."""
        total = accumulate(self.seconds[name] for name in tests)
        many = sum(seconds <= MOST_SECONDS for seconds in total)
        return tests[: max(1, min(LIMIT_TESTS, many))] if tests else []

    def _limit(self, tests: list[str]) -> float:
        return LIMIT_SECONDS + 4 * sum(self.seconds.get(name, 0.0) for name in tests)


def _apart(tests: list[str]) -> tuple[list[str], list[str]]:
    """Return the tests without those of recorded numbers, and these."""
    recorded = [name for name in tests if name.startswith(RECORDED)]
    return [name for name in tests if not name.startswith(RECORDED)], recorded


def _interval(killed: int, total: int, alpha: float = 0.05) -> list[float]:
    """Return the Clopper-Pearson interval of the score at level 1 - alpha."""
    from scipy.stats import beta

    low = 0.0 if killed == 0 else float(beta.ppf(alpha / 2, killed, total - killed + 1))
    high = 1.0 if killed == total else float(beta.ppf(1 - alpha / 2, killed + 1, total - killed))
    return [round(low, 4), round(high, 4)]


def weighted(strata: dict[str, Any]) -> dict[str, Any]:
    """Return the score of all mutants from those of the strata, each weighted by its size.

    The limits are those of each stratum at 97.5 %, weighted: together they hold with 95 %. None if a stratum
    has not been tried at all.
    """
    tried = list(strata.values())
    if any(part["score"] is None for part in tried):
        return {"score": None, "interval": None}
    total = sum(part["generated"] for part in tried)

    def mean(values: list[float]) -> float:
        both = zip(tried, values, strict=True)
        return round(sum(part["generated"] * value for part, value in both) / total, 4)

    limits = [
        _interval(part["killed"], part["killed"] + part["survived"], 0.05 / len(tried)) for part in tried
    ]
    low, high = ([pair[k] for pair in limits] for k in (0, 1))
    return {"score": mean([part["score"] for part in tried]), "interval": [mean(low), mean(high)]}


def summary(
    rows: list[dict[str, Any]], generated: list[Mutant], kinds: dict[str, int], **about: Any
) -> dict[str, Any]:
    """Return the record: counts and score by stratum and room, altogether, and every survivor; print is apart."""
    equivalent = json.loads((Path(__file__).parent / "equivalent.json").read_text(encoding="utf-8"))
    alive = ("survived", "uncovered")

    def counts(chosen: list[dict[str, Any]], total: int) -> dict[str, Any]:
        same = [row for row in chosen if row["status"] in alive and row["name"] in equivalent]
        killed = sum(row["status"] in ("killed", "timeout") for row in chosen)
        wrong = len(chosen) - len(same)
        return {
            "generated": total,
            "tried": len(chosen),
            "killed": killed,
            "of_these_by_time": sum(row["status"] == "timeout" for row in chosen),
            "of_these_by_recorded_numbers": sum(row["killed_by"].startswith(RECORDED) for row in chosen),
            "equivalent": len(same),
            "survived": wrong - killed,
            "score": round(killed / wrong, 4) if wrong else None,
            "interval": _interval(killed, wrong) if wrong else None,
        }

    def room(path: str) -> str:
        return PRINT if PRINT in path else path.split("/")[1]

    everything, rows = rows, [row for row in rows if room(row["name"]) != PRINT]
    strata = {kind: counts([row for row in rows if row["kind"] == kind], kinds[kind]) for kind in KINDS}
    return {
        **about,
        "all": {**counts(rows, sum(kinds.values())), **weighted(strata)},
        "strata": strata,
        "rooms": {
            name: counts(
                [row for row in everything if room(row["name"]) == name],
                sum(room(mutant.path) == name for mutant in generated),
            )
            for name in (*ROOMS, PRINT)
        },
        "survivors": [
            {"name": row["name"], "line": row["line"], "status": row["status"]}
            for row in everything
            if row["status"] in alive and row["name"] not in equivalent
        ],
        "equivalent": {
            row["name"]: equivalent[row["name"]]
            for row in everything
            if row["name"] in equivalent and row["status"] in alive
        },
    }


def killers_of(rows: dict[str, dict[str, Any]], path: str) -> list[str]:
    """Return the tests that killed mutants of a file, then those of its room, the most successful first."""
    found: list[str] = []
    for start, most in ((path + " |", 8), (str(Path(path).parent) + "/", 16)):
        counts = Counter(row["killed_by"] for row in rows.values() if row["name"].startswith(start))
        found += [name for name, _ in counts.most_common(most) if name not in ("", IMPORT)]
    return list(dict.fromkeys(found))


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
    parser.add_argument("--kind", choices=KINDS, help="only mutants of one stratum")
    parser.add_argument("--only", default="", help="only files whose path contains this")
    parser.add_argument(
        "--again", action="store_true", help="try what survived once more, with every test that touches it"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "reports/reference/mutation.json")
    options = parser.parse_args()
    # A job in the background ignores Ctrl-C, and so would the commands that tests interrupt, for ever.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    generated = [mutant for mutant in all_mutants() if options.only in mutant.path]
    touch, store = Touch(), CACHE / f"results-{options.seed}.jsonl"
    kinds = Counter(touch.kind(mutant) for mutant in generated if PRINT not in mutant.path)
    chosen = random.Random(options.seed).sample(generated, len(generated))[: options.sample]
    lines = store.read_text(encoding="utf-8").splitlines() if store.exists() else []
    rows = {row["name"]: row for row in map(json.loads, lines)}
    if options.again:
        rows = {name: row for name, row in rows.items() if row["status"] not in ("survived", "uncovered")}
    for name in PRELOAD:
        importlib.import_module(name)
    warm, began = Warm(ROOT), time.time()
    touch.only(warm.tests)
    for k, mutant in enumerate(chosen):
        if mutant.name in rows or options.kind not in (None, touch.kind(mutant)):
            continue
        if time.time() - began > 60 * options.minutes:
            break
        start, status, killed_by = time.perf_counter(), "uncovered", ""
        trial = touch.trial(mutant, killers_of(rows, mutant.path), options.again)
        if trial is not None:
            status, killed_by = warm.ask(trial) if trial.warm else try_in_fork(trial, ROOT)
            if (
                trial.warm and status == "survived" and options.again
            ):  # once more with a fresh import, to be sure
                status, killed_by = try_in_fork(trial, ROOT)
        row = rows[mutant.name] = {
            "name": mutant.name, "line": mutant.line, "kind": touch.kind(mutant), "status": status, "killed_by": killed_by,
            "seconds": round(time.perf_counter() - start, 2),
        }  # fmt: skip
        with store.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        if row["status"] != "killed" or k % 25 == 0:
            sys.stderr.write(f"{k + 1}/{len(chosen)} {row['status']} {row['seconds']} s: {row['name']}\n")
    tried = [rows[mutant.name] for mutant in chosen if mutant.name in rows]
    named = sorted({row["killed_by"] for row in tried if row["killed_by"] not in ("", IMPORT)})
    status, failed = warm.ask(Trial("", -1, named, 1e4, warm=True)) if named else ("survived", "")
    if status != "survived":
        sys.stderr.write(f"fails without any change: {failed or named}\n")
        return 2
    record = summary(tried, generated, kinds, seed=options.seed, killing_tests_pass_unchanged=len(named))
    part = options.out.with_suffix(".part")
    part.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    os.replace(part, options.out)
    total = record["all"]  # the score is weighted: the strata may be tried to different depths
    sys.stderr.write(
        f"{total['killed']} of {total['tried'] - total['equivalent']} killed: {total['score']} {total['interval']}\n"
    )
    return 0 if total["score"] is not None and total["score"] >= 0.9 else 1


if __name__ == "__main__":
    sys.exit(main())
