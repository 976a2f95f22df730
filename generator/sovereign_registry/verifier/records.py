"""One record: contract, history, artifacts and every number, from its published files alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.errors import RegistryError
from sovereign_registry.contracts.evidence import Evidence
from sovereign_registry.contracts.manifest import Approval
from sovereign_registry.contracts.tombstone import Tombstone
from sovereign_registry.store.gate_files import gate_faults, gate_paths
from sovereign_registry.store.histories import backwards, unsound
from sovereign_registry.store.loading import load_manifest, load_view
from sovereign_registry.store.recompute import NOT_CARRIED, recompute
from sovereign_registry.store.recompute_meaning import values_by_model
from sovereign_registry.store.recompute_review import said_by_models
from sovereign_registry.store.recompute_sources import not_counted_again
from sovereign_registry.store.strict_yaml import MAX_BYTES
from sovereign_registry.verifier.findings import Check

if TYPE_CHECKING:
    from collections.abc import Collection

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Artifact, Manifest
    from sovereign_registry.verifier.files import Ledger
    from sovereign_registry.verifier.findings import Findings
    from sovereign_registry.verifier.slices import Slice


class _Removed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tombstone: Tombstone


_ENTRY = re.compile(r"\d{4}-[a-z-]+\.yaml")
WAITS = "standing.approval: waits for its owner and is published"
PUBLISHED = "Somebody changed the published file; the publisher's own copy tells which."


class RecordCheck:
    """Checks one record's own files.

    Args:
        site: The site.
        record_id: Which record.
        names: Paths of all files below its folder, relative to the folder.
        findings: Where to say what comes of it.
        whole: Whether all that is public of a record has to be here; a site may carry less.
    """

    def __init__(
        self,
        site: Ledger,
        record_id: str,
        names: Collection[str],
        findings: Findings,
        *,
        whole: bool = True,
    ) -> None:
        self.whole = whole
        self.site = site
        self.id = record_id
        self.folder = f"records/{record_id}/"
        self.names = names
        self.findings = findings
        self.view: RecordView | None = None
        """The record, until its slice was taken."""
        self.slice: Slice | None = None
        """What is kept of a record that can be read."""
        self.stone: Tombstone | None = None
        self.history_digests: list[str] = []
        self.numbers: dict[int, str] = {}
        """Number in the history, 0 for the manifest -> path of the file that was read."""

    def run(self) -> None:
        """Check everything; ``view`` or ``stone`` is set where the record can be read."""
        if "manifest.yaml" not in self.names and self._removed():
            return
        try:
            self._read()
        except RegistryError as error:
            self.findings.error(Check.CONTRACTS, self._placed(error), f"{self.folder}manifest.yaml")

    def _placed(self, error: RegistryError) -> RegistryError:
        """The error with its file as a path below the site's root."""
        if error.where.startswith(self.id):
            error.where = f"records/{error.where}"
        return error

    def _bounded(self, name: str) -> bytes | None:
        where = self.folder + name
        data = self.site.find(where)
        if data is None:
            self.findings.fault(Check.CONTRACTS, where, "is missing", PUBLISHED)
        elif len(data) > MAX_BYTES:
            self.findings.fault(Check.CONTRACTS, where, f"holds {len(data):,} bytes")
            return None
        return data

    def _read(self) -> None:
        where = f"{self.folder}manifest.yaml"
        manifest = self._bounded("manifest.yaml")
        if manifest is not None:
            self.numbers[0] = where
        history: list[tuple[str, bytes]] = []
        names = sorted(name for name in self.names if name.startswith("history/"))
        for path in names:
            name = path.removeprefix("history/")
            if not _ENTRY.fullmatch(name):
                if name.endswith(".yaml"):
                    self.findings.fault(
                        Check.CONTRACTS, self.folder + path, "is no numbered history entry"
                    )
                continue
            data = self._bounded(path)
            if data is not None:
                history.append((name, data))
                self.history_digests.append(self.site.digests[self.folder + path])
                self.numbers[int(name[:4])] = self.folder + path
        if manifest is None:
            return
        view = load_view(manifest, history, where)
        if view.record.id != self.id:
            self.findings.fault(
                Check.CONTRACTS, where, f"id: is {view.record.id} in the folder {self.id}"
            )
            return
        self.view = view
        self.findings.passed(Check.CONTRACTS, 1 + len(history))
        self._entries(view, manifest)

    def _entries(self, view: RecordView, manifest: bytes) -> None:
        where = f"{self.folder}manifest.yaml"
        published = load_manifest(manifest, where) if view.history else view.record
        found = 0
        for name, what, _ in unsound(view, published):
            found += 1
            self.findings.fault(
                Check.ENTRIES, self.folder + name, what, "An entry like this is made by no command."
            )
        if not found:
            self.findings.passed(Check.ENTRIES, len(view.history))
        if view.record.standing.approval is Approval.AWAITING_OWNER:
            self.findings.fault(Check.ENTRIES, where, WAITS, "Its owner has not let it be public.")
        for name, what, todo in backwards(view):
            self.findings.unknown(Check.ENTRIES, self.folder + name, what, todo)
        evidence = self._artifacts(view)
        self._gate(view)
        self._numbers(view, published, evidence)

    def _numbers(self, view: RecordView, published: Manifest, evidence: Evidence | None) -> None:
        where = f"{self.folder}manifest.yaml"
        stated = any(one.kind == "evidence" and one.public for one in view.record.artifacts)
        if stated and evidence is None and not self.whole:
            what = "not recomputable here: this site does not carry the record's evidence"
            self.findings.unknown(Check.NUMBERS, where, what)
            return
        faults = recompute(published, evidence)
        for line in faults:
            self.findings.fault(Check.NUMBERS, where, line, "The page Verify tells how it is made.")
        if faults:
            return
        if published.origin is Origin.COMPUTED:
            self.findings.passed(Check.NUMBERS, max(1, len(published.claims)))
            if uncounted := not_counted_again(published):
                self.findings.unknown(Check.NUMBERS, where, uncounted)
            if said := said_by_models(published):
                self.findings.unknown(Check.NUMBERS, where, said)
            if by_model := values_by_model(published):
                self.findings.unknown(
                    Check.NUMBERS,
                    where,
                    f"not recomputable: needs the model ({by_model} cosines by "
                    f"{published.index.model}); no tick and no level reads them",
                )
        else:
            self.findings.unknown(Check.NUMBERS, where, NOT_CARRIED)

    def _artifacts(self, view: RecordView) -> Evidence | None:
        public = {f"artifacts/{one.name}": one for one in view.record.artifacts if one.public}
        for name in sorted(self.names):
            if name.startswith("artifacts/") and name not in public:
                self.findings.fault(
                    Check.ARTIFACTS, self.folder + name, "is not among the record's artifacts"
                )
        evidence = None
        for name, artifact in sorted(public.items()):
            data = self._artifact(name, artifact)
            if data is not None and artifact.kind == "evidence":
                evidence = self._evidence(data, self.folder + name)
        return evidence

    def _gate(self, view: RecordView) -> None:
        """Hash what stands behind every verdict, and decide each again from its report."""
        named = gate_paths(view.record)
        for name in sorted(self.names):
            if name.startswith("gate/") and name not in named:
                self.findings.fault(
                    Check.ARTIFACTS, self.folder + name, "is named by no verdict of the record"
                )
        found = list(gate_faults(view.record, lambda name: self.site.find(self.folder + name)))
        for name, what in found:
            self.findings.fault(Check.ARTIFACTS, self.folder + name, what, PUBLISHED)
        if named and not found:
            self.findings.passed(Check.ARTIFACTS, len(named))

    def _artifact(self, name: str, artifact: Artifact) -> bytes | None:
        where = self.folder + name
        if artifact.media_type == "application/pdf" and name not in self.names:
            self.findings.unknown(Check.ARTIFACTS, where, "is a PDF that this site leaves out")
            return None
        data = self.site.find(where)
        if data is None and not self.whole:
            self.findings.unknown(Check.ARTIFACTS, where, "is not carried by this site")
            return None
        if data is None:
            self.findings.fault(Check.ARTIFACTS, where, "is missing", PUBLISHED)
            return None
        if self.site.digests[where] != artifact.sha256 or len(data) != artifact.bytes:
            self.findings.fault(
                Check.ARTIFACTS,
                where,
                f"its SHA-256 is {self.site.digests[where]}, the manifest names {artifact.sha256}",
                PUBLISHED,
            )
            return None
        self.findings.passed(Check.ARTIFACTS)
        return data

    def _evidence(self, data: bytes, where: str) -> Evidence | None:
        try:
            return msgspec.json.decode(data, type=Evidence)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self.findings.fault(Check.CONTRACTS, where, f"is no lexical-evidence-v1: {error}")
            return None

    def _removed(self) -> bool:
        """Read the tombstone in ``record.json``, if that is what stands there."""
        where = f"{self.folder}record.json"
        data = self.site.find(where)
        if data is None or not data.startswith(b'{"tombstone":'):
            return False
        try:
            stone = msgspec.json.decode(data, type=_Removed).tombstone
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self.findings.fault(Check.CONTRACTS, where, f"is no tombstone-v1: {error}")
            return True
        if stone.record != self.id or data != msgspec.json.encode({"tombstone": stone}) + b"\n":
            what = f"is of {stone.record}, or not as it is made"
            self.findings.fault(Check.CONTRACTS, where, what)
            return True
        for name in sorted(self.names):
            entry = _ENTRY.fullmatch(name.removeprefix("history/"))
            if entry or name.startswith(("artifacts/", "gate/")):
                self.findings.fault(
                    Check.CONTRACTS,
                    self.folder + name,
                    "is still there although the record's text was removed",
                )
        self.stone = stone
        self.findings.passed(Check.CONTRACTS)
        self.findings.unknown(
            Check.NUMBERS,
            where,
            f"its text was removed on {stone.at[:10]} ({stone.legal_reference}); "
            "the digests of all that was published stay",
        )
        return True
