"""Differently seeded runs of everything random: true theorems must hold in all of them.

    python tests/tools/seeds.py --runs 20 --out reports/reference/seeds.json

Run k draws the random instances of tests/properties from seed k (profile ``seeded``: the sizes of the quick
profile, examples by chance instead of derived from the test), and verifies the default spec with seed k. A
failed property, or a true claim REFUTED, is a false alarm or a false theorem; the exit code is 1 then. The record is written after
every run, and a run that it already has is not repeated, so that an interrupted series goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from gsae_theory import __version__
from gsae_theory.output import write_atomic

ROOT = Path(__file__).parents[2]
TESTS = ("tests/properties", "tests/unit/simulate/test_simulate_engine.py")
FIRM = ("HOLDS", "REFUTED")
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped)")
_SPENT = re.compile(r"false-alarm budget: (\S+) of (\S+) spent on (\d+)")


def random_instances(seed: int) -> dict[str, Any]:
    """Run the property tests with random examples from `seed`."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--hypothesis-seed={seed}",
        *TESTS,
    ]
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "seeded"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    counts = {name.rstrip("s"): int(number) for number, name in _COUNT.findall(done.stdout)}
    spent = _SPENT.search(done.stdout)
    if done.returncode not in (0, 1) or spent is None:
        raise RuntimeError(f"pytest did not run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return {
        "passed": counts.get("passed", 0),
        "failed": failed,
        "alpha_spent": float(spent[1]),
        "sampled_assertions": int(spent[3]),
    }


def default_spec(seed: int) -> dict[str, Any]:
    """Verify the default spec with every model, start and sample drawn from `seed`."""
    command = [sys.executable, "-m", "gsae_theory", "verify", "--seed", str(seed), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 3):
        raise RuntimeError(f"gsae verify did not run: {done.stderr[-2000:]}")
    verdicts = json.loads(done.stdout)["verdicts"]
    wrong = [item for item in verdicts if item["expected_false"]]
    true = [item for item in verdicts if not item["expected_false"]]
    return {
        "verdicts": len(verdicts),
        "refuted": [item["theorem"] for item in true if item["status"] == "REFUTED"],
        "not_decided": [
            f"{item['theorem']}: {item['status']}" for item in true if item["status"] not in FIRM
        ],
        "wrong_claims_refuted": sum(item["status"] == "REFUTED" for item in wrong),
        "wrong_claims": len(wrong),
    }


def main() -> int:
    """Return 0 if every run holds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=20, help="number of seeds [20]")
    parser.add_argument("--first", type=int, default=1, help="first seed [1]")
    parser.add_argument("--out", type=Path, default=ROOT / "reports/reference/seeds.json")
    options = parser.parse_args()
    runs: list[dict[str, Any]] = []
    if options.out.exists():
        record = json.loads(options.out.read_text(encoding="utf-8"))
        runs = record["runs"] if record["version"] == __version__ else []
    have = {item["seed"] for item in runs}
    for seed in range(options.first, options.first + options.runs):
        if seed in have:
            continue
        began = time.time()
        run = {"seed": seed, **random_instances(seed), **default_spec(seed)}
        run["seconds"] = round(time.time() - began, 1)
        runs.append(run)
        alarms = sum(len(item["failed"]) + len(item["refuted"]) for item in runs)
        record = {"version": __version__, "tests": list(TESTS), "alarms": alarms, "runs": runs}
        write_atomic(options.out, (json.dumps(record, indent=1) + "\n").encode())
        said = f"seed {seed}: {run['passed']} passed, {run['verdicts']} verdicts, alarms so far {alarms}"
        sys.stderr.write(f"{said}\n")
    return 1 if any(item["failed"] or item["refuted"] for item in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
