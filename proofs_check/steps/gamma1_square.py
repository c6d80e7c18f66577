"""gamma1 Theorem 3 without room outside the subspace, n = d: the exact rate.

In an eigenbasis of C, which a step keeps, the gradient is g(c) with one entry per eigenvalue, and
exchanging two eigenvalues exchanges the entries of g. Hence differences of eigenvalues obey

    c_i+ - c_j+ = (1 - eta h_ij)(c_i - c_j),   h_ij = (g_i - g_j)/(c_i - c_j) -> h at the limit,

the analogue of D+ = D(I - eta M): their rate is exact, and the scale dies out faster.
"""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.quantity import get_quantity
from gsae_theory.theory.scalars import L_star, hess_traceless, kap0sq, om
from gsae_theory.theory.symbols import d, eta
from proofs_check.core import Proof, Use, step
from proofs_check.methods.bernstein import nonnegative
from proofs_check.methods.identity import prove_equal

g_i, g_j, c_i, c_j = sp.symbols("g_i g_j c_i c_j", real=True)
k, w, low, high, share, after, error = sp.symbols("k w low high share after error", nonnegative=True)


@step("gamma1-square")
def square_rate(use: Use) -> Proof:
    """Differences of eigenvalues, their curvature at the limit, and the scale beside them."""
    use("L25"), use("L17"), use("L18"), use("L40"), use("Q:differentiation")
    spectrum, moments = use("gamma1-spectrum").statement, use("L15").statement
    # c' exchanges c_i and c_j, and so does g(c'): <g(c) - g(c'), c - c'> = 2 (g_i - g_j)(c_i - c_j), and
    # |c - c'|^2 = 2 (c_i - c_j)^2: h_ij is the mean curvature of the direction e_i - e_j between c' and c.
    pairing = (g_i - g_j) * (c_i - c_j) + (g_j - g_i) * (c_j - c_i)
    length = (c_i - c_j) ** 2 + (c_j - c_i) ** 2
    prove_equal(pairing / length, (g_i - g_j) / (c_i - c_j), what="h_ij as a mean curvature")
    # At sI the direction e_i - e_j has trace 0 and squared norm 2: a traceless change.
    p1, p2 = moments["p"]
    form = 4 * kap0sq * p2 * moments["second"] + om * moments["quadratic"]
    prove_equal(form.subs({p1: 0, p2: 2}) / 2, spectrum["traceless"], what="h at the limit")
    # The traceless part T of E has d ||T||^2 = sum over pairs of (c_i - c_j)^2 = d p2 - p1^2.
    for size in range(2, 7):
        c = sp.symbols(f"c0:{size}", real=True)
        pairs = sum((c[i] - c[j]) ** 2 for i in range(size) for j in range(i))
        prove_equal(
            pairs, size * sum(item**2 for item in c) - sum(c) ** 2, what=f"pairs of {size} eigenvalues"
        )
    # h < L*, as om > 0.
    curvatures = [
        get_quantity(item.name).expr.xreplace({kap0sq: k, om: w}) for item in (hess_traceless, L_star)
    ]
    gap = sp.cancel(curvatures[1] - curvatures[0])
    prove_equal(gap, w / (d + 2), what="L* - h")
    # eta = 2 share/(h + L*) with share < 1: |1 - eta L*| < 1 - eta h, which is positive.
    small = 2 * share / (low + high)
    region = [(low, 0, sp.oo), (high, low, sp.oo), (share, 0, 1)]
    prove_equal(
        (1 - small * low) - (small * high - 1), 2 * (1 - share), what="against the scale, overshooting"
    )
    prove_equal((1 - small * low) - (1 - small * high), small * (high - low), what="against the scale")
    nonnegative("factor positive", (high + low) * (1 - small * low), region)
    _scale_dies_out()
    # d = 1: c+ - s = (1 - eta h)(c - s) with h = F'(c)/(c - s) -> F''(s) = d L*.
    prove_equal(spectrum["trace"].subs(d, 1), use("L17").statement, what="L* for d = 1")
    return Proof(
        {
            "several": 1 - eta * spectrum["traceless"],
            "single": 1 - eta * spectrum["trace"],
            "crossing": 1 - eta * (hess_traceless + L_star) / 2,
        },
        "certificate",
    )


def _scale_dies_out() -> None:
    """Confirm that the scale, relative to the traceless part, goes to 0.

    Near the limit the scale obeys |a+| <= (q_a + e)|a| + e ||T||, the traceless part
    ||T+|| >= (q_h - e) ||T||, with q_a < q_h and e -> 0. For e <= (q_h - q_a)/4 the quotient
    v = |a|/||T|| obeys v+ <= v (q_a + q_h)/(2 q_h) + 2e/q_h: the limit superior of v is O(e) for every e.
    """
    room = sp.Symbol("room", nonnegative=True)  # q_h - q_a
    q_h = after + room
    region = [(after, 0, sp.oo), (room, 0, sp.oo), (share, 0, 1)]
    e = share * room / 4
    # (q_a + e)/(q_h - e) <= (q_a + q_h)/(2 q_h), times the denominators.
    nonnegative("quotient", (after + q_h) * (q_h - e) - 2 * q_h * (after + e), region)
    # e/(q_h - e) <= 2 e/q_h.
    nonnegative("rest", 2 * (q_h - e) - q_h, region)
    prove_equal(1 - (after + q_h) / (2 * q_h), room / (2 * q_h), what="the factor is below 1")
