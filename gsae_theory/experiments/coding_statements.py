"""side T1.0-T1.6 on the data of the sparse-coding comparison: one active group, norm 1, no noise.

The samples of a cell are pooled over its seeds: independent, with one law of theta, and a dictionary of
its own at every seed. Bounds and exact values come from `gsae_theory.theory.elementwise`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check.ledger import LEDGER
from gsae_theory.check.limits import (
    bernstein_radius,
    clopper_pearson_lower,
    clopper_pearson_upper,
    hoeffding_radius,
)
from gsae_theory.check.observables.side import column_coherence
from gsae_theory.experiments.coding_cells import Cell
from gsae_theory.experiments.coding_metrics import CODERS, GROUP, PAIRED, PLAIN, TWO_SIDED, Data
from gsae_theory.experiments.sparse_coding import Size, draws, instance
from gsae_theory.experiments.statements import Check, statement
from gsae_theory.model.constants import block_coherence
from gsae_theory.model.extremal import orthobasis_pair
from gsae_theory.seeds import generator, seed_for
from gsae_theory.simulate import haar_rotations, rotate_blocks
from gsae_theory.theory.elementwise import joint_tail, some_unit
from gsae_theory.theory.quantity import Environment

Array = NDArray[np.float64]
ROUNDING = 1e-10
SHARES = (0.2, 0.5, 0.8)
"""Thresholds in units of d^{-1/2}, above which no code has all of its entries."""


@dataclass(frozen=True)
class Pool:
    """The one-group data of a cell.

    Attributes
    ----------
    cell : str
    d : int
    mu_col : float
        Mean over the seeds of mu_col(I).
    theta : array, shape (N, d)
        Directions of the active blocks, pooled over the seeds.
    parts : list of (A, A Q, Data)
        Per seed: dictionary, the dictionary with rotated blocks, test data.
    """

    cell: str
    d: int
    mu_col: float
    theta: Array
    parts: list[tuple[Array, Array, Data]]


def pool(cell: Cell, seed: int, seeds: int, size: Size) -> Pool:
    """Return the test data that `run_sparse_coding` used on a cell."""
    parts = []
    for k in range(seeds):
        model = instance(cell, seed, k)
        _, test = draws(model, size, seed_for(seed, "sparse-coding", cell.id, k))
        Q = haar_rotations(model.G, model.d, generator(seed, "rotations", cell.id, k))
        parts.append((model.dictionary, rotate_blocks(model.dictionary, Q), test))
    theta = np.concatenate([_active(test.x, test.x) for *_, test in parts])
    mu_col = float(np.mean([column_coherence(A) for A, *_ in parts]))
    return Pool(cell.id, theta.shape[1], mu_col, theta, parts)


def pools_of(cells: Sequence[Cell], seed: int, seeds: int, size: Size) -> list[Pool]:
    """Return the pools of the cells on which section 1 of side is exact and not trivial."""
    return [pool(cell, seed, seeds, size) for cell in cells if cell.one_group and cell.spec["block"] > 1]


def run_statements(pools: Sequence[Pool]) -> list[dict[str, Any]]:
    """Return T1.0-T1.6 on every pool; empty if there is none."""
    if not pools:
        return []
    rows = (
        ("T1.0", "ReLU on +-atoms writes the code of the soft threshold", two_sided),
        ("T1.0Q", "Without leakage the loss does not depend on block rotations", rotations),
        ("T1.1-all", "P(all d entries of the active group on)", all_entries),
        ("T1.1-fraction", "Expected fraction of entries on", fraction_on),
        ("T1.1-seen", "P(some unit of the active group fires)", group_seen),
        ("T1.1-G", "The group ReLU has every entry on, with its sign", group_signs),
        ("T1.1-bound", "P(all on) <= J_0^d", association),
        ("T1.2-pair", "l_ReLU(y) + l_ReLU(-y) = l_ST(y) + ||y||^2/2", pair_identity),
        ("T1.2-loss", "2 L_ST/m2 = f(w, U), and the loss of the group ReLU", exact_losses),
        ("T1.3-soft", "Floor of a leak-free soft threshold: 2 L/m2", floors_soft),
        ("T1.3-relu", "Floor of a leak-free ReLU: 2 L/m2", floors_relu),
        ("T1.4", "The soft threshold ends at a larger scale than the group ReLU", larger_scale),
        ("T1.5-soft", "The soft threshold is stationary at s_ST A", soft_stationary),
        ("T1.5-relu", "The ReLU is stationary at no scale of A: in-block gradient", relu_gradient),
        ("T1.6", "Loss of elementwise networks with lambda > 0, best of the grid", never_exact),
    )
    found = [
        statement(
            f"side.{name}",
            title,
            f"side {name.split('-')[0].rstrip('Q')}",
            [c for item in pools for c in test(item)],
        )
        for name, title, test in rows
    ]
    title = "Tight frame, lambda = 0: no loss for group ReLU, soft threshold, ReLU on +-atoms"
    return [*found, statement("side.T1.3-scope", title, "side T1.3", tight_frame())]


def _active(h: Array, x: Array) -> Array:
    """Return the blocks of `h` at the active group of `x`, shape (N, d)."""
    group = (x != 0).any(axis=2).argmax(axis=1)
    return np.asarray(h[np.arange(len(h)), group])


def _thresholds(item: Pool) -> list[float]:
    return [share / np.sqrt(item.d) for share in SHARES]


def _blocks(item: Pool, method: str, tau: float) -> Array:
    """Return what a network writes on the active blocks, pooled, shape (N, d)."""
    return np.concatenate([_active(CODERS[method](data.u, tau), data.x) for *_, data in item.parts])


def _booked(name: str, item: Pool) -> str:
    where = f"{item.cell} {name}"
    LEDGER.spend(where)
    return where


def _probability(on: NDArray[np.bool_], exact: float, where: str) -> Check:
    """Compare a frequency with an exact probability, by the Clopper-Pearson limit on its side."""
    hits, total = int(on.sum()), on.size
    share = hits / total
    limit = clopper_pearson_upper(hits, total) if share < exact else clopper_pearson_lower(hits, total)
    return Check(share, exact, "==", abs(limit - share), where)


def _mean(values: Array, exact: float, relation: str, width: float, where: str) -> Check:
    return Check(float(values.mean()), exact, relation, bernstein_radius(values, width * (1 + 1e-9)), where)


def _value(name: str, **given: float) -> float:
    return float(np.asarray(Environment(given)[name]))


def two_sided(item: Pool) -> list[Check]:
    """T1.0, pathwise."""
    return [
        Check(
            max(
                float(np.abs(CODERS[PAIRED](data.u, tau) - CODERS[TWO_SIDED](data.u, tau)).max())
                for *_, data in item.parts
            ),
            0.0,
            "==",
            ROUNDING,
            f"{item.cell} tau={tau:.3g}",
        )
        for tau in _thresholds(item)
    ]


def rotations(item: Pool) -> list[Check]:
    """T1.0: mean difference of the losses at A and at A Q, without leakage at either."""
    checks = []
    for method in (GROUP, PLAIN, TWO_SIDED):
        gaps = []
        for A, AQ, data in item.parts:
            tau = max(column_coherence(A), column_coherence(AQ))
            gaps.append(_losses(method, A, data, tau) - _losses(method, AQ, Data.of(AQ, data.x, data.y), tau))
        where = _booked(f"{method} rotated", item)
        checks.append(_mean(np.concatenate(gaps), 0.0, "==", 2.0, where))
    return checks


def _losses(method: str, A: Array, data: Data, tau: float, amplitude: float = 1.0) -> Array:
    """Return 2 l/m2 = ||y - a A sigma_tau(A^T y)||^2 of every sample (norm 1)."""
    h = CODERS[method](data.u, tau)
    r = data.y - amplitude * h.reshape(len(h), -1) @ A.reshape(len(A), -1).T
    return np.asarray(np.einsum("ij,ij->i", r, r))


def all_entries(item: Pool) -> list[Check]:
    """T1.1: S_d for the soft threshold, 2^-d S_d for the ReLU."""
    checks = []
    for tau in _thresholds(item):
        exact = float(joint_tail(item.d, tau, item.d))
        for method, share in ((TWO_SIDED, 1.0), (PLAIN, 2.0**-item.d)):
            where = _booked(f"{method} all on, tau={tau:.3g}", item)
            checks.append(_probability((_blocks(item, method, tau) != 0).all(axis=1), share * exact, where))
    return checks


def fraction_on(item: Pool) -> list[Check]:
    """T1.1: J_0 and J_0/2."""
    checks = []
    for tau in _thresholds(item):
        exact = _value("J_0", d=item.d, tau=tau)
        for method, share in ((TWO_SIDED, 1.0), (PLAIN, 0.5)):
            where = _booked(f"{method} fraction, tau={tau:.3g}", item)
            seen = (_blocks(item, method, tau) != 0).mean(axis=1)
            checks.append(
                Check(float(seen.mean()), share * exact, "==", hoeffding_radius(seen.size, 1.0), where)
            )
    return checks


def group_seen(item: Pool) -> list[Check]:
    """T1.1, third row."""
    checks = []
    for tau in _thresholds(item):
        for method, one_sided in ((TWO_SIDED, False), (PLAIN, True)):
            where = _booked(f"{method} seen, tau={tau:.3g}", item)
            exact = float(some_unit(tau, item.d, one_sided))
            checks.append(_probability((_blocks(item, method, tau) != 0).any(axis=1), exact, where))
    return checks


def group_signs(item: Pool) -> list[Check]:
    """T1.1, pathwise: h = (1 - tau) theta on the active block."""
    return [
        Check(
            float((np.sign(_blocks(item, GROUP, tau)) == np.sign(item.theta)).all(axis=1).mean()),
            1.0,
            "==",
            0.0,
            f"{item.cell} tau={tau:.3g}",
        )
        for tau in _thresholds(item)
    ]


def association(item: Pool) -> list[Check]:
    """T1.1: the exact probability below its bound, and the frequency with it."""
    checks = []
    for tau in _thresholds(item):
        bound = _value("J_0", d=item.d, tau=tau) ** item.d
        on = (_blocks(item, TWO_SIDED, tau) != 0).all(axis=1)
        where = _booked(f"J_0^d, tau={tau:.3g}", item)
        error = float(on.mean()) - clopper_pearson_lower(int(on.sum()), on.size)
        checks.append(Check(float(on.mean()), bound, "<=", error, where))
    return checks


def pair_identity(item: Pool) -> list[Check]:
    """T1.2, pathwise and without leakage; slack is the largest difference."""
    checks = []
    for A, _, data in item.parts:
        tau = column_coherence(A)
        mirrored = Data.of(A, -data.x, -data.y)
        both = _losses(PLAIN, A, data, tau, 1.3) + _losses(PLAIN, A, mirrored, tau, 1.3)
        other = _losses(TWO_SIDED, A, data, tau, 1.3) + np.einsum("ij,ij->i", data.y, data.y)
        checks.append(Check(float(np.abs(both - other).max()), 0.0, "==", ROUNDING, item.cell))
    return checks


def exact_losses(item: Pool) -> list[Check]:
    """T1.2 on the active block, where there is no leakage at any threshold; lambda = w tau."""
    checks = []
    for tau in _thresholds(item):
        w = 1.2
        for method, share in ((TWO_SIDED, 0.0), (PLAIN, 0.5)):
            h = _blocks(item, method, tau)
            losses = np.square(item.theta - w**2 * h).sum(axis=1)
            soft = _value("f_soft", d=item.d, w_scale=w, U=w * tau)
            where = _booked(f"{method} loss, tau={tau:.3g}", item)
            checks.append(_mean(losses, (1 - share) * soft + share, "==", 1.0, where))
        h = _blocks(item, GROUP, tau)
        exact = (1 - w * (w - w * tau)) ** 2
        losses = np.square(item.theta - w**2 * h).sum(axis=1)
        gap = float(np.abs(losses - exact).max())
        checks.append(Check(gap, 0.0, "==", ROUNDING, f"{item.cell} group, tau={tau:.3g}"))
    return checks


def floor_checks(item: Pool, method: str, floor: str) -> list[Check]:
    """Compare the leak-free losses, pooled over the seeds, with the mean of the seeds' floors.

    Thresholds are mu_col(Q), where the floor is attained, and 1.3 mu_col(Q); the scale is the best one.
    """
    checks = []
    for factor in (1.0, 1.3):
        for name in ("Q = I", "random Q"):
            losses, bounds, width = [], [], 1.0
            for A, AQ, data in item.parts:
                W, given = (A, data) if name == "Q = I" else (AQ, Data.of(AQ, data.x, data.y))
                coherence = column_coherence(W)
                tau = factor * coherence
                a, b = (_value(key, d=item.d, tau=tau) for key in ("a_soft", "b_soft"))
                amplitude = a / b if b > 0 else 0.0
                # entry by entry |residual| <= max(1, amplitude (1 - tau) - 1) |theta_j|
                width = max(width, (amplitude * (1 - tau) - 1) ** 2)
                losses.append(_losses(method, W, given, tau, amplitude))
                bounds.append(_value(floor, d=item.d, mu_col_Q=coherence))
            where = _booked(f"{method} floor, {name}, tau = {factor:g} mu_col", item)
            checks.append(_mean(np.concatenate(losses), float(np.mean(bounds)), ">=", width, where))
    return checks


def floors_soft(item: Pool) -> list[Check]:
    """T1.3, soft threshold."""
    return floor_checks(item, TWO_SIDED, "floor_soft")


def floors_relu(item: Pool) -> list[Check]:
    """T1.3, ReLU."""
    return floor_checks(item, PLAIN, "floor_relu")


def slopes(theta: Array, w: float, U: float) -> Array:
    """Return d/dw of ||theta - w ST(w theta, U)||^2 / 2 per sample."""
    t = np.abs(theta)
    return np.asarray(np.where(w * t > U, -(t - w * (w * t - U)) * (2 * w * t - U), 0.0).sum(axis=1))


def larger_scale(item: Pool) -> list[Check]:
    """T1.4: the loss of the soft threshold still falls at s_G; and s_ST >= s_G."""
    checks = []
    for U in (0.2, 0.45):
        s_group, s_soft = _value("s_group", U=U), _value("s_soft", d=item.d, U=U)
        where = _booked(f"slope at s_G, U={U}", item)
        falls = -slopes(item.theta, s_group, U)
        checks.append(_mean(falls, 0.0, ">=", 4.0 * s_group, where))
        checks.append(Check(s_soft, s_group, ">=", 0.0, f"{item.cell} s_ST against s_G, U={U}"))
    return checks


def soft_stationary(item: Pool) -> list[Check]:
    """T1.5(i): df/dw = 0 at s_ST, measured on the samples."""
    checks = []
    for U in (0.2, 0.45):
        w = _value("s_soft", d=item.d, U=U)
        where = _booked(f"slope at s_ST, U={U}", item)
        checks.append(_mean(slopes(item.theta, w, U), 0.0, "==", 4.0 * w * max(1.0, w**2 - 1), where))
    return checks


def relu_gradient(item: Pool) -> list[Check]:
    """T1.5(ii): Frobenius norm of the off-diagonal in-block gradient, which T1.5 gives exactly.

    Off the diagonal the mean of -(r h^T + theta (on W^T r)^T) is b_w; the norm is read as the inner
    product with the unit matrix of equal off-diagonal entries.
    """
    checks, U, d = [], 0.2, item.d
    w = _value("s_group", U=U)
    if U / w >= 2**-0.5:
        return []
    pre = w * item.theta
    on, h = pre > U, np.maximum(pre - U, 0.0)
    r = item.theta - w * h
    back = on * (w * r)
    sums = (r.sum(axis=1) * h.sum(axis=1) - (r * h).sum(axis=1)) + (
        item.theta.sum(axis=1) * back.sum(axis=1) - (item.theta * back).sum(axis=1)
    )
    values = -sums / np.sqrt(d * (d - 1))
    bound = _value("relu_gradient", d=d, w_scale=w, R=1.0, lam=U)
    where = _booked("in-block gradient", item)
    # |<Z, unit>| <= ||r|| (||h|| + w) <= 2 w
    checks.append(_mean(values, bound, ">=", 4.0 * w, where))
    return checks


def never_exact(item: Pool) -> list[Check]:
    """T1.6 at W = w A: best loss over thresholds and scales, leaking or not, worst seed; against the group ReLU's."""
    checks = []
    for method in (PLAIN, PAIRED, TWO_SIDED):
        best = float("inf")
        for A, _, data in item.parts:
            for tau in (0.02, 0.05, 0.1, 0.2, 0.3, 0.4):
                h = CODERS[method](data.u, tau)
                flat = h.reshape(len(h), -1) @ A.reshape(len(A), -1).T
                cross, own = float(np.vdot(flat, data.y)), float(np.vdot(flat, flat))
                best = min(best, 1 - cross**2 / (own * len(data.y)))
        exact = max(_group_loss(A, data) for A, _, data in item.parts)
        checks.append(Check(best, max(exact, ROUNDING), ">=", 0.0, f"{item.cell} {method}"))
    return checks


def _group_loss(A: Array, data: Data) -> float:
    """Return the largest 2 l/m2 of the group ReLU at tau = mu and the scale that is exact there."""
    tau = block_coherence(A)
    return float(_losses(GROUP, A, data, tau, 1 / (1 - tau)).max())


def tight_frame() -> list[Check]:
    """T1.3, scope: A A^T = (m/n) I, lambda = 0 and s^2 = n/m reconstruct every y but with the plain ReLU."""
    A = orthobasis_pair(16, 2)
    Y = generator(0, "tight frame").standard_normal((64, 16))
    data = Data.of(A, np.zeros((len(Y), *A.shape[1:])), Y)
    worst = {name: float(_losses(name, A, data, 0.0, 0.5).max()) for name in (GROUP, TWO_SIDED, PAIRED)}
    return [Check(value, 0.0, "==", ROUNDING, name) for name, value in worst.items()]
