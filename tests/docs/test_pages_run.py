"""Every code block of the docs runs and prints what the page says.

Catches: an example that no longer runs, output on a page that no program prints, an option that does not exist.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

_spec = spec_from_file_location("docs_pages", HERE / "pages.py")
pages = module_from_spec(_spec)
sys.modules["docs_pages"] = pages
_spec.loader.exec_module(pages)

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    if pages.blocks(path.read_text(encoding="utf-8"))
)
TORCH = {"docs/how-to/pytorch.md"}
"""Pages that need PyTorch, which the tests do not ask for."""
COMMAND = re.compile(r"^ {4}(gsae |pytest |python |make |HYPOTHESIS_|pip |>>> )", re.MULTILINE)

pytestmark = pytest.mark.xdist_group("docs-pages")


@pytest.fixture(scope="module")
def report() -> dict[str, dict[str, object]]:
    """What running the pages gave: one process that imports once and forks for each page."""
    runnable = [name for name in PAGES if name not in TORCH or find_spec("torch")]
    command = [sys.executable, str(HERE / "pages.py"), *runnable]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_the_page_runs(page: str, report: dict[str, dict[str, object]]) -> None:
    if page not in report:
        pytest.skip(f"{page} needs PyTorch, which is not installed")
    assert report[page]["problem"] is None, f"{page}, {report[page]['problem']}"


def test_what_is_not_run_is_listed_with_a_reason_and_exists() -> None:
    """Catches a list that grows beyond what the pages have, and a pattern that would let everything through."""
    shown = {
        command
        for page in PAGES
        for block in pages.blocks((ROOT / page).read_text(encoding="utf-8"))
        if block.language == "sh"
        for command in pages.commands(block.body)
    }
    for pattern, reason in pages.LONG.items():
        assert reason
        assert any(re.fullmatch(pattern, command) for command in shown), pattern
        assert not re.fullmatch(pattern, "gsae theorems"), pattern
    run = {command for command in shown if not pages.only_parsed(command)}
    assert {"gsae explore --list", "gsae prove --step L37"} <= run
    assert any(command.startswith("gsae verify --theorem") for command in run)


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda path: path.name)
def test_commands_are_in_fences(page: Path) -> None:
    """Catches code in an indented block, which the runner does not see (formulas may stand there)."""
    text = pages.FENCE.sub("", page.read_text(encoding="utf-8"))
    assert COMMAND.findall(text) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("```python\nassert 1 == 2\n```", "AssertionError"),
        ('```python\nprint(1)\n```\n\n```text title="output"\n2\n```', "expected"),
        ("```pycon\n>>> 1 + 1\n3\n```", "Expected"),
        ("```console\n$ gsae theorems gamma1.contraction\nnothing of the kind\n```", "expected"),
        ("```console\n$ gsae theorems gamma1.contration\n```", "ended with 2"),
        ("```sh\ngsae explore coherence --trials 3\n```", "ended with 2"),
        ("```sh\ngsae explore --all --trials 3\n```", "--trials"),
        ("```ruby\nputs 1\n```", "ruby"),
    ],
)
def test_the_runner_sees_a_page_that_is_wrong(tmp_path: Path, text: str, what: str) -> None:
    """Catches a runner that passes everything."""
    path = tmp_path / "page.md"
    path.write_text(text)
    found = pages.in_a_process_of_its_own(path) if sys.version_info < (3, 12) else _apart(path)
    assert what in str(found["problem"])


def _apart(path: Path) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, str(HERE / "pages.py"), str(path)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)[str(path)]


def test_the_gallery_is_short_programs() -> None:
    """Catches an example that outgrows its page, or one without the words that its page is made of.

    The pictures are drawn by `make docs`, which fails if a program does, or leaves an axis without a label.
    """
    scripts = sorted((ROOT / "docs" / "gallery").glob("*.py"))
    assert len(scripts) >= 10
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        assert text.count("\n") <= 40, script.name
        title, blank, words = ast.get_docstring(ast.parse(text)).partition("\n\n")
        assert title.count("\n") == 0, script.name
        assert blank, script.name
        assert words.endswith("."), script.name
