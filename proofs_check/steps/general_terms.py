"""The terms of E_g in general Theorem 2 and their derivations T1 .. T5 in the kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy as sp

from gsae_theory.theory.interference_constants import j_bar, sm, w_corr
from proofs_check.methods.norm_blocks import ROOT_Q, SELECT
from proofs_check.methods.norm_rules import (
    averaged,
    cauchy_schwarz,
    factor,
    given_support,
    odd_mean,
    parity_split,
    product,
    project,
    relax,
    tower,
    transpose,
    triangle,
)
from proofs_check.methods.norm_terms import Letter, Term, mean, parity, term
from proofs_check.methods.norms import L2, Bound, Equal, reflexive, rewrite, symmetric, transport
from proofs_check.steps import general_setting as g
from proofs_check.steps.general_bounds import bounds, equal, expand, fact, unrelated

t = term
BM = (g.W.T, g.W)

T_TERMS: dict[int, Term] = {
    1: -mean(t(g.rb, g.dh.T)),
    2: mean(t(g.W, g.dh, g.hb.T)),
    3: mean(t(g.W, g.dh, g.dh.T)),
    4: -mean(t(g.P, g.hb.T)),
    5: -mean(t(g.P, g.dh.T)),
    6: -mean(t(g.A, g.x, g.rb.T, g.W, g.Jr)),
    7: mean(t(g.A, g.x, g.dh.T, *BM, g.Jg)),
    8: -mean(t(g.A, g.x, g.P.T, g.W, g.Jg)),
    9: -mean(t(g.z, g.rb.T, g.W, g.Jg) - t(g.z, g.dh.T, *BM, g.Jg) + t(g.z, g.P.T, g.W, g.Jg)),
}
"""T1 .. T9: E_g is their sum [G1]."""

Open = Callable[[Term], Equal]


def mean_letter(value: Term) -> Letter:
    """Return the mean in a term that is one word, constants times a mean."""
    ((_, word),) = value.parts
    (letter,) = [item for item in word if item.inner]
    return letter


def drop_odd(opened: Equal) -> Equal:
    """Return `opened` without the means of odd quantities."""
    odd = {a for _, word in opened.right.parts for a in word if a.inner and parity(a.inner) == -1}
    return rewrite(opened, *(odd_mean(item) for item in sorted(odd, key=str)))


def opener(*steps: Equal) -> Open:
    """Return the function that unfolds definitions in a term and drops what is odd."""
    return lambda value: drop_odd(rewrite(reflexive(value), *steps))


def put_together(target: Term, pieces: Sequence[tuple[sp.Expr | int, Bound]], open_up: Open) -> Bound:
    """Bound a term by pieces that add up to it once both are unfolded."""
    spread = [transport(piece, symmetric(open_up(piece.term))) for _, piece in pieces]
    return transport(triangle(*spread, weights=[weight for weight, _ in pieces]), open_up(target))


def conditioned(before: Term, inside: Bound, weak: Bound) -> Bound:
    """Bound E[a v^T], a a function of x, through E[v | x]: Cauchy-Schwarz on `weak` (of a) and L2."""
    ((_, word),) = inside.term.parts
    (place,) = [k for k, letter in enumerate(word) if letter.inner]
    whole = t(*word[:place], *word[place].inner, *word[place + 1 :])
    low = len(before.parts[0][1]) + len(word) - place - 1
    value = cauchy_schwarz(weak, inside if inside.norm == L2 else relax(inside, L2))
    letter = mean_letter(mean(before @ whole.T))
    return transport(value, tower(letter, low, low + len(word[place].inner)))


def first_term() -> Bound:
    """-E rbar dh^T: given x only the even part of dh is left."""
    b = bounds()
    piece = conditioned(t(g.rb), b["E eps2.e"], b["R1"])
    return put_together(T_TERMS[1], [(-1, piece)], opener(*_dh()))


def second_term() -> Bound:
    """E W dh hbar^T: the same with hbar."""
    b = bounds()
    piece = product(b["w1"], transpose(conditioned(t(g.hb), b["E eps2.e"], b["H"])))
    return put_together(T_TERMS[2], [(1, piece)], opener(*_dh()))


def third_term() -> Bound:
    """E W dh dh^T: Jbar E[zeta zeta^T] Jbar, cross terms, remainder squared."""
    b = bounds()
    Jz, eps2 = b["Jz weak"], b["eps2"]
    letter = mean_letter(mean(Jz.term @ Jz.term.T))
    main = averaged(product(fact("Jb op"), b["E zeta zeta'"], fact("Jb op")))
    main = transport(main, factor(letter, 1, 3))
    pieces = [main, cauchy_schwarz(Jz, eps2), cauchy_schwarz(eps2, Jz), cauchy_schwarz(eps2, eps2)]
    return put_together(T_TERMS[3], [(1, product(b["w1"], item)) for item in pieces], opener(equal("dh")))


def fourth_term() -> Bound:
    """-E P hbar^T: of P only the other hidden blocks see x_g, through N."""
    b = bounds()
    seen = mean(t(SELECT, g.dd, g.hb.T))
    opened = rewrite(tower(mean_letter(seen), 0, 2), equal("N mean"), equal("N"))
    main = product(b["WWA"], b["xhb"])
    rest = product(b["a1"], cauchy_schwarz(b["Nr"], b["H"]))
    both = triangle(main, rest, weights=(ROOT_Q**2 * j_bar, ROOT_Q**2))
    hidden = transport(both, rewrite(reflexive(t(g.Wc) @ seen), opened))
    return put_together(T_TERMS[4], [(1, hidden)], opener(equal("P")))


def _dh() -> tuple[Equal, ...]:
    return (equal("dh"), parity_split(g.eps2))


def open_P() -> tuple[Equal, ...]:
    """Return the definitions that unfold P into the pieces of its own groups and what they see of others."""
    split = parity_split(g.dd)
    return (equal("P"), equal("hbc"), equal("xc"), equal("Wc"), split, equal("dd.o"), equal("etac"))


def fifth_term() -> Bound:
    """-E P dh^T, P odd but for the even parts of d_h."""
    b, f = bounds(), fact
    near, far = b["dh.o"], b["eps2.o"]
    own = product(f("Ac"), f("cxc"))
    pieces = [
        (-1, cauchy_schwarz(own, near)),
        (-1, cauchy_schwarz(f("e"), near)),
        (1, _against_jacobian(g.Dc, g.h0c, "h0cxc", w_corr / g.ROOT_D**2, b["DcAcW"], b["j'"])),
        (1, cauchy_schwarz(product(f("Dc"), f("h0c")), far)),
        (1, product_of_psi()),
        (1, cauchy_schwarz(b["Wc hcc"], far)),
        *((1, item) for item in _hidden_changes()),
    ]
    return put_together(T_TERMS[5], pieces, opener(*_dh(), *open_P()))


def _against_jacobian(
    left: Letter, stacked: Letter, moment: str, weight: sp.Expr, matrix: Bound, mean_J: Bound
) -> Bound:
    """Bound E[X v zeta^T Jbar] = (moment) X A_{-g}^T W_g E Jbar for a stack v with E v x_c^T known."""
    value = triangle(product(matrix, mean_J), weights=[ROOT_Q**2 * weight])
    return transport(value, moment_against_zeta(mean(t(left, stacked, g.zeta.T, g.Jb)), stacked, moment))


def moment_against_zeta(whole: Term, stacked: Letter, moment: str) -> Equal:
    """Return E[X v zeta^T Jbar] with E v z^T taken out and evaluated."""
    opened = expand(whole, "zeta")
    apart = rewrite(opened, factor(mean_letter(opened.right), 0, 2))
    cross = mean_letter(mean(t(stacked, g.e.T)))
    return rewrite(apart, equal("z"), unrelated(cross), equal(moment))


def product_of_psi() -> Bound:
    """E[W_c hc_c zeta^T Jbar] = q W_c Psi A_{-g}^T W_g E Jbar."""
    b = bounds()
    value = product(b["a1"], b["Psi AcW"], averaged(fact("Jb op")))
    value = triangle(value, weights=[ROOT_Q**2])
    return transport(value, moment_against_zeta(mean(t(g.Wc, g.hcc, g.zeta.T, g.Jb)), g.hcc, "hccxc"))


def _hidden_changes() -> list[Bound]:
    """E W_S d dh^T: even with even, odd with odd."""
    b, f = bounds(), fact
    even = product(b["a2 several"], f("dd even"), transpose(project(f("eps2"), 1)))
    return [
        given_support(even, b["muF"], f("x"), b["U"]),
        cauchy_schwarz(product(b["a2"], b["rc"]), b["C_d"]),
        cauchy_schwarz(product(b["a2"], b["r2"]), b["C_d"]),
        cauchy_schwarz(product(b["a2"], f("Jc op"), b["Xi"]), b["eps2.o"]),
        _main_of_odd(),
    ]


def _main_of_odd() -> Bound:
    """E[W_S J_c xi_c zeta^T Jbar], block by block [G13]."""
    b, f = bounds(), fact
    whole = mean(t(g.Wc, SELECT, g.Jc, g.xic, g.zeta.T, g.Jb))
    opened = expand(whole, "zeta")
    opened = rewrite(opened, factor(mean_letter(opened.right), 0, 4), equal("main"))
    mean_J, left = averaged(f("Jb op")), product(b["a1"], f("Jm"))
    first = product(left, transpose(b["a1"]), f("Ac"), b["om"], mean_J)
    second = product(left, b["Bd"], b["om"], mean_J)
    noise = product(left, transpose(b["a1"]), f("ee"), b["f1"], mean_J)
    weight = ROOT_Q**2 * g.ROOT_Q2**2 * sm**2
    return transport(triangle(first, second, noise, weights=(weight, -weight, ROOT_Q**2)), opened)
