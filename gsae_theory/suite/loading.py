"""From 'package.module:Class' to an object, without ever evaluating text."""

from __future__ import annotations

import difflib
import re
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from gsae_theory.errors import InvalidInput
from gsae_theory.suite.arrays import TargetProblem

DEFAULT_TARGET = "gsae_theory.suite.reference:Reference"
_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


def load_target(name: str, folder: str | None = None) -> Any:
    """Import a target and return an instance of it.

    Parameters
    ----------
    name : str
        ``package.module:Class``; the class is called without arguments. ``package.module:object`` takes
        an object as it is.
    folder : str, optional
        Where to look for the module besides ``sys.path`` (the folder in which pytest was started).

    Raises
    ------
    InvalidInput
        If `name` does not have that form.
    TargetProblem
        If the module cannot be imported, the attribute is missing, or the class cannot be constructed.
    """
    module_name, colon, attribute = name.partition(":")
    if not colon or not _NAME.fullmatch(module_name) or not _NAME.fullmatch(attribute):
        raise InvalidInput("--gsae-target", name, "package.module:Class", _nearest(name))
    target = _module(module_name, folder)
    for part in attribute.split("."):
        if not hasattr(target, part):
            raise TargetProblem(_missing(target, part))
        target = getattr(target, part)
    if not isinstance(target, type):
        return target
    try:
        return target()
    except Exception as problem:
        raise TargetProblem(
            f"{name} cannot be made without arguments: calling it raised {type(problem).__name__}: {problem}"
        ) from problem


def _nearest(name: str) -> str | None:
    head, dot, tail = name.rpartition(".")
    likely = f"{head}:{tail}"
    return likely if dot and ":" not in name and all(map(_NAME.fullmatch, (head, tail))) else None


def _module(name: str, folder: str | None) -> ModuleType:
    if folder is not None and folder not in sys.path:
        sys.path.insert(0, folder)  # stays: the target may import its neighbours later
    try:
        return import_module(name)
    except ModuleNotFoundError as problem:
        missing = problem.name or name
        if name == missing or name.startswith(missing + "."):
            raise TargetProblem(
                f"there is no module {missing!r} (asked for as {name!r}); looked in {folder or 'sys.path'} and the "
                "installed packages: start pytest in its folder, or install it"
            ) from problem
        raise TargetProblem(
            f"{name} was found, but it imports {missing!r}, which is not installed"
        ) from problem
    except Exception as problem:
        raise TargetProblem(f"importing {name} raised {type(problem).__name__}: {problem}") from problem


def _missing(owner: Any, attribute: str) -> str:
    names = [entry for entry in dir(owner) if not entry.startswith("_")]
    close = difflib.get_close_matches(attribute, names, n=1, cutoff=0.4)
    hint = (
        f"; did you mean {close[0]!r}?" if close else f"; it has {', '.join(names[:10]) or 'no public names'}"
    )
    return f"{getattr(owner, '__name__', owner)!s} has no attribute {attribute!r}{hint}"
