"""What lists, pages and templates are given: slim rows, facts about the site, planned pages."""

from __future__ import annotations

import msgspec

from sovereign_registry.contracts.assessment import Tier
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.manifest import Approval, RecordState
from sovereign_registry.contracts.review import Policy, Verdict


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
    """ISO date of the newest history entry, otherwise ``published``."""
    score: str | None
    """Review score out of 10; None where nothing was decided."""
    verdict: Verdict
    policy: Policy
    tier: Tier
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
    origin: Origin

    @property
    def path(self) -> str:
        """Where the record's page stands in the site, for the ``url`` helper."""
        return f"records/{self.id}/"


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
    pdf: bool
    """Whether the site publishes the records' PDF files."""
    generator: str
    """Name and version of this software."""

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
    number: int = 1
    """Which page of a paginated list, from 1."""
    total: int = 1
    """How many pages the list has."""
    name: str = ""
    """What else the builder needs to know: the name of a contract or of a file."""
    key: bytes = b""
    """Digest of the slice, the template closure, the site and the versions."""
