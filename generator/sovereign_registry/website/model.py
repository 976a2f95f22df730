"""What lists, pages and templates are given: slim rows, facts about the site, planned pages."""

from __future__ import annotations

import msgspec

from sovereign_registry.contracts.assessment import Tier
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.history import CorrectionType, Event
from sovereign_registry.contracts.manifest import Approval, RecordState
from sovereign_registry.contracts.registry import Publish
from sovereign_registry.contracts.review import Policy, Verdict
from sovereign_registry.contracts.tombstone import Tombstone


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One record as lists, feeds, the sitemap and the index show it, and nothing more.

    Lists are keyed by exactly these fields: a change of a record that leaves its row as it is
    rewrites no list.
    """

    id: str
    title: str
    title_cut: bool
    question: str
    as_of: str
    """ISO date of the newest input."""
    published: str
    """ISO date on which the record became public: of the owner's decision, otherwise ``as_of``."""
    updated: str
    """UTC time of the newest history entry; otherwise midnight of ``published``."""
    score: str | None
    """Review score out of 10; None where nothing was decided."""
    verdict: Verdict
    policy: Policy
    tier: Tier
    """The tier that is shown: NOT_TIERED where state or Gate 2 takes away what the rule gave."""
    paper_level: int
    """Rung on the verification ladder, 0 to 7."""
    public_level: int
    """Rung on the public provenance ladder, 0 to 7."""
    gate: GateStatus
    record_state: RecordState
    approval: Approval
    claims: int
    verified: int
    """Claims whose lexical check passed."""
    sources: int
    flags: int
    unresolved_flags: int
    corrections: int
    history: int
    """Number of history entries."""
    head: str
    """Digest of the newest of them, or of the manifest: what the next one has to follow."""
    origin: Origin
    source: str
    """Where its papers came from: ``corpus``, ``arxiv``, ``snapshot`` or ``import``."""
    topics: tuple[str, ...]
    """First arXiv categories of the papers that its claims were taken from, sorted."""

    @property
    def path(self) -> str:
        """Where the record's page stands in the site, for the ``url`` helper."""
        return f"records/{self.id}/"


class TrailEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One correction or change of state as the registry's own list and feed of them show it."""

    record: str
    title: str
    """The record's title as it stands now; empty where its text was removed."""
    title_cut: bool
    record_state: RecordState
    """The state that the record has now, which need not be the one that this entry led to."""
    sequence: int
    event: Event | None
    """None where an old entry does not say what its change of state was."""
    correction_type: CorrectionType | None
    at: str
    by: str
    note: str

    @property
    def path(self) -> str:
        """Where the entry is told in full."""
        removed = self.event is Event.REMOVAL
        return f"records/{self.record}/" if removed else f"records/{self.record}/history/"


NOT_PUBLISHED = "NOT_PUBLISHED"
"""What stands for the state of a record that another names and that has no page: it is queued, was
refused, or belongs to another registry."""


class Naming(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One record that says of another that both are near one another."""

    record: str
    """The record that says so."""
    relation: str
    """``same question`` or ``near-duplicate``."""
    basis: str


class Logged(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True, gc=False):
    """Where one record stands in the log; none of it changes until something is added to it."""

    positions: tuple[int, ...]
    """Places of its entries, from 0: the manifest's, then one for each history entry."""
    size: int
    """Size of the first signed checkpoint that covers all of them."""
    key: bytes
    """Digest of both and of that checkpoint's signed text."""


class SiteInfo(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every page may say about the site.

    It holds no counts: every page is keyed by it, and one new record must not rewrite all pages.
    Lists count their rows themselves.
    """

    title: str
    publisher: str
    description: str
    base_url: str
    """The site's address without a trailing slash; empty where it is not known."""
    language: str
    records_licence: str
    report_problem: str
    publish: Publish = Publish()
    """What the site carries per record."""
    generator: str
    """Name and version of this software."""
    logged: bool = False
    """Whether the registry keeps a transparency log with a signed checkpoint."""
    log_origin: str = ""
    """The name of that log."""
    log_key: str = ""
    """Its first public key, which no rotation changes."""
    new: bool = False
    """Whether the registry declares that it never had a record."""

    @property
    def pdf(self) -> bool:
        """Whether the site carries the records' PDF files."""
        return self.publish.pdf

    @property
    def previews(self) -> bool:
        """Whether pages name preview images, which takes a whole address."""
        return self.publish.previews and bool(self.base_url)

    def beside(self, group: str) -> bool:
        """Whether a group of a record's files stands beside its page as files of their own."""
        return group in self.publish.beside

    def address(self, path: str) -> str:
        """The absolute address of a path within the site, or empty where none is known."""
        return f"{self.base_url}/{path}" if self.base_url else ""


class PageSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One planned page outside the records: where it goes, what makes it, what decides its bytes.

    Equal ``key`` and an output file that is as it was left: the page is not made again.
    """

    path: str
    """Output path with forward slashes, relative to the output folder."""
    builder: str
    """Which slice builder makes it; a key of ``lists.BUILDERS``."""
    template: str = ""
    """The template that it is rendered with; empty for data."""
    rows: tuple[Row, ...] = ()
    """The rows that it shows, in order."""
    entries: tuple[TrailEntry, ...] = ()
    """The corrections and changes of state that it shows, in order."""
    stones: tuple[Tombstone, ...] = ()
    """The removed records that it shows, in order."""
    counts: tuple[tuple[str, int], ...] = ()
    """How many entries each filter of the list of corrections has."""
    number: int = 1
    """Which page of a paginated list, from 1."""
    total: int = 1
    """How many pages the list has."""
    name: str = ""
    """What else the builder needs to know: the name of a contract, a file or a list."""
    depends: bytes = b""
    """Digest of what the builder reads besides: details of records, the record of an example."""
    key: bytes = b""
    """Digest of the slice, the template closure, the site and the versions."""
