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


class SpecCommand(click.Command):
    """A command that also takes one option per field of the model and training specs."""

    def __init__(self, *args: Any, groups: tuple[str, ...] = GROUPS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groups = groups
        self._loaded = False

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's parameters, with the spec's fields added on first use."""
        if not self._loaded:
            self._loaded = True
            position = len(self.params)
            self.params[position:position] = _field_options(self._groups)
        return super().get_params(ctx)


def _kinds(groups: tuple[str, ...]) -> list[Any]:
    from gsae_theory.model.spec import ModelSpec
    from gsae_theory.spec import TrainSpec

    return [{"model": ModelSpec, "train": TrainSpec}[name] for name in groups]


def _field_options(groups: tuple[str, ...]) -> list[click.Option]:
    options: list[click.Option] = []
    for kind in _kinds(groups):
        for name, field in kind.model_fields.items():
            flag = "--" + name.replace("_", "-")
            text = field.description or ""
            text += f" [default: {field.default}]" if field.default is not None else ""
            if field.annotation is bool:
                options.append(click.Option([f"{flag}/--no-{flag[2:]}"], default=None, help=text))
            else:
                options.append(
                    click.Option([flag], default=None, type=_click_type(field.annotation), help=text)
                )
    return options


def _click_type(annotation: Any) -> Any:
    """Return the click type of a field; unions and lists are read as text and checked by the spec."""
    union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    kinds = [
        item for item in (typing.get_args(annotation) if union else (annotation,)) if item is not type(None)
    ]
    return kinds[0] if len(kinds) == 1 and kinds[0] in (int, float, str) else str


def given_values(group: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of `group` that were given, converted from text where a field is no text."""
    (kind,) = _kinds((group,))
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
