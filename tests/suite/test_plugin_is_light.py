"""The plugin is loaded by every pytest run of its environment: it must cost nothing there."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("sympy", "cvxpy", "matplotlib", "scipy", "sklearn", "hypothesis", "numpy", "torch", "jax")


def test_importing_the_plugin_imports_nothing_heavy() -> None:
    """Catches an import at the top of the plugin, or of anything that it imports."""
    code = f"import sys, gsae_theory.pytest_plugin; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_other_runs_are_left_alone(tmp_path: Path) -> None:
    """Another project's run: no header line, no heavy import, no option in the way."""
    (tmp_path / "test_theirs.py").write_text(
        "import sys\n\ndef test_nothing_of_ours_was_loaded():\n"
        f"    assert not [m for m in {HEAVY!r} if m in sys.modules]\n"
        "    assert 'gsae_theory.suite' not in sys.modules\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "gsae_theory.pytest_plugin", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "test_theirs.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "gsae" not in done.stdout.replace(str(ROOT), "").replace("gsae_theory.pytest_plugin", "")


def test_the_entry_point_names_the_plugin() -> None:
    """Catches an option that exists only in this repository's own runs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (module,) = project["entry-points"]["pytest11"].values()
    assert hasattr(import_module(module), "pytest_addoption")


def test_the_target_option_evaluates_nothing() -> None:
    """Catches loading by eval, getattr on private names included."""
    from gsae_theory.errors import InvalidInput
    from gsae_theory.suite.loading import load_target

    for name in ("os:system('true')", "os;sys:x", "os: path", ":x", "os:", "a b:c"):
        with pytest.raises(InvalidInput, match=r"package\.module:Class"):
            load_target(name)
