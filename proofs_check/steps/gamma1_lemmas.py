"""gamma1 section 4: smaller radii, Lemma A and Lemma B (L19-L22)."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.scalars import Phi, Psi, h3_slack, h3b_slack, kap0sq, kap_sq
from gsae_theory.theory.symbols import d, lam, m1, m2, s
from proofs_check.core import Proof, Use, step
from proofs_check.methods.bernstein import nonnegative
from proofs_check.methods.gram import implied, inner, square
from proofs_check.methods.identity import prove_equal, unfold
from proofs_check.methods.words import Algebra, letter

e, rho = sp.symbols("e rho", nonnegative=True)
one = sp.oo
# (H3') at e, solved for lam, and e <= s/2.
H3B_REGION = [
    (m1, 0, sp.oo),
    (s, 0, sp.oo),
    (e, 0, s / 2),
    (lam, 0, 3 * m1 * (s - e) ** 2 / (2 * (2 * s - e))),
]


@step("L19")
def smaller_radii(use: Use) -> Proof:
    """(H2), (H3), (H3') pass to smaller radii."""
    use("L1"), use("Q:jensen")
    # (H2) is linear in the radius; it gives delta <= s/2 as kap0^2 <= m2 s^2.
    prove_equal(m2 * s**2 - unfold(kap0sq), lam * (2 * m1 * s - lam), what="kap0^2 <= m2 s^2")
    nonnegative("kap0 below", lam * (2 * m1 * s - lam), [(m1, 0, sp.oo), (s, 0, sp.oo), (lam, 0, m1 * s)])
    # (H3'): lam <= (3/2) m1 (s-e)^2/(2s-e), whose right side decreases with e.
    prove_equal(h3b_slack(e), 2 * (2 * s - e) * (H3B_REGION[3][2] - lam), what="(H3') solved for lam")
    nonnegative("decreasing", -sp.diff((s - e) ** 2 / (2 * s - e), e), [(s, 0, sp.oo), (e, 0, s)])
    nonnegative("concave", -sp.diff(h3_slack(e), e, 2), H3B_REGION)
    prove_equal(h3_slack(0), s**2 * (m1 * s - lam), what="(H3) at 0")
    nonnegative("positive at 0", h3_slack(sp.Integer(0)), H3B_REGION)
    return Proof({"H3": h3_slack(e), "H3-prime": h3b_slack(e), "e": e}, "certificate")


@step("L20")
def lemma_a(use: Use) -> Proof:
    """Phi increases, rho lies in [s-e, s+e], and (s -+ e)^2 Phi(s -+ e) = kap(+-e)^2."""
    use("L1"), use("L15"), use("Q:hilbert")
    slope = sp.diff(Phi(rho), rho)
    prove_equal(slope, 2 * lam / rho**2 * Psi(rho), what="Phi'")
    ball = [(m1, 0, sp.oo), (s, 0, sp.oo), (e, 0, s), (lam, 0, m1 * (s - e)), (rho, s - e, s + e)]
    nonnegative("Phi increases", slope, ball)
    prove_equal((s - e) ** 2 * Phi(s - e), kap_sq(e), what="lower end")
    prove_equal((s + e) ** 2 * Phi(s + e), kap_sq(-e), what="upper end")
    return Proof({"lower": kap_sq(e), "upper": kap_sq(-e)}, "certificate")


@step("L21")
def lemma_b(use: Use) -> Proof:
    """The derivative of sigma is a contraction; Cauchy-Schwarz on a Gram matrix."""
    use("L15"), use("L4"), use("Q:hilbert")
    # sigma(u) = (1 - lam/|u|) u along u + t w, with p = <u, w>, q = |w|^2 and |u| = r.
    r, q = sp.symbols("r q", positive=True)
    p, t, u, w = sp.symbols("p t u w", real=True)
    path = (1 - lam / sp.sqrt(r**2 + 2 * t * p + t**2 * q)) * (u + t * w)
    k = lam / r
    prove_equal(sp.diff(path, t).subs(t, 0), (1 - k) * w + k * p * u / r**2, what="derivative of sigma")
    squared = (1 - k) ** 2 * q + 2 * (1 - k) * k * p**2 / r**2 + k**2 * p**2 / r**2
    prove_equal(q - squared, k * (2 - k) * (q - p**2 / r**2), what="|w|^2 - |Jw|^2")
    nonnegative("J contracts", k * (2 - k), [(r, 0, sp.oo), (lam, 0, r)])
    # q - p^2/r^2 = |w - (p/r^2) u|^2 where |u|^2 = r^2.
    prove_equal(q - 2 * p / r**2 * p + (p / r**2) ** 2 * r**2, q - p**2 / r**2, what="Cauchy-Schwarz")
    # <f, g> <= F K if |f| <= F, |g| <= K.
    F, K = sp.symbols("F K", positive=True)
    unit = square({"one": 1})
    implied(
        "cauchy-schwarz",
        unit * (F * K) - inner({"f": 1}, {"g": 1}),
        given=[
            (K / (2 * F), unit * F**2 - square({"f": 1})),
            (F / (2 * K), unit * K**2 - square({"g": 1})),
        ],
        squares=[(K / (2 * F), {"f": 1, "g": -F / K})],
        region=[(F, 0, sp.oo), (K, 0, sp.oo)],
    )
    # F^2 = E ||D sigma||^2 = N^2/d and K^2 = ||D||^2 m2 ||X||^2/d, so d F K = sqrt(m2) ||D|| N ||X||.
    N, norm, size = sp.symbols("N norm size", nonnegative=True)
    bound = d * sp.sqrt(N**2 / d) * sp.sqrt(norm**2 * m2 * size**2 / d)
    prove_equal(sp.simplify(bound - sp.sqrt(m2) * norm * N * size), sp.Integer(0), what="d F K")
    return Proof({"bound": sp.sqrt(m2) * norm * N, "norm": norm, "N": N}, "gram")


@step("L22")
def lemma_b_spectral(use: Use) -> Proof:
    """d ||G1||_2 <= (m2 (s+eps) - lam m1) ||D||_2^2 by Young's inequality and a swap of coordinates."""
    use("L4"), use("L15"), use("L20"), use("Q:hilbert")
    _first_order()
    weight = lam * Psi(rho) / rho
    total = m2 - lam * m1 / rho
    prove_equal(Phi(rho) + weight, total, what="Phi + w")
    prove_equal(sp.diff(Phi(rho), rho) / (2 * rho), weight / rho**2, what="derivative of Phi in C")
    # Young, twice: |x y| <= (beta x^2 + y^2/beta)/2.
    beta, x, y = sp.symbols("beta x y", positive=True)
    prove_equal((beta * x**2 + y**2 / beta) / 2 - x * y, (beta * x - y) ** 2 / (2 * beta), what="Young")
    _swap()
    # Phi + w increases with rho, rho w increases: both are largest at rho = s + e.
    region = [(m1, 0, sp.oo), (s, 0, sp.oo), (e, 0, s), (lam, 0, m1 * (s - e)), (rho, s - e, s + e)]
    nonnegative("Phi + w increases", sp.diff(total, rho), region)
    nonnegative("rho w increases", sp.diff(rho * weight, rho), region)
    nonnegative("w >= 0", weight, region)
    # (||K||/2) (beta + c1^2/beta)(Phi + w) at beta = c1 <= s + e.
    c1 = sp.Symbol("c1", positive=True)
    top = total.subs(rho, s + e)
    prove_equal((beta + c1**2 / beta).subs(beta, c1) / 2 * top, c1 * top, what="beta = c1")
    prove_equal((s + e) * top, m2 * (s + e) - lam * m1, what="value")
    nonnegative("c1", (s + e - c1), [(s, 0, sp.oo), (e, 0, s), (c1, 0, s + e)])
    nonnegative("top", top, [(m1, 0, sp.oo), (m2, m1**2, sp.oo), *region[1:4]])
    return Proof({"bound": m2 * (s + e) - lam * m1, "radius": e}, "certificate")


def _first_order() -> None:
    """G1 = E[Phi theta v^T K] + E[(w/rho^2)(v^T K v) theta v^T] for K = D^T D, v = C^T theta."""
    theta, v, X = letter("theta", "d"), letter("v", "d"), letter("X", "d", "d")
    K = letter("K", "d", "d", symmetric=True)
    phi, slope = sp.symbols("phi slope", real=True)  # Phi and Phi'/(2 rho)
    algebra = Algebra()
    turned = X.T * theta  # change of v
    linear = phi * algebra.value(v.T * K * turned) + slope * algebra.value(v.T * K * v) * algebra.value(
        v.T * turned
    )
    gradient = phi * theta * v.T * K + slope * algebra.value(v.T * K * v) * (theta * v.T)
    prove_equal(linear, algebra.trace(X.T * gradient), what="G1")


def _swap() -> None:
    """Swapping theta_i and theta_j shows that the larger eigenvalue has the larger mean.

    With squares p >= q of eigenvalues and x >= y of coordinates; rho^2 is p x + q y or p y + q x.
    """
    p, q, x, y = sp.symbols("p q x y", nonnegative=True)
    region = [(q, 0, sp.oo), (p, q, sp.oo), (y, 0, sp.oo), (x, y, sp.oo)]
    u, v = p * x + q * y, p * y + q * x
    nonnegative("swap/norm", u - v, region)
    # Pair for E[f(rho) v_i^2] - E[f(rho) v_j^2]: f(u)(p x - q y) + f(v)(p y - q x).
    # For f = Phi, increasing: f(u) >= f(v), and (p x - q y) + (p y - q x) = (p - q)(x + y) >= 0.
    nonnegative("swap/Phi", (p * x - q * y) + (p * y - q * x), region)
    nonnegative("swap/Phi, first", p * x - q * y, region)
    # For f = w with rho w increasing: f(u)/f(v) >= sqrt(v/u); needed (px - qy)^2 v >= (qx - py)^2 u.
    difference = (p * x - q * y) ** 2 * v - (q * x - p * y) ** 2 * u
    prove_equal(difference, (u - v) * (u * v + 4 * p * q * x * y), what="swap")
    nonnegative("swap/w", difference, region)
