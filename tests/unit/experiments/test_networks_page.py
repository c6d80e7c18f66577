"""The example of docs/networks.md runs and does what its comments say."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from gsae_theory.experiments import hungarian_accuracy

PAGE = Path(__file__).resolve().parents[3] / "docs" / "networks.md"


def test_the_example_runs():
    """Catches an example that no longer fits the estimator."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102 - the project's own page
    assert np.shape(names["codes"]) == (500, 18)
    assert np.shape(names["again"]) == (500, 24)
    assert names["share"] > 0.9
    assert hungarian_accuracy(names["sample"].support[:, 0], names["cluster"]) == 1.0
