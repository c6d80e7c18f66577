"""Links that leave docs/: files of the repository become pages of the site, so that it needs no other host."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"(?<!!)\]\((?P<target>[^)\s#]+)(?P<anchor>#[^)\s]*)?\)")
LANGUAGES = {
    ".py": "python",
    ".toml": "toml",
    ".json": "json",
    ".yml": "yaml",
    ".cff": "yaml",
    ".md": "markdown",
}
LARGEST = 60_000
"""Characters of a file that are shown."""


def outside(page: str, target: str) -> str | None:
    """Return the path in the repository of a link that leaves docs/, or None."""
    if re.match(r"[a-z]+:", target) or target.startswith("/"):
        return None
    path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), target))
    return None if path.startswith("docs/") or path.startswith("..") else path


def linked(pages: dict[str, str]) -> set[str]:
    """Return the paths in the repository that pages (text by address) link to."""
    found = {
        path
        for page, text in pages.items()
        for link in LINK.finditer(text)
        if (path := outside(page, link["target"]))
    }
    for path in list(found):
        if (ROOT / path).is_dir():
            found |= {item.relative_to(ROOT).as_posix() for item in _members(ROOT / path)}
    return found


def address(path: str) -> str:
    """Return where in the site a file of the repository is shown."""
    return f"source/{path.rstrip('/')}.md"


def rewritten(page: str, text: str) -> str:
    """Return a page whose links out of docs/ lead to pages of the site."""

    def one(found: re.Match[str]) -> str:
        path = outside(page, found["target"])
        if path is None:
            return found[0]
        return f"]({posixpath.relpath(address(path), posixpath.dirname(page) or '.')})"

    return LINK.sub(one, text)


def source_page(path: str) -> str:
    """Return a file (or the list of a folder) as a page; a path that does not exist raises, so the build fails."""
    place = ROOT / path
    if place.is_dir():
        rows = [f"- [{item.name}]({place.name}/{item.name}.md)" for item in _members(place)]
        return f"# {path}\n\n" + "\n".join(rows) + "\n"
    text = place.read_text(encoding="utf-8")
    if len(text) > LARGEST:
        text = text[:LARGEST] + f"\n... {len(text) - LARGEST} more characters in the repository\n"
    fence = "`" * 5
    return f"# {path}\n\n{fence}{LANGUAGES.get(place.suffix, 'text')}\n{text}\n{fence}\n"


def _members(folder: Path) -> list[Path]:
    return sorted(
        item
        for item in folder.iterdir()
        if item.is_file() and item.suffix in LANGUAGES and item.stat().st_size
    )
