"""Words, Gram matrices, sums of squares, intervals, second opinions: each is right where it can be compared.

Catches: a normal form that loses a term or forgets that matrices do not commute, a remainder that is not a
square, an LDL^T with a wrong pivot, an interval that does not contain the value, an extremum that misses it,
a translation to z3 that drops a constraint.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from gsae_theory.theory.spectral_region import REGION_CONSTANTS, region_values
from proofs_check.certify import conservative, region_constants
from proofs_check.core import Inequality, Unproved
from proofs_check.methods import interval
from proofs_check.methods.gram import implied, inner, ldl, prove_psd, square
from proofs_check.methods.interval import ball, compile_interval, lower, upper
from proofs_check.methods.words import Algebra, identity, letter, norm_bound, prove_same

x, y = sp.symbols("x y", positive=True)


def test_words_agree_with_matrices() -> None:
    """Catches a wrong product, transpose or trace: (A C + B D) is compared with numbers for random matrices."""
    rng = np.random.default_rng(0)
    Q = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    numbers = {"A": Q[:, :2], "B": Q[:, 2:], "C": rng.normal(size=(2, 2)), "D": rng.normal(size=(4, 2))}
    A, B, C, D = (
        letter(*item) for item in (("A", "n", "d"), ("B", "n", "k"), ("C", "d", "d"), ("D", "k", "d"))
    )
    from proofs_check.methods.words import zero

    algebra = Algebra(rules=((A.T * A, identity("d")), (B.T * B, identity("k")), (A.T * B, zero("d", "k"))))
    W = A * C + B * D
    prove_same(W.T * W, C.T * C + D.T * D, algebra)
    matrix = numbers["A"] @ numbers["C"] + numbers["B"] @ numbers["D"]
    assert np.allclose(matrix.T @ matrix, numbers["C"].T @ numbers["C"] + numbers["D"].T @ numbers["D"])
    with pytest.raises(Unproved):
        prove_same(W.T * W, C * C.T + D.T * D, algebra)
    with pytest.raises(ValueError, match="shapes"):
        W + C


def test_numbers_inside_words_are_pulled_out() -> None:
    """Catches a 1 x 1 piece that stays between letters, and a trace that is not cyclic."""
    u, v, K = letter("u", "d"), letter("v", "d"), letter("K", "d", "d", symmetric=True)
    algebra = Algebra(numbers=((u.T * u, 2),))
    prove_same(v * u.T * u * v.T, 2 * v * v.T, algebra)
    assert algebra.trace(u * v.T * K) == algebra.value(v.T * K * u)
    assert algebra.trace(K * u * u.T) == algebra.value(u.T * K * u)


def test_norm_bound_is_a_bound() -> None:
    """Catches a bound below the norm of an instance."""
    A, B = letter("A", "n", "d"), letter("B", "n", "d")
    bound = norm_bound((x * A - B).T * A, ((A, 1), (B, y)))
    assert sp.expand(bound - (x + y)) == 0
    with pytest.raises(Unproved):
        norm_bound(A * letter("C", "d", "d"), ((A, 1),))


def test_gram_accepts_only_true_remainders() -> None:
    """Catches an implication whose remainder is not the stated squares."""
    claim = square({"a": 1}) + square({"b": 1}) - inner({"a": 2}, {"b": 1})
    implied("square", claim, given=[], squares=[(1, {"a": 1, "b": -1})])
    with pytest.raises(Unproved):
        implied("square", claim, given=[], squares=[(1, {"a": 1, "b": 1})])
    with pytest.raises(Unproved):
        implied("negative", claim * -1, given=[(-1, claim)])


def test_ldl_is_exact() -> None:
    """Catches a wrong factor, and a semidefinite matrix with a zero pivot that is accepted though indefinite."""
    good = sp.Matrix([[2, 1, 0], [1, 1, sp.Rational(1, 2)], [0, sp.Rational(1, 2), sp.Rational(1, 2)]])
    prove_psd(good)
    for bad in (sp.Matrix([[0, 1], [1, 5]]), sp.Matrix([[1, 2], [2, 3]])):
        with pytest.raises(Unproved) as failure:
            prove_psd(bad)
        point = failure.value.counterexample
        assert point is not None
        vector = sp.Matrix([sp.Rational(value) for value in point.values()])
        assert (vector.T * bad * vector)[0, 0] < 0
    assert len(ldl(sp.Matrix([[1, 1], [1, 1]]))) == 1


@pytest.mark.parametrize("library", ["flint", "mpmath"])
def test_intervals_contain(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches rounding to the wrong side, in either library, for every operation that is supported."""
    if library == "flint":
        pytest.importorskip("flint")
    else:
        monkeypatch.setattr(interval, "flint", None)
    expr = sp.sqrt(x + 1) / (y - 3) ** 2 + sp.Max(x, y) - sp.Min(2 * x, y) ** 3 + (x - y) ** 2
    function = compile_interval(expr)
    wide = function({x: ball(Fraction(1, 3), Fraction(2, 3)), y: ball(1, 2)})
    exact = float(expr.subs({x: sp.Rational(1, 2), y: sp.Rational(3, 2)}))
    assert float(lower(wide)) <= exact <= float(upper(wide))
    assert interval.positive("p", 1 + x - x**2, [(x, 0, sp.Rational(3, 2))]) > 1
    with pytest.raises(Unproved):
        interval.positive("p", 1 + x - x**2, [(x, 0, 2)])


def test_certified_constants_contain_the_floating_ones() -> None:
    """Catches an enclosure of an extremum that misses it, and a value of the grid search that is off."""
    values = {"m1": "1.1", "m2": "1.21333", "lam": "0.3", "eps": "0.15", "delta": "0.4"}
    certified = region_constants(values)
    found = region_values({name: float(value) for name, value in values.items()})
    for name, (low, high) in certified.items():
        assert low - 1e-9 <= found[name] <= high + 1e-9
        assert high - low < 1e-7
    safe = conservative({name: float(value) for name, value in values.items()})
    for name, value in safe.items():
        assert abs(value - found[name]) < 1e-6
        assert value <= found[name] if REGION_CONSTANTS[name].kind == "min" else value >= found[name]


def test_second_opinions() -> None:
    """Catches a translation that makes z3 agree with something false."""
    smt = pytest.importorskip("proofs_check.methods.smt")
    true = Inequality(x**2 + 1 - 2 * x / y, ((x, sp.Integer(0), sp.oo), (y, sp.Integer(1), sp.oo)), "true")
    wrong = Inequality(x - sp.sqrt(x), ((x, sp.Integer(0), sp.Integer(2)),), "wrong")
    assert smt.second_opinion("s", true).answer == "agrees"
    assert smt.second_opinion("s", wrong).answer == "disagrees"


def test_slack_is_zero_where_an_inequality_is_attained() -> None:
    """Catches slack measured outside the region, or an attained inequality that seems to give something away."""
    from proofs_check import run
    from proofs_check.slack import INSTANCES, slack_by_step

    rows = {(row.step, row.what): row for row in slack_by_step(run(["L33"]))}
    attained = rows["L33", "X"]  # X >= m1 (m1 s - lam), with equality at constant R
    assert attained.slack == 0
    assert attained.instance.startswith("R = 1")
    assert set(INSTANCES) >= {row.instance for row in rows.values()}
    assert all(row.slack >= 0 for row in rows.values())
    assert rows["L33", "m2 s <= 4 X"].slack > 0.01
