"""Put a comparison of some tasks into an older record of others, so that a task can be run anew by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]
STRIPS = "strips"


def joined(old: Record, new: Record) -> dict[str, Any]:
    """Return the record `old` with every model, statement and frame of `new` in place of its own.

    Both are what `run_comparison` returns. Intervals that hold for a whole task at once (``low_all``) are
    those of the run that computed a row.

    Returns
    -------
    dict
        ``settings`` names the tasks and data sets of both; ``provenance`` of the older runs is kept in
        ``earlier``.
    """
    known = {(cell["task"], cell["id"]) for cell in new["cells"]}
    known |= {(row["task"], row["cell"]) for row in new["rows"]}
    ids = {item["id"] for item in new["statements"]}
    kept = {
        "rows": [row for row in old["rows"] if (row["task"], row["cell"]) not in known],
        "paired": [row for row in old["paired"] if (row["task"], row["cell"]) not in known],
        "cells": [cell for cell in old["cells"] if (cell["task"], cell["id"]) not in known],
        "statements": [item for item in old["statements"] if item["id"] not in ids],
    }
    record = {**old, **new, **{name: [*rows, *new[name]] for name, rows in kept.items()}}
    record["frames"] = {**old["frames"], **new["frames"]}
    strips = _strips(old, new)
    if strips:
        record["frames"][STRIPS] = strips
    record["settings"] = {
        **new["settings"],
        **{
            name: list(dict.fromkeys([*old["settings"].get(name, ()), *new["settings"].get(name, ())]))
            for name in ("tasks", "data")
        },
    }
    earlier = [*old.get("earlier", ()), *([old["provenance"]] if "provenance" in old else ())]
    return {**record, "earlier": earlier, "seconds": old["seconds"] + new["seconds"]}


def _strips(old: Record, new: Record) -> list[Any]:
    def place(frame: Record) -> tuple[Any, ...]:
        return tuple(frame[name] for name in ("data", "condition", "depth"))

    fresh = new["frames"].get(STRIPS, [])
    places = {place(frame) for frame in fresh}
    return [*(frame for frame in old["frames"].get(STRIPS, []) if place(frame) not in places), *fresh]
