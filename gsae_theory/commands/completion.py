"""`gsae completion`: commands, options and choices completed by the shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from gsae_theory.cli_common import HELP


@click.command(context_settings=HELP)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes SHELL complete commands, options and choices of gsae.

    \b
    gsae completion bash > ~/.local/share/bash-completion/completions/gsae
    gsae completion zsh > ~/.zfunc/_gsae            with fpath+=~/.zfunc before compinit
    gsae completion fish > ~/.config/fish/completions/gsae.fish

    Bash needs version 4.4 or newer.
    """
    from gsae_theory.cli import main

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(main, {}, "gsae", "_GSAE_COMPLETE").source())
