"""Real images: group-sparse ReLU against ReLU and soft threshold at equal width and equal budget.

Images as they are, with noise, and with missing pixels; shallow and unfolded. Every network starts
through samples, trains with the same optimiser and number of updates, and chooses its threshold from
the same number of candidates: the one whose reconstruction of held-out images is best among those that
switch on at most a quarter of the code. The mean training image is removed first; errors are relative to
the energy that is left. No label is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput
from gsae_theory.experiments.cluster.data import load, unit_rows
from gsae_theory.experiments.estimator import through_samples
from gsae_theory.experiments.minibatch import Schedule, fit_minibatch
from gsae_theory.experiments.paired import Comparison, mean_interval, paired_rows
from gsae_theory.experiments.subspaces import group_norms, principal_atoms
from gsae_theory.network import get_activation
from gsae_theory.network.unfolded import Unfolded
from gsae_theory.seeds import generator, seed_for

Array = NDArray[np.float64]
TASK = "real-data"
GROUP = "group-sparse ReLU"
NETWORKS = {GROUP: ("group_relu", 4), "ReLU": ("relu", 1), "soft threshold": ("soft", 1)}
"""Activation and block size."""
CONDITIONS = ("clean", "noise", "missing")
DEPTHS = (1, 5)
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
"""Candidates for the threshold, in units of the median strongest response at the start."""
NOISE = 0.5
"""Norm of the noise over that of the image, in the mean."""
MISSING = 0.5
"""Share of pixels that are missing."""
BUDGET = 0.25
"""Largest mean share of code entries that are on."""
METRICS = {"reconstruction": False}
"""Whether larger is better."""
DRAWN_GROUPS = 4
LARGE = 20
LEAST = 100
"""Fewest images."""


@dataclass(frozen=True)
class RealSize:
    """Sizes: width of the code, images to train on, to choose and to test with, and epochs."""

    width: int = 96
    train: int = 600
    held_out: int = 300
    test: int = 300
    epochs: int = 10


QUICK_SIZE = RealSize(32, 200, 100, 100, 3)


@dataclass(frozen=True)
class _Part:
    """Images of one role: what is seen, which pixels, and the truth."""

    seen: Array
    mask: Array | None
    truth: Array


def cell_id(data: str, condition: str, depth: int) -> str:
    """Return the name of a cell, e.g. ``digits-noise-T5``."""
    return f"{Path(data).name}-{condition}-T{depth}"


def cells(data: Sequence[str], quick: bool) -> list[dict[str, Any]]:
    """Return data, condition and depth of every cell, the long ones first.

    Raises
    ------
    InvalidInput, UnreadableFile
        If a data set cannot be read or is too small.
    """
    for name in data:
        found = load(name).Y
        if len(found) < LEAST:
            raise InvalidInput(f"rows of {name}", len(found), f"at least {LEAST}", LEAST)
    return [
        {"cell": cell_id(name, condition, depth), "data": name, "condition": condition, "depth": depth}
        for depth in (DEPTHS[:1] if quick else DEPTHS[::-1])
        for name in data
        for condition in (CONDITIONS[::2] if quick else CONDITIONS)
    ]


def real_cell(
    data: str, condition: str, depth: int, seed: int, seeds: int, size: RealSize | None = None
) -> dict[str, Any]:
    """Train every network on one data set under one condition at one depth.

    Parameters
    ----------
    data : str
        As in `load`: digits, mnist5k or a file.
    condition : str
        clean, noise or missing.
    depth : int
        T.

    Returns
    -------
    dict
        ``found``: per method the lists over the seeds of ``reconstruction`` (||x - xhat||^2 / ||x||^2
        against the clean test image), ``active`` (share of code entries on) and ``dead`` (share of groups
        or units never on); the chosen ``share``; ``strips``: blocks of the first seed as images.
    """
    size = size or RealSize()
    images = pooled(load(data).Y)
    wanted = size.train + size.held_out + size.test
    size = size if len(images) >= wanted else _scaled(size, len(images) / wanted)
    found: dict[str, dict[str, list[float]]] = {}
    strips: dict[str, Any] = {}
    parts = _parts(images, condition, seed_for(seed, TASK, Path(data).name, condition, "choice"), size)
    shares = {method: _chosen(parts, *network, depth, seed, size) for method, network in NETWORKS.items()}
    for k in range(seeds):
        own = seed_for(seed, TASK, Path(data).name, condition, k)
        parts = _parts(images, condition, own, size)
        for method, (activation, block) in NETWORKS.items():
            fit = _trained(parts, activation, block, depth, own, size, shares[method])
            result, codes = fit.scores(parts[2])
            for name, value in result.items():
                found.setdefault(method, {}).setdefault(name, []).append(value)
            if k == 0:
                strips[method] = strongest(fit.W, codes, DRAWN_GROUPS * 4 // block)
    return {
        "data": Path(data).name,
        "condition": condition,
        "depth": depth,
        "found": found,
        "shares": shares,
        "strips": strips if _side(images) else {},
        "side": _side(images),
        "width": size.width,
        "images": len(images),
    }


def pooled(images: Array) -> Array:
    """Return square images of an even side above `LARGE` averaged over 2 x 2 pixels, at norm 1: for speed."""
    side = _side(images)
    if side <= LARGE or side % 2:
        return images
    fours = images.reshape(len(images), side // 2, 2, side // 2, 2)
    return unit_rows(fours.mean(axis=(2, 4)).reshape(len(images), -1))


def _scaled(size: RealSize, factor: float) -> RealSize:
    train, held_out, test = (int(factor * value) for value in (size.train, size.held_out, size.test))
    return replace(size, train=train, held_out=held_out, test=test)


def _side(images: Array) -> int:
    side = round(np.sqrt(images.shape[1]))
    return side if side * side == images.shape[1] else 0


def _parts(images: Array, condition: str, seed: int, size: RealSize) -> list[_Part]:
    order = generator(seed, "split").permutation(len(images))
    ends = np.cumsum([size.train, size.held_out, size.test])
    made = []
    for name, rows in zip(("train", "held-out", "test"), np.split(order[: ends[-1]], ends[:-1]), strict=True):
        truth, rng = images[rows], generator(seed, condition, name)
        mask = (rng.random(truth.shape) >= MISSING).astype(float) if condition == "missing" else None
        noise = NOISE / np.sqrt(truth.shape[1]) * rng.standard_normal(truth.shape)
        made.append(_Part(truth + noise if condition == "noise" else truth, mask, truth))
    return [
        _Part(part.seen - mean, part.mask, part.truth - mean) for mean in [_mean(made[0])] for part in made
    ]


def _mean(train: _Part) -> Array:
    """Return the mean image of what is seen of the training images: a direction that all images share."""
    if train.mask is None:
        return np.asarray(train.seen.mean(axis=0))
    return np.asarray((train.mask * train.seen).sum(axis=0) / np.maximum(train.mask.sum(axis=0), 1))


@dataclass(frozen=True)
class _Trained:
    """A trained network, with the scale of its output that suits the held-out images best."""

    network: Unfolded
    W: Array
    lam: float
    step: float | str
    scale: float

    def codes(self, part: _Part) -> Array:
        return self.network.encode(self.W, part.seen, self.lam, self.step, part.mask)

    def output(self, codes: Array) -> Array:
        return np.asarray(codes.reshape(len(codes), -1) @ self.W.reshape(len(self.W), -1).T)

    def scores(self, part: _Part) -> tuple[dict[str, float], Array]:
        codes = self.codes(part)
        rest = part.truth - self.scale * self.output(codes)
        on = (codes != 0).any(axis=2)
        return {
            "reconstruction": float(np.square(rest).sum() / np.square(part.truth).sum()),
            "active": float((codes != 0).mean()),
            "dead": float((~on.any(axis=0)).mean()),
        }, codes


def _trained(
    parts: list[_Part], activation: str, block: int, depth: int, seed: int, size: RealSize, share: float
) -> _Trained:
    """Train one network at the threshold `share`, columns at norm 1 so that the threshold keeps its meaning."""
    train, held_out, _ = parts
    seen = train.seen if train.mask is None else train.mask * train.seen
    start = upright(through_samples(seen, size.width // block, block, generator(seed, "start", block)), seen)
    lam = share * float(np.median(group_norms(start, seen).max(axis=1)))
    network = Unfolded(depth, get_activation(activation), depth > 1)
    step: float | str = 1.0 if depth == 1 else "spectral"
    plan = Schedule(epochs=size.epochs, batch=50, rate=0.003, normalise="columns")
    rng = generator(seed, "shuffle")
    W = fit_minibatch(network, start, train.seen, lam, rng, plan, step=step, mask=train.mask).W
    fit = _Trained(network, W, lam, step, 1.0)
    again = fit.output(fit.codes(held_out))
    energy = float(np.square(again).sum())
    return replace(fit, scale=float((again * held_out.truth).sum()) / energy if energy > 0 else 1.0)


def upright(W: Array, Y: Array) -> Array:
    """Return W (n, G, d) with every column's sign such that its responses to the rows of `Y` sum to >= 0.

    Singular vectors have no sign, and a one-sided unit with the wrong one never fires.
    """
    signs = np.where(np.einsum("n,ngd->gd", Y.sum(axis=0), W) < 0, -1.0, 1.0)
    return np.asarray(W * signs)


def _chosen(parts: list[_Part], activation: str, block: int, depth: int, seed: int, size: RealSize) -> float:
    """Return the candidate with the best held-out reconstruction within the budget, else the sparsest."""
    found = []
    for share in SHARES:
        scores, _ = _trained(parts, activation, block, depth, seed, size, share).scores(parts[1])
        within = scores["active"] <= BUDGET
        found.append((not within, scores["reconstruction"] if within else scores["active"], share))
    return min(found)[2]


def strongest(W: Array, codes: Array, count: int) -> list[list[list[float]]]:
    """Return the `count` most used groups as atoms (`principal_atoms`).

    Returns
    -------
    list
        Shape (count, d, n), each block scaled to largest entry 1.
    """
    energy = np.square(codes).sum(axis=(0, 2))
    made = []
    for g in np.argsort(-energy, kind="stable")[:count]:
        atoms = principal_atoms(W[:, g], codes[:, g])
        made.append(np.round(atoms / max(float(np.abs(atoms).max()), np.finfo(float).tiny), 2).tolist())
    return made


def combine(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return rows, paired rows, cells and the frame of the figures."""
    rows: list[dict[str, Any]] = []
    comparisons: list[Comparison] = []
    described = []
    for result in results:
        cell, found = cell_id(result["data"], result["condition"], result["depth"]), result["found"]
        for method, values in found.items():
            rows += [_row(cell, method, name, values[name]) for name in ("reconstruction", "active", "dead")]
        comparisons += [
            Comparison(
                TASK,
                cell,
                metric,
                method,
                GROUP,
                found[GROUP][metric],
                found[method][metric],
                larger,
            )
            for method in list(NETWORKS)[1:]
            for metric, larger in METRICS.items()
        ]
        described.append({"id": cell, "task": TASK, "meaning": _meaning(result)})
    strips = [
        {key: result[key] for key in ("data", "condition", "depth", "side", "strips")}
        for result in results
        if result["strips"]
    ]
    return {
        "rows": rows,
        "paired": [row.to_dict() for row in paired_rows(comparisons)],
        "cells": described,
        "frames": {"strips": strips},
    }


def _meaning(result: Mapping[str, Any]) -> str:
    kind = {
        "clean": "as they are",
        "noise": f"noise of {NOISE:g} times an image's norm",
        "missing": f"{MISSING:.0%} of the pixels missing",
    }[result["condition"]]
    return f"{result['data']}, {kind}; T = {result['depth']}, code of {result['width']}"


def _row(cell: str, method: str, metric: str, values: list[float]) -> dict[str, Any]:
    spread = mean_interval(values)
    return {
        "task": TASK,
        "cell": cell,
        "method": method,
        "metric": metric,
        "mean": spread.mean,
        "low": spread.low,
        "high": spread.high,
        "seeds": len(values),
    }
