"""Expectations over the sphere and over Gaussian vectors: exact, for symbolic dimension.

The formulas follow from `Q:sphere` (theta = z/||z||, independent of ||z||, E||z||^2k = d(d+2)..(d+2k-2))
and from integration by parts for a Gaussian entry; `check_moments` derives them and `check_pairings`
derives the rule of pairings from them, index pattern by index pattern, once and for all dimensions.

Three ways to use it:

>>> import sympy as sp
>>> d, x, y = sp.symbols("d x y")
>>> sphere_expectation((x + y) ** 4, [x, y], d)      # polynomial in entries of theta
12/(d*(d + 2))
>>> form_expectation("E", "E", size=d)               # products of quadratic forms theta^T M theta
(tr_E**2 + tr_EE + tr_EE')/(d*(d + 2))
>>> form_expectation("S", "S", size=d, symmetric="S")
(tr_S**2 + 2*tr_SS)/(d*(d + 2))
>>> linear_expectation("uuvv", size=d)               # products of linear forms <u, theta>
(u_u*v_v + 2*u_v**2)/(d*(d + 2))
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import sympy as sp

from proofs_check.core import Unproved
from proofs_check.methods.identity import prove_equal, prove_zero

Pairing = tuple[tuple[int, int], ...]
Word = tuple[str, ...]


def radial_moment(half_order: int, size: sp.Expr) -> sp.Expr:
    """Return E||z||^(2 half_order) = d(d+2)..(d + 2 half_order - 2) for a Gaussian vector of `size`."""
    return sp.Mul(*(size + 2 * step for step in range(half_order)))


def gaussian_moment(*powers: int) -> sp.Integer:
    """Return E prod z_i^powers[i] for independent standard Gaussian z_i; 0 if a power is odd."""
    if any(power % 2 for power in powers):
        return sp.Integer(0)
    return sp.Integer(sp.prod([sp.factorial2(power - 1) for power in powers if power]))


def sphere_moment(*powers: int, size: sp.Expr) -> sp.Expr:
    """Return E prod theta_i^powers[i], theta uniform on the sphere of R^size.

    Parameters
    ----------
    *powers : int
        >= 0, one per entry named; entries not named have power 0. Valid for size >= the number of
        entries with a positive power.
    size : sympy.Expr
        Symbolic or a number.
    """
    value = gaussian_moment(*powers)
    return value / radial_moment(sum(powers) // 2, sp.sympify(size)) if value else value


def gaussian_expectation(expr: sp.Expr, entries: Sequence[sp.Symbol]) -> sp.Expr:
    """Return E of a polynomial in independent standard Gaussian `entries`; coefficients are free."""
    return sp.Add(*(c * gaussian_moment(*powers) for powers, c in _terms(expr, entries)))


def sphere_expectation(expr: sp.Expr, entries: Sequence[sp.Symbol], size: sp.Expr) -> sp.Expr:
    """Return E of a polynomial in `entries`, the first ones of a uniform direction in R^size.

    Raises
    ------
    Unproved
        If `expr` is not a polynomial in the entries.
    """
    return sp.Add(*(c * sphere_moment(*powers, size=size) for powers, c in _terms(expr, entries)))


def _terms(expr: sp.Expr, entries: Sequence[sp.Symbol]) -> Iterator[tuple[tuple[int, ...], sp.Expr]]:
    try:
        polynomial = sp.Poly(sp.sympify(expr), *entries)
    except sp.PolynomialError as problem:
        raise Unproved(f"not a polynomial in {list(entries)}: {expr}") from problem
    if any(polynomial.gens[i] != entry for i, entry in enumerate(entries)):
        raise Unproved(f"not a polynomial in {list(entries)}: {expr}")
    yield from polynomial.terms()


def pairings(count: int) -> Iterator[Pairing]:
    """Yield the (count-1)!! ways to pair 0..count-1."""

    def rest(items: tuple[int, ...]) -> Iterator[Pairing]:
        if not items:
            yield ()
            return
        first, *others = items
        for other in others:
            for tail in rest(tuple(item for item in others if item != other)):
                yield ((first, other), *tail)

    if count % 2 == 0:
        yield from rest(tuple(range(count)))


def form_expectation(*words: str, size: sp.Expr, symmetric: str = "") -> sp.Expr:
    """Return E prod_i theta^T M_i theta over the sphere, in traces.

    Parameters
    ----------
    *words : str
        Each M_i as a product of capital letters, ' for a transpose: ``"E'E"`` is E^T E, ``""`` the identity.
    size : sympy.Expr
        Dimension.
    symmetric : str
        Letters that are symmetric matrices.

    Returns
    -------
    sympy.Expr
        In the symbols of `trace`.
    """
    forms = [_parse(word) for word in words]
    total = sp.Add(*(_trace_product(forms, pairs, size, symmetric) for pairs in pairings(2 * len(forms))))
    return total / radial_moment(len(forms), sp.sympify(size))


def trace(word: str, symmetric: str = "", size: sp.Expr | None = None) -> sp.Expr:
    """Return the symbol of tr(word), the same for cyclic shifts and for the transpose; `size` for tr I."""
    return _trace(_parse(word), symmetric, size)


def linear_expectation(vectors: Sequence[str], size: sp.Expr) -> sp.Expr:
    """Return E prod <v_i, theta> over the sphere, in the inner products `inner` of the named vectors."""
    total = sp.Add(
        *(sp.Mul(*(inner(vectors[i], vectors[j]) for i, j in pairs)) for pairs in pairings(len(vectors)))
    )
    return total / radial_moment(len(vectors) // 2, sp.sympify(size))


def inner(left: str, right: str) -> sp.Symbol:
    """Return the symbol of <left, right>, the same in both orders."""
    return sp.Symbol("_".join(sorted((left, right))), real=True)


def _parse(word: str) -> Word:
    letters = re.findall(r"[A-Z]'?", word)
    if "".join(letters) != word:
        raise Unproved(f"not a product of capital letters: {word}")
    return tuple(letters)


def _flip(word: Word) -> Word:
    """Return the transpose of a product."""
    return tuple(letter[0] if letter.endswith("'") else letter + "'" for letter in reversed(word))


def _trace(word: Word, symmetric: str, size: sp.Expr | None) -> sp.Expr:
    if not word:
        if size is None:
            raise Unproved("tr I needs the dimension")
        return sp.sympify(size)
    plain = tuple(letter[0] if letter[0] in symmetric else letter for letter in word)
    back = tuple(letter[0] if letter[0] in symmetric else letter for letter in _flip(word))
    shifts = [item[k:] + item[:k] for item in (plain, back) for k in range(len(word))]
    return sp.Symbol("tr_" + "".join(min(shifts)), real=True)


def _trace_product(forms: Sequence[Word], pairs: Pairing, size: sp.Expr, symmetric: str) -> sp.Expr:
    """Return the product of traces that one pairing of the 2k slots gives: slots 2i, 2i+1 are M_i's."""
    partner = {a: b for pair in pairs for a, b in (pair, pair[::-1])}
    left, product = set(range(len(forms))), sp.Integer(1)
    while left:
        start = min(left)
        slot, word = 2 * start, ()
        while True:
            index = slot // 2
            left.discard(index)
            word = (*word, *(forms[index] if slot % 2 == 0 else _flip(forms[index])))
            slot = partner[slot ^ 1]
            if slot == 2 * start:
                break
        product *= _trace(word, symmetric, size)
    return product


# Where the formulas come from


def check_moments(order: int) -> int:
    """Derive every moment up to total degree `order`, for symbolic dimension; return their number.

    Gaussian entry: (z^(k-1) phi)' = ((k-1) z^(k-2) - z^k) phi with phi' = -z phi, so E z^k = (k-1) E z^(k-2).
    Sphere: E prod z^k = E||z||^K E prod theta^k. As a check, sum theta_i^2 = 1 in every moment.

    Raises
    ------
    Unproved
    """
    size = sp.Symbol("d", positive=True)
    z, phi = sp.Symbol("z"), sp.Function("phi")(sp.Symbol("z"))
    for k in range(2, order + 1):
        by_parts = sp.diff(z ** (k - 1) * phi, z).subs(sp.Derivative(phi, z), -z * phi)
        prove_equal(by_parts, ((k - 1) * z ** (k - 2) - z**k) * phi, what=f"parts, order {k}")
        prove_equal(gaussian_moment(k), (k - 1) * gaussian_moment(k - 2), what=f"E z^{k}")
    count = 0
    for total in range(0, order + 1, 2):
        for powers in _partitions(total):
            value = sphere_moment(*powers, size=size)
            prove_equal(gaussian_moment(*powers), radial_moment(total // 2, size) * value, what=str(powers))
            if total <= order - 2:
                raised = [(*powers[:i], powers[i] + 2, *powers[i + 1 :]) for i in range(len(powers))]
                squares = sum(sphere_moment(*item, size=size) for item in raised)
                squares += (size - len(powers)) * sphere_moment(*powers, 2, size=size)
                prove_equal(squares, value, what=f"sum of squares in {powers}")
            count += 1
    return count


def check_pairings(order: int) -> int:
    """Derive E theta_i1 .. theta_ik = (sum over pairings of Kronecker deltas)/(d(d+2)..), k = `order`.

    Both sides depend only on which indices agree, so the equality patterns (set partitions) are all the
    cases there are, in every dimension. By linearity this gives `form_expectation` and `linear_expectation`.

    Returns
    -------
    int
        Number of patterns.

    Raises
    ------
    Unproved
    """
    size, count = sp.Symbol("d", positive=True), 0
    every = list(pairings(order))
    for pattern in _patterns(order):
        powers = Counter(pattern).values()
        kept = sum(all(pattern[i] == pattern[j] for i, j in pairs) for pairs in every)
        prove_zero(
            sphere_moment(*powers, size=size) - sp.Integer(kept) / radial_moment(order // 2, size),
            what=f"pairings at {pattern}",
        )
        count += 1
    return count


def _partitions(total: int) -> Iterator[tuple[int, ...]]:
    for parts in range(total // 2 + 1):
        for item in itertools.combinations_with_replacement(range(2, total + 1, 2), parts):
            if sum(item) == total:
                yield item


def _patterns(count: int) -> Iterator[tuple[int, ...]]:
    """Yield every set partition of 0..count-1 as labels in order of first appearance."""

    def rest(labels: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(labels) == count:
            yield labels
            return
        for label in range(max(labels, default=-1) + 2):
            yield from rest((*labels, label))

    yield from rest(())
