"""The typed parts of a record's page, from its claims to the page as a whole."""

from __future__ import annotations

from markupsafe import Markup  # noqa: TC002 - msgspec reads the types

from sovereign_registry.website.views.parts import (
    Bar,
    Cite,
    EntryPart,
    Fact,
    FilePart,
    Link,
    Notice,
    Panel,
    Part,
    Plot,
    Range,
    Status,
)


class Segment(Part, frozen=True):
    """A stretch of quoted text, marked where it is shared with the claim."""

    text: str
    marked: bool


class Place(Part, frozen=True):
    """Where a passage stands."""

    paper: str
    name: str
    """What the page calls the paper, such as ``source 3``."""
    anchor: str
    """The id of its source on this page."""
    section: str


class Check(Part, frozen=True):
    """The outcome of one lexical comparison."""

    title: str
    outcome: str
    tone: str
    before: str
    """What stands before the value, the value as printed, and the comparison that follows."""
    value: str
    after: str
    bar: Bar | None
    place: Place | None
    """Where the best passage stands."""
    quotation: tuple[Segment, ...]
    """The best passage of all; empty where it is not carried, or left out."""
    same: bool
    """True where figures and passage are those of the check before it."""
    missing: str
    """Why no passage is named; empty where one is."""
    note: str


class Signal(Part, frozen=True):
    """What an embedding model says beside the lexical test; it decides nothing."""

    value: str
    """The cosine, three decimals, or why there is none."""
    place: Place | None
    """Where the nearest passage stands; None where there is none."""
    same: bool
    """True where it is the best passage of the lexical test."""
    quotation: str
    """That passage; empty where it is the same, or left out."""


class ClaimPart(Part, frozen=True):
    """One claim as the page shows it."""

    id: str
    text: str
    cut: bool
    outcome: str
    basis: str
    """What the outcome rests on, such as ``lexical tick``."""
    tone: str
    level: str
    """Its rung and how many there are, such as ``2 of 7``."""
    kind: str
    """Which way of Gate 2 could decide it, in a word; empty where none can."""
    dropped: bool
    retracted: bool
    place: Place | None
    checks: tuple[Check, ...]
    reworded: str = ""
    """What stands before its place where its words were corrected since; else empty."""
    signal: Signal | None = None
    """None where no embedding model was asked."""


class Words(Part, frozen=True):
    """The three words that are easily taken for one another, with this record's counts."""

    grounded: str
    verified: str
    corroborated: str
    declared: bool
    located: str
    """What the first of them says of the claims' words."""


class FeaturePart(Part, frozen=True):
    """One input of a rubric; ``values`` holds one text per round."""

    name: str
    values: tuple[str, ...]
    meaning: str


class OpinionPart(Part, frozen=True):
    """One role's judgement in one round."""

    round: str
    number: int
    score: str
    by: str
    """Who gave it and how; empty where all opinions of the record have that in common."""
    rationale: str
    cited: tuple[str, ...]
    """Ids of the claims that it names; empty where it names none or all."""
    every: bool
    """True where it names every claim of the record."""
    call: str = ""
    """Of a language model's opinion, what its server said of the call."""


class RolePart(Part, frozen=True):
    """One role over all rounds; ``scores`` holds one text per round."""

    name: str
    scores: tuple[str, ...]
    range: Range
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
    """Empty where the outcome says it all: the guard was not tried."""
    outcome: str
    tone: str


class ReviewPart(Part, frozen=True):
    """The whole review."""

    facts: tuple[Fact, ...]
    rounds: tuple[RoundPart, ...]
    roles: tuple[RolePart, ...]
    mean: Range
    agreement: str
    """How far apart the roles of the last round are, in words; empty without opinions."""
    by: str
    """Who gave the opinions and how, where that is one and the same."""
    explained: bool
    """Whether the meanings of the inputs stand on the methodology page."""
    models: bool
    """Whether language models gave the opinions."""
    control: tuple[str, ...]
    """The rubric's score beside each round of models; empty where the rubric is the panel."""
    tried: tuple[Fact, ...]
    """The control, the roles asked again, and the planted instruction; empty likewise."""
    guards: tuple[GuardPart, ...]
    held: str
    """How many of the guards held, in words."""
    marks: str
    """What the marks on the score scale are."""
    note: str
    declared: bool


class ReadPart(Part, frozen=True):
    """The file that a source's text was read from."""

    format: str
    href: str
    facts: str
    """Size, date, parser and sections; empty where only the abstract was read."""
    digest: str
    passed_over: str
    """The formats that could not be read, each with its reason; empty where there is none."""
    left_out: str
    """What was found hidden in it and left out; empty where there is nothing."""


class SourcePart(Part, frozen=True):
    """One source."""

    number: int
    anchor: str
    ref: str
    title: str
    titled: bool
    authors: str
    dated: str
    href: str
    coverage: str
    """How many of the question's content words its text holds."""
    about: str
    """What of it was read, its use and its categories."""
    licence: str
    """What the source says of its licence; empty where all sources say the same."""
    claims: tuple[str, ...]
    read: ReadPart | None = None
    """Which file its text was read from; None where the run did not ask for full texts."""


class QueryPart(Part, frozen=True):
    """One query."""

    terms: str
    answer: str
    """How many papers match, as the source said, and how many were taken."""


class RetrievalPart(Part, frozen=True):
    """How the papers were found."""

    summary: str
    queries: tuple[QueryPart, ...]
    found: str
    """How many papers the queries returned, and how many of them were read."""
    facts: tuple[Fact, ...]
    declared: bool


class Relation(Part, frozen=True):
    """One typed link of the page's head, to a path of the site or to an address."""

    rel: str
    path: str
    href: str = ""
    type: str = ""


class Meta(Part, frozen=True):
    """What the page's head says to machines."""

    title: str
    description: str
    citation: tuple[tuple[str, str], ...]
    links: tuple[Relation, ...]
    linked: Markup
    """schema.org JSON-LD, in which no character can end a script element."""


class RelatedPart(Part, frozen=True):
    """Another record that is near this one, and what says so."""

    link: Link
    relation: str
    basis: str


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
    stamp: tuple[Fact, ...]
    """What names this version for good: for the first page of a printed copy."""
    strip: tuple[Fact, ...]
    """The outcome in four words, for the first screen."""
    glance: tuple[Fact, ...]
    """The outcome in a few facts, each within its whole scale."""
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
    plot: Plot | None
    quoted: str
    """Where passages stand that the page leaves out for its length; empty where it has all."""
    review: ReviewPart
    sources: tuple[SourcePart, ...]
    sources_licence: str
    """The licence that all sources state, where it is one and the same."""
    sources_text: str
    """What was read of all sources, where it is one and the same."""
    idle: str
    """How many sources no claim leans on, in words; empty where the page keeps all in one list."""
    monitor: str
    """Whether and when anybody looked again at the sources, and what was found."""
    retrieval: RetrievalPart
    related: tuple[RelatedPart, ...]
    uncertainties: tuple[str, ...]
    limitations: tuple[str, ...]
    history: tuple[EntryPart, ...]
    files: tuple[FilePart, ...]
    data: Link
    """Where record.json is: it holds all that the page leaves out."""
    licences: tuple[str, ...]
    """The terms of every part of the record, one sentence each."""
    setup: tuple[Panel, ...]
    cite: Cite
    problem: Link
