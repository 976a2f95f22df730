"""The reader's check from a folder or an address, and the seal that a publisher puts on a site."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sovereign_registry.contracts.errors import CheckFailed, UsageError
from sovereign_registry.contracts.log.note import sign
from sovereign_registry.contracts.log.seal import DIGESTS, SEAL, SiteSeal, seal_of
from sovereign_registry.store.log_keys import read_private_key
from sovereign_registry.store.log_reader import LogReader
from sovereign_registry.verifier.dumps import is_dump, verify_dump
from sovereign_registry.verifier.fetch import RemoteFiles
from sovereign_registry.verifier.files import MAX_FILE, FolderFiles, Ledger
from sovereign_registry.verifier.findings import Findings
from sovereign_registry.verifier.listing import check_files, read_list
from sovereign_registry.verifier.offline import is_bundle, read_members, verify_bundle
from sovereign_registry.verifier.unpacking import is_packed_dump, unpack
from sovereign_registry.verifier.verify import Known, verify_site
from sovereign_registry.wiring.earlier import read_checkpoint, read_public_key, read_published
from sovereign_registry.wiring.verify_crew import FolderCrew, jobs_wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.store import Registry
    from sovereign_registry.verifier.files import Files
    from sovereign_registry.verifier.findings import Report

ZIP = b"PK"
WHAT = "Name a built site's folder or address, a bundle.zip, or a dump, packed or unpacked."


def site_files(place: str) -> Files:
    """The files of a site by its address or its folder.

    Raises:
        UsageError: it is neither.
    """
    if "://" in place:
        return RemoteFiles(place)
    folder = Path(place)
    if not folder.is_dir():
        raise UsageError(
            "there is no such file or folder",
            where=place,
            todo=WHAT,
        )
    return FolderFiles(folder)


def _bundle(place: str) -> bytes | dict[str, bytes] | None:
    """A record's bundle by its file or the folder that it was unpacked into; None: it is none.

    Raises:
        UsageError: the file is no archive, or larger than a bundle can be.
        SiteFault: a file of it cannot be read.
    """
    path = Path(place)
    if "://" in place:
        return None
    if path.is_file():
        return _packed(path)
    files = FolderFiles(path)
    return read_members(files) if path.is_dir() and is_bundle(files) else None


def _packed(path: Path) -> bytes:
    """The bytes of a bundle's file.

    Raises:
        UsageError: it is no ZIP archive, or larger than a bundle can be.
    """
    with path.open("rb") as file:
        data = file.read(MAX_FILE + 1)
    if not data.startswith(ZIP) or len(data) > MAX_FILE:
        what = "and no archive" if not data.startswith(ZIP) else "larger than a bundle can be"
        raise UsageError(f"is a file, {what}", where=str(path), todo=WHAT)
    return data


def _is_packed_dump(place: str) -> bool:
    path = Path(place)
    if "://" in place or not path.is_file():
        return False
    with path.open("rb") as file:
        return is_packed_dump(file.read(64))


def _verify_packed(path: Path, jobs: int | None, **how: Any) -> Report:  # noqa: ANN401 - as verify
    """Check a dump as it is packed: unpacked into a folder that is gone afterwards.

    Raises:
        UsageError: it is an archive of something else.
        SiteFault: it cannot be unpacked.
    """
    with TemporaryDirectory(prefix="sovereign-registry-") as folder:
        unpacked = unpack(path, Path(folder))
        files = FolderFiles(unpacked)
        files.where = str(path)
        if not is_dump(files):
            raise UsageError("is an archive, and no dump", where=str(path), todo=WHAT)
        return verify_dump(files, crew=FolderCrew(unpacked, jobs_wanted(jobs)), **how)


def read_known(
    *,
    checkpoint: str | None = None,
    public_key: str | None = None,
    extends: str | None = None,
    first: bool = False,
) -> Known:
    """What a site is compared with, as a reader names it: files, folders, addresses, a key.

    Raises:
        UsageError: ``first`` without ``extends``, or something is named that is none.
        RegistryError: it cannot be read.
    """
    if first and extends is None:
        raise UsageError("--first says something about --extends", todo="Name both.")
    return Known(
        checkpoint=None if checkpoint is None else read_checkpoint(checkpoint),
        public_key=None if public_key is None else read_public_key(public_key),
        earlier=None if extends is None else read_published(extends, first=first),
    )


def verify(
    place: str,
    *,
    record: str | None = None,
    known: Known | None = None,
    tick: Callable[[str, int, int], None] | None = None,
    jobs: int | None = 1,
) -> Report:
    """Check a published site, a bundle or a dump.

    Args:
        place: Its folder, file or address.
        record: Check one record only.
        known: What the reader knows from elsewhere.
        tick: Told (what, done, total) as it goes.
        jobs: How many processes look at the records of a folder; None for all processors.

    Raises:
        UsageError: there is nothing of the kind, or a number of processes is none.
        RegistryError: the site cannot be read at all.
    """
    if _is_packed_dump(place):
        return _verify_packed(Path(place), jobs, record=record, known=known, tick=tick)
    bundle = _bundle(place)
    if bundle is not None:
        return verify_bundle(bundle, place, None if known is None else known.public_key)
    files = site_files(place)
    crew = FolderCrew(Path(place), jobs_wanted(jobs)) if isinstance(files, FolderFiles) else None
    if isinstance(files, FolderFiles) and is_dump(files):
        return verify_dump(files, record=record, known=known, tick=tick, crew=crew)
    try:
        return verify_site(files, record=record, known=known, tick=tick, crew=crew)
    finally:
        if isinstance(files, RemoteFiles):
            files.close()


def seal_site(registry: Registry, key_path: Path, output: Path) -> SiteSeal:
    """Sign the digest list of a built site, after every file was compared with it.

    Raises:
        UsageError: nothing was built there or logged, or the key is not the log's active one.
        CheckFailed: a file is not the one that was built, or the log was appended to since.
    """
    site = Ledger(FolderFiles(output))
    findings = Findings()
    listed, data = read_list(site, findings)
    if not listed:
        raise UsageError(
            f"holds no {DIGESTS}", where=str(output), todo="Run `sovereign-registry build` first."
        )
    log = LogReader(registry)
    key = read_private_key(key_path, registry)
    if log.ring.active != key.public:
        raise UsageError(
            f"the private key is of {key.public}, the log's active key is {log.ring.active}",
            todo="Name the active key's file with --key; `keys show` lists all.",
        )
    if site.find("log/checkpoint") != log.note:
        raise CheckFailed(
            "is not the newest one of manifests/log/",
            where=str(output / "log" / "checkpoint"),
            todo="Build again, then seal.",
        )
    check_files(site, listed, {*listed, *(site.files.names() or ())}, findings)
    if findings.faults:
        raise CheckFailed(str(findings.faults[0]), todo="Build again, then seal.")
    seal = seal_of(log.ring.origin, log.size, data)
    part = output / f"{SEAL}.part"
    part.write_text(sign(seal.text(), key), encoding="utf-8")
    os.replace(part, output / SEAL)  # noqa: PTH105 - one step, whatever stood there
    return seal
