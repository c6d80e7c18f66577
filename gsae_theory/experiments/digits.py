"""Real data: the group-sparse autoencoder on scikit-learn's 1,797 images of handwritten digits.

Nothing here is chosen with labels. The number of groups is the number of digits, the threshold
follows from a rule (`half_energy_threshold`), the block size is the candidate whose start separates
groups best, and of several starts the one with the smallest residual is kept. Labels score the result.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits

from gsae_theory.errors import InvalidInput
from gsae_theory.experiments.scores import clustering_scores
from gsae_theory.experiments.subspaces import (
    Subspaces,
    active_group,
    group_norms,
    k_subspaces,
    principal_atoms,
)
from gsae_theory.experiments.training import Training, train
from gsae_theory.network import GROUP_RELU, decode, encode
from gsae_theory.seeds import generator, seed_for

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
Step = Callable[[str], None]

PREPROCESSING = "each image: its mean over the 64 pixels removed, then scaled to norm 1 (so R = 1)"
CHOICE = (
    "No labels were used. Groups: the number of digits. Threshold: the smallest for which a group at scale "
    "s* is active only if it carries more than half of an image's energy. Block size: the candidate whose "
    "start has the largest median margin between first and second group. Start: the best of {restarts} "
    "K-subspaces fits by residual. k-means: the best of {restarts} starts by inertia. Both are fitted on "
    "the training images and scored on all of them."
)


@dataclass(frozen=True)
class DigitsResult:
    """What the experiment measured.

    Attributes
    ----------
    lam, s_star : float
        Threshold and the limit scale of the theory at R = 1.
    groups, block : int
        Of the main network (whose pictures are shown).
    loss : array, shape (steps + 1,)
        Loss during training, main network, first seed.
    blocks : array, shape (G, d, 64)
        Atoms of the main network, each block rotated to the principal directions of its codes.
    block_digits : tuple of int
        Majority label of each group's images: a caption only, the training never saw it.
    originals, reconstructions : array, shape (16, 64)
        Held-out images and what the network makes of them.
    clustering : tuple of dict
        One row per method: means and standard deviations over the seeds.
    reconstruction : dict
        Relative squared errors on training and held-out images, beside PCA with as many numbers per image.
    choice : dict
        How block size, threshold and start were chosen, with the margins that decided.
    settings : dict
    seconds : float
        CPU seconds.
    """

    lam: float
    s_star: float
    groups: int
    block: int
    loss: Array
    blocks: Array
    block_digits: tuple[int, ...]
    originals: Array
    reconstructions: Array
    clustering: tuple[dict[str, Any], ...]
    reconstruction: dict[str, Any]
    choice: dict[str, Any]
    settings: dict[str, Any]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON (pixels rounded to 4 decimals)."""
        data = dict(self.__dict__)
        for name in ("blocks", "originals", "reconstructions"):
            data[name] = np.round(data[name], 4).tolist()
        data["loss"] = self.loss.tolist()
        data["block_digits"] = list(self.block_digits)
        data["clustering"] = [dict(row) for row in self.clustering]
        return data


@dataclass(frozen=True)
class _Fit:
    """One network on one split."""

    start: Subspaces
    run: Training
    clusters: Labels
    start_clusters: Labels


@dataclass(frozen=True)
class _Split:
    """One seed's images."""

    seed: int
    Y: Array
    labels: Labels
    train: Array
    test: Array
    test_index: Labels


def load_images(limit: int | None = None) -> tuple[Array, Labels]:
    """Return preprocessed images, shape (N, 64), and their labels, shape (N,).

    Parameters
    ----------
    limit : int, optional
        Only the first `limit` images (at least 200).
    """
    pixels, labels = load_digits(return_X_y=True)
    if limit is not None and limit < 200:
        raise InvalidInput("limit", limit, "an integer >= 200", 200)
    return preprocess(pixels[:limit]), np.asarray(labels[:limit], dtype=np.int64)


def preprocess(pixels: Array) -> Array:
    """Return `pixels` (N, n) with each row's mean removed and its norm set to 1 (constant rows become 0)."""
    centred = pixels - pixels.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.divide(centred, norms, out=np.zeros_like(centred), where=norms > 0)


def half_energy_threshold() -> tuple[float, float]:
    """Return (lambda, s*) at R = 1 with lambda / s* = 1/sqrt(2) and s* - 1/s* = lambda.

    Then a group of W = s* A is active on a unit-norm image only if it carries more than half of the
    image's energy, so among orthogonal groups at most one is active (gamma1 Theorem 2, constant R).
    """
    s_star = float(1 / np.sqrt(1 - 1 / np.sqrt(2)))
    return s_star / np.sqrt(2), s_star


def run_digits(
    seed: int = 0,
    *,
    seeds: int = 3,
    groups: int = 10,
    candidates: Sequence[int] = (2, 4),
    many_groups: int | None = 20,
    steps: int = 150,
    restarts: int = 10,
    limit: int | None = None,
    step: Step | None = None,
) -> DigitsResult:
    """Train on the digits and score the clustering by active group beside k-means.

    Parameters
    ----------
    seed : int
        Base seed; splits, starts and k-means derive theirs from it.
    seeds : int
        Repetitions (split, start and training), >= 1.
    groups : int
        Number of groups, and of clusters for k-means.
    candidates : sequence of int
        Block sizes to choose from; all of them are reported.
    many_groups : int or None
        A second, larger number of groups, read by majority (purity).
    steps, restarts : int
    limit : int, optional
        Use only the first images (for tests).
    step : callable (str), optional
        Called with a few words as the work goes on.

    Raises
    ------
    InvalidInput
        If a size is not admissible.
    """
    if seeds < 1:
        raise InvalidInput("seeds", seeds, "an integer >= 1", 1)
    if not candidates:
        raise InvalidInput("candidates", candidates, "at least one block size", 2)
    began = time.process_time()
    say = step or (lambda _: None)
    lam, s_star = half_energy_threshold()
    Y, labels = load_images(limit)
    splits = [_split(Y, labels, seed, repetition) for repetition in range(seeds)]
    fits: dict[tuple[int, int], list[_Fit]] = {}
    sizes = [(groups, block) for block in candidates]
    for size in sizes:
        say(f"digits: {size[0]} groups of {size[1]}")
        fits[size] = [_fit(split, *size, lam, s_star, steps, restarts) for split in splits]
    margins = {
        block: float(np.mean([fit.start.margin for fit in fits[groups, block]])) for block in candidates
    }
    block = max(margins, key=lambda size: margins[size])
    rows = [_network_row(splits, fits[size], lam, main=size[1] == block) for size in sizes]
    rows.append(_start_row(splits, fits[groups, block]))
    rows.append(_kmeans_row(splits, groups, restarts))
    if many_groups is not None:
        say(f"digits: {many_groups} groups of {block}")
        wide = [_fit(split, many_groups, block, lam, s_star, steps, restarts) for split in splits]
        rows += [_network_row(splits, wide, lam, main=False), _kmeans_row(splits, many_groups, restarts)]
    main = fits[groups, block][0]
    shown = splits[0].test[:16]
    return DigitsResult(
        lam=lam,
        s_star=s_star,
        groups=groups,
        block=block,
        loss=main.run.loss,
        blocks=principal_blocks(main.run.W, splits[0].train, lam),
        block_digits=_majority(labels, main.clusters, groups),
        originals=shown,
        reconstructions=_reconstruct(main.run.W, shown, lam),
        clustering=tuple(rows),
        reconstruction=_reconstruction(splits, fits[groups, block], lam),
        choice={
            "text": CHOICE.format(restarts=restarts),
            "margins": [{"block": size, "margin": value} for size, value in margins.items()],
        },
        settings={
            "images": len(Y),
            "held_out": len(splits[0].test),
            "pixels": Y.shape[1],
            "preprocessing": PREPROCESSING,
            "seed": seed,
            "seeds": seeds,
            "steps": steps,
            "restarts": restarts,
        },
        seconds=time.process_time() - began,
    )


def principal_blocks(W: Array, Y: Array, lam: float) -> Array:
    """Return the atoms of W, shape (G, d, n), each block rotated to the principal directions of its codes.

    See `principal_atoms`.
    """
    codes = encode(W, Y, lam, GROUP_RELU)
    return np.stack([principal_atoms(W[:, g], codes[:, g]) for g in range(W.shape[1])])


def _split(Y: Array, labels: Labels, seed: int, repetition: int) -> _Split:
    order = generator(seed, "digits", "split", repetition).permutation(len(Y))
    cut = len(Y) // 5
    return _Split(
        seed_for(seed, "digits", repetition), Y, labels, Y[order[cut:]], Y[order[:cut]], order[:cut]
    )


def _fit(
    split: _Split, groups: int, block: int, lam: float, s_star: float, steps: int, restarts: int
) -> _Fit:
    rng = generator(split.seed, "start", groups, block)
    start = k_subspaces(split.train, groups, block, rng, restarts=restarts)
    run = train(s_star * start.blocks, split.train, lam, steps)
    return _Fit(start, run, active_group(run.W, split.Y), active_group(start.blocks, split.Y))


def _network_row(splits: list[_Split], fits: list[_Fit], lam: float, *, main: bool) -> dict[str, Any]:
    groups, block = fits[0].run.W.shape[1:]
    row = _row("group-sparse autoencoder", groups, block, splits, [fit.clusters for fit in fits])
    active = [group_norms(fit.run.W, split.Y) > lam for split, fit in zip(splits, fits, strict=True)]
    return row | {
        "main": main,
        "active_mean": float(np.mean([each.sum(axis=1).mean() for each in active])),
        "silent_share": float(np.mean([(~each.any(axis=1)).mean() for each in active])),
        "fewest": min(fit.run.fewest for fit in fits),
        "relative_error": _statistics(
            [_error(fit.run.W, s.test, lam) for s, fit in zip(splits, fits, strict=True)]
        ),
    }


def _start_row(splits: list[_Split], fits: list[_Fit]) -> dict[str, Any]:
    groups, block = fits[0].run.W.shape[1:]
    return _row("K-subspaces (the start)", groups, block, splits, [fit.start_clusters for fit in fits])


def _kmeans_row(splits: list[_Split], groups: int, restarts: int) -> dict[str, Any]:
    found = []
    for split in splits:
        model = KMeans(groups, n_init=restarts, random_state=seed_for(split.seed, "kmeans", groups) % 2**32)
        found.append(np.asarray(model.fit(split.train).predict(split.Y), dtype=np.int64))
    return _row("k-means", groups, None, splits, found)


def _row(
    method: str, groups: int, block: int | None, splits: list[_Split], found: list[Labels]
) -> dict[str, Any]:
    scores = [
        clustering_scores(split.labels, clusters) for split, clusters in zip(splits, found, strict=True)
    ]
    one_to_one = groups == np.unique(splits[0].labels).size
    row: dict[str, Any] = {"method": method, "groups": groups, "block": block, "main": False}
    for name in ("accuracy", "purity", "nmi", "ari"):
        known = name != "accuracy" or one_to_one
        row[name] = _statistics([score[name] for score in scores]) if known else None
    return row


def _statistics(values: list[float]) -> dict[str, Any]:
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return {"mean": float(np.mean(values)), "std": spread, "values": [float(value) for value in values]}


def _reconstruct(W: Array, Y: Array, lam: float) -> Array:
    return decode(W, encode(W, Y, lam, GROUP_RELU))


def _error(W: Array, Y: Array, lam: float) -> float:
    return float(np.square(Y - _reconstruct(W, Y, lam)).sum() / np.square(Y).sum())


def _reconstruction(splits: list[_Split], fits: list[_Fit], lam: float) -> dict[str, Any]:
    pairs = list(zip(splits, fits, strict=True))
    numbers = [group_norms(fit.run.W, s.test) > lam for s, fit in pairs]
    rank = max(
        1, round(float(np.mean([each.sum(axis=1).mean() for each in numbers])) * fits[0].run.W.shape[2])
    )
    return {
        "train": _statistics([_error(fit.run.W, s.train, lam) for s, fit in pairs]),
        "held_out": _statistics([_error(fit.run.W, s.test, lam) for s, fit in pairs]),
        "pca_rank": rank,
        "pca_held_out": _statistics([_pca_error(s, rank) for s in splits]),
    }


def _pca_error(split: _Split, rank: int) -> float:
    basis = np.linalg.eigh(split.train.T @ split.train)[1][:, -rank:]
    return float(1 - np.square(split.test @ basis).sum() / np.square(split.test).sum())


def _majority(labels: Labels, clusters: Labels, groups: int) -> tuple[int, ...]:
    own = [labels[clusters == g] for g in range(groups)]
    return tuple(int(np.bincount(each).argmax()) if each.size else -1 for each in own)
