"""The reader's check from a folder or an address, and the seal that a publisher puts on a site."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sovereign_registry.contracts.errors import CheckFailed, RegistryError, UsageError
from sovereign_registry.contracts.log.note import sign
from sovereign_registry.contracts.log.seal import DIGESTS, SEAL, SiteSeal, seal_of
from sovereign_registry.store.log_keys import read_private_key
from sovereign_registry.store.log_reader import LogReader
from sovereign_registry.verifier.dumps import MARK, is_dump, verify_dump
from sovereign_registry.verifier.fetch import RemoteFiles
from sovereign_registry.verifier.files import MAX_FILE, FolderFiles, Ledger
from sovereign_registry.verifier.findings import Findings
from sovereign_registry.verifier.listing import check_files, read_list
from sovereign_registry.verifier.offline import is_bundle, read_members, verify_bundle
from sovereign_registry.verifier.verify import Known, verify_site
from sovereign_registry.wiring.earlier import read_checkpoint, read_public_key, read_published

if TYPE_CHECKING:
    from collections.abc import Callable

    from sovereign_registry.store import Registry
    from sovereign_registry.verifier.files import Files
    from sovereign_registry.verifier.findings import Report

GZIP, ZIP = b"\x1f\x8b", b"PK"
WHAT = "Name a built site's folder or address, a bundle.zip, or the folder of an unpacked dump."


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
        UsageError: the file is a packed dump, or no ZIP archive, or larger than a bundle can be.
        SiteFault: a file of it cannot be read.
    """
    path = Path(place)
    if "://" in place:
        return None
    if path.is_file():
        return _packed(path)
    files = FolderFiles(path)
    return read_members(files) if path.is_dir() and is_bundle(files) else None


def _no_bundle(place: str) -> UsageError:
    return UsageError(
        "is packed; of packed files, only one record's bundle.zip is checked",
        where=place,
        todo="If it is a dump, unpack it, and name its folder registry/, which holds SHA256SUMS.",
    )


def _packed(path: Path) -> bytes:
    """The bytes of a bundle's file.

    Raises:
        UsageError: it is a packed dump, or no ZIP archive, or larger than a bundle can be.
    """
    with path.open("rb") as file:
        data = file.read(MAX_FILE + 1)
    if data.startswith(GZIP) or (data.startswith(ZIP) and len(data) > MAX_FILE):
        raise _no_bundle(str(path))
    if not data.startswith(ZIP):
        raise UsageError(
            "is a file, and no ZIP archive",
            where=str(path),
            todo="Name a site's folder or address, a bundle.zip, or an unpacked dump's folder.",
        )
    return data


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
) -> Report:
    """Check a published site.

    Raises:
        RegistryError: the site cannot be read at all.
    """
    bundle = _bundle(place)
    if bundle is not None:
        key = None if known is None else known.public_key
        try:
            return verify_bundle(bundle, place, key)
        except RegistryError as error:
            if isinstance(bundle, bytes) and MARK.encode() in bundle:  # a file of every dump
                raise _no_bundle(place) from error
            raise
    files = site_files(place)
    if isinstance(files, FolderFiles) and is_dump(files):
        return verify_dump(files, record=record, known=known, tick=tick)
    try:
        return verify_site(files, record=record, known=known, tick=tick)
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
