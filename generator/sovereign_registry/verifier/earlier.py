"""What was published before: a site, or one checkpoint of its log; the new site must continue it.

Only small files of the earlier site are read: its digest list, its index of records, and the
checkpoint and keys of its log.  So a publisher's workflow can refuse to publish a history that was
rewritten, with a log and without one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import msgspec

from sovereign_registry.contracts.errors import RegistryError
from sovereign_registry.contracts.ids import RECORD_ID_PATTERN, RecordId
from sovereign_registry.contracts.log.faults import LogFault, NotAnExtension
from sovereign_registry.contracts.log.merkle import consistency_proof, verify_consistency
from sovereign_registry.contracts.log.proofs import open_checkpoint
from sovereign_registry.contracts.log.seal import DIGESTS, LOG, SEAL, parse_digest_list
from sovereign_registry.store.log_files import CHECKPOINT, KEYS
from sovereign_registry.store.log_keys import read_keys
from sovereign_registry.verifier.data import INDEX
from sovereign_registry.verifier.files import Ledger, MemoryFiles
from sovereign_registry.verifier.findings import Check
from sovereign_registry.verifier.logs import SiteLog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.verifier.files import Files
    from sovereign_registry.verifier.findings import Findings
    from sovereign_registry.verifier.logs import PublishedLog

REWRITTEN = "What was published before is not what is published now: keep the checkpoint, and ask."
RESTORE = "Restore it: what was published stays, and is only ever added to."
_KEPT = re.compile(
    rf"records/({RECORD_ID_PATTERN.strip('^$')})/(manifest\.yaml|history/\d{{4}}-[a-z-]+\.yaml)"
)


class _Row(msgspec.Struct, frozen=True):
    id: RecordId
    history: Annotated[int, msgspec.Meta(ge=0, le=9999)] = 0
    head: str = ""


class _Removed(msgspec.Struct, frozen=True):
    id: RecordId
    removed: str
    reason: str
    legal_reference: str


class _Index(msgspec.Struct, frozen=True):
    records: tuple[_Row, ...]
    removed: tuple[_Removed, ...] = ()


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of an earlier publication; None for what is not there."""

    name: str
    """Its address, folder or file, for messages."""
    first: bool
    """Whether somebody said that nothing needs to be published there yet."""
    site: bool
    """Whether a whole site was looked at, or one checkpoint alone."""
    checkpoint: bytes | None
    digests: bytes | None = None
    index: bytes | None = None
    keys: bytes | None = None
    seal: bytes | None = None

    def nothing(self) -> bool:
        """Whether there is nothing at all."""
        found = (self.checkpoint, self.digests, self.index, self.keys, self.seal)
        return all(one is None for one in found)


def read_earlier(files: Files, *, first: bool) -> Earlier:
    """Read what a new site is compared with.

    Raises:
        SiteFault: the server does not answer, answers with an error, or leads elsewhere.
    """
    return Earlier(
        name=files.where.rstrip("/") + "/",
        first=first,
        site=True,
        checkpoint=files.find(LOG + CHECKPOINT),
        digests=files.find(DIGESTS),
        index=files.find(INDEX),
        keys=files.find(LOG + KEYS),
        seal=files.find(SEAL),
    )


@dataclass(frozen=True, kw_only=True)
class Now:
    """What the new site holds."""

    digests: Mapping[str, str]
    """Path -> SHA-256 of every file that was read."""
    ids: frozenset[str]
    heads: Mapping[str, tuple[str, ...]]
    """Record id -> digests of its manifest and of each entry; of records that can be read."""
    stones: Mapping[str, Tombstone]
    log: PublishedLog | None
    record: str | None
    """The one record that is looked at; None for all."""


def check_earlier(earlier: Earlier, now: Now, findings: Findings) -> None:
    """Check that a site continues what was published before: its log, its keys, every entry.

    Args:
        earlier: What was published.
        now: The new site.
        findings: Where to say what comes of it.
    """
    if earlier.nothing():
        _first(earlier, findings)
        return
    if earlier.checkpoint is not None:
        name = f"{earlier.name}{LOG}{CHECKPOINT}" if earlier.site else earlier.name
        check_extension(now.log, (earlier.checkpoint, name), findings)
    if not earlier.site:
        return
    if earlier.seal is not None and earlier.checkpoint is None:
        findings.fault(
            Check.EXTENDS,
            earlier.name,
            f"publishes a {SEAL} and no {LOG}{CHECKPOINT}, which stands behind it",
            "Nothing can be compared: publish only once the published log can be read.",
        )
    if earlier.keys is not None:
        _keys(earlier, now.log, findings)
    _kept(earlier, now, findings)


def _first(earlier: Earlier, findings: Findings) -> None:
    if earlier.first:
        findings.unknown(
            Check.KEPT, earlier.name, "a first publication: nothing is published there yet"
        )
        return
    findings.fault(
        Check.KEPT,
        earlier.name,
        "nothing is published there, so that nothing can be compared",
        "If this is the first publication, say so with --first; if not, the address is wrong or "
        "the site is gone.",
    )


def _keys(earlier: Earlier, log: PublishedLog | None, findings: Findings) -> None:
    """Every published statement about a key is still there: a revocation cannot be taken back."""
    where = LOG + KEYS
    if log is None:
        findings.fault(
            Check.EXTENDS, where, f"no log in order is published; {earlier.name} has one", RESTORE
        )
        return
    published = SiteLog(Ledger(MemoryFiles({where: earlier.keys or b""})), None)
    try:
        file = read_keys(published)
    except RegistryError as error:
        findings.fault(Check.EXTENDS, f"{earlier.name}{where}", error.what)
        return
    old = () if file is None else file.statements
    if log.ring.statements[: len(old)] != old:
        findings.fault(
            Check.EXTENDS, where, f"does not hold the {len(old)} statements published", RESTORE
        )
    else:
        findings.passed(Check.EXTENDS)


def _kept(earlier: Earlier, now: Now, findings: Findings) -> None:
    if earlier.digests is None or earlier.index is None:
        missing = DIGESTS if earlier.digests is None else INDEX
        findings.fault(
            Check.KEPT,
            f"{earlier.name}{missing}",
            "is missing, so that records cannot be compared",
            "Publish again from the state that is published, then compare.",
        )
        return
    try:
        listed = parse_digest_list(earlier.digests, f"{earlier.name}{DIGESTS}")
        index = msgspec.json.decode(earlier.index, type=_Index)
    except RegistryError as error:
        findings.error(Check.KEPT, error, earlier.name)
        return
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        findings.fault(Check.KEPT, f"{earlier.name}{INDEX}", f"is no index of records: {error}")
        return
    named = _files(listed, now, findings)
    for row in index.records:
        if now.record in {None, row.id} and row.id not in named and row.id not in now.stones:
            _follows(row, f"records/{row.id}/manifest.yaml" in listed, now, findings)
    for removed in index.removed:
        if now.record in {None, removed.id}:
            _still_removed(removed, now, findings)


def _files(listed: Mapping[str, str], now: Now, findings: Findings) -> frozenset[str]:
    """Compare every manifest and entry that the list names; returns the ids that have a fault."""
    named: set[str] = set()
    for path, digest in listed.items():
        match = _KEPT.fullmatch(path)
        if match is None or now.record not in {None, match[1]}:
            continue
        stone = now.stones.get(match[1])
        found = now.digests.get(path)
        if stone is not None:
            if digest in _buried(stone):
                findings.passed(Check.KEPT)
            else:
                named.add(match[1])
                what = "was published, and its record's tombstone does not name its digest"
                findings.fault(Check.KEPT, path, what, RESTORE)
        elif found is None:
            named.add(match[1])
            findings.fault(Check.KEPT, path, "was published, and is missing", RESTORE)
        elif found != digest:
            named.add(match[1])
            what = f"is not the file that was published: its SHA-256 is {found}, it was {digest}"
            findings.fault(Check.KEPT, path, what, RESTORE)
        else:
            findings.passed(Check.KEPT)
    return frozenset(named)


def _follows(row: _Row, named: bool, now: Now, findings: Findings) -> None:  # noqa: FBT001
    """Check that a record's history continues the published one, by its head, which covers all.

    Args:
        row: What the index says of the record.
        named: Whether the list names its manifest, which was compared then.
        now: The new site.
        findings: Where to say what comes of it.
    """
    where, heads = f"records/{row.id}/manifest.yaml", now.heads.get(row.id)
    if row.id not in now.ids:
        findings.fault(Check.KEPT, where, "was published, and is missing", RESTORE)
    elif heads is None:
        findings.fault(Check.KEPT, where, "cannot be compared: the record cannot be read", RESTORE)
    elif not row.head:
        if not named:
            what = f"was published without a digest in {DIGESTS} or {INDEX}: cannot be compared"
            findings.fault(Check.KEPT, where, what)
    elif len(heads) <= row.history:
        where = f"records/{row.id}/history/{len(heads):04d}"
        findings.fault(Check.KEPT, where, "was published, and is missing", RESTORE)
    elif heads[row.history] != row.head:
        what = f"does not start the history of {row.history} entries that was published: rewritten"
        findings.fault(Check.KEPT, where, what, RESTORE)
    else:
        findings.passed(Check.KEPT)


def _buried(stone: Tombstone) -> set[str]:
    return {stone.manifest.file_sha256, *(one.file.file_sha256 for one in stone.history)}


def _still_removed(removed: _Removed, now: Now, findings: Findings) -> None:
    stone = now.stones.get(removed.id)
    where = f"records/{removed.id}/record.json"
    if stone is None:
        findings.fault(Check.KEPT, where, "its removal was published, and no tombstone is", RESTORE)
    elif (stone.at, stone.note, stone.legal_reference) != (
        removed.removed,
        removed.reason,
        removed.legal_reference,
    ):
        findings.fault(
            Check.KEPT, where, "its removal was published with another date or reason", RESTORE
        )
    else:
        findings.passed(Check.KEPT)


def check_extension(log: PublishedLog | None, old: tuple[bytes, str], findings: Findings) -> None:
    """Check that the published log continues a checkpoint that was kept.

    Args:
        log: The published log.
        old: The checkpoint's bytes, and its name in messages.
        findings: Where to say what comes of it.
    """
    where = LOG + CHECKPOINT
    if log is None:
        findings.fault(
            Check.EXTENDS, where, f"no log in order is published; {old[1]} cannot be compared"
        )
        return
    try:
        every = [known.key for known in log.ring.known.values()]
        before, _ = open_checkpoint(old[0], log.ring.origin, every, old[1])
        if before.size > log.checkpoint.size:
            raise NotAnExtension(
                f"has {log.checkpoint.size} entries, {old[1]} has {before.size}: the log was "
                "rolled back, and what was published since is gone",
                where=where,
                todo=REWRITTEN,
            )
        proof = consistency_proof(log.hashes(), before.size, log.checkpoint.size)
        try:
            verify_consistency(
                before.size, log.checkpoint.size, before.root, log.checkpoint.root, proof
            )
        except LogFault as error:
            what = f"does not continue {old[1]} of {before.size} entries: the log was rewritten"
            raise NotAnExtension(what, where=where, todo=REWRITTEN) from error
    except RegistryError as error:
        findings.error(Check.EXTENDS, error, where)
        return
    findings.passed(Check.EXTENDS)
