"""A registry on disk: ``manifests/registry.yaml`` and one folder a record under ``records/``."""

from __future__ import annotations

import errno
import fcntl
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import BadInput, RecordFault, UsageError
from sovereign_registry.contracts.ids import RECORD_ID_PATTERN
from sovereign_registry.store.canonical_yaml import emit
from sovereign_registry.store.files import clear_scratch, write_folder, write_once
from sovereign_registry.store.loading import load_registry_info, load_view
from sovereign_registry.store.strict_yaml import MAX_BYTES
from sovereign_registry.store.tombstones import RecordRemoved, bury_files, load_tombstone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.history import HistoryEntry
    from sovereign_registry.contracts.registry import RegistryInfo
    from sovereign_registry.contracts.tombstone import Tombstone

RECORD_ID = re.compile(RECORD_ID_PATTERN)
_NOT_OURS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR})
"""What the system says where a folder may not be written, or something else stands in its place."""


def read_bounded(path: Path) -> bytes:
    """Read a regular file of at most 4 MB, never through a link.

    Raises:
        RecordFault: it is missing, no regular file, or too large.
    """
    if path.is_symlink() or not path.is_file():
        found = "is a link" if path.is_symlink() else "is missing"
        raise RecordFault(found, where=str(path), todo="Restore the file.")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise RecordFault(
            f"holds {size:,} bytes; the limit is {MAX_BYTES:,}",
            where=str(path),
            todo="A record keeps large material as artifacts, by digest.",
        )
    return path.read_bytes()


class Registry:
    """The published records of one registry folder.

    Args:
        root: The folder that holds ``manifests/``.

    Raises:
        BadInput: the folder is no registry.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.manifests = root / "manifests"
        self.records = self.manifests / "records"
        self.scratch = root / ".sovereign" / "tmp"
        marker = self.manifests / "registry.yaml"
        if not marker.is_file():
            raise BadInput(
                "is no registry: manifests/registry.yaml is missing",
                where=str(root),
                todo="Name a registry's folder with --registry DIR.",
            )
        self.info: RegistryInfo = load_registry_info(read_bounded(marker), self.relative(marker))

    def relative(self, path: Path) -> str:
        """A path as messages name it: below the registry's folder where it is there."""
        inside = path.is_relative_to(self.root)
        return path.relative_to(self.root).as_posix() if inside else str(path)

    def ids(self) -> list[str]:
        """The ids of all published records, sorted; names that are no id are left to ``check``.

        Records whose text was removed are not among them: see ``removed_ids``.
        """
        return [name for name in self._names() if not self.tombstone_path(name).exists()]

    def removed_ids(self) -> list[str]:
        """The ids of all records in whose place a tombstone stands, sorted."""
        return [name for name in self._names() if self.tombstone_path(name).exists()]

    def _names(self) -> list[str]:
        if not self.records.is_dir():
            return []
        return sorted(path.name for path in self.records.iterdir() if RECORD_ID.match(path.name))

    def tombstone_path(self, record_id: str) -> Path:
        """Where a record's tombstone stands, or would."""
        return self.records / record_id / "tombstone.yaml"

    def record_dir(self, record_id: str) -> Path:
        """The folder of a record; no other name than a well-formed id leads anywhere.

        Raises:
            BadInput: the id is malformed.
        """
        if not RECORD_ID.match(record_id):
            raise BadInput(
                f"{record_id[:80]!r} is no record id",
                todo="Ids look like sr-2605-0a1b2c3d; `sovereign-registry show` lists them.",
            )
        return self.records / record_id

    def has(self, record_id: str) -> bool:
        """Whether the record is published, or was and its text was removed."""
        folder = self.record_dir(record_id)
        return (folder / "manifest.yaml").is_file() or self.tombstone_path(record_id).is_file()

    def tombstone(self, record_id: str) -> Tombstone | None:
        """What stands in the place of a removed record; None where nothing was removed.

        Raises:
            RecordFault: the tombstone breaks its contract.
        """
        folder = self.record_dir(record_id)
        path = self.tombstone_path(record_id)
        if not path.exists():
            return None
        stone = load_tombstone(read_bounded(path), self.relative(path))
        if stone.record != record_id:
            raise RecordFault(
                f"record: is {stone.record} in the folder {folder.name}",
                where=self.relative(path),
                todo="Restore the published file.",
            )
        return stone

    def raw(self, record_id: str) -> tuple[bytes, list[tuple[str, bytes]]]:
        """A record's manifest bytes and its history files, (name, bytes) in order.

        Raises:
            RecordFault: a file is missing, a link, or too large.
        """
        folder = self.record_dir(record_id)
        history = folder / "history"
        names = sorted(path.name for path in history.iterdir()) if history.is_dir() else []
        return (
            read_bounded(folder / "manifest.yaml"),
            [(name, read_bounded(history / name)) for name in names],
        )

    def read(self, record_id: str) -> RecordView:
        """Read a record as it stands now.

        Raises:
            RecordRemoved: its text was removed; the error carries the tombstone.
            RecordFault: a file breaks its contract or the history does not fold.
        """
        stone = self.tombstone(record_id)
        if stone is not None:
            raise RecordRemoved(stone)
        manifest, history = self.raw(record_id)
        where = self.relative(self.record_dir(record_id) / "manifest.yaml")
        view = load_view(manifest, history, where)
        if view.record.id != record_id:
            raise RecordFault(
                f"id: is {view.record.id} in the folder {record_id}",
                where=where,
                todo="A record's folder has its id as name: restore the published file.",
            )
        return view

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the registry for writing; a second writer waits.  A kill releases the lock."""
        lock = self.scratch.parent / "lock"
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            opened = lock.open("w")
        except OSError as error:
            if error.errno not in _NOT_OURS:
                raise
            raise UsageError(
                f"cannot be locked: {error.strerror or error}",
                where=self.relative(lock),
                todo="The folder must be writable while this runs: use a copy that is.",
            ) from error
        with opened as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            clear_scratch(self.scratch)
            self._settle()
            yield

    def _settle(self) -> None:
        """Once there are records, ``registry.yaml`` no longer says that the registry is new."""
        if not self.info.new or not self._names():
            return
        from sovereign_registry.store.newness import take_line_out  # noqa: PLC0415 - once only

        marker = self.manifests / "registry.yaml"
        self.info = take_line_out(marker, self.relative(marker), self.scratch) or self.info

    def publish(
        self,
        manifest: bytes,
        artifacts: Mapping[str, bytes],
        entries: Sequence[HistoryEntry] = (),
    ) -> RecordView:
        """Add a record with its artifacts and first entries in one atomic step; under ``lock``.

        Raises:
            RecordFault: the record exists or what would be published breaks its contract.
        """
        history = [(entry.file_name, emit(entry)) for entry in entries]
        view = load_view(manifest, history)
        files = {"manifest.yaml": manifest}
        files |= {f"history/{name}": data for name, data in history}
        files |= {f"artifacts/{name}": data for name, data in artifacts.items()}
        write_folder(self.record_dir(view.record.id), files, self.scratch)
        self._settle()
        return view

    def append(self, entry: HistoryEntry, files: Mapping[str, bytes] | None = None) -> RecordView:
        """Add one history entry to a published record; under ``lock``.

        Args:
            entry: The entry.
            files: What it rests on, to stand in ``gate/NNNN/``: path -> bytes.  They are written
                first and count only once the entry names them; a kill in between leaves a folder
                that nothing names, which the next entry takes away.

        Raises:
            RecordFault: the entry does not follow from the record as it stands.
        """
        folder = self.record_dir(entry.record)
        manifest, history = self.raw(entry.record)
        data = emit(entry)
        view = load_view(manifest, [*history, (entry.file_name, data)])
        self._gate_files(folder / "gate" / f"{entry.sequence:04d}", files or {})
        (folder / "history").mkdir(exist_ok=True)
        write_once(folder / "history" / entry.file_name, data, self.scratch)
        return view

    def _gate_files(self, folder: Path, files: Mapping[str, bytes]) -> None:
        """Write the files of one attempt in one step, in place of what a kill left there."""
        if folder.exists():
            self.scratch.mkdir(parents=True, exist_ok=True)
            folder.rename(self.scratch / f"left-{folder.parts[-3]}-{folder.name}")
            clear_scratch(self.scratch)
        if files:
            write_folder(folder, files, self.scratch)

    def bury(self, stone: Tombstone) -> None:
        """Put a tombstone in the place of a record's files; under ``lock``.

        The tombstone is written first and counts from then on; a kill while the files are taken
        away leaves some of them, which ``check`` names, and burying again takes them away.

        Raises:
            RecordFault: another tombstone stands there.
        """
        bury_files(self.record_dir(stone.record), emit(stone), self.scratch)
