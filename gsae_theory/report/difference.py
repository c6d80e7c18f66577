"""Two records of the same kind compared: verdicts that flipped, slack that moved, constants, timing.

Reads what `gsae report`, `verify`, `prove`, `mutants` and `explore` write as JSON, and the folder of a
sweep. What is compared are *entries*: a name, a status that is good or not, a number, and seconds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gsae_theory.errors import InvalidInput, UnreadableFile, shown
from gsae_theory.report.schema import MAX_RECORD_BYTES, RECORD, kind_of, read_json
from gsae_theory.sweep.damage import check_tables, guarded
from gsae_theory.sweep.store import FILE

TIMING_FACTOR, TIMING_SECONDS = 1.5, 0.5
"""Seconds are reported as moved beyond this factor and this many seconds."""


@dataclass(frozen=True)
class Entry:
    """One line of a record: status in words, whether it is as it should be, its number, its time."""

    status: str
    good: bool
    value: float | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Contents:
    """A record as entries.

    Attributes
    ----------
    kind : str
        report, verify, prove, mutants, explore or sweep.
    entries : dict from name to Entry
    constants : dict from name to float
        Of the main instance of a report.
    """

    kind: str
    entries: dict[str, Entry]
    constants: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One difference: what it is about, before and after, and whether it is for the worse."""

    what: str
    name: str
    before: str
    after: str
    worse: bool


def read_contents(path: Path) -> Contents:
    """Return a record as entries.

    Parameters
    ----------
    path : Path
        A JSON file, or the folder of a report or of a sweep.

    Raises
    ------
    UnreadableFile
        If there is no such file, or it is not JSON or no store.
    InvalidInput
        If it is JSON of another kind.
    """
    if path.is_dir():
        for name in (RECORD, FILE):
            if (path / name).is_file():
                return read_contents(path / name)
        raise UnreadableFile(f"cannot read the record {path}: it holds neither {RECORD} nor {FILE}")
    if path.suffix == ".sqlite":
        return Contents("sweep", dict(_cells(path)))
    data = read_json(path)
    if isinstance(data, dict) and data.get("stopped"):
        raise InvalidInput(f"record {path}", shown(data["stopped"]), "one of a run that came to its end")
    try:
        return _contents(data)
    except (LookupError, TypeError, AttributeError, ArithmeticError, ValueError) as problem:
        known = "what gsae report, verify, prove, mutants or explore write with --json"
        if isinstance(problem, _Unknown):
            raise UnreadableFile(f"cannot read the record {path}: it is not {known}") from None
        raise InvalidInput(f"record {path}", f"{type(problem).__name__}: {problem}", known) from problem


class _Unknown(ValueError):
    """None of the records."""


def _contents(data: Any) -> Contents:
    if not isinstance(data, dict):
        raise _Unknown
    if "verdicts" in data and ("schema" in data or set(data) == {"verdicts"}):
        kind = "report" if "schema" in data else "verify"
        return Contents(
            kind, _numbered(_verdicts(data["verdicts"])), dict(_numbers(data.get("instance") or {}))
        )
    if "theorems" in data and "steps" in data:
        return Contents("prove", _numbered(_proofs(data)))
    if "mutants" in data:
        return Contents("mutants", _numbered(_mutants(data["mutants"])))
    if "assumptions" in data:
        return Contents("explore", _numbered(_assumptions(data["assumptions"])))
    raise _Unknown


def _numbered(rows: Iterator[tuple[str, Entry]]) -> dict[str, Entry]:
    """Return rows by name, a name that comes again with its count."""
    found: dict[str, Entry] = {}
    count: dict[str, int] = {}
    for name, entry in rows:
        count[name] = count.get(name, 0) + 1
        found[name if count[name] == 1 else f"{name} #{count[name]}"] = entry
    return found


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _verdicts(rows: list[dict[str, Any]]) -> Iterator[tuple[str, Entry]]:
    for row in rows:
        name = ": ".join(item for item in (str(row.get("case") or ""), str(row["theorem"])) if item)
        good = kind_of(row) == "good"
        yield name, Entry(str(row["status"]), good, _number(row.get("slack")), _number(row.get("seconds")))


def _proofs(data: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
    for row in data["theorems"]:
        yield f"theorem {row['id']}", Entry(str(row["status"]), row["status"] == "proved")
    for row in data["steps"]:
        good = row["status"] in ("proved", "quoted")
        yield f"step {row['id']}", Entry(str(row["status"]), good, None, _number(row.get("seconds")))


def _mutants(rows: list[dict[str, Any]]) -> Iterator[tuple[str, Entry]]:
    for row in rows:
        yield (
            str(row["id"]),
            Entry(str(row["status"]), row["status"] == "REFUTED", None, _number(row.get("seconds"))),
        )


def _assumptions(rows: list[dict[str, Any]]) -> Iterator[tuple[str, Entry]]:
    for row in rows:
        yield str(row["id"]), Entry(str(row["verdict"]), True, _number(row.get("breaking_point")))


def _numbers(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, float]]:
    for key, item in data.items():
        if isinstance(item, Mapping):
            yield from _numbers(item, f"{above}{key}.")
        elif (value := _number(item)) is not None:
            yield f"{above}{key}", value


def _cells(path: Path) -> Iterator[tuple[str, Entry]]:
    """Yield the cells of a sweep; the store is only read."""
    if not path.is_file():
        raise UnreadableFile(f"cannot read the store {path}: there is no such file")
    if path.stat().st_size > MAX_RECORD_BYTES:
        raise UnreadableFile(f"cannot read the store {path}: it is larger than {MAX_RECORD_BYTES} bytes")
    # Without a journal beside it nobody writes: then SQLite need not make one either.
    how = "mode=ro" if Path(f"{path}-wal").exists() else "immutable=1"
    with guarded(path), closing(sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True)) as db:
        check_tables(db, path)
        for row in db.execute("SELECT parameters, status, value, seconds FROM results ORDER BY key"):
            parameters, status, value, seconds = row
            words = str(status) if value is None else f"{status} {_digest(str(value))}"
            yield str(parameters), Entry(words, status == "done", None, float(seconds))


def _digest(value: str) -> str:
    from hashlib import blake2b

    return blake2b(value.encode(), digest_size=6).hexdigest()


def compare_contents(
    first: Contents, second: Contents, slack: float = 0.01, constants: float = 1e-9, timing: bool = False
) -> list[Change]:
    """Return what differs, for the worse first.

    Parameters
    ----------
    first, second : Contents
        Before and after, of the same kind.
    slack : float
        Relative change of a number (slack, breaking point) that counts, >= 0.
    constants : float
        Relative change of a constant that counts, >= 0.
    timing : bool
        Whether more seconds (`TIMING_FACTOR`, `TIMING_SECONDS`) are for the worse.

    Raises
    ------
    InvalidInput
        If the kinds differ or a tolerance is negative.
    """
    for name, value in (("slack tolerance", slack), ("constant tolerance", constants)):
        if not value >= 0:
            raise InvalidInput(name, value, "a number >= 0", 0.01)
    if first.kind != second.kind:
        raise InvalidInput(
            "second record", second.kind, f"a record of the same kind as the first, {first.kind}"
        )
    changes = [*_entries(first.entries, second.entries, slack, timing), *_constants(first, second, constants)]
    return sorted(changes, key=lambda item: not item.worse)


def _entries(
    first: Mapping[str, Entry], second: Mapping[str, Entry], slack: float, timing: bool
) -> Iterator[Change]:
    for name, old in first.items():
        new = second.get(name)
        if new is None:
            yield Change("gone", name, old.status, "not there", old.good)
            continue
        if old.status != new.status:
            yield Change("status", name, old.status, new.status, not new.good)
        if old.value is not None and new.value is not None and _moved(old.value, new.value, slack):
            yield Change("number", name, f"{old.value:.6g}", f"{new.value:.6g}", True)
        elif (old.value is None) != (new.value is None):
            yield Change("number", name, _text(old.value), _text(new.value), new.value is None)
        if old.seconds is not None and new.seconds is not None and _slower(old.seconds, new.seconds):
            slower = timing and new.seconds > old.seconds
            yield Change("seconds", name, f"{old.seconds:.3g}", f"{new.seconds:.3g}", slower)
    for name, new in second.items():
        if name not in first:
            yield Change("new", name, "not there", new.status, not new.good)


def _constants(first: Contents, second: Contents, tolerance: float) -> Iterator[Change]:
    for name in sorted({*first.constants, *second.constants}):
        old, new = first.constants.get(name), second.constants.get(name)
        if old is None or new is None or _moved(old, new, tolerance):
            yield Change("constant", name, _text(old), _text(new), True)


def _moved(old: float, new: float, tolerance: float) -> bool:
    return abs(new - old) > tolerance * max(abs(old), abs(new))


def _slower(old: float, new: float) -> bool:
    small, large = sorted((old, new))
    return large > TIMING_FACTOR * small and large - small > TIMING_SECONDS


def _text(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def difference_html(first: str, second: str, changes: list[Change]) -> str:
    """Return a small page with the changes; names are escaped."""
    from markupsafe import escape

    from gsae_theory.report.notebook import table_html

    rows = [
        ["worse" if item.worse else "", item.what, item.name, item.before, item.after] for item in changes
    ]
    body = table_html(("", "what", "name", "before", "after"), rows) if rows else "<p>No differences.</p>"
    style = (
        "body{font:16px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}" + _TABLE
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>gsae diff</title>'
        f"<style>{style}</style></head>\n<body><h1>Differences</h1>\n"
        f"<p>before: <code>{escape(first)}</code><br>after: <code>{escape(second)}</code></p>\n{body}\n</body></html>\n"
    )


_TABLE = (
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8886;"
    "overflow-wrap:anywhere}@media(prefers-color-scheme:dark){body{background:#16181b;color:#e6e6e6}}"
)


def difference_dict(first: str, second: str, changes: list[Change]) -> dict[str, Any]:
    """Return the changes as plain data."""
    rows = [
        {"what": c.what, "name": c.name, "before": c.before, "after": c.after, "worse": c.worse}
        for c in changes
    ]
    return {"before": first, "after": second, "worse": sum(c.worse for c in changes), "changes": rows}


__all__ = [
    "Change", "Contents", "Entry", "compare_contents", "difference_dict", "difference_html", "read_contents",
]  # fmt: skip
