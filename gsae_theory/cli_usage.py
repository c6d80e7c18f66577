"""What the parser of the command line refuses, as the package's own errors: one voice, and JSON with --json."""

from __future__ import annotations

import re

import click

from gsae_theory.cli_options import FieldOption
from gsae_theory.errors import GsaeError, InvalidInput, UnknownName

_GIVEN = (re.compile(r"^(.+?) is not "), re.compile(r"('.*')"))  # click's messages begin with the value


class CommandLine(GsaeError):
    """The words of a command line do not fit together."""


def typed(problem: click.UsageError, path: str) -> GsaeError:
    """Return an error of click as one of ours, which names the value, what is admissible and the nearest choice.

    `path` is the command, as it was called: ``gsae verify``.
    """
    if isinstance(problem, click.NoSuchOption):
        params = problem.ctx.command.get_params(problem.ctx) if problem.ctx else []
        return UnknownName(
            f"option of {path}", problem.option_name, [flag for p in params for flag in p.opts]
        )
    if isinstance(problem, click.MissingParameter) and problem.param is not None:
        needed = (
            _admissible(problem.param) if isinstance(problem.param.type, click.Choice) else f"{path} needs it"
        )
        return InvalidInput(_name(problem.param), None, f"{needed}; {path} --help says more")
    if isinstance(problem, click.BadParameter) and problem.param is not None:
        found = next((match[1] for pattern in _GIVEN if (match := pattern.search(problem.message))), None)
        if found is not None:
            return _refused(problem.param, found.strip("'"))
    text = problem.format_message().rstrip(".")
    return CommandLine(f"{text[:1].lower()}{text[1:]}; {path} --help says more")


def _name(param: click.Parameter) -> str:
    """Return the name that the user knows: a field of a spec, a flag, or the argument in the usage line."""
    if isinstance(param, FieldOption):
        return str(param.name)
    return param.opts[0] if isinstance(param, click.Option) else param.human_readable_name


def _refused(param: click.Parameter, given: str) -> InvalidInput:
    kind = param.type
    if isinstance(kind, click.Choice):
        return UnknownName(_name(param), given, map(str, kind.choices))
    value = _number(given)
    nearest = None
    if isinstance(kind, click.IntRange | click.FloatRange):
        below = kind.min is not None and (isinstance(value, str) or value < kind.min)
        nearest = kind.min if below else kind.max
    return InvalidInput(_name(param), value, _admissible(param), nearest)


def _number(text: str) -> float | str:
    """Return a number that was given as one, for the message."""
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text


def _admissible(param: click.Parameter) -> str:
    kind = param.type
    if isinstance(kind, click.Choice):
        return "one of " + ", ".join(map(str, kind.choices))
    if isinstance(kind, click.IntRange | click.FloatRange):
        noun = "an integer" if isinstance(kind, click.IntRange) else "a number"
        limits = [
            f"{sign} {limit}" for sign, limit in ((">=", kind.min), ("<=", kind.max)) if limit is not None
        ]
        return f"{noun} {' and '.join(limits)}"
    if isinstance(kind, click.Path):
        noun = "a folder" if kind.dir_okay and not kind.file_okay else "a file"
        return f"{noun} that exists" if kind.exists else f"{noun}, or a name for one"
    return {"integer": "an integer", "float": "a number", "boolean": "true or false"}.get(
        kind.name, "a value"
    )
