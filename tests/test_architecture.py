"""The rule of imports, the shape of modules, and what the project must never do.

Catches: a room that imports a later one, theory that sees a run, a second numeric copy of a bound,
evaluation of outside text, prints in library code, modules that outgrow a head.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "gsae_theory"
ROOMS = [
    "model",
    "theory",
    "network",
    "simulate",
    "sweep",
    "check",
    "explore",
    "experiments",
    "bench",
    "report",
]
BLIND = {
    "sweep": {"model", "theory", "network", "simulate"},
    "theory": {"model", "network", "simulate"},
    **{r: {"theory"} for r in ("model", "network", "simulate")},
}
SHARED = {"errors", "files", "output", "seeds", "plain"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Return the dotted names of this package that a module imports, wherever in the module."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide which room is meant"
            names.add(node.module or "")
    return {name for name in names if name.split(".")[0] == "gsae_theory"}


def room_of(path: Path) -> str | None:
    part = path.relative_to(PACKAGE).parts[0]
    return part if part in ROOMS else None


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_rooms_before_it(path: Path) -> None:
    room = room_of(path)
    if room is None:
        return
    allowed = {*ROOMS[: ROOMS.index(room) + 1], *SHARED} - BLIND.get(room, set())
    for name in imported(path):
        target = name.split(".")[1] if "." in name else "__init__"
        assert target in allowed, f"{room} imports {name}; allowed are {sorted(allowed)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_stay_small_and_do_not_print_or_evaluate(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 400, "split the module"
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        assert name not in {"eval", "exec", "sympify", "parse_expr"}, f"{name} in {path}:{node.lineno}"
        printed = isinstance(node.func, ast.Name) and name == "print"
        assert not printed, f"library code prints in {path}:{node.lineno}"
        for keyword in node.keywords:
            pickled = keyword.arg == "allow_pickle" and getattr(keyword.value, "value", None) is not False
            assert not pickled, f"{path}:{node.lineno} would unpickle outside data"
        if name == "default_rng":
            assert node.args, f"unseeded generator in {path}:{node.lineno}"


def test_proofs_see_theory_only() -> None:
    for path in (ROOT / "proofs_check").rglob("*.py"):
        for name in imported(path):
            assert name.split(".")[1] in {"theory", "errors", "files"}, f"{path} imports {name}"


def test_reports_hold_data_only() -> None:
    assert not list((ROOT / "reports").rglob("*.py"))
