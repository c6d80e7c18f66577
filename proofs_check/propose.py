"""Find certificates again and write them: ``python -m proofs_check.propose [STEP ...]``.

Runs the steps with a search in place of the stored certificates, and writes what it found. Nothing that
runs here is part of a proof: `gsae prove` checks the files.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

from proofs_check.certificates import path_of, stored
from proofs_check.core import current_step, ledger, run
from proofs_check.methods import bernstein, sos

found: dict[str, dict[str, Any]] = {}


def keep(name: str, certificate: object) -> None:
    """Remember a certificate of the step that is being checked."""
    found.setdefault(current_step(), {})[name] = certificate


def cuts(chart: bernstein.Chart, strict: bool) -> bernstein.Tree:
    """Search for cuts; they are kept only where there is something to cut."""
    tree = bernstein.search(chart, strict)
    if tree != [bernstein.LEAF]:
        keep(chart.name, tree)
    return tree


ROUND_TO = 2**16
"""Denominator of the rounded Gram matrices."""


def squares(
    name: str, claim: sp.Expr, symbols: Sequence[sp.Symbol], constraints: Sequence[sp.Expr], degree: int
) -> sos.Certificate:
    """Find Gram matrices with the largest possible smallest eigenvalue, and round them."""
    import cvxpy as cp

    target = sp.Poly(claim, *symbols)
    factors = [sp.Poly(1, *symbols), *(sp.Poly(item, *symbols) for item in constraints)]
    degrees = [degree, *(degree - (item.total_degree() + 1) // 2 for item in factors[1:])]
    bases = [sos.monomials(len(symbols), item) for item in degrees]
    grams = [cp.Variable((len(basis), len(basis)), PSD=True) for basis in bases]
    margin = cp.Variable()
    rows: dict[sos.Exponents, Any] = {}
    for factor, basis, gram in zip(factors, bases, grams, strict=True):
        for (i, left), (j, right) in itertools.product(enumerate(basis), repeat=2):
            for powers, value in factor.terms():
                key = tuple(map(sum, zip(left, right, powers, strict=True)))
                rows[key] = rows.get(key, 0) + float(value) * gram[i, j]
    known = dict(target.terms())
    limits = [row == float(known.get(key, 0)) for key, row in rows.items()]
    limits += [gram >> margin * np.eye(gram.shape[0]) for gram in grams]
    cp.Problem(cp.Maximize(margin), [*limits, margin <= 1]).solve(solver=cp.CLARABEL)
    rounded = [_rounded(gram.value) for gram in grams]
    _repair(target, factors, bases, rounded)
    terms = [
        {
            "basis": [list(item) for item in basis],
            "gram": [[str(entry) for entry in row] for row in gram.tolist()],
        }
        for basis, gram in zip(bases, rounded, strict=True)
    ]
    keep(name, {"terms": terms})
    return {"terms": terms}


def _rounded(values: Any) -> sp.Matrix:
    size = values.shape[0]
    middle = (values + values.T) / 2
    return sp.Matrix(size, size, lambda i, j: sp.Rational(round(float(middle[i, j]) * ROUND_TO), ROUND_TO))


def _repair(target: sp.Poly, factors: list[sp.Poly], bases: list[Any], grams: list[sp.Matrix]) -> None:
    """Change the first matrix so that the sum is the claim exactly: spread each difference over its products."""
    total = sp.Poly(0, *target.gens)
    for factor, basis, gram in zip(factors, bases, grams, strict=True):
        column = sp.Matrix([sos.monomial(target.gens, item) for item in basis])
        total += factor * sp.Poly((column.T * gram * column)[0, 0], *target.gens)
    places: dict[sos.Exponents, list[tuple[int, int]]] = {}
    for (i, left), (j, right) in itertools.product(enumerate(bases[0]), repeat=2):
        places.setdefault(tuple(map(sum, zip(left, right, strict=True))), []).append((i, j))
    for powers, value in (target - total).terms():
        for i, j in places[powers] if value else []:
            grams[0][i, j] += sp.Rational(value) / len(places[powers])


def write(step: str, certificates: dict[str, Any]) -> Path:
    """Write the certificates of a step, atomically."""
    path = path_of(step)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".tmp")
    part.write_text(json.dumps({"step": step, "certificates": certificates}, separators=(",", ":")) + "\n")
    os.replace(part, path)
    return path


def main(arguments: list[str] | None = None) -> int:
    """Propose certificates for the steps named (all by default); return 1 if a step is not proved."""
    parser = argparse.ArgumentParser(prog="python -m proofs_check.propose", description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="STEP", help="ids of the ledger [all]")
    names = parser.parse_args(arguments).steps or None
    stored.cache_clear()
    bernstein.PROPOSER, sos.PROPOSER = cuts, squares
    try:
        results = run(names)
    finally:
        bernstein.PROPOSER = sos.PROPOSER = None
    wanted = set(names or ledger())
    for step, certificates in found.items():
        if step in wanted:
            sys.stderr.write(f"{write(step, certificates)}\n")
    stored.cache_clear()
    bad = [item for item in results if item.id in wanted and not item.holds]
    for item in bad:
        sys.stderr.write(f"{item.id}: {item.status}: {item.reason}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
