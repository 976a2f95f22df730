"""Differences between two records as guarded patches, and pointers that name claims by id.  Pure.

A patch is RFC 6902 and so addresses a claim by its place in the list (``/claims/2/text``).  What
people read and write names it by id (``/claims/c3/text``).  Both mean the same for ever, because no
entry may add, drop, move or rename a claim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonpointer
import msgspec

from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.history import PatchOperation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sovereign_registry.contracts.manifest import Manifest

NOTHING = "(nothing)"


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One field that differs."""

    pointer: str
    """JSON Pointer; claims by place (in a patch) or by id (for readers), as the maker says."""
    old: Any
    new: Any


def document(record: Manifest) -> Any:  # noqa: ANN401 - JSON value
    """A record as plain JSON values: mappings, lists, strings, integers, booleans, None."""
    return _plain(record)


def escape(part: str) -> str:
    """One part of a pointer, escaped as RFC 6901 asks."""
    return part.replace("~", "~0").replace("/", "~1")


def difference(old: Any, new: Any, at: str = "") -> Iterator[Change]:  # noqa: ANN401
    """The smallest fields that differ between two JSON values, in document order.

    Mappings with the same keys and lists of the same length are compared part by part; anything
    else that differs is one change of the whole value.
    """
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        for key in old:
            yield from difference(old[key], new[key], f"{at}/{escape(key)}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from difference(one, other, f"{at}/{place}")
    elif type(old) is not type(new) or old != new:  # to Python, True is 1
        yield Change(pointer=at, old=old, new=new)


def record_changes(before: Manifest, after: Manifest) -> tuple[Change, ...]:
    """What differs between two versions of a record, claims by place, as a patch needs it."""
    found: list[Change] = []
    for name in before.__struct_fields__:
        old, new = getattr(before, name), getattr(after, name)
        # Typed records compare fast and exactly; only what differs is taken apart.
        if old != new:
            found += difference(_plain(old), _plain(new), f"/{name}")
    return tuple(found)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any part of a record
    return msgspec.json.decode(msgspec.json.encode(value))


def guarded(changes: Sequence[Change]) -> tuple[PatchOperation, ...]:
    """The changes as a patch: for each a ``test`` of the old value and a ``replace``."""
    return tuple(
        step
        for change in changes
        for step in (
            PatchOperation(op="test", path=change.pointer, value=change.old),
            PatchOperation(op="replace", path=change.pointer, value=change.new),
        )
    )


def invert(patch: Sequence[PatchOperation]) -> tuple[PatchOperation, ...]:
    """The patch that leads back; applying a patch and then its inverse gives the same record.

    Raises:
        RecordFault: a change is not guarded by a ``test`` of the old value right before it, so that
            the old value is not known.
    """
    steps: list[tuple[PatchOperation, PatchOperation]] = []
    test: PatchOperation | None = None
    for step in patch:
        if step.op == "test":
            test = step
            continue
        steps.append(_inverse(step, test))
        test = None
    return tuple(one for pair in reversed(steps) for one in pair)


def _inverse(
    step: PatchOperation, test: PatchOperation | None
) -> tuple[PatchOperation, PatchOperation]:
    path = step.path
    if step.op == "add" and path.rpartition("/")[2].isdecimal():
        return _pair(path, step.value, "remove", None)
    if test is None or test.path != path or path.endswith("/-"):
        raise RecordFault(
            f"{path}: is changed without a test of the old value right before",
            todo="Every change is guarded, so that it can be undone: re-enter it by a command.",
        )
    if step.op == "remove":
        absent = PatchOperation(op="add", path=path, value=test.value)
        return absent, PatchOperation(op="test", path=path, value=test.value)
    return _pair(path, step.value, "replace", test.value)


def _pair(
    path: str,
    now: Any,  # noqa: ANN401 - JSON value
    op: Any,  # noqa: ANN401 - one of the operations
    before: Any,  # noqa: ANN401 - JSON value
) -> tuple[PatchOperation, PatchOperation]:
    return (
        PatchOperation(op="test", path=path, value=now),
        PatchOperation(op=op, path=path, value=before),
    )


def by_id(record: Manifest, pointer: str) -> str:
    """A pointer with the claim's place replaced by its id; all other pointers as they are."""
    parts = pointer.split("/")
    if parts[1:2] == ["claims"] and len(parts) > 2 and parts[2].isdecimal():  # noqa: PLR2004
        place = int(parts[2])
        if place < len(record.claims):
            parts[2] = record.claims[place].id
    return "/".join(parts)


def by_place(record: Manifest, pointer: str) -> str:
    """A pointer that names a claim by id, with the claim's place instead, as RFC 6901 needs it.

    Raises:
        RecordFault: it is no pointer, leads nowhere, or addresses a claim by its place.
    """
    parts = pointer.split("/")
    if parts[0] or len(parts) < 2 or not all(parts[1:]):  # noqa: PLR2004
        raise RecordFault(
            f"{pointer!r} is no JSON Pointer",
            todo="It starts with a slash and names a field, such as /work/title.",
        )
    if parts[1] == "claims" and len(parts) > 2:  # noqa: PLR2004
        ids = [claim.id for claim in record.claims]
        if parts[2] not in ids:
            raise RecordFault(
                f"{pointer}: the record has no claim {parts[2]!r}",
                todo=f"Name a claim by its id: {', '.join(ids) or 'it has none'}.",
            )
        parts[2] = str(ids.index(parts[2]))
    found = "/".join(parts)
    resolve(document(record), found, pointer)
    return found


def resolve(value: Any, pointer: str, named: str) -> Any:  # noqa: ANN401 - JSON value
    """The value that a pointer leads to.

    Args:
        value: The document.
        pointer: A pointer by place.
        named: The pointer as the user wrote it, for the message.

    Raises:
        RecordFault: it leads nowhere; the message names the fields that are there.
    """
    try:
        return jsonpointer.JsonPointer(pointer).resolve(value)
    except jsonpointer.JsonPointerException as error:
        raise RecordFault(
            f"{named}: leads to no field of the record", todo=_nearest(value, pointer)
        ) from error


def _nearest(value: Any, pointer: str) -> str:  # noqa: ANN401 - JSON value
    here = ""
    for part in pointer.split("/")[1:]:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            break
        here = f"{here}/{part}"
    there = f"{here or 'The record'} has"
    if isinstance(value, dict):
        return f"{there} the fields {', '.join(value)}."
    if isinstance(value, list):
        return f"{there} {len(value)} places, counted from 0."
    return f"{here} holds a plain value."


def in_words(pointer: str) -> str:
    """A pointer by id as words: ``/claims/c3/text`` is *claim c3, text*."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    if parts[0] == "claims" and len(parts) > 1:
        parts = [f"claim {parts[1]}", *parts[2:]]
    return ", ".join(
        f"no. {int(part) + 1}" if part.isdecimal() else part.replace("_", " ") for part in parts
    )


def as_text(value: Any) -> str:  # noqa: ANN401 - JSON value
    """A value as readers see it: text as it is, nothing as words, everything else as JSON."""
    if value is None:
        return NOTHING
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def changes_between(before: Manifest, after: Manifest) -> tuple[Change, ...]:
    """What differs between two versions of a record, claims named by id."""
    return tuple(
        Change(pointer=by_id(before, one.pointer), old=one.old, new=one.new)
        for one in record_changes(before, after)
    )
