"""JSON schemas of what this package reads and writes, made from the types that do it."""

from __future__ import annotations

from typing import Any

from gsae_theory.check.verdict import Status
from gsae_theory.errors import UnknownName

DRAFT = "https://json-schema.org/draft/2020-12/schema"
NAMES = ("report", "verdict", "spec", "difference")


def json_schema(name: str) -> dict[str, Any]:
    """Return a JSON schema (draft 2020-12).

    Parameters
    ----------
    name : str
        ``report`` (report.json), ``verdict`` (an entry of ``gsae verify --json``), ``spec`` (a spec file,
        whose TOML has the structure of this JSON), ``difference`` (``gsae diff --json``).

    Raises
    ------
    UnknownName
    """
    from pydantic import TypeAdapter

    if name not in NAMES:
        raise UnknownName("schema", name, NAMES)
    if name == "spec":
        from gsae_theory.spec import Spec

        return {"$schema": DRAFT, "title": "gsae_theory spec", **_named(Spec.model_json_schema())}
    if name == "difference":
        return {"$schema": DRAFT, **_DIFFERENCE}
    if name == "verdict":
        return {"$schema": DRAFT, "title": "gsae_theory verdict", **_VERDICT}
    from gsae_theory.report.schema import SCHEMA, ReportRecord
    from gsae_theory.report.versions import SCHEMA_VERSION

    found = TypeAdapter(ReportRecord).json_schema(mode="serialization")
    found["properties"] |= {
        "schema": {"const": SCHEMA},
        "version": {"type": "integer", "minimum": 1, "maximum": SCHEMA_VERSION},
        "summary": {"type": "object", "additionalProperties": {"type": "integer"}},
        "verdicts": {"type": "array", "items": _VERDICT},
    }
    found["required"] = ["schema", "version", "title", "provenance", "verdicts"]
    return {"$schema": DRAFT, **found, "title": "gsae_theory report"}


def _named(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "title"}


_NUMBER = {"type": ["number", "null"]}
_VERDICT: dict[str, Any] = {
    "type": "object",
    "required": [
        "theorem",
        "status",
        "bound",
        "measured",
        "slack",
        "reason",
        "comparisons",
        "seed",
        "replay",
    ],
    "properties": {
        "case": {"type": "string"},
        "theorem": {"type": "string"},
        "status": {"enum": list(Status.__members__)},
        "bound": _NUMBER,
        "measured": _NUMBER,
        "slack": _NUMBER,
        "reason": {"type": "string"},
        "advice": {"type": "string"},
        "comparisons": {"type": "integer", "minimum": 0},
        "evidence": {"enum": ["pathwise", "quadrature", "sampled", "none"]},
        "margins": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["assumption", "value", "holds", "statement"],
                "properties": {
                    "assumption": {"type": "string"},
                    "value": _NUMBER,
                    "holds": {"type": "boolean"},
                    "statement": {"type": "string"},
                },
            },
        },
        "witness": {"type": "object"},
        "expected_false": {"type": "boolean"},
        "model": {"type": "object"},
        "setting": {"type": "object"},
        "seed": {"type": "integer", "minimum": 0},
        "replay": {"type": "string"},
        "seconds": _NUMBER,
        "tolerance": _NUMBER,
        "extra": {"type": "object"},
    },
}
_DIFFERENCE: dict[str, Any] = {
    "title": "gsae_theory difference",
    "type": "object",
    "required": ["before", "after", "worse", "changes"],
    "properties": {
        "before": {"type": "string"},
        "after": {"type": "string"},
        "worse": {"type": "integer", "minimum": 0},
        "changes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["what", "name", "before", "after", "worse"],
                "properties": {
                    "what": {"enum": ["gone", "new", "status", "number", "constant", "seconds"]},
                    "name": {"type": "string"},
                    "before": {"type": "string"},
                    "after": {"type": "string"},
                    "worse": {"type": "boolean"},
                },
            },
        },
    },
}
