"""Values of expressions: real quantities stay real."""

from __future__ import annotations

import warnings

import numpy as np
import sympy as sp

from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.symbols import lam


def test_the_root_of_a_negative_number_is_no_number() -> None:
    """Catches a complex value that is cut to its real part, and the warning that NumPy gives then."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = Environment({"lam": 1.0}).evaluate(sp.sqrt(lam - 2))
    assert np.isnan(value)
    assert Environment({"lam": 6.0}).evaluate(sp.sqrt(lam - 2)) == 2.0
    # NumPy gives nan for the root of a float, SymPy's I is complex whatever the number is.
    assert np.isnan(Environment({"lam": 1.0}).evaluate(sp.sqrt(-lam)))


def test_an_environment_knows_what_it_has():
    """Catches a membership that says no to what can be read, or yes to what cannot."""
    values = Environment({"m1": 1.1, "m2": 1.25, "lam": 0.3})
    assert "m1" in values
    assert "a_ratio" in values
    assert "delta" not in values
    assert "no_such_symbol" not in values
