"""Instances on which a target is tested: inside the hypotheses by construction, small ones first.

Structure is a table, not chance, so that every run covers every block size and every adversarial start;
`--gsae-seed` turns dictionaries, starts and samples. The deep profile adds repetitions of the table with
other shares of the windows.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check import Context, Setting
from gsae_theory.model.spec import ModelSpec, build_model
from gsae_theory.seeds import generator, seed_for
from gsae_theory.simulate import block_rule
from gsae_theory.strategies import limit_scale

Array = NDArray[np.float64]

PROFILES = {"quick": 1, "deep": 12}
"""How often the table is gone through."""
RADIUS_NODES = 2  # where supports are exact only E R and E R^2 enter (gamma1 [L3])

# block, groups, room outside the blocks, spread of the norms, lambda, share of the coherence, start
TABLE = (
    (1, 2, 1, 0.0, 0.2, 0.0, "rank_one_in"),
    (1, 4, 3, 0.2, 0.45, 0.8, "rank_one_out"),
    (2, 2, 1, 0.0, 0.2, 0.0, "out_of_subspace"),
    (2, 3, 2, 0.2, 0.45, 0.5, "random"),
    (2, 4, 3, 0.0, 0.7, 0.9, "rank_one_out"),
    (3, 2, 2, 0.1, 0.45, 0.4, "rank_one_in"),
    (4, 2, 1, 0.0, 0.3, 0.3, "scale"),
)


def profile() -> str:
    """Return ``quick`` or ``deep``, from HYPOTHESIS_PROFILE like the package's own tests."""
    name = os.environ.get("HYPOTHESIS_PROFILE", "quick")
    return name if name in PROFILES else "quick"


@dataclass(frozen=True)
class Case:
    """One instance with one active group, a ball around s*A and a start in it.

    Attributes
    ----------
    spec : ModelSpec
    setting : Setting
    """

    spec: ModelSpec
    setting: Setting

    def __str__(self) -> str:
        m = self.spec
        return f"d{m.block}-G{m.groups}-n{m.dim}-lam{self.setting.lam:g}-{self.setting.start}-{self.spec.seed % 1000:03d}"

    def describe(self) -> str:
        """Return the instance in a line."""
        m, c = self.spec, self.context
        norms = "R = 1" if m.radius_max == 1 else f"R uniform on [1, {m.radius_max:g}]"
        return (
            f"n={m.dim}, G={m.groups}, d={m.block}, one active group (p={c.constants['p']:.4g}), {norms}, "
            f"lambda={c.lam:g}, mu={c.constants['mu']:.4g}, s*={c.s:.6g}, ball delta={c.delta:.4g}, "
            f"eta={c.eta:.4g}, start {self.setting.start}, seed {m.seed}"
        )

    @cached_property
    def context(self) -> Context:
        """Model, constants, ball, step and start."""
        return Context(build_model(self.spec), self.setting)

    @property
    def A(self) -> Array:
        """Dictionary, shape (n, G, d)."""
        return self.context.model.dictionary

    @property
    def p(self) -> float:
        """P(g in S)."""
        return self.context.constants["p"]

    @cached_property
    def W(self) -> Array:
        """Weights on the edge of the ball, blocks rotated at random."""
        return np.array(self.context.W0)

    @cached_property
    def limit(self) -> Array:
        """s* A_g Q_g with random rotations Q_g."""
        return self.context.s * rotated(self.A, self.rotations("limit"))

    def rng(self, name: str) -> np.random.Generator:
        """Return the generator of a component of this instance."""
        return generator(self.spec.seed, "suite", name)

    def rotations(self, name: str) -> Array:
        """Return random elements of O(d), shape (G, d, d)."""
        from gsae_theory.simulate import haar_rotations

        return haar_rotations(self.spec.groups, self.spec.block, self.rng(name))

    def samples(self, count: int, name: str = "samples") -> tuple[Array, NDArray[np.int64]]:
        """Return data (N, n) and the group that generated each, shape (N,)."""
        draws = self.context.model.sample(count, self.rng(name))
        return self.context.model.observe(draws), draws.support[:, 0]

    def mixtures(self, count: int, name: str = "mixtures") -> Array:
        """Return data (N, n) with every group active, at norms on both sides of the threshold.

        No theorem with one active group covers them, but formulas that hold for any data do. Rows on
        which a group is within 1e-3 of the threshold at `W` are left out: the gradient jumps there.
        """
        rng, shape = self.rng(name), (2 * count, self.spec.groups, 1)
        x = rng.uniform(0, 1.5, shape) * rng.standard_normal((*shape[:2], self.spec.block))
        Y = np.einsum("ngi,kgi->kn", self.A, x)
        off = np.linalg.norm(np.einsum("ngi,kn->kgi", self.W, Y), axis=-1) / self.context.lam - 1
        return Y[(np.abs(off) > 1e-3).all(axis=1)][:count]

    def mixed(self, count: int) -> Array:
        """Return samples and as many mixtures, for statements on any data."""
        return np.concatenate([self.samples(count)[0], self.mixtures(count)])

    @cached_property
    def nodes(self) -> tuple[Array, Array]:
        """Data (K, n) and weights (K,) whose weighted mean is the population mean, to rounding."""
        model = self.context.model
        x, w = block_rule(model.radius, model.d, self.context.rule.level, RADIUS_NODES)
        Y = np.concatenate([x @ self.A[:, g].T for g in range(model.G)])
        return Y, np.tile(w, model.G) / model.G

    @cached_property
    def equal_weights(self) -> bool:
        """Whether the nodes have one weight, so that a plain mean over them will do."""
        return bool(np.ptp(self.nodes[1]) < 1e-12 * self.nodes[1].max())

    def extremal(self) -> tuple[Array, NDArray[np.int64]]:
        """Return the data that are hardest for the supports at `W`, and their groups.

        Per group the code that makes the active group faintest, and for every other group the code of
        largest norm that it hears loudest (gamma1 Theorem 1(a)).
        """
        law, G = self.context.model.radius, self.spec.groups
        rows, truth = [], []
        for g, h in product(range(G), range(G)):
            _, _, Vt = np.linalg.svd(self.W[:, h].T @ self.A[:, g])
            theta, R = (Vt[-1], law.B_min) if g == h else (Vt[0], law.B_max)
            rows.append(R * self.A[:, g] @ theta)
            truth.append(g)
        return np.array(rows), np.array(truth)


def rotated(W: Array, Q: Array) -> Array:
    """Return the blocks W_g Q_g."""
    return np.ascontiguousarray(np.einsum("ngi,gij->ngj", W, Q))


def cases(seed: int, repeats: int | None = None) -> list[Case]:
    """Return the instances of a run.

    Parameters
    ----------
    seed : int
    repeats : int, optional
        How often to go through the table; by the profile if left out.
    """
    count = PROFILES[profile()] if repeats is None else repeats
    return [_case(row, seed, index, turn) for turn in range(count) for index, row in enumerate(TABLE)]


def _case(row: tuple[int, int, int, float, float, float, str], seed: int, index: int, turn: int) -> Case:
    d, G, room, spread, lam, share, start = row
    own = seed_for(seed, "suite", index, turn) % 10**6
    if turn:  # the same structure elsewhere in the windows
        u = generator(own, "shares").random(3)
        lam, share, spread = round(0.05 + 0.75 * u[0], 4), 0.95 * u[1], round(0.3 * u[2], 4) * bool(spread)
    # (S) at delta = 0 reads s mu B_max <= lam; at most half of that, so that a ball is left.
    limit = 0.5 * lam / (limit_scale(lam, 1.0, 1.0 + spread) * (1.0 + spread))
    spec = ModelSpec(
        dim=G * d + room,
        groups=G,
        block=d,
        dictionary="near_orthogonal" if share else "orthogonal",
        coherence=round(share * limit, 6) if share else None,
        radius_max=1.0 + spread,
        seed=own,
    )
    setting = Setting(lam=lam, fraction=0.95, start=start, rotated=True, seed=own)
    return Case(spec, replace(setting))
