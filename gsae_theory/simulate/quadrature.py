"""Rules that integrate over codes: Gauss rules on the sphere, times the rule of the radius, per active group.

Where supports are certified the integrands are analytic and the error falls geometrically with the level;
with kinks (elementwise activations, leaking groups) it is only algebraic (side section 4).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import roots_jacobi

from gsae_theory.errors import InvalidInput

if TYPE_CHECKING:
    from gsae_theory.model.radius import RadiusLaw

Array = NDArray[np.float64]

LARGEST_BLOCK = 4  # block size up to which sphere rules are offered


def check_level(d: int, level: int) -> None:
    """Raise InvalidInput unless a sphere rule exists for the block size and level."""
    if not 1 <= d <= LARGEST_BLOCK:
        admissible = f"1..{LARGEST_BLOCK} for exact integration; use the sampled gradient for larger blocks"
        raise InvalidInput("block", d, admissible, min(max(d, 1), LARGEST_BLOCK))
    if isinstance(level, bool) or not isinstance(level, int | np.integer) or level < 1:
        raise InvalidInput("level", level, "an integer >= 1", 8)


def sphere_size(d: int, level: int) -> int:
    """Return the number of points of `sphere_rule`: 2 level^(d-1)."""
    return int(2 * level ** (d - 1))


def sphere_rule(d: int, level: int) -> tuple[Array, Array]:
    """Return points and weights of a rule on the unit sphere of R^d.

    The two signs for d = 1, 2 level equispaced points for d = 2, products of `level`-point
    Gauss-Gegenbauer rules above.

    Parameters
    ----------
    d : int
        1..4.
    level : int
        >= 1. Polynomials of degree up to 2 level - 1 are integrated exactly (for d = 1: all).

    Returns
    -------
    points : array, shape (K, d), K = 2 level^(d-1)
        Point K/2 + i is minus point i: the first half has one of each antipodal pair.
    weights : array, shape (K,)
        Positive, sum 1; antipodal points have the same weight.

    Raises
    ------
    InvalidInput
        If `d` or `level` is out of range.
    """
    check_level(d, level)
    points, weights = _half_rule(d, int(level))
    return np.concatenate([points, -points]), np.concatenate([weights, weights]) / 2


@lru_cache(maxsize=64)
def _half_rule(d: int, level: int) -> tuple[Array, Array]:
    """Return one point of each antipodal pair; weights sum to 1."""
    if d == 1:
        return np.ones((1, 1)), np.ones(1)
    # theta = (t, sqrt(1 - t^2) omega): t has weight (1 - t^2)^((d-3)/2), omega is on the sphere below.
    t, w = roots_jacobi(level, (d - 3) / 2, (d - 3) / 2)
    t = (t - t[::-1]) / 2  # symmetric to the last bit
    below, below_w = _half_rule(d - 1, level)
    radius = np.sqrt(1 - t**2)
    rest = radius[:, None, None] * below
    first = np.broadcast_to(t[:, None, None], (*rest.shape[:2], 1))
    points = np.concatenate([first, rest], axis=-1).reshape(-1, d)
    return points, np.outer(w / w.sum(), below_w).ravel()


def block_rule(radius: RadiusLaw, d: int, level: int, radius_nodes: int) -> tuple[Array, Array]:
    """Return points R theta, shape (K, d), and weights of one active group; antipodal as `sphere_rule`.

    Parameters
    ----------
    radius : RadiusLaw
    d, level : int
        As in `sphere_rule`.
    radius_nodes : int
        Points of the radius rule, >= 1 (a discrete law gives its atoms).
    """
    check_level(d, level)
    if isinstance(radius_nodes, bool) or not isinstance(radius_nodes, int | np.integer) or radius_nodes < 1:
        raise InvalidInput("radius_nodes", radius_nodes, "an integer >= 1", 2)
    half, half_w = _half_rule(d, int(level))
    R, R_w = radius.nodes(int(radius_nodes))
    points = (R[:, None, None] * half).reshape(-1, d)
    weights = np.outer(R_w, half_w).ravel() / 2
    return np.concatenate([points, -points]), np.concatenate([weights, weights])


def code_size(points: Array, active: int, halve: bool) -> int:
    """Return the number of nodes of `code_chunks`, as an exact integer."""
    return len(points) ** active // (2 if halve else 1)


def code_chunks(
    points: Array, weights: Array, active: int, halve: bool, rows: int = 1 << 12
) -> Iterator[tuple[Array, Array]]:
    """Yield the product of `active` equal block rules, piece by piece, so that memory stays bounded.

    Parameters
    ----------
    points, weights : array
        From `block_rule`.
    active : int
        Number of active groups, >= 1.
    halve : bool
        Keep one of x and -x, with twice the weight: enough for functions with f(-x) = f(x).
    rows : int
        Nodes per piece, at least one piece per point of the first group.

    Yields
    ------
    codes : array, shape (active * d, nodes)
        One node per column.
    weights : array, shape (nodes,)
    """
    keep = len(points) // 2 if halve else len(points)
    first, first_w = points[:keep], weights[:keep] * (len(points) // keep)
    step = max(1, rows // len(points) ** (active - 1))
    for at in range(0, keep, step):
        part = slice(at, at + step)
        yield _product([first[part]] + [points] * (active - 1), [first_w[part]] + [weights] * (active - 1))


def _product(points: list[Array], weights: list[Array]) -> tuple[Array, Array]:
    d, sizes = points[0].shape[1], [len(w) for w in weights]
    codes, total = np.empty((len(sizes), d, *sizes)), np.ones(())
    for position, (part, part_w) in enumerate(zip(points, weights, strict=True)):
        shape = [1] * len(sizes)
        shape[position] = sizes[position]
        codes[position] = part.T.reshape(d, *shape)
        total = total * part_w.reshape(shape)
    return codes.reshape(len(sizes) * d, -1), total.ravel()
