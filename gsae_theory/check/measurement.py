"""What an observable returns, and the registry of observables.

An observable measures; it knows nothing of the bound. The theorem's right-hand side is evaluated at
the instance and at the covariates that the observable reports, row by row.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput, UnknownName

if TYPE_CHECKING:
    from gsae_theory.check.context import Context

Kind = Literal["pathwise", "quadrature", "sampled"]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Measurement:
    """Rows of measured values.

    Attributes
    ----------
    values : array, shape (rows,)
    covariates : mapping from symbol name to array, shape (rows,)
        What the bound needs beside the instance, e.g. ``dist`` at the step before.
    labels : mapping from name to array, shape (rows,)
        Where a row comes from (iteration, group, ...), for the witness.
    error : float or array
        Half-width of what is known about the values: quadrature error or confidence half-width.
    kind : str
        ``pathwise`` (exact inequality on a sample), ``quadrature``, ``sampled``.
    scale : float
        Size at which rounding acts on a value; sets the absolute tolerance 1e-12 scale.
    trivial : float, optional
        A value that any implementation would reach; a bound above it is vacuous.
    note : str
        What the reader should know (e.g. "supports certified at every step").
    complete : bool
        False if the run ended early or a limit was not reached: then the claim is undecided unless refuted.
    arrays : callable from row to mapping of arrays, optional
        What a row was computed from, for claims about one sample: ``W``, ``y`` and where known ``on`` (its
        support) or ``group``. A witness becomes a script of its own with these.
    """

    values: Array
    covariates: Mapping[str, Array] = field(default_factory=dict)
    labels: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)
    error: float | Array = 0.0
    kind: Kind = "quadrature"
    scale: float = 1.0
    trivial: float | None = None
    note: str = ""
    complete: bool = True
    arrays: Callable[[int], Mapping[str, Any]] | None = None


Observable = Callable[["Context", Mapping[str, object]], Measurement]
OBSERVABLES: dict[str, Observable] = {}


def observable(name: str) -> Callable[[Callable[..., Measurement]], Callable[..., Measurement]]:
    """Register the decorated function as the observable `name`.

    The function takes the context and, if it has a second argument, the theorem's fixed parameters.

    Raises
    ------
    InvalidInput
        If the name is taken.
    """

    def add(function: Callable[..., Measurement]) -> Callable[..., Measurement]:
        if name in OBSERVABLES:
            raise InvalidInput("observable", name, "a name that is not registered yet")
        takes_parameters = len(inspect.signature(function).parameters) > 1
        OBSERVABLES[name] = function if takes_parameters else lambda context, _: function(context)
        return function

    return add


def get_observable(name: str) -> Observable:
    """Return the observable called `name`, or raise UnknownName with the closest one."""
    if name not in OBSERVABLES:
        raise UnknownName("observable", name, OBSERVABLES)
    return OBSERVABLES[name]
