"""Versions of the record: an older one is brought up to date before it is read, a newer one is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gsae_theory.check.verdict import Status
from gsae_theory.errors import InvalidInput, UnknownName

SCHEMA_VERSION = 1
STATUSES = tuple(Status.__members__)

UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""By version: what turns a record of that version into one of the next; add one whenever `SCHEMA_VERSION` grows."""


def upgraded(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record of any version that this release knows as one of `SCHEMA_VERSION`.

    Raises
    ------
    InvalidInput
        If it was made by a newer release, or its version is none.
    """
    version = data.get("version")
    if type(version) is int and version > SCHEMA_VERSION:
        admissible = f"at most {SCHEMA_VERSION}; a newer gsae_theory has written it: update to read it"
        raise InvalidInput("record version", version, admissible, SCHEMA_VERSION)
    oldest = min([SCHEMA_VERSION, *UPGRADES])
    if type(version) is not int or version < oldest:
        raise InvalidInput(
            "record version", version, f"a version in [{oldest}, {SCHEMA_VERSION}]", SCHEMA_VERSION
        )
    found = dict(data)
    while version < SCHEMA_VERSION:
        found = UPGRADES[version](found)
        version += 1
    return {**found, "version": version}


def check_verdicts(rows: Any) -> None:
    """Raise InvalidInput for the first verdict that lacks what the page counts."""
    for k, row in enumerate(rows if isinstance(rows, list) else []):
        place = f"record.verdicts.{k}"
        if not isinstance(row, Mapping) or not isinstance(row.get("theorem"), str):
            raise InvalidInput(place, row, "a verdict with its theorem")
        if row.get("status") not in STATUSES:
            raise UnknownName(f"{place}.status", str(row.get("status")), STATUSES)
        if not isinstance(row.get("comparisons", 0), int):
            raise InvalidInput(f"{place}.comparisons", row["comparisons"], "an integer >= 0", 0)
