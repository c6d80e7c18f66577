"""`gsae figures`: a report's figures, at the widths of a paper."""

from __future__ import annotations

import json
import re
from pathlib import Path

import matplotlib.image as images
import pytest
from click.testing import CliRunner

from gsae_theory.cli import main
from gsae_theory.errors import InvalidInput
from gsae_theory.report import ContractionCurve, ReportRecord, collect_provenance, write_report
from gsae_theory.report.figure_files import write_figures


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    steps = list(range(20))
    curve = ContractionCurve(
        label="a", iterations=steps, measured_max=[0.5**k for k in steps], bound=[0.6**k for k in steps],
        sharp=[0.5**k for k in steps], eta=1.0, rate_sharp=0.5, rate_measured=0.5,
    )  # fmt: skip
    record = ReportRecord("t", collect_provenance(seed=0, spec="test"), curves=[curve])
    return write_report(record, tmp_path_factory.mktemp("a b ü")).parent


def call(*words: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(main, ["figures", *words, "--json"])
    assert result.exit_code == 0, result.output
    found: list[dict[str, object]] = json.loads(result.stdout)["files"]
    return found


@pytest.mark.parametrize(("width", "inches"), [("column", 3.4), ("page", 7.0)])
def test_every_form_has_the_width_of_the_paper(
    folder: Path, tmp_path: Path, width: str, inches: float
) -> None:
    """Catches an option that changes nothing, a form that is not resized, and text scaled with the figure."""
    files = {
        Path(str(row["path"])).suffix: Path(str(row["path"]))
        for row in call(str(folder), "--width", width, "--out", str(tmp_path))
    }
    assert set(files) == {".svg", ".pdf", ".png"}
    assert images.imread(files[".png"]).shape[1] == round(200 * inches)
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+)", files[".pdf"].read_bytes())
    assert box is not None
    assert float(box[1]) == pytest.approx(72 * inches, abs=0.5)
    assert f'viewBox="0 0 {72 * inches:g} ' in files[".svg"].read_text(encoding="utf-8")


def test_a_wide_figure_is_kept_and_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches labels squeezed into a column without a word."""
    monkeypatch.setattr("gsae_theory.report.onpage.COLUMN_AND_A_HALF", 3.0)
    words = ["figures", str(folder), "--width", "column", "--format", "svg", "--out", str(tmp_path)]
    assert "width kept: contraction-1" in CliRunner().invoke(main, words).stderr


def test_choices_are_checked_before_anything_is_written(folder: Path, tmp_path: Path) -> None:
    """Catches a misspelt figure that is passed over, and a folder made for nothing."""
    out = tmp_path / "out"
    result = CliRunner().invoke(main, ["figures", str(folder), "--figure", "contraction", "--out", str(out)])
    assert result.exit_code == 2
    assert "contraction-1" in result.stderr
    assert not out.exists()
    record = ReportRecord("t", collect_provenance(seed=0, spec="test"))
    for words in ({"formats": ["gif"]}, {"width": "poster"}):
        with pytest.raises(InvalidInput):
            write_figures(record, out, **words)  # type: ignore[arg-type]
