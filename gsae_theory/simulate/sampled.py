"""Gradients from samples: minibatches, and one fixed sample that is streamed again at every step.

Memory does not grow with the number of samples: a fixed sample is drawn again from the state of the
generator instead of being kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput
from gsae_theory.network.activations import GROUP_RELU, Activation
from gsae_theory.network.autoencoder import forward_backward
from gsae_theory.network.checks import check_lam, check_pair

if TYPE_CHECKING:
    from gsae_theory.model import GenerativeModel

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Terms = tuple[Array, Array, Array, Array]

CHUNK = 4096


@dataclass(frozen=True)
class SampledGradient:
    """The gradient of the mean loss over a sample.

    Attributes
    ----------
    gradient : array, shape (n, G, d)
    loss : float
    standard_error : array, shape (G,)
        Root of the estimated E||gradient_g - its mean||_F^2. Zero for a single draw says nothing.
    recovery : float
        Share of samples on which exactly the groups of the support fire.
    samples : int
        Samples seen (twice the draws where antithetic).
    """

    gradient: Array
    loss: float
    standard_error: Array
    recovery: float
    samples: int

    @property
    def total_standard_error(self) -> float:
        """Standard error over all groups."""
        return float(np.linalg.norm(self.standard_error))


def replayed(rng: np.random.Generator) -> np.random.Generator:
    """Return an independent copy of a generator, in the state it is in now."""
    return deepcopy(rng)


def sample_gradient(
    model: GenerativeModel,
    W: Array,
    lam: float,
    act: Activation = GROUP_RELU,
    samples: int = 10_000,
    rng: np.random.Generator | None = None,
    chunk: int = CHUNK,
    antithetic: bool = False,
) -> SampledGradient:
    """Return the gradient of the mean loss over fresh samples, streamed in chunks.

    Parameters
    ----------
    model : GenerativeModel
        Any laws, noise included.
    W : array, shape (n, G, d)
    lam : float
        Threshold, >= 0.
    act : Activation
    samples : int
        Draws, >= 1.
    rng : Generator
        Required: nothing here is ever unseeded.
    chunk : int
        Samples held at once, >= 1.
    antithetic : bool
        Use y and -y for every draw: unbiased if y and -y have one law, exact repetition for odd activations.

    Raises
    ------
    InvalidInput
        If shapes do not fit or a number is out of range.
    """
    W, _ = check_pair(W, model.dictionary, ("W", "the dictionary"))
    lam = check_lam(lam)
    for name, value in (("samples", samples), ("chunk", chunk)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InvalidInput(name, value, "an integer >= 1", 1)
    if not isinstance(rng, np.random.Generator):
        raise InvalidInput("rng", rng, "a numpy.random.Generator, e.g. gsae_theory.seeds.generator(0, 'run')")
    total = np.zeros((len(W), W.shape[1] * W.shape[2]))
    squares, loss, right = np.zeros(W.shape[1]), 0.0, 0
    signs = (1.0, -1.0) if antithetic else (1.0,)
    for Y, truth in _stream(model, samples, rng, chunk):
        terms: list[Terms] = []
        for sign in signs:
            y = Y if sign > 0 else -Y
            h, v, r, active = forward_backward(W, y, lam, act)
            total -= r.T @ h + y.T @ v
            loss += 0.5 * float(np.einsum("ij,ij->", r, r))
            right += int((active == truth).all(axis=1).sum())
            terms.append((r, h, y, v))
        squares += _squared_norms(terms, W.shape[1])
    count = samples * len(signs)
    mean = (total / count).reshape(W.shape)
    spread = np.maximum(squares / samples - np.linalg.norm(mean, axis=(0, 2)) ** 2, 0.0)
    return SampledGradient(mean, loss / count, np.sqrt(spread / max(samples - 1, 1)), right / count, count)


def _stream(
    model: GenerativeModel, samples: int, rng: np.random.Generator, chunk: int
) -> Iterator[tuple[Array, Mask]]:
    """Yield data (N, n) and true supports (N, G)."""
    for at in range(0, samples, chunk):
        draws = model.sample(min(chunk, samples - at), rng)
        truth = np.zeros((len(draws.support), model.G + 1), dtype=bool)
        np.put_along_axis(truth, np.where(draws.support < 0, model.G, draws.support), True, axis=1)
        yield model.observe(draws), truth[:, : model.G]


def _squared_norms(terms: list[Terms], G: int) -> Array:
    """Return the sum over draws of ||Z_g||_F^2, Z the mean over the terms of r h_g^T + y v_g^T."""
    total = np.zeros(G)
    for r, h, y, v in terms:
        for r2, h2, y2, v2 in terms:
            for left, code in ((r, h), (y, v)):
                for left2, code2 in ((r2, h2), (y2, v2)):
                    outer = np.einsum("ij,ij->i", left, left2)
                    total += outer @ _by_group(code * code2, G)
    return np.asarray(total / len(terms) ** 2)


def _by_group(values: Array, G: int) -> Array:
    return np.asarray(values.reshape(len(values), G, -1).sum(axis=2))
