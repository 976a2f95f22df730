r"""The grammar of a draft: title, kernel, banner, date, and seven sections in a fixed order.

Three heading styles are read alike: ``## 1 Introduction``, ``1 Introduction`` and
``### **3 Results**``.  Markdown's escapes (``revision\_round``) are resolved.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.numbers import DecimalText, Score
from sovereign_registry.contracts.papers import IsoDate
from sovereign_registry.contracts.review import Policy, Verdict
from sovereign_registry.contracts.text import shorten
from sovereign_registry.pipeline.drafts.lines import Line, fail, split, unescape

if TYPE_CHECKING:
    from collections.abc import Sequence

SECTIONS = (
    "Abstract",
    "1 Introduction",
    "2 Methodology",
    "3 Results",
    "4 Uncertainties",
    "5 Extracted Claims",
    "References",
)
"""The sections of a draft in their order; all are needed."""

MARKS = {"✓": True, "×": False}  # noqa: RUF001 - the multiplication sign is the draft's cross
MAX_CLAIMS = 9_999

_HEADING = re.compile(rf"^(?:#{{1,6}}\s+)?(\*\*)?({'|'.join(map(re.escape, SECTIONS))})(?(1)\*\*)$")
_TITLE = re.compile(r"^(?:#\s+)?SOVEREIGN:\s+(.+)$")
_INTRODUCTION = re.compile(r"^Analysis of: (.+?)\. Research goal: (.+)$")
_THRESHOLD = re.compile(r"\bthreshold=(\d\.\d{1,9})\b")
_MODEL = re.compile(r"\b(NIM \S+) \(dim=(\d{1,6})\)")
_SEARCH = re.compile(r"^Multi-query [^.]*\)")
_TRIBUNAL = re.compile(r"\bTribunal v\d+: .+?(?= with revision round|\.$|$)")
_RESULTS = re.compile(
    r"^(\d{1,6}) papers? retrieved\. (\d{1,6}) claims? extracted, (\d{1,6}) verified\. "
    r"Tribunal: (\d{1,2}(?:\.\d)?)/10 → ([A-Z]+) \(revision_round=(\d+)\)\. "
    r"Policy: ([A-Z_]+)\.$"
)
_REFERENCE = re.compile(
    r"^- <https?://arxiv\.org/abs/(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v([1-9]\d?))?>$"
)
_CONFIDENCE = re.compile(r"^(?:0|1)(?:\.\d{1,9})?$")
_SENTENCES = re.compile(r"(?<=\w\w[.?!])\s+")
_CELLS = ("Claim", "Verified", "Confidence")


class DraftClaim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One row of the claims table."""

    text: str
    verified: bool
    confidence: DecimalText
    """As printed."""


class Reference(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One paper that the draft lists."""

    key: str
    version: int | None


class Results(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What section 3 states."""

    text: str
    papers: int
    claims: int
    verified: int
    score: Score
    verdict: Verdict
    revision_round: int
    policy: Policy


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A draft, field by field, as it states itself."""

    title: str
    kernel: str
    banner: str
    date: IsoDate
    abstract: str
    analysed: str
    goal: str
    """The research goal as printed, such as ``... benchmarks?.``"""
    methodology: str
    search: str | None
    threshold: DecimalText
    model: str | None
    dimension: int | None
    tribunal: str | None
    results: Results
    uncertainties: tuple[str, ...]
    claims: tuple[DraftClaim, ...]
    references: tuple[Reference, ...]

    @property
    def question(self) -> str:
        """The research goal as a question: without the full stop behind its question mark."""
        return self.goal[:-1] if self.goal.endswith("?.") else self.goal


def parse_draft(text: str, where: str) -> Draft:
    """Read a draft.

    Args:
        text: The file's text; CRLF line ends and a leading BOM are accepted.
        where: The file's name, for errors.

    Raises:
        BadInput: naming file and line, what was found there and what to do.
    """
    lines = split(text, where)
    title, kernel, banner, date = _front(lines, where)
    body = _sections(lines[4:], where)
    prose = {name: " ".join(unescape(line.text) for line in body[name]) for name in SECTIONS[:5]}
    analysed, goal = _introduction(prose["1 Introduction"], body["1 Introduction"][0], where)
    method = prose["2 Methodology"]
    threshold = _THRESHOLD.search(method)
    if threshold is None:
        fail(
            "section 2 Methodology states no threshold",
            where,
            body["2 Methodology"][0].number,
            "It must hold threshold= with a number such as 0.15.",
        )
    model, search, tribunal = (
        _MODEL.search(method),
        _SEARCH.search(method),
        _TRIBUNAL.search(method),
    )
    return Draft(
        title=title,
        kernel=kernel,
        banner=banner,
        date=date,
        abstract=prose["Abstract"],
        analysed=analysed,
        goal=goal,
        methodology=method,
        search=search and search.group(),
        threshold=threshold.group(1),
        model=model and model.group(1),
        dimension=model and int(model.group(2)),
        tribunal=tribunal and tribunal.group(),
        results=_results(prose["3 Results"], body["3 Results"][0], where),
        uncertainties=tuple(_SENTENCES.split(prose["4 Uncertainties"])),
        claims=_claims(body["5 Extracted Claims"], where),
        references=tuple(_reference(line, where) for line in body["References"]),
    )


def _front(lines: Sequence[Line], where: str) -> tuple[str, str, str, str]:
    if len(lines) < 4:  # noqa: PLR2004 - the four lines below
        fail(
            "holds fewer than four lines",
            where,
            None,
            "A draft starts with title, kernel, banner and date, each on a line of its own.",
        )
    title = _TITLE.match(lines[0].text)
    if title is None:
        fail(
            f"found {shorten(lines[0].text, 60)!r} where the title is due",
            where,
            lines[0].number,
            "A draft's first line is its title after SOVEREIGN: and a space.",
        )
    try:
        date = datetime.strptime(lines[3].text, "%B %d, %Y").date()  # noqa: DTZ007 - a bare date
    except ValueError:
        fail(
            f"found {shorten(lines[3].text, 60)!r} where the date is due",
            where,
            lines[3].number,
            "The fourth line is a date such as May 28, 2026.",
        )
    return (
        unescape(title.group(1)),
        unescape(lines[1].text),
        unescape(lines[2].text),
        date.isoformat(),
    )


def _sections(lines: Sequence[Line], where: str) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        heading = _HEADING.match(line.text)
        if heading:
            due = SECTIONS[len(found)] if len(found) < len(SECTIONS) else "the end"
            if heading.group(2) != due:
                fail(
                    f"found section {heading.group(2)} where {due} is due",
                    where,
                    line.number,
                    f"A draft has these sections in this order: {', '.join(SECTIONS)}.",
                )
            found[due] = []
        elif not found:
            fail(
                f"found {shorten(line.text, 60)!r} where section Abstract is due",
                where,
                line.number,
                "The abstract's heading follows the date.",
            )
        else:
            found[SECTIONS[len(found) - 1]].append(line)
    _require_whole(found, lines, where)
    return found


def _require_whole(found: dict[str, list[Line]], lines: Sequence[Line], where: str) -> None:
    last = lines[-1].number if lines else None
    for name in SECTIONS:
        if name not in found:
            fail(
                f"ends without section {name}",
                where,
                last,
                "The file was cut off, or the section is missing: get the whole draft.",
            )
        if not found[name]:
            fail(f"section {name} is empty", where, last, "Get the whole draft.")


def _introduction(text: str, line: Line, where: str) -> tuple[str, str]:
    match = _INTRODUCTION.match(text)
    if match is None:
        fail(
            "section 1 Introduction does not name what is analysed and the research goal",
            where,
            line.number,
            "It must read: Analysis of: TITLE. Research goal: QUESTION?.",
        )
    return match.group(1), match.group(2)


def _results(text: str, line: Line, where: str) -> Results:
    match = _RESULTS.match(text)
    if match is None:
        fail(
            f"found {shorten(text, 120)!r} in section 3 Results",
            where,
            line.number,
            "It must state papers retrieved, claims extracted and verified, the tribunal's score, "
            "verdict and revision_round, and the policy.",
        )
    papers, claims, verified, score, verdict, revision, policy = match.groups()
    written = score if "." in score else f"{score}.0"
    for value, known, what in (
        (verdict, list(Verdict), "verdict"),
        (policy, list(Policy), "policy"),
        (revision, ["0", "1"], "revision_round"),
    ):
        if value not in known:
            fail(f"unknown {what} {value}", where, line.number, f"Known: {', '.join(known)}.")
    if float(written) > 10:  # noqa: PLR2004 - scores end at 10
        fail(f"score {score} exceeds 10", where, line.number, "A score lies from 0 to 10.")
    return Results(
        text=text,
        papers=int(papers),
        claims=int(claims),
        verified=int(verified),
        score=written,
        verdict=Verdict(verdict),
        revision_round=int(revision),
        policy=Policy(policy),
    )


def _claims(lines: Sequence[Line], where: str) -> tuple[DraftClaim, ...]:
    head = lines[0]
    if tuple(cell.strip() for cell in head.text.split("\t")) != _CELLS:
        fail(
            f"found {shorten(head.text, 60)!r} where the claims table's head is due",
            where,
            head.number,
            "The head is Claim, Verified and Confidence, separated by tabs.",
        )
    if len(lines) - 1 > MAX_CLAIMS:
        fail(f"holds {len(lines) - 1} claims", where, head.number, f"At most {MAX_CLAIMS}.")
    return tuple(_claim(line, where) for line in lines[1:])


def _claim(line: Line, where: str) -> DraftClaim:
    cells = [unescape(cell) for cell in line.text.split("\t")]
    if len(cells) != len(_CELLS) or not cells[0]:
        fail(
            f"a row of the claims table has {len(cells)} cells, or an empty claim",
            where,
            line.number,
            "Each row is claim, mark and confidence, separated by tabs; was the file cut off?",
        )
    text, mark, confidence = cells
    if mark not in MARKS:
        fail(f"unknown mark {shorten(mark, 20)!r}", where, line.number, "Use ✓ or the cross ×.")  # noqa: RUF001
    if not _CONFIDENCE.match(confidence) or float(confidence) > 1:
        fail(
            f"confidence {shorten(confidence, 20)!r} is no number from 0 to 1",
            where,
            line.number,
            "Write it with a decimal point, such as 0.13.",
        )
    return DraftClaim(text=text, verified=MARKS[mark], confidence=confidence)


def _reference(line: Line, where: str) -> Reference:
    match = _REFERENCE.match(line.text)
    if match is None:
        fail(
            f"found {shorten(line.text, 80)!r} where a reference is due",
            where,
            line.number,
            "A reference is a dash and an arXiv address in angle brackets, such as "
            "- <http://arxiv.org/abs/2401.00001v1>.",
        )
    key, version = match.groups()
    return Reference(key=key, version=int(version) if version else None)
