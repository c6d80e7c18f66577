"""A case: everything about one run as plain data, so that it can be a cell of a sweep.

A dial replaces fields of a case. Two dials combine when they replace different fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from gsae_theory.errors import InvalidInput, UnknownName


@dataclass(frozen=True)
class Case:
    """Model, network and training of one run; the defaults satisfy gamma1 Theorem 4.

    Attributes
    ----------
    n, G, d, gamma : int
        Ambient dimension, groups, block size, active groups.
    dictionary : str
        ``near_orthogonal``, ``equiangular``, ``principal_pair`` or ``orthogonal``.
    mu : float
        Block coherence (0 for ``orthogonal``).
    condition : float
        Condition number of the blocks, >= 1; 1 is orthonormal. ||A_g||_F stays sqrt(d).
    radius : str
        ``constant``, ``uniform``, ``two_point`` or ``heavy_tailed``.
    radius_min, radius_max : float
        Ends of the norm of an active block.
    radius_weight : float
        P(R = radius_max) for ``two_point``.
    radius_tail : float
        Tail index of ``heavy_tailed``.
    direction : str
        ``uniform``, ``elliptical`` (condition = strength), ``axes`` (share of axis-aligned codes) or
        ``mean`` (bias of the first coordinate's sign).
    direction_strength : float
    dependence : float
        Probability that the active groups share one direction.
    support : str
        ``exact``, ``skewed`` (largest over smallest group probability), ``sizes`` (share of samples with
        none or two active groups), ``tail`` (share of samples with one group replaced by three or none),
        ``pairs`` (probability that the partner of a group is its fixed one).
    support_strength : float
    noise : float
        Norm of the noise.
    noise_bias : float
        Share of the noise that has a fixed sign.
    lam : float
    delta, Phi : float
        Radii at which the theory's constants are taken (Phi only for several active groups).
    start : str
        A kind of `simulate.start`, or ``gaussian``.
    distance : float
        Of every group from s A at the start.
    eta : float
        Step in units of the largest one that the theory admits at (lam, delta).
    batch : int
        Fresh samples per step; 0 takes the exact population gradient.
    net_d, net_G : int
        Block size and number of groups of the network; 0 takes those of the data.
    untied : float
        Distance between encoder and decoder at the start; above 0 they are trained separately.
    normalised : float
        In [0, 1]: after each step, blocks move by this share towards their polar factor.
    relu : float
        In [0, 1]: share of the entrywise ReLU in the activation.
    level : int
        Level of the sphere rule.
    patience : float
        Steps in units of what a contraction to 1e-9 takes by the theory.
    mode : str
        ``train``, or ``support``: look for codes on which the supports of the start fail.
    """

    n: int = 12
    G: int = 4
    d: int = 2
    gamma: int = 1
    dictionary: str = "near_orthogonal"
    mu: float = 0.05
    condition: float = 1.0
    radius: str = "uniform"
    radius_min: float = 1.0
    radius_max: float = 1.2
    radius_weight: float = 0.5
    radius_tail: float = 0.0
    direction: str = "uniform"
    direction_strength: float = 0.0
    dependence: float = 0.0
    support: str = "exact"
    support_strength: float = 0.0
    noise: float = 0.0
    noise_bias: float = 0.0
    lam: float = 0.45
    delta: float = 0.2
    Phi: float = 0.0
    start: str = "random"
    distance: float = 0.18
    eta: float = 0.999
    batch: int = 0
    net_d: int = 0
    net_G: int = 0
    untied: float = 0.0
    normalised: float = 0.0
    relu: float = 0.0
    level: int = 12
    patience: float = 1.0
    mode: str = "train"

    def but(self, **changes: Any) -> Case:
        """Return the case with some fields replaced."""
        return replace(self, **changes)

    def differences(self) -> dict[str, Any]:
        """Return the fields that differ from the defaults: the case as short plain data."""
        plain = Case()
        return {k: v for k, v in asdict(self).items() if v != getattr(plain, k)}


FIELDS = {item.name: item.type for item in fields(Case)}

BASES: dict[str, Case] = {
    "one": Case(),
    "constant": Case(radius="constant", radius_max=1.0),
    "two": Case(
        n=18, G=6, gamma=2, mu=0.002, radius="constant", radius_max=1.0, lam=0.2, delta=0.13, Phi=0.09,
        distance=0.033, level=5,
    ),
}  # fmt: skip
"""Cases inside every hypothesis: one active group with random or constant norm, two active groups."""


def case_of(data: Mapping[str, Any], base: Case | None = None) -> Case:
    """Return the case that plain data describes, the rest as in `base`.

    Raises
    ------
    UnknownName, InvalidInput
        For a field that does not exist or a value of another type.
    """
    kinds = {"int": int, "float": (int, float), "str": str}
    for name, value in data.items():
        if name not in FIELDS:
            raise UnknownName("field of the base case", name, FIELDS)
        kind = str(FIELDS[name])
        if isinstance(value, bool) or not isinstance(value, kinds[kind]):  # type: ignore[arg-type]
            raise InvalidInput(f"base.{name}", value, f"of type {kind}", getattr(Case(), name))
    return replace(base or Case(), **data)
