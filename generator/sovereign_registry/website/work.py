"""What one worker does with one record: read, fold, render, write.

The same code runs in the parent where there is little to do.  A file is left alone where its key is
the one that it was made with and it is still there as it was left.
"""

from __future__ import annotations

import hashlib
import os
import stat
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.store.loading import load_view
from sovereign_registry.store.strict_yaml import MAX_BYTES
from sovereign_registry.website.cache import CacheReader, CacheWriter, Entry, Place
from sovereign_registry.website.exports import RECORD_FILES
from sovereign_registry.website.model import Naming, SiteInfo
from sovereign_registry.website.rendering import Renderer, make_environment
from sovereign_registry.website.rows import named_records, near_records, row_of, trail_of
from sovereign_registry.website.scan import Found
from sovereign_registry.website.state import RecordState
from sovereign_registry.website.tree import Stamp, Tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.website.model import Row, TrailEntry

MAX_ARTIFACT_BYTES = 64_000_000


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
    states: dict[str, str]
    """Every record that is known not to be CURRENT, with its state."""
    naming: dict[str, tuple[Naming, ...]]
    """What is known that records say of a record, by its id."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One record that may have to be made again."""

    found: Found
    entry: Entry | None
    """What the cache last had for it."""
    previous: RecordState | None


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one task."""

    state: RecordState
    entry: Entry | None
    """A new entry of the cache."""


def combine(*parts: bytes) -> bytes:
    """One key from several; each part is preceded by its length."""
    hasher = hashlib.blake2b(digest_size=16)
    for part in parts:
        hasher.update(len(part).to_bytes(8, "big"))
        hasher.update(part)
    return hasher.digest()


def keys(
    record: str, digest: bytes, setup: Setup, named: Iterable[str]
) -> tuple[bytes, bytes, bytes, bytes]:
    """The keys of a record's copies, its exports, its page and its history's page.

    Args:
        record: The record's id.
        digest: Digest of the record's sources.
        setup: What holds for all records.
        named: Ids of the records whose states the page shows.
    """
    states = setup.states
    shown = "".join(f"{one} {states[one]}\n" for one in named if one in states)
    if record in setup.naming:
        shown += msgspec.json.encode(setup.naming[record]).decode()
    # Every part but the last has one length, so they can stand side by side.
    return (
        _key(digest + (b"\1" if setup.site.pdf else b"\0")),
        _key(digest + setup.data_version),
        _key(digest + setup.page_version + shown.encode()),
        _key(digest + setup.trail_version),
    )


def key_base(setup: Setup) -> bytes:
    """What ``keys`` reads besides a record's digest and the states of the records that it names."""
    return combine(
        bytes([setup.site.pdf]), setup.data_version, setup.page_version, setup.trail_version
    )


def _key(parts: bytes) -> bytes:
    return hashlib.blake2b(parts, digest_size=16).digest()


class Workshop:
    """Makes the files of records.

    Args:
        setup: What holds for all of them.
        segment: The cache segment that this process alone appends to.
    """

    def __init__(self, setup: Setup, segment: int) -> None:
        self.setup = setup
        self.tree = Tree(Path(setup.output))
        self.renderer = Renderer(
            make_environment(setup.searchpath, setup.bytecode), setup.site, setup.assets
        )
        self._context = import_module(f"{setup.views}.record").context
        self._trail = import_module(f"{setup.views}.trail").context
        self.reader = CacheReader(setup.cache)
        self.writer = CacheWriter(setup.cache, segment)

    def close(self) -> None:
        """Let go of the cache's files."""
        self.reader.close()
        self.writer.close()

    def make(self, task: Task) -> Done:
        """Bring the files of one record up to date.

        Raises:
            RecordFault: a source file is missing or breaks its contract.
            BuildFailed: the template fails or a file cannot be written.
        """
        return _Record(self, task).make()

    def context(self, view: RecordView) -> dict[str, Any]:
        """What the record's page shows."""
        naming = self.setup.naming.get(view.record.id, ())
        context: dict[str, Any] = self._context(view, self.setup.site, self.setup.states, naming)
        return context

    def trail(self, view: RecordView) -> dict[str, Any]:
        """What the page of the record's history shows."""
        context: dict[str, Any] = self._trail(view, self.setup.site)
        return context


class _Record:
    """One record under way; it is read only where that cannot be avoided."""

    def __init__(self, shop: Workshop, task: Task) -> None:
        self.shop = shop
        self.found = task.found
        self.previous = task.previous
        self.unmoved = task.previous is not None and task.previous.signature == task.found.signature
        self.known = task.entry
        self.entry: Entry | None = None
        self.files: dict[str, Stamp] = {}

    @cached_property
    def sources(self) -> tuple[bytes, list[tuple[str, bytes]]]:
        """The bytes of the manifest and of the history."""
        folder = f"{self.shop.setup.manifests}/{self.found.id}"
        return read_source(f"{folder}/manifest.yaml", MAX_BYTES), [
            (name, read_source(f"{folder}/history/{name}", MAX_BYTES))
            for name in self.found.history
        ]

    @cached_property
    def digest(self) -> bytes:
        """Digest of the sources; that of the last build where no file was touched."""
        if self.previous is not None and self.unmoved:
            return self.previous.digest
        return self.read_digest

    @cached_property
    def read_digest(self) -> bytes:
        """Digest of the sources as they were read."""
        return source_digest(*self.sources)

    @cached_property
    def view(self) -> RecordView:
        """The record as it stands now."""
        if self.known is not None and self.known.digest == self.digest:
            view = self.shop.reader.view(self.known)
            if view is not None:
                return view
        where = f"manifests/records/{self.found.id}/manifest.yaml"
        view = load_view(*self.sources, where)
        if view.record.id != self.found.id:
            raise RecordFault(
                f"id: is {view.record.id} in the folder {self.found.id}",
                where=where,
                todo="A record's folder has its id as name: restore the published file.",
            )
        data = msgspec.msgpack.encode(view)
        self.entry = self.shop.writer.append(self.read_digest, data)
        return view

    def make(self) -> Done:
        row, trail, named, near = self._slim()
        copy_key, data_key, page_key, trail_key = keys(
            self.found.id, self.digest, self.shop.setup, named
        )
        self.shop.tree.enter(f"records/{self.found.id}")
        if not self._keep("index.html", "page_key", page_key):
            page = f"records/{self.found.id}/index.html"
            context = self.shop.context(self.view)
            self._put("index.html", self.shop.renderer.render("record.html", page, context))
        if not self._keep("history/index.html", "trail_key", trail_key):
            page = f"records/{self.found.id}/history/index.html"
            context = self.shop.trail(self.view)
            self._put(
                "history/index.html", self.shop.renderer.render("history.html", page, context)
            )
        for name, export in RECORD_FILES.items():
            if not self._keep(name, "data_key", data_key):
                self._put(name, export(self.view, self.shop.setup.site))
        self._copies(copy_key)
        state = RecordState(
            self.found.id,
            self.found.signature,
            self.digest,
            copy_key,
            data_key,
            page_key,
            trail_key,
            row,
            _key(msgspec.msgpack.encode(row)),
            trail,
            named,
            near,
            self.files,
        )
        return Done(state=state, entry=self.entry)

    def _slim(
        self,
    ) -> tuple[Row, tuple[TrailEntry, ...], tuple[str, ...], tuple[tuple[str, Naming], ...]]:
        """What the parent keeps of the record; that of the last build where the sources are."""
        last = self.previous
        if last is not None and last.digest == self.digest:
            return last.row, last.trail, last.named, last.near
        record = self.view.record
        return (
            row_of(self.view),
            trail_of(self.view),
            named_records(record),
            near_records(record),
        )

    def _keep(self, name: str, key_name: str, key: bytes) -> bool:
        if self.previous is None or getattr(self.previous, key_name) != key:
            return False
        stamp = self.shop.tree.intact(
            f"records/{self.found.id}/{name}", self.previous.files.get(name)
        )
        if stamp is None:
            return False
        self.shop.tree.tally.skipped += 1
        self.files[name] = stamp
        return True

    def _put(self, name: str, data: bytes, digest: bytes | None = None) -> None:
        path = f"records/{self.found.id}/{name}"
        self.files[name] = self.shop.tree.put(path, data, digest)

    def _copies(self, key: bytes) -> None:
        """The manifest, the history and the public artifacts, byte for byte."""
        source = f"{self.shop.setup.manifests}/{self.found.id}"
        if not self._keep_copy("manifest.yaml", key):
            self._put("manifest.yaml", self.sources[0])
        for index, entry in enumerate(self.found.history):
            if not self._keep_copy(f"history/{entry}", key):
                self._put(f"history/{entry}", self.sources[1][index][1])
        if self._keep_artifacts(key):
            return
        for artifact in self.view.record.artifacts:
            name = f"artifacts/{artifact.name}"
            if not artifact.public or (
                artifact.media_type == "application/pdf" and not self.shop.setup.site.pdf
            ):
                continue
            data = read_source(f"{source}/{name}", MAX_ARTIFACT_BYTES)
            digest = hashlib.sha256(data).digest()
            if digest.hex() != artifact.sha256:
                raise RecordFault(
                    "its SHA-256 is not the one that the manifest states",
                    where=f"manifests/records/{self.found.id}/{name}",
                    todo="Restore the published file.",
                )
            self._put(name, data, digest)

    def _keep_copy(self, name: str, key: bytes) -> bool:
        return self._keep(name, "copy_key", key)

    def _keep_artifacts(self, key: bytes) -> bool:
        """Whether the artifacts are those of the last build; a touched source is read again."""
        if self.previous is None or not self.unmoved or self.previous.copy_key != key:
            return False
        names = [name for name in self.previous.files if name.startswith("artifacts/")]
        return all([self._keep_copy(name, key) for name in names])  # noqa: C419 - look at each


def source_digest(manifest: bytes, history: list[tuple[str, bytes]]) -> bytes:
    """Digest of all bytes that a record view is made from."""
    hasher = hashlib.sha256(hashlib.sha256(manifest).digest())
    for name, data in history:
        hasher.update(f"{name}\0".encode())
        hasher.update(hashlib.sha256(data).digest())
    return hasher.digest()


def read_source(path: str, limit: int) -> bytes:
    """Read a regular file below the registry, never through a link.

    Raises:
        RecordFault: it is missing, no regular file, or larger than ``limit`` bytes.
    """
    where = path[path.rfind("manifests/records/") :]
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise RecordFault("is missing", where=where, todo="Restore the file.") from error
    except OSError as error:
        raise RecordFault(
            f"cannot be read: {error.strerror}", where=where, todo="Restore the file."
        ) from error
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise RecordFault("is no regular file", where=where, todo="Restore the file.")
        if found.st_size > limit:
            raise RecordFault(
                f"holds {found.st_size:,} bytes; the limit is {limit:,}",
                where=where,
                todo="Keep large material elsewhere and publish its digest.",
            )
        data = os.read(handle, found.st_size + 1)
        while len(data) < found.st_size:  # a system may hand over less at once than was asked for
            more = os.read(handle, found.st_size - len(data))
            if not more:
                break
            data += more
        return data
    finally:
        os.close(handle)
