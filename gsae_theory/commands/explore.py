"""`gsae explore`: turn an assumption until the conclusion breaks."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from gsae_theory import __version__
from gsae_theory.cli_common import HELP, OutputFolder, emit, json_option
from gsae_theory.errors import InvalidInput

_EXIT = """\b
Exit codes: 0 complete, and no conclusion fails inside its hypotheses
            1 a conclusion fails inside the hypotheses of its theorem
            2 bad input
            3 stopped before the end (resume it), or undecided
            130 interrupted (resume it)"""


@click.command("explore", context_settings=HELP, epilog=_EXIT)
@click.argument("assumptions", nargs=-1, metavar="[ASSUMPTION [ASSUMPTION2]]")
@click.option("--all", "everything", is_flag=True, help="Every assumption.")
@click.option("--maps", is_flag=True, help="Also map some pairs of assumptions.")
@click.option("--studies", is_flag=True, help="Also measure the basin and attack the conjectures.")
@click.option("--list", "listed", is_flag=True, help="List the assumptions that can be turned, and stop.")
@click.option(
    "--spec",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file with seed, [budget] and [base]; docs/explore.md.",
)
@click.option("--seed", type=click.IntRange(0), default=None, help="Seed of every trial [the spec's, or 0].")
@click.option(
    "--resume",
    type=OutputFolder(),
    help="Keep results in this folder, and go on from what it has.",
)
@click.option("--figures", type=OutputFolder(), help="Write figures here.")
@click.option("--workers", type=click.IntRange(0), default=None, help="Local processes; 0: none [cores].")
@click.option("--scheduler", default=None, metavar="tcp://HOST:PORT", help="Compute on this Dask cluster.")
@click.option(
    "--dask-workers",
    type=click.IntRange(1),
    default=None,
    help="Make a local Dask cluster of this many workers.",
)
@click.option("--max-seconds", type=float, default=None, help="Stop after this time; resumable.")
@click.option("--max-cells", type=int, default=None, help="Stop after this many trials; resumable.")
@json_option
def explore(
    assumptions: tuple[str, ...],
    everything: bool,
    maps: bool,
    studies: bool,
    listed: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Violate an assumption by degrees and find where the conclusion breaks.

    \b
    gsae explore --list                       what can be turned
    gsae explore coherence                    one assumption: verdict, breaking point, curve
    gsae explore coherence noise-level        two at once: a map
    gsae explore --all --json                 every assumption, as JSON
    gsae explore --all --maps --studies       with maps of pairs, basin of attraction, conjectures
    gsae explore --all --resume DIR           keep results in DIR; Ctrl-C and kill -9 lose nothing

    Position 0 of a dial satisfies the assumption, 1 is the boundary that the theorem states (0 where the
    theorem admits no violation). Verdicts: necessary (the
    conclusion fails where the hypothesis does), graceful (it fails by an amount that grows with the
    violation), slack (it holds beyond the boundary). docs/explore.md has the results.
    """
    from gsae_theory.explore import DIALS, get_dial, listing

    if listed:
        found = listing(list(DIALS.values()))
        if as_json:
            emit({"assumptions": found})
        else:
            from gsae_theory.commands.explore_text import print_listing

            print_listing(found)
        return
    names, pairs = _chosen(assumptions, everything, maps, studies, list(DIALS))
    for name in (*names, *(name for pair in pairs for name in pair)):
        get_dial(name)
    record = _run(names, pairs, studies, **options)
    if as_json:
        emit(record)
    else:
        from gsae_theory.commands.explore_text import print_record

        print_record(record)
    if options["figures"] is not None:
        from gsae_theory.report.explore_figures import write_figures

        write_figures(record, options["figures"])
    sys.exit(exit_code(record))


def _chosen(
    assumptions: tuple[str, ...], everything: bool, maps: bool, studies: bool, known: list[str]
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return what is turned alone, and what in pairs."""
    from gsae_theory.explore.campaign import MAPS

    nothing = not (everything or assumptions or maps or studies)
    if nothing or len(assumptions) > 2 or (everything and assumptions):
        given = " ".join(assumptions) + (" --all" if everything else "")
        admissible = "one or two assumptions, or --all, --maps, --studies (see --list)"
        raise InvalidInput("assumptions", given or "none", admissible, "--all")
    pairs = list(MAPS) if maps else []
    if len(assumptions) == 2:
        return [], [(assumptions[0], assumptions[1]), *pairs]
    return (known if everything else list(assumptions)), pairs


def exit_code(record: dict[str, Any]) -> int:
    """Return the exit code of a record."""
    verdicts = [item["verdict"] for item in record.get("assumptions", ())]
    if "refuted" in verdicts:
        return 1
    if _interrupted(record):
        return 130
    return 0 if record["complete"] and "undecided" not in verdicts else 3


def _interrupted(record: dict[str, Any]) -> bool:
    return any(item["ending"] == "interrupted" for item in record.get("sweeps", {}).values())


def _run(names: list[str], pairs: list[tuple[str, str]], studies: bool, **options: Any) -> dict[str, Any]:
    """Run with the executor and the store that the options ask for."""
    from gsae_theory.commands.explore_text import watching
    from gsae_theory.explore import read_spec
    from gsae_theory.explore.campaign import campaign
    from gsae_theory.sweep import Limits

    spec = read_spec(options["spec"], options["seed"])
    limits = Limits(options["max_seconds"], options["max_cells"])
    folder = options["resume"] or Path(tempfile.mkdtemp(prefix="gsae-explore-"))
    executor = _executor(options["workers"], options["scheduler"], options["dask_workers"])
    try:
        with watching() as watch:
            record = campaign(
                folder,
                names=names,
                pairs=pairs,
                studies=studies,
                spec=spec,
                executor=executor,
                limits=limits,
                watch=watch,
                version=__version__,
            )
    finally:
        executor.close()
    if not record["complete"]:
        ending = "interrupted" if _interrupted(record) else "stopped before the end"
        click.echo(f"gsae: {ending}; results are kept, go on with --resume {folder}", err=True)
    elif options["resume"] is None:
        shutil.rmtree(folder, ignore_errors=True)
    return record


def _executor(workers: int | None, scheduler: str | None, dask_workers: int | None) -> Any:

    from gsae_theory.sweep import DaskWorkers, InProcess, LocalProcesses

    if sum(x is not None for x in (workers, scheduler, dask_workers)) > 1:
        raise InvalidInput(
            "executor", "several", "one of --workers, --scheduler and --dask-workers", "--workers"
        )
    if scheduler is not None or dask_workers is not None:
        return DaskWorkers(scheduler, dask_workers)
    if workers is None:
        workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return LocalProcesses(workers) if workers else InProcess()
