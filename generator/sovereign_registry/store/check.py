"""``check``: the whole registry, file by file, every fault named and none hidden by another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.canonical import file_sha256
from sovereign_registry.contracts.claims import Origin
from sovereign_registry.contracts.errors import RegistryError, on_one_line
from sovereign_registry.contracts.evidence import Evidence
from sovereign_registry.contracts.manifest import Approval
from sovereign_registry.contracts.versions import VERSIONS, newer_than
from sovereign_registry.store.gate_files import folder_reader, gate_faults, stray_gate_files
from sovereign_registry.store.histories import backwards, fork_faults, removed_faults, sound_faults
from sovereign_registry.store.loading import load_manifest
from sovereign_registry.store.log import audit_log
from sovereign_registry.store.monitors import monitor_faults
from sovereign_registry.store.newer_rules import newer_level
from sovereign_registry.store.newness import newness_fault
from sovereign_registry.store.recompute import NOT_CARRIED, recompute
from sovereign_registry.store.recompute_review import said_by_models
from sovereign_registry.store.recompute_sources import not_counted_again
from sovereign_registry.store.registry import RECORD_ID, Registry
from sovereign_registry.store.reported import report_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Artifact, Manifest
    from sovereign_registry.contracts.versions import Versions

REPORT = "report.md"
RECORD_FILES = frozenset({"manifest.yaml", "history", "artifacts", "gate"})
MANIFESTS_FILES = frozenset({"registry.yaml", "records", "log", "monitor", "README.md"})


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One fault."""

    where: str
    what: str
    todo: str

    def __str__(self) -> str:
        """Render as ``where: what. todo`` on one line."""
        return on_one_line(self.where, self.what, self.todo)


class ContractUse(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many files name one version of a contract."""

    name: str
    files: int
    newer: tuple[str, ...]
    """What each newer version that is known adds; none where this is the newest."""
    where: tuple[str, ...]
    """The files, where a newer version is known; they stay as they are."""


class CheckReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was checked and what was found."""

    records: int
    entries: int
    artifacts: int
    recomputed: int
    """Claims whose values were recomputed from published evidence."""
    removed: int = 0
    """Records whose text was removed and in whose place a sound tombstone stands."""
    logged: bool
    """Whether the registry has a transparency log."""
    not_logged: int
    """Published manifests and history entries that the log does not hold yet; 0 without a log."""
    contracts: tuple[ContractUse, ...] = ()
    """The versions of contracts that the records and their histories name."""
    faults: tuple[Fault, ...]
    open: tuple[Fault, ...] = ()
    """What can be neither passed nor failed, or would come out otherwise under newer rules."""


class _Tally:
    def __init__(self) -> None:
        self.contracts: dict[str, list[str]] = {}
        self.records = self.entries = self.artifacts = self.recomputed = self.removed = 0
        self.faults: list[Fault] = []
        self.open: list[Fault] = []

    def add(self, where: str, what: str, todo: str = "Restore the published file.") -> None:
        self.faults.append(Fault(where=where, what=what, todo=todo))

    def told(self, where: str, what: str, todo: str = "") -> None:
        """Say what is no fault."""
        self.open.append(Fault(where=where, what=what, todo=todo))

    def names(self, contract: str, where: str) -> None:
        """Count a file under the version of its contract."""
        self.contracts.setdefault(contract, []).append(where)

    def uses(self) -> tuple[ContractUse, ...]:
        """The versions that were found, sorted by name."""
        return tuple(use_of(name, places) for name, places in sorted(self.contracts.items()))


def use_of(name: str, places: list[str], versions: Versions = VERSIONS) -> ContractUse:
    """What the files that name one version go without.

    Args:
        name: The contract with its version.
        places: The files that name it.
        versions: The known versions.
    """
    newer = newer_than(name, versions)
    return ContractUse(
        name=name,
        files=len(places),
        newer=tuple(f"{version.name} adds: {version.adds}" for version in newer),
        where=tuple(places) if newer else (),
    )


def check_registry(root: Path, *, tick: Callable[[int, int], None] | None = None) -> CheckReport:
    """Check a registry's folder.

    Args:
        root: The folder that holds ``manifests/``.
        tick: Told (done, total) after each record.

    Raises:
        BadInput: the folder is no registry at all.
    """
    registry = Registry(root)
    tally = _Tally()
    _stray_files(registry, tally)
    ids = registry.ids()
    removed = registry.removed_ids()
    known = {*ids, *removed}
    for done, record_id in enumerate(ids, start=1):
        _check_record(registry, record_id, known, tally)
        if tick:
            tick(done, len(ids))
    for record_id in removed:
        _check_removed(registry, record_id, tally)
    _check_monitors(registry, tally)
    pending = _check_log(registry, tally)
    _check_newness(registry, tally)
    return CheckReport(
        records=tally.records,
        entries=tally.entries,
        artifacts=tally.artifacts,
        recomputed=tally.recomputed,
        removed=tally.removed,
        logged=(registry.manifests / "log").is_dir(),
        not_logged=pending,
        contracts=tally.uses(),
        faults=tuple(tally.faults),
        open=tuple(tally.open),
    )


def _stray_files(registry: Registry, tally: _Tally) -> None:
    todo = "Remove it: only what the contracts name is published."
    for path in sorted(registry.manifests.iterdir()):
        if path.name not in MANIFESTS_FILES:
            tally.add(registry.relative(path), "does not belong into manifests/", todo)
    if registry.records.is_dir():
        for path in sorted(registry.records.iterdir()):
            if not RECORD_ID.match(path.name) or not path.is_dir() or path.is_symlink():
                tally.add(registry.relative(path), "is no record's folder", todo)


def _check_monitors(registry: Registry, tally: _Tally) -> None:
    for where, what, todo in monitor_faults(registry):
        tally.add(where, what, todo)


def _check_log(registry: Registry, tally: _Tally) -> int:
    """Audit the log, where there is one; returns how much of what is published it lacks."""
    faults, unfinished, pending = audit_log(registry)
    for fault in (*faults, *unfinished):
        tally.add(fault.where or "manifests/log", fault.what, fault.todo)
    return pending


def _check_newness(registry: Registry, tally: _Tally) -> None:
    """Name records that are missing altogether; a broken log cannot be asked, and was named."""
    log = registry.relative(registry.manifests / "log")
    if not any(fault.where.startswith(log) for fault in tally.faults):
        fault = newness_fault(registry)
        if fault is not None:
            tally.add(*fault)


def _check_removed(registry: Registry, record_id: str, tally: _Tally) -> None:
    findings = list(removed_faults(registry, record_id))
    tally.removed += not findings
    for finding in findings:
        tally.add(*finding)


def _check_record(registry: Registry, record_id: str, known: set[str], tally: _Tally) -> None:
    folder = registry.record_dir(record_id)
    where = registry.relative(folder / "manifest.yaml")
    tally.records += 1
    for path in sorted(folder.iterdir()):
        if path.name not in RECORD_FILES:
            tally.add(
                registry.relative(path), "is no part of a record", "Remove it, or name it as one."
            )
    forks = fork_faults(registry, record_id)
    if forks:  # such a history cannot fold; what that alone would say is no help
        for finding in forks:
            tally.add(*finding)
        return
    try:
        view = registry.read(record_id)
        published = load_manifest(registry.raw(record_id)[0], where)
    except RegistryError as error:
        # A fold names a record's files below the record's own folder.
        below = error.where.startswith(f"{record_id}/")
        place = f"{registry.relative(registry.records)}/{error.where}" if below else error.where
        tally.add(place or where, error.what, error.todo)
        return
    tally.entries += len(view.history)
    tally.names(published.contract, where)
    for entry in view.history:
        tally.names(entry.contract, registry.relative(folder / "history" / entry.file_name))
    _check_numbers(registry, view, published, tally)
    _check_gate(registry, view, tally)
    for what in _reference_faults(view.record, known):
        tally.add(where, what, "Publish the record that it names, or correct the reference.")
    _check_entries(registry, view, published, tally)


def _check_entries(
    registry: Registry, view: RecordView, published: Manifest, tally: _Tally
) -> None:
    """Make every entry again, and look whether the record may be public."""
    folder = registry.record_dir(published.id)
    if view.record.standing.approval is Approval.AWAITING_OWNER:
        tally.add(
            registry.relative(folder / "manifest.yaml"),
            "standing.approval: waits for its owner and is published",
            "Restore its history, or take the record back into the queue.",
        )
    for finding in sound_faults(registry, view, published):
        tally.add(*finding)
    for name, what, todo in backwards(view):
        tally.told(registry.relative(folder / name), what, todo)


def _check_numbers(
    registry: Registry, view: RecordView, published: Manifest, tally: _Tally
) -> None:
    """Make every number again, and compare the record's words with its report."""
    where = registry.relative(registry.record_dir(view.record.id) / "manifest.yaml")
    evidence, report = _check_artifacts(registry, view, tally)
    lines = recompute(published, evidence)
    if published.origin is Origin.COMPUTED and report is not None:
        lines += report_faults(published, report)
    for line in lines:
        tally.add(where, line, "The record was changed, or made by other rules than it names.")
    if published.origin is not Origin.COMPUTED:
        tally.told(where, NOT_CARRIED)
    elif uncounted := not_counted_again(published):
        tally.told(where, uncounted)
    if said := said_by_models(published):
        tally.told(where, said)
    if newer := newer_level(view.record):
        tally.told(where, newer)
    if evidence is not None:
        tally.recomputed += len(evidence.claims)


def _check_gate(registry: Registry, view: RecordView, tally: _Tally) -> None:
    """Hash every file behind a verdict again, and decide every verdict again from its report."""
    folder = registry.record_dir(view.record.id)
    for name, what in gate_faults(view.record, folder_reader(folder)):
        tally.add(registry.relative(folder / name), what)
    for name in stray_gate_files(view, folder):
        tally.add(registry.relative(folder / name), "is named by no verdict", "Remove it.")
    tally.artifacts += sum(len(one.files) for one in view.record.gate.verdicts)


def _check_artifacts(
    registry: Registry, view: RecordView, tally: _Tally
) -> tuple[Evidence | None, str | None]:
    """Check a record's artifacts; returns its evidence and its report's Markdown, where read."""
    folder = registry.record_dir(view.record.id) / "artifacts"
    public = {artifact.name: artifact for artifact in view.record.artifacts if artifact.public}
    present = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    for name in sorted(present - public.keys()):
        tally.add(
            registry.relative(folder / name), "is not among the record's artifacts", "Remove it."
        )
    evidence = report = None
    for name, artifact in sorted(public.items()):
        where = registry.relative(folder / name)
        data = _artifact_bytes(folder / name, artifact, where, tally)
        if data is not None and artifact.kind == "evidence":
            evidence = _read_evidence(data, where, tally)
        elif data is not None and name == REPORT:
            report = data.decode("utf-8", "replace")
    return evidence, report


def _artifact_bytes(path: Path, artifact: Artifact, where: str, tally: _Tally) -> bytes | None:
    if path.is_symlink() or not path.is_file():
        tally.add(where, "is missing, or is no regular file")
        return None
    if path.stat().st_size != artifact.bytes:
        tally.add(where, f"has {path.stat().st_size:,} bytes; the record says {artifact.bytes:,}")
        return None
    data = path.read_bytes()
    if file_sha256(data) != artifact.sha256:
        tally.add(where, "its SHA-256 is not the one that the record names")
        return None
    tally.artifacts += 1
    return data


def _read_evidence(data: bytes, where: str, tally: _Tally) -> Evidence | None:
    try:
        return msgspec.json.decode(data, type=Evidence)
    except (msgspec.DecodeError, RecursionError) as error:
        tally.add(where, f"is no lexical-evidence-v1: {error}")
        return None


def _reference_faults(record: Manifest, known: set[str]) -> Iterator[str]:
    if record.standing.superseded_by and record.standing.superseded_by not in known:
        yield f"standing.superseded_by: {record.standing.superseded_by} is not in this registry"
