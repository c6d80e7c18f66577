"""Activations of the encoder, each with its Jacobian; groups are the slices of one axis of length d.

Every Jacobian here is symmetric, so that ``J v`` is also ``J^T v``. On the threshold itself a unit or
group is inactive (a null set of the data unless the law has atoms there).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.network.checks import check_lam

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Linearisation = tuple[Array, Mask, Callable[[Array], Array]]


def block_dot(u: Array, v: Array, axis: int = -1) -> Array:
    """Return the inner products along `axis`, which keeps length 1."""
    if axis in (-1, u.ndim - 1):
        return np.einsum("...i,...i->...", u, v)[..., None]
    # d is small and the other axes are long: a loop over d slices is what runs along memory.
    left, right = np.moveaxis(u, axis, 0), np.moveaxis(v, axis, 0)
    total = left[0] * right[0]
    for i in range(1, len(left)):
        total += left[i] * right[i]
    return np.expand_dims(total, axis)


class Activation(ABC):
    """A map h = sigma_lambda(u) on arrays (N, G, d).

    Attributes
    ----------
    name : str
        Key in `ACTIVATIONS`.
    odd : bool
        sigma(-u) = -sigma(u).
    silent_below : bool
        ||u_g|| <= lambda implies h_g = 0.
    fires_above : bool
        ||u_g|| > lambda implies that the group fires, and the map is smooth there.
    """

    name: ClassVar[str]
    odd: ClassVar[bool] = True
    silent_below: ClassVar[bool] = True
    fires_above: ClassVar[bool] = True

    @abstractmethod
    def linearise(self, u: Array, lam: float, axis: int = -1) -> Linearisation:
        """Return h, the mask of the groups that fire (without `axis`) and the map v -> J(u) v.

        Parameters
        ----------
        u : array
            Groups along `axis`; not checked.
        lam : float
            Threshold, >= 0.
        """

    def threshold_slope(self, u: Array, lam: float, axis: int = -1) -> Array:
        """Return d sigma_lambda(u) / d lambda, which training a threshold needs; not checked.

        Raises
        ------
        InvalidInput
            If the activation does not define it.
        """
        raise InvalidInput("activation", self.name, "one that defines threshold_slope, to learn lambda")

    def apply(self, u: Array, lam: float) -> Array:
        """Return sigma_lambda(u) for `u` of shape (N, G, d)."""
        return self.linearise(_blocks(u), check_lam(lam))[0]

    def active(self, u: Array, lam: float) -> Mask:
        """Return which groups fire (some entry of h_g may be nonzero), shape (N, G)."""
        return self.linearise(_blocks(u), check_lam(lam))[1]

    def jvp_transpose(self, u: Array, v: Array, lam: float) -> Array:
        """Return J(u)^T v = J(u) v for `u` and `v` of shape (N, G, d)."""
        if np.shape(u) != np.shape(v):
            raise InvalidInput("shape of v", np.shape(v), f"that of u, {np.shape(u)}", np.shape(u))
        return self.linearise(_blocks(u), check_lam(lam))[2](_blocks(v))


def _blocks(u: Array) -> Array:
    array = np.asarray(u, dtype=np.float64)
    if array.ndim < 1 or array.shape[-1] == 0:
        raise InvalidInput("shape of u", array.shape, "(N, G, d) with d >= 1")
    return array


class GroupReLU(Activation):
    """h_g = max(0, 1 - lambda/||u_g||) u_g, the prox of lambda sum_g ||.||; h = 0 at u = 0.

    J = a I + (1 - a) n n^T on active groups, a = 1 - lambda/||u||, n = u/||u||.
    """

    name = "group_relu"

    def linearise(self, u: Array, lam: float, axis: int = -1) -> Linearisation:
        rho = np.sqrt(block_dot(u, u, axis))
        active = rho > lam
        inverse = np.divide(1.0, rho, out=np.zeros_like(rho), where=active)
        shrink = active - lam * inverse
        bend = lam * inverse

        def transpose(v: Array) -> Array:
            along = block_dot(u, v, axis) * inverse * inverse * bend
            image = shrink * v
            image += along * u
            return image

        return shrink * u, np.squeeze(active, axis), transpose

    def threshold_slope(self, u: Array, lam: float, axis: int = -1) -> Array:
        rho = np.sqrt(block_dot(u, u, axis))
        return -u * np.divide(1.0, rho, out=np.zeros_like(rho), where=rho > lam)


class GroupHard(Activation):
    """h_g = u_g where ||u_g|| > lambda, else 0."""

    name = "group_hard"

    def linearise(self, u: Array, lam: float, axis: int = -1) -> Linearisation:
        active = np.sqrt(block_dot(u, u, axis)) > lam
        return active * u, np.squeeze(active, axis), lambda v: active * v

    def threshold_slope(self, u: Array, lam: float, axis: int = -1) -> Array:
        return np.zeros_like(u)


class ReLU(Activation):
    """h = max(0, u - lambda), entry by entry; a group fires if one of its units does."""

    name = "relu"
    odd = False
    fires_above = False

    def linearise(self, u: Array, lam: float, axis: int = -1) -> Linearisation:
        on = u > lam
        return np.maximum(u - lam, 0.0), np.asarray(on.any(axis=axis)), lambda v: on * v

    def threshold_slope(self, u: Array, lam: float, axis: int = -1) -> Array:
        return -(u > lam).astype(float)


class SoftThreshold(Activation):
    """h = sign(u) max(0, |u| - lambda), entry by entry; a group fires if one of its units does."""

    name = "soft"
    fires_above = False

    def linearise(self, u: Array, lam: float, axis: int = -1) -> Linearisation:
        on = np.abs(u) > lam
        return u - np.clip(u, -lam, lam), np.asarray(on.any(axis=axis)), lambda v: on * v

    def threshold_slope(self, u: Array, lam: float, axis: int = -1) -> Array:
        return -np.sign(u) * (np.abs(u) > lam)


class Identity(Activation):
    """h = u; the threshold is ignored and every group fires."""

    name = "identity"
    silent_below = False

    def linearise(self, u: Array, lam: float, axis: int = -1) -> Linearisation:
        everywhere = np.ones(np.delete(u.shape, axis), dtype=bool)
        return u.copy(), everywhere, lambda v: v.copy()

    def threshold_slope(self, u: Array, lam: float, axis: int = -1) -> Array:
        return np.zeros_like(u)


class NonNegative(Activation):
    """sigma_lambda(max(u, 0)): codes with nonnegative entries.

    For the group-sparse ReLU this is the prox of lambda sum_g ||.|| plus the constraint x >= 0; for the
    soft threshold it is the ReLU. J = P J(Pu) P with P the mask of the positive entries, symmetric because
    every Jacobian here commutes with the mask of the zero entries of its argument.
    """

    odd = False
    fires_above = False

    def __init__(self, inner: Activation) -> None:
        self.inner = inner
        self.name = f"nonnegative_{inner.name}"  # type: ignore[misc]
        self.silent_below = inner.silent_below  # type: ignore[misc]

    def linearise(self, u: Array, lam: float, axis: int = -1) -> Linearisation:
        positive = u > 0
        h, active, transpose = self.inner.linearise(positive * u, lam, axis)
        return h, active, lambda v: positive * transpose(positive * v)

    def threshold_slope(self, u: Array, lam: float, axis: int = -1) -> Array:
        positive = u > 0
        return positive * self.inner.threshold_slope(positive * u, lam, axis)


GROUP_RELU: Activation = GroupReLU()
GROUP_HARD: Activation = GroupHard()
RELU: Activation = ReLU()
SOFT: Activation = SoftThreshold()
IDENTITY: Activation = Identity()

ACTIVATIONS: dict[str, Activation] = {a.name: a for a in (GROUP_RELU, GROUP_HARD, RELU, SOFT, IDENTITY)}
"""Every activation by name."""


def get_activation(activation: str | Activation) -> Activation:
    """Return the activation of that name (an Activation is returned as it is), or raise UnknownName."""
    if isinstance(activation, Activation):
        return activation
    if activation not in ACTIVATIONS:
        raise UnknownName("activation", str(activation), ACTIVATIONS)
    return ACTIVATIONS[activation]


def register_activation(activation: Activation) -> Activation:
    """Register `activation` under its name, for settings, specs and options; returns it.

    Raises
    ------
    InvalidInput
        If it is no Activation or its name is taken.
    """
    if not isinstance(activation, Activation):
        raise InvalidInput("activation", activation, "an instance of a class derived from Activation")
    if ACTIVATIONS.setdefault(activation.name, activation) is not activation:
        raise InvalidInput("name of an activation", activation.name, "a name that is not registered yet")
    return activation
