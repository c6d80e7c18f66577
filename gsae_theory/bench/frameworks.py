"""The same gradient step in other frameworks, by automatic differentiation, on the same data."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Step = Callable[[], Array]


def torch_step(W: Array, Y: Array, lam: float, compiled: bool = False) -> Step | None:
    """Return the step in PyTorch, None without it; `compiled` goes through torch.compile."""
    if find_spec("torch") is None:
        return None
    import torch

    n, G, d = W.shape
    weights = torch.from_numpy(np.array(W.reshape(n, -1))).requires_grad_(True)
    data = torch.from_numpy(np.asarray(Y))

    def loss(weights: Any, data: Any) -> Any:
        u = (data @ weights).view(-1, G, d)
        norm = torch.linalg.vector_norm(u, dim=-1, keepdim=True)
        h = (torch.relu(1 - lam / norm.clamp_min(1e-30)) * u).view(-1, G * d)
        r = data - h @ weights.T
        return 0.5 * (r * r).sum() / len(data)

    objective = torch.compile(loss) if compiled else loss

    def step() -> Array:
        weights.grad = None
        objective(weights, data).backward()
        return np.asarray(weights.grad.numpy()).reshape(n, G, d)

    return step


def working_compiled_step(W: Array, Y: Array, lam: float) -> tuple[Step | None, str]:
    """Return the torch.compile step and "", or None and why it does not work here (e.g. no C++ compiler)."""
    step = torch_step(W, Y, lam, compiled=True)
    if step is None:
        return None, "torch is not installed"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the compiler, about this machine
            step()
    except Exception as problem:  # whatever the tool chain raises, the benchmark goes on without it
        return None, f"{type(problem).__name__}: {str(problem).strip().splitlines()[0][:160]}"
    return step, ""


def jax_step(W: Array, Y: Array, lam: float) -> Step | None:
    """Return the step in JAX under jit, None without it."""
    if find_spec("jax") is None:
        return None
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", W.dtype == np.float64)
    n, G, d = W.shape

    def loss(weights: Any, data: Any) -> Any:
        u = (data @ weights).reshape(-1, G, d)
        norm = jnp.sqrt(
            jnp.maximum((u * u).sum(axis=-1, keepdims=True), 1e-60 if W.dtype == np.float64 else 1e-30)
        )
        h = (jnp.maximum(1 - lam / norm, 0) * u).reshape(-1, G * d)
        r = data - h @ weights.T
        return 0.5 * (r * r).sum() / data.shape[0]

    gradient = jax.jit(jax.grad(loss))
    weights, data = jnp.asarray(W.reshape(n, -1)), jnp.asarray(Y)
    return lambda: np.asarray(gradient(weights, data)).reshape(n, G, d)


def versions() -> dict[str, str | None]:
    """Return the versions of what may be compared with; None where it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str | None] = {}
    for name in ("numpy", "torch", "jax", "numba", "scikit-learn", "spams-bin"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found
