"""The grammar of a public page: title, abstract, question, and six sections of labelled rows."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.assessment import DimensionLevel, DimensionName, Rung, Tier
from sovereign_registry.contracts.rules import dimensions_v1, tiers_v1
from sovereign_registry.contracts.text import shorten
from sovereign_registry.pipeline.drafts.lines import Line, fail, split, unescape

if TYPE_CHECKING:
    from collections.abc import Sequence

SECTIONS = (
    "Abstract",
    "Research Question",
    "Verification Level",
    "Truth-Engine Gate Verdict",
    "Quality Tier",
    "Quality Dimensions",
    "Correction Record",
    "Provenance",
)
"""The sections of a page in their order; all are needed."""

NEEDED = (
    ("Verification Level", "Paper level"),
    ("Verification Level", "Source-grounded claims"),
    ("Verification Level", "Claim record source"),
    ("Truth-Engine Gate Verdict", "Status"),
    ("Truth-Engine Gate Verdict", "Gate"),
    ("Truth-Engine Gate Verdict", "Reason"),
    ("Quality Tier", "Tier"),
    ("Quality Tier", "Basis"),
    ("Provenance", "Publisher"),
    ("Provenance", "Public provenance"),
)
"""Rows without which a page says nothing that its draft does not."""

_RUNG = re.compile(r"^L([0-7])(?:, .+)?$")
_COUNT = re.compile(r"^\d{1,6}$")


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One labelled value."""

    section: str
    label: str
    value: str
    line: int


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The sentence of scope that stands under a section's rows."""

    section: str
    text: str


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A public page, field by field, as it states itself."""

    title: str
    abstract: str
    question: str
    rows: tuple[Row, ...]
    notes: tuple[Note, ...]
    paper_level: Rung
    grounded: int
    """Source-grounded claims."""
    public_level: Rung
    tier: Tier
    dimensions: tuple[tuple[DimensionName, DimensionLevel], ...]
    evaluated_at: str | None

    def value(self, section: str, label: str) -> str | None:
        """The value under a label, or None where the page does not state it."""
        found = (row.value for row in self.rows if (row.section, row.label) == (section, label))
        return next(found, None)


def parse_page(text: str, where: str) -> Page:
    """Read a public page.

    Args:
        text: The file's text; CRLF line ends and a leading BOM are accepted.
        where: The file's name, for errors.

    Raises:
        BadInput: naming file and line, what was found there and what to do.
    """
    lines = split(text, where)
    body = _sections(lines[1:], where)
    abstract = " ".join(unescape(line.text) for line in body["Abstract"])
    rows, notes = _rows(body, where)
    for section, label in NEEDED:
        if not any((row.section, row.label) == (section, label) for row in rows):
            fail(f"section {section} has no row {label}", where, None, "Get the whole page.")
    return Page(
        title=unescape(lines[0].text),
        abstract=abstract.removeprefix("Abstract: "),
        question=" ".join(unescape(line.text) for line in body["Research Question"]),
        rows=rows,
        notes=notes,
        paper_level=_rung(_row(rows, "Verification Level", "Paper level"), where),
        grounded=_count(_row(rows, "Verification Level", "Source-grounded claims"), where),
        public_level=_rung(_row(rows, "Provenance", "Public provenance"), where),
        tier=_tier(_row(rows, "Quality Tier", "Tier"), where),
        dimensions=tuple(
            _dimension(row, where) for row in rows if row.section == "Quality Dimensions"
        ),
        evaluated_at=_evaluated(rows, where),
    )


def _sections(lines: Sequence[Line], where: str) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        if line.text in SECTIONS:
            due = SECTIONS[len(found)] if len(found) < len(SECTIONS) else "the end"
            if line.text != due:
                fail(
                    f"found section {line.text} where {due} is due",
                    where,
                    line.number,
                    f"A page has these sections in this order: {', '.join(SECTIONS)}.",
                )
            found[due] = []
        elif found:
            found[SECTIONS[len(found) - 1]].append(line)
        else:
            fail(
                f"found {shorten(line.text, 60)!r} where section Abstract is due",
                where,
                line.number,
                "A page starts with its title on one line and the heading Abstract.",
            )
    for name in SECTIONS:
        if not found.get(name):
            last = lines[-1].number if lines else None
            fail(f"section {name} is missing or empty", where, last, "Get the whole page.")
    return found


def _rows(body: dict[str, list[Line]], where: str) -> tuple[tuple[Row, ...], tuple[Note, ...]]:
    rows: list[Row] = []
    notes: list[Note] = []
    for section in SECTIONS[2:]:
        prose = []
        for line in body[section]:
            if not line.text.startswith("|"):
                prose.append(unescape(line.text))
                continue
            cells = [unescape(cell) for cell in line.text.strip("|").split("|") if cell.strip()]
            if len(cells) != 2:  # noqa: PLR2004 - label and value
                fail(
                    f"a row of section {section} has {len(cells)} cells",
                    where,
                    line.number,
                    "Each row is a label and a value between vertical bars; was the file cut off?",
                )
            if any((row.section, row.label) == (section, cells[0]) for row in rows):
                fail(f"{cells[0]} stands twice", where, line.number, "State each label once.")
            rows.append(Row(section=section, label=cells[0], value=cells[1], line=line.number))
        if prose:
            notes.append(Note(section=section, text=" ".join(prose)))
    return tuple(rows), tuple(notes)


def _row(rows: Sequence[Row], section: str, label: str) -> Row:
    return next(row for row in rows if (row.section, row.label) == (section, label))


def _rung(row: Row, where: str) -> int:
    match = _RUNG.match(row.value)
    if match is None:
        fail(f"{row.label} is {row.value!r}", where, row.line, "A rung is L0 to L7 and its name.")
    return int(match.group(1))


def _count(row: Row, where: str) -> int:
    if not _COUNT.match(row.value):
        fail(f"{row.label} is {row.value!r}", where, row.line, "It must be a whole number.")
    return int(row.value)


def _tier(row: Row, where: str) -> Tier:
    wanted = row.value.casefold().replace("_", " ")
    known = {
        rule.tier.value.casefold().replace("_", " "): rule.tier for rule in tiers_v1.THRESHOLDS
    }
    if wanted not in known:
        fail(f"unknown tier {row.value!r}", where, row.line, f"Known: {', '.join(known)}.")
    return known[wanted]


def _dimension(row: Row, where: str) -> tuple[DimensionName, DimensionLevel]:
    names = {rule.label.casefold(): rule.name for rule in dimensions_v1.DEFINITIONS}
    if row.label.casefold() not in names:
        fail(f"unknown dimension {row.label!r}", where, row.line, f"Known: {', '.join(names)}.")
    if row.value not in list(DimensionLevel):
        known = ", ".join(DimensionLevel)
        fail(f"{row.label} is {row.value!r}", where, row.line, f"Known words: {known}.")
    return names[row.label.casefold()], DimensionLevel(row.value)


def _evaluated(rows: Sequence[Row], where: str) -> str | None:
    section = "Truth-Engine Gate Verdict"
    row = next((row for row in rows if (row.section, row.label) == (section, "Evaluated")), None)
    if row is None or row.value.casefold() in {"not evaluated", "never", "-", "—"}:
        return None
    try:
        zoned = datetime.fromisoformat(row.value).tzinfo is not None
    except ValueError:
        zoned = False
    if not zoned:
        fail(
            f"Evaluated is {row.value!r}",
            where,
            row.line,
            "It must be a time with its zone, such as 2026-06-10T06:30:49+00:00.",
        )
    return row.value
