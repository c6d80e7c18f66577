"""What every command's --help says.

Catches: an internal of pydantic, click or Python shown to people (`[default: PydanticUndefined]`), an option
without an explanation or left out of the help, a required option that does not say so, a default that is
not the spec's, an example with an option that the command does not have.
"""

from __future__ import annotations

import re

import click
import pytest
from click.testing import CliRunner

from gsae_theory.cli import main
from gsae_theory.cli_options import SpecCommand
from gsae_theory.model.spec import ModelSpec
from gsae_theory.spec import TrainSpec, shipped_specs

GROUP = click.Context(main, info_name="gsae")
NAMES = main.list_commands(GROUP)
INTERNALS = re.compile(
    r"Undefined|Ellipsis|<class|<function|<object|functools|object at 0x|\bSentinel|\bUNSET\b|NoneType|"
    r"\btyping\.|annotation|\bNone\b|PosixPath|WindowsPath|\(None\)|\[\]|\(\)"
)


def text_of(*words: str) -> str:
    """Return the help, with its line breaks taken out of sentences."""
    result = CliRunner().invoke(main, [*words, "--help"], terminal_width=100)
    assert result.exit_code == 0, result.output
    return re.sub(r"\s+", " ", result.output)


def command_of(name: str) -> click.Command:
    command = main.get_command(GROUP, name)
    assert command is not None
    return command


@pytest.mark.parametrize("name", ["", *NAMES])
def test_help_shows_no_internals(name: str) -> None:
    assert not INTERNALS.findall(text_of(*name.split()))


def test_the_pattern_finds_internals() -> None:
    """Guards the test above: each of these was, or could be, printed."""
    for text in ("[default: PydanticUndefined]", "[default: None]", "<class 'int'>", "functools.partial(f)"):
        assert INTERNALS.search(text)


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_listed_and_explained(name: str) -> None:
    """A field of the spec that lost its description, or that the sections of the help leave out, fails."""
    command, text = command_of(name), text_of(name)
    for option in command.get_params(click.Context(command)):
        if isinstance(option, click.Option):
            assert f" {option.opts[0]}" in text
            assert len(option.help or "") >= 8, option.name
    assert re.search(rf"gsae {name}\b(?! \[OPTIONS\])", text), "no example"


@pytest.mark.parametrize("name", [name for name in NAMES if isinstance(command_of(name), SpecCommand)])
def test_required_and_default_are_those_of_the_spec(name: str) -> None:
    text = text_of(name).partition(" Instance")[2]  # after the examples
    for kind in (ModelSpec, TrainSpec):
        for field_name, field in kind.model_fields.items():
            flag = "--" + field_name.replace("_", "-")
            entry = text.partition(f" {flag} ")[2].partition(" --")[0]
            if field.is_required():
                assert "[required unless a .npy dictionary has it" in entry
            elif field.default is not None and field.annotation is not bool:
                assert f"[default: {field.default}" in entry


@pytest.mark.parametrize("name", ["", *NAMES])
def test_examples_name_options_that_exist(name: str) -> None:
    """An example with a renamed option fails here, also one for another command."""
    help_lines = (command_of(name) if name else main).help
    for example in re.findall(r"^ *(gsae .*)$", str(help_lines), flags=re.MULTILINE):
        words = re.split(r"\s{2,}", example)[0].split()
        used = next((word for word in words[1:] if word in NAMES), None)
        known = [*main.params, *(command_of(used).get_params(GROUP) if used else [])]
        flags = {flag for option in known for flag in option.opts} | {"--help"}
        assert {word for word in words if word.startswith("--")} <= flags, example


def test_the_shipped_specs_are_named() -> None:
    for name in shipped_specs():
        assert re.search(rf"\b{name}\b", text_of("verify"))
