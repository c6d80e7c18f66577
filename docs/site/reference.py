"""Pages of the reference that are made from the code: commands, specs, records, symbols, the trusted base."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; bars inside cells are escaped."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        lines.append(
            "| " + " | ".join(str(cell).replace("\n", " ").replace("|", "\\|") for cell in row) + " |"
        )
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """Return the help of every command."""
    from gsae_theory.cli import main

    parts = [
        (
            "# Command line\n\nWhat `gsae COMMAND --help` prints. Results go to stdout, progress and messages to stderr; "
            "`--json` prints JSON alone.\n"
        )
    ]
    group = click.Context(main, info_name="gsae", max_content_width=100)
    parts.append(f"## gsae\n\n```text\n{main.get_help(group)}\n```\n")
    for name in main.list_commands(group):
        command = main.get_command(group, name)
        assert command is not None
        context = click.Context(
            command, info_name=name, parent=group, max_content_width=100, terminal_width=100
        )
        parts.append(f"## gsae {name}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def _kind(field: Mapping[str, Any]) -> str:
    """Return the type of a JSON schema field in words."""
    if "anyOf" in field:
        return " or ".join(_kind(item) for item in field["anyOf"] if item.get("type") != "null")
    if "enum" in field:
        return ", ".join(f"`{item}`" for item in field["enum"])
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if field.get("type") == "array":
        return "list of " + _kind(field["items"]) if isinstance(field.get("items"), dict) else "list"
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    kinds = field.get("type", "any")
    return kinds if isinstance(kinds, str) else " or ".join(kind for kind in kinds if kind != "null")


def _limits(field: Mapping[str, Any]) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    found = [
        f"{sign} {item[key]:g}"
        for item in (field, *field.get("anyOf", ()))
        for key, sign in signs.items()
        if key in item
    ]
    return ", ".join(found)


def _default(field: Mapping[str, Any]) -> str:
    """Return a default; an object's own table has those of its keys."""
    if "default" not in field:
        return ""
    value = field["default"]
    return "its defaults" if isinstance(value, dict) and value else f"`{json.dumps(value)}`"


def fields_table(schema: Mapping[str, Any]) -> str:
    """Return the fields of one object of a JSON schema."""
    needed = schema.get("required", [])
    rows = [
        (
            f"`{name}`",
            _kind(field),
            _limits(field),
            "needed" if name in needed else _default(field),
            field.get("description", ""),
        )
        for name, field in schema.get("properties", {}).items()
    ]
    return table(("key", "type", "range", "default", "meaning"), rows)


def schema_page(title: str, lead: str, schema: Mapping[str, Any], file: str) -> str:
    """Return a page on a JSON schema: the object itself, then the ones that it is made of."""
    parts = [
        f"# {title}\n\n{lead}\n\nJSON schema: [{file}]({file}).\n",
        f"## {schema['title']}\n\n{fields_table(schema)}",
    ]
    for name, inner in schema.get("$defs", {}).items():
        if "properties" in inner:
            parts.append(f"## {name}\n\n{_first(inner)}\n\n{fields_table(inner)}")
        elif "enum" in inner:
            values = "\n".join(f"- {item}" for item in inner["enum"])
            parts.append(f"## {name}\n\n{_first(inner)}\n\n{values}\n")
    return "\n".join(parts)


def _first(schema: Mapping[str, Any]) -> str:
    return str(schema.get("description", "")).partition("\n\n")[0].replace("\n", " ")


def schemas() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Return title, lead and JSON schema of every file format, by name."""
    from gsae_theory.schemas import json_schema

    return {
        "spec": (
            "Spec files",
            (
                "A spec is a TOML file that says what to verify and what to draw (`gsae verify --spec`, `gsae report --spec`). "
                "A key that does not exist, or a value out of range, is an error before anything runs."
            ),
            json_schema("spec"),
        ),
        "verdict": (
            "Verdicts",
            "One row of `gsae verify --json`. `status` is the name of the verdict; `advice` says what to do next.",
            json_schema("verdict"),
        ),
        "record": (
            "Report record",
            "`report.json` beside the page: everything that the page shows, as plain data.",
            json_schema("report"),
        ),
    }


# What the abstract of the paper calls it. Its symbols are not repeated: the numbering and letters here are ours.
PAPER = {
    "G": "groups (blocks)",
    "gamma": "active groups",
    "lam": "group-sparse ReLU (its threshold)",
    "dist": "distance of the network parameters to the generating matrix",
    "delta": "neighborhood of the generating matrix",
}


def symbols_page() -> str:
    """Return the table of symbols."""
    from gsae_theory.theory import QUANTITIES, TABLE

    rows = []
    for name, entry in TABLE.items():
        quantity = QUANTITIES.get(name)
        source = quantity.source if quantity else ""
        latex = entry.latex.replace("$", "")
        rows.append((PAPER.get(name, ""), f"${latex}$", f"`{name}`", entry.meaning, source))
    return (
        "# Symbols\n\nPaper, document, code. The statements are our own derivation: the first column gives the words of the "
        "paper's abstract where it names the thing, not its letters. The second is how the [theory pages](../theory.md) and "
        "the LaTeX of a theorem write it, the third the name in code (`gsae_theory.theory.TABLE`), in results and on the "
        "command line.\n\n" + table(("in the paper", "document", "code", "meaning", "defined in"), rows)
    )


def trusted_base_page() -> str:
    """Return the trusted base and the count of ledger entries, from the ledger."""
    import proofs_check

    base = proofs_check.trusted_base()
    steps = proofs_check.ledger().values()
    methods: dict[str, int] = {}
    for step in steps:
        methods[step.method] = methods.get(step.method, 0) + 1
    lemmas = [
        (f"`{row['id']}`", row["statement"].replace("$", ""), row["reference"])
        for row in base
        if row["kind"] == "lemma"
    ]
    software = [
        (f"`{row['id']}`", row["statement"], row["reference"]) for row in base if row["kind"] != "lemma"
    ]
    return (
        "# Trusted base\n\nWhat every proof here takes for granted, read from the ledger when this page was built. "
        "[How to read a proof](../proofs.md).\n\n## Software and reading\n\n"
        + table(("what", "what is trusted", "where"), software)
        + "\n## Quoted lemmas\n\nA closed list; each is tried on random instances.\n\n"
        + table(("id", "statement", "reference"), [tuple(_plain(c) for c in row) for row in lemmas])
        + "\n## Steps of the ledger by method\n\n"
        + table(("method", "steps"), sorted(methods.items(), key=lambda item: -item[1]))
    )


def _plain(cell: str) -> str:
    """Return text in which Markdown sees no emphasis or HTML."""
    if cell.startswith("`"):
        return cell
    return (
        cell.replace("\\", "\\\\")
        .replace("*", r"\*")
        .replace("_", r"\_")
        .replace("<", "&lt;")
        .replace("||", r"\|\|")
    )
