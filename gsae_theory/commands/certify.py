"""`gsae bounds --certify` and `--check-certificate`: support margins with an exact certificate."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from gsae_theory.certificate_file import from_file, to_file
from gsae_theory.certify import checked, propose
from gsae_theory.check import Context
from gsae_theory.errors import InvalidInput
from gsae_theory.output import admit_file, write_or_elsewhere
from gsae_theory.simulate import procrustes_distance
from gsae_theory.theory.interference_constants import ell_of, lam_lo_of
from proofs_check.support_certificate import Instance, Verified

WEIGHTS = ("limit", "start")
_BOUNDED = {
    "dev_support_size": ("support", "a law with exactly gamma active groups"),
    "dev_radius_bound": ("radius", "a law of norms in [B_min, B_max], 0 < B_min"),
}


def certify_context(
    context: Context, weights: str, out: Path | None, progress: Callable[[str], None]
) -> dict[str, Any]:
    """Return both forms of the support margin of an instance, and write the certificate to `out`.

    Parameters
    ----------
    context : Context
    weights : str
        ``limit``: W = s* A, or ``start``: the start of the setting.
    out : Path, optional
    progress : callable

    Returns
    -------
    dict
        ``coherence`` and ``certified``, each with ``silent`` (groups that are not active stay below), ``active``
        (active ones stay above), and the margins of lambda to both; ``attained`` by codes that were met.

    Raises
    ------
    InvalidInput
        If norms, noise or the number of active groups are not bounded.
    """
    if out is not None:
        admit_file(out)
    values = context.constants
    for name, (option, admissible) in _BOUNDED.items():
        if values[name] > 0:
            raise InvalidInput(option, values[name], f"{admissible} (--certify covers every code)")
    if values["sigma"] > 0 or not np.isfinite(values["nu"]):
        raise InvalidInput("noise", "unbounded", "bounded noise (--certify covers every sample)", "ball")
    A = context.model.dictionary
    W = context.s * A if weights == "limit" else context.W0
    radius = float(procrustes_distance(W, A, context.s).max()) if weights == "start" else 0.0
    instance = Instance(A, W, values["B_min"], values["B_max"], values["nu"], context.model.gamma)
    certificate, seen = propose(instance, progress)
    progress("exact check")
    proved = checked(instance, certificate)
    if out is not None:
        write_or_elsewhere(out, to_file(instance, certificate, context.lam))
    result = outcome(proved, context.lam)
    base = context.base
    return {
        "weights": weights,
        "distance": radius,
        **result,
        "coherence": _with_margins(
            float(base.evaluate(lam_lo_of(radius))), float(base.evaluate(ell_of(radius))), context.lam
        ),
        "attained": {
            side: None if np.isnan(seen[f"{side}_attained"]) else seen[f"{side}_attained"]
            for side in ("silent", "active")
        },
        "semidefinite_programs": seen["programs"],
        "file": None if out is None else str(out),
    }


def outcome(proved: Verified, lam: float) -> dict[str, Any]:
    """Return what an exact check proves, as plain data."""
    silent, active = float(proved.silent), float(proved.active)
    return {
        "certified": _with_margins(silent, active, lam),
        "exact_support": bool(proved.silent <= Fraction(lam) < proved.active),
        "supports_with_matrices": proved.supports,
    }


def check_file(path: Path) -> dict[str, Any]:
    """Check a certificate file exactly and return what it proves.

    Raises
    ------
    UnreadableFile, InvalidInput
        If the file is damaged, or the exact check rejects it.
    """
    instance, certificate, lam = from_file(path)
    n, groups, size = instance.A.shape
    about = {"dim": n, "groups": groups, "block": size, "active": instance.gamma}
    return {"file": str(path), **about, **outcome(checked(instance, certificate), lam)}


def _with_margins(silent: float, active: float, lam: float) -> dict[str, float]:
    return {
        "silent": silent,
        "active": active,
        "margin_silent": lam - silent,
        "margin_active": active - lam,
    }


def print_certificate(result: dict[str, Any]) -> None:
    """Print both forms side by side."""
    from rich.table import Table

    from gsae_theory.cli_text import console, number

    out = console()
    weights = {"limit": "W = s* A", "start": "W = the start"}.get(str(result.get("weights")), "W of the file")
    table = Table(title=f"Support margin, {weights}", caption="margin > 0: no code of any support breaks it")
    for name in ("form", "silent stay below", "margin to lambda", "active stay above", "margin to lambda"):
        table.add_column(name, justify="left" if name == "form" else "right")
    for name, text in (("coherence", "coherence (block norms)"), ("certified", "certified, exact check")):
        if name in result:
            row = result[name]
            keys = ("silent", "margin_silent", "active", "margin_active")
            table.add_row(text, *(number(row[key]) for key in keys))
    if "attained" in result:
        row = result["attained"]
        table.add_row("reached by a code", number(row["silent"]), "", number(row["active"]), "")
    out.print(table)
    verdict = "[green]exact[/]" if result["exact_support"] else "[yellow]not certified[/]"
    out.print(
        f"supports at this lambda: {verdict}; {result['supports_with_matrices']} supports needed a matrix"
    )
    if result.get("file"):
        out.print(f"certificate: {result['file']}", soft_wrap=True)
