"""Gradient descent W <- W - (eta/p) grad L(W), and what is recorded on the way."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.network.activations import Activation, get_activation
from gsae_theory.network.checks import check_lam, check_pair
from gsae_theory.plain import rows_html
from gsae_theory.simulate.levels import TOLERANCE, choose_rule, estimate_error
from gsae_theory.simulate.metric import aligned_distances, spectrum, unaligned_distance
from gsae_theory.simulate.population import BUDGET, GradientEstimate, PopulationRule
from gsae_theory.simulate.sampled import CHUNK, SampledGradient, replayed, sample_gradient

if TYPE_CHECKING:
    from gsae_theory.model import GenerativeModel

Array = NDArray[np.float64]
Estimate = GradientEstimate | SampledGradient
Source = Callable[[Array], Estimate]
Status = Literal["converged", "finished", "diverged"]

GRADIENTS = ("population", "minibatch", "sample")
DIVERGED = 1e6  # growth of the distance that counts as divergence


@dataclass(frozen=True, eq=False)
class Trajectory:
    """A run; row 0 of every array is the start, T the number of steps that were taken.

    Attributes
    ----------
    distance : array, shape (T + 1, G)
        Procrustes distance to scale * A.
    distance_generating : array, shape (T + 1, G)
        Procrustes distance to A.
    distance_unaligned : array, shape (T + 1, G)
        ||W_g - A_g||_F.
    sigma_min, sigma_max : array, shape (T + 1, G)
        Extreme singular values of A_g^T W_g.
    norm_D : array, shape (T + 1, G)
        ||(I - A_g A_g^T) W_g||_2.
    loss, recovery, gradient_norm : array, shape (T + 1,)
        Loss, P(exactly the groups of the support fire) and ||grad L||_F, exact or from the samples.
    certified_steps : array of bool, shape (T + 1,)
        The supports are exact for every code of the law.
    W : array, shape (n, G, d)
        The last iterate.
    status : str
        ``converged`` (a step shorter than `tol`), ``finished`` (all steps taken) or ``diverged``
        (weights beyond 1e6 times the distance of the start or `scale`, or overflow: the arrays end before).
    gradient_error : float
        In units of grad L / p, Frobenius: the largest quadrature error found at a few steps, or the
        largest standard error of a sampled gradient (which is not a bound).
    eta, lam, scale, p : float
        Setting; p = E|S| / G.
    gradient, activation : str
    level, radius_nodes, rows : int
        Quadrature rule; 0 for sampled gradients.
    samples : int
        Samples per gradient; 0 for the exact one.
    """

    distance: Array
    distance_generating: Array
    distance_unaligned: Array
    sigma_min: Array
    sigma_max: Array
    norm_D: Array
    loss: Array
    recovery: Array
    gradient_norm: Array
    certified_steps: NDArray[np.bool_]
    W: Array
    status: Status
    gradient_error: float
    eta: float
    lam: float
    scale: float
    p: float
    gradient: str
    activation: str
    level: int
    radius_nodes: int
    rows: int
    samples: int

    @property
    def steps(self) -> int:
        """Steps taken."""
        return len(self.distance) - 1

    @property
    def certified(self) -> bool:
        """Supports certified at every step."""
        return bool(self.certified_steps.all())

    def _repr_html_(self) -> str:
        last = self.distance[-1]
        return rows_html(
            f"run of {self.steps} steps, {self.status}",
            [
                ("eta, lambda", f"{self.eta:.6g}, {self.lam:.6g}"),
                ("gradient", f"{self.gradient}, {self.activation}"),
                ("largest distance, start and end", f"{self.distance[0].max():.6g}, {last.max():.6g}"),
                ("loss, start and end", f"{self.loss[0]:.6g}, {self.loss[-1]:.6g}"),
                ("supports", "certified at every step" if self.certified else "not certified at every step"),
                ("error of the gradient", self.gradient_error),
            ],
        )

    def _repr_latex_(self) -> str:
        first, last = self.distance[0].max(), self.distance[-1].max()
        return (
            rf"$\displaystyle \max_g\operatorname{{dist}}_g:\ {first:.4g}\to{last:.4g},\quad "
            rf"k={self.steps},\ \eta={self.eta:.4g}$"
        )

    def to_dict(self, weights: bool = False) -> dict[str, Any]:
        """Return the run as plain JSON data; the last iterate only if `weights`."""
        names = [f.name for f in fields(self) if weights or f.name != "W"]
        values = {name: getattr(self, name) for name in names}
        plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in values.items()}
        return {**plain, "steps": self.steps, "certified": self.certified}


def descend(
    model: GenerativeModel,
    W0: Array,
    lam: float,
    eta: float,
    steps: int,
    scale: float = 1.0,
    activation: str | Activation = "group_relu",
    gradient: str = "population",
    samples: int = 10_000,
    level: int | None = None,
    radius_nodes: int | None = None,
    rng: np.random.Generator | None = None,
    progress: Callable[[int, int], None] | None = None,
    tol: float = 0.0,
    chunk: int = CHUNK,
    budget: int = BUDGET,
    accuracy: float = TOLERANCE,
) -> Trajectory:
    """Run gradient descent from `W0` and record distances, spectra, loss and support recovery.

    Parameters
    ----------
    model : GenerativeModel
    W0 : array, shape (n, G, d)
    lam : float
        Threshold, >= 0.
    eta : float
        Step, > 0, in units of eta/p.
    steps : int
        Gradient steps, >= 1.
    scale : float
        Scale of the limit, s.
    activation : str or Activation
    gradient : str
        ``population`` (exact, for models that allow it), ``minibatch`` (fresh samples at every step) or
        ``sample`` (the same samples at every step).
    samples : int
        Samples per gradient unless it is exact.
    level, radius_nodes : int, optional
        Quadrature; chosen once, at `W0`, where left out.
    rng : Generator
        Required for sampled gradients.
    progress : callable (done, total), optional
    tol : float
        Stop when a step moves the weights by at most this in Frobenius norm; 0 takes all steps.
    chunk : int
        Samples held at once.
    budget : int
        Largest number of rows of one exact gradient.
    accuracy : float
        Relative error that the choice of the rule aims at.

    Returns
    -------
    Trajectory

    Raises
    ------
    InvalidInput, UnknownName, TooLarge
        Before any step, if an argument is out of range or the model has no affordable exact gradient.
    """
    W, A = check_pair(W0, model.dictionary, ("W0", "the dictionary"))
    lam, act = check_lam(lam), get_activation(activation)
    _check_run(eta, steps, scale, tol, gradient)
    rule: PopulationRule | None = None
    if gradient == "population":
        rule = choose_rule(model, W, lam, act, level, radius_nodes, budget, accuracy)
    source = _source(model, lam, act, rule, gradient, samples, rng, chunk)
    p = float(model.support.p(model.G))
    recorder = _Recorder(A, scale, steps, _error_measure(rule, lam))
    status: Status = "finished"
    for step in range(steps + 1):
        with np.errstate(over="ignore", invalid="ignore"):
            estimate = source(W) if recorder.admits(W) else None
        if estimate is None or not _finite(estimate):
            status = "diverged"
            break
        recorder.add(W, estimate)
        if step == steps:
            break
        move = (eta / p) * estimate.gradient
        if np.linalg.norm(move) <= tol:
            status = "converged"
            break
        W = W - move
        if progress is not None:
            progress(step + 1, steps)
    return recorder.finished(
        status=status,
        p=p,
        eta=float(eta),
        lam=lam,
        scale=float(scale),
        gradient=gradient,
        activation=act.name,
        level=rule.level if rule else 0,
        radius_nodes=rule.radius_nodes if rule else 0,
        rows=rule.rows if rule else 0,
        samples=0 if rule else int(samples),
    )


def _finite(estimate: Estimate) -> bool:
    return math.isfinite(estimate.loss) and bool(np.isfinite(estimate.gradient).all())


def _check_run(eta: float, steps: int, scale: float, tol: float, gradient: str) -> None:
    if gradient not in GRADIENTS:
        raise UnknownName("gradient", gradient, GRADIENTS)
    for name, value in (("eta", eta), ("scale", scale)):
        if not (math.isfinite(value) and value > 0):
            raise InvalidInput(name, value, "a finite number > 0", 1.0)
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 1:
        raise InvalidInput("steps", steps, "an integer >= 1", 1)
    if not (math.isfinite(tol) and tol >= 0):
        raise InvalidInput("tol", tol, "a finite number >= 0", 0.0)


def _source(
    model: GenerativeModel,
    lam: float,
    act: Activation,
    rule: PopulationRule | None,
    gradient: str,
    samples: int,
    rng: np.random.Generator | None,
    chunk: int,
) -> Source:
    if rule is not None:
        return lambda W: rule.gradient(W, lam)
    if rng is None:
        raise InvalidInput("rng", None, f"a numpy.random.Generator, needed for gradient = {gradient}")
    if gradient == "minibatch":
        return lambda W: sample_gradient(model, W, lam, act, samples, rng, chunk)
    frozen = replayed(rng)
    return lambda W: sample_gradient(model, W, lam, act, samples, replayed(frozen), chunk)


def _error_measure(rule: PopulationRule | None, lam: float) -> Callable[[Array, Estimate], float]:
    """Return what estimates the error of a gradient: by node doubling, or the standard error."""

    def error(W: Array, estimate: Estimate) -> float:
        if isinstance(estimate, SampledGradient):
            return estimate.total_standard_error
        assert rule is not None  # an estimate that was not sampled came from it
        return estimate.size * estimate_error(rule, W, lam)

    return error


class _Recorder:
    """Collects the rows of a trajectory."""

    def __init__(self, A: Array, scale: float, steps: int, error: Callable[[Array, Estimate], float]) -> None:
        self.A, self.scale, self.error = A, scale, error
        self.checked = {0, steps // 4, steps // 2}  # exact gradients are doubled here and at the end
        self.rows: dict[str, list[Any]] = {}
        self.limit, self.worst = math.inf, 0.0
        self.last: tuple[Array, Estimate] | None = None

    def admits(self, W: Array) -> bool:
        """Return whether the iterate is finite and within the limit of divergence."""
        size = float(np.sqrt(np.einsum("ngi,ngi->g", W, W).max()))
        return math.isfinite(size) and size <= self.limit

    def add(self, W: Array, estimate: Estimate) -> None:
        """Record an iterate with the gradient there."""
        to_limit, generating = aligned_distances(W, self.A, (self.scale, 1.0))
        shape = spectrum(W, self.A)
        row = {
            "distance": to_limit,
            "distance_generating": generating,
            "distance_unaligned": unaligned_distance(W, self.A),
            "sigma_min": shape.values_C[:, -1],
            "sigma_max": shape.values_C[:, 0],
            "norm_D": shape.norm_D,
            "loss": estimate.loss,
            "recovery": estimate.recovery,
            "gradient_norm": float(np.linalg.norm(estimate.gradient)),
            "certified_steps": isinstance(estimate, GradientEstimate) and estimate.certified,
        }
        for name, value in row.items():
            self.rows.setdefault(name, []).append(value)
        if self.last is None:
            self.limit = DIVERGED * max(float(to_limit.max()), self.scale)
        if isinstance(estimate, SampledGradient) or len(self.rows["loss"]) - 1 in self.checked:
            self.worst = max(self.worst, self.error(W, estimate))
        self.last = W, estimate

    def finished(self, p: float, **setting: Any) -> Trajectory:
        """Return the run."""
        if self.last is None:
            raise InvalidInput("W0", "these weights", "weights so small that the gradient does not overflow")
        W, estimate = self.last
        worst = max(self.worst, self.error(W, estimate))
        arrays: dict[str, Any] = {name: np.array(values) for name, values in self.rows.items()}
        return Trajectory(**arrays, W=W, gradient_error=worst / p, p=p, **setting)
