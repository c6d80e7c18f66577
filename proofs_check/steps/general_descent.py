"""Steps G28, G31 - G34: the step, its recursions, the correlated form, alignment (general section 4, 6)."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory import convergence as cv
from gsae_theory.theory.interference import P_at, e0
from gsae_theory.theory.interference_constants import Y_ball, ell_of, j_two
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.scalars import L_delta, eta_max, kap0sq, kappa_star
from gsae_theory.theory.symbols import B_max, B_min, G, d, delta, dist, eta, m2, mu1_g1, nu, q, s
from proofs_check.core import Proof, Unproved, Use, step
from proofs_check.methods.identity import prove_equal, prove_zero, unfold
from proofs_check.methods.norm_rules import product, transpose
from proofs_check.methods.norm_terms import Letter, identity, term
from proofs_check.methods.norms import OP, Fact, cancel, conclude, given_equal, reflexive
from proofs_check.steps import general_setting as g
from proofs_check.steps.general_bounds import fact
from proofs_check.steps.general_interference import cite

t = term
_x, _u, _v = sp.symbols("x u v", nonnegative=True)


@step("G28")
def one_step(use: Use) -> Proof:
    """The step as a convex combination of the one-group step and of I - K/K_bar."""
    box = use("gamma1-step").statement
    use("G1"), use("G2"), use("Q:spectral"), use("Q:procrustes")
    for name in (f"G{number}" for number in range(17, 26)):
        use(name)
    spectral = conclude(
        product(fact("Ac"), transpose(fact("Ac"))), OP, t(g.Ac, g.Ac.T), fact("Ac").value ** 2, g.CLOSED
    )
    cite(use, spectral)
    K_bar = q * m2 / d * s**2 * j_two * spectral.value
    prove_equal(K_bar, QUANTITIES["K_bar"].expr, what="K_bar")
    kappa = _black_box(box)
    Delta, G0, K = sp.symbols("Delta G0 K_Delta")
    th = eta * cv.K_bar
    inner = eta / (1 - th)
    split = (1 - th) * (Delta - inner * G0) + th * (Delta - K / cv.K_bar)
    prove_equal(split, Delta - eta * G0 - eta * K, what="convex combination")
    prove_equal((1 - th) * (1 - inner * cv.kappa0) + th, 1 - eta * cv.kappa0, what="its norm")
    step_bar = eta_max / (1 + eta_max * cv.K_bar)
    prove_equal(step_bar, QUANTITIES["eta_bar"].expr, what="eta_bar")
    room = (1 + eta_max * cv.K_bar) * (step_bar - eta) / (1 - th)
    prove_equal(eta_max - inner, room, what="eta/(1 - theta) <= eta_max")
    prove_equal(1 - step_bar * cv.K_bar, 1 / (1 + eta_max * cv.K_bar), what="1 - theta > 0")
    spread = sp.Min(sp.sqrt(G - 1) * cv.dist_max, cv.fro)
    bound = (1 - eta * cv.kappa0) * dist + eta * P_at(cv.dist_max, spread, _leaning(use) * spread, spread)
    return Proof(
        {"bound": bound, "kappa0": kappa, "eta_bar": step_bar}, "identity", {"black box": "gamma1 Theorem 4"}
    )


def _black_box(box: dict) -> sp.Expr:
    """Return kappa0: gamma1 Theorem 4 at every distance up to delta, under (H)."""
    regular, tau = box["regular"], box["tau"]
    at_ball = regular["kappa"].subs(tau, delta)
    prove_equal(unfold(at_ball), unfold(cv.kappa0), what="kappa0 = kappa(delta)")
    prove_equal(unfold(regular["eta_max"]), unfold(eta_max), what="eta_max")
    gain = sp.expand(unfold(regular["kappa"] - at_ball, keep=(kap0sq,)))
    prove_equal(gain, m2 * (delta**2 - tau**2) / d, what="kappa decreases with the distance")
    # (H) gives lam < (s - delta) B_min, as ||A_S x_S|| <= Y is not below B_min.
    gap = sp.Symbol("gap", nonnegative=True)
    rest = sp.expand(((s - delta) * B_min - ell_of(delta)).xreplace({Y_ball: B_min + gap}))
    if (
        not all(item.is_nonnegative for item in sp.Add.make_args(rest))
        or not {mu1_g1, B_max, nu} <= rest.free_symbols
    ):
        raise Unproved("(H) does not give lam < (s - delta) B_min")
    return at_ball


def _leaning(use: Use) -> sp.Expr:
    """Return the factor in Q <= b ||Delta_{-g}||_F; D <= ||Delta_{-g}||_F."""
    lean = product(transpose(fact("Dc")), fact("A"))
    turned = product(fact("Dc"), fact("AcA op"))
    cite(use, lean, turned)
    prove_equal(lean.value, fact("Dc").value, what="D <= ||Delta_{-g}||_F")
    return sp.cancel(turned.value / fact("Dc").value)


def iterated(rate: sp.Expr, offset: sp.Expr, start: sp.Expr, k: sp.Symbol) -> sp.Expr:
    """Return rate^k start + offset/(1 - rate), checked to solve x+ = rate x + offset from above."""
    envelope = rate**k * start + offset / (1 - rate)
    prove_zero(
        sp.expand_power_exp(envelope.subs(k, k + 1)) - sp.expand(rate * envelope + offset), what="induction"
    )
    return envelope


@step("G31")
def recursions(use: Use) -> Proof:
    """Theorem 3(ii)-(iv), Corollary 3.1: linear recursions, what they keep, where they end."""
    first = use("G28").statement
    use("L36")
    sums, chords = use("G30").statement, use("G29").statement
    root = sp.sqrt(G)
    prove_equal(sums["sqrt_G_e0"], root, what="sqrt(G) e0")
    prove_equal(chords["c_F"], QUANTITIES["c_F"].expr, what="c_F")
    prove_equal(
        chords["c_inf"] - QUANTITIES["c_inf"].expr.xreplace({e0: QUANTITIES["e0"].expr}), 0, what="c_inf"
    )
    _rates()
    rms, top = cv.kappa0 - cv.c_F, cv.kappa0 - cv.c_inf
    step_rms = (1 - eta * rms) * cv.fro + eta * root * e0
    step_max = (1 - eta * top) * cv.dist_max + eta * e0
    # (i) at dist = dist_max and P <= e0 + c_inf T gives the second.
    prove_equal(
        (1 - eta * cv.kappa0) * cv.dist_max + eta * (e0 + cv.c_inf * cv.dist_max), step_max, what="(iv)"
    )
    prove_equal((1 - eta * cv.kappa0) * cv.fro + eta * (root * e0 + cv.c_F * cv.fro), step_rms, what="(ii)")
    _kept(rms, root)
    x0, r, c, k = sp.symbols("x0 r c k", positive=True)
    iterated(1 - eta * r, eta * c, x0, k)
    _monotone_constants()
    return Proof(
        {
            "step": first["bound"],
            "step_rms": step_rms,
            "step_max": step_max,
            "contraction_rms": rms,
            "contraction_max": top,
            "rate_rms": 1 - eta * rms,
            "rate_max": 1 - eta * top,
            "floor_rms": e0 / rms,
            "floor_max": e0 / top,
            "group": sp.Min(root * e0 / rms, cv.p4 / cv.kappa0, delta),
            "Phi_next": sp.Min(root * e0 / rms, cv.Phi),
            "delta_next": sp.Min(cv.p4 / cv.kappa0, delta, cv.Phi),
        },
        "identity",
        {"limits": "of the envelopes, as 0 <= rate < 1"},
    )


def _rates() -> None:
    """0 <= 1 - eta (kappa0 - c) < 1: eta kappa0 <= eta_max kappa* <= 4/7, as L(delta) >= 0 [L36]."""
    L = sp.Symbol("L", nonnegative=True)
    slack = sp.Rational(4, 7) - (QUANTITIES["eta_max"].expr * kappa_star).xreplace({L_delta: L})
    top = sp.fraction(sp.together(slack))
    if not all(sp.expand(part).is_nonnegative for part in top):
        raise Unproved("eta_max kappa* <= 4/7")


def _kept(rms: sp.Expr, root: sp.Expr) -> None:
    """F <= Phi and dist_g <= delta are kept; the margins are those of the hypotheses."""
    after = (1 - eta * rms) * cv.Phi + eta * root * e0
    prove_equal(cv.Phi - after, eta * (rms * cv.Phi - root * e0), what="F <= Phi is kept")
    after = (1 - eta * cv.kappa0) * delta + eta * cv.p4
    prove_equal(delta - after, eta * (cv.kappa0 * delta - cv.p4), what="dist_g <= delta is kept")
    top = cv.kappa0 - cv.c_inf
    prove_equal(
        delta - ((1 - eta * top) * delta + eta * e0), eta * (top * delta - e0), what="the ball is kept"
    )


def _monotone_constants() -> None:
    """Ball constants grow with delta, ell falls: all constants on a smaller region are at least as good."""
    for name in ("Z_ball", "Ze_ball", "eps1_ball", "Zx_ball", "lam_lo"):
        slope = sp.diff(QUANTITIES[name].expr, delta)
        if not sp.expand(slope).is_nonnegative:
            raise Unproved(f"{name} does not grow with delta")
    if not (-sp.diff(QUANTITIES["ell"].expr, delta)).is_nonnegative:
        raise Unproved("ell does not fall with delta")
    for name, power in (("k2", -2), ("k3", -3)):
        value = QUANTITIES[name].expr
        ell = next(item for item in value.free_symbols if item.name == "ell")
        if not (value * ell**-power).is_nonnegative:
            raise Unproved(f"{name} is no negative power of ell")


@step("G32")
def squares(use: Use) -> Proof:
    """((1-x)u + xv)^2 = (1-x)u^2 + xv^2 - x(1-x)(u-v)^2, squared recursions, Corollary 3.2."""
    recursion = use("G31").statement
    use("G28")
    convex = (1 - _x) * _u**2 + _x * _v**2
    prove_equal(convex - ((1 - _x) * _u + _x * _v) ** 2, _x * (1 - _x) * (_u - _v) ** 2, what="convexity")
    squared = {}
    for name, start, offset in (("rms", cv.fro, sp.sqrt(G) * e0), ("max", cv.dist_max, e0)):
        rate = recursion[f"rate_{name}"]
        kappa = sp.cancel((1 - rate) / eta)
        prove_equal(recursion[f"step_{name}"], rate * start + (1 - rate) * offset / kappa, what=name)
        squared[name] = rate * start**2 + eta * offset**2 / kappa
        prove_equal(
            squared[name], convex.subs({_x: 1 - rate, _u: start, _v: offset / kappa}), what=f"squared, {name}"
        )
    return Proof({**squared, **_correlated(convex)}, "identity", {"difference": "x (1 - x)(u - v)^2"})


def _correlated(convex: sp.Expr) -> dict[str, sp.Expr]:
    """Return Corollary 3.2 from the squared step at eta_bar, and its form about A."""
    kappa, bar = cv.kappa0 - cv.c_F, cv.eta_bar
    inner, F, gradient = sp.symbols("inner F gradient", real=True)
    step = F**2 - 2 * bar * inner + bar**2 * gradient**2
    claim = kappa / 2 * F**2 + bar / 2 * gradient**2 - G * e0**2 / (2 * kappa)
    bound = convex.subs({_x: bar * kappa, _u: F, _v: sp.sqrt(G) * e0 / kappa})
    prove_equal((bound - step) / (2 * bar), inner - claim, what="Corollary 3.2")
    alpha, beta = kappa / 2, bar / 2
    shift, A, F_A = sp.symbols(
        "shift A F_A", real=True
    )  # (s - 1), <g, A>/|g| times |g|, sqrt(sum ||W - A||^2)
    norm2 = G * d
    # (s-1)<g, A> >= -(beta/2)|g|^2 - (s-1)^2 ||A||^2/(2 beta): a square; F_A^2 <= 2F^2 + 2(s-1)^2 ||A||^2: another.
    prove_equal(
        beta / 2 * gradient**2 + gradient * A + A**2 / (2 * beta),
        beta / 2 * (gradient + A / beta) ** 2,
        what="Young",
    )
    prove_equal(2 * F**2 + 2 * A**2 - (F + A) ** 2, (F - A) ** 2, what="F_A^2")
    offset = G * e0**2 / (2 * kappa) + shift**2 * norm2 * (alpha + 1 / (2 * beta))
    about_A = alpha / 2 * F_A**2 + beta / 2 * gradient**2 - offset
    derived = (
        alpha * (F_A**2 / 2 - shift**2 * norm2)
        + beta * gradient**2
        - G * e0**2 / (2 * kappa)
        - beta / 2 * gradient**2
        - shift**2 * norm2 / (2 * beta)
    )
    prove_equal(derived, about_A, what="about A")
    return {
        "alpha": alpha,
        "beta": beta,
        "eps": G * e0**2 / (2 * kappa),
        "eps_A": offset.subs(shift, s - 1),
    }


@step("G33")
def scale_bias(use: Use) -> Proof:
    """|dist(W; A) - (s-1) sqrt d| <= dist(W; s A): triangle inequality at the common best rotation."""
    use("Q:procrustes")
    use("Q:hilbert")
    A, Q = Letter("A", "n", "d"), Letter("Q", "d", "d")
    orthonormal = given_equal(Fact("=", t(A.T, A), identity("d"), "A_g^T A_g = I"))
    rotation = given_equal(Fact("=", t(Q.T, Q), identity("d"), "Q in O(d)"))
    moved = (s - 1) * t(A, Q)
    square = cancel(cancel(reflexive(moved.T @ moved), orthonormal), rotation)
    if square.right != (s - 1) ** 2 * identity("d"):
        raise Unproved("(s A Q - A Q)^T (s A Q - A Q) is not (s-1)^2 I")
    distance = sp.sqrt((s - 1) ** 2 * d)
    # The best rotation depends on A^T W through its polar factor only: s > 0 does not enter.
    prove_equal(distance**2, ((s - 1) * sp.sqrt(d)) ** 2, what="trace of (s-1)^2 I")
    return Proof({"bias": (s - 1) * sp.sqrt(d), "gap": dist}, "identity", {})


@step("G34")
def rotation_orbit(use: Use) -> Proof:
    """s A Q with Q a rotation by one angle in floor(d/2) planes: every distance up to the stated largest."""
    use("G2"), use("G4"), use("L12")
    A, Q = Letter("A", "n", "d"), Letter("Q", "d", "d")
    orthonormal = given_equal(Fact("=", t(A.T, A), identity("d"), "A_g^T A_g = I"))
    rotation = given_equal(Fact("=", t(Q.T, Q), identity("d"), "Q in O(d)"))
    moved = s * t(A, Q) - t(A)
    square = cancel(cancel(reflexive(moved.T @ moved), orthonormal), rotation)
    if square.right != (s**2 + 1) * identity("d") - s * t(Q) - s * t(Q.T):
        raise Unproved("(s A Q - A)^T (s A Q - A)")
    half, cosine = sp.symbols("half cosine", real=True)
    for parity in (0, 1):
        size = 2 * half + parity
        trace = parity + 2 * half * cosine
        distance = size * (s**2 + 1) - 2 * s * trace
        prove_equal(distance.subs(cosine, 1), size * (s - 1) ** 2, what="angle 0")
        farthest = size * (s + 1) ** 2 if parity == 0 else size * (s**2 + 1) + 2 * s * (size - 2)
        prove_equal(distance.subs(cosine, -1), farthest, what="angle pi")
        prove_zero(sp.diff(distance, cosine) + 4 * s * half, what="monotone in between")
    alpha, eps, radius = sp.symbols("alpha eps radius", positive=True)
    prove_equal(
        0 - (alpha * radius**2 + 0 - eps), eps - alpha * radius**2, what="zero gradient at that point"
    )
    return Proof({"forced": sp.Ge(eps, alpha * radius**2)}, "identity", {"d": "even and odd"})
