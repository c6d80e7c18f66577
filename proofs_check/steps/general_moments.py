"""Steps G1, G2, G12, G13: decomposition, equivariance, Cauchy-Schwarz, second moments (general Lemmas 3, 4)."""

from __future__ import annotations

import sympy as sp

from gsae_theory.theory.interference_constants import alpha_R, c_R
from gsae_theory.theory.quantity import QUANTITIES
from gsae_theory.theory.symbols import G, R, d, expect_R, gamma, lam, m2, s
from proofs_check.core import Proof, Unproved, Use, step
from proofs_check.methods.identity import prove_equal, prove_zero
from proofs_check.methods.norm_rules import factor, odd_mean
from proofs_check.methods.norm_terms import Letter, Term, identity, mean, term, zero
from proofs_check.methods.norms import Equal, Fact, cancel, given_equal, reflexive, rewrite
from proofs_check.steps import general_setting as g
from proofs_check.steps.general_terms import T_TERMS, mean_letter

t = term


def same(left: Term, right: Term, what: str) -> None:
    """Confirm that two terms have the same normal form."""
    if left != right:
        raise Unproved(f"{what}: {left - right} is left over")


@step("G1")
def decomposition(use: Use) -> Proof:
    """E_g = T1 + ... + T9 from r = rbar - W dh + P, h = hbar + dh, y = A_g x + z, J_g."""
    use("G4")
    use("Q:differentiation")
    r, h, y = t(g.rb) - t(g.W, g.dh) + t(g.P), t(g.hb) + t(g.dh), t(g.A, g.x) + t(g.z)
    whole = -mean(r @ h.T) - mean(y @ (t(g.Jg, g.W.T) @ r).T)
    alone = -mean(t(g.rb, g.hb.T)) - mean(t(g.A, g.x) @ t(g.Jb, g.W.T, g.rb).T)
    total = T_TERMS[1]
    for number in range(2, 10):
        total = total + T_TERMS[number]
    # T6 carries J_g - Jbar as one letter.
    change = rewrite(reflexive(total), given_equal(Fact("=", t(g.Jr), t(g.Jg) - t(g.Jb), "J_g - Jbar")))
    same(whole - alone, change.right, "E_g - (T1 + ... + T9)")
    _directional_derivative()
    return Proof({"terms": dict(T_TERMS)}, "identity", {"words": len(change.right.parts)})


def _directional_derivative() -> None:
    """-<r, V h> - <r, W J V^T y> = -<r h^T + y (J W^T r)^T, V>: as traces, words up to rotation."""
    V, r, h, y, J, W = (
        Letter("V", "n", "d"), Letter("r", "n", "1"), Letter("h", "d", "1"), Letter("y", "n", "1"),
        Letter("J", "d", "d", symmetric=True), Letter("W", "n", "d"),
    )  # fmt: skip
    first, second = (r.T, V, h), (r.T, W, J, V.T, y)
    gradient = [(r, h.T, V.T), (y, r.T, W, J, V.T)]
    for scalar, word in zip((first, second), gradient, strict=True):
        rotations = {word[k:] + word[:k] for k in range(len(word))}
        transposed = tuple(letter.T for letter in reversed(scalar))
        if scalar not in rotations and transposed not in rotations:
            raise Unproved("the gradient is not what the directional derivative pairs with")


@step("G2")
def equivariance(use: Use) -> Proof:
    """sigma(Q^T u) = Q^T sigma(u) as ||Q^T u|| = ||u||, and W Q sigma(Q^T W^T y) = W sigma(W^T y)."""
    Q, u, W = Letter("Q", "d", "d"), Letter("u", "d", "1", frozenset("x")), Letter("W", "n", "d")
    orthogonal = given_equal(Fact("=", t(Q, Q.T), identity("d"), "Q in O(d)"))
    moved = t(Q.T, u)
    same(cancel(reflexive(moved.T @ moved), orthogonal).right, t(u.T, u), "||Q^T u||^2")
    same(cancel(reflexive(t(W, Q) @ moved), orthogonal).right, t(W, u), "W Q (Q^T u)")
    return Proof(None, "identity", {"loss": "L(W_g Q_g) = L(W)"})


@step("G12")
def lemma_three(use: Use) -> Proof:
    """<X, E a b^T> = E <X^T a, b>, Cauchy-Schwarz in L2, E||X^T a||^2 = <X X^T, E a a^T>."""
    use("Q:hilbert")
    use("Q:spectral")
    X, a, b = Letter("X", "n", "d"), Letter("a", "n", "1"), Letter("b", "d", "1")
    for trace, scalar in (((X.T, a, b.T), (b.T, X.T, a)), ((X, X.T, a, a.T), (a.T, X, X.T, a))):
        rotations = {trace[k:] + trace[:k] for k in range(len(trace))}
        if scalar not in rotations:
            raise Unproved("the trace is not the inner product")
    # Cauchy-Schwarz in the space of square-integrable columns: the Gram determinant of a pair, by Lagrange.
    u, v, w, z = sp.symbols("u v w z", real=True)
    prove_equal((u**2 + v**2) * (w**2 + z**2) - (u * w + v * z) ** 2, (u * z - v * w) ** 2, what="Lagrange")
    return Proof(None, "gram", {"pairs": "every two coordinates of (outcome, component)"})


def isotropic(scalar: sp.Expr, along: sp.Expr) -> sp.Expr:
    """Return c with E[scalar I + along theta theta^T] = c I, from E[theta theta^T | R] = I/d."""
    return expect_R(scalar + along / d)


@step("G13")
def second_moments(use: Use) -> Proof:
    """Lemma 4: second moments of one block, probabilities of supports, moments between blocks."""
    h0, a = s * R - lam, alpha_R
    moments = {
        "x x^T": (isotropic(0, R**2), m2 / d),
        "h0 h0^T": (isotropic(0, h0**2), QUANTITIES["kap0sq"].expr / d),
        "h0 x^T": (isotropic(0, h0 * R), QUANTITIES["w_corr"].expr / d),
        "J(s x)": (isotropic(a, 1 - a), QUANTITIES["j_bar"].expr),
        "J(s x)^2": (isotropic(a**2, 2 * a * (1 - a) + (1 - a) ** 2), QUANTITIES["j_two"].expr),
        "c^2 theta theta^T": (isotropic(0, c_R**2), QUANTITIES["c_bar"].expr.args[0].args[-1] / d),
    }
    for name, (left, right) in moments.items():
        prove_equal(left, right, what=name)
    prove_equal(s * h0 + c_R, R, what="x = s h0 + c theta")
    _probabilities()
    _between_blocks()
    return Proof(
        {name: value for name, (_, value) in moments.items()}, "expectation", {"moments": len(moments)}
    )


def _probabilities() -> None:
    """P(h in S | g in S) = (gamma-1)/(G-1), P(k in S | g, h in S) = (gamma-2)/(G-2), by counting supports."""
    # The theory's q and q2 are these probabilities (the symbol table defines them so).
    q_of = sp.binomial(G - 2, gamma - 2) / sp.binomial(G - 1, gamma - 1)
    prove_zero(sp.combsimp(sp.gammasimp(q_of)) - (gamma - 1) / (G - 1), what="q")
    q2_of = sp.binomial(G - 3, gamma - 3) / sp.binomial(G - 2, gamma - 2)
    prove_zero(sp.combsimp(sp.gammasimp(q2_of)) - (gamma - 2) / (G - 2), what="q2")


def _between_blocks() -> None:
    """Given g, h in S: E v_h x_k^T = 0 for h != k, and E J(ubar_h) xi_h z^T block by block."""
    cross = mean_letter(mean(t(g.Jth, g.Dh.T, g.Ah, g.xh, g.xk.T)))
    same(apart(cross).right, zero(cross.rows, cross.cols), "E v_h x_k^T")
    z = t(g.Ah, g.xh) + t(g.Ahk, g.xk) + t(g.e)
    opened = rewrite(reflexive(mean(t(g.Jth, g.xih) @ z.T)), given_equal(g.FACTS["=xih"]))
    letters = sorted({a for _, word in opened.right.parts for a in word if a.inner}, key=str)
    moment = rewrite(opened, *(apart(letter) for letter in letters)).right
    inner = t(g.Ahk) @ mean(t(g.xk, g.xk.T)) @ t(g.Ahk.T) + mean(t(g.e, g.e.T))
    same(moment, mean(t(g.Jth)) @ t(g.Wh.T) @ inner, "E J(ubar_h) xi_h z^T")


def apart(letter: Letter) -> Equal:
    """Return the mean of an outer product v w^T of independent odd columns (0), or of v v^T, taken first."""
    word = letter.inner
    place = next(k for k, item in enumerate(word) if item.cols == "1")
    if word[-1] == word[place].T and len(word) == place + 2:
        return factor(letter, place, place + 2)
    (alone,) = [k for k in (place, len(word) - 1) if not word[k].depends <= {"h"}][-1:]
    single = mean_letter(mean(t(word[alone])))
    return rewrite(factor(letter, alone, alone + 1), odd_mean(single))
