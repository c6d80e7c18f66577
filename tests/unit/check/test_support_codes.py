"""The codes on which claims about supports are tried are the worst there are."""

from __future__ import annotations

import numpy as np
import pytest

from gsae_theory.check import Setting
from gsae_theory.check.observables.supports import adversarial_codes
from gsae_theory.model.spec import ModelSpec
from gsae_theory.strategies import Instance


@pytest.mark.parametrize("d", [1, 2, 3])
def test_every_pair_of_groups_has_its_loudest_leakage_and_every_group_its_faintest_code(d: int) -> None:
    """Catches pairs that are left out, a norm at the wrong end of its range, the wrong singular vector."""
    spec = ModelSpec(dim=5 * d, groups=4, block=d, dictionary="random", radius_min=0.8, radius_max=1.3)
    context = Instance(spec, Setting(lam=0.3, start="random")).context()
    W, A = context.W0, context.model.dictionary
    active, codes = adversarial_codes(context, W)
    K = np.einsum("nhi,ngj->hgij", W, A)
    singular = np.linalg.svd(K, compute_uv=False)
    responses = np.linalg.norm(np.einsum("hrij,rj->hri", K[:, active], codes), axis=2)
    for g in range(4):
        mine = responses[:, active == g]
        for h in set(range(4)) - {g}:
            assert mine[h].max() == pytest.approx(1.3 * singular[h, g, 0], rel=1e-12)
        assert mine[g].min() == pytest.approx(0.8 * singular[g, g, -1], rel=1e-12)
