"""Observables of the active set: samples, and the code directions along which the bounds are attained."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gsae_theory.check.context import Context
from gsae_theory.check.measurement import Measurement, observable
from gsae_theory.check.observables.landscape import points

Array = NDArray[np.float64]
SAMPLES = 2000
"""Samples per point, beside one adversarial sample per pair of groups and end of the radius range."""


def _cross(W: Array, A: Array) -> Array:
    """Return K[h, g] = W_h^T A_g, shape (G, G, d, d)."""
    return np.einsum("nhi,ngj->hgij", W, A)


def adversarial_codes(context: Context, W: Array) -> tuple[Array, Array]:
    """Return active group and block of single-group codes that are worst for `W`.

    For every pair (h, g) the top singular vector of W_h^T A_g at B_max (h != g: loudest leakage) and the
    last one at B_min (h = g: faintest signal).
    """
    K = _cross(W, context.model.dictionary)
    _, _, Vt = np.linalg.svd(K)
    groups = K.shape[0]
    h, g = np.divmod(np.arange(groups * groups), groups)
    same = h == g
    direction = np.where(same[:, None], Vt[h, g, -1], Vt[h, g, 0])
    radius = np.where(same, context.constants["B_min"], context.constants["B_max"])
    return g, radius[:, None] * direction


def aligned_interference(context: Context, W: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return samples of `gamma` groups, shape (rows, n), that are worst for `W`, and which groups they use.

    For every inactive group h: the gamma groups and codes of norm B_max that add up along one direction of
    W_h, found from each singular direction by a few rounds of "best codes for the direction, best direction
    for the codes". For every active group: its faintest code against the others, opposed. Bounded noise of
    norm nu is added along the same direction.
    """
    model, limits = context.model, context.constants
    A, K = model.dictionary, _cross(W, model.dictionary)
    rows, used = [], []
    noise = limits["nu"] if np.isfinite(limits["nu"]) else 0.0

    def along(h: int, b: Array, own: Array | None) -> tuple[Array, NDArray[np.intp]]:
        """Return the sample whose parts push W_h^T y along b (or oppose `own`, a code of h), and its groups."""
        pulls = np.einsum("gij,i->gj", K[h], b)
        strength = np.linalg.norm(pulls, axis=1)
        strength[h] = -1.0
        others = np.argsort(-strength)[: model.gamma - (own is not None)]
        units = pulls[others] / np.maximum(strength[others], 1e-300)[:, None]
        sign = 1.0 if own is None else -1.0
        y = sign * limits["B_max"] * np.einsum("ngi,gi->n", A[:, others], units)
        if own is not None:
            y = y + A[:, h] @ own
            others = np.append(others, h)
        push = W[:, h] @ b
        return y + sign * noise * push / max(float(np.linalg.norm(push)), 1e-300), others

    left, _, right = np.linalg.svd(K)
    for h in range(model.G):
        starts = [left[h, g, :, 0] for g in range(model.G) if g != h]
        found = []
        for b in starts if model.gamma < model.G else []:
            for _ in range(3):
                y, groups = along(h, b, None)
                u = W[:, h].T @ y
                b = u / max(float(np.linalg.norm(u)), 1e-300)
            found.append((float(np.linalg.norm(W[:, h].T @ y)), y, groups))
        if found:
            _, y, groups = max(found, key=lambda item: item[0])
            rows.append(y)
            used.append(groups)
        faint = limits["B_min"] * right[h, h, -1]
        u = K[h, h] @ faint
        y, groups = along(h, u / max(float(np.linalg.norm(u)), 1e-300), faint)
        rows.append(y)
        used.append(groups)
    on = np.zeros((len(rows), model.G), dtype=bool)
    for row, groups in enumerate(used):
        on[row, groups] = True
    return np.array(rows), on


def _preactivations(context: Context, W: Array, samples: int) -> tuple[Array, NDArray[np.bool_], Array]:
    """Return ||u_h|| and which groups are in the support, shape (rows, G), of samples and worst codes y."""
    model = context.model
    sample = model.sample(samples, context.rng("support samples"))
    Y = model.observe(sample)
    on = np.zeros((len(Y), model.G), dtype=bool)
    rows, columns = np.nonzero(sample.support >= 0)
    on[rows, sample.support[rows, columns]] = True
    if model.gamma == 1:
        g, x = adversarial_codes(context, W)
        worst = np.einsum("ngi,gi->gn", model.dictionary[:, g], x)
        Y = np.concatenate([Y, worst])
        on = np.concatenate([on, np.arange(model.G) == g[:, None]])
    else:
        worst, groups = aligned_interference(context, W)
        Y, on = np.concatenate([Y, worst]), np.concatenate([on, groups])
    u = (Y @ W.reshape(model.n, -1)).reshape(len(Y), model.G, model.d)
    return np.linalg.norm(u, axis=2), on, Y


def _covariates(context: Context, W: Array) -> tuple[float, float]:
    """Return min_g sigma_min(A_g^T W_g) and max_{g != h} ||W_h^T A_g||."""
    values = np.linalg.svd(_cross(W, context.model.dictionary), compute_uv=False)
    groups = np.arange(values.shape[0])
    top = values[..., 0].copy()
    lowest = float(values[groups, groups, -1].min())
    top[groups, groups] = 0.0
    return lowest, float(top.max())


def _support_rows(context: Context, kind: str) -> Measurement:
    values, lowest, leaks, names, sources = [], [], [], [], []
    for name, share, W in points(context):
        norms, on, Y = _preactivations(context, W, SAMPLES)
        if kind == "inactive" and on.all():
            continue  # no inactive group, nothing to compare
        if kind == "error":
            # The closed end of the window is attained: rounding must not turn lambda <= ||u|| into an error.
            margin = 1e-12 * context.lam
            wrong = np.where(on, norms <= context.lam - margin, norms > context.lam + margin).any(axis=1)
            values.append(float(wrong.mean()))
            worst = int(wrong.argmax())
        elif kind == "active":
            values.append(float(norms[on].min()))
            worst = int(np.where(on, norms, np.inf).min(axis=1).argmin())
        else:
            values.append(float(norms[~on].max()))
            worst = int(np.where(on, -np.inf, norms).max(axis=1).argmax())
        sources.append({"W": W, "y": Y[worst], "on": on[worst]})
        smallest, leak = _covariates(context, W)
        lowest.append(smallest)
        leaks.append(leak)
        names.append(f"{name} at {share} delta")
    return Measurement(
        np.array(values),
        {"sigma_min": np.array(lowest), "leak": np.array(leaks)},
        {"point": np.array(names)},
        kind="pathwise",
        scale=context.s * context.constants["B_max"],
        arrays=sources.__getitem__,
    )


@observable("support_error_rate")
def support_error_rate(context: Context) -> Measurement:
    """Share of samples and worst codes whose active set is wrong, at points of the ball.

    Covariates ``sigma_min`` = min_g sigma_min(A_g^T W_g) and ``leak`` = max_{g != h} ||W_h^T A_g||.
    """
    return _support_rows(context, "error")


@observable("active_norm")
def active_norm(context: Context) -> Measurement:
    """Smallest ||u_g|| of an active group; covariates as for ``support_error_rate``."""
    return _support_rows(context, "active")


@observable("inactive_norm")
def inactive_norm(context: Context) -> Measurement:
    """Largest ||u_h|| of an inactive group; covariates as for ``support_error_rate``."""
    return _support_rows(context, "inactive")
