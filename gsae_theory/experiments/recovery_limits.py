"""Where training ends without leakage, beside the limits of the theory (side T1.2-T1.4, T1.6).

One active group of norm 1, near-orthogonal blocks, one threshold for every network: the group ReLU ends
at (s_G - 1) sqrt d from A, the soft threshold at (s_ST - 1) sqrt d, the ReLU at no scaled dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gsae_theory.experiments.alignment import distances
from gsae_theory.experiments.coding_cells import Cell
from gsae_theory.experiments.coding_metrics import GROUP, TWO_SIDED
from gsae_theory.experiments.minibatch import Schedule, fit_minibatch
from gsae_theory.experiments.paired import mean_interval
from gsae_theory.experiments.recovery import ACTIVATIONS, CHECKPOINTS, STEP
from gsae_theory.experiments.recovery_cells import NEAR
from gsae_theory.experiments.statements import Check, statement
from gsae_theory.network import Unfolded, loss
from gsae_theory.seeds import generator, seed_for
from gsae_theory.simulate import start
from gsae_theory.theory.quantity import Environment

ID = "limits"
LAM, MU, BLOCK = 0.3, 0.05, 4
CELL = Cell(
    ID,
    "near-orthogonal blocks, mu = 0.05, one threshold for all",
    {"dim": 48, "groups": 12, "block": BLOCK, "active": 1, "dictionary": "near_orthogonal", "coherence": MU},
)


def limits_cell(seed: int, seeds: int, samples: int, epochs: int) -> dict[str, Any]:
    """Return per network the distances to A at the checkpoints and the final losses, seed by seed."""
    found: dict[str, dict[str, list[Any]]] = {name: {"path": [], "loss": []} for name in ACTIVATIONS}
    marks = [0, *[e for e in CHECKPOINTS if 0 < e < epochs], epochs]
    for k in range(seeds):
        model_seed = seed_for(seed, "recovery", ID, k)
        model = CELL.model(model_seed)
        A = model.dictionary
        Y = model.observe(model.sample(samples, generator(model_seed, "data")))
        W0 = start("near", A, 1.0, NEAR * np.sqrt(BLOCK), generator(model_seed, "start"))
        plan = Schedule(epochs, 100, "sgd", STEP * BLOCK * model.G)
        for name, act in ACTIVATIONS.items():
            path = [distances(W0, A).raw]

            def watch(epoch: int, W: Any, _: float, A: Any = A, path: list[float] = path) -> None:
                if epoch + 1 in marks:
                    path.append(distances(W, A).raw)

            fit = fit_minibatch(
                Unfolded(1, act), W0, Y, LAM, generator(model_seed, "order"), plan, watch=watch
            )
            found[name]["path"].append(path)
            found[name]["loss"].append(2 * loss(fit.W, Y, LAM, act))
    return {"epochs": marks, "found": found}


def limits(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the frame ``limits`` and the statements of what `limits_cell` found."""
    U = Environment({"d": float(BLOCK), "U": LAM})
    scale = {GROUP: float(np.asarray(U["s_group"])), TWO_SIDED: float(np.asarray(U["s_soft"]))}
    curves = []
    for name, item in result["found"].items():
        spread = [mean_interval(column) for column in np.array(item["path"]).T]
        limit = (scale[name] - 1) * np.sqrt(BLOCK) if name in scale else None
        curves.append(
            {
                "method": name,
                "mean": [s.mean for s in spread],
                "low": [s.low for s in spread],
                "high": [s.high for s in spread],
                "limit": limit,
            }
        )
    frame = {"d": BLOCK, "lam": LAM, "mu": MU, "epochs": result["epochs"], "curves": curves}
    losses = {name: item["loss"] for name, item in result["found"].items()}
    most = max(losses.pop(GROUP))
    checks = [Check(min(values), most, ">=", 0.0, name) for name, values in losses.items()]
    title = "Loss of trained elementwise networks, best seed, against the group ReLU's, worst seed"
    return {
        "frames": {"limits": frame},
        "statements": [statement("side.T1.6-trained", title, "side T1.6", checks)],
    }
