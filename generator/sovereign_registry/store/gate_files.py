"""The files behind a record's verdicts, read and worked out again: nothing is taken on trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovereign_registry.contracts.canonical import file_sha256
from sovereign_registry.contracts.claims import ClaimKind
from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.gate import GateReason, GateStatus
from sovereign_registry.contracts.repro import MAX_FILE_BYTES, listing_sha256
from sovereign_registry.contracts.runs import RUN_FILE
from sovereign_registry.contracts.verdicts import (
    FILES,
    decided,
    inapplicable,
    load_report,
    verdict_of,
)
from sovereign_registry.store.artifacts import load_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.gate import ClaimVerdict
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.runs import LeanRun, ReproRun

    Read = Callable[[str], bytes | None]
    """A file of the record's folder by its path; None where it is not there."""

Finding = tuple[str, str]
"""Path within the record's folder, and what is wrong about it."""


def gate_paths(record: Manifest) -> frozenset[str]:
    """Every file that the record's verdicts name, as paths within its folder."""
    return frozenset(
        f"{verdict.folder}/{file.path}"
        for verdict in record.gate.verdicts
        for file in verdict.files
    )


def folder_reader(folder: Path) -> Read:
    """Reads files of a record's folder on disk: regular ones, never through a link, bounded."""

    def read(name: str) -> bytes | None:
        path = folder / name
        below = [path, *path.parents][: len(path.relative_to(folder).parts)]
        if any(one.is_symlink() for one in below) or not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)

    return read


def stray_gate_files(view: RecordView, folder: Path) -> Iterator[str]:
    """Files below ``gate/`` that no verdict names.

    The folder of the next entry is left out: a kill between an attempt's files and the entry that
    names them leaves it, nothing reads it, and the next entry takes it away.
    """
    named, root = gate_paths(view.record), folder / "gate"
    unfinished = f"gate/{len(view.history) + 1:04d}/"
    if root.is_symlink() or root.is_file():
        yield "gate"
        return
    for path in sorted(root.rglob("*")):
        name = path.relative_to(folder).as_posix()
        plain = path.is_dir() and not path.is_symlink()
        if not plain and name not in named and not name.startswith(unfinished):
            yield name


def gate_faults(record: Manifest, read: Read) -> Iterator[Finding]:
    """What is wrong about the files behind a record's verdicts.

    Every file is hashed again, every report is read, and every verdict is decided again from its
    report.  A strong verdict that no attempt stands behind is a fault as well.

    Args:
        record: The record as it stands.
        read: Reads a file of its folder.
    """
    if record.gate.status is not GateStatus.UNVERIFIED and not record.gate.verdicts:
        yield "manifest.yaml", f"gate: says {record.gate.status}, and no attempt stands behind it"
    for verdict in record.gate.verdicts:
        yield from _verdict_faults(record, verdict, read)


def _verdict_faults(record: Manifest, verdict: ClaimVerdict, read: Read) -> Iterator[Finding]:
    place = f"{verdict.folder}/{RUN_FILE}"
    if verdict.run is None:
        if not _inapplicable(record, verdict):
            yield place, "no report stands behind the verdict"
        return
    files: dict[str, bytes] = {}
    for file in verdict.files:
        data = read(f"{verdict.folder}/{file.path}")
        if data is None:
            yield f"{verdict.folder}/{file.path}", "is missing, and a verdict rests on it"
        elif len(data) != file.bytes or file_sha256(data) != file.sha256:
            yield f"{verdict.folder}/{file.path}", "its SHA-256 is not the one that a verdict names"
        else:
            files[file.path] = data
    if len(files) < len(verdict.files):
        return
    try:
        run = load_report(files.get(RUN_FILE, b""), place)
        for what in _report_faults(record, verdict, run, files):
            yield place, what
    except RecordFault as error:
        yield place, error.what


def _inapplicable(record: Manifest, verdict: ClaimVerdict) -> bool:
    """Whether a verdict without a report is one that needs none: nothing could be tried."""
    claim = next((one for one in record.claims if one.id == verdict.claim), None)
    if claim is None or claim.kind is not ClaimKind.NEITHER:
        return False
    due = inapplicable(claim, entry=verdict.entry, evaluated_at=verdict.evaluated_at)
    named = (verdict.reason_code, verdict.status, verdict.files, verdict.reason)
    return named == (GateReason.NOT_APPLICABLE, GateStatus.UNVERIFIED, (), due.reason)


def _report_faults(
    record: Manifest, verdict: ClaimVerdict, run: ReproRun | LeanRun, files: dict[str, bytes]
) -> Iterator[str]:
    if run.record != record.id:
        yield f"is the report of a run for {run.record}"
    if listing_sha256(run.files) != verdict.artifact:
        yield "its list of files is not that of the artifact that the verdict names"
    artifact = {
        path.removeprefix(f"{FILES}/"): data
        for path, data in files.items()
        if path.startswith(f"{FILES}/")
    }
    if load_spec(artifact, verdict.folder) != run.spec:
        yield "states another contract than the one among the artifact's files"
    try:
        again = verdict_of(decided(run), entry=verdict.entry, evaluated_at=verdict.evaluated_at)
    except ValueError as error:
        yield f"does not back a verdict: {error}"
        return
    if again != verdict:
        yield f"gives {again.status} ({again.reason_code}) or figures that the verdict has not"
    if run.acceptance is not None and (
        run.acceptance not in record.gate.accepted or run.acceptance.entry >= verdict.entry
    ):
        yield "names an acceptance by the owner that the history does not hold before it"
