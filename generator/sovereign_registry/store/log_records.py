"""What the records' files say that the log must hold, compared with what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.canonical import content_sha256, file_sha256
from sovereign_registry.contracts.errors import RegistryError
from sovereign_registry.contracts.log.entries import HistoryLogged, ManifestLogged, RecordLogged
from sovereign_registry.contracts.log.faults import LogFault
from sovereign_registry.store.registry import read_bounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.store.registry import Registry


_CHANGED = "is not what the log holds of it: the file was changed after it was logged"
_RESTORE = "Restore the published file; corrections are added with `correct`."


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The records beside the log."""

    pending: tuple[RecordLogged, ...]
    """What is published and not logged yet, in the order in which it will be."""
    faults: tuple[LogFault, ...]
    """What is logged and is not, or no longer, what the records say."""


def record_entries(registry: Registry, record_id: str) -> tuple[RecordLogged, ...]:
    """All log entries that a record's files call for, in order of sequence.

    Raises:
        RecordFault: the record breaks its contract, or its history does not fold.
    """
    stone = registry.tombstone(record_id)
    if stone is not None:
        return removed_entries(stone, read_bounded(registry.tombstone_path(record_id)))
    view = registry.read(record_id)
    _, history = registry.raw(record_id)
    return entries_of(view, [file_sha256(data) for _, data in history])


def entries_of(view: RecordView, digests: Sequence[str]) -> tuple[RecordLogged, ...]:
    """All log entries that a record calls for, in order of sequence.

    Args:
        view: The record with its history.
        digests: SHA-256 of the history's files, in order.
    """
    return (
        ManifestLogged(
            id=view.record.id,
            content_sha256=view.manifest_content_sha256,
            file_sha256=view.manifest_file_sha256,
            # A history entry never changes the as-of date, but the published manifest decides.
            time=f"{view.record.work.as_of}T00:00:00Z",
        ),
        *(
            HistoryLogged(
                id=view.record.id,
                sequence=entry.sequence,
                content_sha256=content_sha256(entry),
                file_sha256=digest,
                time=entry.at,
            )
            for entry, digest in zip(view.history, digests, strict=True)
        ),
    )


def removed_entries(stone: Tombstone, data: bytes) -> tuple[RecordLogged, ...]:
    """What was logged of a record before its text was removed, and the removal itself."""
    removed = [
        (entry.sequence, entry.file.content_sha256, entry.file.file_sha256, entry.at)
        for entry in stone.history
    ]
    removed.append((stone.sequence, content_sha256(stone), file_sha256(data), stone.at))
    return (
        ManifestLogged(
            id=stone.record,
            content_sha256=stone.manifest.content_sha256 or "",
            file_sha256=stone.manifest.file_sha256,
            time=f"{stone.as_of}T00:00:00Z",
        ),
        *(
            HistoryLogged(
                id=stone.record,
                sequence=sequence,
                content_sha256=content or "",
                file_sha256=file,
                time=at,
            )
            for sequence, content, file, at in removed
        ),
    )


def in_log_order(records: Iterable[Sequence[RecordLogged]]) -> tuple[RecordLogged, ...]:
    """Order new entries by (time, id, sequence).

    Within a record the sequence decides: an entry whose clock ran backwards is placed as if it had
    the time of the entry that it follows.
    """
    keyed = []
    for entries in records:
        latest = ""
        for entry in entries:
            latest = max(latest, entry.time)
            keyed.append(((latest, entry.id, entry.sequence), entry))
    return tuple(entry for _, entry in sorted(keyed, key=lambda pair: pair[0]))


def compare(
    registry: Registry, logged: Mapping[tuple[str, int], RecordLogged], *, whole: bool = False
) -> Comparison:
    """Compare every record's files with the log.

    Args:
        registry: The records.
        logged: (record id, sequence) -> what the log holds.
        whole: Make every entry again, rather than only those of files whose digest is not logged.

    A record that breaks its contract is a fault, which names what the log knows otherwise.
    """
    pending: list[Sequence[RecordLogged]] = []
    faults: list[LogFault] = []
    seen: set[tuple[str, int]] = set()
    for record_id in (*registry.ids(), *registry.removed_ids()):
        try:
            digests = _file_digests(registry, record_id)
        except RegistryError as error:
            faults.append(_broken(registry, record_id, error))
            continue
        known = [logged.get((record_id, number)) for number in range(len(digests))]
        same = all(
            entry is not None and entry.file_sha256 == digest
            for entry, digest in zip(known, digests, strict=True)
        )
        if same and not whole:
            seen.update((record_id, number) for number in range(len(digests)))
            continue
        try:
            due = record_entries(registry, record_id)
        except RegistryError as error:
            numbers = _numbers(registry, record_id)
            seen.update((record_id, number) for number in numbers)
            changed = list(_changed(registry, record_id, numbers, logged))
            faults.extend(changed or [_broken(registry, record_id, error)])
            continue
        seen.update((record_id, number) for number in range(len(digests)))
        faults.extend(_differences(registry, due, known))
        new = [entry for entry, old in zip(due, known, strict=True) if old is None]
        if new:
            pending.append(new)
    faults.extend(_missing(registry, sorted(logged.keys() - seen)))
    return Comparison(pending=in_log_order(pending), faults=tuple(faults))


def _file_digests(registry: Registry, record_id: str) -> list[str]:
    stone = registry.tombstone(record_id)
    if stone is not None:
        entries = removed_entries(stone, read_bounded(registry.tombstone_path(record_id)))
        return [entry.file_sha256 for entry in entries]
    manifest, history = registry.raw(record_id)
    return [file_sha256(manifest), *(file_sha256(data) for _, data in history)]


def _broken(registry: Registry, record_id: str, error: RegistryError) -> LogFault:
    """The fault of a record that cannot be read, with its file below the registry's folder."""
    below = error.where.startswith(f"{record_id}/")
    where = f"{registry.relative(registry.records)}/{error.where}" if below else error.where
    return LogFault(error.what, where=where, todo=error.todo)


def _numbers(registry: Registry, record_id: str) -> dict[int, str]:
    """Number in the history, 0 for the manifest -> digest of the file that has it in its name."""
    manifest, history = registry.raw(record_id)
    found = {int(name[:4]): file_sha256(data) for name, data in history if name[:4].isdecimal()}
    return found | {0: file_sha256(manifest)}


def _changed(
    registry: Registry,
    record_id: str,
    numbers: Mapping[int, str],
    logged: Mapping[tuple[str, int], RecordLogged],
) -> Iterator[LogFault]:
    for number, digest in sorted(numbers.items()):
        old = logged.get((record_id, number))
        if old is not None and old.file_sha256 != digest:
            yield LogFault(_CHANGED, where=_place(registry, record_id, number), todo=_RESTORE)


def _entry_name(registry: Registry, record_id: str, sequence: int) -> str:
    """The file of a numbered entry; with a star in its name where there is none, or more."""
    pattern = f"{sequence:04d}-*.yaml"
    found = [path.name for path in (registry.record_dir(record_id) / "history").glob(pattern)]
    return f"history/{found[0] if len(found) == 1 else pattern}"


def _place(registry: Registry, record_id: str, sequence: int) -> str:
    name = _entry_name(registry, record_id, sequence) if sequence else "manifest.yaml"
    if registry.tombstone_path(record_id).exists():
        name = "tombstone.yaml"
    return f"{registry.relative(registry.record_dir(record_id))}/{name}"


def _differences(
    registry: Registry, due: Sequence[RecordLogged], known: Sequence[RecordLogged | None]
) -> Iterator[LogFault]:
    for entry, old in zip(due, known, strict=True):
        if old is not None and old != entry:
            yield LogFault(
                _CHANGED,
                where=_place(registry, entry.id, entry.sequence),
                todo=_RESTORE,
            )


def _missing(registry: Registry, keys: Iterable[tuple[str, int]]) -> Iterator[LogFault]:
    for record_id, sequence in keys:
        yield LogFault(
            "was published and logged, and is missing",
            where=_place(registry, record_id, sequence),
            todo="Restore the published file: the log outlives it and still names it.",
        )
