"""Adding to a record's history, and asking for its versions."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.adapters.clock import SystemClock
from sovereign_registry.contracts.addresses import doi_in, is_web_address
from sovereign_registry.contracts.amend import Amendment, Setting, amend, as_record
from sovereign_registry.contracts.errors import BadInput, RecordFault, RegistryError, UsageError
from sovereign_registry.contracts.history import CorrectionType, Event
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.contracts.pointers import (
    Change,
    by_place,
    changes_between,
    document,
    resolve,
)
from sovereign_registry.contracts.registry import require_right
from sovereign_registry.contracts.tombstone import bury
from sovereign_registry.store.loading import load_view
from sovereign_registry.store.monitors import monitor_path
from sovereign_registry.store.queue import utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.contracts.ports import Clock
    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.store import Registry

_GONE = (RecordState.RETRACTED, RecordState.WITHDRAWN)


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a command asks to be added."""

    event: Event
    by: str
    note: str
    sets: tuple[str, ...] = ()
    """``POINTER=VALUE``, as typed."""
    correction_type: CorrectionType | None = None
    claims: tuple[str, ...] = ()
    superseded_by: str | None = None


def add(
    registry: Registry, record_id: str, request: Request, clock: Clock | None = None
) -> RecordView:
    """Write the one new numbered file that records the request.

    Raises:
        UsageError: the role may not do it.
        RegistryError: the record, the event or a field does not allow it; nothing is written.
    """
    require_right(registry.info, request.by, request.event)
    with registry.lock():
        view = read(registry, record_id)
        if request.superseded_by is not None:
            _require_successor(registry, record_id, request.superseded_by)
        settings = _settings(view.record, request.sets)
        amendment = Amendment(
            event=request.event,
            at=utc((clock or SystemClock()).now()),
            by=request.by,
            note=request.note,
            settings=settings,
            correction_type=request.correction_type,
            claims=request.claims,
            superseded_by=request.superseded_by,
        )
        return registry.append(amend(view, amendment))


def read(registry: Registry, record_id: str) -> RecordView:
    """A published record as it stands.

    Raises:
        BadInput: it is not published.
        RecordFault: it was removed, or its files break their contracts.
    """
    if not registry.has(record_id):
        raise BadInput(
            "is not published in this registry",
            where=record_id,
            todo="`sovereign-registry show` lists what is.",
        )
    return registry.read(record_id)


def version(registry: Registry, record_id: str, number: int | None) -> RecordView:
    """A record as of one version: 1 as published, n after entry n - 1, None as it stands.

    Raises:
        UsageError: there is no such version.
        RegistryError: as for ``read``.
    """
    view = read(registry, record_id)
    newest = len(view.history) + 1
    if number is None:
        return view
    if not 1 <= number <= newest:
        raise UsageError(
            f"there is no version {number}",
            where=record_id,
            todo=f"It has the versions 1 to {newest}." if newest > 1 else "It has version 1 only.",
        )
    manifest, history = registry.raw(record_id)
    where = registry.relative(registry.record_dir(record_id) / "manifest.yaml")
    return load_view(manifest, history[: number - 1], where)


def compare(registry: Registry, record_id: str, first: int, second: int) -> tuple[Change, ...]:
    """What differs between two versions of a record, field by field, claims named by id.

    Raises:
        RegistryError: as for ``version``.
    """
    before = version(registry, record_id, first)
    after = version(registry, record_id, second)
    return changes_between(before.record, after.record)


def external_address(doi: str | None, url: str | None) -> str:
    """The address of an external record.

    Raises:
        UsageError: neither or both are given, or what is given is not well-formed.
    """
    if (doi is None) == (url is None):
        raise UsageError("name either --doi or --url", todo="Such as --doi 10.1234/abcd.")
    if doi is not None:
        found = doi_in(doi)
        if found is None:
            raise UsageError(
                f"{doi!r} is no DOI that an address can carry as it is",
                where="--doi",
                todo="Such as 10.1234/abcd: letters, digits and . _ - ~ ! ( ) * + , ; = : @ /.",
            )
        return f"https://doi.org/{found}"
    if not is_web_address(url or ""):
        raise UsageError(
            f"{url!r} is no web address", where="--url", todo="Such as https://example.org/x."
        )
    return url or ""


def register(registry: Registry, record_id: str, address: str, *, by: str, note: str) -> RecordView:
    """Record an external registration.

    Raises:
        BadInput: the record has one already; another one is a correction.
        RegistryError: as for ``add``.
    """
    found = read(registry, record_id).record.provenance.external_record
    if found is not None:
        raise BadInput(
            f"is registered already: {found}",
            where=record_id,
            todo="Where that is wrong: sovereign-registry correct --type PROVENANCE --set "
            "/provenance/external_record=...",
        )
    setting = f"/provenance/external_record={json.dumps(address)}"
    return add(
        registry, record_id, Request(event=Event.REGISTRATION, by=by, note=note, sets=(setting,))
    )


def remove(  # noqa: PLR0913 - one argument an option of the command
    registry: Registry,
    record_id: str,
    *,
    legal: str,
    by: str,
    note: str,
    clock: Clock | None = None,
) -> Tombstone:
    """Take a record's text away and leave a tombstone; finish a removal that was interrupted.

    Raises:
        BadInput: it was removed already.
        RegistryError: as for ``add``.
    """
    require_right(registry.info, by, Event.REMOVAL)
    with registry.lock():
        stone = registry.tombstone(record_id)
        if stone is None:
            view = read(registry, record_id)
            stone = bury(
                view,
                registry.raw(record_id)[1],
                at=utc((clock or SystemClock()).now()),
                by=by,
                note=note,
                legal_reference=legal,
            )
        elif [path.name for path in registry.record_dir(record_id).iterdir()] == ["tombstone.yaml"]:
            raise BadInput(
                f"was removed already, on {stone.at[:10]}", where=record_id, todo="Nothing to do."
            )
        registry.bury(stone)
        monitor_path(registry, record_id).unlink(missing_ok=True)
    return stone


def _require_successor(registry: Registry, record_id: str, successor: str) -> None:
    """The record that replaces another must be there, be stood behind, and not lead back."""
    seen = {record_id}
    following: str | None = successor
    while following is not None:
        if following in seen:
            raise BadInput(
                f"{successor} leads back to it" if following == record_id else "leads in a circle",
                where=record_id,
                todo="A record is replaced by another one that nothing replaces by this one.",
            )
        seen.add(following)
        try:
            standing = read(registry, following).record.standing
        except RegistryError as error:
            raise BadInput(
                f"cannot be superseded with {successor}: {error.what}",
                where=record_id,
                todo="Name a record that is published here.",
            ) from error
        if following == successor and standing.record_state in _GONE:
            raise BadInput(
                f"{successor} is {standing.record_state} itself",
                where=record_id,
                todo="Name a record that is stood behind.",
            )
        following = standing.superseded_by


def _settings(record: Manifest, sets: Sequence[str]) -> tuple[Setting, ...]:
    found: list[Setting] = []
    for text in sets:
        pointer, equals, value = text.partition("=")
        if not equals:
            raise UsageError(
                f"{text[:60]!r} is no POINTER=VALUE", where="--set", todo="Such as /work/title=New."
            )
        if pointer in {one.pointer for one in found}:
            raise UsageError(f"{pointer} is set twice", where="--set", todo="Set it once.")
        found.append(Setting(pointer=pointer, value=_value(record, pointer, value)))
    return tuple(found)


def _value(record: Manifest, pointer: str, text: str) -> Any:  # noqa: ANN401 - JSON value
    """The JSON value that a text means for a field: JSON where it takes that, else itself."""
    candidates: list[Any] = []
    with suppress(ValueError, RecursionError):  # no JSON: the text itself is meant
        candidates.append(json.loads(text, parse_constant=_no_constant, parse_float=str))
    candidates.append(text)
    place = by_place(record, pointer)
    found = next((one for one in candidates if _fits(record, place, one)), candidates[0])
    if candidates[0] is None and isinstance(found, str):
        raise UsageError(
            f"{pointer} always holds a text, never null",
            where="--set",
            todo=f"Where the word itself is meant: {pointer}='\"null\"'.",
        )
    return found


def _no_constant(name: str) -> None:
    message = f"{name} is no JSON"
    raise ValueError(message)


def _fits(record: Manifest, place: str, value: Any) -> bool:  # noqa: ANN401 - JSON value
    changed = document(record)
    parent, _, last = place.rpartition("/")
    holder = resolve(changed, parent, place)
    holder[int(last) if isinstance(holder, list) else last] = value
    try:
        as_record(record, changed)
    except RecordFault:
        return False
    return True


def listed(registry: Registry) -> Iterable[tuple[str, RecordState, str]]:
    """Id, state and title of every published record; a removed one has no title."""
    for record_id in registry.ids():
        record = registry.read(record_id).record
        yield record_id, record.standing.record_state, record.work.title
    for record_id in registry.removed_ids():
        yield record_id, RecordState.REMOVED, ""
