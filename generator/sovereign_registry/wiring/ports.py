"""Which adapter stands behind each port."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING

import msgspec

from sovereign_registry.contracts.canonical import content_sha256
from sovereign_registry.contracts.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sovereign_registry.adapters.corpus import Corpus
    from sovereign_registry.contracts.ports import PaperSearch, Progress, SectionReader
    from sovereign_registry.pipeline.ports import Ports
    from sovereign_registry.store import Registry

SOURCES = "corpus, arxiv or snapshot:FILE"


class RegistryNeighbours:
    """What the registry and its queue hold, as the Neighbours port gives it."""

    def __init__(
        self, rows: Sequence[tuple[str, str, str]], abstracts: Mapping[str, str] | None = None
    ) -> None:
        self._rows = sorted(rows)
        self.abstracts = dict(abstracts or {})
        """Abstract by record id; compared by meaning only, so no part of ``sha256``."""

    @property
    def sha256(self) -> str:
        """Digest over all rows."""
        return content_sha256(self._rows)

    def texts(self, *, without: str) -> Sequence[tuple[str, str, str]]:
        """(id, question, title) of every other record, ordered by id."""
        return [row for row in self._rows if row[0] != without]

    def passages(self, *, without: str) -> Sequence[tuple[str, str]]:
        """(id, its question, title and abstract) of every other record, ordered by id."""
        return [
            (
                key,
                "\n".join(dict.fromkeys((asked, title, self.abstracts.get(key, "")))).strip()
                or key,
            )
            for key, asked, title in self.texts(without=without)
        ]


class _Row(msgspec.Struct, frozen=True):
    """What is compared of one record, with the state of the files that it was read from."""

    stamp: tuple[int, ...]
    question: str
    title: str
    abstract: str


def _stamp(folder: Path) -> tuple[int, ...]:
    """Sizes and times of a record's manifest and of its history's folder."""
    manifest, history = folder / "manifest.yaml", folder / "history"
    found = manifest.stat()
    entries = history.stat().st_mtime_ns if history.is_dir() else 0
    return (found.st_size, found.st_mtime_ns, found.st_ino, entries)


def neighbours(registry: Registry) -> RegistryNeighbours:
    """Read the questions and titles of all that is published; what waits is not compared.

    Records whose files are as they were are taken from a cache, which may be deleted at any time.
    """
    cache = registry.root / ".sovereign" / "cache" / "neighbours.msgpack"
    held: dict[str, _Row] = {}
    with suppress(OSError, msgspec.DecodeError):  # a cache that cannot be read is made again
        held = msgspec.msgpack.decode(cache.read_bytes(), type=dict[str, _Row])
    rows: dict[str, _Row] = {}
    for record_id in registry.ids():
        stamp = _stamp(registry.record_dir(record_id))
        row = held.get(record_id)
        if row is None or row.stamp != stamp:
            record = registry.read(record_id).record
            row = _Row(
                stamp=stamp,
                question=record.question.text,
                title=record.work.title,
                abstract=record.work.abstract,
            )
        rows[record_id] = row
    if rows != held:
        cache.parent.mkdir(parents=True, exist_ok=True)
        temporary = cache.with_name(f"{cache.name}.{os.getpid()}.{get_ident()}")
        temporary.write_bytes(msgspec.msgpack.encode(rows))
        temporary.replace(cache)
    return RegistryNeighbours(
        [(key, row.question, row.title) for key, row in rows.items()],
        {key: row.abstract for key, row in rows.items()},
    )


def user_cache() -> Path:
    """The user's own cache folder: arXiv's limit holds for all registries on a machine."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "sovereign-registry"


def kind_of(source: str) -> str:
    """``corpus``, ``arxiv`` or ``snapshot``.

    Raises:
        UsageError: none of them.
    """
    kind, _, file = source.partition(":")
    if source in {"corpus", "arxiv"} or (kind == "snapshot" and file):
        return kind
    raise UsageError(f"there is no source {source!r}", where="--source", todo=f"Use {SOURCES}.")


@cache
def _bundled_corpus() -> Corpus:
    """The bundled sample; it never changes, so a process that runs many questions reads it once."""
    from sovereign_registry.adapters.corpus import Corpus, bundled_folder  # noqa: PLC0415

    return Corpus(bundled_folder())


def source_ports(
    source: str, cache: Path, progress: Progress, since: str | None = None
) -> tuple[PaperSearch, SectionReader]:
    """The search and the reader of one source.

    Args:
        source: Such as ``corpus``.
        cache: The registry's caches.
        progress: Told what goes on.
        since: Take arXiv's answers of this UTC date or later where they are kept.

    Raises:
        UsageError: there is no such source.
        SourceFailure: its files cannot be read.
    """
    kind = kind_of(source)
    if kind == "corpus":
        corpus = _bundled_corpus()
        return corpus, corpus
    from sovereign_registry.adapters.abstract_reader import AbstractReader  # noqa: PLC0415

    if kind == "snapshot":
        from sovereign_registry.adapters.snapshot import SnapshotSearch  # noqa: PLC0415

        file = Path(source.partition(":")[2])
        return SnapshotSearch(file, cache / "snapshots", progress), AbstractReader()
    from sovereign_registry.adapters.arxiv_search import BASE_URL, ArxivSearch  # noqa: PLC0415
    from sovereign_registry.adapters.clock import SystemClock  # noqa: PLC0415

    search = ArxivSearch(
        user_cache() / "arxiv",
        SystemClock(),
        base_url=os.environ.get("SOVEREIGN_ARXIV_URL") or BASE_URL,
        since=since,
        progress=progress,
    )
    return search, AbstractReader()


def build_ports(
    registry: Registry, source: str, progress: Progress, since: str | None = None
) -> Ports:
    """All ports of a run with the embedded defaults.

    Args:
        registry: The registry.
        source: Such as ``corpus``.
        progress: Told what goes on.
        since: As for ``source_ports``.

    Raises:
        UsageError: there is no such source, or the research libraries are not installed.
        SourceFailure: the source cannot be read.
    """
    try:
        from sovereign_registry.adapters.lsa import LsaEmbedder  # noqa: PLC0415
        from sovereign_registry.adapters.splitter import SentencexSplitter  # noqa: PLC0415
        from sovereign_registry.adapters.typst_pdf import TypstPrinter  # noqa: PLC0415
        from sovereign_registry.pipeline.panel import RubricReviewer  # noqa: PLC0415
        from sovereign_registry.pipeline.ports import Ports  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the library {error.name} is not installed",
            todo='Runs need the research libraries: pip install "sovereign-registry[research]".',
        ) from error
    search, reader = source_ports(source, registry.root / ".sovereign" / "cache", progress, since)
    return Ports(
        search=search,
        reader=reader,
        splitter=SentencexSplitter(),
        embedder=LsaEmbedder(),
        reviewer=RubricReviewer(),
        printer=TypstPrinter() if registry.info.options.pdf else None,
        neighbours=neighbours(registry),
        progress=progress,
    )
