"""`gsae mutants`: wrong versions of every theorem, run through the code that verifies the right ones."""

from __future__ import annotations

import sys
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gsae_theory.cli_common import HELP, OutputFolder, emit, json_option
from gsae_theory.errors import UnwritableOutput

if TYPE_CHECKING:
    from gsae_theory.falsify.mutant import MutantResult

EPILOG = """\b
Exit codes: 0 every mutant is REFUTED, or survives for a stated reason
            1 a mutant survives unexplained, or a true claim is refuted
            2 bad input"""


@click.command(context_settings=HELP, epilog=EPILOG)
@click.option(
    "--only",
    "pattern",
    default=None,
    help="Id (M17), pattern ('gamma1.*') or group: table, registered, hypothesis, metric, constant.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=None, help="Seed of every case [stored with the case]."
)
@click.option(
    "--witnesses",
    type=OutputFolder(),
    default=None,
    help="Folder for minimised witnesses of what is refuted by a violation; slow without --only.",
)
@click.option(
    "--all", "everything", is_flag=True, help="Print a row for every mutant, not for every theorem."
)
@json_option
def mutants(
    pattern: str | None, seed: int | None, witnesses: Path | None, everything: bool, as_json: bool
) -> None:
    """Run wrong claims and show that each is refuted.

    \b
    gsae mutants                            all: the table of docs/theory/side.md, constants, hypotheses, metric
    gsae mutants --only table               the 29 of the table
    gsae mutants --only 'gamma1.rate/*'     the mutants of one theorem
    gsae mutants --only M9 --witnesses out  a file for `gsae replay`

    REFUTED means that a comparison contradicts the mutant (violation), or that its bound gives away more
    than 2 % where the true bound is attained to 1 % (tightness). A changed bound that is equal to the true
    one, implied by it, or no number is no wrong claim; these are counted apart. Survivors are listed.
    """
    from gsae_theory.cli_text import watched
    from gsae_theory.falsify.catalogue import select
    from gsae_theory.falsify.run import Runner

    chosen = select(pattern)
    runner = Runner(seed)
    results: list[MutantResult] = []
    # One line of progress per stretch of mutants of the same theorem.
    stretches = [name for name, _ in groupby(mutant.base.id for mutant in chosen)]
    saved: dict[str, str] = {}
    stopped: BaseException | None = None
    try:
        with watched(len(stretches)) as step:
            last = ""
            for mutant in chosen:
                if mutant.base.id != last:
                    step(last := mutant.base.id)
                results.append(runner.run(mutant))
        if witnesses:
            _save(results, runner, witnesses, saved)
    except (KeyboardInterrupt, UnwritableOutput) as problem:
        stopped = problem  # raised when what is known has been printed
    wrong = [item for item in results if item.is_wrong_claim]
    if as_json:
        emit(
            {
                "mutants": [{**item.to_dict(), "file": saved.get(item.mutant.id)} for item in wrong],
                "not_wrong": [item.to_dict() for item in results if not item.is_wrong_claim],
                "loose": _loose(),
                **({"stopped": str(stopped) or "interrupted"} if stopped is not None else {}),
                "counts": dict(Counter(item.status for item in results)),
            }
        )
    else:
        _show(results, everything, saved)
    if stopped is not None:
        raise stopped
    sys.exit(1 if any(item.status == "SURVIVED" and not item.explained for item in wrong) else 0)


def _save(results: list[MutantResult], runner: Any, folder: Path, paths: dict[str, str]) -> None:
    """Write a minimised witness of every violation and note the paths by mutant id."""
    from gsae_theory.cli_text import watched
    from gsae_theory.falsify.witness import Witness, minimised

    hit = [item for item in results if item.killed_by and item.killed_by.startswith("violation")]
    with watched(len(hit)) as step:
        for item in hit:
            step(f"minimising {item.mutant.id}")
            case = str(item.killed_by).removeprefix("violation on ")
            found = minimised(Witness(item.mutant.id, runner.instance(case), item.witness or {}))
            name = item.mutant.id.replace("/", "--")
            paths[item.mutant.id] = str(found.save(folder / f"{name}.json"))


def _loose() -> list[dict[str, Any]]:
    from gsae_theory.falsify.mechanical import LOOSE

    return [{"id": name, "factor": factor, "reason": reason} for name, (factor, reason) in LOOSE.items()]


def _show(results: list[MutantResult], everything: bool, saved: dict[str, str]) -> None:
    from rich.table import Table

    from gsae_theory.cli_text import console

    out = console()
    if everything or len(results) <= 40:
        table = Table(title="Mutants", caption="ratio = measured / bound of the wrong claim")
        for name in ("mutant", "what is wrong", "status", "killed by", "measured", "bound", "s"):
            table.add_column(name, no_wrap=name in ("mutant", "status"))
        for item in results:
            row = item.witness or {}
            sides = [f"{row[key]:.5g}" if key in row else "" for key in ("measured", "bound")]
            table.add_row(
                item.mutant.id,
                item.mutant.change,
                f"[{'green' if item.status == 'REFUTED' else 'yellow'}]{item.status}[/]",
                item.killed_by or "",
                sides[0],
                f"{row.get('relation', '')} {sides[1]}",
                f"{item.seconds:.2f}",
            )
        out.print(table)
    else:
        out.print(_summary(results))
    for item in results:
        if item.status == "SURVIVED":
            out.print(f"[yellow]survives[/] {item.mutant.id}: {item.mutant.change}", highlight=False)
            out.print(f"  {item.explained or 'UNEXPLAINED'}; {item.reason}", highlight=False, soft_wrap=True)
    for name, path in saved.items():
        out.print(f"{name}: gsae replay {path}", highlight=False, soft_wrap=True)
    counts = Counter(item.status for item in results)
    out.print(
        f"{counts['REFUTED']} refuted, {counts['SURVIVED']} survive, of {len(results)}; no wrong claims: "
        f"{counts['EQUIVALENT']} equal to the true bound, {counts['WEAKER']} implied by it, "
        f"{counts['UNDEFINED']} no number"
    )


def _summary(results: list[MutantResult]) -> Any:
    """Return the table with one row per group and theorem."""
    from rich.table import Table

    table = Table(title="Mutants by theorem", caption="--all prints a row for each mutant")
    names = ("true claim", "mutants", "violation", "tightness", "survive", "no wrong claim", "seconds")
    for name in names:
        table.add_column(name, justify="left" if name == "true claim" else "right")
    groups: dict[str, list[MutantResult]] = {}
    for item in results:
        groups.setdefault(item.mutant.base.id, []).append(item)
    for name, items in groups.items():
        kinds = Counter((item.killed_by or item.status).split()[0] for item in items)
        survive, harmless = kinds["SURVIVED"], sum(not item.is_wrong_claim for item in items)
        seconds = sum(item.seconds for item in items)
        table.add_row(
            name, str(len(items)), str(kinds["violation"]), str(kinds["tightness"]),
            f"[yellow]{survive}[/]" if survive else "0", str(harmless), f"{seconds:.1f}",
        )  # fmt: skip
    return table
