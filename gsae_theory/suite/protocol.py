"""What an implementation has to offer to be tested, and what a given one offers."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from gsae_theory.errors import InvalidInput
from gsae_theory.suite.arrays import DTYPES, FRAMEWORKS

OPTIONAL = ("decode", "gradient", "step")


@runtime_checkable
class Autoencoder(Protocol):
    """The shallow group-sparse autoencoder: u_g = W_g^T y, h_g = max(0, 1 - lam/||u_g||) u_g, yhat = W h.

    Only `encode` and one of `gradient` and `step` are needed; what is left out is not tested. Every
    array is of the target's own kind: set the attribute ``framework`` to ``"numpy"`` (default),
    ``"torch"`` or ``"jax"``, and ``dtype`` to ``"float64"`` (default) or ``"float32"``. Arguments are
    copies and are passed by position. Sizes: N samples, n dimensions, G groups of d units.
    """

    def encode(self, W: Any, Y: Any, lam: float) -> Any:
        """Return the codes h, shape (N, G, d), of data `Y` (N, n) under weights `W` (n, G, d)."""

    def decode(self, W: Any, h: Any) -> Any:
        """Optional. Return yhat = sum_g W_g h_g, shape (N, n), for codes `h` (N, G, d)."""

    def gradient(self, W: Any, Y: Any, lam: float) -> Any:
        """Return the gradient in W, shape (n, G, d), of the mean over the samples of ||y - yhat||^2 / 2.

        The encoder's dependence on W counts (full gradient). A fourth parameter named ``weights``,
        shape (N,), sum 1, passed by name, turns the mean into a weighted one: exact integration for d >= 3.
        """

    def step(self, W: Any, Y: Any, lam: float, eta: float, p: float) -> Any:
        """Return W - (eta/p) gradient(W, Y, lam), shape (n, G, d); may take ``weights`` like `gradient`.

        p is the probability that a given group is active: one sample in 1/p concerns a block, and
        eta/p makes the speed of a block independent of the number of groups.
        """


@dataclass(frozen=True)
class Capabilities:
    """What a target claims.

    Attributes
    ----------
    decode, gradient, step : bool
        Whether the method is there; `encode` always is.
    gradient_weights, step_weights : bool
        Whether that method takes ``weights``.
    framework, dtype : str
    """

    decode: bool
    gradient: bool
    step: bool
    gradient_weights: bool
    step_weights: bool
    framework: str
    dtype: str

    def __str__(self) -> str:
        names = ["encode", *(name for name in OPTIONAL if getattr(self, name))]
        return ", ".join(names) + (" with weights" if self.gradient_weights or self.step_weights else "")


def check_capabilities(target: object, name: str = "target") -> Capabilities:
    """Return what `target` offers.

    Raises
    ------
    InvalidInput
        In one sentence, what is missing or not callable, or which framework or dtype is not known.
    """
    found = {method: getattr(target, method, None) for method in ("encode", *OPTIONAL)}
    for method, value in found.items():
        if value is not None and not callable(value):
            raise InvalidInput(f"{name}.{method}", value, "a method")
    have = [method for method, value in found.items() if value is not None]
    if "encode" not in have or not {"gradient", "step"} & set(have):
        raise InvalidInput(
            f"the methods of {name}",
            ", ".join(have) or "none",
            "encode, and gradient or step",
        )
    framework, dtype = getattr(target, "framework", "numpy"), getattr(target, "dtype", "float64")
    for attribute, value, known in (("framework", framework, FRAMEWORKS), ("dtype", dtype, DTYPES)):
        if value not in known:
            raise InvalidInput(f"{name}.{attribute}", value, "one of " + ", ".join(known), known[0])
    return Capabilities(
        decode="decode" in have,
        gradient="gradient" in have,
        step="step" in have,
        gradient_weights=_takes(found["gradient"], "weights"),
        step_weights=_takes(found["step"], "weights"),
        framework=framework,
        dtype=dtype,
    )


def _takes(function: Any, parameter: str) -> bool:
    if function is None:
        return False
    try:
        return parameter in inspect.signature(function).parameters
    except (TypeError, ValueError):  # a compiled function without a signature
        return False
