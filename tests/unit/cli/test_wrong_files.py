"""A file of another kind where a record is wanted: one line that names the file, before any run.

Catches: messages that speak of Python's types, a page that is silently left as it was, a record of a run that
was stopped compared as if it were complete, more threads than the BLAS survives.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gsae_theory.cli import main

KINDS = {"list": [1], "object": {"a": 1}, "text": "x", "null": None}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "words",
    [
        ("tables",), ("figures",), ("replay",), ("diff", "FILE"), ("compare", "--join"), ("cluster", "--join"),
        ("bounds", "--check-certificate"),
    ],
    ids=lambda words: words[0],
)  # fmt: skip
def test_a_file_of_another_kind_is_named(words: tuple[str, ...], kind: str, tmp_path: Path) -> None:
    path = tmp_path / "ä b <i>.json"
    path.write_text(json.dumps(KINDS[kind]))
    result = CliRunner().invoke(main, [*(str(path) if word == "FILE" else word for word in words), str(path)])
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert result.stderr.startswith("gsae: cannot read")
    assert str(path) in result.stderr
    assert result.stderr.count("\n") == 1
    for word in ("KeyError", "TypeError", "'list'", "'dict'", "Traceback"):
        assert word not in result.stderr


def test_a_stopped_run_is_not_compared(tmp_path: Path) -> None:
    """Its verdicts are true, but what is not there would count as gone."""
    path = tmp_path / "part.json"
    for data in ({"verdicts": [], "stopped": "interrupted"}, {"mutants": [], "stopped": "interrupted"}):
        path.write_text(json.dumps(data))
        result = CliRunner().invoke(main, ["diff", str(path), str(path)])
        assert result.exit_code == 2
        assert "a run that came to its end" in result.stderr


def test_a_page_without_a_table_is_refused_before_the_comparison(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# No table here\n")
    result = CliRunner().invoke(main, ["compare", "--page", str(page)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "comments table: NAME" in result.stderr
    assert page.read_text() == "# No table here\n"


def test_more_threads_than_processors_are_refused() -> None:
    """OpenBLAS ends the process where it cannot have its buffers."""
    result = CliRunner().invoke(main, ["bench", "--threads", "100000", "--quick"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "the processors of this machine" in result.stderr
