"""Stores that are damaged, hostile or cannot be written: typed errors in place of what SQLite says."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gsae_theory.errors import UnreadableFile, UnwritableOutput

_WRITING = ("full", "readonly", "read-only", "disk I/O", "unable to open")


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Turn errors of SQLite inside the block into typed ones.

    Raises
    ------
    UnwritableOutput
        If the disk is full or the file cannot be written; what was stored before stays.
    UnreadableFile
        If the file is damaged or no store.
    """
    try:
        yield
    except sqlite3.OperationalError as problem:
        if any(word in str(problem) for word in _WRITING):
            raise UnwritableOutput(
                f"cannot write the store {path}: {problem}; results stored so far are kept: make room, then resume"
            ) from problem
        raise UnreadableFile(
            f"cannot read the store {path}: it is not one of results ({problem})"
        ) from problem
    except (sqlite3.Error, TypeError, ValueError, OverflowError) as problem:
        raise UnreadableFile(
            f"cannot read the store {path}: it is not one of results ({problem})"
        ) from problem


def check_tables(db: sqlite3.Connection, path: Path) -> None:
    """Refuse a file with anything but plain tables: a view may never end, a trigger may change what is stored.

    Raises
    ------
    UnreadableFile
    """
    odd = db.execute(
        "SELECT name FROM sqlite_master WHERE type IN ('view', 'trigger') OR type = 'table' AND rootpage = 0"
    ).fetchone()
    if odd is not None:
        raise UnreadableFile(f"cannot read the store {path}: it holds {str(odd[0])!r}, which is no table")
