"""Certificates of the support margin of one network, tighter than its coherence form.

Coherence bounds add block norms as if the worst directions of all blocks were one. Here every support that
matters gets the dual of a semidefinite relaxation (one ball per active block), proposed in floating point,
rounded to rationals and checked exactly by `proofs_check.support_certificate`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import cvxpy as cp
import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput, TooLarge
from proofs_check.core import Unproved
from proofs_check.support_certificate import Instance, Verified, exceeding, verify

Array = NDArray[np.float64]
Progress = Callable[[str], None]

BITS = 40
MARGIN = 1e-9
MOST_CERTIFICATES = 4000
MOST_PRODUCTS = 10**9


def _up(value: float) -> Fraction:
    return Fraction(int(np.ceil(value * (1 + MARGIN) * 2**BITS)) + 1, 2**BITS)


def _down(value: float) -> Fraction:
    return max(Fraction(0), Fraction(int(np.floor(value * (1 - MARGIN) * 2**BITS)) - 1, 2**BITS))


@dataclass(frozen=True)
class _Term:
    """One ball: radius R and matrix C, of which R max ||C^T v|| is sought."""

    radius: float
    matrix: Array


def _ascend(terms: list[_Term], steps: int = 60) -> tuple[float, Array]:
    """Return a large value of sum R_j ||C_j^T v|| over unit v, and the lengths ||C_j^T v|| there."""
    size = terms[0].matrix.shape[0]
    stacked = np.hstack([term.radius * term.matrix for term in terms])
    start = np.linalg.svd(stacked)[0]
    best, lengths = -1.0, np.zeros(len(terms))
    for column in range(min(size, 3)):
        v = start[:, column]
        for _ in range(steps):
            images = [term.matrix.T @ v for term in terms]
            norms = np.array([np.linalg.norm(item) for item in images])
            pull = sum(
                term.radius * (term.matrix @ item) / max(float(norm), 1e-300)
                for term, item, norm in zip(terms, images, norms, strict=True)
            )
            size_of_pull = float(np.linalg.norm(pull))
            if size_of_pull == 0:
                break
            v = pull / size_of_pull
        norms = np.array([np.linalg.norm(term.matrix.T @ v) for term in terms])
        value = float(sum(term.radius * norm for term, norm in zip(terms, norms, strict=True)))
        if value > best:
            best, lengths = value, norms
    return best, lengths


def _dual(terms: list[_Term], tau: Array) -> tuple[list[Fraction], Fraction, Fraction]:
    """Return rational tau and zeta, and the bound that they give."""
    floor = max(1e-7, 1e-6 * float(np.max(tau)))
    rounded = [Fraction(max(1, round(max(float(t), floor) * 2**30)), 2**30) for t in tau]
    form = sum(
        term.radius / float(t) * term.matrix @ term.matrix.T for term, t in zip(terms, rounded, strict=True)
    )
    zeta = _up(max(0.0, float(np.linalg.eigvalsh(form)[-1])))
    total = zeta + sum(Fraction(term.radius) * t for term, t in zip(terms, rounded, strict=True))
    return rounded, zeta, total / 2


@lru_cache(maxsize=16)
def _problem(size: int, widths: tuple[int, ...]) -> tuple[cp.Problem, cp.Parameter, cp.Variable]:
    """Return min (sum tau + zeta)/2 with [[zeta I, K], [K^T, diag tau]] >= 0, K the blocks sqrt-free scaled."""
    tau, zeta = cp.Variable(len(widths)), cp.Variable()
    K = cp.Parameter((size, sum(widths)))
    diagonal = cp.hstack([tau[j] * np.ones(width) for j, width in enumerate(widths)])
    matrix = cp.bmat([[zeta * np.eye(size), K], [K.T, cp.diag(diagonal)]])
    return cp.Problem(cp.Minimize(cp.sum(tau) + zeta), [(matrix + matrix.T) / 2 >> 0]), K, tau


def _solve(terms: list[_Term]) -> Array | None:
    """Return tau from the semidefinite program, or None if the solver gives up.

    In scaled variables tau'_j = R_j tau_j and K_j = R_j C_j, as zeta I >= sum K_j K_j^T/tau'_j.
    """
    widths = tuple(term.matrix.shape[1] for term in terms)
    problem, K, tau = _problem(terms[0].matrix.shape[0], widths)
    K.value = np.hstack([term.radius * term.matrix for term in terms])
    try:
        problem.solve(solver=cp.CLARABEL)
    except cp.SolverError:
        return None
    if tau.value is None:
        return None
    return np.asarray(tau.value) / np.array([term.radius for term in terms])


class _Search:
    """Proposes a certificate for an instance."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        n, self.groups, self.size = instance.A.shape
        flat_A, flat_W = instance.A.reshape(n, -1), instance.W.reshape(n, -1)
        cross = (flat_W.T @ flat_A).reshape(self.groups, self.size, self.groups, self.size)
        self.cross = cross.transpose(0, 2, 1, 3)  # [h, g] is C_hg
        values = np.linalg.svd(self.cross, compute_uv=False)
        self.norms = [
            [_down(values[h, g, -1]) if h == g else _up(values[h, g, 0]) for g in range(self.groups)]
            for h in range(self.groups)
        ]
        self.noise = [_up(float(np.linalg.norm(instance.W[:, h], 2))) for h in range(self.groups)]
        self.solved = 0

    def terms(self, h: int, support: tuple[int, ...]) -> list[_Term]:
        found = [_Term(self.instance.B_max, self.cross[h, g]) for g in support]
        if self.instance.nu:
            found.append(_Term(self.instance.nu, self.instance.W[:, h].T))
        return found

    def row(
        self, h: int, support: tuple[int, ...], goal: Fraction | None
    ) -> tuple[dict[str, Any], Fraction, float]:
        """Return a certificate of one support, its bound, and a value that a code attains."""
        terms = self.terms(h, support)
        reached, lengths = _ascend(terms)
        tau, zeta, bound = _dual(terms, lengths)
        if float(bound) > reached * (1 + 1e-6) and (goal is None or bound > goal):
            better = _solve(terms)
            self.solved += 1
            if better is not None:
                other = _dual(terms, better)
                tau, zeta, bound = min((tau, zeta, bound), other, key=lambda item: item[2])
        row = {"group": h, "support": list(support), "tau": [str(t) for t in tau], "zeta": str(zeta)}
        return row, bound, reached

    def side(
        self, count: int, own: list[Fraction], progress: Progress
    ) -> tuple[Fraction, list[dict[str, Any]], float]:
        """Return the smallest certified T with leak - own <= T for all supports, its rows, what is attained.

        `own` is 0 for silent groups, B_min times the smallest singular value for active ones.
        """
        high, nu = Fraction(self.instance.B_max), Fraction(self.instance.nu)
        sizes = [
            {g: high * self.norms[h][g] for g in range(self.groups) if g != h} for h in range(self.groups)
        ]
        base = [nu * self.noise[h] - own[h] for h in range(self.groups)]
        if count > self.groups - 1:
            return Fraction(0), [], float("nan")  # no group is left to be silent
        if count == 0 and not nu:
            return max(base), [], float(max(base))
        top = [tuple(sorted(sorted(row, key=lambda g: row[g], reverse=True)[:count])) for row in sizes]
        tops = [self.row(h, support, None) for h, support in enumerate(top)]
        level = max(bound - own[h] for h, (_, bound, _) in enumerate(tops))
        reached = max(value - float(own[h]) for h, (_, _, value) in enumerate(tops))
        ceiling = max(
            sum((row[g] for g in support), base[h])
            for h, (row, support) in enumerate(zip(sizes, top, strict=True))
        )
        if level >= ceiling:
            return ceiling, [], reached
        while True:
            level, rows, value, complete = self._sweep(count, own, sizes, base, level, progress)
            reached = max(reached, value)
            if complete:
                return level, rows, reached
            # too many supports above the level: give part of the gain away
            level = level + (ceiling - level) / 8
            if ceiling - level < Fraction(1, 2**20):
                return ceiling, [], reached

    def _sweep(
        self,
        count: int,
        own: list[Fraction],
        sizes: list[dict[int, Fraction]],
        base: list[Fraction],
        level: Fraction,
        progress: Progress,
    ) -> tuple[Fraction, list[dict[str, Any]], float, bool]:
        rows: list[dict[str, Any]] = []
        bounds: list[Fraction] = []
        reached = -np.inf
        for h in range(self.groups):
            progress(f"supports against group {h + 1} of {self.groups}")
            for support in exceeding(sizes[h], count, level - base[h]):
                if len(rows) >= MOST_CERTIFICATES:
                    return level, rows, reached, False
                row, bound, value = self.row(h, support, level + own[h])
                rows.append(row)
                bounds.append(bound - own[h])
                reached = max(reached, value - float(own[h]))
        # a support that needs more raises the level; those below it by their norms alone may stay listed
        return max([level, *bounds]), rows, reached, True


def propose(
    instance: Instance, progress: Progress = lambda text: None
) -> tuple[dict[str, Any], dict[str, float]]:
    """Return a certificate and what was seen on the way (floats, not certified).

    Raises
    ------
    TooLarge
        If exact products of the blocks would take too long.
    """
    n, groups, size = instance.A.shape
    work = n * (groups * size) ** 2
    if work > MOST_PRODUCTS:
        raise TooLarge(
            "dim x (groups x block)^2", work, f"at most {MOST_PRODUCTS} for exact arithmetic", MOST_PRODUCTS
        )
    search = _Search(instance)
    low = Fraction(instance.B_min)
    own = [low * search.norms[g][g] for g in range(groups)]
    silent, silent_rows, reached = search.side(instance.gamma, [Fraction(0)] * groups, progress)
    gap, active_rows, short = search.side(instance.gamma - 1, own, progress)
    certificate = {
        "norms": [[str(item) for item in row] for row in search.norms],
        "noise": [str(item) for item in search.noise],
        "silent": str(silent),
        "active": str(-gap),
        "silent_supports": silent_rows,
        "active_supports": active_rows,
    }
    return certificate, {"silent_attained": reached, "active_attained": -short, "programs": search.solved}


def checked(instance: Instance, certificate: Mapping[str, Any]) -> Verified:
    """Return what the certificate proves.

    Raises
    ------
    InvalidInput
        If the exact check rejects it.
    """
    try:
        proved = verify(instance, certificate)
        float(proved.silent), float(proved.active)  # a claim of 10^400 is proved, and no number to compare
        return proved
    except Unproved as problem:
        raise InvalidInput("certificate", problem.reason, "one that the exact check accepts") from None
    except (LookupError, TypeError, AttributeError, ArithmeticError, ValueError) as problem:
        raise InvalidInput("certificate", repr(problem), "one with all of its parts") from None
