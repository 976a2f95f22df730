"""What one worker does with one record: read, fold, render, write.

The same code runs in the parent where there is little to do.  A file is left alone where its key is
the one that it was made with and it is still there as it was left.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from sovereign_registry.contracts.errors import RecordFault
from sovereign_registry.contracts.registry import FileGroup
from sovereign_registry.store.gate_files import gate_faults, gate_paths
from sovereign_registry.store.loading import load_view
from sovereign_registry.store.strict_yaml import MAX_BYTES
from sovereign_registry.website.bundle import BUNDLED, Contents, bundle_zip
from sovereign_registry.website.cache import CacheReader, CacheWriter, Entry
from sovereign_registry.website.details import details_of, packed
from sovereign_registry.website.exports import RECORD_FILES
from sovereign_registry.website.holdings import BUNDLE, MADE, MONITOR, carried, published
from sovereign_registry.website.rendering import Renderer, make_environment
from sovereign_registry.website.rows import named_records, near_records, row_of, trail_of
from sovereign_registry.website.scan import Found
from sovereign_registry.website.setup import Setup, keys, short
from sovereign_registry.website.sources import read_source, source_digest
from sovereign_registry.website.state import RecordState
from sovereign_registry.website.tree import Stamp, Tree

if TYPE_CHECKING:
    from sovereign_registry.contracts.fold import RecordView
    from sovereign_registry.contracts.manifest import Artifact
    from sovereign_registry.website.logged import LogSlices
    from sovereign_registry.website.model import Naming, Row, TrailEntry

MAX_ARTIFACT_BYTES = 64_000_000


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
    details: bytes = b""
    """What lists need besides its row, where that is new."""


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
        self._slices: LogSlices | None = None
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
        setup, record_id = self.setup, view.record.id
        naming, places = setup.naming.get(record_id, ()), setup.places.get(record_id, ())
        monitor = setup.monitors.get(record_id)
        context: dict[str, Any] = self._context(
            view, setup.site, setup.states, naming, places, monitor
        )
        return context

    @property
    def slices(self) -> LogSlices:
        """The log, of which bundles carry parts."""
        if self._slices is None:
            from sovereign_registry.store import Registry  # noqa: PLC0415 - only with a log
            from sovereign_registry.website.logged import LogSlices  # noqa: PLC0415 - likewise

            root = Path(self.setup.manifests).parents[1]
            self._slices = LogSlices(Registry(root), self.setup.sizes)
        return self._slices

    def trail(self, view: RecordView) -> dict[str, Any]:
        """What the page of the record's history shows."""
        context: dict[str, Any] = self._trail(view, self.setup.site, self.setup.states)
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
        self._made: dict[str, bytes] = {}
        self.details = b""

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
        copy_key, data_key, page_key, trail_key, bundle_key = keys(
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
        monitor = self.shop.setup.monitors.get(self.found.id)
        if monitor is not None and not self._keep(MONITOR, "page_key", page_key):
            self._put(MONITOR, msgspec.json.encode(monitor) + b"\n")
        for name in self._exports:
            if not self._keep(name, "data_key", data_key):
                self._put(name, self._export(name))
        self._copies(copy_key)
        self._bundle(bundle_key)
        state = RecordState(
            self.found.id,
            self.found.signature,
            self.digest,
            copy_key,
            data_key,
            page_key,
            trail_key,
            bundle_key,
            row,
            short(msgspec.msgpack.encode(row)),
            trail,
            named,
            near,
            self.files,
            *self._papers(),
        )
        return Done(state=state, entry=self.entry, details=self.details)

    def _papers(self) -> tuple[tuple[str, ...], bytes]:
        """The papers that the record leans on, and the digest of its details."""
        last = self.previous
        if last is not None and last.digest == self.digest:
            return last.papers, last.details
        found = details_of(self.view)
        data, digest = packed(found)
        if last is None or last.details != digest:
            self.details = data
        return tuple(lean.key for lean in found.leans), digest

    def _slim(
        self,
    ) -> tuple[Row, tuple[TrailEntry, ...], tuple[str, ...], tuple[tuple[str, Naming], ...]]:
        """What the parent keeps of the record; that of the last build where the sources are."""
        last = self.previous
        if last is not None and last.digest == self.digest:
            return last.row, last.trail, last.named, last.near
        return (
            row_of(self.view),
            trail_of(self.view),
            named_records(self.view),
            near_records(self.view.record),
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

    @property
    def _exports(self) -> list[str]:
        """Names of the exports that stand beside the page."""
        site = self.shop.setup.site
        return [one.name for one in MADE if one.group is None or site.beside(one.group)]

    def _export(self, name: str) -> bytes:
        if name not in self._made:
            self._made[name] = RECORD_FILES[name](self.view, self.shop.setup.site)
        return self._made[name]

    def _copies(self, key: bytes) -> None:
        """The history, and what else of manifest and artifacts stands beside the page."""
        site = self.shop.setup.site
        if site.beside(FileGroup.MANIFEST) and not self._keep_copy("manifest.yaml", key):
            self._put("manifest.yaml", self.sources[0])
        for index, entry in enumerate(self.found.history):
            if not self._keep_copy(f"history/{entry}", key):
                self._put(f"history/{entry}", self.sources[1][index][1])
        if not self._keep_below("gate/", key):
            for name, data in self._gate_files.items():
                self._put(name, data)
        if self._keep_below("artifacts/", key):
            return
        for artifact in self.view.record.artifacts:
            if published(artifact, site):
                data, digest = self._artifact(artifact)
                self._put(f"artifacts/{artifact.name}", data, digest)

    @cached_property
    def _gate_files(self) -> dict[str, bytes]:
        """What stands behind the record's verdicts, hashed and decided again.

        Raises:
            RecordFault: a file is missing, or a verdict does not follow from it.
        """
        folder = f"{self.shop.setup.manifests}/{self.found.id}"

        def read(name: str) -> bytes:
            return read_source(f"{folder}/{name}", MAX_ARTIFACT_BYTES)

        for name, what in gate_faults(self.view.record, read):
            raise RecordFault(
                what,
                where=f"manifests/records/{self.found.id}/{name}",
                todo="Restore the published file.",
            )
        return {name: read(name) for name in sorted(gate_paths(self.view.record))}

    def _artifact(self, artifact: Artifact) -> tuple[bytes, bytes]:
        """An artifact's bytes and their digest, which must be the stated one."""
        name = f"{self.found.id}/artifacts/{artifact.name}"
        data = read_source(f"{self.shop.setup.manifests}/{name}", MAX_ARTIFACT_BYTES)
        digest = hashlib.sha256(data).digest()
        if digest.hex() != artifact.sha256:
            raise RecordFault(
                "its SHA-256 is not the one that the manifest states",
                where=f"manifests/records/{name}",
                todo="Restore the published file.",
            )
        return data, digest

    def _bundle(self, key: bytes) -> None:
        """Everything of the record in one archive; a touched source is read again."""
        setup = self.shop.setup
        if not setup.site.publish.bundles:
            return
        if self.unmoved and self._keep(BUNDLE, "bundle_key", key):
            return
        copies = {"manifest.yaml": self.sources[0]}
        copies |= {f"history/{name}": data for name, data in self.sources[1]}
        copies |= {
            f"artifacts/{one.name}": self._artifact(one)[0]
            for one in self.view.record.artifacts
            if carried(one, setup.site.publish)
        }
        copies |= self._gate_files
        logged = setup.logged.get(self.found.id)
        contents = Contents(
            view=self.view,
            site=setup.site,
            copies=copies,
            made={name: self._export(name) for name in BUNDLED},
            logged=logged,
            slices=None if logged is None else self.shop.slices,
            scripts=setup.scripts,
        )
        self._put(BUNDLE, bundle_zip(contents))

    def _keep_copy(self, name: str, key: bytes) -> bool:
        return self._keep(name, "copy_key", key)

    def _keep_below(self, folder: str, key: bytes) -> bool:
        """Whether a folder's files are those of the last build; a touched source is read again."""
        if self.previous is None or not self.unmoved or self.previous.copy_key != key:
            return False
        names = [name for name in self.previous.files if name.startswith(folder)]
        return all([self._keep_copy(name, key) for name in names])  # noqa: C419 - look at each
