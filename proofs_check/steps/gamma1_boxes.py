"""What holds on whole ranges of the threshold, by interval arithmetic: (H2) alone, (K1a), (K1b), Theorem 6.

R is uniform on [1, b] (b = 1: constant) or takes two values. A range of lam is run through by s = s*(lam):
F'(s) = 0 is quadratic in lam, and lam(s) is its smaller root; s*(lam) <= s_end where lam <= lam(s_end).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from gsae_theory.theory.scalars import h3_slack, h3b_slack, kap_sq
from gsae_theory.theory.spectral_region import Lb_max, eps, k1a_slack, k1b_slack, mm_min, mp_min, zeta
from gsae_theory.theory.symbols import TABLE, lam, m1, m2, s
from proofs_check.certify import enclosure, instance, outward
from proofs_check.core import Proof, Unproved, Use, step
from proofs_check.methods.identity import prove_equal, prove_zero, unfold
from proofs_check.methods.interval import ball, compile_interval, positive, surely_positive
from proofs_check.steps.gamma1_sectors import HALF, SECTOR_5

b, rho, e = sp.symbols("b rho e", positive=True)
_LINEAR = m1 * (3 * s**2 - 1)
_ROOT = sp.sqrt(_LINEAR**2 - 8 * m2 * s**2 * (s**2 - 1))
LAM_OF_S = 4 * m2 * s * (s**2 - 1) / (_LINEAR + _ROOT)
"""The smaller root of F'(s) = 0 in lam."""
UNIFORM = ((1 + b) / 2, (1 + b + b**2) / 3)


@dataclass(frozen=True)
class Range:
    """A law of R and the thresholds (0, top], with a scale s_end >= s*(top).

    Attributes
    ----------
    name : str
    top, s_end : sympy.Expr
        s_end may depend on b.
    spread : pair of rationals
        Range of b.
    moments : pair of expressions
        E R and E R^2.
    """

    name: str
    top: sp.Expr
    s_end: sp.Expr
    spread: tuple[sp.Expr, sp.Expr] = (sp.Integer(1), sp.Integer(1))
    moments: tuple[sp.Expr, sp.Expr] = UNIFORM

    def law(self) -> list[tuple[sp.Symbol, sp.Expr, sp.Expr]]:
        """Return the rows of b and of the moments."""
        return [
            (b, *self.spread),
            *((m, value, value) for m, value in zip((m1, m2), self.moments, strict=True)),
        ]

    def rows(self) -> list[tuple[sp.Symbol, sp.Expr, sp.Expr]]:
        """Return the region: law, s and the threshold that belongs to it."""
        at = LAM_OF_S
        if self.spread == (1, 1) and self.moments == UNIFORM:
            at = s - 1 / s  # the same for constant R, without a root [L8]
        return [*self.law(), (s, sp.Integer(1), self.s_end), (lam, at, at)]


def _range(name: str, top: str, s_end: str, low: str = "1", high: str = "1") -> Range:
    return Range(name, sp.Rational(top), sp.Rational(s_end), (sp.Rational(low), sp.Rational(high)))


def _two(name: str, top: str, s_end: str, first: str, second: str) -> Range:
    ends = sp.Rational(first), sp.Rational(second)
    moments = (sum(ends) / 2, sum(end**2 for end in ends) / 2)
    return Range(name, sp.Rational(top), sp.Rational(s_end), moments=moments)


_FAMILY = sp.Rational("1.2441") - (b - 1) / 10
H2_ALONE = (
    _range("R = 1", "0.4469", "1.24812"),
    _range("U[1, 1.2]", "0.4882", "1.24534", "1.2", "1.2"),
    _range("U[1, 1.5]", "0.5410", "1.23539", "1.5", "1.5"),
    Range("U[1, b], b in [1, 1.5]", sp.Rational("0.44"), _FAMILY, (sp.Integer(1), sp.Rational("1.5"))),
)
K1_RANGES = (
    _range("R = 1", "0.45", "1.2501"),
    _range("U[1, 1.2]", "0.45", "1.2245", "1.2", "1.2"),
    _range("U[1, 1.5]", "0.6", "1.2637", "1.5", "1.5"),
    _two("two values 1, 2", "0.3", "1.0931", "1", "2"),
    _two("two values 0.7, 2.1", "0.25", "1.0727", "0.7", "2.1"),
)


def covers(item: Range) -> None:
    """Confirm that s runs through s*(lam) for every lam in (0, top]: lam(s_end) >= top, top < m1."""
    at_end = LAM_OF_S.subs(s, item.s_end)
    positive(f"{item.name}: s_end", [at_end - item.top, m1 - item.top], item.law())


def stationary_in_lam(use: Use) -> None:
    """Confirm that LAM_OF_S is the smaller root of F'(s) = 0 in lam, the larger one being at least m1."""
    stationary = use("L9").statement["stationary"]
    root = sp.Symbol("root", nonnegative=True)
    square = [root**2 - (_LINEAR**2 - 8 * m2 * s**2 * (s**2 - 1))]
    smaller = LAM_OF_S.subs(_ROOT, root)
    prove_zero(stationary.subs(lam, smaller), modulo=square, what="lam(s)")
    prove_zero(smaller - (_LINEAR - root) / (2 * s), modulo=square, what="smaller root")
    larger = (_LINEAR + root) / (2 * s)
    prove_zero(stationary.subs(lam, larger), modulo=square, what="larger root")
    # (3s^2 - 1)/(2s) >= 1 for s >= 1.
    prove_equal(_LINEAR / (2 * s) - m1, m1 * (3 * s + 1) * (s - 1) / (2 * s), what="larger root >= m1")


@step("gamma1-H2-alone")
def ball_from_h2(use: Use) -> Proof:
    """(H3) and (H3') at the largest radius that (H2) allows, kap0/(2 sqrt m2), hence at every smaller one."""
    use("L19"), use("L12"), use("L8")
    stationary_in_lam(use)
    radius = HALF * sp.sqrt(kap_sq(0) / m2)
    pieces = {}
    for item in H2_ALONE:
        covers(item)
        region = [*item.rows(), (e, radius, radius)]
        pieces[item.name] = positive(item.name, [h3_slack(e), h3b_slack(e)], region)
    return Proof([(item.name, item.top) for item in H2_ALONE], "interval", {"pieces": pieces})


@step("gamma1-K1")
def larger_ball_conditions(use: Use) -> Proof:
    """(K1a), (K1b) at t = 0.59, hence at every smaller radius."""
    use("L44"), use("L12"), use("L8")
    stationary_in_lam(use)
    radius = SECTOR_5 * sp.sqrt(kap_sq(0) / m2)
    pieces = {}
    for item in K1_RANGES:
        covers(item)
        region = [*item.rows(), (e, radius, radius)]
        for slack, low in ((k1a_slack, sp.sqrt(s**2 - e**2)), (k1b_slack, s - e)):
            name = f"{item.name}, {slack.__name__}"
            pieces[name] = positive(name, slack(rho, e), [*region, (rho, low, s)])
    return Proof([(item.name, item.top) for item in K1_RANGES], "interval", {"pieces": pieces})


REGION_RANGES = (_range("R = 1", "0.45", "1.2501"), _range("U[1, 1.2]", "0.45", "1.2245", "1.2", "1.2"))
ROOM, LEAK = sp.Rational(1, 50), sp.Rational(1, 10)
"""Room that eps leaves for noise at the start beyond s* - 1, and a bound zeta on ||D_g||_2."""


@step("gamma1-T6-box")
def region_on_ranges(use: Use) -> Proof:
    """m_-, m_+ and the leakage condition for every rho, with eps = s* - 1 + .02 and zeta = .1."""
    pulls, statement = use("L47").statement, use("gamma1-region").statement
    use("L12"), use("L8")
    stationary_in_lam(use)
    low, high = statement["pulls"]
    pieces = {}
    for item in REGION_RANGES:
        covers(item)
        claims = [
            low * pulls["mm"] - statement["leakage"].subs(zeta, LEAK),
            high * pulls["mp"] - statement["leakage"].subs(zeta, LEAK),
        ]
        region = [*item.rows(), (eps, s - 1 + ROOM, s - 1 + ROOM), (pulls["rho"], s - eps, s + eps)]
        pieces[item.name] = positive(item.name, claims, region)
    return Proof([(item.name, item.top) for item in REGION_RANGES], "interval", {"pieces": pieces})


TABLE_6 = (
    # E R, E R^2, lam, eps, largest zeta, d/eta, kappa_sp/kappa* at zeta = .1
    ("R = 1", "1", "1", "0.2", "0.125", "0.520", "4.74", "0.740"),
    ("R = 1", "1", "1", "0.45", "0.270", "0.264", "5.65", "0.432"),
    ("U[1, 1.2]", "1.1", "3.64/3", "0.2", "0.1147", "0.512", "5.68", "0.762"),
    ("U[1, 1.2]", "1.1", "3.64/3", "0.45", "0.2444", "0.410", "6.64", "0.485"),
)


def _exact(text: str) -> Fraction:
    top, _, below = text.partition("/")
    return Fraction(top) / Fraction(below or "1")


@step("gamma1-T6-values")
def table_of_theorem_6(use: Use) -> Proof:
    """The printed values, each enclosed: zeta is admissible, c at most the value, kappa_sp at least it."""
    statement = use("gamma1-region").statement
    use("L47"), use("L12")
    (low, high), enclosures = statement["pulls"], {}
    tiny = Fraction(1, 1000)  # the values are printed to three digits
    for name, first, second, threshold, radius, leak, c, kappa in TABLE_6:
        at = instance({"m1": _exact(first), "m2": _exact(second), "lam": threshold, "eps": radius})
        at |= {TABLE[item].symbol: enclosure(item, at) for item in ("mm_min", "mp_min", "Lb_max")}
        at[zeta] = ball(_exact(leak) - tiny)
        c_region = statement["c"](Lb_max)
        ratio = (c_region - statement["norm"](c_region).xreplace({zeta: LEAK})) / statement["kap0sq"]
        claims = {
            "m_-": mm_min,
            "m_+": mp_min,
            "zeta": sp.Min(low * mm_min, high * mp_min) - statement["leakage"],
            "c": sp.Rational(c) + sp.Rational(1, 100) - c_region,
            "kappa_sp": ratio - sp.Rational(kappa) + sp.Rational(1, 1000),
        }
        for what, claim in claims.items():
            value = compile_interval(unfold(claim))(at)
            if not surely_positive(value):
                raise Unproved(f"{name}, lam = {threshold}: {what} is not certain ({value})")
            enclosures[f"{name}, lam = {threshold}, {what}"] = outward(value)
    return Proof(TABLE_6, "interval", enclosures)
