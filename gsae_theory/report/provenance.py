"""Where a report comes from: versions, commit, machine, time, command."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import numpy as np

from gsae_theory.report.schema import Provenance

DISTRIBUTION = "gsae_theory"
PACKAGES = ("numpy", "scipy", "sympy", "scikit-learn", "matplotlib", "cvxpy", "hypothesis")


def collect(
    *, seed: int, spec: str, command: Sequence[str] | None = None, seconds: float | None = None
) -> Provenance:
    """Return the provenance of a run on this machine, now.

    Parameters
    ----------
    seed : int
    spec : str
        Name of the spec, or its file name.
    command : sequence of str, optional
        The words of the command; the running one if left out.
    seconds : float, optional
        Wall-clock time of the run.
    """
    commit, modified = git_state(Path(__file__).resolve().parents[2])
    words = list(sys.argv if command is None else command)
    if words:
        words[0] = Path(words[0]).name
    return Provenance(
        version=version_of(DISTRIBUTION),
        commit=commit,
        modified=modified,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        system=f"{platform.system()} {platform.release()}",
        machine=processor(),
        blas=blas(),
        cpus=os.cpu_count() or 1,
        packages={name: version_of(name) for name in PACKAGES},
        seed=seed,
        spec=spec,
        command=shlex.join(words),
        time_utc=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=seconds,
    )


def version_of(name: str) -> str:
    """Return the installed version of a distribution, or ``not installed``."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def git_state(folder: Path) -> tuple[str, bool]:
    """Return (commit, has uncommitted changes) if `folder` is the top of a checkout, else ("", False)."""
    if not (folder / ".git").exists():
        return "", False
    commit = _git(folder, "rev-parse", "HEAD")
    return commit, bool(commit and _git(folder, "status", "--porcelain", "--untracked-files=no"))


def processor() -> str:
    """Return the kind of processor, as the system names it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]} ({platform.machine()})" if names else platform.processor() or platform.machine()


def blas() -> str:
    """Return name and version of the BLAS that NumPy was built with."""
    try:
        found = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return f"{found.get('name', 'unknown')} {found.get('version', '')}".strip()
    except (KeyError, TypeError):
        return "unknown"


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
