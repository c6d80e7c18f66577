"""Many models at once: their exact population gradients and their descent, advanced in one call.

Models of one shape (G, d, gamma) are stacked. Those whose supports are certified at a step are worked on
together, touching active blocks only; any other is handed to `PopulationRule`, which looks at every group.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput, TooLarge
from gsae_theory.network.activations import GROUP_RELU, Activation, get_activation
from gsae_theory.network.checks import check_lam
from gsae_theory.simulate.code_space import spectral_norms
from gsae_theory.simulate.levels import LEVELS, RADIUS_NODES, TOLERANCE
from gsae_theory.simulate.population import BUDGET, PopulationRule, check_exact
from gsae_theory.simulate.quadrature import block_rule, code_chunks, code_size

if TYPE_CHECKING:
    from gsae_theory.model import GenerativeModel

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Index = NDArray[np.int64]
Progress = Callable[[int, int], None]

_FLOATS = 1 << 14  # numbers per intermediate array: in the cache, and below what malloc maps anew each time
_MARGIN = 1 - 1e-12


@dataclass(frozen=True)
class EnsembleGradient:
    """Population gradients of many models.

    Attributes
    ----------
    gradient : array, shape (B, n, G, d)
        Rows beyond a model's own dimension are 0.
    size : array, shape (B,)
        ||A E[x (h+v)^T]||_F + ||W E[h h^T]||_F; relative errors refer to it.
    certified : array of bool, shape (B,)
        No group outside the support fires, for every code of the law; the others went through `PopulationRule`.
    """

    gradient: Array
    size: Array
    certified: Mask


class Ensemble:
    """Models of one shape whose population gradients are exact.

    Parameters
    ----------
    models : sequence of GenerativeModel
        The same G and d and the same uniform law of the support; dimensions, dictionaries and norms may differ.
    lam : float or sequence of float
        Threshold of each model, >= 0.
    activation : str or Activation
    level, radius_nodes : int
        Quadrature rule, for all models; see `choose`.

    Raises
    ------
    InvalidInput, TooLarge
        If the models do not fit together, have no exact gradient, or need too many nodes.
    """

    def __init__(
        self,
        models: Sequence[GenerativeModel],
        lam: float | Sequence[float],
        activation: str | Activation = GROUP_RELU,
        level: int = 8,
        radius_nodes: int = 4,
    ) -> None:
        self.models = tuple(models)
        if not self.models:
            raise InvalidInput("models", 0, "at least one model", 1)
        for model in self.models:
            check_exact(model)
            shape, first = (model.G, model.d, model.support), self.models[0]
            if shape != (first.G, first.d, first.support):
                wanted = f"one shape and support law, {first.G, first.d, first.support}"
                raise InvalidInput("models", shape, wanted)
        self.G, self.d = first.G, first.d
        values = [lam] * len(self.models) if isinstance(lam, float | int) else list(lam)
        if len(values) != len(self.models):
            raise InvalidInput("number of thresholds", len(values), "one, or one per model", len(self.models))
        self.lam = np.array([check_lam(value) for value in values])
        self.act, self.level, self.radius_nodes = get_activation(activation), level, radius_nodes
        members, chances = first.support.enumerate(self.G)
        if (members < 0).any():
            raise InvalidInput("support", first.support.name, "a law with one size of the support", "uniform")
        self.members, self.chances = np.sort(members, axis=1), chances
        if (rows := len(members) * code_size(self._block(first)[0], first.gamma, self.act.odd)) > BUDGET:
            raise TooLarge("rows of one model (supports x nodes)", rows, f"at most {BUDGET}: a smaller level")
        self.n = max(model.n for model in self.models)
        self.dictionaries = self.stacked([model.dictionary for model in self.models])

    @classmethod
    def choose(
        cls,
        models: Sequence[GenerativeModel],
        W: Sequence[Array],
        lam: float | Sequence[float],
        activation: str | Activation = GROUP_RELU,
        tol: float = TOLERANCE,
    ) -> Ensemble:
        """Return the ensemble with the smallest rule whose error at `W`, found by doubling, is below `tol`.

        The error is relative and the largest over the models; sphere and radius rule grow separately.
        """
        built = cls(models, lam, activation, 1 if models and models[0].d == 1 else LEVELS[0], RADIUS_NODES[0])
        stacked = built.stacked(W)

        def grown(now: Ensemble, ladder: Sequence[int], name: str, thin: int) -> Ensemble:
            other = "radius_nodes" if name == "level" else "level"
            for count in ladder:
                coarse = now._with(**{name: count, other: min(getattr(now, other), thin)})
                fine = coarse._with(**{name: 2 * count})
                if coarse._change(fine, stacked) <= tol / 2:
                    break
            return now._with(**{name: count})

        if built.d > 1:
            built = grown(built, LEVELS, "level", RADIUS_NODES[0])
        return grown(built, RADIUS_NODES, "radius_nodes", LEVELS[0])

    def _with(self, **rule: int) -> Ensemble:
        options = {"level": self.level, "radius_nodes": self.radius_nodes, **rule}
        return Ensemble(self.models, self.lam.tolist(), self.act, **options)

    def _change(self, other: Ensemble, W: Array) -> float:
        here, there = self.gradient(W), other.gradient(W)
        gap = np.sqrt(((here.gradient - there.gradient) ** 2).sum(axis=(1, 2, 3)))
        return float((gap / np.maximum(here.size, np.finfo(float).tiny)).max())

    def __len__(self) -> int:
        return len(self.models)

    def stacked(self, W: Sequence[Array]) -> Array:
        """Return weights of the models, each (n_b, G, d), as one array (B, n, G, d) filled up with zeros."""
        if len(W) != len(self.models):
            raise InvalidInput("number of weights", len(W), "one array per model", len(self.models))
        total = np.zeros((len(W), self.n, self.G, self.d))
        for row, model, weights in zip(total, self.models, W, strict=True):
            if np.shape(weights) != model.dictionary.shape:
                raise InvalidInput("shape of W", np.shape(weights), f"{model.dictionary.shape}")
            row[: model.n] = weights
        return total

    def _block(self, model: GenerativeModel) -> tuple[Array, Array]:
        return block_rule(model.radius, self.d, self.level, self.radius_nodes)

    @cached_property
    def _nodes(self) -> tuple[Array, Array]:
        """Codes (B, gamma d, N) and weights (B, N) of every model."""
        codes, weights = [], []
        for model in self.models:
            parts = list(code_chunks(*self._block(model), model.gamma, self.act.odd))
            codes.append(np.concatenate([part for part, _ in parts], axis=1))
            weights.append(np.concatenate([part for _, part in parts]))
        if len({len(w) for w in weights}) > 1:
            raise InvalidInput("models", "radius laws of different kinds", "laws with equally many nodes")
        return np.array(codes), np.array(weights)

    @cached_property
    def _largest(self) -> Array:
        return np.array([model.radius.B_max for model in self.models])

    def gradient(self, W: Array) -> EnsembleGradient:
        """Return the population gradients at stacked weights (B, n, G, d)."""
        B, n, m = len(self), self.n, self.G * self.d
        flat, A = W.reshape(B, n, m), self.dictionaries.reshape(B, n, m)
        K = (flat.transpose(0, 2, 1) @ A).reshape(B, self.G, self.d, self.G, self.d).transpose(0, 1, 3, 2, 4)
        silent = self._silent(K)
        M = (flat.transpose(0, 2, 1) @ flat).reshape(K.shape[0], self.G, self.d, self.G, self.d)
        cross, second = np.zeros((2, B, self.G, self.G, self.d, self.d))
        step = max(1, _FLOATS // (self.members.size * self.d * self._nodes[1].shape[1]))
        rows = np.flatnonzero(silent)
        for at in range(0, len(rows), step):
            part = rows[at : at + step]
            self._add_moments(part, K[part], M[part].transpose(0, 1, 3, 2, 4), cross, second)
        to_flat = [X.transpose(0, 1, 3, 2, 4).reshape(B, m, m) for X in (cross, second)]
        first, last = A @ to_flat[0], flat @ to_flat[1]
        size = np.linalg.norm(first, axis=(1, 2)) + np.linalg.norm(last, axis=(1, 2))
        gradient = (last - first).reshape(W.shape)
        for row in np.flatnonzero(~silent):
            model = self.models[row]
            rule = PopulationRule(model, self.level, self.radius_nodes, self.act)
            found = rule.gradient(W[row, : model.n], float(self.lam[row]))
            gradient[row, : model.n], size[row] = found.gradient, found.size
        return EnsembleGradient(gradient, size, silent)

    def _silent(self, K: Array) -> Mask:
        """Return the models on which no group outside the support can fire (see `code_space.certify`)."""
        if not self.act.silent_below:
            return np.zeros(len(K), dtype=bool)
        gamma = self.members.shape[1]
        limit = self.lam * _MARGIN / self._largest

        def holds(reach: Array, rows: Index) -> Mask:
            np.einsum("bgg->bg", reach)[...] = 0.0
            ordered = np.partition(reach, self.G - gamma, axis=2)[..., self.G - gamma :]
            return np.asarray((ordered.sum(axis=2) <= limit[rows, None]).all(axis=1))

        everything = np.arange(len(K))
        silent = holds(np.sqrt(np.einsum("bghij,bghij->bgh", K, K)), everything)
        if self.d > 1 and not silent.all():
            rest = np.flatnonzero(~silent)
            silent[rest] = holds(spectral_norms(K[rest]), rest)
        return silent

    def _add_moments(self, rows: Index, K: Array, M: Array, cross: Array, second: Array) -> None:
        S, (codes, weights) = self.members, (array[rows, None] for array in self._nodes)
        count, (supports, k), d = len(rows), S.shape, self.d
        shape = (count, supports, k, d, -1)
        u = _on_supports(K, S) @ codes
        lam = self.lam[rows][:, None, None, None, None]
        h, _, transpose = self.act.linearise(u.reshape(shape), lam, axis=3)  # type: ignore[arg-type]
        flat = h.reshape(u.shape)
        out = transpose((u - _on_supports(M, S) @ flat).reshape(shape))
        out += h
        weights = weights[:, :, None]
        moments = (
            (codes * weights) @ out.reshape(u.shape).swapaxes(2, 3),
            (flat * weights) @ flat.swapaxes(2, 3),
        )
        where = (rows[:, None, None, None], S[None, :, :, None], S[None, :, None, :])
        for total, moment in zip((cross, second), moments, strict=True):
            blocks = moment.reshape(count, supports, k, d, k, d).transpose(0, 1, 2, 4, 3, 5)
            blocks *= self.chances[:, None, None, None, None]
            if k == 1:  # every pair of groups comes once
                total[where] = blocks
            else:
                np.add.at(total, where, blocks)

    def advance(
        self, W: Array, eta: float | Sequence[float], steps: int, progress: Progress | None = None
    ) -> tuple[Array, Index]:
        """Take gradient steps W <- W - (eta/p) grad L(W) with every model.

        Parameters
        ----------
        W : array, shape (B, n, G, d)
            From `stacked`.
        eta : float or sequence of float
            Step of each model, > 0, in units of eta/p.
        steps : int
            >= 1.
        progress : callable (done, total), optional

        Returns
        -------
        W : array, shape (B, n, G, d)
        certified : array of int, shape (B,)
            Steps at which the model was certified.
        """
        step = np.broadcast_to(np.asarray(eta, dtype=np.float64), (len(self),))
        if not (np.isfinite(step).all() and (step > 0).all()):
            raise InvalidInput("eta", eta, "finite numbers > 0", 1.0)
        if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 1:
            raise InvalidInput("steps", steps, "an integer >= 1", 1)
        scale = (step / self.models[0].support.p(self.G))[:, None, None, None]
        certified = np.zeros(len(self), dtype=np.int64)
        for done in range(int(steps)):
            found = self.gradient(W)
            W = W - scale * found.gradient
            certified += found.certified
            if progress is not None:
                progress(done + 1, int(steps))
        return W, certified


def _on_supports(blocks: Array, S: Index) -> Array:
    """Return the matrices (B, supports, k d, k d) made of the blocks (B, G, G, d, d) of each support."""
    picked = blocks[:, S[:, :, None], S[:, None, :]]
    B, supports, k, _, d, _ = picked.shape
    return picked.transpose(0, 1, 2, 4, 3, 5).reshape(B, supports, k * d, k * d)
