"""What a record's other exports, and the feeds of its history, must hold."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.addresses import doi_in
from sovereign_registry.contracts.gate import GateStatus
from sovereign_registry.contracts.history import EntryKind
from sovereign_registry.verifier.findings import Check
from sovereign_registry.verifier.markup import ATOM, NAMESPACE, parse_xml, state_word

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.verifier.files import Ledger
    from sovereign_registry.verifier.findings import Findings

CHANGES = "corrections.atom"
CHANGES_LENGTH = 50
_LISTED = (EntryKind.CORRECTION, EntryKind.STATE_CHANGE)

Told = tuple[str, str, int, str]
"""Time, record id, sequence and reason of one entry."""


def check_exports(
    site: Ledger, view: RecordView, names: Collection[str], findings: Findings
) -> None:
    """Look into every export that the site has of a record.

    Args:
        site: The site.
        view: The record.
        names: Paths of the files below its folder.
        findings: Where to say what comes of it.
    """
    folder = f"records/{view.record.id}/"
    before = len(findings.faults)
    for name, due in needed(view).items():
        data = site.find(folder + name) if name in names else None
        if data is None:
            continue
        for what in lacks(name, data, due):
            findings.fault(Check.EXPORTS, folder + name, what)
    if "history.atom" in names:
        told = [(one.at, one.record, one.sequence, one.note) for one in reversed(view.history)]
        _check_feed(site, f"{folder}history.atom", told, findings, rest=1)
    if len(findings.faults) == before:
        findings.passed(Check.EXPORTS)


def lacks(name: str, data: bytes, needed: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What is wrong with one export, in words.

    Args:
        name: The file.
        data: Its bytes.
        needed: (what, text) that it has to hold.
    """
    try:
        text = data.decode("utf-8")
        if name.endswith(".json"):
            text = "\n".join(_texts(msgspec.json.decode(data)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        yield f"cannot be read: {error}"
        return
    yield from (f"does not hold {what}" for what, due in needed if due not in text)


def needed(view: RecordView) -> dict[str, tuple[tuple[str, str], ...]]:
    """Export -> (what, text) that it has to hold."""
    record = view.record
    state = state_word(record.standing.record_state)
    successor = record.standing.superseded_by
    told = f"{state} by {successor}" if successor else state
    told += " and falsified at Gate 2" if record.gate.status is GateStatus.FALSIFIED else ""
    version = f"Version {len(view.history) + 1}, head digest {view.head_sha256[:16]}."
    doi = doi_in(record.provenance.external_record)
    cited = (
        ("its id", record.id),
        ("its state, version and digest", f"Record state: {told}. {version}"),
        *((("its DOI", doi),) if doi else ()),
    )
    file = ("the manifest file's digest", view.manifest_file_sha256)
    versions = tuple(
        (f"the digest of version {entry.sequence + 1}", entry.record_after)
        for entry in view.history
    )
    return {
        "cite.bib": cited,
        "cite.ris": cited,
        "cite.csl.json": cited,
        "prov.json": (
            ("its state", record.standing.record_state),
            ("the digest of version 1", view.manifest_content_sha256),
            *versions,
        ),
        "ro-crate-metadata.json": (("its id", record.id), ("its state", state), file),
    }


def _texts(value: object) -> list[str]:
    """Every string of a JSON value, keys included, in any order."""
    found: list[str] = []
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict):
            found.extend(one)
            rest.extend(one.values())
        elif isinstance(one, list):
            rest.extend(one)
    return found


def listed_changes(view: RecordView) -> Iterator[Told]:
    """A record's corrections and changes of state, as the feed of all tells them."""
    for entry in view.history:
        if entry.kind in _LISTED:
            yield entry.at, entry.record, entry.sequence, entry.note


def check_changes(
    site: Ledger,
    changes: Iterable[Told],
    stones: Sequence[Tombstone],
    findings: Findings,
) -> None:
    """Compare the feed of corrections and changes of state with those of all records."""
    due = [*changes]
    due += [(stone.at, stone.record, stone.sequence, stone.note) for stone in stones]
    due.sort(key=lambda one: (one[1], one[2]))
    due.sort(key=lambda one: one[0], reverse=True)
    before = len(findings.faults)
    _check_feed(site, CHANGES, due[:CHANGES_LENGTH], findings)
    if len(findings.faults) == before:
        findings.passed(Check.EXPORTS)


def _check_feed(
    site: Ledger, path: str, due: Sequence[Told], findings: Findings, *, rest: int = 0
) -> None:
    data = site.find(path)
    try:
        entries = parse_xml(data).findall(f"{ATOM}entry")
    except ValueError as error:
        findings.fault(Check.EXPORTS, path, f"cannot be read: {error}")
        return
    if len(entries) != len(due) + rest:
        findings.fault(
            Check.EXPORTS, path, f"has {len(entries)} entries where {len(due) + rest} are due"
        )
        return
    for entry, (at, record, sequence, note) in zip(entries, due, strict=False):
        name = f"urn:uuid:{uuid.uuid5(NAMESPACE, f'history {record} {sequence}')}"
        found = (entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}updated"))
        told = entry.findtext(f"{ATOM}summary") or ""
        if found != (name, at) or not told.startswith(note):
            findings.fault(
                Check.EXPORTS, path, f"does not show entry {sequence} of {record} as it stands"
            )
