"""False neighbours with one active group: Gram matrices, words, intervals, certificates, closed theorems."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.scalars import (
    Phi,
    h3_slack,
    h3b_slack,
    kap0sq,
    kap_sq,
    xi1,
    xi2,
)
from gsae_theory.theory.spectral_region import k1b_slack
from gsae_theory.theory.symbols import d, delta, dist, eta, lam, m1, m2, s
from proofs_check.certificates import stored
from proofs_check.core import CLOSINGS, recorder
from proofs_check.false_neighbours import false_neighbour
from proofs_check.false_neighbours.closed import changed, checked_steps
from proofs_check.methods.bernstein import nonnegative
from proofs_check.methods.gram import implied, prove_psd, square
from proofs_check.methods.interval import positive
from proofs_check.methods.words import Algebra, letter, norm_bound, prove_same
from proofs_check.steps.gamma1_boxes import LAM_OF_S
from proofs_check.steps.gamma1_lemmas import H3B_REGION

e, rho, c, r, y = sp.symbols("e rho c r y", nonnegative=True)
R = sp.Rational
HALF = R(1, 2)
BALL = [(m1, 0, sp.oo), (s, 1, sp.oo), (e, 0, s), (lam, 0, m1 * (s - e)), (rho, s - e, s + e)]


# --- Gram matrices and words -----------------------------------------------------------------------------------


@false_neighbour("L38.step", "L38", "||Delta - eta g|| <= (1 - eta kappa)||Delta|| up to eta = 2/c")
def _() -> None:
    k, at, share = sp.symbols("k at share", nonnegative=True)
    small = share / at
    implied(
        "contraction",
        square({"Delta": 1}) * (1 - small * k) ** 2 - square({"Delta": 1, "g": -small}),
        given=[
            (
                small * (1 - small * k) / (at - k),
                square({"Delta": 1}) * (at - k) ** 2 - square({"Delta": at, "g": -1}),
            )
        ],
        squares=[(small * (1 - small * at) / (at - k), {"g": 1, "Delta": -k})],
        region=[(k, 0, sp.oo), (at, k, sp.oo), (share, 0, 2)],
    )


@false_neighbour("L38.multiplier", "L38", "the same with a multiplier that is off by one")
def _() -> None:
    k, at, share = sp.symbols("k at share", nonnegative=True)
    small = share / at
    implied(
        "contraction",
        square({"Delta": 1}) * (1 - small * k) ** 2 - square({"Delta": 1, "g": -small}),
        given=[
            (
                small * (1 - small * k) / (at - k) + 1,
                square({"Delta": 1}) * (at - k) ** 2 - square({"Delta": at, "g": -1}),
            )
        ],
        squares=[(small * (1 - small * at) / (at - k), {"g": 1, "Delta": -k})],
        region=[(k, 0, sp.oo), (at, k, sp.oo), (share, 0, 1)],
    )


@false_neighbour("L41.alpha", "L41", "alpha = kappa instead of kappa(1 - kappa/(2c))")
def _() -> None:
    from proofs_check.methods.gram import inner

    k, at = sp.symbols("k at", positive=True)
    sector_form = square({"Delta": 1}) * (at - k) ** 2 - square({"Delta": at, "g": -1})
    claim = inner({"g": 1}, {"Delta": 1}) - square({"Delta": 1}) * k - square({"g": 1}) * (1 / (2 * at))
    implied("correlated", claim, given=[(1 / (2 * at), sector_form)], region=[(k, 0, sp.oo), (at, k, sp.oo)])


@false_neighbour("psd.indefinite", "L34", "[[1, 2], [2, 3]] is positive semidefinite", point=True)
def _() -> None:
    prove_psd(sp.Matrix([[1, 2], [2, 3]]))


@false_neighbour("L4.transposed", "L4", "(C + X)^T (C + X) has the linear part 2 C^T X for every X")
def _() -> None:
    C, X = letter("C", "d", "d"), letter("X", "d", "d")
    prove_same(C.T * X + X.T * C, 2 * C.T * X, Algebra())


@false_neighbour(
    "L6.no-s", "L6", "||W_h^T A_g|| <= mu + delta: leakage without the scale s (mu for s mu)", point=True
)
def _() -> None:
    from gsae_theory.theory.symbols import mu

    A_g, A_h, Delta = letter("A_g", "n", "d"), letter("A_h", "n", "d"), letter("Delta", "n", "d")
    bound = norm_bound((s * A_h + Delta).T * A_g, ((A_h.T * A_g, mu), (Delta, delta), (A_g, 1)))
    nonnegative("L6", mu + delta - bound, [(s, 1, sp.oo), (mu, 0, 1), (delta, 0, sp.oo)])


# --- Intervals ---------------------------------------------------------------------------------------------------


@false_neighbour(
    "H2.U12-049",
    "gamma1-H2-alone",
    "(H2) implies (H3) for U[1, 1.2] up to lam = .49 (printed; .488 is true)",
    point=True,
)
def _() -> None:
    radius = HALF * sp.sqrt(kap_sq(0) / m2)
    law = [(m1, R(11, 10), R(11, 10)), (m2, R(91, 75), R(91, 75))]
    region = [*law, (s, 1, R("1.2464")), (lam, LAM_OF_S, LAM_OF_S), (e, radius, radius)]
    positive("H2", [h3_slack(e), h3b_slack(e)], region)


@false_neighbour(
    "K1b.t", "gamma1-K1", "(K1b) with 2 Phi for 16 Phi on the right, R = 1, lam = .45", point=True
)
def _() -> None:
    at = {m1: 1, m2: 1, s: R(5, 4), lam: R(9, 20)}
    radius = R(59, 100) * R(4, 5)
    left = 16 * Phi(rho) * (xi1(rho) * s**2 + xi2(rho)) * R(7, 8)
    positive("K1b", (k1b_slack(rho, radius) - left).xreplace(at), [(rho, R(5, 4) - radius, R(5, 4))])


@false_neighbour("H3b.swapped", "L19", "(H3') with the sides exchanged", point=True)
def _() -> None:
    nonnegative("H3'", -h3b_slack(e), H3B_REGION)


# --- The closed theorems ------------------------------------------------------------------------------------------


@false_neighbour(
    "contraction.twice", "gamma1.contraction", "kappa(tau) = (kap0^2 - (1/2) m2 tau^2)/d", point=True
)
def _() -> None:
    changed("gamma1.contraction", (1 - eta * (kap0sq - HALF * m2 * dist**2) / d) * dist)


@false_neighbour("contraction.no-d", "gamma1.contraction", "kappa(tau) without 1/d", point=True)
def _() -> None:
    changed("gamma1.contraction", (1 - eta * (kap0sq - m2 * dist**2)) * dist)


@false_neighbour("contraction.no-H3", "gamma1.contraction", "Theorem 4 without (H3)")
def _() -> None:
    changed("gamma1.contraction", drop="H3")


@false_neighbour("contraction.H2", "gamma1.contraction", "Theorem 4 with t <= 3/5 for t <= 1/2")
def _() -> None:
    from proofs_check.assemble import same_condition

    needed = CLOSINGS["gamma1.contraction"](recorder(checked_steps(), [])).hypotheses["H2"]
    same_condition(needed, needed + R(1, 10), "H2")


@false_neighbour("scale.one", "gamma1.scale.upper", "s* <= s_+ - v s_+/(a^2 + 3 + v) (4 -> 3)", point=True)
def _() -> None:
    from gsae_theory.theory.scalars import a_ratio, s_plus, v_ratio

    changed("gamma1.scale.upper", s_plus - v_ratio * s_plus / (a_ratio**2 + 3 + v_ratio))


@false_neighbour("limit.no-root", "gamma1.limit.generating", "distance of the limit (s-1) without sqrt(d)")
def _() -> None:
    changed("gamma1.limit.generating", s - 1)


@false_neighbour("region.5/2", "gamma1.region.contraction", "Theorem 6 without c: kappa_sp = kappa*")
def _() -> None:
    from gsae_theory.theory.scalars import kappa_star

    changed("gamma1.region.contraction", (1 - eta * kappa_star) * dist)


# --- Sums of squares ----------------------------------------------------------------------------------------------


def _squares(change: sp.Rational, place: tuple[int, int]) -> None:
    """Check (S2) with the stored Gram matrices after changing one entry of the first."""
    from proofs_check.methods.sos import positive_on

    certificate = stored("L33")["S2, squares"]
    first, *rest = certificate["terms"]
    gram = [list(row) for row in first["gram"]]
    for i, j in {place, place[::-1]}:
        gram[i][j] = str(R(gram[i][j]) + change)
    slack = (1 - y * r) - R(3, 4) * y * (1 - y * r / (2 - r))
    ends = [(r - HALF) * (1 - r), y * (R(3, 4) - y)]
    damaged = {"terms": [{**first, "gram": gram}, *rest]}
    positive_on("S2", sp.expand(sp.cancel(slack * (2 - r))), (r, y), ends, 2, damaged)


@false_neighbour("L33.gram", "L33", "(S2) from a Gram matrix with one entry off by 2^-17", point=True)
def _() -> None:
    _squares(R(1, 2**17), (1, 1))


@false_neighbour(
    "L33.indefinite", "L33", "(S2) from a Gram matrix that is not positive semidefinite", point=True
)
def _() -> None:
    _squares(sp.Integer(-5), (0, 0))


# --- Rate without room outside ------------------------------------------------------------------------------------


@false_neighbour("square.kappa-star", "gamma1.rate.square", "for n = d the rate is 1 - eta kappa* as well")
def _() -> None:
    from gsae_theory.theory.scalars import L_star, kappa_star

    changed(
        "gamma1.rate.square", sp.Piecewise((sp.Abs(1 - eta * L_star), d < 2), (1 - eta * kappa_star, True))
    )


@false_neighbour(
    "square.any-step", "gamma1.rate.square", "1 - eta h for every large step, the scale overshooting or not"
)
def _() -> None:
    changed("gamma1.rate.square", drop="step-below-crossing")


@false_neighbour("square.crossing", "gamma1-square", "1 - eta h >= eta L* - 1 up to eta = 2/L*", point=True)
def _() -> None:
    low, high, share = sp.symbols("low high share", nonnegative=True)
    factor, overshoot = high - 2 * share * low, (2 * share - 1) * high  # times L*
    nonnegative("factor", factor - overshoot, [(low, 0, sp.oo), (high, low, sp.oo), (share, 0, 1)])


@false_neighbour(
    "square.slow-fading", "gamma1-square", "the scale dies out for e <= (q_h - q_a)/2", point=True
)
def _() -> None:
    after, room, share = sp.symbols("after room share", nonnegative=True)
    q_h, e_ = after + room, share * room / 2
    region = [(after, 0, sp.oo), (room, 0, sp.oo), (share, 0, 1)]
    nonnegative("quotient", (after + q_h) * (q_h - e_) - 2 * q_h * (after + e_), region)
