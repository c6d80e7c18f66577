"""Hooks of the site's build: pages made from the code, pictures, sources, formulas. Nothing comes from the network."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

SITE = Path(__file__).resolve().parent
sys.path.insert(0, str(SITE))

# After the line above, without which MkDocs, which loads this file by its path, would not find its neighbours.
import maths  # noqa: E402
import reference  # noqa: E402
import sources  # noqa: E402
from gallery import gallery_pages  # noqa: E402

DOCS = SITE.parent
BUILD = DOCS.parent / "build"
log = logging.getLogger("mkdocs.hooks.gsae")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages and pictures that are made here."""
    add(files, config, "site.css", path=SITE / "site.css")
    for name, scripts in (("pictures", DOCS / "pictures"), ("gallery", DOCS / "gallery")):
        drawn = pictures(sorted(scripts.glob("*.py")), BUILD / name)
        for path in drawn:
            add(files, config, f"{name}/{path.name}", path=path)
    for address, text in {**reference_pages(), **gallery_pages(DOCS / "gallery")}.items():
        add(files, config, address, text)
    pages = {item.src_uri: item.content_string for item in files.documentation_pages()}
    for path in sorted(sources.linked(pages)):
        add(files, config, sources.address(path), sources.source_page(path))
    return files


def add(files: Files, config: Any, address: str, text: str | None = None, path: Path | None = None) -> None:
    """Add one file to the site."""
    made = {"content": text} if path is None else {"abs_src_path": str(path)}
    files.append(File.generated(config, address, **made))


def pictures(scripts: list[Path], folder: Path) -> list[Path]:
    """Draw every script in one process of its own and return the pictures."""
    if not scripts:
        return []
    command = [sys.executable, str(SITE / "pictures.py"), str(folder), *map(str, scripts)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"a picture could not be drawn:\n{done.stderr}")
    log.info("pictures of %s: %s", folder.name, done.stdout.strip())
    return [folder / f"{script.stem}.svg" for script in scripts]


def reference_pages() -> dict[str, str]:
    """Return the generated pages of the reference by address."""
    made = {
        "reference/commands.md": reference.commands_page(),
        "reference/symbols.md": reference.symbols_page(),
        "reference/trusted-base.md": reference.trusted_base_page(),
    }
    for name, (title, lead, schema) in reference.schemas().items():
        made[f"reference/{name}.md"] = reference.schema_page(title, lead, schema, f"{name}.schema.json")
        made[f"reference/{name}.schema.json"] = json.dumps(schema, indent=1, default=str)
    return made


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links out of docs/ to pages of the site."""
    return sources.rewritten(page.file.src_uri, markdown)


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """Draw the formulas; one that cannot be drawn is a warning, which ends a strict build."""
    html, failed = maths.drawn(page.file.src_uri, html)
    for formula in failed:
        log.warning("formula that cannot be drawn on %s", formula)
    return html
