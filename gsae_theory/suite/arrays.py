"""Arrays of other frameworks to NumPy and back; a framework is imported only if a target uses it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import GsaeError, InvalidInput

Array = NDArray[np.float64]

FRAMEWORKS = ("numpy", "torch", "jax")
DTYPES = ("float64", "float32")


class TargetProblem(GsaeError, TypeError):
    """A target returned something that is not the array it should be, or cannot be loaded."""


def check_framework(framework: str, dtype: str) -> None:
    """Raise unless the framework can be imported and can hold numbers of the declared dtype.

    Raises
    ------
    TargetProblem
        If it is not installed, or JAX would silently round float64 to float32.
    """
    if framework == "numpy":
        return
    try:
        module = import_module(framework)
    except ImportError as problem:
        raise TargetProblem(
            f"the target asks for {framework} arrays, but {framework} is not installed"
        ) from problem
    if framework == "jax" and dtype == "float64" and not module.config.jax_enable_x64:
        raise TargetProblem(
            "the target declares float64, but JAX has 64-bit numbers switched off: call "
            "jax.config.update('jax_enable_x64', True) in its module, or set dtype = 'float32'"
        )


def to_framework(array: Array, framework: str, dtype: str) -> Any:
    """Return a copy of a NumPy array as an array of the framework."""
    copy = np.array(array, dtype=dtype)
    if framework == "torch":
        return import_module("torch").from_numpy(copy)
    if framework == "jax":
        return import_module("jax.numpy").asarray(copy)
    return copy


def from_framework(value: Any, name: str, shape: tuple[int, ...], dtype: str) -> Array:
    """Return what a target gave back as a float64 NumPy array.

    Raises
    ------
    TargetProblem
        If it is no array of real numbers, has another shape, or fewer digits than declared.
    InvalidInput
        If a number is not finite.
    """
    if hasattr(value, "detach"):  # a torch tensor, possibly part of a graph
        value = value.detach().cpu()
    try:
        array = np.asarray(value)
    except Exception as problem:
        raise TargetProblem(f"{name} returned {type(value).__name__}, not an array: {problem}") from problem
    if array.dtype.kind not in "fiu":
        raise TargetProblem(
            f"{name} returned numbers of type {array.dtype}; needed are real numbers ({dtype})"
        )
    if array.shape != shape:
        raise TargetProblem(f"{name} returned shape {array.shape}; needed is {shape}")
    if array.dtype.kind == "f" and array.dtype.itemsize < np.dtype(dtype).itemsize:
        raise TargetProblem(
            f"{name} returned {array.dtype} where the target declares {dtype}: compute in {dtype}, "
            f"or set dtype = '{array.dtype}'" + ("" if str(array.dtype) in DTYPES else " (not supported)")
        )
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise InvalidInput(f"{name}(...)[{where}]", float(array[where]), "finite numbers")
    return array.astype(np.float64)
