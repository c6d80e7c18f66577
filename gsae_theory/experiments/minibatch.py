"""Minibatch training of shallow and unfolded networks."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.network.checks import check_data
from gsae_theory.network.normalisers import get_normaliser
from gsae_theory.network.optimisers import Optimiser, get_optimiser
from gsae_theory.network.unfolded import Step, Unfolded

Array = NDArray[np.float64]
Watch = Callable[[int, Array, float], None]
LEARNABLE = ("lam", "step")


@dataclass(frozen=True)
class Fit:
    """A trained network.

    Attributes
    ----------
    W : array, shape (n, G, d)
    lam, step : array, shape (layers,), or for `step` the word ``"spectral"``
    loss : array, shape (epochs,)
        Mean over the epoch's minibatches of the loss before each update.
    updates : int
    """

    W: Array
    lam: Array
    step: Step
    loss: Array
    updates: int


@dataclass(frozen=True)
class Schedule:
    """How to train.

    Attributes
    ----------
    epochs : int
    batch : int
        Samples per update; the last batch of an epoch may be smaller.
    optimiser : str
        ``sgd`` or ``adam``.
    rate : float
        Step on the mean loss.
    decay : float
        The rate of epoch k is rate / (1 + decay k).
    normalise : str
        Constraint after every update: none, columns, blocks or orthonormal.
    learn : collection of str
        Subset of {"lam", "step"} to train as well, in the logarithm so that they stay positive.
    """

    epochs: int = 20
    batch: int = 64
    optimiser: str = "adam"
    rate: float = 0.01
    decay: float = 0.0
    normalise: str = "none"
    learn: Collection[str] = ()

    def __post_init__(self) -> None:
        for name in ("epochs", "batch"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
                raise InvalidInput(name, value, "an integer >= 1", 1)
        for name in self.learn:
            if name not in LEARNABLE:
                raise UnknownName("learn", str(name), LEARNABLE)
        get_normaliser(self.normalise)
        get_optimiser(self.optimiser, self.rate)
        if not (np.isfinite(self.decay) and self.decay >= 0):
            raise InvalidInput("decay", self.decay, "a finite number >= 0", 0.0)


def fit_minibatch(
    network: Unfolded,
    W: Array,
    Y: Array,
    lam: ArrayLike,
    rng: np.random.Generator,
    schedule: Schedule | None = None,
    *,
    step: Step = 1.0,
    mask: Array | None = None,
    target: Array | None = None,
    watch: Watch | None = None,
) -> Fit:
    """Train from the weights `W` on the rows of `Y`.

    Parameters
    ----------
    lam, step, mask, target
        As in `Unfolded`; `mask` and `target` have one row per row of `Y`.
    rng : numpy.random.Generator
        Shuffles every epoch.
    watch : callable, optional
        Given the epoch, the weights after it and its mean loss.

    Raises
    ------
    InvalidInput
        If something is not admissible, or the weights stop being finite (the rate is too large).
    """
    plan = schedule or Schedule()
    data = check_data(Y, len(W))
    if len(data) == 0:
        raise InvalidInput("rows of Y", 0, "at least one sample", 1)
    state = _State(network, plan, np.array(W, dtype=float), lam, step)
    losses = np.zeros(plan.epochs)
    for epoch in range(plan.epochs):
        state.optimiser.rate = plan.rate / (1 + plan.decay * epoch)
        order = rng.permutation(len(data))
        total = 0.0
        for start in range(0, len(data), plan.batch):
            rows = order[start : start + plan.batch]
            total += len(rows) * state.advance(data[rows], _rows(mask, rows), _rows(target, rows))
        losses[epoch] = total / len(data)
        if watch is not None:
            watch(epoch, state.W, float(losses[epoch]))
    return Fit(state.W, state.lam, state.step, losses, state.updates)


class _State:
    """Weights, thresholds and steps on their way."""

    def __init__(self, network: Unfolded, plan: Schedule, W: Array, lam: ArrayLike, step: Step) -> None:
        self.network, self.plan, self.W = network, plan, W
        self.lam = np.broadcast_to(np.asarray(lam, dtype=float), (network.layers,)).copy()
        self.step: Step = (
            step
            if isinstance(step, str)
            else np.broadcast_to(np.asarray(step, float), (network.layers,)).copy()
        )
        if "step" in plan.learn and isinstance(step, str):
            raise InvalidInput("step", step, "a number, for a step that is learned", 1.0)
        if "lam" in plan.learn and not (self.lam > 0).all():
            raise InvalidInput("lam", lam, "a number > 0, for a threshold that is learned", 0.1)
        self.optimiser: Optimiser = get_optimiser(plan.optimiser, plan.rate)
        self.normalise = get_normaliser(plan.normalise)
        self.updates = 0

    def advance(self, Y: Array, mask: Array | None, target: Array | None) -> float:
        learn = self.plan.learn
        with np.errstate(over="ignore", invalid="ignore"):  # checked below
            value, by = self.network.loss_and_gradient(
                self.W, Y, self.lam, self.step, mask, target, scalars=bool(learn)
            )
            update = self.optimiser.update("W", by.W)
        if not (np.isfinite(value) and np.isfinite(update).all()):
            rate = self.plan.rate
            raise InvalidInput("rate", rate, "a rate so small that the weights stay finite", rate / 10)
        self.W = self.normalise(self.W + update)
        if "lam" in learn:
            self.lam = self.lam * np.exp(self.optimiser.update("lam", by.lam * self.lam))
        if "step" in learn:
            steps = np.asarray(self.step, dtype=float)
            self.step = steps * np.exp(self.optimiser.update("step", by.step * steps))
        self.updates += 1
        return value


def _rows(array: Array | None, rows: NDArray[np.int64]) -> Array | None:
    return None if array is None else array[rows]
