"""A dump: the whole registry in one archive, which is a registry again once it is unpacked.

It holds ``manifests/`` as it stands, a list of digests that ``sha256sum -c`` reads, and a text that
says how to check it.  Written file by file, so that its size does not matter; names are sorted and
times are fixed, so that equal registries give equal archives (as far as the same deflate library
packs them, see ``bundle``).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import secrets
import stat
import tarfile
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

import msgspec

from sovereign_registry.contracts.errors import BadInput, BuildFailed, UsageError
from sovereign_registry.contracts.log.seal import digest_list
from sovereign_registry.store.registry import RECORD_ID
from sovereign_registry.website.setup import combine
from sovereign_registry.website.state import PageState
from sovereign_registry.website.zips import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sovereign_registry.contracts.tombstone import Tombstone
    from sovereign_registry.store import Registry
    from sovereign_registry.website.state import RecordState
    from sovereign_registry.website.tree import Tree

DUMP = "dump.tar.gz"
"""Where a site carries it."""
TOP = "registry"
"""The folder that an archive unpacks into."""
SUMS = "SHA256SUMS"
SEAL = "seal"
README = "README.txt"
FORMS = (".tar.gz", ".zip")
MAX_FILE = 64_000_000
"""Bytes of one file of a registry."""
_MODE = 0o644
_UNIX = 3
_LEVEL = 6


class DumpReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    path: str
    records: int
    """Records, removed ones among them."""
    files: int
    bytes: int
    """Size of the archive."""
    sha256: str
    """Digest of the archive."""
    sealed: bool


class _Archive(Protocol):
    def add(self, name: str, data: bytes) -> None: ...

    def close(self) -> None: ...


class _Tar:
    def __init__(self, file: IO[bytes]) -> None:
        self._gzip = gzip.GzipFile("", "wb", _LEVEL, file, mtime=0)
        self._tar = tarfile.TarFile(fileobj=self._gzip, mode="w", format=tarfile.USTAR_FORMAT)

    def add(self, name: str, data: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = len(data), _MODE, 0
        self._tar.addfile(member, io.BytesIO(data))

    def close(self) -> None:
        self._tar.close()
        self._gzip.close()


class _Zip:
    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w")

    def add(self, name: str, data: bytes) -> None:
        member = zipfile.ZipInfo(name, EPOCH)
        member.create_system = _UNIX
        member.external_attr = (stat.S_IFREG | _MODE) << 16
        member.compress_type = zipfile.ZIP_DEFLATED
        self._zip.writestr(member, data, compresslevel=_LEVEL)

    def close(self) -> None:
        self._zip.close()


def form_of(path: Path) -> str:
    """The form of an archive by its name.

    Raises:
        UsageError: it is none that can be written.
    """
    for form in FORMS:
        if path.name.endswith(form) and path.name != form:
            return form
    raise UsageError(
        "its name does not say what it is to be", where=str(path), todo="Use .tar.gz or .zip."
    )


def fill_dump(
    registry: Registry, file: IO[bytes], form: str, seal: Callable[[bytes], str] | None = None
) -> tuple[int, int]:
    """Write a dump into an open file; how many records and files went into it.

    Args:
        registry: The registry; nobody may write to it meanwhile.
        file: Where the archive goes.
        form: One of ``FORMS``.
        seal: Signs the list of digests, where the dump is to be signed.

    Raises:
        BadInput: a file of the registry is a link, too large, or went away.
    """
    archive: _Archive = _Tar(file) if form == FORMS[0] else _Zip(file)
    digests: dict[str, str] = {}

    def add(name: str, data: bytes) -> None:
        archive.add(f"{TOP}/{name}", data)
        digests[name] = hashlib.sha256(data).hexdigest()

    records = set()
    try:
        add(README, _readme(registry, sealed=seal is not None).encode())
        for path in _files(registry.manifests):
            name = f"manifests/{path}"
            add(name, _read(registry.root / name, name))
            parts = path.split("/")
            if parts[0] == "records":
                records.add(parts[1])
        listed = digest_list(digests)
        archive.add(f"{TOP}/{SUMS}", listed)
        if seal is not None:
            archive.add(f"{TOP}/{SEAL}", seal(listed).encode())
    finally:
        archive.close()
    return len(records), len(digests) + 1 + (seal is not None)


def write_dump(
    registry: Registry, path: Path, seal: Callable[[bytes], str] | None = None
) -> DumpReport:
    """Write a dump to a file, in one step: a kill leaves what was there before.

    Raises:
        UsageError: the name says no form, or lies in the registry's own files.
        BadInput: a file of the registry cannot be taken over.
    """
    form = form_of(path)
    if path.resolve().is_relative_to(registry.manifests.resolve()):
        raise UsageError("lies in what is dumped", where=str(path), todo="Name another folder.")
    if not path.parent.is_dir():
        raise UsageError("its folder does not exist", where=str(path), todo="Create the folder.")
    part = path.with_name(f"{path.name}.{secrets.token_hex(6)}.part")
    try:
        with part.open("xb") as file:
            records, files = fill_dump(registry, file, form, seal)
            file.flush()
            os.fsync(file.fileno())
        size = part.stat().st_size
        with part.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return DumpReport(
        path=str(path),
        records=records,
        files=files,
        bytes=size,
        sha256=digest,
        sealed=seal is not None,
    )


def site_dump(registry: Registry) -> bytes:
    """The dump that a site carries as ``dump.tar.gz``.

    Raises:
        BuildFailed: it is larger than a site's file may be.
    """
    file = io.BytesIO()
    fill_dump(registry, file, FORMS[0])
    if len(file.getbuffer()) > MAX_FILE:
        raise BuildFailed(
            f"would hold {len(file.getbuffer()):,} bytes; {MAX_FILE:,} is the limit",
            where=DUMP,
            todo="Set `dump: false` under `publish:`, and attach what `sovereign-registry dump` "
            "writes to a release.",
        )
    return file.getvalue()


def carry_dump(  # noqa: PLR0913, PLR0917 - all that the dump is made from
    registry: Registry,
    tree: Tree,
    records: Sequence[RecordState],
    stones: Sequence[Tombstone],
    pages: Mapping[str, PageState],
    previous: Mapping[str, PageState],
) -> PageState:
    """Bring the site's dump up to date; left alone where nothing in it changed.

    Args:
        registry: The registry.
        tree: The output folder.
        records: The records of this build.
        stones: The removed records.
        pages: Files of this build outside the records, the log's among them.
        previous: The same of the last build.

    Raises:
        BuildFailed: it is larger than a site's file may be.
    """
    log = sorted(path for path in pages if path.startswith("log/"))
    key = combine(
        (registry.manifests / "registry.yaml").read_bytes(),
        *(record.signature + record.digest for record in records),
        *(msgspec.json.encode(stone) for stone in stones),
        *(pages[path].stamp.digest for path in log),
        *(path.read_bytes() for path in sorted((registry.manifests / "monitor").glob("*"))),
    )
    last = previous.get(DUMP)
    stamp = tree.intact(DUMP, last.stamp) if last and last.key == key else None
    if stamp is None:
        return PageState(key, tree.put(DUMP, site_dump(registry)))
    tree.tally.skipped += 1
    return PageState(key, stamp)


def _files(folder: Path) -> Iterator[str]:
    """Every file below a folder, sorted by its whole path; hidden ones are nobody's."""
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        base = Path(place)
        links = [name for name in folders if (base / name).is_symlink()]
        below = base.relative_to(folder).as_posix()
        prefix = "" if below == "." else f"{below}/"
        found += [prefix + name for name in (*files, *links) if not name.startswith(".")]
    for name in found:
        parts = name.split("/")
        if parts[0] == "records" and (len(parts) < 3 or not RECORD_ID.match(parts[1])):  # noqa: PLR2004 - records, id, file
            raise BadInput(
                "is no record",
                where=f"manifests/{name}",
                todo="Run `sovereign-registry check`, which names all that does not belong.",
            )
    return iter(sorted(found))


def _read(path: Path, name: str) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise BadInput(
            f"cannot be read: {error.strerror}", where=name, todo="Restore the file."
        ) from error
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_FILE:
            raise BadInput("is no regular file, or too large", where=name)
        return file.read()


def _readme(registry: Registry, *, sealed: bool) -> str:
    info = registry.info
    title, publisher = (" ".join(one.split()) for one in (info.title, info.publisher))
    signed = (
        f"{SEAL} is a signed note over {SUMS}: `sovereign-registry verify .` checks it against\n"
        "the keys in manifests/log/keys.yaml. Compare that key with one that the publisher gave\n"
        "you in another place.\n"
        if sealed
        else f"{SUMS} is not signed: whoever packed this archive wrote it.\n"
    )
    return (
        f"{title}\nPublished by {publisher}\n\n"
        "This is a whole registry: manifests, histories, artifacts and the transparency log, as\n"
        "files. Unpacked, it is a registry again, and needs nothing else to be read or checked.\n\n"
        f"sha256sum -c {SUMS}           every file is the one that was packed\n"
        "sovereign-registry check .        contracts, histories, log, and every number again\n"
        "sovereign-registry verify .       the same as a reader's check, with the seal\n"
        "sovereign-registry build          makes the site of it\n\n"
        f"{signed}\n"
        f"Licence of the records: {' '.join(info.records_licence.split()) or 'not stated'}.\n"
        "Quotations, and what else is taken from sources, are under the licence of their source.\n"
    )
