"""`gsae prove`: the theorems, derived again from their steps."""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click

from gsae_theory.cli_common import HELP, OutputFile, emit, json_option
from gsae_theory.errors import GsaeError, InvalidInput, UnknownName

EPILOG = """\b
Exit codes: 0 every theorem asked for is proved, every false neighbour rejected
            1 a false neighbour was accepted
            2 bad input
            3 a step fails, or a theorem is not proved (the output names what is missing)"""


class ProofsMissing(GsaeError):
    """The package of the proofs, or the interval library that it needs, is not installed."""


@click.command(context_settings=HELP, epilog=EPILOG)
@click.option("--theorem", "patterns", multiple=True, help="Only this theorem, or a pattern like 'gamma1.*'.")
@click.option("--tree", is_flag=True, help="Print what each theorem rests on, as a tree.")
@click.option("--steps", "show_steps", is_flag=True, help="Print every step with method, status and time.")
@click.option("--step", "step_id", default=None, help="One step: statement, code, certificate, checker.")
@click.option("--false-neighbours", is_flag=True, help="Run false neighbours of true steps instead.")
@click.option("--second-opinion", is_flag=True, help="Ask z3 about scalar inequalities too (slow; optional).")
@click.option("--slack", is_flag=True, help="Say how much each inequality gives away where it is tightest.")
@click.option(
    "--figure",
    type=OutputFile(),
    default=None,
    help="Write the graph of dependencies (.svg, .png, .pdf).",
)
@json_option
def prove(
    patterns: tuple[str, ...],
    tree: bool,
    show_steps: bool,
    step_id: str | None,
    false_neighbours: bool,
    second_opinion: bool,
    slack: bool,
    figure: Path | None,
    as_json: bool,
) -> None:
    """Prove the theorems from their steps, each checked exactly.

    \b
    gsae prove                                     every step of every ledger, every theorem
    gsae prove --theorem gamma1.contraction --tree one theorem, and what it rests on
    gsae prove --step L37                          where a step is stated, coded, certified and checked
    gsae prove --json                              steps, theorems and the trusted base as data
    gsae prove --false-neighbours                  wrong claims close to true ones: all must be rejected

    A step is proved when its checker accepts it: identities exactly in SymPy, inequalities by rational
    certificates, ranges of parameters by interval arithmetic. The trusted base is printed: quoted lemmas
    with references, and software. docs/proofs.md says how to read a proof.
    """
    _admit_figure(figure)
    try:
        import proofs_check
    except ImportError as problem:
        raise ProofsMissing(
            f"the proofs cannot be loaded ({problem}); pip install 'gsae_theory[proofs]'"
        ) from None
    from gsae_theory.cli_text import watched

    if step_id is not None:
        sys.exit(_one_step(step_id, as_json))
    if false_neighbours:
        sys.exit(_false_neighbours(as_json))
    chosen = _select(patterns, proofs_check.provable()) if patterns else None
    with watched(len(proofs_check.ledger()) if chosen is None else None) as step:
        steps, theorems = proofs_check.prove(chosen, step)
    extra: dict[str, list[dict[str, Any]]] = {}
    if second_opinion:
        extra["second_opinions"] = _opinions(steps)
    if slack:
        from proofs_check.slack import slack_by_step

        extra["slack"] = [item.to_dict() for item in slack_by_step(steps)]
    data = _data(steps, theorems, proofs_check.trusted_base())
    if as_json:
        emit({**data, **extra})
    else:
        from gsae_theory.commands.prove_text import print_proofs

        print_proofs(steps, theorems, extra, proofs_check.trusted_base(), tree=tree, show_steps=show_steps)
    if figure is not None:
        _draw(data, figure)
    good = all(item.holds for item in steps) and all(item.status == "proved" for item in theorems)
    sys.exit(0 if good and theorems else 3)


def _one_step(step_id: str, as_json: bool) -> int:
    import proofs_check

    place = proofs_check.where(step_id)
    result = {item.id: item for item in proofs_check.run([step_id])}[step_id]
    if as_json:
        emit({**result.to_dict(), **place})
    else:
        from gsae_theory.commands.prove_text import print_step

        print_step(result, place)
    return 0 if result.holds else 3


def _select(patterns: tuple[str, ...], known: list[str]) -> list[str]:
    """Return the theorems that match, in the order of the registry."""
    from gsae_theory.theory import THEOREMS

    for pattern in patterns:
        if pattern in THEOREMS and pattern not in known:
            kind = "registered as false" if THEOREMS[pattern].false else "an asymptotic prediction"
            raise InvalidInput("--theorem", pattern, f"a theorem with a proof; this one is {kind}")
        if not any(fnmatchcase(name, pattern) for name in known):
            raise UnknownName("--theorem", pattern, known)
    return [name for name in known if any(fnmatchcase(name, pattern) for pattern in patterns)]


def _data(steps: Any, theorems: Any, base: Any) -> dict[str, Any]:
    return {
        "steps": [item.to_dict() for item in steps],
        "theorems": [item.to_dict() for item in theorems],
        "trusted_base": base,
    }


def _draw(data: dict[str, Any], path: Path) -> None:
    """Write the graph of dependencies; the ending of the name chooses the form.

    Raises
    ------
    InvalidInput
        For another ending.
    """
    from gsae_theory.output import write_atomic
    from gsae_theory.report.proof_graph import proof_graph
    from gsae_theory.report.svg import to_bytes

    write_atomic(path, to_bytes(proof_graph(data["steps"], data["theorems"]), path.suffix[1:]))


def _admit_figure(path: Path | None) -> None:
    from gsae_theory.report.svg import FORMATS

    if path is not None and path.suffix[1:] not in FORMATS:
        raise InvalidInput(
            "--figure", str(path), "a name that ends in .svg, .pdf or .png", str(path.with_suffix(".svg"))
        )


def _opinions(steps: Any) -> list[dict[str, Any]]:
    try:
        from proofs_check.methods.smt import second_opinions
    except ImportError as problem:
        raise ProofsMissing(f"no second opinion ({problem}); pip install 'gsae_theory[proofs]'") from None
    from gsae_theory.cli_text import watched

    asked = [(item.id, claim) for item in steps for claim in item.inequalities]
    with watched(len(asked)) as step:
        return [opinion.to_dict() for opinion in second_opinions(asked, step)]


def _false_neighbours(as_json: bool) -> int:
    from gsae_theory.cli_text import watched
    from proofs_check.false_neighbours import load_neighbours, try_neighbour

    items = load_neighbours()
    results = []
    with watched(len(items)) as step:
        for name, item in items.items():
            step(name)
            results.append(try_neighbour(item))
    if as_json:
        emit({"false_neighbours": [item.to_dict() for item in results]})
    else:
        from gsae_theory.commands.prove_text import print_neighbours

        print_neighbours(results)
    return 0 if results and all(item.rejected for item in results) else 1
