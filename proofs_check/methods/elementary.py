"""Elementary exact arguments: case splits for (x)_+ and |x|, and certificates written out by hand.

A certificate of `goal >= 0` under assumptions is an identity goal = sum of multiplier * assumptions with
multipliers that are nonnegative at sight: squares, or polynomials with nonnegative coefficients in
nonnegative symbols. The identity is checked by `identity.prove_zero`, the multipliers by `plainly_nonnegative`.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence

import sympy as sp

from proofs_check.core import Unproved
from proofs_check.methods.identity import prove_zero

Term = tuple[sp.Expr, ...]
Point = dict[str, str]


def plus(expr: sp.Expr) -> sp.Expr:
    """Return (expr)_+ = max(0, expr), unevaluated, as `prove_by_cases` reads it."""
    return PLUS(sp.sympify(expr))


def step(expr: sp.Expr) -> sp.Expr:
    """Return the indicator of expr > 0, unevaluated (its value at 0 is left open: both are checked)."""
    return STEP(sp.sympify(expr))


PLUS, STEP = sp.Function("plus"), sp.Function("step")


def prove_by_cases(expr: sp.Expr, positive: Sequence[sp.Expr] = (), what: str = "") -> int:
    """Confirm that an expression in `plus` and `step` is zero, sign pattern by sign pattern.

    A pattern in which it is not zero has to be impossible: a combination of its sign conditions and of
    the `positive` expressions with coefficients 0, 1, 2 that is identically zero, though one of them is > 0.

    Returns
    -------
    int
        Number of patterns in which the expression was found to be zero.

    Raises
    ------
    Unproved
    """
    arguments = sorted({item.args[0] for item in expr.atoms(PLUS, STEP)}, key=str)
    checked = 0
    for signs in itertools.product((1, -1), repeat=len(arguments)):
        table = {}
        for argument, sign in zip(arguments, signs, strict=True):
            table[PLUS(argument)] = argument if sign > 0 else sp.Integer(0)
            table[STEP(argument)] = sp.Integer(1 if sign > 0 else 0)
        conditions = [sign * argument for sign, argument in zip(signs, arguments, strict=True)]
        pinned = [a for a, b in itertools.combinations(conditions, 2) if sp.expand(a + b) == 0]  # a = 0
        try:
            prove_zero(expr.xreplace(table), pinned, what)
        except Unproved:
            if not _impossible(conditions, positive):
                value = expr.xreplace(table)
                point = violation(-(value**2), (*conditions, *positive))
                raise Unproved(f"{what}: not zero where {conditions} >= 0", point) from None
            continue
        checked += 1
    if not checked:
        raise Unproved(f"{what}: no sign pattern is possible")
    return checked


def _impossible(conditions: Sequence[sp.Expr], positive: Sequence[sp.Expr]) -> bool:
    """Return whether conditions >= 0 and positive > 0 contradict each other, by small coefficients."""
    for weights in itertools.product((0, 1, 2), repeat=len(conditions) + len(positive)):
        total = sum(w * item for w, item in zip(weights, (*conditions, *positive), strict=True))
        if any(weights[len(conditions) :]) and sp.expand(total) == 0:
            return True
    return False


def prove_nonnegative(
    goal: sp.Expr,
    terms: Sequence[Term],
    assuming: Sequence[sp.Expr] = (),
    modulo: Sequence[sp.Expr] = (),
    what: str = "",
) -> None:
    """Confirm goal >= 0 wherever the expressions of `assuming` are >= 0.

    Parameters
    ----------
    goal : sympy.Expr
    terms : sequence of (multiplier, assumption, ...)
        The goal as a sum of products; multipliers must be `plainly_nonnegative`.
    assuming : sequence of sympy.Expr
        What the terms may use.
    modulo : sequence of sympy.Expr
        Expressions that are zero.
    what : str
        Named in the failure.

    Raises
    ------
    Unproved
        With a point at which the goal is negative though the assumptions hold, where a search meets one.
    """
    try:
        for multiplier, *facts in terms:
            if not plainly_nonnegative(multiplier):
                raise Unproved(f"{what}: multiplier {multiplier} is not nonnegative at sight")
            missing = [fact for fact in facts if fact not in assuming]
            if missing:
                raise Unproved(f"{what}: {missing[0]} >= 0 is not assumed")
        prove_zero(goal - sp.Add(*(sp.Mul(*term) for term in terms)), modulo, what)
    except Unproved as problem:
        raise Unproved(problem.reason, violation(goal, assuming) if not modulo else None) from None


def plainly_nonnegative(expr: sp.Expr) -> bool:
    """Return whether `expr` is a square, a product or quotient of such, or has nonnegative coefficients.

    Symbols count as nonnegative if SymPy knows them to be; others need even powers.
    """
    expr = sp.sympify(expr)
    if expr.is_nonnegative:
        return True
    if expr.is_Pow and expr.exp.is_integer:
        return bool(expr.exp.is_even) or plainly_nonnegative(expr.base)
    if expr.is_Mul and all(plainly_nonnegative(item) for item in expr.args):
        return True
    numerator, denominator = sp.fraction(sp.together(expr))
    if denominator != 1:
        return plainly_nonnegative(numerator) and plainly_nonnegative(denominator)
    return all(_plain_term(term) for term in sp.Add.make_args(sp.expand(expr)))


def _plain_term(term: sp.Expr) -> bool:
    for factor in sp.Mul.make_args(term):
        base, power = factor.as_base_exp()
        if not (factor.is_nonnegative or (power.is_even and base.is_real)):
            return False
    return True


def violation(goal: sp.Expr, assuming: Sequence[sp.Expr] = (), tries: int = 400) -> Point | None:
    """Return a rational point with goal < 0 and every assumption >= 0, from a seeded search, or None."""
    for point in _points(goal, assuming, tries):
        try:
            if sp.sympify(goal).subs(point).evalf(30) >= 0:
                continue
            if all(sp.sympify(item).subs(point).evalf(30) >= 0 for item in assuming):
                return {item.name: str(value) for item, value in point.items()}
        except TypeError:  # not a real number there
            continue
    return None


def _points(
    goal: sp.Expr, assuming: Sequence[sp.Expr], tries: int
) -> Iterator[Mapping[sp.Symbol, sp.Rational]]:
    symbols = set().union(*(sp.sympify(item).free_symbols for item in (goal, *assuming)))
    ordered = sorted(symbols, key=lambda item: item.name)
    rng = random.Random(20)
    for _ in range(tries):
        point = {}
        for item in ordered:
            if item.is_integer:
                point[item] = sp.Integer(rng.randint(1, 6))
                continue
            value = sp.Rational(rng.randint(1, 60), rng.choice((4, 10, 20, 60)))
            point[item] = value if item.is_nonnegative else value * rng.choice((1, -1))
        yield point
