"""The transparency log and its keys, with the clock that dates statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.adapters.clock import SystemClock
from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.errors import UsageError
from sovereign_registry.contracts.log.keys import KeyEvent, KeyRing, KeysFile, KeyStatement
from sovereign_registry.contracts.log.note import parse_note
from sovereign_registry.store.log import append_to_log
from sovereign_registry.store.log_files import CHECKPOINTS, LogFiles
from sovereign_registry.store.log_keys import (
    create_private_key,
    default_origin,
    read_keys,
    read_private_key,
    write_keys,
)
from sovereign_registry.wiring.earlier import read_checkpoint

if TYPE_CHECKING:
    from pathlib import Path

    from sovereign_registry.contracts.log.note import PrivateKey, PublicKey
    from sovereign_registry.contracts.ports import Clock
    from sovereign_registry.store import Registry
    from sovereign_registry.store.log import Appended

MAX_REASON = 4_000
"""Characters of a statement's public reason (log-keys-v1)."""


def append_log(registry: Registry, key_path: Path, *, extends: str | None = None) -> Appended:
    """Log what is published and not logged yet; ``extends`` names a checkpoint to continue.

    It is a file, or what was published: see ``read_checkpoint``.

    Raises:
        RegistryError: the log was not written.
    """
    old = None if extends is None else read_checkpoint(extends)
    with registry.lock():
        return append_to_log(registry, read_private_key(key_path, registry), extends=old)


def new_key(
    registry: Registry, key_path: Path, *, note: str, clock: Clock | None = None
) -> KeyRing:
    """Make the log's first key, or a key after a compromised one; nobody vouches for it.

    Raises:
        UsageError: a key is active already; of this one, for another reason.
    """
    with registry.lock():
        files = LogFiles(registry)
        file = read_keys(files) or KeysFile(origin=default_origin(registry.info), statements=())
        ring = _checked(file)
        refused = UsageError(
            f"the key {ring.active} is active", todo="Hand over to a new one: `keys rotate`."
        )
        if ring.active is not None and not key_path.exists():
            raise refused  # before there is a private key that nothing knows
        _require_reason(note)
        key = create_private_key(key_path, file.origin, registry)
        if ring.active == key.public:
            return _again(ring, note)
        if ring.active is not None:
            raise refused
        statement = _statement(files, file, KeyEvent.NEW, key.public, (note, clock))
        return _add(files, file, statement, key)


def _again(ring: KeyRing, note: str) -> KeyRing:
    """The ring as it is, where nothing is said of its active key but what was said before."""
    said = ring.known[str(ring.active)].note
    if said != note:
        raise UsageError(
            f"the key is active already, for the reason “{said}”; the new reason was not added",
            where="--reason",
            todo="Enter the same reason, or hand over to another key: `keys rotate`.",
        )
    return ring


def rotate_key(
    registry: Registry, old_path: Path, new_path: Path, *, note: str, clock: Clock | None = None
) -> KeyRing:
    """Hand the log over to a new key: the old one signs that, and the new one.

    Raises:
        UsageError: the old key is not the active one, or both files are one.
    """
    with registry.lock():
        files = LogFiles(registry)
        file = _started(files)
        old = read_private_key(old_path, registry)
        active = _checked(file).active
        refused = UsageError(
            f"the old key is {old.public}, the active one {active or 'none'}",
            todo="Name the active key's file with --key and another one with --new-key.",
        )
        if active != old.public and not new_path.exists():
            raise refused  # before there is a private key that nothing knows
        _require_reason(note)
        new = create_private_key(new_path, file.origin, registry)
        if active == new.public and old.public != new.public:
            return _checked(file)
        if active != old.public or old.public == new.public:
            raise refused
        statement = _statement(files, file, KeyEvent.ROTATED, new.public, (note, clock))
        return _add(
            files, file, msgspec.structs.replace(statement, replaces=str(old.public)), old, new
        )


def revoke_key(
    registry: Registry,
    key_id: str,
    *,
    note: str,
    good_until: int | None = None,
    clock: Clock | None = None,
) -> KeyRing:
    """Publish a key as compromised: nothing that it signed after a log size counts any more.

    Args:
        registry: The registry.
        key_id: The key's id, eight hexadecimal digits.
        note: Why, for readers.
        good_until: The newest log size that was signed before; by default the newest there is.
        clock: Dates the statement.

    Raises:
        UsageError: there is no such key, or it is known as compromised.
    """
    with registry.lock():
        files = LogFiles(registry)
        file = _started(files)
        known = [one.key for one in _checked(file).known.values() if one.key.id.hex() == key_id]
        if not known:
            raise UsageError(f"there is no key {key_id!r}", todo="`keys show` lists the ids.")
        statement = _statement(files, file, KeyEvent.COMPROMISED, known[0], (note, clock))
        if good_until is not None:
            if good_until not in (0, *files.sizes()):
                raise UsageError(
                    f"no checkpoint of {good_until} entries was signed",
                    todo="`log show` lists the sizes.",
                )
            statement = msgspec.structs.replace(statement, log_size=good_until)
        return _add(files, file, statement)


def left_alone(registry: Registry, ring: KeyRing) -> list[int]:
    """Sizes of the kept checkpoints that no key which still counts for them has signed.

    Raises:
        LogFault: a checkpoint cannot be read.
    """
    files = LogFiles(registry)
    found = []
    for size in files.sizes():
        path = f"{CHECKPOINTS}/{size}"
        note = parse_note(files.read(path), files.where(path))
        names = {(name, key_id) for name, key_id, _ in note.signatures}
        if not any((key.name, key.id) in names for key in ring.historic(size)):
            found.append(size)
    return found


def _require_reason(note: str) -> None:
    if not note.strip() or len(note) > MAX_REASON:
        raise UsageError(
            f"has {len(note):,} characters where {MAX_REASON:,} are the most"
            if note.strip()
            else "is blank",
            where="--reason",
            todo="Say in a few words why; it is published.",
        )


def _checked(file: KeysFile) -> KeyRing:
    return KeyRing(file)


def _started(files: LogFiles) -> KeysFile:
    file = read_keys(files)
    if file is None:
        raise UsageError("there is no log yet", todo="Start one with `keys new`.")
    return file


def _statement(
    files: LogFiles,
    file: KeysFile,
    event: KeyEvent,
    key: PublicKey,
    words: tuple[str, Clock | None],
) -> KeyStatement:
    note, clock = words
    _require_reason(note)
    sizes = files.sizes()
    return KeyStatement(
        sequence=len(file.statements) + 1,
        event=event,
        key=str(key),
        replaces=None,
        log_size=sizes[-1] if sizes else 0,
        at=(clock or SystemClock()).now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        note=note,
        previous=content_sha256(file.statements[-1]) if file.statements else None,
        signatures=(),
    )


def _add(files: LogFiles, file: KeysFile, statement: KeyStatement, *signers: PrivateKey) -> KeyRing:
    text = statement.signed_text()
    lines = tuple(key.signature_line(text).rstrip("\n") for key in signers)
    signed = msgspec.structs.replace(statement, signatures=lines)
    return write_keys(files, msgspec.structs.replace(file, statements=(*file.statements, signed)))
