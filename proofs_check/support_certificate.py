"""Exact check of a support certificate: which thresholds separate active from silent groups of a network.

Data: dictionary A, weights W (doubles, taken as exact rationals), B_min <= ||x_g|| <= B_max for gamma active
groups, noise ||e|| <= nu. With C_hg = W_h^T A_g and a unit vector v,

    ||sum_S C_hg x_g + W_h^T e|| = max_v sum_j R_j ||C_j^T v||
        <= (1/2)(sum_j R_j tau_j + zeta)   if   zeta I - sum_j (R_j/tau_j) C_j C_j^T is positive definite

for any tau_j > 0 (2ab <= a^2/tau + tau b^2): the dual of the semidefinite relaxation with one ball per group,
as small as one block. A certificate holds such (tau, zeta) for every support whose sum of block norms exceeds
the claim; the other supports are covered by that sum. No solver, no floats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from proofs_check.core import Unproved
from proofs_check.methods.exact_matrices import Scaled, dominates, from_floats, gram

FORMAT = "gsae-support-certificate-1"
MOST_SUPPORTS = 200_000
Support = tuple[int, ...]


@dataclass(frozen=True)
class Instance:
    """What a certificate is about.

    Attributes
    ----------
    A, W : array, shape (n, G, d)
    B_min, B_max, nu : float
        Norms of active blocks, largest norm of the noise.
    gamma : int
        Number of active groups.
    """

    A: NDArray[np.float64]
    W: NDArray[np.float64]
    B_min: float
    B_max: float
    nu: float
    gamma: int


@dataclass(frozen=True)
class Verified:
    """What has been proved of an instance.

    Attributes
    ----------
    silent : Fraction
        ||W_h^T y|| <= silent for every group h that is not active.
    active : Fraction
        ||W_g^T y|| >= active for every group g that is.
    supports : int
        Number of supports with a matrix certificate of their own.
    """

    silent: Fraction
    active: Fraction
    supports: int


class Blocks:
    """Exact blocks C_hg = W_h^T A_g, with their Gram matrices on demand."""

    def __init__(self, instance: Instance) -> None:
        n, self.groups, self.size = instance.A.shape
        A, W = (from_floats(item.reshape(n, -1)) for item in (instance.A, instance.W))
        self.cross, self.weights = gram(W, A), W

    def _span(self, group: int) -> slice:
        return slice(group * self.size, (group + 1) * self.size)

    def outer(self, h: int, g: int | None) -> Scaled:
        """Return C_hg C_hg^T; W_h^T W_h for g = None (noise)."""
        if g is None:
            own = self.weights[:, self._span(h)]
            return gram(own, own)
        block = self.cross[self._span(h), self._span(g)]
        return Scaled(block.values @ block.values.T, 2 * block.bits)


def verify(instance: Instance, certificate: Mapping[str, Any]) -> Verified:
    """Check a certificate and return what it proves.

    Parameters
    ----------
    instance : Instance
    certificate : mapping
        ``norms`` (G x G rationals as text, the diagonal a lower bound on the smallest singular value of
        C_gg), ``noise`` (G rationals), ``silent``, ``active``, and the lists ``silent_supports`` and
        ``active_supports`` of {group, support, tau, zeta}.

    Raises
    ------
    Unproved
        Naming the inequality that does not hold.
    """
    blocks = Blocks(instance)
    norms, noise = _checked_norms(blocks, certificate, instance.nu)
    low, high, nu = (Fraction(item) for item in (instance.B_min, instance.B_max, instance.nu))
    silent, active = _rational(certificate["silent"]), _rational(certificate["active"])
    given = {kind: _items(blocks, certificate[f"{kind}_supports"], high, nu) for kind in ("silent", "active")}
    for h in range(blocks.groups):
        rooms = {
            "silent": (silent - nu * noise[h], silent, instance.gamma),
            "active": (
                low * norms[h][h] - active - nu * noise[h],
                low * norms[h][h] - active,
                instance.gamma - 1,
            ),
        }
        for kind, (room, limit, count) in rooms.items():
            sizes = {g: high * norms[h][g] for g in range(blocks.groups) if g != h}
            if len(sizes) < count:
                continue
            for support in exceeding(sizes, count, room):
                bound = given[kind].get((h, support))
                if bound is None or bound > limit:
                    raise Unproved(f"{kind}: group {h} against {support} is not below the claim")
    return Verified(silent, active, sum(map(len, given.values())))


def exceeding(sizes: Mapping[int, Fraction], count: int, room: Fraction) -> Iterator[Support]:
    """Yield every set of `count` keys whose sizes add to more than `room`, as sorted tuples.

    Raises
    ------
    Unproved
        After more than MOST_SUPPORTS sets.
    """
    order = sorted(sizes, key=lambda item: sizes[item], reverse=True)

    def grow(start: int, chosen: Support, left: Fraction) -> Iterator[Support]:
        need = count - len(chosen)
        if need == 0:
            if left < 0:
                yield chosen
            return
        for at in range(start, len(order) - need + 1):
            if sum(sizes[item] for item in order[at : at + need]) <= left:
                return  # sizes fall: nothing further on can exceed
            yield from grow(at + 1, (*chosen, order[at]), left - sizes[order[at]])

    for found, support in enumerate(grow(0, (), room)):
        if found >= MOST_SUPPORTS:
            raise Unproved(f"more than {MOST_SUPPORTS} supports exceed the claim by their block norms")
        yield tuple(sorted(support))


def _checked_norms(
    blocks: Blocks, certificate: Mapping[str, Any], nu: float
) -> tuple[list[list[Fraction]], list[Fraction]]:
    """Return certified bounds on block norms: above off the diagonal, below on it."""
    norms = [[_rational(item) for item in row] for row in certificate["norms"]]
    noise = [_rational(item) for item in certificate["noise"]]
    if len(norms) != blocks.groups or any(len(row) != blocks.groups for row in norms):
        raise Unproved("norms are not a G x G table")
    for h in range(blocks.groups):
        for g in range(blocks.groups):
            value, matrix = norms[h][g], blocks.outer(h, g)
            if g == h and value == 0:
                continue  # singular values are nonnegative
            if value < 0 or not dominates(value**2, matrix.values, matrix.bits, below=g == h):
                raise Unproved(f"block ({h}, {g}): {float(value)} is no bound on its singular values")
        matrix = blocks.outer(h, None)
        if nu and not (noise[h] > 0 and dominates(noise[h] ** 2, matrix.values, matrix.bits)):
            raise Unproved(f"noise of group {h}: {float(noise[h])} is no bound on ||W_h||")
    return norms, noise


def _items(
    blocks: Blocks, rows: Sequence[Mapping[str, Any]], high: Fraction, nu: Fraction
) -> dict[tuple[int, Support], Fraction]:
    """Return the bound that each listed support has, after checking its matrix inequality."""
    found = {}
    for row in rows:
        h, support = int(row["group"]), tuple(int(item) for item in row["support"])
        parts: list[tuple[int | None, Fraction]] = [(g, high) for g in support]
        if nu:
            parts.append((None, nu))
        tau = [_rational(item) for item in row["tau"]]
        inside = all(0 <= g < blocks.groups for g in (h, *support))
        distinct = len({h, *support}) == 1 + len(support)
        if not (inside and distinct and len(tau) == len(parts) and all(item > 0 for item in tau)):
            raise Unproved(f"group {h} against {support}: malformed")
        zeta = _rational(row["zeta"])
        if not _dominated(blocks, h, parts, tau, zeta):
            raise Unproved(f"group {h} against {support}: zeta is too small")
        bound = (sum((r * t for (_, r), t in zip(parts, tau, strict=True)), zeta)) / 2
        found[h, tuple(sorted(support))] = bound
    return found


def _dominated(
    blocks: Blocks,
    h: int,
    parts: Sequence[tuple[int | None, Fraction]],
    tau: Sequence[Fraction],
    zeta: Fraction,
) -> bool:
    """Return whether zeta I - sum (R/tau) C C^T is positive definite."""
    terms = [(radius / t, blocks.outer(h, g)) for (g, radius), t in zip(parts, tau, strict=True)]
    bits = max(matrix.bits for _, matrix in terms)
    common = 1
    for factor, _ in terms:
        common = common * factor.denominator // _gcd(common, factor.denominator)
    total = np.zeros((blocks.size, blocks.size), dtype=object)
    for factor, matrix in terms:
        total = total + matrix.values * (int(factor * common) << (bits - matrix.bits))
    return dominates(zeta * common, total, bits)


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def _rational(text: object) -> Fraction:
    try:
        return Fraction(str(text))
    except (ValueError, ZeroDivisionError) as problem:
        raise Unproved(f"not a rational number: {text!r}") from problem
