"""Mutants of Python source: small changes of expressions, one at a time, found in the syntax tree.

Left alone: strings, annotations, decorators, what stands inside a ``raise``, and ``__all__``. A mutant is
named by file, source line and change, so that its name outlives edits elsewhere in the file.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy
import sympy

_BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_NAMES = {
    "minimum": "maximum", "maximum": "minimum", "min": "max", "max": "min", "Min": "Max", "Max": "Min",
    "argmin": "argmax", "argmax": "argmin", "any": "all", "all": "any", "sum": "max", "abs": "float",
    "sqrt": "abs", "Le": "Ge", "Ge": "Le", "Lt": "Gt", "Gt": "Lt",
}  # fmt: skip
"""Functions exchanged with a relative, called as ``f(...)`` or ``np.f(...)``."""
_MODULES = {"np": numpy, "sp": sympy, "math": math}


@dataclass(frozen=True)
class Mutant:
    """One change: file (relative), lines, source line, and what became of the expression."""

    path: str
    line: int
    end_line: int
    column: int
    text: str
    change: str
    number: int
    """Position among the changes of the file, in the order of `changes`."""

    @property
    def name(self) -> str:
        """Return a name that does not depend on line numbers."""
        return f"{self.path} | {self.text} | {self.column} | {self.change}"


def _skipped(tree: ast.AST) -> set[ast.AST]:
    """Return the nodes that are left alone, with everything below them."""
    roots: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
            roots.append(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            roots += [*node.decorator_list, *([node.returns] if node.returns else [])]
        elif isinstance(node, ast.ClassDef):
            roots += node.decorator_list
        elif (isinstance(node, ast.arg) and node.annotation is not None) or isinstance(node, ast.AnnAssign):
            roots.append(node.annotation)
        elif (
            isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in _ALIASES
        ) or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("cast", "TypeVar")
        ):
            roots.append(node)
    return {below for root in roots for below in ast.walk(root)}


_ALIASES = {"Callable", "dict", "list", "tuple", "NDArray", "Literal", "Union", "Mapping", "Sequence", "type"}


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield (what changes, new node) for one node."""
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY and not _is_text(node):
        new = _BINARY[type(node.op)]()
        yield f"{type(node.op).__name__} -> {type(new).__name__}", ast.BinOp(node.left, new, node.right)
        if isinstance(node.op, ast.Add | ast.Sub | ast.Mult):
            yield f"{type(node.op).__name__}: left alone", node.left
    elif isinstance(node, ast.Compare) and len(node.ops) >= 1:
        for k, op in enumerate(node.ops):
            if type(op) in _COMPARE:
                ops = list(node.ops)
                ops[k] = _COMPARE[type(op)]()
                yield (
                    f"{type(op).__name__} -> {type(ops[k]).__name__}",
                    ast.Compare(node.left, ops, node.comparators),
                )
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield f"{type(node.op).__name__} -> {type(other).__name__}", ast.BoolOp(other, node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield f"without {type(node.op).__name__}", node.operand
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float, bool):
        value = node.value
        wrong = (
            (not value) if type(value) is bool else (value + 1 if type(value) is int else value * 2 or 1.0)
        )
        yield f"{value} -> {wrong}", ast.Constant(wrong)
    elif isinstance(node, ast.IfExp):
        yield "condition negated", ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _NAMES and _exists(node.func, _NAMES[name]):
            new_name = _NAMES[name]
            func = (
                ast.Attribute(node.func.value, new_name, ast.Load())
                if isinstance(node.func, ast.Attribute)
                else ast.Name(new_name, ast.Load())
            )
            yield f"{name} -> {new_name}", ast.Call(func, node.args, node.keywords)


def _exists(func: ast.expr, name: str) -> bool:
    """Return whether the module of ``np.f(...)`` has the relative too: what fails at once tells nothing."""
    if not (isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)):
        return True
    module = _MODULES.get(func.value.id)
    return module is None or hasattr(module, name)


def _is_text(node: ast.BinOp) -> bool:
    """Return whether the operation joins or formats strings."""
    return any(
        isinstance(side, ast.Constant | ast.JoinedStr) and isinstance(getattr(side, "value", ""), str)
        for side in (node.left, node.right)
        if not isinstance(side, ast.Constant) or isinstance(side.value, str)
    )


class _Replace(ast.NodeTransformer):
    def __init__(self, target: ast.AST, new: ast.AST) -> None:
        self.target, self.new = target, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.target else super().generic_visit(node)


def _sites(tree: ast.AST) -> Iterator[tuple[ast.expr, str, ast.AST]]:
    skipped = _skipped(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and node not in skipped:
            for change, new in _changes(node):
                yield node, change, new


def mutants_of(path: Path, root: Path) -> list[Mutant]:
    """Return the mutants of one file."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    found = []
    for number, (node, change, _) in enumerate(_sites(ast.parse(source))):
        end = node.end_lineno or node.lineno
        text = lines[node.lineno - 1].strip()
        found.append(
            Mutant(str(path.relative_to(root)), node.lineno, end, node.col_offset, text, change, number)
        )
    return found


def mutated(source: str, number: int) -> ast.Module:
    """Return the syntax tree of `source` with its change `number` made."""
    tree = ast.parse(source)
    for k, (node, _, new) in enumerate(_sites(tree)):
        if k == number:
            ast.copy_location(new, node)
            return ast.fix_missing_locations(_Replace(node, new).visit(tree))
    raise IndexError(f"no change {number}")
