"""Stores of sweeps to damage: bytes changed, tables changed, and what reads one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from mutate import Rng, damaged_bytes


def _task(parameters: Mapping[str, Any], seed: int) -> dict[str, Any]:
    return {"y": parameters["x"], "text": "é" * 20}


def _sweep() -> Any:
    from gsae_theory.sweep import Cell, Sweep, one_round

    return Sweep("fuzz", _task, one_round([Cell({"x": x}) for x in range(4)]), {"n": 4}, "1", seed=0)


@lru_cache
def whole_store() -> bytes:
    import tempfile

    from gsae_theory.sweep import InProcess, Store, run

    with tempfile.TemporaryDirectory() as folder:
        with Store(Path(folder), _sweep()) as store:
            run(_sweep(), store, InProcess())
            store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return (Path(folder) / "sweep.sqlite").read_bytes()


HOSTILE_SQL = [
    "UPDATE results SET value = '{'", "UPDATE results SET value = x'00ff'", "UPDATE results SET seconds = 'x'",
    "UPDATE results SET parameters = x'ff'", "UPDATE meta SET value = '[1'", "UPDATE meta SET value = 7", "DELETE FROM meta",
    "UPDATE meta SET name = 'x' || name", "DROP TABLE results", "DROP TABLE meta",
    "DROP TABLE results; CREATE TABLE results (key)", ("DROP TABLE results; CREATE VIEW results AS WITH RECURSIVE r(x) AS "
    "(VALUES(1) UNION ALL SELECT x+1 FROM r) SELECT x AS key, x AS parameters, 'done' AS status, '1' AS value, '' AS error, "
    "1.0 AS seconds, '' AS worker FROM r"),
    "CREATE TRIGGER t BEFORE INSERT ON results BEGIN DELETE FROM meta; END", "PRAGMA user_version = 99",
    "UPDATE results SET value = '<script>alert(1)</script>'", "UPDATE results SET value = NULL",
    "UPDATE results SET seconds = 1e999", "UPDATE results SET error = x'80', status = 'failed'",
    "UPDATE meta SET value = '{\"n\": ' WHERE name = 'spec'", "UPDATE meta SET value = '[]' WHERE name = 'spec'",
]  # fmt: skip


def make_store(rng: Rng, folder: Path) -> bytes:
    if rng.random() < 0.6:
        return damaged_bytes(whole_store(), rng)
    db = sqlite3.connect(":memory:")
    try:
        db.deserialize(whole_store())
        for _ in range(int(rng.integers(1, 3))):
            db.executescript(HOSTILE_SQL[int(rng.integers(0, len(HOSTILE_SQL)))])
    except sqlite3.Error:
        pass
    raw = db.serialize()
    db.close()
    return raw


def read_store(path: Path) -> object:
    import shutil
    import tempfile

    from gsae_theory.sweep import InProcess, Limits, Store, run

    folder = Path(tempfile.mkdtemp(dir=path.parent))
    try:
        shutil.copy(path, folder / "sweep.sqlite")
        with Store(folder, _sweep()) as store:
            state = run(_sweep(), store, InProcess(), Limits(cells=2))
            values = [store.value(cell) for cell in _sweep().plan(0, store.value) if store.has(cell)]
            return state, store.counts(), store.seconds(), list(store.failures()), store.table(), values
    finally:
        shutil.rmtree(folder, ignore_errors=True)
