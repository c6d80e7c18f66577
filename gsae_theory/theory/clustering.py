"""Clustering by the active group, argmax_h ||W_h^T y||: margins and error bounds (side section 2).

One active group g, ||x_g|| = R, y = A_g x_g + e, and W_h = s A_h Q_h + E_h with ||E_h||_2 <= delta.
Bounds with a free parameter (k or t) are SymPy expressions at a given value of it; every admissible
value is valid, and the numeric functions minimise over it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import minimize_scalar
from sympy.utilities.lambdify import implemented_function

from gsae_theory.errors import InvalidInput
from gsae_theory.theory.quantity import define, lambdified
from gsae_theory.theory.symbols import B_min, G, R, d, declare, delta, mu, nu, s, sigma

Array = NDArray[np.float64]
_pos, _nonneg = {"positive": True}, {"nonnegative": True}

mu_gh = declare("mu_gh", r"\mu_{gh}", "spectral norm of A_g^T A_h for one pair of groups", **_nonneg)
chernoff_k = declare("chernoff_k", "k", "free parameter of a Chernoff bound, in (0, 1)", **_pos)
rho_active = declare("rho_active", r"\varrho", "||A_g^T y|| / sigma of the active group", **_nonneg)
offset = declare(
    "offset", "o", "how far a perturbed network lowers the barrier, in units of sigma", **_nonneg
)
error_level = declare(
    "error_level", r"\epsilon", "probability that the Gaussian noise leaves its event", **_pos
)
delta_row = declare("delta_row", r"\delta_W", "largest ||W_h - s A_h Q_h||_2 over h", **_nonneg)
nu_row = declare("nu_row", r"\|e\|", "norm of the noise in one sample", **_nonneg)

# T2.1: bounded noise


def _quantity(name: str, latex: str, expr: sp.Expr, meaning: str, source: str) -> sp.Symbol:
    symbol = declare(name, latex, meaning)
    define(symbol, expr, meaning, source)
    return symbol


margin_expr = s * (R * (1 - mu) - sp.sqrt(2 * (1 - mu)) * nu_row) - 2 * delta_row * (R + nu_row)
"""||W_g^T y|| - ||W_h^T y|| is at least this, for nu <= R sqrt(2 (1 - mu)); attained for every A."""

cluster_margin = _quantity(
    "cluster_margin", r"\Delta_{\mathrm{cl}}", margin_expr, "clustering margin", "side T2.1"
)
nu_cluster = _quantity(
    "nu_cluster",
    r"\nu_{\mathrm{cl}}",
    B_min * sp.sqrt((1 - mu) / 2),
    "noise below which W = s A Q clusters without error; exact",
    "side T2.1",
)
delta_cluster = _quantity(
    "delta_cluster",
    r"\delta_{\mathrm{cl}}",
    s * sp.sqrt(1 - mu) * (sp.sqrt(1 - mu) * B_min - sp.sqrt(2) * nu) / (2 * (B_min + nu)),
    "distance below which clustering makes no error; s (1-mu)/2 and exact without noise",
    "side T2.1",
)

# T2.2, T2.4: Gaussian noise, one integral

marcum_q = implemented_function(
    "marcum_q", lambda order, a, b: stats.ncx2.sf(np.square(b), 2 * np.asarray(order), np.square(a))
)
"""Marcum's Q_{d/2}(a, b) = P(chi'^2_d(a^2) >= b^2)."""

barrier = sp.Max(0, rho_active - offset)
marcum_bound = marcum_q(d / 2, mu_gh / sp.sqrt(1 - mu_gh**2) * rho_active, barrier)
"""P(||A_h^T y|| beats the barrier | rho) by stochastic dominance."""

chernoff_bound = (1 - chernoff_k) ** (-d / 2) * sp.exp(
    chernoff_k / 2 * (rho_active**2 * mu_gh**2 / (1 - chernoff_k * (1 - mu_gh**2)) - barrier**2)
)
"""The same by an exponential moment at parameter k."""

offset_expr = 2 * delta * (R + sigma * (sp.sqrt(d) + sp.sqrt(2 * sp.log(G / error_level)))) / (s * sigma)
"""T2.4: the offset at distance delta, off an event of probability `error_level`."""

# T2.3: closed form

closed_bound = (1 - chernoff_k**2) ** (-d / 2) * sp.exp(
    -(R**2 / (2 * sigma**2))
    * chernoff_k
    * (1 - chernoff_k)
    * (1 - mu_gh**2)
    / (1 - chernoff_k**2 * (1 - mu_gh**2))
)
"""P(group h beats g) <= this for every 0 < k < 1, W = s A Q."""

_GRID = np.arange(1, 48) / 48.0


def _smallest(function: Callable[[Array], Array], rounds: int = 4) -> Array:
    """Minimise a function of k in (0, 1) along its last axis: a grid, then zooms.

    Every value met is a bound, so the search need not find the minimum to be right.
    """
    values = function(_GRID)
    best, centre, width = values.min(axis=-1), _GRID[values.argmin(axis=-1)], 1 / 48.0
    for _ in range(rounds):
        low, high = np.maximum(centre - width, 1e-9), np.minimum(centre + width, 1 - 1e-9)
        points = low[..., None] + (high - low)[..., None] * np.linspace(0, 1, 13)
        values = function(points)
        at = values.argmin(axis=-1)
        centre = np.take_along_axis(points, at[..., None], axis=-1)[..., 0]
        best, width = np.minimum(best, values.min(axis=-1)), width / 5
    return np.asarray(best)


def _coherences(coherences: Array | float) -> tuple[Array, Array]:
    """Return distinct coherences and how often each occurs."""
    values = np.atleast_1d(np.asarray(coherences, dtype=float))
    if values.ndim != 1 or not np.all((values >= 0) & (values < 1)):
        raise InvalidInput("coherences", values, "a vector of numbers in [0, 1)")
    unique, counts = np.unique(np.round(values, 12), return_counts=True)
    return np.minimum(unique + 1e-12, 1 - 1e-12), counts.astype(float)


def closed_error_bound(size: int, ratio: float, coherences: Array | float) -> float:
    """Return T2.3: the closed-form bound on P(misclustered | g, R) at W = s A Q.

    Parameters
    ----------
    size : int
        Block size d.
    ratio : float
        R / sigma, > 0.
    coherences : array
        mu_gh for every h != g.

    Returns
    -------
    float
        Not capped at 1.
    """
    values, counts = _coherences(coherences)
    _, function = lambdified(closed_bound.subs(R, ratio).subs(sigma, 1).subs(d, size))
    bound = _smallest(lambda k: np.asarray(function(k, values[:, None])))
    return float(counts @ bound)


def pair_bound(rho: Array, size: int, coherence: float, off: float = 0.0) -> Array:
    """Return b_h(rho; o) of T2.2: the smaller of 1, Marcum and Chernoff, at every `rho`."""
    rho = np.asarray(rho, dtype=float)
    _, marcum = lambdified(marcum_bound)  # (d, mu_gh, offset, rho_active)
    _, chernoff = lambdified(chernoff_bound)  # (chernoff_k, d, mu_gh, offset, rho_active)
    first = marcum(size, coherence, off, rho)
    second = _smallest(lambda k: np.asarray(chernoff(k, size, coherence, off, rho[..., None])))
    return np.minimum(1.0, np.minimum(first, second))


def _rule(points: Array, panels: int, nodes: int) -> tuple[Array, Array]:
    """Composite Gauss-Legendre on the intervals between `points`, each cut into `panels`."""
    x, weight = np.polynomial.legendre.leggauss(nodes)
    edges = np.concatenate([np.linspace(a, b, panels, endpoint=False) for a, b in pairwise(points)])
    edges = np.append(edges, points[-1])
    half = np.diff(edges) / 2
    return ((edges[:-1] + half)[:, None] + half[:, None] * x).ravel(), (half[:, None] * weight).ravel()


def rho_density(rho: Array, size: int, ratio: float) -> Array:
    """Return the density of ||A_g^T y||/sigma, whose square is chi'^2_d(R^2/sigma^2)."""
    rho = np.asarray(rho, dtype=float)
    return np.asarray(2 * rho * stats.ncx2.pdf(rho**2, size, ratio**2))


def gaussian_error_bound(
    size: int, ratio: float, coherences: Array | float, off: float = 0.0, rtol: float = 1e-4
) -> float:
    """Return T2.2 (T2.4's integral for an offset > 0): E_rho min(1, sum_h b_h(rho; o)).

    Gauss-Legendre panels in rho, split where the sum reaches 1, doubled until the value settles.

    Parameters
    ----------
    size : int
    ratio : float
        R / sigma, > 0.
    coherences : array
        mu_gh for every h != g, each in [0, 1).
    off : float
        Offset o >= 0.
    rtol : float
        Relative change under doubling that is accepted.

    Returns
    -------
    float
        The last value plus its change under doubling, in [0, 1].
    """
    values, counts = _coherences(coherences)

    def total(rho: Array) -> Array:
        bounds = sum(c * pair_bound(rho, size, float(m), off) for m, c in zip(values, counts, strict=True))
        return np.asarray(bounds)

    # 40 standard deviations of rho around its mean hold all but 1e-300 of the mass
    centre = np.hypot(ratio, np.sqrt(size))
    low, high = max(0.0, centre - 40.0), centre + 40.0
    knots = np.linspace(low, high, 161)
    above = total(knots) >= 1
    kink = [float(k) for k in _bisect(total, knots, above)]
    points = np.array(sorted({low, high, *kink}))
    previous, panels = np.nan, 32
    for _ in range(4):
        rho, weight = _rule(points, panels, 8)
        value = float(np.sum(weight * rho_density(rho, size, ratio) * np.minimum(1.0, total(rho))))
        if abs(value - previous) <= rtol * value:
            break
        previous, panels = value, panels * 2
    return float(min(1.0, value + abs(value - previous)))


def _bisect(total: Callable[[Array], Array], knots: Array, above: NDArray[np.bool_]) -> list[float]:
    """Return where `total` crosses 1, one point per change of `above`."""
    crossings = []
    for index in np.flatnonzero(above[1:] != above[:-1]):
        a, b, start = knots[index], knots[index + 1], above[index]
        for _ in range(30):
            middle = 0.5 * (a + b)
            a, b = (middle, b) if (total(np.array([middle]))[0] >= 1) == start else (a, middle)
        crossings.append(0.5 * (a + b))
    return crossings


def error_bound(size: int, ratio: float, coherences: Array | float) -> float:
    """Return min(T2.2, T2.3), the bound on P(misclustered | g, R) at W = s A Q."""
    return min(
        gaussian_error_bound(size, ratio, coherences), closed_error_bound(size, ratio, coherences), 1.0
    )


def perturbed_error_bound(
    size: int, ratio: float, coherences: Array | float, distance: float, scale: float, levels: int = 9
) -> float:
    """Return T2.4 minimised over `error_level`: W_h within `distance` of s A_h Q_h in spectral norm.

    Parameters
    ----------
    size, ratio, coherences
        As in `gaussian_error_bound`.
    distance : float
        delta, in units of s R = `scale` times the norm of the code.
    scale : float
        s.
    levels : int
        Size of the grid of levels 10^-1 .. 10^-`levels`; every level gives a valid bound.
    """
    values = np.atleast_1d(np.asarray(coherences, dtype=float))
    names, function = lambdified(offset_expr)
    given = {"delta": distance, "R": ratio, "sigma": 1.0, "d": size, "G": values.size + 1, "s": scale}
    best = 1.0
    for level in 10.0 ** -np.arange(1.0, levels + 1):
        off = float(function(*[{**given, "error_level": level}[name] for name in names]))
        best = min(best, level + gaussian_error_bound(size, ratio, values, off, rtol=1e-2))
    return best


def exact_error_incoherent(size: int, ratio: float, groups: int) -> float:
    """Return P(misclustered) for mutually orthogonal groups (mu = 0), exactly (T2.2)."""
    low, high = max(0.0, np.hypot(ratio, np.sqrt(size)) - 40.0), np.hypot(ratio, np.sqrt(size)) + 40.0
    rho, weight = _rule(np.array([low, high]), 128, 8)
    # 1 - F^{G-1} without cancellation
    wrong = -np.expm1((groups - 1) * np.log1p(-np.minimum(stats.chi2.sf(rho**2, size), 1 - 1e-16)))
    return float(np.sum(weight * rho_density(rho, size, ratio) * wrong))


def certified_error_bound(W: Array, A: Array, group: int, radius: float, noise: float) -> float:
    """Return T2.5: a bound on P(misclustered | g, R) for a given network, no coherence needed.

    Parameters
    ----------
    W, A : array, shape (n, G, d)
    group : int
        The active group g.
    radius, noise : float
        R and sigma, both > 0.
    """
    active = A[:, group, :]
    own = W[:, group, :] @ W[:, group, :].T
    total = 0.0
    for h in range(W.shape[1]):
        if h == group:
            continue
        eigenvalues, vectors = np.linalg.eigh(W[:, h, :] @ W[:, h, :].T - own)
        total += _quadratic_tail(eigenvalues, vectors.T @ active, radius / noise)
    return min(1.0, total)


def _quadratic_tail(eigenvalues: Array, signal: Array, ratio: float) -> float:
    """Minimise the Gaussian quadratic-form moment bound over t, in units of 1/(2 sigma^2 l_max)."""
    top = float(eigenvalues.max())
    # with l_max <= 0 every t > 0 is admissible: scale by the largest modulus instead
    unit = 1 / (top if top > 0 else 1e-3 * float(np.abs(eigenvalues).max()))

    def log_moment(k: float) -> float:
        t = 0.5 * k * unit
        shrink = 1 - 2 * t * eigenvalues
        form = (signal * (eigenvalues / shrink)[:, None]).T @ signal
        return float(-0.5 * np.log(shrink).sum() + t * ratio**2 * np.linalg.eigvalsh(form)[-1])

    found = minimize_scalar(log_moment, bounds=(1e-9, 1 - 1e-9), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(min(0.0, found.fun)))


_bound_of_row = np.vectorize(
    lambda size, ratio, coherence, groups: error_bound(int(size), ratio, np.full(int(groups) - 1, coherence)),
    otypes=[float],
)
error_bound_function = implemented_function("P_err", _bound_of_row)
cluster_error = _quantity(
    "cluster_error",
    r"\bar P_{\mathrm{cl}}",
    error_bound_function(d, R / sigma, mu, G),
    "min(T2.2, T2.3) with every coherence replaced by mu",
    "side T2.2, T2.3",
)
