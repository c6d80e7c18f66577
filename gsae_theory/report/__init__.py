"""Tell people: a record of everything that was found, and the page, figures and JSON made from it."""

from gsae_theory.output import write_atomic
from gsae_theory.report.claims import claim_data
from gsae_theory.report.joined import KINDS as JOINED_KINDS
from gsae_theory.report.mathsvg import MathSheet, math_svg
from gsae_theory.report.provenance import collect as collect_provenance
from gsae_theory.report.schema import (
    ContractionCurve,
    FloorRow,
    Provenance,
    ReportRecord,
    SpectrumRow,
    SupportCurve,
    UnalignedCurve,
    kind_of,
    read_json,
    read_record,
)
from gsae_theory.report.versions import SCHEMA_VERSION
from gsae_theory.report.writer import prepare_output, write_report

__all__ = [
    "JOINED_KINDS",
    "SCHEMA_VERSION",
    "ContractionCurve",
    "FloorRow",
    "MathSheet",
    "Provenance",
    "ReportRecord",
    "SpectrumRow",
    "SupportCurve",
    "UnalignedCurve",
    "claim_data",
    "collect_provenance",
    "kind_of",
    "math_svg",
    "prepare_output",
    "read_json",
    "read_record",
    "write_atomic",
    "write_report",
]
