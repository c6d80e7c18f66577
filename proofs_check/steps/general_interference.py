"""Steps G12, G16 - G26 of general Theorem 2: Lemma 3, common norm bounds, and one step per term."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import sympy as sp

from gsae_theory.theory.interference import TERMS, Psi_gain
from gsae_theory.theory.interference_constants import Z_ball, Ze_ball, Zx_ball, eps1_ball, j_two
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.symbols import s
from proofs_check.core import Proof, Use, step
from proofs_check.methods.identity import prove_equal
from proofs_check.methods.norm_rules import product, transpose
from proofs_check.methods.norm_terms import Term, identity, mean, term
from proofs_check.methods.norms import (
    FRO,
    OP,
    Bound,
    Fact,
    conclude,
    derivation,
    monotone,
)
from proofs_check.steps import general_setting as g
from proofs_check.steps.general_bounds import bounds, fact, through
from proofs_check.steps.general_terms import (
    T_TERMS,
    fifth_term,
    first_term,
    fourth_term,
    second_term,
    third_term,
)
from proofs_check.steps.general_terms_code import K_TERM, eighth_term, ninth_term, seventh_term, sixth_term

t = term
DERIVATIONS: dict[int, Callable[[], Bound]] = {
    1: first_term,
    2: second_term,
    3: third_term,
    4: fourth_term,
    5: fifth_term,
    6: sixth_term,
    7: seventh_term,
    8: eighth_term,
    9: ninth_term,
}
_RESTS_ON = {"cauchy_schwarz": "G12", "product": "Q:hilbert", "triangle": "Q:hilbert"}
"""Rules that are themselves a step or a quoted lemma."""


def cite(use: Use, *found: Bound) -> None:
    """Ask for every step at the leaves of derivations, and for those behind their rules."""
    names = {name for item in found for name in item.steps}
    names |= {_RESTS_ON[rule] for item in found for rule, _ in derivation(item) if rule in _RESTS_ON}
    for name in sorted(names):
        use(name)


def claimed(number: int) -> Term:
    """Return the term that P_number bounds: T_number, and T9 without K_g Delta_g."""
    return T_TERMS[number] - K_TERM if number == 9 else T_TERMS[number]


@cache
def refined_bound(number: int) -> Bound:
    """Return the bound of one term with t's from different blocks kept apart."""
    return DERIVATIONS[number]()


def prove_term(number: int, value: sp.Expr | None = None) -> tuple[Bound, Bound]:
    """Return the refined bound of one term and the one that ends in P_number (or in `value`)."""
    refined = refined_bound(number)
    target = TERMS[number - 1].expr if value is None else value
    final = monotone(refined, *g.REFINED)
    return refined, conclude(final, FRO, claimed(number), target, g.CLOSED, g.normal)


def _register(number: int) -> None:
    @step(f"G{16 + number}")
    def check(use: Use) -> Proof:
        refined, final = prove_term(number)
        cite(use, final)
        if number == 9:
            gain = monotone(bounds()["Psi gain"], g.FACTS["t_own <= t"])
            prove_equal(g.normal(gain.value), g.normal(use("G26").statement["bound"]), what="Psi - s^2 j2")
        rules = derivation(final)
        return Proof(
            {"term": TERMS[number - 1].symbol, "bound": final.value, "refined": refined.value},
            "norm-calculus",
            {"inferences": len(rules), "rules": sorted({name for name, _ in rules})},
        )


for _number in DERIVATIONS:
    _register(_number)


@step("G16")
def common_bounds(use: Use) -> Proof:
    """Norms on the ball; suprema of zeta, epsilon, xi; weighted roots against their largest value."""
    found = {**_suprema(), **_weighted()}
    own = [bounds()[name] for name in ("w1", "f1", "a1", "a2", "om", "omo", "om'", "omo'", "V", "V_S")]
    leaves = g.CLOSED - {item for item in g.CLOSED if item.step == "G16"}
    for name, item in found.items():
        symbol, value = _TARGETS[name]
        known = conclude(item, item.norm, item.term, value, leaves, g.normal)
        prove_equal(g.normal(known.value), g.normal(item.value), what=f"{symbol}")
    cite(use, *found.values(), *own)
    return Proof(
        {name: item.value for name, item in found.items()}, "norm-calculus", {"bounds": len(found) + len(own)}
    )


def _definition(symbol: sp.Symbol) -> sp.Expr:
    return QUANTITIES[symbol.name].expr


def _upper(name: str) -> sp.Expr:
    found: Fact = g.FACTS[f"{name} <= t"]
    return found.value[1]


_TARGETS: dict[str, tuple[sp.Symbol, sp.Expr]] = {
    "zeta": (Z_ball, _definition(Z_ball)),
    "eps": (Ze_ball, _definition(Ze_ball)),
    "epsh": (eps1_ball, _definition(eps1_ball)),
    "xih": (Zx_ball, _definition(Zx_ball)),
    "S_WA": (g.S_WA, _upper("S_WA")),
    "S_AW": (g.S_AW, _upper("S_AW")),
    "S_WW": (g.S_WW, _upper("S_WW")),
}


def _suprema() -> dict[str, Bound]:
    """Bounds for every outcome, from the interference inside the support [G3] and the radius delta."""
    f = fact
    ball = transpose(f("D ball"))
    inside = (f("AAcxc sup"), product(transpose(f("A")), f("e sup")))
    moved = (product(ball, f("Acxc sup")), product(ball, f("e sup")))
    zeta = through(t(g.zeta), ("zeta", "z", "W"), *inside, *moved, weights=(s, s, 1, 1))
    picked = product(transpose(f("DcS ball")), f("A"))
    eps = through(
        g.EPS_S, ("Wc",), product(f("AcAS op"), f("x sup")), product(picked, f("x sup")), weights=(s, 1)
    )
    lean = product(transpose(f("Dh ball")), f("A"), f("x sup"))
    epsh = through(t(g.epsh), ("epsh", "Wh"), product(f("AhA"), f("x sup")), lean, weights=(s, 1))
    own, other = transpose(f("Ah")), transpose(f("Dh ball"))
    parts = (
        f("AhAhkxk sup"),
        product(own, f("e sup")),
        product(other, f("Ahkxk sup")),
        product(other, f("e sup")),
    )
    xih = through(t(g.xih), ("xih", "Wh"), *parts, weights=(s, s, 1, 1))
    return {"zeta": zeta, "eps": eps, "epsh": epsh, "xih": xih}


def _weighted() -> dict[str, Bound]:
    """FRO(T M) <= OP(T) FRO(M) for the three weighted roots."""
    b, weight = bounds(), fact("T")
    WcD = product(transpose(b["a1"]), fact("D"))
    WcW = through(t(g.Wc.T, g.W), ("W",), b["om'"], WcD, weights=(s, 1))
    found = {
        "S_WA": product(weight, b["om'"]),
        "S_AW": product(weight, b["om"]),
        "S_WW": product(weight, WcW),
    }
    return {name: monotone(item, g.FACTS["t_own <= t"]) for name, item in found.items()}


@step("G26")
def jacobian_gain(use: Use) -> Proof:
    """E Jbar W_g^T W_g Jbar is within Psi - s^2 j2 of s^2 j2 I."""
    gain = monotone(bounds()["Psi gain"], g.FACTS["t_own <= t"])
    whole = mean(t(g.Jb, g.W.T, g.W, g.Jb)) - s**2 * j_two * identity("d")
    final = conclude(gain, OP, whole, Psi_gain, g.CLOSED, g.normal)
    cite(use, final)
    return Proof({"bound": final.value}, "norm-calculus", {"inferences": len(derivation(final))})
