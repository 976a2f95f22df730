"""The reader's check of one bundle by itself, packed or unpacked, as far as it goes alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.errors import RegistryError, UsageError
from sovereign_registry.contracts.ids import RECORD_ID_PATTERN
from sovereign_registry.contracts.log.proofs import open_checkpoint
from sovereign_registry.store.log_records import entries_of
from sovereign_registry.verifier import data, exports
from sovereign_registry.verifier.bundles import BUNDLE, KEYS, MADE, PROOF, BundleCheck, ring_of
from sovereign_registry.verifier.files import Ledger, MemoryFiles
from sovereign_registry.verifier.findings import Check, Findings, Report
from sovereign_registry.verifier.records import RecordCheck
from sovereign_registry.verifier.verify import GATE, KEY, TEXTS, TRUTH, UNLOGGED
from sovereign_registry.verifier.zips import MAX_MEMBERS, MAX_UNPACKED, read_zip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sovereign_registry.contracts.log.note import PublicKey
    from sovereign_registry.contracts.log.proofs import RecordProof
    from sovereign_registry.verifier.files import Files

SITE = "Anything about the site: only one bundle was checked, which anybody could have packed."
LATER = (
    "That nothing newer was published: the bundle proves its record as of the checkpoint in it. "
    "Check the record at the site for corrections and retractions since."
)
PAGE = "That verify.html in the bundle is honest: this check neither uses it nor looks into it."
_ID = re.compile(RECORD_ID_PATTERN)


class _Named(msgspec.Struct, frozen=True):
    id: str


class _View(msgspec.Struct, frozen=True):
    record: _Named


class _Document(msgspec.Struct, frozen=True):
    view: _View


def is_bundle(files: Files) -> bool:
    """Whether a folder is an unpacked bundle: a manifest and a README, and no site."""
    names = files.names() or frozenset()
    return {"manifest.yaml", "README.txt"} <= names and "index.html" not in names


def read_members(files: Files) -> dict[str, bytes]:
    """The files of an unpacked bundle.

    Raises:
        RegistryError: there are too many, or one cannot be read.
    """
    names = sorted(files.names() or ())
    members: dict[str, bytes] = {}
    size = 0
    for name in names[: MAX_MEMBERS + 1]:
        found = files.find(name)
        if found is not None:
            members[name] = found
            size += len(found)
        if len(members) > MAX_MEMBERS or size > MAX_UNPACKED:
            raise UsageError("holds more than a bundle can", where=files.where)
    return members


def verify_bundle(
    found: bytes | Mapping[str, bytes], where: str, public_key: PublicKey | None = None
) -> Report:
    """Check one record from its bundle alone.

    Args:
        found: The archive, or the files that were in it.
        where: The bundle, for messages.
        public_key: The key that the publisher gave the reader in another place.

    Raises:
        UsageError: no record can be told from it.
        SiteFault: the archive cannot be read.
    """
    members = read_zip(found, where) if isinstance(found, bytes) else found
    return _Offline(members, where).run(public_key)


class _Offline:
    def __init__(self, members: Mapping[str, bytes], where: str) -> None:
        self.members = members
        self.where = where
        self.id = self._record_id()
        folder = f"records/{self.id}/"
        self.site = Ledger(
            MemoryFiles({folder + name: one for name, one in members.items()}, where)
        )
        self.findings = Findings()

    def _record_id(self) -> str:
        try:
            document = msgspec.json.decode(self.members.get("record.json", b""), type=_Document)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UsageError(
                f"is no bundle of a record: its record.json cannot be read: {error}",
                where=self.where,
                todo=f"Name a {BUNDLE}, or the folder that one was unpacked into.",
            ) from error
        found = document.view.record.id
        if not _ID.fullmatch(found):
            raise UsageError(f"names {found[:40]!r}, which is no record id", where=self.where)
        return found

    def run(self, public_key: PublicKey | None) -> Report:
        names = set(self.members)
        check = RecordCheck(self.site, self.id, names, self.findings)
        check.run()
        proof = None
        if check.view is not None:
            view = check.view
            stated = data.check_record_json(self.site, view, None, self.findings)
            exports.check_exports(self.site, view, names & set(MADE), self.findings)
            bundle = BundleCheck(self.members, f"records/{self.id}/", self.findings)
            licence = None if stated is None else stated.licence
            proof = bundle.run(view, licence, entries_of(view, check.history_digests))
        self._log(proof, public_key)
        return self._report(proof, public_key)

    def _log(self, proof: RecordProof | None, key: PublicKey | None) -> None:
        if proof is None:
            if PROOF not in self.members:
                what = "is not there: the record is not logged"
                self.findings.unknown(Check.LOG, PROOF, what)
            return
        self.findings.passed(Check.LOG)
        self.findings.passed(Check.LOGGED, len(proof.entries))
        size = proof.checkpoint.split("\n")[1]
        what = f"is told as of the checkpoint of {size} entries only; ask the site what came later"
        self.findings.unknown(Check.NEWEST, PROOF, what)
        if key is None:
            return
        if str(key) in self._signers(proof):
            self.findings.passed(Check.KEY)
        else:
            self.findings.fault(Check.KEY, PROOF, f"is not signed by {key}")

    def _signers(self, proof: RecordProof) -> Sequence[str]:
        ring = ring_of(self.members[KEYS])
        every = [known.key for known in ring.known.values()]
        try:
            _, signers = open_checkpoint(proof.checkpoint.encode(), ring.origin, every)
        except RegistryError:
            return ()
        return tuple(str(one) for one in signers)

    def _report(self, proof: RecordProof | None, key: PublicKey | None) -> Report:
        limits = [TRUTH, TEXTS, GATE, SITE, LATER]
        limits += [UNLOGGED] if proof is None else [KEY] if key is None else []
        limits += [PAGE] if "verify.html" in self.members else []
        lines = [] if proof is None else proof.checkpoint.split("\n")
        return Report(
            site=self.where,
            record=self.id,
            records=1,
            files=len(self.members),
            bytes=sum(map(len, self.members.values())),
            log_origin=lines[0] if lines else None,
            log_size=int(lines[1]) if lines else None,
            log_keys=() if proof is None else tuple(self._signers(proof)),
            checks=self.findings.lines(),
            faults=tuple(self.findings.faults),
            open=tuple(self.findings.open),
            limits=tuple(limits),
        )
