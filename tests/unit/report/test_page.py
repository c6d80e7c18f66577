"""The page of a small spec: every number is in the record, nothing needs a network, names are escaped.

Catches: a number on the page that report.json lacks, an external resource, a script, markup in a
name that becomes markup on the page, a half-written file, a section that disappears silently.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gsae_theory.errors import GsaeError, InvalidInput, UnreadableFile, UnwritableOutput
from gsae_theory.report import ReportRecord, read_record, write_atomic, write_report
from gsae_theory.report.html import _short, by_case, percent
from gsae_theory.reporting import make_report

HOSTILE = "<script>alert(1)</script>"
SPEC = f"""
title = "A small report {HOSTILE}"
[[case]]
id = "small {HOSTILE}"
theorems = ["gamma1.contraction", "gamma1.rate", "gamma1.hessian.*", "gamma1.unaligned"]
model = {{ dim = 12, groups = 3, block = 2, dictionary = "orthogonal", radius_max = 1.2 }}
train = {{ lam = 0.3, steps = 60 }}
[[case]]
id = "out of scope"
theorems = ["gamma1.contraction"]
model = {{ dim = 12, groups = 3, block = 2, dictionary = "orthogonal", direction = "elliptical" }}
train = {{ lam = 0.3, steps = 5 }}
[report]
main = "small {HOSTILE}"
contraction = ["small {HOSTILE}"]
floors = ["small {HOSTILE}"]
spectrum = "small {HOSTILE}"
unaligned = "small {HOSTILE}"
support = {{ case = "small {HOSTILE}", points = 5, samples = 200 }}
"""


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ReportRecord]:
    folder = tmp_path_factory.mktemp("a report with spaces")
    spec = folder / "small.toml"
    spec.write_text(SPEC)
    return make_report(str(spec), folder / "out")


def test_the_page_is_self_contained_and_inert(report: tuple[Path, ReportRecord]) -> None:
    text = report[0].read_text()
    page = Page(text)
    assert not [tag for tag, _ in page.tags if tag in {"iframe", "object", "embed", "base"}]
    (script,) = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text
    assert text.count("<script") == 1
    assert "http" not in script
    assert not [attrs for _, attrs in page.tags if any(name.startswith("on") for name in attrs)]
    loaded = [attrs.get("src") or "" for tag, attrs in page.tags if tag in {"img", "source"}]
    loaded += [attrs.get("href") or "" for tag, attrs in page.tags if tag == "link"]
    assert not [where for where in loaded if not where.startswith("data:")]
    assert "default-src 'none'" in text
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text


def test_references_lead_somewhere_and_pictures_have_words(report: tuple[Path, ReportRecord]) -> None:
    page = Page(report[0].read_text())
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    inner = {attrs["href"][1:] for _, attrs in page.tags if (attrs.get("href") or "").startswith("#")}
    assert inner <= set(ids)
    files = [
        attrs["href"] for tag, attrs in page.tags if tag == "a" and "figures/" in (attrs.get("href") or "")
    ]
    assert files
    assert all((report[0].parent / name).stat().st_size > 500 for name in files)
    pictures = [attrs for tag, attrs in page.tags if tag == "svg" and attrs.get("role") == "img"]
    assert pictures
    assert all(attrs.get("aria-label") for attrs in pictures)


def test_every_number_on_the_page_is_in_the_record(report: tuple[Path, ReportRecord]) -> None:
    record = json.loads((report[0].parent / "report.json").read_text())
    known: set[float] = set()

    def collect(item: object) -> None:
        if isinstance(item, dict):
            [collect(value) for value in item.values()]
        elif isinstance(item, list):
            [collect(value) for value in item]
        elif isinstance(item, int | float):
            known.add(float(item))

    collect(record)
    shown = {float(value) for value in re.findall(r'<data value="([^"]+)"', report[0].read_text())}
    assert len(shown) > 100
    assert shown <= known


def test_record_survives_a_round_trip_and_counts_its_verdicts(report: tuple[Path, ReportRecord]) -> None:
    record = read_record(report[0].parent / "report.json")
    assert record.to_dict() == json.loads((report[0].parent / "report.json").read_text())
    statuses = [verdict["status"] for verdict in record.verdicts]
    assert statuses.count("OUT_OF_SCOPE") == 1
    assert statuses.count("REFUTED") == 1
    assert record.exit_code == 3  # one claim was out of scope: not a pass
    assert record.summary["bad"] == 0


def test_exit_code_tells_a_refutation_from_a_false_claim_that_survives(
    report: tuple[Path, ReportRecord],
) -> None:
    record = report[1]
    rows = [dict(row) for row in record.verdicts if row["status"] == "HOLDS"]
    good = ReportRecord(**{**record.__dict__, "verdicts": rows})
    assert good.exit_code == 0
    for change in ({"status": "REFUTED"}, {"expected_false": True}):
        bad = ReportRecord(**{**record.__dict__, "verdicts": [*rows, {**rows[0], **change}]})
        assert bad.exit_code == 1
    assert ReportRecord(**{**record.__dict__, "verdicts": []}).exit_code == 3


def test_sections_that_were_not_run_say_how(tmp_path: Path, report: tuple[Path, ReportRecord]) -> None:
    bare = ReportRecord("Bare", report[1].provenance)
    text = write_report(bare, tmp_path).read_text()
    assert text.count("gsae report --spec FILE.toml") >= 6


def test_what_needs_attention_comes_first() -> None:
    rows = [
        {"case": "fine", "status": "HOLDS", "theorem": "a"},
        {"case": "bad", "status": "HOLDS", "theorem": "b"},
        {"case": "bad", "status": "REFUTED", "theorem": "c"},
        {"case": "open", "status": "UNDECIDED", "theorem": "d"},
    ]
    groups = by_case(rows)
    assert [name for name, _ in groups] == ["bad", "open", "fine"]
    assert [row["theorem"] for row in groups[0][1]] == ["c", "b"]


@pytest.mark.parametrize(
    ("value", "text"), [(-0.0, "0"), (0.0, "0"), (-1e-9, "−1·10⁻⁹"), (1234.5678, "1234.57")]
)
def test_numbers_are_readable(value: float, text: str) -> None:
    assert _short(value, 6) == text


def test_a_percentage_has_no_negative_zero() -> None:
    assert ">0.00 %<" in percent(-1e-9)
    assert ">-0.01 %<" in percent(-1.2e-4)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"schema": "gsae_theory.report", "version": 999}', b'{"schema": 1}'],
)
def test_a_damaged_record_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content)
    with pytest.raises((UnreadableFile, InvalidInput)):
        read_record(path)


def test_nothing_is_run_where_nothing_can_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(UnwritableOutput, match="give a folder that can be written"):
        make_report("default", blocked / "out")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_atomic(tmp_path / "page", b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GsaeError, match="No space left"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["page"]
