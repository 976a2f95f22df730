"""What record.json and records.json must say, worked out from the manifests once more."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.contracts import documents
from sovereign_registry.contracts.documents import RecordUrls
from sovereign_registry.contracts.fold import short_view
from sovereign_registry.contracts.history import EntryKind
from sovereign_registry.contracts.rules.states_v1 import tier_of
from sovereign_registry.verifier.findings import Check

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.verifier.files import Ledger
    from sovereign_registry.verifier.findings import Findings

INDEX = "records.json"
_TOPIC = re.compile(r"[a-z]{1,12}(?:-[a-z]{1,12})?(?:\.(?:[A-Z]{2}|[a-z]{1,12}(?:-[a-z]{1,12})?))?")
OTHER = "Somebody changed it, or another version of the software made it."


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """The part of ``records.json`` that no manifest gives."""

    title: str
    publisher: str


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """What a ``record.json`` states about its site."""

    record: str
    prefix: str
    """The site's address with a slash at its end; empty where none is known."""
    licence: str
    urls: RecordUrls


def difference(found: Any, due: Any, path: str = "") -> str:  # noqa: ANN401 - any JSON value
    """The first place where two JSON values differ, in words; empty where they do not."""
    if isinstance(found, dict) and isinstance(due, dict):
        keys = [*due, *(key for key in found if key not in due)]
        parts = (_field(found, due, key, f"{path}/{key}") for key in keys)
        return next(filter(None, parts), "")
    if isinstance(found, list) and isinstance(due, list) and len(found) == len(due):
        pairs = enumerate(zip(found, due, strict=True))
        return next(filter(None, (difference(a, b, f"{path}/{n}") for n, (a, b) in pairs)), "")
    if isinstance(found, list) and isinstance(due, list):
        return f"{path or '/'}: has {len(found)} items where {len(due)} are due"
    if type(found) is type(due) and found == due:
        return ""
    return f"{path or '/'}: is {_short(found)} where {_short(due)} is due"


def _field(found: dict[str, Any], due: dict[str, Any], key: str, path: str) -> str:
    if key in found and key in due:
        return difference(found[key], due[key], path)
    return f"{path}: {'is missing' if key in due else 'is no field of it'}"


def _short(value: object) -> str:
    text = msgspec.json.encode(value).decode("utf-8", "replace")
    return text if len(text) <= 80 else f"{text[:80]}…"  # noqa: PLR2004 - a line's width


def check_record_json(
    site: Ledger, view: RecordView, publisher: str | None, findings: Findings
) -> Stated | None:
    """Compare one ``record.json`` with what the record's manifest and history give."""
    where = f"records/{view.record.id}/record.json"
    data = site.find(where)
    if data is None:
        findings.fault(Check.DATA, where, "is missing")
        return None
    try:
        found = msgspec.json.decode(data)
        stated = _stated(found, view.record.id)
        whole = "claims" in found["view"]["record"]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LookupError, TypeError) as err:
        findings.fault(Check.DATA, where, f"is no record as JSON: {type(err).__name__}: {err}")
        return None
    # Where it stands in the bundle alone, it leaves the record to the manifest beside it.
    due = _line(_document(view if whole else short_view(view), view, stated))
    if data == due:
        findings.passed(Check.DATA)
    else:
        said = difference(found, msgspec.json.decode(due)) or "its bytes are not as they are made"
        findings.fault(Check.DATA, where, said, OTHER)
    _check_documents(site, view, stated, publisher, findings)
    return stated


def _stated(found: dict[str, Any], record_id: str) -> Stated:
    """Read addresses and licence.

    Raises:
        LookupError: they are not there, or an address is not that of the record.
        TypeError: one of them is something else than text.
    """
    licence = found["records_licence"]
    try:
        urls = msgspec.convert(found["urls"], RecordUrls)
    except msgspec.ValidationError as error:
        raise LookupError(f"urls: {error}") from error
    if not isinstance(licence, str):
        raise TypeError("the licence is no text")
    prefix = urls.quality_guide.removesuffix("quality-guide/")
    folder = f"{prefix}records/{record_id}/"
    known = prefix.startswith(("http://", "https://")) and prefix.endswith("/")
    bundle = f"{folder}bundle.zip"
    allowed = {
        one: (f"{folder}{name}", f"{bundle}#{name}" if urls.bundle else "")
        for one, name in (
            (urls.manifest, "manifest.yaml"),
            (urls.correction_record, "correction-record.json"),
            (urls.source_provenance, "source-provenance.json"),
        )
    }
    odd = [one for one, due in allowed.items() if one not in due]
    odd += [] if urls.bundle in ("", bundle) else [urls.bundle]
    if odd or not urls.quality_guide.endswith("quality-guide/") or (prefix and not known):
        raise LookupError(f"urls: {odd[0] if odd else urls.quality_guide!r}")
    return Stated(record=record_id, prefix=prefix, licence=licence, urls=urls)


def _document(shown: object, view: RecordView, stated: Stated) -> dict[str, object]:
    return {
        "view": shown,
        "records_licence": stated.licence,
        "licences": documents.licences(view.record, stated.licence),
        "urls": stated.urls,
        "verification_level": documents.verification_level(view),
        "gate_verdict": documents.gate_verdict(view),
        "quality_tier": documents.quality_tier(view),
        "quality_dimensions": documents.quality_dimensions(view),
    }


def _line(document: object) -> bytes:
    return msgspec.json.encode(document) + b"\n"


class _Publisher(msgspec.Struct, frozen=True):
    publisher: str = ""


def _check_documents(
    site: Ledger, view: RecordView, stated: Stated, publisher: str | None, findings: Findings
) -> None:
    """Make the record's other documents again where the site has them."""
    folder = f"records/{view.record.id}/"
    makers = {
        "correction-record.json": documents.correction_record,
        "source-provenance.json": documents.source_provenance,
    }
    for name, make in makers.items():
        data = site.find(folder + name)
        if data is None:
            continue
        try:
            found = msgspec.json.decode(data)
            own = msgspec.convert(found, _Publisher).publisher
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            findings.fault(Check.DATA, folder + name, f"is no document: {error}")
            continue
        who = view.record.provenance.publisher or publisher or own
        due = _line(make(view, publisher=who, urls=stated.urls))
        if data == due:
            findings.passed(Check.DATA)
        else:
            said = difference(found, msgspec.json.decode(due)) or "is not as it is made"
            findings.fault(Check.DATA, folder + name, said, OTHER)


def check_agreement(stated: Sequence[Stated], findings: Findings) -> str:
    """Every record states the same address and licence; returns the address's prefix."""
    if not stated:
        return ""
    prefix, _ = Counter(one.prefix for one in stated).most_common(1)[0]
    licence, _ = Counter(one.licence for one in stated).most_common(1)[0]
    for one in stated:
        where = f"records/{one.record}/record.json"
        if one.prefix != prefix:
            findings.fault(Check.DATA, where, f"is of the site {one.prefix}, others of {prefix}")
        if one.licence != licence:
            findings.fault(Check.DATA, where, "states another licence than other records do")
    return prefix


def row(view: RecordView) -> dict[str, Any]:
    """A record's row of ``records.json``."""
    record = view.record
    decisions = [entry.at for entry in view.history if entry.kind is EntryKind.OWNER_DECISION]
    published = decisions[0][:10] if decisions else record.work.as_of
    return {
        "id": record.id,
        "title": record.work.title,
        "title_cut": record.work.title_cut,
        "question": record.question.text,
        "as_of": record.work.as_of,
        "published": published,
        "updated": view.history[-1].at if view.history else f"{published}T00:00:00Z",
        "score": record.review.score,
        "verdict": record.review.verdict,
        "policy": record.review.policy,
        "tier": tier_of(record),
        "paper_level": record.assessment.level.paper_level,
        "public_level": record.assessment.provenance.public_level,
        "gate": record.gate.status,
        "record_state": record.standing.record_state,
        "approval": record.standing.approval,
        "claims": len(record.claims),
        "verified": sum(claim.verification.passed for claim in record.claims),
        "sources": len(record.sources),
        "flags": len(record.flags),
        "unresolved_flags": sum(flag.unresolved for flag in record.flags),
        "corrections": record.standing.correction_count,
        "history": len(view.history),
        "head": view.head_sha256,
        "origin": record.origin,
        "source": _source(record),
        "topics": _topics(record),
    }


def _source(record: Manifest) -> str:
    if record.config is None or record.provenance.method == "import":
        return "import"
    return record.config.source.partition(":")[0]


def _topics(record: Manifest) -> tuple[str, ...]:
    """First arXiv categories of the papers that claims were taken from, sorted."""
    taken = {claim.locator.paper for claim in record.claims if claim.locator is not None}
    named = [one.categories for one in record.sources if one.ref in taken]
    found = [next(filter(_TOPIC.fullmatch, categories), "") for categories in named]
    return tuple(sorted(set(filter(None, found))))


def newest_first(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """All rows in the order of every list: newest publication first, equal dates by id."""
    by_id = sorted(rows, key=lambda one: str(one["id"]))
    return sorted(by_id, key=lambda one: str(one["published"]), reverse=True)


def read_index(site: Ledger, findings: Findings) -> tuple[Index | None, bytes]:
    """``records.json`` as far as it can be read at all."""
    data = site.find(INDEX)
    if data is None:
        findings.fault(Check.LISTS, INDEX, "is missing")
        return None, b""
    try:
        return msgspec.json.decode(data, type=Index), data
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        findings.fault(Check.LISTS, INDEX, f"is no index of records: {error}")
        return None, data


def check_index(
    head: Index,
    data: bytes,
    rows: Sequence[dict[str, Any]],
    stones: Sequence[Tombstone],
    findings: Findings,
) -> None:
    """Compare ``records.json`` with the rows that the manifests and tombstones give."""
    removed = [
        {
            "id": stone.record,
            "record_state": stone.record_state,
            "removed": stone.at,
            "reason": stone.note,
            "legal_reference": stone.legal_reference,
            "corrections": stone.correction_count,
        }
        for stone in stones
    ]
    start = msgspec.json.encode({"title": head.title, "publisher": head.publisher})[:-1]
    due = b"".join(
        [
            start,
            b',"records":[\n',
            b",\n".join(map(msgspec.json.encode, rows)),
            b'\n],"removed":[\n',
            b",\n".join(map(msgspec.json.encode, removed)),
            b"\n]}\n",
        ]
    )
    if data == due:
        findings.passed(Check.LISTS, len(rows))
        return
    try:
        said = difference(msgspec.json.decode(data), msgspec.json.decode(due))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        said = f"is no index of records: {error}"
    findings.fault(Check.LISTS, INDEX, said or "its bytes are not as they are made", OTHER)


def check_row(data: bytes, due: dict[str, Any], findings: Findings) -> None:
    """Compare the one row of ``records.json`` that shows this record."""
    line = msgspec.json.encode(due)
    if any(one.removesuffix(b",") == line for one in data.split(b"\n")):
        findings.passed(Check.LISTS)
    else:
        findings.fault(Check.LISTS, INDEX, f"does not show {due['id']} as it stands", OTHER)
