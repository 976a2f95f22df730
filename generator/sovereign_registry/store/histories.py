"""What ``check`` says about histories: forks that a merge left, unsound entries, tombstones."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.amend import entry_faults, intent
from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.commands import COMMANDS
from sovereign_registry.contracts.errors import RegistryError
from sovereign_registry.contracts.fold import apply_patch
from sovereign_registry.contracts.history import Event
from sovereign_registry.contracts.manifest import RecordState
from sovereign_registry.store.loading import load_entry, load_manifest
from sovereign_registry.store.registry import read_bounded
from sovereign_registry.store.strict_yaml import MAX_BYTES
from sovereign_registry.store.tombstones import load_tombstone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sovereign_registry.contracts.amend import Amendment
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Manifest
    from sovereign_registry.store.registry import Registry

NUMBERED = re.compile(r"(\d{4})-[a-z-]+\.yaml")
CONFLICT = (b"<<<<<<<", b"=======\n", b">>>>>>>")

Finding = tuple[str, str, str]
"""Where, what, what to do."""


def fork_faults(registry: Registry, record_id: str) -> list[Finding]:
    """Numbers that two entries of one history share, and files with a merge's marks in them.

    Either is what a merge leaves where two people added an entry at once in two branches.
    """
    folder = registry.record_dir(record_id) / "history"
    if not folder.is_dir():
        return []
    found: list[Finding] = []
    by_number: dict[str, list[str]] = {}
    for path in sorted(folder.iterdir()):
        match = NUMBERED.fullmatch(path.name)
        if match:
            by_number.setdefault(match[1], []).append(path.name)
        if _joined(path):
            todo = (
                "Keep the side that is published (git checkout --ours or --theirs), then enter the "
                "other one again by its command; it gets the next number."
            )
            found.append((registry.relative(path), "holds two entries that a merge joined", todo))
    first = min((number for number, names in by_number.items() if len(names) > 1), default=None)
    if first is not None:
        where = registry.relative(folder)
        found.append((where, _forked(first, by_number[first]), _way_out(registry, record_id)))
    return found


def _joined(path: Path) -> bool:
    """Whether a history file holds the marks that a merge leaves around two versions."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
        return False  # which the check of the file itself names
    data = path.read_bytes()
    return all(mark in data for mark in CONFLICT)


def _forked(number: str, names: Sequence[str]) -> str:
    return f"two entries have the number {number}: {' and '.join(names)}; two branches were merged"


def _way_out(registry: Registry, record_id: str) -> str:
    """What to do about a fork, with the commands that enter the entries from it on again."""
    rule = (
        "Keep the entry that is published already, remove the other and all that follow it, and "
        "enter those again; each gets the next number."
    )
    try:
        manifest, files = registry.raw(record_id)
        record = load_manifest(manifest, record_id)
    except RegistryError:
        return rule  # the check names the file once the fork is gone
    numbers = [name[:4] for name, _ in files]
    first = min(number for number in numbers if numbers.count(number) > 1)
    found = (_command(name, data, record) for name, data in files if name[:4] >= first)
    return " ".join([rule, *filter(None, found)])


def _command(name: str, data: bytes, record: Manifest) -> str:
    """The command of one entry behind its file's name; empty where the entry cannot be read."""
    try:
        return f"[{name}] {command(intent(load_entry(data, name), record), record.id)}"
    except RegistryError:
        return ""


def command(amendment: Amendment, record_id: str) -> str:
    """The command line that enters an amendment again; texts are quoted for a shell."""
    if amendment.event in {Event.RE_EVALUATION, Event.ARTIFACT_ACCEPTED}:
        return f"sovereign-registry gate show {record_id}, then accept or run the artifact again"
    name = COMMANDS[amendment.event].removesuffix(" --claims")
    parts = ["sovereign-registry", *name.split(), record_id]
    if amendment.event is Event.CORRECTION and amendment.correction_type:
        parts += ["--type", amendment.correction_type]
    if amendment.event is Event.REGISTRATION:
        parts += ["--url", *(str(one.value) for one in amendment.settings)]
    if amendment.event is Event.CORRECTION:
        for one in amendment.settings:
            value = msgspec.json.encode(one.value).decode()
            parts += ["--set", f"{one.pointer}={value}"]
    if amendment.event is Event.SUPERSESSION:
        parts += ["--with", amendment.superseded_by or ""]
    if amendment.event is Event.PARTIAL_RETRACTION:
        for claim in amendment.claims:
            parts += ["--claims", claim]
    parts += ["--reason", amendment.note, "--by", amendment.by]
    return " ".join(shlex.quote(part) for part in parts)


def sound_faults(registry: Registry, view: RecordView, published: Manifest) -> Iterator[Finding]:
    """Every entry that folds but may not stand: made again from its intent, it comes out else."""
    folder = registry.record_dir(published.id)
    for name, what, todo in unsound(view, published):
        yield registry.relative(folder / name), what, todo


def unsound(view: RecordView, published: Manifest) -> Iterator[Finding]:
    """As ``sound_faults``; the place is a path within the record's folder."""
    if published.standing.record_state is not RecordState.CURRENT:
        yield (
            "manifest.yaml",
            f"standing.record_state: is {published.standing.record_state} at publication",
            "A record starts as CURRENT; what follows stands in its history.",
        )
        return
    so_far = msgspec.structs.replace(
        view, record=published, history=(), head_sha256=view.manifest_content_sha256
    )
    for entry in view.history:
        for what in entry_faults(so_far, entry):
            yield (
                f"history/{entry.file_name}",
                what,
                "An entry is made by its command, never by hand: remove it and enter it again.",
            )
        so_far = msgspec.structs.replace(
            so_far,
            record=apply_patch(so_far.record, entry.patch, published.id),
            history=(*so_far.history, entry),
            head_sha256=content_sha256(entry),
        )


def backwards(view: RecordView) -> Iterator[Finding]:
    """A first entry that is dated before the record itself; no fault, as no time decides trust.

    Later entries may not go back at all, which ``unsound`` says of them.
    """
    as_of = view.record.work.as_of
    for entry in view.history[:1]:
        if entry.at[:10] < as_of:
            what = f"is dated {entry.at}, before the record's as-of date {as_of}"
            yield f"history/{entry.file_name}", what, "A clock ran backwards when one was made."


def removed_faults(registry: Registry, record_id: str) -> Iterator[Finding]:
    """What is wrong about a removed record: a broken tombstone, or files that are still there."""
    folder = registry.record_dir(record_id)
    path = folder / "tombstone.yaml"
    try:
        stone = load_tombstone(read_bounded(path), registry.relative(path))
    except RegistryError as error:
        yield error.where, error.what, error.todo
        return
    if stone.record != record_id:
        yield (
            registry.relative(path),
            f"record: is {stone.record} in the folder {record_id}",
            "Restore the published file.",
        )
    for other in sorted(folder.iterdir()):
        if other.name != path.name:
            yield (
                registry.relative(other),
                "is still there although the record's text was removed",
                "A kill interrupted the removal: enter the same `remove` command again.",
            )
