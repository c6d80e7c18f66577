"""Rules of the norm calculus for stacks over the other groups h != g.

A fact with norm "blocks" links a stacked letter with a *block term*: what its block h is, given that h is
active. In values of block terms `T_H` is ||Delta_h||_F; `WEIGHT` is the block-diagonal matrix of these
numbers, so that L2(WEIGHT v) is a root of a weighted sum over h.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.interference import O_norm
from proofs_check.methods.norm_terms import Letter, Term, parity, term
from proofs_check.methods.norms import FRO, L2, OP, Bound, Fact, constant, genuine, make_bound, require, rule

ROOT_Q = sp.Symbol("root_q", nonnegative=True)
ROOT_OTHERS = sp.Symbol("root_G_minus_1", nonnegative=True)
T_H = sp.Symbol("t_h", nonnegative=True)
X_WEIGHT = sp.Symbol("X_weight", nonnegative=True)
"""(sum over h != g of ||Delta_h||_F^2)^(1/2) where it comes from the interference between other groups; the
same number as O_norm, kept apart because its sum over g is charged differently."""

WEIGHT = Letter("T", "c", "c", symmetric=True)
SELECT = Letter("I_S", "c", "c", frozenset({"S"}), symmetric=True)
"""Block-diagonal selection of the active groups other than g."""


def affine(value: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return n0, n1 of a value n0 + n1 t_h."""
    poly = sp.Poly(value, T_H, domain="EX")
    require(poly.degree() <= 1, f"{value} is not affine in t_h")
    return poly.coeff_monomial(1), poly.coeff_monomial(T_H)


def _link(fact: Fact, block: Bound) -> Letter:
    genuine(block)
    constant(block)
    require(
        fact.norm == "blocks" and fact.value == block.term, f"{block.term} is not the block of {fact.term}"
    )
    ((weight, word),) = fact.term.parts
    require(weight == 1 and len(word) == 1, f"{fact.term} is no letter")
    return word[0]


@rule(
    "block-diagonal N with OP(N_h) <= n0 + n1 t_h: norm(N V) <= n0 norm(V) + n1 norm(T V), norm FRO or L2 "
    "(Minkowski over h)"
)
def block_diagonal(fact: Fact, block: Bound, plain: Bound, weighted: Bound) -> Bound:
    """Bound a block-diagonal matrix times V; `weighted` bounds T V."""
    letter = _link(fact, block)
    require(block.norm == OP and letter.rows == letter.cols == "c", "needs OP bounds of diagonal blocks")
    require(plain.norm == weighted.norm and plain.norm in (FRO, L2), "norms FRO or L2, the same")
    constant(plain, weighted)
    require(weighted.term == term(WEIGHT) @ plain.term, f"{weighted.term} is not T times {plain.term}")
    n0, n1 = affine(block.value)
    value = n0 * plain.value + n1 * weighted.value
    premises = (block, plain, weighted)
    return make_bound("block_diagonal", premises, plain.norm, term(letter) @ plain.term, value, fact)


@rule("block-diagonal N with OP(N_h) <= n0 + n1 t_h, t_h <= O: OP(N) <= n0 + n1 O")
def block_diagonal_norm(fact: Fact, block: Bound) -> Bound:
    """Bound a block-diagonal matrix."""
    letter = _link(fact, block)
    require(block.norm == OP and letter.rows == letter.cols == "c", "needs OP bounds of diagonal blocks")
    n0, n1 = affine(block.value)
    return make_bound("block_diagonal_norm", (block,), OP, term(letter), n0 + n1 * O_norm, fact)


@rule(
    "stack v of 1{h in S} v_h with L2(v_h) <= n0 + n1 t_h given h in S: L2(v) <= sqrt(q) (sqrt(G-1) n0 + n1 X), "
    "X^2 the sum of t_h^2"
)
def stack(fact: Fact, block: Bound) -> Bound:
    """Bound a random stack in L2."""
    letter = _link(fact, block)
    require(block.norm == L2 and letter.cols == "1", "needs L2 bounds of columns")
    n0, n1 = affine(block.value)
    value = ROOT_Q * (ROOT_OTHERS * n0 + n1 * X_WEIGHT)
    return make_bound("stack", (block,), L2, term(letter), value, fact)


def _own_and_odd(block: Term) -> None:
    require(block.depends == {"h"}, f"{block} depends on other blocks")
    require(all(parity(word) == -1 for _, word in block.parts), f"{block} is not odd")


@rule(
    "orthogonality: v_h odd in x_h alone, so E 1_h 1_k v_h v_k^T = 0 for h != k; L2(M v) <= sqrt(q) m n1 O if "
    "OP(M_h) <= m(t_h), m increasing, L2(v_h) <= n1 t_h"
)
def orthogonal(rows: Fact, row_block: Bound, fact: Fact, block: Bound) -> Bound:
    """Bound sum_h M_h v_h from bounds of the blocks of M."""
    matrix, column = _link(rows, row_block), _link(fact, block)
    _own_and_odd(block.term)
    require(row_block.norm == OP and not row_block.term.depends and block.norm == L2, "OP and L2")
    n0, n1 = affine(block.value)
    require(n0 == 0, "the blocks of v do not vanish with t_h")
    value = ROOT_Q * row_block.value.xreplace({T_H: O_norm}) * n1 * O_norm
    whole = term(matrix) @ term(column)
    return make_bound("orthogonal", (row_block, block), L2, whole, value, rows, fact)


@rule("the same with weights: L2(M v) <= sqrt(q) n1 FRO(M T) if L2(v_h) <= n1 t_h, M constant")
def orthogonal_weighted(weighted: Bound, matrix: Term, fact: Fact, block: Bound) -> Bound:
    """Bound sum_h M_h v_h from FRO(M T)."""
    column = _link(fact, block)
    _own_and_odd(block.term)
    constant(weighted)
    require(weighted.norm == FRO and block.norm == L2 and not matrix.depends, "FRO and L2, M constant")
    require(weighted.term == matrix @ term(WEIGHT), f"{weighted.term} is not M T")
    n0, n1 = affine(block.value)
    require(n0 == 0, "the blocks of v do not vanish with t_h")
    value = ROOT_Q * n1 * weighted.value
    return make_bound("orthogonal_weighted", (weighted, block), L2, matrix @ term(column), value, fact)


@rule("thinning: L2(I_S v) <= sqrt(q) L2(v) for v independent of S, as P(h in S | g in S) = q")
def thinning(bound: Bound) -> Bound:
    """Bound the active part of a stack."""
    require(bound.norm == L2 and bound.term.rows == "c", "an L2 bound of a stack")
    require("S" not in bound.term.depends, f"{bound.term} depends on S")
    return make_bound("thinning", (bound,), L2, term(SELECT) @ bound.term, ROOT_Q * bound.value)


__all__ = ["ROOT_OTHERS", "ROOT_Q", "SELECT", "T_H", "WEIGHT", "X_WEIGHT"]
