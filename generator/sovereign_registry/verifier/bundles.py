"""A record's bundle: its files stand in for those that the site keeps nowhere else.

``Bundled`` lets every other check find a file in the bundle where it does not stand beside the
page.  What the bundle holds besides, and whether both places agree, is looked at here.
"""

from __future__ import annotations

import html
import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts import documents
from sovereign_registry.contracts.errors import RegistryError
from sovereign_registry.contracts.ids import RECORD_ID_PATTERN
from sovereign_registry.contracts.log.faults import LogFault
from sovereign_registry.contracts.log.keys import KeyRing, KeysFile
from sovereign_registry.contracts.log.proofs import RecordProof, verify_record_proof
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.gate_files import gate_paths
from sovereign_registry.store.strict_yaml import load
from sovereign_registry.verifier.exports import lacks, needed
from sovereign_registry.verifier.findings import Check
from sovereign_registry.verifier.logs import APPEND
from sovereign_registry.verifier.zips import read_zip

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.log.entries import RecordLogged
    from sovereign_registry.verifier.files import Files, Ledger
    from sovereign_registry.verifier.findings import Findings

BUNDLE = "bundle.zip"
CRATE = "ro-crate-metadata.json"
PROOF, KEYS = "proof.json", "log/keys.yaml"
NEVER = frozenset({BUNDLE, "index.html", "history.atom"})
"""Files of a record that no bundle holds."""
MADE = (
    "record.json",
    "correction-record.json",
    "source-provenance.json",
    "cite.bib",
    "cite.ris",
    "cite.csl.json",
    "prov.json",
    CRATE,
    "LICENSES.txt",
    "README.txt",
)
"""What every bundle holds besides manifest, history and artifacts."""
MAYBE = frozenset({PROOF, KEYS, "verify.html"})
OTHER = "Somebody changed it, or another version of the software made it."
_LINK = re.compile(r"href=\"([^\"#?:]+)\"")
_PATH = re.compile(rf"records/({RECORD_ID_PATTERN.strip('^$')})/(.+)")


class _Entity(msgspec.Struct, frozen=True):
    id: str = msgspec.field(name="@id")
    type: str | list[str] = msgspec.field(name="@type")


class _Crate(msgspec.Struct, frozen=True):
    graph: tuple[_Entity, ...] = msgspec.field(name="@graph")


@lru_cache(maxsize=8)
def ring_of(keys: bytes) -> KeyRing:
    """The keys of a bundle, every statement checked; most bundles of a site hold the same.

    Raises:
        RegistryError: it is no list of keys.
        ValueError: it is not of the form.
    """
    file = msgspec.convert(load(keys, KEYS), KeysFile)
    if emit(file) != keys:
        raise LogFault("is not in the form in which it is written", where=KEYS)
    return KeyRing(file, KEYS)


@lru_cache(maxsize=8)
def _continues(site: bytes, bundle: bytes) -> bool:
    """Whether the site's list of keys starts with that of a bundle."""
    try:
        now, then = ring_of(site), ring_of(bundle)
    except (RegistryError, ValueError):
        return False
    return now.statements[: len(then.statements)] == then.statements


def always_beside(name: str) -> bool:
    """Whether a file of a record stands beside its page on every site."""
    return name in NEVER or name.startswith("history/")


def linked_files(page: bytes, record_id: str) -> list[str]:
    """Files of the record that its page links to, below its folder; sorted."""
    folder, found = f"records/{record_id}/", set()
    for href in _LINK.findall(page.decode("utf-8", "replace")):
        path = posixpath.normpath(posixpath.join(folder, html.unescape(href)))
        if path.startswith(folder) and not href.endswith("/"):
            found.add(path.removeprefix(folder))
    return sorted(found)


class Bundled:
    """A site whose records' files are found in their bundles where they stand nowhere else.

    Args:
        files: The site.
    """

    def __init__(self, files: Files) -> None:
        self.where = files.where
        self.faults: dict[str, RegistryError] = {}
        """Path of a bundle -> why it cannot be read."""
        self.listed: Collection[str] = ()
        """What the site's digest list names: it stands where it is named, or is missing."""
        self.files = files
        """The site itself."""
        self._last: tuple[str, dict[str, bytes]] = ("", {})

    def names(self) -> frozenset[str] | None:
        """As ``Files.names``: the files that the site has, none of those within bundles."""
        return self.files.names()

    def find(self, path: str) -> bytes | None:
        """As ``Files.find``, or from the record's bundle."""
        data = self.files.find(path)
        found = None if data is not None or path in self.listed else _PATH.fullmatch(path)
        if found is None or always_beside(found[2]):
            return data
        return self.members(found[1]).get(found[2])

    def has(self, path: str) -> bool:
        """Whether a file stands in the site itself."""
        return self.files.find(path) is not None

    def within(self, record_id: str) -> set[str]:
        """Names of the files that the record's bundle may stand in for."""
        return {name for name in self.members(record_id) if not always_beside(name)}

    def members(self, record_id: str) -> dict[str, bytes]:
        """The files in a record's bundle; none where it has none, or none that can be read."""
        path = f"records/{record_id}/{BUNDLE}"
        if self._last[0] != path:
            members: dict[str, bytes] = {}
            data = self.files.find(path)
            if data is not None:
                try:
                    members = read_zip(data, path)
                except RegistryError as error:
                    self.faults[path] = error
            self._last = (path, members)
        return self._last[1]


class BundleCheck:
    """Checks what a bundle holds besides the files that other checks look into.

    Args:
        members: The files of the bundle.
        prefix: Where it stands, for messages; with a slash at its end.
        findings: Where to say what comes of it.
    """

    def __init__(self, members: Mapping[str, bytes], prefix: str, findings: Findings) -> None:
        self._members = members
        self._prefix = prefix
        self._findings = findings
        self._faults = 0

    def run(
        self, view: RecordView, licence: str | None, entries: Sequence[RecordLogged]
    ) -> RecordProof | None:
        """Check the bundle of a record; its proof, where it holds one that is right.

        Args:
            view: The record, from its manifest and history.
            licence: What the record's document states; None where that cannot be read.
            entries: What its files call for in a log.
        """
        self._names(view)
        self._crate(view)
        proof = self._proof(view.record.id, entries)
        if licence is not None:
            due = documents.licences_text(view.record, licence)
            self._compare("LICENSES.txt", due.encode())
        if proof is not None or PROOF not in self._members:
            text = documents.readme_text(view, self._members, proof)
            self._compare("README.txt", text.encode())
        if not self._faults:
            self._findings.passed(Check.BUNDLES)
        return proof

    def beside(self, record_id: str, names: Collection[str], site: Ledger) -> None:
        """Compare the members with the same files beside the page."""
        for name in sorted(names):
            if name in self._members and name != CRATE:
                data = site.find(f"records/{record_id}/{name}")
                if data is not None and data != self._members[name]:
                    self._fault(name, "is not the same file in the bundle and beside the page")

    def _fault(self, name: str, what: str, todo: str = OTHER) -> None:
        self._faults += 1
        where = self._prefix.removesuffix("/")
        if where.endswith(BUNDLE):
            self._findings.fault(Check.BUNDLES, where, f"{name} {what}", todo)
        else:
            self._findings.fault(Check.BUNDLES, self._prefix + name, what, todo)

    def _compare(self, name: str, due: bytes) -> None:
        if self._members.get(name, due) != due:
            self._fault(name, "is not as it is made")

    def _names(self, view: RecordView) -> None:
        pdf = "application/pdf"
        public = [one for one in view.record.artifacts if one.public]
        due = {"manifest.yaml", *MADE}
        due |= {f"history/{entry.file_name}" for entry in view.history}
        due |= {f"artifacts/{one.name}" for one in public if one.media_type != pdf}
        due |= gate_paths(view.record)
        due |= gate_paths(view.record)
        may = due | MAYBE | {f"artifacts/{one.name}" for one in public}
        for name in sorted(due - self._members.keys()):
            self._fault(name, "is missing")
        for name in sorted(self._members.keys() - may):
            self._fault(name, "belongs to no bundle of this record")
        if (PROOF in self._members) != (KEYS in self._members):
            self._fault(PROOF, f"and {KEYS} belong together: one of them is missing")

    def _crate(self, view: RecordView) -> None:
        data = self._members.get(CRATE)
        if data is None:
            return
        for what in lacks(CRATE, data, needed(view)[CRATE]):
            self._fault(CRATE, what)
            return
        try:
            graph = msgspec.json.decode(data, type=_Crate).graph
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._fault(CRATE, f"is no crate: {error}")
            return
        listed = [one.id for one in graph if one.type == "File"]
        if sorted(listed) != sorted(self._members.keys() - {CRATE}):
            self._fault(CRATE, "does not list the files that the bundle holds")

    def published(self, proof: RecordProof, find: Callable[[str], bytes | None]) -> None:
        """Compare the bundle's part of the log with the log that the site publishes.

        Args:
            proof: The bundle's proof, checked.
            find: Gives the site's own files.
        """
        keys, size = find(KEYS), proof.checkpoint.split("\n")[1]
        if keys is None:
            self._fault(PROOF, "is of a log that the site does not publish")
        elif find(f"log/checkpoints/{size}") != proof.checkpoint.encode():
            self._fault(PROOF, f"is of another checkpoint than log/checkpoints/{size}")
        elif not _continues(keys, self._members[KEYS]):
            self._fault(KEYS, "does not hold the first statements of the site's own list of keys")

    def _proof(self, record_id: str, entries: Sequence[RecordLogged]) -> RecordProof | None:
        data, keys = self._members.get(PROOF), self._members.get(KEYS)
        if data is None or keys is None:
            return None
        try:
            proof = msgspec.json.decode(data, type=RecordProof)
            ring = ring_of(keys)
            if msgspec.json.encode(proof) + b"\n" != data:
                raise LogFault("is not in the form in which it is written", where=PROOF)
            size = int(proof.checkpoint.split("\n")[1])
            proven = verify_record_proof(proof, ring.origin, ring.historic(size))
            proved, due = len(proven.entries), tuple(entries)
            if proof.id == record_id and proved < len(due) and proven.entries == due[:proved]:
                what = f"proves {proved} of the record's {len(due)} entries: the log is behind"
                raise LogFault(what, where=PROOF, todo=APPEND)
            if (proof.id, proven.entries) != (record_id, due):
                raise LogFault("proves other entries than those of the record", where=PROOF)
        except RegistryError as error:
            self._fault(PROOF, error.what, error.todo)
            return None
        except (ValueError, IndexError, RecursionError) as error:
            self._fault(PROOF, f"and {KEYS} cannot be read: {error}")
            return None
        return proof
