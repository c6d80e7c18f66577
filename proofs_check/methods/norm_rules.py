"""The rules of the norm calculus, each a few lines; `norms` holds what they produce.

Every rule is tested on random finite laws in exact rational arithmetic (tests/proofs/test_norm_rules.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from gsae_theory.theory.quantity import QUANTITIES
from proofs_check.methods.norm_terms import (
    OWN,
    Letter,
    Term,
    collect,
    cond,
    depends,
    identity,
    mean,
    parity,
    replace_letter,
    term,
    zero,
)
from proofs_check.methods.norms import (
    FRO,
    L2,
    OP,
    WEAK,
    Bound,
    Equal,
    constant,
    genuine,
    independent,
    make_bound,
    make_equal,
    monomials,
    require,
    rule,
    size,
    sizes,
)

# --- Sums and products ---------------------------------------------------------------------------------


@rule("triangle inequality: N(sum c_i t_i) <= sum |c_i| N(t_i), for each of the norms")
def triangle(*bounds: Bound, weights: Sequence[sp.Expr | int] | None = None) -> Bound:
    """Bound a linear combination."""
    plain: Sequence[sp.Expr | int] = [1] * len(bounds) if weights is None else weights
    factors: list[sp.Expr] = [sp.Integer(w) if isinstance(w, int) else w for w in plain]
    require(
        len({item.norm for item in bounds}) == 1 and len(factors) == len(bounds), "one norm, one weight each"
    )
    total, value = zero(bounds[0].term.rows, bounds[0].term.cols), sp.Integer(0)
    for weight, item in zip(factors, bounds, strict=True):
        absolute = weight if weight.is_nonnegative else -weight
        require(bool(absolute.is_nonnegative), f"sign of {weight} unknown")
        total, value = total + weight * item.term, value + absolute * item.value
    return make_bound("triangle", bounds, bounds[0].norm, total, value)


@rule(
    "submultiplicativity: OP(XY) <= OP OP; FRO(XY) <= OP FRO, FRO OP; L2(Xa) <= OP(X) L2(a); for X independent "
    "of a: WEAK(Xa) <= OP(X) WEAK(a), L2(Xa) <= FRO(X) WEAK(a)"
)
def product(*bounds: Bound) -> Bound:
    """Bound a product, from the right."""
    result = bounds[-1]
    for left in reversed(bounds[:-1]):
        result = _pair(left, result)
    return result


def _pair(left: Bound, right: Bound) -> Bound:
    whole = left.term @ right.term
    value = left.value * right.value
    if {left.norm, right.norm} <= {OP, FRO}:
        norm = OP if left.norm == right.norm == OP else FRO
    else:
        constant(left)
        require(left.norm in (OP, FRO) and right.norm in (L2, WEAK), f"{left.norm} times {right.norm}")
        if right.norm == WEAK:
            require(independent(left.term, right.term), f"{left.term} and {right.term} are dependent")
            norm = WEAK if left.norm == OP else L2
        else:
            norm = L2
    return make_bound("product", (left, right), norm, whole, value)


@rule("norm(X^T) = norm(X), spectral and Frobenius")
def transpose(bound: Bound) -> Bound:
    """Bound the transpose."""
    require(bound.norm != WEAK, "WEAK is a norm of columns")
    return make_bound("transpose", (bound,), bound.norm, bound.term.T, bound.value)


@rule("OP <= FRO; L2 <= a constant FRO; WEAK <= L2 for a column")
def relax(bound: Bound, norm: str) -> Bound:
    """Bound a smaller norm."""
    if bound.norm == FRO and norm == L2:
        constant(bound)
    else:
        column = norm == WEAK and bound.norm == L2 and bound.term.cols == "1"
        require((bound.norm, norm) == (FRO, OP) or column, f"{norm} is not below {bound.norm}")
    return make_bound("relax", (bound,), norm, bound.term, bound.value)


@rule("OP(I) = 1")
def unit(name: str) -> Bound:
    """Bound the identity of a named size."""
    return make_bound("unit", (), OP, identity(name), sp.Integer(1))


@rule("two bounds of the same: their minimum, under the name that the theory gives it")
def minimum(first: Bound, second: Bound, name: sp.Symbol) -> Bound:
    """Bound by a named quantity that is defined as the minimum of the two values."""
    require((first.norm, first.term) == (second.norm, second.term), "two bounds of different things")
    require(QUANTITIES[name.name].expr == sp.Min(first.value, second.value), f"{name} is another minimum")
    return make_bound("minimum", (first, second), first.norm, first.term, name)


@rule("every outcome: |a| stays below a constant bound of a")
def supremum(bound: Bound, *sups: Bound) -> Bound:
    """Replace sizes in the value by constant bounds."""
    constant(*sups)
    require(all(item.norm == FRO for item in sups), "sizes are Frobenius norms")
    value = bound.value.xreplace({size(item.term): item.value for item in sups})
    return make_bound("supremum", (bound, *sups), bound.norm, bound.term, value)


@rule("|a| is a Frobenius bound of a")
def itself(value_of: Term) -> Bound:
    """Bound a random column by its size."""
    return make_bound("itself", (), FRO, value_of, size(value_of))


# --- Moments of sizes ----------------------------------------------------------------------------------


def _averaged(bound: Bound, moments: Sequence[Bound], sups: Sequence[Bound], most: int) -> sp.Expr:
    """Return the value with every monomial of sizes averaged.

    Of every monomial at most `most` factors are averaged (in L2), the rest bounded by constants.
    """
    constant(*moments, *sups)
    require(all(item.norm == L2 for item in moments) and all(item.norm == FRO for item in sups), "L2 and FRO")
    averages = {size(item.term): item.value for item in moments}
    tops = {size(item.term): item.value for item in sups}
    total = sp.Integer(0)
    for coefficient, powers in monomials(bound.value):
        left, value = most, coefficient
        for name, power in sorted(powers.items(), key=lambda item: str(item[0])):
            taken = min(power, left) if name in averages else 0
            require(power == taken or name in tops, f"no constant bound of {name}")
            left -= taken
            value *= averages.get(name, sp.Integer(1)) ** taken * tops.get(name, sp.Integer(1)) ** (
                power - taken
            )
        total += value
    return total


@rule(
    "E|a|^2|b|^2 = E|a|^2 E|b|^2 for independent a, b; Minkowski over the monomials of a pointwise bound; "
    "remaining factors by their constant bounds"
)
def mean_square(bound: Bound, moments: Sequence[Bound], sups: Sequence[Bound] = ()) -> Bound:
    """Return the L2 bound that a pointwise bound gives."""
    require(bound.norm == FRO, "pointwise Frobenius bounds only")
    genuine(*moments, *sups)
    total = sp.Integer(0)
    averages, tops = {size(m.term): m for m in moments}, {size(m.term): m for m in sups}
    constant(*moments, *sups)
    require(all(m.norm == L2 for m in moments) and all(m.norm == FRO for m in sups), "L2 and FRO")
    for coefficient, powers in monomials(bound.value):
        chosen = [averages[name] for name in powers if name in averages]
        require(independent(*(m.term for m in chosen)), "averaged factors are dependent")
        value = coefficient
        for name, power in powers.items():
            rest = power - (name in averages)
            require(rest == 0 or name in tops, f"no constant bound of {name}")
            value *= (averages[name].value if name in averages else 1) * (
                tops[name].value ** rest if rest else 1
            )
        total += value
    return make_bound("mean_square", (bound, *moments, *sups), L2, bound.term, total)


@rule(
    "|E[t|x]| <= E[|t| |x], and E[|a||b| |x] <= L2(a) L2(b) for a, b independent of x: bound for every x "
    "(spectral or Frobenius)"
)
def conditional(bound: Bound, moments: Sequence[Bound] = (), sups: Sequence[Bound] = ()) -> Bound:
    """Bound a conditional mean, given x, for every outcome."""
    require(bound.norm in (OP, FRO), "pointwise bounds only")
    require(all(OWN not in m.term.depends for m in moments), "an averaged factor depends on x")
    value = _averaged(bound, moments, sups, most=2)
    return make_bound("conditional", (bound, *moments, *sups), bound.norm, cond(bound.term), value)


@rule("E|E[t|x]|^2 <= L2(a)^2 L2(b)^2 if |t| <= |a||b| and a is independent of x")
def conditional_square(bound: Bound, free: Bound, other: Bound) -> Bound:
    """Bound the L2 norm of a conditional mean whose pointwise bound is c |free| |other|."""
    constant(free, other)
    require(free.norm == other.norm == L2 and OWN not in free.term.depends, f"{free.term} depends on x")
    ((coefficient, powers),) = monomials(bound.value)
    require(
        bound.norm == FRO and powers == {size(free.term): 1, size(other.term): 1}, "not of the form c |a||b|"
    )
    value = coefficient * free.value * other.value
    return make_bound("conditional_square", (bound, free, other), L2, cond(bound.term), value)


@rule("|E t| <= E|t|, and E|a||b| <= L2(a) L2(b), spectral or Frobenius")
def averaged(bound: Bound, moments: Sequence[Bound] = (), sups: Sequence[Bound] = ()) -> Bound:
    """Bound a mean by the mean of its pointwise bound."""
    require(bound.norm in (OP, FRO), "pointwise bounds only")
    value = _averaged(bound, moments, sups, most=2)
    return make_bound("averaged", (bound, *moments, *sups), bound.norm, mean(bound.term), value)


@rule(
    "independence given S: E[|M x||b|^2] <= sup_S E[|M x| |S] E|b|^2 <= FRO(M) WEAK(x) L2(b)^2 for M a "
    "function of S, b independent of x"
)
def given_support(bound: Bound, matrix: Bound, own: Bound, other: Bound) -> Bound:
    """Bound a mean whose pointwise bound is c |M x| |b|^2."""
    constant(matrix, own, other)
    require((matrix.norm, own.norm, other.norm) == (FRO, WEAK, L2), "needs FRO(M), WEAK(x), L2(b)")
    require(
        matrix.term.depends <= {"S"} and own.term.depends == {OWN}, f"{matrix.term} {own.term}: wrong sources"
    )
    require(OWN not in other.term.depends, f"{other.term} depends on x")
    ((coefficient, powers),) = monomials(bound.value)
    expected = {size(matrix.term @ own.term): 1, size(other.term): 2}
    require(bound.norm == FRO and powers == expected, "not of the form c |M x||b|^2")
    value = coefficient * matrix.value * own.value * other.value**2
    return make_bound("given_support", (bound, matrix, own, other), FRO, mean(bound.term), value)


@rule(
    "Cauchy-Schwarz (Lemma 3): FRO(E a b^T) <= WEAK(a) L2(b), L2(a) WEAK(b), L2(a) L2(b); OP(E a b^T) <= "
    "WEAK(a) WEAK(b)"
)
def cauchy_schwarz(a: Bound, b: Bound) -> Bound:
    """Bound the mean of an outer product."""
    constant(a, b)
    require(a.norm in (L2, WEAK) and b.norm in (L2, WEAK), "L2 and WEAK only")
    require(a.term.cols == b.term.cols == "1", "columns only")
    norm = OP if a.norm == b.norm == WEAK else FRO
    return make_bound("cauchy_schwarz", (a, b), norm, mean(a.term @ b.term.T), a.value * b.value)


@rule("OP(E[J X J^T]) <= OP(X) OP(E[J J^T]) for a constant X")
def sandwich(inner: Bound, outer: Bound, factor: Term) -> Bound:
    """Bound the mean of J X J^T; `outer` bounds E[J J^T]."""
    constant(inner, outer)
    require(inner.norm == outer.norm == OP and not inner.term.depends, "OP bounds, X constant")
    require(outer.term == mean(factor @ factor.T), f"{outer.term} is not the mean of J J^T")
    whole = mean(factor @ inner.term @ factor.T)
    return make_bound("sandwich", (inner, outer), OP, whole, inner.value * outer.value)


# --- Means: independence, tower, parity ----------------------------------------------------------------


def _inside(
    letter: Letter, low: int, high: int
) -> tuple[tuple[Letter, ...], tuple[Letter, ...], tuple[Letter, ...]]:
    require(letter.kind == "E", f"{letter} is no mean")
    word = letter.inner
    require(0 <= low < high <= len(word), "no such part")
    return word[:low], word[low:high], word[high:]


def _wrap(before: tuple[Letter, ...], middle: Term, after: tuple[Letter, ...]) -> Term:
    result = middle
    if before:
        result = term(*before) @ result
    if after:
        result = result @ term(*after)
    return mean(result)


@rule("independence: E[U V W] = E[U E[V] W] for V independent of U, W")
def factor(letter: Letter, low: int, high: int) -> Equal:
    """Take the mean of ``letter.inner[low:high]`` first."""
    before, middle, after = _inside(letter, low, high)
    shared = depends(middle) & depends(before + after)
    require(not shared, f"{' '.join(map(str, middle))} shares {', '.join(sorted(shared))} with the rest")
    return make_equal("factor", (), term(letter), _wrap(before, mean(term(*middle)), after))


@rule("tower: E[U V W] = E[U E[V|x] W] for U, W functions of x")
def tower(letter: Letter, low: int, high: int) -> Equal:
    """Condition ``letter.inner[low:high]`` on x first."""
    before, middle, after = _inside(letter, low, high)
    require(depends(before + after) <= {OWN}, "the rest is not a function of x")
    return make_equal("tower", (), term(letter), _wrap(before, cond(term(*middle)), after))


@rule("parity: the mean of an odd quantity, also given x, is 0")
def odd_mean(letter: Letter) -> Equal:
    """Return that a mean vanishes."""
    require(bool(letter.inner) and parity(letter.inner) == -1, f"{letter} is not the mean of an odd quantity")
    return make_equal("odd_mean", (), term(letter), zero(letter.rows, letter.cols))


def part(letter: Letter, sign: int) -> Letter:
    """Return the even (1) or odd (-1) part of a letter, as a letter."""
    return replace_letter(letter, name=f"{letter.name}.{'e' if sign == 1 else 'o'}", parity=sign)


@rule("f = f_e + f_o, its even and odd part")
def parity_split(letter: Letter) -> Equal:
    """Split a letter."""
    require(not letter.transposed and not letter.inner, "split the letter itself")
    return make_equal("parity_split", (), term(letter), term(part(letter, 1)) + term(part(letter, -1)))


@rule("the even and odd part of f obey a bound of f whose value the flip leaves alone; L2 and WEAK too")
def project(bound: Bound, sign: int) -> Bound:
    """Bound the even or odd part of a sum of words of definite parity (or of a single letter)."""
    require(all(col.parity != 0 for col in sizes(bound.value).values()), "the flip changes the value")
    parts = bound.term.parts
    if len(parts) == 1 and len(parts[0][1]) == 1 and parity(parts[0][1]) == 0:
        kept = parts[0][0] * term(part(parts[0][1][0], sign))
    else:
        require(all(parity(word) != 0 for _, word in parts), "a word has no parity")
        kept = collect(bound.term.rows, bound.term.cols, [(c, w) for c, w in parts if parity(w) == sign])
    return make_bound("project", (bound,), bound.norm, kept, bound.value)
