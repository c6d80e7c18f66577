"""Derived from the population gradient: interference, block problems, products with the Hessian."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput
from gsae_theory.network.activations import GROUP_RELU, Activation
from gsae_theory.network.checks import check_pair
from gsae_theory.simulate.levels import choose_rule, estimate_error
from gsae_theory.simulate.population import GradientEstimate, PopulationRule

if TYPE_CHECKING:
    from gsae_theory.model import GenerativeModel

Array = NDArray[np.float64]


@dataclass(frozen=True)
class HessianProduct:
    """A product of the Hessian of the population loss with a direction.

    Attributes
    ----------
    value : array, shape (n, G, d)
    error : float
        Estimate of the Frobenius norm of its error: the last correction of the extrapolation (pessimistic),
        quadrature and rounding.
    """

    value: Array
    error: float


def block_gradient(
    model: GenerativeModel,
    W: Array,
    lam: float,
    act: Activation = GROUP_RELU,
    rule: PopulationRule | None = None,
) -> GradientEstimate:
    """Return the gradients G0(W_g) of the block problems, one group at a time, as a (n, G, d) array.

    G0(W_g) is the gradient at W_g of 1/2 E||A_g x_g - W_g sigma(W_g^T A_g x_g)||^2 (gamma1 section 0): with
    one active group and no leakage it is grad_g L / p. `loss` is the sum of the block losses.
    """
    rule = choose_rule(model, W, lam, act) if rule is None else rule
    return rule.block_gradient(W, lam)


def interference_gradient(
    model: GenerativeModel,
    W: Array,
    lam: float,
    act: Activation = GROUP_RELU,
    rule: PopulationRule | None = None,
) -> GradientEstimate:
    """Return E_g(W) = grad_g L / p_g - G0(W_g), what the other active groups add (general section 3).

    Parameters
    ----------
    model : GenerativeModel
    W : array, shape (n, G, d)
    lam : float
        Threshold, >= 0.
    act : Activation
    rule : PopulationRule, optional
        Chosen at `W` where left out.

    Returns
    -------
    GradientEstimate
        ``gradient`` is E, shape (n, G, d); ``error`` and ``size`` refer to E. p_g = P(g in S).
    """
    rule = choose_rule(model, W, lam, act) if rule is None else rule
    full, block = rule.gradient(W, lam), rule.block_gradient(W, lam)
    share = np.maximum(rule.inclusion, np.finfo(float).tiny)
    gradient = full.gradient / share[:, None] - block.gradient
    size = full.size / float(share.min()) + block.size
    return replace(full, gradient=gradient, size=size, error=size * estimate_error(rule, W, lam))


def hessian_apply(
    model: GenerativeModel,
    W: Array,
    V: Array,
    lam: float,
    act: Activation = GROUP_RELU,
    level: int | None = None,
    rule: PopulationRule | None = None,
    step: float = 0.02,
) -> HessianProduct:
    """Return the product of the Hessian of the population loss at `W` with a direction `V`.

    Central differences of the exact gradient at step, step/2, step/4 and step/8, extrapolated to step 0:
    the error is of order step^8 and rounding of order 1e-15/step, together about 1e-12 relative. Divide by
    p for the spectrum of gamma1 Theorem 3.

    Parameters
    ----------
    V : array, shape (n, G, d)
        Not zero.
    level : int, optional
        Of the quadrature; chosen at `W` where left out.
    rule : PopulationRule, optional
        Takes precedence over `level`.
    step : float
        In (0, 1): Frobenius norm of the largest displacement of a block. Supports should stay exact that
        far around `W`.
    """
    W, V = check_pair(W, V, ("W", "V"))
    if not 0 < step < 1:
        raise InvalidInput("step", step, "a number in (0, 1)", 0.02)
    length = float(np.linalg.norm(V, axis=(0, 2)).max())
    if length == 0:
        raise InvalidInput("V", "all zeros", "a direction that is not zero")
    unit = V / length
    rule = choose_rule(model, W + step * unit, lam, act, level) if rule is None else rule
    size = rule.gradient(W, lam).size

    def difference(h: float) -> Array:
        above, below = rule.gradient(W + h * unit, lam), rule.gradient(W - h * unit, lam)
        return np.asarray((above.gradient - below.gradient) / (2 * h))

    rows = [difference(step / 2**k) for k in range(4)]
    for order in range(1, len(rows)):
        best = rows[-1]
        rows = [(4**order * fine - coarse) / (4**order - 1) for coarse, fine in pairwise(rows)]
    value = rows[0]
    rounding = 32 * np.finfo(float).eps * size / step
    quadrature = size * estimate_error(rule, W + step * unit, lam) / step
    error = float(np.linalg.norm(value - best)) + rounding + quadrature
    return HessianProduct(value * length, error * length)
