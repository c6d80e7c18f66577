"""Messages speak with one voice: `name = value is not admissible: what is; nearest valid choice: one`.

Read off the source at every place where a typed error is made. Catches: a message with a capital, a full stop
or an exclamation mark, one that scolds ("must", "invalid") instead of naming what is admissible, an error
without what is admissible, a file that cannot be read or written said in other words.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import gsae_theory
from gsae_theory.errors import GsaeError, InvalidInput, UnknownName, UnreadableFile, UnwritableOutput

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(path for room in ("gsae_theory", "proofs_check") for path in (ROOT / room).rglob("*.py"))
SCOLDS = re.compile(r"\b(must|should|please|invalid|illegal|wrong|sorry)\b|!", re.IGNORECASE)
NO_NOUN = re.compile(r"(in [\[(]|[<>=]|not |it |is )")
OPENINGS = {UnreadableFile: "cannot read ", UnwritableOutput: "cannot write "}


def fault(text: str) -> str:
    """Return what is wrong with a message, or nothing."""
    if re.match(r"([A-Z][a-z]+|A|The)\b(?![_^])", text):
        return "capital"
    if SCOLDS.search(text):
        return "scolds"
    return "full stop" if text.rstrip().endswith(".") and not text.endswith("...") else ""


def fault_of_admissible(text: str) -> str:
    """Return what is wrong with the words for what is admissible: a noun phrase, as in `a number > 0`."""
    return fault(text) or ("no noun" if NO_NOUN.match(text) else "")


def kinds() -> dict[str, type[GsaeError]]:
    """Return every typed error of the package by name."""
    for module in walk_packages(gsae_theory.__path__, "gsae_theory."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    found, queue = {}, [GsaeError]
    while queue:
        kind = queue.pop()
        found[kind.__name__] = kind
        queue += kind.__subclasses__()
    return {name: kind for name, kind in found.items() if kind.__module__.startswith("gsae_theory")}


def words(node: ast.expr, names: dict[str, ast.expr]) -> str | None:
    """Return a text with `{}` for what is filled in, or None where the source does not say it."""
    if isinstance(node, ast.Name) and node.id in names:
        return words(names[node.id], {})
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp):
        left, right = words(node.left, names), words(node.right, names)
        return None if left is None else left + (right or "{}")
    return None


def made(path: Path, known: dict[str, type[GsaeError]]) -> Iterator[tuple[type[GsaeError], ast.Call, dict]]:
    """Yield the calls that make a typed error, with the texts that names around them stand for."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for scope in (item for item in ast.walk(tree) if isinstance(item, ast.FunctionDef)):
        names = {
            target.id: item.value
            for item in (*tree.body, *ast.walk(scope))
            if isinstance(item, ast.Assign)
            for target in item.targets
            if isinstance(target, ast.Name)
        }
        for call in (item for item in ast.walk(scope) if isinstance(item, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id in known:
                yield known[call.func.id], call, names


def test_every_message_in_the_source() -> None:
    known, faults, read = kinds(), [], Counter()
    for path in SOURCES:
        for kind, call, names in made(path, known):
            where = f"{path.relative_to(ROOT)}:{call.lineno}"
            if issubclass(kind, UnknownName):
                text, problem = words(call.args[0], names), ""
                problem = fault(text) if text else ""
            elif issubclass(kind, InvalidInput):
                if len(call.args) < 3:
                    faults.append(f"{where}: nothing admissible is named")
                    continue
                text = words(call.args[2], names) if not isinstance(call.args[2], ast.Starred) else None
                problem = fault_of_admissible(text) if text else ""
            else:
                text = words(call.args[0], names) if call.args else None
                opening = next((start for of, start in OPENINGS.items() if issubclass(kind, of)), "")
                problem = fault(text or "") or (
                    "" if (text or opening).startswith((opening, "{}; ")) else "opening"
                )
            read[kind.__name__] += text is not None
            if problem:
                faults.append(f"{where}: {problem}: {text}")
    assert not faults, "\n".join(faults)
    assert read["InvalidInput"] > 200
    assert read["UnreadableFile"] > 25


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a finite number > 0", ""),
        ("R^2 of the law, or B_min", ""),
        ("A number", "capital"),
        ("a number.", "full stop"),
        ("a number!", "scolds"),
        ("it must be positive", "scolds"),
        ("in (0, 1]", "no noun"),
        ("> 0", "no noun"),
    ],
)
def test_the_rules_tell_good_from_bad(text: str, expected: str) -> None:
    assert fault_of_admissible(text) == expected


def test_a_missing_value_is_called_missing() -> None:
    """Catches `dim = None is not admissible`, which no user wrote."""
    assert str(InvalidInput("dim", None, "an integer >= 1")) == "dim is missing: an integer >= 1"
    assert str(InvalidInput("dim", 0, "an integer >= 1", 1)) == (
        "dim = 0 is not admissible: an integer >= 1; nearest valid choice: 1"
    )
