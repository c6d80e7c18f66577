"""One instance under test: model, training setting, the numbers the theory needs, and the run.

Everything a measurement asks for more than once (start, trajectory) is computed once and shared by
all theorems that are verified on the instance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check.choose import admissible_radius
from gsae_theory.check.measurement import Measurement, get_observable
from gsae_theory.errors import InvalidInput, MissingValue, UnknownName
from gsae_theory.model import GenerativeModel, _admit
from gsae_theory.network import get_activation
from gsae_theory.seeds import generator
from gsae_theory.simulate import (
    STARTS,
    PopulationRule,
    Trajectory,
    choose_rule,
    descend,
    estimate_error,
    procrustes_distance,
    spectrum,
    start,
)
from gsae_theory.simulate.levels import LEVELS
from gsae_theory.theory.quantity import Environment
from gsae_theory.theory.spectral_region import region_values
from gsae_theory.theory.theorem import Theorem

Array = NDArray[np.float64]
# Steps whose formula contains an extremum over a norm, found in floating point.
EXTREMAL_STEPS = ("eta_max_region",)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Setting:
    """How the network is started and trained, and the radius at which constants are evaluated.

    Attributes
    ----------
    lam : float
        Threshold, > 0.
    eta : float or str
        Step in units of eta/p: a number, or the name of a quantity (``eta_max``, ``eta_bar``,
        ``eta_opt``, ...). ``auto`` is ``eta_max`` for one active group and ``eta_bar`` otherwise.
    delta : float or str
        Radius of the ball. ``auto`` is `fraction` of the largest radius that the hypotheses admit.
    fraction : float
        In (0, 1]; also where the start lies: its distance is `fraction` * delta.
    start : str
        Kind of start, see `gsae_theory.simulate.starts`.
    rotated : bool
        Rotate every block of the start at random (the theory is blind to it).
    steps : int
        Gradient steps, >= 1.
    gradient : str
        ``population`` (exact), ``minibatch`` or ``sample``.
    samples : int
        Samples per gradient unless the gradient is exact.
    activation : str
        Name of the activation.
    level : int or None
        Quadrature level; None chooses by node doubling.
    accuracy : float
        Relative quadrature error that the choice aims at; what is reached is estimated and used.
    seed : int
    """

    lam: float
    eta: float | str = "auto"
    delta: float | str = "auto"
    fraction: float = 0.9
    start: str = "random"
    rotated: bool = True
    steps: int = 200
    gradient: str = "population"
    samples: int = 10_000
    activation: str = "group_relu"
    level: int | None = None
    accuracy: float = 1e-12
    seed: int = 0

    def __post_init__(self) -> None:
        _admit.length("lam", self.lam)
        if not 0 < self.fraction <= 1:
            raise InvalidInput(
                "fraction", self.fraction, "a number in (0, 1]", min(max(self.fraction, 0.1), 1.0)
            )
        get_activation(self.activation)
        if self.start not in STARTS:
            raise UnknownName("start", self.start, STARTS)
        if isinstance(self.delta, str) and self.delta != "auto":
            raise InvalidInput("delta", self.delta, "a number > 0 or auto", "auto")
        if self.steps < 1:
            raise InvalidInput("steps", self.steps, "an integer >= 1", 1)
        for name in ("eta", "delta"):
            value = getattr(self, name)
            low, high = _admit.LENGTHS
            if not isinstance(value, str) and not low <= value <= high:
                size = f"number in [{low:g}, {high:g}]" if 0 < value < np.inf else "finite number > 0"
                admissible = f"a {size}, or the name of a quantity, or auto"
                raise InvalidInput(name, value, admissible, "auto")


def admit_level(level: int | None, block: int) -> None:
    """Refuse a quadrature level whose error cannot be told from the change when it is doubled.

    Raises
    ------
    InvalidInput
        If blocks have several columns and the rule is not exact to degree 5.
    """
    first = LEVELS[0]
    if level is not None and level < first and block > 1:
        why = f"an integer >= {first} (exact to degree 5) where a block has several columns"
        raise InvalidInput("level", level, why, first)


@dataclass(frozen=True)
class Context:
    """A model with a setting; see the attributes for what observables can read.

    Attributes
    ----------
    model : GenerativeModel
    setting : Setting
    progress : callable (done, total), optional
        Called during the trajectory.
    """

    model: GenerativeModel
    setting: Setting
    progress: Progress | None = field(default=None, compare=False)

    @cached_property
    def constants(self) -> dict[str, float]:
        """Constants that the model measures about itself."""
        values = self.model.constants()
        limit = 2 * values["m1"]
        if not self.setting.lam < limit:
            raise InvalidInput(
                "lam",
                self.setting.lam,
                f"0 < lambda < 2 E R = {limit:.6g}: above it the limit scale s* does not exist",
                round(0.99 * limit, 6),
            )
        return values

    @cached_property
    def base(self) -> Environment:
        """Constants of the model with the threshold."""
        return Environment({**self.constants, "lam": self.setting.lam})

    @cached_property
    def s(self) -> float:
        """Scale of the limit, s*."""
        return float(self.base["s"])

    @property
    def lam(self) -> float:
        """Threshold."""
        return self.setting.lam

    @cached_property
    def radius(self) -> dict[str, float]:
        """The ball: ``delta`` and, for several active groups, ``Phi``."""
        return admissible_radius(self.base, self.setting.delta, self.setting.fraction)

    @property
    def delta(self) -> float:
        """Radius of the ball."""
        return self.radius["delta"]

    @cached_property
    def eta(self) -> float:
        """Step, in units of eta/p."""
        name = self.setting.eta
        if not isinstance(name, str):
            return float(name)
        if name == "auto":
            name = "eta_max" if self.model.gamma == 1 else "eta_bar"
        try:
            start = spectrum(self.W0, self.model.dictionary)
            values = {**self.radius, "eps": float(np.abs(start.values_C - self.s).max())}
            environment = self.base.with_values(**values)
            if name in EXTREMAL_STEPS:
                environment = environment.with_values(**region_values(environment))
            return float(environment[name])
        except MissingValue as problem:
            raise InvalidInput(
                "eta", name, "a number > 0 or the name of a step-size quantity", "auto"
            ) from problem

    @cached_property
    def ball(self) -> float:
        """Largest common distance of all groups inside the region: delta, or Phi/sqrt(G) if that is less."""
        if "Phi" not in self.radius:
            return self.delta
        return min(self.delta, self.radius["Phi"] / float(np.sqrt(self.model.G)))

    @cached_property
    def W0(self) -> Array:
        """Start, shape (n, G, d)."""
        return start(
            self.setting.start,
            self.model.dictionary,
            self.s,
            self.setting.fraction * self.ball,
            self.rng("start"),
            rotated=self.setting.rotated,
        )

    @cached_property
    def env(self) -> Environment:
        """Everything the theory needs: constants, lam, eta, the ball, and the start as measured."""
        A = self.model.dictionary
        distance = procrustes_distance(self.W0, A, self.s)
        shape = spectrum(self.W0, A)
        inside = shape.values_C - self.s
        trace = inside.sum(axis=1)
        several = A.shape[2] > 1
        shape_part = (
            np.linalg.norm(inside - trace[:, None] / A.shape[2], axis=1) if several else np.abs(trace)
        )
        return self.base.with_values(
            **self.radius,
            eta=self.eta,
            dist0_max=float(distance.max()),
            F0=float(np.linalg.norm(distance)),
            zeta=float(shape.norm_D.max()),
            D0_min=float(shape.norm_D.min()),
            eps=float(np.abs(inside).max()),
            E0_min=float(shape_part.min()),
        )

    @cached_property
    def _siblings(self) -> dict[str, Context]:
        return {}

    def for_theorem(self, theorem: Theorem) -> Context:
        """Return this context, or one with the step that `theorem` is about if the step is left to us."""
        name = theorem.parameters.get("eta")
        if name is None or self.setting.eta != "auto":
            return self
        if str(name) not in self._siblings:
            self._siblings[str(name)] = replace(self, setting=replace(self.setting, eta=str(name)))
        return self._siblings[str(name)]

    def env_for(self, theorem: Theorem) -> Environment:
        """Return `env` with the constants that `theorem` takes from floating-point extrema."""
        names = cast(tuple[str, ...], theorem.parameters.get("not_certified", ()))
        return self.env.with_values(**region_values(self.env, names)) if names else self.env

    @cached_property
    def rule(self) -> PopulationRule:
        """Quadrature rule of the exact population gradient, chosen where the ball is hardest to integrate."""
        setting = self.setting
        admit_level(setting.level, self.model.d)
        act = get_activation(setting.activation)
        # The smallest singular value of C_g brings ||u_g|| closest to the kink at lambda.
        radius = min(self.ball, 0.999 * self.s)
        W = start("rank_one_in", self.model.dictionary, self.s, radius, self.rng("rule"))
        return choose_rule(self.model, W, self.lam, act, setting.level, tol=setting.accuracy)

    def gradient(self, W: Array) -> tuple[Array, float, float]:
        """Return grad L / p, shape (n, G, d), its error in Frobenius norm, and the loss, at `W`."""
        estimate = self.rule.gradient(W, self.lam)
        p = self.constants["p"]
        return (
            estimate.gradient / p,
            estimate.size * estimate_error(self.rule, W, self.lam) / p,
            estimate.loss,
        )

    @cached_property
    def trajectory(self) -> Trajectory:
        """The run, computed once."""
        exact = self.setting.gradient == "population"
        return descend(
            self.model,
            self.W0,
            self.setting.lam,
            self.eta,
            self.setting.steps,
            self.s,
            activation=self.setting.activation,
            gradient=self.setting.gradient,
            samples=self.setting.samples,
            level=self.rule.level if exact else None,
            radius_nodes=self.rule.radius_nodes if exact else None,
            rng=self.rng("trajectory"),
            progress=self.progress,
            accuracy=self.setting.accuracy,
        )

    @cached_property
    def _measurements(self) -> dict[tuple[str, str], Measurement]:
        return {}

    def measure(self, theorem: Theorem) -> Measurement:
        """Return what `theorem` measures here; claims about one observable share one measurement.

        Sharing is also what the false-alarm budget wants: one confidence limit, booked once, covers
        every claim that is held against it.
        """
        key = (theorem.observable, repr(sorted(theorem.parameters.items(), key=lambda item: item[0])))
        if key not in self._measurements:
            self._measurements[key] = get_observable(theorem.observable)(self, theorem.parameters)
        return self._measurements[key]

    def rng(self, name: str) -> np.random.Generator:
        """Return the generator of the component `name` of this instance."""
        return generator(self.setting.seed, "context", name)

    def describe_setting(self) -> dict[str, Any]:
        """Return the setting as plain data, with the values that `auto` took."""
        return {**asdict(self.setting), "eta": self.eta, **self.radius}
