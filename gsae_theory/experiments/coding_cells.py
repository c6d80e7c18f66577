"""The models of the sparse-coding comparison: one thing varied at a time around a base."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gsae_theory.errors import UnknownName
from gsae_theory.model import GenerativeModel
from gsae_theory.model.spec import ModelSpec, build_model

DIM, ATOMS = 64, 96


@dataclass(frozen=True)
class Cell:
    """A random model; the dictionary is drawn anew at every seed.

    Attributes
    ----------
    id : str
    meaning : str
        What is varied.
    spec : dict
        Fields of `ModelSpec`, without the seed.
    references : bool
        Also run the convex programs and the unfolded networks.
    """

    id: str
    meaning: str
    spec: dict[str, Any] = field(default_factory=dict)
    references: bool = False

    def model(self, seed: int) -> GenerativeModel:
        """Return the model at a seed."""
        return build_model(ModelSpec(seed=seed, **self.spec))

    @property
    def one_group(self) -> bool:
        """Whether the exact statements of side section 1 apply: one group, constant norm, uniform, no noise."""
        plain = (
            self.spec.get("direction", "uniform") == "uniform" and self.spec.get("noise", "none") == "none"
        )
        return self.spec.get("active", 1) == 1 and "radius_max" not in self.spec and plain


def _cell(name: str, meaning: str, block: int, active: int, references: bool = False, **extra: Any) -> Cell:
    atoms = extra.pop("atoms", ATOMS)
    spec = {"dim": DIM, "groups": atoms // block, "block": block, "active": active, **extra}
    return Cell(name, meaning, spec, references)


CELLS: tuple[Cell, ...] = (
    _cell("d1-g2", "block size 1: the group ReLU is the soft threshold", 1, 2),
    _cell("d2-g1", "block size 2", 2, 1),
    _cell("d4-g1", "block size 4", 4, 1),
    _cell("d8-g1", "block size 8", 8, 1),
    _cell(
        "d4-g1-quiet",
        "near-orthogonal blocks, mu = 0.1",
        4,
        1,
        dictionary="near_orthogonal",
        coherence=0.1,
        atoms=64,
    ),
    _cell("d2-g2", "block size 2, two active groups", 2, 2),
    _cell("d4-g2", "base: block size 4, two active groups", 4, 2, references=True),
    _cell("d4-g3", "three active groups", 4, 3),
    _cell("d4-g2-low", "blocks of low coherence", 4, 2, dictionary="low_coherence"),
    _cell("d4-g2-noise", "noise of norm 0.5", 4, 2, references=True, noise="sphere", noise_level=0.5),
    _cell("d4-g2-loud", "noise of norm 1", 4, 2, noise="sphere", noise_level=1.0),
    _cell("d4-g2-radius", "norms uniform in [0.5, 1.5]", 4, 2, radius_min=0.5, radius_max=1.5),
    _cell("d4-g2-axis", "codes along one axis of the block", 4, 2, references=True, direction="axis_aligned"),
    _cell("d4-g2-positive", "nonnegative codes", 4, 2, direction="nonnegative"),
)
QUICK: tuple[str, ...] = ("d1-g2", "d4-g1", "d4-g2", "d4-g2-axis")
"""Cells of a quick run."""


def by_id(name: str) -> Cell:
    """Return the cell of that id, or raise UnknownName."""
    for cell in CELLS:
        if cell.id == name:
            return cell
    raise UnknownName("cell", name, [cell.id for cell in CELLS])
