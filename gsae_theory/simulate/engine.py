"""One gradient step, three ways: the network on the data, the same in code space, the population.

The data are y = A x with few active groups, so that everything the gradient needs is in code space: with
K = W^T A and M = W^T W, u = K x and W^T r = K x - M h touch only active blocks, and the gradient is
-(A sum x (h + v)^T - W sum h h^T), v = J W^T r. Per sample O((gamma d)^2) where no group outside the
support can fire, bounds of O(gamma) or O(G gamma) where that is not certain, and the groups that do fire
are then carried along: the result is that of the network, whatever fires.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput, UnknownName
from gsae_theory.network.activations import GROUP_RELU, Activation, get_activation
from gsae_theory.network.autoencoder import forward_backward
from gsae_theory.network.checks import check_lam, check_weights
from gsae_theory.simulate import compiled
from gsae_theory.simulate.block_sums import NUMPY
from gsae_theory.simulate.population import PopulationRule
from gsae_theory.simulate.step_sums import StepSums
from gsae_theory.simulate.step_tables import Dictionary, StepTables

if TYPE_CHECKING:
    from gsae_theory.model import GenerativeModel
    from gsae_theory.model.generative import Sample

Array = NDArray[Any]
Path = Literal["auto", "code_space", "dense"]
PATHS = ("auto", "code_space", "dense")
DTYPES = ("float64", "float32")

BACKENDS = ("numpy", "numba")
DENSE_CHUNK = 1 << 12


@dataclass(frozen=True)
class StepGradient:
    """The gradient of the mean loss over samples, or of the population loss.

    Attributes
    ----------
    gradient : array, shape (n, G, d)
    loss : float or None
        Where asked for.
    recovery : float
        Share of samples on which exactly the groups of the support fire.
    samples : int
        0 for the population.
    path : str
        ``code_space``, ``dense`` or ``population``.
    certified : int
        Samples on which bounds exclude a leak.
    leaking : int
        Samples on which a group outside the support fires (0 where not counted: dense, population).
    boundary : int
        Responses within rounding of the threshold: there another order of summation may decide otherwise.
    """

    gradient: Array
    loss: float | None
    recovery: float
    samples: int
    path: str
    certified: int = 0
    leaking: int = 0
    boundary: int = 0


class Engine:
    """Gradients for one dictionary.

    Parameters
    ----------
    dictionary : array, shape (n, G, d)
    lam : float
        Threshold, >= 0.
    activation : str or Activation
    dtype : str
        ``float64`` or ``float32``; sums over samples are kept in float64.
    path : str
        ``auto`` (code space unless there is noise), ``code_space`` or ``dense``.
    backend : str
        Of the sums over samples: ``numpy``, or ``numba`` where it is installed (extra ``fast``).

    Raises
    ------
    InvalidInput, UnknownName
        If an argument is out of range.
    """

    def __init__(
        self,
        dictionary: Array,
        lam: float,
        activation: str | Activation = GROUP_RELU,
        dtype: str = "float64",
        path: Path = "auto",
        backend: str = "numpy",
    ) -> None:
        if backend not in BACKENDS:
            raise UnknownName("backend", str(backend), BACKENDS)
        if dtype not in DTYPES:
            raise UnknownName("dtype", str(dtype), DTYPES)
        if path not in PATHS:
            raise UnknownName("path", str(path), PATHS)
        self.dictionary = Dictionary(check_weights(dictionary, "dictionary"), dtype)
        self.lam, self.act = check_lam(lam), get_activation(activation)
        self.dtype, self.path = np.dtype(dtype), path
        self.kernels = NUMPY if backend == "numpy" else compiled.kernels()

    def gradient(
        self, W: Array, data: Sample | Iterable[Sample] | PopulationRule, loss: bool = False
    ) -> StepGradient:
        """Return the gradient at `W`.

        Parameters
        ----------
        W : array, shape (n, G, d)
        data : Sample, iterable of Samples, or PopulationRule
            Codes that are held, codes that are streamed (see `stream`; memory does not grow with their
            number), or the rule of the exact population gradient (always float64).
        loss : bool
            Compute the loss too.

        Raises
        ------
        InvalidInput
            If shapes do not fit, there is no sample, or noisy data meet ``path = code_space``.
        """
        W, shape = check_weights(W), self.dictionary.exact.shape
        if W.shape != shape:
            raise InvalidInput("shape of W", W.shape, f"that of the dictionary, {shape}", shape)
        if isinstance(data, PopulationRule):
            return self._population(W, data)
        sums = StepSums(StepTables(W, self.dictionary), self.lam, self.act, loss, self.kernels)
        dense = _DenseSums(W, self.dictionary, self.lam, self.act)
        for sample in _samples(data):
            self._check(sample)
            if self.path == "dense" or (self.path == "auto" and sample.noise is not None):
                for part in _pieces(sample, DENSE_CHUNK):
                    dense.add(part)
            elif sample.noise is not None:
                raise InvalidInput("path", self.path, "dense or auto where the data are noisy", "auto")
            else:
                for part in _pieces(sample, self.kernels.chunk):
                    sums.add(part.support, part.values)
        return _joined(sums, dense, loss)

    def _check(self, sample: Sample) -> None:
        G, d = self.dictionary.G, self.dictionary.d
        if sample.values.shape != (*sample.support.shape, d):
            raise InvalidInput("shape of values", sample.values.shape, f"(N, k, {d})")
        if sample.support.size and not -1 <= int(sample.support.min()) <= int(sample.support.max()) < G:
            raise InvalidInput("support", int(sample.support.max()), f"group numbers in 0..{G - 1}, or -1")
        if _repeats(sample.support):
            raise InvalidInput("support", "a group twice in one sample", "different groups")
        if not np.isfinite(sample.values).all():
            raise InvalidInput("values", "NaN or Inf", "finite numbers")

    def _population(self, W: Array, rule: PopulationRule) -> StepGradient:
        if rule.act is not self.act or not np.array_equal(rule.model.dictionary, self.dictionary.exact):
            raise InvalidInput("rule", rule, "a rule for the dictionary and the activation of this engine")
        found = rule.gradient(W, self.lam)
        return StepGradient(found.gradient, found.loss, found.recovery, 0, "population")


def stream(
    model: GenerativeModel, samples: int, rng: np.random.Generator, chunk: int = NUMPY.chunk
) -> Iterator[Sample]:
    """Yield `samples` draws of a model in pieces of at most `chunk`, drawn directly in code space."""
    for name, value in (("samples", samples), ("chunk", chunk)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InvalidInput(name, value, "an integer >= 1", 1)
    for at in range(0, samples, chunk):
        yield model.sample(min(chunk, samples - at), rng)


def _repeats(support: NDArray[np.int64]) -> bool:
    """Return whether a group appears twice in a row; padding may."""
    if (support[:, 1:] > support[:, :-1]).all():
        return False
    ordered = np.sort(support, axis=1)
    return bool(((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any())


def _samples(data: Sample | Iterable[Sample]) -> Iterable[Sample]:
    return [data] if hasattr(data, "support") else data  # type: ignore[list-item]


def _pieces(sample: Sample, size: int) -> Iterator[Sample]:
    for at in range(0, len(sample), size):
        part = slice(at, at + size)
        noise = None if sample.noise is None else sample.noise[part]
        yield type(sample)(sample.support[part], sample.values[part], noise)


class _DenseSums:
    """Sums over samples of the network's gradient, from the data y = A x + e themselves."""

    def __init__(self, W: Array, dictionary: Dictionary, lam: float, act: Activation) -> None:
        self.W = np.ascontiguousarray(W, dtype=dictionary.dtype)
        self.dictionary, self.lam, self.act = dictionary, lam, act
        self.total: Array = np.zeros(W.shape)
        self.samples, self.loss, self.right = 0, 0.0, 0

    def add(self, sample: Sample) -> None:
        """Add samples."""
        x = sample.codes(self.dictionary.G).astype(self.dictionary.dtype, copy=False)
        Y = x.reshape(len(x), -1) @ self.dictionary.flat.T
        if sample.noise is not None:
            Y += sample.noise.astype(Y.dtype)
        h, v, r, active = forward_backward(self.W, Y, self.lam, self.act)
        self.total -= (r.T @ h + Y.T @ v).reshape(self.total.shape)
        self.loss += 0.5 * float(np.einsum("ij,ij->", r, r, dtype=np.float64))
        truth = np.zeros((len(x), self.dictionary.G + 1), dtype=bool)
        np.put_along_axis(truth, sample.support, True, axis=1)  # -1 lands in the last column
        self.right += int((active == truth[:, :-1]).all(axis=1).sum())
        self.samples += len(x)


def _joined(sums: StepSums, dense: _DenseSums, loss: bool) -> StepGradient:
    count = sums.samples + dense.samples
    if count == 0:
        raise InvalidInput("samples", 0, "at least one sample", 1)
    gradient = sums.gradient(1 / count) if sums.samples else np.zeros_like(dense.total)
    if dense.samples:
        gradient += dense.total / count
    return StepGradient(
        gradient=gradient,
        loss=(sums.loss + dense.loss) / count if loss else None,
        recovery=(sums.right + dense.right) / count,
        samples=count,
        path="dense" if dense.samples else "code_space",
        certified=sums.certified,
        leaking=sums.leaking,
        boundary=sums.boundary,
    )
