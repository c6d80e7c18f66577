"""A witness as a script of at most 30 lines that needs numpy alone.

The script holds the instance as numbers and repeats the measurement from the definitions (activation,
gradient, Procrustes distance), so that a reader who trusts nothing here can check the refutation.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import comb
from typing import Any, cast

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from sympy.printing.numpy import NumPyPrinter

from gsae_theory.check.context import Context
from gsae_theory.errors import InvalidInput, TooLarge
from gsae_theory.falsify.witness import Witness
from gsae_theory.simulate import start
from gsae_theory.theory.theorem import Theorem

Array = NDArray[np.float64]
NODES = 32
"""Points on the circle of the integrals over directions."""

_GRADIENT = """\
def gradient(W):  # population gradient over p: all supports S, all nodes k
    out = 0 * W
    for S, k in product(combinations(range(G), active), product(range(len(x)), repeat=active)):
        y = sum(A[:, h] @ x[j] for h, j in zip(S, k))
        u = np.einsum("i,igj->gj", y, W)
        size = np.linalg.norm(u, axis=1, keepdims=True) + 1e-300
        a, t = np.maximum(0, 1 - lam / size), u / size
        r = y - np.einsum("igj,gj->i", W, a * u)
        v = np.einsum("i,igj->gj", r, W)
        v = (size > lam) * (a * v + (1 - a) * t * np.sum(t * v, 1, keepdims=True))
        out -= np.prod(weight[list(k)]) * (r[:, None, None] * (a * u) + y[:, None, None] * v)
    return out / COUNT  # supports that contain a given group
"""
_DISTANCE = """\
def distance(W, scale):  # aligned: the best rotation comes from an SVD
    U, _, V = np.linalg.svd(W[:, g].T @ A[:, g])
    return np.linalg.norm(W[:, g] @ U @ V - scale * A[:, g])
"""

_STEP = "for _ in range(steps{less}): W = W - eta * gradient(W)\n"
_PATHS: dict[str, str] = {
    "procrustes_step": _STEP.format(less=" - 1")
    + "dist, W = distance(W, s), W - eta * gradient(W)\nmeasured = distance(W, s)\n",
    "procrustes_step_unscaled": "dist, W = distance(W, s), W - eta * active / G * gradient(W)\n"
    "measured = distance(W, s)\n",
    "procrustes_envelope": "dist0, iteration = distance(W, s), steps\n"
    + _STEP.format(less="")
    + "measured = distance(W, s)\n",
    "procrustes_distance": _STEP.format(less="") + "measured = distance(W, s)\n",
    "limit_distance_scaled": _STEP.format(less="") + "measured = distance(W, s)\n",
    "limit_distance_generating": _STEP.format(less="") + "measured = distance(W, 1)\n",
    "limit_distance_unaligned": _STEP.format(less="") + "measured = np.linalg.norm(W[:, g] - A[:, g])\n",
    "gradient_norm_at_scale": "measured = np.linalg.norm(gradient(W)[:, g])\n",
}
"""How the measured value comes about, by observable; `steps` and `g` are those of the row."""

_PARTS = (
    "u = np.einsum('i,igj->gj', y, W)\n"
    "size = np.linalg.norm(u, axis=1, keepdims=True) + 1e-300\n"
    "a, t = np.maximum(0, 1 - lam / size), u / size\n"
    "r = y - np.einsum('igj,gj->i', W, a * u)\n"
    "v = np.einsum('i,igj->gj', r, W)\n"
    "v = (size > lam) * (a * v + (1 - a) * t * np.sum(t * v, 1, keepdims=True))\n"
)
_SAMPLES: dict[str, str] = {
    "side_gradient_rank_one": _PARTS
    + "measured = np.linalg.norm(np.outer(r, (a * u)[g]) + np.outer(y, v[g]))\n",
    "side_relu_pair_loss": "M = W.reshape(n, -1)\n"
    "relu = lambda y: np.sum((y - M @ np.maximum(M.T @ y - lam, 0)) ** 2) / 2\n"
    "measured = relu(y) + relu(-y)\n",
    "side_cluster_margin": "score = np.linalg.norm(np.einsum('i,igj->gj', y, W), axis=1)\n"
    "measured = score[g] - max(np.delete(score, g))\n",
    "sample_norm": "measured = np.linalg.norm(y)\n",
    "active_norm": "measured = np.linalg.norm(np.einsum('i,igj->gj', y, W), axis=1)[on].min()\n",
    "inactive_norm": "measured = np.linalg.norm(np.einsum('i,igj->gj', y, W), axis=1)[~on].max()\n",
    "support_error_rate": "fires = np.linalg.norm(np.einsum('i,igj->gj', y, W), axis=1) > lam\n"
    "measured = float((fires != on).any())  # this one sample has a wrong active set\n",
}
"""How one sample y at weights W gives the measured value, by observable."""


MOST_NUMBERS = 20_000
MOST_COLUMNS = 1000
"""Largest dictionary that a script spells out: a stored witness may ask for one of 2^26 entries."""


def supported() -> list[str]:
    """Return the observables for which there is a script."""
    return sorted({*_PATHS, *_SAMPLES})


def script_of(witness: Witness) -> str:
    """Return the script of a witness.

    Raises
    ------
    InvalidInput
        If the claim is about an observable without a script.
    TooLarge
        If the script would have to spell out more than `MOST_NUMBERS` numbers, or would loop over more than
        `MOST_COLUMNS` columns: minimise the witness first.
    """
    spec = witness.instance.model
    size = spec.dim * spec.groups * spec.block
    if size > MOST_NUMBERS or spec.groups * spec.block > MOST_COLUMNS:
        given = f"{spec.dim} x {spec.groups} x {spec.block} = {size} numbers"
        raise TooLarge(
            "dictionary in a script",
            given,
            f"at most {MOST_NUMBERS} numbers in {MOST_COLUMNS} columns; gsae replay FILE has no limit",
        )
    theorem, context = witness.theorem(), witness.context().for_theorem(witness.theorem())
    if theorem.observable in _PATHS:
        body = _path_body(theorem, context, witness.row)
    elif theorem.observable in _SAMPLES:
        body = _sample_body(theorem, context, witness.row)
    else:
        raise InvalidInput(
            "script", witness.claim, "a claim about one of: " + ", ".join(supported()), "gsae replay FILE"
        )
    title = theorem.title.replace('"', "'").replace("\\", "/")
    relation = {"<=": ">", ">=": "<"}.get(theorem.relation)
    failed = f"measured {relation} bound" if relation else f"abs(measured - bound) > {theorem.tolerance!r}"
    return (
        f'"""Refutes {witness.claim}: {title}."""\n'
        + body
        + f"bound = {_bound_code(theorem, context, witness.row)}\n"
        + f'print(f"measured {{measured:.12g}}, claimed {theorem.relation} {{bound:.12g}}")\n'
        + f"assert {failed}\n"
    )


def _array(name: str, value: Array, shape: str = "") -> str:
    numbers = ", ".join(repr(float(item)) for item in np.asarray(value).ravel())
    return f"{name} = np.array([{numbers}])" + (f".reshape({shape})" if shape else "")


def _sizes(context: Context) -> str:
    model = context.model
    return (
        f"n, G, d, active = {model.n}, {model.G}, {model.d}, {model.gamma}\n"
        f"lam, eta, s = {context.lam!r}, {context.eta!r}, {context.s!r}\n"
    )


def _path_body(theorem: Theorem, context: Context, row: Mapping[str, Any]) -> str:
    """Return the lines up to `measured` for claims about gradients and gradient descent."""
    model, where = context.model, row.get("where", {})
    W, steps = context.W0, int(where.get("iteration", context.setting.steps))
    group = int(where.get("group", 0))
    if theorem.observable == "gradient_norm_at_scale":
        scale = float(np.asarray(context.env.evaluate(cast(sp.Expr, theorem.parameters["scale"]))))
        W = start("scale", model.dictionary, scale, 0.0, context.rng("orbit"), rotated=True)
    if theorem.observable == "procrustes_step_unscaled":
        W, group = _point(context, str(where["point"])), _closest_group(context, row)
    radii, share = model.radius.nodes(8)
    sizes = f"n, G, d, active, g, steps = {model.n}, {model.G}, {model.d}, {model.gamma}, {group}, {steps}"
    lines = [
        "from itertools import combinations, product\nimport numpy as np",
        f"{sizes}; lam, eta, s = {context.lam!r}, {context.eta!r}, {context.s!r}",
        _array("A", model.dictionary, "n, G, d") + "  # dictionary",
        _array("W", W, "n, G, d") + "  # weights",
        f"R, share = np.array({list(map(float, radii))}), np.array({list(map(float, share))})  # law of the norm",
        f"x = (R[:, None, None] * {_directions(model.d)}).reshape(-1, d)  # codes of one group",
        "weight = np.repeat(share, len(x) // len(R)) * len(R) / len(x)",
    ]
    gradient = _GRADIENT.replace("COUNT", str(comb(model.G - 1, model.gamma - 1)))
    needs_distance = "distance(" in _PATHS[theorem.observable]
    parts = [
        "\n".join(lines) + "\n",
        gradient,
        _DISTANCE if needs_distance else "",
        _PATHS[theorem.observable],
    ]
    return "".join(parts)


def _directions(d: int) -> str:
    if d == 1:
        return "np.array([[1.0], [-1.0]])"
    if d == 2:
        angles = f"np.arange({NODES}) * 2 * np.pi / {NODES}"
        return f"np.stack([f({angles}) for f in (np.cos, np.sin)], 1)"
    raise InvalidInput("block", d, "1 or 2 for a script with numpy alone", 2)


def _point(context: Context, label: str) -> Array:
    from gsae_theory.check.observables.landscape import points

    for kind, share, W in points(context):
        if f"{kind} at {share} delta" == label:
            return W
    raise InvalidInput("witness point", label, "a point of this instance")


def _closest_group(context: Context, row: Mapping[str, Any]) -> int:
    """Return the group whose distance before the step is the one of the row."""
    from gsae_theory.simulate import procrustes_distance

    W = _point(context, str(row["where"]["point"]))
    after = W - context.eta * context.constants["p"] * context.gradient(W)[0]
    found = procrustes_distance(after, context.model.dictionary, context.s)
    return int(np.argmin(np.abs(found - row["measured"])))


def _sample_body(theorem: Theorem, context: Context, row: Mapping[str, Any]) -> str:
    """Return the lines up to `measured` for claims about one sample."""
    arrays = context.measure(theorem).arrays
    if arrays is None or "row" not in row:
        raise InvalidInput("script", theorem.observable, "a witness that knows its row", "gsae replay FILE")
    found = arrays(int(row["row"]))
    lines = [
        "import numpy as np",
        _sizes(context).rstrip(),
        _array("W", found["W"], "n, G, d") + "  # weights",
    ]
    lines.append(_array("y", found["y"]) + "  # one sample")
    if "on" in found:
        lines.append(f"on = np.array({[bool(k) for k in found['on']]})  # its support")
    if "group" in found:
        lines.append(f"g = {int(found['group'])}  # its group")
    return "\n".join(lines) + "\n" + _SAMPLES[theorem.observable]


def _bound_code(theorem: Theorem, context: Context, row: Mapping[str, Any]) -> str:
    """Return the bound as code: what the script measured stays a name, everything else is a number."""
    own = {name for name in ("dist", "dist0", "iteration") if f"{name}" in _assigned(theorem)}
    environment = context.env_for(theorem).with_values(**row.get("covariates", {}))
    values: dict[sp.Symbol, sp.Expr] = {
        symbol: sp.Float(repr(float(np.asarray(environment[symbol.name]))), 17)
        for symbol in theorem.bound.free_symbols
        if symbol.name not in own
    }
    expr = theorem.bound.xreplace(values)
    if not expr.free_symbols:
        return repr(float(row["bound"]))
    return str(NumPyPrinter({"fully_qualified_modules": True}).doprint(expr)).replace("numpy.", "np.")


def _assigned(theorem: Theorem) -> set[str]:
    """Return the names that the script of an observable assigns."""
    code = _PATHS.get(theorem.observable, "")
    return {name.strip() for line in code.splitlines() for name in line.split("=")[0].split(",")}
