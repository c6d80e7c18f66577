"""Inference kernel for norm bounds, in the LCF style.

A `Bound` says ``norm(term) <= value``, an `Equal` that two terms agree. Both can be made only by the rules
of this module and of `norm_rules`; each keeps the rule, its premises and the facts at its leaves. `conclude`
ends a derivation: every fact has to be one of the setting's closed list, and the value has to be below the
claimed polynomial with an exact certificate.

======== ==========================================================================================
norm     value bounds
======== ==========================================================================================
OP       spectral norm, for every outcome
FRO      Frobenius norm (Euclidean for a column), for every outcome
L2       (E ||.||_F^2)^(1/2)
WEAK     ||E a a^T||^(1/2) of a random column a: the largest (E||X^T a||^2)^(1/2), ||X||_F = 1
======== ==========================================================================================

In the values of OP and FRO the *sizes* ``|a|`` of random columns may occur: the bound holds outcome by
outcome. Everything else in a value is constant and nonnegative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from weakref import WeakSet

import sympy as sp

from proofs_check.core import Unproved
from proofs_check.methods.norm_terms import Term, collect, cond, mean, substitute, term

OP, FRO, L2, WEAK = "OP", "FRO", "L2", "WEAK"
NORMS = (OP, FRO, L2, WEAK)

RULES: dict[str, str] = {}
"""Name of a rule and what it says; closed once the rule modules are loaded, part of the trusted base."""

_KEY = object()
_MADE: WeakSet[Any] = WeakSet()
_SIZES: dict[sp.Symbol, Term] = {}


@dataclass(frozen=True)
class Fact:
    """A leaf of derivations: what a setting takes from definitions, hypotheses and earlier steps.

    Attributes
    ----------
    step : str
        Ledger id on which it rests; "" for a definition or a hypothesis of the theorem.
    words : str
    norm, term, value
        For a bound. For an equality `norm` is "=" and `value` the right-hand term; "blocks" says that
        the blocks of `term` have, given that the group is active, the law of the block term `value`.
    """

    norm: str
    term: Term
    value: Any
    words: str
    step: str = ""


@dataclass(frozen=True, eq=False)
class _Judgement:
    rule: str
    premises: tuple[_Judgement, ...]
    facts: frozenset[Fact]
    key: object = field(repr=False, default=None)

    def __post_init__(self) -> None:
        if self.key is not _KEY:
            raise Unproved("judgements are made by the rules of the kernel")
        object.__setattr__(self, "key", None)
        _MADE.add(self)

    @property
    def steps(self) -> frozenset[str]:
        """Ledger ids at the leaves of the derivation."""
        return frozenset(fact.step for fact in self.facts if fact.step)


@dataclass(frozen=True, eq=False)
class Bound(_Judgement):
    """``norm(term) <= value``."""

    norm: str = ""
    term: Term = field(default_factory=lambda: Term("", "", ()))
    value: sp.Expr = sp.S.Zero


@dataclass(frozen=True, eq=False)
class Equal(_Judgement):
    """``left = right`` for every outcome."""

    left: Term = field(default_factory=lambda: Term("", "", ()))
    right: Term = field(default_factory=lambda: Term("", "", ()))


Rule = TypeVar("Rule", bound=Callable[..., Any])


def rule(statement: str) -> Callable[[Rule], Rule]:
    """Enter a function into the closed list of rules."""

    def register(function: Rule) -> Rule:
        RULES[function.__name__] = statement
        return function

    return register


def genuine(*judgements: _Judgement) -> None:
    """Confirm that the premises come out of the kernel.

    Raises
    ------
    Unproved
        For an object that was put together by other means.
    """
    for item in judgements:
        if not isinstance(item, _Judgement) or item not in _MADE:
            raise Unproved("a premise was not made by a rule of the kernel")


def require(condition: bool, reason: str) -> None:
    """Raise `Unproved` unless the side condition of a rule holds."""
    if not condition:
        raise Unproved(reason)


def make_bound(
    name: str, premises: Iterable[_Judgement], norm: str, value_of: Term, value: sp.Expr, *facts: Fact
) -> Bound:
    """Make a bound; for the rules only (they have checked their premises)."""
    given = tuple(premises)
    genuine(*given)
    require(name in RULES and norm in NORMS, f"{name} is no rule, or {norm} no norm")
    leaves = frozenset(facts).union(*(item.facts for item in given))
    return Bound(name, given, leaves, _KEY, norm, value_of, sp.expand(value))


def make_equal(name: str, premises: Iterable[_Judgement], left: Term, right: Term, *facts: Fact) -> Equal:
    """Make an equality; for the rules only."""
    given = tuple(premises)
    genuine(*given)
    require(name in RULES, f"{name} is no rule")
    require((left.rows, left.cols) == (right.rows, right.cols), f"{left} and {right} differ in size")
    leaves = frozenset(facts).union(*(item.facts for item in given))
    return Equal(name, given, leaves, _KEY, left, right)


# --- Sizes of random columns in values -----------------------------------------------------------------


def size(column: Term) -> sp.Symbol:
    """Return the symbol ``|column|`` that stands for its norm in a value."""
    require(column.cols == "1", f"{column} is no column")
    symbol = sp.Symbol(f"|{column}|", nonnegative=True)
    require(_SIZES.setdefault(symbol, column) == column, f"two columns print as {column}")
    return symbol


def sizes(value: sp.Expr) -> dict[sp.Symbol, Term]:
    """Return the sizes that occur in a value, with their columns."""
    return {item: _SIZES[item] for item in value.free_symbols if item in _SIZES}


def constant(*bounds: Bound) -> None:
    """Confirm that no size occurs in the values."""
    for item in bounds:
        require(not sizes(item.value), f"{item.value} varies with the outcome")


def monomials(value: sp.Expr) -> list[tuple[sp.Expr, dict[sp.Symbol, int]]]:
    """Return a value as constant factors and powers of sizes."""
    found = sorted(sizes(value), key=str)
    if not found:
        return [(value, {})]
    poly = sp.Poly(value, *found, domain="EX")
    return [(c, {a: k for a, k in zip(found, powers, strict=True) if k}) for powers, c in poly.terms()]


def independent(*terms: Term) -> bool:
    """Whether the terms are functions of disjoint sources of randomness."""
    seen: set[str] = set()
    for item in terms:
        if seen & item.depends:
            return False
        seen |= item.depends
    return True


# --- Leaves --------------------------------------------------------------------------------------------


@rule("a fact of the setting: a definition, a hypothesis, or the conclusion of an earlier step")
def given(fact: Fact) -> Bound:
    """Return the bound that a fact says; whether the fact is admissible is decided by `conclude`."""
    return make_bound("given", (), fact.norm, fact.term, fact.value, fact)


@rule("the same for an equality")
def given_equal(fact: Fact) -> Equal:
    """Return the equality that a fact says."""
    require(fact.norm == "=", f"{fact.words} is no equality")
    return make_equal("given_equal", (), fact.term, fact.value, fact)


# --- Equalities ----------------------------------------------------------------------------------------


@rule("every term equals itself")
def reflexive(value: Term) -> Equal:
    """Return ``t = t``."""
    return make_equal("reflexive", (), value, value)


@rule("t = u gives u = t")
def symmetric(equal: Equal) -> Equal:
    """Return the equality the other way round."""
    return make_equal("symmetric", (equal,), equal.right, equal.left)


@rule("equals may be replaced by equals in sums, products, transposes, means and conditional means")
def rewrite(equal: Equal, *uses: Equal) -> Equal:
    """Return `equal` with each of `uses` (left side a single letter) applied to its right side."""
    right = equal.right
    for item in uses:
        word = item.left.parts[0][1] if len(item.left.parts) == 1 else ()
        require(len(word) == 1 and item.left.parts[0][0] == 1, f"{item.left} is no letter")
        right = substitute(right, word[0], item.right)
    return make_equal("rewrite", (equal, *uses), equal.left, right)


@rule("t = u gives X t Y + Z = X u Y + Z")
def within(
    equal: Equal, before: Term | None = None, after: Term | None = None, plus: Term | None = None
) -> Equal:
    """Return the equality inside a product and a sum."""

    def around(value: Term) -> Term:
        value = value if before is None else before @ value
        value = value if after is None else value @ after
        return value if plus is None else value + plus

    return make_equal("within", (equal,), around(equal.left), around(equal.right))


@rule("A_g^T A_g = I: orthonormal blocks (a product of a letter with its transpose that a fact calls I)")
def cancel(equal: Equal, orthonormal: Equal) -> Equal:
    """Return `equal` with every word ``... v ...`` on the right shortened, where a fact says v = I."""
    pair = orthonormal.left.parts[0][1]
    require(
        len(orthonormal.left.parts) == 1 and [w for _, w in orthonormal.right.parts] == [()],
        f"{orthonormal.left} = {orthonormal.right} does not cancel a word",
    )

    def short(word: tuple[Any, ...]) -> Term:
        for k in range(len(word) - len(pair) + 1):
            if word[k : k + len(pair)] == pair:
                return short(word[:k] + word[k + len(pair) :])
        result: Term | None = None
        for letter in word:
            inner = term(letter)
            if letter.inner:
                inner = (mean if letter.kind == "E" else cond)(short(letter.inner))
            result = inner if result is None else result @ inner
        return Term("", "", ((sp.Integer(1), ()),)) if result is None else result

    parts = [(c * k, word) for c, w in equal.right.parts for k, word in short(w).parts]
    right = collect(equal.right.rows, equal.right.cols, parts)
    return make_equal("cancel", (equal, orthonormal), equal.left, right)


@rule("bounds of equal terms are equal")
def transport(bound: Bound, equal: Equal) -> Bound:
    """Return the bound of `equal.left` from that of `equal.right`."""
    require(bound.term == equal.right, f"the bound is on {bound.term}, not on {equal.right}")
    return make_bound("transport", (bound, equal), bound.norm, equal.left, bound.value)


# --- Ends ----------------------------------------------------------------------------------------------


@rule("a bound may be enlarged: the difference has nonnegative coefficients in nonnegative symbols")
def enlarge(bound: Bound, value: sp.Expr, normal: Callable[[sp.Expr], sp.Expr] = sp.expand) -> Bound:
    """Return the bound with a larger value.

    Raises
    ------
    Unproved
        Naming the monomials of the difference that are not certified, with a point where it is negative.
    """
    dominated(bound.value, value, normal)
    return make_bound("enlarge", (bound,), bound.norm, bound.term, value)


def dominated(smaller: sp.Expr, larger: sp.Expr, normal: Callable[[sp.Expr], sp.Expr] = sp.expand) -> int:
    """Confirm ``smaller <= larger`` for nonnegative symbols and return the number of monomials.

    Raises
    ------
    Unproved
        If a coefficient of the difference is negative; with a rational point if the difference is there.
    """
    difference = normal(larger - smaller)
    parts = sp.Add.make_args(sp.expand(difference))
    bad = [item for item in parts if not item.is_nonnegative]
    if bad:
        raise Unproved(
            f"{bad[0]} in the difference is not certified ({len(bad)} such)", _negative_point(difference)
        )
    return len(parts)


def _negative_point(difference: sp.Expr) -> dict[str, str] | None:
    """Return a point with few distinct values at which `difference` is negative, if one is met."""
    symbols = sorted(difference.free_symbols, key=str)
    for k in range(1, 25):
        point = {
            item: sp.Rational(1 + (7 * k + 5 * i * k) % 11, 1 + (3 * k + i) % 13)
            for i, item in enumerate(symbols)
        }
        if difference.xreplace(point) < 0:
            return {str(item): str(value) for item, value in point.items()}
    return None


@rule("a value with nonnegative coefficients grows with its nonnegative symbols")
def monotone(bound: Bound, *facts: Fact) -> Bound:
    """Replace symbols in the value by larger expressions; each fact says ``symbol <= expression``."""
    require(all(fact.norm == "<=" for fact in facts), "needs facts symbol <= expression")
    require(all(item.is_nonnegative for item in sp.Add.make_args(bound.value)), "the value is not monotone")
    value = bound.value.xreplace({fact.value[0]: fact.value[1] for fact in facts})
    return make_bound("monotone", (bound,), bound.norm, bound.term, value, *facts)


def conclude(
    bound: Bound,
    norm: str,
    claimed: Term,
    value: sp.Expr,
    facts: frozenset[Fact],
    normal: Callable[[sp.Expr], sp.Expr] = sp.expand,
) -> Bound:
    """Return the bound in the form in which a step claims it.

    Parameters
    ----------
    bound : Bound
    norm, claimed, value
        What the step says.
    facts : frozenset of Fact
        The closed list of the setting; a leaf outside it is refused.

    Raises
    ------
    Unproved
        If the derivation has another term or norm, a foreign leaf, or does not reach the value.
    """
    genuine(bound)
    foreign = bound.facts - facts
    require(not foreign, f"not among the setting's facts: {', '.join(sorted(f.words for f in foreign))}")
    require(bound.norm == norm, f"the derivation bounds {bound.norm}, the step claims {norm}")
    require(bound.term == claimed, f"the derivation bounds {bound.term}, the step claims {claimed}")
    constant(bound)
    return enlarge(bound, value, normal)


def derivation(bound: _Judgement) -> list[tuple[str, str]]:
    """Return the derivation as pairs of rule and conclusion, premises first, nothing twice."""
    done: dict[int, tuple[str, str]] = {}

    def visit(item: _Judgement) -> None:
        if id(item) in done:
            return
        for below in item.premises:
            visit(below)
        text = (
            f"{item.norm}({item.term}) <= {item.value}"
            if isinstance(item, Bound)
            else f"{item.left} = {item.right}"  # type: ignore[attr-defined]
        )
        done[id(item)] = (item.rule, text)

    visit(bound)
    return list(done.values())


__all__ = [name for name in dir() if not name.startswith("_")]
