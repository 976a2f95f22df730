"""How a record is cited: as text, BibTeX, RIS and CSL-JSON, its state in each of them.

A reference manager copies what it is given, so a retraction travels in three places: before the
title, in the field that a format has for it, and in a note.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.addresses import doi_in
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.rules.states_v1 import SHOWS

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.website.model import SiteInfo

_TEX = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_"}
    # A brace counts for BibTeX even behind a backslash, so a lone one would break the entry.
    | {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
_GENRE = "Machine-generated research record"


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """What every format says, in its own words."""

    id: str
    title: str
    """Behind the prefix of its state."""
    author: str
    """The software that wrote the report; the publisher vouches for nothing by publishing it."""
    publisher: str
    date: str
    """ISO date of the newest input."""
    version: str
    digest: str
    """First 16 characters of the newest digest."""
    state: str
    """The state in words, also where it is *Current*, and whether Gate 2 falsified a claim."""
    address: str
    """The record's address whatever becomes of it; empty where the site has none."""
    version_address: str
    language: str
    doi: str
    """Under which the record is registered elsewhere; empty where it has none."""

    @property
    def note(self) -> str:
        """State, version and digest in one sentence."""
        return f"Record state: {self.state}. Version {self.version}, head digest {self.digest}."


def citation(view: RecordView, site: SiteInfo) -> Citation:
    """What a citation of the record as it stands says."""
    record = view.record
    state = record.standing.record_state
    version = str(len(view.history) + 1)
    word = state.value.replace("_", " ").capitalize()
    if state is RecordState.SUPERSEDED and record.standing.superseded_by:
        word = f"{word} by {record.standing.superseded_by}"
    if record.gate.status is GateStatus.FALSIFIED:
        word = f"{word} and falsified at Gate 2"
    return Citation(
        id=record.id,
        title=_line(
            f"{SHOWS[state].title_prefix}{record.work.title}"
            f"{' […]' if record.work.title_cut else ''}"
        ),
        author=_line(record.work.kernel),
        publisher=_line(record.provenance.publisher or site.publisher),
        date=record.work.as_of,
        version=version,
        digest=view.head_sha256[:16],
        state=word,
        address=site.address(f"records/{record.id}/"),
        version_address=site.address(f"records/{record.id}/history/#v{version}"),
        language=site.language,
        doi=doi_in(record.provenance.external_record) or "",
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def of_version(found: Citation) -> str:
    """The citation of exactly this version."""
    text = (
        f"{found.author} ({found.date[:4]}). {found.title} [{found.id}, version {found.version}, "
        f"{found.digest}; {found.state.lower()}]. {found.publisher}."
    )
    return f"{text} {found.version_address}".strip()


def of_record(found: Citation) -> str:
    """The citation of the record whatever becomes of it."""
    text = f"{found.author} ({found.date[:4]}). {found.title} [{found.id}]. {found.publisher}."
    return f"{text} {found.address}".strip()


def bibtex(found: Citation) -> str:
    """One ``@techreport`` entry."""
    fields = [
        ("title", found.title),
        ("author", found.author),
        ("institution", found.publisher),
        ("number", found.id),
        ("year", found.date[:4]),
        ("type", _GENRE),
        ("version", found.version),
        ("note", found.note),
        ("keywords", f"record state: {found.state}"),
    ]
    # Double braces keep a name that is no person's, and capitals, as they are.
    whole = {"title", "author"}
    body = "".join(
        f"  {name} = {'{' * (1 + (name in whole))}{value.translate(_TEX)}"
        f"{'}' * (1 + (name in whole))},\n"
        for name, value in fields
    )
    if found.address:
        body += f"  url = {{{found.address}}},\n"
    if found.doi:  # no character of it needs an escape
        body += f"  doi = {{{found.doi}}},\n"
    return f"@techreport{{{found.id},\n{body}}}"


def bib_file(view: RecordView, site: SiteInfo) -> bytes:
    """``cite.bib``."""
    return f"{bibtex(citation(view, site))}\n".encode()


def ris_file(view: RecordView, site: SiteInfo) -> bytes:
    """``cite.ris``: tags as the RIS specification of 2011 has them for a report."""
    found = citation(view, site)
    tags = [
        ("TY", "RPRT"),
        ("TI", found.title),
        ("AU", found.author),
        ("PB", found.publisher),
        ("PY", found.date[:4]),
        ("DA", found.date.replace("-", "/")),
        ("SN", found.id),
        ("ET", found.version),
        ("M3", _GENRE),
        ("LA", found.language),
        ("N1", found.note),
        ("KW", f"record state: {found.state}"),
        ("DO", found.doi),
        ("UR", found.address),
        ("ER", ""),
    ]
    lines = [f"{tag}  - {value}" for tag, value in tags if value or tag == "ER"]
    return "".join(f"{line}\r\n" for line in lines).encode()


class _Name(msgspec.Struct, frozen=True):
    literal: str


class _Date(msgspec.Struct, frozen=True, rename="kebab"):
    date_parts: list[list[int]]


class CslItem(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    rename={"url": "URL", "doi": "DOI"},
):
    """One item of CSL-JSON 1.0.2."""

    id: str
    type: str
    title: str
    author: list[_Name]
    issued: _Date
    publisher: str
    number: str
    version: str
    genre: str
    status: str
    note: str
    language: str
    url: str = ""
    doi: str = ""


def csl_file(view: RecordView, site: SiteInfo) -> bytes:
    """``cite.csl.json``: a list of one item."""
    found = citation(view, site)
    item = CslItem(
        id=found.id,
        type="report",
        title=found.title,
        author=[_Name(found.author)],
        issued=_Date([[int(part) for part in found.date.split("-")]]),
        publisher=found.publisher,
        number=found.id,
        version=found.version,
        genre=_GENRE,
        status=found.state.lower(),
        note=found.note,
        language=found.language,
        url=found.address,
        doi=found.doi,
    )
    return msgspec.json.encode([item]) + b"\n"
