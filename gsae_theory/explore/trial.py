"""One trial: a random instance of a case is trained, and what comes out is measured and named."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from gsae_theory.explore.build import Data, model_of, population, radius_of, sampled
from gsae_theory.explore.case import Case, case_of
from gsae_theory.explore.networks import Firing, Network, Tied, Untied, activation_of, firing
from gsae_theory.explore.theory import IDENTIFIED, Reference, reference, start_of
from gsae_theory.explore.worst import worst_codes
from gsae_theory.seeds import generator
from gsae_theory.simulate import start
from gsae_theory.simulate.metric import aligned_distances

Array = NDArray[np.float64]

EXACT = 1e-5
"""A limit counts as reached within this share of ||s A_g||_F."""
SETTLED = 1e-7
GONE = 1e3
"""Growth of the weights that counts as divergence."""
RATE_SLACK = 2e-3
SURE = 1e-9
STUCK = 0.99
CYCLE = 0.9995
TAIL = 10
PATIENCE = 8
"""A run that has not settled but is getting there may take this many times the steps of the theory."""


@dataclass(frozen=True)
class Run:
    """A trained network.

    Attributes
    ----------
    network : Network
    moves : array
        Length of every step taken, relative to the size of the limit.
    turning : bool
        The last two moves point against each other.
    diverged : bool
    average : Array or None
        For noisy gradients: distances averaged over the last third of the steps.
    """

    network: Network
    moves: Array
    turning: bool
    diverged: bool
    average: Array | None


def run_cell(parameters: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Compute a cell: ``case`` (fields that differ from the default), ``trial`` (a number)."""
    return run_trial(case_of(parameters["case"]), seed)


def run_trial(case: Case, seed: int) -> dict[str, Any]:
    """Train a random instance of a case.

    Parameters
    ----------
    case : Case
    seed : int
        Of the dictionary, the start, the noise and the samples.

    Returns
    -------
    dict
        ``kind`` of failure (``none`` if the theorem's conclusion holds), ``distance`` at the end in units
        of ||s A_g||_F, ``generating`` (largest distance to A itself), ``factor`` per step at the end,
        ``right`` (probability that exactly the support fires), ``loss``, and whether each conclusion
        holds: ``limit``, ``support``, ``rate``, ``identified``.
    """
    found = reference(case)
    model = model_of(case, generator(seed, "dictionary"))
    A = model.dictionary
    if case.mode == "support":
        return _support_only(case, A, found, seed)
    network = network_of(case, A, found, seed)
    noise = generator(seed, "noise")
    data = population(case, model, noise)
    run = train(case, network, data, A, found, seed)
    if run.diverged:
        return _outcome("divergence", math.inf, math.inf, None, found, False)
    distance, order = matched(run.network.encoder, A, found.s)
    seen = firing(run.network, data, order)
    if run.average is not None:
        distance = run.average
    size = float(np.sqrt(np.mean(distance**2)) if case.gamma > 1 else distance.max()) / found.size
    bias = aligned_distances(run.network.encoder, A, (1.0,))[0].max() if fits(run.network, A) else None
    factor, settled = _factor(run.moves), bool(run.moves[-1] <= SETTLED)
    if case.batch:
        factor, settled = math.nan, True
    kind = _kind(case, found, run, seen, size, factor, settled, matched_all=bool((order >= 0).all()))
    outcome = _outcome(kind, size, factor, seen, found, settled)
    return outcome if bias is None else {**outcome, "generating": float(f"{bias:.9g}")}


def fits(network: Network, A: Array) -> bool:
    """Whether the network has the sizes of the dictionary."""
    return network.encoder.shape == A.shape


def _support_only(case: Case, A: Array, found: Reference, seed: int) -> dict[str, Any]:
    """Hold the supports of the start against the worst codes that a search finds; nothing is trained."""
    W = start(case.start, A, found.s, case.distance, generator(seed, "start"))
    law = radius_of(case)
    loudest, quietest = worst_codes(W, A, case.gamma, (law.B_min, law.B_max), generator(seed, "codes"))
    kind = "leakage" if loudest > case.lam else "missed" if quietest <= case.lam else "none"
    return {
        "kind": kind,
        "loudest": round(loudest / case.lam, 12),
        "quietest": round(quietest / case.lam, 12),
        "support": kind == "none",
    }


def network_of(case: Case, A: Array, found: Reference, seed: int) -> Network:
    """Return the network at its start, with blocks and groups added or left out as the case asks."""
    rng = generator(seed, "start")
    W = _resized(start_of(case, A, found.s, rng), case, found, rng)
    act = activation_of(case.relu)
    if case.untied == 0:
        return Tied(W, case.lam, act, case.normalised)
    push = rng.standard_normal(W.shape)
    push *= case.untied / np.linalg.norm(push, axis=(0, 2))[:, None]
    return Untied(W + push / 2, W - push / 2, case.lam, act)


def _resized(W: Array, case: Case, found: Reference, rng: np.random.Generator) -> Array:
    n, G, d = W.shape
    net_G, net_d = case.net_G or G, case.net_d or d
    new = 0.3 * found.s * rng.standard_normal((n, max(net_G, G), max(net_d, d))) / math.sqrt(n)
    new[:, :G, :d] = W
    return np.ascontiguousarray(new[:, :net_G, :net_d])


def train(case: Case, network: Network, data: Data, A: Array, found: Reference, seed: int) -> Run:
    """Run gradient descent until it settles, leaves, or the steps are used up."""
    rng = generator(seed, "batches")
    model = model_of(case, generator(seed, "dictionary"))
    limit = GONE * max(found.size, float(np.linalg.norm(network.encoder)))
    moves: list[float] = []
    tail: list[Array] = []
    before, last, turning = network.encoder, np.zeros_like(network.encoder), False
    steps = found.steps * (1 if case.batch else PATIENCE)
    for step in range(steps):
        with np.errstate(over="ignore", invalid="ignore"):
            batch = sampled(model, case.batch, rng) if case.batch else data
            moves.append(network.step(batch, found.eta / found.p) / found.size)
        now = network.encoder
        if not (np.isfinite(now).all() and np.linalg.norm(now) < limit):
            return Run(network, np.array(moves), False, True, None)
        move, before = now - before, now
        turning = bool(np.sum(move * last) < 0)
        last = move
        if case.batch and step >= 2 * steps // 3:
            tail.append(aligned_distances(now, A, (found.s,))[0])
        if not case.batch and (moves[-1] <= 1e-12 or _ended(moves, found.steps)):
            break
    average = np.sqrt(np.mean(np.square(tail), axis=0)) if tail else None
    return Run(network, np.array(moves), turning, False, average)


def _ended(moves: list[float], steps: int) -> bool:
    """Whether more steps would show nothing: settled, or no longer getting slower at a visible rate."""
    if len(moves) < steps or len(moves) % steps:
        return False
    return moves[-1] <= SETTLED or moves[-1] > STUCK * moves[-steps // 2]


def matched(W: Array, A: Array, s: float) -> tuple[Array, NDArray[np.int64]]:
    """Return the distance of every data group to its network group, and which one that is.

    A block with fewer columns than the data's is filled up with zeros. Of one with more, the part is
    taken that codes of the group reach (the row space of A_g^T W_h): the rest never fires on them, so the
    loss does not see it. Data groups without a network group are at distance ||s A_g||_F.
    """
    (n, G, d), (_, net_G, net_d) = A.shape, W.shape
    pairs = np.empty((G, net_G))
    for h in range(net_G):
        have = np.zeros((n, G, d))
        have[:, :, : min(d, net_d)] = W[:, h : h + 1, :d]
        if net_d > d:
            reached = np.linalg.svd(np.einsum("ngi,nj->gij", A, W[:, h]), full_matrices=False)[2]
            have = np.einsum("nj,gij->ngi", W[:, h], reached)
        pairs[:, h] = aligned_distances(have, A, (s,))[0]
    rows, columns = linear_sum_assignment(pairs)
    order, distance = np.full(G, -1), s * np.linalg.norm(A, axis=(0, 2))
    order[rows], distance[rows] = columns, pairs[rows, columns]
    return distance, order


def _factor(moves: Array) -> float:
    """Return the mean factor between the lengths of late steps, before rounding is seen."""
    clear = np.flatnonzero(moves > 1e-11)
    if len(clear) < TAIL + 1:
        return 0.0
    last = clear[-1]
    return float((moves[last] / moves[last - TAIL]) ** (1 / TAIL))


def _kind(
    case: Case,
    found: Reference,
    run: Run,
    seen: Firing,
    size: float,
    factor: float,
    settled: bool,
    matched_all: bool,
) -> str:
    """Name what went wrong, the gravest first."""
    allowed = found.limit / found.size + EXACT
    if not settled and run.turning and factor > CYCLE:
        return "limit-cycle"
    if not matched_all:
        return "missing-group"
    if size > IDENTIFIED and (seen.share < SURE).any():
        return "dead-group"
    if size > IDENTIFIED and _merged(run.network, case):
        return "merge"
    if seen.extra > SURE:
        return "leakage"
    if seen.missing > SURE:
        return "missed"
    if size > allowed:
        return "slower" if not settled else "shifted"
    if factor > found.factor + RATE_SLACK:
        return "slower"
    return "none"


def _merged(network: Network, case: Case) -> bool:
    """Two groups of the network span (nearly) the same subspace."""
    W = network.encoder.transpose(1, 0, 2)
    Q = np.linalg.qr(W)[0]
    overlap = np.linalg.norm(np.einsum("gni,hnj->ghij", Q, Q), axis=(2, 3)) / math.sqrt(Q.shape[2])
    return bool((overlap - np.eye(len(Q))).max() > 0.9)


def _outcome(
    kind: str, size: float, factor: float, seen: Firing | None, found: Reference, settled: bool
) -> dict[str, Any]:
    def number(value: float) -> float | None:
        return float(f"{value:.9g}") if math.isfinite(value) else None

    allowed = found.limit / found.size + EXACT
    lost = kind in ("divergence", "limit-cycle", "missing-group", "dead-group", "merge")
    support = seen is not None and seen.right > 1 - SURE
    return {
        "kind": kind,
        "distance": number(size),
        "factor": number(factor),
        "right": number(seen.right) if seen else None,
        "loss": number(seen.loss) if seen else None,
        "limit": bool(settled and size <= allowed),
        "support": support,
        "rate": bool(factor <= found.factor + RATE_SLACK),
        "identified": bool(not lost and size <= IDENTIFIED),
    }
