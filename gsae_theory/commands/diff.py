"""`gsae diff`: two records compared."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gsae_theory.cli_common import HELP, OutputFile, emit, json_option


@click.command(context_settings=HELP)
@click.argument("before", metavar="A", type=click.Path(path_type=Path))
@click.argument("after", metavar="B", type=click.Path(path_type=Path))
@click.option(
    "--slack",
    type=float,
    default=0.01,
    show_default=True,
    help="Relative change of a slack or breaking point that counts.",
)
@click.option(
    "--constants",
    type=float,
    default=1e-9,
    show_default=True,
    help="Relative change of a constant that counts.",
)
@click.option("--timing", is_flag=True, help="Slower by half and by half a second counts as worse, too.")
@click.option(
    "--html",
    type=OutputFile(),
    default=None,
    help="Also write the comparison as a page.",
)
@json_option
def diff(
    before: Path, after: Path, slack: float, constants: float, timing: bool, html: Path | None, as_json: bool
) -> None:
    """Compare two records: verdicts that flipped, slack that moved, constants, timing.

    \b
    gsae diff reports/reference/0.1.0/report.json reports/latest
    gsae diff before.json after.json --html diff.html     two of gsae verify, prove, mutants or explore --json
    gsae diff sweep-a sweep-b                              two stores of a sweep (folders)

    A claim that is no longer as expected, an entry that is gone, a number beyond its tolerance and a
    changed constant are for the worse. Timing is reported and decides with --timing only.

    \b
    Exit codes: 0 nothing is worse
                1 something is worse
                2 bad input
    """
    from gsae_theory.output import write_atomic
    from gsae_theory.report.difference import (
        compare_contents,
        difference_dict,
        difference_html,
        read_contents,
    )

    changes = compare_contents(read_contents(before), read_contents(after), slack, constants, timing)
    if html is not None:
        write_atomic(html, difference_html(str(before), str(after), changes).encode())
    if as_json:
        emit(difference_dict(str(before), str(after), changes))
    else:
        from rich.table import Table
        from rich.text import Text

        from gsae_theory.cli_text import console

        out = console()
        table = Table(title=f"{sum(item.worse for item in changes)} worse, {len(changes)} differences")
        for column in ("", "what", "name", "before", "after"):
            table.add_column(column)
        for item in changes:
            words = (item.what, item.name, item.before, item.after)
            table.add_row("worse" if item.worse else "", *(Text(word) for word in words))
        out.print(table)
    sys.exit(1 if any(item.worse for item in changes) else 0)
