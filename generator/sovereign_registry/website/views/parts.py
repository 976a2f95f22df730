"""The small typed parts that pages are made of; templates read their attributes and nothing else.

``tone`` is one of ``pass``, ``fail``, ``care`` or empty and only ever colours words that say the
same thing.  A ``path`` is a path within the site for the templates' ``url``; a ``href`` is a whole
address that was checked to be http or https.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec
from markupsafe import Markup


class Part(msgspec.Struct, frozen=True, gc=False):
    """Base of all parts."""


class Link(Part, frozen=True):
    """A link: to a path of the site, to a place on this page (empty path), or to an address."""

    text: str
    path: str = ""
    fragment: str = ""
    href: str = ""


class Step(Part, frozen=True):
    """One word of a scale."""

    label: str
    current: bool


class Rung(Part, frozen=True):
    """One rung of a ladder by its whole label."""

    label: str
    current: bool


class Scale(Part, frozen=True):
    """A value within its whole scale."""

    lasting: ClassVar[bool] = True
    """All records share a few of these, so that their text may be kept."""
    name: str
    """What the scale is called, for those who do not see it."""
    position: str
    """Such as ``Level 2 of 7``; empty where the words speak for themselves."""
    steps: tuple[Step, ...]
    rungs: tuple[Rung, ...] = ()


class Fact(Part, frozen=True):
    """One label with its value and what a reader must know to read it."""

    label: str
    value: str
    note: str = ""
    scale: Scale | None = None
    link: Link | None = None
    code: bool = False
    tone: str = ""
    foreign: bool = False
    """True where the value is text from outside: it brings its own direction."""


class Panel(Part, frozen=True):
    """One section of facts, with its scope in words."""

    id: str
    title: str
    scope: tuple[str, ...]
    facts: tuple[Fact, ...]
    declared: bool
    links: tuple[Link, ...] = ()


class Notice(Part, frozen=True):
    """Something to know before reading on."""

    tone: str
    title: str
    text: str
    links: tuple[Link, ...] = ()


class Status(Part, frozen=True):
    """The status in plain words: outcome first, then what was checked and why it came out so."""

    headline: str
    sentences: tuple[str, ...]
    links: tuple[Link, ...]


class Glance(Part, frozen=True):
    """One fact of the strip below the title."""

    label: str
    value: str
    rung: str
    fragment: str


class Bar(Part, frozen=True):
    """A number on its scale; all lengths in thousandths of the scale."""

    length: int
    limits: tuple[int, ...]
    tone: str
    label: str


class Segment(Part, frozen=True):
    """A stretch of quoted text, marked where it is shared with the claim."""

    text: str
    marked: bool


class Place(Part, frozen=True):
    """Where a passage stands."""

    paper: str
    title: str
    link: Link
    section: str
    span: str


class Quotation(Part, frozen=True):
    """A passage quoted as evidence."""

    segments: tuple[Segment, ...]
    terms: tuple[str, ...]
    place: Place


class Check(Part, frozen=True):
    """The outcome of one lexical comparison."""

    title: str
    mark: str
    outcome: str
    tone: str
    figures: str
    bar: Bar | None
    quotation: Quotation | None
    same: bool
    """True where figures and passage are those of the check before it."""
    missing: str
    """Why no passage is quoted; empty where one is."""
    note: str
    declared: bool


class ClaimPart(Part, frozen=True):
    """One claim as the page shows it."""

    id: str
    text: str
    cut: bool
    mark: str
    outcome: str
    brief: str
    """The outcome in fewer words, for the table."""
    tone: str
    level: str
    kind: str
    dropped: bool
    retracted: bool
    declared: bool
    place: Place | None
    selection: str
    checks: tuple[Check, ...]
    value: str
    threshold: str
    margin: str
    corroborated: str


class Words(Part, frozen=True):
    """The three words that are easily taken for one another, with this record's counts."""

    grounded: str
    verified: str
    corroborated: str
    declared: bool


class FeaturePart(Part, frozen=True):
    """One input of a rubric; ``values`` holds one text per round."""

    name: str
    values: tuple[str, ...]
    meaning: str


class OpinionPart(Part, frozen=True):
    """One role's judgement in one round."""

    round: str
    score: str
    bar: Bar
    method: str
    reviewer: str
    rationale: str
    cited: tuple[str, ...]


class RolePart(Part, frozen=True):
    """One role over all rounds; ``scores`` holds one text per round."""

    name: str
    task: str
    scores: tuple[str, ...]
    opinions: tuple[OpinionPart, ...]
    features: tuple[FeaturePart, ...]


class RoundPart(Part, frozen=True):
    """One round's outcome."""

    title: str
    score: str
    verdict: str
    changes: tuple[str, ...]
    sha256: str


class GuardPart(Part, frozen=True):
    """One condition of automatic approval."""

    name: str
    required: str
    found: str
    outcome: str
    tone: str


class ReviewPart(Part, frozen=True):
    """The whole review."""

    facts: tuple[Fact, ...]
    rounds: tuple[RoundPart, ...]
    roles: tuple[RolePart, ...]
    guards: tuple[GuardPart, ...]
    marks: str
    """What the marks on the score bars are."""
    note: str
    declared: bool


class SourcePart(Part, frozen=True):
    """One source."""

    anchor: str
    ref: str
    title: str
    titled: bool
    authors: str
    dated: str
    href: str
    coverage: str
    about: str
    """Text, use, categories and licence in short sentences."""
    claims: tuple[str, ...]


class QueryPart(Part, frozen=True):
    """One query."""

    number: int
    terms: str
    rule: str
    total: str
    complete: str
    sha256: str


class RankRow(Part, frozen=True):
    """One paper's ranks, one text per query."""

    paper: str
    ranks: tuple[str, ...]
    read: str


class RetrievalPart(Part, frozen=True):
    """How the papers were found."""

    summary: str
    queries: tuple[QueryPart, ...]
    ranks: tuple[RankRow, ...]
    facts: tuple[Fact, ...]
    declared: bool


class ChangePart(Part, frozen=True):
    """One field that an entry changed."""

    field: str
    words: str
    old: str
    new: str


class EntryPart(Part, frozen=True):
    """One history entry."""

    sequence: int
    title: str
    at: str
    by: str
    note: str
    counts: str
    changes: tuple[ChangePart, ...]
    facts: tuple[Fact, ...]


class FilePart(Part, frozen=True):
    """One file of the record; ``path`` is empty where its bytes are not published."""

    name: str
    path: str
    about: str
    media_type: str
    size: str
    sha256: str


class Cite(Part, frozen=True):
    """How to cite the record."""

    version: str
    """The record as it stands now: with version and digest."""
    record: str
    """The record whatever becomes of it: without them."""
    bibtex: str
    links: tuple[Link, ...]
    """The same for reference managers."""


class Relation(Part, frozen=True):
    """One typed link of the page's head, to a path of the site or to an address."""

    rel: str
    path: str
    href: str = ""
    type: str = ""
    profile: str = ""


class Meta(Part, frozen=True):
    """What the page's head says to machines."""

    title: str
    description: str
    citation: tuple[tuple[str, str], ...]
    links: tuple[Relation, ...]
    linked: Markup
    """schema.org JSON-LD, in which no character can end a script element."""


class RecordPage(Part, frozen=True, kw_only=True):
    """Everything that a record's page prints."""

    id: str
    meta: Meta
    title: str
    title_cut: bool
    dateline: tuple[str, ...]
    byline: tuple[str, ...]
    banners: tuple[Notice, ...]
    flags: tuple[Notice, ...]
    status: Status
    glance: tuple[Glance, ...]
    abstract: str
    abstract_cut: bool
    abstract_scope: str
    question: str
    question_scope: str
    analysed: str
    panels: tuple[Panel, ...]
    words: Words
    claims: tuple[ClaimPart, ...]
    claims_intro: str
    review: ReviewPart
    sources: tuple[SourcePart, ...]
    retrieval: RetrievalPart
    related: tuple[Link, ...]
    uncertainties: tuple[str, ...]
    limitations: tuple[str, ...]
    history: tuple[EntryPart, ...]
    files: tuple[FilePart, ...]
    setup: tuple[Panel, ...]
    cite: Cite
    problem: Link
