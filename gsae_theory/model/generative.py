"""The generative model y = A x + e with group-sparse x: laws, samples, and the constants it measures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from gsae_theory.model import _admit
from gsae_theory.model.constants import check_dictionary, dictionary_constants
from gsae_theory.model.direction import DirectionLaw, UniformDirection
from gsae_theory.model.noise import NoiseLaw, NoNoise
from gsae_theory.model.radius import RadiusLaw
from gsae_theory.model.stored import ORTHONORMAL
from gsae_theory.model.support import SupportLaw, Supports
from gsae_theory.plain import rows_html

Array = NDArray[np.float64]

# Which assumption of the theory each measured deviation belongs to
BROKEN_BY = {
    "dev_support_size": "exactly-gamma-active",
    "dev_support_uniform": "uniform-support",
    "dev_isotropy": "isotropic-direction",
    "dev_second_moment": "isotropic-second-moment",
    "dev_symmetry": "symmetric-code",
    "dev_radius_bound": "bounded-norm",
    "dev_dependence": "independent-groups",
    "dev_noise": "bounded-symmetric-noise",
}


@dataclass(frozen=True, eq=False)
class Sample:
    """Draws of a model.

    Attributes
    ----------
    support : array of int, shape (N, k)
        Active groups, ascending; -1 pads supports with fewer than k groups.
    values : array, shape (N, k, d)
        Blocks x_g of the groups in `support`; 0 where it is -1.
    noise : array, shape (N, n), or None
    """

    support: Supports
    values: Array
    noise: Array | None

    def __len__(self) -> int:
        return len(self.support)

    def codes(self, G: int) -> Array:
        """Return the dense codes x, shape (N, G, d)."""
        N, _, d = self.values.shape
        dense = np.zeros((N, G + 1, d))  # the padding -1 lands in a last group that is dropped
        np.put_along_axis(dense, np.where(self.support < 0, G, self.support)[..., None], self.values, axis=1)
        return np.ascontiguousarray(dense[:, :G])


@dataclass(frozen=True, eq=False)
class GenerativeModel:
    """y = sum over g in S of A_g R_g theta_g, plus e.

    Parameters
    ----------
    dictionary : array, shape (n, G, d)
        Finite; kept as a read-only copy. That blocks are orthonormal is measured (`dev_orthonormal`),
        not required: `from_array` is where a user's array is checked.
    radius : RadiusLaw
    direction : DirectionLaw, default uniform on the sphere
    support : SupportLaw
    noise : NoiseLaw, default none
    label : str
        Name of the dictionary, for people.
    origin : mapping, optional
        Fields of the spec from which the model was built.

    Raises
    ------
    InvalidInput
        For an array that is no dictionary, or laws that do not fit its sizes.
    """

    dictionary: Array = field(repr=False)
    radius: RadiusLaw
    direction: DirectionLaw = field(default_factory=UniformDirection)
    support: SupportLaw = field(kw_only=True)
    noise: NoiseLaw = field(default_factory=NoNoise)
    label: str = "array"
    origin: Mapping[str, Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        A = check_dictionary(self.dictionary).copy()
        A.flags.writeable = False
        object.__setattr__(self, "dictionary", A)
        self.support.check(self.G)
        self.direction.check(self.d)

    @property
    def n(self) -> int:
        """Ambient dimension."""
        return self.dictionary.shape[0]

    @property
    def G(self) -> int:
        """Number of groups."""
        return self.dictionary.shape[1]

    @property
    def d(self) -> int:
        """Block size."""
        return self.dictionary.shape[2]

    @property
    def gamma(self) -> int:
        """Size of the largest support."""
        return self.support.gamma

    def _repr_html_(self) -> str:
        shown = ("mu", "p", "B_min", "B_max", "m1", "m2", "nu", "sigma")
        rows: list[tuple[str, object]] = [("n, G, d, gamma", f"{self.n}, {self.G}, {self.d}, {self.gamma}")]
        rows += [(name, self._constants[name]) for name in shown]
        return rows_html(f"{self.label} dictionary", rows)

    def _repr_latex_(self) -> str:
        return (
            rf"$\displaystyle y=\sum_{{g\in S}}A_gx_g+e,\quad A\in\mathbb{{R}}^{{{self.n}\times"
            rf"({self.G}\cdot{self.d})}},\ |S|={self.gamma},\ \mu={self._constants['mu']:.4g}$"
        )

    def constants(self) -> dict[str, float]:
        """Return every primitive of the theory's symbol table that the model determines."""
        return dict(self._constants)

    @cached_property
    def _constants(self) -> dict[str, float]:
        G, n, support, noise = self.G, self.n, self.support, self.noise
        off = self.direction.deviation(self.d)
        values = {
            "n": n,
            "G": G,
            "d": self.d,
            "gamma": self.gamma,
            "p": support.p(G),
            "q": support.q(G),
            "q2": support.q2(G),
            "B_min": self.radius.B_min,
            "B_max": self.radius.B_max,
            **{f"m{k}": self.radius.moment(k) for k in (1, 2, 3, 4)},
            **{f"mm{k}": self.radius.moment(-k) for k in (1, 2)},
            "nu": noise.nu(n),
            "nu_op": noise.nu_op(n),
            "sigma": noise.sigma,
            **dictionary_constants(self.dictionary, self.gamma),
            "dev_support_size": support.dev_support_size(G),
            "dev_support_uniform": support.dev_support_uniform(G),
            "dev_isotropy": off.isotropy,
            "dev_second_moment": off.second_moment,
            "dev_symmetry": off.symmetry,
            "dev_radius_bound": self.radius.dev_radius_bound,
            "dev_dependence": off.dependence if self.gamma > 1 else 0.0,
            "dev_noise": noise.dev_noise,
        }
        return {name: float(value) for name, value in values.items()}

    @property
    def breaks(self) -> tuple[str, ...]:
        """Ids of the assumptions on the data that this model violates; symmetric bounded noise is none."""
        found = [name for key, name in BROKEN_BY.items() if self._constants[key] > 0]
        return (
            ("orthonormal-blocks", *found)
            if self._constants["dev_orthonormal"] > ORTHONORMAL
            else tuple(found)
        )

    def sample(self, N: int, rng: np.random.Generator) -> Sample:
        """Return `N` independent draws; memory is N (k d + n) numbers, so draw in chunks for large N."""
        _admit.count("samples", N)
        support = self.support.sample(rng, N, self.G)
        theta = self.direction.sample(rng, support.shape, self.d)
        values = self.radius.sample(rng, support.shape)[..., None] * theta
        values[support < 0] = 0.0
        return Sample(support, values, self.noise.sample(rng, N, self.n))

    def observe(self, sample: Sample) -> Array:
        """Return the data y = A x + e of a sample, shape (N, n)."""
        N, k, d = sample.values.shape
        columns = np.maximum(sample.support, 0)[..., None] * d + np.arange(d)
        rows = np.arange(N + 1) * (k * d)
        x = csr_matrix((sample.values.ravel(), columns.ravel(), rows), shape=(N, self.G * d))
        y = np.asarray(x @ self.dictionary.reshape(self.n, -1).T)
        return y if sample.noise is None else y + sample.noise

    def describe(self) -> dict[str, Any]:
        """Return the model as plain JSON data: sizes, laws, broken assumptions, constants."""
        laws = {name: _law(getattr(self, name)) for name in ("radius", "direction", "support", "noise")}
        constants = {name: _plain(value) for name, value in self._constants.items()}
        return {
            "dictionary": self.label,
            "n": self.n,
            "G": self.G,
            "d": self.d,
            "gamma": self.gamma,
            **laws,
            "breaks": list(self.breaks),
            "constants": constants,
        }


def _law(law: Any) -> dict[str, Any]:
    """Return the name and the parameters of a law."""
    parameters = {item.name: getattr(law, item.name) for item in fields(law) if item.init}
    return {"law": law.name, **{name: _plain(value) for name, value in parameters.items()}}


def _plain(value: Any) -> Any:
    """Return `value` as JSON data; an infinite number as text, since JSON has none."""
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else str(float(value))
    return int(value) if isinstance(value, np.integer) else value
