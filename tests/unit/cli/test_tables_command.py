"""`gsae tables` and `gsae schema`: other forms of the record, and schemas that describe what is really written."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from gsae_theory.cli import main
from gsae_theory.errors import InvalidInput
from gsae_theory.report import read_record
from gsae_theory.report.tables import tables_of, to_csv, to_json, to_tex, write_tables
from gsae_theory.reporting import make_report
from gsae_theory.schemas import json_schema

SPEC = """
title = "small"
[[case]]
id = "a_case & more"
theorems = ["gamma1.contraction", "gamma1.scale", "gamma1.hessian.*", "gamma1.false_no_bias"]
model = { dim = 8, groups = 3, block = 2, dictionary = "orthogonal", radius_max = 1.2 }
train = { lam = 0.3, steps = 20 }
[report]
contraction = ["a_case & more"]
spectrum = "a_case & more"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    (folder / "s.toml").write_text(SPEC, encoding="utf-8")
    return make_report(str(folder / "s.toml"), folder / "out")[0].parent


def test_every_form_has_every_number(folder: Path, tmp_path: Path) -> None:
    """Catches a table that loses a row or rounds where it should be exact."""
    record = read_record(folder / "report.json")
    found = dict(tables_of(record))
    assert {"verdicts", "bounds", "spectrum", "contraction-1"} <= set(found)
    rows = list(csv.DictReader(io.StringIO(to_csv(found["verdicts"]))))
    assert [float(row["measured"]) for row in rows] == [verdict["measured"] for verdict in record.verdicts]
    curve = json.loads(to_json(found["contraction-1"]))["rows"]
    assert [row["bound"] for row in curve] == list(record.curves[0].bound)
    tex = to_tex(found["verdicts"])
    assert r"a\_case \& more" in tex
    assert tex.count(r"\\") == len(rows) + 1
    written = write_tables(record, tmp_path / "t")
    assert len(written) == 3 * len(found)
    with pytest.raises(InvalidInput):
        write_tables(record, tmp_path / "t", ["xls"])


def test_the_command_writes_beside_the_record(folder: Path) -> None:
    """Catches a default that is somewhere else."""
    result = CliRunner().invoke(main, ["tables", str(folder), "--format", "csv", "--json"])
    assert result.exit_code == 0, result.output
    files = json.loads(result.output)["files"]
    assert files
    assert all(Path(name).parent == folder / "tables" and name.endswith(".csv") for name in files)


def test_what_is_written_obeys_its_schema(folder: Path) -> None:
    """Catches a record and a published schema that have gone apart."""
    schema = json_schema("report")
    jsonschema.Draft202012Validator.check_schema(schema)
    record = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    jsonschema.validate(record, schema)
    for verdict in record["verdicts"]:
        jsonschema.validate(verdict, json_schema("verdict"))
    record["verdicts"][0]["status"] = "FINE"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record, schema)


def test_shipped_specs_obey_the_schema_of_specs() -> None:
    """Catches a schema of specs that refuses what the reader admits."""
    schema = json_schema("spec")
    for path in sorted((Path(__file__).parents[3] / "reports" / "specs").glob("*.toml")):
        jsonschema.validate(tomllib.loads(path.read_text(encoding="utf-8")), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"case": 3}, schema)


@pytest.mark.parametrize("name", ["report", "verdict", "spec", "difference"])
def test_schema_prints_json(name: str) -> None:
    """Catches a schema that is no JSON."""
    result = CliRunner().invoke(main, ["schema", name])
    assert json.loads(result.output)["$schema"].endswith("2020-12/schema")
