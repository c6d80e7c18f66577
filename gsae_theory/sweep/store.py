"""Where results go: one SQLite file, one transaction per result.

SQLite's journal makes a result either wholly there or not at all, whenever the process is killed; the
primary key makes it impossible for a cell to be there twice.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from gsae_theory.errors import GsaeError, InvalidInput, UnreadableFile, UnwritableOutput
from gsae_theory.output import prepare_folder
from gsae_theory.sweep.cell import Cell, Sweep, canonical
from gsae_theory.sweep.damage import check_tables, guarded

FORMAT = "1"
FILE, LOCK = "sweep.sqlite", "sweep.lock"

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS results (
    key TEXT PRIMARY KEY,
    parameters TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('done', 'failed')),
    value TEXT,
    error TEXT,
    seconds REAL NOT NULL,
    worker TEXT NOT NULL
) WITHOUT ROWID;
"""


class StoreMismatch(GsaeError):
    """A store holds another sweep, another version or another format; the text says which and what to do."""


class StoreInUse(GsaeError):
    """Another process is writing to the store."""


@dataclass(frozen=True)
class Outcome:
    """One computed cell.

    Attributes
    ----------
    key, parameters : str
        Of the cell, the parameters as canonical JSON.
    status : str
        ``done`` or ``failed``.
    value : str or None
        Canonical JSON of what the task returned.
    error : str or None
        Traceback of what it raised.
    seconds : float
        CPU time.
    worker : str
        Where it was computed; not part of the tables.
    """

    key: str
    parameters: str
    status: str
    value: str | None
    error: str | None
    seconds: float
    worker: str


class Store:
    """The results of one sweep in a folder.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    sweep : Sweep
        What the store is for.

    Raises
    ------
    StoreMismatch
        If the folder holds results of another sweep, version or format.
    StoreInUse
        If another process has the store open.
    UnreadableFile, UnwritableOutput
    """

    def __init__(self, folder: Path | str, sweep: Sweep) -> None:
        self.folder = Path(folder)
        prepare_folder(self.folder)
        self._lock = _locked(self.folder / LOCK)
        self._db: sqlite3.Connection | None = None
        try:
            self._db = _opened(self.folder / FILE)
            self._claim(sweep)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and give the store free."""
        if self._db is not None:
            self._db.close()
        self._lock.close()

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return self.folder / FILE

    @property
    def db(self) -> sqlite3.Connection:
        """The open connection."""
        assert self._db is not None
        return self._db

    def _claim(self, sweep: Sweep) -> None:
        """Write what the store is for, or refuse if it is for something else."""
        wanted = {
            "format": FORMAT,
            "sweep": sweep.name,
            "version": sweep.version,
            "seed": str(sweep.seed),
            "spec": canonical(dict(sweep.spec), "spec"),
        }
        with guarded(self.path), self.db:
            found = dict(self.db.execute("SELECT name, value FROM meta"))
            if not found:
                self.db.executemany("INSERT INTO meta VALUES (?, ?)", wanted.items())
                return
        for name, value in wanted.items():
            if found.get(name) != value:
                with guarded(self.path):
                    text = _mismatch(self.folder, name, found.get(name), value)
                raise StoreMismatch(text)

    def add(self, outcome: Outcome) -> bool:
        """Store a result in one transaction; False if the cell is there already (it is then left as it is)."""
        row = (outcome.key, outcome.parameters, outcome.status, outcome.value, outcome.error)
        with guarded(self.path), self.db:
            cursor = self.db.execute(
                "INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*row, outcome.seconds, outcome.worker),
            )
        return cursor.rowcount == 1

    def has(self, cell: Cell) -> bool:
        """Return whether the cell has been computed (or has failed)."""
        with guarded(self.path):
            return self.db.execute("SELECT 1 FROM results WHERE key = ?", (cell.key,)).fetchone() is not None

    def value(self, cell: Cell) -> Mapping[str, Any] | None:
        """Return what the task returned for a cell, None if it raised.

        Raises
        ------
        InvalidInput
            If the cell has not been computed.
        """
        with guarded(self.path):
            row = self.db.execute("SELECT status, value FROM results WHERE key = ?", (cell.key,)).fetchone()
            found = json.loads(str(row[1])) if row is not None and row[0] == "done" else None
        if row is None:
            raise InvalidInput("cell", cell.text, "a cell of an earlier round")
        if row[0] == "done" and not isinstance(found, dict):
            raise UnreadableFile(
                f"cannot read the store {self.path}: the result of cell {cell.text} is no object"
            )
        return found

    def counts(self) -> dict[str, int]:
        """Return the number of cells ``done`` and ``failed``."""
        with guarded(self.path):
            found = dict(self.db.execute("SELECT status, COUNT(*) FROM results GROUP BY status"))
        return {"done": found.get("done", 0), "failed": found.get("failed", 0)}

    def seconds(self) -> float:
        """Return the time spent in cells, over all runs and workers."""
        with guarded(self.path):
            return float(self.db.execute("SELECT COALESCE(SUM(seconds), 0) FROM results").fetchone()[0])

    def failures(self) -> Iterator[tuple[str, str]]:
        """Yield parameters and traceback of every failed cell, in the order of the table."""
        with guarded(self.path):
            rows = self.db.execute(
                "SELECT parameters, error FROM results WHERE status = 'failed' ORDER BY key"
            ).fetchall()
        yield from rows

    def forget_failures(self) -> int:
        """Remove failed cells so that they are computed again; return how many."""
        with guarded(self.path), self.db:
            return self.db.execute("DELETE FROM results WHERE status = 'failed'").rowcount

    def table(self) -> str:
        """Return every result as CSV text ordered by key, without times and workers.

        The text depends on the cells alone: not on order, interruptions, executors or speed.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("key", "parameters", "status", "value", "error"))
        with guarded(self.path):
            for row in self.db.execute(
                "SELECT key, parameters, status, value, error FROM results ORDER BY key"
            ):
                writer.writerow("" if item is None else item for item in row)
        return text.getvalue()


def _locked(path: Path) -> sqlite3.Connection:
    """Hold an exclusive lock until the connection closes or the process dies, on every platform."""
    with guarded(path):
        lock = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as problem:
        lock.close()
        if "locked" in str(problem):
            raise StoreInUse(
                f"cannot write into {path.parent}: another process does; wait for it, or choose another folder"
            ) from None
        raise UnwritableOutput(f"cannot write the store {path}: {problem}") from None
    return lock


def _opened(path: Path) -> sqlite3.Connection:
    with guarded(path):
        db = sqlite3.connect(path)
    try:
        check_tables(db, path)
        # WAL with NORMAL loses nothing when the process dies; a power cut may cost the last results only.
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.executescript(_TABLES)
    except BaseException as problem:
        db.close()
        with guarded(path):
            raise problem
    return db


def _mismatch(folder: Path, name: str, found: str | None, wanted: str) -> str:
    way_out = "choose another folder, or remove this one to begin again"
    if name == "spec":
        old, new = json.loads(str(found or "{}")), json.loads(wanted)
        if not isinstance(old, dict):
            raise ValueError("its spec is no object")
        keys = sorted(k for k in {*old, *new} if old.get(k) != new.get(k))
        shown = "; ".join(f"{k} = {_short(old.get(k))} there, {_short(new.get(k))} asked" for k in keys[:4])
        return f"{folder} holds results of another spec ({shown}): {way_out}"
    return f"{folder} holds results of {name} {found}, this run is {name} {wanted}: {way_out}"


def _short(value: object) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) <= 60 else text[:57] + "..."
