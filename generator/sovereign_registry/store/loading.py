"""From bytes to typed records.  Pure: no file is opened here.

A manifest or history entry is accepted only as our own canonical emission, so that one record has
one sequence of bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from sovereign_registry.contracts.canonical import file_sha256
from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.fold import RecordView, fold
from sovereign_registry.contracts.history import HistoryEntry
from sovereign_registry.contracts.manifest import Manifest
from sovereign_registry.contracts.registry import RegistryInfo
from sovereign_registry.contracts.text import clean_utf8
from sovereign_registry.contracts.versions import unknown_version
from sovereign_registry.store import layout
from sovereign_registry.store.canonical_yaml import emit, read_fast
from sovereign_registry.store.strict_yaml import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

R = TypeVar("R", bound=msgspec.Struct)


def load_manifest(data: bytes, where: str) -> Manifest:
    """Read a manifest.

    Raises:
        RecordFault: naming file, line or field, what was found and what to do.
    """
    return _load(data, Manifest, "paper-manifest-v1.1", where)


def load_entry(data: bytes, where: str) -> HistoryEntry:
    """Read one history entry.

    Raises:
        RecordFault: as for ``load_manifest``.
    """
    return _load(data, HistoryEntry, "history-entry-v1", where)


def load_registry_info(data: bytes, where: str) -> RegistryInfo:
    """Read ``registry.yaml``, which people edit: strict, but in any YAML layout.

    Raises:
        RecordFault: as for ``load_manifest``.
    """
    from sovereign_registry.store.strict_yaml import load  # noqa: PLC0415 - keeps workers light

    return _convert(load(data, where), RegistryInfo, "registry-v1", where)


def load_canonical(data: bytes, kind: type[R], contract: str, where: str) -> R:
    """Read a file that commands write: in its canonical form only.

    Raises:
        RecordFault: as for ``load_manifest``.
    """
    return _load(data, kind, contract, where)


def load_contract(data: bytes, kind: type[R], contract: str, where: str) -> R:
    """Read a file that people write: strict, but in any YAML layout.

    Raises:
        RecordFault: naming file, line or field, what was found and what to do.
    """
    from sovereign_registry.store.strict_yaml import load  # noqa: PLC0415 - keeps workers light

    return _convert(load(data, where), kind, contract, where)


def load_view(
    manifest: bytes, history: Sequence[tuple[str, bytes]] = (), where: str = "manifest.yaml"
) -> RecordView:
    """Read a manifest with its history, given as (file name, bytes) in order, and fold them.

    Raises:
        RecordFault: a file breaks its contract or the chain does not fold.
    """
    record = load_manifest(manifest, where)
    folder = where.rsplit("/", 1)[0] if "/" in where else record.id
    entries = []
    for name, data in history:
        entry = load_entry(data, f"{folder}/history/{name}")
        if entry.file_name != name:
            raise RecordFault(
                f"holds entry {entry.file_name}",
                where=f"{folder}/history/{name}",
                todo="Restore the file under the name that it was published under.",
            )
        entries.append(entry)
    return fold(record, entries, file_sha256=file_sha256(manifest), file_bytes=len(manifest))


def _load(data: bytes, kind: type[R], contract: str, where: str) -> R:
    fast = _load_fast(data, kind)
    if fast is not None:
        return fast
    from sovereign_registry.store.strict_yaml import load  # noqa: PLC0415 - only for bad input

    record = _convert(load(data, where), kind, contract, where)
    _require_canonical(data, emit(record), where)
    return record


def _load_fast(data: bytes, kind: type[R]) -> R | None:
    """Read canonical bytes without a YAML parser; None where they are not certainly canonical."""
    if len(data) > MAX_BYTES or not clean_utf8(data):
        return None
    try:
        try:
            return layout.read(data, kind)
        except layout.NoLayout:
            record = msgspec.json.decode(read_fast(data), type=kind)
            return record if emit(record) == data else None
    except (ValueError, RecursionError, IndexError, TypeError):
        return None  # whatever it is, the strict reader says so in its own words


def _convert(value: dict[str, Any], kind: type[R], contract: str, where: str) -> R:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        require_known(value, contract, where)
        raise RecordFault(
            "; ".join(_faults(value, contract, str(error))),
            where=where,
            todo=f"The contract is {contract}: see `sovereign-registry schema {contract}`.",
        ) from error


def require_known(value: dict[str, Any], contract: str, where: str) -> None:
    """Say of a file under another version of its contract that it is one, and nothing else of it.

    Raises:
        RecordFault: it names a version that is not known here.
    """
    other = unknown_version(value.get("contract"), contract)
    if other is not None:
        raise RecordFault(other[0], where=where, todo=other[1])


def _faults(value: dict[str, Any], contract: str, first: str) -> list[str]:
    """Every fault that the published schema finds, not only the first."""
    import jsonschema  # noqa: PLC0415 - only for bad input

    from sovereign_registry.contracts.schemas import json_schema  # noqa: PLC0415 - only then

    validator = jsonschema.Draft202012Validator(json_schema(contract))
    faults = [
        f"{error.json_path.removeprefix('$').strip('.') or 'the file'}: {_shortened(error.message)}"
        for error in sorted(validator.iter_errors(value), key=lambda error: error.json_path)
    ]
    return faults[:20] or [first]


def _shortened(message: str) -> str:
    """A fault within 200 characters: the value stands first in it, and why it is wrong last."""
    return message if len(message) <= 200 else f"{message[:60]} … {message[-130:]}"  # noqa: PLR2004


def _require_canonical(found: bytes, due: bytes, where: str) -> None:
    if found == due:
        return
    here, there = found.split(b"\n"), due.split(b"\n")
    number = next(
        (n for n, (a, b) in enumerate(zip(here, there, strict=False)) if a != b),
        min(len(here), len(there)),
    )
    expected = there[number].decode("utf-8", "replace")[:120] if number < len(there) else "no line"
    raise RecordFault(
        "is not in canonical form",
        where=f"{where}:{number + 1}",
        todo=f"The line due is: {expected}",
    )
