"""What all workers know, and the keys that decide what has to be made again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.monitor import ReviewMonitor
from sovereign_registry.website.cache import Place
from sovereign_registry.website.model import Logged, Naming, SiteInfo

if TYPE_CHECKING:
    from collections.abc import Iterable


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """All that a worker has to know before its first record."""

    manifests: str
    output: str
    site: SiteInfo
    searchpath: tuple[str, ...]
    assets: dict[str, str]
    views: str
    """The package that says what pages show."""
    bytecode: str
    cache: Place
    data_version: bytes
    """Digest of the site and of the code behind the exports."""
    page_version: bytes
    """The same with the closure of ``record.html`` and the assets' names."""
    trail_version: bytes
    """The same for ``history.html``."""
    copy_version: bytes
    """Digest of what the site carries."""
    bundle_version: bytes
    """Digest of what all bundles have in common."""
    states: dict[str, str]
    """Every record that is known not to be CURRENT, with its state."""
    naming: dict[str, tuple[Naming, ...]]
    """What is known that records say of a record, by its id."""
    places: dict[str, tuple[int, ...]]
    """Record id -> where in the log its entries stand."""
    monitors: dict[str, ReviewMonitor] = {}
    """Record id -> the last look at its sources, where anybody looked."""
    logged: dict[str, Logged] = {}
    """Record id -> its places with the checkpoint that its bundle is proved against."""
    sizes: tuple[int, ...] = ()
    """Sizes of the checkpoints that the records at hand need."""
    scripts: str = ""
    """The scripts of the offline page; empty where bundles have no such page."""


def combine(*parts: bytes) -> bytes:
    """One key from several; each part is preceded by its length."""
    hasher = hashlib.blake2b(digest_size=16)
    for part in parts:
        hasher.update(len(part).to_bytes(8, "big"))
        hasher.update(part)
    return hasher.digest()


def keys(
    record: str, digest: bytes, setup: Setup, named: Iterable[str]
) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    """The keys of a record's copies, its exports, its page, its history's page and its bundle.

    Args:
        record: The record's id.
        digest: Digest of the record's sources.
        setup: What holds for all records.
        named: Ids of the records whose states the pages show.
    """
    states = setup.states
    shown = "".join(f"{one} {states[one]}\n" for one in named if one in states)
    states_shown = shown.encode()
    if record in setup.naming:
        shown += msgspec.json.encode(setup.naming[record]).decode()
    if record in setup.monitors:
        shown += msgspec.json.encode(setup.monitors[record]).decode()
    if record in setup.places:
        shown += f"{setup.places[record]}\n"
    logged = setup.logged.get(record)
    # Every part but the last has one length, so they can stand side by side.
    return (
        short(digest + setup.copy_version),
        short(digest + setup.data_version),
        short(digest + setup.page_version + shown.encode()),
        short(digest + setup.trail_version + states_shown),
        short(digest + setup.bundle_version + (b"" if logged is None else logged.key)),
    )


def key_base(setup: Setup) -> bytes:
    """What ``keys`` reads besides a record's digest and the states of the records that it names."""
    return combine(
        setup.copy_version,
        setup.data_version,
        setup.page_version,
        setup.trail_version,
        setup.bundle_version,
    )


def short(parts: bytes) -> bytes:
    """The digest that keys are."""
    return hashlib.blake2b(parts, digest_size=16).digest()
