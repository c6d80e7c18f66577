"""From a spec to the page: run the cases, collect what the figures show, write the record."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.bounds import context_bounds
from gsae_theory.check import Context
from gsae_theory.check.limits import clopper_pearson_lower, clopper_pearson_upper
from gsae_theory.errors import UnknownName, UnreadableFile, shown
from gsae_theory.experiments import run_digits
from gsae_theory.network import GROUP_RELU
from gsae_theory.report import (
    JOINED_KINDS,
    ContractionCurve,
    FloorRow,
    ReportRecord,
    SpectrumRow,
    SupportCurve,
    UnalignedCurve,
    collect_provenance,
    prepare_output,
    read_json,
    write_report,
)
from gsae_theory.simulate import start
from gsae_theory.spec import Spec, SupportScan, read_spec, spec_path
from gsae_theory.theory import get_theorem
from gsae_theory.theory.prediction import predict
from gsae_theory.theory.region import lambda_window as general_window
from gsae_theory.theory.report_values import hessian_table
from gsae_theory.theory.report_values import lambda_window as one_group_window
from gsae_theory.verification import CaseRun, reseeded, run_cases

Array = NDArray[np.float64]
Step = Callable[[str], None]

CONFIDENCE = 0.95


def make_report(
    spec_name: str, out: Path, *, seed: int | None = None, step: Step | None = None
) -> tuple[Path, ReportRecord]:
    """Verify a spec and write its report.

    Parameters
    ----------
    spec_name : str
        A spec file or the name of a shipped spec.
    out : Path
        Folder for index.html, report.json and figures/; checked before anything is computed.
    seed : int, optional
        Seed of every case, instead of the spec's.
    step : callable, optional
        Told what is being worked on.

    Returns
    -------
    tuple of Path and ReportRecord

    Raises
    ------
    InvalidInput, UnknownName, UnreadableFile, UnwritableOutput
        Before any computation.
    """
    say = step or (lambda _: None)
    spec = read_spec(spec_name)
    joined = joined_records(spec, spec_path(spec_name).parent)
    folder = prepare_output(out)
    began = time.perf_counter()
    cases = [case if seed is None else reseeded(case, seed) for case in spec.case]
    runs = {run.case.id: run for run in run_cases(cases, say)}
    record = collect_record(spec, runs, say, spec.seed if seed is None else seed)
    provenance = collect_provenance(
        seed=spec.seed if seed is None else seed, spec=spec_name, seconds=time.perf_counter() - began
    )
    say("writing the page")
    record = replace(record, provenance=provenance, joined=joined)
    return write_report(record, folder), record


def joined_records(spec: Spec, folder: Path) -> dict[str, Any]:
    """Return the records of other commands that the spec names; those whose file does not exist are left out.

    Raises
    ------
    UnknownName
        For a kind of record that the page has no section for.
    UnreadableFile
        If a file is there and is no JSON.
    """
    found = {}
    for name, where in spec.report.joined.items():
        if name not in JOINED_KINDS:
            raise UnknownName("report.joined", name, JOINED_KINDS)
        path = folder / where
        try:
            there = path.exists()
        except (OSError, ValueError) as problem:  # a name that is too long, or holds a zero byte
            raise UnreadableFile(
                f"cannot read report.joined.{name}, {shown(where)}: it is no name of a file ({problem})"
            ) from None
        if there:
            found[name] = read_json(path)
    return found


def collect_record(spec: Spec, runs: dict[str, CaseRun], say: Step, seed: int) -> ReportRecord:
    """Return the record of a spec whose cases have been run."""
    wanted = spec.report
    main = runs[wanted.main or spec.case[0].id]
    say("bounds of the main instance")
    curves = [contraction_curve(runs[name]) for name in wanted.contraction]
    floors = [floor_row(runs[name]) for name in wanted.floors]
    if wanted.support:
        say("support recovery against lambda")
    support = support_curve(runs[wanted.support.case], wanted.support) if wanted.support else None
    spectrum = spectrum_rows(runs[wanted.spectrum]) if wanted.spectrum else []
    unaligned = unaligned_curve(runs[wanted.unaligned]) if wanted.unaligned else None
    digits = run_digits(seed, step=say).to_dict() if wanted.digits else None
    return ReportRecord(
        title=spec.title,
        provenance=collect_provenance(seed=seed, spec=spec.title),
        instance=context_bounds(main.context),
        verdicts=[{"case": run.case.id, **v.to_dict()} for run in runs.values() for v in run.verdicts],
        curves=curves,
        floors=floors,
        support=support,
        spectrum=spectrum,
        unaligned=unaligned,
        digits=digits,
    )


def describe(context: Context) -> str:
    """Return a line that tells instances apart."""
    c = context.constants
    radius = f"R = {c['B_min']:g}" if c["B_min"] == c["B_max"] else f"R in [{c['B_min']:g}, {c['B_max']:g}]"
    sizes = (
        f"n = {context.model.n}, {context.model.G} groups of {context.model.d}, {context.model.gamma} active"
    )
    return f"{sizes}, mu = {c['mu']:.3g}, {radius}, lambda = {context.lam:g}"


def contraction_curve(run: CaseRun) -> ContractionCurve:
    """Return the largest distance against iteration with gamma1 Theorem 4's envelope and the sharp rate."""
    context = run.context
    distance = context.trajectory.distance
    iterations = np.arange(len(distance))
    largest = distance.max(axis=1)
    bound = np.asarray(
        get_theorem("gamma1.envelope").numeric(
            **{name: context.env[name] for name in context.env},
            iteration=iterations.astype(float)[:, None],
            dist0=distance[:1],
        )
    ).max(axis=1)
    sharp_rate = 1 - context.eta * float(context.env["kappa_star"])
    # The sharp rate has no constant of its own: it is drawn through the last distance above rounding.
    clear = np.flatnonzero(largest > 1e-9)
    last = int(clear[-1])
    sharp = largest[last] * sharp_rate ** (iterations - last)
    before = max(last - 1, 0)
    measured_rate = float(largest[last] / largest[before]) if last > before else None
    return ContractionCurve(
        label=describe(context),
        iterations=iterations.tolist(),
        measured_max=largest.tolist(),
        bound=bound.tolist(),
        sharp=sharp.tolist(),
        eta=context.eta,
        rate_sharp=sharp_rate,
        rate_measured=measured_rate,
    )


def floor_row(run: CaseRun) -> FloorRow:
    """Return measured floor, bound and prediction of one instance; no bound where the theorem does not apply."""
    context = run.context
    last = context.trajectory.distance[-1]
    gamma, env = context.model.gamma, context.env
    bound_rms: float | None = 0.0
    bound_max: float | None = 0.0
    predicted, note = 0.0, "one active group: no floor"
    if gamma > 1:
        theorem = get_theorem("general.bootstrap_rms")
        failed = [margin for margin in theorem.margins(env) if not margin.holds]
        bound_rms = None if failed else float(env.evaluate(theorem.bound))
        bound_max = None if failed else float(env.evaluate(get_theorem("general.bootstrap_max").bound))
        note = f"no bound: {failed[0].assumption} fails by {-failed[0].value:.3g}" if failed else ""
        predicted = float(predict(context.model.dictionary, env).rms)
    return FloorRow(
        gamma=gamma,
        label=describe(context),
        measured_rms=float(np.sqrt(np.mean(last**2))),
        measured_max=float(last.max()),
        bound_rms=bound_rms,
        bound_max=bound_max,
        predicted_rms=predicted,
        note=note,
    )


def support_curve(run: CaseRun, scan: SupportScan) -> SupportCurve:
    """Return the share of samples with exact supports at W = s*(lambda) A + Delta, ||Delta_g|| = delta."""
    context = run.context
    model, delta = context.model, context.ball
    one = model.gamma == 1
    window = one_group_window(context.env) if one else general_window(context.base, delta)
    top = min(1.98 * context.constants["m1"], 1.4 * (window[1] if window else context.constants["m1"]))
    grid = np.linspace(top / scan.points, top, scan.points)
    sample = model.sample(scan.samples, context.rng("support scan"))
    Y = model.observe(sample)
    on = np.zeros((len(Y), model.G), dtype=bool)
    rows, columns = np.nonzero(sample.support >= 0)
    on[rows, sample.support[rows, columns]] = True
    exact = []
    for lam in grid:
        s = float(context.base.with_values(lam=float(lam))["s"])
        kind = "rank_one_out" if model.G > 1 else "random"
        W = start(kind, model.dictionary, s, delta, context.rng("scan start"))
        u = (Y @ W.reshape(model.n, -1)).reshape(len(Y), model.G, model.d)
        exact.append(int((GROUP_RELU.active(u, float(lam)) == on).all(axis=1).sum()))
    tail = (1 - CONFIDENCE) / 2
    return SupportCurve(
        label=f"{describe(context)}, start at distance {delta:.3g} from s*(lambda) A",
        lam=grid.tolist(),
        probability=[count / scan.samples for count in exact],
        lower=[clopper_pearson_lower(count, scan.samples, tail) for count in exact],
        upper=[clopper_pearson_upper(count, scan.samples, tail) for count in exact],
        window=(float(window[0]), float(window[1])) if window else None,
        s=context.s,
        samples=scan.samples,
        confidence=CONFIDENCE,
    )


def spectrum_rows(run: CaseRun) -> list[SpectrumRow]:
    """Return the eigenvalues predicted and measured, from the verdicts of the case."""
    measured = {v.theorem.rpartition(".")[2]: v.measured for v in run.verdicts if ".hessian." in v.theorem}
    return [
        SpectrumRow(row["direction"], row["eigenvalue"], measured[row["direction"]], row["multiplicity"])
        for row in hessian_table(run.context.env)
        if measured.get(row["direction"]) is not None
    ]


def unaligned_curve(run: CaseRun) -> UnalignedCurve:
    """Return the same run in the aligned and the un-aligned metric."""
    path = run.context.trajectory
    return UnalignedCurve(
        label=describe(run.context),
        iterations=list(range(len(path.distance))),
        procrustes=path.distance.max(axis=1).tolist(),
        unaligned_to_A=path.distance_unaligned.max(axis=1).tolist(),
        limit=float(run.context.env["radius_generating"]),
    )
