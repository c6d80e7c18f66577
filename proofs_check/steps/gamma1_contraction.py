"""gamma1 Theorem 4 and its corollary: from the sector to steps (L38-L41, the step)."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.quantity import get_quantity
from gsae_theory.theory.scalars import (
    alpha_of,
    eta_max,
    eta_max_large,
    kap0sq,
    kappa_large_of,
    kappa_of,
    kappa_star,
    t_of,
)
from gsae_theory.theory.symbols import d, delta, eta, m2
from gsae_theory.theory.symbols import s as scale
from proofs_check.core import Proof, Use, step
from proofs_check.methods.bernstein import nonnegative
from proofs_check.methods.gram import implied, inner, square
from proofs_check.methods.identity import prove_equal, unfold
from proofs_check.steps.gamma1_sectors import CHOICES, HALF, c, smallest_c, t, x, xi, y, y2

k, at, step_size = sp.symbols("k at step", positive=True)
tau, tau0, radius = sp.symbols("tau tau0 radius", nonnegative=True)


@step("L38")
def sector_to_step(use: Use) -> Proof:
    """Sector bound => contraction, and monotone in c; both on Gram matrices of (Delta, g)."""
    share = sp.Symbol("share", nonnegative=True)  # step = share/at, share in [0, 1]
    small, claim = share / at, square({"Delta": 1}) * (1 - share / at * k) ** 2
    sector = square({"Delta": 1}) * (at - k) ** 2 - square({"Delta": at, "g": -1})
    region = [(k, 0, sp.oo), (at, k, sp.oo), (share, 0, 1)]
    implied(
        "contraction",
        claim - square({"Delta": 1, "g": -small}),
        given=[(small * (1 - small * k) / (at - k), sector)],
        squares=[(small * (1 - small * at) / (at - k), {"g": 1, "Delta": -k})],
        region=region,
    )
    # For c >= c0: ||c v - w|| <= (c - c0)||v|| + ||c0 v - w||; as a form with ||v|| = 1 as the unit.
    more = sp.Symbol("more", nonnegative=True)
    room = at - k
    implied(
        "monotone",
        square({"v": 1}) * (more + room) ** 2 - square({"v": more + at, "w": -1}),
        given=[(1 + more / room, square({"v": 1}) * room**2 - square({"v": at, "w": -1}))],
        squares=[(more / room, {"v": at - room, "w": -1})],
        region=[(k, 0, sp.oo), (at, k, sp.oo), (more, 0, sp.oo)],
    )
    # Om(1 - x) is ||c (x, y) - ghat||^2 with ghat independent of c (y2 = y).
    b = sp.Symbol("b", nonnegative=True)
    ghat = (b * (1 - x) ** 2 * x - (1 - x) * y**2, (1 - x) ** 2 * y)
    Om = ((c - b * (1 - x) ** 2) * x + (1 - x) * y**2) ** 2 + (c - (1 - x) ** 2) ** 2 * y**2
    prove_equal(Om, (c * x - ghat[0]) ** 2 + (c * y - ghat[1]) ** 2, what="ghat")
    return Proof({"Om": Om, "b": b}, "gram")


@step("L39")
def outside_shrinks(use: Use) -> Proof:
    """||I - eta M|| <= 1 - eta lam_min(M), as eta lam_max(M) <= kap(-e)^2/(dc) <= 1."""
    bounds = use("L20").statement
    use("L1"), use("L36"), use("Q:spectral")
    nonnegative("c large enough", (3 + 3 * t + t**2) - (1 + t) ** 2, [(t, 0, sp.oo)])
    for name, (b, _) in CHOICES.items():
        nonnegative(f"smallest c, {name}", smallest_c(b) - (3 + 3 * t + t**2), [(t, 0, HALF)])
    # |1 - eta h| <= 1 - eta low for low <= h, eta h <= 1.
    h, low = sp.symbols("h low", nonnegative=True)
    share = sp.Symbol("share", nonnegative=True)
    nonnegative("factor", (1 - share / h * low) - (1 - share), [(h, 0, sp.oo), (low, 0, h), (share, 0, 1)])
    return Proof(
        {"factor": 1 - eta * bounds["lower"] / d, "radius": sp.Symbol("e", nonnegative=True)}, "certificate"
    )


@step("gamma1-step")
def theorem_4_step(use: Use) -> Proof:
    """Lemmas A, B, D and (P_b) put together, back in the units of the theory."""
    use("L2"), use("L6"), use("L35"), use("L34"), use("L19"), use("gamma1-lemma-D")
    curvature, sectors = use("L36").statement, use("L37").statement
    Om = use("L38").statement
    results = {}
    for name, (b, gam) in CHOICES.items():
        prove_equal((curvature + b) / 2, smallest_c(b), what="c0 in units")
        # (P_b) is [(c - kappa)^2 t^2 - Om]/t^2 at x = xi t, y^2 = t^2 (1 - xi^2).
        value = sp.expand(Om["Om"].subs(Om["b"], b)).subs(y, t * sp.sqrt(1 - xi**2)).subs(x, xi * t)
        claim = (c - 1 + gam * t**2) ** 2 * t**2 - value
        prove_equal(claim.subs(c, smallest_c(b)), t**2 * sectors[name], what=f"(P_b), {name}")
        kappa = kap0sq * (1 - gam * t_of(tau) ** 2) / d
        dc = (get_quantity("L_delta").symbol * d + b * kap0sq) / 2
        largest = d / dc
        results[name] = {"kappa": sp.expand(kappa), "eta_max": largest}
    prove_equal(results["regular"]["kappa"], unfold(kappa_of(tau), keep=(kap0sq,)), what="kappa")
    prove_equal(results["large"]["kappa"], unfold(kappa_large_of(tau), keep=(kap0sq,)), what="kappa'")
    for name, symbol in (("regular", eta_max), ("large", eta_max_large)):
        prove_equal(unfold(results[name]["eta_max"]), unfold(symbol), what=f"largest step, {name}")
    statement = {**results, "H2": HALF - t_of(delta), "tau": tau, "y2": y2}
    return Proof(statement, "identity")


@step("L40")
def convergence(use: Use) -> Proof:
    """Induction over steps, geometric series, and the exact rate from the recursion of D."""
    steps = use("gamma1-step").statement
    use("L38"), use("L39"), use("L16")
    q = sp.Symbol("q", positive=True)
    for name, kappa in (("regular", kappa_of), ("large", kappa_large_of)):
        prove_equal(steps[name]["kappa"].subs(tau, tau0), unfold(kappa(tau0), keep=(kap0sq,)), what=name)
        # kappa decreases with the distance, so that the first factor bounds all later ones.
        gain = (kappa(tau) - kappa(tau0)).xreplace({kap0sq: q})
        span = [(q, 0, sp.oo), (m2, 0, sp.oo), (d, 1, sp.oo), (tau0, 0, sp.oo), (tau, 0, tau0)]
        nonnegative(f"{name}: later factors", gain, span)
    # kappa > 0 in the ball: t <= 1/2 leaves 1 - 1/4 and 1 - 5/8.
    for name, (_, gam) in CHOICES.items():
        nonnegative(f"{name}: positive", 1 - gam * t**2, [(t, 0, HALF)], strict=True)
    # Rate: the part in C contracts faster than 1 - eta kappa* for 0 < eta < 2/(kappa* + L*).
    low, high, h, share = sp.symbols("low high h share", nonnegative=True)
    small = 2 * share / (low + high)
    region = [(low, 0, sp.oo), (h, 4 * low, sp.oo), (high, h, sp.oo), (share, 0, 1)]
    nonnegative("rate: curvature h", (1 - small * low) - (1 - small * h), region)
    nonnegative("rate: curvature -h", (1 - small * low) - (small * h - 1), region)
    # eta'_max = 2/(L(delta) + 2 kappa*) < 2/(kappa* + L*), as L increases with delta.
    extra = sp.Symbol("extra", nonnegative=True)
    nonnegative(
        "rate: large step",
        (high + extra + 2 * low) - (low + high),
        [(low, 0, sp.oo), (high, 0, sp.oo), (extra, 0, sp.oo)],
    )
    statement = {"rate": 1 - eta * kappa_star, "bias": (scale - 1) * sp.sqrt(d)}
    return Proof(statement, "certificate")


@step("L41")
def correlated(use: Use) -> Proof:
    """Sector bound <=> correlated gradient; about A itself by Young, with a = (s - 1)A."""
    use("L38"), use("gamma1-step")
    alpha, beta = alpha_of(k, 1 / at), 1 / (2 * at)
    sector = square({"Delta": 1}) * (at - k) ** 2 - square({"Delta": at, "g": -1})
    claim = inner({"g": 1}, {"Delta": 1}) - square({"Delta": 1}) * alpha - square({"g": 1}) * beta
    region = [(k, 0, sp.oo), (at, k, sp.oo)]
    implied("correlated", claim, given=[(1 / (2 * at), sector)], region=region)
    implied("sector", sector, given=[(2 * at, claim)], region=region)
    first, second = sp.symbols("first second", positive=True)
    about = inner({"g": 1}, {"Delta": 1}) - square({"Delta": 1}) * first - square({"g": 1}) * second
    generating = (
        inner({"g": 1}, {"Delta": 1, "a": 1})
        - square({"Delta": 1, "a": 1}) * (first / 2)
        - square({"g": 1}) * (second / 2)
        + square({"a": 1}) * (first + 1 / (2 * second))
    )
    implied(
        "about A",
        generating,
        given=[(1, about)],
        squares=[(second / 2, {"g": 1, "a": 1 / second}), (first / 2, {"Delta": 1, "a": -1})],
        region=[(first, 0, sp.oo), (second, 0, sp.oo)],
    )
    # ||a||^2 = (s - 1)^2 d.
    offset = (scale - 1) ** 2 * d * (first + 1 / (2 * second))
    statement = {
        "alpha": alpha_of,
        "beta": lambda largest: largest / 2,
        "offset": lambda a, b: offset.xreplace({first: a, second: b}),
    }
    return Proof(statement, "gram")
