"""False neighbours of the steps with several active groups."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory import convergence as cv
from gsae_theory.theory.interference import TERMS, P_at
from gsae_theory.theory.interference_constants import alpha_R, curved, ell, j_bar, k2, k3
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.symbols import (
    B_max,
    G,
    b_op,
    dist,
    gamma,
    lam,
    m2,
    mu,
    q2,
    s,
)
from proofs_check.false_neighbours import false_neighbour
from proofs_check.false_neighbours.closed import changed
from proofs_check.methods.bernstein import nonnegative
from proofs_check.methods.identity import prove_equal
from proofs_check.methods.norm_rules import odd_mean, product
from proofs_check.methods.norm_terms import mean, term
from proofs_check.methods.norms import FRO, Bound, conclude, given
from proofs_check.steps import general_setting as g
from proofs_check.steps.general_bounds import fact
from proofs_check.steps.general_interference import prove_term
from proofs_check.steps.general_lemmas import SECOND, squared_in_T, unit_derivative
from proofs_check.steps.general_moments import isotropic
from proofs_check.steps.general_terms import T_TERMS, mean_letter

T = sp.Symbol("T", nonnegative=True)
x, u, v, p, r = sp.symbols("x u v p r", nonnegative=True)
HALF = sp.Rational(1, 2)


# --- Activation and Taylor bounds ------------------------------------------------------------------------------


@false_neighbour("G7.one", "G7", "||D^2 unit|| <= 1 (for 2/sqrt 3)", point=True)
def _() -> None:
    nonnegative("second derivative", 1 - squared_in_T(unit_derivative(2)), [(T, 0, 1)])


@false_neighbour("G8.5/2", "G8", "||D^3 unit|| <= 5/2 (for 3)", point=True)
def _() -> None:
    nonnegative("third derivative", sp.Rational(25, 4) - squared_in_T(unit_derivative(3)), [(T, 0, 1)])


@false_neighbour("G8.beyond", "G8", "|D^3 unit|^2 <= 9 without T <= 1", point=True)
def _() -> None:
    nonnegative("third derivative", 9 - squared_in_T(unit_derivative(3)), [(T, 0, sp.oo)])


@false_neighbour(
    "G10.k2", "G10", "the remainder of J is bounded by k2, as that of sigma (for 2 k2)", point=True
)
def _() -> None:
    prove_equal(curved * lam * SECOND / ell**2, QUANTITIES[k2.name].expr, what="remainder of J")


@false_neighbour("G10.k3", "G10", "k3 = lam 3/ell^3 without the mean over both sides", point=True)
def _() -> None:
    prove_equal(curved * 3 * lam / ell**3, QUANTITIES[k3.name].expr, what="second difference of J")


@false_neighbour("G11.scalar", "G11", "v.Jv <= (1 - lam/|u|) |v|^2", point=True)
def _() -> None:
    share, along, across = sp.symbols("share along across", nonnegative=True)
    form = share * (along + across) + (1 - share) * along
    nonnegative("J", share * (along + across) - form, [(share, 0, 1), (along, 0, sp.oo), (across, 0, sp.oo)])


@false_neighbour("G15.weight", "G15", "|t| averages to 1 on [-1, 1]", point=True)
def _() -> None:
    time = sp.Symbol("time", real=True)
    prove_equal(sp.integrate(sp.Abs(time), (time, -1, 1)) / 2, sp.S.One, what="mean of |t|")


# --- Moments and supports --------------------------------------------------------------------------------------


@false_neighbour("G13.q", "G13", "P(h in S | g in S) = (gamma - 1)/G", point=True)
def _() -> None:
    # Counting supports, as the step does.
    counted = sp.combsimp(sp.gammasimp(sp.binomial(G - 2, gamma - 2) / sp.binomial(G - 1, gamma - 1)))
    prove_equal(counted, (gamma - 1) / G, what="q")


@false_neighbour("G13.jbar", "G13", "E J(s x) = E(1 - lam/(s R)) I, the direction of x left out", point=True)
def _() -> None:
    prove_equal(isotropic(alpha_R, sp.S.Zero), QUANTITIES[j_bar.name].expr, what="E J(s x)")


@false_neighbour("G3.half", "G3", "block Gershgorin with half of each row sum", point=True)
def _() -> None:
    m = sp.Symbol("m", nonnegative=True)
    pair = m * (p**2 + r**2) / 2 - 2 * m * p * r
    nonnegative("pair of blocks", pair, [(m, 0, sp.oo), (p, 0, sp.oo), (r, 0, sp.oo)])


@false_neighbour("G5.lower", "G5", "s* >= 1 + lam/B_max (for 1 + lam/(2 B_max))", point=True)
def _() -> None:
    y = sp.Symbol("y", nonnegative=True)  # lam/(2R): s_R = y + sqrt(1 + y^2) >= 1 + 2y
    nonnegative("s_R", (1 + y**2) - (1 + y) ** 2, [(y, 0, sp.oo)])


@false_neighbour("G6.independent", "G6", "||A_S x_S|| = sqrt(gamma) B for coherent groups", point=True)
def _() -> None:
    gram = sp.Matrix(3, 3, lambda i, j: 1 if i == j else mu)
    ones = sp.ones(3, 1) * B_max
    prove_equal(sp.expand((ones.T * gram * ones)[0]), 3 * B_max**2, what="||A_S x_S||^2")


# --- Terms of the interference ---------------------------------------------------------------------------------


def _less(number: int) -> None:
    @false_neighbour(
        f"G{16 + number}.half", f"G{16 + number}", f"||T{number}|| <= P{number}/2: attained for d = 1"
    )
    def attempt() -> None:
        prove_term(number, TERMS[number - 1].expr * HALF)


for _number in (3, 4, 8, 9):
    _less(_number)


@false_neighbour("G20.other-term", "G20", "the derivation of P4 as a bound of T5")
def _() -> None:
    from proofs_check.steps.general_terms import fourth_term

    conclude(fourth_term(), FRO, T_TERMS[5], TERMS[3].expr, g.CLOSED, g.normal)


@false_neighbour("kernel.forged", "G16", "a bound that no rule has made")
def _() -> None:
    Bound("product", (), frozenset(), norm=FRO, term=term(g.W), value=sp.S.Zero)


@false_neighbour("kernel.even-mean", "G14", "the mean of an even quantity vanishes")
def _() -> None:
    odd_mean(mean_letter(mean(term(g.x, g.x.T))))


@false_neighbour(
    "kernel.sizes", "G16", "||XY|| <= ||X|| ||Y|| for an X with as many columns as Y has not rows"
)
def _() -> None:
    product(fact("D"), fact("D"))


@false_neighbour("kernel.foreign-fact", "G16", "a bound from a fact outside the setting: ||W_g|| <= 1")
def _() -> None:
    from proofs_check.methods.norms import OP, Fact

    conclude(given(Fact(OP, term(g.W), sp.S.One, "invented")), OP, term(g.W), sp.S.One, g.CLOSED)


# --- From terms to theorems ------------------------------------------------------------------------------------


@false_neighbour("G27.quiet", "G27", "e0 = 0 for orthogonal groups with noise", point=True)
def _() -> None:
    from gsae_theory.theory.symbols import Gam, beta_F, mu1_g1, mu1_g2, mu2_g1, muF_g1, tau_T

    coherence = (beta_F, b_op, tau_T, Gam, mu1_g1, mu1_g2, mu2_g1, muF_g1)
    prove_equal(
        g.normal(P_at(0, 0, 0, 0)).xreplace(dict.fromkeys(coherence, sp.S.Zero)), sp.S.Zero, what="e0"
    )


@false_neighbour(
    "G29.sqrt-G", "G29", "c_F <= c_inf with sqrt(G) for sqrt(G - 1) in c_F (as printed)", point=True
)
def _() -> None:
    root, more, at_most, spread = sp.symbols("root more p1_p0 spread", nonnegative=True)
    # c_inf - c_F at a = sqrt(G-1), b* = sqrt(G-1) b: what sqrt(G) - sqrt(G-1) costs.
    gap = (root * at_most - (root + more) * at_most) * spread
    nonnegative("c_inf - c_F", gap, [(item, 0, sp.oo) for item in (root, more, at_most, spread)])


@false_neighbour("G29.b-star", "G29", "b* <= b: the weight of Q without sqrt(G - 1)", point=True)
def _() -> None:
    share = 1 / G
    prove_equal(
        sp.cancel(G**2 * share * (1 - share)), sp.S.One, what="(G f(1/G))^2, f(rho)^2 = rho (1 - rho)"
    )


@false_neighbour("G28.no-K", "G28", "eta_bar = eta_max: K_g costs no step size", point=True)
def _() -> None:
    prove_equal(cv.eta_bar, QUANTITIES["eta_max"].expr, what="eta_bar")


@false_neighbour("G32.reversed", "G32", "((1-x)u + xv)^2 >= (1-x)u^2 + xv^2", point=True)
def _() -> None:
    gap = ((1 - x) * u + x * v) ** 2 - (1 - x) * u**2 - x * v**2
    nonnegative("convexity", gap, [(x, 0, 1), (u, 0, sp.oo), (v, 0, sp.oo)])


@false_neighbour(
    "G34.odd", "G34", "distance sqrt(d)(s + 1) is reached for odd d too (as printed)", point=True
)
def _() -> None:
    half = sp.Symbol("half", nonnegative=True, integer=True)
    size, trace = 2 * half + 1, 1 - 2 * half
    prove_equal(size * (s**2 + 1) - 2 * s * trace, size * (s + 1) ** 2, what="farthest rotation, d odd")


@false_neighbour("G35.once", "G35", "the last term of (5.1) once: T9 left out (as printed)", point=True)
def _() -> None:
    prove_equal(q2 * s**3 * m2 * j_bar**2, QUANTITIES["third_pred"].expr, what="last term of (5.1)")


# --- Closed theorems -------------------------------------------------------------------------------------------


@false_neighbour(
    "interference.asymmetric", "general.interference", "Theorem 2 for codes that are not symmetric"
)
def _() -> None:
    changed("general.interference", drop="symmetric-code")


@false_neighbour("support.no-scale", "general.support.inactive", "lam_lo without s", point=True)
def _() -> None:
    changed("general.support.inactive", QUANTITIES["lam_lo"].expr.subs(s, 1))


@false_neighbour("floor.expanding", "general.floor_rms", "the floor without kappa0 > c_F")
def _() -> None:
    changed("general.floor_rms", drop="rms-contraction")


@false_neighbour("floor.no-H", "general.floor_rms", "the floor without exact supports of the active groups")
def _() -> None:
    changed("general.floor_rms", drop="support-active")


@false_neighbour("bias.half", "general.bias", "|dist(W; A) - (s - 1) sqrt d| <= dist(W; s A)/2", point=True)
def _() -> None:
    changed("general.bias", dist / 2)
