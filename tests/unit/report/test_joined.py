"""Records of other commands on the page: every kind has a section, whatever is missing or damaged.

Catches: a record whose shape has drifted from its command and silently loses its section, markup in a
record that becomes markup on the page, a missing file that stops the report.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gsae_theory.errors import InvalidInput, UnknownName, UnreadableFile
from gsae_theory.report import JOINED_KINDS, ReportRecord, collect_provenance, write_report
from gsae_theory.report.html import figures_of, render
from gsae_theory.report.joined import sections_of
from gsae_theory.report.joined.cluster import build as build_cluster
from gsae_theory.reporting import joined_records
from gsae_theory.spec import ReportSpec, read_spec

REFERENCE = Path(__file__).parents[3] / "reports" / "specs"
PROOFS = {
    "steps": [{"id": "L1", "method": "identity", "status": "proved", "uses": [], "seconds": 0.1}],
    "theorems": [
        {"id": "gamma1.ball", "status": "proved", "rests_on": ["L1"]},
        {"id": "open <b>", "status": "missing L2", "rests_on": []},
    ],
    "slack": [{"step": "L1", "what": "P", "slack": 0.25, "instance": "R = 1", "point": {}}],
    "trusted_base": [{"id": "Q:hilbert", "kind": "lemma", "statement": "a", "reference": "b"}],
}
MUTANTS = {
    "mutants": [
        {"id": "M1", "status": "REFUTED", "killed_by": "violation on x", "witness": {}, "seconds": 0.5},
        {
            "id": "M2",
            "status": "SURVIVED",
            "killed_by": None,
            "witness": None,
            "seconds": 1.0,
            "reason": "equivalent",
        },
    ]
}
CLUSTER = {
    "data": "digits",
    "rows": [
        {"method": name, "acc_mean": acc, "acc_std": 0.01, "nmi_mean": 0.8, "ari_mean": 0.7, "seconds": 3.0}
        for name, acc in (("group-sparse ensemble", 0.91), ("k-means", 0.79))
    ],
}


@pytest.fixture
def bare() -> ReportRecord:
    return ReportRecord("Joined", collect_provenance(seed=0, spec="test"))


def test_without_records_every_section_names_its_command(bare: ReportRecord, tmp_path: Path) -> None:
    text = write_report(bare, tmp_path).read_text()
    for name, (_, command) in JOINED_KINDS.items():
        assert f'<section id="{name}"' in text
        assert command in text


def test_sections_say_what_the_records_say(bare: ReportRecord, tmp_path: Path) -> None:
    record = replace(bare, joined={"proofs": PROOFS, "mutants": MUTANTS, "cluster": CLUSTER})
    found = {section.id: section for section in sections_of(record)}
    assert "1 of 2 theorems are proved" in found["proofs"].sentences[0]
    assert found["proofs"].tables[0].rows == [["L1", "P", 0.25, "R = 1"]]
    assert [figure.stem for figure in found["proofs"].figures] == ["proofs-graph"]
    assert "1 of 2 wrong versions" in found["mutants"].sentences[0]
    assert found["mutants"].tables[-1].rows == [["M2", "equivalent"]]
    assert "0.910" in found["cluster"].sentences[0]
    assert found["bench"].missing
    text = write_report(record, tmp_path).read_text()
    assert "open &lt;b&gt;" in text
    assert "open <b>" not in text


@pytest.mark.parametrize("name", JOINED_KINDS)
@pytest.mark.parametrize("data", [{}, [], {"steps": 1}, {"mutants": [{}]}, "text"])
def test_a_record_of_another_shape_is_refused_by_name(bare: ReportRecord, name: str, data: object) -> None:
    with pytest.raises(InvalidInput, match=r"record"):
        sections_of(replace(bare, joined={name: data}))


def test_files_are_found_beside_the_spec(tmp_path: Path) -> None:
    spec = read_spec("default")
    asked = spec.model_copy(
        update={"report": ReportSpec(joined={"proofs": "p.json", "bench": "absent.json"})}
    )
    (tmp_path / "p.json").write_text('{"steps": []}')
    assert joined_records(asked, tmp_path) == {"proofs": {"steps": []}}
    (tmp_path / "p.json").write_text('{"steps": [')
    with pytest.raises(UnreadableFile, match=r"p\.json"):
        joined_records(asked, tmp_path)
    wrong = spec.model_copy(update={"report": ReportSpec(joined={"prooofs": "p.json"})})
    with pytest.raises(UnknownName, match="proofs"):
        joined_records(wrong, tmp_path)


def test_the_default_spec_names_every_kind() -> None:
    assert set(read_spec("default").report.joined) == set(JOINED_KINDS)


def test_clustering_names_its_control_and_shows_starts_and_sizes():
    """Catches a gain over the wrong row, starts left out, and a file without labels that breaks the page."""
    rows = [*CLUSTER["rows"], {**CLUSTER["rows"][1], "method": "10-NN graph, same read-out", "acc_mean": 0.9}]
    start = {"start": "random", "groups": 3, "block": 2, "seeds": 2, "seen": 0.5, "dead": 0.25, "largest": 1.0,
             "silent": 0.0, "residual": 0.125}  # fmt: skip
    own = [{"method": "k-means", "internal": {"sizes": [3, 2], "silhouette": None}, "seconds": 0.1}]
    parts = {
        "digits": {"labelled": True, "rows": rows, "starts": [start], "note": "stopped early"},
        "mine.npy": {"labelled": False, "rows": own},
    }
    made = build_cluster({"data": parts})
    assert "the group models add +0.010 to the 10-NN control" in made["sentences"][1]
    assert "stopped early" in made["sentences"][2]
    assert "without labels" in made["sentences"][3]
    several = [
        {**rows[0], "acc": [0.9, 0.91, 0.92]},
        {**rows[1], "acc": [0.79] * 3},
        {**rows[2], "acc": [0.9] * 3},
    ]
    told = build_cluster({"data": {"digits": {"labelled": True, "rows": several}}})["sentences"][1]
    # a constant control: Welch's interval is Student's with two degrees of freedom, 4.303 x 0.01 / sqrt 3
    assert "+0.010 [-0.015, +0.035]" in told
    scores, starts, sizes = made["tables"]
    assert [row[1] for row in scores.rows] == [0.91, 0.9, 0.79]
    assert starts.rows == [["random", 0.5, 0.25, 1.0, 0.0, 0.125]]
    assert sizes.rows == [["k-means", "3 2", None, 0.1]]


def test_the_page_stays_under_five_megabytes(bare: ReportRecord) -> None:
    """Catches a section that grows without bound: a figure of thousands of marks, a table of every cell.

    Without them the default report takes 2.2 MB (111 verdicts, 12 figures, formulas); the kept records get 2.5.
    """
    spec = read_spec("default")
    # The proofs are there only after `make report`; a checkout is tested before and after.
    kept = {name: data for name, data in joined_records(spec, REFERENCE).items() if name != "proofs"}
    record = replace(bare, joined=kept)
    assert {"mutants", "explore", "compare", "cluster", "bench"} <= set(record.joined)
    page = render(record, figures_of(record), sections_of(record))
    assert 500_000 < len(page.encode()) < 2_500_000
