"""Pages of the gallery: one per script of docs/gallery, and the overview."""

from __future__ import annotations

import ast
from pathlib import Path

LONGEST = 40


def described(script: Path) -> tuple[str, str]:
    """Return the first line of a script's docstring without its full stop, and the rest."""
    text = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""
    title, _, rest = text.partition("\n\n")
    return title.rstrip(".").replace("\n", " "), rest.replace("\n", " ")


def gallery_pages(folder: Path) -> dict[str, str]:
    """Return the pages by address."""
    pages: dict[str, str] = {}
    cards = []
    for script in sorted(folder.glob("*.py")):
        title, text = described(script)
        name = script.stem
        code = script.read_text(encoding="utf-8").strip()
        pages[f"gallery/{name}.md"] = (
            f"# {title}\n\n{text}\n\n![{title}]({name}.svg){{ .picture }}\n\n```python\n{code}\n```\n"
        )
        cards.append(
            f"<figure markdown>\n[![{title}]({name}.svg){{ .picture }}]({name}.md)\n"
            f"<figcaption markdown>[{title}]({name}.md)</figcaption>\n</figure>"
        )
    lead = (
        f"# Gallery\n\nShort programs, none longer than {LONGEST} lines, with the picture that each draws. "
        "The pictures are made when this site is built.\n\n"
    )
    pages["gallery/index.md"] = lead + '<div class="gallery" markdown>\n' + "\n".join(cards) + "\n</div>\n"
    return pages
