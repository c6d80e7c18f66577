"""`gsae replay`: repeat a stored refutation."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gsae_theory.cli_common import EXIT_CODES, HELP, emit, json_option

if TYPE_CHECKING:
    from gsae_theory.check import Verdict
    from gsae_theory.falsify.witness import Witness


@click.command(context_settings=HELP, epilog=EXIT_CODES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--script", is_flag=True, help="Print a script that shows the same with numpy alone; runs nothing."
)
@json_option
def replay(file: Path, script: bool, as_json: bool) -> None:
    """Repeat the refutation stored in FILE: claim, instance and both sides.

    \b
    gsae mutants --only M9 --witnesses out     make a witness
    gsae replay out/M9.json                    run it again
    gsae replay out/M9.json --script           the same in numpy alone, at most 30 lines
    """
    from gsae_theory.falsify.witness import load

    witness = load(file)
    if script:
        from gsae_theory.falsify.script import script_of

        click.echo(script_of(witness), nl=False)
        return
    verdict = witness.verify()
    if as_json:
        emit({"witness": witness.to_dict(), "verdict": verdict.to_dict()})
    else:
        _show(witness, verdict)
    from gsae_theory.cli import exit_code

    sys.exit(exit_code([verdict]))


def _show(witness: Witness, verdict: Verdict) -> None:
    from gsae_theory.cli_text import COLOURS, console

    out, theorem = console(), witness.theorem()
    colour = COLOURS[verdict.status.name]
    lines: list[tuple[str, Any]] = [
        ("claim", f"{witness.claim}: {theorem.title}"),
        ("statement", theorem.statement),
        ("bound", f"{theorem.conclusion.lhs} {theorem.relation} {theorem.bound}"),
        ("instance", repr(witness.instance)),
        ("stored", _sides(witness.row)),
        ("now", _sides(verdict.witness)),
        ("verdict", f"{verdict.status.name}{' (registered as false)' if theorem.false else ''}"),
        ("reason", verdict.reason),
    ]
    for name, text in lines:
        style = f"[{colour}]" if name == "verdict" else "[default]"
        out.print(f"{name:>9}  {style}", end="")
        out.print(str(text), markup=False, highlight=False, soft_wrap=True)


def _sides(row: dict[str, Any]) -> str:
    if not row:
        return "no row was compared"
    place = ", ".join(f"{name} = {value}" for name, value in row.get("where", {}).items())
    sides = f"measured {row['measured']:.10g}, claimed {row['relation']} {row['bound']:.10g}"
    return f"{sides} ({place})" if place else sides
