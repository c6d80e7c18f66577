"""The page: a record and its figures in, one self-contained HTML text out."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from matplotlib.figure import Figure

from gsae_theory.report import alternatives as alt
from gsae_theory.report import figures as draw
from gsae_theory.report.by_theorem import STEPS, theorem_rows
from gsae_theory.report.joined import Section
from gsae_theory.report.labels import (
    DIRECTIONS,
    MARKS,
    STATUS_MEANING,
    STATUS_WORDS,
    bound_rows,
    instance_text,
)
from gsae_theory.report.mathsvg import MathSheet
from gsae_theory.report.onpage import FigureOnPage
from gsae_theory.report.overview import overview_figure
from gsae_theory.report.schema import ReportRecord, kind_of
from gsae_theory.report.svg import to_bytes


def figures_of(record: ReportRecord) -> list[FigureOnPage]:
    """Draw every figure that the record has data for."""
    made: list[FigureOnPage] = []

    def add(stem: str, section: str, figure: Figure, caption: str, alternative: str) -> None:
        made.append(FigureOnPage(stem, section, figure, to_bytes(figure, "svg"), caption, alternative))

    overview = overview_figure(record)
    if overview is not None:
        add("overview", "overview", overview, alt.OVERVIEW_CAPTION, alt.overview(record))
    for index, curve in enumerate(record.curves, 1):
        add(
            f"contraction-{index}",
            "contraction",
            draw.contraction_figure(curve),
            curve.label,
            alt.contraction(curve),
        )
    if record.floors:
        add(
            "floors",
            "floors",
            draw.floors_figure(record.floors),
            alt.FLOORS_CAPTION,
            alt.floors(record.floors),
        )
    if record.support is not None:
        add(
            "support",
            "support",
            draw.support_figure(record.support),
            record.support.label,
            alt.support(record.support),
        )
    if record.spectrum:
        add(
            "spectrum",
            "spectrum",
            draw.spectrum_figure(record.spectrum),
            alt.SPECTRUM_CAPTION,
            alt.spectrum(record.spectrum),
        )
    if record.unaligned is not None:
        add(
            "unaligned",
            "unaligned",
            draw.unaligned_figure(record.unaligned),
            record.unaligned.label,
            alt.unaligned(record.unaligned),
        )
    if record.digits is not None:
        digits = record.digits
        add(
            "digits-blocks",
            "digits",
            draw.digits_blocks_figure(digits),
            alt.BLOCKS_CAPTION,
            alt.blocks(digits),
        )
        add(
            "digits-reconstructions",
            "digits",
            draw.digits_reconstructions_figure(digits),
            alt.RECONSTRUCTIONS_CAPTION,
            alt.reconstructions(digits),
        )
        add(
            "digits-clustering",
            "digits",
            draw.digits_clustering_figure(digits),
            alt.CLUSTERING_CAPTION,
            alt.clustering(digits),
        )
        add("digits-loss", "digits", draw.digits_loss_figure(digits), alt.LOSS_CAPTION, alt.loss(digits))
    return made


def render(record: ReportRecord, figures: Sequence[FigureOnPage], sections: Sequence[Section] = ()) -> str:
    """Return the page of a record, with the sections that other commands recorded."""
    math = MathSheet()
    environment = Environment(
        loader=PackageLoader("gsae_theory.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"num": number, "value": value, "percent": percent, "words": math.words}
    known, further = bound_rows(record.instance)
    script = (files("gsae_theory.report") / "templates" / "page.js").read_text(encoding="utf-8").strip()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    numbers = itertools.count(1)
    cases = by_case(record.verdicts)
    first: dict[str, int] = {}
    for place, verdict in enumerate((row for _, rows in cases for row in rows), 1):
        first.setdefault(str(verdict["theorem"]), place)
    body = environment.get_template("report.html.j2").render(
        record=record,
        script=Markup(script),
        script_hash=f"sha256-{digest}",
        counter=lambda: next(numbers),
        families=sorted({str(verdict["theorem"]).split(".")[0] for verdict in record.verdicts}),
        summary=record.summary,
        figures=figures,
        sections=sections,
        math=math,
        bounds=known,
        further=further,
        cases=cases,
        theorems=theorem_rows(record, first),
        prove_command=STEPS,
        kind_of=kind_of,
        marks=MARKS,
        words=STATUS_WORDS,
        meanings=STATUS_MEANING,
        directions=DIRECTIONS,
        instance_text=instance_text,
        method_name=draw.method_name,
    )
    return re.sub(r"\n\s*\n+", "\n", body)


def by_case(verdicts: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the verdicts by instance; within one, and between them, what needs attention comes first."""
    order = {"bad": 0, "open": 1, "good": 2}
    groups: dict[str, list[dict[str, Any]]] = {}
    for verdict in verdicts:
        groups.setdefault(str(verdict.get("case") or "instance"), []).append(verdict)
    for rows in groups.values():
        rows.sort(key=lambda verdict: order[kind_of(verdict)])
    return sorted(groups.items(), key=lambda item: min(order[kind_of(row)] for row in item[1]))


def number(content: Any, digits: int = 6) -> Markup:
    """Return a number as a <data> element: short for people, exact for machines; a dash where there is none."""
    if content is None:
        return Markup('<span class="none">–</span>')
    if isinstance(content, bool):
        return escape("yes" if content else "no")
    if isinstance(content, int):
        return Markup('<data value="{}">{}</data>').format(content, f"{content:,}".replace(",", "\u202f"))
    return Markup('<data value="{}">{}</data>').format(repr(float(content)), _short(float(content), digits))


def percent(content: float | None) -> Markup:
    """Return a share as a percentage with two decimals."""
    if content is None:
        return number(None)
    return Markup('<data value="{}">{}</data>').format(
        repr(float(content)), _signless(f"{100 * content:.2f}") + " %"
    )


def value(content: Any) -> Markup:
    """Return a number, an interval or text."""
    if isinstance(content, list | tuple):
        return Markup("[{}, {})").format(*(number(item) for item in content))
    return number(content) if content is None or isinstance(content, int | float) else escape(content)


def _short(content: float, digits: int) -> str:
    text = _signless(f"{content:.{digits}g}")
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return text.replace("-", "\u2212")
    power = str(int(exponent)).replace("-", "⁻").translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa.replace('-', chr(0x2212))}·10{power}"


def _signless(text: str) -> str:
    """Return a number's text without the minus sign of a zero."""
    return text.lstrip("-") if not text.strip("-0.") else text


Filter = Callable[[Any], Markup]
