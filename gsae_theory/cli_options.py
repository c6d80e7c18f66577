"""Command-line options made from the spec's fields, so that a field is described once.

The fields are read when a command's parameters are first needed: `gsae --help` loads neither
pydantic nor NumPy.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from typing import Any

import click

GROUPS = ("model", "train")
HEADINGS = {"model": "Instance", "train": "Training"}
_SIGNS = (("ge", ">="), ("gt", ">"), ("le", "<="), ("lt", "<"))


class FieldOption(click.Option):
    """An option that is a field of a spec, and known by the field's name."""


class SpecCommand(click.Command):
    """A command that also takes one option per field of the model and training specs.

    `when` says in the help when the instance's options are needed, where they are not always.
    """

    def __init__(self, *args: Any, groups: tuple[str, ...] = GROUPS, when: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groups = groups
        self._headings = {**HEADINGS, "model": f"{HEADINGS['model']} {when}".strip()}
        self._loaded = False

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's parameters, with the spec's fields added on first use."""
        if not self._loaded:
            self._loaded = True
            position = len(self.params)
            self.params[position:position] = _field_options(self._groups)
        return super().get_params(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, then those of each spec under a heading of their own."""
        options = [item for item in self.get_params(ctx) if isinstance(item, click.Option)]
        shown = {option.name: option.get_help_record(ctx) for option in options}
        fields = {group: list(kind.model_fields) for group, kind in _named_kinds(self._groups)}
        of_specs = {name for names in fields.values() for name in names}
        own = [name for name in shown if name not in of_specs]
        for heading, names in (
            ("Options", own),
            *((self._headings[group], fields[group]) for group in fields),
        ):
            with formatter.section(heading):
                formatter.write_dl([record for record in map(shown.get, names) if record is not None])


def _named_kinds(groups: tuple[str, ...]) -> list[tuple[str, Any]]:
    from gsae_theory.model.spec import ModelSpec
    from gsae_theory.spec import TrainSpec

    return [(name, {"model": ModelSpec, "train": TrainSpec}[name]) for name in groups]


def _field_options(groups: tuple[str, ...]) -> list[click.Option]:
    options: list[click.Option] = []
    for _, kind in _named_kinds(groups):
        for name, field in kind.model_fields.items():
            flag = "--" + name.replace("_", "-")
            text = f"{field.description or ''} {_facts(flag, field)}".strip()
            if field.annotation is bool:
                options.append(FieldOption([f"{flag}/--no-{flag[2:]}"], default=None, help=text))
            else:
                form = "|".join(typing.get_args(field.annotation)) if _is_choice(field.annotation) else None
                kind_read = _click_type(field.annotation)
                options.append(FieldOption([flag], default=None, type=kind_read, metavar=form, help=text))
    return options


def _facts(flag: str, field: Any) -> str:
    """Return what a field's description need not repeat: whether it is required, its default, its range."""
    if field.is_required():
        facts = ["required unless a .npy dictionary has it"]
    elif isinstance(field.default, bool):
        facts = [f"default: {flag if field.default else '--no-' + flag[2:]}"]
    else:
        facts = [] if field.default is None else [f"default: {field.default}"]
    limits = [
        f"{sign} {limit}"
        for key, sign in _SIGNS
        for limit in (getattr(item, key, None) for item in field.metadata)
        if limit is not None
    ]
    facts += [" and ".join(limits)] if limits else []
    return f"[{'; '.join(facts)}]" if facts else ""


def _is_choice(annotation: Any) -> bool:
    return typing.get_origin(annotation) is typing.Literal


def _click_type(annotation: Any) -> Any:
    """Return the click type of a field; unions and lists are read as text and checked by the spec."""
    union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    kinds = [
        item for item in (typing.get_args(annotation) if union else (annotation,)) if item is not type(None)
    ]
    return kinds[0] if len(kinds) == 1 and kinds[0] in (int, float, str) else str


def given_values(group: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of `group` that were given, converted from text where a field is no text."""
    ((_, kind),) = _named_kinds((group,))
    values = {name: options[name] for name in kind.model_fields if options.get(name) is not None}
    return {name: _converted(kind.model_fields[name].annotation, value) for name, value in values.items()}


def _converted(annotation: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    arguments = typing.get_args(annotation)
    parts: list[Callable[[str], Any]] = [item for item in (int, float) if item in arguments]
    if any(typing.get_origin(item) in (tuple, list) for item in (annotation, *arguments)):
        return tuple(_number(part) for part in value.split(","))
    for convert in parts:
        try:
            return convert(value)
        except ValueError:
            continue
    return value


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
