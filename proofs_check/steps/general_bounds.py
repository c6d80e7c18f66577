"""Common bounds of general Theorem 2 [G16], derived once in the kernel and shared by its nine terms.

Names are those of the document: om, omo = om_op, om', omo' (spectral), a1, w1, f1, V, V_S, U, Uo, H, R1, R2,
C_d, C_z, Xi, n_N, j', Psi.
"""

from __future__ import annotations

from functools import cache, lru_cache

import sympy as sp

from gsae_theory.theory.interference_constants import j_bar, j_two, sm
from gsae_theory.theory.symbols import s
from proofs_check.methods.norm_blocks import (
    ROOT_Q,
    SELECT,
    block_diagonal,
    block_diagonal_norm,
    orthogonal,
    orthogonal_weighted,
    stack,
    thinning,
)
from proofs_check.methods.norm_rules import (
    averaged,
    cauchy_schwarz,
    conditional,
    factor,
    itself,
    mean_square,
    odd_mean,
    parity_split,
    product,
    project,
    relax,
    sandwich,
    transpose,
    triangle,
    unit,
)
from proofs_check.methods.norm_terms import Letter, Term, identity, mean, term
from proofs_check.methods.norms import (
    OP,
    WEAK,
    Bound,
    Equal,
    cancel,
    given,
    given_equal,
    reflexive,
    rewrite,
    symmetric,
    transport,
)
from proofs_check.steps import general_setting as g

t = term


@cache
def fact(name: str) -> Bound:
    """Return the bound that a fact of the setting states."""
    return given(g.FACTS[name])


@cache
def equal(name: str) -> Equal:
    """Return the equality that a fact of the setting states."""
    return given_equal(g.FACTS[f"={name}"])


def expand(value: Term, *names: str) -> Equal:
    """Return `value` with definitions unfolded in the given order."""
    return rewrite(reflexive(value), *(equal(name) for name in names))


def through(
    value: Term, names: tuple[str, ...], *bounds: Bound, weights: tuple[sp.Expr | int, ...] | None = None
) -> Bound:
    """Bound `value` by unfolding definitions and the triangle inequality."""
    return transport(triangle(*bounds, weights=weights), expand(value, *names))


def op(bound: Bound) -> Bound:
    """Return a Frobenius bound as a spectral one."""
    return relax(bound, OP)


def identity_bound(letter: Letter) -> Bound:
    """Return ``|a|`` as a bound of a random column."""
    return itself(t(letter))


def twice_selected(bound: Bound) -> Bound:
    """Return the bound of X I_S with the factor 1{gamma > 1}: I_S = 0 if no other group is active."""
    return transport(product(bound, fact("S")), expand(bound.term, "SS"))


def _matrices(b: dict[str, Bound]) -> None:
    """Constant matrices."""
    f = fact
    b["w1"] = through(t(g.W), ("W",), f("A"), op(f("D")), weights=(s, 1))
    b["f1"] = through(t(g.W), ("W",), f("A fro"), f("D"), weights=(s, 1))
    b["a1"] = through(t(g.Wc), ("Wc",), f("Ac"), op(f("Dc")), weights=(s, 1))
    AcD, WcD = product(transpose(f("Ac")), f("D")), product(transpose(b["a1"]), f("D"))
    b["om"] = through(t(g.Ac.T, g.W), ("W",), f("AcA"), AcD, weights=(s, 1))
    b["omo"] = through(t(g.Ac.T, g.W), ("W",), f("AcA op"), op(AcD), weights=(s, 1))
    b["om'"] = through(t(g.Wc.T, g.A), ("Wc",), f("AcA"), f("DcA"), weights=(s, 1))
    b["omo'"] = through(t(g.Wc.T, g.A), ("Wc",), f("AcA op"), op(f("DcA")), weights=(s, 1))
    b["V"] = transpose(through(t(g.Wc.T, g.W), ("W",), b["omo'"], op(WcD), weights=(s, 1)))
    b["DcAcW"] = through(
        t(g.Dc, g.Ac.T, g.W), ("W",), f("Q"), product(f("Dc"), transpose(f("Ac")), op(f("D"))), weights=(s, 1)
    )
    b["DcW"] = through(
        t(g.Dc.T, g.W), ("W",), f("DcA"), product(transpose(f("Dc")), op(f("D"))), weights=(s, 1)
    )
    b["WdAh"] = through(
        t(g.Wh.T, g.Ah), ("Wh",), _orthonormal_h(), op(transpose_product("Dh", "Ah")), weights=(s, 1)
    )
    b["wh"] = through(t(g.Wh), ("Wh",), f("Ah"), op(f("Dh")), weights=(s, 1))


def _orthonormal_h() -> Bound:
    return product(transpose(fact("Ah")), fact("Ah"))


def transpose_product(left: str, right: str) -> Bound:
    """Return the bound of X^T Y from facts on X and Y."""
    return product(transpose(fact(left)), fact(right))


def _active(b: dict[str, Bound]) -> None:
    """Matrices restricted to the active groups."""
    f = fact
    one = f("S one")
    a2 = triangle(f("AcS"), op(product(f("Dc"), one)), weights=(s, 1))
    a2 = transport(a2, expand(t(g.Wc, SELECT), "Wc"))
    SA = t(SELECT, g.Wc.T, g.A)
    b["muF"] = through(SA, ("Wc",), f("AcAS"), product(one, f("DcA")), weights=(s, 1))
    SA_op = through(SA, ("Wc",), f("AcAS op"), op(product(one, f("DcA"))), weights=(s, 1))
    SW = t(SELECT, g.Wc.T, g.W)
    b["V_S"] = twice_selected(
        transpose(through(SW, ("W",), SA_op, op(product(transpose(a2), f("D"))), weights=(s, 1)))
    )
    b["a2"], b["a2 several"] = a2, twice_selected(a2)


def _own(b: dict[str, Bound]) -> None:
    """Functions of x_g alone."""
    f = fact
    b["|DAx|"] = product(transpose(f("D")), f("A"), f("x"))
    b["hc"] = transport(product(f("Jt op"), b["|DAx|"]), expand(t(g.hc), "hc"))
    hc_weak = relax(b["hc"], WEAK)
    b["H"] = through(t(g.hb), ("hb",), f("h0"), hc_weak)
    b["xhb"] = through(mean(t(g.x, g.hb.T)), ("hb",), f("h0x"), cauchy_schwarz(f("x"), hc_weak))
    Dh0, unfold, signs = product(f("D"), f("h0")), ("rb", "hb", "x", "W"), (1, -1, -s, -1)
    Ahc, Dhc = product(f("A"), b["hc"]), product(op(f("D")), b["hc"])
    weak = [relax(item, WEAK) for item in (Dh0, Ahc, Dhc)]
    b["R1"] = through(t(g.rb), unfold, product(f("A"), f("cx")), *weak, weights=signs)
    b["R2"] = through(t(g.rb), unfold, product(f("A"), f("cx L2")), Dh0, Ahc, Dhc, weights=signs)
    b["vb"] = product(transpose(b["w1"]), b["R2"])
    b["Ax"] = product(f("A"), f("x"))
    b["Nr"] = _remainder_of_N(b)


def _outer(b: dict[str, Bound]) -> None:
    """Products over the other groups: W_{-g} W_{-g}^T A_g, A_g^T W_{-g} W_{-g}^T W_g, E z z^T, E zeta zeta^T."""
    f = fact
    AcDc = product(f("Ac"), f("DcA"))
    b["WWA"] = through(
        t(g.Wc, g.Wc.T, g.A),
        ("Wc",),
        f("drift"),
        AcDc,
        f("Q"),
        product(f("Dc"), f("DcA")),
        weights=(s**2, s, s, 1),
    )
    lean = product(transpose(f("AcA op")), f("DcA"))
    XX = through(
        t(g.A.T, g.Wc, g.Wc.T, g.A),
        ("Wc",),
        f("Gamma"),
        lean,
        transpose(lean),
        product(transpose(f("DcA")), f("DcA")),
        weights=(s**2, s, s, 1),
    )
    far = product(transpose(b["omo'"]), transpose(b["a1"]), f("D"))
    b["Y"] = through(t(g.A.T, g.Wc, g.Wc.T, g.W), ("W",), XX, far, weights=(s, 1))
    AAW, noise = product(transpose(b["omo"]), b["om"]), product(transpose(b["w1"]), f("ee"), b["f1"])
    b["E zeta zeta'"] = transport(
        triangle(AAW, noise, weights=(ROOT_Q**2 * sm**2, 1)), mean_square_of("zeta")
    )
    b["AcAcD"] = product(f("Ac"), transpose(f("Ac")), f("D"))


def mean_square_of(name: str) -> Equal:
    """Return E zeta zeta^T or E z z^T in terms of the second moments of blocks and noise."""
    letter = {"zeta": g.zeta, "z": g.z}[name]
    names = ("zeta", "z") if name == "zeta" else ("z",)
    opened = expand(mean(t(letter, letter.T)), *names)
    cross = mean(t(g.xc, g.e.T)).parts[0][1][0]
    return rewrite(opened, unrelated(cross), unrelated(cross.T), equal("xcxc"))


def unrelated(letter: Letter) -> Equal:
    """Return E[a b^T] = 0 for independent a, b, the first odd."""
    first = mean(t(letter.inner[0])).parts[0][1][0]
    return rewrite(factor(letter, 0, 1), odd_mean(first))


def _remainder_of_N(b: dict[str, Bound]) -> Bound:
    """L2(Nr W_{-g}^T A_g x) <= sm (n0 om' + n1 S_WA), with n0 + n1 t_h the bound on block h."""
    block = conditional(fact("Kh"), [b["EhXh"], b["xih"]], [fact("epsh sup")])
    plain = product(b["om'"], fact("x"))
    weighted = product(fact("S_WA"), fact("x"))
    return block_diagonal(g.FACTS["Nr blocks"], block, plain, weighted)


def _blocks(b: dict[str, Bound]) -> None:
    """Block h of a stack, given g, h in S."""
    f = fact
    b["EhXh"] = product(transpose(f("Dh")), f("Ah"), f("xh"))
    AhkWh = through(
        t(g.Ahk.T, g.Wh), ("Wh",), f("AhkAh"), product(transpose(f("Ahk")), f("Dh")), weights=(s, 1)
    )
    fh = through(t(g.Wh), ("Wh",), f("Ah fro"), f("Dh"), weights=(s, 1))
    b["xih"] = through(t(g.xih), ("xih",), product(transpose(AhkWh), f("xk")), product(transpose(fh), f("e")))
    b["hcc h"] = product(f("Jth op"), b["EhXh"])


def _others(b: dict[str, Bound]) -> None:
    """The other active blocks and the noise."""
    f = fact
    names = ("zeta", "z")
    b["U"] = through(
        t(g.zeta), names, product(transpose(b["om"]), f("xc")), product(transpose(b["f1"]), f("e"))
    )
    b["Uo"] = through(
        t(g.zeta), names, product(transpose(b["omo"]), f("xc")), product(transpose(b["w1"]), f("e"))
    )
    b["C_z"] = through(t(g.z), ("z",), product(f("Ac"), f("xc")), f("e"))
    b["Xi"] = stack(g.FACTS["xic blocks"], b["xih"])
    b["eps"] = thinning(product(b["om'"], f("x")))
    b["dd"] = mean_square(f("dd"), [b["eps"], b["Xi"]])
    b["etac"] = mean_square(f("etac"), [b["Xi"]])
    b["r2"] = mean_square(f("r2"), [b["Xi"]])
    b["rc"] = mean_square(f("rc"), [b["eps"]], [f("eps sup")])
    b["Wc hcc"] = orthogonal(g.FACTS["Wc blocks"], b["wh"], g.FACTS["hcc blocks"], b["hcc h"])
    b["WWc hcc"] = orthogonal_weighted(f("S_WW"), t(g.W.T, g.Wc), g.FACTS["hcc blocks"], b["hcc h"])
    psi = op(cauchy_schwarz(b["hcc h"], f("xh")))
    b["Psi AcW"] = block_diagonal(g.FACTS["Psi blocks"], psi, b["om"], f("S_AW"))
    b["Bd"] = block_diagonal_norm(g.FACTS["Bd blocks"], b["WdAh"])


def _change(b: dict[str, Bound]) -> None:
    """The change dh of the hidden block: dh = Jbar zeta + eps2, eps2 = eps2.e + eps2.o."""
    f = fact
    b["Jz weak"] = product(f("Jb op"), b["Uo"])
    b["eps2"] = mean_square(f("eps2"), [b["U"]], [f("zeta sup")])
    b["eps2.o"] = project(b["eps2"], -1)
    b["C_d"] = triangle(b["Jz weak"], relax(b["eps2.o"], WEAK))
    whole = mean_square(f("dh lip"), [b["U"]])
    b["dh.o"] = project(transport(whole, symmetric(split_dh())), -1)
    b["E eps2.e"] = conditional(project(f("eps2"), 1), [b["U"]])


def split_dh() -> Equal:
    """Return dh = Jbar zeta + eps2.e + eps2.o."""
    return rewrite(reflexive(t(g.dh)), equal("dh"), parity_split(g.eps2))


def _jacobian(b: dict[str, Bound]) -> None:
    """Means of Jbar: j', and M = E Jbar W^T W Jbar against s^2 j2 I [G26]."""
    f = fact
    change = averaged(f("dJ op"), [b["|DAx|"]])
    JJ = mean(t(g.Jb, g.Jb))
    fixed = rewrite(reflexive(mean(t(g.Jb))), equal("dJ"), equal("J0"))
    b["j'"] = transport(triangle(unit("d"), change, weights=(j_bar, 1)), fixed)
    twice = rewrite(reflexive(JJ), equal("dJ"), equal("J0J0"))
    right = product(f("Jb op"), f("dJ op"))
    right = averaged(transport(right, symmetric(expand(right.term, "dJ"))), [b["|DAx|"]])
    left = averaged(product(f("dJ op"), f("J0 op")), [b["|DAx|"]])
    second = transport(triangle(unit("d"), left, right, weights=(j_two, 1, 1)), twice)
    X = triangle(
        op(transpose_product("A", "D")), op(_DA()), op(product(transpose(f("D")), f("D"))), weights=(s, s, 1)
    )
    inner = sandwich(X, second, t(g.Jb))
    M = mean(t(g.Jb, g.W.T, g.W, g.Jb))
    opened = cancel(expand(M, "W"), equal("AA"))
    opened = rewrite(opened, twice)
    small = triangle(left, right, inner, weights=(s**2, s**2, 1))
    gain = Term(M.rows, M.cols, M.parts) - s**2 * j_two * identity("d")
    b["Psi gain"] = transport(small, _shifted(opened, gain))
    b["Psi"] = transport(triangle(b["Psi gain"], unit("d"), weights=(1, s**2 * j_two)), reflexive(M))


def _DA() -> Bound:
    return product(transpose(fact("D")), fact("A"))


def _shifted(opened: Equal, gain: Term) -> Equal:
    """Return M - c I = ... from M = ... ."""
    return rewrite(reflexive(gain), opened)


@lru_cache(maxsize=1)
def bounds() -> dict[str, Bound]:
    """Return every common bound by its name."""
    b: dict[str, Bound] = {}
    for build in (_matrices, _active, _blocks, _own, _outer, _others, _change, _jacobian):
        build(b)
    return b
