"""`gsae theorem`: one claim written out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gsae_theory.cli_common import HELP, OutputFile, emit, json_option
from gsae_theory.cli_options import SpecCommand, given_values


@click.command(cls=SpecCommand, when="(for its values there)", context_settings=HELP)
@click.argument("theorem_id", metavar="ID")
@click.option("--latex", "as_latex", is_flag=True, help="Print LaTeX, ready to paste.")
@click.option("--standalone", is_flag=True, help="With --latex: a whole document, to compile as it is.")
@click.option(
    "--columns",
    type=click.IntRange(1, 2),
    default=None,
    help="With --latex: break formulas for one column of 345 pt or two of 234 pt. [default: 1]",
)
@click.option("--html", "as_html", is_flag=True, help="Print an HTML fragment with the formulas as SVG.")
@click.option(
    "--out",
    type=OutputFile(),
    default=None,
    help="Write to this file instead of the terminal (with --latex, --html or --json).",
)
@json_option
def theorem(
    theorem_id: str,
    as_latex: bool,
    standalone: bool,
    columns: int | None,
    as_html: bool,
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Print hypotheses, conclusion and constants of one claim, also at an instance.

    \b
    gsae theorem gamma1.contraction                        in words and plain formulas
    gsae theorem gamma1.contraction --latex                a LaTeX theorem with its constants
    gsae theorem gamma1.contraction --latex --dim 64 --groups 16 --block 2 --lam 0.3
                                                           and a table of their values there
    gsae theorem general.step --latex --columns 2 --standalone --out step.tex
    gsae theorem general.floor_rms --json

    With any option of a model the constants and the margins of the hypotheses are evaluated at that
    instance; nothing is trained. `gsae theorems` lists the ids.

    The LaTeX needs the packages amsmath, amssymb, amsthm and, for the table, booktabs, and an environment
    `theorem` (\\newtheorem{theorem}{Theorem}); with --standalone it brings them along.
    """
    from gsae_theory.errors import InvalidInput
    from gsae_theory.theory import get_theorem
    from gsae_theory.theory.statement import statement
    from gsae_theory.theory.typeset.document import WIDTHS, to_latex
    from gsae_theory.theory.typeset.document import standalone as document

    chosen = [name for name, on in (("--latex", as_latex), ("--html", as_html), ("--json", as_json)) if on]
    if len(chosen) > 1:
        raise InvalidInput(
            "form of the output", " ".join(chosen), "one of --latex, --html and --json", chosen[0]
        )
    if out is not None and not chosen:
        raise InvalidInput(
            "--out", str(out), "left out without --latex, --html or --json", "--latex --out FILE"
        )
    for name, given in (("--standalone", standalone), ("--columns", columns)):
        if given and not as_latex:
            raise InvalidInput(name, given, "left out without --latex", f"--latex {name}")
    claim = get_theorem(theorem_id)
    values = _values(options)
    if as_json and out is None:
        emit(statement(claim, values))
        return
    if not chosen:
        _print(statement(claim, values))
        return
    if as_latex:
        text = to_latex(claim, values, WIDTHS[columns or 1])
        text = document(text, columns or 1) if standalone else text
    elif as_html:
        from gsae_theory.report.notebook import theorem_html

        text = theorem_html(claim, values)
    else:
        import json

        from gsae_theory.plain import plain

        text = json.dumps(plain(statement(claim, values)), indent=2, allow_nan=False) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    from gsae_theory.output import write_atomic

    write_atomic(out, text.encode())
    click.echo(f"{out} written", err=True)


def _values(options: dict[str, Any]) -> Any:
    """Return the environment of the instance that the options name, None if they name none."""
    model, train = given_values("model", options), given_values("train", options)
    if not model and not train:
        return None
    from gsae_theory.check import Context
    from gsae_theory.model.spec import ModelSpec, build_model
    from gsae_theory.spec import TrainSpec, parse

    spec = parse(ModelSpec, model, "theorem")
    return Context(build_model(spec), parse(TrainSpec, train, "theorem").setting(spec.seed)).env


def _print(data: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    from gsae_theory.cli_text import console, number

    out = console()
    out.print(Text(f"{data['id']}  {data['title']}", style="bold"))
    out.print(Text(data["statement"]))
    out.print(Text(f"source: {data['source']}; measured by: {data['observable']}"))
    margins = {row["id"]: row for row in data.get("margins", [])}
    table = Table(title="Hypotheses")
    for column in ("id", "statement", *(("margin", "holds") if margins else ())):
        table.add_column(column)
    for item in data["hypotheses"]:
        row = margins.get(item["id"])
        extra = () if row is None else (number(row["margin"], 4), number(row["holds"]))
        table.add_row(item["id"], Text(item["statement"]), *extra)
    out.print(table)
    table = Table(title="Symbols and constants", caption="formulas: --latex, --html or --json")
    for column in ("name", "meaning", *(("value",) if margins else ())):
        table.add_column(column)
    for item in data["symbols"]:
        table.add_row(item["name"], Text(item["meaning"]), *((number(item["value"], 6),) if margins else ()))
    out.print(table)
