"""Products of matrices and vectors as words: identities, and norm bounds by two rules.

Letters are noncommutative symbols; `letter("A")` and its transpose ``A_t``. Vectors are letters too (columns),
so ``r * h_t`` is a rank-one matrix. `norm_bound` applies the triangle inequality to a sum of words and
||XY|| <= ||X|| ||Y|| within each (Q:hilbert), and nothing else: what comes out is the bound that has to agree.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from proofs_check.core import Unproved

Rules = Mapping[tuple[sp.Symbol, ...], sp.Expr]


def letter(name: str) -> sp.Symbol:
    """Return the noncommutative symbol of a matrix or vector."""
    return sp.Symbol(name, commutative=False)


def letters(names: str) -> tuple[sp.Symbol, ...]:
    """Return one letter per name."""
    return tuple(letter(name) for name in names.split())


def transpose(expr: sp.Expr) -> sp.Expr:
    """Return the transpose of a sum of words; scalars stay."""
    total = sp.Integer(0)
    for coefficient, word in _words(expr):
        flipped = [letter(item.name[:-2] if item.name.endswith("_t") else item.name + "_t") for item in word]
        total += coefficient * sp.Mul(*reversed(flipped))
    return sp.expand(total)


def reduce(expr: sp.Expr, rules: Rules) -> sp.Expr:
    """Rewrite subwords by `rules` (longest first) until none applies."""
    ordered = sorted(rules, key=len, reverse=True)
    expr = sp.expand(expr)
    for _ in range(64):
        total, changed = sp.Integer(0), False
        for coefficient, word in _words(expr):
            for rule in ordered:
                at = _find(word, rule)
                if at is not None:
                    rest = sp.Mul(*word[:at]) * rules[rule] * sp.Mul(*word[at + len(rule) :])
                    total, changed = total + coefficient * rest, True
                    break
            else:
                total += coefficient * sp.Mul(*word)
        expr = sp.expand(total)
        if not changed:
            return expr
    raise Unproved("the rewriting rules do not end")


def prove_words(left: sp.Expr, right: sp.Expr, rules: Rules | None = None, what: str = "") -> None:
    """Confirm that two sums of words agree after rewriting.

    Raises
    ------
    Unproved
        With what is left over.
    """
    rest = reduce(left - right, rules or {})
    total: dict[tuple[sp.Symbol, ...], sp.Expr] = {}
    for coefficient, word in _words(rest):
        total[word] = total.get(word, sp.Integer(0)) + coefficient
    for word, coefficient in total.items():
        if sp.simplify(coefficient) != 0:
            raise Unproved(f"{what}: left over {coefficient} * {sp.Mul(*word)}")


def norm_bound(expr: sp.Expr, norms: Mapping[tuple[sp.Symbol, ...], sp.Expr]) -> sp.Expr:
    """Return the bound on the norm of a sum of words: triangle inequality, submultiplicativity.

    Parameters
    ----------
    expr : sympy.Expr
        Sum of words with nonnegative or negative scalar coefficients.
    norms : mapping from word to sympy.Expr
        Bound on the norm of each subword; at every position the longest one that fits is taken.

    Raises
    ------
    Unproved
        If a letter has no bound, or the sign of a coefficient is unknown.
    """
    total = sp.Integer(0)
    ordered = sorted(norms, key=len, reverse=True)
    for coefficient, word in _words(sp.expand(expr)):
        size = coefficient if coefficient.is_nonnegative else -coefficient
        if not size.is_nonnegative:
            raise Unproved(f"sign of {coefficient} is not known")
        product, at = size, 0
        while at < len(word):
            found = next((item for item in ordered if word[at : at + len(item)] == item), None)
            if found is None:
                raise Unproved(f"no bound on {word[at]}")
            product, at = product * norms[found], at + len(found)
        total += product
    return sp.expand(total)


def _words(expr: sp.Expr) -> list[tuple[sp.Expr, tuple[sp.Symbol, ...]]]:
    found = []
    for term in sp.Add.make_args(sp.expand(expr)):
        scalars, product = term.args_cnc()
        word: list[sp.Symbol] = []
        for factor in product:
            base, power = factor.as_base_exp()
            word.extend([base] * int(power))
        found.append((sp.Mul(*scalars), tuple(word)))
    return found


def _find(word: tuple[sp.Symbol, ...], rule: tuple[sp.Symbol, ...]) -> int | None:
    return next((k for k in range(len(word) - len(rule) + 1) if word[k : k + len(rule)] == rule), None)
