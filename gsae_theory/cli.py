"""The command line: `gsae bounds`, `gsae verify`, `gsae report`, `gsae theorems`.

Results go to stdout (JSON alone with --json), progress and messages to stderr. Heavy modules are
imported inside the commands that need them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from gsae_theory import __version__
from gsae_theory.cli_common import EXIT_CODES, HELP, OutputFile, OutputFolder, Reporting, emit, json_option
from gsae_theory.cli_options import SpecCommand, given_values


@click.group(cls=Reporting, context_settings=HELP, epilog=EXIT_CODES)
@click.version_option(__version__, prog_name="gsae")
@click.option(
    "--load",
    "files",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE.py",
    help="Import a file that registers theorems, laws, dictionaries or activations of your own.",
)
def main(files: tuple[Path, ...]) -> None:
    """The convergence theorem of group-sparse autoencoders, made executable.

    \b
    gsae theorems                                               list of the claims
    gsae theorem gamma1.contraction                             one claim: hypotheses, conclusion, constants
    gsae bounds --dim 256 --groups 32 --block 4 --lam 0.45      what the theory says of an instance
    gsae verify                                                 hold the theory against runs
    gsae verify --theorem gamma1.contraction --dim 64 ...       one claim on one instance
    gsae report                                                 the page: bound beside measurement
    gsae --load mine.py verify --theorem mine.bound ...         a claim of your own

    gsae COMMAND --help says what a command reads, writes and means by its exit code.
    """
    if files:
        from gsae_theory.loading import load_file

        for path in files:
            load_file(path)


@main.command(cls=SpecCommand, context_settings=HELP)
@click.option(
    "--certify",
    is_flag=False,
    flag_value="limit",
    type=click.Choice(["limit", "start"]),
    default=None,
    help="Also certify the support margin of W = s* A, or of the start: for every code, exactly.",
)
@click.option(
    "--out",
    type=OutputFile(),
    default=None,
    help="With --certify: write the certificate to this file.",
)
@click.option(
    "--check-certificate",
    "certificate",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Check a certificate file, without any solver, and print what it proves.",
)
@json_option
def bounds(
    certify: str | None, out: Path | None, certificate: Path | None, as_json: bool, **options: Any
) -> None:
    """Print every constant and bound of the theory at one instance.

    \b
    gsae bounds --dim 256 --groups 32 --block 4 --active 1 --radius-min 1 --radius-max 1.2 --lam 0.45
    gsae bounds --dim 64 --groups 16 --block 2 --active 2 --dictionary orthogonal --lam 0.2
    gsae bounds --dim 64 --groups 16 --block 2 --active 3 --lam 0.3 --certify --out support.json
    gsae bounds --check-certificate support.json

    Nothing is trained. Steps are in units of eta/p on the full gradient. A negative margin names the
    hypothesis that fails and by how much; the numbers are still printed.
    """
    if certificate is not None:
        from gsae_theory.commands.certify import check_file, print_certificate

        proved = check_file(certificate)
        emit(proved) if as_json else print_certificate(proved)
        return
    from gsae_theory.bounds import context_bounds
    from gsae_theory.check import Context
    from gsae_theory.errors import InvalidInput
    from gsae_theory.model.spec import ModelSpec, build_model
    from gsae_theory.spec import TrainSpec, parse

    if out is not None and certify is None:
        raise InvalidInput("--out", str(out), "left out without --certify", "--certify --out FILE")
    model_spec = parse(ModelSpec, given_values("model", options), "bounds")
    train = parse(TrainSpec, given_values("train", options), "bounds")
    context = Context(build_model(model_spec), train.setting(model_spec.seed))
    result = context_bounds(context)
    if certify is not None:
        from gsae_theory.cli_text import watched
        from gsae_theory.commands.certify import certify_context

        with watched(None) as progress:
            result["certificate"] = certify_context(context, certify, out, progress)
    if as_json:
        emit(result)
    else:
        from gsae_theory.cli_text import print_bounds

        print_bounds({key: value for key, value in result.items() if key != "certificate"})
        if certify is not None:
            from gsae_theory.commands.certify import print_certificate

            print_certificate(result["certificate"])


@main.command(cls=SpecCommand, when="(in place of a spec)", context_settings=HELP, epilog=EXIT_CODES)
@click.option(
    "--spec",
    "spec_name",
    default=None,
    help="Spec file (.toml), or a shipped one: default, configurations, outside. [default: default]",
)
@click.option("--case", "case_ids", multiple=True, help="Only this case of the spec; may be repeated.")
@click.option("--theorem", "theorems", multiple=True, help="Only this claim, or a pattern like 'gamma1.*'.")
@json_option
def verify(
    spec_name: str | None, case_ids: tuple[str, ...], theorems: tuple[str, ...], as_json: bool, **options: Any
) -> None:
    """Hold claims against runs and print a verdict for each.

    \b
    gsae verify                                          the default spec
    gsae verify --case one-group-d1                      one case of it
    gsae verify --spec my.toml --json                    a spec of your own
    gsae verify --theorem gamma1.contraction --dim 64 --groups 8 --block 2 --lam 0.2

    `gsae theorems` lists the claims. A verdict that is not as expected comes with the command that repeats it.
    """
    from gsae_theory.cli_text import print_verdicts, watched
    from gsae_theory.verification import cases_to_run, run_cases

    cases = cases_to_run(
        spec_name, case_ids, theorems, given_values("model", options), given_values("train", options)
    )
    verdicts: list[Any] = []
    stopped = None
    try:
        with watched(sum(len(case.theorem_ids()) for case in cases)) as step:
            for run in run_cases(cases, step):
                verdicts += run.verdicts
    except KeyboardInterrupt as problem:
        stopped = problem  # raised when what is known has been printed
    if as_json:
        rest = {} if stopped is None else {"stopped": "interrupted"}
        emit({"verdicts": [verdict.to_dict() for verdict in verdicts], **rest})
    elif verdicts:
        print_verdicts(verdicts)
    if stopped is not None:
        raise stopped
    sys.exit(exit_code(verdicts))


def exit_code(verdicts: list[Any]) -> int:
    """Return the exit code that the verdicts ask for (see EXIT_CODES)."""
    from gsae_theory.check import Status

    if any(
        v.status is not Status.REFUTED if v.expected_false else v.status is Status.REFUTED for v in verdicts
    ):
        return 1
    return 0 if verdicts and all(v.as_expected for v in verdicts) else 3


@main.command(context_settings=HELP, epilog=EXIT_CODES)
@click.option(
    "--spec", "spec_name", default="default", show_default=True, help="Spec file (.toml) or a shipped one."
)
@click.option(
    "--out",
    type=OutputFolder(),
    default=Path("reports/latest"),
    show_default=True,
    help="Folder of the page and what belongs to it.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=None, help="Seed of every case, instead of the spec's."
)
@click.option("--pdf", is_flag=True, help="Also print the page to report.pdf, with a headless Chromium.")
@json_option
def report(spec_name: str, out: Path, seed: int | None, pdf: bool, as_json: bool) -> None:
    """Verify a spec and write the page: bound beside measurement, figures, provenance.

    \b
    gsae report                           reports/latest/index.html, report.json, figures/
    gsae report --spec my.toml --out DIR
    gsae report --pdf                     also report.pdf

    Every figure is there as SVG, PDF and PNG, sized for one column of a two-column page, 8-point text.
    """
    from gsae_theory.cli_text import print_report, watched
    from gsae_theory.reporting import make_report

    if pdf:
        from gsae_theory.report.pdf import find_browser

        find_browser()  # before minutes of work

    with watched(None) as step:
        page, record = make_report(spec_name, out, seed=seed, step=step)
        if pdf:
            from gsae_theory.report.pdf import write_pdf

            step("printing the page")
            write_pdf(page)
    if as_json:
        emit({"page": str(page), "record": str(page.with_name("report.json")), "verdicts": record.verdicts})
    else:
        print_report(page, record)
    sys.exit(record.exit_code)


@main.command(context_settings=HELP, short_help="List the registered claims.")
@click.argument("pattern", default="*")
@json_option
def theorems(pattern: str, as_json: bool) -> None:
    """List the registered claims, or those whose id matches PATTERN.

    \b
    gsae theorems
    gsae theorems 'gamma1.*'        one active group; general.* several, side.* support and clustering
    """
    from fnmatch import fnmatchcase

    from gsae_theory.errors import UnknownName
    from gsae_theory.theory import THEOREMS

    found = [theorem for name, theorem in THEOREMS.items() if fnmatchcase(name, pattern)]
    if not found:
        raise UnknownName("theorem", pattern, THEOREMS)
    if as_json:
        emit({"theorems": [theorem.to_dict() for theorem in found]})
    else:
        from gsae_theory.cli_text import print_theorems

        print_theorems(found)


if __name__ == "__main__":
    main()
