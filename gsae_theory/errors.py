"""Typed errors: each names the value given, what is admissible and the nearest valid choice."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any


class GsaeError(Exception):
    """Base of every error that gsae_theory raises on purpose."""


class InvalidInput(GsaeError, ValueError):
    """A value is outside what is admissible, or missing where `given` is None.

    Parameters
    ----------
    name : str
        What was set, as the user knows it (an option, a spec key, an argument).
    given : object
        The value given.
    admissible : str
        What would have been accepted.
    nearest : object, optional
        The nearest valid choice; left out where there is none to name.
    """

    def __init__(self, name: str, given: object, admissible: str, nearest: object | None = None) -> None:
        self.name, self.given, self.admissible, self.nearest = name, given, admissible, nearest
        text = f"{name} is missing" if given is None else f"{name} = {shown(given)} is not admissible"
        text += f": {admissible}"
        if nearest is not None:
            text += f"; nearest valid choice: {shown(nearest)}"
        super().__init__(text)

    def __reduce__(self) -> tuple[object, ...]:
        # An error of a worker process travels by pickle, and the text is not an argument.
        return _restored, (type(self), self.name, self.given, self.admissible, self.nearest)

    def located(self, place: str) -> InvalidInput:
        """Return the same error with a place (a file, a case) before the name."""
        return _restored(type(self), f"{place}: {self.name}", self.given, self.admissible, self.nearest)


def _restored(
    kind: type[InvalidInput], name: str, given: object, admissible: str, nearest: object | None
) -> InvalidInput:
    found = kind.__new__(kind)
    InvalidInput.__init__(found, name, given, admissible, nearest)
    return found


class UnknownName(InvalidInput):
    """A name (theorem, dictionary, option, spec key) that does not exist.

    Up to `LISTED` names are listed; of more, the ones closest to what was given.
    """

    LISTED = 20

    def __init__(self, kind: str, given: str, known: Iterable[str]) -> None:
        names = sorted(known)
        close = difflib.get_close_matches(given, names, n=5, cutoff=0.4)
        if len(names) <= self.LISTED:
            text = "one of " + ", ".join(names)
        else:
            text = f"one of {len(names)} names, such as " + ", ".join(close or names[:: len(names) // 5][:5])
        super().__init__(kind, given, text, close[0] if close else None)


_SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_KINDS = {
    "int": "an integer",
    "float": "a number",
    "finite": "a finite number",
    "string": "text",
    "bool": "true or false",
    "tuple": "a list",
    "list": "a list",
    "dict": "a table",
    "model": "a table",
    "dataclass": "a table",
}


def admissible_by(error: Mapping[str, Any]) -> tuple[str, object | None]:
    """Return in this package's words what a schema admits, and the nearest valid choice.

    Parameters
    ----------
    error : mapping
        One of the errors of pydantic's ValidationError.
    """
    context, given = error.get("ctx", {}), error["input"]
    for key, sign in _SIGNS.items():
        if key in context:
            limit = context[key]
            nearest = limit if "e" in key else None
            if key == "gt" and limit == 0 and isinstance(given, int | float):
                nearest = abs(given) or None
            return f"{_KINDS['int' if isinstance(limit, int) else 'float']} {sign} {shown(limit)}", nearest
    if "expected" in context:
        choices = [part.strip(" '") for part in str(context["expected"]).replace(" or ", ", ").split(",")]
        close = difflib.get_close_matches(str(given), choices, n=1, cutoff=0.3)
        return "one of " + ", ".join(choices), close[0] if close else None
    for key, words in (("min_length", "at least"), ("max_length", "at most")):
        if key in context:
            parts = "characters" if isinstance(given, str) else "entries"
            return f"{words} {context[key]} {parts}", None
    text = str(error["msg"])
    return _KINDS.get(str(error["type"]).partition("_")[0], text[:1].lower() + text[1:]), None


class UnreadableFile(GsaeError, OSError):
    """A file is missing, truncated, of the wrong kind or holds what is never loaded (pickled objects)."""


class UnwritableOutput(GsaeError, OSError):
    """A place for results cannot be written; raised before any computation."""


class TooLarge(InvalidInput):
    """What was asked needs more work or room than the stated limit; the error names the way out."""


class MissingValue(GsaeError, KeyError):
    """A formula needs a value that the instance does not have."""

    def __str__(self) -> str:  # KeyError would print the repr of the text
        return str(self.args[0])


def shown(value: object, limit: int = 120) -> str:
    """Return `value` as short text for a message."""
    text = (
        f"{value:.6g}" if isinstance(value, float) else repr(value) if isinstance(value, str) else str(value)
    )
    return text if len(text) <= limit else text[: limit - 3] + "..."
