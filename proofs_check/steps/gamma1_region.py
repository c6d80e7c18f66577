"""gamma1 Theorem 6: the spectral region (L47-L49, Theorem 6)."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.scalars import Phi, kap0sq, kap_sq, xi1, xi2
from gsae_theory.theory.spectral_region import eps, lb_of, mm_of, mp_of, nu_minus, nu_plus, t_norm, zeta
from gsae_theory.theory.symbols import d, lam, m1, m2, s
from proofs_check.core import Proof, Use, step
from proofs_check.methods.bernstein import nonnegative
from proofs_check.methods.identity import prove_equal, prove_zero
from proofs_check.methods.quoted import check_instances

rho = sp.Symbol("rho", positive=True)
x, h, phi, X1, X2, spread = sp.symbols("x h phi X1 X2 spread", real=True)


@step("L47")
def spectral_map(use: Use) -> Proof:
    """The map x -> x - eta'(s+x)(2 Phi x(2s+x) + h), its slope and its end values; h between its bounds."""
    use("L25"), use("L26"), use("L42"), use("Q:jensen"), use("Q:hilbert")
    drift = (s + x) * (2 * phi * x * (2 * s + x) + h)
    inner = 3 * x**2 + 6 * s * x + 2 * s**2
    prove_equal(sp.diff((s + x) * x * (2 * s + x), x), inner, what="derivative")
    prove_equal(sp.diff(drift, x), 2 * phi * inner + h, what="slope of the drift")
    # (G0)_i = (c/d) E_i[2 Phi nu_i + h]: (4.2) at X = e_i e_i^T; with c = s + x, nu = x(2s + x).
    c = s + x
    prove_equal(c**2 - s**2, x * (2 * s + x), what="nu")
    nu, total = sp.symbols("nu total", real=True)  # total = sum_j theta_j^2 nu_j^2
    y2 = total + s**2 * (rho**2 - s**2)  # sum c_j^2 nu_j theta_j^2 with c_j^2 = s^2 + nu_j
    prove_equal((nu + s**2) * nu, nu**2 + s**2 * nu, what="sum c^2 nu theta^2")
    shift = lam * (xi1(rho) * y2 + xi2(rho) * (rho**2 - s**2))
    h0 = lam * (xi1(rho) * s**2 + xi2(rho)) * (rho**2 - s**2)
    prove_equal(shift, h0 + lam * xi1(rho) * total, what="h")
    # (rho^2 - s^2)^2 <= total <= nu_+^2: Jensen, and |nu_j| <= nu_+.
    e = sp.Symbol("e", nonnegative=True)
    ends = [(s, 0, sp.oo), (e, 0, s), (x, -e, e)]
    nonnegative("nu upper", nu_plus(e) - x * (2 * s + x), ends)
    nonnegative("nu lower", nu_plus(e) + x * (2 * s + x), ends)
    prove_equal(nu_minus(e), s**2 - (s - e) ** 2, what="nu_-")
    prove_equal(nu_plus(e), (s + e) ** 2 - s**2, what="nu_+")
    # The slope of the drift is at most Lb, so that the map increases for eta' <= 1/Lb.
    top, bottom = h0 + lam * xi1(rho) * nu_plus(eps) ** 2, h0 + lam * xi1(rho) * (rho**2 - s**2) ** 2
    steepest = 2 * Phi(rho) * (2 * s**2 + 6 * s * eps + 3 * eps**2) + top
    prove_equal(steepest, lb_of(rho, eps), what="Lb")
    nonnegative("slope", 2 * s**2 + 6 * s * e + 3 * e**2 - inner, ends)
    # End values: the smallest map at x = -eps (h largest), the largest at x = eps (h smallest).
    low = -(2 * Phi(rho) * x * (2 * s + x)).subs(x, -eps) - top
    prove_equal(low, mm_of(rho, eps), what="m_-")
    high = (2 * Phi(rho) * x * (2 * s + x)).subs(x, eps) + bottom
    prove_equal(high, mp_of(rho, eps), what="m_+")
    statement = {"mm": low, "mp": high, "Lb": steepest, "rho": rho, "pull": (s - eps, s + eps)}
    return Proof(statement, "certificate")


@step("L48")
def weyl(use: Use) -> Proof:
    """Weyl's inequality for singular values, quoted."""
    use("Q:weyl")
    return Proof(None, "quoted", {"instances": check_instances("Q:weyl")})


@step("L49")
def norm_of_block(use: Use) -> Proof:
    """The larger eigenvalue of T^T T for T = [[P, z], [0, B]]."""
    P, z, B, y = sp.symbols("P z B y", nonnegative=True)
    T = sp.Matrix([[P, z], [0, B]])
    S = P**2 + B**2 + z**2
    characteristic = (T.T * T - y * sp.eye(2)).det()
    root = sp.Symbol("root", nonnegative=True)
    square = [root**2 - (S**2 - 4 * P**2 * B**2)]
    prove_zero(sp.expand(characteristic.subs(y, (S + root) / 2)), modulo=square, what="larger root")
    prove_zero(sp.expand(characteristic.subs(y, (S - root) / 2)), modulo=square, what="smaller root")
    prove_equal(
        S**2 - 4 * P**2 * B**2, (P**2 - B**2) ** 2 + z**4 + 2 * z**2 * (P**2 + B**2), what="root is real"
    )
    return Proof(
        {"norm": sp.sqrt((S + sp.sqrt(S**2 - 4 * P**2 * B**2)) / 2), "P": P, "B": B, "z": z}, "identity"
    )


@step("gamma1-region")
def theorem_6(use: Use) -> Proof:
    """Invariance of the region, and contraction by ||T||/c."""
    use("L6"), use("L48"), use("L2"), use("L39"), use("L38"), use("L1")
    spectrum, lemma = use("L47").statement, use("gamma1-lemma-D").statement
    leak, outer = use("L22").statement, use("L21").statement
    edges, norm = use("L20").statement, use("L49").statement
    e = sp.Symbol("e", nonnegative=True)
    b = lemma["b"][1]
    c_D = lemma["c"].subs({lemma["symbol_b"]: b, lemma["radius"]: eps})
    # Room left by the pulls for eta ||G1||_2: (s -+ eps) m_-+ against (m2 (s+eps) - lam m1) zeta^2.
    leakage = leak["bound"].subs(leak["radius"], eps) * zeta**2
    prove_equal(leakage, (m2 * (s + eps) - lam * m1) * zeta**2, what="leakage")
    # Parts of c E - G0 - G1 and D (c - dM): T = [[c - b kap^2, sqrt(m2) zeta kap(-eps)], [0, c - kap^2]].
    c, k = sp.symbols("c k", positive=True)
    entries = {
        norm["P"]: c - lemma["sector"].subs({lemma["symbol_b"]: b, lemma["radius"]: eps}),
        norm["B"]: c - edges["lower"].subs(e, eps),
        norm["z"]: sp.sqrt(outer["bound"] ** 2 / outer["norm"] ** 2 / outer["N"] ** 2)
        * zeta
        * sp.sqrt(edges["upper"].subs(e, eps)),
    }
    mine, theirs = norm["norm"].subs(entries), t_norm(eps, zeta, c)
    prove_equal(mine**2, theirs**2, what="||T||")
    # ||c Delta - grad|| <= ||T|| ||Delta|| is the sector of L38 with c - kappa = ||T||.
    prove_equal((c - (c - k)), k, what="kappa_sp = c - ||T||")
    statement = {
        "c": lambda Lb: sp.Max(c_D, Lb),
        "norm": lambda at: theirs.subs(c, at),
        "leakage": leakage,
        "pulls": (spectrum["pull"][0], spectrum["pull"][1]),
        "kap0sq": kap0sq,
        "kap": kap_sq(eps),
        "d": d,
    }
    return Proof(statement, "identity")
