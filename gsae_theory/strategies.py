"""Hypothesis strategies for instances that satisfy the theorems' hypotheses by construction.

Structure is drawn (sizes, shares of admissible windows, an integer seed), never matrices, and nothing
is filtered: small to shrink, readable when printed. A share of 1 is the boundary of a hypothesis.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from gsae_theory.check import Context, Setting
from gsae_theory.model.spec import ModelSpec, build_model
from gsae_theory.simulate import STARTS
from gsae_theory.theory import Environment

KINDS = tuple(kind for kind in STARTS if kind != "near")
"""Starts whose distance is exact."""


@dataclass(frozen=True)
class Instance:
    """A model with a training setting, both plain data."""

    model: ModelSpec
    setting: Setting

    def context(self) -> Context:
        """Build the model and return the context in which theorems are verified."""
        return Context(build_model(self.model), self.setting)

    def __repr__(self) -> str:
        changed = {
            name: getattr(self.model, name)
            for name, field in ModelSpec.model_fields.items()
            if getattr(self.model, name) != field.default
        }
        return f"Instance({changed}, {self.setting})"


def shares(low: float = 0.0, high: float = 1.0) -> st.SearchStrategy[float]:
    """Return shares of an admissible window, with its ends drawn often."""
    inner = st.integers(0, 100).map(lambda k: low + (high - low) * k / 100)
    return st.one_of(st.sampled_from([low, high]), inner)


def limit_scale(lam: float, B_min: float, B_max: float) -> float:
    """Return s* for norms uniform on [B_min, B_max]."""
    m1, m2 = (B_min + B_max) / 2, (B_min**2 + B_min * B_max + B_max**2) / 3
    return float(Environment({"lam": lam, "m1": m1, "m2": m2})["s"])


@st.composite
def one_group(
    draw: st.DrawFn, blocks: tuple[int, ...] = (1, 2, 3, 4), steps: int = 60, max_groups: int = 4
) -> Instance:
    """Draw an instance of the one-active-group theory: the support window has room for a ball.

    Parameters
    ----------
    blocks : tuple of int
        Block sizes to draw from.
    steps : int
        Gradient steps of the run.
    max_groups : int
        Largest number of groups, >= 2.
    """
    d = draw(st.sampled_from(blocks))
    G = draw(st.integers(2, max_groups))
    n = G * d + draw(st.integers(1, 4))
    spread = draw(shares(0.0, 0.3))
    lam = round(draw(shares(0.05, 0.8)), 4)
    # (S) at delta = 0 reads s mu B_max <= lam: half of it at most, so that a ball of some size is left.
    coherence = draw(shares(0.0, 0.5)) * lam / (limit_scale(lam, 1.0, 1.0 + spread) * (1.0 + spread))
    orthogonal = coherence < 1e-6
    model = ModelSpec(
        dim=n,
        groups=G,
        block=d,
        dictionary="orthogonal" if orthogonal else "near_orthogonal",
        coherence=None if orthogonal else round(coherence, 6),
        radius_max=1.0 + spread,
        seed=draw(st.integers(0, 999)),
    )
    setting = Setting(
        lam=lam,
        fraction=draw(shares(0.05, 1.0)),
        start=draw(st.sampled_from(KINDS)),
        rotated=draw(st.booleans()),
        steps=steps,
        seed=model.seed,
    )
    return Instance(model, setting)


@st.composite
def several_groups(
    draw: st.DrawFn, active: tuple[int, ...] = (2,), blocks: tuple[int, ...] = (1, 2), steps: int = 30
) -> Instance:
    """Draw an instance for several active groups whose region R(delta, Phi) is admissible.

    Coherence is drawn below what general Theorem 3 admits at these sizes; `tests/properties` checks
    that no draw misses it.
    """
    d = draw(st.sampled_from(blocks))
    gamma = draw(st.sampled_from(active))
    G = draw(st.integers(12, 14))
    model = ModelSpec(
        dim=G * d + draw(st.integers(0, 4)),
        groups=G,
        block=d,
        active=gamma,
        dictionary="near_orthogonal",
        coherence=round(draw(shares(0.2, 1.0)) * (0.008 if gamma == 2 else 0.002), 6),
        radius_max=1.0 + draw(shares(0.0, 0.1)),
        seed=draw(st.integers(0, 999)),
    )
    setting = Setting(
        lam=round(draw(shares(0.1, 0.3)), 4),
        fraction=draw(shares(0.05, 1.0)),
        start=draw(st.sampled_from(KINDS)),
        steps=steps,
        seed=model.seed,
        accuracy=1e-8,
    )
    return Instance(model, setting)
