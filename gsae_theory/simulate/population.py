"""The exact population gradient: all supports x products of sphere and radius rules.

Two ways, chosen by a certificate: where it is certain that no group outside the support fires, only the
active blocks are touched; otherwise every group that may fire is looked at, for any activation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput, TooLarge
from gsae_theory.network.activations import GROUP_RELU, Activation
from gsae_theory.network.checks import check_lam, check_pair
from gsae_theory.simulate.code_space import (
    Batch,
    Certificate,
    Frame,
    Index,
    Moments,
    accumulate,
    batches,
    certify,
)
from gsae_theory.simulate.quadrature import block_rule, check_level, code_chunks, code_size

if TYPE_CHECKING:
    from gsae_theory.model import GenerativeModel

Array = NDArray[np.float64]
Nodes = list[tuple[Array, Array]]

BUDGET = 50_000_000  # rows (supports x nodes) of one gradient
_KEPT = 1 << 22  # numbers of a code rule that are kept between calls


@dataclass(frozen=True)
class GradientEstimate:
    """A gradient of the population loss.

    Attributes
    ----------
    gradient : array, shape (n, G, d)
    loss : float
    error : float
        A-posteriori estimate of the Frobenius norm of the quadrature error; inf where none was made.
    certified : bool
        Exactly the groups of the support fire, for every code of the law: the integrand is analytic.
    rows : int
        Supports x nodes.
    level, radius_nodes : int
        The rule.
    recovery : float
        P(the groups that fire are exactly the support); 1 where certified.
    size : float
        ||A E[x (h+v)^T]||_F + ||W E[h h^T]||_F, the size of the terms that cancel in the gradient.
    """

    gradient: Array
    loss: float
    error: float
    certified: bool
    rows: int
    level: int
    radius_nodes: int
    recovery: float
    size: float

    @property
    def relative_error(self) -> float:
        """`error` in units of `size`."""
        return self.error / self.size if self.size > 0 else self.error


@dataclass(frozen=True)
class Supports:
    """Supports of one size with their probabilities."""

    members: Index
    probabilities: Array


def _by_size(supports: Index, probabilities: Array) -> list[Supports]:
    sizes = (supports >= 0).sum(axis=1)
    order = np.sort(np.where(supports < 0, np.iinfo(np.int64).max, supports), axis=1)
    parts = [(sizes == k, k) for k in np.unique(sizes)]
    return [Supports(order[rows][:, :k], probabilities[rows]) for rows, k in parts]


@dataclass(frozen=True)
class PopulationRule:
    """A quadrature rule for a model, fixed once and used along a trajectory.

    Parameters
    ----------
    model : GenerativeModel
        Directions uniform on the sphere, no noise, bounded radius, d <= 4.
    level : int
        Level of the sphere rule.
    radius_nodes : int
        Points of the radius rule.
    act : Activation
    budget : int
        Largest number of rows (supports x nodes).
    shortcut : bool
        False looks at every group on every support, whatever is certain.
    given : tuple of Supports, optional
        Sum over these only; all supports of the law where left out.

    Raises
    ------
    InvalidInput
        If the model has no exact rule.
    TooLarge
        If more rows than `budget` are needed.
    """

    model: GenerativeModel
    level: int
    radius_nodes: int = 2
    act: Activation = GROUP_RELU
    budget: int = BUDGET
    shortcut: bool = True
    given: tuple[Supports, ...] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_exact(self.model)
        check_level(self.model.d, self.level)
        if self.rows > self.budget:
            raise TooLarge(
                "rows of the population gradient (supports x nodes)",
                self.rows,
                f"at most {self.budget}: take a smaller level than {self.level}, or the sampled gradient",
                "gradient = minibatch",
            )

    @cached_property
    def supports(self) -> tuple[Supports, ...]:
        """The supports summed over, by size: those given, else all of the law."""
        if self.given is not None:
            return self.given
        return tuple(_by_size(*self.model.support.enumerate(self.model.G)))

    @cached_property
    def _block(self) -> tuple[Array, Array]:
        return block_rule(self.model.radius, self.model.d, self.level, self.radius_nodes)

    def nodes_of(self, size: int) -> int:
        """Return the number of nodes for supports of `size` groups."""
        return code_size(self._block[0], size, self.act.odd) if size else 0

    @cached_property
    def rows(self) -> int:
        """Supports x nodes of one gradient."""
        return sum(len(s.members) * self.nodes_of(s.members.shape[1]) for s in self.supports)

    @cached_property
    def inclusion(self) -> Array:
        """P(g in S) for every group, shape (G,)."""
        total = np.zeros(self.model.G)
        for part in self.supports:
            np.add.at(total, part.members, part.probabilities[:, None])
        return total

    def _nodes(self, size: int) -> Nodes | Iterator[tuple[Array, Array]]:
        if size not in self._kept:
            chunks = code_chunks(*self._block, size, self.act.odd)
            if self.nodes_of(size) * size * self.model.d > _KEPT:
                return chunks
            self._kept[size] = list(chunks)
        return self._kept[size]

    @cached_property
    def _kept(self) -> dict[int, Nodes]:
        return {}

    def gradient(self, W: Array, lam: float) -> GradientEstimate:
        """Return the gradient of the population loss at `W`, without an error estimate.

        Parameters
        ----------
        W : array, shape (n, G, d)
        lam : float
            Threshold, >= 0.
        """
        W, A = check_pair(W, self.model.dictionary, ("W", "the dictionary"))
        frame, lam = Frame.of(W, A), check_lam(lam)
        seen = self.certificate(frame, lam)
        moments = self._moments(frame, lam, seen)
        energy = self._energy(A, self.inclusion)
        return self._assembled(W, moments, 0.5 * (energy - moments.energy), seen.exact)

    def certificate(self, frame: Frame, lam: float) -> Certificate:
        """Return what is certain about the supports at a frame."""
        law = self.model.radius
        seen = certify(frame, self.model.gamma, law.B_min, law.B_max, lam, self.act)
        if self.shortcut:
            return seen
        everything = np.full_like(seen.reach, np.inf)
        return Certificate(everything, False, seen.exact)

    def block_gradient(self, W: Array, lam: float) -> GradientEstimate:
        """Return the gradients of the block problems, G0(W_g), as a (n, G, d) array.

        G0(W_g) is the gradient for the data A_g x_g alone, with every group but g switched off: what
        grad_g L / p would be with one active group and no leakage.
        """
        W, A = check_pair(W, self.model.dictionary, ("W", "the dictionary"))
        frame, lam = Frame.of(W, A), check_lam(lam)
        groups = np.arange(self.model.G)[:, None]
        moments = Moments.zero(self.model.G, self.model.d)
        batch = Batch(groups, groups, np.ones(self.model.G))
        accumulate(moments, frame, batch, self._nodes(1), self.act, lam)
        energy = self._energy(A, np.ones(self.model.G))
        return self._assembled(W, moments, 0.5 * (energy - moments.energy), False)

    def _energy(self, A: Array, inclusion: Array) -> float:
        """Return E||A x||^2 for groups that are active with the given probabilities."""
        return float(inclusion @ np.einsum("ngi,ngi->g", A, A)) * self.model.radius.moment(2) / self.model.d

    def _moments(self, frame: Frame, lam: float, seen: Certificate) -> Moments:
        total, B_max = Moments.zero(self.model.G, self.model.d), self.model.radius.B_max
        for part in self.supports:
            size = part.members.shape[1]
            if size == 0:
                total.recovery += float(part.probabilities.sum()) if self.act.silent_below else 0.0
                continue
            for batch in batches(part.members, part.probabilities, seen, B_max, lam, self.act):
                accumulate(total, frame, batch, self._nodes(size), self.act, lam)
        return total

    def _assembled(self, W: Array, moments: Moments, loss: float, certified: bool) -> GradientEstimate:
        n, G, d = W.shape
        m = G * d
        cross, second = (X.transpose(0, 2, 1, 3).reshape(m, m) for X in (moments.cross, moments.second))
        first, last = self.model.dictionary.reshape(n, m) @ cross, W.reshape(n, m) @ second
        return GradientEstimate(
            gradient=(last - first).reshape(W.shape),
            loss=max(loss, 0.0),
            error=math.inf,
            certified=certified,
            rows=self.rows,
            level=self.level,
            radius_nodes=self.radius_nodes,
            recovery=1.0 if certified else min(moments.recovery, 1.0),
            size=float(np.linalg.norm(first) + np.linalg.norm(last)),
        )

    def with_rule(self, level: int, radius_nodes: int, budget: int | None = None) -> PopulationRule:
        """Return the rule for the same supports with other nodes."""
        budget = self.budget if budget is None else budget
        return replace(self, level=level, radius_nodes=radius_nodes, budget=budget, given=self.supports)


def check_exact(model: GenerativeModel) -> None:
    """Raise InvalidInput unless the model's population gradient can be had by quadrature."""
    if not model.direction.uniform_on_sphere:
        way_out = (
            "a direction law uniform on the sphere for the population gradient; use the sampled gradient"
        )
        raise InvalidInput("direction", getattr(model.direction, "name", "this law"), way_out, "uniform")
    noise = getattr(model.noise, "name", model.noise)
    if noise not in (None, "none"):
        raise InvalidInput(
            "noise", noise, "none for the population gradient; use the sampled gradient", "none"
        )
    check_level(model.d, 1)


def population_gradient(
    model: GenerativeModel,
    W: Array,
    lam: float,
    act: Activation = GROUP_RELU,
    level: int | None = None,
    radius_nodes: int | None = None,
    budget: int = BUDGET,
) -> GradientEstimate:
    """Return the exact gradient of the population loss with an estimate of the quadrature error.

    Parameters
    ----------
    model : GenerativeModel
        Directions uniform on the sphere, no noise, bounded radius, d <= 4.
    W : array, shape (n, G, d)
    lam : float
        Threshold, >= 0.
    act : Activation
    level, radius_nodes : int, optional
        The rule; chosen by node doubling where left out, see `levels.choose_rule`.
    budget : int
        Largest number of rows (supports x nodes).

    Raises
    ------
    InvalidInput
        If the model has no exact rule, or shapes do not fit.
    TooLarge
        If more rows than `budget` are needed.
    """
    from gsae_theory.simulate.levels import choose_rule, estimate_error

    rule = choose_rule(model, W, lam, act, level, radius_nodes, budget)
    found = rule.gradient(W, lam)
    return replace(found, error=found.size * estimate_error(rule, W, lam))


def population_loss(
    model: GenerativeModel, W: Array, lam: float, act: Activation = GROUP_RELU, level: int | None = None
) -> float:
    """Return the population loss E||y - yhat||^2 / 2; arguments as in `population_gradient`."""
    return population_gradient(model, W, lam, act, level).loss
