"""Hypothesis strategies for instances that satisfy the theorems' hypotheses by construction.

Structure is drawn (sizes, laws, shares of admissible windows, an integer seed), never matrices, and nothing
is filtered: small to shrink, readable when printed. A share of 1 is the boundary of a hypothesis.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import brentq

from gsae_theory.check import Context, Setting
from gsae_theory.model.spec import ModelSpec, build_model
from gsae_theory.simulate import STARTS
from gsae_theory.theory import Environment

KINDS = tuple(kind for kind in STARTS if kind != "near")
"""Starts whose distance is exact; each is extremal for some inequality of the theory."""
INSIDE = 1e-9
"""How far inside an open end of a window a share of 1 lies."""


@dataclass(frozen=True)
class Instance:
    """A model with a training setting, both plain data."""

    model: ModelSpec
    setting: Setting

    def context(self) -> Context:
        """Build the model and return the context in which theorems are verified."""
        return Context(build_model(self.model), self.setting)

    def for_test(self, test_id: str) -> Instance:
        """Return the instance with start and samples seeded by a test and the instance itself.

        blake2b of the test's id and the canonical bytes of the instance (side section 4): a result repeats
        exactly, and no seed is shared by two tests or two examples. The dictionary keeps its own seed.
        """
        plain = {"model": self.model.model_dump(), "setting": asdict(replace(self.setting, seed=0))}
        text = test_id + "\x1f" + json.dumps(plain, sort_keys=True)
        digest = hashlib.blake2b(text.encode(), digest_size=6).digest()
        return Instance(self.model, replace(self.setting, seed=int.from_bytes(digest, "big")))

    def at_step(self, share: float) -> Instance:
        """Return the instance with a step of `share` times the largest admissible one."""
        context = self.context()
        return Instance(self.model, replace(self.setting, eta=share * context.eta))

    def settled(self, left: float = 1e-13, least: int = 20) -> Instance:
        """Return the instance with as many steps as the proved rate needs to leave `left` of the start."""
        context = self.context()
        rate = 1 - context.eta * float(np.asarray(context.env["kappa_delta"]))
        return Instance(
            self.model, replace(self.setting, steps=least + math.ceil(math.log(left) / math.log(rate)))
        )

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


def threshold_window(active: int, mu: float, B_max: float, delta: float = 0.0) -> tuple[float, float] | None:
    """Return the thresholds that general Theorem 1 admits at coherence `mu`, norms uniform on [1, B_max].

    The window [lam_lo, ell) moves with s*(lambda), so that its ends are roots. None if it is empty.
    """
    reach = B_max * math.sqrt(active * (1 + (active - 1) * mu))
    top = 0.999 * (1 + B_max)  # lambda < 2 E R

    def low(lam: float) -> float:
        return lam - limit_scale(lam, 1.0, B_max) * active * mu * B_max - delta * reach

    def high(lam: float) -> float:
        return limit_scale(lam, 1.0, B_max) * (1 - (active - 1) * mu * B_max) - delta * reach - lam

    start = 1e-4
    if high(start) <= 0 or low(top) <= 0:
        return None
    first = start if low(start) >= 0 else float(brentq(low, start, top))
    last = top if high(top) >= 0 else float(brentq(high, start, top))
    return (first, last) if first < last else None


def explicit_window(active: int, mu: float, B_max: float, delta: float = 0.0) -> tuple[float, float] | None:
    """Return the thresholds that general Corollary 1.1 admits, without s*; None if there are none."""
    reach = delta * B_max * math.sqrt(active * (1 + (active - 1) * mu))
    off, on = active * mu * B_max, 1 - (active - 1) * mu * B_max
    if off >= 1 or on <= 0:
        return None
    low, high = (off + reach) / (1 - off), min((on - reach) / (1 - on / (2 * B_max)), 1.0)
    return (low, high) if low < high else None


def dictionaries(
    groups: st.SearchStrategy[int], block: int, coherence: st.SearchStrategy[float], spare: int = 4
) -> st.SearchStrategy[dict[str, Any]]:
    """Return the fields of a near-orthogonal dictionary: sizes and a coherence, orthogonal for (almost) 0."""

    def fields(parts: tuple[int, float, int]) -> dict[str, Any]:
        G, mu, extra = parts
        sizes = {"dim": G * block + extra, "groups": G, "block": block}
        if mu < 1e-6:
            return {**sizes, "dictionary": "orthogonal"}
        return {**sizes, "dictionary": "near_orthogonal", "coherence": round(mu, 6)}

    return st.tuples(groups, coherence, st.integers(1, spare)).map(fields)


def radii(spread: float) -> st.SearchStrategy[dict[str, Any]]:
    """Return laws of the norm on [1, 1 + spread]."""
    if spread <= 0:
        return st.just({})
    laws: list[dict[str, Any]] = [
        {},
        {"radius": "two_point", "radius_weight": 0.5},
        {"radius": "truncated_normal"},
        {"radius": "truncated_exponential"},
    ]
    return st.sampled_from(laws).map(lambda law: {"radius_max": 1.0 + spread, **law})


@st.composite
def one_group(
    draw: st.DrawFn,
    blocks: tuple[int, ...] = (1, 2, 3, 4),
    steps: int = 60,
    max_groups: int = 4,
    spread: float = 0.3,
    crowd: float = 0.96,
    ball: float = 0.01,
    fill: float = 1.0,
    top: float = 0.8,
    samples: int = 10_000,
    starts: tuple[str, ...] = KINDS,
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
    spread : float
        Norms lie in [1, 1 + spread]; 0 for constant norms.
    crowd : float
        Largest share of the coherence that (S) admits at delta = 0; below 1, so that a ball is left.
    ball, fill : float
        Smallest and largest share of the largest admissible radius, also where the start lies in the ball.
    top : float
        Largest threshold.
    samples : int
        Samples per gradient of stochastic claims.
    starts : tuple of str
        Kinds of start to draw from.
    """
    d = draw(st.sampled_from(blocks))
    wide = draw(shares(0.0, spread)) if spread else 0.0
    lam = round(draw(shares(0.05, top)), 4)
    # (S) at delta = 0 reads s mu B_max <= lam; norms uniform on the range have the largest s of these laws
    limit = lam / (limit_scale(lam, 1.0, 1.0 + wide) * (1.0 + wide))
    mu = shares(0.0, crowd).map(lambda share: share * min(limit, 0.9))
    model = ModelSpec(
        **draw(dictionaries(st.integers(2, max_groups), d, mu)),
        **draw(radii(wide)),
        seed=draw(st.integers(0, 999)),
    )
    setting = Setting(
        lam=lam,
        fraction=draw(shares(ball, fill)),
        start=draw(st.sampled_from(starts)),
        rotated=draw(st.booleans()),
        steps=steps,
        samples=samples,
        seed=model.seed,
    )
    return Instance(model, setting)


@st.composite
def square_block(draw: st.DrawFn, blocks: tuple[int, ...] = (1, 2, 3)) -> Instance:
    """Draw one group that fills the space, n = d: there is no direction outside its subspace."""
    d = draw(st.sampled_from(blocks))
    spread = draw(shares(0.0, 0.3))
    model = ModelSpec(
        dim=d, groups=1, block=d, dictionary="random", **draw(radii(spread)), seed=draw(st.integers(0, 999))
    )
    setting = Setting(
        lam=round(draw(shares(0.3, 0.8)), 4),
        fraction=draw(shares(0.02, 1.0)),
        start="random",
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
    mu = shares(0.2, 1.0).map(lambda share: share * (0.008 if gamma == 2 else 0.002))
    spread = draw(shares(0.0, 0.1))
    model = ModelSpec(
        **draw(dictionaries(st.integers(12, 14), d, mu)),
        active=gamma,
        radius_max=1.0 + spread,
        seed=draw(st.integers(0, 999)),
    )
    setting = Setting(
        lam=round(draw(shares(0.1, 0.3)), 4),
        fraction=draw(shares(0.02, 1.0)),
        start=draw(st.sampled_from(KINDS)),
        steps=steps,
        seed=model.seed,
        accuracy=1e-8,
    )
    return Instance(model, setting)


@st.composite
def several_groups_uniformly(draw: st.DrawFn, steps: int = 40) -> Instance:
    """Draw an instance of case (iv) of general Theorem 3: contraction of the largest distance."""
    d = draw(st.sampled_from((1, 2)))
    mu = shares(0.1, 1.0).map(lambda share: 0.002 * share)
    model = ModelSpec(
        **draw(dictionaries(st.integers(14, 20), d, mu)), active=2, seed=draw(st.integers(0, 999))
    )
    setting = Setting(
        lam=0.05,
        delta=round(draw(shares(0.01, 0.02)), 5),
        fraction=draw(shares(0.02, 1.0)),
        start=draw(st.sampled_from(KINDS)),
        steps=steps,
        seed=model.seed,
        accuracy=1e-8,
    )
    return Instance(model, setting)


@st.composite
def support_windows(draw: st.DrawFn, active: tuple[int, ...] = (1, 2, 3), explicit: bool = False) -> Instance:
    """Draw equiangular groups with a threshold at a share of the window of general Theorem 1.

    Share 0 is the closed end, at which leakage just reaches the threshold, share 1 the open one. With
    `explicit` the window is the smaller one of Corollary 1.1, which does not mention s*.
    """
    d, gamma = draw(st.sampled_from((1, 2, 3))), draw(st.sampled_from(active))
    G = gamma + draw(st.integers(1, 2))
    B_max = 1.0 + draw(shares(0.0, 0.2))
    # the window is empty beyond mu of about 1/(2 gamma B_max)
    mu = round(draw(shares(0.05, 1.0)) * 0.2 / (gamma * B_max), 6)
    delta = draw(shares(0.0, 1.0)) * 0.05 + 1e-4
    window = (explicit_window if explicit else threshold_window)(gamma, mu, B_max, delta)
    assert window is not None
    low, high = window
    share = draw(shares(0.0, 1.0))
    model = ModelSpec(
        dim=G * d + draw(st.integers(1, 2)),
        groups=G,
        block=d,
        active=gamma,
        dictionary="equiangular",
        coherence=mu,
        radius_max=B_max,
        seed=draw(st.integers(0, 999)),
    )
    lam = low + (high - low) * (INSIDE + (1 - 2 * INSIDE) * share)
    setting = Setting(
        lam=lam, delta=delta, fraction=draw(shares(0.02, 1.0)), start="random", steps=1, seed=model.seed
    )
    return Instance(model, setting)


@st.composite
def single_columns(draw: st.DrawFn) -> Instance:
    """Draw groups of one column, two or three active, for the expansion that is exact there."""
    gamma = draw(st.sampled_from((2, 3)))
    mu = shares(0.1, 1.0).map(lambda share: 0.02 * share)
    model = ModelSpec(
        **draw(dictionaries(st.integers(5, 7), 1, mu)),
        active=gamma,
        radius_max=1.0 + draw(shares(0.0, 0.1)),
        seed=draw(st.integers(0, 999)),
    )
    lam = round(draw(shares(0.15, 0.5)), 4)
    return Instance(model, Setting(lam=lam, delta=1e-3, steps=1, seed=model.seed, accuracy=1e-8))


@st.composite
def clusters(draw: st.DrawFn) -> Instance:
    """Draw groups with noise and a distance at shares of the tie of side T2.1.

    With noise nu = a nu_cluster, distances up to b delta_cluster(nu) make no error; shares below 1.
    """
    d, G = draw(st.sampled_from((1, 2, 3))), draw(st.integers(2, 4))
    mu = round(draw(shares(0.02, 0.9)), 4)
    lam = round(draw(shares(0.1, 0.8)), 4)
    level = draw(shares(0.0, 0.97)) * math.sqrt((1 - mu) / 2)
    s = limit_scale(lam, 1.0, 1.0)
    tie = s * math.sqrt(1 - mu) * (math.sqrt(1 - mu) - math.sqrt(2) * level) / (2 * (1 + level))
    noise = {"noise": "sphere", "noise_level": round(level, 6)} if level > 1e-5 else {}
    model = ModelSpec(
        dim=G * d + 1, groups=G, block=d, dictionary="equiangular", coherence=mu, **noise,
        seed=draw(st.integers(0, 999)),
    )  # fmt: skip
    share = draw(shares(0.02, 0.97))
    setting = Setting(lam=lam, delta=share * tie, fraction=1.0, start="random", steps=1, seed=model.seed)
    return Instance(model, setting)


@st.composite
def coherent_clusters(draw: st.DrawFn) -> Instance:
    """Draw coherent groups, at which the error under Gaussian noise is clearly below its bound."""
    d, G = draw(st.sampled_from((1, 2))), draw(st.integers(5, 8))
    model = ModelSpec(
        dim=G * d + 1,
        groups=G,
        block=d,
        dictionary="equiangular",
        coherence=round(draw(shares(0.4, 0.7)), 4),
        seed=draw(st.integers(0, 999)),
    )
    return Instance(model, Setting(lam=0.5, delta=0.01, steps=1, seed=model.seed))
