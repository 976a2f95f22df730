"""paper-manifest-v1.1: the immutable record of one run or one imported draft.

A manifest holds no float and no free-form mapping.  It is written once, as canonical YAML; what
changes later is added in ``history/`` and folded over it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from sovereign_registry.contracts.assessment import Assessment
from sovereign_registry.contracts.canonical import Sha256
from sovereign_registry.contracts.claims import Claim, Origin
from sovereign_registry.contracts.config import RunConfig
from sovereign_registry.contracts.extraction import Extraction
from sovereign_registry.contracts.gate import GateVerdict
from sovereign_registry.contracts.ids import RecordId
from sovereign_registry.contracts.numbers import DecimalText
from sovereign_registry.contracts.papers import IsoDate, Query, TextKind
from sovereign_registry.contracts.review import Review
from sovereign_registry.contracts.texts import FullTextRead

MANIFEST_CONTRACT = "paper-manifest-v1.1"


class RecordState(StrEnum):
    """The full state of a record; each maps to one of the three words of correction-record-v1."""

    CURRENT = "CURRENT"
    """Nothing has been changed or questioned; not a claim that nothing is wrong."""
    CORRECTED = "CORRECTED"
    """At least one correction was added."""
    UNDER_REVIEW = "UNDER_REVIEW"
    """Somebody challenged the record and the challenge is open."""
    EXPRESSION_OF_CONCERN = "EXPRESSION_OF_CONCERN"
    """The publisher doubts the record and has not finished looking."""
    PARTIALLY_RETRACTED = "PARTIALLY_RETRACTED"
    """Some claims were retracted; all text stays."""
    RETRACTED = "RETRACTED"
    """The record must not be relied on; all text stays under a banner."""
    WITHDRAWN = "WITHDRAWN"
    """The record was withdrawn; all text stays under a banner."""
    SUPERSEDED = "SUPERSEDED"
    """Another record replaces this one."""
    REMOVED = "REMOVED"
    """The text was removed for a legal reason; a tombstone and the digests stay."""


class Approval(StrEnum):
    """How the record came to be public."""

    AWAITING_OWNER = "AWAITING_OWNER"
    """Waits in the queue; not public."""
    AUTO_APPROVED = "AUTO_APPROVED"
    """Published by policy; no person has reviewed it."""
    OWNER_APPROVED = "OWNER_APPROVED"
    """The owner decided that it be public, which is no statement that it is right."""


class FlagKind(StrEnum):
    """What a flag warns of.  A flag escalates or informs; it never rejects."""

    OFF_TOPIC = "off-topic"
    """The sources behind the record cover less than a third of the question's content words."""
    NEAR_DUPLICATE = "near-duplicate"
    """Another record's question, title or abstract is nearly the same."""
    SAME_QUESTION = "same-question"
    """Another record answers the same question from other inputs."""
    INJECTION = "injection"
    """A source or the question holds text that reads like an instruction to a reviewer, a source's
    file asks for commands or files of the machine, or the question holds markup or code."""
    HIDDEN_TEXT = "hidden-text"
    """A source holds invisible or reordering characters, or text that its page does not show."""
    RETRIEVAL_INCOMPLETE = "retrieval-incomplete"
    """A query was not answered in full."""
    CUT_OFF = "cut-off"
    """An imported text was cut off in the middle."""
    NOT_RECOMPUTABLE = "not-recomputable"
    """A declared outcome cannot be decided from what the document carries."""
    FEW_CLAIMS = "few-claims"
    """Fewer claims were found than the configuration asks for."""
    OWN_TEXTS = "own-texts"
    """Claims come from texts that the registry wrote itself: its notes or summaries of papers."""
    SCORE_MOVED = "score-moved"
    """A language model's score moved when the text of flagged sources was taken out."""


class Flag(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One warning on a record."""

    kind: FlagKind
    message: str
    about: tuple[str, ...]
    """Ids of the papers, claims or records that it is about."""
    unresolved: bool
    """True where it must keep a record out of the upper tiers and of automatic approval."""


class Work(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the record is called and says of itself."""

    title: str
    title_cut: bool
    abstract: str
    abstract_cut: bool
    kernel: str
    """The software that wrote the report, as the report names it."""
    as_of: IsoDate
    """The date of the newest input; for an imported draft the date that it states."""
    analysed: str
    """What the introduction says is analysed; empty where it says nothing."""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The research question."""

    text: str
    sha256: Sha256
    """Digest of the normalised question: records with the same digest ask the same question."""
    content_words: tuple[str, ...]
    """The words that coverage counts."""


class Hit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One paper in one query's answer."""

    paper: str
    rank: Annotated[int, msgspec.Meta(ge=1)]


class QueryRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One query and what came back, best first."""

    query: Query
    total: int
    complete: bool
    reply_sha256: Sha256
    hits: tuple[Hit, ...]


class Retrieval(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the papers were found."""

    origin: Origin
    source: str
    """What was searched, in words."""
    fusion: str
    """How the queries' answers were merged."""
    queries: tuple[QueryRecord, ...]
    retrieved: Annotated[int, msgspec.Meta(ge=0)]
    """Distinct papers after the merge."""
    complete: bool
    note: str


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One paper that the run read, or that an imported draft lists."""

    ref: str
    key: str
    version: int | None
    title: str | None
    """None where an imported document does not state it."""
    authors: tuple[str, ...]
    published: IsoDate | None
    categories: tuple[str, ...]
    url: str | None
    origin: Origin
    text_kind: TextKind
    text_sha256: Sha256 | None
    """Digest over the canonical JSON of the sections that were read."""
    passages: Annotated[int, msgspec.Meta(ge=0)]
    fused_score: DecimalText | None
    covered_words: tuple[str, ...]
    """The question's content words found in its title or text."""
    coverage: DecimalText | None
    """Their share of all content words."""
    used_for: tuple[str, ...]
    """Why it is listed: ``claims``, ``evidence``, ``corroboration``, ``retrieved``, ``cited``."""
    licence: str
    fulltext: FullTextRead | msgspec.UnsetType = msgspec.UNSET
    """Which file its text was read from; unset where the run did not ask for full texts."""


class Artifact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file that belongs to the record, by digest."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    """File name within the record's ``artifacts`` folder."""
    kind: str
    """``report``, ``evidence``, ``draft``, ``page`` ..."""
    media_type: str
    sha256: Sha256
    bytes: Annotated[int, msgspec.Meta(ge=0)]
    about: str
    public: bool
    """False where the bytes are kept out of the registry (an imported file); only the digest is."""


class ToolVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One tool or model whose output entered the record."""

    name: str
    version: str
    used_for: str


class Related(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Another record that is near this one."""

    record: RecordId
    relation: Literal["same question", "near-duplicate", "related"]
    basis: str


class Reranked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One paper's places before and after its order by meaning was taken into account."""

    paper: str
    """The paper's reference."""
    lexical_rank: Annotated[int, msgspec.Meta(ge=1)]
    """Its place in the order by coverage of the question's words and fused score."""
    meaning_rank: Annotated[int, msgspec.Meta(ge=1)]
    """Its place in the order by ``value``, ties by paper key."""
    value: DecimalText
    """Cosine of question (as a query) and title and abstract (as a passage), six decimals."""
    score: DecimalText
    """``1 / (60 + lexical_rank) + 1 / (60 + meaning_rank)``, nine decimals; papers are read in
    this order, ties by paper key."""


class ByMeaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an embedding model was used for; it orders and shows, and decides nothing else."""

    reranked: tuple[Reranked, ...]
    """The papers that were read, in the order of reading."""
    candidates: Annotated[int, msgspec.Meta(ge=0)]
    """How many papers were ordered."""
    compared: Annotated[int, msgspec.Meta(ge=0)]
    """How many other records were compared with the question."""
    compared_sha256: Sha256
    """Digest of their texts."""
    exact: bool
    """False where an approximate index was searched for the nearest of them."""
    passages: Annotated[int, msgspec.Meta(ge=0)]
    """How many passages were embedded for the claims' second signal; 0 where there were more than
    the setting allows, and then no claim has one."""


class Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The semantic index of the run."""

    origin: Origin
    model: str
    dimension: Annotated[int, msgspec.Meta(ge=0)]
    use: str
    compared_sha256: Sha256 | None
    """Digest of the registry texts compared against; recorded, no part of the id."""
    related: tuple[Related, ...]
    meaning: ByMeaning | msgspec.UnsetType = msgspec.UNSET
    """What the embedding model was used for; unset where none was asked."""


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One fact that an imported document states, under the label that it uses."""

    label: str
    value: str
    document: Literal["draft", "page"]


class Provenance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the record comes from."""

    publisher: str | None
    """None: the registry's own publisher; a declared name for an imported page."""
    method: Literal["pipeline", "import"]
    tools: tuple[ToolVersion, ...]
    inputs: tuple[Sha256, ...]
    """Digests of the source replies, or of the imported files."""
    external_record: str | None
    """A DOI or address; None prints *Not registered*."""
    declared: tuple[Statement, ...]
    """All that an imported document states beyond the fields above."""


class Standing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The few fields that later history entries change most; their values at publication."""

    record_state: RecordState
    approval: Approval
    correction_count: Annotated[int, msgspec.Meta(ge=0)]
    superseded_by: RecordId | None


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole record."""

    contract: Literal["paper-manifest-v1.1"]
    id: RecordId
    origin: Origin
    work: Work
    question: Question
    config: RunConfig | None
    """None where an imported draft does not carry its configuration."""
    retrieval: Retrieval
    sources: tuple[Source, ...]
    claims: tuple[Claim, ...]
    flags: tuple[Flag, ...]
    index: Index
    review: Review
    uncertainties: tuple[str, ...]
    """Complete sentences about what this run cannot know; section 4 of the report."""
    gate: GateVerdict
    assessment: Assessment
    standing: Standing
    provenance: Provenance
    artifacts: tuple[Artifact, ...]
    limitations: tuple[str, ...]
    extraction: Extraction | msgspec.UnsetType = msgspec.UNSET
    """What the model that chose the claims was asked; unset where the published score chose."""
