"""Derivations of T6 .. T9 of general Theorem 2 in the kernel: what reaches the code through the Jacobian."""

from __future__ import annotations

from functools import lru_cache

from gsae_theory.theory.interference_constants import j_bar, j_two, sm, w_corr, z2_ball
from gsae_theory.theory.symbols import s
from proofs_check.methods.norm_blocks import ROOT_Q, SELECT
from proofs_check.methods.norm_rules import (
    cauchy_schwarz,
    conditional,
    conditional_square,
    factor,
    itself,
    mean_square,
    minimum,
    parity_split,
    part,
    product,
    project,
    supremum,
    tower,
    transpose,
    triangle,
)
from proofs_check.methods.norm_terms import Term, mean, term
from proofs_check.methods.norms import Bound, Equal, reflexive, rewrite, symmetric, transport, within
from proofs_check.steps import general_setting as g
from proofs_check.steps.general_bounds import bounds, equal, expand, fact, mean_square_of, unrelated
from proofs_check.steps.general_terms import (
    BM,
    T_TERMS,
    conditioned,
    mean_letter,
    open_P,
    opener,
    put_together,
)

t = term
K_TERM = ROOT_Q**2 * sm**2 * s**2 * j_two * t(g.Ac, g.Ac.T, g.D)
"""K_g Delta_g."""
PIECES_OF_T9: tuple[Term, Term, Term] = (
    -mean(t(g.z, g.rb.T, g.W, g.Jg)),
    mean(t(g.z, g.dh.T, *BM, g.Jg)) - K_TERM,
    -mean(t(g.z, g.P.T, g.W, g.Jg)),
)


def seen_by_own(inside: Bound) -> Bound:
    """Bound E A x v^T from a bound on E[v | x]."""
    return product(fact("A"), conditioned(t(g.x), inside, fact("x")))


def sixth_term() -> Bound:
    """-E A x ((J_g - Jbar) vbar)^T: given x only the even part of J_g is left."""
    b = bounds()
    change = conditional(fact("Jr even"), [b["U"]])
    vb = product(change, b["vb"])
    whole = mean_letter(mean(t(g.x, g.rb.T, g.W, part(g.Jr, 1))))
    value = transport(cauchy_schwarz(fact("x"), vb), tower(whole, 3, 4))
    return put_together(T_TERMS[6], [(-1, product(fact("A"), value))], opener(parity_split(g.Jr)))


def seventh_term() -> Bound:
    """E A x (J_g W^T W dh)^T: first order is odd, the rest of second order in zeta."""
    b = bounds()
    parts = [seen_by_own(conditional(item, [b["U"]])) for item in _second_order(b)]
    return put_together(T_TERMS[7], [(1, item) for item in parts], opener(equal("Jg"), equal("dh")))


def _second_order(b: dict[str, Bound]) -> list[Bound]:
    """Jbar W^T W eps2 and (J_g - Jbar) W^T W dh, pointwise of order |zeta|^2."""
    square = product(transpose(b["w1"]), b["w1"])
    return [product(fact("Jb op"), square, fact("eps2")), product(fact("Jr"), square, fact("dh lip"))]


@lru_cache(maxsize=1)
def residual_of_others() -> dict[str, Bound]:
    """L2 bounds of the pieces of W_g^T P."""
    b, f = bounds(), fact
    seen = {
        "cxc": product(transpose(b["om"]), f("cxc")),
        "V1": product(transpose(b["DcW"]), f("h0c")),
        "hcc": b["WWc hcc"],
        "e": product(transpose(b["f1"]), f("e")),
        "dd": product(b["V_S"], b["dd"]),
    }
    pieces = [(1, seen["cxc"]), (-1, seen["V1"]), (-1, seen["hcc"]), (1, seen["e"]), (-1, seen["dd"])]
    names = (equal("P"), equal("hbc"), equal("xc"), equal("Wc"))
    seen["WP"] = put_together(t(g.W.T, g.P), pieces, opener(*names))
    return seen


def eighth_term() -> Bound:
    """-E A x (J_g W^T P)^T: through N as in T4, and (J_g - Jbar) against all of P."""
    b, f, seen = bounds(), fact, residual_of_others()
    hidden = mean(t(g.x, g.dd.T, SELECT, g.Wc.T, g.W, g.Jb))
    opened = rewrite(tower(mean_letter(hidden), 1, 3), equal("N mean"), equal("N"))
    main = cauchy_schwarz(f("x"), product(f("Jb op"), transpose(b["Y"]), f("x")))
    rest = cauchy_schwarz(f("x"), product(f("Jb op"), b["V"], b["Nr"]))
    through_N = transport(triangle(main, rest, weights=(ROOT_Q**2 * j_bar, ROOT_Q**2)), opened)
    change = product(f("Jr"), itself(seen["WP"].term))
    curved = seen_by_own(conditional_square(change, b["U"], seen["WP"]))
    pieces = [(1, product(f("A"), through_N)), (-1, curved)]
    return put_together(T_TERMS[8], pieces, opener(equal("Jg"), equal("P"), equal("hbc"), equal("xc")))


def ninth_term() -> Bound:
    """T9 - K_g Delta_g, z against the odd part of its second factor."""
    return triangle(_ninth_residual(), _ninth_change(), _ninth_others())


def _ninth_residual() -> Bound:
    b = bounds()
    change = product(fact("Jr"), itself(b["vb"].term))
    value = cauchy_schwarz(b["C_z"], mean_square(change, [b["U"], b["vb"]]))
    return put_together(PIECES_OF_T9[0], [(-1, value)], opener(equal("Jg")))


def _ninth_change() -> Bound:
    """E z (J_g W^T W dh)^T - K_g Delta_g: E zz^T W_g E[Jbar W^T W Jbar] carries K_g Delta_g."""
    b, f = bounds(), fact
    whole = mean(t(g.z, g.zeta.T, g.Jb, *BM, g.Jb))
    opened = expand(whole, "zeta")
    opened = rewrite(opened, factor(mean_letter(opened.right), 0, 2), mean_square_of("z"))
    share, far = ROOT_Q**2 * sm**2, t(g.Ac, g.Ac.T, g.W)
    noise = product(f("ee"), b["f1"], b["Psi"])
    # A_{-g} A_{-g}^T W_g M - s^2 j2 A_{-g} A_{-g}^T Delta_g, M = E[Jbar W^T W Jbar], with W_g = s A_g + Delta_g.
    M = b["Psi"].term
    drift, near = product(f("drift"), b["Psi"]), product(b["AcAcD"], b["Psi gain"])
    outer = within(expand(far, "W"), after=M, plus=-(s**2) * j_two * t(g.Ac, g.Ac.T, g.D))
    main = transport(triangle(drift, near, weights=(s, 1)), outer)
    total = triangle(main, noise, weights=(share, 1))
    value = transport(total, rewrite(reflexive(whole - K_TERM), opened))
    rest = [
        cauchy_schwarz(b["C_z"], mean_square(item, [b["U"]], [f("zeta sup")])) for item in _second_order(b)
    ]
    pieces = [(1, value), *((1, item) for item in rest)]
    return put_together(PIECES_OF_T9[1], pieces, opener(equal("Jg"), equal("dh")))


def even_jacobian() -> Bound:
    """OP((J_g)_e) <= 1."""
    split = rewrite(reflexive(t(g.Jg)), equal("Jg"), parity_split(g.Jr))
    return project(transport(fact("Jg op"), symmetric(split)), 1)


def _ninth_others() -> Bound:
    """-E z (J_g W^T P)^T: odd P with the even part of J_g, the even part of d_h with the odd one."""
    b, f, seen = bounds(), fact, residual_of_others()
    even, top = even_jacobian(), f("zeta sup")
    odd = supremum(project(f("Jr"), -1), top)
    bend = minimum(supremum(project(f("Jr"), 1), top), supremum(f("Jr even"), top), z2_ball)
    matrix = triangle(product(f("Ac"), b["DcW"], b["j'"]), weights=[ROOT_Q**2 * w_corr / g.ROOT_D**2])
    matrix = transport(matrix, _own_code_against_z())
    pieces = [
        (-1, cauchy_schwarz(b["C_z"], product(even, seen["cxc"]))),
        (1, matrix),
        (1, cauchy_schwarz(b["C_z"], product(bend, seen["V1"]))),
        (1, cauchy_schwarz(b["C_z"], product(even, seen["hcc"]))),
        (-1, cauchy_schwarz(b["C_z"], product(even, seen["e"]))),
        (1, cauchy_schwarz(b["C_z"], product(even, b["V_S"], triangle(b["etac"], b["rc"])))),
        (
            1,
            cauchy_schwarz(
                b["C_z"], product(odd, b["V_S"], mean_square(project(f("dd even"), 1), [b["eps"]]))
            ),
        ),
    ]
    return put_together(PIECES_OF_T9[2], pieces, opener(equal("Jg"), parity_split(g.Jr), *open_P()))


def _own_code_against_z() -> Equal:
    """E z (Jbar W^T Delta_c h0_c)^T = q (w/d) A_{-g} Delta_{-g}^T W_g E Jbar."""
    whole = mean(t(g.z, g.h0c.T, g.Dc.T, g.W, g.Jb))
    cross = mean_letter(mean(t(g.e, g.h0c.T)))
    apart = factor(mean_letter(whole), 0, 2)
    return rewrite(apart, equal("z"), unrelated(cross), equal("h0cxc"))
