"""The false-alarm budget of a run: one cap for all workers, printed, and the end of a run that exceeds it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = '''
import pytest
from gsae_theory.check.statistics import mean_at_most

@pytest.mark.parametrize("k", range(8))
def test_sampled(k):
    """Each books 1e-9."""
    mean_at_most([0.1, 0.2, 0.3], 1.0, 1.0, assertion=f"mean {k}")
'''


def run(tmp_path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "test_booked.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    return subprocess.run(
        [*command, "-p", "gsae_theory.pytest_budget", *options, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        # the outer run may itself be a worker
        env={k: v for k, v in os.environ.items() if "XDIST" not in k} | {"PYTHONPATH": str(ROOT)},
        timeout=120,
        check=False,
    )


def test_what_is_spent_is_summed_over_workers_and_printed(tmp_path: Path) -> None:
    """Catches a ledger per process that nobody adds up."""
    done = run(tmp_path, "-n", "2", "-v")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "false-alarm budget: at most 0.0001 for the whole run, 1e-09 per sampled assertion" in done.stdout
    assert re.search(r"false-alarm budget: 8e-09 of 0.0001 spent on 8 sampled assertions", done.stdout)
    assert "by 2 workers" in done.stdout


def test_a_run_at_its_cap_ends(tmp_path: Path) -> None:
    """Catches a cap that is only reported: the fourth assertion fails and no later test runs."""
    done = run(tmp_path, "--gsae-alpha-cap", "3e-9")
    assert done.returncode != 0
    assert "BudgetSpent" in done.stdout
    assert re.search(r"1 failed, 3 passed", done.stdout), done.stdout
    assert "spent on 3 sampled assertions" in done.stdout
