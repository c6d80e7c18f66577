"""Plain data for JSON (lists, dictionaries, finite numbers), and small tables for notebooks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any


def plain(data: Any) -> Any:
    """Return `data` with arrays as lists, NumPy scalars unwrapped and non-finite numbers as None."""
    if isinstance(data, Mapping):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [plain(value) for value in data]
    if hasattr(data, "tolist"):
        return plain(data.tolist())
    if isinstance(data, float) and not math.isfinite(data):
        return None
    return data


def rows_html(caption: str, rows: Iterable[tuple[str, object]]) -> str:
    """Return a two-column table as HTML, everything escaped: what objects show in a notebook."""
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(_short(value))}</td></tr>'
        for name, value in rows
    )
    return f"<table><caption>{escape(caption)}</caption>{body}</table>"


def _short(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:.6g}" if isinstance(value, float) and not isinstance(value, bool) else str(value)
