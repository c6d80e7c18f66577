"""The models and starts of the recovery comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.errors import UnknownName
from gsae_theory.experiments.coding_cells import Cell
from gsae_theory.experiments.estimator import through_samples
from gsae_theory.model.frames import random_blocks
from gsae_theory.simulate import start

Array = NDArray[np.float64]
DIM, ATOMS = 48, 48
NEAR = 0.5
"""Noise of a near start per column: W_g = A_g Q_g + noise of Frobenius norm NEAR sqrt(d)."""
STARTS = ("near", "samples", "random")


@dataclass(frozen=True)
class RecoveryCell:
    """A model with a kind of start.

    Attributes
    ----------
    cell : Cell
    kind : str
        ``near`` the dictionary, through ``samples``, or ``random`` orthonormal blocks.
    normalise : tuple of str
        Constraints on the weights that are tried; every method takes its own best.
    baselines : bool
        Also run dictionary learning, K-subspaces and block K-SVD.
    """

    cell: Cell
    kind: str
    normalise: tuple[str, ...] = ("none",)
    baselines: bool = False

    @property
    def id(self) -> str:
        """Name of the model and of the start."""
        return f"{self.cell.id}-{self.kind}"

    def start(self, A: Array, Y: Array, rng: np.random.Generator) -> Array:
        """Return the weights from which every method starts."""
        n, G, d = A.shape
        if self.kind == "near":
            return start("near", A, 1.0, NEAR * np.sqrt(d), rng)
        if self.kind == "samples":
            return through_samples(Y, G, d, rng)
        return random_blocks(n, G, d, rng)


def _model(name: str, meaning: str, block: int, active: int, **extra: Any) -> Cell:
    spec = {"dim": DIM, "groups": ATOMS // block, "block": block, "active": active, **extra}
    return Cell(name, meaning, spec)


_D1 = _model("d1-g1", "block size 1: the group ReLU is the soft threshold", 1, 1)
_D2 = _model("d2-g1", "block size 2", 2, 1)
_D4 = _model("d4-g1", "block size 4", 4, 1)
_TWO = _model("d2-g2", "block size 2, two active groups", 2, 2)
_BASE = _model("d4-g2", "base: block size 4, two active groups", 4, 2)
_NOISE = _model("d4-g2-noise", "noise of norm 0.5", 4, 2, noise="sphere", noise_level=0.5)
_AXIS = _model("d4-g1-axis", "codes along one axis of the block", 4, 1, direction="axis_aligned")
_FREE = ("none", "columns")

CELLS: tuple[RecoveryCell, ...] = (
    RecoveryCell(_D1, "near"),
    RecoveryCell(_D2, "near"),
    RecoveryCell(_D4, "near"),
    RecoveryCell(_TWO, "near"),
    RecoveryCell(_BASE, "near", baselines=True),
    RecoveryCell(_NOISE, "near"),
    RecoveryCell(_AXIS, "near"),
    RecoveryCell(_D4, "samples", _FREE),
    RecoveryCell(_D4, "random", _FREE, baselines=True),
    RecoveryCell(_BASE, "random", _FREE, baselines=True),
)
QUICK: tuple[str, ...] = ("d4-g1-near", "d4-g2-near")


def by_id(name: str) -> RecoveryCell:
    """Return the cell of that id, or raise UnknownName."""
    for cell in CELLS:
        if cell.id == name:
            return cell
    raise UnknownName("cell", name, [cell.id for cell in CELLS])
