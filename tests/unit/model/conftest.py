"""What the tests of the model room share."""

from collections.abc import Callable

import numpy as np
import pytest

LEVEL = 1e-9  # chance that one sampled assertion rejects a true statement


@pytest.fixture
def agrees() -> Callable[..., None]:
    """Assert that a sample mean agrees with a stated expectation (Maurer-Pontil at level 1e-9).

    `resolution` guards against an empty test: the band must be narrower than the error it should catch.
    """

    def check(values: np.ndarray, expected: float, spread: float, resolution: float) -> None:
        values = np.asarray(values, float).ravel()
        N, log = len(values), np.log(4 / LEVEL)
        half = np.sqrt(2 * values.var(ddof=1) * log / N) + 7 * spread * log / (3 * (N - 1))
        assert half < resolution, "the sample is too small to mean anything"
        assert abs(values.mean() - expected) <= half + 1e-12 * abs(expected)

    return check
