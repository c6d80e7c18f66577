"""Bounds that the sums over samples skip groups by: they are bounds in spite of single precision."""

from __future__ import annotations

import numpy as np
import pytest

from gsae_theory.seeds import generator
from gsae_theory.simulate.step_tables import Dictionary, StepTables


@pytest.mark.parametrize("d", [1, 2, 3])
def test_reach_is_above_every_response_and_close_to_it(d: int) -> None:
    """Catches a bound that forgets the rounding of products in single precision, which cancel for n = 400 rows.

    Almost orthogonal blocks: the products are sums of 400 terms that leave next to nothing.
    """
    rng = generator(11, "reach", d)
    A = np.linalg.qr(rng.standard_normal((400, 20 * d)))[0].reshape(400, 20, d)
    W = 1.1 * A + 1e-9 * rng.standard_normal(A.shape)
    tables = StepTables(W, Dictionary(A, np.float64))
    exact = np.linalg.norm(np.einsum("nhi,ngj->hgij", W, A), ord=2, axis=(2, 3))
    np.fill_diagonal(exact, 0.0)
    assert np.all(tables.reach >= exact)
    assert np.all(np.diag(tables.reach) == 0)
    assert tables.reach.max() < 1e-3
    tables.sharpen(np.ones(20, dtype=bool))
    assert np.all(tables.reach >= exact)
