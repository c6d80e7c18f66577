"""Several explorations in one go: assumptions, maps of pairs, basin, conjectures; one store each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from gsae_theory.explore.explorer import Watch, explore, explore_pair
from gsae_theory.explore.spec import ExploreSpec
from gsae_theory.explore.studies import basin, conjectures
from gsae_theory.sweep import Executor, InProcess, Limits

MAPS = (("coherence", "threshold-low"), ("step-size", "support-skew"), ("noise-level", "coherence"))
"""Pairs that are mapped unless others are asked for: support, stability, and support under noise."""

Part = Callable[..., dict[str, Any]]


def campaign(
    folder: Path | str,
    *,
    names: Sequence[str] = (),
    pairs: Sequence[tuple[str, str]] = (),
    studies: bool = False,
    spec: ExploreSpec | None = None,
    executor: Executor | None = None,
    limits: Limits | None = None,
    watch: Watch | None = None,
    version: str = "0",
) -> dict[str, Any]:
    """Run what is asked for, each sweep in its own folder under `folder`, and return one record.

    Parameters
    ----------
    names : sequence of str
        Assumptions to be turned one at a time.
    pairs : sequence of pairs of str
        Assumptions to be turned two at a time.
    studies : bool
        Whether to measure the basin and attack the conjectures.
    spec, executor, limits, watch, version
        As in `explorer.explore`; the limits are those of the whole.

    Returns
    -------
    dict
        ``assumptions, predictions`` (`explorer.explore`), ``pairs``, ``basin``, ``conjectures``, as far
        as they were asked for, and ``sweeps``: how each sweep ended. A sweep that stops early ends the
        campaign; it goes on from there when it is called again.
    """
    asked = spec or ExploreSpec()
    bounds = limits or Limits()
    record: dict[str, Any] = {"spec": asked.model_dump(), "sweeps": {}}
    began, cells = time.perf_counter(), 0
    for name, part in _parts(names, pairs, studies):
        left = Limits(
            None if bounds.seconds is None else max(bounds.seconds - (time.perf_counter() - began), 1e-3),
            None if bounds.cells is None else bounds.cells - cells,
        )
        computed = _Counted(watch)
        found = part(
            Path(folder) / name, spec=asked, executor=executor or InProcess(), limits=left, watch=computed,
            version=version,
        )  # fmt: skip
        cells += computed.cells
        record["sweeps"][name] = found.pop("sweep")
        found.pop("spec")
        if "pair" in found:
            record.setdefault("pairs", []).append(found.pop("pair"))
        record |= found
        if record["sweeps"][name]["ending"] != "complete" or (
            bounds.cells is not None and cells >= bounds.cells
        ):
            break
    record["complete"] = list(record["sweeps"]) == [
        name for name, _ in _parts(names, pairs, studies)
    ] and all(item["ending"] == "complete" for item in record["sweeps"].values())
    return record


def _parts(names: Sequence[str], pairs: Sequence[tuple[str, str]], studies: bool) -> list[tuple[str, Part]]:
    parts: list[tuple[str, Part]] = []
    if names:
        parts.append(("assumptions", partial(explore, names)))
    parts += [(f"map-{first}-{second}", partial(explore_pair, first, second)) for first, second in pairs]
    if studies:
        parts += [("basin", basin), ("conjectures", conjectures)]
    return parts


class _Counted:
    """Passes states on and remembers how many cells were computed."""

    def __init__(self, watch: Watch | None) -> None:
        self.watch, self.cells = watch, 0

    def __call__(self, state: Any) -> None:
        self.cells = state.computed
        if self.watch is not None:
            self.watch(state)
